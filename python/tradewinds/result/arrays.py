"""A result as arrays with named axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tradewinds.extras import extra

if TYPE_CHECKING:
    from tradewinds.result.result import Result

__all__ = ["dataset"]

_MONEY = ("value_before", "value_after")
_AMOUNTS = ("quantity_before", "quantity_after", "quantity_arrived")
_WORDS = {
    "value_before": "baseline value at the exporter's border",
    "value_after": "value at the exporter's border, without duty",
    "quantity_before": "baseline quantity",
    "quantity_after": "quantity shipped",
    "quantity_arrived": "quantity arrived",
    "producer_price": "producer price, new over baseline",
    "price_index": "buyer's price index, new over baseline",
}

Codes = npt.NDArray[np.intp]


class _Axis:
    """Labels along one dimension, and where each code of a column stands among them."""

    def __init__(self, codes: npt.NDArray[Any], labels: list[str], kept: Codes | None = None) -> None:
        used = np.unique(codes).astype(np.intp) if kept is None else kept
        self.labels = np.array([labels[code] for code in used], dtype=object).astype(str)
        self._place = np.full(len(labels), -1, dtype=np.intp)
        self._place[used] = np.arange(len(used))

    def of(self, codes: npt.NDArray[Any]) -> Codes:
        place: Codes = self._place[codes]
        return place


def dataset(result: Result, commodities: list[int]) -> Any:
    """The Dataset that :meth:`Result.to_xarray` describes, of these commodities."""
    xarray = extra("xarray", "xarray")
    columns, units = result._core.table("flows")
    goods = np.array(commodities, dtype=np.intp)
    rows = np.isin(columns["commodity"][0], goods)
    dims: list[str] = [name for name in ("exporter", "importer", "commodity", "mode") if name in columns]
    codes = {name: columns[name][0][rows] for name in dims}
    axes = {name: _Axis(codes[name], columns[name][1], goods if name == "commodity" else None) for name in dims}
    place = tuple(axes[name].of(codes[name]) for name in dims)
    shape = tuple(len(axes[name].labels) for name in dims)

    unit, known = _units(result, columns, rows, goods)
    found: dict[str, Any] = {}
    for name in (*_MONEY, *_AMOUNTS):
        array = np.full(shape, np.nan)
        array[place] = columns[name][rows] if name in _MONEY else np.where(known, columns[name][rows], np.nan)
        written = units[name] if name in _MONEY else "see quantity_unit"
        found[name] = (dims, array, {"units": written, "long_name": _WORDS[name]})
    found.update(_prices(result, axes))
    coordinates: dict[str, Any] = {name: axes[name].labels for name in dims}
    coordinates["quantity_unit"] = ("commodity", unit)
    return xarray.Dataset(found, coordinates, _attrs(result))


def _units(
    result: Result, columns: dict[str, Any], rows: npt.NDArray[np.bool_], goods: Codes
) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.bool_]]:
    """The unit of each commodity's quantities, and which rows are in it."""
    observed = result.model.flows._core.quantity_units
    at_baseline = f"{result.model.flows._core.currency} at baseline prices"
    labels = np.array(columns["quantity_unit"][1], dtype=object)
    row_unit = labels[columns["quantity_unit"][0][rows]]
    commodity = columns["commodity"][0][rows]
    measured = row_unit == np.array(observed, dtype=object)[commodity]
    some = {int(code) for code in np.unique(commodity[measured])}
    unit = [observed[good] if int(good) in some else at_baseline for good in goods]
    known = measured | ~np.isin(commodity, list(some))
    return np.array(unit, dtype=str), known


def _prices(result: Result, axes: dict[str, _Axis]) -> dict[str, Any]:
    columns, units = result._core.table("prices")
    found = {}
    for name, side in (("producer_price", "exporter"), ("price_index", "importer")):
        array = np.full((len(axes[side].labels), len(axes["commodity"].labels)), np.nan)
        country, good = axes[side].of(columns["country"][0]), axes["commodity"].of(columns["commodity"][0])
        there = (country >= 0) & (good >= 0)
        array[country[there], good[there]] = columns[name][there]
        found[name] = ([side, "commodity"], array, {"units": units[name], "long_name": _WORDS[name]})
    return found


def _attrs(result: Result) -> dict[str, Any]:
    """What the result says of itself, as text and numbers that any file format takes."""
    attrs, status = result.attrs, result.status
    kept = {name: attrs[name] for name in ("tradewinds", "created", "model", "period", "scenario", "exposure")}
    flows = {name: text for name, text in attrs["flows"].items() if name in ("source", "licence", "valuation")}
    failed = {} if status.converged else {"reason": status.reason}
    return {
        **kept,
        "at": attrs["at"] or "every measure fully in force",
        "converged": int(status.converged),
        "residual": status.residual,
        **failed,
        **flows,
    }
