"""How full pipelines, ports and fleets are, and what one unit more would be worth."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from tradewinds.errors import ModelError
from tradewinds.view.plot.style import AFTER, BEFORE, TOWARD, axes, bare, quantities

__all__ = ["draw"]

_HALF = 0.32
#: Shadow prices below this are rounding.
_FREE = 1e-6


def draw(frame: Any, title: str, ax: Any = None) -> Any:
    """Draw the frame of ``result.facilities``: a row a facility and stretch of the period."""
    rows = nw.from_native(frame, eager_only=True).rows(named=True)
    if not rows:
        raise ModelError("the model has no facilities; there is nothing to draw")
    amounts = [value for row in rows for value in (row["use_before"], row["use"]) if value == value]
    scale, unit = quantities(rows[0]["unit"], max(amounts))
    stretches = len({row["share_of_period"] for row in rows}) > 1
    ax = axes(ax, len(rows) + 2)
    # Frames far beyond what is used run out of the picture.
    widest = max(max(amounts), *(min(row["capacity"], 1.6 * max(amounts)) for row in rows))
    room = 1.45 * scale * widest
    for place, row in enumerate(rows):
        _facility(ax, -place, row, scale, room)
    part = {id(row): f" ({100 * row['share_of_period']:.0f} %)" if stretches else "" for row in rows}
    ax.set_yticks([-place for place in range(len(rows))], [row["facility"] + part[id(row)] for row in rows])
    ax.set_ylim(-len(rows) + 0.4, 0.6)
    ax.set_xlim(0, room)
    ax.set_xlabel(
        f"{unit} a year (frame: capacity, ring: use before)\nred: full, with what one unit more would be worth"
    )
    bare(ax, title)
    return ax


def _facility(ax: Any, y: float, row: dict[str, Any], scale: float, room: float) -> None:
    full = row["shadow_price"] > _FREE
    capacity, use = min(scale * row["capacity"], room), scale * row["use"]
    ax.barh(y, capacity, height=2 * _HALF, facecolor="none", edgecolor=BEFORE, linewidth=1.0)
    ax.barh(y, use, height=1.3 * _HALF, color=AFTER if full else TOWARD)
    past = 0.0 if row["use_before"] != row["use_before"] else scale * row["use_before"]
    if past > 0:
        ax.scatter([past], [y], s=34, facecolor="white", edgecolor="#4a5560", linewidth=1.4, zorder=3)
    share = f"{100 * row['use'] / row['capacity']:.0f} %" if row["capacity"] > 0 else "closed"
    text = f"{share}, +{row['shadow_price']:,.1f} per {row['unit']}" if full else share
    # Beside the longest of what is drawn, but inside the picture where the frame runs out of it.
    end = max(use if capacity > 0.75 * room else capacity, past)
    colour = AFTER if full else "#4a5560"
    ax.annotate(text, (end, y), xytext=(8, 0), textcoords="offset points", va="center", fontsize=8, color=colour)
