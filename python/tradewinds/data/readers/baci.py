"""BACI, the database of trade by HS product of CEPII."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from tradewinds import _core
from tradewinds.data.flows import Flows
from tradewinds.data.terms import Selector, terms
from tradewinds.errors import DataError
from tradewinds.progress import bar

__all__ = ["read_baci"]

_LICENCE = "Etalab Open Licence 2.0"
_PAPER = "Gaulier and Zignago 2010, CEPII Working Paper 2010-23"


def read_baci(
    path: str | os.PathLike[str],
    *,
    years: int | Sequence[int] | None = None,
    products: str | Sequence[str] | None = None,
    commodities: Mapping[str, str | Sequence[str]] | None = None,
    exporters: Selector | None = None,
    importers: Selector | None = None,
    progress: bool | Literal["auto"] = "auto",
) -> Flows:
    """Read BACI as CEPII publishes it, streaming: only the rows that are wanted are kept.

    Thousand USD become USD; quantities are tonnes (``t``). A missing quantity, and one that was
    rounded to 0 beside a positive value, is not known. Exporters and importers become ISO 3166
    alpha-3 codes, by the country file where there is one, else by the bundled table; BACI's 490
    (Other Asia, not elsewhere specified) is ``TWN``, 697 ``X_EFTA``, 711 ``X_SACU``. Countries of
    two codes and one name are summed.

    A row takes 32 bytes, and about 60 while rows are sorted.

    Parameters
    ----------
    path : path
        The zip (``BACI_HS17_V202601.zip``), a CSV file of it (``BACI_HS17_Y2021_V202601.csv``), or
        a folder of those. Nothing is unpacked to disk.
    years : int or list of int, optional
        All by default.
    products : str or list of str, optional
        HS codes as text, or their first digits: ``"270900"``, ``["2709", "27"]``. All by default.
    commodities : mapping, optional
        Named sets of products that are summed: ``{"crude": "2709", "gas": ["271111", "271121"]}``.
        A quantity that is unknown in a part is unknown in the sum. Without it the commodities are
        the six-digit codes.
    exporters, importers : selector, optional
        Names, codes or groups, ``"!"`` takes away; groups as of the last day of the last year.
    progress : bool or "auto"
        A bar on standard error; "auto" shows one in a terminal or notebook once two seconds have
        passed.

    Returns
    -------
    Flows
        ``attrs`` has ``source``, ``licence``, ``unit`` (USD), ``valuation`` (FOB) and, where the
        names of the files say so, ``hs_revision`` ("HS17") and ``release`` ("202601").

    Raises
    ------
    DataError
        No such file, a zip that is none or is cut short, a header that is not ``t,i,j,k,v,q``, codes
        that lost a leading zero, two HS revisions or releases, a year twice, not the year asked for,
        an unknown country code, a malformed number (with file and line); products that are not
        there, commodities that overlap, a selection that leaves nothing.
    ScenarioError
        Exporters or importers that are unknown.
    """
    with bar("reading BACI", progress, unit="B") as watcher:
        core, revision, release = _core.read_baci(
            Path(path),
            years=_years(years),
            products=_codes(products, "products"),
            commodities=_commodities(commodities),
            exporters=None if exporters is None else terms(exporters),
            importers=None if importers is None else terms(importers),
            watcher=watcher,
        )
    return Flows(core, backend="pandas", attrs=_attrs(revision, release), undated=False)


def _attrs(revision: str | None, release: str | None) -> dict[str, Any]:
    edition = " ".join(["CEPII BACI", *([revision] if revision else []), *([f"V{release}"] if release else [])])
    attrs = {"source": f"{edition} ({_PAPER})", "licence": _LICENCE, "unit": "USD", "valuation": "FOB"}
    if revision:
        attrs["hs_revision"] = revision
    if release:
        attrs["release"] = release
    return attrs


def _years(years: int | Sequence[int] | None) -> list[int]:
    if years is None:
        return []
    given = [years] if isinstance(years, int) else list(years)
    wrong = [year for year in given if isinstance(year, bool) or not isinstance(year, int)]
    if wrong or not given:
        what = f"{wrong[0]!r}" if wrong else "an empty list"
        raise DataError(f"years has {what}; expected years as whole numbers, such as 2021 or [2020, 2021]")
    return given


def _codes(codes: str | Sequence[str] | None, what: str) -> list[str]:
    if codes is None:
        return []
    given: list[Any] = [codes] if isinstance(codes, str) or not isinstance(codes, Sequence) else list(codes)
    wrong = [code for code in given if not isinstance(code, str)]
    if wrong:
        raise DataError(
            f"{what} has {wrong[0]!r}; HS codes are text, for a number loses its leading zero: write it in quotes, "
            'with its zero, such as "2709" or "010121"'
        )
    if not given:
        raise DataError(f"{what} has an empty list; expected HS codes or their first digits, or None for all")
    return [code.strip() for code in given]


def _commodities(commodities: Mapping[str, str | Sequence[str]] | None) -> list[tuple[str, list[str]]]:
    if commodities is None:
        return []
    if not isinstance(commodities, Mapping) or not commodities:
        raise DataError(
            f'commodities is {commodities!r}; expected a mapping of names to HS codes, such as {{"crude": "2709"}}'
        )
    return [(str(name), _codes(codes, f"commodity '{name}'")) for name, codes in commodities.items()]
