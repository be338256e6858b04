"""The periods of a path on an executor."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from tradewinds import _core
from tradewinds.run.batch import Chunk, run, workers

__all__ = ["elsewhere"]

#: Consecutive periods to their outcomes. It can be pickled.
Solve = Callable[[list[str]], list[Any]]


@dataclass(frozen=True)
class _Piece(Chunk):
    """Consecutive periods."""

    periods: tuple[str, ...]

    advice: ClassVar[str] = ""

    def __str__(self) -> str:
        return f"periods {self.periods[0]} to {self.periods[-1]}"


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
        The worker of a piece was lost three times.
    """
    _core.check_periods(periods)
    count = 1 if whole else min(len(periods), workers(executor))
    cuts = [len(periods) * place // count for place in range(count + 1)]
    ends = enumerate(pairwise(cuts))
    pieces = [_Piece(number, first, last, tuple(periods[first:last])) for number, (first, last) in ends]
    found: list[Any] = [None] * len(periods)
    asked = ((piece, list(piece.periods)) for piece in pieces)

    def keep(piece: Chunk, outcomes: list[Any]) -> None:
        found[piece.first : piece.last] = outcomes

    try:
        for _ in run(solve, asked, executor, keep, alone=count == 1):
            pass
    except KeyboardInterrupt:
        pass
    return found
