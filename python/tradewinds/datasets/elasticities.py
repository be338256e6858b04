"""Bundled elasticities with their grades, and the conversion to what a trade model takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np

from tradewinds.data.columns import open_frame
from tradewinds.data.countries import to_iso3
from tradewinds.datasets.load import table
from tradewinds.errors import DataError
from tradewinds.scenario.distributions import Distribution, around, triangular

__all__ = ["elasticities"]

Shares = float | Mapping[str, float] | Any

_PRESETS = ("low", "central", "high")
_HORIZONS = ("short", "long")
_PARAMETERS = ("substitution", "demand", "supply")
_CONVERTED = {"consumption": "import demand", "production": "export supply"}


def elasticities(
    preset: Literal["low", "central", "high"] = "central",
    horizon: Literal["short", "long"] = "short",
    import_share: Shares = None,
    export_share: Shares = None,
    uncertainty: Literal["bundled"] | float | None = None,
) -> Any:
    """Elasticities by commodity (and country), each with grade and source.

    Passed to any elasticity parameter of a model, the table picks its own column.

    Published elasticities of demand and supply are of consumption and production. A trade model
    takes those of imports and exports:

        η = η_c/m − ε_dom (1 − m)/m          ε = ε_s/x − η_dom (1 − x)/x

    with m the import share of consumption, x the export share of output, ε_dom the supply elasticity
    of domestic output and η_dom the demand elasticity of domestic consumption, both from this table.
    (China's coal, m = 0.05: −8.7, not −0.15.)

    Parameters
    ----------
    preset : {"low", "central", "high"}
        Which of the three values; "low" is the least elastic.
    horizon : {"short", "long"}
        About a year, or several.
    import_share, export_share : "bundled", float, mapping or dataframe, optional
        m and x, above 0 and at most 1. "bundled" takes the net dependence figures of 2021; a number
        holds for all, a mapping is by commodity, a frame has ``commodity, country`` and
        ``import_share`` or ``export_share``. Where a share is missing or 0, nothing is converted
        and the result says "domestic market ignored".
    uncertainty : "bundled" or float, optional
        "bundled" makes every number triangular between the table's low and high with the preset as its mode;
        where shares convert, the ends are converted, so that consumption and production move together. A
        number is a share of each value to either side, 0.3 as is the practice with GTAP models
        (:func:`tradewinds.around`). Every row is an uncertain number of its own for ``model.sample``.

    Returns
    -------
    pandas.DataFrame
        ``commodity, country`` (``"*"``: all others), ``substitution`` (> 1), ``demand`` (≤ 0),
        ``supply`` (≥ 0); for each of the three its ``_grade`` (A seen in a source, B anchored on one,
        C judgement), ``_source`` and, for demand and supply, what it is an elasticity ``_of``.

    Raises
    ------
    DataError
        An unknown preset, horizon or uncertainty; a share that is not in (0, 1].
    """
    if preset not in _PRESETS:
        raise DataError(f"preset is '{preset}'; expected one of {', '.join(_PRESETS)}")
    if horizon not in _HORIZONS:
        raise DataError(f"horizon is '{horizon}'; expected one of {', '.join(_HORIZONS)}")
    found = _by_commodity(preset, horizon)
    shares = _shares(found, "import_share", import_share).merge(
        _shares(found, "export_share", export_share), on=["commodity", "country"], how="outer"
    )
    found = found.merge(_filled(shares), on="commodity")
    _convert(found)
    found = found.drop(columns=["import_share", "export_share"]).sort_values(["commodity", "country"])
    found = found.reset_index(drop=True)
    found.attrs.update(preset=preset, horizon=horizon)
    if uncertainty == "bundled":
        ends = [elasticities(end, horizon, import_share, export_share) for end in ("low", "high")]
        return _spread(found, lambda name, row, value: _between(value, *(end[name][row] for end in ends)))
    if uncertainty is None:
        return found
    if isinstance(uncertainty, bool | str) or not isinstance(uncertainty, int | float) or not 0 <= uncertainty < 1:
        raise DataError(f"uncertainty is {uncertainty!r}; expected 'bundled' or a share such as 0.3")
    return _spread(found, lambda name, row, value: around(value, uncertainty))


def _spread(found: Any, spread: Callable[[str, int, float], Distribution]) -> Any:
    """The table with distributions instead of its finite numbers other than 0."""
    for name in _PARAMETERS:
        cells = [
            spread(name, row, value) if np.isfinite(value) and value else value for row, value in found[name].items()
        ]
        found[name] = found[name].astype(object)
        found[name] = cells
    return found


def _between(value: float, *ends: float) -> Distribution:
    return triangular(min(value, *ends), value, max(value, *ends))


def _by_commodity(preset: str, horizon: str) -> Any:
    published = table("elasticities")
    published = published[published["horizon"].isna() | (published["horizon"] == horizon)]
    found = published[["commodity"]].drop_duplicates()
    for parameter in _PARAMETERS:
        rows = published[published["parameter"] == parameter].rename(
            columns={
                preset: parameter,
                "grade": f"{parameter}_grade",
                "source": f"{parameter}_source",
                "object": f"{parameter}_of",
            }
        )
        kept = [parameter, f"{parameter}_grade", f"{parameter}_source", f"{parameter}_of"]
        found = found.merge(rows[["commodity", *kept]], on="commodity")
    return found.drop(columns="substitution_of")


def _shares(found: Any, name: str, given: Shares) -> Any:
    """``commodity, country, <name>``: a row for all others of each commodity, and one a country."""
    import pandas as pd

    everywhere = pd.DataFrame({"commodity": found["commodity"], "country": "*", name: np.nan})
    if given is None:
        return everywhere
    if isinstance(given, str):
        if given != "bundled":
            raise DataError(f"{name} is '{given}'; expected 'bundled', a number, a mapping or a frame")
        return pd.concat([everywhere, table("trade_dependence")[["commodity", "country", name]]])
    if isinstance(given, bool):
        raise DataError(f"{name} is {given}; expected 'bundled', a number, a mapping or a frame")
    if isinstance(given, int | float | np.number):
        return everywhere.assign(**{name: _checked(name, float(given))})
    if isinstance(given, Mapping):
        _known_commodities(found, given)
        return everywhere.assign(
            **{name: everywhere["commodity"].map({key: _checked(name, share) for key, share in given.items()})}
        )
    if not hasattr(given, "columns"):
        raise DataError(f"{name} is {given!r}; expected 'bundled', a number, a mapping or a frame")
    native = open_frame(given, f"the frame of {name}")
    missing = {"commodity", "country", name} - set(native.columns)
    if missing:
        raise DataError(
            f"the frame of {name} has no column '{sorted(missing)[0]}'; it needs commodity, country, {name}"
        )
    rows = pd.DataFrame({column: native[column].to_list() for column in ("commodity", "country", name)})
    _known_commodities(found, rows["commodity"])
    rows["country"] = _countries(name, rows["country"].fillna("*"))
    for share in rows[name].dropna():
        _checked(name, share)
    twice = rows[rows.duplicated(["commodity", "country"])]
    if len(twice):
        raise DataError(f"the frame of {name} has two rows for {' in '.join(twice.iloc[0][['commodity', 'country']])}")
    return pd.concat([rows, everywhere]).drop_duplicates(["commodity", "country"])


def _countries(name: str, given: Any) -> list[str]:
    codes = [
        country if country == "*" else code
        for country, code in zip(given, to_iso3([str(c) for c in given]), strict=True)
    ]
    unknown = [country for country, code in zip(given, codes, strict=True) if code is None]
    if unknown:
        raise DataError(f"unknown country '{unknown[0]}' in the frame of {name}; expected ISO codes or '*'")
    return [code for code in codes if code is not None]


def _filled(shares: Any) -> Any:
    """A share given for all others holds for a country that has none of its own."""
    others = shares[shares["country"] == "*"].set_index("commodity")
    for name in ("import_share", "export_share"):
        shares[name] = shares[name].fillna(shares["commodity"].map(others[name]))
    return shares


def _known_commodities(found: Any, given: Any) -> None:
    unknown = [name for name in given if name not in set(found["commodity"])]
    if unknown:
        raise DataError(
            f"unknown commodity '{unknown[0]}' in a share of imports or exports; "
            f"the table has {', '.join(found['commodity'])}"
        )


def _checked(name: str, share: float) -> float:
    if isinstance(share, bool | str) or share is None or not 0 < share <= 1:
        raise DataError(f"{name} is {share}; expected a share above 0 and at most 1")
    return share


def _convert(found: Any) -> None:
    consumption, production = found["demand"].copy(), found["supply"].copy()
    m, x = (found[name].where(found[name] > 0) for name in ("import_share", "export_share"))
    found["demand"] = (consumption / m - production * (1 - m) / m).fillna(consumption)
    found["supply"] = (production / x - consumption * (1 - x) / x).fillna(production)
    for column, share in (("demand_of", m), ("supply_of", x)):
        found[column] = found[column].where(share.isna(), found[column].map(_CONVERTED))
