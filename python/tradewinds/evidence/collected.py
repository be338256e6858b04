"""What is kept of draws: their status, and all their numbers or sketches of these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tradewinds import _core
from tradewinds.run.batch import Chunk, Outcome

__all__ = ["Collected"]

_Numbers = npt.NDArray[np.float64]


class Collected:
    """Outcomes of chunks, added in the order of their draws.

    A draw takes 13 bytes a period for its status and one more, and 8 a number of its answers where they are
    kept. Where they are not, a sketch a number takes about 24 kB, whatever the number of draws.
    """

    def __init__(self, draws: int, periods: int, cells: int, *, keep: bool) -> None:
        self.done = np.zeros(draws, dtype=np.bool_)
        self.converged = np.zeros((draws, periods), dtype=np.bool_)
        self.iterations = np.zeros((draws, periods), dtype=np.uint32)
        self.residual = np.full((draws, periods), np.nan)
        self.reasons: dict[tuple[int, int], str] = {}
        self.left_out = 0
        self.kept = np.full((draws, cells), np.nan) if keep else None
        self._sketches = None if keep else _core.Sketches(cells)

    def add(self, chunk: Chunk, outcome: Outcome) -> None:
        place = slice(chunk.first, chunk.last)
        self.converged[place] = outcome.converged
        self.iterations[place] = outcome.iterations
        self.residual[place] = outcome.residual
        self.reasons.update(((chunk.first + row, period), reason) for row, period, reason in outcome.reasons)
        self.left_out += outcome.left_out
        if self.kept is not None:
            self.kept[place] = outcome.answers
        elif self._sketches is not None:
            self._sketches.add(outcome.answers)
        # Last: what Ctrl-C interrupts is not done.
        self.done[place] = True

    def quantiles(self, orders: Sequence[float]) -> _Numbers:
        """Order × number of the answers."""
        if self.kept is not None:
            return _core.exact_quantiles(self.kept, list(orders))
        assert self._sketches is not None
        return self._sketches.quantiles(list(orders))

    @property
    def error(self) -> float:
        """What an order may be off by, exceeded with probability 0.01 at most; 0: quantiles are exact."""
        return 0.0 if self._sketches is None else self._sketches.error

    @property
    def failed(self) -> int:
        """Draws without a solution, of whole paths in some period."""
        return int(self.done.sum() - self.converged.all(axis=1).sum())

    def commonest(self, most: int) -> list[tuple[str, int]]:
        """Reasons of failures with how many draws have them."""
        return Counter(self.reasons.values()).most_common(most)
