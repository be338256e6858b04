"""Whether the home market is in a model, and for how much of the trade."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tradewinds.model.armington import Armington

__all__ = ["domestic_market"]


def domestic_market(model: Armington) -> dict[str, str]:
    """By commodity: "in the flows", "ignored", or whose elasticities were converted.

    Elasticities of consumption and production are taken as those of imports and exports where no
    dependence figure is known; the countries concerned and their share of trade are named.
    """
    inside = set(model.flows._core.with_domestic_sales())
    return {
        commodity: "in the flows" if commodity in inside else _of_elasticities(model, place, commodity)
        for place, commodity in enumerate(model.flows.commodities)
    }


def _of_elasticities(model: Armington, place: int, commodity: str) -> str:
    sides = (("demand", "importer", "buyers"), ("supply", "exporter", "sellers"))
    if any(model.parameters[name].unconverted is None for name, _, _ in sides):
        return "ignored"
    parts: list[str] = []
    whole = []
    for name, column, word in sides:
        totals = _trade(model, place, column)
        unconverted = set((model.parameters[name].unconverted or {}).get(commodity, ()))
        ignored = [country for country in totals if country in unconverted]
        share = sum(totals[country] for country in ignored) / max(sum(totals.values()), 1e-300)
        whole.append(len(ignored) == len(totals))
        if ignored:
            parts.append(f"{word} of {100 * share:.0f} % of the trade ({', '.join(sorted(ignored))})")
    if all(whole):
        return "ignored"
    return "in the elasticities" + (f", ignored for {' and '.join(parts)}" if parts else "")


def _trade(model: Armington, commodity: int, column: str) -> dict[str, float]:
    """Baseline value by country of one side of one commodity's market."""
    columns, _ = model.flows._core.table()
    periods, names = columns["period"]
    period = 0 if len(names) == 1 else names.index(str(model.period))
    rows = (columns["commodity"][0] == commodity) & (periods == period) & (columns["value"] > 0)
    codes, labels = columns[column]
    sums = np.bincount(codes[rows], columns["value"][rows], len(labels))
    return {label: float(value) for label, value in zip(labels, sums, strict=True) if value > 0}
