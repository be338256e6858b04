"""Shares by destination, before and after."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from tradewinds.view.plot.style import AFTER, TOWARD, axes, dumbbell

__all__ = ["draw"]

#: Destinations below this share, before and after, are drawn as one.
_SMALL = 0.02
#: About as many lines as a page holds: the more commodities, the fewer destinations of each are drawn on their own.
_PAGE, _FEWEST = 48, 3


def draw(frame: Any, exporter: str, title: str, ax: Any = None) -> Any:
    """Draw the frame of ``result.shares(exporter)``."""
    rows = nw.from_native(frame, eager_only=True).rows(named=True)
    commodities = list(dict.fromkeys(row["commodity"] for row in rows))
    most = max(_FEWEST, _PAGE // max(len(commodities), 1))
    groups = [(commodity, _visible(rows, commodity, most)) for commodity in commodities]
    height = sum(len(visible) + 1.4 for _, visible in groups)
    ax = axes(ax, int(height))
    y, ticks, labels = 0.0, [], []
    for commodity, visible in groups:
        basis = next(row["basis"] for row in rows if row["commodity"] == commodity)
        hat = next(row["total_hat"] for row in rows if row["commodity"] == commodity)
        ax.text(
            0.0,
            y,
            f"{commodity} (by {basis}; total sales {100 * (hat - 1):+.1f} %)",
            transform=ax.get_yaxis_transform(),
            weight="bold",
            va="center",
            ha="left",
        )
        y -= 1
        for label, before, after in visible:
            if after != after:
                ax.text(1.0, y, "sells nothing any more", va="center", fontsize=8, color=AFTER)
                dumbbell(ax, y, before, before, AFTER)
            else:
                dumbbell(ax, y, before, after, TOWARD if after >= before else AFTER)
                end = 100 * max(before, after)
                ax.annotate(
                    f"{100 * (after - before):+.1f}",
                    (end, y),
                    xytext=(8, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=8,
                )
            ticks.append(y)
            labels.append(label)
            y -= 1
        y -= 0.4
    ax.set_yticks(ticks, labels)
    ax.set_ylim(y + 0.6, 0.8)
    ax.margins(x=0.1)
    ax.set_xlim(left=-1)
    ax.set_xlabel(f"share of {exporter}'s sales, % (ring: before, dot: after; change in percentage points)")
    ax.set_title(title, loc="left")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", alpha=0.25)
    return ax


def _visible(rows: list[dict[str, Any]], commodity: str, most: int) -> list[tuple[str, float, float]]:
    """Destinations in the order of their first share, the small ones and those beyond ``most`` as one."""
    mine = sorted((row for row in rows if row["commodity"] == commodity), key=_largest, reverse=True)
    count = min(most, sum(_largest(row) >= _SMALL for row in mine))
    large, small = mine[:count], mine[count:]
    shown = [(row["importer"], row["before"], row["after"]) for row in large]
    shown.sort(key=lambda row: -row[1])
    if small:
        label = f"{len(small)} others" if len(small) > 1 else small[0]["importer"]
        shown.append((label, sum(row["before"] for row in small), sum(row["after"] for row in small)))
    return shown


def _largest(row: dict[str, Any]) -> float:
    return float(max(row["before"], row["after"]))
