"""Tornadoes: how far each input alone moves an answer."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np

from tradewinds.view.plot.style import AFTER, TOWARD, axes, bare

__all__ = ["draw"]

_NOT_KEYS = ("answer", "input", "basis")


def draw(frame: Any, column: str, unit: str, title: str, top: int, ax: Any = None) -> Any:
    """Draw the frame of ``ensemble.tornado(column=...)``: a block a row of the answer."""
    native = nw.from_native(frame, eager_only=True)
    keys = [name for name in native.columns if name not in _NOT_KEYS and not native[name].dtype.is_numeric()]
    blocks: dict[str, list[dict[str, Any]]] = {}
    for row in native.rows(named=True):
        blocks.setdefault(", ".join(str(row[key]) for key in keys), []).append(row)
    shown = sorted(blocks, key=lambda name: -float(np.nan_to_num(blocks[name][0]["swing"] or 0.0)))[:top]
    shown = [name for name in shown if (blocks[name][0]["swing"] or 0.0) > 0] or shown[:1]
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
                change = row[end] - central if row[end] is not None else np.nan
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
    ax.set_xlabel(
        f"change of {column} from the central case, {unit} (blue: input low, red: high; its value at the end)"
    )
    bare(ax, title)
    return ax
