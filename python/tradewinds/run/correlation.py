"""Correlations of uncertain numbers in every form a user types them, as one matrix in the order of the inputs."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt

from tradewinds.errors import ModelError
from tradewinds.scenario.distributions import is_number

__all__ = ["correlation_matrix"]

_Numbers = npt.NDArray[np.float64]


def correlation_matrix(given: Any, labels: Sequence[str]) -> _Numbers:
    """Correlations between inputs of these labels; those that are not given are 0.

    Parameters
    ----------
    given : mapping of pairs of labels, dataframe, xarray.DataArray with coordinates, or matrix
        A dataframe of any library is read by its names: a column an input, and rows in the order of the columns
        unless a first column of text, or the index that pandas has, names them. A matrix without names is in the
        order of ``labels``.
    labels : sequence of str

    Raises
    ------
    ModelError
        A name that is no input, or there twice; text for numbers, rows of several lengths, another shape; a pair
        with two numbers.
    """
    if isinstance(given, Mapping):
        return _of_pairs(given, labels)
    if hasattr(given, "dims") and len(given.coords) == 2:
        return _of_frame(given.to_pandas(), labels)
    if hasattr(given, "columns"):
        return _of_frame(given, labels)
    return _unnamed(given, labels)


def _of_pairs(given: Mapping[Any, Any], labels: Sequence[str]) -> _Numbers:
    matrix = np.eye(len(labels))
    said: dict[frozenset[int], Any] = {}
    for pair, value in given.items():
        if not (isinstance(pair, tuple) and len(pair) == 2 and pair[0] != pair[1]):
            raise ModelError(f"correlation has {pair!r}; expected pairs of two inputs, such as ({labels[0]!r}, …)")
        a, b = (_place(name, labels) for name in pair)
        if not is_number(value) or math.isnan(value):
            raise ModelError(f"correlation of {pair[0]!r} and {pair[1]!r} is {value!r}; expected a number, −1 to 1")
        before = said.setdefault(frozenset((a, b)), value)
        if before != value:
            raise ModelError(
                f"correlation of {pair[0]!r} and {pair[1]!r} is {value!r}, and {before!r} in the other order; give "
                "the pair once"
            )
        matrix[a, b] = matrix[b, a] = float(value)
    return matrix


def _of_frame(given: Any, labels: Sequence[str]) -> _Numbers:
    names = _once([str(name) for name in getattr(given, "column_names", given.columns)], "columns")
    try:
        native = nw.from_native(given, eager_only=True)
    except (TypeError, ValueError) as error:
        raise ModelError(f"correlation can't be read as a dataframe: {error}") from None
    columns = [native[:, place] for place in range(len(names))]
    rows = _index(given, names)
    if columns and not columns[0].dtype.is_numeric() and names[0] not in labels:
        rows = [str(name) for name in columns[0].to_list()]
        names, columns = names[1:], columns[1:]
    placed = [_place(name, labels) for name in names]
    across = placed if rows is None else [_place(name, labels) for name in _once(rows, "rows")]
    if len(across) != len(native) or sorted(across) != sorted(placed):
        raise ModelError(
            "the frame of correlation has other rows than columns; give both the inputs' names, or rows in the order "
            "of the columns"
        )
    matrix = np.eye(len(labels))
    for name, column, place in zip(names, columns, placed, strict=True):
        if not column.dtype.is_numeric():
            raise ModelError(f"correlation has the column '{name}' of type {column.dtype}; expected numbers")
        matrix[across, place] = column.cast(nw.Float64).to_numpy()
    return matrix


def _index(given: Any, names: list[str]) -> list[str] | None:
    """Names of rows that a frame of pandas has; none where they are only counted."""
    index = getattr(given, "index", None)
    if index is None or callable(index):
        return None
    found = [str(name) for name in index]
    return None if found == [str(place) for place in range(len(found))] and found != names else found


def _once(names: list[str], what: str) -> list[str]:
    twins = [name for place, name in enumerate(names) if name in names[:place]]
    if twins:
        raise ModelError(f"the {what} of correlation have '{twins[0]}' twice; give each input once")
    return names


def _unnamed(given: Any, labels: Sequence[str]) -> _Numbers:
    expected = f"there are {len(labels)} inputs: {', '.join(labels)}"
    try:
        matrix = np.asarray(given)
    except ValueError:
        raise ModelError(f"correlation has rows of several lengths; {expected}") from None
    wrong = [cell for cell in matrix.ravel().tolist() if not is_number(cell)]
    if wrong:
        raise ModelError(
            f"correlation has {wrong[0]!r}; expected numbers in the order of the inputs, pairs of inputs, or a "
            "dataframe"
        )
    if matrix.shape != (len(labels), len(labels)):
        raise ModelError(f"correlation has the shape {matrix.shape}; {expected}")
    return matrix.astype(np.float64)


def _place(name: Any, labels: Sequence[str]) -> int:
    if name not in labels:
        near = difflib.get_close_matches(str(name), labels, 1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise ModelError(f"correlation names '{name}', which is not uncertain; there are {', '.join(labels)}.{hint}")
    return labels.index(name)
