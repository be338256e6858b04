"""The spatial model from the front door."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tradewinds as tw

COSTS = {"A": [0, 3, 9], "B": [3, 0, 3], "C": [6, 3, 0]}
KEYS = ["exporter", "importer", "commodity", "mode"]


def curves(intercepts: list[float], slopes: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"country": list("ABC"), "commodity": "oil", "intercept": intercepts, "slope": slopes})


SUPPLY, DEMAND = curves([9, 3, 18], [1, 2, 1]), curves([42, 54, 51], [3, 2, 1])
ROUTES = pd.DataFrame(
    [(i, j, "oil", "sea", float(COSTS[i]["ABC".index(j)])) for i in COSTS for j in COSTS], columns=[*KEYS, "freight"]
)


def three(**how: Any) -> tw.Spatial:
    """Miranda & Fackler (2002)."""
    return tw.Spatial.from_curves(SUPPLY, DEMAND, ROUTES, **how)


def solve(model: tw.Spatial, *measures: tw.Measure, **how: Any) -> tw.SpatialResult:
    return model.solve(tw.Scenario("test", list(measures)), **how)


def crude(modes: bool = True) -> pd.DataFrame:
    """Three sellers, four buyers; Russia's pipeline goes to Hungary and Slovakia."""
    rows = [
        ("RUS", "DEU", "sea", 9.0, 475),
        ("RUS", "HUN", "pipe", 2.4, 470),
        ("RUS", "SVK", "pipe", 2.5, 468),
        ("RUS", "HUN", "sea", 0.6, 470),
        ("RUS", "CHN", "sea", 30.0, 482),
        ("SAU", "CHN", "sea", 40.0, 505),
        ("SAU", "DEU", "sea", 6.0, 500),
        ("NOR", "DEU", "sea", 12.0, 510),
        ("NOR", "SVK", "sea", 0.9, 512),
    ]
    made = pd.DataFrame(rows, columns=["exporter", "importer", "mode", "million", "price"])
    made["commodity"], made["quantity"] = "crude", made["million"] * 1e6
    made["value"] = made["quantity"] * made["price"]
    if not modes:
        keys = ["exporter", "importer", "commodity"]
        return made.groupby(keys, as_index=False)[["value", "quantity"]].sum()
    return made.drop(columns=["million", "price"])


UNUSED = pd.DataFrame(
    [("RUS", "CHN", "crude", "pipe", 25.0), ("SAU", "HUN", "crude", "sea", 14.0), ("NOR", "CHN", "crude", "sea", 30.0)],
    columns=[*KEYS, "freight"],
)
DRUZHBA = pd.DataFrame({"facility": ["Druzhba"], "exporter": ["RUS"], "mode": ["pipe"], "capacity": [30e6]})


def calibrated(**how: Any) -> tw.Spatial:
    flows = tw.Flows.from_frame(crude(), quantity_unit="t")
    given = {"demand": -0.4, "supply": 0.3, "freight": 5.0, "routes": UNUSED, "facilities": DRUZHBA, "price_level": 1.0}
    return tw.Spatial(flows, period=2021, **{**given, **how})


EMBARGO = tw.Ban(exporters="RUS", importers=["DEU", "HUN", "SVK"], modes="sea", name="embargo")


def test_miranda_and_fackler_come_out_as_printed() -> None:
    result = solve(three())
    # Printed to six decimals.
    np.testing.assert_allclose(result.prices["consumer_price"], [24.346154, 27.346154, 30.346154], atol=1e-6)
    np.testing.assert_allclose(result.prices["producer_price"], [24.346154, 27.346154, 30.346154], atol=1e-6)
    assert result.status.objective == pytest.approx(784.990385, abs=1e-6)


def wedges(routes: pd.DataFrame) -> pd.Series:
    names = ["export_tax", "freight", "outside_cost", "duty", "residual", "scarcity", "fleet_rent", "licence", "margin"]
    return routes[[*names, "cap_rent"]].sum(axis=1)


def rebuild(result: tw.SpatialResult, supply: Any, demand: Any) -> None:
    """Every condition of the equilibrium, from the frames and the curves alone, to 1e-6 relative."""
    routes = result.routes.dropna(subset=["consumer_price"])
    prices = result.prices.set_index("country")
    price = routes["consumer_price"]
    np.testing.assert_allclose(routes["producer_price"] + wedges(routes) - routes["slack"], price, rtol=1e-9)
    assert (routes["slack"] >= -1e-6 * price).all()
    bought = routes.groupby("importer", observed=True)["flow_after"].transform("sum")
    assert (routes["slack"] / price * routes["flow_after"] / bought <= 1e-6).all()
    assert (routes["flow_after"] >= 0).all()
    sides = ((supply, "exporter", "producer_price"), (demand, "importer", "consumer_price"))
    for curve, side, column in sides:
        for country, quantity in routes.groupby(side, observed=True)["flow_after"].sum().items():
            assert curve(country, quantity) == pytest.approx(prices.loc[country, column], rel=1e-6)
    facilities = result.facilities
    assert (facilities["use"] <= facilities["capacity"] * (1 + 1e-6)).all()
    assert (facilities["shadow_price"] >= 0).all()
    slack = 1 - facilities["use"] / facilities["capacity"]
    assert ((facilities["shadow_price"] == 0) | (slack <= 1e-6)).all()


def linear(country: str, quantity: float) -> float:
    place = "ABC".index(country)
    return float(SUPPLY["intercept"][place] + SUPPLY["slope"][place] * quantity)


def falling(country: str, quantity: float) -> float:
    place = "ABC".index(country)
    return float(DEMAND["intercept"][place] - DEMAND["slope"][place] * quantity)


@pytest.mark.parametrize(
    "measures",
    [
        [],
        [tw.Ban(exporters="A", importers="B")],
        [tw.Tariff(exporters="A", importers="B", rate=0.3), tw.ExportTax(exporters="B", rate=0.2)],
        [tw.Tariff(exporters="A", importers="B", specific=2.0), tw.ExportTax(exporters="B", specific=1.0)],
        [tw.Quota(exporters="A", importers="B", share=0.5)],
        [tw.Quota(exporters="B", importers="C", value=100, currency="USD", rent="exporter"), tw.Tariff(rate=0.1)],
        [tw.Quota(exporters="A", importers="B", share=0.5, beyond=0.1)],
        [tw.TradeCost(exporters="B", change=0.05), tw.TradeCost(exporters="C", specific=-0.5)],
        [tw.Capacity(facility="pipe", to=2.0)],
        [tw.PriceCap(exporters="A", price=15, outside_cost=4, outside_capacity=3)],
    ],
    ids=lambda measures: "+".join(type(measure).__name__ for measure in measures) or "none",
)
@pytest.mark.parametrize("conduct", [0.0, 0.5])
def test_the_conditions_hold_in_the_reported_frames(measures: list[tw.Measure], conduct: float) -> None:
    pipe = pd.DataFrame({"facility": ["pipe"], "exporter": ["A"], "importer": ["B"], "capacity": [8.0]})
    result = solve(three(facilities=pipe, conduct=conduct), *measures)
    certificate = result.certificate
    errors = certificate[["stationarity", "complementarity", "feasibility", "price_cap"]]
    assert (errors.to_numpy() <= 1e-6).all()
    rebuild(result, linear, falling)


@pytest.mark.parametrize("conduct", [None, {"CHN": 0.3}, 1.0], ids=["takes prices", "one buyer holds", "all hold"])
def test_with_no_measure_the_observed_flows_come_out(conduct: Any) -> None:
    flows = solve(calibrated(conduct=conduct)).flows
    observed = crude().set_index(KEYS)["quantity"]
    for row in flows.itertuples():
        wanted = observed.get((row.exporter, row.importer, row.commodity, row.mode), 0.0)
        # The calibration is exact: what is left is rounding, and no unused route opens at all.
        assert row.quantity_after == pytest.approx(wanted, rel=1e-6)
    assert (flows["value_after"] == flows["value_before"]).all()
    assert flows["value_observed"].sum() == pytest.approx(flows["value_before"].sum(), rel=1e-12)


def test_a_facility_that_is_full_in_the_baseline_has_a_rent_and_keeps_the_flows() -> None:
    full = DRUZHBA.assign(importer="SVK", capacity=2.5e6)
    # The delivered price of Slovakia is above what Russian oil costs there: the route is worth something.
    result = solve(calibrated(facilities=full))
    assert result.facilities["shadow_price"][0] > 0
    assert result.facilities["use"][0] == pytest.approx(2.5e6, rel=1e-9)
    np.testing.assert_allclose(result.flows["quantity_after"], result.flows["quantity_before"], rtol=1e-9)
    more = solve(calibrated(facilities=full), tw.Capacity(facility="Druzhba", to=4, unit="Mt"))
    assert more.facilities["capacity"][0] == 4e6
    assert more.facilities["use"][0] > 2.5e6


def test_an_embargo_at_sea_leaves_the_pipeline() -> None:
    result = solve(calibrated(), EMBARGO)
    after = result.flows.set_index(["exporter", "importer", "mode"])["quantity_after"]
    assert after["RUS", "DEU", "sea"] == 0 and after["RUS", "HUN", "sea"] == 0
    assert after["RUS", "HUN", "pipe"] > 0.9 * 2.4e6
    # Beyond the embargo more goes to China, also through a pipeline that was not used.
    assert after["RUS", "CHN", "sea"] + after["RUS", "CHN", "pipe"] > 30e6
    shift = result.share_shift("RUS", ["DEU", "HUN", "SVK"], "CHN")
    assert shift["away_shift"][0] < 0 < shift["toward_shift"][0]


def test_an_unused_route_opens_when_it_pays() -> None:
    cheaper = tw.TradeCost(exporters="SAU", importers="HUN", specific=-60)
    after = solve(calibrated(), cheaper).flows.set_index(["exporter", "importer"])
    assert after.loc[("SAU", "HUN"), "quantity_before"].sum() == 0
    assert after.loc[("SAU", "HUN"), "quantity_after"].sum() > 0


def test_an_infinite_cap_is_none_and_a_cap_of_zero_without_a_fleet_a_ban() -> None:
    model = calibrated()
    cap = tw.PriceCap(exporters="RUS", modes="sea", price=float("inf"), services_share=0.8, name="cap")
    scenario = tw.Scenario("capped", [EMBARGO, cap])
    plain = model.solve(scenario.without("cap"))
    pd.testing.assert_frame_equal(model.solve(scenario).routes, plain.routes, check_exact=True)
    none = solve(model, EMBARGO, tw.PriceCap(exporters="RUS", modes="sea", price=0, services_share=1.0))
    at_sea = none.flows[(none.flows["exporter"] == "RUS") & (none.flows["mode"] == "sea")]
    assert (at_sea["quantity_after"] == 0).all()


def test_a_cap_is_converted_and_has_a_regime() -> None:
    cap = tw.PriceCap(exporters="RUS", modes="sea", price=60, services_share=0.6, outside_cost=2.5)
    result = solve(calibrated(), EMBARGO, cap)
    row = result.price_caps.iloc[0]
    # 7.33 barrels a tonne, the usual rounding.
    assert row["price"] == pytest.approx(60 * 7.33)
    assert row["regime"] in range(5) and row["error"] <= 1e-6
    fleet = result.facilities.iloc[1]
    assert fleet["earned_by"] == "RUS" and fleet["capacity"] == pytest.approx(0.4 * 39.6e6)


def test_revenue_discount_and_the_ledger_add_up() -> None:
    cap = tw.PriceCap(exporters="RUS", modes="sea", price=60, services_share=0.6, outside_cost=2.5)
    result = solve(calibrated(), EMBARGO, cap, tw.ExportTax(exporters="RUS", rate=0.05))
    revenue = result.revenue("RUS").iloc[0]
    parts = revenue[["volume", "world_price", "discount", "freight"]].sum()
    assert parts == pytest.approx(revenue["change"], rel=1e-9)
    assert revenue["freight"] != 0
    discount = result.discount("RUS")
    names = ["destination", "freight", "residual", "scarcity", "margin", "cap_rent", "tax"]
    np.testing.assert_allclose(discount[names].sum(axis=1), discount["discount"], rtol=1e-9)
    gap = discount["reference_price"] - discount["netback"]
    np.testing.assert_allclose(gap, discount["discount"], rtol=1e-12)
    ledger = result.diversion("RUS", ["DEU", "HUN", "SVK"]).iloc[0]
    # Supply is rebuilt from its curve and its price, which meet to 1e-11 of all there is.
    assert ledger["lost"] == pytest.approx(ledger["redirected"] + ledger["not_produced"], rel=1e-6)
    by_destination = result.diversion("RUS", ["DEU", "HUN", "SVK"], by="destination")
    lost = by_destination.query("entry == 'lost'")["amount"].sum()
    assert lost == pytest.approx(ledger["lost"], rel=1e-12)


def test_welfare_adds_up_to_the_change_of_the_objective() -> None:
    model = calibrated()
    before = solve(model).status.objective
    tariff = tw.Tariff(exporters="RUS", importers="CHN", rate=0.2)
    for measures in ([tariff], [EMBARGO], [tw.Quota(exporters="RUS", importers="CHN", modes="sea", share=0.8)]):
        result = solve(model, *measures)
        assert before is not None and result.status.objective is not None
        change = result.status.objective - before
        # Areas beside curves against areas under them: prices and quantities meet to 1e-11.
        assert result.welfare()["total"].sum() == pytest.approx(change, rel=1e-6)
    cap = tw.PriceCap(exporters="RUS", modes="sea", price=45, services_share=0.6, outside_cost=2.5)
    result = solve(model, cap)
    row = result.price_caps.iloc[0]
    change = result.status.objective - before - row["outside"] * 2.5 * 7.33
    assert result.welfare()["total"].sum() == pytest.approx(change, rel=1e-6)


def test_capacities_have_dates_and_ramps() -> None:
    dated = pd.DataFrame(
        {"facility": "pipe", "exporter": "A", "importer": "B", "capacity": [4.0, 6.0], "start": [None, "2023-07-01"]}
    )
    model = three(facilities=dated)
    halves = solve(model, at=2023).facilities
    assert halves["capacity"].tolist() == [4.0, 6.0]
    assert halves["share_of_period"].tolist() == pytest.approx([181 / 365, 184 / 365])
    ramp = tw.Capacity(facility="pipe", to=1.0, ramp=[("2024-01-01", 0.5), ("2024-07-01", 1.0)])
    assert solve(model, ramp, at=2024).facilities["capacity"].tolist() == pytest.approx([3.5, 1.0])
    assert solve(model, ramp).facilities["capacity"].tolist() == [1.0]


def test_a_partial_ban_leaves_its_share_of_the_tonnes() -> None:
    result = solve(calibrated(), tw.Ban(exporters="SAU", importers="CHN", coverage=0.75))
    after = result.flows.set_index(["exporter", "importer"])["quantity_after"]
    assert after["SAU", "CHN"] == pytest.approx(10e6, rel=1e-9)


def test_buyers_who_lose_all_are_closed() -> None:
    result = solve(calibrated(), tw.Ban(importers="SVK"))
    closed = result.closed
    assert closed[["role", "country"]].to_numpy().tolist() == [["importer", "SVK"]]
    prices = result.prices.set_index("country")
    assert np.isinf(prices.loc["SVK", "consumer_price"])
    with pytest.raises(tw.InfeasibleError, match=r"SVK.*fixed"):
        solve(calibrated(demand=0.0), tw.Ban(importers="SVK"))


def test_both_models_stand_side_by_side() -> None:
    flows = tw.Flows.from_frame(crude(modes=False), quantity_unit="t")
    ban = tw.Scenario("ban", [tw.Ban(exporters="RUS", importers="DEU")])
    armington = tw.Armington(flows, period=2021, substitution=10, demand=-0.4, supply=0.3)
    spatial = tw.Spatial(flows, period=2021, demand=-0.4, supply=0.3)
    results = {"Armington": armington.solve(ban), "Spatial": spatial.solve(ban)}
    found = tw.compare(results, tw.ask("share_shift", exporter="RUS", away="DEU", toward="CHN"))
    assert found["model"].tolist() == ["Armington", "Spatial"]
    assert (found["away_after"] == 0).all() and (found["toward_shift"] > 0).all()


def test_a_sweep_and_a_pickle_are_the_same_solves() -> None:
    model = calibrated()
    scenarios = [tw.Scenario("embargo", [EMBARGO]), tw.Scenario("nothing", [])]
    swept = model.sweep(scenarios)
    alone = model.solve(scenarios[0])
    pd.testing.assert_frame_equal(swept["embargo"].routes, alone.routes, check_exact=True)
    assert swept.flows["scenario"].unique().tolist() == ["embargo", "nothing"]
    again = pickle.loads(pickle.dumps(alone))
    pd.testing.assert_frame_equal(again.routes, alone.routes, check_exact=True)


def test_a_cap_without_a_price_level_warns() -> None:
    cap = tw.PriceCap(exporters="RUS", modes="sea", price=60, services_share=0.6)
    with pytest.warns(UserWarning, match="price_level="):
        result = solve(calibrated(price_level=None), cap)
    assert len(result.attrs["warnings"]) == 1
    doubled = solve(calibrated(price_level={"crude": 2.0}), cap)
    assert doubled.attrs["warnings"] == []
    halved = solve(calibrated(), tw.PriceCap(exporters="RUS", modes="sea", price=30, services_share=0.6))
    np.testing.assert_allclose(doubled.routes["flow_after"], halved.routes["flow_after"], rtol=1e-6)


def frame(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(columns)


WRONG: dict[str, tuple[Any, type[Exception], str]] = {
    "no route": (
        lambda: calibrated(facilities=frame(facility=["x"], exporter=["NOR"], mode=["pipe"], capacity=[1.0])),
        tw.DataError,
        "facility 'x': no route uses it",
    ),
    "below the flow": (lambda: calibrated(facilities=DRUZHBA.assign(capacity=1e6)), tw.DataError, "above its capacity"),
    "negative freight": (lambda: calibrated(freight=-1.0), tw.DataError, "freight .* is -1.0"),
    "unserved": (
        lambda: tw.Spatial.from_curves(SUPPLY, DEMAND, ROUTES[ROUTES["importer"] != "C"]),
        tw.DataError,
        "no route from a seller leads to C",
    ),
    "units of values": (
        lambda: tw.Spatial(
            tw.Flows.from_frame(crude().assign(quantity=lambda d: d["quantity"].where(d.index > 0, 9e3))),
            period=2021,
            demand=-0.3,
            supply=0.2,
        ),
        tw.DataError,
        "factor of 1,000",
    ),
    "units of freight": (lambda: calibrated(freight=20_000.0), tw.DataError, "factor of 1,000"),
    "units of curves": (
        lambda: tw.Spatial.from_curves(SUPPLY.assign(intercept=lambda d: 1000 * d["intercept"]), DEMAND, ROUTES),
        tw.DataError,
        "factor of 1,000",
    ),
    "unbounded": (
        lambda: tw.Spatial.from_curves(SUPPLY.assign(slope=0.0), DEMAND.assign(slope=0.0), ROUTES),
        tw.InfeasibleError,
        "unbounded",
    ),
    "a wrong slope": (
        lambda: tw.Spatial.from_curves(SUPPLY, DEMAND.assign(slope=-1.0), ROUTES),
        tw.DataError,
        "slope -1.0",
    ),
    "a split": (
        lambda: tw.Spatial(
            tw.Flows.from_frame(crude(modes=False)),
            period=2021,
            demand=-0.3,
            supply=0.2,
            routes=frame(exporter=["RUS"] * 2, importer=["CHN"] * 2, commodity=["crude"] * 2, mode=["sea", "pipe"]),
        ),
        tw.DataError,
        "not split",
    ),
    "an uncertain price level": (
        lambda: calibrated(price_level=tw.uniform(1, 2)),
        tw.DataError,
        r"price_level is uniform\(1, 2\), and can't be uncertain",
    ),
    "an uncertain price level of a commodity": (
        lambda: calibrated(price_level={"crude": tw.uniform(1, 2)}),
        tw.DataError,
        "can't be uncertain",
    ),
    "a price level in words": (lambda: calibrated(price_level="high"), tw.DataError, "price_level is 'high'; expected"),
    "uncertain conduct": (
        lambda: calibrated(conduct={"CHN": tw.uniform(0, 1)}),
        tw.DataError,
        r"conduct of 'CHN' is uniform\(0, 1\)",
    ),
    "a positive demand": (lambda: calibrated(demand=0.4), tw.DataError, "demand for crude"),
    "conduct": (lambda: calibrated(conduct=2.0), tw.DataError, "conduct is 2.0"),
    "an unknown facility": (
        lambda: solve(calibrated(), tw.Capacity(facility="Drushba", to=1.0)),
        tw.ScenarioError,
        "Did you mean 'Druzhba'",
    ),
    "another currency": (
        lambda: solve(calibrated(), tw.PriceCap(exporters="RUS", price=60, currency="EUR", services_share=0.5)),
        tw.ScenarioError,
        "EUR",
    ),
    "another unit": (
        lambda: solve(calibrated(), tw.PriceCap(exporters="RUS", price=60, per="MWh", services_share=0.5)),
        tw.ScenarioError,
        "per MWh",
    ),
    "no fleet": (
        lambda: solve(calibrated(), tw.PriceCap(exporters="RUS", price=60)),
        tw.ScenarioError,
        "outside_capacity",
    ),
    "modes": (
        lambda: solve(
            tw.Spatial(tw.Flows.from_frame(crude(modes=False)), period=2021, demand=-0.3, supply=0.2), EMBARGO
        ),
        tw.ScenarioError,
        "no modes",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_bad_input_is_refused_with_what_to_do(name: str) -> None:
    attempt, error, text = WRONG[name]
    with pytest.raises(error, match=text):
        attempt()


def test_a_route_that_could_not_be_used_opens_when_it_is_built() -> None:
    """What it would have earned is the scarcity of what was not there, not a margin of its own."""
    unused = UNUSED.assign(freight=[5.0, 14.0, 30.0])
    line = pd.DataFrame({"facility": ["line"], "exporter": ["RUS"], "importer": ["CHN"], "mode": ["pipe"]})
    built = tw.Capacity(facility="line", to=1.0, unit="Mt")

    def shipped(capacity: float, *measures: tw.Measure) -> float:
        facilities = pd.concat([DRUZHBA, line.assign(capacity=capacity)])
        flows = solve(calibrated(routes=unused, facilities=facilities), *measures).flows
        return float(flows.query("exporter == 'RUS' and importer == 'CHN' and mode == 'pipe'")["quantity_after"].sum())

    assert shipped(0.0) == 0.0
    assert shipped(0.0, built) > 1e5
    # It was there and nobody used it: it does not pay.
    assert shipped(1e6) == 0.0
