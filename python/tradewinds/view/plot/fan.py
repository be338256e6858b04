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
    shown = _largest(found, orders, top)
    ax = axes(ax, len(shown) + 1)
    for place, name in enumerate(shown):
        values = [found[name][None][order] for order in orders]
        for low, high, width in _pairs(values):
            ax.plot([low, high], [-place, -place], color=TOWARD, linewidth=width, alpha=0.35, solid_capstyle="butt")
        ax.scatter([_middle(values)], [-place], s=34, color=AFTER, zorder=3)
        ax.annotate(
            f"{_middle(values):,.3g}",
            (_middle(values), -place),
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
    shown = _largest(found, orders, min(top, len(_COLOURS)))
    if ax is None:
        _, ax = extra("matplotlib.pyplot", "plot").subplots(figsize=(9.5, 5.2), layout="constrained")
    stands = middles(path)
    for name, colour in zip(shown, _COLOURS, strict=False):
        days = [stands[period] for period in found[name]]
        values = np.array([list(quantiles.values()) for quantiles in found[name].values()]).T
        for low in range(len(orders) // 2):
            ax.fill_between(days, values[low], values[-1 - low], color=colour, alpha=0.22, linewidth=0, zorder=2)
        ax.plot(days, values[len(orders) // 2], color=colour, marker="o", markersize=3.5, label=name, zorder=3)
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
    alone = f": {shown[0]}" if len(shown) == 1 and shown[0] else ""
    ax.set_title(f"{title}{alone}", loc="left", pad=10 + 11 * lines_above(events))
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


def _middle(values: list[float]) -> float:
    return values[len(values) // 2]


def _size(periods: dict[Any, dict[float, float]], orders: list[float]) -> float:
    return max(float(np.nan_to_num(abs(values[orders[len(orders) // 2]]))) for values in periods.values())


def _told(orders: list[float], widths: str = "bars", middle: str = "dot") -> str:
    bands = [f"{100 * orders[place]:g}–{100 * orders[-1 - place]:g} %" for place in range(len(orders) // 2)]
    if not bands:
        return f"{100 * orders[0]:g} %"
    return f"{widths}: {', '.join(bands)}; {middle}: {100 * orders[len(orders) // 2]:g} %"
