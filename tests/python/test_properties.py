"""What holds for every market: random ones, drawn by hypothesis."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from problems import Problem, harsh, problem, table

import tradewinds as tw

KEYS = ["commodity", "exporter", "importer"]
#: A market, plain or harsh; a few milliseconds each.
PROBLEMS = st.one_of(st.builds(problem, st.integers(1000, 10**6)), st.builds(harsh, st.integers(1000, 10**6)))
FEW = settings(max_examples=40)


def text(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype({name: str for name in frame.columns if frame[name].dtype == "category"})


def by_key(result: tw.Result) -> pd.DataFrame:
    return text(result.flows).set_index(KEYS).sort_index()


def again(
    market: Problem, *, values: float = 1.0, quantities: float = 1.0, names: dict[str, str], goods: dict[str, str]
) -> tuple[tw.Armington, tw.Scenario]:
    """The same problem with other units and other names; names decide the order inside."""
    frame = text(market.model.flows.to_frame()).drop(columns="quantity_unit")
    frame["value"] *= values
    frame["quantity"] *= quantities
    for column, new in (("exporter", names), ("importer", names), ("commodity", goods)):
        frame[column] = frame[column].map(new)
    markets = {goods[k]: m for k, m in market.markets.items()}
    countries = [names[name] for name in market.countries]
    tariffs = [
        (countries[i], countries[j], k, m.tariff_before[i, j] - 1)
        for k, m in markets.items()
        for i, j in np.argwhere(m.value)
    ]
    model = tw.Armington(
        tw.Flows.from_frame(frame.sample(frac=1, random_state=0), countries="as_is", quantity_unit="t"),
        period=2021,
        substitution={k: m.sigma for k, m in markets.items()},
        demand=table(countries, markets, "demand"),
        supply=table(countries, markets, "supply"),
        tariffs=pd.DataFrame(tariffs, columns=["exporter", "importer", "commodity", "tariff"]),
    )
    measures = []
    for measure in market.scenario.measures:
        record = measure.record()
        for column, new in (("exporters", names), ("importers", names), ("commodities", goods)):
            if column in record:
                record[column] = [new[term] for term in record[column]]
        measures.append(tw.Measure.from_record(record))
    return model, tw.Scenario("again", measures[::-1])


def same(found: pd.DataFrame, want: pd.DataFrame, tolerance: float) -> None:
    assert found.index.equals(want.index)
    for column in ("value_after", "quantity_after", "quantity_arrived"):
        np.testing.assert_allclose(found[column], want[column], rtol=tolerance, err_msg=column)


@FEW
@given(PROBLEMS)
def test_every_solution_certifies_itself(market: Problem) -> None:
    result = market.model.solve(market.scenario)
    assert result.status.converged
    certificate = result.certificate
    # Log prices are good to 1e-12; receipts and spending are powers of up to 42 of them.
    worst = certificate[["market_clearing", "demand"]].max(axis=None)
    assert worst < 1e-9
    # The status never says less than the certificate.
    assert worst <= result.status.residual < 1e-9
    assert certificate["converged"].all()


@FEW
@given(PROBLEMS, st.sampled_from([1e-9, 1e-3, 7.0, 1e6, 1e12]), st.sampled_from([1e-6, 3.0, 1e9]))
def test_units_of_money_and_of_quantity_do_not_matter(market: Problem, money: float, tonnes: float) -> None:
    names, goods = ({name: name for name in kept} for kept in (market.countries, market.markets))
    model, scenario = again(market, values=money, quantities=tonnes, names=names, goods=goods)
    want = by_key(market.model.solve(market.scenario))
    found = by_key(model.solve(scenario))
    found["value_after"] /= money
    found[["quantity_after", "quantity_arrived"]] /= tonnes
    # Two solves of one problem that differ in the rounding of their data, 1e-10 scaled as everywhere.
    same(found, want, 0.1 * market.tolerance)


@FEW
@given(PROBLEMS, st.randoms(use_true_random=False))
def test_the_order_of_countries_commodities_rows_and_measures_does_not_matter(market: Problem, random: object) -> None:
    def shuffled(labels: list[str], letter: str) -> dict[str, str]:
        new = [f"{letter}{place}" for place in range(len(labels))]
        random.shuffle(new)  # type: ignore[attr-defined]
        return dict(zip(labels, new, strict=True))

    names, goods = shuffled(market.countries, "Z"), shuffled(list(market.markets), "G")
    model, scenario = again(market, names=names, goods=goods)
    found = by_key(model.solve(scenario))
    want = text(market.model.solve(market.scenario).flows)
    for column, new in (("exporter", names), ("importer", names), ("commodity", goods)):
        want[column] = want[column].map(new)
    # Sums are taken in another order: the promise is 1e-10, scaled like the solve's own error.
    same(found, want.set_index(KEYS).sort_index(), 0.1 * market.tolerance)


@FEW
@given(PROBLEMS, st.data())
def test_a_full_ban_leaves_nothing_of_the_flow_and_nothing_negative_elsewhere(
    market: Problem, data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from(sorted(by_key(market.model.solve(tw.Scenario("none"))).index)))
    ban = tw.Ban(commodities=key[0], exporters=key[1], importers=key[2])
    flows = by_key(market.model.solve(market.scenario + ban))
    assert (flows.loc[key, ["value_after", "quantity_after", "quantity_arrived"]] == 0).all()
    assert (flows[["value_after", "quantity_after", "quantity_arrived"]] >= 0).all(axis=None)


@FEW
@given(PROBLEMS)
def test_other_commodities_have_the_same_bits_with_and_without_a_measure_on_one(market: Problem) -> None:
    # Commodities are markets of their own: a ban on K1 is none of K0's business.
    plain = by_key(market.model.solve(market.scenario)).loc["K0"]
    banned = by_key(market.model.solve(market.scenario + tw.Ban(commodities="K1", exporters=market.countries[0]))).loc[
        "K0"
    ]
    for column in ("value_after", "quantity_after", "quantity_arrived"):
        np.testing.assert_array_equal(plain[column], banned[column])


@FEW
@given(PROBLEMS)
def test_shares_add_up_to_one_or_are_missing_after_a_collapse(market: Problem) -> None:
    result = market.model.solve(market.scenario)
    flows = by_key(result)
    closed = {(row.country, row.commodity) for row in text(result.closed).itertuples() if row.role == "exporter"}
    for exporter in market.countries:
        if not any(m.value[market.countries.index(exporter)].any() for m in market.markets.values()):
            continue
        shares = text(result.shares(exporter))
        for k, mine in shares.groupby("commodity"):
            # A division and a sum of up to six numbers below 1.
            assert abs(mine["before"].sum() - 1) < 1e-14
            if (exporter, k) in closed:
                assert mine["after"].isna().all()
                assert (mine["total_hat"] == 0).all()
            else:
                assert abs(mine["after"].sum() - 1) < 1e-14
                sold = flows.loc[k].loc[exporter].reindex(mine["importer"])["quantity_after"]
                # Every flow has a quantity, so shares are of tonnes: the same numbers, divided by their sum.
                assert (mine["basis"] == "quantity").all()
                np.testing.assert_allclose(mine["after"], sold / sold.sum(), rtol=1e-12)
                np.testing.assert_allclose(mine["shift"], 100 * (mine["after"] - mine["before"]), atol=1e-12)
        headline = text(result.share_shift(exporter, market.countries[:1], market.countries[1:])).set_index("commodity")
        parts = (
            shares.assign(away=shares["importer"] == market.countries[0]).groupby(["commodity", "away"])["before"].sum()
        )
        for k in headline.index:
            assert abs(headline.loc[k, "away_before"] - parts.get((k, True), 0.0)) < 1e-14
            assert abs(headline.loc[k, "toward_before"] - parts.get((k, False), 0.0)) < 1e-14


@FEW
@given(PROBLEMS)
def test_welfare_by_country_by_commodity_and_by_both_is_one_total(market: Problem) -> None:
    result = market.model.solve(market.scenario)
    fine = text(result.welfare(by="country_commodity"))
    columns = ["consumer", "producer", "government", "rent", "shift", "total"]
    # Sums of a dozen surpluses in another order.
    close = {"rtol": 1e-12, "atol": 1e-12 * float(fine[columns].abs().max(axis=None))}
    for by in ("country", "commodity"):
        coarse = text(result.welfare(by=by)).set_index(by)
        np.testing.assert_allclose(fine.groupby(by)[columns].sum().reindex(coarse.index), coarse[columns], **close)
    np.testing.assert_allclose(fine["total"], fine[columns[:-1]].sum(axis=1), **close)


@FEW
@given(PROBLEMS, st.sampled_from(["tariff", "tax", "cost", "supply", "demand"]))
def test_order_1_is_the_limit_of_the_exact_solve_as_measures_get_small(market: Problem, kind: str) -> None:
    size = 1e-6
    # Where the modulus is near 1 or demand is steep, a market magnifies what is left of second order.
    magnified = market.tolerance / 1e-9
    seller = next(
        (
            (name, k)
            for k, m in market.markets.items()
            for name, epsilon, value in zip(market.countries, m.epsilon, m.value, strict=True)
            if np.isfinite(epsilon) and value.any()
        ),
        None,
    )
    assume(kind != "supply" or seller is not None)
    measure = {
        "tariff": lambda: tw.Tariff(importers=market.countries[0], rate=size),
        "tax": lambda: tw.ExportTax(exporters=market.countries[0], rate=size),
        "cost": lambda: tw.TradeCost(importers=market.countries[1], change=size),
        "demand": lambda: tw.Shift(importers=market.countries[1], demand=1 + size),
        "supply": lambda: tw.Shift(exporters=seller[0], commodities=seller[1], supply=1 + size),
    }[kind]()
    scenario = tw.Scenario("small", [measure])
    exact, linear = (by_key(market.model.solve(scenario, **how)) for how in ({}, {"order": 1}))
    for column in ("quantity_after", "value_after", "quantity_arrived"):
        before = exact["quantity_before" if column.startswith("quantity") else "value_before"]
        changes = [(after[column] / before - 1).to_numpy() for after in (exact, linear)]
        # Second order is size x (powers of up to 42) x the first; 1e-11 is what a solve leaves.
        allowed = 42 * 10 * size * magnified * np.abs(changes[1]).max() + 1e-11 * magnified
        assert np.abs(changes[0] - changes[1]).max() <= allowed, column


def test_order_1_takes_supply_at_a_price_that_does_not_move() -> None:
    rows = pd.DataFrame([("A", "B", 1.0), ("A", "C", 2.0)], columns=["exporter", "importer", "value"])
    flows = tw.Flows.from_frame(rows.assign(commodity="x"), countries="as_is")
    model = tw.Armington(flows, period=2021, substitution=5, demand=-0.5, supply=np.inf)
    result = model.solve(tw.Scenario("duty", [tw.Tariff(importers="B", rate=0.1)]), order=1)
    # dq = η dT, with nothing to solve: one product and one sum.
    np.testing.assert_allclose(result.flows["quantity_after"], [0.95, 2.0], rtol=1e-15)
    assert (result.prices["producer_price"].dropna() == 1).all()
