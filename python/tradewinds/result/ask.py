"""Questions as values: frozen, picklable, asked of any result."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tradewinds.errors import ModelError
from tradewinds.result.many import Many
from tradewinds.result.result import ELSEWHERE, Result

__all__ = ["Question", "ask", "compare"]


@dataclass(frozen=True)
class Question:
    """A question of :class:`Result` with its arguments. Call it with a result, with several, or with an ensemble."""

    name: str
    arguments: tuple[tuple[str, Any], ...] = ()

    def __call__(self, result: Any) -> Any:
        """The frame."""
        asked = getattr(result, self.name)
        return asked(**dict(self.arguments)) if callable(asked) else asked

    def __repr__(self) -> str:
        return f"ask({', '.join([repr(self.name), *(f'{key}={value!r}' for key, value in self.arguments)])})"


def ask(name: str, **arguments: Any) -> Question:
    """A question to ask later, of one result or of many.

    Parameters
    ----------
    name : str
        A question of :class:`Result`: "share_shift", "welfare", "flows", …
    **arguments
        Its arguments, by name.

    Returns
    -------
    Question
        Frozen and picklable; ``question(result)`` gives the frame.

    Raises
    ------
    ModelError
        No such question, or arguments it does not take.

    Examples
    --------
    >>> tw.ask("share_shift", exporter="RUS", away="EU27", toward="CHN")
    ask('share_shift', exporter='RUS', away='EU27', toward='CHN')
    """
    known = [key for key in vars(Many) if not key.startswith("_")]
    if name not in known and name not in ELSEWHERE:
        near = difflib.get_close_matches(name, known, 1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise ModelError(f"there is no question '{name}'; there are {', '.join(known)}.{hint}")
    asked = getattr(Result, name, None)
    try:
        if inspect.isfunction(asked):
            inspect.signature(asked).bind(None, **arguments)
        elif asked is not None and arguments:
            raise TypeError("it takes no arguments")
    except TypeError as error:
        raise ModelError(f"the question '{name}' can't be asked so: {error}") from None
    return Question(name, tuple((key, _frozen(value)) for key, value in arguments.items()))


def compare(results: Mapping[str, Result], question: Question) -> Any:
    """One question to several results: its frames one below the other, with a leading column ``model``.

    Parameters
    ----------
    results : mapping of name to Result
    question : Question
        See :func:`ask`.

    Raises
    ------
    ModelError
        No results, or something that is not one.
    """
    wrong = [name for name, result in results.items() if not isinstance(result, Result)]
    if wrong or not results:
        what = f"'{wrong[0]}' is a {type(results[wrong[0]]).__name__}" if wrong else "there are no results"
        raise ModelError(f"{what}; give a mapping of names to results")
    return question(Many(results, "model"))


def _frozen(value: Any) -> Any:
    """Lists of names as tuples, so that a question can't change."""
    return tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
