"""Labels that arrays bring with them: a pandas index, the coordinates of xarray."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tradewinds.errors import DataError

__all__ = ["check_labels"]

_FLOWS = ("sector", "importer", "exporter")
_CELLS = ("sector", "country")
#: What the axes of arrays are, in order, where two of them have the same labels.
_AXES = {
    "import_share": _FLOWS,
    "tariff_power": _FLOWS,
    "input_share": ("country", "input", "output"),
    "value_added_share": _CELLS,
    "final_share": _CELLS,
}


def check_labels(given: Any, name: str, *axes: Sequence[Any]) -> None:
    """Refuses an array whose own labels are not those of its axes, in their order; most arrays have none.

    Numbers that only count from 0 are no labels. A pair of labels stands for a country and a sector.

    Raises
    ------
    DataError
        Names the first label that is another one, or axes of an xarray in another order.
    """
    expected_axes, found_axes = _AXES.get(name, ()), tuple(map(str, getattr(given, "dims", ())))
    if found_axes != expected_axes and set(found_axes) == set(expected_axes):
        raise DataError(
            f"{name} has the axes {', '.join(found_axes)}; expected {', '.join(expected_axes)}: give "
            f"{name}.transpose({', '.join(map(repr, expected_axes))})"
        )
    own = _labels(given)
    if len(own) != len(axes):
        return
    for found, expected in zip(own, axes, strict=True):
        if found is None or len(found) != len(expected):
            continue
        for place, (label, wanted) in enumerate(zip(found, expected, strict=True)):
            if type(label) is type(_text(wanted)) and label != _text(wanted):
                raise DataError(
                    f"{name} has the label {_shown(label)} at position {place} (counted from 0), where the table has "
                    f"{_shown(_text(wanted))}; give it in the table's order, such as {name}.reindex(...), or without "
                    "labels"
                )


def _labels(given: Any) -> list[list[Any] | None]:
    """By axis; none where an axis has no labels of its own."""
    if hasattr(given, "dims") and hasattr(given, "coords"):
        return [_listed(given.coords[axis].values) if axis in given.coords else None for axis in given.dims]
    if hasattr(given, "index") and hasattr(given, "iloc"):
        return [_listed(index) for index in (given.index, getattr(given, "columns", None)) if index is not None]
    return []


def _listed(index: Any) -> list[Any] | None:
    labels = list(index)
    return None if labels == list(range(len(labels))) else [_text(label) for label in labels]


def _text(label: Any) -> Any:
    return tuple(map(str, label)) if isinstance(label, tuple) else str(label)


def _shown(label: Any) -> str:
    return " ".join(label) if isinstance(label, tuple) else f"'{label}'"
