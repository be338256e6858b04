"""The bundled tables are what their sources say, and elasticities are converted by the stated formulas."""

from __future__ import annotations

import csv
import datetime as dt
import math
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import tradewinds as tw
from tradewinds import _core

FOLDER = files("tradewinds.datasets")
YEARS = list(range(2019, 2025))
COMMODITIES = ["coal", "crude", "lng"]
TABLES = [
    *("commodities.toml", "countries.csv", "crude_history.csv", "crude_history.toml", "distances.csv"),
    *(
        "distances.toml",
        "elasticities.csv",
        "energy.csv",
        "energy.toml",
        "episodes.toml",
        "grain.csv",
        "grain.toml",
        "groups.csv",
    ),
    *("metals.csv", "metals.toml", "trade_dependence.csv"),
]
#: Three roundings of doubles.
EXACT = 1e-14


def records(name: str) -> list[dict[str, str]]:
    with FOLDER.joinpath(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def energy() -> tw.Flows:
    return tw.datasets.load("energy")


@pytest.fixture(scope="module")
def world(shared: Path) -> pd.DataFrame:
    """BACI's rows as collected, all countries."""
    trade = pd.read_csv(
        shared / "trade.csv.gz", dtype={"hs": str}, keep_default_na=False, na_values={"value_usd": [""]}
    )
    chosen = trade["commodity"].isin(COMMODITIES) & trade["year"].isin(YEARS) & trade["source"].str.startswith("BACI")
    return trade[chosen].rename(columns={"year": "period", "value_usd": "value"})


# energy


def test_energy_is_crude_lng_and_coal_of_six_years(energy: tw.Flows) -> None:
    assert tw.datasets.names() == ["commodities", "energy", "episodes", "world_table"]
    assert (energy.commodities, energy.periods, energy.modes) == (COMMODITIES, YEARS, None)
    pairs = energy.to_frame().groupby(["commodity", "period"], observed=True).size()
    assert len(pairs) == 18
    assert pairs.min() > 300
    assert 60 <= sum(not code.startswith("X_") for code in energy.countries) <= 75


def test_energy_says_where_it_comes_from_and_what_is_wrong_with_it(energy: tw.Flows) -> None:
    attrs = energy.attrs
    assert attrs["unit"] == "USD"
    assert "Etalab" in attrs["licence"]
    assert "Gaulier" in attrs["source"]
    assert "BACI" in attrs["source"]
    assert attrs["valuation"] == "FOB"
    assert attrs["hs"] == {"crude": "2709", "lng": "271111", "coal": "270112"}
    assert set(attrs["hs_revision"]) == set(COMMODITIES)
    assert attrs["price_year"]
    defects = " ".join(attrs["known_defects"])
    for known in ("Türkiye", "2024 is provisional", "TWN", "six largest", "Tonnages"):
        assert known in defects
    written = FOLDER.joinpath("SOURCES.md").read_text(encoding="utf-8")
    assert [defect for defect in attrs["known_defects"] if f"- {defect}" not in written] == []
    assert {code for code in energy.countries if code.startswith("X_")} == set(attrs["regions"])


def test_a_load_is_the_caller_s_own() -> None:
    tw.datasets.load("energy").attrs["known_defects"].clear()
    assert tw.datasets.load("energy").attrs["known_defects"]


def test_energy_is_in_dollars_and_tonnes(energy: tw.Flows) -> None:
    frame = energy.to_frame()
    crude = frame[(frame["commodity"] == "crude") & (frame["exporter"] == "RUS") & (frame["period"] == 2021)]
    # Russia's customs report 110 billion USD and 230 Mt of crude for 2021; mirrored figures and the
    # blanks stay within a third of that.
    assert crude["value"].sum() == pytest.approx(110e9, rel=1 / 3)
    assert crude["quantity"].sum() == pytest.approx(230e6, rel=1 / 3)
    assert set(frame["quantity_unit"]) == {"t"}
    assert frame.loc[frame["commodity"] == "coal", "quantity"].isna().all()
    assert (frame["exporter"].astype(str) != frame["importer"].astype(str)).all()


def test_every_unit_value_is_credible(energy: tw.Flows) -> None:
    known = energy.to_frame().dropna(subset="quantity")
    unit_value = known["value"] / known["quantity"]
    groups = unit_value.groupby([known["commodity"], known["period"]], observed=True)
    # Kept are 0.4 to 2.5 times a median; rounding to 0.01 kt moves the smallest tonnages (1 kt) by 1 % each way.
    assert (groups.max() / groups.min()).max() <= 2.5 / 0.4 * 1.02
    # Dollars a tonne of the world's trade: crude at 25 to 110 USD a barrel; LNG at 3 to 25 USD a million Btu.
    mean = known.groupby(["commodity", "period"], observed=True)[["value", "quantity"]].sum().eval("value / quantity")
    assert mean["crude"].between(25 * 7.33, 110 * 7.33).all()
    assert mean["lng"].between(3 * 52, 25 * 52).all()


def test_tables_are_small() -> None:
    assert (
        sum(len(FOLDER.joinpath(name).read_bytes()) for name in (*TABLES, "SOURCES.md", "catalogue.toml")) < 2_000_000
    )


def test_ninety_nine_percent_of_the_world_is_kept(world: pd.DataFrame, energy: tw.Flows) -> None:
    keys = ["commodity", "period"]
    kept = energy.to_frame().groupby(keys, observed=True)["value"].sum()
    whole = world.groupby(keys)["value"].sum()
    share = (kept / whole).reindex(whole.index)
    assert share.min() >= 0.99
    assert share.max() <= 1 + 1e-6  # 8,446 roundings to 0.01 million USD, of both signs


def test_a_flow_between_two_countries_is_the_source_s(world: pd.DataFrame, energy: tw.Flows) -> None:
    keys = ["period", "commodity", "exporter", "importer"]
    ours = energy.to_frame().astype({key: str for key in keys[1:]})
    ours = ours[~(ours["exporter"].str.startswith("X_") | ours["importer"].str.startswith("X_"))]
    both = ours.merge(world, how="left", on=keys, suffixes=("", "_source"))
    assert both["value_source"].notna().all()
    # Rounded to 0.01 million USD; the source's own cents and the half are within another dollar.
    assert (both["value"] - both["value_source"]).abs().max() <= 5_001
    assert set(world["hs"]) == set(energy.attrs["hs"].values())


def test_the_script_gives_the_bundled_bytes(repository: Path, shared: Path, tmp_path: Path) -> None:
    pytest.importorskip("country_converter", reason="the script needs country_converter, which the package does not")
    if not (repository / "scripts" / "compile_datasets.py").exists():
        pytest.skip("no scripts beside the tests")
    shutil.copytree(repository / "scripts", tmp_path / "scripts")
    target = tmp_path / "python" / "tradewinds" / "datasets"
    target.mkdir(parents=True)
    bundled = repository / "python" / "tradewinds" / "datasets"
    shutil.copy(bundled / "SOURCES.md", target)
    script = [sys.executable, str(tmp_path / "scripts" / "compile_datasets.py"), "--data", str(shared.parent)]
    subprocess.run(script, check=True, capture_output=True, cwd=tmp_path)
    for name in (*TABLES, "SOURCES.md"):
        assert (target / name).read_bytes() == (bundled / name).read_bytes(), name
        assert (target / name).read_bytes() == FOLDER.joinpath(name).read_bytes(), name


# countries and groups


def spellings() -> Iterator[tuple[str, str]]:
    for row in records("countries.csv"):
        padded = f"{int(row['m49']):03}" if row["m49"] else ""
        names = {row["iso3"], row["iso2"], row["m49"], padded, row["baci"], row["name"], *row["aliases"].split("|")}
        yield from ((name, row["iso3"]) for name in sorted(names - {""}))


def test_no_name_belongs_to_two_countries() -> None:
    owners: dict[str, set[str]] = {}
    for name, code in spellings():
        owners.setdefault(name.strip().lower(), set()).add(code)
    assert {name: codes for name, codes in owners.items() if len(codes) > 1} == {}


def test_every_name_is_understood() -> None:
    pairs = list(spellings())
    names = [changed for name, _ in pairs for changed in (name, name.upper(), f" {name.lower()} ")]
    codes = [code for _, code in pairs for _ in range(3)]
    found = _core.resolve_countries(names)
    wrong = [(name, code, got) for name, code, got in zip(names, codes, found, strict=True) if got != code]
    assert wrong == []


def test_no_country_is_called_as_a_group_or_a_region() -> None:
    names = {name.upper() for name, _ in spellings()}
    assert not names & ({group.upper() for group in tw.groups()} | {"ROW", "*"})
    assert not [name for name in names if name.startswith(("X_", "!"))]


def test_membership_is_dated_and_does_not_overlap() -> None:
    known = {row["iso3"] for row in records("countries.csv")}
    stays: dict[tuple[str, str], list[tuple[dt.date, dt.date]]] = {}
    for row in records("groups.csv"):
        assert row["iso3"] in known, row
        assert row["source"].strip(), row
        first = dt.date.fromisoformat(row["first_day"] or "0001-01-01")
        last = dt.date.fromisoformat(row["last_day"] or "9999-12-31")
        assert first <= last, row
        stays.setdefault((row["group"], row["iso3"]), []).append((first, last))
    for stay in stays.values():
        ordered = sorted(stay)
        assert all(before[1] < after[0] for before, after in pairwise(ordered)), stay
    assert {"EU27", "G7", "PRICE_CAP_COALITION", "EAEU", "BRICS", "OPEC+"} <= set(tw.groups())


@pytest.mark.parametrize(
    ("group", "day", "count"),
    [
        ("EU27", "2003-12-31", 15),
        ("EU27", "2004-05-01", 25),
        ("EU27", "2007-01-01", 27),
        ("EU27", "2013-07-01", 28),
        ("EU27", "2020-02-01", 27),
        ("PRICE_CAP_COALITION", "2022-12-05", 32),
        ("BRICS", "2023-12-31", 5),
        ("OPEC+", "2024-12-31", 22),
        ("NATO", "2024-03-07", 32),
    ],
)
def test_groups_have_as_many_members_as_they_had(group: str, day: str, count: int) -> None:
    assert len(tw.group_members(group, day)) == count


# elasticities


def published(commodity: str, parameter: str, horizon: str = "") -> dict[str, str]:
    keys = (commodity, parameter, horizon)
    return next(r for r in records("elasticities.csv") if (r["commodity"], r["parameter"], r["horizon"]) == keys)


def row(table: pd.DataFrame, commodity: str, country: str = "*") -> Any:
    found = table[(table["commodity"] == commodity) & (table["country"] == country)]
    assert len(found) == 1, (commodity, country)
    return found.iloc[0]


def test_published_elasticities_have_signs_grades_and_an_order() -> None:
    table = records("elasticities.csv")
    assert max(Counter((r["commodity"], r["parameter"], r["horizon"]) for r in table).values()) == 1
    for r in table:
        low, central, high = (abs(float(r[preset])) for preset in ("low", "central", "high"))
        assert low <= central <= high, r
        values = [float(r[preset]) for preset in ("low", "central", "high")]
        allowed = {"substitution": lambda v: v > 1, "demand": lambda v: v <= 0, "supply": lambda v: v >= 0}
        assert all(allowed[r["parameter"]](value) for value in values), r
        assert r["grade"] in "ABC", r
        assert r["source"].startswith(f"grade {r['grade']}: "), r


@pytest.mark.parametrize("preset", ["low", "central", "high"])
@pytest.mark.parametrize("horizon", ["short", "long"])
def test_a_preset_and_a_horizon_pick_their_figures(preset: Any, horizon: Any) -> None:
    table = tw.datasets.elasticities(preset, horizon)
    assert set(COMMODITIES) <= set(table["commodity"])
    for commodity in table["commodity"]:
        found = row(table, commodity)
        assert found["substitution"] == float(published(commodity, "substitution")[preset])
        for parameter, of in (("demand", "consumption"), ("supply", "production")):
            source = published(commodity, parameter, horizon)
            assert found[parameter] == float(source[preset])
            assert (found[f"{parameter}_grade"], found[f"{parameter}_source"]) == (source["grade"], source["source"])
            assert found[f"{parameter}_of"] == of


def test_china_s_coal_has_an_import_elasticity_of_8_7() -> None:
    assert row(tw.datasets.elasticities(import_share=0.05), "coal")["demand"] == pytest.approx(-8.7, rel=EXACT)
    bundled = row(tw.datasets.elasticities(import_share="bundled"), "coal", "CHN")
    assert bundled["demand"] == pytest.approx(-8.7, rel=EXACT)
    assert bundled["demand_of"] == "import demand"
    assert bundled["supply_of"] == "production"


def test_both_sides_are_converted_by_the_stated_formulas() -> None:
    table = tw.datasets.elasticities("high", "long", import_share="bundled", export_share="bundled")
    plain = tw.datasets.elasticities("high", "long")
    for share in records("trade_dependence.csv"):
        consumption, production = (row(plain, share["commodity"])[name] for name in ("demand", "supply"))
        found = row(table, share["commodity"], share["country"])
        m, x = (float(share[name] or 0) for name in ("import_share", "export_share"))
        demand = consumption / m - production * (1 - m) / m if m else consumption
        supply = production / x - consumption * (1 - x) / x if x else production
        assert (found["demand"], found["supply"]) == pytest.approx((demand, supply), rel=EXACT)
        assert found["demand_of"] == ("import demand" if m else "consumption")
        assert found["supply_of"] == ("export supply" if x else "production")


def test_who_imports_or_exports_everything_keeps_the_published_figures() -> None:
    table, plain = tw.datasets.elasticities(import_share=1, export_share=1.0), tw.datasets.elasticities()
    pd.testing.assert_frame_equal(table[["demand", "supply"]], plain[["demand", "supply"]])
    assert set(table["demand_of"]) == {"import demand"}
    assert set(table["supply_of"]) == {"export supply"}


SHARES = pd.DataFrame({"commodity": ["coal"] * 2, "country": ["CHN", "*"], "import_share": [0.05, 0.5]})


@pytest.mark.parametrize("frame", [SHARES, SHARES[::-1], pl.from_pandas(SHARES)], ids=["pandas", "reversed", "polars"])
def test_shares_come_by_country_with_one_for_all_others(frame: Any) -> None:
    table = tw.datasets.elasticities(import_share=frame)
    assert row(table, "coal", "CHN")["demand"] == pytest.approx(-8.7, rel=EXACT)
    assert row(table, "coal")["demand"] == pytest.approx(-0.15 / 0.5 - 0.3, rel=EXACT)
    assert row(table, "crude")["demand_of"] == "consumption"


def test_a_mapping_of_shares_is_by_commodity() -> None:
    table = tw.datasets.elasticities(import_share={"coal": 0.05}, export_share={"crude": 0.5})
    assert row(table, "coal")["demand"] == pytest.approx(-8.7, rel=EXACT)
    assert row(table, "crude")["supply"] == pytest.approx(0.05 / 0.5 + 0.13, rel=EXACT)
    assert row(table, "lng")["demand_of"] == "consumption"


@pytest.mark.parametrize("number", [np.float32(0.5), np.float64(0.5), np.int64(1)], ids=lambda n: type(n).__name__)
def test_a_share_may_be_a_number_of_numpy(number: Any) -> None:
    pd.testing.assert_frame_equal(
        tw.datasets.elasticities(import_share=number), tw.datasets.elasticities(import_share=float(number))
    )


BAD_SHARES = {
    "0": 0,
    "above 1": 1.5,
    "negative": -0.1,
    "NaN": math.nan,
    "percent": 50,
    "true": True,
    "a word": "bundle",
    "a list": [0.5],
    "a mapping above 1": {"coal": 2},
    "a mapping of text": {"coal": "half"},
    "a mapping of nothing": {"coal": None},
    "an unknown commodity": {"coall": 0.5},
    "a frame above 1": SHARES.assign(import_share=1.5),
    "a frame of text": SHARES.assign(import_share="half"),
    "a frame without its column": SHARES.rename(columns={"import_share": "m"}),
    "a frame of an unknown commodity": SHARES.assign(commodity="coall"),
    "a frame of an unknown country": SHARES.assign(country=["Chian", "*"]),
    "a frame with a row twice": pd.concat([SHARES, SHARES]),
}


@pytest.mark.parametrize("share", BAD_SHARES)
def test_a_bad_share_is_refused_by_name(share: str) -> None:
    with pytest.raises(tw.DataError, match=r"import_share|coall|Chian"):
        tw.datasets.elasticities(import_share=BAD_SHARES[share])


def test_a_table_of_elasticities_is_the_caller_s_own() -> None:
    first = tw.datasets.elasticities()
    first.loc[:, "demand"] = 5.0
    assert (tw.datasets.elasticities()["demand"] <= 0).all()


# in a model


def solve(flows: tw.Flows, table: Any, **changes: Any) -> tw.Result:
    given = {"substitution": table, "demand": table, "supply": table, **changes}
    return tw.Armington(flows, period=2021, **given).solve(tw.Scenario("nothing"))


@pytest.mark.parametrize("convert", [lambda table: table, pl.from_pandas], ids=["pandas", "polars"])
def test_a_table_passed_to_a_model_picks_its_own_columns(energy: tw.Flows, convert: Any) -> None:
    table = tw.datasets.elasticities(import_share="bundled", export_share="bundled")
    result = solve(energy, convert(table))
    sources = result.sources().set_index(["input", "commodity", "country"])
    for parameter, country in (("substitution", "*"), ("demand", "CHN"), ("supply", "AUS"), ("demand", "*")):
        expected = row(table, "coal", country)
        said = sources.loc[(parameter, "coal", country)]
        assert float(said["value"]) == pytest.approx(expected[parameter], rel=5e-6)  # six digits are shown
        assert said["grade"] == expected[f"{parameter}_grade"]
        assert expected[f"{parameter}_source"] in said["source"]


def statements(flows: tw.Flows, table: Any, **changes: Any) -> dict[str, str]:
    said = solve(flows, table, **changes).attrs["domestic_market"]
    assert isinstance(said, dict)
    return said


def test_numbers_ignore_the_domestic_market_and_the_result_says_so(energy: tw.Flows) -> None:
    assert statements(energy, None, substitution=5, demand=-1, supply=1) == dict.fromkeys(COMMODITIES, "ignored")


def test_elasticities_left_unconverted_ignore_the_domestic_market(energy: tw.Flows) -> None:
    for said in statements(energy, tw.datasets.elasticities()).values():
        assert said.startswith("ignored"), said[:60]


def test_elasticities_converted_for_all_have_the_domestic_market_in_them(energy: tw.Flows) -> None:
    table = tw.datasets.elasticities(import_share=0.5, export_share=0.5)
    assert statements(energy, table) == dict.fromkeys(COMMODITIES, "in the elasticities")


def test_those_whose_dependence_is_unknown_are_named_with_their_share_of_trade(energy: tw.Flows) -> None:
    table = tw.datasets.elasticities(import_share="bundled", export_share="bundled")
    trade = energy.to_frame().query("period == 2021 and commodity == 'coal'")
    said = statements(energy, table)["coal"]
    for side, word, of in (("importer", "buyers", "import demand"), ("exporter", "sellers", "export supply")):
        column = "demand_of" if side == "importer" else "supply_of"
        known = set(table.loc[(table["commodity"] == "coal") & (table[column] == of), "country"])
        ignored = trade[~trade[side].isin(known)]
        share = 100 * ignored["value"].sum() / trade["value"].sum()
        names = ", ".join(sorted(set(ignored[side].astype(str))))
        assert f"{word} of {share:.0f} % of the trade ({names})" in said


def test_home_sales_in_the_flows_are_the_domestic_market() -> None:
    frame = pd.DataFrame(
        {"exporter": ["RUS", "CHN"], "importer": ["CHN", "CHN"], "commodity": "coal", "value": [1.0, 9.0]}
    )
    assert statements(tw.Flows.from_frame(frame), tw.datasets.elasticities()) == {"coal": "in the flows"}
