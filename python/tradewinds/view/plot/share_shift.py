"""The headline: away from some importers, toward others."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from tradewinds.view.plot.style import AFTER, TOWARD, axes, dumbbell

__all__ = ["draw"]

_SHARES = ("away_before", "away_after", "toward_before", "toward_after")


def draw(frame: Any, names: tuple[str, str, str], title: str, ax: Any = None) -> Any:
    """Draw the frame of ``result.share_shift(exporter, away, toward)``."""
    exporter, away, toward = names
    rows = nw.from_native(frame, eager_only=True).rows(named=True)
    ax = axes(ax, 3 * len(rows))
    ticks, labels = [], []
    for place, row in enumerate(rows):
        for offset, side, name, colour in ((0.0, "away", away, AFTER), (1.0, "toward", toward, TOWARD)):
            y = -(2.6 * place + offset)
            before, after = row[f"{side}_before"], row[f"{side}_after"]
            ticks.append(y)
            labels.append(f"{row['commodity']}  to {name}")
            if after != after:
                dumbbell(ax, y, before, before, colour)
                continue
            dumbbell(ax, y, before, after, colour)
            ax.annotate(
                f"{100 * before:.1f} → {100 * after:.1f} %",
                (100 * max(before, after), y),
                xytext=(9, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
            )
    ax.set_yticks(ticks, labels)
    ax.set_ylim(-2.6 * len(rows) + 1.0, 0.6)
    largest = max((100 * row[key] for row in rows for key in _SHARES if row[key] == row[key]), default=100.0)
    ax.set_xlim(-1.5, 1.3 * largest)
    ax.set_xlabel(f"share of {exporter}'s sales, % (ring: before, dot: after)")
    ax.set_title(title, loc="left")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", alpha=0.25)
    return ax
