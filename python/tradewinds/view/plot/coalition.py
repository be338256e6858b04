"""Coalitions: the target's loss against the senders' cost."""

from __future__ import annotations

from typing import Any

from tradewinds.view.plot.labels import label_points
from tradewinds.view.plot.style import AFTER, BEFORE, TOWARD, axes, bare

__all__ = ["draw"]


def draw(frame: Any, title: str, ax: Any = None) -> Any:
    """Draw the frame of ``coalition.outcomes``: a point a subset, those joined that one member apart makes."""
    solved = frame[frame["converged"]]
    across = "senders_cost"
    up = "target_loss_percent" if "target_loss_percent" in solved.columns else "target_loss"
    ax = axes(ax, 12)
    # Each subset with those that have one member more.
    sets = {name: frozenset() if name == "nobody" else frozenset(name.split(" + ")) for name in solved["coalition"]}
    points = solved.set_index("coalition")
    for one, mine in sets.items():
        for other, theirs in sets.items():
            if mine < theirs and len(theirs) == len(mine) + 1:
                joined = points.loc[[one, other]]
                ax.plot(joined[across], joined[up], color="#dfe3e8", zorder=0)
    largest = solved["members"].max()
    for row in solved.itertuples():
        colour = AFTER if row.members == largest else BEFORE if row.members == 0 else TOWARD
        x, y = getattr(row, across), getattr(row, up)
        ax.scatter([x], [y], s=44, color=colour, zorder=3)
    money = f"{solved['unit'].iloc[0]} a year"
    ax.set_xlabel(f"cost to the senders who take part, {money}")
    ax.set_ylabel(f"loss of the target, {money if up == 'target_loss' else '% of its income'}")
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.margins(x=0.2, y=0.1)
    bare(ax, title)
    label_points(ax, solved[across].tolist(), solved[up].tolist(), solved["coalition"].tolist())
    return ax
