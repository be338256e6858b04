"""Elasticities in every form a user may type them, as arrays by commodity and country."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from tradewinds import _core
from tradewinds.data.columns import Numbers, encode, names_of, numbers, open_frame
from tradewinds.data.countries import to_iso3
from tradewinds.data.flows import Flows
from tradewinds.errors import DataError
from tradewinds.model.adjusting import parts
from tradewinds.scenario.distributions import Distribution

__all__ = [
    "Parameter",
    "Uncertain",
    "by_commodity",
    "by_country",
    "check_ranges",
    "restored",
    "uncertain_in",
    "with_adjusting",
]

C = TypeVar("C", _core.Armington, _core.Spatial)

_EVERYWHERE = "*"
_SAID_BY_CALLER = "given by the caller"


#: Lowest and highest admissible values, in the short and in the long run, and which of the two is not itself.
_RANGES: dict[str, tuple[float, float, tuple[float, ...]]] = {
    "substitution": (1.0, np.inf, (1.0,)),
    "demand": (-np.inf, 0.0, ()),
    "supply": (0.0, np.inf, ()),
    "route_elasticity": (0.0, np.inf, (0.0,)),
    "trade_elasticity": (0.0, np.inf, (0.0,)),
    "between_inputs": (0.0, np.inf, ()),
    "between_goods": (0.0, np.inf, ()),
    "half_life": (0.0, np.inf, (0.0,)),
}


@dataclass(frozen=True)
class Uncertain:
    """A distribution and where in an array by commodity and country it stands."""

    label: str
    distribution: Distribution
    #: positions of commodity and country
    entries: tuple[tuple[int, int], ...]
    #: of an elasticity that adjusts; None: the elasticity itself, or its short run
    horizon: Literal["long", "half_life"] | None = None


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
    #: What is a distribution; ``values`` has its central value.
    uncertain: list[Uncertain] = field(default_factory=list)

    @property
    def horizon(self) -> tuple[Numbers, Numbers] | None:
        """As the core takes it."""
        return None if self.long is None or self.half_life is None else (self.long, self.half_life)


def uncertain_in(parameters: Mapping[str, Parameter]) -> list[tuple[str, Uncertain]]:
    """What is a distribution, with the name of its number: an elasticity, or its long run or half-life."""
    every = [(name, one) for name, parameter in parameters.items() for one in parameter.uncertain]
    return [(name if one.horizon is None else f"{name}_{one.horizon}", one) for name, one in every]


def by_commodity(given: Any, name: str, flows: Flows) -> Parameter:
    """An elasticity that does not differ between countries: shape (commodities,)."""
    parameter = by_country(given, name, flows)
    for values in (parameter.values, *(parameter.horizon or ())):
        unknown = np.flatnonzero(np.isnan(values).any(axis=1))
        if len(unknown):
            raise DataError(f"{name} for {flows.commodities[unknown[0]]} is NaN or missing; expected a number")
        differing = np.flatnonzero((values != values[:, :1]).any(axis=1))
        if len(differing):
            raise DataError(
                f"{name} for {flows.commodities[differing[0]]} differs between countries; expected one value a "
                "commodity"
            )
    parts = {
        one.horizon: [two for two in parameter.uncertain if two.horizon == one.horizon] for one in parameter.uncertain
    }
    parameter.uncertain = [one for part in parts.values() for one in _merged(part, name, flows)]
    parameter.values = parameter.values[:, 0].copy()
    if parameter.horizon is not None:
        parameter.long, parameter.half_life = (values[:, :1].copy() for values in parameter.horizon)
    everywhere = [{**origin, "country": _EVERYWHERE} for origin in parameter.origins]
    parameter.origins = [origin for place, origin in enumerate(everywhere) if origin not in everywhere[:place]]
    return parameter


def _merged(uncertain: list[Uncertain], name: str, flows: Flows) -> list[Uncertain]:
    """One number a place, or a commodity where places of equal distributions share one."""
    whole = len(flows.commodities) * len(flows.countries)
    if len(uncertain) == 1 and len(uncertain[0].entries) == whole:
        return [replace(uncertain[0], entries=tuple((row, 0) for row in range(len(flows.commodities))))]
    merged = []
    for row, commodity in enumerate(flows.commodities):
        found = [one for one in uncertain if one.entries[0][0] == row]
        given = {one.distribution for one in found}
        if found and (len(given) > 1 or sum(len(one.entries) for one in found) < len(flows.countries)):
            raise DataError(
                f"{name} for {commodity} is {found[0].distribution!r} in some countries only; expected one "
                "value a commodity"
            )
        if found:
            called = _horizon_label(found[0].horizon, f"{name} ({commodity})")
            merged.append(replace(found[0], label=called, entries=((row, 0),)))
    return merged


def by_country(given: Any, name: str, flows: Flows) -> Parameter:
    """An elasticity by commodity and country: shape (commodities, countries).

    ``given`` is a number, a mapping by commodity, or a frame with ``commodity``, optionally
    ``country`` (``"*"`` or missing: all others), and a column called as the parameter. Any of the
    numbers may be a distribution: one number a place where it is typed, so that all the countries and
    commodities that a place stands for move together. Each value may adjust, see :func:`tradewinds.adjusting`.
    """
    adjusts = parts(given, name)
    parameter, *horizon = (_plain(part, name, flows) for part in adjusts or (given,))
    if not horizon:
        check_ranges(parameter.uncertain, name)
        return parameter
    long, half_life = horizon
    adjusting = np.isfinite(half_life.values)
    half_lives = _of_horizon("half_life", half_life, adjusting)
    parameter.uncertain += _of_horizon("long", long, adjusting)
    check_ranges(parameter.uncertain, name)
    check_ranges(half_lives, "half_life")
    parameter.uncertain += half_lives
    parameter.long, parameter.half_life = long.values, half_life.values
    same = len(parameter.origins) == len(long.origins) == len(half_life.origins)
    for place, origin in enumerate(parameter.origins):
        late, slow = (other.origins[place if same else 0] for other in (long, half_life))
        if not same:
            origin["source"] += "; adjusts"
        elif slow["value"] != np.inf:
            long_run, years = _in_words(late, long.uncertain), _in_words(slow, half_life.uncertain)
            origin["source"] += f"; {long_run} in the long run, half-life {years} years"
    return parameter


def _in_words(origin: Mapping[str, Any], uncertain: list[Uncertain]) -> str:
    """The value that an origin gives, or its distribution."""
    drawn = (repr(one.distribution) for one in uncertain)
    return next((text for text in drawn if origin["source"].endswith(text)), f"{origin['value']:g}")


def _of_horizon(
    horizon: Literal["long", "half_life"], part: Parameter, adjusting: npt.NDArray[np.bool_]
) -> list[Uncertain]:
    """What is uncertain in a part of an elasticity that adjusts. Cells that don't have one number for both runs."""
    found = []
    for one in part.uncertain:
        entries = tuple(entry for entry in one.entries if adjusting[entry])
        if entries:
            found.append(Uncertain(_horizon_label(horizon, one.label), one.distribution, entries, horizon))
    return found


def _horizon_label(horizon: str | None, label: str) -> str:
    return {None: label, "long": f"long-run {label}", "half_life": f"half-life of {label}"}[horizon]


def _plain(given: Any, name: str, flows: Flows) -> Parameter:
    """An elasticity of one value a cell."""
    shape = (len(flows.commodities), len(flows.countries))
    if isinstance(given, bool) or given is None or isinstance(given, str):
        raise DataError(f"{name} is {given!r}; expected a number, a mapping by commodity, or a frame")
    if isinstance(given, int | float | np.number):
        origin = {"commodity": "*", "country": "*", "value": float(given), "grade": "", "source": _SAID_BY_CALLER}
        return Parameter(name, np.full(shape, float(given)), [origin])
    if isinstance(given, Distribution):
        value = given.central
        origin = _origin("*", _EVERYWHERE, value, "", _said(given))
        everywhere = tuple((row, column) for row in range(shape[0]) for column in range(shape[1]))
        return Parameter(name, np.full(shape, value), [origin], uncertain=[Uncertain(name, given, everywhere)])
    if isinstance(given, Mapping):
        return _of_mapping(given, name, flows)
    if hasattr(given, "columns"):
        return _of_frame(given, name, flows)
    raise DataError(
        f"{name} is a {type(given).__name__}; expected a number, a distribution, a mapping by commodity, or a frame"
    )


def check_ranges(uncertain: Sequence[Uncertain], name: str) -> None:
    """Refuses distributions that leave what is admissible for that name, with the share outside."""
    low, high, without = _RANGES.get(name, (-np.inf, np.inf, ()))
    admissible = f"{low:g} to {high:g}" + "".join(f", without {end:g}" for end in without)
    for one in uncertain:
        given = one.distribution
        if given.leaves(low, high, without):
            raise DataError(
                f"{one.label} is {given!r}, of which {given.share_outside(low, high, without):.2g} lies outside the "
                f"admissible {admissible}; give it ends within, such as "
                "tw.triangular(low, mode, high) or tw.normal(mean, sd, low=, high=)"
            )


def _said(given: Distribution) -> str:
    return f"{_SAID_BY_CALLER}: {given!r}"


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
    origins, uncertain = [], []
    for row, commodity in enumerate(flows.commodities):
        if commodity not in given:
            raise _missing(name, commodity, given)
        value = given[commodity]
        said = _SAID_BY_CALLER
        if isinstance(value, Distribution):
            entries = tuple((row, column) for column in range(len(flows.countries)))
            uncertain.append(Uncertain(f"{name} ({commodity})", value, entries))
            said, value = _said(value), value.central
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise DataError(f"{name} for {commodity} is {value!r}; expected a number")
        values[row] = float(value)
        origins.append(_origin(commodity, _EVERYWHERE, float(value), "", said))
    return Parameter(name, values, origins, uncertain=uncertain)


def _of_frame(given: Any, name: str, flows: Flows) -> Parameter:
    table = _Table(given, name, flows)
    values = np.full((len(flows.commodities), len(flows.countries)), np.nan)
    origins: list[dict[str, Any]] = []
    unconverted: dict[str, list[str]] = {}
    entries: dict[int, list[tuple[int, int]]] = {}
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
            if place in table.distributions:
                entries.setdefault(place, []).append((row, column))
            if table.of(place) in ("consumption", "production"):
                unconverted.setdefault(commodity, []).append(country)
        origins += table.origins(commodity, flows)
    uncertain = [
        Uncertain(table.label(place), table.distributions[place], tuple(found)) for place, found in entries.items()
    ]
    return Parameter(name, values, origins, unconverted if table.says_of else None, uncertain=uncertain)


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
        self._name = name
        self.values, self.distributions = _numbers_or_distributions(native[column], column, name)
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
        self._keys = list(self._places)
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

    def label(self, place: int) -> str:
        """What an uncertain number of this row is called."""
        commodity, country = self._keys[place]
        return f"{self._name} ({commodity})" if country == _EVERYWHERE else f"{self._name} ({commodity}, {country})"

    def of(self, place: int) -> Any:
        column = self._columns["of"]
        return None if column is None else column[place]

    def _drawn(self, place: int) -> str:
        return f"; {self.distributions[place]!r}" if place in self.distributions else ""

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
                        (_SAID_BY_CALLER if source is None else str(source[place])) + of + self._drawn(place),
                    )
                )
        return rows


def _numbers_or_distributions(given: Any, column: str, name: str) -> tuple[Numbers, dict[int, Distribution]]:
    """A column as numbers, and its distributions by row, which stand there as their central values."""
    distributions: dict[int, Distribution] = {}
    if not given.dtype.is_numeric():
        cells = given.to_list()
        distributions = {row: cell for row, cell in enumerate(cells) if isinstance(cell, Distribution)}
    if not distributions:
        return numbers(given, column), {}
    values = np.full(len(cells), np.nan)
    for row, cell in enumerate(cells):
        if row in distributions:
            values[row] = distributions[row].central
        elif isinstance(cell, int | float | np.number) and not isinstance(cell, bool):
            values[row] = float(cell)
        else:
            raise DataError(f"{name} in row {row} is {cell!r}; expected a number or a distribution")
    return values, distributions


def _origin(commodity: str, country: str, value: float, grade: str, source: str) -> dict[str, Any]:
    return {"commodity": commodity, "country": country, "value": value, "grade": grade, "source": source}


def _missing(name: str, commodity: str, known: Any) -> DataError:
    import difflib

    near = difflib.get_close_matches(commodity, [str(key) for key in known], 1)
    hint = f" (there is one for '{near[0]}')" if near else ""
    return DataError(
        f"{name} has no value for the commodity '{commodity}'{hint}; give one for every commodity of the flows"
    )
