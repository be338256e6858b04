"""Columns of a caller's dataframe: found, checked and encoded."""

from __future__ import annotations

import difflib
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt

from tradewinds import _core
from tradewinds.errors import DataError

__all__ = ["Codes", "Numbers", "country_codes", "encode", "names_of", "numbers", "open_frame", "require", "rows_text"]

Codes = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.float64]

_SHOWN = 8


def open_frame(frame: Any, what: str) -> nw.DataFrame[Any]:
    """Any eager dataframe, through narwhals."""
    try:
        return nw.from_native(frame, eager_only=True)
    except TypeError:
        raise DataError(
            f"{what} is a {type(frame).__name__}; expected a dataframe (pandas, polars, pyarrow, …; collect a lazy one)"
        ) from None


def require(frame: nw.DataFrame[Any], column: str, what: str) -> nw.Series[Any]:
    """A column that must be there."""
    if column in frame.columns:
        return frame[column]
    near = difflib.get_close_matches(column, frame.columns, 1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    raise DataError(f"{what} has no column '{column}'; it has {', '.join(map(str, frame.columns)) or 'none'}.{hint}")


def numbers(series: nw.Series[Any], name: str) -> Numbers:
    """A column of numbers; missing becomes NaN."""
    if series.null_count() == len(series):
        return np.full(len(series), np.nan)
    if not series.dtype.is_numeric():
        raise DataError(f"column '{name}' has type {series.dtype}; expected numbers")
    return np.ascontiguousarray(series.cast(nw.Float64).to_numpy(), dtype=np.float64)


def rows_text(rows: npt.NDArray[np.intp]) -> str:
    """The first few row numbers, and how many more there are."""
    shown = ", ".join(str(row) for row in rows[:_SHOWN])
    return shown if len(rows) <= _SHOWN else f"{shown} and {len(rows) - _SHOWN} more"


def encode(series: nw.Series[Any], name: str) -> tuple[Codes, list[Any]]:
    """Positions into the unique labels of a column, in order of appearance; missing is refused."""
    import pandas as pd

    codes, labels = pd.factorize(np.asarray(series.to_numpy()))
    missing = np.flatnonzero(codes < 0)
    if len(missing):
        raise DataError(
            f"column '{name}' has no label in row {rows_text(missing)} (counted from 0); write one, or drop the row"
        )
    return codes.astype(np.uint32), list(labels)


def names_of(labels: list[Any]) -> list[str]:
    """Labels as text: whole numbers without their decimal point, midnights as days."""
    return [_name(label) for label in labels]


def _name(label: Any) -> str:
    if isinstance(label, float | np.floating) and float(label).is_integer():
        return str(int(label))
    if isinstance(label, np.datetime64) and label == label.astype("datetime64[D]"):
        return str(label.astype("datetime64[D]"))
    return str(label)


def country_codes(labels: list[str], codes: Codes, column: str) -> list[str]:
    """ISO alpha-3 codes of unique labels; unknown ones are refused with their rows and near matches."""
    resolved = _core.resolve_countries(labels)
    unknown = [place for place, code in enumerate(resolved) if code is None]
    if unknown:
        place = unknown[0]
        near = _core.near_countries(labels[place])
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        more = f" ({len(unknown) - 1} more unknown labels)" if len(unknown) > 1 else ""
        raise DataError(
            f"unknown country '{labels[place]}' in column '{column}', row {rows_text(np.flatnonzero(codes == place))} "
            f"(counted from 0){more}.{hint} Expected an ISO code, M49 code or name, ROW, or a region code that begins "
            'with X_; countries="as_is" takes any labels'
        )
    return [code for code in resolved if code is not None]
