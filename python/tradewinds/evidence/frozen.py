"""The specifications that episodes are scored with, from ``frozen.toml``."""

from __future__ import annotations

import itertools
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from tradewinds.data.flows import Flows, Period
from tradewinds.model.armington import Armington
from tradewinds.model.prior import Prior

__all__ = ["candidates", "frozen"]


@cache
def frozen() -> dict[str, Any]:
    """The parameters as they were written down."""
    return tomllib.loads(files("tradewinds.evidence").joinpath("frozen.toml").read_text(encoding="utf-8"))


def candidates(flows: Flows, period: Period) -> dict[str, Armington | list[Armington]]:
    """Models by name: the default, one change of it at a time with and without a prior, and the ensemble."""
    given = frozen()
    weight, preset = given["prior"]["weight"], given["elasticities"]["default"]
    converted = given["elasticities"]["converted"]
    default = dict(weight=weight, preset=preset, substitution=preset, converted=converted, gulf_fixed=False)

    def model(**changes: Any) -> Armington:
        """A preset moves all elasticities unless that of substitution is named."""
        together = {"substitution": changes["preset"]} if "preset" in changes else {}
        return _model(flows, period, **{**default, **together, **changes})

    grid = given["ensemble"]
    members = itertools.product(grid["weights"], grid["presets"], grid["converted"], grid["gulf_fixed"])
    names = ("weight", "preset", "converted", "gulf_fixed")
    # Without a prior there is nothing for the contestable share to act on.
    distinct = [dict(zip(names, values, strict=True)) for values in members if values[0] > 0 or not values[3]]
    changes: dict[str, dict[str, Any]] = {
        **{f"{name} substitution": {"substitution": name} for name in given["substitution"]["presets"]},
        "low elasticities": {"preset": "low"},
        "high elasticities": {"preset": "high"},
        "unconverted elasticities": {"converted": False},
    }
    return {
        "default": model(),
        "no prior": model(weight=0.0),
        "prior alone": model(weight=1.0),
        "Gulf fixed": model(gulf_fixed=True),
        **{name: model(**change) for name, change in changes.items()},
        **{f"no prior, {name}": model(weight=0.0, **change) for name, change in changes.items()},
        "ensemble": [model(**member) for member in distinct],
    }


def _model(
    flows: Flows,
    period: Period,
    *,
    weight: float,
    preset: str,
    substitution: str,
    converted: bool,
    gulf_fixed: bool,
) -> Armington:
    given = frozen()["prior"]
    table, origins = _elasticities(preset, converted), _elasticities(substitution, converted)
    prior = Prior(
        kind=given["kind"], distance=given["distance"], weight=weight, contestable=_contestable(flows, gulf_fixed)
    )
    return Armington(flows, period=period, substitution=origins, demand=table, supply=table, prior=prior)


@cache
def _elasticities(preset: Any, converted: bool) -> Any:
    from tradewinds.datasets.elasticities import elasticities

    shares = "bundled" if converted else None
    return elasticities(preset, frozen()["elasticities"]["horizon"], import_share=shares, export_share=shares)


def _contestable(flows: Flows, gulf_fixed: bool) -> Any:
    import pandas as pd

    given = frozen()["contestable"]
    rows = [(commodity, "*", given["default"]) for commodity in flows.commodities]
    if gulf_fixed:
        fixed = [name for name in flows.commodities if name in given["gulf_commodities"]]
        members = [name for name in given["gulf_members"] if name in flows.countries]
        rows += [(commodity, country, given["gulf"]) for commodity in fixed for country in members]
    return pd.DataFrame(rows, columns=["commodity", "country", "contestable"])
