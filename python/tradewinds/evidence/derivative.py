"""How an answer moves with a parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tradewinds import _core
from tradewinds.data.table import frame
from tradewinds.evidence.parameter import Parameter, documents
from tradewinds.evidence.questions import document
from tradewinds.result.ask import Question

if TYPE_CHECKING:
    from tradewinds.result.result import Result

__all__ = ["derivative"]


def derivative(result: Result, question: Question, parameters: Parameter | Sequence[Parameter]) -> Any:
    """See :meth:`Result.derivative`."""
    json, against = document(question)
    question(result)
    answer = _core.derivative(result._core, json, against, documents(parameters)[1])
    return frame(answer, result.model.flows._backend)
