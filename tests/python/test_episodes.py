"""Crude in the years around earlier embargoes: the source's figures, with the labels of energy."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest

import tradewinds as tw

KEYS = ["period", "commodity", "exporter", "importer"]
EARLIER = [2011, 2012, 2013, 2018]
YEARS = list(range(2019, 2025))


def by_name(flows: tw.Flows) -> pd.DataFrame:
    made = flows.to_frame()
    assert isinstance(made, pd.DataFrame)
    return made.astype({key: str for key in KEYS[1:]})


@pytest.fixture(scope="module")
def flows() -> tw.Flows:
    return tw.datasets.load("episodes")


@pytest.fixture(scope="module")
def frame(flows: tw.Flows) -> pd.DataFrame:
    return by_name(flows)


@pytest.fixture(scope="module")
def world(shared: Path) -> pd.DataFrame:
    """BACI's rows as collected, all countries."""
    blank = {"value_usd": [""], "quantity": [""]}
    trade = pd.read_csv(shared / "crude_2009_2018.csv.gz", keep_default_na=False, na_values=blank)
    return trade[trade["year"].isin(EARLIER)].rename(columns={"year": "period", "value_usd": "value"})


def test_crude_has_ten_years_and_the_others_six(flows: tw.Flows, frame: pd.DataFrame) -> None:
    assert flows.periods == [*EARLIER, *YEARS]
    years = frame.groupby("commodity")["period"].unique().map(sorted)
    assert years.to_dict() == {"crude": [*EARLIER, *YEARS], "lng": YEARS, "coal": YEARS}
    assert frame.query("period in @EARLIER").groupby("period").size().min() > 600


def test_the_later_years_are_energy(frame: pd.DataFrame) -> None:
    alone = by_name(tw.datasets.load("energy"))
    part = frame[frame["period"].isin(YEARS)].reset_index(drop=True)
    pd.testing.assert_frame_equal(part, alone, check_categorical=False)


def test_labels_and_regions_are_those_of_energy(flows: tw.Flows, frame: pd.DataFrame) -> None:
    energy = tw.datasets.load("energy")
    assert flows.countries == energy.countries
    assert flows.attrs["regions"] == energy.attrs["regions"]
    assert all(part["regions"] == energy.attrs["regions"] for part in flows.attrs["tables"].values())
    assert (frame["exporter"] != frame["importer"]).all()
    assert frame["value"].min() >= 1e6


def test_it_says_of_each_table_where_it_comes_from(flows: tw.Flows) -> None:
    attrs = flows.attrs
    tables = attrs["tables"]
    assert [*tables] == ["crude_history", "energy"]
    assert tables["crude_history"]["periods"] == EARLIER
    assert tables["energy"]["periods"] == YEARS
    assert attrs["unit"] == "USD"
    for text in ("source", "licence", "valuation", "absent"):
        assert all(f"{name} (" in attrs[text] and part[text] in attrs[text] for name, part in tables.items())
    defects = attrs["known_defects"]
    assert len(defects) == len(set(defects))
    assert {defect for part in tables.values() for defect in part["known_defects"]} == set(defects)
    written = files("tradewinds.datasets").joinpath("SOURCES.md").read_text(encoding="utf-8")
    assert [defect for defect in defects if f"- {defect}" not in written] == []


def test_ninety_nine_percent_of_the_world_is_kept(world: pd.DataFrame, frame: pd.DataFrame) -> None:
    kept = frame.groupby("period")["value"].sum().loc[EARLIER]
    share = kept / world.groupby("period")["value"].sum()
    assert share.between(0.99, 1).all()


def test_a_flow_between_two_countries_is_the_source_s(world: pd.DataFrame, frame: pd.DataFrame) -> None:
    ours = frame[frame["period"].isin(EARLIER)]
    ours = ours[~(ours["exporter"].str.startswith("X_") | ours["importer"].str.startswith("X_"))]
    both = ours.merge(world, how="left", on=KEYS, suffixes=("", "_source"))
    # Rounded to 0.01 million USD and 0.01 kt; the source's own cents and halves are within another dollar or tonne.
    assert (both["value"] - both["value_source"]).abs().max() <= 5_001
    known = both.dropna(subset="quantity")
    assert (known["quantity"] - known["quantity_source"]).abs().max() <= 6
    # And every large flow of the source between two labels of ours is there.
    labels = {*ours["exporter"], *ours["importer"]}
    large = world[(world["value"] >= 1e6) & world["exporter"].isin(labels) & world["importer"].isin(labels)]
    assert len(large) == len(ours)


def test_every_unit_value_is_credible(frame: pd.DataFrame) -> None:
    known = frame[frame["period"].isin(EARLIER)].dropna(subset="quantity")
    groups = (known["value"] / known["quantity"]).groupby(known["period"])
    # Kept are 0.4 to 2.5 times a median; rounding to 0.01 kt moves the smallest tonnages (1 kt) by 1 % each way.
    assert (groups.max() / groups.min()).max() <= 2.5 / 0.4 * 1.02
    mean = known.groupby("period")[["value", "quantity"]].sum().eval("value / quantity")
    # Dollars a barrel, yearly averages of Brent: 111, 112, 109 and 71.
    assert (mean / 7.33).loc[EARLIER].tolist() == pytest.approx([111, 112, 109, 71], rel=0.1)


def test_the_embargoes_are_in_the_figures(frame: pd.DataFrame) -> None:
    crude = frame[frame["commodity"] == "crude"]
    europe = tw.group_members("EU27", "2012-07-01")
    iran = crude[(crude["exporter"] == "IRN") & crude["importer"].isin(europe)].groupby("period")["value"].sum()
    assert iran[2011] > 15e9
    assert iran.get(2013, 0) < 0.01 * iran[2011]
    assert iran[2018] > 5e9
    venezuela = crude[(crude["exporter"] == "VEN") & (crude["importer"] == "USA")].groupby("period")["value"].sum()
    assert venezuela[2018] > 10e9
    assert venezuela.get(2020, 0) < 0.05 * venezuela[2018]


@pytest.mark.parametrize(
    ("period", "table", "commodities"),
    [(2011, "crude_history", "crude"), ("2018", "crude_history", "crude"), (2021, "energy", "coal crude lng")],
)
def test_a_result_names_the_source_of_its_baseline(
    flows: tw.Flows, period: int | str, table: str, commodities: str
) -> None:
    model = tw.Armington(flows, period=period, substitution=5, demand=-0.5, supply=0.5)
    result = model.solve(tw.Scenario("closed", [tw.Ban(exporters="IRN", importers="EU27", commodities="crude")]))
    assert result.status.converged
    (row,) = result.sources().query("input == 'flows'").to_dict("records")
    assert row["commodity"] == commodities
    assert row["source"] == flows.attrs["tables"][table]["source"]
