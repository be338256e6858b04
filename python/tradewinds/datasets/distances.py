"""Bundled distances."""

from __future__ import annotations

from typing import Any

from tradewinds.datasets.load import described, table

__all__ = ["distances"]

_FILLED = ("sea_crude_filled", "sea_coal_filled")


def distances() -> Any:
    """Distances between every two labels of the bundled ``"energy"`` flows, themselves included.

    Returns
    -------
    pandas.DataFrame
        A row a pair. ``exporter, importer``: ISO 3166 codes, and regions ``X_…`` as in ``energy``.
        ``sea_crude, sea_coal``: nautical miles by sea between main ports of that commodity, of
        Russia's western and eastern ports the nearer; not the same in both directions.
        ``great_circle``: nautical miles, weighted by population. ``contiguous, common_language,
        colony``: 0 or 1, of a region the share of its members' pairs. ``sea_crude_filled,
        sea_coal_filled``: True where the sea distance is not known and is ``great_circle`` times
        ``attrs["sea_ratio"]``. ``attrs`` also has ``source``, ``licence``, ``unit``, ``columns``
        and ``known_defects``.

    References
    ----------
    Mayer, T. and Zignago, S. (2011), Notes on CEPII's distances measures: The GeoDist database,
    CEPII Working Paper 2011-25.
    """
    found = table("distances")
    found = found.astype(dict.fromkeys(_FILLED, bool))
    attrs = described("distances")
    del attrs["format"]
    found.attrs.update(attrs)
    return found
