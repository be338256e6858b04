"""Names beside points, where they do not cover each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["label_points"]

#: Where a name may stand, in points from its own, and how it is aligned there: the first that is free is taken.
_PLACES = ((7, -3, "left"), (-7, -3, "right"), (7, 7, "left"), (7, -13, "left"), (-7, 7, "right"), (-7, -13, "right"))
#: Half the width of a point, in pixels.
_POINT = 5


def label_points(ax: Any, x: Sequence[float], y: Sequence[float], names: Sequence[str]) -> None:
    """Write each name beside its point. The limits of the axes must be set before."""
    from matplotlib.transforms import Bbox

    renderer = ax.figure.canvas.get_renderer()
    spots = ax.transData.transform(list(zip(x, y, strict=True)))
    taken = [Bbox.from_extents(a - _POINT, b - _POINT, a + _POINT, b + _POINT) for a, b in spots]
    for own, (place, name) in enumerate(zip(zip(x, y, strict=True), names, strict=True)):
        found = []
        for right, up, side in _PLACES:
            text = ax.annotate(name, place, (right, up), textcoords="offset points", fontsize=8, ha=side)
            box = text.get_window_extent(renderer)
            covered = sum(box.overlaps(other) for other in [*taken[:own], *taken[own + 1 :]])
            found.append((covered, text, box))
            if not covered:
                break
        best = min(found, key=lambda one: one[0])
        for one in found:
            if one is not best:
                one[1].remove()
        taken.append(best[2])
