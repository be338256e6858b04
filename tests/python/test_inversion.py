"""Implied wedges: solving with them returns what was observed."""

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

KEYS = ["exporter", "importer", "commodity"]


def values(frame: pd.DataFrame, column: str) -> pd.Series:
    return frame.astype({key: str for key in KEYS}).set_index(KEYS)[column].sort_index()


def observed_of(frame: pd.DataFrame, seed: int, spread: float = 0.5, ended: float = 0.15) -> pd.DataFrame:
    """Every flow moved at random; some end, as a row of 0 or without one."""
    draw = np.random.default_rng(seed)
    value = frame["value"] * draw.lognormal(0, spread, len(frame)) * (draw.random(len(frame)) > ended)
    made = frame[KEYS].assign(value=value)
    return made[(value > 0) | (draw.random(len(frame)) < 0.5)].assign(period=2023)


def assert_returned(model: tw.Armington, inversion: tw.Inversion, observed: pd.DataFrame) -> tw.Result:
    """To 1e-8 of each flow: prices are solved to 1e-12, which σ and a price index near nothing multiply."""
    result = model.solve(inversion.scenario)
    found = values(result.flows, "value_after")
    wanted = values(observed, "value").reindex(found.index, fill_value=0.0)
    assert ((found == 0) == (wanted == 0)).all()
    assert np.allclose(found, wanted, rtol=1e-8, atol=0)
    return result


def model(seed: int = 7, **changes: Any) -> tw.Armington:
    flows = market.flows(seed)
    keys = [(k, c) for k in flows.commodities for c in market.COUNTRIES]
    table = pd.DataFrame(keys, columns=["commodity", "country"])
    table["demand"] = -np.linspace(0.1, 0.9, len(table))
    table["supply"] = np.linspace(0.0, 1.5, len(table))
    return tw.Armington(flows, **{"period": 2021, "substitution": 5, "demand": table, "supply": table, **changes})


@pytest.mark.parametrize("normalisation", ["prices", "shifters"])
@pytest.mark.parametrize("seed", range(6))
def test_solving_with_the_implied_wedges_returns_the_observed_flows(seed: int, normalisation: Any) -> None:
    base, observed = model(), observed_of(market.frame(), seed)
    inversion = base.invert(tw.Flows.from_frame(observed), period=2023, normalisation=normalisation)
    result = assert_returned(base, inversion, observed)
    assert np.allclose(values(inversion.wedges, "value_observed"), values(result.flows, "value_after"))
    if normalisation == "prices":
        prices = result.prices[["producer_price", "price_index"]].to_numpy()
        open_ones = prices[np.isfinite(prices) & (prices > 0)]
        assert np.allclose(open_ones, 1, rtol=1e-9)
    else:
        assert (inversion.shifts[["supply_shift", "demand_shift"]].dropna() == 1).all(axis=None)
        assert not inversion.scenario.measures


@pytest.mark.parametrize("seed", range(12))
def test_on_random_problems_with_duties_and_every_elasticity(seed: int) -> None:
    """Fixed and infinite supply, fixed, unitary and steep demand, duties in the baseline."""
    drawn = problem(seed)
    frame = drawn.model.flows.to_frame().astype({key: str for key in KEYS})
    observed = observed_of(frame, seed, spread=0.3, ended=0.1)
    flows = tw.Flows.from_frame(observed, countries="as_is")
    assert_returned(drawn.model, drawn.model.invert(flows, period=2023), observed)


def test_known_costs_come_back_where_curves_stayed_as_they_were() -> None:
    draw = np.random.default_rng(3)
    schedule = market.frame()[KEYS].assign(cost_change=draw.uniform(-0.2, 0.5, len(market.frame())))
    base = model()
    after = base.solve(tw.Scenario.from_frame("known", schedule)).flows
    observed = after.astype({key: str for key in KEYS})[KEYS].assign(value=after["value_after"])
    inversion = base.invert(tw.Flows.from_frame(observed), period=2023, normalisation="shifters")
    assert np.allclose(values(inversion.wedges, "cost_change"), values(schedule, "cost_change"), rtol=0, atol=1e-9)


def test_a_mean_cost_of_nothing_under_prices() -> None:
    """Σ_i s_ij ĉ^(1−σ) = 1 over what is still bought: each importer's price index is as it was."""
    base, frame = model(), market.frame()
    inversion = base.invert(tw.Flows.from_frame(observed_of(frame, 1, ended=0.0)), period=2023)
    wedges = inversion.wedges
    weight = wedges["value_before"] * (1 + wedges["cost_change"]) ** (1 - 5)
    by = [wedges["importer"].astype(str), wedges["commodity"].astype(str)]
    assert np.allclose(weight.groupby(by).sum(), wedges["value_before"].groupby(by).sum(), rtol=1e-12)


@pytest.mark.parametrize("normalisation", ["prices", "shifters"])
def test_the_head_ries_index_is_free_of_the_normalisation(normalisation: Any) -> None:
    names = ["A", "B", "C"]
    pairs = [(i, j) for i in names for j in names]
    frame = pd.DataFrame(pairs, columns=["exporter", "importer"]).assign(commodity="x")
    frame["value"] = [50.0, 9.0, 7.0, 6.0, 80.0, 5.0, 8.0, 3.0, 40.0]
    base = tw.Armington(
        tw.Flows.from_frame(frame, countries="as_is"), period=2021, substitution=4, demand=-0.5, supply=0.4
    )
    # Symmetric costs, none at home, and shifts that no index may see.
    cost = {frozenset("AB"): 0.1, frozenset("AC"): -0.05, frozenset("BC"): 0.3}
    schedule = frame[["exporter", "importer", "commodity"]].assign(
        cost_change=[cost.get(frozenset(pair), 0.0) for pair in pairs]
    )
    shifts = [tw.Shift(exporters="A", supply=1.4), tw.Shift(importers="B", demand=0.7)]
    scenario = tw.Scenario("x", shifts, schedule=tw.Scenario.from_frame("x", schedule).schedule)
    after = base.solve(scenario).flows
    observed = frame.assign(value=after["value_after"].to_numpy())
    inversion = base.invert(tw.Flows.from_frame(observed, countries="as_is"), period=2023, normalisation=normalisation)
    assert np.allclose(inversion.wedges["head_ries"], schedule["cost_change"], atol=1e-9)
    without = base.invert(
        tw.Flows.from_frame(observed.query("exporter != 'A' or importer != 'A'"), countries="as_is"), period=2023
    )
    about_a = (without.wedges["exporter"] == "A") | (without.wedges["importer"] == "A")
    assert (without.wedges["head_ries"].isna() == about_a).all()


def test_the_real_figures_of_2023_are_returned_less_what_is_new() -> None:
    flows = tw.datasets.load("energy")
    table = tw.datasets.elasticities(import_share="bundled", export_share="bundled")
    base = tw.Armington(flows, period=2021, substitution=table, demand=table, supply=table)
    with pytest.raises(tw.DataError, match=r"observed flows have no baseline value \(.* %.*new_flows"):
        base.invert(flows, period=2023)
    inversion = base.invert(flows, period=2023, new_flows="leave_out")
    assert 0 < inversion.left_out["share"] < 0.2
    frame = flows.select(periods=2023).to_frame()
    before = values(flows.select(periods=2021).to_frame(), "value")
    frame = frame[[key in before.index for key in zip(*(frame[key].astype(str) for key in KEYS), strict=True)]]
    assert_returned(base, inversion, frame)
    new = inversion.left_out["value"] + values(inversion.wedges, "value_observed").sum()
    assert new == pytest.approx(flows.select(periods=2023).to_frame()["value"].sum(), rel=1e-12)


def test_comes_in_the_library_of_the_flows() -> None:
    flows = tw.Flows.from_frame(pl.from_pandas(market.frame()), quantity_unit="t")
    base = tw.Armington(flows, period=2021, substitution=5, demand=-0.4, supply=0.3)
    inversion = base.invert(tw.Flows.from_frame(observed_of(market.frame(), 2)), period=2023)
    assert isinstance(inversion.wedges, pl.DataFrame)
    assert isinstance(inversion.shifts, pl.DataFrame)


def seen(frame: pd.DataFrame | None = None, **how: Any) -> tw.Flows:
    return tw.Flows.from_frame(observed_of(market.frame(), 1) if frame is None else frame, **how)


def invert(observed: Any, of: tw.Armington | None = None, **how: Any) -> tw.Inversion:
    return (of or model()).invert(observed, **{"period": 2023, **how})


HS = {"attrs": {"hs_revision": "HS17"}}
BAD: dict[str, tuple[Callable[[], Any], type[tw.TradewindsError], str]] = {
    "another currency": (lambda: invert(seen(unit="EUR")), tw.DataError, "in EUR, the baseline in USD"),
    "another period": (lambda: invert(seen(), period=2024), tw.DataError, "no period 2024 .* have 2023"),
    "another HS revision": (
        lambda: invert(
            seen(attrs={"hs_revision": "HS92"}),
            tw.Armington(
                tw.Flows.from_frame(market.frame(), **HS), period=2021, substitution=5, demand=-0.4, supply=0.3
            ),
        ),
        tw.DataError,
        "HS revision of the baseline is 'HS17', of the observed flows 'HS92'",
    ),
    "another HS revision of one commodity": (
        lambda: invert(
            seen(attrs={"hs_revision": {"crude": "HS17", "coal": "HS92"}}),
            tw.Armington(
                tw.Flows.from_frame(market.frame(), attrs={"hs_revision": {"crude": "HS92", "coal": "HS92"}}),
                period=2021,
                substitution=5,
                demand=-0.4,
                supply=0.3,
            ),
        ),
        tw.DataError,
        "HS revision for crude",
    ),
    "a commodity of the baseline's only": (
        lambda: invert(seen(observed_of(market.frame(), 1).query("commodity == 'crude'"))),
        tw.DataError,
        "only in the baseline: coal",
    ),
    "a commodity observed only": (
        lambda: invert(
            seen(
                pd.concat(
                    [f := observed_of(market.frame(), 1), f.query("commodity == 'crude'").assign(commodity="lng")]
                )
            )
        ),
        tw.DataError,
        "only in the observed flows: lng",
    ),
    "modes": (lambda: invert(tw.Flows.from_frame(market.frame(modes=True))), tw.DataError, "modes.*duplicates"),
    "no flows": (lambda: invert(market.frame()), tw.DataError, "observed is a DataFrame"),
    "spending at unitary demand": (
        lambda: invert(seen(), model(demand=-1.0), normalisation="shifters"),
        tw.DataError,
        'elasticity of -1 no cost changes it; use normalisation="prices"',
    ),
    "costs out of range": (
        lambda: invert(seen(), model(demand=-1.0001), normalisation="shifters"),
        tw.DataError,
        "beyond the range of numbers",
    ),
    "no such normalisation": (lambda: invert(seen(), normalisation="x"), tw.ModelError, "'x'; expected 'prices'"),
    "no such treatment of new flows": (lambda: invert(seen(), new_flows="x"), tw.ModelError, "new_flows is 'x'"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused(name: str) -> None:
    provoke, error, says = BAD[name]
    with pytest.raises(error, match=says):
        provoke()
