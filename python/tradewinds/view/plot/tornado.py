"""Tornadoes: how far each input alone moves an answer."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np

from tradewinds.view.plot.style import AFTER, TOWARD, axes, bare, rounded, row_names

__all__ = ["draw"]

_NUMBERS = ("at_low", "central", "at_high", "swing")


def draw(frame: Any, column: str, unit: str, title: str, top: int, ax: Any = None) -> Any:
    """Draw the frame of ``ensemble.tornado(column=...)``: a block a row of the answer."""
    native = nw.from_native(frame, eager_only=True)
    rows = native.rows(named=True)
    scale, unit = rounded(unit, max((row["swing"] for row in rows if row["swing"] is not None), default=0.0))
    blocks: dict[str, list[dict[str, Any]]] = {}
    for name, row in zip(row_names(native, ("answer", "input")), rows, strict=True):
        scaled = {key: scale * (np.nan if row[key] is None else row[key]) for key in _NUMBERS}
        blocks.setdefault(name, []).append({**row, **scaled})
    shown = sorted(blocks, key=lambda name: -float(np.nan_to_num(blocks[name][0]["swing"])))[:top]
    shown = [name for name in shown if blocks[name][0]["swing"] > 0] or shown[:1]
    bars = sum(len(blocks[name]) + 1 for name in shown)
    ax = axes(ax, bars)
    y, ticks, labels = 0.0, [], []
    for name in shown:
        central = blocks[name][0]["central"]
        ax.annotate(
            f"{name}: {central:,.4g} in the central case",
            (0, y),
            xytext=(4, -3),
            textcoords="offset points",
            fontsize=9,
            fontweight="bold",
        )
        for row in blocks[name]:
            y -= 1.0
            ticks.append(y)
            labels.append(row["input"])
            for end, value, colour in (("at_low", row["low"], TOWARD), ("at_high", row["high"], AFTER)):
                change = row[end] - central
                ax.barh(y, change, height=0.62, color=colour, alpha=0.75)
                if np.isfinite(change) and row["swing"] > 0:
                    ax.annotate(
                        f"{value:.3g}",
                        (change, y),
                        xytext=(4 if change >= 0 else -4, 0),
                        textcoords="offset points",
                        va="center",
                        ha="left" if change >= 0 else "right",
                        fontsize=8,
                    )
        y -= 1.2
    ax.axvline(0, color="#444", linewidth=0.8)
    ax.margins(x=0.15)
    ax.set_yticks(ticks, labels)
    ax.set_ylim(y + 0.5, 0.8)
    told = "blue: input low, red: input high, with its value at the end"
    ax.set_xlabel(f"{column}, {unit}, less that of the central case\n({told})")
    bare(ax, title)
    return ax
