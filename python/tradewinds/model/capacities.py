"""Facilities whose capacities are distributions: central values, and which capacity each moves."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from tradewinds.data.columns import Numbers, open_frame
from tradewinds.data.network import Network
from tradewinds.data.routes import FacilityRow, facility_rows, first_day
from tradewinds.errors import DataError
from tradewinds.model.parameters import Uncertain
from tradewinds.scenario.distributions import Distribution

__all__ = ["capacities"]

#: A flow this close to a capacity fills it: above it the calibration refuses.
_FULL = 1e-9


def capacities(
    given: Any, network: Network, carried: Numbers | None = None
) -> tuple[list[FacilityRow], list[Uncertain]]:
    """Facilities as the core takes them, central values where a capacity is uncertain, and the distributions.

    Entries are facility and place among its dates. ``given`` is as in :func:`facility_rows`, with
    distributions in the column ``capacity``; ``carried`` is what went by each route in the baseline, which the
    capacity of that day may not be below.
    """
    central, drawn = _central(given)
    rows = facility_rows(central, network.keys, network.labels, network.core, network.day)
    if not drawn:
        return rows, []
    whose = _whose(open_frame(given, "facilities"))
    found: dict[str, Uncertain] = {}
    for row, one in drawn.items():
        twin = next((other for other, key in enumerate(whose) if key == whose[row] and drawn.get(other) != one), None)
        if twin is not None:
            raise DataError(
                f"facilities rows {row} and {twin} (counted from 0) are of one capacity of '{whose[row][0]}', and "
                "differ; give both the same distribution"
            )
        name, day = whose[row]
        facility = [known[0] for known in rows].index(name)
        _, _, routes, dated, _ = rows[facility]
        days = [start for start, _ in dated]
        label = f"capacity ({name})" if len(days) == 1 else f"capacity ({name}, {day or 'at first'})"
        in_force = [start for start in days if (start or "") <= network.day]
        through = 0.0 if carried is None or day not in in_force[-1:] else float(carried[routes].sum())
        _check_range(label, one, through)
        found[label] = Uncertain(label, one, ((facility, days.index(day)),))
    return rows, list(found.values())


def _check_range(label: str, given: Distribution, through: float) -> None:
    """Refuses capacities below 0, and of the baseline below what went through."""
    low = through / (1.0 + _FULL)
    if given.leaves(low, float("inf")):
        least = "0" if through == 0.0 else f"the {through:.6g} that went through it in the baseline"
        outside = given.share_outside(low, float("inf"))
        raise DataError(f"{label} is {given!r}, of which {outside:.2g} lies below {least}; give it ends within")


def _central(given: Any) -> tuple[Any, dict[int, Distribution]]:
    """The frame with central values, and its distributions by row."""
    if given is None:
        return None, {}
    native = open_frame(given, "facilities")
    if "capacity" not in native.columns or native["capacity"].dtype.is_numeric():
        return given, {}
    cells = native["capacity"].to_list()
    drawn = {row: cell for row, cell in enumerate(cells) if isinstance(cell, Distribution)}
    if not drawn:
        return given, {}
    values = [cell.central if isinstance(cell, Distribution) else cell for cell in cells]
    column = nw.new_series("capacity", values, backend=native.implementation)
    return native.with_columns(column).to_native(), drawn


def _whose(native: nw.DataFrame[Any]) -> list[tuple[str, str | None]]:
    """Facility and first day of each row."""
    starts = native["start"].to_list() if "start" in native.columns else [None] * len(native)
    days = [first_day(start, f"facilities row {row} (counted from 0)") for row, start in enumerate(starts)]
    return list(zip(map(str, native["facility"].to_list()), days, strict=True))
