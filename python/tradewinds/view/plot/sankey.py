"""To whom an exporter sold before, and to whom it sells after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import narwhals as nw

from tradewinds.errors import ModelError
from tradewinds.extras import extra
from tradewinds.view.plot.style import AFTER, BEFORE, TOWARD

__all__ = ["draw"]

_ELSEWHERE = "elsewhere"
_NOT_PRODUCED = "not produced"
_MORE = "produced in addition"
_MIDDLE = "#4a5560"
_SIDES = ("before", "after")
#: Pixels: the title and the heads above, the foot below, between two nodes, and for one node.
_TOP, _BOTTOM, _PAD, _ROW = 125, 40, 16, 34
_SEEN = 1e-9


@dataclass
class _Nodes:
    """One column of the picture: amounts by label, in the order they are drawn."""

    x: float
    amounts: dict[str, float] = field(default_factory=dict)

    def centres(self, scale: float, height: float) -> list[float]:
        """Vertical positions, as shares of the height, that leave the same room between all."""
        room = height - scale * sum(self.amounts.values()) - _PAD * (len(self.amounts) - 1)
        found, top = [], room / 2
        for amount in self.amounts.values():
            found.append((top + scale * amount / 2) / height)
            top += scale * amount + _PAD
        return found


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
    left, middle, right = _columns(links)
    currency = rows[0]["unit"].partition(" ")[0]
    size, word = _scale(sum(middle.amounts.values()))
    height = _TOP + _BOTTOM + (_ROW + _PAD) * max(len(left.amounts), len(right.amounts))
    figure = graph.Figure(_sankey(graph, links, (left, middle, right), size, height, f" {word}{currency}"))
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
            {"x": x, "y": 1, "yshift": 24, "xref": "paper", "yref": "paper", "text": f"<b>{text}</b>", **_PLAIN}
            for x, text in ((0.0, f"before ({period})"), (0.5, f"{exporter} sells"), (1.0, "after"))
        ],
        height=height,
        margin={"l": 20, "r": 20, "t": _TOP, "b": _BOTTOM},
        font={"size": 13},
        paper_bgcolor="white",
    )
    return figure


_PLAIN = {"showarrow": False}


def _links(rows: list[dict[str, Any]], top: int) -> dict[str, dict[tuple[str, str], float]]:
    """By side: (commodity, label of the destination) to amount."""
    total: dict[str, tuple[float, float]] = {}
    for row in rows:
        if row["entry"] == "sold":
            before, after = total.get(row["importer"], (0.0, 0.0))
            total[row["importer"]] = (before + row["before"], after + row["after"])
    named = set(sorted(total, key=lambda name: -max(total[name]))[:top])
    found: dict[str, dict[tuple[str, str], float]] = {side: {} for side in _SIDES}
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


def _columns(links: dict[str, dict[tuple[str, str], float]]) -> tuple[_Nodes, _Nodes, _Nodes]:
    """Destinations stand in the same order on both sides: by what they bought before."""
    left, middle, right = _Nodes(0.001), _Nodes(0.5), _Nodes(0.999)
    sides = {"before": left.amounts, "after": right.amounts}
    sums: dict[str, dict[str, float]] = {side: {} for side in _SIDES}
    for side in _SIDES:
        for (commodity, label), amount in links[side].items():
            sums[side][label] = sums[side].get(label, 0.0) + amount
            if side == "before":
                middle.amounts[commodity] = middle.amounts.get(commodity, 0.0) + amount
    last = (_ELSEWHERE, _MORE, _NOT_PRODUCED)
    order = sorted({*sums["before"], *sums["after"]}, key=lambda label: -sums["before"].get(label, 0.0))
    order = [label for label in order if label not in last] + [label for label in last if label in order]
    for side in _SIDES:
        sides[side].update({label: sums[side][label] for label in order if label in sums[side]})
    middle.amounts = dict(sorted(middle.amounts.items(), key=lambda item: -item[1]))
    return left, middle, right


def _sankey(
    graph: Any,
    links: dict[str, dict[tuple[str, str], float]],
    columns: tuple[_Nodes, _Nodes, _Nodes],
    size: float,
    height: float,
    suffix: str,
) -> Any:
    left, middle, right = columns
    inner = height - _TOP - _BOTTOM
    scale = min((inner - _PAD * (len(c.amounts) - 1)) / sum(c.amounts.values()) for c in columns)
    place = {
        (number, label): sum(len(c.amounts) for c in columns[:number]) + position
        for number, column in enumerate(columns)
        for position, label in enumerate(column.amounts)
    }
    ends: list[tuple[int, int, float, str]] = []
    for (commodity, label), amount in links["before"].items():
        ends.append((place[0, label], place[1, commodity], amount, _faint(BEFORE)))
    for (commodity, label), amount in links["after"].items():
        colour = _colour(label, links["before"].get((commodity, label), 0.0), amount)
        ends.append((place[1, commodity], place[2, label], amount, _faint(colour)))
    labels = [
        *(_left(label, amount, right.amounts, size) for label, amount in left.amounts.items()),
        *(f"{label}  {_amount(amount / size)}" for label, amount in middle.amounts.items()),
        *(_arrived(label, left.amounts.get(label, 0.0), amount, size) for label, amount in right.amounts.items()),
    ]
    colours = [
        *([BEFORE] * len(left.amounts)),
        *([_MIDDLE] * len(middle.amounts)),
        *(_colour(label, left.amounts.get(label, 0.0), amount) for label, amount in right.amounts.items()),
    ]
    return graph.Sankey(
        arrangement="fixed",
        valueformat=",.2f",
        valuesuffix=suffix,
        node={
            "label": labels,
            "color": colours,
            "x": [column.x for column in columns for _ in column.amounts],
            "y": [centre for column in columns for centre in column.centres(scale, inner)],
            "pad": _PAD,
            "thickness": 16,
            "line": {"width": 0},
        },
        link={
            "source": [end[0] for end in ends],
            "target": [end[1] for end in ends],
            "value": [end[2] / size for end in ends],
            "color": [end[3] for end in ends],
        },
    )


def _left(label: str, before: float, after: dict[str, float], size: float) -> str:
    """A destination that is lost has no place on the other side: it is said here."""
    lost = " → 0" if label not in after and label != _MORE else ""
    return f"{label}  {_amount(before / size)}{lost}"


def _arrived(label: str, before: float, after: float, size: float) -> str:
    if label == _NOT_PRODUCED:
        return f"{label}  {_amount(after / size)}"
    change = f" ({100 * (after / before - 1):+.0f} %)".replace("-", "−") if before > 0 else ""
    return f"{label}  {_amount(after / size)}{change}"


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
