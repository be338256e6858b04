"""Bundled cases: a market, its routes and real measures in a few lines, with every number it stands on."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from tradewinds.data.flows import Flows
from tradewinds.errors import DataError, ModelError
from tradewinds.model.case_assumptions import assumptions
from tradewinds.model.case_tables import CaseTables
from tradewinds.scenario.measures import Measure
from tradewinds.scenario.scenario import Scenario

__all__ = ["Case", "Cases", "cases"]

_BOTH = ("period", "demand", "supply")
_ARGUMENTS = {
    "Spatial": (*_BOTH, "route_elasticity", "price_level", "routes", "facilities"),
    "Armington": (*_BOTH, "substitution"),
}
#: Assumptions that go with an argument.
_WITH = {"routes": ("length", "freight"), "facilities": ("capacity",)}

_DIRECTORY = files("tradewinds.datasets").joinpath("cases")


@dataclass(frozen=True, repr=False)
class Case:
    """A bundled case: ``case.model().solve(case.scenario)``.

    Everything it stands on is in :attr:`assumptions`, a row a number, and in the ``sources()`` of its
    results. What was observed afterwards is in :attr:`observed` and goes into no model.
    """

    key: str

    @cached_property
    def _tables(self) -> CaseTables:
        return CaseTables(self.key)

    @property
    def title(self) -> str:
        return str(self._tables.said["title"])

    @property
    def note(self) -> str:
        """What it leaves out, and what to read with care."""
        return str(self._tables.said["note"])

    @property
    def exporter(self) -> str:
        """Whom it is about: a node, or a group of the scenarios."""
        return str(self._tables.said["exporter"])

    @property
    def away(self) -> str | list[str]:
        """The buyers who close, as a selector."""
        return self._tables.said["away"]  # type: ignore[no-any-return]

    @property
    def flows(self) -> Flows:
        """What was sold in the baseline; ``attrs["assumptions"]`` has the rows of :attr:`assumptions`."""
        return self._flows_with(self._rows)

    def _flows_with(self, rows: list[dict[str, Any]]) -> Flows:
        said = self._tables.said
        frame = self._tables.flows.assign(commodity=said["commodity"], period=said["period"])
        attrs = {"case": self.key, "source": f"bundled case '{self.key}'", "assumptions": rows}
        kept = frame if said["model"] == "Spatial" else frame.drop(columns="mode")
        return Flows.from_frame(kept, quantity_unit=said["quantity_unit"], attrs=attrs)

    @property
    def routes(self) -> Any:
        """``exporter, importer, commodity, mode, freight``: every route, freight in USD per unit."""
        return self._tables.routes.assign(commodity=self._tables.said["commodity"])

    @property
    def facilities(self) -> Any:
        """``facility, exporter, importer, mode, capacity, owner``, units a year; missing is all."""
        return self._tables.facilities.copy()

    @property
    def nodes(self) -> Any:
        """``node, title, sells_for, buys_for, port, demand, supply, mark, source, note``."""
        return self._tables.nodes.reset_index()

    @cached_property
    def scenarios(self) -> Mapping[str, Scenario]:
        """Scenarios by name; the first is :attr:`scenario`."""
        made: dict[str, Scenario] = {}
        for given in self._tables.said["scenario"]:
            made[given["name"]] = self._scenario(given, made)
        return MappingProxyType(made)

    @property
    def scenario(self) -> Scenario:
        """What came: real measures with their days, from the catalogue where it has them."""
        return next(iter(self.scenarios.values()))

    def _scenario(self, given: Mapping[str, Any], made: Mapping[str, Scenario]) -> Scenario:
        from tradewinds.datasets.catalogue import catalogue

        base = made[given["base"]].measures if "base" in given else ()
        measures = [measure for measure in base if measure.name not in given.get("without", ())]
        changes = given.get("change", {})
        for record in given.get("measure", ()):
            measures.append(Measure.from_record(_unmarked(record)))
        for key in given.get("entries", ()):
            for measure in catalogue[key].measures:
                measures.append(replace(measure, **_unmarked(changes.get(measure.name, {}))))
        return Scenario(given["title"], measures, groups=self._tables.said.get("groups", {}))

    def model(self, kind: Literal["Spatial", "Armington"] | None = None, **overrides: Any) -> Any:
        """The model of the case; ``overrides`` replace any argument of its class.

        Parameters
        ----------
        kind : {"Spatial", "Armington"}, optional
            The other model of the same flows and elasticities. Armington has no routes, facilities or
            caps (``unsupported="leave_out"``); its substitution is the number of ``route_elasticity``.

        >>> import tradewinds as tw
        >>> case = tw.cases["gas"]
        >>> result = case.model(route_elasticity=4).solve(case.scenario, at=2023)
        """
        import tradewinds

        kind = kind or self._tables.said["model"]
        if kind not in _ARGUMENTS:
            raise ModelError(f"kind is {kind!r}; expected one of {', '.join(_ARGUMENTS)}")
        gone = set(overrides).union(*(_WITH.get(name, ()) for name in overrides))
        flows = self._flows_with([row for row in self._rows if row["input"] not in gone])
        given = {"flows": flows, **self._arguments(kind), **overrides}
        return getattr(tradewinds, kind)(**given)

    def _arguments(self, kind: str) -> dict[str, Any]:
        said = self._tables.said
        scalars = {row["input"]: row for row in said.get("assumption", ())}
        between = scalars.get("substitution") or scalars["route_elasticity"]
        every: dict[str, Callable[[], Any]] = {
            "period": lambda: said["period"],
            "demand": lambda: self._elasticities("demand"),
            "supply": lambda: self._elasticities("supply"),
            "route_elasticity": lambda: self._one("route_elasticity", scalars["route_elasticity"]),
            "substitution": lambda: self._one("substitution", between),
            "price_level": lambda: scalars["price_level"]["value"] if "price_level" in scalars else None,
            "routes": lambda: self.routes,
            "facilities": lambda: self.facilities,
        }
        return {name: every[name]() for name in _ARGUMENTS[kind]}

    def _elasticities(self, side: str) -> Any:
        nodes = self.nodes.dropna(subset=[side])
        rows = [
            *zip(nodes["node"], nodes[side].astype(float), nodes["mark"], nodes["source"], strict=True),
            ("*", 0.0, "", "no curve: the others are not on this side of the market"),
        ]
        columns = ["country", side, f"{side}_grade", f"{side}_source"]
        return _frame(rows, columns).assign(commodity=self._tables.said["commodity"])

    def _one(self, name: str, row: Mapping[str, Any]) -> Any:
        good = self._tables.said["commodity"]
        values = (good, float(row["value"]), row["mark"], row["source"])
        return _frame([values], ["commodity", name, f"{name}_grade", f"{name}_source"])

    @cached_property
    def _rows(self) -> list[dict[str, Any]]:
        return assumptions(self._tables, self.scenarios)

    @property
    def assumptions(self) -> Any:
        """Every number: ``input, subject, value, unit, mark, source, note``.

        Marks: S seen in the source named, D arithmetic on sourced numbers, M from memory, not yet
        checked, J judgement; of elasticities from the bundled table their grade B.
        """
        return _frame(self._rows)

    @property
    def observed(self) -> Any:
        """What happened: ``period, question, value, unit, mark, source``. Outcomes, in no model."""
        return _frame(self._tables.said.get("outcome", []), ["period", "question", "value", "unit", "mark", "source"])

    def __repr__(self) -> str:
        said = self._tables.said
        lines = [
            f"<tradewinds.Case '{self.key}': {self.title}>",
            f"  {said['model']} model of {said['commodity']}, baseline {said['period']}",
            *(f"  scenario '{name}': {scenario.name}" for name, scenario in self.scenarios.items()),
            f"  {len(self._rows)} assumptions",
        ]
        return "\n".join(lines)


class Cases(Mapping[str, Case]):
    """The bundled cases by name, read-only: ``tw.cases["gas"]``.

    >>> import tradewinds as tw
    >>> case = tw.cases["gas"]
    >>> result = case.model().solve(case.scenario, at=2023)
    """

    @cached_property
    def _entries(self) -> dict[str, Case]:
        content = tomllib.loads(_DIRECTORY.joinpath("cases.toml").read_text(encoding="utf-8"))
        return {key: Case(key) for key in content["cases"]}

    def __getitem__(self, key: str) -> Case:
        if key not in self._entries:
            near = difflib.get_close_matches(str(key), self._entries, 1, 0.4)
            hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(self)}"
            raise UnknownCaseError(f"there is no case '{key}'; {hint}")
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def to_frame(self) -> Any:
        """A row a case: ``case, title, model, commodity, period, exporter, scenarios, note``."""
        rows = [
            {
                "case": key,
                **{name: case._tables.said[name] for name in ("title", "model", "commodity", "period")},
                "exporter": case.exporter,
                "scenarios": ", ".join(case.scenarios),
                "note": case.note,
            }
            for key, case in self.items()
        ]
        return _frame(rows)

    def __repr__(self) -> str:
        width = max(map(len, self))
        lines = [f"  {key:<{width}}  {case.title}" for key, case in self.items()]
        return "\n".join([f"<tradewinds.Cases: {len(self)} cases>", *lines])


def _unmarked(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "mark"}


def _frame(rows: Any, columns: list[str] | None = None) -> Any:
    import pandas as pd

    return pd.DataFrame(rows, columns=columns)


class UnknownCaseError(DataError, KeyError):
    """No such case."""

    def __str__(self) -> str:
        return str(self.args[0])


#: The bundled cases, ``tw.cases``.
cases = Cases()
