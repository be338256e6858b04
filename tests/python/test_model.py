"""The Armington model against a reference of its own kind, a printed table, and cases that must collapse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from problems import Problem, harsh, matrix, problem, table
from problems import model as build_model
from problems import scenario as build_scenario
from reference import Market, equilibrium
from scipy.optimize import brentq

import tradewinds as tw

SEEDS = range(30)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_exact_solve_agrees_with_an_independent_one(seed: int) -> None:
    given = problem(seed)
    result = given.model.solve(given.scenario)
    prices = result.prices.astype({"country": str, "commodity": str}).set_index(["commodity", "country"])
    for k, market in given.markets.items():
        want = equilibrium(market)
        mine = prices.loc[k].reindex(given.countries)
        sells, buys = market.value.any(1), market.value.any(0)
        np.testing.assert_allclose(mine["producer_price"][sells], want.price[sells], rtol=given.tolerance)
        np.testing.assert_allclose(mine["price_index"][buys], want.index[buys], rtol=given.tolerance)
        value = matrix(result.flows, "value_after", k, given.countries)
        scale = market.value.sum()
        np.testing.assert_allclose(value, want.border_value, rtol=0, atol=given.tolerance * scale * 10)


@pytest.mark.parametrize("seed", SEEDS)
def test_surpluses_are_those_of_the_reference(seed: int) -> None:
    given = problem(seed)
    welfare = given.model.solve(given.scenario).welfare(by="country_commodity", choke=7.0).set_index("commodity")
    for k, market in given.markets.items():
        want = equilibrium(market)
        mine = welfare.loc[k].set_index("country").reindex(given.countries).fillna(0.0)
        spent, received = (market.value * market.tariff_before).sum(0), market.value.sum(1)
        index = np.minimum(want.index, 7.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            power = 1 + market.eta
            area = np.where(power == 0, np.log(index), (index**power - 1) / power)
            consumer = -market.demand_shift * spent * area
            producer = np.where(
                np.isinf(market.epsilon),
                0.0,
                market.supply_shift * received * (want.price ** (1 + market.epsilon) - 1) / (1 + market.epsilon),
            )
            shift = np.where(np.isinf(market.epsilon), 0.0, received * (market.supply_shift - 1) / (1 + market.epsilon))
        duty = ((market.tariff_after - 1) * want.border_value - (market.tariff_before - 1) * market.value).sum(0)
        tax = ((market.export_tax - 1) * want.receipts).sum(1)
        scale = market.value.sum() * 10
        for column, wanted in (
            ("consumer", consumer),
            ("producer", producer),
            ("shift", shift),
            ("government", duty + tax),
        ):
            np.testing.assert_allclose(mine[column], wanted, rtol=0, atol=given.tolerance * scale, err_msg=column)


def gsim() -> dict:
    return json.loads((Path(__file__).parent.parent / "oracles" / "gsim.json").read_text(encoding="utf-8"))


def test_first_order_reproduces_the_printed_gsim_example() -> None:
    oracle = gsim()
    names = oracle["countries"]
    trade, power = np.array(oracle["trade"]), np.array(oracle["tariff_power"])
    i, j = np.nonzero(trade)
    keys = {"exporter": np.array(names)[i], "importer": np.array(names)[j], "commodity": "good"}
    flows = tw.Flows.from_frame(pd.DataFrame({**keys, "value": trade[i, j]}), countries="as_is")
    tariffs = pd.DataFrame({**keys, "tariff": power[i, j] - 1})
    model = tw.Armington(
        flows,
        period=2003,
        substitution=oracle["substitution"],
        demand=oracle["demand"],
        supply=oracle["supply"],
        tariffs=tariffs,
    )
    free = [tw.Tariff(exporters=a, importers=b, rate_to=0.0) for a, b in (("US", "EU"), ("EU", "US"))]
    result = model.solve(tw.Scenario("free trade between US and EU", free), order=1)
    prices = result.prices.astype({"country": str}).set_index("country")["producer_price"].reindex(names)
    change = matrix(result.flows.assign(change=_relative), "change", "good", names)
    # The oracle is printed to 16 digits; a linear system of 4 loses a few.
    np.testing.assert_allclose(prices - 1, oracle["price_change"], atol=1e-10)
    np.testing.assert_allclose(change[trade > 0], np.array(oracle["quantity_change"])[trade > 0], atol=1e-10)
    np.testing.assert_allclose(matrix(result.flows, "value_after", "good", names), oracle["trade_new"], rtol=1e-10)


def _relative(flows: pd.DataFrame) -> pd.Series:
    return flows["quantity_after"] / flows["quantity_before"] - 1


HALF_YEAR = np.array([[50.0, 20, 1, 29], [60, 30, 40, 50], [40, 40, 60, 80]])


def half_year() -> tw.Armington:
    i, j = np.nonzero(HALF_YEAR)
    names = np.array(["1", "2", "3", "4"])
    frame = pd.DataFrame({"exporter": names[i], "importer": names[j], "commodity": "x", "value": HALF_YEAR[i, j]})
    flows = tw.Flows.from_frame(frame.assign(quantity=frame["value"]), countries="as_is", quantity_unit="t")
    return tw.Armington(flows, period=2021, substitution=10, demand=-0.13, supply=0.05)


@pytest.mark.parametrize(("exposure", "share"), [("segments", 0.250), ("average", 0.380)])
def test_half_a_year_of_a_ban_mixes_equilibria_not_availabilities(exposure: str, share: float) -> None:
    ban = tw.Ban(exporters="1", importers="1", start="2024-07-02")
    result = half_year().solve(tw.Scenario("half", [ban]), at=2024, exposure=exposure)
    shares = result.shares("1").set_index("importer")
    # The published figures have three digits.
    assert shares.loc["1", "after"] == pytest.approx(share, abs=5e-4)
    assert set(shares["basis"]) == {"quantity"}


@pytest.mark.parametrize("seed", SEEDS)
def test_measures_of_size_zero_pass_through_the_solver_and_change_nothing(seed: int) -> None:
    given = problem(seed)
    nothing = [tw.Tariff(rate=0.0), tw.ExportTax(rate=0.0), tw.TradeCost(change=0.0), tw.Ban(coverage=0.0)]
    result = given.model.solve(tw.Scenario("nothing", nothing))
    assert result.status.iterations > 0
    # Rounding of sums of a dozen terms near 1, amplified by 1/(1 − modulus) like any residual.
    tolerance = 1e-12 * given.tolerance / 1e-9
    np.testing.assert_allclose(result.flows["value_after"], result.flows["value_before"], rtol=tolerance)
    np.testing.assert_allclose(result.prices["producer_price"].dropna(), 1, rtol=tolerance)
    np.testing.assert_allclose(result.prices["price_index"].dropna(), 1, rtol=tolerance)


@pytest.mark.parametrize("seed", SEEDS)
def test_reordering_countries_changes_next_to_nothing(seed: int) -> None:
    given = problem(seed)
    other = dict(zip(given.countries, [f"Z{9 - place}" for place in range(len(given.countries))], strict=True))
    renamed = given.model.flows.to_frame().astype({"exporter": str, "importer": str})
    renamed = renamed.assign(exporter=renamed["exporter"].map(other), importer=renamed["importer"].map(other))
    model = renamed_model(given, renamed, other)
    measures = [
        type(m)(**{**_fields(m), "exporters": _renamed(m.exporters, other), "importers": _renamed(m.importers, other)})
        for m in given.scenario.measures
    ]
    mine = given.model.solve(given.scenario).flows.astype({"exporter": str, "importer": str, "commodity": str})
    theirs = model.solve(tw.Scenario("renamed", measures)).flows.astype(
        {"exporter": str, "importer": str, "commodity": str}
    )
    mine = mine.assign(exporter=mine["exporter"].map(other), importer=mine["importer"].map(other))
    keys = ["commodity", "exporter", "importer"]
    both = mine.merge(theirs, on=keys, suffixes=("", "_other"))
    assert len(both) == len(mine)
    # Sums are taken in another order; 1e-10 of the total, scaled like the solve's own error.
    tolerance = 1e-10 * given.tolerance / 1e-9 * both["value_before"].sum()
    np.testing.assert_allclose(both["value_after"], both["value_after_other"], rtol=0, atol=tolerance)


def renamed_model(given: Problem, frame: pd.DataFrame, other: dict[str, str]) -> tw.Armington:
    names = [other[name] for name in given.countries]
    tariffs = [
        (names[i], names[j], k, m.tariff_before[i, j] - 1)
        for k, m in given.markets.items()
        for i, j in np.argwhere(m.value)
    ]
    return tw.Armington(
        tw.Flows.from_frame(frame, countries="as_is"),
        period=2021,
        substitution={k: m.sigma for k, m in given.markets.items()},
        demand=table(names, given.markets, "demand"),
        supply=table(names, given.markets, "supply"),
        tariffs=pd.DataFrame(tariffs, columns=["exporter", "importer", "commodity", "tariff"]),
    )


def _fields(measure: tw.Measure) -> dict:
    return {name: value for name, value in measure.record().items() if name != "verb"}


def _renamed(terms: object, other: dict[str, str]) -> list[str]:
    return [other.get(term, term) for term in terms]  # type: ignore[attr-defined]


def small(**elasticities: object) -> tw.Armington:
    frame = pd.DataFrame(
        [("RUS", "DEU", 40.0), ("RUS", "CHN", 60.0), ("SAU", "CHN", 50.0)], columns=["exporter", "importer", "value"]
    )
    flows = tw.Flows.from_frame(frame.assign(commodity="crude"))
    return tw.Armington(flows, period=2021, **{"substitution": 5, "demand": -0.5, "supply": 0.0, **elasticities})


def test_a_total_ban_is_no_error_and_lists_everybody() -> None:
    result = small().solve(tw.Scenario("total", [tw.Ban()]))
    assert result.status.converged
    closed = result.closed.set_index(["role", "country"])
    assert set(closed.index) == {("exporter", "RUS"), ("exporter", "SAU"), ("importer", "DEU"), ("importer", "CHN")}
    # Supply is fixed, so what was produced is left unsold.
    assert closed.loc[("exporter", "RUS"), "unsold"] == 100.0
    assert (result.flows["value_after"] == 0).all()
    assert set(result.prices["producer_price"].dropna()) == {0.0}
    assert np.isinf(result.prices["price_index"].dropna()).all()
    welfare = result.welfare().set_index("country")
    assert welfare.loc["RUS", "producer"] == -100.0


def test_a_ban_is_a_structural_zero_even_at_prohibitive_costs_elsewhere() -> None:
    measures = [tw.Ban(exporters="RUS", importers="DEU"), tw.TradeCost(exporters="SAU", change=1e60)]
    result = small(supply=1.0).solve(tw.Scenario("hard", measures))
    flow = result.flows.astype(str).query("exporter == 'RUS' and importer == 'DEU'")
    assert float(flow["value_after"].iloc[0]) == 0.0
    assert result.status.residual < 1e-9


def test_fixed_supply_and_fixed_demand_together_are_infeasible_and_named() -> None:
    with pytest.raises(tw.InfeasibleError, match=r"crude.*supply 0 and demand 0") as caught:
        small(demand=0, supply=0).solve(tw.Scenario("x", [tw.Tariff(rate=0.1)]))
    assert caught.value.countries == ["CHN", "DEU", "RUS", "SAU"]


def test_modes_are_varieties_of_their_own() -> None:
    frame = pd.DataFrame(
        [("RUS", "HUN", "sea", 10.0), ("RUS", "HUN", "pipeline", 30.0), ("RUS", "CHN", "sea", 60.0)],
        columns=["exporter", "importer", "mode", "value"],
    )
    flows = tw.Flows.from_frame(frame.assign(commodity="crude"))
    model = tw.Armington(flows, period=2021, substitution=5, demand=-0.5, supply=0.5)
    result = model.solve(tw.Scenario("sea", [tw.Ban(exporters="RUS", importers="HUN", modes="sea")]))
    after = result.flows.astype({"mode": str, "importer": str}).set_index(["importer", "mode"])["value_after"]
    assert after["HUN", "sea"] == 0.0
    assert after["HUN", "pipeline"] > 30.0


@pytest.mark.parametrize(
    ("at", "banned"), [(2021, 0.0), ("2022-12-04", 0.0), ("2022-12-05", 1.0), ("2022Q4", 27 / 92), ("2022-12", 27 / 31)]
)
def test_at_counts_days(at: object, banned: float) -> None:
    ban = tw.Ban(exporters="RUS", importers="DEU", start="2022-12-05")
    result = small(supply=np.inf, demand=-1.0).solve(tw.Scenario("dated", [ban]), at=at)
    flow = result.flows.astype({"importer": str, "exporter": str}).set_index(["exporter", "importer"])
    # Supply is infinitely elastic: nothing else moves, and the flow is the share of days without the ban.
    assert flow.loc[("RUS", "DEU"), "value_after"] == pytest.approx(40 * (1 - banned), rel=1e-12)


def test_a_market_of_one_pair_has_a_closed_form() -> None:
    frame = pd.DataFrame({"exporter": ["A"], "importer": ["B"], "commodity": ["x"], "value": [100.0]})
    flows = tw.Flows.from_frame(frame, countries="as_is")
    model = tw.Armington(flows, period=2021, substitution=4, demand=-0.7, supply=0.4)
    price = model.solve(tw.Scenario("duty", [tw.Tariff(rate=0.25)])).prices.set_index("country")
    # (p T)^η = p^ε, so p = T^(η/(ε − η)); one power and one division away.
    assert price.loc["A", "producer_price"] == pytest.approx(1.25 ** (-0.7 / 1.1), rel=1e-13)


def test_the_reference_notices_a_wrong_elasticity() -> None:
    given = problem(3)
    k, market = next(iter(given.markets.items()))
    wrong = Market(**{**market.__dict__, "sigma": market.sigma + 0.5})
    value = matrix(given.model.solve(given.scenario).flows, "value_after", k, given.countries)
    assert np.abs(value - equilibrium(wrong).border_value).max() > 1e-3 * market.value.sum() / market.value.size


@pytest.mark.parametrize("make", [problem, harsh])
@pytest.mark.parametrize("seed", range(40))
def test_every_flow_however_small_is_that_of_the_reference(seed: int, make: Callable[[int], Problem]) -> None:
    given = make(seed)
    result = given.model.solve(given.scenario)
    for k, market in given.markets.items():
        want = equilibrium(market)
        shipped = want.shipped * given.quantities[k]
        for column, wanted in (
            ("value_after", want.border_value),
            ("quantity_after", shipped),
            ("quantity_arrived", shipped / market.cost),
        ):
            found = matrix(result.flows, column, k, given.countries)
            # Flow by flow, so that a small one can't hide behind the market; a closed one is 0 to the last bit.
            np.testing.assert_allclose(found, wanted, rtol=given.tolerance, atol=0, err_msg=column)


@pytest.mark.parametrize("seed", range(40))
def test_who_lost_every_partner_is_listed_at_price_0_or_infinity_and_nobody_else_is(seed: int) -> None:
    given = harsh(seed)
    result = given.model.solve(given.scenario)
    prices = result.prices.astype({"country": str, "commodity": str}).set_index(["commodity", "country"])
    listed = result.closed.astype(str)
    for k, market in given.markets.items():
        sells, buys = market.value.any(1), market.value.any(0)
        out, cut = sells & ~market.open.any(1), buys & ~market.open.any(0)
        names = np.array(given.countries)
        want = {("exporter", name) for name in names[out]} | {("importer", name) for name in names[cut]}
        mine = listed[listed["commodity"] == k]
        assert set(zip(mine["role"], mine["country"], strict=True)) == want
        price = prices.loc[k].reindex(names)
        assert (price["producer_price"][out] == 0).all()
        assert (price["producer_price"][sells & ~out] > 0).all()
        assert np.isposinf(price["price_index"][cut]).all()
        assert np.isfinite(price["price_index"][buys & ~cut]).all()
        # Who never sold or bought has no price at all.
        assert price["producer_price"][~sells].isna().all()
        assert price["price_index"][~buys].isna().all()


@pytest.mark.parametrize("epsilon", [0.0, 0.05, 1.5])
def test_a_closed_exporter_loses_its_surplus_and_only_fixed_supply_is_left_unsold(epsilon: float) -> None:
    result = small(supply=epsilon).solve(tw.Scenario("out", [tw.Ban(exporters="RUS")]))
    producer = result.welfare().set_index("country").loc["RUS", "producer"]
    assert producer == pytest.approx(-100 / (1 + epsilon), rel=1e-15)
    unsold = result.closed.set_index(["role", "country"]).loc[("exporter", "RUS"), "unsold"]
    assert unsold == (100.0 if epsilon == 0 else 0.0)
    ledger = result.diversion("RUS", "*").iloc[0]
    assert (ledger["lost"], ledger["redirected"], ledger["not_produced"]) == (100.0, 0.0, 100.0)


def test_no_measures_change_nothing_to_the_last_bit() -> None:
    given = problem(0)
    result = given.model.solve(tw.Scenario("nothing"))
    for before, after in (("value_before", "value_after"), ("quantity_before", "quantity_after")):
        np.testing.assert_allclose(result.flows[after], result.flows[before], rtol=1e-15)
    assert len(result.wedges) == len(result.shifts) == len(result.closed) == 0
    # Prices are 1 but for the rounding of shares that add up to 1, a solve's own stopping rule apart.
    assert np.abs(result.prices[["producer_price", "price_index"]] - 1).max(axis=None) < 1e-12


def rigid(z: float, b: float, eta: float = -30.0, sigma: float = 10.0) -> tuple[tw.Result, float]:
    """One seller of fixed supply, a buyer of elastic and one of fixed demand; ln p by brute force."""
    frame = pd.DataFrame([("S", "A", 40.0), ("S", "B", 60.0)], columns=["exporter", "importer", "value"])
    demand = pd.DataFrame({"commodity": "x", "country": ["A", "*"], "demand": [eta, 0.0]})
    flows = tw.Flows.from_frame(frame.assign(commodity="x"), countries="as_is")
    model = tw.Armington(flows, period=2021, substitution=sigma, demand=demand, supply=0.0)
    shifts = [tw.Shift(exporters="S", supply=z), tw.Shift(importers="B", demand=b)]
    log_price = brentq(lambda x: 40 * np.exp(eta * x) + 60 * b - 100 * z, -20, 20, xtol=1e-15)
    return model.solve(tw.Scenario("rigid", shifts)), log_price


@pytest.mark.parametrize(
    ("z", "b", "eta"), [(1.2, 0.8, -30.0), (0.9, 1.0, -30.0), (1.5, 0.5, -0.13), (0.7, 1.0, -0.13)]
)
def test_fixed_supply_and_one_buyer_s_fixed_demand_have_the_equilibrium_of_a_line(
    z: float, b: float, eta: float
) -> None:
    result, log_price = rigid(z, b, eta)
    found = np.log(result.prices.set_index("country").loc["S", "producer_price"])
    # Modulus 1 where demand is fixed: the stop is at rounding, magnified by about 1/(share x eta) = 20.
    assert found == pytest.approx(log_price, abs=1e-11)


@pytest.mark.parametrize(
    ("value", "sigma", "eta", "b"),
    [([[0, 2.6], [3.3, 272.3]], 5.0, -30.0, 1.0), ([[0, 11.6], [5.0, 104.4]], 5.0, -15.0, 0.8)],
)
def test_an_equilibrium_that_exists_is_found_although_the_first_iterations_run_away(
    value: list[list[float]], sigma: float, eta: float, b: float
) -> None:
    # Fixed supply, a very elastic and a fixed buyer, half of one flow banned: prices of 0.7 and 0.8 clear it.
    market = Market(
        np.array(value, dtype=float),
        sigma,
        np.array([eta, 0.0]),
        np.zeros(2),
        availability=np.array([[1.0, 1.0], [0.5, 1.0]]),
        demand_shift=np.array([1.0, b]),
    )
    names, markets = ["C0", "C1"], {"K0": market}
    made = build_model(names, markets, {"K0": market.value})
    prices = made.solve(build_scenario(names, markets)).prices.set_index("country")["producer_price"]
    # The stop is at rounding; what fixed demand magnifies it by is at most total over elastic trade, 83.
    np.testing.assert_allclose(prices.reindex(names), equilibrium(market).price, rtol=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_a_flow_split_by_mode_is_the_flow_again_where_no_measure_names_a_mode(seed: int) -> None:
    given = problem(seed)
    whole = given.model.flows.to_frame().astype({"exporter": str, "importer": str, "commodity": str})
    share = np.random.default_rng(seed).uniform(0.1, 0.9, len(whole))
    parts = [
        whole.assign(mode=mode, value=whole["value"] * part, quantity=whole["quantity"] * part)
        for mode, part in (("sea", share), ("pipe", 1 - share))
    ]
    split = renamed_model(given, pd.concat(parts), {name: name for name in given.countries})
    keys = ["commodity", "exporter", "importer"]
    found = split.solve(given.scenario).flows.astype(dict.fromkeys(keys, str)).groupby(keys)["value_after"].sum()
    want = given.model.solve(given.scenario).flows.astype(dict.fromkeys(keys, str)).set_index(keys)["value_after"]
    # Varieties of one origin have one price, so their weights add up; a sum of two roundings a flow.
    np.testing.assert_allclose(found.reindex(want.index), want, rtol=given.tolerance)


def test_a_substitution_has_one_source_a_commodity() -> None:
    flows = tw.datasets.load("energy")
    table = tw.datasets.elasticities(import_share="bundled", export_share="bundled")
    model = tw.Armington(flows, period=2021, substitution=table, demand=table, supply=table)
    sources = model.solve(tw.Scenario("none")).sources()
    mine = sources[sources["input"] == "substitution"]
    assert mine["commodity"].to_list() == sorted(flows.commodities)
    assert (mine["country"] == "*").all()
