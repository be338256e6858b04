"""Compile the bundled tables of tradewinds from the collected source data.

    python scripts/compile_datasets.py [--data ../shared]

`--data` is the folder that holds `data/` (trade figures) and `facts/`
(elasticities, trade dependence). Tables are written to
`python/tradewinds/datasets/`; the same input gives the same bytes. The figures
between the markers of `SOURCES.md` are rewritten, the text around them is kept.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from compile_datasets import (
    composed,
    countries,
    distances,
    elasticities,
    energy,
    grain,
    groups,
    history,
    metals,
    sources,
    world_table,
)

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "python" / "tradewinds" / "datasets"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared", help="folder with data/ and facts/")
    return parser.parse_args()


def main() -> None:
    source: Path = arguments().data
    trade = energy.read_trade(source / "data" / "trade.csv.gz")
    country_rows = countries.compile_countries(trade)
    group_rows = groups.compile_groups({row["iso3"] for row in country_rows})
    continents = countries.continents()
    table = energy.compile_energy(trade, continents)
    crude_history = history.compile_history(source / "data" / "crude_2009_2018.csv.gz", table)
    metal_table = metals.compile_metals(trade)
    grain_table = grain.compile_grain(trade, source / "data" / "prices_pinksheet_monthly_2019_2026.csv", continents)
    distance_table = distances.compile_distances(table, source / "data")
    elasticity_rows = elasticities.compile_elasticities(source / "facts" / "elasticities.csv")
    dependence_rows = elasticities.compile_dependence(source / "facts" / "trade_dependence_2021.csv")
    world = world_table.compile_world_table(source / "data")

    countries.write(country_rows, TARGET / "countries.csv")
    groups.write(group_rows, TARGET / "groups.csv")
    energy.write(table, TARGET / "energy.csv", TARGET / "energy.toml")
    history.write(crude_history, TARGET / "crude_history.csv", TARGET / "crude_history.toml")
    metals.write(metal_table, TARGET / "metals.csv", TARGET / "metals.toml")
    grain.write(grain_table, TARGET / "grain.csv", TARGET / "grain.toml")
    world_table.write(world, TARGET / "world_table.csv", TARGET / "world_table.toml")
    composed.write(TARGET)
    distances.write(distance_table, TARGET / "distances.csv", TARGET / "distances.toml")
    elasticities.write_elasticities(elasticity_rows, TARGET / "elasticities.csv")
    elasticities.write_dependence(dependence_rows, TARGET / "trade_dependence.csv")
    sources.update(
        TARGET / "SOURCES.md",
        {
            "countries": countries.figures(country_rows),
            "groups": groups.figures(group_rows),
            "energy": energy.figures(table),
            "energy-regions": energy.region_figures(table),
            "energy-defects": "\n".join(f"- {defect}" for defect in energy.known_defects(table)),
            "energy-quantities": energy.quantity_figures(table),
            "crude-history": energy.figures(crude_history),
            "crude-history-quantities": energy.quantity_figures(crude_history),
            "crude-history-defects": "\n".join(f"- {defect}" for defect in history.known_defects(crude_history)),
            "metals": metals.figures(metal_table),
            "metals-defects": "\n".join(f"- {defect}" for defect in metals.known_defects()),
            "grain": grain.figures(grain_table),
            "grain-prices": grain.price_figures(grain_table),
            "grain-regions": grain.region_figures(grain_table),
            "grain-defects": "\n".join(f"- {defect}" for defect in grain.known_defects()),
            "distances": distances.figures(distance_table),
            "distances-defects": "\n".join(f"- {defect}" for defect in distances.known_defects(distance_table)),
            "elasticities": elasticities.figures(elasticity_rows, dependence_rows),
            "world-table": world_table.figures(world),
            "world-table-sectors": world_table.sector_figures(),
            "world-table-defects": "\n".join(f"- {defect}" for defect in world_table.known_defects()),
            "sizes": composed.sizes(TARGET),
        },
    )
    for coverage in (table.coverage, crude_history.coverage, metal_table.coverage, grain_table.coverage):
        print(coverage.to_string(index=False))


if __name__ == "__main__":
    main()
