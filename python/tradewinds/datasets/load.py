"""Bundled flows, and a bundled input–output table."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any, Literal, overload

from tradewinds.data.flows import Flows
from tradewinds.data.input_output import InputOutput
from tradewinds.errors import DataError

__all__ = ["described", "load", "names", "table"]

_DIRECTORY = files("tradewinds.datasets")
#: What the tables' units are in the units of flows.
_MONEY = {"million USD": ("USD", 1e6)}
_QUANTITY = {"kt": ("t", 1e3)}
_TEXTS = ("source", "licence", "valuation", "price_year", "absent")
_MAPPINGS = ("hs", "hs_revision", "goods", "valued_at", "regions")
_APART = (
    "A country may be on its own in one table and within a region of another, and then meets no flow of some "
    "commodity; attrs['regions'] says what is in a region."
)


def names() -> list[str]:
    """Names of the bundled datasets.

    ``"energy"``: crude, lng, coal, 2019–2024. ``"commodities"``: these and copper, nickel,
    palladium, platinum, titanium (2018–2021), wheat, maize, rice, soybeans (2019–2021).
    ``"episodes"``: energy, and crude also in 2011–2013 and 2018, around the embargoes on Iran (2012)
    and Venezuela (2019). ``"world_table"``: an input–output table of the world in 2022.
    """
    stems = (entry.name.removesuffix(".toml") for entry in _DIRECTORY.iterdir() if entry.name.endswith(".toml"))
    return sorted(stem for stem in stems if "tables" in described(stem))


@overload
def load(name: Literal["commodities", "energy", "episodes"]) -> Flows: ...
@overload
def load(name: Literal["world_table"]) -> InputOutput: ...
@overload
def load(name: str) -> Any: ...
def load(name: str) -> Flows | InputOutput:
    """Bundled flows, or the bundled input–output table, by name, see :func:`names`.

    Values are in USD, quantities in tonnes and missing for coal and metals. ``attrs`` has
    ``source``, ``licence``, ``valuation``, ``hs``, ``regions`` (what each label ``X_…`` is made of)
    and ``known_defects``; read the last before you quote a number. In ``"commodities"`` and
    ``"episodes"``, ``attrs["tables"]`` has the same for each of its tables.

    Energy and metals are trade between countries from BACI (Etalab Open Licence 2.0), FOB. Grain is
    a small table of FAOSTAT tonnes (CC BY-NC-SA 3.0 IGO) between regions, rounded, and **not**
    valued by customs: ``attrs["valued_at"]`` has the World Bank price that each grain is valued at.
    There the EU is ``X_EU27``, which the group ``"EU27"`` takes as it takes the members elsewhere:
    ``importers="EU27"`` means the same for all commodities.

    ``"world_table"`` is an :class:`tradewinds.InputOutput` of 18 regions and 15 sectors in million USD, from
    the OECD's Inter-Country Input-Output tables (OECD Terms and Conditions: name the OECD). **Who buys final
    deliveries is estimated** there, with trade balanced: ``attrs["estimated"]`` says how. It is for examples;
    read a full table with :func:`tradewinds.read_oecd_icio` or :func:`tradewinds.read_wiod`.

    Raises
    ------
    DataError
        No such dataset.
    """
    if name not in names():
        raise DataError(f"there is no dataset '{name}'; there are {', '.join(names())}")
    import pandas as pd

    description = described(name)
    if description.get("kind") == "input_output":
        return _input_output(name, description)
    parts = {part: described(part) for part in description.pop("tables")}
    frames = {part: _in_units(part, attrs) for part, attrs in parts.items()}
    ((unit, quantity_unit),) = {(attrs.pop("unit"), attrs.pop("quantity_unit")) for attrs in parts.values()}
    for part, attrs in parts.items():
        attrs.pop("tables", None)
        attrs["commodities"] = frames[part]["commodity"].unique().tolist()
        attrs["periods"] = frames[part]["period"].unique().tolist()
    return Flows.from_frame(
        pd.concat(frames.values(), ignore_index=True),
        unit=unit,
        quantity_unit=quantity_unit,
        countries="iso",
        attrs={"dataset": name, **(parts[name] if [*parts] == [name] else _together(description, parts))},
    )


def _input_output(name: str, description: dict[str, Any]) -> InputOutput:
    """The deliveries of a bundled table: rows sellers, columns ``importer:use``."""
    cells = table(name)
    countries, sectors = (cells[key].unique().tolist() for key in ("exporter", "sector"))
    values = cells.drop(columns=["exporter", "sector"]).to_numpy(dtype=float)
    n, j = len(countries), len(sectors)
    by_use = values.reshape(n, j, n, j + 1)
    apart = ("format", "tables", "kind", "final")
    return InputOutput.from_accounts(
        countries,
        sectors,
        intermediate=by_use[..., :j],
        final_demand=by_use[..., j],
        unit=description["unit"],
        attrs={"dataset": name, **{key: value for key, value in description.items() if key not in apart}},
    )


def table(name: str) -> Any:
    """A bundled table as a pandas frame, blank as missing."""
    import pandas as pd

    with _DIRECTORY.joinpath(f"{name}.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, keep_default_na=False, na_values=[""])


def described(name: str) -> dict[str, Any]:
    """What the file beside a table says, or that of a dataset."""
    return tomllib.loads(_DIRECTORY.joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def _in_units(name: str, attrs: dict[str, Any]) -> Any:
    """The table in the units of flows, which ``attrs`` then says."""
    attrs["unit"], money = _MONEY[attrs["unit"]]
    attrs["quantity_unit"], tonnes = _QUANTITY[attrs["quantity_unit"]]
    frame = table(name)
    return frame.assign(value=frame["value"] * money, quantity=frame["quantity"].astype(float) * tonnes)


def _together(description: dict[str, Any], parts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Attributes of several tables: a text says which table and commodities it is about."""
    defects = {defect: None for attrs in parts.values() for defect in attrs["known_defects"]}
    first, *others = (attrs.get("regions", {}) for attrs in parts.values())
    if any(regions != first for regions in others):
        defects[_APART] = None
    return {
        **description,
        **{
            name: "; ".join(
                f"{part} ({', '.join(attrs['commodities'])}): {attrs[name]}" for part, attrs in parts.items()
            )
            for name in _TEXTS
        },
        **{
            name: {key: value for attrs in parts.values() for key, value in attrs.get(name, {}).items()}
            for name in _MAPPINGS
        },
        "known_defects": [*defects],
        "tables": parts,
    }
