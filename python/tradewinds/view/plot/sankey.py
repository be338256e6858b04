"""To whom an exporter sold before, and to whom it sells after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from tradewinds.errors import ModelError
from tradewinds.extras import extra
from tradewinds.view.plot.style import AFTER, BEFORE, TOWARD

__all__ = ["draw"]

_ELSEWHERE = "elsewhere"
_NOT_PRODUCED = "not produced"
_MORE = "produced in addition"
_NO_BUYER = (_NOT_PRODUCED, _MORE)
_MIDDLE = "#4a5560"
_SIDES = ("before", "after")
#: Pixels: the title and the heads above, the foot below, between two nodes, and for one node.
_TOP, _BOTTOM, _PAD, _ROW = 115, 30, 16, 34
_SEEN = 1e-9

#: By side: (commodity, label of the destination) to amount.
_Links = dict[str, dict[tuple[str, str], float]]


def draw(frame: Any, exporter: str, title: str, period: str, commodities: Sequence[str], top: int) -> Any:
    """Draw the frame of ``result.destinations(exporter)``."""
    graph = extra("plotly.graph_objects", "plot")
    if top < 1:
        raise ModelError(f"top is {top}; expected at least 1")
    rows = nw.from_native(frame, eager_only=True).rows(named=True)
    rows = [row for row in rows if row["commodity"] in commodities]
    if not rows:
        raise ModelError(f"{exporter} sells none of {', '.join(commodities)} in {period}; there is nothing to draw")
    links = _links(rows, top)
    columns = _columns(links)
    currency = rows[0]["unit"].partition(" ")[0]
    size, word = _scale(sum(columns[1].values()))
    height = _TOP + _BOTTOM + (_ROW + _PAD) * max(len(columns[0]), len(columns[2]))
    figure = graph.Figure(_sankey(graph, links, columns, size, f" {word}{currency}"))
    figure.update_layout(
        title={
            "text": f"{title}<br><sub>What {exporter} sells, {word}{currency} a year at the prices of {period}, so "
            "that widths are amounts shipped; blue gets more than before, red less</sub>",
            "y": 0.97,
            "yanchor": "top",
            "x": 0.01,
            "xanchor": "left",
        },
        annotations=[
            {
                "x": x,
                "y": 1,
                "yshift": 24,
                "xref": "paper",
                "yref": "paper",
                "text": f"<b>{text}</b>",
                "showarrow": False,
            }
            for x, text in ((0.0, f"before ({period})"), (0.5, f"{exporter} sells"), (1.0, "after"))
        ],
        height=height,
        margin={"l": 20, "r": 20, "t": _TOP, "b": _BOTTOM},
        font={"size": 13},
        paper_bgcolor="white",
    )
    return figure


def _links(rows: list[dict[str, Any]], top: int) -> _Links:
    total: dict[str, tuple[float, float]] = {}
    for row in rows:
        if row["entry"] == "sold":
            before, after = total.get(row["importer"], (0.0, 0.0))
            total[row["importer"]] = (before + row["before"], after + row["after"])
    named = set(sorted(total, key=lambda name: -max(total[name]))[:top])
    found: _Links = {side: {} for side in _SIDES}
    for row in rows:
        for side in _SIDES:
            amount, where = row[side], side
            if row["entry"] == "sold":
                label = row["importer"] if row["importer"] in named else _ELSEWHERE
            else:
                # Less than nothing is not produced: more is, which belongs to the side before.
                label, where = (_NOT_PRODUCED, side) if amount >= 0 else (_MORE, "before")
                amount = abs(amount)
            key = (row["commodity"], label)
            found[where][key] = found[where].get(key, 0.0) + amount
    whole = sum(found["before"].values())
    return {
        side: {key: amount for key, amount in links.items() if amount > _SEEN * whole} for side, links in found.items()
    }


def _columns(links: _Links) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    """Amounts by label: destinations before, commodities, destinations after.

    Where nodes stand is left to plotly: it orders the bands at a node only for its own places.
    """
    sums: dict[str, dict[str, float]] = {side: {} for side in _SIDES}
    middle: dict[str, float] = {}
    for side in _SIDES:
        for (commodity, label), amount in links[side].items():
            sums[side][label] = sums[side].get(label, 0.0) + amount
            if side == "before":
                middle[commodity] = middle.get(commodity, 0.0) + amount
    left, right = (dict(sorted(sums[side].items(), key=_rank)) for side in _SIDES)
    return left, dict(sorted(middle.items(), key=_rank)), right


def _rank(item: tuple[str, float]) -> tuple[bool, float]:
    """The largest first, what has no name of its own last."""
    return item[0] in (_ELSEWHERE, *_NO_BUYER), -item[1]


def _sankey(graph: Any, links: _Links, columns: tuple[dict[str, float], ...], size: float, suffix: str) -> Any:
    left, middle, right = columns
    place = {
        (number, label): sum(map(len, columns[:number])) + position
        for number, column in enumerate(columns)
        for position, label in enumerate(column)
    }
    ends: list[tuple[int, int, float, str]] = []
    for (commodity, label), amount in links["before"].items():
        ends.append((place[0, label], place[1, commodity], amount, _faint(BEFORE)))
    for (commodity, label), amount in links["after"].items():
        colour = _colour(label, links["before"].get((commodity, label), 0.0), amount)
        ends.append((place[1, commodity], place[2, label], amount, _faint(colour)))
    labels = [
        *(_left(label, amount, right, size) for label, amount in left.items()),
        *(_sold(commodity, links, size) for commodity in middle),
        *(_arrived(label, left.get(label, 0.0), amount, size) for label, amount in right.items()),
    ]
    colours = [
        *([BEFORE] * len(left)),
        *([_MIDDLE] * len(middle)),
        *(_colour(label, left.get(label, 0.0), amount) for label, amount in right.items()),
    ]
    return graph.Sankey(
        valueformat=",.2f",
        valuesuffix=suffix,
        node={"label": labels, "color": colours, "pad": _PAD, "thickness": 16, "line": {"width": 0}},
        link={
            "source": [end[0] for end in ends],
            "target": [end[1] for end in ends],
            "value": [end[2] / size for end in ends],
            "color": [end[3] for end in ends],
        },
    )


def _sold(commodity: str, links: _Links, size: float) -> str:
    """What is sold before and after: without what is not produced, or is in addition."""
    amounts = [
        sum(amount for (good, label), amount in links[side].items() if good == commodity and label not in _NO_BUYER)
        for side in _SIDES
    ]
    return f"{commodity}  {_amount(amounts[0] / size)} → {_amount(amounts[1] / size)}"


def _left(label: str, before: float, after: dict[str, float], size: float) -> str:
    """A destination that is lost has no place on the other side: it is said here."""
    lost = " → 0" if label not in after and label not in _NO_BUYER else ""
    return f"{label}  {_amount(before / size)}{lost}"


def _arrived(label: str, before: float, after: float, size: float) -> str:
    written = f"{label}  {_amount(after / size)}"
    if label in _NO_BUYER or before == 0:
        return written
    percent = round(100 * (after / before - 1))
    return f"{written} ({f'{percent:+d}'.replace('-', '−') if percent else '±0'} %)"


def _colour(label: str, before: float, after: float) -> str:
    """Blue where more arrives than before, red where less does or nothing is produced."""
    return AFTER if label == _NOT_PRODUCED or after < before else TOWARD


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.38)"


def _amount(value: float) -> str:
    return f"{value:,.2f}" if value < 10 else f"{value:,.1f}"


def _scale(largest: float) -> tuple[float, str]:
    return next(((size, f"{word} ") for size, word in ((1e9, "bn"), (1e6, "m")) if largest >= size), (1.0, ""))
