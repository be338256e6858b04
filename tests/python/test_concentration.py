"""Concentration is the sum of squared shares."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from market import model

import tradewinds as tw

COLUMNS = ["role", "country", "commodity", "before", "after", "change", "basis"]
BAN = tw.Scenario("ban", [tw.Ban(exporters="RUS", importers="DEU"), tw.Ban(exporters="USA", commodities="coal")])


def by_hand(flows: pd.DataFrame, role: str, partner: str, columns: tuple[str, str]) -> pd.Series:
    """Of one column of amounts, all modes of a partner together."""
    keys = [role, "commodity"]
    amounts = flows.groupby([*keys, partner], observed=True)[list(columns)].sum()
    shares = amounts / amounts.groupby(keys, observed=True).transform("sum")
    return (shares**2).groupby(keys, observed=True).sum(min_count=1)


@pytest.mark.parametrize(("quantities", "columns"), [("all", "quantity"), ("none", "value")])
def test_it_is_the_sum_of_squared_shares(quantities: str, columns: str) -> None:
    result = model(quantities=quantities, modes=True).solve(BAN)
    found = result.concentration()
    assert list(found.columns) == COLUMNS
    assert set(found["basis"]) == {columns}
    for role, partner in (("exporter", "importer"), ("importer", "exporter")):
        wanted = by_hand(result.flows, role, partner, (f"{columns}_before", f"{columns}_after"))
        mine = found[found["role"] == role].set_index(["country", "commodity"])
        wanted = wanted.reindex(mine.index)
        # Squared before or after the division: a few roundings of numbers of at most 1.
        np.testing.assert_allclose(mine["before"], wanted[f"{columns}_before"], atol=1e-14, rtol=0)
        np.testing.assert_allclose(mine["after"], wanted[f"{columns}_after"], atol=1e-14, rtol=0)
    assert (found["change"].dropna() == (found["after"] - found["before"]).dropna()).all()


def test_a_collapse_has_none() -> None:
    found = model().solve(BAN).concentration(exporter="USA")
    assert found.set_index("commodity")["after"].isna().to_dict() == {"coal": True, "crude": False}


def test_one_role_or_both_may_be_asked() -> None:
    result = model().solve(BAN)
    assert set(result.concentration(exporter="RUS")["role"]) == {"exporter"}
    assert set(result.concentration(importer=["DEU", "POL"])["country"]) == {"DEU", "POL"}
    both = result.concentration(exporter="RUS", importer="DEU")
    assert set(zip(both["role"], both["country"], strict=True)) == {("exporter", "RUS"), ("importer", "DEU")}
    assert both["before"].between(0, 1).all()
    with pytest.raises(tw.ScenarioError, match="DEUU"):
        result.concentration(importer="DEUU")


def test_destinations_add_up_to_what_was_sold() -> None:
    found = model(quantities="some").solve(BAN).destinations("RUS")
    assert list(found.columns) == ["commodity", "entry", "importer", "before", "after", "unit"]
    assert set(found["unit"]) == {"USD at baseline prices"}
    assert (found.loc[found["entry"] == "not_produced", "importer"] == "").all()
    sums = found.groupby("commodity")[["before", "after"]].sum()
    # What is not produced is read off the supply curve; markets clear to 1e-12, magnified below 1e3.
    np.testing.assert_allclose(sums["after"], sums["before"], rtol=1e-9)
