"""Spatial equilibrium: one homogeneous good, routes, capacities, price levels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from tradewinds import _core
from tradewinds.data.columns import Numbers, numbers, open_frame, require
from tradewinds.data.curves import Curves
from tradewinds.data.flow_columns import UNDATED, UNIT_NOT_SAID
from tradewinds.data.flows import Flows, Period
from tradewinds.data.network import Network
from tradewinds.data.routes import Labelled
from tradewinds.data.tariffs import tariff_columns
from tradewinds.data.terms import Selector, terms
from tradewinds.errors import DataError, ModelError
from tradewinds.model.capacities import capacities
from tradewinds.model.freights import freights
from tradewinds.model.model import Model
from tradewinds.model.parameters import Parameter, Uncertain, by_commodity, by_country, with_adjusting
from tradewinds.model.solving import one_of, solved
from tradewinds.result.spatial import SpatialResult
from tradewinds.scenario.distributions import Distribution, is_number
from tradewinds.scenario.scenario import Scenario

__all__ = ["CURVES", "Spatial"]

#: What stands for the period of a model of curves.
CURVES = "curves"
#: How far a route's flow moves with what it pays, where the caller does not say.
ROUTE_ELASTICITY = 5.0
#: Prices of two sides of a market that differ by a larger factor are in other units.
SAME_UNITS = 100.0


class Spatial(Model):
    """A spatial price equilibrium of one homogeneous good a commodity (Samuelson 1952; Takayama & Judge 1971).

    Producers and consumers have curves in price levels, routes between them unit freight, facilities
    (pipelines, bridges, ports, fleets) a capacity that their routes share. Buyers do not care where a
    good comes from: unused routes open when they pay.

    The model is calibrated exactly (positive mathematical programming; Howitt 1995; Paris, Drogué &
    Anania 2011): with no measure the observed flows come out. An exporter has one price, ΣV/Σq; a
    consumer pays the mean duty-paid price; what a route earns beyond its costs is its margin, which
    rises with its flow as ``route_elasticity`` says.

    Parameters
    ----------
    flows : Flows
        Every flow needs a quantity. With a mode column a row a mode is a route.
    period : int or str
        The baseline.
    demand, supply : number, mapping or frame
        Own-price elasticities η ≤ 0 and ε ≥ 0 of import demand and export supply, as in
        :class:`Armington`. Those of isoelastic curves may adjust, see :func:`tradewinds.adjusting`; of
        supply only without conduct.
    routes : dataframe, optional
        ``exporter, importer, commodity[, mode][, freight]``: routes that exist beside those with a flow,
        or freight of those. Where flows have no modes, one route a pair may name its mode.
    facilities : dataframe, optional
        ``facility, capacity`` (units a year) and which routes use it: ``exporter, importer, commodity,
        mode``, each a selector, missing or "*" for all. ``start``: the first day of this capacity;
        ``owner``: the country that earns its rent, else the exporters do. Several rows of one name add
        routes, or capacities. Routes through a facility of capacity 0, not built yet or closed, pay no
        margin once it carries something; those that could have been used and were not do. A capacity may be a
        distribution: that of the baseline not below what went through it.
    freight : number, distribution, mapping by commodity or mode, or dataframe, optional
        Currency per unit, for routes whose freight ``routes`` does not say; else 0. Distributions may
        stand for any number here and in elasticities; ``solve`` takes their central values.
    route_elasticity : number, mapping or frame
        φ > 0; infinite: margins do not move.
    conduct : number, mapping by country or commodity, or frame, optional
        κ from 0, where an importer takes prices, to 1, where it buys as one (a monopsonist), from every
        seller, its own country's included.
    tariffs : dataframe, optional
        Import duties in the baseline: ``exporter, importer, commodity, tariff``.
    curves : {"isoelastic", "linear"}
        The form of the curves through the observed points.
    price_level : number or mapping by commodity, optional
        World price on the dates asked about over that of the baseline; a price cap is divided by it.
        Where it is not given a result with a cap warns.

    Raises
    ------
    DataError
        A flow without a quantity, or in other units than its market; negative freight; a facility
        without routes, or with less capacity than went through it; several routes of a pair without a
        split; elasticities of the wrong sign.
    ModelError
        An elasticity of a straight curve, of routes, or of supply beside conduct that adjusts.
    """

    #: Routes that were not used may open: there is no prior for flows that did not exist.
    prior = None
    observed = None
    _result = SpatialResult
    _freights: Sequence[Uncertain] = ()
    _capacities: Sequence[Uncertain] = ()

    def __init__(
        self,
        flows: Flows,
        *,
        period: Period,
        demand: Any,
        supply: Any,
        routes: Any = None,
        facilities: Any = None,
        freight: Any = None,
        route_elasticity: Any = ROUTE_ELASTICITY,
        conduct: Any = None,
        tariffs: Any = None,
        curves: Literal["isoelastic", "linear"] = "isoelastic",
        price_level: float | Mapping[str, float] | None = None,
    ) -> None:
        if not isinstance(flows, Flows):
            raise DataError(f"flows is a {type(flows).__name__}; make one with tw.Flows.from_frame(frame)")
        one_of("curves", curves, ("isoelastic", "linear"))
        self.flows = flows
        self.period = period
        self.parameters: dict[str, Parameter] = {
            "demand": by_country(demand, "demand", flows),
            "supply": by_country(supply, "supply", flows),
            "route_elasticity": by_commodity(route_elasticity, "route_elasticity", flows),
        }
        if self.parameters["route_elasticity"].horizon is not None:
            raise ModelError("route_elasticity does not adjust; give one number a commodity, and let demand or supply")
        elasticity = self.parameters["route_elasticity"].values
        if not np.all(elasticity > 0):
            raise DataError(
                f"route_elasticity is {float(elasticity.min())}; expected a number above 0, infinity allowed"
            )
        self.parameters["demand"].values = _signed(self.parameters["demand"].values, -1, "demand", flows)
        self.parameters["supply"].values = _signed(self.parameters["supply"].values, 1, "supply", flows)
        network = Network.of_flows(flows, period, routes)
        given, self._freights = freights(freight, network)
        rows, self._capacities = capacities(facilities, network, network.core.table()[0]["quantity"])
        core = _core.Spatial.calibrated(
            network.core,
            period=str(period),
            demand=self.parameters["demand"].values,
            supply=self.parameters["supply"].values,
            freight=given,
            facilities=rows,
            conduct=_conduct(conduct, network.core, network.day),
            route_elasticity=elasticity,
            straight=curves == "linear",
            price_level=_price_level(price_level, flows.commodities),
            tariffs=None if tariffs is None else tariff_columns(tariffs, flows),
        )
        self._core = with_adjusting(core, self.parameters)

    @classmethod
    def _of_core(cls, core: _core.Spatial, flows: Flows, period: Period, parameters: dict[str, Parameter]) -> Spatial:
        """The model of inputs that were checked before."""
        model = cls.__new__(cls)
        model._core, model.flows, model.period, model.parameters = core, flows, period, parameters
        return model

    @classmethod
    def from_curves(
        cls,
        supply: Any,
        demand: Any,
        routes: Any,
        *,
        facilities: Any = None,
        conduct: Any = None,
        unit: str = "USD",
        quantity_unit: str | None = None,
    ) -> Spatial:
        """A model of curves instead of observed flows; its baseline is its own equilibrium.

        Parameters
        ----------
        supply, demand : dataframe
            ``country, commodity`` and ``intercept, slope`` (inverse: price = intercept + slope × quantity
            in supply, intercept − slope × quantity in demand, slope ≥ 0), or ``price, quantity,
            elasticity``. Countries may have any labels. The commodity may be left out.
        routes : dataframe
            ``exporter, importer, commodity[, mode], freight``. Home supply reaches home demand by a route
            i→i, whose freight may be 0.
        facilities, conduct
            As in the constructor; with an uncertain capacity a draw's baseline is its own equilibrium too.
        unit, quantity_unit : str
            Currency of prices, unit of quantities.

        Raises
        ------
        DataError
            Curves of the wrong sign or in two units, a buyer without a route, negative freight, a
            facility without routes.
        InfeasibleError
            Fixed demand that can't be met; an unbounded problem.
        """
        native = open_frame(routes, "routes")
        if len(native) == 0:
            raise DataError("routes has no rows; give at least one route")
        alone = str(native["commodity"][0]) if "commodity" in native.columns else "good"
        sides = Curves.from_frame(supply, "supply", alone), Curves.from_frame(demand, "demand", alone)
        _same_units(*sides)
        labels = Labelled(
            sorted({*sides[0].countries, *sides[1].countries}),
            sorted({*sides[0].commodities, *sides[1].commodities}),
            sorted({str(mode) for mode in native["mode"]}) if "mode" in native.columns else None,
        )
        network = Network.of_routes(native, labels, unit, quantity_unit or UNIT_NOT_SAID)
        rows, uncertain = capacities(facilities, network)
        core = _core.Spatial.of_curves(
            network.core,
            period=UNDATED,
            supply=sides[0].rows(labels.commodities, labels.countries),
            demand=sides[1].rows(labels.commodities, labels.countries),
            freight=network.freights(None),
            facilities=rows,
            conduct=_conduct(conduct, network.core, network.day),
        )
        backend = str(native.implementation.value)
        flows = Flows(core.flows, backend=backend, attrs={"unit": unit}, undated=True)
        model = cls._of_core(core, flows, CURVES, {})
        model._capacities = uncertain
        return model

    @property
    def has_tariffs(self) -> bool:
        """Whether the baseline's import duties are known."""
        return self._core.has_tariffs

    @property
    def uncertain(self) -> list[tuple[str, Uncertain]]:
        """Elasticities, freights and capacities that are distributions, with what they are."""
        of_routes = [("freight", one) for one in self._freights] + [("capacity", one) for one in self._capacities]
        return [*super().uncertain, *of_routes]

    @property
    def facilities(self) -> list[str]:
        """Names of facilities, which :class:`Capacity` takes."""
        return self._core.facilities

    def solve(
        self,
        scenario: Scenario,
        *,
        at: Period | dt.date | None = None,
        on_failure: Literal["raise", "return"] = "raise",
        unsupported: Literal["raise", "leave_out"] = "raise",
    ) -> SpatialResult:
        """Solve a scenario against the baseline: every verb, as :meth:`Armington.solve` describes.

        A partial ``Ban`` leaves its share of the baseline *tonnes*. ``TradeCost(change=)`` is a share of
        the baseline delivered price. A period is also cut where the capacity of a facility changes.

        Raises
        ------
        ScenarioError, ModelError
            As in :class:`Armington`; an unknown facility, a cap in another currency or unit.
        InfeasibleError
            Fixed demand that can't be met, named.
        ConvergenceError
            With ``.status`` and ``.result``, unless ``on_failure="return"``.
        """
        return solved(self, scenario, SpatialResult, on_failure, self._options(at, unsupported))

    def __reduce__(self) -> tuple[Any, ...]:
        return _of_result, (self.solve(Scenario("no measures", [])),)

    def __repr__(self) -> str:
        routes = f"{len(self._core.flows)} routes, {len(self.facilities)} facilities"
        return (
            f"<tradewinds.Spatial: {len(self.flows.commodities)} commodities, {len(self.flows.countries)} countries, "
            f"{routes}, baseline {self.period}>"
        )


def _of_result(result: SpatialResult) -> Spatial:
    """The model in a pickle: that of a result without measures."""
    model: Spatial = result.model
    return model


def _signed(values: Numbers, sign: int, name: str, flows: Flows) -> Numbers:
    wrong = np.argwhere(~(sign * values >= 0))
    if len(wrong):
        row, column = wrong[0]
        expected = (
            "the own-price elasticity of import demand, 0 or negative (some packages print it unsigned)"
            if sign < 0
            else "the elasticity of export supply, 0 or more, infinity allowed"
        )
        raise DataError(
            f"{name} for {flows.commodities[row]} in {flows.countries[column]} is {values[row, column]}; "
            f"expected {expected}"
        )
    return values


def _conduct(given: Any, flows: _core.Flows, day: str) -> Numbers:
    """κ by commodity and country."""
    commodities, countries = flows.commodities, flows.countries
    found = np.zeros((len(commodities), len(countries)))
    if given is None:
        return found
    if isinstance(given, Mapping):
        for name, value in given.items():
            if not is_number(value):
                raise DataError(f"conduct of {name!r} is {value!r}; expected a number from 0 to 1")
            if name in commodities:
                found[commodities.index(name)] = float(value)
            else:
                found[:, flows.select_countries(terms(name), {}, day)] = float(value)
    elif hasattr(given, "columns"):
        native = open_frame(given, "conduct")
        values = numbers(require(native, "conduct", "conduct"), "conduct")
        goods = native["commodity"].to_list() if "commodity" in native.columns else ["*"] * len(native)
        for good, country, value in zip(goods, require(native, "country", "conduct").to_list(), values, strict=True):
            rows = flows.select_commodities([str(good)])
            found[np.ix_(rows, flows.select_countries(_terms(country), {}, day))] = value
    else:
        if isinstance(given, bool) or not isinstance(given, int | float | np.number):
            raise DataError(f"conduct is {given!r}; expected a number, a mapping by country or commodity, or a frame")
        found[:] = float(given)
    if not np.all((found >= 0) & (found <= 1)):
        bad = float(found[~((found >= 0) & (found <= 1))][0])
        raise DataError(f"conduct is {bad}; expected 0 (takes prices) to 1 (buys as one)")
    return found


def _terms(given: Selector) -> list[str]:
    return terms(given)


def _price_level(given: float | Mapping[str, float] | None, commodities: list[str]) -> list[float | None]:
    if isinstance(given, Mapping):
        unknown = [name for name in given if name not in commodities]
        if unknown:
            raise DataError(f"price_level names '{unknown[0]}', which the flows don't have")
        levels = [given.get(name) for name in commodities]
    else:
        levels = [given] * len(commodities)
    bad = [level for level in levels if level is not None and not _is_level(level)]
    if bad and isinstance(bad[0], Distribution):
        raise DataError(
            f"price_level is {bad[0]!r}, and can't be uncertain; give a number, and let the cap's price= be a "
            "distribution"
        )
    if bad:
        raise DataError(f"price_level is {bad[0]!r}; expected a world price over that of the baseline, above 0")
    return [None if level is None else float(level) for level in levels]


def _is_level(given: Any) -> bool:
    return is_number(given) and bool(given > 0 and np.isfinite(given))


def _same_units(supply: Curves, demand: Curves) -> None:
    for commodity in sorted({*supply.commodities, *demand.commodities}):
        prices = supply.usual_price(commodity), demand.usual_price(commodity)
        if all(price > 0 for price in prices) and max(prices) > SAME_UNITS * min(prices):
            raise DataError(
                f"the curves of {commodity} say prices near {prices[0]:.3g} in supply and {prices[1]:.3g} in demand; "
                "one side is in other units (a factor of 1,000?), so convert it"
            )
