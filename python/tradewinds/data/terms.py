"""Selectors as a user types them, and as the core takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tradewinds.errors import ScenarioError

__all__ = ["Selector", "group_terms", "terms"]

#: A name, or a list of names: labels of the data, codes and names of countries, groups, first digits of
#: HS codes; "*" is all, a "!" in front takes away. A list that only takes away starts from all.
Selector = str | Sequence[str]


def terms(selector: Selector) -> list[str]:
    """The terms of a selector, in order."""
    if not isinstance(selector, Iterable):
        raise ScenarioError(f'a selector is {selector!r}; expected a name, a list of names, or "*" for all')
    given = [selector] if isinstance(selector, str) else list(selector)
    wrong = [term for term in given if not isinstance(term, str)]
    if wrong or not given:
        what = f"{wrong[0]!r}" if wrong else "an empty list"
        raise ScenarioError(f'a selector has {what}; expected names, or "*" for all')
    return given


def group_terms(groups: Mapping[str, Sequence[str]] | None) -> dict[str, list[str]]:
    """The user's groups of countries, as the core takes them."""
    return {name: terms(members) for name, members in (groups or {}).items()}
