"""``result.plot``: one method a question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tradewinds.data.terms import Selector, terms

if TYPE_CHECKING:
    from tradewinds.result.result import Result

__all__ = ["Plot"]


class Plot:
    """Pictures of a result. Each draws exactly the frame of its question and returns the Axes."""

    def __init__(self, result: Result) -> None:
        self._result = result

    def shares(self, exporter: Selector, *, ax: Any = None) -> Any:
        """Shares of the exporter's sales by destination, before and after.

        Destinations below 2 % both before and after are drawn as one.
        """
        from tradewinds.view.plot.shares import draw

        return draw(self._result.shares(exporter), _name(exporter), self._title(), ax)

    def share_shift(self, exporter: Selector, away: Selector, toward: Selector, *, ax: Any = None) -> Any:
        """How far the exporter's sales moved away from some importers and toward others."""
        from tradewinds.view.plot.share_shift import draw

        shift = self._result.share_shift(exporter, away, toward)
        return draw(shift, (_name(exporter), _name(away), _name(toward)), self._title(), ax)

    def _title(self) -> str:
        at = self._result.settings["at"]
        failed = "" if self._result.status.converged else "NOT CONVERGED: "
        return failed + self._result.scenario.name + (f", {at}" if at else "")


def _name(selector: Selector) -> str:
    given = terms(selector)
    kept = [term for term in given if not term.startswith("!")] or ["all"]
    away = [term[1:] for term in given if term.startswith("!")]
    return " + ".join("all" if term == "*" else term for term in kept) + (f" without {', '.join(away)}" if away else "")
