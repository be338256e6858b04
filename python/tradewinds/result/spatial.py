"""A scenario solved by the spatial model."""

from __future__ import annotations

import datetime as dt
import os
import warnings
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from tradewinds import _core
from tradewinds.data.terms import Selector, terms
from tradewinds.errors import ModelError
from tradewinds.result.domestic import domestic_market
from tradewinds.result.result import CHOKE, Result
from tradewinds.result.status import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tradewinds.evidence.parameter import Parameter
    from tradewinds.model.spatial import Spatial
    from tradewinds.result.ask import Question
    from tradewinds.scenario.scenario import Scenario

__all__ = ["SpatialResult"]


class SpatialResult(Result):
    """A solved scenario of :class:`Spatial`. All questions of :class:`Result`, in price levels and
    quantities, and those about the network: :attr:`routes`, :attr:`facilities`, :attr:`price_caps`,
    :meth:`discount`.

    ``flows_unique`` is False where other flows make the same prices; then those in the middle are given.
    """

    _core: Any
    model: Any

    def __init__(self, core: _core.SpatialSolution, model: Spatial, scenario: Scenario) -> None:
        self._core = core
        self.model = model
        self.scenario = scenario
        at, unsupported = core.settings()
        #: How it was solved: at, unsupported.
        self.settings: dict[str, Any] = {"at": at, "order": None, "exposure": "segments", "unsupported": unsupported}
        converged, iterations, residual, reason, objective = core.status()
        self.status = Status(converged, iterations, residual, reason, float("nan"), objective)
        self._version = _core.__version__
        self._created = dt.datetime.now(dt.UTC)
        for text in core.warnings:
            warnings.warn(text, stacklevel=3)

    @property
    def attrs(self) -> dict[str, Any]:
        """The run as it remembers itself, with its warnings."""
        return {**super().attrs, "warnings": self._core.warnings, "flows_unique": self.flows_unique}

    @property
    def flows_unique(self) -> bool:
        """Whether no other flows make the same prices."""
        return bool(self._core.flows_unique)

    @property
    def domestic_market(self) -> dict[str, str]:
        """By commodity: where domestic sales are, in the flows, the elasticities or the curves, or ignored."""
        if not self.model.parameters:
            return dict.fromkeys(self.model.flows.commodities, "in the curves")
        return domestic_market(self.model)

    @cached_property
    def flows(self) -> Any:
        """Every route before and after, at annual rates.

        Columns ``exporter, importer, commodity[, mode], value_before, value_after, quantity_before,
        quantity_after, quantity_arrived, quantity_unit, value_observed``. Values are at the exporter's
        border, without duty, at its one price; ``value_observed`` is what the flows say.
        """
        return self._table("flows")

    @cached_property
    def prices(self) -> Any:
        """Levels, currency per unit of quantity, weighted by quantity over the period.

        Columns ``country, commodity, producer_price, producer_price_before, consumer_price,
        consumer_price_before``. Who sells nothing has the price at which it would begin to; a buyer
        without supply the price at which it would stop, infinite on an isoelastic curve.
        """
        return self._table("prices")

    @cached_property
    def routes(self) -> Any:
        """Every route and what its price is made of, a row a route and stretch of the period.

        Columns ``exporter, importer, commodity[, mode], share_of_period, flow_before, flow_after, unit,
        consumer_price, netback, producer_price, export_tax, freight, outside_cost, duty, residual,
        scarcity, fleet_rent, licence, margin, cap_rent, slack``, per unit. The consumer's price is the
        producer's plus all wedges less ``slack``, which is 0 where the route is used; ``netback`` is what
        the route leaves the producer, ``producer_price − slack``. ``residual`` is the calibrated margin,
        ``margin`` the hold of a buyer with ``conduct``. Missing on routes that are closed.
        """
        return self._table("routes")

    @cached_property
    def facilities(self) -> Any:
        """Use, capacity and rent of facilities and of fleets without services.

        Columns ``facility, commodity, share_of_period, use_before, use, capacity, shadow_price, rent,
        earned_by, unit``: units a year, currency per unit, currency a year.
        """
        return self._table("facilities")

    @cached_property
    def price_caps(self) -> Any:
        """What each cap does to each exporter.

        Columns ``measure, exporter, commodity, share_of_period, regime, price, wedge, services, outside,
        buyers_rent, fleet_rent, error``. Regimes: 0 the price is below the cap; 1 all is shipped with
        services at the cap; 2 all without; 3 the fleet is full and the rest uses services at the cap; 4
        the fleet is full and carries all.
        """
        return self._table("price_caps")

    @property
    def wedges(self) -> Any:
        """What stands between prices: see :attr:`routes`."""
        return self.routes

    @cached_property
    def certificate(self) -> Any:
        """Errors of the equilibrium's conditions at the reported flows and prices, relative.

        Columns ``commodity, share_of_period, stationarity, complementarity, feasibility, price_cap,
        flows_unique, programs, iterations, converged``.
        """
        return self._table("certificate")

    def discount(self, exporter: Selector, *, reference: Selector | None = None) -> Any:
        """By how much less the exporter's producers get than the reference's for a unit sold abroad, and why.

        Parameters
        ----------
        exporter : selector
            Several count as one.
        reference : selector, optional
            Exporters to compare with; every other one if not given.

        Returns
        -------
        dataframe
            ``commodity, when, reference_price, netback, discount, destination, freight, residual,
            scarcity, margin, cap_rent, tax, unit``, a row before and one after. The seven parts add up to
            the discount, exactly: ``destination`` is what its buyers pay less, the others what lies
            between them and the producer beyond what lies there for the reference. Freight is with the
            cost of shipping without services, scarcity with rents of fleets and licences, tax with duties.

        Raises
        ------
        ModelError
            The reference is the exporter itself.
        """
        named = None if reference is None else terms(reference)
        return self._frame(self._core.discount(terms(exporter), named))

    def revenue(self, exporter: Selector, *, reference: Selector | None = None) -> Any:
        """As :meth:`Result.revenue`, in quantities and with freight.

        P^w is the price at which the reference exporters' goods arrive, before duty; F the exporter's
        mean freight, with the cost of shipping without services.
        """
        return super().revenue(exporter, reference=reference)

    def welfare(
        self,
        *,
        by: Literal["country", "commodity", "country_commodity"] = "country",
        choke: float = CHOKE,
        method: Literal["exact"] = "exact",
    ) -> Any:
        """As :meth:`Result.welfare`: areas beside the curves.

        Importers earn the rents of their licences, of conduct and of price caps; exporters those of the
        licences they hold, of fleets, of routes' margins, and of facilities without an owner.
        """
        return super().welfare(by=by, choke=choke, method=method)

    def to_xarray(self, *, commodities: Selector = "*") -> Any:
        """Not made for routes: take :meth:`to_frame`."""
        raise ModelError("a spatial result has no arrays with named axes; take to_frame(), routes or prices")

    def derivative(self, question: Question, parameters: Parameter | Sequence[Parameter]) -> Any:
        """Not made by this version: solve at two values and take the difference."""
        raise ModelError("a spatial result has no derivatives; solve at two values of the parameter and compare")

    def save(self, path: str | os.PathLike[str]) -> None:
        """Not kept in a file by this version: pickle it, or keep the scenario and solve again."""
        raise ModelError(
            "a spatial result is not saved by this version; pickle it, or keep the scenario and solve again"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return _solved_again, (self.model, self.scenario, self.settings["at"], self.settings["unsupported"])


def _solved_again(model: Spatial, scenario: Scenario, at: str | None, unsupported: Any) -> SpatialResult:
    """Solving gives the same bits, so a pickle has the inputs alone."""
    return model.solve(scenario, at=at, unsupported=unsupported, on_failure="return")
