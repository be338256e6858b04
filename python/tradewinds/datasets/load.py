"""Bundled flows."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

from tradewinds.data.flows import Flows
from tradewinds.errors import DataError

__all__ = ["load", "names", "table"]

_DIRECTORY = files("tradewinds.datasets")
#: What the tables' units are in the units of flows.
_MONEY = {"million USD": ("USD", 1e6)}
_QUANTITY = {"kt": ("t", 1e3)}


def names() -> list[str]:
    """Names of the bundled datasets."""
    return sorted(entry.name.removesuffix(".toml") for entry in _DIRECTORY.iterdir() if entry.name.endswith(".toml"))


def load(name: str) -> Flows:
    """Bundled flows by name, see :func:`names`.

    ``attrs`` has ``source``, ``licence``, ``valuation``, ``hs``, ``regions`` and ``known_defects``;
    read the last before you quote a number. Values are in USD, quantities in tonnes.

    Raises
    ------
    DataError
        No such dataset.
    """
    if name not in names():
        raise DataError(f"there is no dataset '{name}'; there are {', '.join(names())}")
    attrs = tomllib.loads(_DIRECTORY.joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    frame = table(name)
    unit, money = _MONEY[attrs.pop("unit")]
    quantity_unit, quantity = _QUANTITY[attrs.pop("quantity_unit")]
    frame["value"] *= money
    frame["quantity"] *= quantity
    return Flows.from_frame(
        frame, unit=unit, quantity_unit=quantity_unit, countries="iso", attrs={"dataset": name, **attrs}
    )


def table(name: str) -> Any:
    """A bundled table as a pandas frame, blank as missing."""
    import pandas as pd

    with _DIRECTORY.joinpath(f"{name}.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, keep_default_na=False, na_values=[""])
