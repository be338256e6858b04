"""A scenario solved in general equilibrium."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from tradewinds import _core
from tradewinds.data.terms import Selector
from tradewinds.errors import ModelError
from tradewinds.result.result import Result
from tradewinds.result.status import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tradewinds.evidence.parameter import Parameter
    from tradewinds.result.ask import Question
    from tradewinds.scenario.scenario import Scenario

__all__ = ["GeneralResult"]


class GeneralResult(Result):
    """A solved scenario of :class:`CaliendoParro` or :class:`Gravity`. Sectors are the ``commodity`` of all
    frames; amounts are in units of the numeraire, the value added of all countries that trade with each
    other, quantities in money at baseline prices.

    Beside the questions of :class:`Result`: :attr:`wages`, :attr:`real_income`, and :meth:`welfare` by
    country and sector.
    """

    _core: Any
    model: Any

    def __init__(self, core: _core.GeneralSolution, model: Any, scenario: Scenario) -> None:
        self._core = core
        self.model = model
        self.scenario = scenario
        at, unsupported = core.settings()
        #: How it was solved: at, unsupported.
        self.settings: dict[str, Any] = {"at": at, "order": None, "exposure": "segments", "unsupported": unsupported}
        converged, iterations, residual, reason = core.status()
        self.status = Status(converged, iterations, residual, reason, float("nan"))
        self._version = _core.__version__
        self._created = dt.datetime.now(dt.UTC)

    @property
    def attrs(self) -> dict[str, Any]:
        """The run as it remembers itself; ``rebalanced``, deficits and elasticities of substitution are the model's."""
        return {**super().attrs, **self.model.chosen, "rebalanced": self.model.rebalanced}

    @property
    def domestic_market(self) -> dict[str, str]:
        """By sector: domestic sales are in the flows."""
        return dict.fromkeys(self.model.flows.commodities, "in the flows")

    @cached_property
    def flows(self) -> Any:
        """Every flow of the baseline before and after, at annual rates.

        Columns ``exporter, importer, commodity, value_before, value_after, quantity_before,
        quantity_after, quantity_arrived, quantity_unit``. Values are at the exporter's border, with export
        tax and iceberg loss and without duty, in units of the numeraire; quantities are values at
        baseline prices.
        """
        return self._table("flows")

    @cached_property
    def prices(self) -> Any:
        """New over baseline: ``country, commodity, producer_price, price_index``.

        ``producer_price`` is the cost ĉ, missing where nothing is made; ``price_index`` P̂, missing where
        nothing is bought, infinite where there is no supplier left.
        """
        return self._table("prices")

    @cached_property
    def wages(self) -> Any:
        """Wages, and what countries earn and owe, a row a country and stretch of the period.

        Columns ``country, share_of_period, component, wage, consumer_price, value_added_before,
        value_added, deficit_before, deficit``. ``wage`` ŵ and ``consumer_price`` P̂^C are new over
        baseline; countries of one ``component`` trade with each other and share a numeraire.
        """
        return self._table("wages")

    @cached_property
    def real_income(self) -> Any:
        """Exact changes in percent, without the decomposition.

        Columns ``country, income_before, real_income, real_wage, unit``; ``income_before`` is the baseline's
        wages, duties, export taxes and deficit, in money.
        """
        return self._table("real_income")

    @cached_property
    def certificate(self) -> Any:
        """Accounts rebuilt from the reported flows, prices and wages, a row an equilibrium; errors relative.

        Columns ``share_of_period, demand, labour, trade_balance, budget, iterations, converged``: spending
        against what inputs and income ask for, labour's receipts against wages, imports less exports
        against the transfer (in value added), income against wages, duties, export taxes and transfer.
        """
        return self._table("certificate")

    def welfare(  # type: ignore[override]
        self,
        *,
        by: Literal["country", "sector"] = "country",
        method: Literal["exact", "cp2015"] = "exact",
        steps: int | None = None,
    ) -> Any:
        """Who pays: exact change of real income and real wages, and what it is made of.

        Parameters
        ----------
        by : {"country", "sector"}
            "sector": a row a country and sector (``commodity``), with the columns that have one; they
            add up to the country's.
        method : {"exact", "cp2015"}
            "cp2015" gives the figures that Caliendo & Parro (2015) publish as welfare, a differential
            evaluated at percentage changes: first order, not the change of real income.
        steps : int, optional
            Midpoint steps of the decomposition; the residual falls by four as they double. Default: doubled
            from 8 until it is below 0.0005, at most 256. Each step is a solve: of large tables take fewer, or
            :attr:`real_income`, which needs none.

        Returns
        -------
        dataframe
            ``country, real_income, real_wage, log_real_income, terms_of_trade, volume_of_trade, trade_cost,
            availability, transfer, residual, unit``. ``real_income`` is 100 (Î/P̂^C − 1), ``real_wage``
            100 (ŵ/P̂^C − 1), by sector 100 (ŵ/P̂^j − 1). The decomposition is integrated from the baseline
            to the equilibrium, in 100 log points: terms of trade, volume of trade, what iceberg costs
            waste, varieties that bans take away, and transfers, with ``residual`` the error of the
            integration, add up to ``log_real_income``.

            With "cp2015": ``country, welfare, terms_of_trade, volume_of_trade, real_wage, unit``, percent.

        Raises
        ------
        ModelError
            An unknown method; an equilibrium on the way that was not found.
        """
        if by not in ("country", "sector"):
            raise ModelError(f"by is {by!r}; expected 'country' or 'sector'")
        if method not in ("exact", "cp2015"):
            raise ModelError(f"method is {method!r}; expected 'exact' or 'cp2015'")
        if steps is not None and (isinstance(steps, bool) or not isinstance(steps, int) or steps < 1):
            raise ModelError(f"steps is {steps!r}; expected a whole number of at least 1")
        found = self._core.welfare(by_sector=by == "sector", first_order=method == "cp2015", steps=steps)
        return self._frame(found)

    def revenue(self, exporter: Selector, *, reference: Selector | None = None) -> Any:
        """Not taken apart in general equilibrium: see the terms of trade of :meth:`welfare`."""
        return super().revenue(exporter, reference=reference)

    @property
    def quotas(self) -> Any:
        """Not in general equilibrium, which takes no quotas."""
        raise AttributeError

    def __getattr__(self, name: str) -> Any:
        if name == "quotas":
            raise AttributeError("general equilibrium takes no quotas; results of Armington and Spatial have them")
        return super().__getattr__(name)

    def derivative(self, question: Question, parameters: Parameter | Sequence[Parameter]) -> Any:
        """Not made by this version: solve at two values and take the difference."""
        raise ModelError("a general equilibrium has no derivatives; solve at two values of the parameter and compare")

    def _inputs(self) -> bytes:
        found: bytes = self._core.inputs()
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        stamp = self._version, self._created
        return _solved_again, (self.model, self.scenario, self.settings["at"], self.settings["unsupported"], stamp)


def _solved_again(
    model: Any, scenario: Scenario, at: str | None, unsupported: Any, stamp: tuple[str, dt.datetime]
) -> GeneralResult:
    """Solving gives the same bits, so a pickle has the inputs alone."""
    found: GeneralResult = model.solve(scenario, at=at, unsupported=unsupported, on_failure="return")
    found._version, found._created = stamp
    return found
