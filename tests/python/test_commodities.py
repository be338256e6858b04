"""The combined dataset: every table's own figures, sources and regions, and what a group means on all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tradewinds as tw
from tradewinds.datasets.load import table

ENERGY = ["coal", "crude", "lng"]
METALS = ["copper", "nickel", "palladium", "platinum", "titanium"]
GRAIN = ["maize", "rice", "soybeans", "wheat"]
KEYS = ["period", "commodity", "exporter", "importer"]
PRICES = {"wheat": "wheat_us_hrw", "maize": "maize", "rice": "rice_thai_5", "soybeans": "soybeans"}


@pytest.fixture(scope="module")
def flows() -> tw.Flows:
    return tw.datasets.load("commodities")


@pytest.fixture(scope="module")
def frame(flows: tw.Flows) -> pd.DataFrame:
    made = flows.to_frame()
    assert isinstance(made, pd.DataFrame)
    return made.astype({key: str for key in KEYS[1:]})


@pytest.fixture(scope="module")
def trade(shared: Path) -> pd.DataFrame:
    text = {"value_usd": [""], "quantity": [""]}
    return pd.read_csv(shared / "trade.csv.gz", keep_default_na=False, na_values=text).rename(
        columns={"year": "period"}
    )


def members(flows: tw.Flows, label: str) -> set[str]:
    return set(flows.attrs["regions"].get(label, [label]))


# what is in it


def test_it_has_twelve_commodities_each_in_its_own_years(flows: tw.Flows, frame: pd.DataFrame) -> None:
    assert flows.commodities == sorted([*ENERGY, *METALS, *GRAIN])
    years = frame.groupby("commodity")["period"].agg(["min", "max", "nunique"])
    assert {tuple(years.loc[name]) for name in ENERGY} == {(2019, 2024, 6)}
    assert {tuple(years.loc[name]) for name in METALS} == {(2018, 2021, 4)}
    assert {tuple(years.loc[name]) for name in GRAIN} == {(2019, 2021, 3)}


def test_energy_is_what_it_is_by_itself(frame: pd.DataFrame) -> None:
    alone = tw.datasets.load("energy").to_frame().astype({key: str for key in KEYS[1:]})
    part = frame[frame["commodity"].isin(ENERGY)].reset_index(drop=True)
    pd.testing.assert_frame_equal(part, alone, check_categorical=False)


def test_quantities_are_tonnes_where_they_are_known(frame: pd.DataFrame) -> None:
    assert set(frame["quantity_unit"]) == {"t"}
    unknown = frame["quantity"].isna().groupby(frame["commodity"]).mean()
    assert unknown[[*METALS, "coal"]].eq(1).all()
    assert unknown[GRAIN].eq(0).all()
    # FAOSTAT: Russia exported 27.3 Mt of wheat in 2021, here without what is below 5 kt.
    wheat = frame[(frame["commodity"] == "wheat") & (frame["exporter"] == "RUS") & (frame["period"] == 2021)]
    assert wheat["quantity"].sum() == pytest.approx(27.3e6, rel=0.01)
    assert (frame["exporter"] != frame["importer"]).all()


def test_it_says_of_each_commodity_where_it_comes_from(flows: tw.Flows) -> None:
    attrs = flows.attrs
    assert set(attrs["hs"]) == set(flows.commodities)
    assert set(attrs["hs_revision"]) == {*ENERGY, *METALS}
    tables = attrs["tables"]
    assert {name: sorted(part["commodities"]) for name, part in tables.items()} == {
        "energy": ENERGY,
        "metals": METALS,
        "grain": GRAIN,
    }
    assert "Etalab" in tables["metals"]["licence"]
    for known in ("CC BY-NC-SA 3.0 IGO", "rounded aggregates", "CC BY 4.0"):
        assert known in tables["grain"]["licence"]
    assert "FAOSTAT" in tables["grain"]["source"]
    assert "World Bank" in tables["grain"]["valuation"]
    assert tables["metals"]["valuation"] == "FOB"
    for text in ("source", "licence", "valuation", "absent"):
        assert all(part[text] in attrs[text] for part in tables.values())
    assert {defect for part in tables.values() for defect in part["known_defects"]} < set(attrs["known_defects"])
    written = Path(tw.datasets.__file__).with_name("SOURCES.md").read_text(encoding="utf-8")
    for part in tables.values():
        assert [defect for defect in part["known_defects"] if f"- {defect}" not in written] == []


def test_a_result_names_the_source_of_every_table(flows: tw.Flows) -> None:
    model = tw.Armington(flows, period=2021, substitution=5, demand=-0.5, supply=0.5)
    sources = model.solve(tw.Scenario("nothing")).sources()
    rows = sources[sources["input"] == "flows"].set_index("commodity")
    assert set(rows.index) == {" ".join(part) for part in (ENERGY, METALS, GRAIN)}
    assert "World Bank" in rows.loc[" ".join(GRAIN), "unit"]
    assert "NC" in rows.loc[" ".join(GRAIN), "licence"]
    assert "NC" not in rows.loc[" ".join(METALS), "licence"]
    part = tw.Armington(flows.select(commodities=["crude", "lng"]), period=2021, substitution=5, demand=-1, supply=1)
    rows = part.solve(tw.Scenario("nothing")).sources().query("input == 'flows'")
    assert list(rows["commodity"]) == ["crude lng"]


def test_a_caller_s_own_attributes_are_not_taken_for_tables() -> None:
    given = pd.DataFrame({"exporter": ["A", "C"], "importer": "B", "commodity": "x", "value": 1.0})
    flows = tw.Flows.from_frame(given, countries="as_is", attrs={"tables": "two", "source": "mine"})
    model = tw.Armington(flows, period=2021, substitution=5, demand=-0.5, supply=0.5)
    sources = model.solve(tw.Scenario("nothing")).sources()
    assert list(sources.query("input == 'flows'")["source"]) == ["mine"]


# regions


def test_no_label_means_two_things(flows: tw.Flows) -> None:
    stated = {name: part.get("regions", {}) for name, part in flows.attrs["tables"].items()}
    labels = [label for regions in stated.values() for label in regions]
    assert len(labels) == len(set(labels))
    assert {label for label in flows.countries if label.startswith("X_")} == set(flows.attrs["regions"])
    for regions in stated.values():
        apart = [country for inside in regions.values() for country in inside]
        assert len(apart) == len(set(apart))
    assert set(flows.attrs["regions"]["X_EU27"]) == set(tw.group_members("EU27", "2021-12-31"))
    assert {*flows.attrs["regions"]["X_EAEU"], "RUS"} == set(tw.group_members("EAEU", "2021-12-31"))


@pytest.mark.parametrize("group", ["EU27", "EAEU"])
def test_a_group_means_the_same_for_every_commodity(flows: tw.Flows, group: str) -> None:
    """Banning all sales to a group leaves no sale to any of its members, told apart or not."""
    banned = tw.Scenario("closed", [tw.Ban(exporters="RUS", importers=group)])
    model = tw.Armington(flows, period=2021, substitution=5, demand=-0.5, supply=0.5)
    left = model.solve(banned).flows
    left = left[left["exporter"] == "RUS"].astype({"importer": str, "commodity": str})
    inside = {code: set(tw.group_members(group, "2021-12-31")) >= members(flows, code) for code in flows.countries}
    taken = left["importer"].map(inside)
    assert (left.loc[taken, "value_after"] == 0).all()
    assert (left.loc[~taken, "value_after"] > 0).all()
    sold = set(left.loc[taken, "commodity"])
    assert sold >= (
        {"crude", "lng", "coal", "copper", "nickel", "wheat", "maize"} if group == "EU27" else {"crude", "wheat"}
    )
    asked = model.solve(banned).share_shift("RUS", group, "CHN").set_index("commodity")
    np.testing.assert_array_equal(asked.loc[sorted(sold), "away_after"], 0)
    assert (asked.loc[sorted(sold), "away_before"] > 0).all()


def test_a_list_that_holds_the_whole_union_takes_its_region(flows: tw.Flows) -> None:
    grain = flows.select(commodities=GRAIN, periods=2021)
    model = tw.Armington(grain, period=2021, substitution=5, demand=-0.5, supply=0.5)
    result = model.solve(tw.Scenario("x", [tw.Ban(importers="UNFRIENDLY", start="2022-03-05")])).flows
    listed = set(result.loc[result["value_after"] == 0, "importer"].astype(str))
    assert listed == {"X_EU27", "AUS", "CAN", "UKR", "USA"}
    with pytest.raises(tw.ScenarioError, match="'G7' means DEU, FRA, ITA, which the data has only as a part of X_EU27"):
        model.solve(tw.Scenario("x", [tw.Ban(importers="G7")]))


def test_taking_the_group_away_takes_its_region_away(flows: tw.Flows) -> None:
    kept = flows.select(importers=["*", "!EU27"], commodities=[*GRAIN, "crude"])
    assert "X_EU27" not in set(kept.to_frame()["importer"].astype(str))
    assert not set(tw.group_members("EU27", "2021-12-31")) & set(kept.to_frame()["importer"].astype(str))
    whole = flows.aggregate(countries={"Europe": "EU27"})
    assert "X_EU27" not in whole.countries
    assert {"wheat", "crude"} <= set(whole.select(importers="Europe").commodities)


# against the sources


def test_metals_are_the_source_s(trade: pd.DataFrame, frame: pd.DataFrame) -> None:
    ours = frame[frame["commodity"].isin(METALS)]
    theirs = trade[trade["commodity"].isin(METALS)]
    both = ours.merge(theirs, on=KEYS)
    assert len(both) == len(ours)
    # Rounded to 0.01 million USD; the source's own cents and the half are within another dollar.
    assert (both["value"] - both["value_usd"]).abs().max() <= 5_001
    market = ["commodity", "period"]
    kept = ours.groupby(market)["value"].sum() / theirs.groupby(market)["value_usd"].sum()
    assert len(kept) == 20
    assert kept.min() >= 0.99


def test_grain_is_rounded_sums_of_the_source(trade: pd.DataFrame, frame: pd.DataFrame, flows: tw.Flows) -> None:
    regions = flows.attrs["tables"]["grain"]["regions"]
    label = {country: code for code, inside in regions.items() for country in inside}
    theirs = trade[trade["commodity"].isin(GRAIN) & trade["period"].between(2019, 2021)]
    for side in ("exporter", "importer"):
        theirs = theirs.assign(**{side: theirs[side].map(lambda code: label.get(code, code))})
    sums = theirs[theirs["exporter"] != theirs["importer"]].groupby(KEYS, as_index=False)["quantity"].sum()
    ours = frame[frame["commodity"].isin(GRAIN)]
    both = ours.merge(sums, how="outer", on=KEYS, suffixes=("", "_source"))
    kept = both["quantity"].notna()
    assert both["quantity_source"].notna().all()
    assert (both["quantity"] - both["quantity_source"]).abs()[kept].max() <= 5_000
    assert both["quantity_source"][~kept].max() <= 5_000
    assert (ours["quantity"] % 10_000 == 0).all()
    # Small enough to be a citation: nobody can read a country's trade with a partner of a region from it.
    assert len({*ours["exporter"], *ours["importer"]}) == 19
    assert len(ours) < 1_200


def test_grain_is_valued_at_the_year_s_mean_price(shared: Path, frame: pd.DataFrame, flows: tw.Flows) -> None:
    monthly = pd.read_csv(shared / "prices_pinksheet_monthly_2019_2026.csv", parse_dates=["period_dt"])
    mean = monthly.groupby(monthly["period_dt"].dt.year)[list(PRICES.values())].mean()
    ours = frame[frame["commodity"].isin(GRAIN)]
    price = [mean.loc[period, PRICES[name]] for name, period in zip(ours["commodity"], ours["period"], strict=True)]
    # Prices are rounded to 0.01 USD, values to 0.01 million USD.
    error = (ours["value"] - ours["quantity"] * np.array(price)).abs()
    assert (error <= 5_001 + 0.005 * ours["quantity"]).all()
    for name, column in PRICES.items():
        assert f"{mean.loc[2021, column]:.2f} USD/t in 2021" in flows.attrs["valued_at"][name]


# in a model


def test_elasticities_exist_for_all_of_them(flows: tw.Flows) -> None:
    assert set(flows.commodities) <= set(tw.datasets.elasticities()["commodity"])


def test_every_year_solves_with_the_bundled_elasticities(flows: tw.Flows) -> None:
    elasticities = tw.datasets.elasticities(import_share="bundled", export_share="bundled")
    for period in flows.periods:
        given = {"substitution": elasticities, "demand": elasticities, "supply": elasticities}
        result = tw.Armington(flows, period=period, **given).solve(tw.Scenario("x", [tw.Ban(exporters="RUS")]))
        assert result.status.converged
        # The certificate is relative; prices are solved to 1e-13 and rounding grows with 123 countries.
        assert result.status.residual < 1e-11


def test_the_tables_are_small_and_stated() -> None:
    folder = Path(tw.datasets.__file__).parent
    sizes = {path.name: path.stat().st_size for path in folder.glob("*.csv")}
    assert sum(sizes.values()) < 2_000_000
    written = (folder / "SOURCES.md").read_text(encoding="utf-8")
    for name, size in sizes.items():
        assert f"| `{name}` | {size:,} |" in written
    assert f"Together {sum(sizes.values()) / 1e6:.2f} MB" in written


def test_an_unknown_dataset_names_those_there_are() -> None:
    for name in ("metals", "grain", "catalogue", "energie"):
        with pytest.raises(tw.DataError, match="commodities, energy"):
            tw.datasets.load(name)
    assert set(table("metals")["commodity"]) == set(METALS)
