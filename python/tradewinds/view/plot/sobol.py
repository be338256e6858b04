"""Sobol' indices as bars: which input the variance of an answer comes from."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np

from tradewinds.view.plot.style import AFTER, TOWARD, axes, bare, row_names

__all__ = ["draw"]


def draw(frame: Any, quantiles: Any, column: str, title: str, top: int, ax: Any = None) -> Any:
    """Draw the frame of ``ensemble.sobol(column=...)``: a block a row, those with the widest ``quantiles``."""
    native = nw.from_native(frame, eager_only=True)
    blocks: dict[str, list[dict[str, Any]]] = {}
    for name, row in zip(row_names(native, ("answer", "input")), native.rows(named=True), strict=True):
        blocks.setdefault(name, []).append(row)
    widths = _widths(quantiles, column)
    varying = [name for name in blocks if any(_number(row["total"]) == _number(row["total"]) for row in blocks[name])]
    shown = sorted(varying, key=lambda name: -widths.get(name, 0.0))[:top]
    ax = axes(ax, sum(2 * len(blocks[name]) + 1 for name in shown) // 2 + 1)
    y, ticks, labels = 0.0, [], []
    for name in shown:
        ax.annotate(name or column, (0, y), xytext=(4, -3), textcoords="offset points", fontsize=9, fontweight="bold")
        for row in sorted(blocks[name], key=lambda row: -_number(row["total"])):
            y -= 1.0
            ticks.append(y)
            labels.append(row["input"])
            for key, place, colour in (("first_order", 0.18, TOWARD), ("total", -0.18, AFTER)):
                share = _number(row[key])
                ax.barh(y + place, share, height=0.32, color=colour, alpha=0.75)
                low, high = share - _number(row[f"{key}_interval"]), share + _number(row[f"{key}_interval"])
                ax.plot([low, high], [y + place, y + place], color="#444", linewidth=1)
        y -= 1.2
    ax.axvline(0, color="#444", linewidth=0.8)
    ax.set_yticks(ticks, labels)
    ax.set_ylim(y + 0.5, 0.8)
    told = "blue: alone, red: with all it interacts with; black: 95 % intervals"
    ax.set_xlabel(f"share of the variance of {column}\n({told})")
    bare(ax, title)
    return ax


def _widths(quantiles: Any, column: str) -> dict[str, float]:
    """By name of a row, how far its quantiles lie apart."""
    native = nw.from_native(quantiles, eager_only=True)
    found: dict[str, list[float]] = {}
    for name, row in zip(row_names(native, ("quantile",)), native.rows(named=True), strict=True):
        found.setdefault(name, []).append(_number(row[column]))
    return {name: float(np.nan_to_num(np.ptp(values))) for name, values in found.items()}


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
