"""Revenue adds up, says its units, and refuses what makes no sense."""

from __future__ import annotations

import numpy as np
import pytest
from market import model

import tradewinds as tw

COLUMNS = [
    "commodity",
    "before",
    "after",
    "change",
    "volume",
    "world_price",
    "discount",
    "freight",
    "basis",
    "unit",
]

SCENARIOS = {
    "nothing": [],
    "ban": [tw.Ban(exporters="RUS", importers="DEU")],
    "collapse": [tw.Ban(exporters="RUS")],
    "rival collapses": [tw.Ban(exporters="SAU"), tw.Tariff(exporters="RUS", rate=0.2)],
    "quota": [tw.Quota(exporters="RUS", importers="CHN", commodities="crude", share=0.5, rent="exporter")],
    "tax": [tw.ExportTax(exporters="RUS", rate=0.3)],
    "half a year": [tw.Ban(exporters="RUS", importers="DEU", start="2022-07-01")],
    "gone for half a year": [tw.Ban(exporters="RUS", start="2022-07-01")],
}


@pytest.mark.parametrize("quantities", ["all", "some", "none"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_it_adds_up(name: str, quantities: str) -> None:
    if name == "quota" and quantities != "all":
        pytest.skip("a quota of quantity needs quantities")
    result = model(quantities=quantities).solve(tw.Scenario(name, SCENARIOS[name]), at=2022)
    found = result.revenue("RUS")
    assert list(found.columns) == COLUMNS
    assert set(found["unit"]) == {"USD"}
    assert found.attrs["units"]["volume"] == "USD"
    parts = found["volume"] + found["world_price"] + found["discount"] + found["freight"]
    # A dozen roundings of sums of the size of revenue, 1e11 at most.
    assert np.abs(parts - found["change"]).max() <= 16 * np.finfo(float).eps * 1e11
    assert (found["after"] - found["before"] == found["change"]).all()
    flows = result.flows[result.flows["exporter"] == "RUS"].groupby("commodity", observed=True)[
        ["value_before", "value_after"]
    ]
    # The same few numbers in another order.
    np.testing.assert_allclose(found["before"], flows.sum()["value_before"], rtol=1e-14)
    np.testing.assert_allclose(found["after"], flows.sum()["value_after"], rtol=1e-14)


def test_a_collapse_is_all_volume() -> None:
    found = model().solve(tw.Scenario("x", SCENARIOS["collapse"])).revenue("RUS")
    assert (found["after"] == 0).all()
    assert (found["volume"] == -found["before"]).all()
    assert (found[["world_price", "discount", "freight"]] == 0).all(axis=None)


def test_an_export_tax_is_revenue_and_a_duty_is_not() -> None:
    taxed = model().solve(tw.Scenario("x", SCENARIOS["tax"])).revenue("RUS")
    duty = model().solve(tw.Scenario("x", [tw.Tariff(exporters="RUS", rate=0.3)])).revenue("RUS")
    # The buyer pays the same either way: with a tax of 30 % the border value is 1.3 times the duty's,
    # to the solver's residual of 1e-12 magnified by 1/(1 - modulus), far below 1e3.
    np.testing.assert_allclose(taxed["after"], 1.3 * duty["after"], rtol=1e-9)


def test_a_reference_may_be_named() -> None:
    result = model().solve(tw.Scenario("x", SCENARIOS["ban"]))
    named, all_others = result.revenue("RUS", reference="USA"), result.revenue("RUS", reference=["*", "!RUS"])
    assert (result.revenue("RUS")[COLUMNS] == all_others[COLUMNS]).all(axis=None)
    assert (named["world_price"] != all_others["world_price"]).all()
    assert (named["volume"] == all_others["volume"]).all()
    missing = result.revenue("RUS", reference="IND")
    assert missing[["world_price", "discount"]].isna().all(axis=None)
    with pytest.raises(tw.ModelError, match="reference= is the exporter itself"):
        result.revenue("RUS", reference="RUS")
    with pytest.raises(tw.ScenarioError, match="unknown country 'RSU'"):
        result.revenue("RSU")


def test_who_sells_nothing_has_no_rows() -> None:
    found = model().solve(tw.Scenario("x")).revenue("IND")
    assert list(found.columns) == COLUMNS
    assert len(found) == 0


def test_home_sales_are_no_exports() -> None:
    frame = {
        "exporter": ["RUS", "RUS", "SAU"],
        "importer": ["RUS", "DEU", "DEU"],
        "commodity": ["crude"] * 3,
        "value": [900.0, 100.0, 100.0],
    }
    import pandas as pd

    flows = tw.Flows.from_frame(pd.DataFrame(frame))
    result = tw.Armington(flows, period=2021, substitution=5, demand=-0.4, supply=0.3).solve(tw.Scenario("x"))
    assert result.revenue("RUS")["before"].tolist() == [100.0]
