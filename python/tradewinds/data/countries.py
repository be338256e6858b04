"""Countries under their many names, and groups with dated membership."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from tradewinds import _core
from tradewinds.errors import DataError

__all__ = ["group_members", "groups", "to_iso3"]


def groups() -> list[str]:
    """Names of the bundled groups (``EU27``, ``G7``, ``PRICE_CAP_COALITION``, …)."""
    return _core.group_names()


def group_members(group: str, day: dt.date | str) -> list[str]:
    """ISO 3166 alpha-3 codes of a group's members on a day, sorted.

    Raises
    ------
    DataError
        No such group, or ``day`` is not a date.
    """
    members = _core.group_members(group, str(day.date() if isinstance(day, dt.datetime) else day))
    if members is None:
        raise DataError(f"unknown group '{group}'; there are {', '.join(groups())}")
    return members


def to_iso3(names: Sequence[str]) -> list[str | None]:
    """ISO 3166 alpha-3 codes of countries given as alpha-3, alpha-2, M49, BACI code or name.

    Reserved region codes (``ROW``, ``X_…``) stand for themselves; an unknown name gives None.
    """
    return _core.resolve_countries(list(names))
