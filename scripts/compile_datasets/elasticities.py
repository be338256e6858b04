"""Tables `elasticities` and `trade_dependence`: published or judged parameters, with their grade."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from compile_datasets.files import Row, markdown, read_rows, write_rows

COLUMNS = ["commodity", "parameter", "horizon", "low", "central", "high", "grade", "object", "source"]
DEPENDENCE_COLUMNS = ["country", "commodity", "year", "import_share", "export_share"]
LEFT_OUT = {"vanadium"}
PARAMETERS = {
    "sigma_sources": ("substitution", ""),
    "demand_sr": ("demand", "short"),
    "demand_lr": ("demand", "long"),
    "supply_sr": ("supply", "short"),
    "supply_lr": ("supply", "long"),
}
GRADES = {
    "A": "seen in a published source",
    "B": "anchored on a published source",
    "C": "judgement, no source seen",
}
GAS_DEMAND = "anchored on the meta-analysis of Labandeira, Labeaga & López-Otero (2017), figures from memory"
STAPLES = "anchored on Roberts & Schlenker (NBER 15921), figures from memory"
NAMED_SOURCES = {
    ("crude", "sigma_sources"): (
        "range of published tariff elasticities: -12.6 (ProTEE 0.1, HS 270900; Fontagné, Guimbard & Orefice 2022), "
        "-10.9 (same authors, GTAP oil), -64.9 (Caliendo & Parro 2015, petroleum)"
    ),
    ("pipeline_gas", "demand_sr"): GAS_DEMAND,
    ("pipeline_gas", "demand_lr"): GAS_DEMAND,
    ("wheat", "demand_sr"): STAPLES,
    ("wheat", "supply_sr"): STAPLES,
}
TWINS = {
    "palladium": "nickel",
    "platinum": "nickel",
    "titanium": "nickel",
    "maize": "wheat",
    "rice": "wheat",
    "soybeans": "wheat",
}
DEPENDENCE_COMMODITIES = {"crude": ["crude"], "gas": ["pipeline_gas", "lng"], "coal": ["coal"]}


def compile_elasticities(path: Path) -> list[Row]:
    facts = [row for row in read_rows(path) if row["commodity"] not in LEFT_OUT]
    check_twins(facts)
    return [elasticity_row(fact) for fact in facts]


def elasticity_row(fact: Row) -> Row:
    parameter, horizon = PARAMETERS[fact["parameter"]]
    bounds = {bound: f"{float(fact[bound]):g}" for bound in ("low", "central", "high")}
    return {
        "commodity": fact["commodity"],
        "parameter": parameter,
        "horizon": horizon,
        **bounds,
        "grade": fact["grade"],
        "object": fact["object"],
        "source": source_text(fact),
    }


def source_text(fact: Row) -> str:
    if twin := TWINS.get(fact["commodity"]):
        return f"grade {fact['grade']}: by analogy with {twin}, no source seen"
    named = NAMED_SOURCES.get((fact["commodity"], fact["parameter"]))
    return f"grade {fact['grade']}: {named or GRADES[fact['grade']]}"


def check_twins(facts: list[Row]) -> None:
    values = {(row["commodity"], row["parameter"]): (row["low"], row["central"], row["high"]) for row in facts}
    for commodity, twin in TWINS.items():
        for parameter in PARAMETERS:
            if values[commodity, parameter] != values[twin, parameter]:
                raise ValueError(f"{commodity} {parameter} is not that of {twin}")


def compile_dependence(path: Path) -> list[Row]:
    rows = [
        {
            "country": fact["country"],
            "commodity": commodity,
            "year": fact["year"],
            "import_share": fact["net_import_share_of_consumption"],
            "export_share": fact["net_export_share_of_production"],
        }
        for fact in read_rows(path)
        for commodity in DEPENDENCE_COMMODITIES[fact["commodity"]]
    ]
    order = [commodity for names in DEPENDENCE_COMMODITIES.values() for commodity in names]
    return sorted(rows, key=lambda row: (order.index(row["commodity"]), row["country"]))


def figures(rows: list[Row], dependence: list[Row]) -> str:
    grades = Counter((row["parameter"], row["grade"]) for row in rows)
    table = [
        [parameter, *(grades[parameter, grade] for grade in GRADES)]
        for parameter in ("substitution", "demand", "supply")
    ]
    commodities = len({row["commodity"] for row in rows})
    countries = len({row["country"] for row in dependence})
    return (
        f"{len(rows)} rows, {commodities} commodities. Rows by grade:\n\n"
        + markdown(["parameter", *GRADES], table)
        + f"\n\n`trade_dependence`: {len(dependence)} rows, {countries} countries."
    )


def write_elasticities(rows: list[Row], path: Path) -> None:
    write_rows(path, COLUMNS, rows)


def write_dependence(rows: list[Row], path: Path) -> None:
    write_rows(path, DEPENDENCE_COLUMNS, rows)
