"""How a solve ended."""

from __future__ import annotations

from dataclasses import dataclass

from tradewinds import _core

__all__ = ["Status"]


@dataclass(frozen=True)
class Status:
    """How a solve ended.

    ``residual`` is the largest relative error of market clearing and demand, as recomputed from the
    reported flows. ``modulus`` bounds the contraction of the price map: below 1, errors of prices
    are about residual/(1 − modulus). ``objective`` is the quasi-welfare that the spatial model
    maximises, None for a model that maximises nothing.
    """

    converged: bool
    iterations: int
    residual: float
    reason: str
    modulus: float
    objective: float | None = None

    @classmethod
    def of(cls, core: _core.Solution) -> Status:
        """The status that the core says."""
        converged, iterations, residual, modulus, reason = core.status()
        return cls(converged, iterations, residual, reason, modulus)
