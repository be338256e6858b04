"""Table `world_table`: an input–output table of the world in 2022, 18 regions and 15 sectors.

Intermediate deliveries are the OECD's, summed into sectors. Who buys final deliveries is not in the
collected file and is estimated: each industry's final deliveries first go where its intermediate
deliveries go, then they are fitted (RAS) so that every region's final spending is its value added.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from compile_datasets.files import markdown, percent, toml_document

SECTORS = {
    "agriculture": "A01 A02 A03",
    "fossil_fuels": "B05 B06",
    "mining": "B07 B08 B09",
    "consumer_goods": "C10T12 C13T15 C16 C17_18 C31T33",
    "refined": "C19",
    "chemicals": "C20 C21 C22",
    "metals": "C23 C24A C24B C25",
    "technology": "C26 C27",
    "machinery": "C28 C29 C301 C302T309",
    "utilities": "D E",
    "construction": "F",
    "trade_transport": "G H49 H50 H51 H52 H53 I",
    "communication": "J58T60 J61 J62_63",
    "business_services": "K L M N",
    "public_services": "O P Q R S T",
}
GOODS = {
    "fossil_fuels": "coal, crude oil and natural gas",
    "mining": "ores, other mining and mining support",
    "consumer_goods": "food, textiles, wood, paper, furniture and other manufacturing",
    "refined": "coke and refined petroleum",
    "chemicals": "chemicals, pharmaceuticals, rubber and plastics",
    "metals": "metals, metal products and non-metallic minerals",
    "technology": "computers, electronics, optics and electrical equipment",
    "machinery": "machinery, motor vehicles, ships, aircraft and other transport equipment",
    "utilities": "electricity, gas supply, water and waste",
}
REGIONS = [
    "RUS",
    "X_EU27",
    "CHN",
    "USA",
    "IND",
    "TUR",
    "GBR",
    "JPN",
    "KOR",
    "NOR",
    "CAN",
    "AUS",
    "BRA",
    "IDN",
    "KAZ",
    "SAU",
    "ARE",
    "ROW",
]
RENAMED = {"EU27": "X_EU27"}
YEAR = 2022
FINAL = "final"
SELLER = ["exporter", "sector"]
SOURCE = (
    "OECD (2025), Inter-Country Input-Output tables, edition 2025, year 2022, http://oe.cd/icio. Via the package "
    "sanction-simulator 0.1.4 (MIT)."
)
LICENCE = (
    "OECD Terms and Conditions, section Data: any use, also commercial, with the OECD named as the source; whoever passes "
    "the figures on must ask for the same"
)
ESTIMATED = (
    "Who buys final deliveries is estimated, not observed: an industry's final deliveries go where its intermediate "
    "deliveries go, fitted so that each region's final spending is its value added (trade is balanced)."
)


@dataclass(frozen=True)
class WorldTable:
    #: Million USD; rows sellers, columns (importer, use).
    deliveries: pd.DataFrame
    steps: int


def compile_world_table(folder: Path) -> WorldTable:
    sales = pd.read_csv(folder / "icio2022_agg_intermediate.csv.gz")
    output = pd.read_csv(folder / "icio2022_agg_output.csv").set_index(["region", "sector"])["gross_output_usd_mn"]
    check(sales, output)
    final, steps = final_deliveries(sales, output)
    sector_of = {code: sector for sector, codes in SECTORS.items() for code in codes.split()}
    intermediate = pd.DataFrame(
        {
            "exporter": sales["sell_region"].replace(RENAMED),
            "sector": sales["sell_sector"].map(sector_of),
            "importer": sales["buy_region"].replace(RENAMED),
            "use": sales["buy_sector"].map(sector_of),
            "value": sales["usd_mn"],
        }
    )
    rows = (
        final.rename_axis(["exporter", "sector"]).rename_axis("importer", axis=1).stack().rename("value").reset_index()
    )
    rows["exporter"], rows["importer"] = rows["exporter"].replace(RENAMED), rows["importer"].replace(RENAMED)
    rows = rows.assign(sector=rows["sector"].map(sector_of), use=FINAL)
    table = pd.concat([intermediate, rows]).pivot_table("value", SELLER, ["importer", "use"], "sum", fill_value=0.0)
    uses = [*SECTORS, FINAL]
    ordered = table.reindex(
        index=pd.MultiIndex.from_product([REGIONS, SECTORS], names=SELLER),
        columns=pd.MultiIndex.from_product([REGIONS, uses], names=["importer", "use"]),
        fill_value=0.0,
    )
    return WorldTable(ordered.round().astype(int), steps)


def check(sales: pd.DataFrame, output: pd.Series) -> None:
    regions = {RENAMED.get(region, region) for region in sales["sell_region"]}
    codes = {code for codes in SECTORS.values() for code in codes.split()}
    if regions != set(REGIONS) or set(sales["sell_sector"]) | set(output.index.get_level_values(1)) != codes:
        raise ValueError("the regions or industries are not those of the collected file")
    if (sales["usd_mn"] < 0).any() or sales.duplicated(list(sales.columns[:4])).any():
        raise ValueError("a delivery is negative or there twice")


def final_deliveries(sales: pd.DataFrame, output: pd.Series) -> tuple[pd.DataFrame, int]:
    """Final deliveries by seller and buyer, and the steps of the fit."""
    names = ["region", "sector"]
    by_buyer = sales.groupby(["sell_region", "sell_sector", "buy_region"])["usd_mn"].sum().unstack(fill_value=0.0)
    by_buyer = by_buyer.rename_axis(names).reindex(output.index, fill_value=0.0)
    used = (
        sales.groupby(["buy_region", "buy_sector"])["usd_mn"]
        .sum()
        .rename_axis(names)
        .reindex(output.index, fill_value=0.0)
    )
    rows = output - by_buyer.sum(axis=1)
    value_added = (output - used).groupby("region").sum().reindex(by_buyer.columns)
    if (rows < 0).any() or (output < used).any():
        raise ValueError("an industry sells or uses more than its output")
    alone = (by_buyer.sum(axis=1) == 0) & (rows > 0)
    home = pd.DataFrame(
        {buyer: output.index.get_level_values(0) == buyer for buyer in by_buyer.columns}, index=output.index
    )
    cells = by_buyer.where(~alone, home.astype(float)).to_numpy()
    wanted_rows, wanted_columns = rows.to_numpy(), value_added.to_numpy()
    for step in range(1, 10_001):
        sums = cells.sum(axis=1)
        cells = cells * np.divide(wanted_rows, sums, out=np.zeros_like(sums), where=sums > 0)[:, None]
        factor = wanted_columns / cells.sum(axis=0)
        cells = cells * factor
        if np.abs(factor - 1).max() < 1e-12:
            return pd.DataFrame(cells, index=output.index, columns=by_buyer.columns), step
    raise ValueError("the fit of final deliveries did not converge")


def write(table: WorldTable, csv_path: Path, toml_path: Path) -> None:
    flat = table.deliveries.copy()
    flat.columns = [f"{importer}:{use}" for importer, use in flat.columns]
    flat.reset_index().to_csv(csv_path, index=False, lineterminator="\n", encoding="utf-8")
    head: dict[str, object] = {
        "format": 1,
        "tables": ["world_table"],
        "kind": "input_output",
        "title": "Input-output table of the world, 2022, 18 regions and 15 sectors; final deliveries' buyers estimated",
        "source": SOURCE,
        "licence": LICENCE,
        "unit": "million USD",
        "period": YEAR,
        "valuation": "basic prices",
        "price_year": "current USD",
        "final": FINAL,
        "estimated": ESTIMATED,
        "known_defects": known_defects(),
    }
    toml_path.write_text(toml_document(head, {"sectors": SECTORS, "goods": GOODS}), encoding="utf-8", newline="\n")


def known_defects() -> list[str]:
    return [
        ESTIMATED,
        "Because trade is balanced by construction, no deficit of the table says anything about 2022: Russia spends at home "
        "and on imports what it earned, where it had a large surplus.",
        "Value added is output less inputs at basic prices, so it has taxes less subsidies on what producers buy.",
        "There are no duties in the table.",
        "Deliveries below 0.5 million USD between two industries of two regions are not in the collected file.",
    ]


def figures(table: WorldTable) -> str:
    cells = table.deliveries
    sold = cells.sum(axis=1)
    used = cells.T.groupby(level="importer").sum()
    final = cells.xs(FINAL, axis=1, level="use")
    inputs = cells.drop(columns=FINAL, level="use").T.groupby(level="importer", sort=False).sum().T
    rows = []
    for region in REGIONS:
        output = int(sold[region].sum())
        spent = int(inputs[region].sum())
        bought = used.T[region]
        home = bought.loc[region].sum() / bought.sum()
        rows.append(
            [
                f"`{region}`",
                f"{output / 1e3:,.0f}",
                f"{(output - spent) / 1e3:,.0f}",
                f"{final[region].sum() / 1e3:,.0f}",
                percent(home),
            ]
        )
    columns = ["region", "output, bn USD", "value added", "final spending", "bought at home"]
    size = f"{len(REGIONS)} regions, {len(SECTORS)} sectors; the fit took {table.steps} steps.\n\n"
    return size + markdown(columns, rows)


def sector_figures() -> str:
    return markdown(["sector", "industries"], [[f"`{sector}`", codes] for sector, codes in SECTORS.items()])
