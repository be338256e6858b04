"""The columns that flows are made of, read from any dataframe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import numpy as np

from tradewinds.data.columns import Codes, country_codes, encode, names_of, require
from tradewinds.errors import DataError

__all__ = ["UNDATED", "Places", "commodities_of", "labels_of", "optional", "periods_of", "quantity_units_of"]

#: What the core takes for flows without a period.
UNDATED = "1000"
UNIT_NOT_SAID = "unit not said"


class Places:
    """Exporters and importers share one sorted list of labels."""

    def __init__(self, native: nw.DataFrame[Any], countries: str) -> None:
        self._native = native
        self._countries = countries
        self._columns: dict[str, tuple[Codes, list[str]]] = {}

    def add(self, column: str) -> None:
        codes, labels = encode(require(self._native, column, "frame"), column)
        names = names_of(labels)
        if self._countries == "iso":
            names = country_codes(names, codes, column)
        self._columns[column] = (codes, names)

    @property
    def labels(self) -> list[str]:
        return sorted({name for _, names in self._columns.values() for name in names})

    def codes(self, column: str) -> Codes:
        place = {name: position for position, name in enumerate(self.labels)}
        codes, names = self._columns[column]
        return np.array([place[name] for name in names], dtype=np.uint32)[codes]


def labels_of(native: nw.DataFrame[Any], column: str) -> tuple[list[str], Codes]:
    """Sorted labels of a column, and positions into them."""
    codes, labels = encode(require(native, column, "frame"), column)
    names = names_of(labels)
    unique = sorted(set(names))
    place = {name: position for position, name in enumerate(unique)}
    return unique, np.array([place[name] for name in names], dtype=np.uint32)[codes]


def commodities_of(native: nw.DataFrame[Any], column: str) -> tuple[list[str], Codes]:
    """As :func:`labels_of`; numbers are refused."""
    if require(native, column, "frame").dtype.is_numeric():
        raise DataError(
            f"column '{column}' has numbers; commodities are text, and an HS code that became a number has lost its "
            "leading zero. Read it as text"
        )
    return labels_of(native, column)


def optional(native: nw.DataFrame[Any], column: str | None, usual: str) -> str | None:
    """A column the caller named, or the usual one where there is such."""
    if column is not None:
        require(native, column, "frame")
        return column
    return usual if usual in native.columns else None


def periods_of(native: nw.DataFrame[Any], column: str | None) -> tuple[list[str], Codes]:
    """As :func:`labels_of`; one placeholder where there is no column."""
    if column is None:
        return [UNDATED], np.zeros(len(native), dtype=np.uint32)
    return labels_of(native, column)


def quantity_units_of(
    native: nw.DataFrame[Any], commodities: list[str], codes: Codes, given: str | Mapping[str, str] | None
) -> list[str]:
    """The unit of quantities by commodity, each commodity's one."""
    if isinstance(given, str):
        return [given] * len(commodities)
    if given is not None:
        unknown = [name for name in given if name not in commodities]
        if unknown:
            raise DataError(
                f"quantity_unit names the commodity '{unknown[0]}', which the flows don't have; "
                f"they have {', '.join(commodities[:8])}"
            )
        return [given.get(commodity, UNIT_NOT_SAID) for commodity in commodities]
    if "quantity_unit" not in native.columns:
        return [UNIT_NOT_SAID] * len(commodities)
    said = ~native["quantity_unit"].is_null().to_numpy()
    unit_codes, units = encode(native["quantity_unit"].drop_nulls(), "quantity_unit")
    pairs = np.unique(np.stack([codes[said], unit_codes]), axis=1)
    by_commodity: dict[int, str] = {}
    for commodity, unit in pairs.T:
        if int(commodity) in by_commodity:
            raise DataError(
                f"'{commodities[commodity]}' has quantities in {by_commodity[int(commodity)]} and in {units[unit]}; "
                "convert them to one unit"
            )
        by_commodity[int(commodity)] = str(units[unit])
    return [by_commodity.get(position, UNIT_NOT_SAID) for position in range(len(commodities))]
