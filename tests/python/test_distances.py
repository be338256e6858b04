"""Bundled distances are those of their sources, complete, and say what is filled."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tradewinds as tw
from tradewinds.datasets.load import table

PAIR = ["exporter", "importer"]
TIES = ["contiguous", "common_language", "colony"]
COMMODITIES = ["crude", "coal"]
#: Rounded to a whole nautical mile; the rest is three roundings of doubles.
HALF_A_MILE = 0.5 + 1e-9


@pytest.fixture(scope="module")
def distances() -> pd.DataFrame:
    made = tw.datasets.distances()
    assert isinstance(made, pd.DataFrame)
    return made


@pytest.fixture(scope="module")
def regions() -> dict[str, list[str]]:
    made = tw.datasets.load("energy").attrs["regions"]
    assert isinstance(made, dict)
    return made


@pytest.fixture(scope="module")
def circles(shared: Path) -> pd.Series:
    """GeoDist in nautical miles by pair of ISO codes."""
    geodist = pd.read_csv(shared / "geodist.csv.gz", keep_default_na=False, na_values={"distw": ["."]})
    named = geodist.replace({"iso_o": {"PAL": "PSE"}, "iso_d": {"PAL": "PSE"}}).set_index(["iso_o", "iso_d"])
    return named["distw"].fillna(named["dist"]) / 1.852


@pytest.fixture(scope="module")
def sea(shared: Path) -> pd.Series:
    return pd.read_csv(shared / "sea_distance.csv").set_index(["commodity", *PAIR])["nautical_miles"]


def test_every_pair_of_labels_is_there_once(distances: pd.DataFrame) -> None:
    labels = sorted(tw.datasets.load("energy").countries)
    wanted = pd.MultiIndex.from_product([labels, labels], names=PAIR)
    assert list(distances.set_index(PAIR).index) == list(wanted)
    assert not distances.isna().any(axis=None)
    miles = distances[["sea_crude", "sea_coal", "great_circle"]]
    assert (miles >= 0).all(axis=None)
    # Half the equator is 10,800 nautical miles; no sea route between ports is twice that.
    assert distances["great_circle"].between(1, 10_801).all()
    assert miles.max(axis=None) < 2 * 10_800


def test_it_says_where_it_comes_from_and_what_is_wrong_with_it(distances: pd.DataFrame) -> None:
    attrs = distances.attrs
    assert "GeoDist" in attrs["source"]
    assert "searoute" in attrs["source"]
    assert "Etalab" in attrs["licence"]
    assert attrs["unit"] == "nautical miles"
    assert set(attrs["columns"]) == set(distances.columns) - set(PAIR)
    written = files("tradewinds.datasets").joinpath("SOURCES.md").read_text(encoding="utf-8")
    assert [defect for defect in attrs["known_defects"] if f"- {defect}" not in written] == []
    assert "distances" not in tw.datasets.names()


def test_great_circles_and_ties_are_the_same_in_both_directions(distances: pd.DataFrame) -> None:
    pairs = distances.set_index(PAIR)[["great_circle", *TIES]]
    back = pairs.swaplevel().loc[pairs.index]
    assert pairs["great_circle"].sub(back["great_circle"]).abs().max() <= 1
    # A share rounded to a thousandth, summed in another order.
    assert pairs[TIES].sub(back[TIES]).abs().max(axis=None) <= 0.001 + 1e-12
    assert pairs[TIES].stack().between(0, 1).all()


def test_ties_of_two_countries_are_yes_or_no(distances: pd.DataFrame) -> None:
    countries = ~(distances["exporter"].str.startswith("X_") | distances["importer"].str.startswith("X_"))
    assert distances.loc[countries, TIES].isin([0, 1]).all(axis=None)
    pairs = distances.set_index(PAIR)
    assert pairs.loc[("RUS", "CHN"), "contiguous"] == 1
    assert pairs.loc[("RUS", "IND"), "contiguous"] == 0
    assert pairs.loc[("GBR", "AUS"), TIES].tolist() == [0, 1, 1]


@pytest.mark.parametrize("commodity", COMMODITIES)
def test_what_is_filled_is_the_great_circle_times_the_stated_ratio(distances: pd.DataFrame, commodity: str) -> None:
    filled = distances[distances[f"sea_{commodity}_filled"]]
    ratio = distances.attrs["sea_ratio"][commodity]
    assert 1 < ratio < 2
    assert 0 < len(filled) < len(distances)
    gap = filled[f"sea_{commodity}"] - ratio * filled["great_circle"]
    assert gap.abs().max() <= HALF_A_MILE


@pytest.mark.parametrize(("commodity", "share"), [("crude", 0.02), ("coal", 0.06)])
def test_little_trade_goes_over_filled_distances(distances: pd.DataFrame, commodity: str, share: float) -> None:
    trade = table("energy").query("commodity == @commodity").merge(distances, on=PAIR)
    filled = trade.loc[trade[f"sea_{commodity}_filled"], "value"].sum() / trade["value"].sum()
    # 0.8 % of crude; 5.3 % of coal, most of it from Mongolia to China by land.
    assert 0 < filled < share


def test_russia_sells_to_china_from_its_eastern_port_and_to_europe_from_its_western(
    distances: pd.DataFrame, sea: pd.Series
) -> None:
    pairs = distances.set_index(PAIR)
    assert pairs.loc[("RUS", "CHN"), "sea_crude"] < 1500
    for commodity in COMMODITIES:
        assert pairs.loc[("RUS", "CHN"), f"sea_{commodity}"] == sea.loc[(commodity, "RUE", "CHN")]
        assert pairs.loc[("RUS", "NLD"), f"sea_{commodity}"] == sea.loc[(commodity, "RUW", "NLD")]
        assert not pairs.loc[("RUS", "CHN"), f"sea_{commodity}_filled"]
    both = sea.unstack("exporter")[["RUW", "RUE"]].min(axis=1)
    for (commodity, importer), nearest in both.items():
        if ("RUS", importer) in pairs.index:
            assert pairs.loc[("RUS", importer), f"sea_{commodity}"] == nearest


def test_distances_of_two_countries_are_those_of_the_sources(
    distances: pd.DataFrame, sea: pd.Series, circles: pd.Series
) -> None:
    countries = ~(distances["exporter"].str.startswith("X_") | distances["importer"].str.startswith("X_"))
    for row in distances[countries].to_dict("records"):
        pair = (row["exporter"], row["importer"])
        assert abs(row["great_circle"] - circles[pair]) <= HALF_A_MILE, row
        for commodity in COMMODITIES if row["exporter"] != "RUS" else ():
            listed = (commodity, *pair) in sea.index
            assert row[f"sea_{commodity}_filled"] == (not listed), row
            assert not listed or row[f"sea_{commodity}"] == sea[commodity, *pair], row


@pytest.mark.parametrize("pair", [("X_AFR", "CHN"), ("IND", "X_ASI"), ("X_AMR", "X_AMR"), ("X_EUR", "X_OCE")])
def test_a_region_is_the_mean_of_its_members(
    distances: pd.DataFrame,
    regions: dict[str, list[str]],
    sea: pd.Series,
    circles: pd.Series,
    pair: tuple[str, str],
) -> None:
    row = distances.set_index(PAIR).loc[pair]
    inside = [regions.get(label, [label]) for label in pair]
    apart = [(i, j) for i in inside[0] for j in inside[1] if i != j]
    known = [circles[one] for one in apart if one in circles.index]
    assert abs(row["great_circle"] - np.mean(known)) <= HALF_A_MILE
    by_sea = [sea["crude", *one] for one in apart if ("crude", *one) in sea.index]
    assert row["sea_crude_filled"] == (not by_sea)
    assert not by_sea or abs(row["sea_crude"] - np.mean(by_sea)) <= HALF_A_MILE


@pytest.mark.parametrize("commodity", COMMODITIES)
def test_the_ratio_is_the_median_over_pairs_that_have_both(
    distances: pd.DataFrame, sea: pd.Series, circles: pd.Series, commodity: str
) -> None:
    nearest = sea[commodity].rename({"RUW": "RUS", "RUE": "RUS"}, level="exporter").groupby(level=PAIR).min()
    ratios = [miles / circles[pair] for pair, miles in nearest.items() if pair[0] != pair[1] and pair in circles.index]
    # Stated with four decimals.
    assert abs(distances.attrs["sea_ratio"][commodity] - np.median(ratios)) <= 0.5e-4 + 1e-12


def test_a_table_of_distances_is_the_caller_s_own() -> None:
    first = tw.datasets.distances()
    first.loc[:, "great_circle"] = 0
    first.attrs["known_defects"].clear()
    assert (tw.datasets.distances()["great_circle"] > 0).all()
    assert tw.datasets.distances().attrs["known_defects"]
