"""What solving has in common, whatever the model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from tradewinds.errors import ConvergenceError, InfeasibleError, ModelError, ScenarioError, TradewindsError
from tradewinds.result.result import Result
from tradewinds.run.sweep import Sweep, named
from tradewinds.scenario.scenario import Scenario

__all__ = ["common_options", "one_of", "solved", "swept"]

R = TypeVar("R", bound=Result)


def common_options(at: Any, unsupported: str) -> dict[str, Any]:
    """What every core takes: ``at`` as text, and whether to leave out measures a model does not take."""
    one_of("unsupported", unsupported, ("raise", "leave_out"))
    day = None if at is None else str(at.date() if isinstance(at, dt.datetime) else at)
    return {"at": day, "leave_out": unsupported == "leave_out"}


def solved(model: Any, scenario: Scenario, kind: type[R], on_failure: str, options: dict[str, Any]) -> R:
    """The result of one scenario, of the class ``kind``."""
    one_of("on_failure", on_failure, ("raise", "return"))
    if not isinstance(scenario, Scenario):
        raise ScenarioError(f"scenario is a {type(scenario).__name__}; make one with tw.Scenario(name, [measures])")
    result = kind(model._core.solve(scenario._document(), **options), model, scenario)
    return _converged(result) if on_failure == "raise" else result


def swept(
    model: Any,
    scenarios: Mapping[str, Scenario] | Sequence[Scenario],
    kind: type[Result],
    on_failure: str,
    options: dict[str, Any],
) -> Sweep:
    """The results of many scenarios, of the class ``kind``."""
    one_of("on_failure", on_failure, ("raise", "return"))
    members = named(scenarios)
    outcomes: list[Result | TradewindsError] = []
    found = model._core.solve_many([scenario._document() for scenario in members.values()], **options)
    for (name, scenario), one in zip(members.items(), found, strict=True):
        if isinstance(one, TradewindsError):
            if on_failure == "raise" or not isinstance(one, InfeasibleError):
                one.args = (f"scenario '{name}': {one}",)
                raise one
            outcomes.append(one)
            continue
        result = kind(one, model, scenario)
        outcomes.append(_converged(result, f"scenario '{name}': ") if on_failure == "raise" else result)
    return Sweep(model, members, outcomes)


def one_of(name: str, given: Any, allowed: tuple[Any, ...]) -> None:
    """Refuses what is not among the allowed values."""
    if given not in allowed:
        raise ModelError(f"{name} is {given!r}; expected {' or '.join(repr(value) for value in allowed)}")


def _converged(result: R, whose: str = "") -> R:
    if result.status.converged:
        return result
    raise ConvergenceError(
        f"{whose}the solve did not converge: {result.status.reason} (residual {result.status.residual:.1e}). "
        'The last iterate is in .result; on_failure="return" gives it back instead',
        result.status,
        result,
    )
