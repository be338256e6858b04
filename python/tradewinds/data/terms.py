"""Selectors as a user types them, and as the core takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from tradewinds import _core
from tradewinds.errors import DataError, ScenarioError

__all__ = ["Selector", "dated_groups", "group_terms", "merged", "terms"]

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


def dated_groups(
    selectors: Iterable[Selector], groups: Mapping[str, Sequence[str]], labels: Sequence[str]
) -> list[str]:
    """The bundled groups that selectors and the user's groups name; their members depend on a day."""
    bundled = set(_core.group_names()) - set(labels) - set(groups)
    given = [
        *(term for selector in selectors for term in terms(selector)),
        *(term for members in groups.values() for term in members),
    ]
    return [term.lstrip("!") for term in given if term.lstrip("!") in bundled]


def merged(
    labels: Sequence[str], into: Mapping[str, Selector] | None, positions: Callable[[list[str]], list[int]]
) -> list[str]:
    """The new name of every label: that of the selector that takes it, else its own.

    Raises
    ------
    DataError
        A label that two new names take.
    """
    names = list(labels)
    taken: dict[int, str] = {}
    for name, selector in (into or {}).items():
        for position in positions(terms(selector)):
            if position in taken:
                raise DataError(f"'{labels[position]}' would belong to '{taken[position]}' and to '{name}'; choose one")
            taken[position] = name
            names[position] = name
    return names
