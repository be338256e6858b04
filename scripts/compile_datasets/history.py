"""Table `crude_history`: bilateral trade in crude oil in the years around earlier embargoes.

As crude in `energy`, with its countries and regions: what is in neither is left out,
so that a region means the same in both tables.
"""

from __future__ import annotations

from pathlib import Path

from compile_datasets import energy
from compile_datasets.energy import CONVENTIONS, FOLDED, THRESHOLD_USD, Energy
from compile_datasets.files import toml_document

PERIODS = (2011, 2012, 2013, 2018)

SOURCE = (
    "CEPII BACI, release 202601 (HS92). Gaulier, G. and Zignago, S. (2010), BACI: International Trade Database at the "
    "Product-Level. The 1994-2007 Version, CEPII Working Paper 2010-23. Via github.com/narendranag/global-energy-map, commit "
    "091d024c."
)


def compile_history(path: Path, present: Energy) -> Energy:
    trade = energy.read_trade(path)
    pairs = energy.with_credible_quantity(energy.checked(trade[trade["year"].isin(PERIODS)]))
    region = {iso3: code for code, members in present.regions.items() for iso3 in members}
    known = {*present.rows["exporter"], *present.rows["importer"], *region}
    kept = (pairs["value"] >= THRESHOLD_USD) & pairs["exporter"].isin(known) & pairs["importer"].isin(known)
    rows = energy.fold(pairs[kept], region)
    return Energy(pairs, rows, energy.coverage(pairs, rows, [("crude", period) for period in PERIODS]), present.regions)


def write(history: Energy, csv_path: Path, toml_path: Path) -> None:
    energy.write_rows(history, csv_path)
    toml_path.write_text(attributes(history), encoding="utf-8", newline="\n")


def attributes(history: Energy) -> str:
    hs, revision = energy.COMMODITIES["crude"]
    head: dict[str, object] = {
        "format": 1,
        "title": "Bilateral trade in crude oil, 2011-2013 and 2018",
        "source": SOURCE,
        **CONVENTIONS,
        "absent": "absent rows: unknown or below 1 million USD, not zero",
        "known_defects": known_defects(history),
    }
    tables: dict[str, dict[str, object]] = {"hs": {"crude": hs}, "hs_revision": {"crude": revision}}
    return toml_document(head, {**tables, "regions": dict(history.regions)})


def known_defects(history: Energy) -> list[str]:
    venezuela = energy.flow(history, "crude", "VEN", "TWN")
    undisclosed = ", ".join(f"{value / 1e9:.1f} in {period}" for period, value in venezuela.items())
    crude = history.rows[history.rows["importer"] == "TUR"].groupby("period")["value"].sum()
    reported = ", ".join(f"{value / 1e9:.1f} in {period}" for period, value in crude.items())
    if energy.flow(history, "crude", "IRN", "TUR") or energy.flow(history, "crude", "IRQ", "TUR"):
        raise ValueError("there is a sale of Iran or Iraq to Türkiye; known_defects says there is none")
    return [
        "Tonnages of 2011-2013 and 2018 are checked like those of energy: blank where missing or where the unit value lies outside "
        "0.4-2.5 times the value-weighted median of the year.",
        FOLDED,
        "TWN is BACI's 490, Other Asia, not elsewhere specified: crude from Venezuela to TWN (billion USD: "
        f"{undisclosed}) is very likely not Taiwan's but exports whose buyer is not disclosed.",
        f"Türkiye's purchases (billion USD: {reported}) are a part of what it bought: none from Iran or Iraq is in the source.",
        "What neither side reported is missing: Iran's sales under embargo are what its partners declared.",
        "Nigeria's sales of 2011 to X_AMR, X_AFR and Algeria have next to no tonnes in the source: very likely false destinations.",
    ]
