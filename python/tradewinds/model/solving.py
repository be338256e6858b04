"""What solving has in common, whatever the model."""

from __future__ import annotations

import datetime as dt
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any, Literal, TypeVar

from tradewinds import _core
from tradewinds.errors import ConvergenceError, InfeasibleError, ModelError, ScenarioError, TradewindsError
from tradewinds.progress import bar, check_progress
from tradewinds.result.result import Result
from tradewinds.run.members import Stopped
from tradewinds.run.path import Path, listed
from tradewinds.run.periods import elsewhere
from tradewinds.run.sweep import Sweep, named
from tradewinds.scenario.scenario import Scenario

__all__ = ["common_options", "followed", "one_of", "solved", "swept"]

R = TypeVar("R", bound=Result)
T = TypeVar("T")

#: What a part of a sweep should take: Ctrl-C loses one that is not finished. The next one is larger by so much at most.
_PART_SECONDS = 0.5
_GROWTH = 4


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
    progress: bool | Literal["auto"],
    options: dict[str, Any],
) -> Sweep:
    """The results of many scenarios, of the class ``kind``."""
    one_of("on_failure", on_failure, ("raise", "return"))
    members = named(scenarios)
    outcomes: list[Result | TradewindsError] = []
    with bar("solving the sweep", progress, unit="scenarios") as watcher:
        try:
            for part in _parts(list(members.items())):
                found = model._core.solve_many([scenario._document() for _, scenario in part], **options)
                outcomes += [
                    _outcome(one, model, scenario, kind, on_failure, f"scenario '{name}': ")
                    for (name, scenario), one in zip(part, found, strict=True)
                ]
                if watcher is not None:
                    watcher(len(outcomes), len(members))
        except KeyboardInterrupt:
            if on_failure == "raise" or not outcomes:
                raise
            told = f"stopped by Ctrl-C: {len(outcomes)} of {len(members)} scenarios are finished"
            warnings.warn(told, RuntimeWarning, stacklevel=4)
    return Sweep(model, members, [*outcomes, *(Stopped() for _ in range(len(members) - len(outcomes)))])


def _parts(members: list[T]) -> Iterator[list[T]]:
    """Some after the other, as many as take about half a second. Cutting changes no bit, so it may follow the clock."""
    first, size = 0, _core.threads()
    while first < len(members):
        start = time.perf_counter()
        yield members[first : first + size]
        first += size
        share = _PART_SECONDS / max(time.perf_counter() - start, 1e-9)
        size = max(_core.threads(), int(size * min(share, _GROWTH)))


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
    one_of("on_failure", on_failure, ("raise", "return"))
    _check_scenario(scenario)
    asked = listed(periods)
    solve = partial(_solved_periods, model, scenario, kind, on_failure, unsupported)
    if executor is None:
        with bar("solving the path", progress, unit="solves") as watcher:
            found = solve(asked, watcher)
    else:
        check_progress(progress)
        adjusts = any(parameter.horizon is not None for parameter in model.parameters.values())
        found = elsewhere(executor, solve, asked, whole=adjusts)
    outcomes = [one for one in found if one is not None]
    if len(outcomes) < len(asked):
        if on_failure == "raise" or not outcomes:
            raise KeyboardInterrupt
        told = f"stopped by Ctrl-C: {len(outcomes)} of {len(asked)} periods are finished"
        warnings.warn(told, RuntimeWarning, stacklevel=3)
    return Path(model, scenario, asked, [Stopped() if one is None else one for one in found])


def _solved_periods(
    model: Any,
    scenario: Scenario,
    kind: type[Result],
    on_failure: str,
    unsupported: str,
    periods: list[str],
    watcher: Any = None,
) -> list[Result | TradewindsError | None]:
    """The outcome of each period; None where Ctrl-C came first."""
    leave_out = common_options(None, unsupported)["leave_out"]
    asked: dict[str, Any] = {"periods": periods, "leave_out": leave_out, "watcher": watcher}
    found = _core.solve_path(model._core, scenario._document(), **asked)
    return [
        None
        if isinstance(one, KeyboardInterrupt)
        else _outcome(one, model, scenario, kind, on_failure, f"period {period}: ")
        for period, one in zip(periods, found, strict=True)
    ]


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
