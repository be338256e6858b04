"""Which numbers are drawn: uniform ones keyed by seed and draw, made correlated, made the inputs' values."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from tradewinds.errors import ModelError
from tradewinds.extras import extra
from tradewinds.run.correlation import correlation_matrix
from tradewinds.scenario.distributions import Distribution

__all__ = ["SEEDS", "Input", "Plan", "correlated"]

_Numbers = npt.NDArray[np.float64]
Method = Literal["sobol", "random", "saltelli"]

#: A correlation matrix may miss being positive semidefinite by rounding.
_ROUNDING = 1e-10
#: Philox takes seeds below.
SEEDS = 2**128
#: scipy's Sobol' points have this many bits: half a step keeps them off 0.
_BITS = 30


@dataclass(frozen=True)
class Input:
    """An uncertain number: its name in frames, its distribution, and what it is for the core."""

    label: str
    distribution: Distribution
    name: str
    measure: str | None = None
    entries: tuple[tuple[int, int], ...] = ()

    def record(self) -> dict[str, Any]:
        """As the core reads it."""
        return {"name": self.name, "measure": self.measure, "entries": self.entries}


@dataclass(frozen=True)
class Plan:
    """Draws by number: the values of a draw do not depend on how many are made, or where.

    "sobol": a Sobol' sequence scrambled by the seed (Owen 1998; scipy's); "random": Philox keyed by seed and
    draw (Salmon et al. 2011); "saltelli": for Sobol' indices, d + 2 draws a base point (Saltelli et al. 2010),
    of a scrambled Sobol' sequence in 2 d dimensions.
    """

    inputs: tuple[Input, ...]
    draws: int
    seed: int
    method: Method
    #: lower triangular, or the symmetric root where the matrix is singular; None: independent
    root: _Numbers | None = field(default=None, compare=False)

    @property
    def rows(self) -> int:
        """How many draws are solved."""
        return self.draws * (len(self.inputs) + 2) if self.method == "saltelli" else self.draws

    @property
    def central(self) -> _Numbers:
        return np.array([one.distribution.central for one in self.inputs])

    def blocks(self, chunks: Sequence[tuple[int, int]]) -> Iterator[_Numbers]:
        """Values of the draws of each chunk (first, one past the last), ascending: draw × input."""
        source = _Uniform(self)
        for first, last in chunks:
            yield self.values(source.rows(first, last))

    def values(self, uniform: _Numbers) -> _Numbers:
        """The inputs' values at uniform numbers."""
        if self.root is not None:
            special = extra("scipy.special", "uncertainty")
            mixed = (self.root != np.eye(len(self.root))).any(axis=1)
            uniform = np.where(mixed, special.ndtr(special.ndtri(uniform) @ self.root.T), uniform)
        return np.column_stack([one.distribution.quantile(uniform[:, k]) for k, one in enumerate(self.inputs)])


class _Uniform:
    """Rows of uniform numbers in (0, 1), asked for in ascending order."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._width = len(plan.inputs)
        self._next = 0
        self._sobol: Any = None
        if plan.method != "random":
            qmc = extra("scipy.stats.qmc", "uncertainty")
            dimensions = 2 * self._width if plan.method == "saltelli" else self._width
            self._sobol = qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(plan.seed), bits=_BITS)

    def rows(self, first: int, last: int) -> _Numbers:
        if self._plan.method == "random":
            return self._random(first, last)
        if self._plan.method == "sobol":
            return self._points(first, last)
        block = self._width + 2
        base, end = first // block, -(-last // block)
        points = self._points(base, end)
        return _saltelli(points)[first - base * block : last - base * block]

    def _points(self, first: int, last: int) -> _Numbers:
        if first < self._next:
            self._sobol.reset()
            self._next = 0
        if first > self._next:
            self._sobol.fast_forward(first - self._next)
        self._next = last
        with warnings.catch_warnings():
            # Any number of draws is taken; balance at powers of two is told by the docstring.
            warnings.simplefilter("ignore", UserWarning)
            found = self._sobol.random(last - first)
        return np.asarray(found, dtype=np.float64) + 0.5 ** (_BITS + 1)

    def _random(self, first: int, last: int) -> _Numbers:
        # A step of the counter makes four numbers.
        steps = -(-self._width // 4)
        generator = np.random.Philox(key=self._plan.seed)
        generator.advance(first * steps)
        raw = generator.random_raw((last - first) * steps * 4).reshape(last - first, steps * 4)
        return ((raw[:, : self._width] >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def _saltelli(points: _Numbers) -> _Numbers:
    """For each base point A, A with each column of B in turn, B: the order that SALib reads."""
    width = points.shape[1] // 2
    a, b = points[:, :width], points[:, width:]
    found = np.repeat(a[:, None, :], width + 2, axis=1)
    for k in range(width):
        found[:, k + 1, k] = b[:, k]
    found[:, -1, :] = b
    return found.reshape(-1, width)


def correlated(given: Any, inputs: Sequence[Input]) -> _Numbers | None:
    """The root of a correlation matrix of Gaussian scores (a Gaussian copula).

    Raises
    ------
    ModelError
        What :func:`correlation_matrix` refuses, numbers outside −1 to 1, a matrix that is not symmetric with a
        diagonal of 1, or not positive semidefinite.
    """
    if given is None:
        return None
    matrix = correlation_matrix(given, [one.label for one in inputs])
    symmetric = np.allclose(matrix, matrix.T, rtol=0, atol=_ROUNDING)
    if not (np.isfinite(matrix).all() and symmetric and np.allclose(np.diag(matrix), 1, rtol=0, atol=_ROUNDING)):
        raise ModelError("correlation is no correlation matrix; expected a symmetric one with 1 on its diagonal")
    if (np.abs(matrix) > 1).any():
        raise ModelError(f"correlation has {float(matrix[np.abs(matrix) > 1][0])}; expected −1 to 1")
    matrix = (matrix + matrix.T) / 2
    smallest = float(np.linalg.eigvalsh(matrix)[0])
    if smallest < -_ROUNDING:
        raise ModelError(
            f"correlation is not positive semidefinite (its smallest eigenvalue is {smallest:.3g}): no numbers are "
            "correlated so; bring correlations of the same inputs closer to each other"
        )
    if smallest > _ROUNDING:
        return np.asarray(np.linalg.cholesky(matrix), dtype=np.float64)
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T, dtype=np.float64)
