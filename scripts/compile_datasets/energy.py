"""Table `energy`: bilateral trade in crude oil, LNG and bituminous coal, 2019–2024.

Rows of CEPII BACI in four steps: pairs below a threshold are left out; a tonnage
that is not credible becomes unknown; small countries are folded into regions;
trade inside a region is left out, because a row from a label to itself would
read as domestic sales.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from compile_datasets.files import markdown, percent, toml_document

COMMODITIES = {"crude": ("2709", "HS92"), "lng": ("271111", "HS92"), "coal": ("270112", "HS17")}
PERIODS = range(2019, 2025)
EU27 = "AUT BEL BGR CYP CZE DEU DNK ESP EST FIN FRA GRC HRV HUN IRL ITA LTU LUX LVA MLT NLD POL PRT ROU SVK SVN SWE".split()
ALWAYS = "AZE BLR CHN GBR IND IRN JPN KAZ KOR NOR PAN RUS SGP TUR TWN UKR USA VEN".split()
REGIONS = {"Africa": "X_AFR", "America": "X_AMR", "Asia": "X_ASI", "Europe": "X_EUR", "Oceania": "X_OCE"}

SHARE_OF_A_COUNTRY = 0.01
THRESHOLD_USD = 1e6
CREDIBLE = (0.4, 2.5)
MINIMUM_KEPT = 0.99
KEY = ["period", "commodity", "exporter", "importer"]
MARKET = ["commodity", "period"]

SOURCE = (
    "CEPII BACI, release 202601 (HS92: crude, lng; HS17: coal). Gaulier, G. and Zignago, S. (2010), BACI: International Trade "
    "Database at the Product-Level. The 1994-2007 Version, CEPII Working Paper 2010-23. Crude and lng via "
    "github.com/narendranag/global-energy-map, commit 091d024c; coal via github.com/Varcolacus/critical-materials-atlas, "
    "commit 17b328d2."
)

CONVENTIONS = {
    "licence": "Etalab Open Licence 2.0",
    "unit": "million USD",
    "quantity_unit": "kt",
    "valuation": "FOB",
    "price_year": "current USD",
}
FOLDED = "A row of a region has a quantity only if every part has one; trade inside a region is left out."


@dataclass(frozen=True)
class Energy:
    pairs: pd.DataFrame
    rows: pd.DataFrame
    coverage: pd.DataFrame
    regions: dict[str, list[str]]


def read_trade(path: Path) -> pd.DataFrame:
    missing = {"value_usd": [""], "quantity": [""]}
    return pd.read_csv(path, dtype={"hs": str}, keep_default_na=False, na_values=missing, compression="gzip")


def compile_energy(trade: pd.DataFrame, continents: dict[str, str]) -> Energy:
    pairs = with_credible_quantity(select(trade))
    large = pairs[pairs["value"] >= THRESHOLD_USD]
    region = regions(large, countries(pairs), continents)
    rows = fold(large, region)
    members: dict[str, list[str]] = {code: [] for code in REGIONS.values()}
    for iso3, code in sorted(region.items()):
        members[code].append(iso3)
    markets = [(commodity, period) for commodity in COMMODITIES for period in PERIODS]
    return Energy(pairs, rows, coverage(pairs, rows, markets), members)


def select(trade: pd.DataFrame) -> pd.DataFrame:
    chosen = trade["commodity"].isin(COMMODITIES) & trade["year"].isin(PERIODS) & trade["source"].str.startswith("BACI")
    for commodity, (_, revision) in COMMODITIES.items():
        origin = trade.loc[chosen & (trade["commodity"] == commodity), "source"]
        if not origin.str.startswith(f"BACI_{revision}_V202601").all():
            raise ValueError(f"{commodity} is not of {revision}")
    return checked(trade[chosen])


def checked(trade: pd.DataFrame) -> pd.DataFrame:
    """`KEY, value, quantity` of BACI's rows: USD and tonnes."""
    pairs = trade.rename(columns={"year": "period", "value_usd": "value"})
    if pairs.duplicated(KEY).any():
        raise ValueError("a pair of countries appears twice")
    if (pairs["exporter"] == pairs["importer"]).any():
        raise ValueError("a country trades with itself")
    if not (pairs["value"] > 0).all():
        raise ValueError("a value is missing or not positive")
    found = set(zip(pairs["commodity"], pairs["hs"], strict=True))
    if wrong := found - {(commodity, hs) for commodity, (hs, _) in COMMODITIES.items()}:
        raise ValueError(f"not the code of the commodity: {sorted(wrong)}")
    return pairs[[*KEY, "value", "quantity"]].reset_index(drop=True)


def with_credible_quantity(pairs: pd.DataFrame) -> pd.DataFrame:
    unit_value = pairs["value"] / pairs["quantity"]
    median = pairs[MARKET].merge(median_unit_value(pairs), how="left", on=MARKET)["median"]
    credible = unit_value.between(CREDIBLE[0] * median, CREDIBLE[1] * median)
    return pairs.assign(quantity=pairs["quantity"].where(credible))


def median_unit_value(pairs: pd.DataFrame) -> pd.DataFrame:
    """Median weighted by value: half of the known value trades below it."""
    known = pairs[pairs["quantity"] > 0]
    known = known.assign(median=known["value"] / known["quantity"]).sort_values([*MARKET, "median", *KEY[2:]])
    value = known.groupby(MARKET)["value"]
    upper_half = known[value.cumsum() >= value.transform("sum") / 2]
    return upper_half.groupby(MARKET, as_index=False)["median"].first()


def countries(pairs: pd.DataFrame) -> set[str]:
    """EU members, the fixed list, and whoever trades 1 % of a commodity's world value."""
    sides = [pairs.groupby(["commodity", side])["value"].sum().rename_axis(["commodity", "iso3"]) for side in KEY[2:]]
    traded = sides[0].add(sides[1], fill_value=0)
    share = traded / pairs.groupby("commodity")["value"].sum()
    large = share[share >= SHARE_OF_A_COUNTRY].index.get_level_values("iso3")
    return {*EU27, *ALWAYS, *large}


def regions(pairs: pd.DataFrame, kept: set[str], continents: dict[str, str]) -> dict[str, str]:
    return {iso3: REGIONS[continents[iso3]] for iso3 in {*pairs["exporter"], *pairs["importer"]} - kept}


def fold(pairs: pd.DataFrame, region: dict[str, str]) -> pd.DataFrame:
    """Rows between labels, without those from a label to itself."""
    labelled = pairs.assign(**{side: pairs[side].map(lambda iso3: region.get(iso3, iso3)) for side in KEY[2:]})
    groups = labelled[labelled["exporter"] != labelled["importer"]].groupby(KEY, as_index=False)
    rows = groups.agg(
        value=("value", "sum"), quantity=("quantity", "sum"), parts=("value", "size"), known=("quantity", "count")
    )
    rows["quantity"] = rows["quantity"].where(rows["parts"] == rows["known"])
    rank = rows["commodity"].map({commodity: place for place, commodity in enumerate(COMMODITIES)})
    return rows.assign(rank=rank).sort_values(["rank", *KEY])[[*KEY, "value", "quantity"]].reset_index(drop=True)


def coverage(pairs: pd.DataFrame, rows: pd.DataFrame, markets: list[tuple[str, int]]) -> pd.DataFrame:
    records = [market_coverage(pairs, rows, commodity, period) for commodity, period in markets]
    table = pd.DataFrame(records)
    if not (table["value_kept"] >= MINIMUM_KEPT).all():
        raise ValueError(f"less than {MINIMUM_KEPT:.0%} of the value kept:\n{table}")
    return table.round(4)


def market_coverage(pairs: pd.DataFrame, rows: pd.DataFrame, commodity: str, period: int) -> dict[str, object]:
    world = pairs[(pairs["commodity"] == commodity) & (pairs["period"] == period)]
    kept = rows[(rows["commodity"] == commodity) & (rows["period"] == period)]
    known = kept["quantity"].notna()
    labels = {*kept["exporter"], *kept["importer"]}
    return {
        "commodity": commodity,
        "period": period,
        "rows": len(kept),
        "countries": len(labels - set(REGIONS.values())),
        "world_billion_usd": world["value"].sum() / 1e9,
        "value_kept": kept["value"].sum() / world["value"].sum(),
        "rows_with_quantity": known.mean(),
        "value_with_quantity": kept.loc[known, "value"].sum() / kept["value"].sum(),
    }


def write(energy: Energy, csv_path: Path, toml_path: Path) -> None:
    write_rows(energy, csv_path)
    toml_path.write_text(attributes(energy), encoding="utf-8", newline="\n")


def write_rows(energy: Energy, path: Path) -> None:
    table = energy.rows.assign(
        value=(energy.rows["value"] / 1e6).map("{:.2f}".format),
        quantity=(energy.rows["quantity"] / 1e3).map("{:.2f}".format, na_action="ignore"),
    )
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def attributes(energy: Energy) -> str:
    head = {
        "format": 1,
        "tables": ["energy"],
        "title": "Bilateral trade in crude oil, LNG and bituminous coal, 2019-2024",
        "source": SOURCE,
        **CONVENTIONS,
        "absent": "absent rows: unknown or below 1 million USD (coal: also below the six largest partners of each side), not zero",
        "known_defects": known_defects(energy),
    }
    tables: dict[str, dict[str, object]] = {
        "hs": {commodity: hs for commodity, (hs, _) in COMMODITIES.items()},
        "hs_revision": {commodity: revision for commodity, (_, revision) in COMMODITIES.items()},
        "regions": dict(energy.regions),
    }
    return toml_document(head, tables)


def known_defects(energy: Energy) -> list[str]:
    iran = [f"{value / 1e9:.1f} in {period}" for period, value in flow(energy, "crude", "IRN", "TWN").items()]
    return [
        "Russia to Türkiye and Russia to Belarus crude are absent from 2022: undisclosed, not stopped. Russia's total is "
        "understated and its other shares are overstated by it.",
        "Russia has published no detail by country since 2022: its exports are what its partners report.",
        "2024 is provisional.",
        "Coal is bituminous coal (HS 270112) in USD without tonnes, from each importer's six largest suppliers and each "
        "exporter's six largest customers: 97-99 % of world value; an absent pair is below that cut-off.",
        "Tonnages are badly wrong for some pairs; a quantity is blank where it is missing or its unit value lies outside "
        "0.4-2.5 times the value-weighted median of that commodity and year. This also blanks some true low prices (Russian LNG "
        "to Norway and the Netherlands in 2019, to Belgium in 2021).",
        FOLDED,
        "TWN is BACI's 490, Other Asia, not elsewhere specified: crude from Iran to TWN (billion USD: "
        f"{', '.join(iran)}) is very likely not Taiwan's but exports whose buyer is not disclosed.",
        "LNG from Iran to Türkiye and Iraq and from Mozambique to South Africa is very likely pipeline gas under the LNG code.",
        "Values are those of the recorded partner: transshipment and storage make the Netherlands, Norway (Russian LNG, 2019), "
        "Panama, Gibraltar or Togo buyers of cargoes used elsewhere.",
    ]


def flow(energy: Energy, commodity: str, exporter: str, importer: str) -> dict[int, float]:
    rows = energy.rows
    chosen = (rows["commodity"] == commodity) & (rows["exporter"] == exporter) & (rows["importer"] == importer)
    return dict(zip(rows.loc[chosen, "period"], rows.loc[chosen, "value"], strict=True))


def figures(energy: Energy) -> str:
    labels = {*energy.rows["exporter"], *energy.rows["importer"]}
    kept = len(labels - set(REGIONS.values()))
    columns = [
        "commodity",
        "year",
        "rows",
        "countries",
        "world, bn USD",
        "value kept",
        "rows with quantity",
        "value with quantity",
    ]
    table = [
        [
            record["commodity"],
            record["period"],
            record["rows"],
            record["countries"],
            f"{record['world_billion_usd']:.1f}",
            percent(record["value_kept"]),
            percent(record["rows_with_quantity"]),
            percent(record["value_with_quantity"]),
        ]
        for record in energy.coverage.to_dict("records")
    ]
    return f"{len(energy.rows)} rows, {kept} countries, {len(labels) - kept} regions.\n\n" + markdown(columns, table)


def region_figures(energy: Energy) -> str:
    table = [[f"`{code}`", len(members), " ".join(members)] for code, members in energy.regions.items()]
    return markdown(["region", "countries", "members"], table)


def quantity_figures(energy: Energy) -> str:
    """The largest flows without a credible quantity."""
    unknown = energy.rows[energy.rows["quantity"].isna() & (energy.rows["commodity"] != "coal")]
    largest = unknown[unknown["value"] >= 1e9].sort_values(["value", *KEY], ascending=[False, *[True] * len(KEY)])
    table = [
        [row["commodity"], row["period"], row["exporter"], row["importer"], f"{row['value'] / 1e9:.2f}"]
        for row in largest.to_dict("records")
    ]
    return markdown(["commodity", "year", "exporter", "importer", "bn USD"], table)
