"""Errors: each says what was given, what was expected, where, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tradewinds.result.result import Result
    from tradewinds.result.status import Status

__all__ = [
    "ConvergenceError",
    "DataError",
    "IdentificationWarning",
    "InfeasibleError",
    "ModelError",
    "ScenarioError",
    "TradewindsError",
]


class TradewindsError(Exception):
    """Base of all errors of this package."""


class DataError(TradewindsError, ValueError):
    """Flows, labels, periods, elasticities or tariffs that can't be used."""


class ScenarioError(TradewindsError, ValueError):
    """Measures, dates, selectors or scenario files that can't be used."""


class ModelError(TradewindsError, ValueError):
    """A measure or a setting that the model does not take."""


class InfeasibleError(TradewindsError):
    """No equilibrium exists. ``countries`` names those concerned."""

    countries: list[str]

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.countries = []


class ConvergenceError(TradewindsError):
    """A solve did not converge. Carries its ``status`` and, as ``result``, the last iterate."""

    def __init__(self, message: str, status: Status, result: Result) -> None:
        super().__init__(message)
        self.status = status
        self.result = result

    def __reduce__(self) -> tuple[type[ConvergenceError], tuple[str, Status, Result]]:
        return type(self), (str(self), self.status, self.result)


class IdentificationWarning(UserWarning):
    """The data do not tell fitted parameters apart."""
