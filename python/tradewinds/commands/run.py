"""``tradewinds run``: solve a scenario file and write what came out."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tradewinds import _core
from tradewinds.commands.inputs import (
    at_period,
    elasticity,
    located,
    read_flows,
    read_scenario,
    read_table,
)
from tradewinds.errors import ModelError, ScenarioError
from tradewinds.model.armington import Armington
from tradewinds.model.spatial import Spatial
from tradewinds.result.many import stack
from tradewinds.result.result import Result
from tradewinds.result.spatial import SpatialResult
from tradewinds.scenario.scenario import Scenario

__all__ = ["run"]

_META_FORMAT = 1


def run(given: argparse.Namespace) -> int:
    """Solve, write the tables, print the result."""
    scenario = read_scenario(given.scenario)
    model = make_model(given)
    try:
        result = model.solve(scenario, at=given.at, unsupported=given.unsupported, **_how(given))
    except (ScenarioError, ModelError) as error:
        raise located(error, given.scenario, scenario) from None
    tables = _tables(result, _exporters(given, scenario), given.away, given.toward)
    _write(Path(given.out), tables, result, given)
    print(result)
    print(f"Wrote {', '.join([*(f'{name}.csv' for name in tables), 'scenario.toml', 'meta.json'])} to {given.out}")
    return 0


#: What only one of the models takes, with the value that says nothing.
_ONLY: dict[str, dict[str, Any]] = {
    "armington": {"substitution": None, "order": None, "exposure": "segments"},
    "spatial": dict.fromkeys(("routes", "facilities", "freight", "route_elasticity", "price_level")),
}


def _how(given: argparse.Namespace) -> dict[str, Any]:
    return {"order": given.order, "exposure": given.exposure} if given.model == "armington" else {}


def make_model(given: argparse.Namespace) -> Armington | Spatial:
    """The model that the command line describes.

    Raises
    ------
    ModelError
        An option of the other model.
    """
    for model, options in _ONLY.items():
        strange = [name for name, unsaid in options.items() if getattr(given, name) != unsaid]
        if strange and model != given.model:
            raise ModelError(f"--{strange[0].replace('_', '-')} is an option of --model {model}; leave it out")
    flows = read_flows(given.data, unit=given.unit, quantity_unit=given.quantity_unit, countries=given.countries)
    period = at_period(flows, given.period)
    names = ("demand", "supply") if given.model == "spatial" else ("substitution", "demand", "supply")
    parameters = {name: elasticity(getattr(given, name), name, given.elasticities, flows) for name in names}
    tariffs = None if given.tariffs is None else read_table(given.tariffs)
    if given.model == "armington":
        return Armington(flows, period=period, tariffs=tariffs, **parameters)
    tables = {name: read_table(getattr(given, name)) for name in ("routes", "facilities") if getattr(given, name)}
    numbers = {
        name: elasticity(getattr(given, name), name, None, flows)
        for name in ("freight", "route_elasticity", "price_level")
        if getattr(given, name) is not None
    }
    return Spatial(flows, period=period, tariffs=tariffs, **parameters, **tables, **numbers)


def _exporters(given: argparse.Namespace, scenario: Scenario) -> list[str]:
    """Whose sales are written: those asked for, else those that a measure names."""
    named = [term for measure in scenario.measures for term in measure.exporters if term != "*" and term[0] != "!"]
    return list(dict.fromkeys(given.exporter or named))


def _tables(result: Result, exporters: list[str], away: list[str] | None, toward: list[str] | None) -> dict[str, Any]:
    tables = {
        "flows": result.flows,
        "prices": result.prices,
        "welfare": result.welfare(),
        "concentration": result.concentration(),
        "quotas": result.quotas,
        "closed": result.closed,
        "certificate": result.certificate,
        "sources": result.sources(),
    }
    if isinstance(result, SpatialResult):
        tables |= {name: getattr(result, name) for name in ("routes", "facilities", "price_caps")}
    questions: dict[str, Callable[[str], Any]] = {"shares": result.shares, "revenue": result.revenue}
    if isinstance(result, SpatialResult):
        questions["discount"] = result.discount
    if away:
        questions["diversion"] = lambda exporter: result.diversion(exporter, away)
    if away and toward:
        questions["share_shift"] = lambda exporter: result.share_shift(exporter, away, toward)
    if exporters:
        for name, question in questions.items():
            tables[name] = stack({exporter: question(exporter) for exporter in exporters}, "exporter")
    return tables


def _write(out: Path, tables: Mapping[str, Any], result: Result, given: argparse.Namespace) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        _replace(out / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))
    is_toml = not given.scenario.lower().endswith(".json")
    text = Path(given.scenario).read_text(encoding="utf-8") if is_toml else result.scenario.to_toml()
    _replace(out / "scenario.toml", text)
    _replace(
        out / "meta.json", json.dumps(_meta(tables, result, given), indent=2, ensure_ascii=False, default=str) + "\n"
    )


def _meta(tables: Mapping[str, Any], result: Result, given: argparse.Namespace) -> dict[str, Any]:
    status = result.status
    settings = {name: value for name, value in vars(given).items() if name != "command" and not callable(value)}
    return {
        "format": _META_FORMAT,
        "tradewinds": _core.__version__,
        "settings": settings,
        "status": {
            "converged": status.converged,
            "iterations": status.iterations,
            "residual": status.residual,
            "reason": status.reason,
        },
        "result": result.attrs,
        "left_out": result.left_out,
        "tables": {
            f"{name}.csv": {"rows": len(table), "units": table.attrs["units"]} for name, table in tables.items()
        },
    }


def _replace(path: Path, text: str) -> None:
    """Write beside and rename: an older file stays whole until the new one is."""
    written = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        written.write_text(text, encoding="utf-8", newline="")
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)
