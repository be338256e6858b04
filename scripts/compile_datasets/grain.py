"""Table `grain`: trade in wheat, maize, rice and soybeans between regions, 2019–2021.

Tonnes of the FAOSTAT detailed trade matrix, summed to a few countries and regions
and rounded to 10 kt, valued at World Bank yearly average prices. Years without a
price are left out, and so is trade inside a region.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from compile_datasets.energy import EU27, KEY
from compile_datasets.files import markdown, percent, toml_document

COMMODITIES = ("wheat", "maize", "rice", "soybeans")
HS = {"wheat": "1001", "maize": "1005", "rice": "1006", "soybeans": "1201"}
PERIODS = range(2019, 2022)
ORIGIN = "FAOSTAT_TM_export_quantity"
PRICES = {"wheat": "wheat_us_hrw", "maize": "maize", "rice": "rice_thai_5", "soybeans": "soybeans"}
PRICE_NAMES = {
    "wheat": "US wheat, hard red winter",
    "maize": "US maize, No. 2 yellow",
    "rice": "Thai rice, 5 % broken",
    "soybeans": "US soybeans",
}
MONTHS = 12
STEP_T = 10_000

COUNTRIES = "ARG AUS BRA CAN CHN EGY IND RUS THA TUR UKR USA VNM".split()
EAEU = "ARM BLR KAZ KGZ".split()
CONTINENTS = {
    "Africa": "X_AFR_GRAIN",
    "America": "X_AMR_GRAIN",
    "Asia": "X_ASI_GRAIN",
    "Europe": "X_EUR_GRAIN",
    "Oceania": "X_ASI_GRAIN",
}

SOURCE = (
    "FAO, FAOSTAT Detailed trade matrix, export quantities as reported by exporters, via github.com/allfed/pytradeshifts, "
    "commit 7fa19929; summed to regions and rounded. Values: those tonnes at yearly averages of the World Bank Commodity "
    "Price Data (The Pink Sheet)."
)
LICENCE = "FAOSTAT: CC BY-NC-SA 3.0 IGO (a small cited table of rounded aggregates); World Bank prices: CC BY 4.0"


@dataclass(frozen=True)
class Grain:
    rows: pd.DataFrame
    coverage: pd.DataFrame
    prices: pd.DataFrame
    regions: dict[str, list[str]]


def compile_grain(trade: pd.DataFrame, prices: Path, continents: dict[str, str]) -> Grain:
    chosen = trade["commodity"].isin(COMMODITIES) & trade["year"].isin(PERIODS) & (trade["source"] == ORIGIN)
    pairs = trade[chosen].rename(columns={"year": "period"})
    check(pairs)
    region = {iso3: label(iso3, continents) for iso3 in sorted({*pairs["exporter"], *pairs["importer"]})}
    folded = pairs.assign(**{side: pairs[side].map(region) for side in KEY[2:]})
    sums = folded.groupby(KEY, as_index=False)["quantity"].sum()
    sums = sums.assign(quantity=(sums["quantity"] / STEP_T).round() * STEP_T)
    between = sums[(sums["exporter"] != sums["importer"]) & (sums["quantity"] > 0)]
    by_year = yearly(prices)
    rows = valued(between, by_year)
    members: dict[str, list[str]] = {code: [] for code in sorted({*region.values()} - {*COUNTRIES})}
    for iso3, code in region.items():
        if code in members:
            members[code].append(iso3)
    return Grain(rows, coverage(folded, rows), by_year, members)


def label(iso3: str, continents: dict[str, str]) -> str:
    if iso3 in COUNTRIES:
        return iso3
    if iso3 in EU27:
        return "X_EU27"
    return "X_EAEU" if iso3 in EAEU else CONTINENTS[continents[iso3]]


def check(pairs: pd.DataFrame) -> None:
    if pairs.duplicated(KEY).any():
        raise ValueError("a pair of countries appears twice")
    if (pairs["exporter"] == pairs["importer"]).any():
        raise ValueError("a country trades with itself")
    if not (pairs["quantity"] > 0).all() or set(pairs["unit"]) != {"t"}:
        raise ValueError("a quantity is missing, not positive or not in tonnes")
    if dict(zip(pairs["commodity"], pairs["hs"], strict=True)) != HS:
        raise ValueError(f"the grains are not {HS}")


def yearly(path: Path) -> pd.DataFrame:
    """`commodity, period, price`: USD a tonne, the mean of twelve months."""
    monthly = pd.read_csv(path, parse_dates=["period_dt"])
    by_year = monthly.groupby(monthly["period_dt"].dt.year)[[*PRICES.values()]]
    if (by_year.count().loc[[*PERIODS]] != MONTHS).any(axis=None):
        raise ValueError("a price is missing in some month")
    table = by_year.mean().loc[[*PERIODS]].rename(columns={column: name for name, column in PRICES.items()})
    return table.rename_axis("period").reset_index().melt("period", var_name="commodity", value_name="price").round(2)


def valued(between: pd.DataFrame, prices: pd.DataFrame) -> pd.DataFrame:
    rows = between.merge(prices, how="left", on=["commodity", "period"])
    rank = rows["commodity"].map({commodity: place for place, commodity in enumerate(COMMODITIES)})
    rows = rows.assign(value=rows["quantity"] * rows["price"], rank=rank).sort_values(["rank", *KEY])
    return rows[[*KEY, "value", "quantity"]].reset_index(drop=True)


def coverage(folded: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    market = ["commodity", "period"]
    whole = folded.groupby(market)["quantity"].sum()
    inside = folded[folded["exporter"] == folded["importer"]].groupby(market)["quantity"].sum()
    kept = rows.groupby(market)["quantity"]
    table = pd.DataFrame(
        {
            "rows": kept.size(),
            "world_mt": whole / 1e6,
            "inside": inside / whole,
            "kept": kept.sum() / (whole - inside),
        }
    )
    return table.loc[[(commodity, period) for commodity in COMMODITIES for period in PERIODS]].reset_index()


def write(grain: Grain, csv_path: Path, toml_path: Path) -> None:
    rows = grain.rows
    table = rows.assign(
        value=(rows["value"] / 1e6).map("{:.2f}".format), quantity=(rows["quantity"] / 1e3).map("{:.0f}".format)
    )
    table.to_csv(csv_path, index=False, lineterminator="\n", encoding="utf-8")
    toml_path.write_text(attributes(grain), encoding="utf-8", newline="\n")


def attributes(grain: Grain) -> str:
    head: dict[str, object] = {
        "format": 1,
        "title": "Trade in wheat, maize, rice and soybeans between regions, 2019-2021, rounded",
        "source": SOURCE,
        "licence": LICENCE,
        "unit": "million USD",
        "quantity_unit": "kt",
        "valuation": "quantity at the World Bank's yearly average price, the same for all pairs",
        "price_year": "current USD",
        "absent": "absent rows: below 5 kt, or inside a region, not zero",
        "known_defects": known_defects(),
    }
    priced = {name: f"{PRICE_NAMES[name]}: {', '.join(price_texts(grain, name))}" for name in COMMODITIES}
    return toml_document(head, {"hs": HS, "valued_at": priced, "regions": grain.regions})


def price_texts(grain: Grain, commodity: str) -> list[str]:
    rows = grain.prices[grain.prices["commodity"] == commodity]
    return [f"{price:.2f} USD/t in {period}" for period, price in zip(rows["period"], rows["price"], strict=True)]


def known_defects() -> list[str]:
    return [
        "Grain is not valued by customs: its values are tonnes at one world price a year, so they say nothing on unit values, "
        "and shares in value are shares in tonnes.",
        "Grain is what exporters report, rounded to 10 kt; flows below 5 kt are left out. A country that does not report exports "
        "nothing.",
        "Grain is told apart for ARG, AUS, BRA, CAN, CHN, EGY, IND, RUS, THA, TUR, UKR, USA and VNM alone. The EU is X_EU27, its 27 "
        "members of 2020 together: the group EU27 takes it, a member by itself does not. X_EAEU is Armenia, Belarus, Kazakhstan "
        "and Kyrgyzstan, which the group EAEU takes beside RUS.",
        "Trade in grain inside a region is left out, in wheat and maize most of all that between members of the EU.",
    ]


def figures(grain: Grain) -> str:
    table = [
        [
            record["commodity"],
            record["period"],
            record["rows"],
            f"{record['world_mt']:.1f}",
            percent(record["inside"]),
            percent(record["kept"]),
        ]
        for record in grain.coverage.to_dict("records")
    ]
    columns = ["commodity", "year", "rows", "world, Mt", "inside a region", "kept of the rest"]
    regions = len(grain.regions)
    return f"{len(grain.rows)} rows, {len(COUNTRIES)} countries, {regions} regions.\n\n" + markdown(columns, table)


def price_figures(grain: Grain) -> str:
    wide = grain.prices.pivot(index="commodity", columns="period", values="price")
    table = [[name, PRICE_NAMES[name], *(f"{price:.2f}" for price in wide.loc[name])] for name in COMMODITIES]
    return markdown(["commodity", "price", *(f"{period}, USD/t" for period in wide.columns)], table)


def region_figures(grain: Grain) -> str:
    table = [[f"`{code}`", len(members), " ".join(members)] for code, members in grain.regions.items()]
    return markdown(["region", "countries", "members"], table)
