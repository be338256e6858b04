"""An ensemble at first sight: text in a terminal, a table in a notebook."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np

from tradewinds.evidence.cells import plain

if TYPE_CHECKING:
    from tradewinds.evidence.ensemble import Ensemble

__all__ = ["ensemble_html", "ensemble_text"]

_STYLE = {
    True: "border-left:4px solid #2f6f4f;padding-left:10px",
    False: "border-left:4px solid #b3261e;padding-left:10px;background:#fdecea",
}
_SHOWN = 8


def _facts(ensemble: Ensemble) -> list[tuple[str, str]]:
    done, said = len(ensemble), ensemble.attrs
    exact = f"order within {ensemble.error:.2%}, with 99 % confidence" if ensemble.error else "exact"
    facts = [
        ("scenario", ensemble.scenario.name),
        ("model", f"{type(ensemble.model).__name__}, baseline {ensemble.model.period}"),
        (
            "draws",
            f"{done - said['failed']:,} solved, {said['failed']:,} FAILED{' in a period' if ensemble.periods else ''}"
            if said["failed"]
            else f"{done:,} solved",
        ),
        ("by", f"{said['method']}, seed {said['seed']}"),
        ("quantiles", exact),
    ]
    if ensemble.periods:
        facts.insert(
            2, ("periods", f"{ensemble.periods[0]} to {ensemble.periods[-1]}, {len(ensemble.periods)} in each draw")
        )
    if ensemble.partial:
        facts.insert(
            3 + bool(ensemble.periods), ("PARTIAL", f"stopped after {done:,} of {ensemble._plan.rows:,} draws")
        )
    facts += [("why", f"{count:,} × {reason}") for reason, count in ensemble._collected.commonest(3)]
    inputs = list(said["inputs"].items())
    facts += [("uncertain", f"{label}: {given}") for label, given in inputs[:_SHOWN]]
    if len(inputs) > _SHOWN:
        facts.append(("", f"and {len(inputs) - _SHOWN} more, see .inputs"))
    return facts


def _rows(ensemble: Ensemble) -> tuple[list[str], list[list[str]], int]:
    """Heads, what varies in the first answer with its quantiles, and how much more there is."""
    cells = ensemble._cells[0]
    keys, places = cells.long(None)
    quantiles = ensemble._quantiles[:, places]
    varies = np.flatnonzero(np.nan_to_num(quantiles[-1] - quantiles[0]) != 0)
    texts = {name: plain(column) for name, column in keys.items()}
    shown = [
        [" ".join(str(column[row]) for column in texts.values()), *(f"{value:,.4g}" for value in quantiles[:, row])]
        for row in varies[:_SHOWN]
    ]
    return ["", *(f"{order:.4g}" for order in ensemble.orders)], shown, len(varies) - len(shown)


def ensemble_text(ensemble: Ensemble) -> str:
    """The ensemble in a terminal."""
    lines = ["<tradewinds.Ensemble>", *(f"  {name:<12}{value}" for name, value in _facts(ensemble))]
    heads, rows, more = _rows(ensemble)
    widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
    for row in (heads, *rows):
        first, *rest = row
        lines.append(
            "  "
            + "  ".join([first.ljust(widths[0]), *(text.rjust(w) for text, w in zip(rest, widths[1:], strict=True))])
        )
    return "\n".join([*lines, f"  and {more} more numbers"] if more else lines)


def ensemble_html(ensemble: Ensemble) -> str:
    """The ensemble in a notebook."""
    facts = "".join(
        f"<tr><th style='text-align:left'>{html.escape(name)}</th>"
        f"<td style='text-align:left'>{html.escape(value)}</td></tr>"
        for name, value in _facts(ensemble)
    )
    heads, rows, more = _rows(ensemble)
    head = "".join(f"<th style='padding-left:12px'>{text}</th>" for text in heads)
    body = "".join(
        "<tr>" + "".join(f"<td style='padding-left:12px'>{html.escape(text)}</td>" for text in row) + "</tr>"
        for row in rows
    )
    tail = f"<p>and {more} more numbers</p>" if more else ""
    sound = not ensemble.partial and not ensemble.failed
    return (
        f"<div style='{_STYLE[sound]}'><table>{facts}</table>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{tail}</div>"
    )
