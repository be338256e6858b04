"""Quantiles as fans: a bar a row, or bands along the periods of paths."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from tradewinds.extras import extra
from tradewinds.view.plot.dates import changes, lines_above, mark, middles
from tradewinds.view.plot.style import AFTER, BEFORE, TOWARD, axes, bare, rounded, row_names

if TYPE_CHECKING:
    from tradewinds.run.path import Path

__all__ = ["along", "draw"]

_COLOURS = (TOWARD, AFTER, "#5b8c5a", "#8a5a9e", "#c98a1b", BEFORE)
#: By name of a row, period (None without time) and order of the quantile.
_Found = dict[str, dict[Any, dict[float, float]]]


def draw(frame: Any, column: str, unit: str, title: str, top: int, ax: Any = None) -> Any:
    """Draw a column of a frame with ``quantile``: a bar a row."""
    found, orders, unit = _read(frame, column, unit)
    shown, middle = _largest(found, orders, top), _middle(orders)
    ax = axes(ax, len(shown) + 1)
    for place, name in enumerate(shown):
        (quantiles,) = found[name].values()
        for low, high, width in _pairs([quantiles[order] for order in orders]):
            ax.plot([low, high], [-place, -place], color=TOWARD, linewidth=width, alpha=0.35, solid_capstyle="butt")
        if middle is None:
            continue
        ax.scatter([quantiles[middle]], [-place], s=34, color=AFTER, zorder=3)
        ax.annotate(
            f"{quantiles[middle]:,.3g}",
            (quantiles[middle], -place),
            xytext=(0, 8),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )
    ax.set_yticks([-place for place in range(len(shown))], shown)
    ax.set_ylim(-len(shown) + 0.4, 0.7)
    ax.set_xlabel(f"{column}, {unit} ({_told(orders)})")
    bare(ax, title)
    return ax


def along(frame: Any, column: str, unit: str, title: str, top: int, path: Path, dates: bool, ax: Any = None) -> Any:
    """Draw a column of a frame with ``quantile`` and ``period``: a line a row, in its bands.

    Periods stand where ``path`` has them; with ``dates`` the days on which its measures change are marked.
    """
    native = nw.from_native(frame, eager_only=True)
    found, orders, unit = _read(frame, column, unit)
    shown, middle = _largest(found, orders, min(top, len(_COLOURS))), _middle(orders)
    if ax is None:
        _, ax = extra("matplotlib.pyplot", "plot").subplots(figsize=(9.5, 5.2), layout="constrained")
    stands = middles(path)
    for name, colour in zip(shown, _COLOURS, strict=False):
        days = [stands[period] for period in found[name]]
        values = np.array([[quantiles[order] for order in orders] for quantiles in found[name].values()]).T
        for low in range(len(orders) // 2):
            ax.fill_between(
                days,
                values[low],
                values[-1 - low],
                color=colour,
                alpha=0.22 if middle is not None else 0.4,
                linewidth=0,
                zorder=2,
                label=name if middle is None and low == 0 else None,
            )
        if middle is not None:
            drawn = values[orders.index(middle)]
            ax.plot(days, drawn, color=colour, marker="o", markersize=3.5, label=name, zorder=3)
    first, *_, last = (*stands.values(), max(stands.values()))
    gap = (last - first) / (len(stands) - 1) if len(stands) > 1 else dt.timedelta(days=365)
    first, last = first - 0.6 * gap, last + 0.6 * gap
    goods = set(path.model.flows.commodities)
    told = set(native["commodity"].cast(nw.String)) if "commodity" in native.columns else goods
    events = changes(path, sorted(told & goods), first, last) if dates else []
    mark(ax, events)
    ax.set_xlim(first, last)
    announced = "; triangles: announcements" if any(what == "announced" for _, what, _ in events) else ""
    ax.set_xlabel(f"{_told(orders, 'bands', 'line')}{announced}")
    ax.set_ylabel(f"{column}, {unit}")
    asked, line, about = title.partition("\n")
    alone = f": {shown[0]}" if len(shown) == 1 and shown[0] else ""
    ax.set_title(f"{asked}{alone}{line}{about}", loc="left", pad=10 + 11 * lines_above(events))
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", alpha=0.25)
    if len(shown) > 1:
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8)
    return ax


def _read(frame: Any, column: str, unit: str) -> tuple[_Found, list[float], str]:
    """The numbers by row, the orders of quantiles, and the unit that numbers of this size are in."""
    native = nw.from_native(frame, eager_only=True)
    rows = native.rows(named=True)
    scale, unit = rounded(unit, max((abs(row[column]) for row in rows if row[column] is not None), default=0.0))
    found: _Found = {}
    for name, row in zip(row_names(native, ("quantile", "period")), rows, strict=True):
        value = np.nan if row[column] is None else scale * row[column]
        found.setdefault(name, {}).setdefault(row.get("period"), {})[row["quantile"]] = value
    return found, sorted({row["quantile"] for row in rows}), unit


def _largest(found: _Found, orders: list[float], top: int) -> list[str]:
    return sorted(found, key=lambda name: -_size(found[name], orders))[:top]


def _pairs(values: list[float]) -> list[tuple[float, float, float]]:
    """Low, high and width of the bars from the outermost quantiles inwards."""
    return [(values[place], values[-1 - place], 7.0 + 4.0 * place) for place in range(len(values) // 2)]


def _middle(orders: list[float]) -> float | None:
    """The order that is drawn as a dot or line: the median, or the only one there is."""
    return 0.5 if 0.5 in orders else orders[0] if len(orders) == 1 else None


def _size(periods: dict[Any, dict[float, float]], orders: list[float]) -> float:
    middle = _middle(orders)
    told = orders if middle is None else [middle]
    return max(float(np.nan_to_num(abs(values[order]))) for values in periods.values() for order in told)


def _told(orders: list[float], widths: str = "bars", middle: str = "dot") -> str:
    bands = [f"{100 * orders[place]:g}–{100 * orders[-1 - place]:g} %" for place in range(len(orders) // 2)]
    if not bands:
        return f"{middle}: {100 * orders[0]:g} %"
    centre = f"; {middle}: 50 %" if 0.5 in orders else ""
    return f"{widths}: {', '.join(bands)}{centre}"
