"""Quantiles as fans: a bar a row, or bands along periods."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np

from tradewinds.view.plot.style import AFTER, BEFORE, TOWARD, axes, bare, rounded, row_names

__all__ = ["draw"]

_COLOURS = (TOWARD, AFTER, "#5b8c5a", "#8a5a9e", "#c98a1b", BEFORE)


def draw(frame: Any, column: str, unit: str, title: str, top: int, ax: Any = None) -> Any:
    """Draw a column of a frame with ``quantile``, and ``period`` where it is a path."""
    native = nw.from_native(frame, eager_only=True)
    rows = native.rows(named=True)
    scale, unit = rounded(unit, max((abs(row[column]) for row in rows if row[column] is not None), default=0.0))
    found: dict[str, dict[Any, dict[float, float]]] = {}
    for name, row in zip(row_names(native, ("quantile", "period")), rows, strict=True):
        value = np.nan if row[column] is None else scale * row[column]
        found.setdefault(name, {}).setdefault(row.get("period"), {})[row["quantile"]] = value
    orders = sorted({row["quantile"] for row in rows})
    shown = sorted(found, key=lambda name: -_size(found[name], orders))[:top]
    if "period" in native.columns:
        return _along(ax, found, shown[: len(_COLOURS)], orders, f"{column}, {unit}", title)
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


def _along(ax: Any, found: Any, shown: list[str], orders: list[float], label: str, title: str) -> Any:
    ax = axes(ax, 10)
    for name, colour in zip(shown, _COLOURS, strict=False):
        periods = list(found[name])
        values = np.array([[found[name][period][order] for period in periods] for order in orders])
        for low in range(len(orders) // 2):
            ax.fill_between(range(len(periods)), values[low], values[-1 - low], color=colour, alpha=0.22, linewidth=0)
        ax.plot(range(len(periods)), [_middle(list(column)) for column in values.T], color=colour, label=name or None)
        ax.set_xticks(range(len(periods)), [str(period) for period in periods])
    ax.set_ylabel(label)
    ax.set_xlabel(_told(orders))
    ax.set_title(title, loc="left")
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", alpha=0.25)
    if len(shown) > 1:
        ax.legend(frameon=False)
    return ax


def _pairs(values: list[float]) -> list[tuple[float, float, float]]:
    """Low, high and width of the bars from the outermost quantiles inwards."""
    return [(values[place], values[-1 - place], 7.0 + 4.0 * place) for place in range(len(values) // 2)]


def _middle(values: list[float]) -> float:
    return values[len(values) // 2]


def _size(periods: dict[Any, dict[float, float]], orders: list[float]) -> float:
    return max(float(np.nan_to_num(abs(values[orders[len(orders) // 2]]))) for values in periods.values())


def _told(orders: list[float]) -> str:
    bands = [f"{100 * orders[place]:g}–{100 * orders[-1 - place]:g} %" for place in range(len(orders) // 2)]
    return f"bars: {', '.join(bands)}; dot: {100 * orders[len(orders) // 2]:g} %" if bands else f"{100 * orders[0]:g} %"
