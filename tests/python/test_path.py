"""A path is its periods solved one by one, with a period in front; dates decide what is in force."""

from __future__ import annotations

import dataclasses
import datetime as dt
import multiprocessing
import os
import pickle
import re
import signal
import subprocess
import sys
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from market import flows, frame, model
from pandas.testing import assert_frame_equal

import tradewinds as tw

DATED = tw.Scenario(
    "dated",
    [
        tw.Ban(exporters="RUS", importers="DEU", commodities="crude", start="2022-12-05", announced="2022-06-03"),
        tw.Tariff(exporters="RUS", importers="POL", rate=0.3, start="2023-07-01", end="2024-02-29"),
        tw.TradeCost(exporters="RUS", importers="IND", change=-0.05, phase=[("2023-02-01", 0.4), ("2024-01-15", 1.0)]),
    ],
)
QUARTERS = [f"{year}Q{quarter}" for year in (2022, 2023, 2024) for quarter in (1, 2, 3, 4)]


def crude() -> tuple[tw.Spatial, tw.Scenario]:
    case = tw.cases["crude"]
    return case.model(), case.scenario


# every period is a static solve


@pytest.mark.parametrize("periods", [[2022, 2023, 2024], QUARTERS, ["2024-01", "2024-02", "2024-03"]])
def test_every_question_is_that_of_solving_each_period_bit_for_bit(periods: list[Any]) -> None:
    market = model()
    path = market.path(DATED, periods)
    questions: dict[str, dict[str, Any]] = {
        "shares": {"exporter": "RUS"},
        "share_shift": {"exporter": "RUS", "away": "DEU", "toward": "CHN"},
        "diversion": {"exporter": "RUS", "importers": "DEU"},
        "revenue": {"exporter": "RUS"},
        "welfare": {},
        "derivative": {"question": tw.ask("revenue", exporter="RUS"), "parameters": tw.Parameter("demand", "coal")},
    }
    for period in periods:
        single = market.solve(DATED, at=period)
        name = str(period)
        for attribute in ("flows", "prices", "wedges", "shifts", "closed", "certificate"):
            whole = getattr(path, attribute)
            part = whole[whole["period"] == name].drop(columns="period").reset_index(drop=True)
            pd.testing.assert_frame_equal(part, getattr(single, attribute), check_categorical=False, check_exact=True)
        for question, arguments in questions.items():
            whole = getattr(path, question)(**arguments)
            part = whole[whole["period"] == name].drop(columns="period").reset_index(drop=True)
            wanted = getattr(single, question)(**arguments)
            pd.testing.assert_frame_equal(part, wanted, check_categorical=False, check_exact=True)
        assert path[period].attrs["segments"] == single.attrs["segments"]
    assert list(path.status["period"]) == [str(period) for period in periods]
    assert path.status["converged"].all()


def test_spatial_periods_are_static_solves_bit_for_bit() -> None:
    market, scenario = crude()
    path = market.path(scenario, ["2022Q4", "2023Q1", "2023Q2"])
    for period in path.periods:
        single = market.solve(scenario, at=period)
        assert isinstance(single, tw.SpatialResult)
        for attribute in ("flows", "prices", "routes", "facilities", "certificate"):
            whole = getattr(path, attribute)
            part = whole[whole["period"] == period].drop(columns="period").reset_index(drop=True)
            pd.testing.assert_frame_equal(part, getattr(single, attribute), check_categorical=False, check_exact=True)
    assert len(path.discount("RUS")) == 3 * len(path["2023Q1"].discount("RUS"))


def test_dates_before_the_first_period_give_the_static_solve() -> None:
    early = tw.Scenario("early", [measure for measure in DATED.measures if measure.end is None])
    market = model()
    static = market.solve(early)
    for period, result in market.path(early, [2025, 2026, 2027]).results.items():
        pd.testing.assert_frame_equal(result.flows, static.flows, check_exact=True, obj=period)
        pd.testing.assert_frame_equal(result.prices, static.prices, check_exact=True, obj=period)


def test_capacities_follow_their_build_out() -> None:
    lanes = pd.DataFrame(
        {
            "exporter": ["A", "A"],
            "importer": ["B", "B"],
            "commodity": "gas",
            "mode": ["old", "new"],
            "freight": [5, 1.0],
        }
    )
    market = tw.Spatial.from_curves(
        pd.DataFrame({"country": ["A"], "commodity": "gas", "price": 10.0, "quantity": 100.0, "elasticity": 0.5}),
        pd.DataFrame({"country": ["B"], "commodity": "gas", "price": 15.0, "quantity": 100.0, "elasticity": -0.5}),
        lanes,
        facilities=pd.DataFrame({"facility": ["line"], "capacity": [1e-6], "mode": ["new"]}),
    )
    ramp = [("2025-07-01", 0.5), ("2026-01-01", 1.0)]
    scenario = tw.Scenario("line", [tw.Capacity(facility="line", add=40, ramp=ramp, announced="2023-01-01")])
    path = market.path(scenario, ["2025Q2", "2025Q3", "2025Q4", "2026Q1"])
    found = path.facilities
    # By hand: the line is cheaper than the old route, so it is full; half of 40 from July on, all from January.
    np.testing.assert_allclose(found["capacity"], [1e-6, 20, 20, 40], rtol=1e-6)
    np.testing.assert_allclose(found["use"], found["capacity"], rtol=1e-6)


# dates


def test_shares_in_force_are_counted_in_days() -> None:
    day = tw.Tariff(exporters="RUS", rate=0.1, name="day", start="2024-02-29", end="2024-02-29")
    phased = tw.Tariff(exporters="RUS", rate=0.1, name="phased", phase=[("2023-11-16", 0.25), ("2024-02-01", 1.0)])
    ending = tw.Tariff(exporters="RUS", rate=0.1, name="ending", start="2023-11-16", end="2024-01-31")
    scenario = tw.Scenario("days", [day, phased, ending])
    months = ["2023-11", "2023-12", "2024-01", "2024-02", "2024-03"]
    table = model().path(scenario, months).measures.pivot(index="measure", columns="period", values="in_force")
    # A day of the leap February; half of November from the 16th on; the last day in force counts.
    assert table.loc["day"].tolist() == [0, 0, 0, 1 / 29, 0]
    assert table.loc["phased"].tolist() == [0.125, 0.25, 0.25, 1, 1]
    assert table.loc["ending"].tolist() == [0.5, 1, 1, 0, 0]
    years = model().path(scenario, [2023, 2024]).measures.pivot(index="measure", columns="period", values="in_force")
    assert years.loc["day"].tolist() == [0, 1 / 366]
    np.testing.assert_allclose(years.loc["ending"], [46 / 365, 31 / 366], rtol=1e-15)


def test_shares_in_force_are_those_of_counting_days_one_by_one() -> None:
    # Windows and phases that begin and end on the ends of months, leap or not, over all kinds of periods.
    ends = [
        dt.date(2023, 2, 28),
        dt.date(2023, 12, 31),
        dt.date(2024, 1, 31),
        dt.date(2024, 2, 29),
        dt.date(2024, 3, 31),
    ]
    firsts = [day + dt.timedelta(days=1) for day in ends]
    windows = [(start, end) for start in (*ends, *firsts) for end in (*ends, *firsts) if start <= end]
    phase = [(ends[0], 0.25), (firsts[2], 0.5), (ends[3], 1.0)]
    measures: list[tw.Measure] = [
        tw.Tariff(exporters="RUS", rate=0.1, start=start, end=end, name=f"{start} {end}") for start, end in windows
    ]
    measures.append(tw.Tariff(exporters="RUS", rate=0.1, phase=phase, end=ends[4], name="phased"))
    scenario = tw.Scenario("days", measures)

    def share(name: str, day: dt.date) -> float:
        if name == "phased":
            reached = [part for start, part in phase if start <= day]
            return reached[-1] if reached and day <= ends[4] else 0.0
        start, end = (dt.date.fromisoformat(text) for text in name.split())
        return float(start <= day <= end)

    for kind, periods in (
        ("Y", [2023, 2024]),
        ("Q", QUARTERS[4:]),
        ("M", [f"2024-{month:02}" for month in range(1, 6)]),
    ):
        found = model().path(scenario, periods).measures.pivot(index="period", columns="measure", values="in_force")
        for period in map(str, periods):
            own = pd.Period(period, kind)
            days = [
                own.start_time.date() + dt.timedelta(days=place)
                for place in range((own.end_time - own.start_time).days + 1)
            ]
            wanted = [sum(share(name, day) for day in days) / len(days) for name in found.columns]
            # Sums over days are rounded otherwise than shares of segments.
            np.testing.assert_allclose(found.loc[period], wanted, rtol=1e-13, atol=1e-15)


def test_lifts_and_reimposition_of_the_japanese_seafood_ban() -> None:
    rows = [("JPN", "CHN", 50.0), ("JPN", "USA", 30.0), ("NOR", "CHN", 40.0), ("NOR", "USA", 40.0)]
    made = pd.DataFrame(rows, columns=["exporter", "importer", "value"]).assign(commodity="seafood")
    market = tw.Armington(tw.Flows.from_frame(made), period=2022, substitution=5, demand=-0.5, supply=0.5)
    scenario = tw.catalogue["china-japan-seafood-2023"]
    first, second = scenario.labels
    months = [str(month) for month in pd.period_range("2023-07", "2025-12", freq="M")]
    path = market.path(scenario, months)
    table = path.measures.pivot(index="measure", columns="period", values="in_force")
    # In force from 24 August 2023 to 28 June 2025, and again from 19 November 2025.
    assert table.loc[first, ["2023-07", "2023-08", "2023-09"]].tolist() == [0, 8 / 31, 1]
    assert table.loc[first, ["2025-05", "2025-06", "2025-07"]].tolist() == [1, 28 / 30, 0]
    assert table.loc[second, ["2025-10", "2025-11", "2025-12"]].tolist() == [0, 12 / 30, 1]
    sold = path.flows.query("exporter == 'JPN' and importer == 'CHN'").set_index("period")["value_after"]
    assert sold["2023-07"] == pytest.approx(50, rel=1e-11) and sold["2025-08"] == pytest.approx(50, rel=1e-11)
    assert (sold[["2023-09", "2024-02", "2025-05", "2025-12"]] == 0).all()
    # A month is its segments weighted by days: what is sold is what is sold on the days without the ban.
    np.testing.assert_allclose(sold[["2023-08", "2025-06", "2025-11"]], [50 * 23 / 31, 50 * 2 / 30, 50 * 18 / 30])
    announced = path.measures.drop_duplicates("measure").set_index("measure")["announced"]
    assert announced.dt.date.to_dict() == {first: dt.date(2023, 8, 24), second: dt.date(2025, 11, 19)}


def test_overlapping_phases_cut_a_period_at_every_change() -> None:
    scenario = tw.Scenario(
        "overlap",
        [
            tw.Ban(exporters="RUS", importers="DEU", phase=[("2024-01-16", 0.5), ("2024-02-10", 1.0)]),
            tw.Ban(exporters="RUS", importers="POL", phase=[("2024-02-10", 0.2), ("2024-02-20", 0.6)]),
        ],
    )
    path = model().path(scenario, ["2024-01", "2024-02"])
    days = [segment["days"] for segment in path["2024-02"].attrs["segments"]]
    assert days == [("2024-02-01", "2024-02-09"), ("2024-02-10", "2024-02-19"), ("2024-02-20", "2024-02-29")]
    force = [list(segment["in_force"].values()) for segment in path["2024-02"].attrs["segments"]]
    assert force == [[0.5, 0.0], [1.0, 0.2], [1.0, 0.6]]
    assert len(path["2024-01"].attrs["segments"]) == 2


def test_announcements_are_information() -> None:
    silent = tw.Scenario("silent", [dataclasses.replace(measure, announced=None) for measure in DATED.measures])
    path, other = model().path(DATED, [2022, 2023]), model().path(silent, [2022, 2023])
    pd.testing.assert_frame_equal(path.flows, other.flows, check_exact=True)
    measures = path.measures
    assert list(measures.columns) == ["measure", "announced", "start", "end", "period", "in_force"]
    assert measures["announced"].isna().tolist() == [False, True, True] * 2
    assert measures["announced"][0].date() == dt.date(2022, 6, 3)
    assert measures["end"].isna().tolist() == [True, False, True] * 2
    assert measures["end"][1].date() == dt.date(2024, 2, 29)
    # Up to the rounding of a sum over days.
    wanted = [27 / 365, 0, 0, 1, 184 / 365, 0.4 * 334 / 365]
    np.testing.assert_allclose(measures["in_force"], wanted, rtol=1e-15)


# members that fail, bad input


def test_a_period_without_an_equilibrium_is_recorded() -> None:
    rigid = pd.DataFrame({"exporter": ["RUS", "SAU", "SAU"], "importer": ["DEU", "DEU", "CHN"], "value": 10.0})
    market = tw.Armington(
        tw.Flows.from_frame(rigid.assign(commodity="crude")), period=2021, substitution=5,
        demand=pd.DataFrame({"commodity": "crude", "country": ["DEU", "*"], "demand": [0.0, -1.0]}),
        supply=pd.DataFrame({"commodity": "crude", "country": ["RUS", "*"], "supply": [0.0, 1.0]}),
    )  # fmt: skip
    scenario = tw.Scenario("cut", [tw.Ban(exporters="SAU", importers="DEU", start="2023-01-01", end="2023-12-31")])
    path = market.path(scenario, [2022, 2023, 2024])
    assert path.status["converged"].tolist() == [True, False, True]
    assert set(path.flows["period"]) == {"2022", "2024"}
    assert "NOT ALL PERIODS SOLVED" in repr(path) and "no price level clears" in repr(path)
    with pytest.raises(KeyError, match=r"2023.*was not solved"):
        path[2023]
    with pytest.raises(KeyError, match="no period is called '2029'"):
        path[2029]
    with pytest.raises(tw.InfeasibleError, match=r"period 2023: crude"):
        market.path(scenario, [2022, 2023, 2024], on_failure="raise")


@pytest.mark.parametrize(
    ("periods", "says"),
    [
        ([], "there are no periods"),
        (2022, "expected a list of consecutive periods"),
        ("2022", "expected a list of consecutive periods"),
        ([2022, 2024], "2023 is missing between 2022 and 2024"),
        (["2022Q4", "2023Q2"], "2023Q1 is missing between"),
        (["2022-11", "2023-01"], "2022-12 is missing between"),
        ([2023, 2022], "2022 does not come after 2023"),
        ([2022, 2022], "does not come after"),
        ([2022, "2023Q1"], "2022 is a year, 2023Q1 a quarter"),
        (["2022-02-28", "2022-03-01"], "is a day; a path goes by years"),
        (["2022Q5"], "is not a period"),
        ([None], "'None' is not a period"),
    ],
)
def test_periods_that_are_no_path_are_refused(periods: Any, says: str) -> None:
    with pytest.raises(tw.ScenarioError, match=says):
        model().path(DATED, periods)


def test_bad_input_is_refused() -> None:
    with pytest.raises(tw.ScenarioError, match="scenario is a str"):
        model().path("dated", [2022])  # type: ignore[arg-type]
    with pytest.raises(tw.ModelError, match="on_failure is 'skip'"):
        model().path(DATED, [2022], on_failure="skip")  # type: ignore[arg-type]
    with pytest.raises(tw.ModelError, match="unsupported is 'ignore'"):
        model().path(DATED, [2022], unsupported="ignore")  # type: ignore[arg-type]
    capacity = tw.Scenario("line", [tw.Capacity(facility="line", to=0, name="line")])
    with pytest.raises(tw.ModelError, match="measure 'line': Armington does not take Capacity"):
        model().path(capacity, [2022])
    left = model().path(capacity, [2022], unsupported="leave_out")
    assert left[2022].left_out == ["line"] and "left out" in repr(left)
    with pytest.raises(tw.ScenarioError, match="XYZ"):
        model().path(tw.Scenario("who", [tw.Ban(exporters="XYZ")]), [2022])


# what it looks like, and on its way elsewhere


def test_it_shows_itself() -> None:
    path = model().path(DATED, QUARTERS)
    text = repr(path)
    assert "2022Q1 to 2024Q4, 12 of 12 solved" in text
    assert "2022Q1" in path._repr_html_() and "dated" in path._repr_html_()
    total = path["2024Q4"].flows.groupby("commodity", observed=True)["value_after"].sum()
    assert f"{total['crude'] / 1e9:,.1f} bn" in text


def test_it_survives_a_pickle() -> None:
    path = model().path(DATED, [2022, 2023])
    again = pickle.loads(pickle.dumps(path))
    pd.testing.assert_frame_equal(again.flows, path.flows, check_exact=True)
    pd.testing.assert_frame_equal(again.measures, path.measures)
    assert again.periods == path.periods and again.scenario == path.scenario


def test_frames_come_back_in_the_library_of_the_flows() -> None:
    polars = pytest.importorskip("polars")
    market = tw.Armington(
        tw.Flows.from_frame(polars.from_pandas(frame()), quantity_unit="t"),
        period=2021, substitution=5, demand=-0.4, supply=0.3,
    )  # fmt: skip
    path = market.path(DATED, [2022, 2023])
    for answer in (path.flows, path.measures, path.status):
        assert nw.from_native(answer).implementation.is_polars()
        assert list(dict.fromkeys(answer["period"])) == ["2022", "2023"]


def test_threads_change_no_bit() -> None:
    found = []
    before = tw.threads()
    try:
        for count in (1, 2, 3, 4, 7):
            tw.threads(count)
            found.append(model().path(DATED, QUARTERS).flows)
    finally:
        tw.threads(before)
    for other in found[1:]:
        pd.testing.assert_frame_equal(other, found[0], check_exact=True)


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_an_executor_gives_the_same_bits(kind: str) -> None:
    wanted = model().path(DATED, QUARTERS)
    slow = {"substitution": 5, "demand": -0.4, "supply": tw.adjusting(0.3, 1.2, half_life=2)}
    adjusts = tw.Armington(flows(), period=2021, **slow)
    context = multiprocessing.get_context("spawn")
    pool = ThreadPoolExecutor(3) if kind == "threads" else ProcessPoolExecutor(2, mp_context=context)
    with pool:
        path = model().path(DATED, QUARTERS, executor=pool)
        pd.testing.assert_frame_equal(path.flows, wanted.flows, check_exact=True)
        pd.testing.assert_frame_equal(path.status, wanted.status, check_exact=True)
        assert not path.partial
        whole = adjusts.path(DATED, QUARTERS, executor=pool)
        pd.testing.assert_frame_equal(whole.flows, adjusts.path(DATED, QUARTERS).flows, check_exact=True)
        for gap in ([2022, 2024], [2022, 2024, 2025, 2026]):
            with pytest.raises(tw.ScenarioError, match="2023 is missing"):
                model().path(DATED, gap, executor=pool)
    with pytest.raises(tw.ModelError, match="the executor takes no work"):
        model().path(DATED, [2022, 2023], executor=pool)
    with pytest.raises(tw.DataError, match="progress is 'yes'"), ThreadPoolExecutor(1) as pool:
        model().path(DATED, [2022, 2023], executor=pool, progress="yes")  # type: ignore[arg-type]
    with pytest.raises(tw.ModelError, match="executor is a int"):
        model().path(DATED, [2022], executor=4)  # type: ignore[arg-type]


@pytest.mark.parametrize("workers", [1, 2])
def test_the_periods_of_a_lost_worker_are_solved_again(workers: int) -> None:
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        pool.submit(os._exit, 1)
        path = model().path(DATED, [2022, 2023], executor=pool)
    assert_frame_equal(path.flows, model().path(DATED, [2022, 2023]).flows, check_exact=True)


class Deadly(tw.Scenario):
    """Whoever unpickles it ends."""

    def __reduce__(self) -> Any:
        return os._exit, (1,)


def test_a_worker_that_is_always_lost_is_an_error() -> None:
    deadly = Deadly(DATED.name, DATED.measures)
    with (
        ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool,
        pytest.raises(tw.TradewindsError, match=r"the worker of periods 2022 to 2023 was lost 3 times .*memory\?$"),
    ):
        model().path(deadly, [2022, 2023], executor=pool)


class Counting(ThreadPoolExecutor):
    tasks = 0

    def submit(self, *task: Any, **how: Any) -> Any:
        self.tasks += 1
        return super().submit(*task, **how)


def test_periods_are_cut_only_where_nothing_adjusts() -> None:
    with Counting(3) as pool:
        model().path(DATED, QUARTERS, executor=pool)
        assert pool.tasks == 3
        model().path(DATED, [2022, 2023], executor=pool)
        assert pool.tasks == 5
        late = tw.Armington(
            flows(), period=2021, substitution=5, demand=-0.4, supply=tw.adjusting(0.3, 1.2, half_life=2)
        )
        late.path(DATED, QUARTERS, executor=pool)
        assert pool.tasks == 6


def test_a_bar_is_drawn_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    model().path(DATED, QUARTERS, progress=True)
    drawn = capsys.readouterr().err
    assert "solving the path" in drawn and "100%" in drawn and drawn.endswith("\n")
    model().path(DATED, QUARTERS)
    assert capsys.readouterr().err == ""


LONG = """
import sys
sys.path.insert(0, {tests!r})
import numpy as np, pandas as pd, tradewinds as tw
n = 120
i, j = np.divmod(np.arange(n * n), n)
names = np.array([f"C{{place:03}}" for place in range(n)])
draw = np.random.default_rng(0)
made = pd.DataFrame({{"exporter": names[i], "importer": names[j], "value": draw.lognormal(0, 2, n * n)}})
flows = tw.Flows.from_frame(pd.concat(made.assign(commodity=f"K{{k}}") for k in range(10)), countries="as_is")
market = tw.Armington(flows, period=1999, substitution=12, supply=0.01, demand={demand})
days = pd.date_range("2000-01-01", periods=365 * 40).strftime("%Y-%m-%d")
phase = [(day, place / len(days)) for place, day in enumerate(days[::5], start=1)]
scenario = tw.Scenario("long", [tw.Tariff(exporters="C001", rate=0.5, phase=phase)])
months = [f"{{year}}-{{month:02}}" for year in range(2000, 2040) for month in range(1, 13)]
class Told:
    def write(self, text):
        print(text.strip(), flush=True)
    def flush(self): pass
    def isatty(self): return False
sys.stderr = Told()
try:
    path = market.path(scenario, months, progress=True{more})
except KeyboardInterrupt:
    print("RAISED", flush=True)
else:
    solved = path.status["converged"]
    reasons = set(path.status.loc[~solved, "reason"])
    alone = market.solve(scenario, at=months[0]) if {static} else market.path(scenario, months[:1])[months[0]]
    same = path.flows.query("period == @months[0]").drop(columns="period").reset_index(drop=True).equals(alone.flows)
    print("SAID", path.partial, int(solved.sum()), same, sorted(reasons), "PARTIAL" in repr(path), flush=True)
"""


@pytest.mark.parametrize("static", [True, False])
def test_ctrl_c_returns_the_finished_periods(static: bool) -> None:
    demand = "-0.05" if static else "tw.adjusting(-0.05, -0.5, half_life=2)"
    for more in ("", ', on_failure="raise"'):
        code = LONG.format(tests=str(Path(__file__).parent), demand=demand, static=static, more=more)
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        for line in process.stdout:
            share = re.search(r"(\d+)%", line)
            if share and int(share.group(1)) >= 3:
                process.send_signal(signal.SIGINT)
                break
        out = process.stdout.read()
        assert process.wait(60) == 0
        said = out.splitlines()[-1]
        if more:
            assert said == "RAISED"
            continue
        word, partial, solved, same, *rest = said.split(maxsplit=4)
        assert (word, partial, same) == ("SAID", "True", "True")
        assert 0 < int(solved) < 480
        assert rest == ["['stopped by Ctrl-C before it was solved'] True"]
        assert f"stopped by Ctrl-C: {solved} of 480 periods are finished" in out


class Interrupted(Future[Any]):
    def exception(self, timeout: float | None = None) -> Any:
        raise KeyboardInterrupt


class Stopping(Executor):
    """Works at once, until Ctrl-C comes while the caller waits for a task."""

    _max_workers = 3

    def __init__(self, finished: int) -> None:
        self._left = finished

    def submit(self, task: Any, /, *arguments: Any, **how: Any) -> Any:
        self._left -= 1
        future: Future[Any] = Interrupted() if self._left < 0 else Future()
        future.set_result(None if self._left < 0 else task(*arguments))
        return future


def test_ctrl_c_while_an_executor_works_returns_the_finished_tasks() -> None:
    with pytest.warns(RuntimeWarning, match="stopped by Ctrl-C: 4 of 6 periods are finished"):
        path = model().path(DATED, [2022, 2023, 2024, 2025, 2026, 2027], executor=Stopping(2))
    assert path.partial and "PARTIAL" in repr(path)
    assert path.status["converged"].tolist() == [True] * 4 + [False] * 2
    again = pickle.loads(pickle.dumps(path))
    assert again.partial and again.status.equals(path.status)
    pd.testing.assert_frame_equal(path.flows, model().path(DATED, [2022, 2023, 2024, 2025]).flows, check_exact=True)
    for given in ({"executor": Stopping(0)}, {"executor": Stopping(2), "on_failure": "raise"}):
        with pytest.raises(KeyboardInterrupt):
            model().path(DATED, [2022, 2023, 2024], **given)


# the picture


def test_the_picture_draws_the_shares_and_the_dates() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    path = model().path(DATED, QUARTERS)
    shares = path.shares("RUS")
    ax = path.plot.path("RUS", commodity="crude", top=2)
    lines = {line.get_label(): line for line in ax.get_lines() if not str(line.get_label()).startswith("_")}
    assert "others" in lines and len(lines) == 3
    for label in set(lines) - {"others"}:
        mine = shares.query("commodity == 'crude' and importer == @label")
        np.testing.assert_allclose(lines[label].get_ydata(), 100 * mine["after"], rtol=1e-12)
    drawn = np.sum([line.get_ydata() for line in lines.values()], axis=0)
    # Shares add up to all.
    np.testing.assert_allclose(drawn, 100.0, rtol=1e-12)
    texts = [text.get_text() for text in ax.texts]
    # A ban, a duty that begins and ends, two steps of a phase.
    assert len(texts) == 5 and sum("ends" in text for text in texts) == 1
    axes = matplotlib.figure.Figure().subplots()
    assert path.plot.path("RUS", commodity="coal", ax=axes) is axes
    with pytest.raises(tw.ModelError, match="name one with commodity="):
        path.plot.path("RUS")
    with pytest.raises(tw.ModelError, match="does not sell 'tea'"):
        path.plot.path("RUS", commodity="tea")
    with pytest.raises(tw.ModelError, match="top is 0"):
        path.plot.path("RUS", commodity="crude", top=0)
    assert flows().commodities == ["coal", "crude"]
