"""Which share of a sector's flows a commodity is, by value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import pandas as pd

from tradewinds.data.flows import Flows, Period
from tradewinds.data.table import frame
from tradewinds.errors import DataError

__all__ = ["sector_of"]


def sector_of(flows: Flows, sectors: Mapping[str, str], *, period: Period) -> Any:
    """The table of commodities within sectors that :class:`CaliendoParro` takes as ``sector_of``.

    A commodity's share of a sector on a flow is its value over that of all the commodities given for this sector,
    which should be all that the sector trades: crude, coal and gas for the extraction of fuels, say. A pair of
    countries that trades none of them has the share of the commodity in all flows.

    Parameters
    ----------
    flows : Flows
        With the countries of the table; :meth:`Flows.aggregate` makes its regions.
    sectors : mapping of commodity to sector
    period : int or str
        Whose values weigh.

    Returns
    -------
    dataframe
        ``commodity, sector, exporter, importer, share``: a row for each pair that trades, and one with "*" for all
        others. A frame like any other: change it, or write your own.

    Raises
    ------
    DataError
        A commodity that the flows do not have, no such period, or a sector of which nothing is traded.
    """
    if not isinstance(flows, Flows):
        raise DataError(f"flows is a {type(flows).__name__}; make one with tw.Flows.from_frame(frame)")
    unknown = sorted(set(sectors) - set(flows.commodities))
    if unknown or not sectors:
        raise DataError(
            f"sectors names the commodities {', '.join(unknown) or '(none)'}; the flows have "
            f"{', '.join(flows.commodities)}"
        )
    chosen = flows.select(periods=period, commodities=list(sectors))
    rows = nw.from_native(chosen.to_frame(), eager_only=True).select("exporter", "importer", "commodity", "value")
    values = rows.to_pandas().astype({"exporter": str, "importer": str, "commodity": str})
    values["sector"] = values.commodity.map(dict(sectors))
    values = values[values.exporter != values.importer]
    overall = _shares(values.groupby(["sector", "commodity"]).value.sum(), ["sector"])
    empty = sorted(set(sectors.values()) - set(overall.sector))
    if empty:
        raise DataError(f"none of the commodities of {', '.join(empty)} is traded in {period}; choose another period")
    by_pair = ["exporter", "importer", "sector"]
    pairs = _shares(values.groupby([*by_pair, "commodity"]).value.sum().unstack(fill_value=0.0).stack(), by_pair)
    found = pd.concat(
        [pairs[pairs.commodity.map(dict(sectors)) == pairs.sector], overall.assign(exporter="*", importer="*")]
    )
    names = ["commodity", "sector", "exporter", "importer"]
    found = found.sort_values(names)
    columns = {name: found[name].tolist() for name in names} | {"share": found.share.to_numpy()}
    return frame((columns, {"share": "share of the sector's flow, by value"}), flows._backend)


def _shares(values: pd.Series, keys: list[str]) -> pd.DataFrame:
    """Of each value in the sum of its keys, where that is above 0."""
    sums = values.groupby(level=keys).transform("sum")
    return (values[sums > 0] / sums[sums > 0]).rename("share").reset_index()
