"""Put generated figures between the markers of SOURCES.md.

A block is `<!-- figures: NAME -->` … `<!-- end figures -->`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

BLOCK = re.compile(r"(<!-- figures: (?P<name>[\w-]+) -->\n).*?(<!-- end figures -->)", re.DOTALL)


def update(path: Path, figures: Mapping[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    names = {match["name"] for match in BLOCK.finditer(text)}
    if missing := set(figures) - names:
        raise ValueError(f"{path.name} has no block for {sorted(missing)}")

    def fill(match: re.Match[str]) -> str:
        name = match["name"]
        return f"{match[1]}{figures[name]}\n{match[3]}" if name in figures else match[0]

    path.write_text(BLOCK.sub(fill, text), encoding="utf-8", newline="\n")
