"""The headline table in a terminal: a line a commodity, which begins with its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from tradewinds.data.terms import Selector

if TYPE_CHECKING:
    from tradewinds.result.result import Result

__all__ = ["headline"]


def headline(result: Result, exporter: Selector, away: Selector, toward: Selector) -> str:
    """How far the exporter's sales moved, and what became of what it lost."""
    shift = nw.from_native(result.share_shift(exporter, away, toward), eager_only=True).rows(named=True)
    ledger = nw.from_native(result.diversion(exporter, away), eager_only=True).rows(named=True)
    prices = nw.from_native(result.prices, eager_only=True).rows(named=True)
    price = {row["commodity"]: row["producer_price"] for row in prices if row["country"] == exporter}
    heads = (
        "commodity",
        f"to {away}, %",
        f"to {toward}, %",
        "redirected, %",
        "not produced, %",
        f"price of {exporter}, %",
    )
    rows = [
        (
            row["commodity"],
            f"{100 * row['away_before']:.1f} -> {100 * row['away_after']:.1f}",
            f"{100 * row['toward_before']:.1f} -> {100 * row['toward_after']:.1f}",
            f"{100 * entry['redirected_fraction']:.1f}" if entry["lost"] > 0 else "",
            f"{100 * entry['not_produced'] / entry['lost']:.1f}" if entry["lost"] > 0 else "",
            f"{100 * (price[row['commodity']] - 1):+.1f}" if row["commodity"] in price else "",
        )
        for row, entry in zip(shift, ledger, strict=True)
    ]
    widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
    lines = [
        f"{result.scenario.name}: {type(result.model).__name__}, baseline {result.model.period}",
        f"Shares of {exporter}'s sales before -> after; what {away} no longer takes, redirected or not produced.",
        "",
    ]
    for row in (heads, *rows):
        first, *rest = (
            text.ljust(width) if place == 0 else text.rjust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join([first, *rest]).rstrip())
    return "\n".join(lines)
