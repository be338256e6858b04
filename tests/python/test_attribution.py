"""Shapley values: brute force over orders, what they add up to, and subsets that can't be solved."""

from __future__ import annotations

import dataclasses
import itertools
import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import market
import numpy as np
import pandas as pd
import polars as pl
import pytest

import tradewinds as tw

BAN = tw.Ban(name="ban", exporters="RUS", importers=["DEU", "POL"], commodities="crude", start="2022-12-05")
DUTY = tw.Tariff(name="duty", exporters="RUS", importers=["CHN", "IND"], rate=0.3)
COST = tw.TradeCost(name="cost", exporters="RUS", importers="IND", commodities="crude", change=-0.1)
PARTLY = tw.Ban(name="partly", exporters="RUS", importers="CHN", commodities="crude", coverage=0.5)
COAL = tw.Ban(name="coal", exporters="SAU", importers="DEU", commodities="coal", coverage=0.7)
QUOTA = tw.Quota(name="quota", exporters="SAU", importers="CHN", commodities="crude", share=0.8)
IDLE = tw.Ban(name="idle", exporters="CHN", importers="RUS")
QUESTIONS = {
    "flows": tw.ask("flows"),
    "prices": tw.ask("prices"),
    "shares": tw.ask("shares", exporter="RUS"),
    "share_shift": tw.ask("share_shift", exporter="RUS", away=["DEU", "POL"], toward="CHN"),
    "destinations": tw.ask("destinations", exporter="RUS"),
    "diversion": tw.ask("diversion", exporter="RUS", importers=["DEU", "POL"]),
    "by supplier": tw.ask("diversion", exporter="RUS", importers=["DEU", "POL"], by="supplier"),
    "revenue": tw.ask("revenue", exporter="RUS"),
    "concentration": tw.ask("concentration"),
    "welfare": tw.ask("welfare", by="country_commodity"),
}


def scenario(*measures: tw.Measure, **more: Any) -> tw.Scenario:
    return tw.Scenario("tested", measures, **more)


def numbers(frame: pd.DataFrame) -> np.ndarray:
    return frame.select_dtypes("float").to_numpy()


def by_orders(model: tw.Armington, whole: tw.Scenario, question: tw.Question, **how: Any) -> np.ndarray:
    """Measures × rows × columns: the mean over all orders of what each measure adds when it comes."""
    n = len(whole.measures)

    def value(subset: frozenset[int]) -> np.ndarray:
        kept = dataclasses.replace(whole, measures=[whole.measures[m] for m in sorted(subset)])
        return numbers(question(model.solve(kept, **how)))

    answers = {
        frozenset(subset): value(frozenset(subset))
        for size in range(n + 1)
        for subset in itertools.combinations(range(n), size)
    }
    orders = list(itertools.permutations(range(n)))
    total = np.zeros((n, *answers[frozenset()].shape))
    for order in orders:
        for place, m in enumerate(order):
            total[m] += answers[frozenset(order[: place + 1])] - answers[frozenset(order[:place])]
    return total / len(orders)


def assert_same(found: np.ndarray, wanted: np.ndarray, tolerance: float = 1e-10) -> None:
    """Relative to the largest of each column: the prices behind two solves agree to about 1e-12."""
    assert (np.isnan(found) == np.isnan(wanted)).all()
    size = np.nanmax(np.abs(wanted), axis=tuple(range(wanted.ndim - 1)), initial=1e-30)
    assert np.nanmax(np.abs(found - wanted) / size) < tolerance


@pytest.mark.parametrize("name", QUESTIONS)
def test_equals_the_mean_over_all_orders(name: str) -> None:
    whole, model = scenario(BAN, DUTY, PARTLY, COAL, QUOTA), market.model()
    wanted = by_orders(model, whole, QUESTIONS[name])
    found = model.attribution(whole, QUESTIONS[name])
    assert list(found["measure"].unique()) == whole.labels
    # Licences are found to 1e-11 (relative slack), which prices take over.
    assert_same(numbers(found).reshape(wanted.shape), wanted, 1e-9)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_commodity_that_no_measure_meets_has_its_rows_and_does_not_change(name: str) -> None:
    whole, model = scenario(BAN, COST, PARTLY), market.model()
    wanted = by_orders(model, whole, QUESTIONS[name])
    found = model.attribution(whole, QUESTIONS[name])
    assert_same(numbers(found).reshape(wanted.shape), wanted)
    keys = QUESTIONS[name](model.solve(whole)).select_dtypes(exclude="number")
    for _, part in found.groupby("measure", observed=True):
        assert part[keys.columns].astype(str).reset_index(drop=True).equals(keys.astype(str))


def test_a_ledger_against_another_result() -> None:
    whole, model = scenario(BAN, COST), market.model()
    other = model.solve(scenario(DUTY))
    question = tw.ask("diversion", exporter="RUS", importers="DEU", against=other)
    wanted = by_orders(model, whole, question)
    assert_same(numbers(model.attribution(whole, question)).reshape(wanted.shape), wanted)


def test_in_a_period_the_days_are_those_of_the_whole_scenario() -> None:
    whole, model = scenario(BAN, DUTY, COST), market.model()
    wanted = by_orders(model, whole, QUESTIONS["revenue"], at=2022)
    found = model.attribution(whole, QUESTIONS["revenue"], at=2022)
    assert_same(numbers(found).reshape(wanted.shape), wanted)


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("how", [{}, {"method": "sampled", "permutations": 20}], ids=["exact", "sampled"])
def test_adds_up_to_the_whole_less_nothing(name: str, how: dict[str, Any]) -> None:
    rate = pd.DataFrame({"exporter": ["SAU"], "importer": ["IND"], "commodity": ["crude"], "tariff_add": [0.1]})
    schedule = tw.Scenario.from_frame("in force throughout", rate).schedule
    whole, model, question = scenario(BAN, DUTY, COST, COAL, schedule=schedule), market.model(), QUESTIONS[name]
    full = numbers(question(model.solve(whole)))
    none = numbers(question(model.solve(dataclasses.replace(whole, measures=()))))
    found = model.attribution(whole, question, **how)
    kept = found[[column for column in found.columns if not column.endswith("_standard_error")]]
    # A redirected fraction of nothing lost is missing in some subsets.
    change = np.where(np.isnan(numbers(kept)).reshape(-1, *full.shape).any(0), np.nan, full - none)
    assert_same(numbers(kept).reshape(-1, *full.shape).sum(0), change)


def test_a_measure_without_effect_is_worth_exactly_nothing_and_twins_are_worth_the_same() -> None:
    twin = dataclasses.replace(PARTLY, name="twin")
    found = market.model().attribution(scenario(PARTLY, IDLE, twin, COAL), QUESTIONS["flows"])
    by = {label: numbers(part) for label, part in found.groupby("measure", observed=True)}
    assert (by["idle"] == 0).all()
    assert (by["coal"][(found["commodity"] == "crude").to_numpy()[: len(by["coal"])]] == 0).all()
    # The twins' solves differ in the order in which shares left are multiplied.
    assert_same(by["twin"], by["partly"])


def test_sampling_converges_on_the_exact_values_and_says_how_far_off_it_is() -> None:
    whole, question, model = scenario(BAN, DUTY, COST, PARTLY), QUESTIONS["share_shift"], market.model()
    exact = model.attribution(whole, question)
    found = model.attribution(whole, question, method="sampled", permutations=400, seed=3)
    error = found["toward_shift_standard_error"]
    off = (found["toward_shift"] - exact["toward_shift"]).abs()
    assert (error > 0).sum() >= 4
    # Four standard errors of a mean of 400: a chance of 6e-5 a cell, and the seed is fixed.
    assert (off <= 4 * error + 1e-10).all()
    few = model.attribution(whole, question, method="sampled", permutations=25, seed=3)
    ratio = (few["toward_shift_standard_error"] / error)[error > 0]
    # √(400/25) = 4, give or take what 25 draws say of a spread.
    assert ((ratio > 2) & (ratio < 7)).all()


def test_the_standard_error_is_that_of_a_mean() -> None:
    """Two orders of two measures: whatever is drawn, mean and error follow from the two values."""
    whole, question, model = scenario(DUTY, PARTLY), QUESTIONS["share_shift"], market.model()
    values = {
        name: numbers(question(model.solve(tw.Scenario("x", measures))))
        for name, measures in {"": (), "d": (DUTY,), "p": (PARTLY,), "dp": (DUTY, PARTLY)}.items()
    }
    first, last = (values["d"] - values[""])[-1, -1], (values["dp"] - values["p"])[-1, -1]
    found = model.attribution(whole, question, method="sampled", permutations=30, seed=1)
    duty = found[(found["measure"] == "duty") & (found["commodity"] == "crude")].iloc[0]
    share = (duty["toward_shift"] - last) / (first - last)
    # Some number of the 30 orders began with the duty.
    assert 30 * share == pytest.approx(round(30 * share), abs=1e-6)
    assert 5 < 30 * share < 25
    spread = np.sqrt(share * (1 - share) / 29) * abs(first - last)
    assert duty["toward_shift_standard_error"] == pytest.approx(spread, rel=1e-9)


def test_more_than_twelve_measures_are_sampled() -> None:
    many = scenario(*(dataclasses.replace(PARTLY, name=f"part {place}", coverage=0.05) for place in range(13)))
    found = market.model().attribution(many, QUESTIONS["share_shift"], permutations=5)
    assert found.attrs["method"].startswith("sampled, 5 permutations")
    assert "toward_shift_standard_error" in found
    assert market.model().attribution(scenario(BAN), QUESTIONS["share_shift"]).attrs["method"] == "exact"


@pytest.mark.parametrize("method", ["exact", "sampled"])
def test_any_number_of_threads_gives_the_same_bits(method: str) -> None:
    before = tw.threads()

    def bits(threads: int) -> bytes:
        tw.threads(threads)
        whole = scenario(BAN, DUTY, COST, PARTLY, COAL)
        return numbers(market.model().attribution(whole, QUESTIONS["flows"], method=method)).tobytes()

    try:
        assert bits(1) == bits(2) == bits(3)
    finally:
        tw.threads(before)


def test_ctrl_c_ends_it() -> None:
    from tradewinds import demo

    base = demo.model(tw.datasets.load(demo.DATASET))
    buyers = ("CHN", "IND", "TUR", "DEU", "ITA", "FRA", "NLD", "POL", "KOR", "JPN", "USA", "GBR")
    duties = [tw.Tariff(name=buyer, importers=buyer, rate=0.1) for buyer in buyers]
    # 4,096 subsets of twelve duties on twelve commodities: seconds, on any machine.
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        base.attribution(scenario(*duties), QUESTIONS["flows"])


def test_comes_in_the_library_of_the_flows() -> None:
    flows = tw.Flows.from_frame(pl.from_pandas(market.frame()), quantity_unit="t")
    model = tw.Armington(flows, period=2021, substitution=5, demand=-0.4, supply=0.3)
    found = model.attribution(scenario(BAN), QUESTIONS["share_shift"])
    assert isinstance(found, pl.DataFrame)
    assert found.columns[0] == "measure"


def test_a_subset_without_an_equilibrium_is_named() -> None:
    pairs = [("A", "X"), ("A", "Y"), ("B", "X"), ("B", "Y")]
    frame = pd.DataFrame(pairs, columns=["exporter", "importer"]).assign(commodity="oil", value=10.0)
    by = {"commodity": "oil", "country": ["A", "B", "X", "Y"]}
    model = tw.Armington(
        tw.Flows.from_frame(frame, countries="as_is"),
        period=2021,
        substitution=5,
        demand=pd.DataFrame({**by, "demand": [-1.0, -1.0, 0.0, -1.0]}),
        supply=pd.DataFrame({**by, "supply": [0.0, 1.0, 1.0, 1.0]}),
    )
    # The first two leave A and X alone with each other, both rigid; the third closes that too.
    cut = [tw.Ban(name=f"{i} to {j}", exporters=i, importers=j) for i, j in (("B", "X"), ("A", "Y"), ("A", "X"))]
    model.solve(scenario(*cut))
    with pytest.raises(tw.InfeasibleError, match="with only 'B to X', 'A to Y' in force: oil") as caught:
        model.attribution(scenario(*cut), tw.ask("flows"))
    assert caught.value.countries == ["A", "X"]


def test_a_subset_that_does_not_converge_is_named_and_carried() -> None:
    pairs = [("A", "B", 50.0), ("A", "C", 50.0), ("D", "B", 5.0)]
    frame = pd.DataFrame(pairs, columns=["exporter", "importer", "value"]).assign(commodity="x")
    flows = tw.Flows.from_frame(frame, countries="as_is")
    model = tw.Armington(flows, period=2021, substitution=5, demand=-1e-4, supply=0.0)
    beyond = tw.Ban(name="beyond numbers", exporters="A", importers="B")
    rest = tw.Ban(name="rest")
    model.solve(scenario(beyond, rest))
    with pytest.raises(tw.ConvergenceError, match=r"only these measures in force .*: 'beyond numbers'") as caught:
        model.attribution(scenario(beyond, rest), tw.ask("flows"))
    assert not caught.value.status.converged
    assert caught.value.result.scenario.labels == ["beyond numbers"]


def attribute(measures: Any, question: Any = QUESTIONS["share_shift"], **how: Any) -> Any:
    return market.model().attribution(scenario(*measures), question, **how)


THIRTEEN = [dataclasses.replace(PARTLY, name=f"part {place}", coverage=0.05) for place in range(13)]
BAD: dict[str, tuple[Callable[[], Any], type[tw.TradewindsError], str]] = {
    "no measures": (lambda: attribute([]), tw.ScenarioError, "no measures to attribute"),
    "too many for all subsets": (
        lambda: attribute(THIRTEEN, method="exact"),
        tw.ModelError,
        r'13 measures, so 2\^13 subsets.*method="sampled"',
    ),
    "one order": (
        lambda: attribute([BAN], method="sampled", permutations=1),
        tw.ModelError,
        "permutations is 1; expected at least 2",
    ),
    "no such method": (lambda: attribute([BAN], method="owen"), tw.ModelError, "'owen'; expected 'auto'"),
    "no question": (lambda: attribute([BAN], "share_shift"), tw.ModelError, r"is a str; make one with tw\.ask"),
    "rows that depend on the measures": (
        lambda: attribute([BAN], tw.ask("quotas")),
        tw.ModelError,
        "rows of 'quotas' depend on the measures.*ask flows",
    ),
    "a country that is not there": (
        lambda: attribute([BAN], tw.ask("shares", exporter="RUX")),
        tw.ScenarioError,
        "'RUX'",
    ),
    "days that never meet": (
        lambda: attribute([dataclasses.replace(BAN, end="2023-01-01"), dataclasses.replace(DUTY, start="2024-01-01")]),
        tw.ScenarioError,
        "no day on which every measure is in force",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused(name: str) -> None:
    provoke, error, says = BAD[name]
    with pytest.raises(error, match=says):
        provoke()
