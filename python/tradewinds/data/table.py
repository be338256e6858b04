"""Tables of the core as dataframes: tidy, in the caller's own library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import numpy as np

__all__ = ["Answer", "Column", "frame"]

#: A column as it leaves the core: numbers, text, or (codes, labels).
Column = Any
#: Columns and the units of those that have one.
Answer = tuple[dict[str, Column], dict[str, str]]


def frame(answer: Answer, backend: str = "pandas", attrs: Mapping[str, Any] | None = None) -> Any:
    """Make a dataframe of columns from the core.

    Names of dictionary-encoded columns become categories. Units stand in ``frame.attrs["units"]``
    where the library has attributes (pandas).
    """
    columns, units = answer
    if backend == "pandas":
        return _pandas(columns, {"units": dict(units), **(attrs or {})})
    data = {name: _plain(column) for name, column in columns.items()}
    encoded = [name for name, column in columns.items() if isinstance(column, tuple)]
    library: Any = backend
    made = nw.from_dict(data, backend=library)
    made = made.with_columns(nw.col(name).fill_nan(None) for name in made.columns if made[name].dtype.is_float())
    return made.with_columns(nw.col(name).cast(nw.Categorical) for name in encoded).to_native()


def _plain(column: Column) -> Any:
    if isinstance(column, tuple):
        codes, labels = column
        return np.asarray(labels, dtype=object)[codes].tolist()
    return column


def _pandas(columns: Mapping[str, Column], attrs: dict[str, Any]) -> Any:
    import pandas as pd

    made = pd.DataFrame(
        {
            name: pd.Categorical.from_codes(column[0].astype(np.intp), column[1])
            if isinstance(column, tuple)
            else column
            for name, column in columns.items()
        }
    )
    made.attrs.update(attrs)
    return made
