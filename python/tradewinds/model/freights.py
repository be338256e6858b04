"""Freights that are distributions: central values by route, and which routes each moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import narwhals as nw
import numpy as np

from tradewinds.data.columns import Numbers, open_frame
from tradewinds.data.network import Network
from tradewinds.errors import DataError
from tradewinds.model.parameters import Uncertain
from tradewinds.scenario.distributions import Distribution

__all__ = ["freights"]

#: A freight given to some routes differs by this from the central one: they are those it is the freight of.
_STEP = 1.0


def freights(given: Any, network: Network) -> tuple[Numbers, list[Uncertain]]:
    """Freight by route, central values where it is uncertain, and the distributions with their routes.

    Entries are commodity and row of its market. ``given`` is as in :meth:`Network.freights`, with
    distributions for numbers.
    """
    central, parts = _parts(given)
    for label, one, _ in parts:
        if one.leaves(0.0, np.inf):
            raise DataError(
                f"{label} is {one!r}, of which {one.share_outside(0.0, np.inf):.2g} lies below 0; give it ends within"
            )
    values = network.freights(central)
    commodities = np.array([key[0] for key in network.keys])
    first = {commodity: int(np.flatnonzero(commodities == commodity)[0]) for commodity in set(commodities.tolist())}
    found = []
    for label, one, other in parts:
        rows = np.flatnonzero(network.freights(other) != values)
        entries = tuple((int(commodities[row]), int(row) - first[int(commodities[row])]) for row in rows)
        found.append(Uncertain(label, one, entries))
    return values, found


def _parts(given: Any) -> tuple[Any, list[tuple[str, Distribution, Any]]]:
    """The central freight; and by distribution its label and the freight with another number in its place."""
    if isinstance(given, Distribution):
        return given.central, [("freight", given, given.central + _STEP)]
    if isinstance(given, Mapping):
        return _spread(given, lambda key: f"freight ({key})")
    if not hasattr(given, "columns"):
        return given, []
    native = open_frame(given, "freight")
    if "freight" not in native.columns or native["freight"].dtype.is_numeric():
        return given, []
    cells = dict(enumerate(native["freight"].to_list()))
    keys = [name for name in ("exporter", "importer", "commodity", "mode") if name in native.columns]

    def label(row: int) -> str:
        return f"freight ({', '.join(str(native[name][row]) for name in keys)})"

    def whole(numbers: Mapping[int, Any]) -> Any:
        column = nw.new_series("freight", list(numbers.values()), backend=native.implementation)
        return native.with_columns(column).to_native()

    central, parts = _spread(cells, label)
    return whole(central), [(name, one, whole(other)) for name, one, other in parts]


def _spread(
    cells: Mapping[Any, Any], label: Callable[[Any], str]
) -> tuple[dict[Any, Any], list[tuple[str, Distribution, dict[Any, Any]]]]:
    central = {key: cell.central if isinstance(cell, Distribution) else cell for key, cell in cells.items()}
    uncertain = {key: cell for key, cell in cells.items() if isinstance(cell, Distribution)}
    return central, [(label(key), one, {**central, key: one.central + _STEP}) for key, one in uncertain.items()]
