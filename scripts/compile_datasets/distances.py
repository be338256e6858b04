"""Table `distances`: between the labels of the table `energy`, by sea and as the crow flies.

Sea distances are ours, by commodity because the ports of loading differ; great-circle
distances, borders, languages and colonial ties are those of CEPII GeoDist. A region is
the simple mean over those members that a source has. A pair that the sea distances lack
is filled with great-circle distance times one ratio, and marked.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from compile_datasets.energy import Energy
from compile_datasets.files import markdown, percent, toml_document

PAIR = ["exporter", "importer"]
LABELS = ["from", "to"]
COMMODITIES = ("crude", "coal")
SEA = {commodity: f"sea_{commodity}" for commodity in COMMODITIES}
FILLED = {commodity: f"sea_{commodity}_filled" for commodity in COMMODITIES}
TIES = ["contiguous", "common_language", "colony"]
KM_PER_NAUTICAL_MILE = 1.852
PORTS_OF_ONE_COUNTRY = {"RUW": "RUS", "RUE": "RUS"}
GEODIST_CODES = {"PAL": "PSE"}
GEODIST_COLUMNS = {
    "iso_o": "exporter",
    "iso_d": "importer",
    "contig": "contiguous",
    "comlang_off": "common_language",
}

SOURCE = (
    "Sea distances: computed by us with the Python package searoute, between main ports. Great-circle distances, borders, "
    "languages, colonies: CEPII GeoDist. Mayer, T. and Zignago, S. (2011), Notes on CEPII's distances measures: The GeoDist "
    "database, CEPII Working Paper 2011-25."
)
LICENCE = "GeoDist: Etalab Open Licence 2.0 (presumed); sea distances: MIT, as this package"


@dataclass(frozen=True)
class Distances:
    rows: pd.DataFrame
    ratio: dict[str, float]
    exporters: dict[str, int]
    lacking: list[str]
    trade_filled: dict[str, float]


def compile_distances(energy: Energy, folder: Path) -> Distances:
    labels = label_members(energy)
    circles = read_geodist(folder / "geodist.csv.gz")
    seas = read_sea(folder / "sea_distance.csv")
    rows = by_label(circles, labels)
    rows = rows.assign(great_circle=rows["great_circle"].round(), **{tie: rows[tie].round(3) for tie in TIES})
    ratio = {}
    for commodity, sea in seas.items():
        ratio[commodity] = median_ratio(sea, circles)
        by_sea = by_label(sea, labels).rename(columns={"sea": SEA[commodity]})
        rows = rows.merge(by_sea, how="left", on=PAIR)
        rows[FILLED[commodity]] = rows[SEA[commodity]].isna()
        rows[SEA[commodity]] = rows[SEA[commodity]].fillna(rows["great_circle"] * ratio[commodity]).round()
    check(rows, sorted({*labels["label"]}))
    return Distances(
        rows=rows[[*PAIR, *SEA.values(), "great_circle", *TIES, *FILLED.values()]],
        ratio=ratio,
        exporters={commodity: sea["exporter"].nunique() for commodity, sea in seas.items()},
        lacking=sorted({*labels["iso3"]} - {*circles["exporter"]}),
        trade_filled={commodity: trade_filled(rows, energy, commodity) for commodity in COMMODITIES},
    )


def label_members(energy: Energy) -> pd.DataFrame:
    """`label, iso3`: a country is its own only member."""
    countries = {*energy.rows["exporter"], *energy.rows["importer"]} - set(energy.regions)
    pairs = [(iso3, iso3) for iso3 in sorted(countries)]
    pairs += [(region, iso3) for region, members in energy.regions.items() for iso3 in members]
    return pd.DataFrame(pairs, columns=["label", "iso3"])


def read_geodist(path: Path) -> pd.DataFrame:
    """`exporter, importer, great_circle` in nautical miles, and ties as 0 or 1."""
    table = pd.read_csv(path, keep_default_na=False, na_values={"distw": ["."]}).rename(columns=GEODIST_COLUMNS)
    kilometres = table["distw"].fillna(table["dist"])
    codes = {side: table[side].replace(GEODIST_CODES) for side in PAIR}
    return table.assign(great_circle=kilometres / KM_PER_NAUTICAL_MILE, **codes)[[*PAIR, "great_circle", *TIES]]


def read_sea(path: Path) -> dict[str, pd.DataFrame]:
    """By commodity `exporter, importer, sea`: of a country's ports the nearest."""
    table = pd.read_csv(path, keep_default_na=False).rename(columns={"nautical_miles": "sea"})
    table["exporter"] = table["exporter"].replace(PORTS_OF_ONE_COUNTRY)
    nearest = table.groupby(["commodity", *PAIR], as_index=False)["sea"].min()
    return {commodity: nearest[nearest["commodity"] == commodity][[*PAIR, "sea"]] for commodity in COMMODITIES}


def by_label(pairs: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Means over the members of two labels; within a region over different members."""
    labelled = pairs
    for label, side in zip(LABELS, PAIR, strict=True):
        labelled = labelled.merge(labels.set_axis([label, side], axis=1), on=side)
    to_itself = (labelled["exporter"] == labelled["importer"]) & (labelled["from"] != labelled["exporter"])
    means = labelled[~to_itself].drop(columns=PAIR).groupby(LABELS, as_index=False).mean()
    return means.rename(columns=dict(zip(LABELS, PAIR, strict=True)))


def median_ratio(sea: pd.DataFrame, circles: pd.DataFrame) -> float:
    """Sea over great-circle distance, over all pairs of two countries that have both."""
    both = sea.merge(circles, on=PAIR)
    both = both[both["exporter"] != both["importer"]]
    return round(float((both["sea"] / both["great_circle"]).median()), 4)


def trade_filled(rows: pd.DataFrame, energy: Energy, commodity: str) -> float:
    """Share of the value of the commodity's trade that goes over filled distances."""
    trade = energy.rows[energy.rows["commodity"] == commodity].merge(rows, on=PAIR)
    return float(trade.loc[trade[FILLED[commodity]], "value"].sum() / trade["value"].sum())


def check(rows: pd.DataFrame, labels: list[str]) -> None:
    wanted = pd.MultiIndex.from_product([labels, labels], names=PAIR)
    if list(rows.set_index(PAIR).index) != list(wanted):
        raise ValueError("a pair of labels is missing or appears twice")
    if rows.isna().any(axis=None) or not (rows["great_circle"] > 0).all():
        raise ValueError("a distance is missing or not positive")


def write(distances: Distances, csv_path: Path, toml_path: Path) -> None:
    whole = {name: distances.rows[name].astype(int) for name in (*SEA.values(), "great_circle", *FILLED.values())}
    ties = {name: distances.rows[name].map("{:g}".format) for name in TIES}
    table = distances.rows.assign(**whole, **ties)
    table.to_csv(csv_path, index=False, lineterminator="\n", encoding="utf-8")
    toml_path.write_text(attributes(distances), encoding="utf-8", newline="\n")


def attributes(distances: Distances) -> str:
    head: dict[str, object] = {
        "format": 1,
        "title": "Distances by sea and great circle between the labels of the dataset energy",
        "source": SOURCE,
        "licence": LICENCE,
        "unit": "nautical miles",
        "known_defects": known_defects(distances),
    }
    columns = {
        "sea_crude": "by sea between main ports of crude; Russia's is the nearer of its western and eastern ports",
        "sea_coal": "by sea between main ports of coal; Russia's is the nearer of its western and eastern ports",
        "great_circle": "population-weighted great-circle distance (GeoDist distw, where missing dist), 1 nautical mile = 1.852 km",
        "contiguous": "1 with a common border; of a region, the share of pairs of members",
        "common_language": "1 with a common official language; of a region, the share of pairs of members",
        "colony": "1 if ever in a colonial relation; of a region, the share of pairs of members",
        "sea_crude_filled": "true where sea_crude is not known and is great_circle times sea_ratio",
        "sea_coal_filled": "true where sea_coal is not known and is great_circle times sea_ratio",
    }
    return toml_document(head, {"sea_ratio": distances.ratio, "columns": columns})


def known_defects(distances: Distances) -> list[str]:
    known = " and ".join(f"{count} exporters of {commodity}" for commodity, count in distances.exporters.items())
    filled = " and ".join(f"{percent(share)} of {commodity}" for commodity, share in distances.trade_filled.items())
    return [
        "Sea distances are between one main port a country and commodity (two for Russia); 0 is a port of loading and one of "
        "discharge that are the same place on the map of routes (ARE to OMN in crude). A landlocked country has the port next to it.",
        f"Sea distances are known for {known}; what is filled has the detour of a median pair, and is too short round a continent "
        f"and too long overland (MNG to CHN). Of the trade in energy, 2019-2024, {filled} goes over filled distances.",
        "A sea distance need not be the same in both directions: the port of loading is not that of discharge.",
        "A region's distance is the simple mean over those members that the source has, not weighted by trade; by sea these are "
        f"its known exporters and importers. GeoDist lacks {', '.join(distances.lacking)}.",
        "GeoDist is of 2011 and measures between large cities: most of Russia's are in its west, so that its great-circle "
        "distance to Asia is longer than from its eastern ports. A country to itself has GeoDist's internal distance.",
    ]


def figures(distances: Distances) -> str:
    rows = distances.rows
    table = [
        [
            f"`{SEA[commodity]}`",
            len(rows) - rows[FILLED[commodity]].sum(),
            percent(rows[FILLED[commodity]].mean()),
            percent(distances.trade_filled[commodity]),
            f"{distances.ratio[commodity]:.4f}",
        ]
        for commodity in COMMODITIES
    ]
    labels = rows["exporter"].nunique()
    columns = [
        "column",
        "pairs known",
        "pairs filled",
        "trade 2019–2024 on filled pairs",
        "sea over great circle, median",
    ]
    return f"{len(rows)} pairs of {labels} labels.\n\n" + markdown(columns, table)
