"""Several solves that belong together: the results of those that were solved, how each ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tradewinds.data.table import frame
from tradewinds.errors import TradewindsError
from tradewinds.result.many import Many
from tradewinds.result.result import Result
from tradewinds.result.status import Status

if TYPE_CHECKING:
    from tradewinds.model.model import Model

__all__ = ["Members", "Outcome", "Stopped"]

Outcome = Result | TradewindsError

_UNITS = {"iterations": "1", "residual": "relative"}


class Stopped(TradewindsError):
    """The outcome of a member that Ctrl-C kept from being solved."""

    def __init__(self, message: str = "stopped by Ctrl-C before it was solved") -> None:
        super().__init__(message)


class Members(Many):
    """Named outcomes of one model. Those that failed are in ``status``, and in no other frame."""

    def __init__(self, model: Model, outcomes: Mapping[str, Outcome], column: str) -> None:
        solved = {name: found for name, found in outcomes.items() if isinstance(found, Result)}
        super().__init__({name: result for name, result in solved.items() if result.status.converged}, column)
        self.model = model
        self.partial = any(isinstance(outcome, Stopped) for outcome in outcomes.values())
        self._outcomes = dict(outcomes)

    @property
    def status(self) -> Any:
        """How each ended: its name, ``converged, iterations, residual, reason``.

        ``reason`` is "converged", why the solver stopped, or why there is no equilibrium; then
        iterations are 0 and the residual is missing.
        """
        found = [status_of(outcome) for outcome in self._outcomes.values()]
        columns = {
            self._column: list(self._outcomes),
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
            raise KeyError(f"'{name}' was not solved: {status_of(self._outcomes[name]).reason}")
        raise KeyError(f"no {self._column} is called '{name}'; there are {', '.join(self._outcomes)}")

    def _failures(self) -> list[str]:
        """A line each that was not solved."""
        failed = {name: found for name, found in self._outcomes.items() if name not in self.results}
        return [f"{name}: {status_of(found).reason}" for name, found in failed.items()]


def status_of(outcome: Outcome) -> Status:
    """How a member ended."""
    if isinstance(outcome, Result):
        return outcome.status
    return Status(converged=False, iterations=0, residual=float("nan"), reason=str(outcome), modulus=float("nan"))
