"""Armington: goods differentiated by origin, one market a commodity, solved exactly."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tradewinds import _core
from tradewinds.data.columns import Numbers
from tradewinds.data.flows import Flows, Period
from tradewinds.data.tariffs import tariff_columns
from tradewinds.errors import DataError, ModelError
from tradewinds.model.model import Model
from tradewinds.model.parameters import Parameter, by_commodity, by_country, with_adjusting
from tradewinds.model.prior import Prior
from tradewinds.model.solving import common_options, one_of, solved
from tradewinds.result.result import Result
from tradewinds.scenario.scenario import Scenario

if TYPE_CHECKING:
    from tradewinds.evidence.invert import Inversion
    from tradewinds.result.ask import Question

__all__ = ["Armington"]


class Armington(Model):
    """A partial equilibrium of goods differentiated by origin, one market a commodity.

    Exact and non-linear (Armington 1969); with ``order=1`` its first-order form, GSIM (Francois &
    Hall 2003). Buyers substitute between origins with elasticity σ; an importer's total reacts to
    its price index with η, an exporter's supply to its price with ε. A flow that is absent from the
    baseline stays absent.

    Parameters
    ----------
    flows : Flows
    period : int or str
        The baseline. Flows without periods are taken as those of this period.
    substitution : number, distribution, mapping or frame
        σ > 1, between origins. The trade elasticity of a gravity equation is σ − 1.
    demand : number, distribution, mapping or frame
        η ≤ 0, own-price elasticity of *import* demand, by commodity or by commodity and country.
    supply : number, distribution, mapping or frame
        ε ≥ 0, elasticity of *export* supply; infinity is a price that does not move. Of a distribution
        (:func:`tradewinds.triangular`), alone or in a mapping or frame, ``solve`` takes the central value
        and :meth:`sample` draws. Each of the three may differ between the short
        and the long run, see :func:`tradewinds.adjusting`.
    prior : Prior, optional
        A gravity prediction mixed into the baseline, for flows that did not exist, see :class:`Prior`.
        The flows of the model are then the mixed ones of ``period``; ``observed`` has the observed
        values, row by row.
    tariffs : dataframe, optional
        Import duties in the baseline: ``exporter, importer, commodity, tariff`` (rate; 0.05 is 5 %).

    Raises
    ------
    DataError
        No such period; an elasticity of the wrong sign, or missing for a commodity; tariffs on
        unknown labels.
    """

    def __init__(
        self,
        flows: Flows,
        *,
        period: Period,
        substitution: Any,
        demand: Any,
        supply: Any,
        prior: Prior | None = None,
        tariffs: Any = None,
    ) -> None:
        if not isinstance(flows, Flows):
            raise DataError(f"flows is a {type(flows).__name__}; make one with tw.Flows.from_frame(frame)")
        if prior is not None and not isinstance(prior, Prior):
            raise ModelError(f"prior is a {type(prior).__name__}; make one with tw.Prior(weight=0.5)")
        applied = None if prior is None else prior.applied(flows, period)
        parameters = {"substitution": substitution, "demand": demand, "supply": supply, "tariffs": tariffs}
        self._given = None if prior is None else (flows, prior, parameters)
        self.flows = flows = flows if applied is None else applied.flows
        self.period = period
        #: With a prior: V by row of the flows, 0 where there was none.
        self.observed = None if applied is None else applied.observed
        self.parameters: dict[str, Parameter] = {
            "substitution": by_commodity(substitution, "substitution", flows),
            "demand": by_country(demand, "demand", flows),
            "supply": by_country(supply, "supply", flows),
        }
        core = _core.Armington(
            flows._dated(period),
            period=str(period),
            substitution=self.parameters["substitution"].values,
            demand=self.parameters["demand"].values,
            supply=self.parameters["supply"].values,
            tariffs=None if tariffs is None else tariff_columns(tariffs, flows),
        )
        self._core = with_adjusting(core, self.parameters)

    @classmethod
    def _of_core(
        cls,
        core: _core.Armington,
        flows: Flows,
        period: Period,
        parameters: dict[str, Parameter],
        observed: Numbers | None,
    ) -> Armington:
        """The model of inputs that were checked before."""
        model = cls.__new__(cls)
        model.flows, model.period, model.parameters, model._core = flows, period, parameters, core
        model.observed, model._given = observed, None
        return model

    @property
    def prior(self) -> dict[str, Any] | None:
        """What is mixed into the baseline: kind, weight, band, distance, decay. ``None``: nothing."""
        return self.flows.attrs.get("prior")

    @property
    def observed_flows(self) -> Flows:
        """The flows as they were given, without a prior.

        Raises
        ------
        ModelError
            The model was loaded from a file, which has only what was mixed.
        """
        if self.prior is None:
            return self.flows
        if self._given is None:
            raise ModelError("the flows without the prior are not in the file; make the model anew")
        return self._given[0]

    def with_prior_weight(self, weight: float) -> Armington:
        """The same model with another weight of its prior: its answers between 0 and 1 are the band.

        Raises
        ------
        ModelError
            It was made without a prior, or loaded from a file, which has only what was mixed.
        """
        if self._given is None:
            raise ModelError("the model has no prior to weigh anew; make it with tw.Armington(..., prior=tw.Prior())")
        flows, prior, parameters = self._given
        return Armington(flows, period=self.period, prior=prior.at(weight), **parameters)

    @property
    def has_tariffs(self) -> bool:
        """Whether the baseline's import duties are known."""
        return self._core.tariff_power is not None

    def solve(
        self,
        scenario: Scenario,
        *,
        at: Period | dt.date | None = None,
        on_failure: Literal["raise", "return"] = "raise",
        unsupported: Literal["raise", "leave_out"] = "raise",
        order: Literal[1] | None = None,
        exposure: Literal["segments", "average"] = "segments",
    ) -> Result:
        """Solve a scenario against the baseline.

        Elasticities that adjust have their short-run value: this is the answer before anything has
        adjusted, see :meth:`path`.

        Parameters
        ----------
        scenario : Scenario
        at : int, str or date, optional
            A year (2023), quarter ("2023Q1"), month ("2023-02") or date. A period in which measures
            change is cut at every change; each segment is solved at annual rates and weighted by
            its days. Not given: every measure as far in force as it gets.
        on_failure : {"raise", "return"}
            What to do with a solve that does not converge.
        unsupported : {"raise", "leave_out"}
            What to do with measures this model does not take; those left out are in
            ``result.left_out``.
        order : 1, optional
            The first-order form in relative changes; refuses bans and shifts to zero.
        exposure : {"segments", "average"}
            "average" solves once under wedges averaged over days, an approximation.

        Returns
        -------
        Result

        Raises
        ------
        ScenarioError
            Unknown names, dates that never meet without ``at``, modes on flows without modes.
        ModelError
            A measure this model does not take.
        InfeasibleError
            Supply and demand both fixed among countries that trade with each other.
        ConvergenceError
            With ``.status`` and ``.result``, unless ``on_failure="return"``.
        """
        options = self._options(at, unsupported, order, exposure)
        return solved(self, scenario, Result, on_failure, options)

    def _options(
        self,
        at: Any,
        unsupported: str,
        order: Literal[1] | None = None,
        exposure: Literal["segments", "average"] = "segments",
    ) -> dict[str, Any]:
        one_of("exposure", exposure, ("segments", "average"))
        one_of("order", order, (None, 1))
        return {**common_options(at, unsupported), "exposure": exposure, "first_order": order == 1}

    def attribution(
        self,
        scenario: Scenario,
        question: Question,
        *,
        at: Period | dt.date | None = None,
        method: Literal["auto", "exact", "sampled"] = "auto",
        permutations: int = 200,
        seed: int = 0,
    ) -> Any:
        """Which measure did how much: Shapley values of an answer over the scenario's measures.

        Shapley (1953). A measure's value is what it adds to the answer, averaged over all orders in
        which the measures could come into force: it owes nothing to the order in which they are
        written, and interactions are shared out. Of every column, the values add up to the answer
        under the whole scenario minus the answer under none of its measures. A schedule is no
        measure: it is in force throughout.

        Parameters
        ----------
        scenario : Scenario
        question : Question
            See :func:`tradewinds.ask`: flows, prices, shares, share_shift, destinations, diversion,
            revenue, concentration or welfare.
        at
            As in :meth:`solve`; the days are those of the whole scenario for every subset.
        method : {"auto", "exact", "sampled"}
            "exact" solves every subset of up to 12 measures, each market once for every subset of
            those that meet its flows. "sampled" takes the mean over random orders (Castro, Gómez &
            Tejada 2009). "auto" is exact up to 12 measures.
        permutations, seed : int
            Of "sampled": how many orders, at least 2, and which. The same seed gives the same bits.

        Returns
        -------
        dataframe
            ``measure`` and the columns of the answer, whose numbers are Shapley values in their own
            units. When sampled, ``<column>_standard_error`` beside each. Missing where the answer of
            some subset is: the redirected fraction of a loss that is none, say.

        Raises
        ------
        ScenarioError
            No measures, and as in :meth:`solve`.
        ModelError
            A question whose rows depend on the measures, "exact" with more than 12 measures, an
            answer of too many numbers.
        InfeasibleError, ConvergenceError
            With the subset of the measures that has no equilibrium or did not converge.
        """
        from tradewinds.evidence.attribution import attribution

        return attribution(self, scenario, question, at=at, method=method, permutations=permutations, seed=seed)

    def invert(
        self,
        observed: Flows,
        *,
        period: Period,
        normalisation: Literal["prices", "shifters"] = "prices",
        new_flows: Literal["raise", "leave_out"] = "raise",
    ) -> Inversion:
        """What must have changed for the baseline to become what was observed: implied wedges.

        Solving with them returns the observed values. Of a flow's change only the bilateral cost
        relative to a factor an exporter and a factor an importer is identified: a price that every
        buyer of an exporter pays more, and a wish to buy less of everything, look the same in flows.
        The normalisation says what these factors are put into.

        Parameters
        ----------
        observed : Flows
            In the baseline's currency, with its commodities. A flow that is absent has ended.
        period : int or str
            Of ``observed``. Flows without periods are taken as those of this period.
        normalisation : {"prices", "shifters"}
            "prices": every producer price and price index stays as it was. Shifts of supply and demand
            move each country's totals; costs say how the composition of each importer's purchases
            changed, with a mean of 0 in the sense of its price index. Holds for all elasticities;
            needs only that of substitution.
            "shifters": supply and demand curves stay as they were, and costs alone move everything. They
            hang on all elasticities, and become extreme where those of demand are next to −1.
        new_flows : {"raise", "leave_out"}
            What to do with observed flows that the baseline does not have: no wedge makes them.

        Returns
        -------
        Inversion
            ``wedges``, ``shifts``, ``scenario`` and what was left out. Baseline duties are taken to be
            still in force, so that a change of duty is one of costs. Quantities are not reconciled.
            With sales at home, ``wedges["head_ries"]`` is free of the normalisation (Head & Ries 2001,
            American Economic Review 91).

        Raises
        ------
        DataError
            No such period; other currencies, valuations, HS revisions or price years; a commodity in
            one only; modes; new flows; under "shifters" spending that changed at a demand elasticity
            of −1, or costs beyond the range of numbers.
        """
        from tradewinds.evidence.invert import invert

        return invert(self, observed, period=period, normalisation=normalisation, new_flows=new_flows)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self.flows, self.period, self.parameters, self._core.tariff_power, self.observed)

    def __repr__(self) -> str:
        sigma = self.parameters["substitution"].values
        return (
            f"<tradewinds.Armington: {len(self.flows.commodities)} commodities, {len(self.flows.countries)} countries, "
            f"baseline {self.period}, substitution {_range(sigma)}, demand {_range(self.parameters['demand'].values)}, "
            f"supply {_range(self.parameters['supply'].values)}>"
        )


def _rebuild(
    flows: Flows,
    period: Period,
    parameters: dict[str, Parameter],
    tariff_power: Numbers | None,
    observed: Numbers | None,
) -> Armington:
    inputs: dict[str, Any] = {"period": str(period), **{name: given.values for name, given in parameters.items()}}
    dated = flows._dated(period)
    core = (
        _core.Armington(dated, **inputs, tariffs=None)
        if tariff_power is None
        else _core.Armington.with_tariff_power(dated, **inputs, tariff_power=tariff_power)
    )
    return Armington._of_core(with_adjusting(core, parameters), flows, period, parameters, observed)


def _range(values: Any) -> str:
    low, high = float(np.min(values)), float(np.max(values))
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
