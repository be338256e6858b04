"""A path at first sight: text in a terminal, a table in a notebook."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from tradewinds.data.table import frame
from tradewinds.view.table import SHOWN, STYLE, aligned, cell, facts_html, money

if TYPE_CHECKING:
    from tradewinds.run.path import Path

__all__ = ["path_html", "path_text"]

#: So many periods have a column.
_PERIODS = 6


def _facts(path: Path) -> list[tuple[str, str]]:
    model = path.model
    facts = [
        ("scenario", path.scenario.name),
        ("model", f"{type(model).__name__}, baseline {model.period}"),
        ("periods", f"{path.periods[0]} to {path.periods[-1]}, {len(path.results)} of {len(path)} solved"),
    ]
    if path.partial:
        facts.append(("PARTIAL", "stopped by Ctrl-C"))
    if path.adjusting:
        facts.append(("adjusting", ", ".join(path.adjusting)))
    if path.left_out:
        facts.append(("left out", ", ".join(path.left_out)))
    return facts + [("failed", line) for line in path._failures()[:SHOWN]]


def _table(path: Path) -> tuple[tuple[str, ...], list[tuple[str, ...]], int]:
    """Trade of each commodity before and in some of the periods, and how many commodities are left out."""
    names = list(path.results)
    if not names:
        return (), [], 0
    step = max(len(names) - 1, 1) / max(min(_PERIODS, len(names)) - 1, 1)
    chosen = list(dict.fromkeys(names[min(round(place * step), len(names) - 1)] for place in range(_PERIODS)))
    sums = [
        frame(path.results[name]._core.table("flows"))
        .groupby("commodity", observed=True, sort=False)[["value_before", "value_after"]]
        .sum()
        for name in chosen
    ]
    traded = [str(name) for name, value in sums[0]["value_before"].items() if value > 0]
    rows = [
        (name, money(sums[0]["value_before"][name]), *(money(table["value_after"][name]) for table in sums))
        for name in traded[:SHOWN]
    ]
    return ("trade", f"{path.model.period} (before)", *chosen), rows, len(traded) - len(rows)


def path_text(path: Path) -> str:
    """The path in a terminal."""
    solved = "all periods solved" if len(path.results) == len(path) else "NOT ALL PERIODS SOLVED"
    lines = [f"<tradewinds.Path: {solved}>", *(f"  {name:<16}{value}" for name, value in _facts(path))]
    heads, rows, more = _table(path)
    if rows:
        widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
        lines.append(f"  {aligned(heads, widths)}   [{path.model.flows.attrs['unit']}]")
        lines += [f"  {aligned(row, widths)}" for row in rows]
    if more:
        lines.append(f"  and {more} more commodities")
    return "\n".join(lines)


def path_html(path: Path) -> str:
    """The path in a notebook."""
    heads, rows, more = _table(path)
    unit = path.model.flows.attrs["unit"]
    head = "".join(f"<th style='padding-left:12px'>{html.escape(name)}</th>" for name in heads)
    body = "".join("<tr>" + "".join(cell(text, place) for place, text in enumerate(row)) + "</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{html.escape(unit)}</p>"
    tail = f"<p>and {more} more commodities</p>" if more else ""
    whole = len(path.results) == len(path)
    return f"<div style='{STYLE[whole]}'><table>{facts_html(_facts(path))}</table>{table if rows else ''}{tail}</div>"
