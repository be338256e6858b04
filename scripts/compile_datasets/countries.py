"""Table `countries`: ISO 3166 codes, UN M49 and BACI numeric codes, names.

Codes and official names are read from the data file of country_converter, which
is not imported (its converter fails with pandas 3.1). Other names are in `names.py`.
"""

from __future__ import annotations

import unicodedata
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from compile_datasets.files import Row, write_rows
from compile_datasets.names import ALIASES, SHORT_NAMES

COLUMNS = ["iso3", "iso2", "m49", "baci", "name", "aliases"]
BACI_CODES = {"USA": "842", "CHE": "757", "IND": "699", "FRA": "251", "NOR": "579", "TWN": "490"}
ISO2 = {"GBR": "GB", "GRC": "GR"}
AMBIGUOUS_OFFICIAL_NAMES = {"Guiana"}


def converter_table() -> pd.DataFrame:
    spec = find_spec("country_converter")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("country_converter is needed: pip install country_converter")
    path = Path(spec.origin).parent / "country_data.tsv"
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    return table[table["obsolete"] == ""]


def continents() -> dict[str, str]:
    table = converter_table()
    return dict(zip(table["ISO3"], table["continent"], strict=True))


def compile_countries(trade: pd.DataFrame) -> list[Row]:
    rows = sorted((country_row(record) for record in converter_table().to_dict("records")), key=lambda row: row["iso3"])
    if unknown := {*trade["exporter"], *trade["importer"]} - {row["iso3"] for row in rows}:
        raise ValueError(f"codes in the trade data without a country: {sorted(unknown)}")
    check_unique(rows)
    return rows


def country_row(record: dict[str, str]) -> Row:
    iso3 = record["ISO3"]
    name = SHORT_NAMES.get(iso3, record["name_short"])
    return {
        "iso3": iso3,
        "iso2": ISO2.get(iso3, record["ISO2"]),
        "m49": str(int(record["ISOnumeric"])),
        "baci": BACI_CODES.get(iso3, ""),
        "name": name,
        "aliases": "|".join(aliases(iso3, name, record)),
    }


def aliases(iso3: str, name: str, record: dict[str, str]) -> list[str]:
    official = {record["name_official"]} - AMBIGUOUS_OFFICIAL_NAMES
    names = [record["name_short"], *official, *ALIASES.get(iso3, ())]
    names += [without_accents(text) for text in [name, *names]]
    distinct: dict[str, str] = {}
    for text in names:
        distinct.setdefault(text.casefold(), text)
    distinct.pop(name.casefold(), None)
    return list(distinct.values())


def without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def check_unique(rows: list[Row]) -> None:
    owner: dict[str, str] = {}
    for row in rows:
        labels = [row["iso3"], row["iso2"], row["m49"], row["baci"], row["name"], *row["aliases"].split("|")]
        for label in filter(None, labels):
            other = owner.setdefault(label.casefold(), row["iso3"])
            if other != row["iso3"]:
                raise ValueError(f"{label!r} belongs to both {other} and {row['iso3']}")
    if unused := (set(ALIASES) | set(SHORT_NAMES)) - {row["iso3"] for row in rows}:
        raise ValueError(f"names for unknown countries: {sorted(unused)}")


def figures(rows: list[Row]) -> str:
    aliases_count = sum(len(row["aliases"].split("|")) for row in rows if row["aliases"])
    return f"{len(rows)} countries and territories, {aliases_count} aliases; country_converter {version('country_converter')}."


def write(rows: list[Row], path: Path) -> None:
    write_rows(path, COLUMNS, rows)
