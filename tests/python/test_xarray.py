"""A result as arrays: every number of the frames is in its place, and no other."""

from __future__ import annotations

import numpy as np
import pytest
from market import model

import tradewinds as tw

xarray = pytest.importorskip("xarray")

SCENARIO = tw.Scenario("ban", [tw.Ban(exporters="RUS", importers="DEU"), tw.TradeCost(exporters="SAU", change=0.1)])
AMOUNTS = ("quantity_before", "quantity_after", "quantity_arrived")


@pytest.mark.parametrize("modes", [False, True])
def test_every_flow_is_in_its_place(modes: bool) -> None:
    result = model(modes=modes).solve(SCENARIO)
    data, flows = result.to_xarray(), result.to_frame()
    dims = ("exporter", "importer", "commodity", *(("mode",) if modes else ()))
    assert data["value_after"].dims == dims
    for name in ("value_before", "value_after", *AMOUNTS):
        assert int(data[name].count()) == len(flows)
        for row in flows.to_dict("records"):
            assert float(data[name].sel({dim: row[dim] for dim in dims})) == row[name]


def test_prices_stand_on_the_side_that_pays_or_gets_them() -> None:
    result = model().solve(SCENARIO)
    data = result.to_xarray()
    for row in result.prices.to_dict("records"):
        for name, side in (("producer_price", "exporter"), ("price_index", "importer")):
            if row[name] == row[name]:
                assert float(data[name].sel({side: row["country"], "commodity": row["commodity"]})) == row[name]
    assert int(data["producer_price"].count()) == result.prices["producer_price"].count()
    assert int(data["price_index"].count()) == result.prices["price_index"].count()


def test_units_and_the_run_are_in_the_attrs() -> None:
    data = model().solve(SCENARIO, at=2022).to_xarray()
    assert data["value_after"].attrs["units"] == "USD"
    assert data["producer_price"].attrs["units"] == "new / baseline"
    assert data["quantity_unit"].to_series().to_dict() == {"coal": "t", "crude": "t"}
    assert (data.attrs["scenario"], data.attrs["at"], data.attrs["converged"]) == ("ban", "2022", 1)
    assert all(isinstance(value, str | int | float) for value in data.attrs.values())


def test_a_commodity_has_one_unit_of_quantity() -> None:
    result = model(quantities="some").solve(SCENARIO)
    data, flows = result.to_xarray(), result.flows
    known = flows["quantity_unit"] == "t"
    assert 0 < known.sum() < len(flows)
    assert int(data["quantity_after"].count()) == known.sum()
    none = model(quantities="none").solve(SCENARIO)
    assert set(none.to_xarray()["quantity_unit"].values) == {"USD at baseline prices"}
    assert int(none.to_xarray()["quantity_after"].count()) == len(none.flows)


def test_commodities_may_be_chosen() -> None:
    result = model().solve(SCENARIO)
    data = result.to_xarray(commodities="crude")
    assert data["commodity"].values.tolist() == ["crude"]
    whole = result.to_xarray().sel(commodity=["crude"])
    np.testing.assert_array_equal(data["value_after"].values, whole["value_after"].values)
    with pytest.raises(tw.ScenarioError, match="crudee"):
        result.to_xarray(commodities="crudee")


def test_without_xarray_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "xarray", None)
    with pytest.raises(ImportError, match=r"tradewinds\[xarray\]"):
        model().solve(SCENARIO).to_xarray()
