"""Which measure did how much."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tradewinds import _core
from tradewinds.data.flows import Period
from tradewinds.data.table import frame
from tradewinds.errors import ConvergenceError, ModelError
from tradewinds.evidence.questions import document
from tradewinds.result.ask import Question
from tradewinds.scenario.scenario import Scenario

if TYPE_CHECKING:
    from tradewinds.model.armington import Armington

__all__ = ["attribution"]

#: Of every subset, the answer is exact up to here.
EXACT_UP_TO = 12


def attribution(
    model: Armington,
    scenario: Scenario,
    question: Question,
    *,
    at: Period | dt.date | None,
    method: Literal["auto", "exact", "sampled"],
    permutations: int,
    seed: int,
) -> Any:
    """See :meth:`Armington.attribution`."""
    if method not in ("auto", "exact", "sampled"):
        raise ModelError(f"method is {method!r}; expected 'auto', 'exact' or 'sampled'")
    json, against = document(question)
    # What is wrong with the scenario or the question as a whole is said as it always is.
    whole = model.solve(scenario, at=at)
    question(whole)
    exact = method == "exact" or (method == "auto" and len(scenario.measures) <= EXACT_UP_TO)
    found = _core.attribution(whole._core, json, against, permutations=None if exact else permutations, seed=seed)
    if isinstance(found, list):
        raise _unconverged(model, scenario, found, at)
    (columns, units), errors = found
    if errors is not None:
        columns, units = _beside(columns, units, errors[0])
    attrs = {"method": "exact" if exact else f"sampled, {permutations} permutations, seed {seed}"}
    return frame((columns, units), model.flows._backend, attrs)


def _beside(columns: dict[str, Any], units: dict[str, str], errors: dict[str, Any]) -> _core._Answer:
    """Each column of numbers with its standard error after it."""
    joined: dict[str, Any] = {}
    for name, column in columns.items():
        joined[name] = column
        if isinstance(column, np.ndarray):
            joined[f"{name}_standard_error"] = errors[name]
            units[f"{name}_standard_error"] = units[name]
    return joined, units


def _unconverged(
    model: Armington, scenario: Scenario, subset: list[str], at: Period | dt.date | None
) -> ConvergenceError:
    measures = [measure for measure, label in zip(scenario.measures, scenario.labels, strict=True) if label in subset]
    result = model.solve(dataclasses.replace(scenario, measures=measures), at=at, on_failure="return")
    named = ", ".join(f"'{label}'" for label in subset) or "none"
    return ConvergenceError(
        f"the solve with only these measures in force did not converge: {named} ({result.status.reason}). "
        "The last iterate is in .result; drop or join measures so that the subset does not arise",
        result.status,
        result,
    )
