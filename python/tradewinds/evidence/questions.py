"""Questions as the core reads them."""

from __future__ import annotations

import inspect
import json
from typing import Any

from tradewinds import _core
from tradewinds.data.flow_columns import UNDATED
from tradewinds.data.terms import group_terms, terms
from tradewinds.errors import ModelError
from tradewinds.model.spatial import CURVES
from tradewinds.result.ask import Question
from tradewinds.result.document import document as as_json
from tradewinds.result.result import Result
from tradewinds.scenario.scenario import Scenario

__all__ = ["ANSWERS", "document", "places"]

#: Questions whose rows are the same under every scenario, so that answers can be subtracted.
ANSWERS = (
    "flows",
    "prices",
    "shares",
    "share_shift",
    "destinations",
    "diversion",
    "revenue",
    "concentration",
    "welfare",
    "real_income",
)
_WELFARE = ("country", "commodity", "country_commodity")
_SELECTORS = ("exporter", "importer", "importers", "away", "toward", "reference")


def document(question: Question) -> tuple[str, _core.Solution | None]:
    """The question as JSON, and the other solution of a diversion.

    Raises
    ------
    ModelError
        Something that is not a question, or one whose rows depend on the measures.
    """
    if not isinstance(question, Question):
        raise ModelError(f"question is a {type(question).__name__}; make one with tw.ask('share_shift', ...)")
    name = "flows" if question.name == "to_frame" else question.name
    if name not in ANSWERS:
        raise ModelError(
            f"the rows of '{name}' depend on the measures, so its answers can't be compared; ask {', '.join(ANSWERS)}"
        )
    arguments = _arguments(name, dict(question.arguments))
    against = arguments.pop("against", None)
    return as_json(name, arguments), None if against is None else against._core


def places(asked: str, model: Any, scenario: Scenario) -> dict[str, Any]:
    """The question of :func:`document` with the positions of countries that its selectors take, by any name."""
    curves = model.period == CURVES
    flows = model.flows._core if curves else model.flows._dated(model.period)
    day, groups = flows.last_day([UNDATED if curves else str(model.period)]), group_terms(scenario.groups)
    return {
        key: flows.select_countries(value, groups, day) if key in _SELECTORS and value is not None else value
        for key, value in json.loads(asked).items()
    }


def _check_welfare(arguments: dict[str, Any]) -> None:
    method, by = arguments.pop("method"), arguments["by"]
    if method != "exact":
        raise ModelError(
            f"welfare is asked with method={method!r}, which only a single result answers; leave method out, and call "
            "result.welfare(method=...) of the results that you want it of"
        )
    if by not in _WELFARE:
        raise ModelError(
            f"welfare is asked with by={by!r}; of many solves it comes by {', '.join(map(repr, _WELFARE))}. Call "
            f"result.welfare(by={by!r}) of the results that you want it of"
        )


def _arguments(name: str, given: dict[str, Any]) -> dict[str, Any]:
    asked = getattr(Result, name, None)
    if not inspect.isfunction(asked):
        return {}
    bound = inspect.signature(asked).bind(None, **given)
    bound.apply_defaults()
    arguments = {key: value for key, value in bound.arguments.items() if key != "self"}
    if name == "welfare":
        _check_welfare(arguments)
    if name == "concentration" and arguments["exporter"] is None and arguments["importer"] is None:
        arguments = {"exporter": "*", "importer": "*"}
    return {key: terms(value) if key in _SELECTORS and value is not None else value for key, value in arguments.items()}
