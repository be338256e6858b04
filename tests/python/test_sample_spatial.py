"""Draws of the spatial model are its plain solves, whatever is uncertain."""

from __future__ import annotations

import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sampling import assert_same
from test_spatial import EMBARGO, calibrated, three

import tradewinds as tw

pytest.importorskip("scipy", reason="scipy, of the extra 'uncertainty', is not installed")

ASKED = [tw.ask("prices"), tw.ask("shares", exporter="RUS"), tw.ask("flows")]
CAP = tw.PriceCap(
    exporters="RUS",
    importers="CHN",
    commodities="crude",
    per="t",
    price=tw.uniform(420, 470),
    services_share=0.8,
    outside_capacity=tw.uniform(5e6, 9e6),
    outside_cost=tw.uniform(10, 20),
    name="cap",
)
PIPE = tw.Capacity(facility="Druzhba", to=tw.uniform(1e6, 4e6), unit="t", name="pipe")
SCENARIO = tw.Scenario("embargo, cap and pipe", [EMBARGO, CAP, PIPE])


def uncertain(**changes: Any) -> tw.Spatial:
    freight = pd.DataFrame(
        {"exporter": ["SAU", "NOR"], "importer": ["DEU", "DEU"], "commodity": "crude", "mode": "sea"}
    ).assign(freight=[tw.uniform(4, 8), 5.0])
    given = {"demand": tw.uniform(-0.6, -0.3), "route_elasticity": tw.triangular(3, 5, 8), "freight": freight}
    return calibrated(**{**given, **changes})


def plain(values: pd.Series) -> tw.SpatialResult:
    """The solve with the values of a draw."""
    freight = pd.DataFrame(
        {"exporter": ["SAU", "NOR"], "importer": ["DEU", "DEU"], "commodity": "crude", "mode": "sea"}
    ).assign(freight=[values["freight (SAU, DEU, crude, sea)"], 5.0])
    sure = calibrated(demand=values["demand"], route_elasticity=values["route_elasticity"], freight=freight)
    sizes = {name: values[f"{name} (cap)"] for name in ("price", "outside_capacity", "outside_cost")}
    scenario = SCENARIO.replace("cap", **sizes).replace("pipe", to=values["to (pipe)"])
    return sure.solve(scenario, on_failure="return")


def test_a_draw_is_the_solve_with_its_values() -> None:
    ensemble = uncertain().sample(SCENARIO, 8, ask=ASKED)
    status = ensemble.status
    assert status["converged"].any()
    for number, values in ensemble.values.set_index("draw").iterrows():
        result = plain(values)
        assert result.status.converged == status["converged"][number]
        if not result.status.converged:
            continue
        for question in ASKED:
            drawn = question(ensemble.draws)
            own = drawn[drawn["draw"] == number].drop(columns="draw").reset_index(drop=True)
            answer = question(result)
            keys = [name for name in own.columns if own[name].dtype != np.float64]
            both = own.merge(answer, on=keys, how="inner", suffixes=("", "_plain"))
            assert len(both) == min(len(own), len(answer))
            for name in own.select_dtypes(np.float64).columns:
                np.testing.assert_array_equal(both[name], both[f"{name}_plain"])


def test_zero_width_is_the_plain_solve() -> None:
    sure = uncertain(demand=tw.uniform(-0.4, -0.4), route_elasticity=5.0, freight=tw.triangular(5, 5, 5))
    ensemble = sure.sample(tw.Scenario("embargo", [EMBARGO]), 3, ask=ASKED)
    result = calibrated(demand=-0.4, freight=5.0).solve(tw.Scenario("embargo", [EMBARGO]))
    for question in ASKED:
        found = question(ensemble.at(0.5)).drop(columns="quantile")
        pd.testing.assert_frame_equal(found, question(result), check_exact=True)


def test_rows_that_only_some_draws_have_are_counted() -> None:
    # Saudi Arabia opens its route to Hungary once the ban bites.
    asked = tw.ask("shares", exporter="SAU")
    for values, central_rows in (([0.0, 0.0, 0.0, 0.9], 2), ([0.0, 0.5, 0.7, 0.9], 3)):
        ban = tw.Ban(exporters="RUS", coverage=tw.empirical(values), name="ban")
        ensemble = calibrated().sample(tw.Scenario("ban", [ban]), 64, ask=asked)
        drawn = ensemble.values["coverage (ban)"]
        frame = asked(ensemble.draws)
        assert len(asked(ensemble.central)) == central_rows
        assert len(frame) == 64 * central_rows
        more = (drawn > 0).sum() if central_rows == 2 else 0
        assert frame.attrs["ensemble"]["rows_left_out"] == more
        fewer = (drawn == 0).sum() if central_rows == 3 else 0
        assert frame["after"].isna().sum() == fewer
        assert 0 < more + fewer < 64


def test_freights_by_mode_and_in_a_frame() -> None:
    by_mode = calibrated(freight={"sea": tw.uniform(4, 8), "pipe": 3.0}, routes=None)
    [(name, one)] = by_mode.uncertain
    assert (name, one.label) == ("freight", "freight (sea)")
    modes = by_mode._core.flows.table()[0]["mode"]
    at_sea = [place for place, code in enumerate(modes[0]) if modes[1][code] == "sea"]
    assert [row for _, row in one.entries] == at_sea
    with pytest.raises(tw.DataError, match=r"freight is uniform\(-1, 3\), of which 0.25 lies below 0"):
        calibrated(freight=tw.uniform(-1, 3))


def test_curves_take_sizes_of_measures_only() -> None:
    cost = tw.TradeCost(exporters="A", specific=tw.uniform(0, 2), name="cost")
    ensemble = three().sample(tw.Scenario("cost", [cost]), 4, ask=tw.ask("prices"))
    value = ensemble.values["specific (cost)"][3]
    result = three().solve(tw.Scenario("cost", [tw.TradeCost(exporters="A", specific=value, name="cost")]))
    drawn = ensemble.draws.prices.query("draw == 3")
    np.testing.assert_array_equal(drawn["consumer_price"], result.prices["consumer_price"])


def test_same_bits_in_other_processes_and_after_pickling() -> None:
    model = uncertain()
    expected = model.sample(SCENARIO, 24, ask=ASKED)
    again = pickle.loads(pickle.dumps(model))
    assert again.uncertain == model.uncertain
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        assert_same(again.sample(SCENARIO, 24, ask=ASKED, executor=executor), expected)


def test_a_bundled_case() -> None:
    case = tw.cases["gas"]
    model = case.model(route_elasticity=tw.uniform(3, 7))
    ensemble = model.sample(case.scenario, 16, ask=tw.ask("shares", exporter=case.exporter), at=2023)
    assert ensemble.failed == 0
    assert (ensemble.tornado(column="after")["swing"] > 0).any()


def capacity_of(given: Any, start: Any = None) -> pd.DataFrame:
    return pd.DataFrame(
        {"facility": ["Druzhba"], "capacity": [given], "exporter": ["RUS"], "mode": ["pipe"], "start": start}
    )


def built(old: Any, new: Any, library: Any = pd) -> Any:
    """A pipeline whose capacity changes in 2023."""
    rows = {"facility": ["Druzhba"] * 2, "capacity": [old, new], "exporter": ["RUS"] * 2, "mode": ["pipe"] * 2}
    if library is pl:
        rows["capacity"] = pl.Series("capacity", rows["capacity"], dtype=pl.Object)
    return library.DataFrame({**rows, "start": [None, "2023-01-01"]})


@pytest.mark.parametrize("library", [pd, pl])
def test_capacities_in_a_frame(library: Any) -> None:
    # 4.9 million go through it in the baseline.
    model = calibrated(facilities=built(tw.uniform(4.9e6, 9e6), tw.triangular(0, 3e6, 6e6), library))
    assert [(name, one.label) for name, one in model.uncertain] == [
        ("capacity", "capacity (Druzhba, at first)"),
        ("capacity", "capacity (Druzhba, 2023-01-01)"),
    ]
    scenario = tw.Scenario("more", [tw.Capacity(facility="Druzhba", add=tw.uniform(0, 1e6), unit="t", name="more")])
    for at in ({"at": 2023}, {"periods": [2022, 2023]}):
        ensemble = model.sample(scenario, 4, ask=ASKED, **at)
        for number, values in ensemble.values.set_index("draw").iterrows():
            sure = calibrated(
                facilities=built(values["capacity (Druzhba, at first)"], values["capacity (Druzhba, 2023-01-01)"])
            )
            sized = scenario.replace("more", add=values["add (more)"])
            plain_ = sure.solve(sized, at=2023) if "at" in at else sure.path(sized, [2022, 2023])
            drawn = ensemble.draws.prices
            own = drawn[drawn["draw"] == number].drop(columns="draw").reset_index(drop=True)
            wanted = plain_.prices
            if "periods" in at:
                own, wanted = (frame.astype({"period": str}) for frame in (own, wanted))
            pd.testing.assert_frame_equal(own, wanted, check_exact=True)
    assert ensemble.draws.prices.groupby(["period", "country"], observed=True)["consumer_price"].nunique().max() == 4


def test_zero_width_of_a_capacity_is_the_plain_solve() -> None:
    scenario = tw.Scenario("embargo", [EMBARGO])
    ensemble = calibrated(facilities=capacity_of(tw.uniform(13e6, 13e6))).sample(scenario, 3, ask=ASKED)
    result = calibrated(facilities=capacity_of(13e6)).solve(scenario)
    for question in ASKED:
        found = question(ensemble.at(0.5)).drop(columns="quantile")
        pd.testing.assert_frame_equal(found, question(result), check_exact=True)


def test_capacities_of_models_of_curves() -> None:
    def made(capacity: Any) -> tw.Spatial:
        line = {"facility": ["line"], "capacity": [capacity], "exporter": ["A"], "importer": ["C"]}
        return three(facilities=pd.DataFrame(line))

    model = made(tw.uniform(1, 8))
    cost = tw.Scenario("cost", [tw.TradeCost(exporters="A", specific=1.0, name="cost")])
    ensemble = model.sample(cost, 4, ask=tw.ask("prices"))
    for number, values in ensemble.values.set_index("draw").iterrows():
        # The baseline of a draw is its own equilibrium.
        plain_ = made(values["capacity (line)"]).solve(cost)
        drawn = ensemble.draws.prices
        own = drawn[drawn["draw"] == number].drop(columns="draw").reset_index(drop=True)
        pd.testing.assert_frame_equal(own, plain_.prices, check_exact=True)
    assert ensemble.draws.prices["consumer_price_before"].nunique() > 4
    again = pickle.loads(pickle.dumps(model))
    assert again.uncertain == model.uncertain
    assert_same(again.sample(cost, 4, ask=tw.ask("prices")), ensemble)


@pytest.mark.parametrize(
    ("facilities", "says"),
    [
        (capacity_of(tw.uniform(-1, 3)), r"capacity \(Druzhba\) is uniform\(-1, 3\), of which"),
        (capacity_of(tw.uniform(3.9e6, 8.9e6)), r"of which 0.2 lies below the 4.9e\+06 that went through it"),
        (capacity_of(tw.normal(30e6, 1e6)), "lies below the 4.9e"),
        (built(20e6, tw.normal(1e6, 1e6)), r"capacity \(Druzhba, 2023-01-01\).*of which 0.16 lies below 0"),
        (pd.concat([capacity_of(tw.uniform(13e6, 20e6)), capacity_of(16.5e6)]), "rows 0 and 1 .*and differ"),
    ],
)
def test_capacities_outside_their_range_are_refused(facilities: Any, says: str) -> None:
    with pytest.raises(tw.DataError, match=says):
        calibrated(facilities=facilities)
