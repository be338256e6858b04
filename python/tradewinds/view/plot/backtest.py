"""Predicted against observed, beside the naive answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradewinds.view.plot.style import AFTER, TOWARD, axes

__all__ = ["draw"]

_COLOURS = (TOWARD, "#c77700", "#6a4c93", "#2e7d32", "#8d6e63", "#e377c2", "#17becf", "#111111")
_NAIVE = "#5f6b7a"
_MARKS = {"none": "|", "proportional": "x", "gravity": "+"}


def draw(frame: Any, kinds: Mapping[str, str], title: str, ax: Any = None) -> Any:
    """Draw the frame of ``backtest.frame``: a block a commodity and period, a line a destination."""
    blocks = list(frame.groupby(["commodity", "origin", "period"], sort=False))
    height = sum(rows["destination"].nunique() + 1.4 for _, rows in blocks)
    ax = axes(ax, int(height))
    colours = dict(zip([n for n, kind in kinds.items() if kind != "naive"], _cycle(len(kinds)), strict=False))
    y, ticks, labels = 0.0, [], []
    for (commodity, origin, period), rows in blocks:
        ax.text(
            0.0, y, f"{commodity}, {origin} → {period}", transform=ax.get_yaxis_transform(), weight="bold", va="center"
        )
        y -= 1
        for destination in dict.fromkeys(rows["destination"]):
            mine = rows[rows["destination"] == destination]
            ax.axhline(y, color="#eceff1", linewidth=8, zorder=0)
            _observed(ax, y, mine)
            for offset, row in zip(_offsets(len(mine)), mine.itertuples(), strict=True):
                _predicted(ax, y + offset, row, colours.get(row.model))
            ticks.append(y)
            labels.append(destination)
            y -= 1
        y -= 0.4
    ax.set_yticks(ticks, labels)
    ax.set_ylim(y + 0.6, 0.8)
    ax.set_xlim(-2, None)
    ax.set_xlabel("share of sales, % (bold line: observed; bars: 90 % bands)")
    ax.set_title(title, loc="left")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    handles, names = ax.get_legend_handles_labels()
    unique = dict(zip(names, handles, strict=True))
    ax.legend(unique.values(), unique.keys(), loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8)
    return ax


def _cycle(count: int) -> list[str]:
    return [_COLOURS[place % len(_COLOURS)] for place in range(count)]


def _offsets(count: int) -> list[float]:
    return [0.3 - 0.6 * place / max(count - 1, 1) for place in range(count)]


def _observed(ax: Any, y: float, rows: Any) -> None:
    share = 100 * rows["observed"].iloc[0]
    ax.plot([share, share], [y - 0.42, y + 0.42], color=AFTER, linewidth=3, zorder=3, label="observed")


def _predicted(ax: Any, y: float, row: Any, colour: str | None) -> None:
    if row.low_90 == row.low_90:
        ax.plot([100 * row.low_90, 100 * row.high_90], [y, y], color=colour, linewidth=2, alpha=0.45, zorder=1)
    marker = "o" if colour else _MARKS[row.model]
    label = row.model if colour else f"naive: {row.model}"
    ax.scatter([100 * row.predicted], [y], s=34, marker=marker, color=colour or _NAIVE, zorder=4, label=label)
