"""What is read off an equilibrium, rebuilt from the reported frames alone."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from problems import Problem, harsh, matrix, problem, table

import tradewinds as tw
from tradewinds import demo

SEEDS = range(25)


def text(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype({name: str for name in frame.columns if frame[name].dtype == "category"})


@pytest.mark.parametrize("seed", SEEDS)
def test_supply_and_demand_rebuilt_from_the_frames_clear(seed: int) -> None:
    given = problem(seed)
    result = given.model.solve(given.scenario)
    prices = text(result.prices).set_index(["commodity", "country"])
    keys = ["exporter", "importer", "commodity"]
    flows = (
        text(result.flows)
        .merge(text(result.wedges), on=keys, how="left")
        .fillna({"availability": 1.0, "export_tax_power": 1.0, "cost_factor": 1.0})
    )
    shifts = text(result.shifts).set_index(["commodity", "country"])
    names = given.countries

    def wide(rows: pd.DataFrame, column: str) -> pd.DataFrame:
        return rows.pivot(index="exporter", columns="importer", values=column).reindex(index=names, columns=names)

    for k, market in given.markets.items():
        mine = flows[flows["commodity"] == k]
        before = pd.DataFrame(market.tariff_before, names, names)
        power = wide(mine, "tariff_power").fillna(before).to_numpy()
        columns = ("export_tax_power", "cost_factor", "availability")
        tax, cost, left = (wide(mine, column).fillna(1.0).to_numpy() for column in columns)
        price = prices.loc[k].reindex(names)["producer_price"].to_numpy()
        index = prices.loc[k].reindex(names)["price_index"].to_numpy()
        supply_shift, demand_shift = (
            np.array([shifts[column].get((k, name), 1.0) for name in names])
            for column in ("supply_shift", "demand_shift")
        )
        value = wide(mine, "value_after").fillna(0.0).to_numpy()
        received = (value / tax).sum(1)
        open_ = price > 0
        finite = open_ & np.isfinite(market.epsilon)
        supply = market.value.sum(1) * supply_shift * price ** (1 + market.epsilon)
        # 1e-9 of the baseline: the solve leaves about 1e-12, over 1 − modulus.
        scale = np.maximum(supply, market.value.sum(1))
        np.testing.assert_array_less(np.abs(received - supply)[finite] / scale[finite], given.tolerance)
        hat = power / market.tariff_before
        buyer = np.where(open_, price, np.nan)[:, None] * tax * cost * hat
        spent = market.value * market.tariff_before
        with np.errstate(invalid="ignore", over="ignore"):
            share = left * buyer ** (1 - market.sigma) * index ** (market.sigma + market.eta)
            demand = np.nan_to_num(spent * share * demand_shift) / power
        bought = np.isfinite(index)
        assert np.abs(value - demand)[:, bought].max() < given.tolerance * market.value.sum() * 10


@pytest.mark.parametrize("seed", SEEDS)
def test_the_exporter_s_ledger_adds_up_with_every_term_rebuilt(seed: int) -> None:
    given = problem(seed)
    result = given.model.solve(given.scenario)
    exporter, importers = given.countries[0], given.countries[1:3]
    ledger = result.diversion(exporter, importers).set_index("commodity")
    prices = text(result.prices).set_index(["commodity", "country"])["producer_price"]
    for k, market in given.markets.items():
        before = matrix(result.flows, "quantity_before", k, given.countries)[0]
        after = matrix(result.flows, "quantity_after", k, given.countries)[0]
        inside = np.isin(given.countries, importers)
        line = ledger.loc[k]
        supplied, price, epsilon = before.sum(), prices[k, exporter], market.epsilon[0]
        if price == 0:
            not_produced, mix = supplied, 0.0
        elif np.isinf(epsilon):
            not_produced, mix = supplied - after.sum(), 0.0
        else:
            not_produced = supplied * (1 - market.supply_shift[0] * price**epsilon)
            hat = np.divide(after, before, out=np.zeros_like(after), where=before > 0)
            mix = ((supplied * market.value[0] / market.value[0].sum() - before) * hat).sum()
        # Tonnes of a whole exporter; each term is as exact as the flows.
        close = {"abs": given.tolerance * supplied * 10}
        assert line["lost"] == pytest.approx((before - after)[inside].sum(), **close)
        assert line["redirected"] == pytest.approx((after - before)[~inside].sum(), **close)
        assert line["not_produced"] == pytest.approx(not_produced, **close)
        assert line["mix"] == pytest.approx(mix, **close)
        assert line["lost"] == pytest.approx(line["redirected"] + line["not_produced"] + line["mix"], **close)
        assert line["unit"] == "t"


@pytest.mark.parametrize("seed", SEEDS[:10])
def test_both_detailed_ledgers_add_up_and_agree_with_the_flows(seed: int) -> None:
    given = problem(seed)
    result = given.model.solve(given.scenario)
    exporter, importers = given.countries[0], given.countries[1:3]
    out = result.diversion(exporter, importers, by="destination")
    into = result.diversion(exporter, importers, by="supplier")
    for k, market in given.markets.items():
        # Sums of a dozen flows.
        close = {"abs": 1e-9 * given.tolerance / 1e-9 * market.value.sum() * 10}
        mine = out[out["commodity"] == k].groupby("entry")["amount"].sum()
        assert mine["lost"] == pytest.approx(mine.drop("lost").sum(), **close)
        mine = into[into["commodity"] == k].groupby("entry")["amount"].sum()
        assert mine.get("lost", 0.0) == pytest.approx(mine.drop("lost", errors="ignore").sum(), **close)


def half_a_year_of_a_ban() -> tuple[tw.Result, tw.Result, tw.Result]:
    given = problem(4)
    ban = tw.Ban(exporters="C0", importers="C1", start="2022-07-02")
    scenario = tw.Scenario("ban", [ban])
    return (
        given.model.solve(scenario, at=2022),
        given.model.solve(scenario, at=2021),
        given.model.solve(scenario, at=2023),
    )


def test_a_period_is_the_mean_of_its_days() -> None:
    half, none, full = half_a_year_of_a_ban()
    weight = 183 / 365
    for column in ("value_after", "quantity_after", "quantity_arrived"):
        mean = (1 - weight) * none.flows[column] + weight * full.flows[column]
        # The same equilibria, solved again: nothing but the rounding of two products and a sum.
        np.testing.assert_allclose(half.flows[column], mean, rtol=1e-12, atol=1e-12)
    mean = (1 - weight) * none.welfare()["total"] + weight * full.welfare()["total"]
    np.testing.assert_allclose(half.welfare()["total"], mean, rtol=1e-10, atol=1e-10)


def test_against_another_result_is_the_difference_of_two_ledgers() -> None:
    half, _, full = half_a_year_of_a_ban()
    numbers = ["lost", "redirected", "not_produced", "mix"]
    difference = full.diversion("C0", "C1")[numbers] - half.diversion("C0", "C1")[numbers]
    # Differences of tonnes of order 100.
    np.testing.assert_allclose(full.diversion("C0", "C1", against=half)[numbers], difference, atol=1e-9)
    with pytest.raises(tw.ModelError, match="one baseline"):
        full.diversion("C0", "C1", against=energy())


def energy() -> tw.Result:
    from tradewinds import demo

    embargoes = [tw.catalogue[key] for key in ("eu-crude-2022", "eu-coal-2022", "eu-lng-2027")]
    return demo.model(tw.datasets.load("energy")).solve(embargoes[0] + embargoes[1] + embargoes[2])


def test_the_headline_is_made_of_the_shares() -> None:
    result = energy()
    shares = result.shares("RUS")
    assert shares.groupby("commodity")["before"].sum().to_numpy() == pytest.approx(1.0)
    assert shares.groupby("commodity")["after"].sum().to_numpy() == pytest.approx(1.0)
    members = tw.group_members("EU27", "2021-12-31")
    headline = result.share_shift("RUS", "EU27", "CHN").set_index("commodity")
    eu = shares[shares["importer"].isin(members)].groupby("commodity")[["before", "after"]].sum()
    np.testing.assert_allclose(headline[["away_before", "away_after"]], eu, rtol=1e-12, atol=1e-15)
    china = shares[shares["importer"] == "CHN"].set_index("commodity")
    np.testing.assert_allclose(headline["toward_shift"], china["shift"], rtol=1e-12)


FRAMES = {
    "flows": "exporter importer commodity value_before value_after quantity_before quantity_after quantity_arrived "
    "quantity_unit",
    "prices": "country commodity producer_price price_index",
    "shares": "commodity importer before after shift total_hat basis",
    "share_shift": "commodity away_before away_after away_shift toward_before toward_after toward_shift basis",
    "diversion": "commodity lost redirected not_produced mix redirected_fraction unit",
    "welfare": "country consumer producer government rent shift total choke unit",
    "sources": "input commodity country value unit grade source licence",
}
ARGUMENTS = {"shares": ("RUS",), "share_shift": ("RUS", "EU27", "CHN"), "diversion": ("RUS", "EU27")}


@pytest.mark.parametrize("question", FRAMES)
def test_frames_are_tidy(question: str) -> None:
    result = energy()
    asked = getattr(result, question)
    frame = asked(*ARGUMENTS.get(question, ())) if callable(asked) else asked
    assert list(frame.columns) == FRAMES[question].split()
    assert frame.index.equals(pd.RangeIndex(len(frame)))
    assert "units" in frame.attrs


@pytest.mark.parametrize("library", ["polars", "pyarrow"])
def test_frames_come_back_in_the_library_of_the_data(library: str) -> None:
    table = tw.datasets.load("energy").to_frame().astype({name: str for name in ("exporter", "importer", "commodity")})
    table = table.drop(columns="quantity_unit")
    if library == "polars":
        import polars as pl

        given = pl.from_pandas(table)
    else:
        import pyarrow as pa

        given = pa.Table.from_pandas(table)
    flows = tw.Flows.from_frame(given)
    result = tw.Armington(flows, period=2021, substitution=5, demand=-0.5, supply=0.5).solve(tw.Scenario("nothing"))
    for frame in (result.flows, result.shares("RUS"), result.welfare(), result.sources(), flows.to_frame()):
        assert type(frame) is type(given)


def test_sources_say_where_every_input_comes_from() -> None:
    sources = energy().sources()
    assert set(sources["input"]) == {"flows", "substitution", "demand", "supply"} | {
        f"measure: eu-{name}"
        for name in ("crude-2022", "crude-2022-bulgaria", "crude-2022-czechia", "coal-2022", "lng-2027")
    }
    flows = sources[sources["input"] == "flows"].iloc[0]
    assert "BACI" in flows["source"]
    assert "Etalab" in flows["licence"]
    assert set(sources[sources["input"] == "demand"]["grade"]) <= {"A", "B", "C"}
    assert (sources["source"] != "").all()


def test_a_question_for_another_model_names_the_class_that_answers_it() -> None:
    with pytest.raises(AttributeError, match="SpatialResult"):
        _ = energy().routes


def test_a_run_that_did_not_converge_looks_different_and_is_never_silent() -> None:
    frame = pd.DataFrame(
        [("A", "B", 50.0), ("A", "C", 50.0), ("D", "B", 5.0)], columns=["exporter", "importer", "value"]
    )
    flows = tw.Flows.from_frame(frame.assign(commodity="x"), countries="as_is")
    # Demand next to fixed and three quarters of supply banned: the price would be e to the ten thousands.
    model = tw.Armington(flows, period=2021, substitution=5, demand=-1e-4, supply=0.0)
    scenario = tw.Scenario("beyond numbers", [tw.Ban(exporters="A", importers="B")])
    with pytest.raises(tw.ConvergenceError) as caught:
        model.solve(scenario)
    failed = model.solve(scenario, on_failure="return")
    assert not failed.status.converged
    assert caught.value.status == failed.status
    assert caught.value.result.status == failed.status
    good = energy()
    assert "DID NOT CONVERGE" in repr(failed)
    assert "DID NOT CONVERGE" in failed._repr_html_()
    assert "DID NOT CONVERGE" not in repr(good)
    assert "fdecea" in failed._repr_html_()
    assert "fdecea" not in good._repr_html_()


def test_pictures_draw_the_frame_of_their_question() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    result = energy()
    headline = result.share_shift("RUS", "EU27", "CHN")
    _, ax = plt.subplots()
    assert result.plot.share_shift("RUS", "EU27", "CHN", ax=ax) is ax
    drawn = {round(float(point[0]), 9) for dots in ax.collections for point in dots.get_offsets()}
    columns = ["away_before", "away_after", "toward_before", "toward_after"]
    assert drawn == {round(100 * value, 9) for value in headline[columns].to_numpy().ravel()}
    shares = result.shares("RUS")
    large = shares[shares[["before", "after"]].max(axis=1) >= 0.02]
    ax = result.plot.shares("RUS")
    drawn = {round(float(point[0]), 9) for dots in ax.collections for point in dots.get_offsets()}
    assert {round(100 * value, 9) for value in large[["before", "after"]].to_numpy().ravel()} <= drawn
    plt.close("all")


@pytest.mark.parametrize("money", [False, True])
@pytest.mark.parametrize("seed", range(15))
def test_the_ledger_of_two_exporters_over_a_changing_year_is_the_sum_of_its_days(seed: int, money: bool) -> None:
    given = harsh(seed)
    draw = np.random.default_rng(seed)
    starts = draw.choice(["2021-01-01", "2022-03-01", "2022-08-15"], len(given.scenario.measures))
    dated = [_from(measure, start) for measure, start in zip(given.scenario.measures, starts, strict=True)]
    scenario, model = tw.Scenario("dated", dated), without_quantities(given) if money else given.model
    year = model.solve(scenario, at=2022)
    parts = [(59, "2022-01-10"), (167, "2022-05-05"), (139, "2022-12-31")]
    solved = [(days / 365, model.solve(scenario, at=day)) for days, day in parts]
    sellers, buyers = given.countries[:2], given.countries[1:3]
    ledger = text(year.diversion(sellers, buyers)).set_index("commodity")
    out = text(year.diversion(sellers, buyers, by="destination"))
    into = text(year.diversion(sellers, buyers, by="supplier"))
    inside = np.isin(given.countries, buyers)
    for k in given.markets:
        before, after = (matrix(year.flows, f"quantity_{when}", k, given.countries) for when in ("before", "after"))
        not_produced = mix = 0.0
        for weight, part in solved:
            amounts = [supply_side(part, given, k, i, money) for i in range(2)]
            not_produced += weight * sum(amount[0] for amount in amounts)
            mix += weight * sum(amount[1] for amount in amounts)
        line = ledger.loc[k]
        # Sums of up to a dozen flows and three stretches, each as exact as its solve.
        close = {"abs": given.tolerance * before.sum()}
        change = after - before
        assert line["lost"] == pytest.approx(-change[:2, inside].sum(), **close)
        assert line["redirected"] == pytest.approx(change[:2, ~inside].sum(), **close)
        assert line["not_produced"] == pytest.approx(not_produced, **close)
        assert line["mix"] == pytest.approx(mix, **close)
        assert line["lost"] == pytest.approx(line["redirected"] + not_produced + mix, **close)
        assert line["unit"] == ("USD at baseline prices" if money else "t")
        entries = out[out["commodity"] == k].groupby("entry")["amount"].sum()
        for entry in ("lost", "redirected", "not_produced", "mix"):
            assert entries.get(entry, 0.0) == pytest.approx(line[entry], **close)
        mine = into[into["commodity"] == k].set_index("supplier")
        for place, name in enumerate(given.countries):
            if before[place, inside].any():
                sign, entry = (-1, "lost") if place < 2 else (1, "replaced")
                assert mine.loc[name, "entry"] == entry
                assert mine.loc[name, "amount"] == pytest.approx(sign * change[place, inside].sum(), **close)
        not_imported = mine[mine["entry"] == "not_imported"]["amount"].sum()
        assert not_imported == pytest.approx(-change[:, inside].sum(), **close)


def supply_side(result: tw.Result, given: Problem, k: str, i: int, money: bool) -> tuple[float, float]:
    """What exporter i does not produce, from its price and supply curve, and what the mix of its buyers adds."""
    market, name = given.markets[k], given.countries[i]
    before, after = (matrix(result.flows, f"quantity_{when}", k, given.countries)[i] for when in ("before", "after"))
    price = text(result.prices).set_index(["commodity", "country"])["producer_price"].get((k, name))
    shift = text(result.shifts).set_index(["commodity", "country"])["supply_shift"].get((k, name), 1.0)
    if not before.any() or price == 0:
        return before.sum(), 0.0
    if np.isinf(market.epsilon[i]):
        return before.sum() - after.sum(), 0.0
    hat = np.divide(after, before, out=np.zeros_like(after), where=before > 0)
    mix = ((before.sum() * market.value[i] / market.value[i].sum() - before) * hat).sum()
    return before.sum() * (1 - shift * price ** market.epsilon[i]), 0.0 if money else mix


def _from(measure: tw.Measure, start: str) -> tw.Measure:
    return dataclasses.replace(measure, start=start)


def without_quantities(given: Problem) -> tw.Armington:
    """The same market, its flows in money only."""
    keys = dict.fromkeys(("exporter", "importer", "commodity"), str)
    columns = given.model.flows.to_frame().drop(columns=["quantity", "quantity_unit"]).astype(keys)
    tariffs = [
        (given.countries[i], given.countries[j], k, m.tariff_before[i, j] - 1)
        for k, m in given.markets.items()
        for i, j in np.argwhere(m.value)
    ]
    return tw.Armington(
        tw.Flows.from_frame(columns, countries="as_is"),
        period=2021,
        substitution={k: m.sigma for k, m in given.markets.items()},
        demand=table(given.countries, given.markets, "demand"),
        supply=table(given.countries, given.markets, "supply"),
        tariffs=pd.DataFrame(tariffs, columns=["exporter", "importer", "commodity", "tariff"]),
    )


@pytest.mark.parametrize("choke", [1.5, 10.0, np.inf])
@pytest.mark.parametrize("eta", [0.0, -0.5, -1.0, -2.5, -30.0])
def test_an_importer_without_suppliers_loses_the_area_up_to_the_choke_price(eta: float, choke: float) -> None:
    rows = pd.DataFrame([("A", "B", 50.0), ("A", "C", 50.0)], columns=["exporter", "importer", "value"])
    flows = tw.Flows.from_frame(rows.assign(commodity="x"), countries="as_is")
    model = tw.Armington(flows, period=2021, substitution=5, demand=eta, supply=0.5)
    result = model.solve(tw.Scenario("cut off", [tw.Ban(importers="B")]))
    with np.errstate(divide="ignore"):
        area = np.log(choke) if eta == -1 else (np.float64(choke) ** (1 + eta) - 1) / (1 + eta)
    # One power: infinite for a demand that never ends, E/|1 + eta| for one that does.
    assert result.welfare(choke=choke).set_index("country").loc["B", "consumer"] == pytest.approx(-50 * area, rel=1e-13)


def test_a_price_index_is_infinite_only_for_who_lost_every_supplier() -> None:
    rows = pd.DataFrame([("A", "B", 50.0), ("A", "C", 50.0)], columns=["exporter", "importer", "value"])
    flows = tw.Flows.from_frame(rows.assign(commodity="x"), countries="as_is")
    model = tw.Armington(flows, period=2021, substitution=5, demand=-30.0, supply=np.inf)
    result = model.solve(tw.Scenario("dear", [tw.TradeCost(importers="C", change=1e12)]))
    assert len(result.closed) == 0
    # The price is that of the only supplier, whose own never moves; so little is bought that it is 0 as a number.
    assert result.prices.set_index("country").loc["C", "price_index"] == pytest.approx(1e12, rel=1e-9)


def test_the_picture_of_shares_has_no_point_that_is_not_in_the_frame() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    result = energy()
    shares = text(result.shares("RUS"))
    small = shares[["before", "after"]].max(axis=1) < 0.02
    pooled = shares[small].groupby("commodity")[["before", "after"]].sum()
    want = sorted(
        np.concatenate([shares.loc[~small, ["before", "after"]].to_numpy().ravel(), pooled.to_numpy().ravel()])
    )
    ax = result.plot.shares("RUS")
    drawn = sorted(float(point[0]) for dots in ax.collections for point in dots.get_offsets())
    # Per cent, and a sum of small shares taken in another order.
    np.testing.assert_allclose(drawn, 100 * np.array(want), rtol=1e-12)
    plt.close("all")


def test_a_page_of_many_commodities_still_draws_all_of_their_sales() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    result = demo.model(tw.datasets.load("commodities")).solve(demo.scenario())
    commodities = text(result.shares("RUS"))["commodity"].nunique()
    ax = result.plot.shares("RUS")
    # A line a destination, two dots a line.
    lines = sum(len(dots.get_offsets()) for dots in ax.collections) / 2
    assert commodities <= lines <= 5 * commodities
    drawn = sum(point[0] for dots in ax.collections for point in dots.get_offsets())
    # Shares in per cent add up to 100 before and after; sums in another order.
    assert drawn == pytest.approx(200 * commodities, rel=1e-12)
    plt.close("all")
