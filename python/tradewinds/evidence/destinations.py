"""Amounts of an exporter by named destinations, of which the rest is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tradewinds import _core
from tradewinds.data.columns import Numbers
from tradewinds.data.flows import Flows
from tradewinds.data.terms import Selector, terms
from tradewinds.errors import DataError

__all__ = ["REST", "Destinations", "amounts", "summed"]

REST = "rest"


@dataclass(frozen=True)
class Destinations:
    """Named sets of importers; who is in none is the rest, who is undisclosed is nowhere or in the rest."""

    given: Mapping[str, Selector]
    undisclosed: Selector | None
    undisclosed_as: Literal["drop", "absorb"]
    #: Groups are taken as of this day.
    day: str

    @property
    def names(self) -> list[str]:
        return [*self.given, REST]

    def places(self, flows: Flows) -> np.ndarray[Any, np.dtype[np.intp]]:
        """By country of the flows: the position in ``names``, −1 for those dropped."""
        place = np.full(len(flows.countries), len(self.given), dtype=np.intp)
        for position, (name, selector) in enumerate(self.given.items()):
            taken = self._select(flows, selector)
            twice = [flows.countries[country] for country in taken if place[country] != len(self.given)]
            if twice:
                other = self.names[place[flows.countries.index(twice[0])]]
                raise DataError(f"{twice[0]} is in '{name}' and in '{other}'; name each importer once")
            place[taken] = position
        if self.undisclosed_as == "drop" and self.undisclosed:
            place[self._select(flows, self.undisclosed)] = -1
        return place

    def unknown(self, countries: Sequence[str]) -> list[str]:
        """Names that are neither groups nor among ``countries``."""
        given = [*self.given.values(), *([self.undisclosed] if self.undisclosed else [])]
        named = [term.lstrip("!") for selector in given for term in terms(selector)]
        return [term for term in named if term != "*" and term not in countries and not _is_group(term)]

    def _select(self, flows: Flows, selector: Selector) -> list[int]:
        """Countries that are not in the data buy nothing in it."""
        known = [term for term in terms(selector) if term.lstrip("!") in flows.countries or _is_group(term)]
        return flows._core.select_countries(known, {}, self.day) if known else []


def amounts(
    flows: Flows, columns: Mapping[str, Any], value: Numbers, exporters: Sequence[int], to: Destinations
) -> dict[str, Numbers]:
    """By commodity: ``value`` of the exporters' sales by destination, domestic sales left out.

    ``columns`` are ``exporter, importer, commodity`` as (codes, labels) over the flows' own labels.
    """
    place = to.places(flows)
    exporter, importer = columns["exporter"][0], columns["importer"][0]
    mine = np.isin(exporter, exporters) & (exporter != importer) & (place[importer] >= 0)
    found = {}
    for code, commodity in enumerate(columns["commodity"][1]):
        rows = mine & (columns["commodity"][0] == code)
        if rows.any():
            found[str(commodity)] = summed(place[importer[rows]], value[rows], to)
    return found


def summed(place: np.ndarray[Any, np.dtype[np.intp]], amount: Numbers, to: Destinations) -> Numbers:
    """Amounts by destination, of amounts and the position of each."""
    return np.asarray(np.bincount(place, amount, minlength=len(to.names)), dtype=np.float64)


def _is_group(term: str) -> bool:
    return term.lstrip("!") in _core.group_names()
