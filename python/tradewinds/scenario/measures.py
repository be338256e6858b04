"""Measures: what a government, a coalition or the weather changes.

Each takes whom it touches (``exporters``, ``importers``, ``commodities``, ``modes``), when it is in
force, and its own parameters. What a verb takes and in which range is said once, by the core; these
classes are typed constructors over it.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, ClassVar, Literal, SupportsFloat

import numpy as np

from tradewinds import _core
from tradewinds.data.terms import Selector, terms
from tradewinds.errors import ScenarioError
from tradewinds.scenario.distributions import Distribution

__all__ = [
    "Ban",
    "Capacity",
    "Day",
    "ExportTax",
    "Measure",
    "PriceCap",
    "Quota",
    "Shift",
    "Steps",
    "Tariff",
    "TradeCost",
]

#: A date, or text as YYYY-MM-DD.
Day = dt.date | str
#: Dates and the share in force from each on.
Steps = Sequence[tuple[Day, float]]

_SELECTORS = ("exporters", "importers", "commodities", "modes")
_DAYS = ("start", "end", "announced")
_STEPS = ("phase", "ramp")


@dataclass(frozen=True, kw_only=True, repr=False)
class Measure:
    """What all measures take. Use one of the verbs.

    Parameters
    ----------
    exporters, importers, commodities : str or list of str
        Labels of the data, codes or names of countries, groups (``"EU27"``); ``"*"`` is all, ``"!"``
        takes away. A border measure reaches domestic sales only where both sides name the country.
        A group takes, beside its members, the region ``X_<group>`` of every group that lies wholly
        within it: ``"EU27"`` takes ``X_EU27``.
    modes : str or list of str, optional
        Modes of transport, for flows that have them.
    mode_share : float, optional
        For flows without modes: the share of each flow that these modes carry, 0 to 1.
    name : str, optional
        Unique in a scenario.
    start, end : date or str, optional
        First and last day in force.
    phase : list of (date, share), optional
        From each date on, this share of the measure is in force; before the first, nothing.
    announced : date or str, optional
        When it was announced; read by paths over time.
    sender : str, optional
        Who imposes it; read by coalitions.
    source : str, optional
        Where it is written; shown by ``result.sources()``.

    Raises
    ------
    ScenarioError
        A parameter that is missing or out of range, an end before its start, a phase out of order, an
        announcement after the first day in force.
    """

    exporters: Selector = "*"
    importers: Selector = "*"
    commodities: Selector = "*"
    modes: Selector | None = None
    mode_share: float | None = None
    name: str | None = None
    start: Day | None = None
    end: Day | None = None
    phase: Steps | None = ()
    announced: Day | None = None
    sender: str | None = None
    source: str | None = None

    #: The classes by verb.
    verbs: ClassVar[dict[str, type[Measure]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        Measure.verbs[cls.__name__] = cls

    def __post_init__(self) -> None:
        if type(self) is Measure:
            raise ScenarioError(f"Measure is the base of the verbs; use one of {', '.join(Measure.verbs)}")
        for name in _SELECTORS:
            given = getattr(self, name)
            if given is not None:
                object.__setattr__(self, name, tuple(terms(given)))
            elif name != "modes":
                raise ScenarioError(f'{name} is None; expected names, or "*" for all')
        for name in _DAYS:
            object.__setattr__(self, name, _day(getattr(self, name), name))
        for name in _STEPS:
            if hasattr(self, name):
                object.__setattr__(self, name, _steps(getattr(self, name), name))
        for name in ("name", "sender", "source", *_texts(type(self).__name__)):
            if not isinstance(getattr(self, name), str | None):
                raise ScenarioError(f"{name} is {getattr(self, name)!r}; expected text")
        for name in ("mode_share", *_numbers(type(self).__name__)):
            given = getattr(self, name)
            if not isinstance(given, Distribution):
                object.__setattr__(self, name, _number(given, name))
            elif name == "mode_share":
                raise ScenarioError(f"mode_share is {given!r}; expected a number")
            else:
                _within(given, name, *_ranges(type(self).__name__)[name])
        _core.check_measure(json.dumps(self.record()))

    @property
    def uncertain(self) -> dict[str, Distribution]:
        """Its sizes that are distributions, by name."""
        return {name: getattr(self, name) for name in self.sizes if isinstance(getattr(self, name), Distribution)}

    @property
    def sizes(self) -> tuple[str, ...]:
        """Names of its numbers."""
        return _numbers(type(self).__name__)

    def record(self) -> dict[str, Any]:
        """The measure as the core reads and writes it: what differs from the defaults.

        A size that is a distribution is its central value.
        """
        record: dict[str, Any] = {"verb": type(self).__name__}
        for field in fields(self):
            value = getattr(self, field.name)
            default = ("*",) if field.default == "*" else field.default
            if isinstance(value, Distribution):
                record[field.name] = _written(value.central, field.name)
            elif value is not None and value != default and value != ():
                record[field.name] = _written(value, field.name)
        return record

    @staticmethod
    def from_record(record: dict[str, Any]) -> Measure:
        """The inverse of :meth:`record`."""
        numbers = _numbers(record["verb"])
        given: dict[str, Any] = {
            name: math.inf if name in numbers and value == "inf" else value
            for name, value in record.items()
            if name != "verb"
        }
        return Measure.verbs[record["verb"]](**given)

    def __repr__(self) -> str:
        numbers = _numbers(type(self).__name__)
        shown = [
            f"{name}={_shown(getattr(self, name) if name in numbers else value)}"
            for name, value in self.record().items()
            if name != "verb"
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


def _day(given: Any, name: str) -> dt.date | None:
    if given is None or (isinstance(given, dt.date) and not isinstance(given, dt.datetime)):
        return given
    try:
        if isinstance(given, dt.datetime) and given == given:
            return given.date()
        return dt.date.fromisoformat(given)
    except (TypeError, ValueError):
        raise ScenarioError(f"{name} is {given!r}; expected a date or text such as '2022-12-05'") from None


def _steps(given: Any, name: str) -> tuple[tuple[dt.date, float], ...]:
    steps = []
    if given is not None and (isinstance(given, str) or not isinstance(given, Iterable)):
        raise ScenarioError(f"{name} is {given!r}; expected a list of (date, share) such as ('2022-12-05', 0.5)")
    for step in given or ():
        if not (isinstance(step, Sequence) and len(step) == 2):
            raise ScenarioError(f"{name} has {step!r}; expected a list of (date, share) such as ('2022-12-05', 0.5)")
        day = _day(step[0], name)
        if day is None:
            raise ScenarioError(f"{name} has a step without a date; expected (date, share)")
        share = _number(step[1], f"the share of {name} on {day}")
        if share is None or not 0 <= share <= 1:
            raise ScenarioError(f"{name} has the share {step[1]!r} on {day}; expected 0 to 1")
        steps.append((day, share))
    return tuple(steps)


def _written(value: Any, name: str) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else str(value)
    if isinstance(value, tuple):
        return [[_written(day, name), share] for day, share in value] if name in _STEPS else list(value)
    return value


def _number(given: Any, name: str) -> float | None:
    if given is None:
        return None
    if isinstance(given, bool | str | np.bool_) or not isinstance(given, SupportsFloat):
        raise ScenarioError(f"{name} is {given!r}; expected a number")
    number = float(given)
    if number == -math.inf:
        raise ScenarioError(f"{name} is -inf; expected a finite number")
    return number


def _within(given: Distribution, name: str, low: float, high: float) -> None:
    if given.leaves(low, high):
        raise ScenarioError(
            f"{name} is {given!r}, of which {given.share_outside(low, high):.2g} lies outside the admissible "
            f"{low:g} to {high:g}; give it ends within, such as "
            "tw.triangular(low, mode, high) or tw.normal(mean, sd, low=, high=)"
        )


@cache
def _ranges(verb: str) -> dict[str, tuple[float, float]]:
    """Lowest and highest admissible value of the numbers of a verb."""
    fields = [field for field in _core.measure_schema()[verb]["fields"] if field["range"]]
    return {field["name"]: (float(field["range"][0]), float(field["range"][1])) for field in fields}


def _numbers(verb: str) -> tuple[str, ...]:
    return tuple(_ranges(verb))


@cache
def _texts(verb: str) -> tuple[str, ...]:
    own = _core.measure_schema()[verb]["fields"]
    return tuple(field["name"] for field in own if not field["range"] and field["name"] not in _STEPS)


def _shown(value: Any) -> str:
    if isinstance(value, float) and math.isinf(value):
        return "float('inf')"
    return repr(value[0]) if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str) else repr(value)


@dataclass(frozen=True, kw_only=True, repr=False)
class Ban(Measure):
    """An embargo, a listing, a boycott of an origin.

    Parameters
    ----------
    coverage : float
        Legal share of the baseline flow that is banned, 0 to 1.
    leakage : float
        Share of the covered part that goes on by the same route, 0 to 1.

    Notes
    -----
    The availability that is left, ``1 − coverage (1 − leakage)``, is a share of *varieties*, not of
    tonnes: at unchanged producer prices the flow keeps ``a (1 − s + s a)^((σ+η)/(1−σ))`` with s its
    share in the buyer's spending (coverage 0.5 on a share of 0.5 leaves 69 % at σ = 10, η = −0.13).
    Where the banned origin is almost all a buyer has and η > −1, a partial ban can even raise the
    flow (to 107 % at a share of 1).
    For a ceiling in tonnes use ``Quota(share=)``. Several bans on a flow overlap as the scenario's
    ``overlap`` says.
    """

    coverage: float = 1.0
    leakage: float = 0.0


@dataclass(frozen=True, kw_only=True, repr=False)
class Tariff(Measure):
    """An import duty: exactly one of ``rate``, ``rate_to`` and ``specific``.

    Parameters
    ----------
    rate : float
        Ad valorem rate added to the duty in force, on the value at the border (0.35 is 35 %).
    rate_to : float
        Ad valorem rate that replaces the duty in force; the model needs ``tariffs=``.
    specific, unit, currency
        Amount per unit that arrives, its unit and currency.
    """

    rate: float | None = None
    rate_to: float | None = None
    specific: float | None = None
    unit: str | None = None
    currency: str | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class ExportTax(Measure):
    """A duty at the exporter's border: exactly one of ``rate``, ``rate_to`` and ``specific``.

    Parameters
    ----------
    rate : float
        Ad valorem rate on the price without the tax. A duty r on FOB value is a rate r/(1 − r).
    rate_to, specific, unit, currency
        As in :class:`Tariff`.
    """

    rate: float | None = None
    rate_to: float | None = None
    specific: float | None = None
    unit: str | None = None
    currency: str | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Quota(Measure):
    """A ceiling: exactly one of ``quantity``, ``value`` and ``share``.

    An amount is for one commodity: for one ceiling over several, sum them first with
    ``flows.aggregate(commodities={"npk": ["310520", "310560"]})``. A ``share`` is taken of each.

    Parameters
    ----------
    quantity, unit
        Ceiling for the measure's own window, in a unit of quantity.
    value, currency
        Ceiling in money.
    share : float
        Ceiling as a share of the baseline quantity.
    beyond : float, optional
        Total duty beyond the quota; not given: closed.
    rent : {"importer", "exporter"}
        Who holds the licences.
    """

    quantity: float | None = None
    unit: str | None = None
    value: float | None = None
    currency: str | None = None
    share: float | None = None
    beyond: float | None = None
    rent: Literal["importer", "exporter"] | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class PriceCap(Measure):
    """A cap on the price at the exporter's port with a ban on services above it.

    Parameters
    ----------
    price, per, currency
        The cap and its unit. ``inf`` switches cap and service ban off, 0 is a full service ban.
    services_share : float, optional
        Share of baseline shipments that uses the services, 0 to 1.
    outside_cost : float, optional
        Extra cost of shipping without them.
    outside_capacity : float, optional
        Capacity of the fleet without them.
    """

    price: float | None = None
    per: str | None = "bbl"
    currency: str | None = "USD"
    services_share: float | None = None
    outside_cost: float | None = None
    outside_capacity: float | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class TradeCost(Measure):
    """Insurance, freight, a risk premium, a new corridor: exactly one of ``change`` and ``specific``.

    Parameters
    ----------
    change : float
        Ad valorem, paid in the good (−0.05 is 5 % cheaper). Several multiply.
    specific, unit
        Change per unit.
    """

    change: float | None = None
    specific: float | None = None
    unit: str | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Capacity(Measure):
    """A change of what a pipeline, bridge, port or fleet can carry.

    Parameters
    ----------
    facility : str
        Its name.
    to, add, unit
        New capacity, or a change of it, per year.
    ramp : list of (date, share), optional
        Share of the new capacity in use from each date on.
    """

    facility: str | None = None
    to: float | None = None
    add: float | None = None
    unit: str | None = None
    ramp: Steps = ()


@dataclass(frozen=True, kw_only=True, repr=False)
class Shift(Measure):
    """A production cut, a crop failure, a change of demand: ``supply`` or ``demand`` or both.

    Parameters
    ----------
    supply : float
        Factor on what ``exporters`` offer at each price (0.9 is 10 % less).
    demand : float
        Factor on what ``importers`` spend at each price.
    """

    supply: float | None = None
    demand: float | None = None
