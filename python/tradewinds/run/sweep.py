"""Many scenarios against one baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tradewinds.errors import ScenarioError
from tradewinds.run.members import Members, Outcome
from tradewinds.scenario.scenario import Scenario

if TYPE_CHECKING:
    from tradewinds.model.model import Model

__all__ = ["Sweep", "named"]

#: So many members that were not solved have a line.
_SHOWN = 20


class Sweep(Members):
    """Scenarios solved against one baseline. Asks every question of :class:`Result`.

    Every frame is that of :class:`Result` with a leading column ``scenario``, in the order the
    scenarios were given. Members that failed are in :attr:`status` with the reason, and in no other
    frame.

    Attributes
    ----------
    scenarios : dict of name to Scenario
    results : dict of name to Result
        Of the members that were solved.
    partial : bool
        Whether Ctrl-C ended it before all members were solved; :attr:`status` says which are not.
    """

    def __init__(
        self,
        model: Model,
        scenarios: Mapping[str, Scenario],
        outcomes: Sequence[Outcome],
    ) -> None:
        super().__init__(model, dict(zip(scenarios, outcomes, strict=True)), "scenario")
        self.scenarios = dict(scenarios)

    def __repr__(self) -> str:
        stopped = ", PARTIAL: stopped by Ctrl-C" if self.partial else ""
        head = f"<tradewinds.Sweep: {len(self.results)} of {len(self)} scenarios solved{stopped}, {self.model!r}>"
        failures = self._failures()
        more = [f"… and {len(failures) - _SHOWN} more in .status"] if len(failures) > _SHOWN else []
        return "\n".join([head, *(f"  {line}" for line in failures[:_SHOWN] + more)])


def named(scenarios: Mapping[str, Scenario] | Sequence[Scenario]) -> dict[str, Scenario]:
    """The scenarios of a sweep by name.

    Raises
    ------
    ScenarioError
        None at all, something that is not a scenario, two of one name.
    """
    if isinstance(scenarios, Scenario):
        raise ScenarioError("scenarios is a single scenario; give a list, or a mapping of names to scenarios")
    pairs = (
        list(scenarios.items())
        if isinstance(scenarios, Mapping)
        else [(getattr(scenario, "name", ""), scenario) for scenario in scenarios]
    )
    found: dict[str, Scenario] = {}
    for place, (name, scenario) in enumerate(pairs):
        if not isinstance(scenario, Scenario):
            raise ScenarioError(
                f"scenario {place} is a {type(scenario).__name__}; make one with tw.Scenario(name, [measures])"
            )
        if not isinstance(name, str):
            raise ScenarioError(f"scenario {place} is called {name!r}; a name is text")
        if name in found:
            raise ScenarioError(
                f"two scenarios are called '{name}'; give each a name of its own, or a mapping of names to scenarios"
            )
        found[name] = scenario
    if not found:
        raise ScenarioError("there are no scenarios; give at least one")
    return found
