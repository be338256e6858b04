"""Results in files and on their way to other processes."""

from __future__ import annotations

import datetime as dt
import os
from typing import Any, TypeVar

import narwhals as nw
import numpy as np

from tradewinds import _core
from tradewinds.data.balance import no_entries
from tradewinds.data.flow_columns import UNDATED
from tradewinds.data.flows import Flows
from tradewinds.data.input_output import InputOutput
from tradewinds.data.table import Answer, Column
from tradewinds.errors import DataError
from tradewinds.model.armington import Armington
from tradewinds.model.general import CaliendoParro, Gravity
from tradewinds.model.model import Model
from tradewinds.model.parameters import Parameter, restored
from tradewinds.model.spatial import Spatial
from tradewinds.result import json_text
from tradewinds.result.general import GeneralResult
from tradewinds.result.result import Result
from tradewinds.result.spatial import SpatialResult
from tradewinds.result.uncertain import uncertain_again, uncertain_notes
from tradewinds.scenario.scenario import Scenario

__all__ = ["from_pickle", "kept", "load_result", "notes"]

R = TypeVar("R", bound=Result)


def load_result(path: str | os.PathLike[str]) -> Result:
    """Read a result that :meth:`Result.save` wrote.

    Of Armington nothing is solved: the scenario is compiled again against the saved baseline, the saved
    prices are taken, and the certificate is recomputed from the flows that follow from them. A result of
    the spatial model or of general equilibrium is solved again from its inputs, and prices and flows are
    compared with the saved ones. Every question gives what it gave before, bit for bit; ``result.model``
    solves further scenarios, and samples: distributions of the model and the scenario are kept too.

    Files need not be trusted: there is no code in them, sizes are checked before anything is unpacked,
    and a file whose prices were changed shows it in ``result.status``.

    Parameters
    ----------
    path : path

    Returns
    -------
    Result

    Raises
    ------
    DataError
        No such file, no permission, a folder; a file that is not a saved result, is cut short or
        damaged, or has another format (both versions are named); a member that is missing, is a path,
        or is larger than the file says; arrays of another type or shape; numbers that flows,
        elasticities or equilibria can't have; prices or flows that solving again does not give; a
        distribution of a kind that this version does not know.
    """
    core, text = _core.load_solution(path)
    try:
        return _result(core, json_text.load(text))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(
            f"{os.fspath(path)}: the notes in meta.json are not those of a saved result ({error!r}); "
            "take another copy, or solve again"
        ) from error


def from_pickle(data: bytes, notes: dict[str, Any]) -> Result:
    """The result of a pickle, see :meth:`Result.__reduce__`."""
    core, _ = _core.solution_from_bytes(data)
    return _result(core, notes)


def notes(result: Result) -> str:
    """What the core does not know, as JSON."""
    json_text.dump(result.model.flows.attrs, "flows.attrs")
    return json_text.dump(kept(result), "result")


def kept(result: Result) -> dict[str, Any]:
    """What the core does not know: where the inputs come from, and when and by what it was solved."""
    flows = result.model.flows
    table = {"general": _table_kept(result.model)} if isinstance(result, GeneralResult) else {}
    return {
        **table,
        "tradewinds": result._version,
        "created": result._created,
        "period": result.model.period,
        "observed": None if result.model.observed is None else result.model.observed.tolist(),
        "flows": {"attrs": flows.attrs, "backend": flows._backend, "undated": flows._undated},
        "parameters": {
            name: {"origins": _columns(parameter.origins), "unconverted": parameter.unconverted}
            for name, parameter in result.model.parameters.items()
        },
        "uncertain": uncertain_notes(result.model, result.scenario),
    }


def _table_kept(model: CaliendoParro | Gravity) -> dict[str, Any]:
    columns, units = model.table._balance
    labels = {name: column[1] for name, column in columns.items() if isinstance(column, tuple)}
    plain = {name: (column[0] if name in labels else column).tolist() for name, column in columns.items()}
    balance = {"columns": plain, "labels": labels, "units": units}
    return {"model": type(model).__name__, "adjustments": model.table.adjustments, "balance": balance}


def _balance(kept: dict[str, Any]) -> Answer:
    labels = kept["labels"]
    expected, _ = no_entries("")
    if set(kept["columns"]) != set(expected):
        raise ValueError(f"the balance has {', '.join(kept['columns'])}; expected {', '.join(expected)}")

    def column(name: str, values: list[Any]) -> Column:
        return (np.array(values, dtype=np.uint32), labels[name]) if name in labels else np.array(values, dtype=float)

    return {name: column(name, values) for name, values in kept["columns"].items()}, kept["units"]


def _general(core: _core.GeneralSolution, notes: dict[str, Any]) -> GeneralResult:
    about, kept, model = _checked(notes["flows"]), notes["general"], core.model
    table = InputOutput(model.table, attrs=about["attrs"], backend=about["backend"], balance=_balance(kept["balance"]))
    table.adjustments = kept["adjustments"]
    kinds: dict[str, type[CaliendoParro | Gravity]] = {"CaliendoParro": CaliendoParro, "Gravity": Gravity}
    if kept["model"] == "Gravity" and len(table.sectors) > 1:
        raise ValueError(f"a Gravity of {len(table.sectors)} sectors")
    parameters = _parameters({"trade_elasticity": model.trade_elasticity}, notes)
    remade = kinds[kept["model"]]._of_core(model, table, notes["period"], parameters)
    return GeneralResult(core, remade, _scenario(core, remade, notes))


def _result(core: _core.Solution | _core.SpatialSolution | _core.GeneralSolution, notes: dict[str, Any]) -> Result:
    if isinstance(core, _core.GeneralSolution):
        return _stamped(_general(core, notes), notes)
    model, about = core.model, _checked(notes["flows"])
    flows = Flows(
        model.flows.dated(UNDATED) if about["undated"] else model.flows,
        backend=about["backend"],
        attrs=about["attrs"],
        undated=about["undated"],
    )
    spatial = isinstance(model, _core.Spatial)
    names = ("demand", "supply", "route_elasticity") if spatial else ("substitution", "demand", "supply")
    parameters = _parameters(dict(zip(names, model.elasticities or (), strict=model.elasticities is not None)), notes)
    restored(model, parameters)
    if isinstance(core, _core.SpatialSolution):
        route_model = Spatial._of_core(core.model, flows, notes["period"], parameters)
        return _stamped(SpatialResult(core, route_model, _scenario(core, route_model, notes)), notes)
    observed = None if notes["observed"] is None else np.array(notes["observed"], dtype=np.float64)
    if observed is not None and observed.shape != (len(flows),):
        raise ValueError(f"{observed.size} observed values for {len(flows)} flows")
    remade = Armington._of_core(core.model, flows, notes["period"], parameters, observed)
    return _stamped(Result(core, remade, _scenario(core, remade, notes)), notes)


def _scenario(core: Any, model: Model, notes: dict[str, Any]) -> Scenario:
    """The scenario with its distributions; the model gets its own."""
    return uncertain_again(notes.get("uncertain"), model, Scenario._read(core.scenario()))


def _parameters(values: dict[str, Any], notes: dict[str, Any]) -> dict[str, Parameter]:
    kept = {name: notes["parameters"][name] for name in values}
    return {
        name: Parameter(name, values[name], _rows(said["origins"]), said["unconverted"]) for name, said in kept.items()
    }


def _stamped(result: R, notes: dict[str, Any]) -> R:
    """With the version and time of the solve."""
    result._version, result._created = notes["tradewinds"], notes["created"]
    if not isinstance(result._created, dt.datetime):
        raise ValueError(f"created is {result._created!r}; expected a time")
    return result


def _checked(about: dict[str, Any]) -> dict[str, Any]:
    if nw.Implementation.from_backend(about["backend"]) is nw.Implementation.UNKNOWN:
        raise ValueError(f"there is no library of dataframes called {about['backend']!r}")
    if not isinstance(about["attrs"]["unit"], str):
        raise ValueError(f"the unit is {about['attrs']['unit']!r}; expected text")
    return about


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Rows of equal keys by column: there may be a row a commodity and country."""
    return {key: [row[key] for row in rows] for key in rows[0]} if rows else {}


def _rows(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
