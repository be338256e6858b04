"""Whether two tables of flows count the same things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradewinds.data.flows import Flows
from tradewinds.errors import DataError

__all__ = ["check_comparable", "check_flows"]

#: Attributes that must agree where both tables have them, and what each is.
_ATTRIBUTES = {"valuation": "valuation", "hs_revision": "HS revision", "price_year": "price year"}


def check_flows(flows: Any, name: str) -> None:
    """Refuse what is not flows.

    Raises
    ------
    DataError
    """
    if not isinstance(flows, Flows):
        raise DataError(f"{name} is a {type(flows).__name__}; make flows with tw.Flows.from_frame(frame)")


def check_comparable(one: Flows, other: Flows, names: tuple[str, str]) -> None:
    """Refuse flows of another valuation, HS revision or price year; what only one of them says is no reason.

    Raises
    ------
    DataError
    """
    for key, what in _ATTRIBUTES.items():
        pair = (one.attrs.get(key), other.attrs.get(key))
        for commodity, (own, theirs) in _differences(*pair).items():
            of = f" for {commodity}" if commodity else ""
            raise DataError(
                f"the {what}{of} of {names[0]} is {own!r}, of {names[1]} {theirs!r}; bring them to one {what}, or "
                f"correct attrs[{key!r}]"
            )


def _differences(own: Any, theirs: Any) -> dict[str, tuple[Any, Any]]:
    """Values that differ, by commodity where both are mappings."""
    if own is None or theirs is None:
        return {}
    if isinstance(own, Mapping) and isinstance(theirs, Mapping):
        return {str(k): (own[k], theirs[k]) for k in own if k in theirs and own[k] != theirs[k]}
    return {} if own == theirs else {"": (own, theirs)}
