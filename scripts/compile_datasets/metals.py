"""Table `metals`: bilateral trade in copper, nickel, palladium, platinum and titanium, 2018–2021.

Rows of CEPII BACI as collected: each importer's six largest suppliers and each
exporter's six largest customers, in USD without quantities. Nothing is folded,
so that every label is a country.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from compile_datasets.energy import KEY, MINIMUM_KEPT
from compile_datasets.files import markdown, percent, toml_document

COMMODITIES = {
    "copper": "740311",
    "nickel": "750210",
    "palladium": "711021",
    "platinum": "711011",
    "titanium": "810820",
}
GOODS = {
    "copper": "refined copper cathodes",
    "nickel": "unwrought nickel, not alloyed",
    "palladium": "palladium, unwrought or powder",
    "platinum": "platinum, unwrought or powder",
    "titanium": "unwrought titanium and powders",
}
PERIODS = range(2018, 2022)
ORIGIN = "BACI_HS17_V202601_top6_per_side"
THRESHOLD_USD = 1e6

SOURCE = (
    "CEPII BACI, release 202601 (HS17). Gaulier, G. and Zignago, S. (2010), BACI: International Trade Database at the "
    "Product-Level. The 1994-2007 Version, CEPII Working Paper 2010-23. Via github.com/Varcolacus/critical-materials-atlas, "
    "commit 17b328d2."
)


@dataclass(frozen=True)
class Metals:
    rows: pd.DataFrame
    coverage: pd.DataFrame


def compile_metals(trade: pd.DataFrame) -> Metals:
    chosen = trade["commodity"].isin(COMMODITIES) & trade["year"].isin(PERIODS)
    pairs = trade[chosen].rename(columns={"year": "period", "value_usd": "value"})
    check(pairs)
    rows = pairs[pairs["value"] >= THRESHOLD_USD]
    rank = rows["commodity"].map({commodity: place for place, commodity in enumerate(COMMODITIES)})
    rows = rows.assign(rank=rank).sort_values(["rank", *KEY])[[*KEY, "value"]].reset_index(drop=True)
    return Metals(rows, coverage(pairs, rows))


def check(pairs: pd.DataFrame) -> None:
    if pairs.duplicated(KEY).any():
        raise ValueError("a pair of countries appears twice")
    if (pairs["exporter"] == pairs["importer"]).any():
        raise ValueError("a country trades with itself")
    if not (pairs["value"] > 0).all():
        raise ValueError("a value is missing or not positive")
    found = set(zip(pairs["commodity"], pairs["hs"], pairs["source"], strict=True))
    if found != {(commodity, hs, ORIGIN) for commodity, hs in COMMODITIES.items()}:
        raise ValueError(f"the metals are not those of {ORIGIN}")


def coverage(pairs: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    market = ["commodity", "period"]
    whole, kept = (frame.groupby(market)["value"] for frame in (pairs, rows))
    sides = pd.concat([rows[[*market, side]].set_axis([*market, "iso3"], axis=1) for side in KEY[2:]])
    table = pd.DataFrame(
        {
            "rows": kept.size(),
            "countries": sides.groupby(market)["iso3"].nunique(),
            "file_billion_usd": whole.sum() / 1e9,
            "value_kept": kept.sum() / whole.sum(),
        }
    ).reset_index()
    if len(table) != len(COMMODITIES) * len(PERIODS) or (table["value_kept"] < MINIMUM_KEPT).any():
        raise ValueError(f"less than {MINIMUM_KEPT:.0%} of the value kept, or a market is missing:\n{table}")
    return table.round(4)


def write(metals: Metals, csv_path: Path, toml_path: Path) -> None:
    table = metals.rows.assign(value=(metals.rows["value"] / 1e6).map("{:.2f}".format), quantity="")
    table.to_csv(csv_path, index=False, lineterminator="\n", encoding="utf-8")
    toml_path.write_text(attributes(), encoding="utf-8", newline="\n")


def attributes() -> str:
    head: dict[str, object] = {
        "format": 1,
        "title": "Bilateral trade in copper, nickel, palladium, platinum and titanium, 2018-2021",
        "source": SOURCE,
        "licence": "Etalab Open Licence 2.0",
        "unit": "million USD",
        "quantity_unit": "kt",
        "valuation": "FOB",
        "price_year": "current USD",
        "absent": "absent rows: below the six largest partners of each side or below 1 million USD, not zero",
        "known_defects": known_defects(),
    }
    return toml_document(head, {"hs": COMMODITIES, "hs_revision": dict.fromkeys(COMMODITIES, "HS17"), "goods": GOODS})


def known_defects() -> list[str]:
    return [
        "Metals are in USD without tonnes, from each importer's six largest suppliers and each exporter's six largest "
        "customers: 97-99 % of world value; an absent pair is below that cut-off.",
        "Each metal is one code of the Harmonized System: refined copper cathodes, unwrought nickel that is not alloyed, "
        "palladium, platinum and titanium unwrought or as powder; ores, alloys, bars and scrap are other codes.",
        "Values are those of the recorded partner: metal that is traded, refined or stored elsewhere counts where it is booked.",
    ]


def figures(metals: Metals) -> str:
    table = [
        [
            record["commodity"],
            record["period"],
            record["rows"],
            record["countries"],
            f"{record['file_billion_usd']:.2f}",
            percent(record["value_kept"]),
        ]
        for record in metals.coverage.to_dict("records")
    ]
    countries = len({*metals.rows["exporter"], *metals.rows["importer"]})
    columns = ["commodity", "year", "rows", "countries", "file, bn USD", "value kept"]
    return f"{len(metals.rows)} rows, {countries} countries.\n\n" + markdown(columns, table)
