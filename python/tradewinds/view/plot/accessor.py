"""``result.plot``: one method a question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tradewinds.data.terms import Selector, group_terms, terms

if TYPE_CHECKING:
    from tradewinds.result.result import Result

__all__ = ["Plot", "name_of"]


class Plot:
    """Pictures of a result. Each draws exactly the frame of its question and returns the Axes."""

    def __init__(self, result: Result) -> None:
        self._result = result

    def shares(self, exporter: Selector, *, ax: Any = None) -> Any:
        """Shares of the exporter's sales by destination, before and after.

        Destinations below 2 % both before and after are drawn as one.
        """
        from tradewinds.view.plot.shares import draw

        return draw(self._result.shares(exporter), name_of(exporter), self._title(), ax)

    def share_shift(self, exporter: Selector, away: Selector, toward: Selector, *, ax: Any = None) -> Any:
        """How far the exporter's sales moved away from some importers and toward others."""
        from tradewinds.view.plot.share_shift import draw

        shift = self._result.share_shift(exporter, away, toward)
        return draw(shift, (name_of(exporter), name_of(away), name_of(toward)), self._title(), ax)

    def revenue(
        self, exporter: Selector, *, commodity: str | None = None, reference: Selector | None = None, ax: Any = None
    ) -> Any:
        """Why the exporter's revenue changed: from before to after, a step a cause.

        A block of bars a commodity, or the one of ``commodity``.
        """
        from tradewinds.view.plot.revenue import draw

        frame = self._result.revenue(exporter, reference=reference)
        return draw(frame, name_of(exporter), self._title(), commodity, ax)

    def sankey(self, exporter: Selector, *, commodities: Selector = "*", top: int = 10) -> Any:
        """To whom the exporter sold before, and to whom it sells after: an interactive picture.

        Left the destinations before, in the middle what is sold, right the destinations after, with
        what is not produced any more: the frame of :meth:`Result.destinations`. All widths are in one
        unit, money at baseline prices, so that a change of width is a change of the amount shipped.

        Parameters
        ----------
        exporter : selector
        commodities : selector
            Which of its goods to draw.
        top : int
            So many destinations are drawn by name, the largest before or after; the others are
            "elsewhere".

        Returns
        -------
        plotly.graph_objects.Figure
            It shows itself in a notebook. ``figure.write_html(path)`` writes a page that needs no
            network.

        Raises
        ------
        ImportError
            plotly (the extra ``plot``) is not installed.
        ScenarioError
            An unknown country or commodity.
        ModelError
            The exporter sells none of the commodities; ``top`` is below 1.
        """
        from tradewinds.view.plot.sankey import draw

        flows = self._result.model.flows
        kept = [flows.commodities[place] for place in flows._core.select_commodities(terms(commodities))]

        frame = self._result.destinations(exporter)
        return draw(frame, name_of(exporter), self._title(), str(self._result.model.period), kept, top)

    def welfare(self, *, top: int = 14, ax: Any = None) -> Any:
        """Who pays: the frame of ``result.welfare()``, the ``top`` countries whose welfare changes most.

        In general equilibrium the parts of the change of log real income, else those of surplus; what lowers
        welfare goes left. The point is their sum.

        Raises
        ------
        ModelError
            ``top`` is below 1.
        """
        from tradewinds.view.plot.welfare import draw

        return draw(self._result.welfare(), f"Who pays: {self._title()}", top, ax)

    def routes(self, exporter: Selector, *, ax: Any = None) -> Any:
        """What goes by each route of the exporter, before and after: the frame of :attr:`SpatialResult.routes`.

        Routes below 2 % of the largest, before and after, are drawn as one; stretches of a period
        count by their length.
        """
        from tradewinds.view.plot.routes import draw

        return draw(self._asked("routes"), self._labels(exporter), name_of(exporter), self._title(), ax)

    def netback(self, exporter: Selector, *, top: int = 16, ax: Any = None) -> Any:
        """What lies between the exporter's price and the consumer's: the wedges of :attr:`SpatialResult.routes`.

        A bar a route that is used, the largest first, ``top`` of them; stretches of a period as one,
        by what is shipped. What lowers the price is hatched and goes back.
        """
        from tradewinds.view.plot.netback import draw

        return draw(self._asked("routes"), self._labels(exporter), name_of(exporter), self._title(), top, ax)

    def facilities(self, *, ax: Any = None) -> Any:
        """Use, capacity and shadow prices: the frame of :attr:`SpatialResult.facilities`."""
        from tradewinds.view.plot.facilities import draw

        return draw(self._asked("facilities"), self._title(), ax)

    def _asked(self, question: str) -> Any:
        """A question that not every model answers."""
        return getattr(self._result, question)

    def _labels(self, selector: Selector) -> list[str]:
        flows = self._result.model.flows
        places = flows._core.select_countries(
            terms(selector), group_terms(self._result.scenario.groups), flows._last_day()
        )
        return [flows.countries[place] for place in places]

    def _title(self) -> str:
        at = self._result.settings["at"]
        failed = "" if self._result.status.converged else "NOT CONVERGED: "
        return failed + self._result.scenario.name + (f", {at}" if at else "")


def name_of(selector: Selector) -> str:
    """A selector as a picture says it."""
    given = terms(selector)
    kept = [term for term in given if not term.startswith("!")] or ["all"]
    away = [term[1:] for term in given if term.startswith("!")]
    return " + ".join("all" if term == "*" else term for term in kept) + (f" without {', '.join(away)}" if away else "")
