"""Questions as the titles of pictures say them."""

from __future__ import annotations

from typing import Any

from tradewinds.result.ask import Question
from tradewinds.view.plot.accessor import name_of

__all__ = ["told"]

#: What stands before the countries of a selector.
_WORDS = {
    "exporter": "of",
    "importer": "into",
    "importers": "to",
    "away": "away from",
    "toward": "toward",
    "reference": "against",
}


def told(question: Question) -> str:
    """Such as "share_shift of RUS away from EU27 toward CHN"."""
    return " ".join([question.name, *(_said(key, given) for key, given in question.arguments if given is not None)])


def _said(key: str, given: Any) -> str:
    if key in _WORDS:
        return f"{_WORDS[key]} {name_of(given)}"
    if key == "by":
        return f"by {given}"
    return "against another result" if key == "against" else f"{key}={given}"
