"""The Inter-Country Input-Output tables of the OECD."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from tradewinds import _core
from tradewinds.data.accounts import Inventory, NegativeValueAdded, settings
from tradewinds.data.input_output import InputOutput
from tradewinds.errors import DataError
from tradewinds.progress import bar

__all__ = ["read_oecd_icio", "whole_year"]

_UNIT = "million USD"
_SOURCE = "OECD Inter-Country Input-Output Database, http://oe.cd/icio"
_LICENCE = "OECD Terms and Conditions: any use of the data, with the OECD named as their source"


def read_oecd_icio(
    path: str | os.PathLike[str],
    *,
    year: int | None = None,
    inventories: Inventory = "final",
    negative_value_added: NegativeValueAdded = "raise",
    progress: bool | Literal["auto"] = "auto",
) -> InputOutput:
    """Read a year of the OECD ICIO as it is published, streaming: the full matrix is never held.

    Editions of 2021 to 2025: a row and a column an industry (``AUS_A01_02``), columns of final demand
    (HFCE, NPISH, GGFC, GFCF, INVNT, DPABR, NONRES), the rows TLS, VA and OUT. CN1 and CN2 become CHN, MX1
    and MX2 MEX. Amounts stay in million USD at basic prices, without duties. See
    :meth:`InputOutput.from_accounts` for what becomes of inventories, taxes and value added, and
    :meth:`InputOutput.balance` for what was found.

    Parameters
    ----------
    path : path
        The CSV file of a year (``2020_SML.csv``), a zip of such as the OECD publishes it, or a folder.
        Nothing is unpacked to disk.
    year : int, optional
        Which of several years.
    inventories : {"final", "drop"}
        Changes in inventories (INVNT) count as final demand, or are left out.
    negative_value_added : {"raise", "zero"}
        What becomes of an industry whose inputs exceed its output.
    progress : bool or "auto"
        As :func:`tradewinds.read_baci`.

    Returns
    -------
    InputOutput
        ``attrs`` has ``source``, ``licence``, ``unit``, ``valuation`` and, where the file's name has one,
        ``period``.

    Raises
    ------
    DataError
        No such file or year, several, a label or number that is not as published, rows that are missing or
        twice, negative deliveries (with file and line); what :meth:`InputOutput.from_accounts` refuses.
    """
    chosen = settings(inventories, negative_value_added)
    with bar("reading the OECD ICIO", progress, unit="B") as watcher:
        (core, balance), found = _core.read_oecd_icio(
            Path(path), year=whole_year(year), **chosen, unit=_UNIT, watcher=watcher
        )
    attrs: dict[str, Any] = {"source": _SOURCE, "licence": _LICENCE, "unit": _UNIT, "valuation": "basic prices"}
    if found is not None:
        attrs["period"] = found
    return InputOutput(core, attrs=attrs, balance=balance)


def whole_year(year: int | None) -> int | None:
    """A year that is one."""
    if year is not None and (isinstance(year, bool) or not isinstance(year, int)):
        raise DataError(f"year is {year!r}; expected a whole number such as 2020")
    return year
