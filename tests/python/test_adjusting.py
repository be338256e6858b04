"""Curves that adjust: against the recursion solved step by step by scipy, and where it must collapse."""

from __future__ import annotations

import pickle
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from market import flows, model
from scipy.optimize import root

import tradewinds as tw

MEASURES = [
    tw.Ban(exporters="A", importers="X", coverage=0.8, start="2024-02-11"),
    tw.Tariff(exporters="B", importers="Y", rate=0.25, start="2024-03-01", end="2024-04-15"),
    tw.Shift(exporters="C", supply=0.9, start="2024-04-01"),
]
SCENARIO = tw.Scenario("dated", MEASURES)
MONTHS = [f"2024-{month:02}" for month in range(1, 7)]
SELLERS, BUYERS = ["A", "B", "C"], ["X", "Y", "Z"]
VALUES = np.array([[50.0, 20, 10], [30, 60, 20], [15, 25, 40]])
ELASTICITIES = {
    "substitution": (2.5, 6.0, 1.5),
    "demand": (-0.2, -0.9, 2.0),
    "supply": (0.1, 1.2, 0.75),
}
LENGTHS = {2023: 365, 2024: 366}


def market(**given: Any) -> tw.Armington:
    rows = [(i, j, VALUES[a, b]) for a, i in enumerate(SELLERS) for b, j in enumerate(BUYERS)]
    made = pd.DataFrame(rows, columns=["exporter", "importer", "value"]).assign(commodity="good")
    plain = {name: short for name, (short, _, _) in ELASTICITIES.items()}
    return tw.Armington(tw.Flows.from_frame(made, countries="as_is"), period=2023, **{**plain, **given})


def adjusting(*names: str) -> dict[str, Any]:
    return {name: tw.adjusting(*ELASTICITIES[name]) for name in names}


def expected(names: tuple[str, ...]) -> list[tuple[str, float, dict[str, np.ndarray]]]:
    """By segment: its first day, its days, flows in value: the raw equations, roots found by scipy."""
    cuts = ["2024-01-01", "2024-02-01", "2024-02-11", "2024-03-01", "2024-04-01", "2024-04-16", "2024-05-01"]
    days = [pd.Timestamp(cut) for cut in [*cuts, "2024-06-01", "2024-07-01"]]
    short = {name: ELASTICITIES[name][0] for name in ELASTICITIES}
    gap = {name: ELASTICITIES[name][1] - short[name] if name in names else 0.0 for name in ELASTICITIES}
    k, b, w = np.ones(3), np.ones(3), np.ones((3, 3))
    spent, received = VALUES.sum(axis=0), VALUES.sum(axis=1)
    share = VALUES / spent
    found = []
    for first, after in pairwise(days):
        years = (after - first).days / 366
        speed = {name: 1 - 2 ** (-years / ELASTICITIES[name][2]) for name in ELASTICITIES}
        a, tariff, z = np.ones((3, 3)), np.ones((3, 3)), np.ones(3)
        a[0, 0] = 0.2 if first >= pd.Timestamp("2024-02-11") else 1.0
        tariff[1, 1] = 1.25 if pd.Timestamp("2024-03-01") <= first < pd.Timestamp("2024-04-16") else 1.0
        z[2] = 0.9 if first >= pd.Timestamp("2024-04-01") else 1.0

        def state(
            x: np.ndarray, tariff: np.ndarray = tariff, speed: dict[str, float] = speed,
            k: np.ndarray = k, b: np.ndarray = b, w: np.ndarray = w,
        ) -> Any:  # fmt: skip
            p, index = np.exp(x[:3]), np.exp(x[3:])
            price = p[:, None] * tariff
            supply = k ** (1 - speed["supply"]) * p ** (speed["supply"] * gap["supply"])
            demand = b ** (1 - speed["demand"]) * index ** (speed["demand"] * gap["demand"])
            weight = w ** (1 - speed["substitution"]) * (price / index) ** (
                -speed["substitution"] * gap["substitution"]
            )
            return p, index, price, supply, demand, weight

        def spending(x: np.ndarray, a: np.ndarray = a, state: Any = state) -> np.ndarray:
            _, index, price, _, demand, weight = state(x)
            sigma, eta = short["substitution"], short["demand"]
            return VALUES * a * weight * price ** (1 - sigma) * index ** (sigma + eta) * demand

        def errors(
            x: np.ndarray, a: np.ndarray = a, z: np.ndarray = z, tariff: np.ndarray = tariff,
            state: Any = state, spending: Any = spending,
        ) -> np.ndarray:  # fmt: skip
            p, index, price, supply, _, weight = state(x)
            sigma = short["substitution"]
            supplied = received * z * supply * p ** (1 + short["supply"])
            cleared = np.log((spending(x) / tariff).sum(axis=1) / supplied)
            indices = np.log((share * a * weight * price ** (1 - sigma)).sum(axis=0)) - (1 - sigma) * np.log(index)
            return np.concatenate([cleared, indices])

        solved = root(errors, np.zeros(6), tol=1e-13)
        assert np.abs(errors(solved.x)).max() < 1e-11
        _, _, _, k, b, w = state(solved.x)
        value = spending(solved.x) / tariff
        found.append((str(first.date()), float((after - first).days), {"value": value, "k": k, "b": b}))
    return found


@pytest.mark.parametrize(
    "names", [("supply",), ("demand",), ("substitution",), ("substitution", "demand", "supply")], ids="+".join
)
def test_every_segment_is_a_step_of_the_recursion(names: tuple[str, ...]) -> None:
    path = market(**adjusting(*names)).path(SCENARIO, MONTHS)
    segments = expected(names)
    for month in MONTHS:
        mine = [segment for segment in segments if segment[0].startswith(month)]
        mean = sum(days * solved["value"] for _, days, solved in mine) / sum(days for _, days, _ in mine)
        table = path[month].flows.pivot(index="exporter", columns="importer", values="value_after")
        # Both solve to about 1e-12 in log prices; flows react by σ, a dozen segments add up.
        np.testing.assert_allclose(table.loc[SELLERS, BUYERS].to_numpy(float), mean, rtol=1e-9)
    if set(names) >= {"supply", "demand"}:
        last = path["2024-06"].shifts.set_index("country")
        np.testing.assert_allclose(last.loc[SELLERS, "supply_shift"], segments[-1][2]["k"] * [1, 1, 0.9], rtol=1e-9)
        np.testing.assert_allclose(last.loc[BUYERS, "demand_shift"], segments[-1][2]["b"], rtol=1e-9)
    certificate = path.certificate
    # A row a segment; supply and demand rebuilt with the shifted short-run curves.
    assert len(certificate) == len(segments)
    assert certificate[["market_clearing", "demand"]].to_numpy().max() < 1e-10
    assert certificate.groupby("period", observed=True)["share_of_period"].sum().to_numpy() == pytest.approx(1.0)


def test_a_path_does_not_depend_on_where_it_begins() -> None:
    of = market(**adjusting("substitution", "demand", "supply"))
    whole, late = of.path(SCENARIO, MONTHS), of.path(SCENARIO, MONTHS[3:])
    for month in MONTHS[3:]:
        pd.testing.assert_frame_equal(late[month].flows, whole[month].flows, check_exact=True)
        pd.testing.assert_frame_equal(late[month].shifts, whole[month].shifts, check_exact=True)


def test_short_equal_to_long_is_the_sequence_of_static_solves() -> None:
    same = {name: tw.adjusting(short, short, half_life) for name, (short, _, half_life) in ELASTICITIES.items()}
    plain = market()
    for period, result in market(**same).path(SCENARIO, MONTHS).results.items():
        pd.testing.assert_frame_equal(result.flows, plain.solve(SCENARIO, at=period).flows, check_exact=True)


@pytest.mark.parametrize("start", [None, "2024-01-01", "2029-05-17"])
def test_it_tends_to_the_long_run_whenever_a_measure_starts(start: str | None) -> None:
    scenario = tw.Scenario("tariff", [tw.Tariff(exporters="A", rate=0.3, start=start)])
    path = market(**adjusting("substitution", "demand", "supply")).path(scenario, range(2024, 2100))
    long = {name: long for name, (_, long, _) in ELASTICITIES.items()}
    wanted = market(**long).solve(scenario).flows["value_after"]
    # Seventy years are 35 half-lives of the slowest: 2^-35 is 3e-11, times elasticities and the gap.
    np.testing.assert_allclose(path[2099].flows["value_after"], wanted, rtol=1e-9)
    early = path[2031].flows["value_after"]
    assert not np.allclose(early, wanted, rtol=1e-3)


def test_quotas_and_duties_per_unit_tend_to_the_long_run() -> None:
    """Weights follow what buyers pay: with licences and with duties that move with prices."""
    measures = [
        tw.Quota(exporters="RUS", importers="CHN", commodities="crude", share=0.6),
        tw.Tariff(exporters="SAU", importers="IND", commodities="crude", specific=50, unit="t", currency="USD"),
        tw.Ban(exporters="RUS", importers="DEU", coverage=0.7, leakage=0.2),
    ]
    scenario = tw.Scenario("many", measures)
    kinds = {"substitution": (3, 6), "demand": (-0.2, -0.9), "supply": (0.1, 1.2)}
    slow = {name: tw.adjusting(*ends, half_life=1) for name, ends in kinds.items()}
    path = tw.Armington(flows(), period=2021, **slow).path(scenario, range(2022, 2062))
    late = tw.Armington(flows(), period=2021, **{name: long for name, (_, long) in kinds.items()}).solve(scenario)
    # Forty half-lives leave 1e-12; licence prices are found to 1e-11.
    np.testing.assert_allclose(path[2061].flows["value_after"], late.flows["value_after"], rtol=1e-8)
    np.testing.assert_allclose(path[2061].quotas["licence_price"], late.quotas["licence_price"], rtol=1e-8)
    assert path.certificate[["market_clearing", "demand", "quota"]].to_numpy().max() < 1e-9
    assert path.status["converged"].all()


def test_the_first_days_are_the_short_run() -> None:
    scenario = tw.Scenario("tariff", [tw.Tariff(exporters="A", rate=0.3, start="2024-01-31")])
    of = market(**adjusting("substitution", "demand", "supply"))
    static = of.solve(scenario)
    pd.testing.assert_frame_equal(static.flows, market().solve(scenario).flows, check_exact=True)
    # On its only day λ is below 0.002, and elasticities differ by at most 4.
    month = of.path(scenario, ["2024-01"])["2024-01"].flows["value_after"]
    base = static.flows["value_before"]
    np.testing.assert_allclose(month, (30 * base + static.flows["value_after"]) / 31, rtol=3e-4)


def test_a_closed_seller_keeps_its_state_and_comes_back() -> None:
    before = tw.Tariff(exporters="A", rate=0.5, end="2024-06-30")
    ban = tw.Ban(exporters="A", start="2024-07-01", end="2024-12-31")
    quarters = ["2024Q2", "2024Q3", "2024Q4", "2025Q1"]
    path = market(**adjusting("supply", "substitution")).path(tw.Scenario("closed", [before, ban]), quarters)
    assert path.status["converged"].all()
    assert list(path.closed["country"]) == ["A", "A"]
    states = path.shifts.query("country == 'A'").set_index("period")["supply_shift"]
    assert states["2024Q3"] == states["2024Q2"] == states["2024Q4"]
    assert path["2025Q1"].flows.query("exporter == 'A'")["value_after"].min() > 0
    assert states["2025Q1"] != states["2024Q4"]


def test_commodities_adjust_by_themselves() -> None:
    mixed = {"crude": tw.adjusting(-0.1, -0.8, half_life=2), "coal": -0.4}
    scenario = tw.Scenario("ban", [tw.Ban(exporters="RUS", importers="DEU", start="2022-03-01")])
    path = tw.Armington(flows(), period=2021, substitution=5, demand=mixed, supply=0.3).path(scenario, [2022, 2023])
    for period, result in path.results.items():
        single = model().solve(scenario, at=period).flows
        coal = single["commodity"] == "coal"
        pd.testing.assert_frame_equal(result.flows[coal], single[coal], check_exact=True)
        assert not np.allclose(result.flows["value_after"][~coal], single["value_after"][~coal])
        again = pickle.loads(pickle.dumps(result))
        pd.testing.assert_frame_equal(again.flows, result.flows, check_exact=True)
        pd.testing.assert_frame_equal(again.certificate, result.certificate, check_exact=True)


@pytest.mark.parametrize("count", [2, 3, 4, 7])
def test_threads_change_no_bit(count: int) -> None:
    of = tw.Armington(
        flows(), period=2021, substitution=tw.adjusting(3, 7, half_life=1),
        demand=tw.adjusting(-0.1, -0.8, half_life=2), supply=tw.adjusting(0.1, 0.9, half_life=4),
    )  # fmt: skip
    scenario = tw.Scenario("ban", [tw.Ban(exporters="RUS", importers="DEU", start="2022-03-01")])
    before = tw.threads()
    try:
        tw.threads(1)
        wanted = of.path(scenario, ["2022Q1", "2022Q2"]).flows
        tw.threads(count)
        pd.testing.assert_frame_equal(of.path(scenario, ["2022Q1", "2022Q2"]).flows, wanted, check_exact=True)
    finally:
        tw.threads(before)


# spatial


def spatial(**given: Any) -> tw.Spatial:
    rows = [("A", "X", 60.0, 0.5), ("A", "Y", 40.0, 0.5), ("B", "Y", 80.0, 0.4)]
    made = pd.DataFrame(rows, columns=["exporter", "importer", "quantity", "price"]).assign(commodity="good")
    made["value"] = made["quantity"] * made["price"]
    made = tw.Flows.from_frame(made, quantity="quantity", quantity_unit="t", countries="as_is")
    return tw.Spatial(made, period=2023, **{"demand": -0.2, "supply": 0.1, "route_elasticity": np.inf, **given})


def test_spatial_curves_follow_the_recursion() -> None:
    """One seller, one buyer, a tax of a fifth: the raw equations solved by scipy."""
    made = pd.DataFrame({"exporter": ["A"], "importer": ["X"], "commodity": "good", "quantity": 10.0, "value": 20.0})
    of = tw.Spatial(
        tw.Flows.from_frame(made, quantity="quantity", quantity_unit="t", countries="as_is"), period=2023,
        demand=tw.adjusting(-0.2, -0.9, half_life=2.0), supply=tw.adjusting(0.1, 1.2, half_life=0.75),
        route_elasticity=np.inf,
    )  # fmt: skip
    tax = tw.Tariff(exporters="A", importers="X", specific=0.4, unit="t", currency="USD", start="2024-02-11")
    path = of.path(tw.Scenario("tax", [tax]), MONTHS)
    days = [
        pd.Timestamp(day)
        for day in ("2024-02-11", "2024-03-01", "2024-04-01", "2024-05-01", "2024-06-01", "2024-07-01")
    ]
    k, b = 1.0, 1.0
    for first, after in pairwise(days):
        years = (after - first).days / 366
        slow, fast = 1 - 2 ** (-years / 2.0), 1 - 2 ** (-years / 0.75)

        def sides(p: float, k: float = k, b: float = b, slow: float = slow, fast: float = fast) -> tuple[float, ...]:
            paid = (p + 0.4) / 2
            new_k = k ** (1 - fast) * (p / 2) ** (fast * 1.1)
            new_b = b ** (1 - slow) * paid ** (slow * -0.7)
            return 10 * new_k * (p / 2) ** 0.1, 10 * new_b * paid**-0.2, new_k, new_b

        price = float(root(lambda p, sides=sides: np.log(sides(p[0])[0] / sides(p[0])[1]), [2.0], tol=1e-13).x[0])
        quantity, _, k, b = sides(price)
        if first.day == 1:
            result = path[str(first)[:7]]
            # The conditions are met to 1e-11, and small elasticities magnify that by ten.
            assert result.flows["quantity_after"].item() == pytest.approx(quantity, rel=1e-9)
            shifts = result.shifts.set_index("country")
            assert shifts.loc["A", "supply_shift"] == pytest.approx(k, rel=1e-9)
            assert shifts.loc["X", "demand_shift"] == pytest.approx(b, rel=1e-9)
    errors = path.certificate[["stationarity", "complementarity", "feasibility"]].to_numpy()
    assert errors.max() < 1e-9


def test_spatial_tends_to_its_long_run_and_collapses() -> None:
    scenario = tw.Scenario("ban", [tw.Ban(exporters="A", importers="Y", coverage=0.5, start="2024-06-01")])
    horizons = {"demand": tw.adjusting(-0.2, -0.9, 2.0), "supply": tw.adjusting(0.1, 1.2, 0.75)}
    path = spatial(**horizons).path(scenario, range(2024, 2100))
    wanted = spatial(demand=-0.9, supply=1.2).solve(scenario).flows["quantity_after"]
    # As for Armington; the conditions are met to 1e-11.
    np.testing.assert_allclose(path[2099].flows["quantity_after"], wanted, rtol=1e-8)
    same = spatial(demand=tw.adjusting(-0.2, -0.2, 1), supply=tw.adjusting(0.1, 0.1, 1)).path(scenario, [2024, 2025])
    for period, result in same.results.items():
        single = spatial().solve(scenario, at=period)
        pd.testing.assert_frame_equal(result.flows, single.flows, check_exact=True)


def test_threads_change_no_bit_of_a_spatial_path() -> None:
    gas = tw.cases["gas"]
    names = gas.model().flows.commodities
    of = gas.model(demand=dict.fromkeys(names, tw.adjusting(-0.2, -0.9, 2.0)))
    before = tw.threads()
    try:
        found = []
        for count in (1, 2, 7):
            tw.threads(count)
            found.append(of.path(gas.scenario, ["2022Q2", "2022Q3", "2022Q4"]).routes)
    finally:
        tw.threads(before)
    for other in found[1:]:
        pd.testing.assert_frame_equal(other, found[0], check_exact=True)


def test_fixed_supply_may_adjust() -> None:
    scenario = tw.Scenario("tax", [tw.Tariff(exporters="A", rate=0.2, start="2024-01-01")])
    path = spatial(supply=tw.adjusting(0.0, 0.8, 2.0)).path(scenario, [2024, 2025, 2026])
    assert path.status["converged"].all()
    sold = path.flows.query("exporter == 'A'").groupby("period", observed=True)["quantity_after"].sum()
    assert (sold.diff().dropna() < 0).all() and sold.iloc[0] < 100
    assert path.certificate[["stationarity", "complementarity", "feasibility"]].to_numpy().max() < 1e-9


# files


@pytest.mark.parametrize("kind", ["Armington", "Spatial"])
def test_a_period_survives_a_file_and_a_pickle(kind: str, tmp_path: Path) -> None:
    if kind == "Armington":
        path = market(**adjusting("substitution", "demand", "supply")).path(SCENARIO, MONTHS)
    else:
        scenario = tw.Scenario("ban", [tw.Ban(exporters="A", importers="Y", coverage=0.5, start="2024-02-11")])
        path = spatial(demand=tw.adjusting(-0.2, -0.9, 2.0)).path(scenario, MONTHS)
    again = pickle.loads(pickle.dumps(path))
    pd.testing.assert_frame_equal(again.flows, path.flows, check_exact=True)
    pd.testing.assert_frame_equal(again.certificate, path.certificate, check_exact=True)
    result = path["2024-05"]
    result.save(tmp_path / "may")
    read = tw.load_result(tmp_path / "may")
    for attribute in ("flows", "prices", "shifts", "certificate"):
        pd.testing.assert_frame_equal(getattr(read, attribute), getattr(result, attribute), check_exact=True)
    # The model that is read goes on alike.
    further = read.model.path(path.scenario, MONTHS)
    pd.testing.assert_frame_equal(further.flows, path.flows, check_exact=True)


def test_a_period_of_adjusting_curves_has_no_derivative() -> None:
    path = market(**adjusting("demand")).path(SCENARIO, MONTHS[:2])
    with pytest.raises(tw.ModelError, match="no derivative of its own"):
        path.derivative(tw.ask("flows"), tw.Parameter("supply"))


# how it is typed


def test_it_is_taken_wherever_an_elasticity_is() -> None:
    one = tw.adjusting(-0.2, -0.9, half_life=2)
    wanted = market(demand=one).path(SCENARIO, MONTHS).flows
    cells = pd.DataFrame({"commodity": "good", "country": ["X", "*"], "demand": [one, one]})
    numbers = pd.DataFrame({"commodity": ["good"], "demand": [-0.9]})
    for given in ({"good": one}, cells, tw.adjusting({"good": -0.2}, numbers, 2.0)):
        pd.testing.assert_frame_equal(market(demand=given).path(SCENARIO, MONTHS).flows, wanted, check_exact=True)
    partly = pd.DataFrame({"commodity": "good", "country": ["X", "*"], "demand": [one, -0.2]})
    shifts = market(demand=partly).path(SCENARIO, MONTHS).shifts
    # C's supply is shifted by the scenario.
    assert set(shifts["country"]) == {"X", "C"}
    polars = pytest.importorskip("polars")
    cells = polars.DataFrame({"commodity": ["good"], "demand": [one]}, schema_overrides={"demand": polars.Object})
    pd.testing.assert_frame_equal(market(demand=cells).path(SCENARIO, MONTHS).flows, wanted, check_exact=True)


def test_sources_and_views_say_so() -> None:
    of = market(**adjusting("demand"))
    sources = of.solve(SCENARIO).sources()
    row = sources[sources["input"] == "demand"].iloc[0]
    assert float(row["value"]) == -0.2 and "-0.9 in the long run, half-life 2 years" in row["source"]
    path = of.path(SCENARIO, MONTHS[:2])
    assert path.adjusting == ["demand"] and "adjusting" in repr(path) and "adjusting" in path._repr_html_()
    again = pickle.loads(pickle.dumps(of))
    pd.testing.assert_frame_equal(again.path(SCENARIO, MONTHS[:2]).flows, path.flows, check_exact=True)
    one = tw.adjusting(-0.2, -0.9, half_life=2)
    assert pickle.loads(pickle.dumps(one)) == one and eval(repr(one)) == one
    with pytest.raises(AttributeError):
        one.short = -0.3


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        (lambda: tw.adjusting(-0.2, -0.9, half_life=0), tw.DataError, "half_life is 0.0; expected years"),
        (lambda: tw.adjusting(-0.2, -0.9, half_life=float("inf")), tw.DataError, "a finite number above 0"),
        (lambda: tw.adjusting(-0.2, float("nan"), half_life=1), tw.DataError, "long is nan"),
        (lambda: tw.adjusting("low", -0.9, half_life=1), tw.DataError, "short is 'low'"),
        (lambda: tw.adjusting(tw.adjusting(-1, -2, 1), -0.9, 1), tw.DataError, "short is tw.adjusting"),
        (lambda: market(demand=tw.adjusting(-0.2, 0.9, 1)), tw.DataError, "good in A adjusts from -0.2 to 0.9"),
        (lambda: market(demand=tw.adjusting(0.2, -0.9, 1)), tw.DataError, "demand for good"),
        (lambda: market(substitution=tw.adjusting(3, 0.9, 1)), tw.DataError, "good adjusts from 3 to 0.9"),
        (lambda: market(supply=tw.adjusting(3, np.inf, 1)), tw.DataError, "an infinite elasticity has nothing"),
        (lambda: market(supply=tw.adjusting(3, 1, {"good": -1})), tw.DataError, "good in A is -1; expected years"),
        (lambda: market(demand=tw.adjusting({"tea": -1}, -2, 1)), tw.DataError, "no value for the commodity 'good'"),
        (
            lambda: market(demand=pd.DataFrame({"commodity": ["good"], "demand": [tw.adjusting({}, -1, 1)]})),
            tw.DataError, "demand in row 0 is",
        ),
        (
            lambda: market(
                substitution=pd.DataFrame(
                    {"commodity": "good", "country": ["A", "*"], "value": [tw.adjusting(3, to, 1) for to in (5, 6)]}
                )
            ),
            tw.DataError, "differs between countries",
        ),
        (lambda: spatial(route_elasticity=tw.adjusting(3, 5, 1)), tw.ModelError, "route_elasticity does not adjust"),
        (lambda: spatial(supply=tw.adjusting(0.1, 1, 1), conduct={"X": 1}), tw.ModelError, "conduct above 0"),
        (lambda: spatial(demand=tw.adjusting(-0.1, -1, 1), curves="linear"), tw.ModelError, "its curve is straight"),
        (lambda: spatial(demand=tw.adjusting(-0.1, 1, 1)), tw.DataError, "expected 0 or negative"),
    ],
)  # fmt: skip
def test_bad_input_is_refused(given: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        given()


def test_infinite_supply_that_stays_is_fine() -> None:
    frame = pd.DataFrame({"commodity": "good", "country": ["A", "*"], "supply": [np.inf, tw.adjusting(0.1, 1.2, 1.0)]})
    path = market(supply=frame).path(SCENARIO, MONTHS)
    assert path.status["converged"].all()
    assert "A" not in set(path.shifts["country"])


def test_each_part_may_be_a_distribution() -> None:
    flows = tw.datasets.load("energy")
    given = tw.adjusting(tw.uniform(0.2, 0.4), tw.triangular(0.5, 0.8, 1), half_life=tw.uniform(1, 3))
    model = tw.Armington(flows, period=2021, substitution=5, demand=-0.4, supply=given)
    labels = [(one.label, one.horizon) for one in model.parameters["supply"].uncertain]
    assert labels == [("supply", None), ("long-run supply", "long"), ("half-life of supply", "half_life")]
    source = model.solve(tw.Scenario("none", [])).sources().set_index("input")["source"]
    assert source["supply"] == (
        "given by the caller: uniform(0.2, 0.4); triangular(0.5, 0.8, 1) in the long run, half-life uniform(1, 3) years"
    )


@pytest.mark.parametrize("library", [pd, pl])
def test_distributions_in_cells_that_adjust(library: Any) -> None:
    flows = tw.datasets.load("energy")
    cells = {
        "crude": tw.adjusting(-0.1, tw.uniform(-0.9, -0.5), half_life=2),
        "lng": tw.uniform(-0.5, -0.2),
        "coal": -1,
    }
    column = list(cells.values())
    column = pl.Series(column, dtype=pl.Object) if library is pl else column
    for demand in (cells, library.DataFrame({"commodity": list(cells), "demand": column})):
        model = tw.Armington(flows, period=2021, substitution=5, demand=demand, supply=0.3)
        # What does not adjust is one number, in the long run too.
        labels = [one.label for one in model.parameters["demand"].uncertain]
        assert labels == ["demand (lng)", "long-run demand (crude)"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            tw.adjusting(0.3, tw.uniform(-0.5, 1), 2.0),
            r"long-run supply is uniform\(-0.5, 1\), of which 0.33 lies outside",
        ),
        (tw.adjusting(0.3, 0.8, tw.normal(1, 1)), "half-life of supply is normal.*of which 0.16 lies outside"),
        (
            {"crude": tw.adjusting(0.3, tw.lognormal(-1, 1), 1), "lng": 1, "coal": 1},
            r"long-run supply \(crude\) is logn",
        ),
    ],
)
def test_parts_outside_their_range_are_refused(given: Any, says: str) -> None:
    with pytest.raises(tw.DataError, match=says):
        tw.Armington(tw.datasets.load("energy"), period=2021, substitution=5, demand=-0.4, supply=given)
