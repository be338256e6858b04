"""Baseline import duties as a user gives them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tradewinds import _core
from tradewinds.data.columns import encode, names_of, numbers, open_frame, require
from tradewinds.data.flows import Flows
from tradewinds.errors import DataError

__all__ = ["tariff_columns"]


def tariff_columns(frame: Any, flows: Flows) -> tuple[Any, Any, Any, Any]:
    """Exporter, importer and commodity of each duty as positions among the labels, and its rate.

    Raises
    ------
    DataError
        A label that the flows don't have.
    """
    native = open_frame(frame, "tariffs")
    rates = numbers(require(native, "tariff", "tariffs"), "tariff")
    columns = []
    for column, labels in (
        ("exporter", flows.countries),
        ("importer", flows.countries),
        ("commodity", flows.commodities),
    ):
        codes, given = encode(require(native, column, "tariffs"), column)
        names = names_of(given)
        if column != "commodity":
            names = [
                name if name in labels else code or name
                for name, code in zip(names, _core.resolve_countries(names), strict=True)
            ]
        place = {label: position for position, label in enumerate(labels)}
        unknown = [name for name in names if name not in place]
        if unknown:
            raise DataError(f"tariffs name the {column} '{unknown[0]}', which the flows don't have")
        columns.append(np.array([place[name] for name in names], dtype=np.uint32)[codes])
    return columns[0], columns[1], columns[2], rates
