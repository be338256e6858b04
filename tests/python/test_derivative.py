"""Derivatives of answers against central differences of the exact solve."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import market
import numpy as np
import pandas as pd
import polars as pl
import pytest
from problems import problem

import tradewinds as tw

FLOWS = tw.ask("flows")
QUESTIONS = {
    "flows": tw.ask("flows"),
    "prices": tw.ask("prices"),
    "shares": tw.ask("shares", exporter="RUS"),
    "share_shift": tw.ask("share_shift", exporter="RUS", away=["DEU", "POL"], toward="CHN"),
    "destinations": tw.ask("destinations", exporter="RUS"),
    "diversion": tw.ask("diversion", exporter="RUS", importers=["DEU", "POL"]),
    "by destination": tw.ask("diversion", exporter="RUS", importers=["DEU", "POL"], by="destination"),
    "by supplier": tw.ask("diversion", exporter="RUS", importers=["DEU", "POL"], by="supplier"),
    "revenue": tw.ask("revenue", exporter="RUS"),
    "concentration": tw.ask("concentration"),
    "welfare": tw.ask("welfare", by="country_commodity"),
}
MEASURES: dict[str, tw.Measure] = {
    "ban": tw.Ban(name="ban", exporters="RUS", importers=["DEU", "POL"], coverage=0.9, leakage=0.1, start="2022-12-05"),
    "part": tw.Ban(name="part", exporters="RUS", importers="IND", commodities="crude", coverage=0.3),
    "duty": tw.Tariff(name="duty", exporters="SAU", importers="CHN", rate=0.2),
    "amount": tw.Tariff(name="amount", exporters="USA", importers="CHN", commodities="coal", specific=30.0),
    "tax": tw.ExportTax(name="tax", exporters="RUS", rate=0.1),
    "per unit": tw.ExportTax(
        name="per unit", exporters="RUS", commodities="coal", specific=20.0, phase=[("2022-07-01", 0.5)]
    ),
    "cost": tw.TradeCost(name="cost", exporters="RUS", importers="CHN", change=0.05),
    "freight": tw.TradeCost(name="freight", exporters="SAU", importers="IND", specific=10.0),
    "supply": tw.Shift(name="supply", exporters="SAU", commodities="crude", supply=0.9),
    "demand": tw.Shift(name="demand", importers="CHN", demand=1.1),
}
SIZES = {
    "coverage of the ban": ("ban", "coverage"),
    "leakage": ("ban", "leakage"),
    "coverage in part": ("part", "coverage"),
    "rate": ("duty", "rate"),
    "duty per unit": ("amount", "specific"),
    "export tax": ("tax", "rate"),
    "export tax per unit": ("per unit", "specific"),
    "cost": ("cost", "change"),
    "cost per unit": ("freight", "specific"),
    "supply shift": ("supply", "supply"),
    "demand shift": ("demand", "demand"),
}
ELASTICITIES: dict[str, dict[str, Any]] = {
    "substitution": {"commodity": "crude"},
    "substitution of all": {},
    "demand": {"commodity": "crude", "country": "CHN"},
    "demand of all": {"commodity": "coal"},
    "supply": {"commodity": "crude", "country": ["RUS", "SAU"]},
}


def scenario(**changes: dict[str, Any]) -> tw.Scenario:
    whole = tw.Scenario("tested", list(MEASURES.values()))
    for label, change in changes.items():
        whole = whole.replace(label.replace("_", " "), **change)
    return whole


def model(of: str = "", by: float = 0.0) -> tw.Armington:
    """Elasticities that differ, and those of a parameter moved."""
    flows = market.flows()
    keys = [(k, c) for k in flows.commodities for c in market.COUNTRIES]
    table = pd.DataFrame(keys, columns=["commodity", "country"])
    table["substitution"] = np.where(table["commodity"] == "crude", 6.0, 3.0)
    table["demand"] = -np.linspace(0.1, 2.5, len(table))
    table["supply"] = np.linspace(0.05, 1.5, len(table))
    if of:
        where = ELASTICITIES[of]
        countries = where.get("country", market.COUNTRIES)
        hit = table["country"].isin([countries] if isinstance(countries, str) else countries)
        hit &= table["commodity"].isin([where.get("commodity")] if "commodity" in where else flows.commodities)
        table.loc[hit, of.split()[0]] += by
    substitution = table.groupby("commodity")["substitution"].first().to_dict()
    return tw.Armington(flows, period=2021, substitution=substitution, demand=table, supply=table)


def numbers(frame: pd.DataFrame) -> np.ndarray:
    return frame.select_dtypes("float").to_numpy()


def central(answer: Callable[[float], np.ndarray], step: float) -> np.ndarray:
    """Of fourth order, from five solves: the error is about step⁴ and 1e-12/step of what is solved."""
    one = (answer(step) - answer(-step)) / (2 * step)
    two = (answer(2 * step) - answer(-2 * step)) / (4 * step)
    return (4 * one - two) / 3


def assert_agrees(found: np.ndarray, wanted: np.ndarray, level: np.ndarray) -> None:
    """To 1e-6 of the largest derivative of each column, and 1e-9 of the answer itself: what the
    reference's own cancellation leaves of a solve to 1e-12."""
    assert (np.isnan(found) == np.isnan(wanted)).all()
    size = 1e-6 * np.nanmax(np.abs(wanted), axis=0, initial=0) + 1e-9 * np.nanmax(np.abs(level), axis=0, initial=0)
    assert np.nanmax(np.abs(found - wanted) - size) <= 0


def agrees(derived: tw.Result, question: tw.Question, parameter: tw.Parameter, answer: Any, step: float) -> np.ndarray:
    found = derived.derivative(question, parameter)
    assert (found["parameter"] == parameter.label).all()
    wanted = central(lambda by: numbers(question(answer(by))), step)
    assert_agrees(numbers(found), wanted, numbers(question(derived)))
    return wanted


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("of", ELASTICITIES)
def test_by_an_elasticity(of: str, name: str) -> None:
    parameter = tw.Parameter(of.split()[0], **ELASTICITIES[of])
    wanted = agrees(
        model().solve(scenario()), QUESTIONS[name], parameter, lambda by: model(of, by).solve(scenario()), 1e-3
    )
    assert np.nanmax(np.abs(wanted)) > 0


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("of", SIZES)
def test_by_the_size_of_a_measure(of: str, name: str) -> None:
    label, number = SIZES[of]
    base = model()
    at = getattr(MEASURES[label], number)
    step = 1e-3 * max(1.0, abs(at))

    def moved(by: float) -> tw.Result:
        return base.solve(scenario().replace(label, **{number: at + by}))

    wanted = agrees(base.solve(scenario()), QUESTIONS[name], tw.Parameter(number, measure=label), moved, step)
    assert np.nanmax(np.abs(wanted)) > 0


@pytest.mark.parametrize("exposure", ["segments", "average"])
def test_over_a_period_in_which_measures_change(exposure: str) -> None:
    base, how = model(), {"at": 2022, "exposure": exposure}
    for label, number in (("ban", "coverage"), ("per unit", "specific")):
        at = getattr(MEASURES[label], number)
        agrees(
            base.solve(scenario(), **how),
            QUESTIONS["revenue"],
            tw.Parameter(number, measure=label),
            lambda by, label=label, number=number, at=at: base.solve(
                scenario().replace(label, **{number: at + by}), **how
            ),
            1e-3 * max(1.0, at),
        )


@pytest.mark.parametrize("seed", range(12))
def test_on_random_problems(seed: int) -> None:
    """Every kind of wedge, baseline duties, gaps, fixed and infinite elasticities, full bans beside. No quotas."""
    drawn = problem(seed)
    result = drawn.model.solve(drawn.scenario)
    partly = [
        (label, number, getattr(measure, number))
        for label, measure in zip(drawn.scenario.labels, drawn.scenario.measures, strict=True)
        for number in ("coverage", "rate", "change", "supply", "demand")
        if isinstance(getattr(measure, number, None), float) and getattr(measure, number) != 1.0
    ]
    modulus = max(market.modulus for market in drawn.markets.values())
    for label, number, at in partly[:: max(1, len(partly) // 6)]:
        wanted = central(
            lambda by, label=label, number=number, at=at: numbers(
                FLOWS(drawn.model.solve(drawn.scenario.replace(label, **{number: at + by})))
            ),
            1e-3,
        )
        found = numbers(result.derivative(FLOWS, tw.Parameter(number, measure=label)))
        size = np.abs(wanted).max() * 1e-6 + 1e-9 * np.abs(numbers(FLOWS(result))).max() / min(1, abs(1 - modulus))
        assert np.abs(found - wanted).max() <= size, (label, number)


def test_several_parameters_are_blocks_of_one_frame_in_the_library_of_the_flows() -> None:
    result = model().solve(scenario())
    both = [tw.Parameter("rate", measure="duty"), tw.Parameter("demand", commodity="coal", label="η")]
    found = result.derivative(QUESTIONS["share_shift"], both)
    assert list(found["parameter"]) == ["rate (duty)"] * 2 + ["η"] * 2
    assert (numbers(found[(found["parameter"] == "η") & (found["commodity"] == "crude")]) == 0).all()
    assert found.attrs["units"]["toward_shift"] == "percentage points per unit of the parameter"
    flows = tw.Flows.from_frame(pl.from_pandas(market.frame()), quantity_unit="t")
    other = tw.Armington(flows, period=2021, substitution=5, demand=-0.4, supply=0.3).solve(scenario())
    assert isinstance(other.derivative(QUESTIONS["flows"], both), pl.DataFrame)


def test_a_slack_quota_does_not_matter_and_a_binding_one_is_refused() -> None:
    quota = tw.Quota(name="quota", exporters="RUS", importers="CHN", commodities="crude", share=50.0)
    duty, base = tw.Parameter("rate", measure="duty"), model()
    slack = numbers(base.solve(scenario() + quota).derivative(tw.ask("flows"), duty))
    without = numbers(base.solve(scenario()).derivative(tw.ask("flows"), duty))
    # The rounding of the difference formula, about 1e-13 of the answer over the largest movement.
    assert np.abs(slack - without).max() <= 1e-11 * np.abs(without).max()
    tight = base.solve((scenario() + quota).replace("quota", share=0.5))
    with pytest.raises(tw.ModelError, match=r"a quota on crude binds"):
        tight.derivative(tw.ask("flows"), duty)
    tight.derivative(tw.ask("flows"), tw.Parameter("demand", commodity="coal"))


def test_any_number_of_threads_gives_the_same_bits() -> None:
    before = tw.threads()
    parameters = [tw.Parameter(number, measure=label) for label, number in SIZES.values()]

    def bits(threads: int) -> bytes:
        tw.threads(threads)
        return numbers(model().solve(scenario()).derivative(tw.ask("flows"), parameters)).tobytes()

    try:
        assert bits(1) == bits(2) == bits(3)
    finally:
        tw.threads(before)
