"""Routes, their freight and the facilities they go through, as the core takes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tradewinds import _core
from tradewinds.data.columns import Numbers, encode, names_of, numbers, open_frame, require
from tradewinds.data.terms import terms
from tradewinds.errors import DataError

__all__ = ["FacilityRow", "Keys", "Labelled", "facility_rows", "first_day", "freights", "place_of"]

#: Name, commodity, routes, capacities with their first days, owner: positions.
FacilityRow = tuple[str, int, list[int], list[tuple[str | None, float]], int | None]
#: Commodity, exporter, importer, mode of a route: positions.
Keys = tuple[int, int, int, int]


@dataclass(frozen=True)
class Labelled:
    """The labels that routes have positions into; no modes: every route is of one mode."""

    countries: list[str]
    commodities: list[str]
    modes: list[str] | None

    def keys(self, frame: Any, what: str, *, mode: bool = True) -> list[Keys]:
        """The routes of a frame with ``exporter, importer, commodity`` and, where there are modes, ``mode``.

        The commodity may be left out where there is only one.
        """
        codes = [
            _positions(frame, "commodity", self.commodities, what, lone=True),
            _positions(frame, "exporter", self.countries, what),
            _positions(frame, "importer", self.countries, what),
            _positions(frame, "mode", self.modes, what) if mode and self.modes is not None else [0] * len(frame),
        ]
        return list(zip(*codes, strict=True))

    def written(self, key: Keys) -> str:
        """The route in words."""
        commodity, exporter, importer, mode = key
        by = "" if self.modes is None else f" by {self.modes[mode]}"
        return f"{self.commodities[commodity]} {self.countries[exporter]} to {self.countries[importer]}{by}"


def place_of(name: str, labels: list[str], column: str, what: str) -> int:
    """The position of a label; of a country under any of its names."""
    if name in labels:
        return labels.index(name)
    if column in ("exporter", "importer", "country", "owner"):
        code = _core.resolve_countries([name])[0]
        if code in labels:
            return labels.index(code)
    import difflib

    near = difflib.get_close_matches(name, labels, 1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    raise DataError(f"{what} names the {column} '{name}', which the model doesn't have.{hint}")


def _positions(frame: Any, column: str, labels: list[str], what: str, *, lone: bool = False) -> list[int]:
    if lone and column not in frame.columns and len(labels) == 1:
        return [0] * len(frame)
    codes, given = encode(require(frame, column, what), column)
    places = [place_of(name, labels, column, what) for name in names_of(given)]
    return [places[code] for code in codes]


def freights(given: Any, routes: list[Keys], of_routes: Mapping[Keys, float], labels: Labelled) -> Numbers:
    """Freight per unit by route: what ``routes=`` says, else what ``freight=`` says, else 0.

    ``given`` is a number, a mapping by commodity or by mode, or a frame with ``freight``.
    """
    if isinstance(given, Mapping):
        axis, at = (labels.commodities, 0) if set(given) <= set(labels.commodities) else (labels.modes or [], 3)
        unknown = [str(name) for name in given if name not in axis]
        if unknown:
            raise DataError(f"freight names '{unknown[0]}'; expected commodities or modes of the flows, or a frame")
        known = {axis.index(name): float(value) for name, value in given.items()}
        found = np.array([of_routes.get(key, known.get(key[at], 0.0)) for key in routes])
    elif hasattr(given, "columns"):
        native = open_frame(given, "freight")
        values = numbers(require(native, "freight", "freight"), "freight")
        listed = labels.keys(native, "freight", mode="mode" in native.columns)
        by_key = dict(zip(listed, values, strict=True))
        absent = [key for key in by_key if key not in set(routes) and "mode" in native.columns]
        if absent:
            raise DataError(f"freight has {labels.written(absent[0])}, which is no route; add it to routes=")
        by_mode = "mode" in native.columns
        found = np.array([of_routes.get(key, by_key.get(key if by_mode else (*key[:3], 0), 0.0)) for key in routes])
    else:
        number = 0.0 if given is None else _number(given, "freight")
        found = np.array([of_routes.get(key, number) for key in routes])
    bad = np.flatnonzero(~(np.isfinite(found) & (found >= 0)))
    if len(bad):
        raise DataError(
            f"the freight of {labels.written(routes[bad[0]])} is {found[bad[0]]}; "
            "expected currency per unit, a finite number of at least 0"
        )
    return np.ascontiguousarray(found, dtype=np.float64)


def _number(given: Any, name: str) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float | np.number):
        raise DataError(f"{name} is {given!r}; expected a number, a mapping or a frame")
    return float(given)


def facility_rows(given: Any, routes: list[Keys], labels: Labelled, flows: _core.Flows, day: str) -> list[FacilityRow]:
    """Facilities of a frame: ``facility, capacity`` and optionally ``exporter, importer, commodity, mode, start,
    owner``; missing or "*" is all. Rows of one name add routes, or capacities from other days.
    """
    if given is None:
        return []
    native = open_frame(given, "facilities")
    names = names_of([*require(native, "facility", "facilities").to_list()])
    capacities = numbers(require(native, "capacity", "facilities"), "capacity")
    column = {
        name: native[name].to_list() if name in native.columns else [None] * len(native)
        for name in ("exporter", "importer", "commodity", "mode", "start", "owner")
    }
    used: dict[str, set[int]] = {}
    dated: dict[str, dict[str | None, float]] = {}
    owners: dict[str, int | None] = {}
    for row, name in enumerate(names):
        what = f"facilities row {row} (counted from 0), '{name}'"
        chosen = _chosen({key: column[key][row] for key in column}, labels, flows, day, what)
        used.setdefault(name, set()).update(
            place
            for place, key in enumerate(routes)
            if all(code in kept for code, kept in zip(key, chosen, strict=True))
        )
        start = first_day(column["start"][row], what)
        capacity = float(capacities[row])
        if not capacity >= 0:
            raise DataError(f"{what}: its capacity is {capacity}; expected units per year, at least 0")
        before = dated.setdefault(name, {}).setdefault(start, capacity)
        if before != capacity:
            raise DataError(f"{what}: its capacity is {capacity}, another row has {before} for the same day; keep one")
        if not _missing(column["owner"][row]):
            owners[name] = place_of(str(column["owner"][row]), labels.countries, "owner", what)
    return [_facility(name, places, routes, dated[name], owners.get(name), labels) for name, places in used.items()]


def _facility(
    name: str,
    places: set[int],
    routes: list[Keys],
    dated: Mapping[str | None, float],
    owner: int | None,
    labels: Labelled,
) -> FacilityRow:
    if not places:
        raise DataError(f"facility '{name}': no route uses it; name routes that the model has, or leave it out")
    commodities = {routes[place][0] for place in places}
    if len(commodities) > 1:
        shared = ", ".join(sorted(labels.commodities[commodity] for commodity in commodities))
        raise DataError(f"facility '{name}' would be shared by {shared}; give a commodity, and one facility for each")
    capacities = sorted(dated.items(), key=lambda pair: pair[0] or "")
    return name, commodities.pop(), sorted(places), capacities, owner


def _chosen(row: Mapping[str, Any], labels: Labelled, flows: _core.Flows, day: str, what: str) -> list[set[int]]:
    def countries(selector: Any) -> set[int]:
        every = set(range(len(labels.countries)))
        return every if _missing(selector) else set(flows.select_countries(terms(selector), {}, day))

    def among(value: Any, names: list[str], column: str) -> set[int]:
        if _missing(value) or value == "*":
            return set(range(len(names)))
        return {place_of(str(name), names, column, what) for name in terms(value)}

    if labels.modes is None and not _missing(row["mode"]) and row["mode"] != "*":
        raise DataError(f"{what}: it is limited to the mode '{row['mode']}', but the routes have no modes")
    return [
        among(row["commodity"], labels.commodities, "commodity"),
        countries(row["exporter"]),
        countries(row["importer"]),
        among(row["mode"], labels.modes, "mode") if labels.modes is not None else {0},
    ]


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value)) or str(value) in ("NaT", "<NA>", "")


def first_day(value: Any, what: str) -> str | None:
    """A day of a frame as text; None where it is missing."""
    if _missing(value):
        return None
    text = str(value)[:10]
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise DataError(f"{what}: its start is {value!r}; expected a date such as 2024-01-01") from None
