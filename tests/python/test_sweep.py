"""A sweep is its single solves, with a name in front."""

from __future__ import annotations

import gc
import inspect
import os
import pickle
import signal
import threading
import warnings
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from market import flows, frame, model
from pandas.testing import assert_frame_equal

import tradewinds as tw
from tradewinds.model import solving

SCENARIOS = {
    "ban": tw.Scenario("ban", [tw.Ban(exporters="RUS", importers="DEU", start="2022-06-01")]),
    "duty": tw.Scenario("duty", [tw.Tariff(exporters="RUS", importers="DEU", rate=0.3)]),
    "quota": tw.Scenario("quota", [tw.Quota(exporters="RUS", importers="CHN", commodities="crude", share=0.6)]),
    "closed": tw.Scenario("closed", [tw.Ban(exporters="USA")]),
    "shift": tw.Scenario("shift", [tw.Shift(exporters="SAU", supply=0.9)]),
}
QUESTIONS: dict[str, dict[str, Any]] = {
    "flows": {},
    "prices": {},
    "wedges": {},
    "shifts": {},
    "quotas": {},
    "closed": {},
    "certificate": {},
    "to_frame": {},
    "sources": {},
    "welfare": {"by": "country_commodity"},
    "derivative": {"question": tw.ask("revenue", exporter="RUS"), "parameters": tw.Parameter("demand", "coal")},
    "shares": {"exporter": "RUS"},
    "share_shift": {"exporter": "RUS", "away": "DEU", "toward": "CHN"},
    "destinations": {"exporter": "RUS"},
    "diversion": {"exporter": "RUS", "importers": "DEU", "by": "destination"},
    "revenue": {"exporter": "RUS"},
    "concentration": {},
}
#: Fixed supply and fixed demand: a part of the market that a ban cuts off has no equilibrium.
RIGID = pd.DataFrame(
    {
        "exporter": ["RUS", "SAU", "SAU"],
        "importer": ["DEU", "DEU", "CHN"],
        "commodity": "crude",
        "value": [10.0, 10.0, 10.0],
    }
)


@pytest.mark.parametrize("at", [None, 2022])
def test_every_question_is_that_of_single_solves_bit_for_bit(at: int | None) -> None:
    market = model()
    sweep = market.sweep(SCENARIOS, at=at)
    singles = {name: market.solve(scenario, at=at) for name, scenario in SCENARIOS.items()}
    for name, arguments in QUESTIONS.items():
        question = tw.ask(name, **arguments)
        whole = question(sweep)
        assert whole.columns[0] == "scenario"
        assert whole.attrs["units"] == question(singles["ban"]).attrs["units"]
        for member, single in singles.items():
            mine = whole[whole["scenario"] == member].drop(columns="scenario").reset_index(drop=True)
            alone = question(single)
            if name == "sources":
                mine, alone = mine.astype(str), alone.astype(str)
            pd.testing.assert_frame_equal(mine, alone, check_exact=True, check_categorical=False, check_dtype=False)


def test_threads_change_no_bit() -> None:
    before = tw.threads()
    try:
        found = []
        for count in (1, 3):
            tw.threads(count)
            found.append(model().sweep(SCENARIOS, at=2022).flows["value_after"].to_numpy().view(np.uint64))
        np.testing.assert_array_equal(found[0], found[1])
    finally:
        tw.threads(before)


class Stopping:
    """The core of a model, interrupted while it solves the part after so many scenarios."""

    def __init__(self, core: Any, after: int) -> None:
        self._core, self._left = core, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._core, name)

    def solve_many(self, scenarios: list[str], **options: Any) -> Any:
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGINT)
        self._left -= len(scenarios)
        return self._core.solve_many(scenarios, **options)


def many() -> dict[str, tw.Scenario]:
    ban = tw.Scenario("ban", [tw.Ban(exporters="RUS", importers="DEU", name="ban")])
    return tw.grid(ban, {"ban.coverage": [place / 2000 for place in range(1, 1001)]})


def test_ctrl_c_returns_the_finished_scenarios() -> None:
    wanted = model().sweep(many())
    market = model()
    market._core = Stopping(market._core, 20)  # type: ignore[assignment]
    with pytest.warns(RuntimeWarning, match=r"stopped by Ctrl-C: \d+ of 1000 scenarios are finished"):
        sweep = market.sweep(many())
    assert sweep.partial and not wanted.partial
    assert 20 <= len(sweep.results) < 1000
    assert list(sweep.results) == list(wanted.results)[: len(sweep.results)]
    shares = wanted.shares("RUS")
    finished = shares[shares["scenario"].isin(list(sweep.results))]
    assert_frame_equal(sweep.shares("RUS"), finished, check_exact=True, check_categorical=False, check_dtype=False)
    unfinished = sweep.status[~sweep.status["converged"]]
    assert len(sweep.status) == 1000 and len(unfinished) == 1000 - len(sweep.results)
    assert set(unfinished["reason"]) == {"stopped by Ctrl-C before it was solved"}
    assert "PARTIAL: stopped by Ctrl-C" in repr(sweep)
    assert len(repr(sweep).splitlines()) < 30
    assert pickle.loads(pickle.dumps(sweep)).partial


@pytest.mark.parametrize(("after", "on_failure"), [(0, "return"), (20, "raise")])
def test_ctrl_c_is_raised_where_nothing_is_finished_or_failures_are(after: int, on_failure: Any) -> None:
    market = model()
    market._core = Stopping(market._core, after)  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        market.sweep(many(), on_failure=on_failure)


def test_ctrl_c_is_heard_within_a_part() -> None:
    from tradewinds import demo

    market = demo.model(tw.datasets.load(demo.DATASET))
    # Far more than can be solved before the signal comes.
    scenarios = {str(member): demo.scenario() for member in range(20_000)}
    # An exception in a callback of the collector, such as hypothesis has, is swallowed, and Ctrl-C with it.
    gc.disable()
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            assert market.sweep(scenarios).partial
    except KeyboardInterrupt:
        # Of a machine so slow that nothing was finished.
        pass
    finally:
        gc.enable()


def test_how_a_sweep_is_cut_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for seconds in (0.0, 1e9):
        monkeypatch.setattr(solving, "_PART_SECONDS", seconds)
        found.append(model().sweep(SCENARIOS, at=2022).flows["value_after"].to_numpy().view(np.uint64))
    np.testing.assert_array_equal(found[0], found[1])


def test_a_bar_is_drawn_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    model().sweep(SCENARIOS, progress=True)
    drawn = capsys.readouterr().err
    assert "solving the sweep" in drawn and "100% of 5 scenarios" in drawn and drawn.endswith("\n")
    model().sweep(SCENARIOS)
    assert capsys.readouterr().err == ""
    with pytest.raises(tw.DataError, match="progress is 'yes'"):
        model().sweep(SCENARIOS, progress="yes")  # type: ignore[arg-type]


def test_a_question_makes_one_frame_of_all_members(monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = model().sweep(SCENARIOS)
    # What a member was asked before is asked anew: it is a frame already.
    _ = sweep["ban"].flows
    wanted = {name: tw.ask(name, **arguments)(sweep["ban"]) for name, arguments in QUESTIONS.items()}
    monkeypatch.setattr("tradewinds.result.result.frame", None)
    for name in QUESTIONS.keys() - {"derivative"}:
        whole = tw.ask(name, **QUESTIONS[name])(sweep)
        own = whole[whole["scenario"] == "ban"].drop(columns="scenario").reset_index(drop=True)
        assert_frame_equal(own, wanted[name], check_exact=True, check_categorical=False, check_dtype=False)


def test_all_questions_of_a_result_are_there() -> None:
    """What is asked of one result can be asked of many, but what makes no frame of its own."""
    elsewhere = {"to_xarray", "save", "plot", "attrs", "left_out", "domestic_market"}
    public = {name for name, _ in inspect.getmembers(tw.Result) if not name.startswith("_")}
    assert public - elsewhere == set(QUESTIONS)
    assert public - elsewhere <= {name for name, _ in inspect.getmembers(tw.Sweep)}
    assert inspect.signature(tw.Sweep.revenue) == inspect.signature(tw.Result.revenue)
    assert tw.Sweep.revenue.__doc__ == tw.Result.revenue.__doc__


def test_a_member_without_equilibrium_is_recorded_and_left_out() -> None:
    market = tw.Armington(tw.Flows.from_frame(RIGID), period=2021, substitution=4, demand=0, supply={"crude": 0})
    scenarios = {
        "cut": tw.Scenario("cut", [tw.Ban(exporters="RUS", importers="DEU")]),
        "also cut": tw.Scenario("also", [tw.Ban(exporters="SAU", importers="CHN")]),
    }
    sweep = market.sweep(scenarios)
    status = sweep.status
    assert list(status.columns) == ["scenario", "converged", "iterations", "residual", "reason"]
    assert status["converged"].tolist() == [False, False]
    assert status["reason"].str.contains("supply and demand are both fixed").all()
    assert status["residual"].isna().all()
    assert sweep.results == {}
    with pytest.raises(tw.ModelError, match="none was solved"):
        sweep.shares("RUS")
    with pytest.raises(KeyError, match="was not solved: crude: supply and demand"):
        sweep["cut"]
    with pytest.raises(tw.InfeasibleError, match="scenario 'cut': crude: supply and demand are both fixed") as caught:
        market.sweep(scenarios, on_failure="raise")
    assert caught.value.countries


def test_one_failure_leaves_the_others() -> None:
    supply = pd.DataFrame({"commodity": "crude", "country": ["*"], "supply": [0.0]})
    demand = pd.DataFrame({"commodity": "crude", "country": ["DEU", "*"], "demand": [0.0, -0.5]})
    market = tw.Armington(tw.Flows.from_frame(RIGID), period=2021, substitution=4, demand=demand, supply=supply)
    sweep = market.sweep(
        {
            "fine": tw.Scenario("fine", [tw.Tariff(exporters="RUS", importers="DEU", rate=0.1)]),
            "cut": tw.Scenario("cut", [tw.Ban(exporters="SAU", importers="DEU")]),
        }
    )
    assert sweep.status["converged"].tolist() == [True, False]
    assert set(sweep.flows["scenario"]) == {"fine"}
    assert list(sweep.results) == ["fine"]
    assert len(sweep) == 2
    assert repr(sweep).splitlines()[0].startswith("<tradewinds.Sweep: 1 of 2 scenarios solved")
    assert "cut: crude: supply and demand are both fixed" in repr(sweep)


def test_names_come_from_the_scenarios_and_must_differ() -> None:
    market = model()
    sweep = market.sweep(list(SCENARIOS.values()))
    assert sweep.status["scenario"].tolist() == list(SCENARIOS)
    with pytest.raises(tw.ScenarioError, match="two scenarios are called 'ban'"):
        market.sweep([SCENARIOS["ban"], SCENARIOS["ban"]])
    renamed = market.sweep({"a": SCENARIOS["ban"], "b": SCENARIOS["ban"]})
    assert renamed.welfare()["scenario"].cat.categories.tolist() == ["a", "b"]
    with pytest.raises(tw.ScenarioError, match="there are no scenarios"):
        market.sweep([])
    with pytest.raises(tw.ScenarioError, match="scenario 1 is a str"):
        market.sweep([SCENARIOS["ban"], "ban"])  # type: ignore[list-item]
    with pytest.raises(tw.ScenarioError, match="single scenario"):
        market.sweep(SCENARIOS["ban"])  # type: ignore[arg-type]


def test_bad_input_is_an_error_with_the_scenarios_name() -> None:
    bad = tw.Scenario("bad", [tw.Ban(exporters="ATLANTIS")])
    with pytest.raises(tw.ScenarioError, match="scenario 'bad': measure 'Ban 1': unknown country 'ATLANTIS'"):
        model().sweep([SCENARIOS["ban"], bad])
    cap = tw.Scenario("cap", [tw.PriceCap(exporters="RUS", price=60)])
    with pytest.raises(tw.ModelError, match="scenario 'cap': measure 'PriceCap 1'"):
        model().sweep([cap])
    assert model().sweep([cap], unsupported="leave_out")["cap"].left_out == ["PriceCap 1"]
    with pytest.raises(tw.ModelError, match="on_failure is 'ignore'"):
        model().sweep([cap], on_failure="ignore")  # type: ignore[arg-type]


@pytest.mark.parametrize("library", ["polars", "pyarrow"])
def test_frames_are_in_the_library_of_the_flows(library: str) -> None:
    pytest.importorskip(library)
    native = nw.from_dict(frame().to_dict("list"), backend=library).to_native()
    market = tw.Armington(
        tw.Flows.from_frame(native, quantity_unit="t"), period=2021, substitution=5, demand=-0.4, supply=0.3
    )
    wanted = model().sweep(SCENARIOS)
    sweep = market.sweep(SCENARIOS)
    for name, arguments in QUESTIONS.items():
        found = nw.from_native(tw.ask(name, **arguments)(sweep), eager_only=True)
        assert found.implementation.value == library
        like = nw.from_native(tw.ask(name, **arguments)(wanted), eager_only=True)
        assert found.columns == like.columns
        assert found["scenario"].cast(nw.String).to_list() == like["scenario"].cast(nw.String).to_list()
        assert len(found) == len(like)


def test_a_question_is_frozen_and_can_be_kept() -> None:
    countries = ["DEU", "POL"]
    question = tw.ask("share_shift", exporter="RUS", away=countries, toward="CHN")
    countries.append("IND")
    kept = pickle.loads(pickle.dumps(question))
    assert kept == question
    assert hash(kept) == hash(question)
    result = model().solve(SCENARIOS["ban"])
    pd.testing.assert_frame_equal(kept(result), result.share_shift("RUS", ["DEU", "POL"], "CHN"))
    assert repr(question) == "ask('share_shift', exporter='RUS', away=('DEU', 'POL'), toward='CHN')"
    assert question in {question}
    with pytest.raises(AttributeError):
        question.name = "shares"  # type: ignore[misc]


def test_a_question_that_nobody_answers_is_refused_when_it_is_made() -> None:
    with pytest.raises(tw.ModelError, match="Did you mean 'share_shift'"):
        tw.ask("share_shfit")
    with pytest.raises(tw.ModelError, match="missing a required argument: 'exporter'"):
        tw.ask("shares")
    with pytest.raises(tw.ModelError, match="unexpected keyword argument 'buyer'"):
        tw.ask("welfare", buyer="DEU")
    with pytest.raises(tw.ModelError, match="takes no arguments"):
        tw.ask("flows", exporter="RUS")
    with pytest.raises(AttributeError, match="SpatialResult has it"):
        tw.ask("routes")(model().solve(SCENARIOS["ban"]))


def test_models_can_be_compared() -> None:
    elastic = tw.Armington(flows(), period=2021, substitution=12, demand=-0.4, supply=0.3)
    results = {"5": model().solve(SCENARIOS["ban"]), "12": elastic.solve(SCENARIOS["ban"])}
    found = tw.compare(results, tw.ask("shares", exporter="RUS"))
    assert found.columns[0] == "model"
    for name, result in results.items():
        mine = found[found["model"] == name].drop(columns="model").reset_index(drop=True)
        pd.testing.assert_frame_equal(mine, result.shares("RUS"), check_exact=True)
    with pytest.raises(tw.ModelError, match="'x' is a str"):
        tw.compare({"x": "y"}, tw.ask("flows"))  # type: ignore[dict-item]
