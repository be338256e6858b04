"""General equilibrium: exact hat algebra with input–output links, and its one-sector case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

import numpy as np

from tradewinds import _core
from tradewinds.data.columns import numbers, open_frame, require
from tradewinds.data.flows import Flows, Period
from tradewinds.data.input_output import InputOutput
from tradewinds.data.table import frame
from tradewinds.errors import DataError, ModelError
from tradewinds.model.model import Model
from tradewinds.model.parameters import Parameter, Uncertain, by_commodity, check_ranges
from tradewinds.model.solving import one_of, solved
from tradewinds.result.general import GeneralResult
from tradewinds.scenario.distributions import Distribution
from tradewinds.scenario.scenario import Scenario

__all__ = ["CaliendoParro", "Gravity"]

Deficits = Literal["additive", "multiplicative", "zero"]
_RULES = ("additive", "multiplicative", "zero")
#: Commodity, positions of its sector, exporter and importer (none: any), share.
_Part = tuple[str, int, int | None, int | None, float]


class _General(Model):
    """What both models have in common."""

    _result = GeneralResult

    #: There is no prior for flows that did not exist, and nothing beside the baseline was observed.
    prior = None
    observed = None

    #: The table it was made of; of :class:`Gravity`, one sector.
    table: InputOutput
    #: Distributions among elasticities of substitution.
    _nests: Sequence[tuple[str, Uncertain]] = ()

    @classmethod
    def _of_core(
        cls,
        core: _core.General,
        table: InputOutput,
        period: Period,
        parameters: dict[str, Parameter],
        nests: Sequence[tuple[str, Uncertain]] = (),
    ) -> Self:
        """The model of inputs that were checked before."""
        model = cls.__new__(cls)
        model._keep(core, table, period, parameters, nests)
        return model

    def _keep(
        self,
        core: _core.General,
        table: InputOutput,
        period: Period,
        parameters: dict[str, Parameter],
        nests: Sequence[tuple[str, Uncertain]] = (),
    ) -> None:
        self._core, self.table, self.period, self.parameters, self._nests = core, table, period, parameters, nests
        self.flows = Flows(core.flows, backend=table._backend, attrs=table.attrs, undated=True)

    @property
    def uncertain(self) -> list[tuple[str, Uncertain]]:
        """Elasticities that are distributions, with their names."""
        return [*super().uncertain, *self._nests]

    @property
    def has_tariffs(self) -> bool:
        """Whether the baseline has import duties."""
        return self._core.has_tariffs

    @property
    def rebalanced(self) -> float:
        """Largest |ŵ − 1| by which wages had to move for the data to become the baseline equilibrium.

        0 to rounding where the data balance and deficits are kept; what their elimination does where
        they are not.
        """
        return self._core.rebalanced

    @property
    def chosen(self) -> dict[str, Any]:
        """How the table is made a model: ``deficits``, ``between_inputs``, ``between_goods``, and how many rows
        ``sector_of`` has."""
        deficits, (value_added, inputs, goods) = self._core.settings()
        both = value_added if value_added == inputs else {"value_added": value_added, "inputs": inputs}
        return {
            "deficits": deficits,
            "between_inputs": both,
            "between_goods": goods,
            "sector_of": len(self._core.parts()[0]["share"]),
        }

    def solve(
        self,
        scenario: Scenario,
        *,
        at: Period | dt.date | None = None,
        on_failure: Literal["raise", "return"] = "raise",
        unsupported: Literal["raise", "leave_out"] = "raise",
    ) -> GeneralResult:
        """Solve a scenario against the baseline: ``Ban``, ``Tariff``, ``ExportTax`` and ``TradeCost``.

        Parameters
        ----------
        scenario : Scenario
            Commodities are the model's sectors, or those of ``sector_of``.
        at : int, str or date, optional
            A period in which measures change is cut at every change; each segment is solved at annual
            rates and weighted by its days. Not given: every measure as far in force as it gets.
        on_failure : {"raise", "return"}
            What to do with a solve that does not converge.
        unsupported : {"raise", "leave_out"}
            What to do with measures this model does not take; those left out are in
            ``result.left_out``.

        Raises
        ------
        ScenarioError
            Unknown names, dates that never meet without ``at``, a duty of −100 % or below.
        ModelError
            A measure this model does not take.
        InfeasibleError
            No equilibrium exists: countries cut off with a fixed deficit, trade open in one direction only,
            a sector without supplier where nothing can take its place. Names the countries.
        ConvergenceError
            With ``.status`` and ``.result``, unless ``on_failure="return"``.
        """
        return solved(self, scenario, GeneralResult, on_failure, self._options(at, unsupported))

    def __reduce__(self) -> tuple[Any, ...]:
        settings = (*self._core.settings(), self._core.flows.currency, _parts(self._sectors_of(), self.table))
        return _rebuild, (type(self), self.table, settings, self.period, self.parameters, self._nests)

    def _sectors_of(self) -> Any:
        return frame(self._core.parts(), self.table._backend)

    def __repr__(self) -> str:
        size = f"{len(self.flows.countries)} countries, {len(self.flows.commodities)} sectors"
        return f"<tradewinds.{type(self).__name__}: {size}, baseline {self.period}>"


def _rebuild(
    kind: type[_General],
    table: InputOutput,
    settings: tuple[str, tuple[float, float, float], str, list[_Part]],
    period: Period,
    parameters: dict[str, Parameter],
    nests: Sequence[tuple[str, Uncertain]],
) -> _General:
    deficits, elasticities, currency, parts = settings
    core = _core.General.of_table(
        table._core,
        trade_elasticity=parameters["trade_elasticity"].values,
        deficits=deficits,
        nests=elasticities,
        period=str(period),
        currency=currency,
        parts=parts,
    )
    return kind._of_core(core, table, period, parameters, nests)


class CaliendoParro(_General):
    """General equilibrium of countries and sectors linked by inputs (Caliendo & Parro 2015), in exact hats.

    Labour moves between a country's sectors and not between countries; goods of a sector differ by origin,
    with constant trade elasticity. Export taxes, duties, trade costs and bans, exact zeros; the numeraire
    is the value added of all countries that trade with each other, which a scenario does not change.

    The baseline is the equilibrium of the table: where its shares, value added and deficits disagree, or
    deficits are eliminated, wages move first (:attr:`rebalanced`), and all changes are relative to that.

    Parameters
    ----------
    table : InputOutput
    trade_elasticity : number, distribution, mapping by sector, sequence in the table's order, or dataframe
        θ > 0 (= σ − 1): the elasticity of trade with respect to its cost. Not 1/θ, and without its sign. Of
        a distribution, alone or in a mapping, sequence or dataframe, ``solve`` takes the central value and
        :meth:`sample` draws. It does not adjust over time.
    deficits : {"additive", "multiplicative", "zero"}
        "additive" keeps every deficit in units of the numeraire; "multiplicative" keeps the ratio of
        final spending to own income, times a common factor; "zero" eliminates deficits from the
        baseline on.
    between_inputs : number, distribution, or {"value_added": φ, "inputs": ν}
        Elasticity of substitution between inputs and value added in production; 1 is Cobb–Douglas. The
        mapping nests: φ between value added and the bundle of inputs, ν between inputs.
    between_goods : number or distribution
        Elasticity of substitution between sectors in final spending.
    sector_of : dataframe, optional
        ``commodity, sector, share`` and optionally ``exporter, importer`` ("*" or missing: all): commodities
        that measures may name and that are a part of a sector, with their share by value of its flows. A ban on
        a commodity then bans that share of the sector's flow; duties and costs are averaged alike. Shown
        as :attr:`sector_of`. :func:`tradewinds.sector_of` makes one of flows by commodity.
    period : int or str, optional
        Of the table: undated groups of countries are those of its last day. Default: what the table's
        ``attrs`` say, else this year.

    Raises
    ------
    ModelError
        θ ≤ 0; an elasticity of substitution below 0; θ that adjusts.
    DataError
        The table has no equilibrium with these deficits; a sector without θ; a distribution that leaves the
        admissible range, with its share outside.
    InfeasibleError
        No such equilibrium can exist: see :meth:`solve`.
    """

    def __init__(
        self,
        table: InputOutput,
        *,
        trade_elasticity: Any,
        deficits: Deficits = "additive",
        between_inputs: float | Mapping[str, float] = 1.0,
        between_goods: float = 1.0,
        sector_of: Any = None,
        period: Period | None = None,
    ) -> None:
        if not isinstance(table, InputOutput):
            raise DataError(f"table is a {type(table).__name__}; make one with tw.InputOutput.from_arrays(...)")
        one_of("deficits", deficits, _RULES)
        period = period if period is not None else table.attrs.get("period", dt.date.today().year)
        parameter = _by_sector(trade_elasticity, _Labels(table.countries, table.sectors))
        nests, uncertain = _nests(between_inputs, between_goods)
        core = _core.General.of_table(
            table._core,
            trade_elasticity=parameter.values,
            deficits=deficits,
            nests=nests,
            period=str(period),
            currency=str(table.attrs.get("unit", "USD")),
            parts=_parts(sector_of, table),
        )
        self._keep(core, table, period, {"trade_elasticity": parameter}, uncertain)

    @property
    def sector_of(self) -> Any:
        """Commodities that measures may name: ``commodity, sector, exporter, importer, share``."""
        return self._sectors_of()


class Gravity(_General):
    """General equilibrium of one sector made of labour: the universal gravity system, in exact hats.

    Arkolakis, Costinot & Rodríguez-Clare 2012; Baier, Yotov & Zylkin 2019 (``ge_gravity``).

    Parameters
    ----------
    flows : Flows
        Of one commodity, with domestic sales: rows whose exporter is the importer.
    period : int or str
        The baseline.
    trade_elasticity : number or distribution
        θ > 0 (= σ − 1). Not 1/θ, and without its sign.
    deficits : {"additive", "multiplicative", "zero"}
        As in :class:`CaliendoParro`.

    Raises
    ------
    ModelError
        θ ≤ 0, or one that adjusts.
    DataError
        Several commodities, a country without domestic sales, no such period; a distribution that leaves the
        admissible range, with its share outside.
    """

    def __init__(self, flows: Flows, *, period: Period, trade_elasticity: Any, deficits: Deficits = "additive") -> None:
        if not isinstance(flows, Flows):
            raise DataError(f"flows is a {type(flows).__name__}; make one with tw.Flows.from_frame(frame)")
        one_of("deficits", deficits, _RULES)
        parameter = _by_sector(trade_elasticity, _Labels(flows.countries, flows.commodities))
        core = _core.General.of_flows(
            flows._dated(period), period=str(period), trade_elasticity=parameter.values, deficits=deficits
        )
        table = InputOutput(core.table, attrs=flows.attrs, backend=flows._backend)
        self._keep(core, table, period, {"trade_elasticity": parameter})


class _Labels:
    """Countries and sectors, as parameters look labels up."""

    def __init__(self, countries: list[str], sectors: list[str]) -> None:
        self.countries = countries
        self.commodities = sectors


def _by_sector(given: Any, labels: _Labels) -> Parameter:
    if isinstance(given, np.ndarray | list | tuple):
        if len(given) != len(labels.commodities):
            raise DataError(
                f"trade_elasticity has {len(given)} numbers; expected one for each of the "
                f"{len(labels.commodities)} sectors"
            )
        values = [value if isinstance(value, Distribution) else float(value) for value in given]
        given = dict(zip(labels.commodities, values, strict=True))
    elif hasattr(given, "columns"):
        native = open_frame(given, "trade_elasticity")
        if "sector" in native.columns and "commodity" not in native.columns:
            given = native.rename({"sector": "commodity"}).to_native()
    parameter = by_commodity(given, "trade_elasticity", labels)  # type: ignore[arg-type]
    if parameter.horizon is not None:
        raise ModelError(
            "trade_elasticity does not adjust: give one number a sector, that of the run you ask about, and solve with "
            "another for another run"
        )
    return parameter


def _nests(between_inputs: Any, between_goods: Any) -> tuple[tuple[float, float, float], list[tuple[str, Uncertain]]]:
    """Elasticities of substitution in the order of the core, and what is a distribution among them."""
    typed: list[tuple[str, str, tuple[int, ...], Any]] = [("between_inputs", "between_inputs", (0, 1), between_inputs)]
    if isinstance(between_inputs, Mapping):
        if set(between_inputs) != {"value_added", "inputs"}:
            raise ModelError(
                f"between_inputs has the keys {sorted(map(str, between_inputs))}; expected a number, or 'value_added' "
                "and 'inputs'"
            )
        parts = enumerate(("value_added", "inputs"))
        typed = [("between_inputs", f"between_inputs ({part})", (k,), between_inputs[part]) for k, part in parts]
    values, uncertain = [1.0, 1.0, 1.0], []
    for name, label, places, given in [*typed, ("between_goods", "between_goods", (2,), between_goods)]:
        value = given
        if isinstance(given, Distribution):
            value = given.central
            uncertain.append((name, Uncertain(label, given, tuple((place, 0) for place in places))))
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise ModelError(
                f"{label} is {value!r}; expected an elasticity of substitution, a number of at least 0, or a "
                "distribution"
            )
        for place in places:
            values[place] = float(value)
    for name, one in uncertain:
        check_ranges([one], name)
    return (values[0], values[1], values[2]), uncertain


def _parts(given: Any, table: InputOutput) -> list[_Part]:
    if given is None:
        return []
    native = open_frame(given, "sector_of")
    shares = numbers(require(native, "share", "sector_of"), "share")
    commodities = [str(name) for name in require(native, "commodity", "sector_of").to_list()]
    sectors = [_place(name, table.sectors, "sector") for name in require(native, "sector", "sector_of").to_list()]

    def countries(column: str) -> list[int | None]:
        if column not in native.columns:
            return [None] * len(native)
        names = native[column].to_list()
        return [None if name in (None, "*") else _place(name, table.countries, column) for name in names]

    columns = (commodities, sectors, countries("exporter"), countries("importer"), map(float, shares))
    return list(zip(*columns, strict=True))


def _place(name: Any, known: list[str], column: str) -> int:
    if str(name) not in known:
        raise DataError(
            f"sector_of names the {column} '{name}', which the table does not have; it has {', '.join(known[:8])}, …"
        )
    return known.index(str(name))
