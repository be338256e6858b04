"""Trade flows: what was observed."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from tradewinds import _core
from tradewinds.data.columns import Codes, numbers, open_frame, require
from tradewinds.data.flow_columns import Places, commodities_of, labels_of, optional, periods_of, quantity_units_of
from tradewinds.data.table import Answer, frame
from tradewinds.data.terms import Selector, group_terms, terms
from tradewinds.errors import DataError

__all__ = ["Flows", "Period"]

#: A year, or a text such as "2021Q3", "2021-07".
Period = int | str


class Flows:
    """Flows by period, commodity, exporter, importer and, where known, mode. Immutable.

    Values are in one currency at the exporter's border. A row of value zero is a known zero, a
    missing row an absent flow. A row with equal exporter and importer is domestic sales.

    ``attrs`` says where the figures come from: source, licence, unit, valuation, HS revision, price
    year. Made by :meth:`from_frame` and by :func:`tradewinds.datasets.load`.
    """

    def __init__(self, core: _core.Flows, *, backend: str, attrs: Mapping[str, Any], undated: bool) -> None:
        self._core = core
        self._backend = backend
        self._undated = undated
        self.attrs: dict[str, Any] = copy.deepcopy(dict(attrs))

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        *,
        exporter: str = "exporter",
        importer: str = "importer",
        commodity: str = "commodity",
        value: str = "value",
        quantity: str | None = None,
        quantity_unit: str | Mapping[str, str] | None = None,
        period: str | None = None,
        mode: str | None = None,
        unit: str = "USD",
        countries: Literal["iso", "as_is"] = "iso",
        duplicates: Literal["raise", "sum"] = "raise",
        attrs: Mapping[str, Any] | None = None,
    ) -> Flows:
        """Make flows of any dataframe.

        Parameters
        ----------
        frame : dataframe
            pandas, polars, pyarrow or any other that narwhals knows; a row a flow.
        exporter, importer, commodity, value : str
            Names of columns that must be there. HS codes are text, never integers.
        quantity, period, mode : str, optional
            Names of further columns. Where not given, the columns ``quantity``, ``period`` and
            ``mode`` are taken if there are such. A missing quantity is one that is not known. Flows
            without a period stand for whatever period a model says.
        quantity_unit : str or mapping, optional
            Unit of the quantities, one for all or by commodity; else the column ``quantity_unit``.
        unit : str
            Currency of the values.
        countries : {"iso", "as_is"}
            "iso" converts ISO 3166 alpha-3 and alpha-2, M49, BACI codes and names to alpha-3;
            "as_is" takes any labels: regions, blocs, firms.
        duplicates : {"raise", "sum"}
            What to do with rows of equal keys.
        attrs : mapping, optional
            Source, licence, valuation and the like, kept in ``attrs``.

        Raises
        ------
        DataError
            Missing columns, missing labels, unknown countries (with near matches), values that are
            negative, infinite or missing, duplicates; always with row numbers counted from 0.
        """
        if countries not in ("iso", "as_is"):
            raise DataError(f"countries is '{countries}'; expected 'iso' or 'as_is'")
        if duplicates not in ("raise", "sum"):
            raise DataError(f"duplicates is '{duplicates}'; expected 'raise' or 'sum'")
        native = open_frame(frame, "frame")
        if len(native) == 0:
            raise DataError("the flows have no rows; give at least one flow")
        places = Places(native, countries)
        places.add(exporter)
        places.add(importer)
        commodities, commodity_codes = commodities_of(native, commodity)
        period_column = optional(native, period, "period")
        mode_column = optional(native, mode, "mode")
        quantity_column = optional(native, quantity, "quantity")
        periods, period_codes = periods_of(native, period_column)
        modes, mode_codes = (None, None) if mode_column is None else labels_of(native, mode_column)
        amounts = numbers(require(native, value, "frame"), value)
        quantities = (
            np.full(len(native), np.nan)
            if quantity_column is None
            else numbers(require(native, quantity_column, "frame"), quantity_column)
        )
        core = _core.Flows(
            countries=places.labels,
            commodities=commodities,
            periods=periods,
            modes=modes,
            currency=unit,
            quantity_units=quantity_units_of(native, commodities, commodity_codes, quantity_unit),
            period=period_codes,
            commodity=commodity_codes,
            exporter=places.codes(exporter),
            importer=places.codes(importer),
            mode=mode_codes,
            value=amounts,
            quantity=quantities,
            duplicates=duplicates,
        )
        backend = native.implementation.value
        if attrs and attrs.get("unit", unit) != unit:
            raise DataError(f"attrs has the unit '{attrs['unit']}' and unit is '{unit}'; give it once, as unit=")
        given = {"unit": unit, **(attrs or {})}
        return cls(core, backend=str(backend), attrs=given, undated=period_column is None)

    @property
    def countries(self) -> list[str]:
        """Labels of exporters and importers, sorted."""
        return self._core.countries

    @property
    def commodities(self) -> list[str]:
        """Labels of commodities, sorted."""
        return self._core.commodities

    @property
    def periods(self) -> list[Period]:
        """Periods in order: years as integers. Empty for flows without periods."""
        return [] if self._undated else [_period_label(text) for text in self._core.periods]

    @property
    def modes(self) -> list[str] | None:
        """Labels of modes; None for flows without modes."""
        return self._core.modes

    def __len__(self) -> int:
        return len(self._core)

    def to_frame(self) -> Any:
        """All rows: ``period, commodity, exporter, importer[, mode], value, quantity, quantity_unit``.

        ``value`` in the currency of ``attrs["unit"]``; ``quantity`` missing where not known.
        """
        columns, units = self._core.table()
        period = columns.pop("period")
        keys = {} if self._undated else {"period": _period_column(*period)}
        codes, _ = columns["commodity"]
        unit_codes, unit_labels = _unique(self._core.quantity_units)
        answer: Answer = ({**keys, **columns, "quantity_unit": (unit_codes[codes], unit_labels)}, units)
        return frame(answer, self._backend, {"flows": copy.deepcopy(self.attrs)})

    def select(
        self,
        *,
        exporters: Selector = "*",
        importers: Selector = "*",
        commodities: Selector = "*",
        periods: Period | Sequence[Period] | None = None,
        groups: Mapping[str, Sequence[str]] | None = None,
    ) -> Flows:
        """The flows that all selectors take; groups as of the last day of the last period.

        Raises
        ------
        ScenarioError
            A selector that is unknown or takes nothing.
        DataError
            No row is left, or there is no such period.
        """
        named = group_terms(groups)
        wanted = self._core.periods if periods is None else _period_texts(periods)
        day = self._core.last_day(wanted)
        self._refuse_dated_groups(exporters, importers, groups=named)
        kept = self._core.filter(
            self._core.select_countries(terms(exporters), named, day),
            self._core.select_countries(terms(importers), named, day),
            self._core.select_commodities(terms(commodities)),
            wanted,
        )
        return self._with(kept)

    def aggregate(
        self,
        *,
        countries: Mapping[str, Selector] | None = None,
        commodities: Mapping[str, Selector] | None = None,
        groups: Mapping[str, Sequence[str]] | None = None,
    ) -> Flows:
        """Sum into new countries or commodities: ``{"EU27": "EU27"}``, ``{"gas": ["pipeline_gas", "lng"]}``.

        What no selector takes stays as it is. Flows between merged countries become sales of the
        new region to itself. A quantity that is unknown in a part is unknown in the sum. Groups
        count as of the last day of the last period.

        Raises
        ------
        DataError
            A country or commodity that two new names take; quantities in different units.
        """
        day, named = self._last_day(), group_terms(groups)
        self._refuse_dated_groups(*(countries or {}).values(), groups=named)
        merged = self._core.aggregate(
            _merge(self.countries, countries, lambda given: self._core.select_countries(given, named, day)),
            _merge(self.commodities, commodities, self._core.select_commodities),
        )
        return self._with(merged)

    def fill_quantities(self) -> Flows:
        """Give the flows without a quantity one, by a stated rule: at the exporter's own mean unit value.

        A value is divided by Σ value / Σ quantity over the flows of the same exporter, commodity and
        period whose quantity is known; where it has none, over that of all exporters. Known quantities
        stay as they are. ``attrs["quantities_filled"]`` says how many were filled and what share of the
        value they stand for, by commodity; the shares of an exporter in quantities are then those in
        values as far as they were filled.

        Raises
        ------
        DataError
            A commodity without a single known quantity in a period.
        """
        core, filled = self._core.with_unit_values()
        columns, _ = self._core.table()
        codes, value = columns["commodity"][0], columns["value"]
        told = {}
        for code in np.unique(codes[filled]):
            mine = codes == code
            rows, share = int(filled[mine].sum()), float(value[mine & filled].sum() / value[mine].sum())
            told[self.commodities[code]] = {"rows": rows, "share_of_value": share}
        attrs = {**self.attrs, "quantities_filled": told} if told else self.attrs
        return Flows(core, backend=self._backend, attrs=attrs, undated=self._undated)

    def shares(
        self,
        exporter: Selector,
        period: Period | None = None,
        *,
        groups: Mapping[str, Sequence[str]] | None = None,
    ) -> Any:
        """Shares of the exporters' sales by destination: ``commodity, importer, amount, share, basis``.

        In quantities if every flow of the exporters has one, else in values. ``period`` may be left
        out where the flows have only one.
        """
        position = self._core.periods[0] if self._undated or period is None else str(period)
        if period is None and len(self._core.periods) > 1:
            raise DataError(f"the flows have the periods {self.periods}; say which with period=")
        answer = self._core.shares(terms(exporter), group_terms(groups), position)
        return frame(answer, self._backend)

    def _with(self, core: _core.Flows) -> Flows:
        return Flows(core, backend=self._backend, attrs=self.attrs, undated=self._undated)

    def _dated(self, period: Period) -> _core.Flows:
        return self._core.dated(str(period)) if self._undated else self._core

    def _at(self, period: Period) -> _core.Flows:
        """The rows of one period under all labels."""
        core = self._dated(period)
        return core if core.periods == [str(period)] else core.of_period(str(period))

    def _refuse_dated_groups(self, *selectors: Selector, groups: Mapping[str, Sequence[str]]) -> None:
        if not self._undated:
            return
        dated = set(_core.group_names()) - set(self.countries) - set(groups)
        given = [
            *(term for s in selectors for term in terms(s)),
            *(term for members in groups.values() for term in members),
        ]
        for term in given:
            if term.lstrip("!") in dated:
                raise DataError(
                    f"'{term.lstrip('!')}' has members by date, and the flows have no period; give them a column "
                    "period, or list the members in groups="
                )

    def _last_day(self) -> str:
        return self._core.last_day(self._core.periods)

    def __repr__(self) -> str:
        periods = "no periods" if self._undated else _span(self.periods)
        return (
            f"<tradewinds.Flows: {len(self):,} flows, {len(self.countries)} countries, "
            f"{len(self.commodities)} commodities ({_short(self.commodities)}), {periods}, {self.attrs['unit']}>"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        columns, _ = self._core.table()
        return _rebuild, (
            columns,
            self._core.currency,
            self._core.quantity_units,
            self._backend,
            self.attrs,
            self._undated,
        )


def _rebuild(
    columns: dict[str, Any],
    currency: str,
    quantity_units: list[str],
    backend: str,
    attrs: dict[str, Any],
    undated: bool,
) -> Flows:
    mode_codes, modes = columns.get("mode", (None, None))
    core = _core.Flows(
        countries=columns["exporter"][1],
        commodities=columns["commodity"][1],
        periods=columns["period"][1],
        modes=modes,
        currency=currency,
        quantity_units=quantity_units,
        period=columns["period"][0],
        commodity=columns["commodity"][0],
        exporter=columns["exporter"][0],
        importer=columns["importer"][0],
        mode=mode_codes,
        value=columns["value"],
        quantity=columns["quantity"],
        duplicates="raise",
    )
    return Flows(core, backend=backend, attrs=attrs, undated=undated)


def _merge(labels: list[str], groups: Mapping[str, Selector] | None, positions: Any) -> list[str]:
    names = list(labels)
    taken: dict[int, str] = {}
    for name, selector in (groups or {}).items():
        for position in positions(terms(selector)):
            if position in taken:
                raise DataError(f"'{labels[position]}' would belong to '{taken[position]}' and to '{name}'; choose one")
            taken[position] = name
            names[position] = name
    return names


def _period_label(text: str) -> Period:
    return int(text) if text.isdigit() else text


def _period_column(codes: Codes, labels: list[str]) -> Any:
    if all(label.isdigit() for label in labels):
        return np.array([int(label) for label in labels], dtype=np.int64)[codes]
    return codes, labels


def _period_texts(periods: Period | Sequence[Period]) -> list[str]:
    one = isinstance(periods, int | str | np.integer)
    return [str(periods)] if one or not isinstance(periods, Iterable) else [str(period) for period in periods]


def _unique(names: list[str]) -> tuple[Codes, list[str]]:
    """Positions into the unique names, in order of appearance."""
    unique = list(dict.fromkeys(names))
    return np.array([unique.index(name) for name in names], dtype=np.uint32), unique


def _short(names: list[str]) -> str:
    return ", ".join(names[:4]) + (", …" if len(names) > 4 else "")


def _span(periods: list[Period]) -> str:
    return str(periods[0]) if len(periods) == 1 else f"{periods[0]} to {periods[-1]}"
