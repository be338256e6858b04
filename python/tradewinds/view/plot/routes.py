"""What goes by each route, before and after."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from tradewinds.errors import ModelError
from tradewinds.view.plot.style import AFTER, TOWARD, axes, bare, dumbbell, quantities

__all__ = ["draw", "of_exporters", "route_name"]

#: Routes with less than this share of the largest, before and after, are drawn as one.
_SMALL = 0.02
#: Amounts below this share of the largest are nothing: what an interior point leaves of a closed route.
_NOTHING = 1e-6


def draw(frame: Any, exporters: list[str], name: str, title: str, ax: Any = None) -> Any:
    """Draw the rows of ``result.routes`` that leave ``exporters``, stretches of a period as one."""
    rows = of_exporters(frame, exporters, name)
    flows: dict[tuple[str, str, str], tuple[float, float]] = {}
    for row in rows:
        key = (row["commodity"], row["unit"], route_name(row, len(exporters) > 1))
        before, after = flows.get(key, (0.0, 0.0))
        flows[key] = (before + _share(row, "flow_before"), after + _share(row, "flow_after"))
    groups: dict[tuple[str, str], list[tuple[str, float, float]]] = {}
    for (commodity, unit, label), amounts in flows.items():
        groups.setdefault((commodity, unit), []).append((label, *amounts))
    shown = {key: _visible(members) for key, members in groups.items()}
    ax = axes(ax, sum(len(members) + 2 for members in shown.values()))
    y, ticks, labels, units = 0.0, [], [], []
    for (commodity, unit), members in shown.items():
        scale, called = quantities(unit, max(max(row[1:]) for row in members))
        units.append(called)
        whole = groups[commodity, unit]
        before, after = (scale * sum(side) for side in zip(*(row[1:] for row in whole), strict=True))
        head = f"{commodity}: {before:,.1f} → {after:,.1f} {called} a year"
        ax.text(0.0, y, head, transform=ax.get_yaxis_transform(), weight="bold", va="center", ha="left")
        y -= 1
        for label, before, after in members:
            dumbbell(ax, y, before, after, TOWARD if after >= before else AFTER, scale)
            text = f"{scale * before:,.1f} → {scale * after:,.1f}"
            end = (scale * max(before, after), y)
            ax.annotate(text, end, xytext=(8, 0), textcoords="offset points", va="center", fontsize=8)
            ticks.append(y)
            labels.append(label)
            y -= 1
        y -= 0.4
    ax.set_yticks(ticks, labels)
    ax.set_ylim(y + 0.6, 0.8)
    ax.margins(x=0.15)
    ax.set_xlim(left=-0.02 * ax.get_xlim()[1])
    ax.set_xlabel(f"shipped by {name}, {', '.join(dict.fromkeys(units))} a year (ring: before, dot: after)")
    bare(ax, title)
    return ax


def of_exporters(frame: Any, exporters: list[str], name: str) -> list[dict[str, Any]]:
    """The rows of the exporters; a :class:`ModelError` where there are none."""
    rows = [row for row in nw.from_native(frame, eager_only=True).rows(named=True) if row["exporter"] in exporters]
    if not rows:
        raise ModelError(f"no route leaves {name}; there is nothing to draw")
    return rows


def route_name(row: dict[str, Any], several: bool) -> str:
    start = f"{row['exporter']} → " if several else ""
    by = f", {row['mode']}" if row.get("mode") else ""
    return f"{start}{row['importer']}{by}"


def _share(row: dict[str, Any], column: str) -> float:
    flow = row[column]
    return 0.0 if flow is None or flow != flow else float(row["share_of_period"] * flow)


def _visible(members: list[tuple[str, float, float]]) -> list[tuple[str, float, float]]:
    """In the order of their flow before, then after; the small ones as one."""
    largest = max(max(row[1:]) for row in members)
    used = [row for row in members if max(row[1:]) > _NOTHING * largest]
    large = [row for row in used if max(row[1:]) >= _SMALL * largest]
    small = [row for row in used if max(row[1:]) < _SMALL * largest]
    large.sort(key=lambda row: (-row[1], -row[2]))
    if small:
        label = f"{len(small)} others" if len(small) > 1 else small[0][0]
        large.append((label, sum(row[1] for row in small), sum(row[2] for row in small)))
    return large
