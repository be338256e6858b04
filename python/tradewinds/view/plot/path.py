"""Where an exporter's sales go as time goes on, with the dates of the measures."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from tradewinds.data.terms import Selector
from tradewinds.errors import ModelError
from tradewinds.extras import extra
from tradewinds.view.plot.accessor import name_of
from tradewinds.view.plot.dates import changes, lines_above, mark, middles

if TYPE_CHECKING:
    from tradewinds.run.path import Path

__all__ = ["PathPlot", "draw"]

_COLOURS = ("#1f6f8b", "#b3261e", "#c77700", "#6a4c93", "#2e7d32", "#8d6e63", "#e377c2", "#17becf", "#5f6b7a")


class PathPlot:
    """Pictures of a path. They draw exactly the frame of their question and return the Axes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def path(self, exporter: Selector, *, commodity: str | None = None, top: int = 6, ax: Any = None) -> Any:
        """Shares of the exporter's sales by destination, a line each: the frame of ``path.shares(exporter)``.

        Each period is a point in its middle; before the first one, a ring is the baseline. Upright lines are the
        days on which measures on the commodity take effect or go a step further (full) and the day after their last
        (dashed); triangles on the axis are announcements. Needs matplotlib.

        Parameters
        ----------
        exporter : selector
        commodity : str, optional
            Needed where the exporter sells several.
        top : int
            So many destinations have lines of their own, those with the largest share in any period;
            the others are one line.

        Raises
        ------
        ModelError
            The exporter sells several commodities, or not the one named; ``top`` is below 1.
        """
        path = self._path
        if top < 1:
            raise ModelError(f"top is {top}; expected at least 1 destination")
        frame = path.shares(exporter)
        title = f"{path.scenario.name}: where {name_of(exporter)}'s {{}} goes"
        return draw(_pandas(frame), middles(path), path, commodity, title, top, ax)


def draw(
    shares: Any, stands: dict[str, dt.date], path: Path, commodity: str | None, title: str, top: int, ax: Any
) -> Any:
    """Draw the frame of ``path.shares``; ``stands`` are where its periods stand."""
    mine, name = _one(shares, commodity)
    plt = extra("matplotlib.pyplot", "plot")
    if ax is None:
        _, ax = plt.subplots(figsize=(9.5, 5.2), layout="constrained")
    lines = _lines(mine, list(stands), top)
    days = list(stands.values())
    gap = (days[1] - days[0]) if len(days) > 1 else dt.timedelta(days=365)
    for place, (label, before, after) in enumerate(lines):
        colour = _COLOURS[place % len(_COLOURS)] if label != _OTHERS else "#9aa5b1"
        ax.plot(days, after, color=colour, marker="o", markersize=3.5, linewidth=1.8, label=label, zorder=3)
        ax.plot([days[0] - gap], [before], color=colour, marker="o", markerfacecolor="white", markersize=6, zorder=3)
        ax.plot([days[0] - gap, days[0]], [before, after[0]], color=colour, linewidth=1, linestyle=":", zorder=2)
    events = changes(path, [name], days[0] - gap, days[-1] + gap / 2)
    mark(ax, events)
    ax.set_xlim(days[0] - 1.4 * gap, days[-1] + 0.6 * gap)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("share of sales, %")
    basis = ", ".join(dict.fromkeys(str(found) for found in mine["basis"]))
    announced = "triangles: announcements; " if any(what == "announced" for _, what, _ in events) else ""
    ax.set_xlabel(f"ring: baseline {path.model.period}; {announced}by {basis}")
    ax.set_title(title.format(name), loc="left", pad=10 + 11 * lines_above(events))
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", alpha=0.25)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8)
    return ax


_OTHERS = "others"


def _one(shares: Any, commodity: str | None) -> tuple[Any, str]:
    sold = list(dict.fromkeys(str(name) for name in shares["commodity"]))
    if commodity is None and len(sold) != 1:
        raise ModelError(f"the exporter sells {', '.join(sold) or 'nothing'}; name one with commodity=")
    if commodity is not None and commodity not in sold:
        raise ModelError(f"the exporter does not sell {commodity!r}; it sells {', '.join(sold) or 'nothing'}")
    name = sold[0] if commodity is None else commodity
    return shares[shares["commodity"].astype(str) == name], name


def _lines(mine: Any, periods: list[str], top: int) -> list[tuple[str, float, list[float]]]:
    """Label, share before, share by period, in per cent; missing where nothing is sold or a period failed."""
    after = mine.pivot_table(
        index="importer", columns="period", values="after", observed=True, dropna=False, sort=False
    )
    after = after.reindex(columns=periods)
    before = mine.groupby("importer", observed=True, sort=False)["before"].first()
    largest = after.max(axis=1).combine(before.reindex(after.index), max).fillna(0.0).sort_values(ascending=False)
    named = list(largest.index[:top])
    lines = [(str(name), 100 * float(before[name]), [100 * float(x) for x in after.loc[name]]) for name in named]
    rest = [name for name in after.index if name not in named]
    if rest:
        together = after.loc[rest].sum(axis=0, min_count=1)
        lines.append((_OTHERS, 100 * float(before[rest].sum()), [100 * float(x) for x in together]))
    return lines


def _pandas(frame: Any) -> Any:
    import narwhals as nw

    return nw.from_native(frame, eager_only=True).to_pandas()
