"""Datasets that are made of several tables, and the size of all of them."""

from __future__ import annotations

from pathlib import Path

from compile_datasets.files import markdown, toml_document

LIMIT = 2_000_000


DATASETS = {
    "commodities": (["energy", "metals", "grain"], "Trade in crude oil, LNG, coal, five metals and four grains"),
    "episodes": (
        ["crude_history", "energy"],
        "Trade in crude oil, 2011-2013 and 2018-2024, and in LNG and coal, 2019-2024",
    ),
}


def write(folder: Path) -> None:
    for name, (tables, title) in DATASETS.items():
        head: dict[str, object] = {"format": 1, "tables": tables, "title": title}
        (folder / f"{name}.toml").write_text(toml_document(head, {}), encoding="utf-8", newline="\n")


def sizes(folder: Path) -> str:
    """Bytes of every table, which together must stay below the limit."""
    size = {path.name: path.stat().st_size for path in sorted(folder.glob("*.csv"))}
    total = sum(size.values())
    if total >= LIMIT:
        raise ValueError(f"the tables have {total} bytes together; at most {LIMIT}")
    listed = markdown(["table", "bytes"], [[f"`{name}`", f"{bytes_:,}"] for name, bytes_ in size.items()])
    return f"{listed}\n\nTogether {total / 1e6:.2f} MB, uncompressed."
