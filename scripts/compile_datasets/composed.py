"""Datasets that are made of several tables, and the size of all of them."""

from __future__ import annotations

from pathlib import Path

from compile_datasets.files import markdown, toml_document

LIMIT = 2_000_000


def write_commodities(path: Path) -> None:
    head: dict[str, object] = {
        "format": 1,
        "tables": ["energy", "metals", "grain"],
        "title": "Trade in crude oil, LNG, coal, five metals and four grains",
    }
    path.write_text(toml_document(head, {}), encoding="utf-8", newline="\n")


def sizes(folder: Path) -> str:
    """Bytes of every table, which together must stay below the limit."""
    size = {path.name: path.stat().st_size for path in sorted(folder.glob("*.csv"))}
    total = sum(size.values())
    if total >= LIMIT:
        raise ValueError(f"the tables have {total} bytes together; at most {LIMIT}")
    listed = markdown(["table", "bytes"], [[f"`{name}`", f"{bytes_:,}"] for name, bytes_ in size.items()])
    return f"{listed}\n\nTogether {total / 1e6:.2f} MB, uncompressed."
