"""How a scenario came out, and where every number comes from."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from tradewinds import _core
from tradewinds.data.table import Answer, frame
from tradewinds.data.terms import Selector, terms
from tradewinds.errors import ModelError
from tradewinds.result.document import document
from tradewinds.result.domestic import domestic_market
from tradewinds.result.memory import remembered, settings
from tradewinds.result.sources import sources
from tradewinds.result.status import Status

if TYPE_CHECKING:
    from tradewinds.evidence.parameter import Parameter
    from tradewinds.model.armington import Armington
    from tradewinds.result.ask import Question
    from tradewinds.scenario.scenario import Scenario
    from tradewinds.view.plot.accessor import Plot

__all__ = ["ELSEWHERE", "Result", "Unframed"]

#: Price indices are truncated here in welfare, as a multiple of the baseline price.
CHOKE = 10.0

#: Questions that other models answer, by the class that has them.
ELSEWHERE = {
    "routes": "SpatialResult",
    "facilities": "SpatialResult",
    "discount": "SpatialResult",
    "price_caps": "SpatialResult",
    "wages": "GeneralResult",
    "real_income": "GeneralResult",
}


class Unframed(NamedTuple):
    """What a frame is made of."""

    answer: Answer
    attrs: dict[str, Any]


class Result:
    """A solved scenario. Every question is a tidy frame, pandas unless the flows came as another.

    Questions: :attr:`flows`, :attr:`prices`, :attr:`wedges`, :attr:`shifts`, :attr:`quotas`, :attr:`closed`,
    :attr:`certificate`, :meth:`shares`, :meth:`share_shift`, :meth:`destinations`,
    :meth:`diversion`, :meth:`revenue`, :meth:`concentration`, :meth:`welfare`, :meth:`sources`; all
    flows and prices as :meth:`to_frame` and :meth:`to_xarray`. Pictures: ``result.plot.<question>(...)``.
    :meth:`save` keeps it in a file.
    """

    _bare = False

    def __init__(self, core: _core.Solution, model: Armington, scenario: Scenario) -> None:
        self._core = core
        self.model = model
        self.scenario = scenario
        #: How it was solved: at, order, exposure, unsupported.
        self.settings: dict[str, Any] = settings(core)
        self.status = Status.of(core)
        self._version = _core.__version__
        self._created = dt.datetime.now(dt.UTC)

    @property
    def attrs(self) -> dict[str, Any]:
        """The run as it remembers itself: version, model, baseline, scenario, settings, warnings."""
        return remembered(self)

    @property
    def left_out(self) -> list[str]:
        """Measures the model does not take, left out because the caller said so."""
        return self._core.left_out

    @property
    def domestic_market(self) -> dict[str, str]:
        """By commodity: where domestic sales are, in the flows, in the elasticities, or ignored."""
        return domestic_market(self.model)

    def _frame(self, answer: Answer, **attrs: Any) -> Any:
        prior = self.model.prior
        remembered = attrs if prior is None else {"prior": dict(prior), **attrs}
        return Unframed(answer, remembered) if self._bare else frame(answer, self.model.flows._backend, remembered)

    def _unframed(self) -> Any:
        """The same result, whose questions give :class:`Unframed`: many of them are then made one frame at once."""
        bare = object.__new__(type(self))
        own = vars(self).items()
        frames = {name for name, _ in own if isinstance(getattr(type(self), name, None), cached_property)}
        bare.__dict__.update({name: value for name, value in own if name not in frames}, _bare=True)
        return bare

    def _table(self, name: str) -> Any:
        return self._frame(self._core.table(name))

    def _answer(self, question: str, against: Result | None = None, **arguments: Any) -> Answer:
        if against is not None and type(against._core) is not type(self._core):
            raise ModelError(
                f"against= is a {type(against).__name__}, this is a {type(self).__name__}; "
                "compare results of one model, or both by tw.compare"
            )
        return self._core.ask(document(question, arguments), None if against is None else against._core)

    def _ask(self, question: str, against: Result | None = None, **arguments: Any) -> Any:
        return self._frame(self._answer(question, against, **arguments))

    @cached_property
    def flows(self) -> Any:
        """Every flow of the baseline before and after, at annual rates.

        Columns ``exporter, importer, commodity[, mode], value_before, value_after, quantity_before,
        quantity_after, quantity_arrived, quantity_unit``. ``value_after`` is at the exporter's
        border: with export tax and iceberg loss, without duty. Without an observed quantity the
        baseline price is 1 and the unit says so. With a prior ``value_before`` is the mixed baseline and
        ``value_observed``, before it, what was observed.
        """
        columns, units = self._core.table("flows")
        observed = self.model.observed
        if observed is not None:
            place = list(columns).index("value_before")
            pairs = list(columns.items())
            columns = dict([*pairs[:place], ("value_observed", observed), *pairs[place:]])
            units = {**units, "value_observed": units["value_before"]}
        return self._frame((columns, units))

    @cached_property
    def prices(self) -> Any:
        """New over baseline: ``country, commodity, producer_price, price_index``.

        0 for an exporter that lost every buyer, infinite for an importer that lost every supplier.
        """
        return self._table("prices")

    @cached_property
    def wedges(self) -> Any:
        """What the measures put on each flow they touch.

        Columns ``exporter, importer, commodity[, mode], share_of_period, availability, tariff_power,
        export_tax_power, cost_factor, licence_power``; powers are 1 + rate, at the new prices.
        """
        return self._table("wedges")

    @cached_property
    def shifts(self) -> Any:
        """Shifters other than 1: ``country, commodity, share_of_period, supply_shift, demand_shift``."""
        return self._table("shifts")

    @cached_property
    def quotas(self) -> Any:
        """How far quotas are used and what a licence is worth, at annual rates.

        Columns ``measure, commodity, share_of_period, ceiling, used, licence_price, holder, unit``;
        ``licence_price`` is currency per unit, 0 where the quota is slack.
        """
        return self._table("quotas")

    @cached_property
    def closed(self) -> Any:
        """Who lost every partner: ``role, country, commodity, share_of_period, unsold, unit``.

        ``unsold`` is what an exporter of fixed supply (ε = 0) has on its hands.
        """
        return self._table("closed")

    @cached_property
    def certificate(self) -> Any:
        """Errors recomputed from the reported flows, a row a commodity and stretch of the period.

        Columns ``commodity, share_of_period, market_clearing, demand, quota, modulus,
        iterations, converged``; errors are relative.
        """
        return self._table("certificate")

    def shares(self, exporter: Selector) -> Any:
        """Where the exporter's sales go: ``commodity, importer, before, after, shift, total_hat, basis``.

        Shares 0–1, shift in percentage points, total_hat the exporter's new over baseline sales.
        In quantities only if every flow of the exporter has one, else in values at its border. After
        a collapse shares are missing. Several exporters count as one.
        """
        return self._ask("shares", exporter=terms(exporter))

    def share_shift(self, exporter: Selector, away: Selector, toward: Selector) -> Any:
        """The headline, a row a commodity the exporter sells: how far its sales moved.

        Columns ``commodity, away_before, away_after, away_shift, toward_before, toward_after,
        toward_shift, basis``. Shares 0–1 of the exporter's sales, shifts in percentage points.
        """
        return self._ask("share_shift", exporter=terms(exporter), away=terms(away), toward=terms(toward))

    def destinations(self, exporter: Selector) -> Any:
        """To whom the exporter sells: ``commodity, entry, importer, before, after, unit``.

        Amounts a year in money at baseline prices, so that commodities have one unit and a change is
        one of the amount shipped. The entries "sold" have an importer; "not_produced" comes from the
        supply curve and is below 0 where more is produced. Of each commodity, before and after add
        up to the same. Several exporters count as one.
        """
        return self._ask("destinations", exporter=terms(exporter))

    def diversion(
        self,
        exporter: Selector,
        importers: Selector,
        *,
        by: Literal["destination", "supplier"] | None = None,
        against: Result | None = None,
    ) -> Any:
        """The ledger of what the exporter lost to ``importers``: where did it go?

        In shipped quantities where all are known, else in money at baseline prices, never current
        money.

        Parameters
        ----------
        by : {"destination", "supplier"}, optional
            The exporter's ledger by destination (``commodity, entry, importer, amount, unit``), or
            the importers' by supplier (``commodity, entry, supplier, amount, unit``: the entry
            ``lost`` adds up to ``replaced`` and ``not_imported``).
        against : Result, optional
            Another result of the same baseline to compare with instead of the baseline.

        Returns
        -------
        dataframe
            ``commodity, lost, redirected, not_produced, mix, redirected_fraction, unit`` with
            lost = redirected + not_produced + mix. ``not_produced`` comes from the supply curve;
            ``mix`` is there in tonnes because the market clears in value. The fraction is missing
            where nothing is lost; it may be below 0 or above 1.

        Raises
        ------
        ModelError
            ``against`` stands on other flows or another period.
        """
        if by not in (None, "destination", "supplier"):
            raise ModelError(f"by is {by!r}; expected 'destination' or 'supplier'")
        return self._ask("diversion", against, exporter=terms(exporter), importers=terms(importers), by=by)

    def welfare(
        self,
        *,
        by: Literal["country", "commodity", "country_commodity"] = "country",
        choke: float = CHOKE,
        method: Literal["exact"] = "exact",
    ) -> Any:
        """Change of surplus at annual rates: who pays.

        Parameters
        ----------
        by : {"country", "commodity", "country_commodity"}
        choke : float
            Price indices are truncated at this multiple of the baseline price, here and only here:
            an importer that loses every supplier has an infinite index. Above 1.

        Returns
        -------
        dataframe
            ``consumer, producer, government, rent, shift, total, choke, unit``. Government is duty
            and export tax; ``shift`` is a supply shift itself; a change of tastes is no welfare.
        """
        if by not in ("country", "commodity", "country_commodity"):
            raise ModelError(f"by is {by!r}; expected 'country', 'commodity' or 'country_commodity'")
        if not choke > 1:
            raise ModelError(f"choke is {choke}; expected a multiple of the baseline price above 1")
        if method != "exact":
            raise ModelError(f"method is {method!r}; Armington has 'exact'")
        return self._ask("welfare", by=by, choke=float(choke))

    def revenue(self, exporter: Selector, *, reference: Selector | None = None) -> Any:
        """What the exporter earns abroad, and why that changed.

        Revenue is at the exporter's border and at annual rates: with export tax and with the rent of
        licences it holds, without duty and without domestic sales. With R revenue, Q the amount
        shipped and n = R/Q = P^w − D − F what a unit earns, bars the mean of before and after:

            volume = n̄ ΔQ,   world_price = Q̄ ΔP^w,   discount = −Q̄ ΔD,   freight = −Q̄ ΔF

        The four add up to the change. Negative lowers revenue: a growing discount is negative.
        Several exporters count as one.

        Parameters
        ----------
        exporter : selector
        reference : selector, optional
            The exporters whose price is the world price P^w; every other one if not given.

        Returns
        -------
        dataframe
            ``commodity, before, after, change, volume, world_price, discount, freight, basis, unit``;
            all numbers in the flows' currency a year, named in ``unit``. ``basis`` says what Q is:
            "quantity" if every export of the exporter has one, else "value", money at baseline
            prices.

        Notes
        -----
        P^w is the price of a fixed basket: all flows that reference exporters sold to other countries
        in the baseline and still sell (with a quantity, where Q is one). Before, it is their unit
        value, the sum of values over the sum of quantities (1 where Q is money); after, the same
        quantities at their new prices at the seller's border. Each flow is so weighted by its
        baseline quantity, and P^w is in the unit of n. Where no reference exporter has quantities,
        the baseline level is the exporter's own. F is 0: Armington has no freight. D is the
        remainder, quality included.

        Where nothing is shipped any more all of the change is volume. Where there is no other
        exporter the own price is the world's; where a named reference sells nothing of a commodity,
        ``world_price`` and ``discount`` are missing.

        Raises
        ------
        ScenarioError
            An unknown country.
        ModelError
            The reference is the exporter itself.
        """
        named = None if reference is None else terms(reference)
        return self._ask("revenue", exporter=terms(exporter), reference=named)

    def concentration(self, exporter: Selector | None = None, importer: Selector | None = None) -> Any:
        """How few partners a country depends on: the Herfindahl–Hirschman index.

        The sum of squared shares, of an exporter's sales by destination and of an importer's
        purchases by supplier: 1/n for n equal partners, 1 for a single one. Times 10,000 it is the
        index of competition authorities.

        Parameters
        ----------
        exporter : selector, optional
            Exporters whose outlets are asked about, each by itself.
        importer : selector, optional
            Importers whose suppliers are asked about, each by itself. With neither, all of both.

        Returns
        -------
        dataframe
            ``role, country, commodity, before, after, change, basis``: ``role`` is "exporter" or
            "importer"; indices from 0 to 1, ``change`` is after − before. Shipped quantities if every
            flow of the country has one, else values at the exporter's border. Modes of one partner
            count as one; domestic sales, where the flows have them, are a partner. Missing after a
            collapse.

        Raises
        ------
        ScenarioError
            An unknown country.
        """
        if exporter is None and importer is None:
            exporter = importer = "*"
        outlets = None if exporter is None else terms(exporter)
        suppliers = None if importer is None else terms(importer)
        return self._ask("concentration", exporter=outlets, importer=suppliers)

    def derivative(self, question: Question, parameters: Parameter | Sequence[Parameter]) -> Any:
        """How an answer moves with elasticities and sizes of measures, at this equilibrium.

        By the implicit function theorem: prices move along the tangent of the market equations, from
        the Jacobian of Newton's method; nothing is solved again. Along that tangent the answer's own
        formula is differenced to sixth order, which leaves about 1e-12 of a column's largest number.

        Parameters
        ----------
        question : Question
            See :func:`tradewinds.ask`: flows, prices, shares, share_shift, destinations, diversion,
            revenue, concentration or welfare.
        parameters : Parameter, or list of Parameter
            See :class:`tradewinds.Parameter`.

        Returns
        -------
        dataframe
            ``parameter`` and the columns of the answer, whose numbers are derivatives: units of the
            answer per unit of the parameter (per 1 of an elasticity, per 1 of a share or rate). 0 for
            what does not move, such as amounts before.

        Raises
        ------
        ModelError
            No such parameter; an infinite elasticity of supply; the size of a quota, or a quota that
            binds on what the parameter moves; a ban or shift that closes a flow altogether, where an
            answer has no derivative on both sides; a result that did not converge or is of first
            order; bans that overlap other than independently.
        ScenarioError
            No such measure, commodity or country.
        """
        from tradewinds.evidence.derivative import derivative

        return derivative(self, question, parameters)

    def sources(self) -> Any:
        """Where each input comes from: ``input, commodity, country, value, unit, grade, source, licence``.

        Grades: A seen in a source, B anchored on one, C judgement; empty where the caller gave the
        number.
        """
        return self._frame(sources(self.model, self.scenario))

    def to_frame(self) -> Any:
        """The flows before and after: the same frame as :attr:`flows`."""
        return self.flows

    def to_xarray(self, *, commodities: Selector = "*") -> Any:
        """Flows and prices as arrays with named axes; needs xarray (the extra ``xarray``).

        Parameters
        ----------
        commodities : selector
            The arrays are dense: choose, where there are thousands.

        Returns
        -------
        xarray.Dataset
            ``value_before, value_after, quantity_before, quantity_after, quantity_arrived`` over
            ``exporter, importer, commodity`` (and ``mode``, where the flows have modes),
            ``producer_price`` over ``exporter, commodity`` and ``price_index`` over ``importer,
            commodity``, new over baseline; of the spatial model levels, with ``consumer_price`` and those
            before. NaN where the baseline has no such flow. Units are in the variables' attrs;
            those of quantities in the coordinate ``quantity_unit``, one a commodity: where only some
            flows of a commodity have a quantity, the others' quantities are NaN; where none has,
            quantities are money at baseline prices.

        Raises
        ------
        ScenarioError
            An unknown commodity.
        """
        from tradewinds.result.arrays import dataset

        return dataset(self, self.model.flows._core.select_commodities(terms(commodities)))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the result to a file that :func:`tradewinds.load_result` reads: inputs, equilibria, settings.

        Distributions of the model and of the scenario are among the inputs.

        The file is a zip of ``meta.json`` and ``.npy`` arrays, without code and without pickle. It is
        written beside ``path`` and then renamed: where that fails, on a full disk say, what was there
        before is unchanged. Results that are equal and were solved at the same time give the same bytes.

        Parameters
        ----------
        path : path
            Taken as it is; no ending is added.

        Raises
        ------
        DataError
            No such folder, no permission, no room; something else than a file is there; ``attrs`` of
            the flows that have other things than text, numbers, dates, lists and mappings; a distribution of
            the caller's own class.
        """
        from tradewinds.result.file import notes

        self._core.save(path, notes(self))

    @property
    def plot(self) -> Plot:
        """Pictures of the questions; needs matplotlib and, for ``sankey``, plotly (the extra ``plot``)."""
        from tradewinds.view.plot.accessor import Plot

        return Plot(self)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name in ELSEWHERE:
            raise AttributeError(f"{type(self.model).__name__} can't answer '{name}'; {ELSEWHERE[name]} has it")
        raise AttributeError(f"'{type(self).__name__}' has no attribute '{name}'")

    def _inputs(self) -> bytes:
        """What the model and the way of solving are: equal where a solve gives the same."""
        return self._core.to_bytes("{}")

    def __reduce__(self) -> tuple[Any, ...]:
        from tradewinds.result.file import from_pickle, kept

        return from_pickle, (self._core.to_bytes("{}"), kept(self))

    def __repr__(self) -> str:
        from tradewinds.view.table import result_text

        return result_text(self)

    def _repr_html_(self) -> str:
        from tradewinds.view.table import result_html

        return result_html(self)
