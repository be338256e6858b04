"""What a table's accounts report, as it leaves the core."""

from __future__ import annotations

import numpy as np

from tradewinds.data.table import Answer

__all__ = ["no_entries", "totals"]


def no_entries(unit: str) -> Answer:
    """The columns of a report without entries."""
    codes, numbers = np.array([], dtype=np.uint32), np.array([], dtype=np.float64)
    labels: list[str] = []
    columns = {name: (codes, labels) for name in ("country", "sector", "what")}
    return {**columns, "amount": numbers, "relative": numbers}, {"amount": unit, "relative": "share of output"}


def totals(report: Answer) -> dict[str, dict[str, float]]:
    """By what is reported, the sum of the amounts and of their absolute values."""
    columns, _ = report
    codes, names = columns["what"]
    return {
        name: {"sum": float(amount.sum()), "absolute": float(np.abs(amount).sum())}
        for place, name in enumerate(names)
        if len(amount := columns["amount"][codes == place])
    }
