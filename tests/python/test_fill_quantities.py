"""Quantities that are not known, filled at the unit value of those that are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tradewinds as tw

KEYS = ["exporter", "commodity", "period"]


@pytest.fixture(scope="module")
def flows() -> tw.Flows:
    return tw.datasets.load("energy").select(commodities=["crude", "lng"])


def test_the_rule_is_the_exporters_mean_unit_value_then_that_of_all(flows: tw.Flows) -> None:
    before, after = flows.to_frame(), flows.fill_quantities().to_frame()
    known = before[before["quantity"].gt(0) & before["value"].gt(0)]
    own = known.groupby(KEYS, observed=True)[["value", "quantity"]].sum().eval("quantity / value").rename("own")
    world = known.groupby(KEYS[1:], observed=True)[["value", "quantity"]].sum().eval("quantity / value").rename("all")
    expected = before.join(own, on=KEYS).join(world, on=KEYS[1:])
    rate = expected["own"].fillna(expected["all"])
    missing = before["quantity"].isna().to_numpy()
    assert 100 < missing.sum() < 0.1 * len(before)
    # Sums of up to 250 numbers in another order.
    np.testing.assert_allclose(after["quantity"][missing], (before["value"] * rate)[missing], rtol=1e-12)
    pd.testing.assert_frame_equal(before[~missing], after[~missing])


def test_it_says_what_was_filled(flows: tw.Flows) -> None:
    filled = flows.fill_quantities()
    frame = flows.to_frame()
    missing = frame["quantity"].isna()
    told = filled.attrs["quantities_filled"]
    assert {name: found["rows"] for name, found in told.items()} == frame[missing].groupby(
        "commodity", observed=True
    ).size().to_dict()
    share = (
        frame.loc[missing & (frame["commodity"] == "lng"), "value"].sum()
        / frame.loc[frame["commodity"] == "lng", "value"].sum()
    )
    assert told["lng"]["share_of_value"] == pytest.approx(share, rel=1e-12)  # the same sums in another order
    assert "quantities_filled" not in flows.attrs
    # There is nothing left to fill.
    assert filled.fill_quantities().attrs == filled.attrs


def test_a_result_names_the_rule_among_its_sources(flows: tw.Flows) -> None:
    model = tw.Armington(flows.fill_quantities(), period=2021, substitution=5, demand=-1, supply=1)
    sources = model.solve(tw.Scenario("none", [])).sources()
    rows = sources[sources["source"] == "Flows.fill_quantities"]
    assert set(rows["commodity"]) == {"crude", "lng"}
    assert rows["value"].str.contains("flows").all()


def test_nothing_is_made_of_nothing() -> None:
    with pytest.raises(tw.DataError, match="no flow of coal in 2021 has a quantity"):
        tw.datasets.load("energy").select(commodities="coal", periods=2021).fill_quantities()


def test_a_spatial_model_takes_the_filled_flows(flows: tw.Flows) -> None:
    crude = flows.select(commodities="crude", periods=2021)
    with pytest.raises(tw.DataError, match="quantity"):
        tw.Spatial(crude, period=2021, demand=-0.5, supply=0.3)
    found = tw.Spatial(crude.fill_quantities(), period=2021, demand=-0.5, supply=0.3).solve(tw.Scenario("none", []))
    frame = found.flows
    # No measures, so the observed flows come out.
    np.testing.assert_allclose(frame["quantity_after"], frame["quantity_before"], rtol=1e-6)


def test_episodes_are_scored_in_tonnes_where_any_are_known() -> None:
    lng = tw.episodes["russia-lng"]
    assert 0 < lng.filled < 0.05
    assert lng.filled_flows.to_frame()["quantity"].notna().all()
    names = {"half": tw.Armington(lng.filled_flows, period=2021, substitution=5, demand=-1, supply=1)}
    frame = lng.backtest(names, basis="quantity").frame
    sold = lng.filled_flows.select(exporters="RUS", periods=2021).to_frame()
    before = frame[frame["model"] == "half"].drop_duplicates("destination").set_index("destination")["before"]
    for name, code in (("China", "CHN"), ("Japan", "JPN")):
        share = sold.loc[sold["importer"] == code, "quantity"].sum() / sold["quantity"].sum()
        assert before[name] == pytest.approx(share)
