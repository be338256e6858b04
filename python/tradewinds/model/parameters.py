"""Elasticities in every form a user may type them, as arrays by commodity and country."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from tradewinds import _core
from tradewinds.data.columns import Numbers, encode, names_of, numbers, open_frame
from tradewinds.data.countries import to_iso3
from tradewinds.data.flows import Flows
from tradewinds.errors import DataError, ModelError
from tradewinds.model.adjusting import parts

__all__ = ["Parameter", "by_commodity", "by_country", "restored", "with_adjusting"]

C = TypeVar("C", _core.Armington, _core.Spatial)

_EVERYWHERE = "*"
_SAID_BY_CALLER = "given by the caller"


@dataclass
class Parameter:
    """Values of one elasticity and where each comes from."""

    name: str
    #: by commodity, or commodity × country
    values: Numbers
    #: rows of ``sources()``: commodity, country, value, grade, source
    origins: list[dict[str, Any]] = field(default_factory=list)
    #: by commodity: positions of countries whose value is of consumption or production
    unconverted: dict[str, list[str]] | None = None
    #: Where it adjusts: long-run values and half-lives in years, commodity × country, or × 1.
    long: Numbers | None = None
    half_life: Numbers | None = None

    @property
    def horizon(self) -> tuple[Numbers, Numbers] | None:
        """As the core takes it."""
        return None if self.long is None or self.half_life is None else (self.long, self.half_life)


def by_commodity(given: Any, name: str, flows: Flows) -> Parameter:
    """An elasticity that does not differ between countries: shape (commodities,)."""
    parameter = by_country(given, name, flows)
    for values in (parameter.values, *(parameter.horizon or ())):
        differing = np.flatnonzero((values != values[:, :1]).any(axis=1))
        if len(differing):
            raise DataError(
                f"{name} for {flows.commodities[differing[0]]} differs between countries; expected one value a "
                "commodity"
            )
    parameter.values = parameter.values[:, 0].copy()
    if parameter.horizon is not None:
        parameter.long, parameter.half_life = (values[:, :1].copy() for values in parameter.horizon)
    everywhere = [{**origin, "country": _EVERYWHERE} for origin in parameter.origins]
    parameter.origins = [origin for place, origin in enumerate(everywhere) if origin not in everywhere[:place]]
    return parameter


def by_country(given: Any, name: str, flows: Flows) -> Parameter:
    """An elasticity by commodity and country: shape (commodities, countries).

    ``given`` is a number, a mapping by commodity, or a frame with ``commodity``, optionally
    ``country`` (``"*"`` or missing: all others), and a column called as the parameter. Each value may
    adjust, see :func:`tradewinds.adjusting`.
    """
    adjusts = parts(given, name)
    if adjusts is None:
        return _plain(given, name, flows)
    parameter, long, half_life = (_plain(part, name, flows) for part in adjusts)
    parameter.long, parameter.half_life = long.values, half_life.values
    same = len(parameter.origins) == len(long.origins) == len(half_life.origins)
    for place, origin in enumerate(parameter.origins):
        late, slow = (other.origins[place if same else 0] for other in (long, half_life))
        if not same:
            origin["source"] += "; adjusts"
        elif slow["value"] != np.inf:
            origin["source"] += f"; {late['value']:g} in the long run, half-life {slow['value']:g} years"
    return parameter


def _plain(given: Any, name: str, flows: Flows) -> Parameter:
    """An elasticity of one value a cell."""
    shape = (len(flows.commodities), len(flows.countries))
    if isinstance(given, bool) or given is None or isinstance(given, str):
        raise DataError(f"{name} is {given!r}; expected a number, a mapping by commodity, or a frame")
    if isinstance(given, int | float | np.number):
        origin = {"commodity": "*", "country": "*", "value": float(given), "grade": "", "source": _SAID_BY_CALLER}
        return Parameter(name, np.full(shape, float(given)), [origin])
    if isinstance(given, Mapping):
        return _of_mapping(given, name, flows)
    if hasattr(given, "columns"):
        return _of_frame(given, name, flows)
    if callable(getattr(given, "sample", None)):
        raise ModelError(f"{name} is a distribution; this version takes numbers, mappings and frames")
    raise DataError(f"{name} is a {type(given).__name__}; expected a number, a mapping by commodity, or a frame")


def with_adjusting(core: C, parameters: Mapping[str, Parameter]) -> C:
    """The core's model with those of its elasticities that adjust."""
    names = ("substitution", "demand", "supply")
    horizons = {name: parameters[name].horizon if name in parameters else None for name in names}
    return core if not any(horizons.values()) else _core.with_adjusting(core, **horizons)


def restored(core: _core.Armington | _core.Spatial, parameters: Mapping[str, Parameter]) -> None:
    """Gives elasticities the horizons of the core's model."""
    for name, horizon in zip(("substitution", "demand", "supply"), _core.adjusting(core), strict=True):
        if horizon is not None:
            parameters[name].long, parameters[name].half_life = horizon


def _of_mapping(given: Mapping[Any, Any], name: str, flows: Flows) -> Parameter:
    values = np.empty((len(flows.commodities), len(flows.countries)))
    origins = []
    for row, commodity in enumerate(flows.commodities):
        if commodity not in given:
            raise _missing(name, commodity, given)
        value = given[commodity]
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise DataError(f"{name} for {commodity} is {value!r}; expected a number")
        values[row] = float(value)
        origins.append(_origin(commodity, _EVERYWHERE, float(value), "", _SAID_BY_CALLER))
    return Parameter(name, values, origins)


def _of_frame(given: Any, name: str, flows: Flows) -> Parameter:
    table = _Table(given, name, flows)
    values = np.full((len(flows.commodities), len(flows.countries)), np.nan)
    origins: list[dict[str, Any]] = []
    unconverted: dict[str, list[str]] = {}
    for row, commodity in enumerate(flows.commodities):
        if commodity not in table.commodities:
            raise _missing(name, commodity, table.commodities)
        for column, country in enumerate(flows.countries):
            place = table.place(commodity, country)
            if place is None:
                raise DataError(
                    f"{name} has no value for {commodity} in {country}; add a row for it, or one with country '*'"
                )
            values[row, column] = table.values[place]
            if table.of(place) in ("consumption", "production"):
                unconverted.setdefault(commodity, []).append(country)
        origins += table.origins(commodity, flows)
    return Parameter(name, values, origins, unconverted if table.says_of else None)


class _Table:
    """A frame of elasticities, looked up by commodity and country."""

    def __init__(self, given: Any, name: str, flows: Flows) -> None:
        native = open_frame(given, name)
        column = name if name in native.columns else "value"
        for needed in ("commodity", column):
            if needed not in native.columns:
                raise DataError(
                    f"the frame of {name} has no column '{needed if needed == 'commodity' else name}'; "
                    f"it has {', '.join(native.columns)}"
                )
        self.values = numbers(native[column], column)
        codes, labels = encode(native["commodity"], "commodity")
        names = names_of(labels)
        commodities = [names[code] for code in codes]
        self.commodities = set(commodities)
        countries = self._countries(native, flows)
        self._places: dict[tuple[str, str], int] = {}
        for place, key in enumerate(zip(commodities, countries, strict=True)):
            if key in self._places:
                raise DataError(
                    f"{name} has two rows for {key[0]} in {key[1]} ({self._places[key]} and {place}); keep one"
                )
            self._places[key] = place
        self._columns = {
            what: native[f"{name}_{what}"].to_list() if f"{name}_{what}" in native.columns else None
            for what in ("of", "grade", "source")
        }
        self.says_of = self._columns["of"] is not None

    @staticmethod
    def _countries(native: Any, flows: Flows) -> list[str]:
        if "country" not in native.columns:
            return [_EVERYWHERE] * len(native)
        given = [
            _EVERYWHERE if country is None or country != country else str(country) for country in native["country"]
        ]
        known = set(flows.countries) | {_EVERYWHERE}
        unique = sorted({country for country in given if country not in known})
        codes = dict(zip(unique, to_iso3(unique), strict=True))
        unknown = [country for country in unique if codes[country] is None]
        if unknown:
            raise DataError(
                f"unknown country '{unknown[0]}' in a frame of elasticities; "
                "expected labels of the flows, ISO codes or '*'"
            )
        return [codes.get(country) or country for country in given]

    def place(self, commodity: str, country: str) -> int | None:
        return self._places.get((commodity, country), self._places.get((commodity, _EVERYWHERE)))

    def of(self, place: int) -> Any:
        column = self._columns["of"]
        return None if column is None else column[place]

    def origins(self, commodity: str, flows: Flows) -> list[dict[str, Any]]:
        rows = []
        for country in (_EVERYWHERE, *flows.countries):
            place = self._places.get((commodity, country))
            if place is not None:
                grade, source = (self._columns[what] for what in ("grade", "source"))
                of = f"; of {self.of(place)}" if self.of(place) else ""
                rows.append(
                    _origin(
                        commodity,
                        country,
                        float(self.values[place]),
                        "" if grade is None else str(grade[place]),
                        (_SAID_BY_CALLER if source is None else str(source[place])) + of,
                    )
                )
        return rows


def _origin(commodity: str, country: str, value: float, grade: str, source: str) -> dict[str, Any]:
    return {"commodity": commodity, "country": country, "value": value, "grade": grade, "source": source}


def _missing(name: str, commodity: str, known: Any) -> DataError:
    import difflib

    near = difflib.get_close_matches(commodity, [str(key) for key in known], 1)
    hint = f" (there is one for '{near[0]}')" if near else ""
    return DataError(
        f"{name} has no value for the commodity '{commodity}'{hint}; give one for every commodity of the flows"
    )
