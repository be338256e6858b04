"""Many scenarios against one baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tradewinds.data.table import frame
from tradewinds.errors import ScenarioError, TradewindsError
from tradewinds.result.many import Many
from tradewinds.result.result import Result
from tradewinds.result.status import Status
from tradewinds.scenario.scenario import Scenario

if TYPE_CHECKING:
    from tradewinds.model.armington import Armington
    from tradewinds.model.general import CaliendoParro, Gravity
    from tradewinds.model.spatial import Spatial

__all__ = ["Sweep", "named"]

_UNITS = {"iterations": "1", "residual": "relative"}


class Sweep(Many):
    """Scenarios solved against one baseline. Asks every question of :class:`Result`.

    Every frame is that of :class:`Result` with a leading column ``scenario``, in the order the
    scenarios were given. Members that failed are in :attr:`status` with the reason, and in no other
    frame.

    Attributes
    ----------
    scenarios : dict of name to Scenario
    results : dict of name to Result
        Of the members that were solved.
    """

    def __init__(
        self,
        model: Armington | Spatial | CaliendoParro | Gravity,
        scenarios: Mapping[str, Scenario],
        outcomes: Sequence[Outcome],
    ) -> None:
        by_name = dict(zip(scenarios, outcomes, strict=True))
        solved = {name: found for name, found in by_name.items() if isinstance(found, Result)}
        super().__init__({name: result for name, result in solved.items() if result.status.converged}, "scenario")
        self.model = model
        self.scenarios = dict(scenarios)
        self._outcomes = by_name

    @property
    def status(self) -> Any:
        """How each member ended: ``scenario, converged, iterations, residual, reason``.

        ``reason`` is "converged", why the solver stopped, or why there is no equilibrium; then
        iterations are 0 and the residual is missing.
        """
        found = [_status(outcome) for outcome in self._outcomes.values()]
        columns = {
            "scenario": list(self._outcomes),
            "converged": [status.converged for status in found],
            "iterations": [status.iterations for status in found],
            "residual": [status.residual for status in found],
            "reason": [status.reason for status in found],
        }
        return frame((columns, _UNITS), self.model.flows._backend)

    def __len__(self) -> int:
        return len(self._outcomes)

    def __getitem__(self, name: str) -> Result:
        if name in self.results:
            return self.results[name]
        if name in self._outcomes:
            raise KeyError(f"'{name}' was not solved: {_status(self._outcomes[name]).reason}")
        raise KeyError(f"no scenario is called '{name}'; there are {', '.join(self._outcomes)}")

    def __repr__(self) -> str:
        failed = {name: found for name, found in self._outcomes.items() if name not in self.results}
        head = f"<tradewinds.Sweep: {len(self.results)} of {len(self)} scenarios solved, {self.model!r}>"
        return "\n".join([head, *(f"  {name}: {_status(found).reason}" for name, found in failed.items())])


Outcome = Result | TradewindsError


def _status(outcome: Outcome) -> Status:
    if isinstance(outcome, Result):
        return outcome.status
    return Status(converged=False, iterations=0, residual=float("nan"), reason=str(outcome), modulus=float("nan"))


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
