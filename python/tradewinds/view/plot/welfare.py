"""Who pays: what the change of welfare of each country is made of."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from tradewinds.errors import ModelError
from tradewinds.view.plot.style import axes, bare, rounded, rows_to_draw

__all__ = ["draw"]

#: Parts of the change of log real income, and of the change of surplus, with their words and colours.
_REAL_INCOME = {
    "terms_of_trade": ("terms of trade", "#1f6f8b"),
    "volume_of_trade": ("volume of trade", "#7fb3c4"),
    "trade_cost": ("trade costs", "#c9a227"),
    "availability": ("varieties no longer to be had", "#b3261e"),
    "transfer": ("transfers", "#9aa5b1"),
}
_SURPLUS = {
    "consumer": ("consumers", "#1f6f8b"),
    "producer": ("producers", "#b3261e"),
    "government": ("government", "#c9a227"),
    "rent": ("rents of licences", "#7fb3c4"),
    "shift": ("shifts of supply", "#9aa5b1"),
}
#: Parts below this share of the longest bar all over are not drawn.
_SMALL = 1e-3


def draw(frame: Any, title: str, top: int, ax: Any = None) -> Any:
    """Draw the frame of ``result.welfare()``: a bar a country, its parts beside each other, its sum as a point."""
    rows = nw.from_native(frame, eager_only=True).rows(named=True)
    general = "log_real_income" in rows[0]
    total, parts = ("log_real_income", _REAL_INCOME) if general else ("total", _SURPLUS)
    told = [row for row in rows if row[total] == row[total]]
    shown = sorted(sorted(told, key=lambda row: -abs(row[total]))[: rows_to_draw(top)], key=lambda row: row[total])
    if not shown:
        raise ModelError("no country has a change of welfare that is known; there is nothing to draw")
    scale, unit = (1.0, "") if general else rounded(rows[0]["unit"], max(abs(row[total]) for row in shown))
    longest = max(abs(row[name]) for row in shown for name in (total, *parts))
    ax = axes(ax, len(shown) + 2)
    for name, (word, colour) in parts.items():
        if max(abs(row[name]) for row in shown) <= _SMALL * longest:
            continue
        for place, row in enumerate(shown):
            before = [row[other] for other in list(parts)[: list(parts).index(name)]]
            start = sum(value for value in before if (value < 0) == (row[name] < 0))
            label = word if place == 0 else None
            ax.barh(-place, scale * row[name], left=scale * start, height=0.6, color=colour, label=label)
    sums = [scale * row[total] for row in shown]
    ax.scatter(sums, [-place for place in range(len(shown))], s=30, color="black", zorder=3, label="together")
    ax.axvline(0, color="#4a5560", linewidth=0.8)
    ax.set_yticks([-place for place in range(len(shown))], [row["country"] for row in shown])
    ax.set_ylim(-len(shown) + 0.4, 0.6)
    others = f"; {len(told) - len(shown)} more countries change less" if len(told) > len(shown) else ""
    what = "change of log real income, hundredths" if general else f"change of surplus, {unit} a year"
    ax.set_xlabel(f"{what}{others}")
    ax.legend(frameon=False, fontsize=8, loc="upper right")  # losses are above, on the left
    bare(ax, title)
    return ax
