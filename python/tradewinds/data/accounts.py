"""Accounts of world tables, as a user has them: arrays, a long frame, an IOSystem of pymrio."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from tradewinds import _core
from tradewinds.data.columns import Numbers, encode, names_of, numbers, open_frame, require, rows_text
from tradewinds.data.flow_columns import Places
from tradewinds.data.labelled import check_labels
from tradewinds.data.table import Answer
from tradewinds.errors import DataError

__all__ = [
    "Built",
    "Inventory",
    "NegativeValueAdded",
    "labels_of",
    "of_arrays",
    "of_frame",
    "of_pymrio",
    "settings",
    "unit_of",
]

#: "final": changes in inventories count as final demand; "drop": they are left out.
Inventory = Literal["final", "drop"]
#: What becomes of a sector whose inputs exceed its output.
NegativeValueAdded = Literal["raise", "zero"]
#: A table of the core and the columns of its balance.
Built = tuple[_core.InputOutput, Answer]


def settings(inventories: str, negative_value_added: str) -> dict[str, str]:
    """The two choices, checked, under the core's names."""
    if inventories not in ("final", "drop"):
        raise DataError(f"inventories is {inventories!r}; expected 'final' or 'drop'")
    if negative_value_added not in ("raise", "zero"):
        raise DataError(f"negative_value_added is {negative_value_added!r}; expected 'raise' or 'zero'")
    return {"inventories": inventories, "negative_value_added": negative_value_added}


def of_arrays(
    countries: Sequence[str],
    sectors: Sequence[str],
    *,
    intermediate: npt.ArrayLike,
    final_demand: npt.ArrayLike,
    stocks: npt.ArrayLike | None,
    output: npt.ArrayLike | None,
    value_added: npt.ArrayLike | None,
    taxes: npt.ArrayLike | None,
    unit: str,
    chosen: dict[str, str],
) -> Built:
    countries, sectors = distinct(countries, "countries"), distinct(sectors, "sectors")
    n, j = len(countries), len(sectors)
    pairs = [(country, sector) for country in countries for sector in sectors]
    check_labels(intermediate, "intermediate", pairs, pairs)
    for name, given in (("final_demand", final_demand), ("inventory_changes", stocks)):
        check_labels(given, name, pairs, countries)
    for name, given in (("output", output), ("value_added", value_added), ("taxes", taxes)):
        check_labels(given, name, pairs)
    by_sector = {"output": output, "value_added": value_added, "taxes": taxes}
    return _core.table_of_arrays(
        countries=countries,
        sectors=sectors,
        intermediate=_shaped(intermediate, "intermediate", (n, j, n, j), "[exporter, sector, importer, use]"),
        final_demand=_shaped(final_demand, "final_demand", (n, j, n), "[exporter, sector, importer]"),
        inventories=None
        if stocks is None
        else _shaped(stocks, "inventory_changes", (n, j, n), "[exporter, sector, importer]"),
        **{
            name: None if given is None else _shaped(given, name, (n, j), "[country, sector]")
            for name, given in by_sector.items()
        },
        keep_inventories=chosen["inventories"],
        negative_value_added=chosen["negative_value_added"],
        unit=unit,
    )


def of_frame(
    frame: Any,
    columns: dict[str, str],
    *,
    final: Sequence[str],
    stocks: Sequence[str],
    countries: str,
    duplicates: str,
    unit: str,
    chosen: dict[str, str],
) -> tuple[Built, str]:
    """The table and the frame's library."""
    for name, given, expected in (
        ("countries", countries, ("as_is", "iso")),
        ("duplicates", duplicates, ("raise", "sum")),
    ):
        if given not in expected:
            raise DataError(f"{name} is {given!r}; expected {' or '.join(map(repr, expected))}")
    native = open_frame(frame, "frame")
    if len(native) == 0:
        raise DataError("the table has no rows; give its deliveries")
    places = Places(native, countries)
    places.add(columns["exporter"])
    places.add(columns["importer"])
    sector_codes, sector_labels = encode(require(native, columns["sector"], "frame"), columns["sector"])
    use_codes, use_labels = encode(require(native, columns["use"], "frame"), columns["use"])
    sectors, uses = names_of(sector_labels), names_of(use_labels)
    both = sorted(set(sectors) & {*final, *stocks})
    if both:
        raise DataError(
            f"'{both[0]}' is a sector that sells and a category of final demand; give one of them a new name"
        )
    names = sorted(set(sectors) | (set(uses) - {*final, *stocks}))
    unknown = sorted(set(uses) - set(sectors) - {*final, *stocks})
    if unknown:
        raise DataError(
            f"column '{columns['use']}' has '{unknown[0]}', which sells nothing in column '{columns['sector']}' and is "
            f"not among final=[{', '.join(map(repr, final))}]; say so if it is final demand, or give what it sells"
        )
    if not set(uses) & {*final, *stocks}:
        raise DataError(
            f"no row is a delivery to final demand: column '{columns['use']}' has none of {', '.join(final)}; say "
            "which of its labels are final demand with final=[...]"
        )
    place = {name: position for position, name in enumerate(names)}
    place |= {name: len(names) for name in final} | {name: len(names) + 1 for name in stocks}
    value = numbers(require(native, columns["value"], "frame"), columns["value"])
    sector = np.array([place[name] for name in sectors], dtype=np.uint32)[sector_codes]
    use = np.array([place[name] for name in uses], dtype=np.uint32)[use_codes]
    exporter, importer = places.codes(columns["exporter"]), places.codes(columns["importer"])
    _check_values(value, use < len(names), columns["value"])
    if duplicates == "raise":
        _check_once(exporter, sector_codes, importer, use_codes, columns)
    built = _core.table_of_rows(
        countries=places.labels,
        sectors=names,
        exporter=exporter,
        sector=sector,
        importer=importer,
        use_=use,
        value=value,
        keep_inventories=chosen["inventories"],
        negative_value_added=chosen["negative_value_added"],
        unit=unit,
    )
    return built, str(native.implementation.value)


def of_pymrio(system: Any, *, stocks: Sequence[str], unit: str, chosen: dict[str, str]) -> Built:
    flows, final = (_part(system, name) for name in ("Z", "Y"))
    sellers = _pairs(flows.index, "the rows of Z")
    if _pairs(flows.columns, "the columns of Z") != sellers or _pairs(final.index, "the rows of Y") != sellers:
        raise DataError(
            "the rows of Z, its columns and the rows of Y do not have the same regions and sectors in the same order; "
            "expected one order, as pymrio's parsers give"
        )
    countries, sectors = (list(dict.fromkeys(names)) for names in zip(*sellers, strict=True))
    if sellers != [(country, sector) for country in countries for sector in sectors]:
        raise DataError(
            "not every region of Z has every sector in the same order; aggregate the system to common sectors first"
        )
    buyers = _pairs(final.columns, "the columns of Y")
    absent = [name for name in stocks if name not in {category for _, category in buyers}]
    if absent:
        raise DataError(f"Y has no category '{absent[0]}'; it has {_some(category for _, category in buyers)}")
    unknown = sorted({region for region, _ in buyers} - set(countries))
    if unknown:
        raise DataError(f"Y has final demand of '{unknown[0]}', which has no sectors in Z; it has {_some(countries)}")
    without = sorted(set(countries) - {region for region, _ in buyers})
    if without:
        raise DataError(f"Y has no final demand of '{without[0]}', which has sectors in Z; give it a column of Y")
    amounts = np.asarray(final, dtype=np.float64)
    shape = (len(countries), len(sectors), len(countries))
    kinds = {False: np.zeros((len(sellers), len(countries))), True: np.zeros((len(sellers), len(countries)))}
    for column, (region, category) in enumerate(buyers):
        kinds[category in stocks][:, countries.index(region)] += amounts[:, column]
    output = getattr(system, "x", None)
    if output is not None and hasattr(output, "index") and _pairs(output.index, "the rows of x") != sellers:
        raise DataError(
            "the rows of x do not have the regions and sectors of Z in the same order; expected one order, as "
            "pymrio's calc_all() gives"
        )
    return of_arrays(
        countries,
        sectors,
        intermediate=np.asarray(flows, dtype=np.float64),
        final_demand=kinds[False].reshape(shape),
        stocks=kinds[True].reshape(shape) if stocks else None,
        output=None if output is None else np.asarray(output, dtype=np.float64).reshape(-1),
        value_added=None,
        taxes=None,
        unit=unit,
        chosen=chosen,
    )


def unit_of(system: Any) -> str:
    """The one unit of a pymrio system."""
    given = getattr(system, "unit", None)
    units = [] if given is None else sorted({str(unit) for unit in np.asarray(given).reshape(-1)})
    if len(units) != 1:
        what = f"has the units {', '.join(units)}" if units else "does not say its unit"
        raise DataError(f"the system {what}; expected one currency, or say it with unit=")
    return units[0]


def labels_of(names: Iterable[str], kind: str) -> list[str]:
    """Labels as text; a text is no list of them."""
    if isinstance(names, str):
        raise DataError(f"{kind} is the text {names!r}; expected a list of labels")
    return [str(name) for name in names]


def distinct(names: Iterable[str], kind: str) -> list[str]:
    """Labels, each once."""
    given = labels_of(names, kind)
    twice = [name for name in dict.fromkeys(given) if given.count(name) > 1]
    if twice or not given:
        raise DataError(f"{kind} has {repr(twice[0]) + ' twice' if twice else 'no label'}; give each label once")
    return given


def _shaped(given: npt.ArrayLike, name: str, shape: tuple[int, ...], axes: str) -> Numbers:
    try:
        array = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name} can't be read as an array of numbers: {error}") from None
    flat = (shape[0] * shape[1], *((shape[2] * shape[3],) if len(shape) == 4 else shape[2:]))
    if array.shape not in (shape, flat):
        raise DataError(f"{name} has the shape {array.shape}; expected {shape} = {axes}, or {flat} in that order")
    return np.ascontiguousarray(array.reshape(shape))


def _check_values(value: Numbers, delivered: npt.NDArray[np.bool_], column: str) -> None:
    wrong = np.flatnonzero(~np.isfinite(value))
    if len(wrong):
        raise DataError(f"column '{column}' has no finite number in row {rows_text(wrong)} (counted from 0)")
    negative = np.flatnonzero((value < 0.0) & delivered)
    if len(negative):
        raise DataError(
            f"column '{column}' is negative in row {rows_text(negative)} (counted from 0), which are deliveries to "
            "sectors; only final demand and inventories may be negative"
        )


def _check_once(exporter: Any, sector: Any, importer: Any, use: Any, columns: dict[str, str]) -> None:
    keys = np.zeros(len(exporter), dtype=np.int64)
    for codes in (exporter, sector, importer, use):
        keys = keys * (int(codes.max()) + 1) + codes
    _, first = np.unique(keys, return_index=True)
    again = np.setdiff1d(np.arange(len(keys)), first)
    if len(again):
        names = ", ".join(columns[name] for name in ("exporter", "sector", "importer", "use"))
        raise DataError(
            f"row {rows_text(again)} (counted from 0) has the same {names} as an earlier row; drop it, or "
            'duplicates="sum" adds them up'
        )


def _part(system: Any, name: str) -> Any:
    part = getattr(system, name, None)
    if part is None:
        raise DataError(
            f"the system has no {name}; expected a pymrio.IOSystem with Z and Y (call its calc_all() where it has "
            "coefficients only)"
        )
    return part


def _pairs(labels: Any, what: str) -> list[tuple[str, str]]:
    pairs = [tuple(map(str, label)) if isinstance(label, tuple) else (str(label),) for label in labels]
    wrong = [pair for pair in pairs if len(pair) != 2]
    if wrong:
        raise DataError(f"{what} have the label {wrong[0]}; expected a region and a sector or category")
    return [(pair[0], pair[1]) for pair in pairs]


def _some(names: Iterable[str]) -> str:
    unique = list(dict.fromkeys(names))
    return ", ".join(unique[:8]) + (f" and {len(unique) - 8} more" if len(unique) > 8 else "")
