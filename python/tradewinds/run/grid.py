"""Every combination of sizes of measures as a scenario of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from tradewinds.errors import ScenarioError
from tradewinds.scenario.scenario import Scenario

__all__ = ["grid"]


def grid(scenario: Scenario, sizes: Mapping[str, Iterable[Any]]) -> dict[str, Scenario]:
    """The scenario with every combination of the given parameters, by name, for ``model.sweep``.

    Parameters
    ----------
    scenario : Scenario
    sizes : mapping of "measure.parameter" to values
        The measure named as in ``scenario.labels``; the last one varies fastest.

    Returns
    -------
    dict of name to Scenario
        Named "measure.parameter=value", joined by commas.

    Raises
    ------
    ScenarioError
        No such measure or parameter, no values, a value given twice, one that is not admissible; names of
        measures, which tell them apart.

    Examples
    --------
    >>> ban = tw.Ban(exporters="RUS", importers="EU27", commodities="crude", name="ban")
    >>> list(tw.grid(tw.Scenario("embargo", [ban]), {"ban.coverage": [0.5, 1.0]}))
    ['ban.coverage=0.5', 'ban.coverage=1.0']
    """
    if not isinstance(scenario, Scenario):
        raise ScenarioError(f"scenario is a {type(scenario).__name__}; make one with tw.Scenario(name, [measures])")
    if not sizes:
        raise ScenarioError('there are no sizes; give such as {"measure.coverage": [0.5, 1.0]}')
    axes = [[(key, *_split(scenario, key), value) for value in _values(key, given)] for key, given in sizes.items()]
    made: dict[str, Scenario] = {}
    called: dict[Scenario, str] = {}
    for combination in itertools.product(*axes):
        name = ", ".join(f"{key}={value}" for key, _, _, value in combination)
        changed = scenario
        for _, label, parameter, value in combination:
            changed = changed.replace(label, **{parameter: value})
        if name in made:
            raise ScenarioError(f"the grid has '{name}' twice; give each value once")
        if changed in called:
            raise ScenarioError(
                f"the grid has '{called[changed]}' and '{name}', which are the same scenario; give each value once"
            )
        made[name], called[changed] = changed, name
    return made


def _split(scenario: Scenario, key: str) -> tuple[str, str]:
    """The label, which may have points of its own, and the parameter."""
    label, point, parameter = key.rpartition(".")
    if not point:
        raise ScenarioError(f"'{key}' names no parameter; write measure.parameter, such as '{key}.coverage'")
    measure = scenario.measures[scenario._place(label)]
    if parameter == "name":
        raise ScenarioError(f"'{key}' would rename '{label}', and a name changes no answer; vary another parameter")
    if parameter not in measure.__dataclass_fields__:
        own = ", ".join(measure.sizes)
        raise ScenarioError(f"'{label}' has no parameter '{parameter}'; its sizes are {own}")
    return label, parameter


def _values(key: str, given: Any) -> list[Any]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise ScenarioError(f"the values of '{key}' are {given!r}; expected a list")
    values = list(given)
    if not values:
        raise ScenarioError(f"'{key}' has no values; give at least one")
    return values
