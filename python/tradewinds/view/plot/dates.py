"""Where periods stand on an axis of days, and the days on which measures change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tradewinds.data.terms import terms

if TYPE_CHECKING:
    from tradewinds.run.path import Path

__all__ = ["changes", "lines_above", "mark", "middles"]

_EFFECT = "#37474f"
#: Labels of measures stand on so many lines above the picture.
_LINES = 4


def changes(path: Path, commodities: Sequence[str], first: dt.date, last: dt.date) -> list[tuple[dt.date, str, str]]:
    """Days on which measures on the commodities change, what happens, and whose day it is."""
    flows = path.model.flows
    places = {flows.commodities.index(commodity) for commodity in commodities}
    found = []
    for label, measure in zip(path.scenario.labels, path.scenario.measures, strict=True):
        if label in path.left_out or places.isdisjoint(flows._core.select_commodities(terms(measure.commodities))):
            continue
        days = {
            "announced": measure.announced,
            "start": measure.start,
            "end": None if measure.end is None else _date(measure.end) + dt.timedelta(days=1),
        }
        steps = [(day, "start") for day, _ in (*(measure.phase or ()), *(getattr(measure, "ramp", None) or ()))]
        for day, what in {*((day, what) for what, day in days.items() if day is not None), *steps}:
            if first <= _date(day) <= last:
                found.append((_date(day), what, label))
    return sorted(found)


def _date(day: Any) -> dt.date:
    return day if isinstance(day, dt.date) else dt.date.fromisoformat(str(day))


def lines_above(events: list[tuple[dt.date, str, str]]) -> int:
    """How many lines of labels there are: one a day, up to the most there is room for."""
    return min(_LINES, len({day for day, what, _ in events if what != "announced"}))


def mark(ax: Any, events: list[tuple[dt.date, str, str]]) -> None:
    """Upright lines with labels above the picture, those of one day together."""
    by_day: dict[tuple[dt.date, str], list[str]] = {}
    for day, what, label in events:
        if what == "announced":
            on_axis = {"transform": ax.get_xaxis_transform(), "clip_on": False, "zorder": 4}
            ax.plot([day], [0], marker="^", color=_EFFECT, markersize=6, linestyle="none", **on_axis)
        else:
            by_day.setdefault((day, what), []).append(label)
    height = lines_above(events)
    for place, ((day, what), labels) in enumerate(by_day.items()):
        ax.axvline(day, color=_EFFECT, linewidth=1, linestyle="-" if what == "start" else "--", alpha=0.6, zorder=1)
        text = ", ".join(labels[:2]) + (f" and {len(labels) - 2} more" if len(labels) > 2 else "")
        ax.annotate(
            text if what == "start" else f"{text} ends",
            (day, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(2, 3 + 11 * (height - 1 - place % height)),
            textcoords="offset points",
            fontsize=7.5,
            color=_EFFECT,
        )


def middles(path: Path) -> dict[str, dt.date]:
    """The middle day of each period."""
    firsts = [dt.date.fromisoformat(day) for day, _ in path._in_force]
    lengths = [after - before for before, after in pairwise(firsts)]
    lengths.append(lengths[-1] if lengths else dt.timedelta(days=365 if len(path.periods[0]) == 4 else 60))
    return {period: first + length / 2 for period, first, length in zip(path.periods, firsts, lengths, strict=True)}
