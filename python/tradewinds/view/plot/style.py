"""What the pictures have in common."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from tradewinds.errors import ModelError
from tradewinds.extras import extra

__all__ = [
    "AFTER",
    "BEFORE",
    "TOWARD",
    "axes",
    "bare",
    "dumbbell",
    "quantities",
    "rounded",
    "row_names",
    "rows_to_draw",
]

BEFORE = "#9aa5b1"
AFTER = "#b3261e"
TOWARD = "#1f6f8b"


def axes(ax: Any, rows: int) -> Any:
    """The caller's Axes, or a new one high enough for the rows."""
    if ax is not None:
        return ax
    _, new = extra("matplotlib.pyplot", "plot").subplots(figsize=(8.5, 1.6 + 0.34 * rows), layout="constrained")
    return new


def dumbbell(ax: Any, y: float, before: float, after: float, colour: str, scale: float = 100.0) -> None:
    """A row: from before to after, in per cent unless another scale is given."""
    ax.plot([scale * before, scale * after], [y, y], color=colour, linewidth=2, alpha=0.5, zorder=1)
    ax.scatter([scale * before], [y], s=42, facecolor="white", edgecolor=BEFORE, linewidth=1.8, zorder=2)
    ax.scatter([scale * after], [y], s=48, color=colour, zorder=3)


def quantities(unit: str, largest: float) -> tuple[float, str]:
    """What to multiply amounts by, and what they are then in."""
    if largest < 1e6:
        return 1.0, unit
    return 1e-6, {"t": "Mt", "1000 m3": "bcm"}.get(unit, f"million {unit}")


def rows_to_draw(top: int) -> int:
    """How many rows to draw, refused below 1."""
    if isinstance(top, bool) or not isinstance(top, int) or top < 1:
        raise ModelError(f"top is {top!r}; expected a whole number of at least 1 row")
    return top


def bare(ax: Any, title: str) -> None:
    """Title, grid and no frame, as all pictures of rows have them."""
    ax.set_title(title, loc="left")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", alpha=0.25)
    ax.set_axisbelow(True)


def row_names(frame: nw.DataFrame[Any], besides: tuple[str, ...]) -> list[str]:
    """What each row is called: its keys that tell rows apart."""
    keys = [name for name in frame.columns if name not in (*besides, "basis", "unit")]
    texts = [frame[name].cast(nw.String).to_list() for name in keys if not frame[name].dtype.is_numeric()]
    telling = [column for column in texts if len(set(column)) > 1] or texts[:1]
    return [", ".join(row) for row in zip(*telling, strict=True)]


def rounded(unit: str, largest: float) -> tuple[float, str]:
    """What to multiply numbers by, and the unit they are then in."""
    for size, name in ((1e9, "billion"), (1e6, "million")):
        if largest >= size:
            return 1 / size, f"{name} {unit}"
    return 1.0, unit
