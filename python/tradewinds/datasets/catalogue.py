"""Real measures by name: dated, sourced, ready to be solved."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cached_property
from importlib.resources import files
from typing import Any

from tradewinds.errors import DataError
from tradewinds.scenario.measures import Measure
from tradewinds.scenario.scenario import Scenario

__all__ = ["Catalogue", "UnknownEntryError", "catalogue"]

_FILE = files("tradewinds.datasets").joinpath("catalogue.toml")
#: What a measure of an entry takes from the entry where it has none of its own.
_INHERITED = ("sender", "source", "announced")
_DAYS = ("announced", "start", "end")
#: Parameters that all verbs take.
_COMMON = {field.name for field in fields(Measure)}
#: Verbs by the models that take them.
_MODELS = {"Armington": {"Ban", "Tariff", "ExportTax", "Quota", "TradeCost", "Shift"}}
_COLUMNS = (
    *("key", "title", "verb", "sender", "target", "commodities", "hs", "announced", "start", "end"),
    *("parameters", "models", "written", "note", "mark", "source"),
)
_NOT_WRITTEN = "not written"


class UnknownEntryError(DataError, KeyError):
    """No such entry in the catalogue, or one that no verb can write."""

    def __str__(self) -> str:
        return str(self.args[0])


class Catalogue(Mapping[str, Scenario]):
    """Named, dated, sourced real measures, read-only: ``tw.catalogue["eu-crude-2022"]``.

    An entry is a :class:`Scenario` named like its key, so entries combine with ``+`` and change with
    ``replace``: its first measure is called like the key too, further ones have a suffix
    (``"eu-crude-2022-bulgaria"``). Commodities are the canonical names (``crude``, ``lng``,
    ``wheat``, …) where one fits, else HS codes; where your flows call them otherwise, say so:
    ``tw.catalogue["eu-crude-2022"].replace("eu-crude-2022", commodities="2709")``. The amount
    of a quota is for one commodity, so a quota over several codes names one, to be summed first.

    What the verbs can't write (rules of origin, formula duties, lists of goods that are not in the
    sources) is in :meth:`to_frame` only, marked "not written".

    >>> import tradewinds as tw
    >>> tw.catalogue["eu-coal-2022"].measures[0].start
    datetime.date(2022, 8, 10)
    """

    @cached_property
    def _entries(self) -> dict[str, dict[str, Any]]:
        content = tomllib.loads(_FILE.read_text(encoding="utf-8"))
        return {entry["key"]: entry for entry in content["entry"]}

    @cached_property
    def _scenarios(self) -> dict[str, Scenario]:
        written = {key: entry for key, entry in self._entries.items() if "measure" in entry}
        return {
            key: Scenario(key, [_measure(entry, given) for given in entry["measure"]]) for key, entry in written.items()
        }

    def __getitem__(self, key: str) -> Scenario:
        """The entry as a scenario.

        Raises
        ------
        UnknownEntryError
            A :class:`DataError` and a ``KeyError``: no such entry, with near matches; or one that is
            not written, with the reason.
        """
        if key in self._scenarios:
            return self._scenarios[key]
        if key in self._entries:
            raise UnknownEntryError(f"'{key}' is not written as measures: {self._entries[key]['not_written']}")
        near = difflib.get_close_matches(str(key), self._entries, 3, 0.5)
        hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"there are {', '.join(self)}"
        raise UnknownEntryError(f"the catalogue has no '{key}'; {hint}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._scenarios)

    def __len__(self) -> int:
        return len(self._scenarios)

    def to_frame(self) -> Any:
        """A row an entry, written or not, as a pandas frame.

        Columns: ``key, title``; ``verb`` (several where it has several); ``sender, target`` as in
        the source; ``commodities`` as in the measures, ``hs`` the scope; ``announced``, ``start``,
        ``end``: the days of the first measure to begin and of the last to end, missing where not
        known or open; ``parameters`` of each measure in its own units; ``models`` of this version
        that take it; ``written``; ``note``, which begins with "not written" and the reason where it
        is not; ``mark`` (S seen in the source, D arithmetic on sourced numbers, J judgement, M from
        general knowledge, not yet checked); ``source``.
        """
        import pandas as pd

        rows = [_row(entry, self._scenarios.get(key)) for key, entry in self._entries.items()]
        frame = pd.DataFrame(rows, columns=list(_COLUMNS))
        return frame.assign(**{day: pd.to_datetime(frame[day]) for day in _DAYS})

    def __repr__(self) -> str:
        width = max(map(len, self._entries))
        lines = [
            f"  {key:<{width}}  {entry['title']}{'' if key in self._scenarios else f'  [{_NOT_WRITTEN}]'}"
            for key, entry in self._entries.items()
        ]
        head = f"<tradewinds.Catalogue: {len(self)} entries, {len(self._entries) - len(self)} more {_NOT_WRITTEN}>"
        return "\n".join([head, *lines])


def _measure(entry: dict[str, Any], given: dict[str, Any]) -> Measure:
    record = {name: entry[name] for name in _INHERITED if name in entry} | given
    suffix = record.pop("suffix", None)
    record["name"] = f"{entry['key']}-{suffix}" if suffix else entry["key"]
    return Measure.from_record(record)


def _row(entry: dict[str, Any], scenario: Scenario | None) -> dict[str, Any]:
    measures = list(scenario.measures) if scenario else []
    verbs = {type(measure).__name__: None for measure in measures}
    named = {name: None for measure in measures for name in measure.commodities}
    starts = [measure.start for measure in measures if measure.start]
    ends = [measure.end for measure in measures]
    days = {
        "announced": entry.get("announced"),
        "start": min(starts, default=entry.get("start")),
        "end": max((end for end in ends if end), default=None) if all(ends) else None,
    }
    reason = f"{_NOT_WRITTEN}: {entry['not_written']}" if scenario is None else entry.get("note", "")
    return {
        **{name: entry[name] for name in ("key", "title", "sender", "target", "mark", "source")},
        **days,
        "verb": ", ".join(verbs),
        "commodities": ", ".join(entry.get("commodities", named)),
        "hs": ", ".join(entry["hs"]),
        "parameters": "; ".join({_parameters(measure, len(measures) > 1): None for measure in measures}),
        "models": ", ".join(model for model, taken in _MODELS.items() if verbs and verbs.keys() <= taken),
        "written": scenario is not None,
        "note": reason,
    }


def _parameters(measure: Measure, dated: bool) -> str:
    """The verb's own parameters, with the units and shares that hold by default."""
    own = {field: getattr(measure, field.name) for field in fields(measure) if field.name not in _COMMON}
    said = {
        field.name: value
        for field, value in own.items()
        if value not in (None, ()) and (value != 0 or field.default != 0)
    }
    text = ", ".join(f"{name}={_text(value)}" for name, value in said.items())
    return f"{text} from {measure.start}" if dated else text


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(f"{share:g} from {day}" for day, share in value) + "]"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


#: The one catalogue, ``tw.catalogue``.
catalogue = Catalogue()
