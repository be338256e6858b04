"""Python values as JSON text and back, exactly: tuples, dates, infinities and distributions included.

A time zone is kept as its offset.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tradewinds.errors import DataError
from tradewinds.scenario.distributions import KINDS, Distribution

__all__ = ["dump", "load"]

#: A mapping with this key stands for a value that JSON does not have.
_TAG = "$"


def dump(value: Any, where: str) -> str:
    """JSON text.

    Raises
    ------
    DataError
        A value of another type, named by its place below ``where``.
    """
    return json.dumps(_plain(value, where), allow_nan=False, separators=(",", ":"))


def load(text: str) -> Any:
    """The inverse of :func:`dump`; ValueError where the text is something else."""
    return _value(json.loads(text))


def _plain(value: Any, where: str) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {_TAG: "number", "is": str(float(value))}
    if kind in _DATES:
        return {_TAG: kind.__name__, "is": value.isoformat()}
    if isinstance(value, Distribution) and kind in KINDS.values():
        numbers = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}  # type: ignore[arg-type]
        return {_TAG: "distribution", "kind": kind.__name__, "is": _plain(numbers, where)}
    if isinstance(value, tuple | list):
        items = [_plain(item, f"{where}[{place}]") for place, item in enumerate(value)]
        return {_TAG: "tuple", "is": items} if isinstance(value, tuple) else items
    if isinstance(value, Mapping):
        if all(isinstance(key, str) for key in value) and _TAG not in value:
            return {key: _plain(item, f"{where}[{key!r}]") for key, item in value.items()}
        pairs = [[_plain(key, where), _plain(item, f"{where}[{key!r}]")] for key, item in value.items()]
        return {_TAG: "mapping", "is": pairs}
    raise DataError(
        f"{where} is a {kind.__name__}, which a file can't keep; use text, numbers, dates, lists, tuples and mappings"
    )


_DATES = (dt.date, dt.datetime, dt.time)

_READ: dict[str, Callable[[Any], Any]] = {
    "number": float,
    "date": dt.date.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
    "time": dt.time.fromisoformat,
    "tuple": lambda items: tuple(map(_value, items)),
    "mapping": lambda pairs: {_value(key): _value(item) for key, item in pairs},
}


def _value(plain: Any) -> Any:
    if isinstance(plain, list):
        return [_value(item) for item in plain]
    if not isinstance(plain, dict):
        return plain
    if _TAG not in plain:
        return {key: _value(item) for key, item in plain.items()}
    if plain[_TAG] == "distribution":
        return _distribution(plain["kind"], _value(plain["is"]))
    if plain[_TAG] not in _READ:
        raise ValueError(f"a value of the unknown kind {plain[_TAG]!r}")
    return _READ[plain[_TAG]](plain["is"])


def _distribution(kind: str, numbers: Mapping[str, Any]) -> Distribution:
    if kind not in KINDS:
        raise ValueError(f"a distribution of the unknown kind {kind!r}; there are {', '.join(KINDS)}")
    return KINDS[kind](**numbers)
