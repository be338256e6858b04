"""Input–output tables of the world: what was observed of countries, sectors and what they use."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tradewinds import _core
from tradewinds.data.columns import Numbers
from tradewinds.errors import DataError

__all__ = ["InputOutput"]

_ARRAYS = (
    "import_share",
    "input_share",
    "value_added_share",
    "final_share",
    "value_added",
    "tariff_power",
    "deficit",
)


class InputOutput:
    """An input–output table of the world in shares. Immutable.

    Labels are kept exactly as given. ``adjustments`` says which shares were not exact as given and
    what was done; ``attrs`` where the figures come from: source, licence, unit. The shares
    are read back under the names of :meth:`from_arrays`.
    """

    def __init__(self, core: _core.InputOutput, *, attrs: Mapping[str, Any]) -> None:
        self._core = core
        #: Shares that were not exact as given, a sentence each.
        self.adjustments: list[str] = [_adjustment(*found) for found in core.adjustments]
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
            Labels twice, shapes that do not fit the labels, shares that are negative or do not sum to 1,
            value added that is not positive, a duty of −100 % or below, deficits that do not sum to 0, a
            sector sold without being made or used without a supplier. Names the cell.
        """
        optional = {"tariff_power": (tariff_power, 3), "deficit": (deficit, 1)}
        core = _core.InputOutput(
            countries=[str(name) for name in countries],
            sectors=[str(name) for name in sectors],
            import_share=_array(import_share, "import_share", 3),
            input_share=_array(input_share, "input_share", 3),
            value_added_share=_array(value_added_share, "value_added_share", 2),
            final_share=_array(final_share, "final_share", 2),
            value_added=_array(value_added, "value_added", 1),
            **{name: None if given is None else _array(given, name, axes) for name, (given, axes) in optional.items()},
        )
        return cls(core, attrs={"unit": unit, **(attrs or {})})

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

    def __reduce__(self) -> tuple[Any, ...]:
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        return _rebuild, (self.countries, self.sectors, arrays, self.attrs, self.adjustments)

    def __repr__(self) -> str:
        total = float(self.value_added.sum())
        size = f"{len(self.countries)} countries, {len(self.sectors)} sectors"
        return f"InputOutput({size}; value added {total:.6g} {self.attrs['unit']})"


def _rebuild(
    countries: list[str], sectors: list[str], arrays: dict[str, Any], attrs: dict[str, Any], adjustments: list[str]
) -> InputOutput:
    table = InputOutput.from_arrays(countries, sectors, **arrays, attrs=attrs)
    table.adjustments = adjustments
    return table


def _array(given: npt.ArrayLike, name: str, axes: int) -> Numbers:
    try:
        array = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name} can't be read as an array of numbers: {error}") from None
    if array.ndim != axes:
        raise DataError(f"{name} has {array.ndim} axes; expected {axes}")
    return array


def _adjustment(shares: str, off: float, negative: int, lowest: float) -> str:
    parts = []
    if off:
        parts.append(f"sums up to {off:.2g} from 1")
    if negative:
        parts.append(f"{negative} negative (lowest {lowest:.2g}), set to 0")
    return f"{shares}: {'; '.join(parts)}; scaled to sum to 1"
