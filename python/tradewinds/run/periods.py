"""The periods of a path on an executor."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from itertools import pairwise
from typing import Any

from tradewinds import _core
from tradewinds.errors import ModelError, TradewindsError
from tradewinds.run.batch import one_thread, workers

__all__ = ["elsewhere"]

#: Consecutive periods to their outcomes. It can be pickled.
Solve = Callable[[list[str]], list[Any]]


def elsewhere(executor: Executor, solve: Solve, periods: list[str], *, whole: bool) -> list[Any]:
    """The outcomes of all periods: in one piece where each goes on from the one before, else a piece a worker.

    After Ctrl-C None for those whose piece is not finished.

    Raises
    ------
    ScenarioError
        Periods that do not follow on each other.
    ModelError
        Something that is no executor, or one that is shut down.
    TradewindsError
        A worker was lost.
    """
    if not callable(getattr(executor, "submit", None)):
        raise ModelError(f"executor is a {type(executor).__name__}; expected a concurrent.futures.Executor")
    _core.check_periods(periods)
    count = 1 if whole else min(len(periods), workers(executor))
    cuts = [len(periods) * place // count for place in range(count + 1)]
    parts = [periods[first:last] for first, last in pairwise(cuts)]
    tasks: dict[int, Future[list[Any]]] = {}
    try:
        for place, part in enumerate(parts):
            tasks[place] = _submitted(executor, solve, part, os.getpid() if count > 1 else None)
        return [one for task in tasks.values() for one in task.result()]
    except BrokenExecutor as error:
        raise TradewindsError(
            f"a worker of the path was lost ({error}); does it have enough memory? Give an executor that is whole"
        ) from error
    except KeyboardInterrupt:
        return [one for place, part in enumerate(parts) for one in _finished(part, tasks.get(place))]
    finally:
        # Where waiting ended before all was done; without effect on what is.
        for task in tasks.values():
            task.cancel()


def _submitted(executor: Executor, *task: Any) -> Future[list[Any]]:
    try:
        return executor.submit(_remote, *task)
    except BrokenExecutor:
        raise
    except RuntimeError as error:
        raise ModelError(f"the executor takes no more work ({error}); give one that is open") from error


def _remote(solve: Solve, periods: list[str], caller: int | None) -> list[Any]:
    """Runs in a worker; beside others on one thread."""
    if caller is not None:
        one_thread(caller)
    return solve(periods)


def _finished(periods: list[str], task: Future[list[Any]] | None) -> list[Any]:
    if task is not None and task.done() and not task.cancelled() and task.exception() is None:
        return task.result()
    return [None] * len(periods)
