"""What the pictures have in common."""

from __future__ import annotations

from typing import Any

from tradewinds.extras import extra

__all__ = ["AFTER", "BEFORE", "TOWARD", "axes", "dumbbell"]

BEFORE = "#9aa5b1"
AFTER = "#b3261e"
TOWARD = "#1f6f8b"


def axes(ax: Any, rows: int) -> Any:
    """The caller's Axes, or a new one high enough for the rows."""
    if ax is not None:
        return ax
    _, new = extra("matplotlib.pyplot", "plot").subplots(figsize=(8.5, 1.6 + 0.34 * rows), layout="constrained")
    return new


def dumbbell(ax: Any, y: float, before: float, after: float, colour: str) -> None:
    """A row: from before to after, in per cent."""
    ax.plot([100 * before, 100 * after], [y, y], color=colour, linewidth=2, alpha=0.5, zorder=1)
    ax.scatter([100 * before], [y], s=42, facecolor="white", edgecolor=BEFORE, linewidth=1.8, zorder=2)
    ax.scatter([100 * after], [y], s=48, color=colour, zorder=3)
