"""Why revenue changed: a waterfall from before to after."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from tradewinds.errors import ModelError
from tradewinds.view.plot.style import AFTER, BEFORE, TOWARD, axes

__all__ = ["draw"]

#: Steps between the two totals, as they are called in the frame and in the picture.
_STEPS = (("volume", "volume"), ("world_price", "world price"), ("discount", "discount"), ("freight", "freight"))
_ROWS = ("before", *(name for _, name in _STEPS), "after")
_TOTAL = "#4a5560"
_HALF = 0.31


def draw(frame: Any, exporter: str, title: str, commodity: str | None = None, ax: Any = None) -> Any:
    """Draw the frame of ``result.revenue(exporter)``, or one commodity of it.

    The axis is in per cent of each commodity's revenue before, so that blocks can be compared, and
    does not begin at 0: totals are marks, only steps have a length.
    """
    rows = nw.from_native(frame, eager_only=True).rows(named=True)
    if commodity is not None:
        known = [row["commodity"] for row in rows]
        rows = [row for row in rows if row["commodity"] == commodity]
        if not rows:
            raise ModelError(f"{exporter} sells no '{commodity}' abroad; it sells {', '.join(known) or 'nothing'}")
    ax = axes(ax, (len(_ROWS) + 2) * len(rows))
    ticks: list[float] = []
    levels = [100.0]
    y = 0.0
    for row in rows:
        ax.text(0.0, y, _head(row), transform=ax.get_yaxis_transform(), weight="bold", va="center", ha="left")
        ticks += [y - place for place in range(1, len(_ROWS) + 1)]
        levels += _block(ax, y - 1, row)
        y -= len(_ROWS) + 1.5
    ax.set_yticks(ticks, list(_ROWS) * len(rows))
    ax.set_ylim(y + 0.6, 0.8)
    low, high = min(levels), max(levels)
    room = max(high - low, 1.0)
    ax.set_xlim(low - 0.12 * room, high + 0.4 * room)
    ax.set_xlabel(f"revenue of {exporter} at its border, % of before")
    ax.set_title(title, loc="left")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", alpha=0.25)
    ax.set_axisbelow(True)
    return ax


def _head(row: dict[str, Any]) -> str:
    return f"{row['commodity']}: {_money(row, row['change'], signed=True)} {row['unit']} a year"


def _block(ax: Any, y: float, row: dict[str, Any]) -> list[float]:
    """One commodity's marks and bars from ``y`` down; gives the levels they reach."""
    level = 100.0
    levels = [level]
    _mark(ax, y, level, _money(row, row["before"]))
    for place, (key, _) in enumerate(_STEPS, start=1):
        change = 100 * row[key] / row["before"]
        if change != change:
            _say(ax, y - place, level, "no such price: the reference sells nothing")
            continue
        _join(ax, y - place, level)
        colour = TOWARD if change >= 0 else AFTER
        ax.barh(y - place, change, left=level, height=2 * _HALF, color=colour, edgecolor=colour, linewidth=0.8)
        _say(ax, y - place, max(level, level + change), f"{_money(row, row[key], signed=True)}   ({_percent(change)})")
        level += change
        levels.append(level)
    after = 100 * row["after"] / row["before"]
    _join(ax, y - len(_STEPS) - 1, after)
    _mark(ax, y - len(_STEPS) - 1, after, f"{_money(row, row['after'])}   ({_percent(after - 100)})")
    return [*levels, after]


def _mark(ax: Any, y: float, level: float, text: str) -> None:
    ax.plot([level, level], [y - _HALF, y + _HALF], color=_TOTAL, linewidth=4, solid_capstyle="butt")
    _say(ax, y, level, text)


def _join(ax: Any, y: float, level: float) -> None:
    """From the row above down to this one."""
    ax.plot([level, level], [y + _HALF, y + 1 - _HALF], color=BEFORE, linewidth=0.9)


def _say(ax: Any, y: float, x: float, text: str) -> None:
    ax.annotate(text, (x, y), xytext=(7, 0), textcoords="offset points", va="center", fontsize=8.5)


def _money(row: dict[str, Any], value: float, *, signed: bool = False) -> str:
    """An amount in the order of magnitude of the commodity's revenue before, so that steps add up."""
    size, word = next(((s, w) for s, w in ((1e9, " bn"), (1e6, " m")) if row["before"] >= s), (1.0, ""))
    written = f"{value / size:{'+' if signed and value else ''},.2f}{word}"
    return written.replace("-", "−")


def _percent(change: float) -> str:
    return f"{change:+.1f} %".replace("-", "−") if change else "0 %"
