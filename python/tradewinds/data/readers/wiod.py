"""The World Input-Output Database, release 2016."""

from __future__ import annotations

import io
import os
import re
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tradewinds.data.accounts import Inventory, NegativeValueAdded, of_arrays, settings
from tradewinds.data.columns import Numbers
from tradewinds.data.input_output import InputOutput
from tradewinds.data.readers.oecd import whole_year
from tradewinds.errors import DataError
from tradewinds.extras import extra

__all__ = ["read_wiod"]

_UNIT = "million USD"
_SOURCE = (
    "World Input-Output Database, release 2016, doi:10.34894/PJ2M1C (Timmer, Dietzenbacher, Los, Stehrer and de Vries "
    "2015, Review of International Economics 23)"
)
_LICENCE = "CC BY 4.0"
#: WIOT2014_October16_ROW.dta, WIOT2014_October16_ROW.RData, WIOT2014_Nov16_ROW.xlsb.
_NAME = re.compile(r"WIOT(\d{4})_.*\.(dta|rdata|xlsb|xlsx)$", re.IGNORECASE)
_INDUSTRIES = 56
#: Columns of final demand by number: households, non-profit institutions, government, fixed capital.
_FINAL = range(57, 61)
_INVENTORIES = 61
#: Rows between inputs and value added: taxes less subsidies, adjustments of exports to cif and of
#: purchases abroad and by non-residents, international transport margins.
_TAXES = ("TXSP", "EXP_adj", "PURR", "PURNR", "IntTTM")
_LABELS = ("IndustryCode", "IndustryDescription", "Country", "RNr")
#: In the workbook the labels of columns stand in rows 3 to 6, the table begins in row 7, column 5.
_HEAD = 6
_SIDE = 4


class _File(NamedTuple):
    shown: str
    year: int
    format: str
    open: Callable[[], bytes]


class _Sheet(NamedTuple):
    """The table as published: a row an industry or a total, a column a user."""

    codes: list[str]
    countries: list[str]
    numbers: list[int]
    #: Country and number, or None for what is no user.
    users: list[tuple[str, int] | None]
    values: Numbers


def read_wiod(
    path: str | os.PathLike[str],
    *,
    year: int | None = None,
    inventories: Inventory = "final",
    negative_value_added: NegativeValueAdded = "raise",
) -> InputOutput:
    """Read a year of the WIOD, release 2016: 43 countries and the rest of the world, 56 industries.

    The release has each year in three formats, of which any will do: Stata (``WIOT2014_October16_ROW.dta``),
    R (``.RData``) and a binary Excel workbook (``WIOT2014_Nov16_ROW.xlsb``); the last two need
    ``pip install 'tradewinds[files]'``. A year is read as a whole: about 0.2 GB, 0.6 GB of a workbook.
    Amounts stay in million USD at basic prices, without duties. TXSP, EXP_adj, PURR, PURNR and IntTTM
    count as taxes and margins: part of value added. See :meth:`InputOutput.from_accounts` for what becomes
    of them and of inventories, and :meth:`InputOutput.balance` for what was found.

    Parameters
    ----------
    path : path
        The file of a year, a zip of such as published (``WIOTS_in_STATA.zip``), or a folder.
    year : int, optional
        Which of several years.
    inventories : {"final", "drop"}
        Changes in inventories (INVEN) count as final demand, or are left out.
    negative_value_added : {"raise", "zero"}
        What becomes of an industry whose inputs exceed its output.

    Returns
    -------
    InputOutput
        ``attrs`` has ``source``, ``licence``, ``unit``, ``valuation``, ``period``.

    Raises
    ------
    DataError
        No such file or year, several, another release or layout, numbers that are missing or negative,
        industries that are missing (with file); what :meth:`InputOutput.from_accounts` refuses.
    ImportError
        The library for the format is not installed.
    """
    chosen = settings(inventories, negative_value_added)
    file = _chosen(Path(path), whole_year(year))
    sheet = _FORMATS[file.format](file)
    built = _table(sheet, file.shown, chosen)
    attrs = {"source": _SOURCE, "licence": _LICENCE, "unit": _UNIT, "valuation": "basic prices", "period": file.year}
    core, balance = built
    return InputOutput(core, attrs=attrs, balance=balance)


def _chosen(path: Path, year: int | None) -> _File:
    names, files = _there(path)
    fit = [file for file in files if year is None or file.year == year]
    if len(fit) == 1:
        return fit[0]
    if not files:
        shown = ", ".join(names[:8]) or "nothing"
        raise DataError(
            f"{path} has no table of the WIOD release 2016; expected a name such as WIOT2014_October16_ROW.dta, "
            f"WIOT2014_October16_ROW.RData or WIOT2014_Nov16_ROW.xlsb, and there is {shown}. The release 2013 and "
            "other formats are not read"
        )
    years = sorted({file.year for file in files})
    if not fit:
        raise DataError(f"{path} has no year {year}; it has {', '.join(map(str, years))}")
    raise DataError(
        f"{path} has {len(fit)} tables, of {years[0]} to {years[-1]}; say which with year=, or give one file"
    )


def _there(path: Path) -> tuple[list[str], list[_File]]:
    """Names of what is there, and those that are tables."""
    if path.is_dir():
        return _all(sorted(path.iterdir()))
    if not path.exists():
        raise DataError(f"there is no file or folder {path}")
    return _all([path])


def _all(paths: list[Path]) -> tuple[list[str], list[_File]]:
    names: list[str] = []
    files: list[_File] = []
    for path in paths:
        if path.suffix.lower() == ".zip":
            members = _members(path)
            names += [name for name, _ in members]
            files += [file for _, file in members if file is not None]
        elif path.is_file():
            names.append(path.name)
            found = _file(path.name, str(path), path.read_bytes)
            files += [] if found is None else [found]
    return names, files


def _members(path: Path) -> list[tuple[str, _File | None]]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
    except zipfile.BadZipFile as error:
        raise DataError(f"{path} is not a zip, or was cut short ({error}); download it again") from None

    def member(name: str) -> Callable[[], bytes]:
        def unpacked() -> bytes:
            with zipfile.ZipFile(path) as archive:
                return archive.read(name)

        return unpacked

    return [(name, _file(name.rpartition("/")[2], f"{name} in {path}", member(name))) for name in names]


def _file(name: str, shown: str, content: Callable[[], bytes]) -> _File | None:
    match = _NAME.match(name)
    return None if match is None else _File(shown, int(match[1]), match[2].lower(), content)


def _read(file: _File, read: Callable[[io.BytesIO], Any]) -> Any:
    try:
        return read(io.BytesIO(file.open()))
    except ImportError:
        raise
    except Exception as error:
        raise DataError(
            f"{file.shown} can't be read as {file.format} ({type(error).__name__}: {error}); it may be cut short: "
            "download it again"
        ) from error


def _stata(file: _File) -> _Sheet:
    import pandas as pd

    return _of_frame(_read(file, pd.read_stata), file.shown)


def _rdata(file: _File) -> _Sheet:
    rdata = extra("rdata", "files")
    with warnings.catch_warnings():
        # It knows no data.table, and takes it for the data.frame that it also is.
        warnings.simplefilter("ignore")
        content = _read(file, rdata.read_rda)
    if "wiot" not in content:
        raise DataError(f"{file.shown} has no object wiot; it has {', '.join(content) or 'none'}")
    return _of_frame(content["wiot"], file.shown)


def _of_frame(frame: Any, shown: str) -> _Sheet:
    missing = [name for name in _LABELS if name not in frame.columns]
    if missing:
        raise DataError(f"{shown} has no column {missing[0]}; expected the layout of the WIOD release 2016")
    columns = [name for name in frame.columns if name not in (*_LABELS, "Year")]
    users = [_user(match[1], int(match[2])) if (match := _COLUMN.match(name)) else None for name in columns]
    code, _, country, number = (frame[name].tolist() for name in _LABELS)
    values = frame[columns].to_numpy(dtype=np.float64)
    return _Sheet([str(name) for name in code], [str(name) for name in country], _numbers(number, shown), users, values)


#: vAUS1 of the Stata files, AUS1 of the R files.
_COLUMN = re.compile(r"v?([A-Z]{3})(\d+)$")


def _workbook(file: _File) -> _Sheet:
    calamine = extra("python_calamine", "files")
    rows = _read(
        file,
        lambda content: (
            calamine.CalamineWorkbook.from_filelike(content).get_sheet_by_index(0).to_python(skip_empty_area=False)
        ),
    )
    if len(rows) <= _HEAD or len(rows[_HEAD - 1]) <= _SIDE:
        raise DataError(f"{file.shown} has no table in its first sheet; expected the layout of the WIOD release 2016")
    body = [row for row in rows[_HEAD:] if str(row[2]).strip()]
    users = [
        _user(str(country), int(match[1])) if (match := re.fullmatch(r"c(\d+)", str(number))) else None
        for country, number in zip(rows[_HEAD - 2][_SIDE:], rows[_HEAD - 1][_SIDE:], strict=True)
    ]
    values = np.array([[_cell(cell) for cell in row[_SIDE:]] for row in body])
    numbers = [str(row[3]).lstrip("r") for row in body]
    return _Sheet(
        [str(row[0]) for row in body], [str(row[2]) for row in body], _numbers(numbers, file.shown), users, values
    )


def _cell(cell: Any) -> float:
    return float(cell) if isinstance(cell, int | float) else np.nan


def _user(country: str, number: int) -> tuple[str, int] | None:
    return (country, number) if country != "TOT" and number <= _INVENTORIES else None


def _numbers(given: list[Any], shown: str) -> list[int]:
    try:
        return [int(float(number)) for number in given]
    except ValueError as error:
        raise DataError(f"{shown} has a row number that is none ({error}); download it again") from None


_FORMATS: dict[str, Callable[[_File], _Sheet]] = {
    "dta": _stata,
    "rdata": _rdata,
    "xlsb": _workbook,
    "xlsx": _workbook,
}


def _table(sheet: _Sheet, shown: str, chosen: dict[str, str]) -> Any:
    row_of = {
        (country, number): row
        for row, (country, number) in enumerate(zip(sheet.countries, sheet.numbers, strict=True))
        if country != "TOT"
    }
    total_of = {code: row for row, code in enumerate(sheet.codes) if sheet.countries[row] == "TOT"}
    column_of = {user: column for column, user in enumerate(sheet.users) if user is not None}
    countries = list(dict.fromkeys(country for country, _ in column_of))
    codes = {number: sheet.codes[row] for (_, number), row in row_of.items()}
    industries = sorted({number for _, number in column_of if number <= _INDUSTRIES})
    sellers = [(country, number) for country in countries for number in industries]
    _check_whole(sellers, row_of, column_of, total_of, countries, shown)
    rows = [row_of[seller] for seller in sellers]
    inputs = [column_of[seller] for seller in sellers]
    totals = {code: sheet.values[total_of[code]][inputs] for code in (*_TAXES, "VA", "GO") if code in total_of}
    wanted = [inputs, *([column_of[country, number] for country in countries] for number in (*_FINAL, _INVENTORIES))]
    blocks = [sheet.values[np.ix_(rows, columns)] for columns in wanted]
    _check_numbers(blocks, sellers, codes, shown)
    shape = (len(countries), len(industries), len(countries))
    try:
        return of_arrays(
            countries,
            [codes[number] for number in industries],
            intermediate=blocks[0],
            final_demand=np.sum(blocks[1:-1], axis=0).reshape(shape),
            stocks=blocks[-1].reshape(shape),
            output=totals["GO"],
            value_added=totals["VA"],
            taxes=np.sum([totals[code] for code in _TAXES if code in totals], axis=0),
            unit=_UNIT,
            chosen=chosen,
        )
    except DataError as error:
        raise DataError(f"{shown}: {error}") from None


def _check_whole(
    sellers: list[tuple[str, int]],
    row_of: dict[tuple[str, int], int],
    column_of: dict[tuple[str, int], int],
    total_of: dict[str, int],
    countries: list[str],
    shown: str,
) -> None:
    buyers = [(country, number) for country in countries for number in (*_FINAL, _INVENTORIES)]
    missing = (
        [f"the row {country} {number}" for country, number in sellers if (country, number) not in row_of]
        + [
            f"the column {country} {number}"
            for country, number in (*sellers, *buyers)
            if (country, number) not in column_of
        ]
        + [f"the row {code}" for code in ("VA", "GO", "TXSP") if code not in total_of]
    )
    if missing or not sellers:
        what = f"without {missing[0]} ({len(missing)} missing in all)" if missing else "without industries"
        raise DataError(f"{shown} is {what}; expected the layout of the WIOD release 2016: download it again")


def _check_numbers(blocks: list[Numbers], sellers: list[tuple[str, int]], codes: dict[int, str], shown: str) -> None:
    for block in blocks:
        wrong = np.argwhere(~np.isfinite(block))
        if len(wrong):
            country, number = sellers[wrong[0][0]]
            raise DataError(
                f"{shown} has no number in the row {country} {codes[number]} ({len(wrong)} such cells); expected "
                "million USD in every cell: download it again"
            )
