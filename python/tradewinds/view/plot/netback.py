"""From the producer's price to the consumer's, a bar a route."""

from __future__ import annotations

from typing import Any

from tradewinds.view.plot.routes import of_exporters, route_name
from tradewinds.view.plot.style import BEFORE, axes, bare

__all__ = ["draw"]

#: Wedges of the frame, in the order of the ladder, with their colours.
_WEDGES = {
    "export_tax": "#6a4c93",
    "freight": "#1f6f8b",
    "outside_cost": "#7fb3c8",
    "scarcity": "#b3261e",
    "fleet_rent": "#e07a5f",
    "cap_rent": "#c77700",
    "licence": "#8d6e63",
    "margin": "#2e7d32",
    "duty": "#111111",
    "residual": "#d9dee3",
}
_CALLED = {
    "export_tax": "export tax",
    "outside_cost": "shipping without services",
    "scarcity": "rent of full facilities",
    "fleet_rent": "rent of the fleet",
    "cap_rent": "rent of the cap",
    "licence": "licences",
    "margin": "buyer's hold",
    "residual": "margin of the route",
}
_HALF = 0.34
#: Wedges smaller than this share of the consumer's price are not drawn.
_SEEN = 1e-3
#: Routes with less than this share of the exporter's largest flow are left out.
_SMALL = 0.01


def draw(frame: Any, exporters: list[str], name: str, title: str, top: int, ax: Any = None) -> Any:
    """Draw the rows of ``result.routes`` that leave ``exporters`` and are used, the largest ``top`` of them."""
    routes = _whole(of_exporters(frame, exporters, name), len(exporters) > 1)
    largest = max((row["shipped"] for row in routes.values()), default=0.0)
    used = {label: row for label, row in routes.items() if row["shipped"] > _SMALL * largest}
    used = dict(sorted(used.items(), key=lambda pair: -pair[1]["shipped"])[:top])
    ax = axes(ax, len(used) + 3)
    seen: dict[str, Any] = {}
    for place, row in enumerate(used.values()):
        _ladder(ax, -place, row, seen)
    ax.set_yticks([-place for place in range(len(used))], list(used))
    ax.set_ylim(-len(used) + 0.4, 0.6)
    ax.set_xlim(0, 1.12 * max((_farthest(row) for row in used.values()), default=1.0))
    unit = next(iter(used.values()))["unit"] if used else "unit"
    ax.set_xlabel(f"per {unit}: from the price of {name}\nto the price the consumer pays (black line)")
    bare(ax, title)
    ax.legend(seen.values(), seen.keys(), loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8)
    return ax


def _whole(rows: list[dict[str, Any]], several: bool) -> dict[str, dict[str, Any]]:
    """The stretches of a period as one: prices and wedges are means by what is shipped, so they still add up."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        if not row["flow_after"] or row["slack"] != row["slack"]:
            continue
        weight = row["share_of_period"] * row["flow_after"]
        route = found.setdefault(route_name(row, several), {"shipped": 0.0, "unit": row["unit"]})
        route["shipped"] += weight
        for column in ("producer_price", "consumer_price", *_WEDGES):
            route[column] = route.get(column, 0.0) + weight * (row[column] - route.get(column, 0.0)) / route["shipped"]
    return found


def _farthest(row: dict[str, Any]) -> float:
    return float(row["producer_price"] + sum(max(row[wedge], 0.0) for wedge in _WEDGES))


def _ladder(ax: Any, y: float, row: dict[str, Any], seen: dict[str, Any]) -> None:
    level, price, farthest = row["producer_price"], row["consumer_price"], _farthest(row)
    bar = ax.barh(y, level, height=2 * _HALF, color=BEFORE)
    seen.setdefault("producer's price", bar)
    ax.annotate(f"{level:,.0f}", (0.0, y), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8)
    for wedge, colour in _WEDGES.items():
        size = row[wedge]
        if abs(size) < _SEEN * price:
            continue
        # What lowers the price goes back over the bars before it, thin, so that they stay visible.
        thin, hatch = (1.0, None) if size > 0 else (0.35, "////")
        look = {"color": colour, "edgecolor": "#4a5560", "linewidth": 0.4, "hatch": hatch}
        bar = ax.barh(y, size, left=level, height=2 * _HALF * thin, **look)
        seen.setdefault(_CALLED.get(wedge, wedge), bar)
        level += size
    ax.plot([price, price], [y - 1.25 * _HALF, y + 1.25 * _HALF], color="black", linewidth=1.8)
    end = (max(price, farthest), y)
    ax.annotate(f"{price:,.0f}", end, xytext=(6, 0), textcoords="offset points", va="center", fontsize=8)
