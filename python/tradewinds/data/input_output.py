"""Input–output tables of the world: what was observed of countries, sectors and what they use."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from tradewinds import _core
from tradewinds.data import accounts
from tradewinds.data.accounts import Inventory, NegativeValueAdded, labels_of
from tradewinds.data.balance import no_entries, totals
from tradewinds.data.columns import Numbers
from tradewinds.data.labelled import check_labels
from tradewinds.data.table import Answer, frame
from tradewinds.data.terms import Selector, dated_groups, group_terms, merged
from tradewinds.errors import DataError

__all__ = ["InputOutput"]


class InputOutput:
    """An input–output table of the world in shares. Immutable.

    Labels are kept exactly as given. ``adjustments`` says which shares were not exact as given and
    what was done; ``attrs`` where the figures come from: source, licence, unit. The shares
    are read back under the names of :meth:`from_arrays`.

    Made of shares by :meth:`from_arrays`, of a full world table by :meth:`from_accounts`,
    :meth:`from_frame`, :meth:`from_pymrio`, :func:`tradewinds.read_oecd_icio` and
    :func:`tradewinds.read_wiod`; of these :meth:`balance` says what did not add up.
    """

    def __init__(
        self,
        core: _core.InputOutput,
        *,
        attrs: Mapping[str, Any],
        balance: Answer | None = None,
        backend: str = "pandas",
    ) -> None:
        self._core = core
        #: Shares that were not exact as given, a sentence each.
        self.adjustments: list[str] = [_adjustment(*found) for found in core.adjustments]
        self._balance = balance or no_entries(attrs["unit"])
        self._backend = backend
        self.attrs: dict[str, Any] = copy.deepcopy(dict(attrs))

    @classmethod
    def from_arrays(
        cls,
        countries: Sequence[str],
        sectors: Sequence[str],
        *,
        import_share: npt.ArrayLike,
        input_share: npt.ArrayLike,
        value_added_share: npt.ArrayLike,
        final_share: npt.ArrayLike,
        value_added: npt.ArrayLike,
        tariff_power: npt.ArrayLike | None = None,
        deficit: npt.ArrayLike | None = None,
        unit: str = "USD",
        attrs: Mapping[str, Any] | None = None,
    ) -> InputOutput:
        """Make a table of arrays of shares.

        Parameters
        ----------
        countries, sectors : sequence of str
            Labels, each once.
        import_share : array, [sector, importer, exporter]
            Share of each exporter in the importer's spending on the sector, duties included. Sums to 1
            over exporters, or to 0 where the importer buys none of the sector.
        input_share : array, [country, input, output]
            Inputs in *gross output*; with the value-added share a column sums to 1, or to 0 where the
            country makes none of the sector.
        value_added_share, final_share : array, [sector, country]
            Value added in gross output; sectors in final spending, which sum to 1 by country.
        value_added : array, [country]
            Above 0, in ``unit``.
        tariff_power : array, [sector, importer, exporter], optional
            1 + ad-valorem duty on the border value; of domestic sales, what a region levies within itself.
            Default: no duties.
        deficit : array, [country], optional
            Imports less exports at border values, in ``unit``; sums to 0. Default: what the shares and
            the value added imply.
        unit : str
            Of the amounts; kept in ``attrs``.
        attrs : mapping, optional
            Source, licence and the like.

        Sums within 1e-5 of 1 are scaled to 1, and negative shares of inputs, value added and final
        spending down to −0.001 are set to 0 first: residuals of published tables. ``adjustments`` reports
        both.

        Raises
        ------
        DataError
            Labels twice, labels of selectors (``*``, ``!…``), shapes that do not fit the labels, a pandas or xarray
            object whose own labels are others or in another order, shares that are negative or do not sum to 1,
            value added that is not positive, a duty of −100 % or below, deficits that do not sum to 0, a
            sector sold without being made or used without a supplier. Names the cell.
        """
        n, j = labels_of(countries, "countries"), labels_of(sectors, "sectors")
        optional = {"tariff_power": (tariff_power, (j, n, n)), "deficit": (deficit, (n,))}
        core = _core.InputOutput(
            countries=n,
            sectors=j,
            import_share=_array(import_share, "import_share", j, n, n),
            input_share=_array(input_share, "input_share", n, j, j),
            value_added_share=_array(value_added_share, "value_added_share", j, n),
            final_share=_array(final_share, "final_share", j, n),
            value_added=_array(value_added, "value_added", n),
            **{name: None if given is None else _array(given, name, *axes) for name, (given, axes) in optional.items()},
        )
        return cls(core, attrs={"unit": unit, **(attrs or {})})

    @classmethod
    def from_accounts(
        cls,
        countries: Sequence[str],
        sectors: Sequence[str],
        *,
        intermediate: npt.ArrayLike,
        final_demand: npt.ArrayLike,
        inventory_changes: npt.ArrayLike | None = None,
        output: npt.ArrayLike | None = None,
        value_added: npt.ArrayLike | None = None,
        taxes: npt.ArrayLike | None = None,
        inventories: Inventory = "final",
        negative_value_added: NegativeValueAdded = "raise",
        unit: str = "USD",
        attrs: Mapping[str, Any] | None = None,
    ) -> InputOutput:
        """Make a table of a full world table: deliveries between sectors and to final demand.

        Every market clears in it. Inputs per unit of output are those stated, and so are final demand
        (after the choice below) and each importer's shares of exporters, which hold in all its uses;
        outputs are what these take (Leontief), which is what was stated where the rows add up and nothing
        was changed. Value added is output less inputs: it holds taxes less subsidies and margins that
        producers pay, and any discrepancy of the column; it may be 0. A sector that sells out of stocks what
        it did not make, its output stated as 0, is all value added. Taxes on final demand are left out.
        Deficits, imports less exports, follow. :meth:`balance` reports all of it.

        Parameters
        ----------
        countries, sectors : sequence of str
            Labels, each once.
        intermediate : array, [exporter, sector, importer, use]
            Deliveries used as inputs, 0 or more; also as a square matrix with a row and a column for each
            sector of the first country, then of the second, ….
        final_demand : array, [exporter, sector, importer]
            Deliveries to final demand, summed over its categories; also as a matrix of countries' sectors
            by importers. May be negative.
        inventory_changes : array, [exporter, sector, importer], optional
            Changes in inventories, where they are apart; negative where stocks were drawn on.
        output, value_added, taxes : array, [country, sector], optional
            As stated; also as one long vector. Without ``output`` it is all that is sold.
            ``value_added`` and ``taxes`` (less subsidies, with margins, on what producers buy) are only
            compared, in the report.
        inventories : {"final", "drop"}
            Changes in inventories count as final demand, or are left out. What final demand is then
            negative is put to 0.
        negative_value_added : {"raise", "zero"}
            What becomes of a sector whose inputs exceed its output: an error, or its inputs are scaled down
            to its output.
        unit : str
            Of all amounts; kept in ``attrs``.
        attrs : mapping, optional
            Source, licence and the like.

        Raises
        ------
        DataError
            Labels twice, shapes that do not fit them, deliveries to sectors that are negative, inputs
            without output, negative value added, a country without final demand or value added. Names the
            cell.
        """
        built = accounts.of_arrays(
            countries,
            sectors,
            intermediate=intermediate,
            final_demand=final_demand,
            stocks=inventory_changes,
            output=output,
            value_added=value_added,
            taxes=taxes,
            unit=unit,
            chosen=accounts.settings(inventories, negative_value_added),
        )
        return cls._of(built, attrs={"unit": unit, **(attrs or {})})

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        *,
        exporter: str = "exporter",
        sector: str = "sector",
        importer: str = "importer",
        use: str = "use",
        value: str = "value",
        final: str | Sequence[str] = "final",
        inventory_changes: str | Sequence[str] = (),
        countries: Literal["iso", "as_is"] = "as_is",
        duplicates: Literal["raise", "sum"] = "raise",
        inventories: Inventory = "final",
        negative_value_added: NegativeValueAdded = "raise",
        unit: str = "USD",
        attrs: Mapping[str, Any] | None = None,
    ) -> InputOutput:
        """Make a table of a long frame, a row a delivery.

        Countries and sectors are sorted. Output is all that is sold; see :meth:`from_accounts` for what is
        made of the deliveries, and for ``inventories`` and ``negative_value_added``.

        Parameters
        ----------
        frame : dataframe
            pandas, polars, pyarrow or any other that narwhals knows.
        exporter, sector, importer, use, value : str
            Names of its columns. ``use`` has the importer's sector, or a category of final demand.
        final, inventory_changes : str or list of str
            Labels of ``use`` that are final demand, and those that are changes in inventories; every other
            one is a sector.
        countries : {"as_is", "iso"}
            As :meth:`tradewinds.Flows.from_frame`.
        duplicates : {"raise", "sum"}
            What to do with rows of equal keys.
        unit : str
            Of the values.
        attrs : mapping, optional
            Source, licence and the like.

        Raises
        ------
        DataError
            Missing columns and labels, values that are missing or infinite, negative deliveries to
            sectors, duplicates, with row numbers counted from 0; no final demand; what
            :meth:`from_accounts` refuses.
        """
        built, backend = accounts.of_frame(
            frame,
            {"exporter": exporter, "sector": sector, "importer": importer, "use": use, "value": value},
            final=_list(final),
            stocks=_list(inventory_changes),
            countries=countries,
            duplicates=duplicates,
            unit=unit,
            chosen=accounts.settings(inventories, negative_value_added),
        )
        return cls._of(built, attrs={"unit": unit, **(attrs or {})}, backend=backend)

    @classmethod
    def from_pymrio(
        cls,
        system: Any,
        *,
        inventory_changes: str | Sequence[str] = (),
        inventories: Inventory = "final",
        negative_value_added: NegativeValueAdded = "raise",
        unit: str | None = None,
        attrs: Mapping[str, Any] | None = None,
    ) -> InputOutput:
        """Make a table of a ``pymrio.IOSystem`` (Stadler 2021), as its parsers give it.

        ``Z`` and ``Y`` have regions and sectors (or categories) in their labels; ``x`` is the output where
        there is one. See :meth:`from_accounts` for what is made of them.

        Parameters
        ----------
        system : pymrio.IOSystem
            Or any object with such ``Z``, ``Y`` and ``x``.
        inventory_changes : str or list of str
            Categories of ``Y`` that are changes in inventories.
        inventories, negative_value_added
            As :meth:`from_accounts`.
        unit : str, optional
            Of the amounts; by default the one unit of ``system.unit``.
        attrs : mapping, optional
            Source, licence and the like.

        Raises
        ------
        DataError
            No Z or Y, labels that are not pairs or not in one order, an unknown category; what
            :meth:`from_accounts` refuses.
        """
        said = unit or accounts.unit_of(system)
        built = accounts.of_pymrio(
            system,
            stocks=_list(inventory_changes),
            unit=said,
            chosen=accounts.settings(inventories, negative_value_added),
        )
        return cls._of(built, attrs={"unit": said, **(attrs or {})})

    @classmethod
    def _of(cls, built: accounts.Built, *, attrs: Mapping[str, Any], backend: str = "pandas") -> InputOutput:
        core, balance = built
        return cls(core, attrs=attrs, balance=balance, backend=backend)

    @property
    def countries(self) -> list[str]:
        """Labels of countries, as given."""
        return self._core.countries

    @property
    def sectors(self) -> list[str]:
        """Labels of sectors, as given."""
        return self._core.sectors

    @property
    def import_share(self) -> Numbers:
        """``[sector, importer, exporter]``."""
        return self._core.import_share

    @property
    def input_share(self) -> Numbers:
        """Of gross output, ``[country, input, output]``."""
        return self._core.input_share

    @property
    def value_added_share(self) -> Numbers:
        """Of gross output, ``[sector, country]``."""
        return self._core.value_added_share

    @property
    def final_share(self) -> Numbers:
        """``[sector, country]``."""
        return self._core.final_share

    @property
    def value_added(self) -> Numbers:
        """``[country]``, in ``attrs["unit"]``."""
        return self._core.value_added

    @property
    def tariff_power(self) -> Numbers | None:
        """``[sector, importer, exporter]``; None without duties."""
        return self._core.tariff_power

    @property
    def deficit(self) -> Numbers | None:
        """Imports less exports by country, in ``attrs["unit"]``; None where it follows from the shares."""
        return self._core.deficit

    def balance(self) -> Any:
        """What did not add up in the accounts, and what was done: ``country, sector, what, amount, relative``.

        ``amount`` in ``attrs["unit"]``, ``relative`` to the sector's output as stated. ``what`` is

        - ``row_imbalance``: stated output less all sales, absorbed by outputs;
        - ``column_imbalance``: stated output less inputs, taxes and value added, absorbed by value added;
        - ``taxes_in_value_added``: taxes less subsidies and margins on what producers buy, part of value added;
        - ``negative_value_added``: inputs beyond the output, scaled down to it;
        - ``inventories_kept``, ``inventories_left_out``: changes in inventories by seller;
        - ``negative_final_demand``: final demand below 0, by seller, put to 0;
        - ``output_change``: the output at which markets clear less output as stated.

        No more than 1e-9 of the output is rounding and is not listed. The frame's attrs have ``totals``, by
        ``what`` the sum of the amounts and of their absolute values. Empty where the table was made of
        shares or aggregated.
        """
        return frame(self._balance, self._backend, {"totals": totals(self._balance)})

    def aggregate(
        self,
        *,
        countries: Mapping[str, Selector] | None = None,
        sectors: Mapping[str, Selector] | None = None,
        groups: Mapping[str, Sequence[str]] | None = None,
    ) -> InputOutput:
        """Sum into new countries or sectors: ``{"EU27": ["DEU", "FRA"]}``, ``{"energy": ["B05", "B06"]}``.

        The values are summed, then shares made of the sums: exact, not an average of shares. Labels that no
        selector takes stay as they are; new ones stand where their first member stood. Duties become the
        average at border values, also within a merged region. Groups whose membership has dates count as
        of the end of ``attrs["period"]``.

        Raises
        ------
        DataError
            A country or sector that two new names take; a dated group where the table has no period; shares
            and value added that belong to no values.
        ScenarioError
            A selector that is unknown or takes nothing.
        """
        named = group_terms(groups)
        day = self._day((countries or {}).values(), named)
        core = _core.aggregate_table(
            self._core,
            merged(self.countries, countries, lambda given: _core.table_select(self._core, given, named, day)),
            merged(self.sectors, sectors, lambda given: _core.table_select(self._core, given, {}, None)),
        )
        return InputOutput(core, attrs=self.attrs, backend=self._backend)

    def to_frame(self, final: str = "final") -> Any:
        """All deliveries that are not 0: ``exporter, sector, importer, use, value[, tariff_power]``.

        ``value`` at the exporter's border in ``attrs["unit"]``; ``use`` is the importer's sector, or ``final``.
        An importer's shares of exporters are the same in all its uses. Up to n² J (J + 1) rows: 4.9 million
        of 44 countries and 50 sectors. :meth:`from_frame` reads it back, without duties.

        Raises
        ------
        DataError
            A sector is called as ``final``; shares and value added that belong to no values.
        """
        if final in self.sectors:
            raise DataError(f"'{final}' is a sector of the table; call final demand something else with final=")
        return frame(
            _core.table_rows(self._core, final, self.attrs["unit"]),
            self._backend,
            {"table": copy.deepcopy(self.attrs)},
        )

    def _day(self, selectors: Iterable[Selector], named: Mapping[str, Sequence[str]]) -> str:
        period = self.attrs.get("period")
        if period is not None:
            return f"{period}-12-31"
        for group in dated_groups(selectors, named, self.countries):
            raise DataError(
                f"'{group}' has members by date, and the table has no period; give attrs={{'period': 2022}}, or list "
                "the members in groups="
            )
        return _ANY_DAY

    def __repr__(self) -> str:
        from tradewinds.view.table import input_output_text

        return input_output_text(self)

    def _repr_html_(self) -> str:
        from tradewinds.view.table import input_output_html

        return input_output_html(self)

    def __reduce__(self) -> tuple[Any, ...]:
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        about = (self.attrs, self._balance, self._backend, self.adjustments)
        return _rebuild, (self.countries, self.sectors, arrays, *about)


#: Where no group has dates, every day is the same.
_ANY_DAY = "2000-01-01"
_ARRAYS = (
    "import_share",
    "input_share",
    "value_added_share",
    "final_share",
    "value_added",
    "tariff_power",
    "deficit",
)


def _rebuild(
    countries: list[str],
    sectors: list[str],
    arrays: dict[str, Any],
    attrs: dict[str, Any],
    balance: Answer | None,
    backend: str,
    adjustments: list[str],
) -> InputOutput:
    core = _core.InputOutput(countries=countries, sectors=sectors, **arrays)
    table = InputOutput(core, attrs=attrs, balance=balance, backend=backend)
    table.adjustments = adjustments
    return table


def _list(given: str | Sequence[str]) -> list[str]:
    return [given] if isinstance(given, str) else [str(name) for name in given]


def _array(given: npt.ArrayLike, name: str, *axes: list[str]) -> Numbers:
    check_labels(given, name, *axes)
    try:
        array = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name} can't be read as an array of numbers: {error}") from None
    if array.ndim != len(axes):
        raise DataError(f"{name} has {array.ndim} axes; expected {len(axes)}")
    return array


def _adjustment(shares: str, off: float, negative: int, lowest: float) -> str:
    parts = []
    if off:
        parts.append(f"sums up to {off:.2g} from 1")
    if negative:
        parts.append(f"{negative} negative (lowest {lowest:.2g}), set to 0")
    return f"{shares}: {'; '.join(parts)}; scaled to sum to 1"
