"""What solving has in common, whatever the model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from typing import Any, Literal, TypeVar

from tradewinds import _core
from tradewinds.errors import ConvergenceError, InfeasibleError, ModelError, ScenarioError, TradewindsError
from tradewinds.progress import bar
from tradewinds.result.result import Result
from tradewinds.run.path import Path, listed
from tradewinds.run.sweep import Sweep, named
from tradewinds.scenario.scenario import Scenario

__all__ = ["common_options", "followed", "one_of", "solved", "swept"]

R = TypeVar("R", bound=Result)


def common_options(at: Any, unsupported: str) -> dict[str, Any]:
    """What every core takes: ``at`` as text, and whether to leave out measures a model does not take."""
    one_of("unsupported", unsupported, ("raise", "leave_out"))
    day = None if at is None else str(at.date() if isinstance(at, dt.datetime) else at)
    return {"at": day, "leave_out": unsupported == "leave_out"}


def solved(model: Any, scenario: Scenario, kind: type[R], on_failure: str, options: dict[str, Any]) -> R:
    """The result of one scenario, of the class ``kind``."""
    one_of("on_failure", on_failure, ("raise", "return"))
    _check_scenario(scenario)
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
    found = model._core.solve_many([scenario._document() for scenario in members.values()], **options)
    outcomes = [
        _outcome(one, model, scenario, kind, on_failure, f"scenario '{name}': ")
        for (name, scenario), one in zip(members.items(), found, strict=True)
    ]
    return Sweep(model, members, outcomes)


def followed(
    model: Any,
    scenario: Scenario,
    periods: Sequence[Any],
    kind: type[Result],
    on_failure: str,
    unsupported: str,
    executor: Executor | None,
    progress: bool | Literal["auto"],
) -> Path:
    """The results of consecutive periods, of the class ``kind``."""
    if executor is not None:
        return _elsewhere(executor, (model, scenario, periods, kind, on_failure, unsupported, None, False))
    one_of("on_failure", on_failure, ("raise", "return"))
    _check_scenario(scenario)
    asked = listed(periods)
    leave_out = common_options(None, unsupported)["leave_out"]
    with bar("solving the path", progress, unit="solves") as watcher:
        found = _core.solve_path(model._core, scenario._document(), periods=asked, leave_out=leave_out, watcher=watcher)
    outcomes = [
        _outcome(one, model, scenario, kind, on_failure, f"period {period}: ")
        for period, one in zip(asked, found, strict=True)
    ]
    return Path(model, scenario, asked, outcomes)


def _elsewhere(executor: Executor, asked: tuple[Any, ...]) -> Path:
    """A path on an executor: one piece of work, since each period goes on from the one before."""
    if not callable(getattr(executor, "submit", None)):
        raise ModelError(f"executor is a {type(executor).__name__}; expected a concurrent.futures.Executor")
    try:
        future = executor.submit(followed, *asked)
    except RuntimeError as error:
        raise ModelError(f"the executor takes no more work ({error}); give one that is open") from error
    try:
        return future.result()
    finally:
        # Where waiting was interrupted; without effect on what is done.
        future.cancel()


def _outcome(
    found: Any, model: Any, scenario: Scenario, kind: type[Result], on_failure: str, whose: str
) -> Result | TradewindsError:
    """A member of several: its result, or why there is none."""
    if isinstance(found, TradewindsError):
        if on_failure == "raise" or not isinstance(found, InfeasibleError):
            found.args = (f"{whose}{found}",)
            raise found
        return found
    result = kind(found, model, scenario)
    return _converged(result, whose) if on_failure == "raise" else result


def _check_scenario(scenario: Any) -> None:
    if not isinstance(scenario, Scenario):
        raise ScenarioError(f"scenario is a {type(scenario).__name__}; make one with tw.Scenario(name, [measures])")


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
