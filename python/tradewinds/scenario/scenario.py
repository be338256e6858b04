"""A scenario: a name and a list of measures."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from tradewinds import _core
from tradewinds.data.terms import group_terms
from tradewinds.errors import DataError, ScenarioError
from tradewinds.scenario.measures import Measure

__all__ = ["Scenario", "ScheduleRow"]

_FORMAT = 1
_KEYS = ("exporter", "importer", "commodity")
_RATES = ("coverage", "tariff_add", "tariff_to", "export_tax_add", "cost_change")


_OVERLAPS = ("independent", "nested", "disjoint")


class _Groups(dict[str, tuple[str, ...]]):
    """A mapping that cannot be changed."""

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise TypeError("groups of a scenario can't be changed; make another scenario")

    __setitem__ = __delitem__ = update = pop = popitem = clear = setdefault = __ior__ = _refuse

    def __reduce__(self) -> Any:
        return type(self), (dict(self),)


class ScheduleRow(NamedTuple):
    """A line of a schedule: rates (not powers) on one flow, always in force."""

    exporter: str
    importer: str
    commodity: str
    coverage: float | None = None
    tariff_add: float | None = None
    tariff_to: float | None = None
    export_tax_add: float | None = None
    cost_change: float | None = None


@dataclasses.dataclass(frozen=True, repr=False)
class Scenario:
    """A name and measures: frozen, comparable, readable.

    Parameters
    ----------
    name : str
    measures : list of measures
        In any order. No two may have the same ``name``.
    groups : mapping, optional
        The user's own groups of countries: ``{"Gulf": ["SAU", "ARE", "KWT"]}``. Members may be
        groups themselves and be taken away with ``"!"``.
    overlap : {"independent", "nested", "disjoint"}
        How several bans on one flow overlap: the shares left multiply; the smallest share left
        counts; the shares taken add up.
    schedule : list of rows, optional
        See :meth:`from_frame`.

    Raises
    ------
    ScenarioError
        Two measures of one name, or something that is not a measure.
    """

    name: str
    measures: Sequence[Measure] = ()
    groups: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)
    overlap: Literal["independent", "nested", "disjoint"] = "independent"
    schedule: Sequence[ScheduleRow] = ()

    def __post_init__(self) -> None:
        if isinstance(self.measures, Measure):
            raise ScenarioError("measures is a single measure; write a list: Scenario(name, [measure])")
        if not isinstance(self.name, str):
            raise ScenarioError(f"name is {self.name!r}; expected text")
        if self.overlap not in _OVERLAPS:
            raise ScenarioError(f"overlap is {self.overlap!r}; expected {', '.join(_OVERLAPS)}")
        if not isinstance(self.measures, Iterable):
            raise ScenarioError(f"measures is {self.measures!r}; expected a list of measures")
        object.__setattr__(self, "measures", tuple(self.measures))
        for measure in self.measures:
            if not isinstance(measure, Measure):
                raise ScenarioError(f"measures has {measure!r}; expected measures such as Ban(...)")
        labels = self.labels
        twins = [label for place, label in enumerate(labels) if label in labels[:place]]
        if twins:
            raise ScenarioError(f"two measures are called '{twins[0]}'; give each a name of its own")
        groups = sorted(group_terms(self.groups).items())
        object.__setattr__(self, "groups", _Groups({name: tuple(members) for name, members in groups}))
        object.__setattr__(self, "schedule", tuple(ScheduleRow(*row) for row in self.schedule))
        _core.check_scenario(self._document())

    @classmethod
    def from_frame(cls, name: str, frame: Any) -> Scenario:
        """A schedule of any length: a row a flow, always in force.

        Parameters
        ----------
        frame : dataframe
            ``exporter, importer, commodity`` and any of ``coverage`` (0 to 1), ``tariff_add``,
            ``tariff_to``, ``export_tax_add``, ``cost_change`` (rates, not powers). Missing is no
            change. Rows on zero or absent flows have no effect and are counted in the result's
            ``attrs``; an empty frame is the empty scenario.

        Raises
        ------
        ScenarioError
            A column that is not one of these, a missing key, a rate out of range.
        """
        return cls(name, schedule=_schedule(frame))

    @property
    def labels(self) -> list[str]:
        """What each measure is called in results: its name, or its verb and position."""
        return [
            f"{type(measure).__name__} {position}" if measure.name is None else measure.name
            for position, measure in enumerate(self.measures, start=1)
        ]

    def without(self, name: str) -> Scenario:
        """The scenario without one measure, named as in ``labels``."""
        place = self._place(name)
        return dataclasses.replace(self, measures=[*self.measures[:place], *self.measures[place + 1 :]])

    def replace(self, name: str, /, **changes: Any) -> Scenario:
        """The scenario with other parameters of one measure, named as in ``labels``."""
        place = self._place(name)
        changed = dataclasses.replace(self.measures[place], **changes)
        return dataclasses.replace(self, measures=[*self.measures[:place], changed, *self.measures[place + 1 :]])

    def __add__(self, other: Scenario | Measure) -> Scenario:
        """Both scenarios' measures, or one more; groups of one name must be equal."""
        if isinstance(other, Measure):
            other = Scenario(self.name, [other], overlap=self.overlap)
        if not isinstance(other, Scenario):
            return NotImplemented
        clash = [name for name in self.groups if name in other.groups and self.groups[name] != other.groups[name]]
        if clash:
            raise ScenarioError(f"group '{clash[0]}' means different countries in the two scenarios; rename one")
        if self.overlap != other.overlap:
            raise ScenarioError(
                f"one scenario's overlap is '{self.overlap}', the other's '{other.overlap}'; choose one"
            )
        return Scenario(
            self.name if self.name == other.name else f"{self.name} + {other.name}",
            [*self.measures, *other.measures],
            {**self.groups, **other.groups},
            self.overlap,
            [*self.schedule, *other.schedule],
        )

    def to_toml(self, path: str | os.PathLike[str] | None = None) -> str:
        """The scenario as TOML; also written to ``path`` where one is given.

        Raises
        ------
        ScenarioError
            A size is a distribution, which the format can't write.
        """
        return _save(_core.scenario_to_toml(self._certain_document()), path)

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """The scenario as JSON, as :meth:`to_toml`."""
        return _save(_core.scenario_to_json(self._certain_document()), path)

    @classmethod
    def from_toml(cls, source: str | os.PathLike[str]) -> Scenario:
        """Read TOML from a path, or from text that has more than one line.

        Raises
        ------
        ScenarioError
            With file and line: syntax, unknown keys, wrong types, measures that are not admissible.
        """
        text, place = _load(source)
        return cls._read(_core.scenario_from_toml(text, place))

    @classmethod
    def from_json(cls, source: str | os.PathLike[str]) -> Scenario:
        """Read JSON from a path, or from text that begins with a brace."""
        text, place = _load(source)
        return cls._read(_core.scenario_from_json(text, place))

    @classmethod
    def _read(cls, document: str) -> Scenario:
        content = json.loads(document)
        return cls(
            content["name"],
            [Measure.from_record(record) for record in content.get("measure", ())],
            content.get("groups", {}),
            content["overlap"],
            [ScheduleRow(**row) for row in content.get("schedule", ())],
        )

    def _certain_document(self) -> str:
        for label, measure in zip(self.labels, self.measures, strict=True):
            for name, given in measure.uncertain.items():
                raise ScenarioError(
                    f"{name} of '{label}' is {given!r}, and a file has numbers only; write "
                    f"scenario.replace({label!r}, {name}={given.central:g}), its central value"
                )
        return self._document()

    def _document(self) -> str:
        document: dict[str, Any] = {
            "format": _FORMAT,
            "name": self.name,
            "overlap": self.overlap,
            "groups": {name: list(members) for name, members in self.groups.items()},
            "measure": [measure.record() for measure in self.measures],
            "schedule": [
                {key: value for key, value in row._asdict().items() if value is not None} for row in self.schedule
            ],
        }
        return json.dumps(document)

    def _place(self, name: str) -> int:
        labels = self.labels
        if name not in labels:
            raise ScenarioError(f"no measure is called '{name}'; there are {', '.join(labels) or 'none'}")
        return labels.index(name)

    def __hash__(self) -> int:
        return hash((self.name, self.measures, tuple(self.groups.items()), self.overlap, self.schedule))

    def __repr__(self) -> str:
        lines = [f"  {measure!r}," for measure in self.measures]
        if self.schedule:
            lines.append(f"  # and a schedule of {len(self.schedule):,} rows")
        inside = "\n".join(["", *lines, ""]) if lines else ""
        groups = f", groups={ {name: list(members) for name, members in self.groups.items()} }" if self.groups else ""
        overlap = "" if self.overlap == "independent" else f", overlap={self.overlap!r}"
        return f"Scenario({self.name!r}, [{inside}]{groups}{overlap})"


def _save(text: str, path: str | os.PathLike[str] | None) -> str:
    if path is not None:
        target = Path(path)
        written = target.with_name(f"{target.name}.{os.getpid()}.tmp")
        try:
            written.write_text(text, encoding="utf-8")
            written.replace(target)
        finally:
            written.unlink(missing_ok=True)
    return text


def _load(source: str | os.PathLike[str]) -> tuple[str, str]:
    if isinstance(source, str) and ("\n" in source or source.lstrip().startswith("{")):
        return source, "text"
    try:
        return Path(source).read_text(encoding="utf-8"), os.fspath(source)
    except OSError as error:
        raise ScenarioError(f"{os.fspath(source)} can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ScenarioError(f"{os.fspath(source)} is not UTF-8 (byte {error.start}); save it as UTF-8") from error


def _schedule(frame: Any) -> Sequence[ScheduleRow]:
    from tradewinds.data.columns import encode, names_of, numbers, open_frame, require

    native = open_frame(frame, "the schedule")
    unknown = [column for column in native.columns if column not in (*_KEYS, *_RATES)]
    if unknown:
        raise ScenarioError(f"the schedule has the column '{unknown[0]}'; it takes {', '.join((*_KEYS, *_RATES))}")
    if len(native) == 0:
        return ()
    keys = []
    for column in _KEYS:
        try:
            codes, labels = encode(require(native, column, "the schedule"), column)
        except DataError as error:
            raise ScenarioError(str(error)) from None
        keys.append(np.array(names_of(labels), dtype=object)[codes].tolist())
    rates = {
        column: [None if np.isnan(rate) else rate for rate in numbers(native[column], column).tolist()]
        for column in _RATES
        if column in native.columns
    }
    for column, values in rates.items():
        for row, rate in enumerate(values):
            if rate is not None and np.isinf(rate):
                raise ScenarioError(f"schedule row {row}: {column} is {rate}; expected a finite number")
    nothing = [None] * len(native)
    return [ScheduleRow(*row) for row in zip(*keys, *(rates.get(column, nothing) for column in _RATES), strict=True)]
