"""What a user names on the command line: flows, elasticities, a scenario."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Literal

from tradewinds import _core
from tradewinds.data.flows import Flows
from tradewinds.errors import DataError, TradewindsError
from tradewinds.scenario.scenario import Scenario

__all__ = [
    "Source",
    "at_period",
    "elasticity",
    "located",
    "read_flows",
    "read_scenario",
    "read_table",
    "scenario_lines",
]

_BUNDLED = "bundled:"
_CSV = (".csv", ".csv.gz")
#: Columns that are never numbers: codes keep their zeros, and NA is Namibia.
_TEXT = ("exporter", "importer", "commodity", "period", "mode", "quantity_unit", "country")

Source = str


def read_flows(source: Source, *, unit: str, quantity_unit: str | None, countries: Literal["iso", "as_is"]) -> Flows:
    """Flows of a CSV or Parquet file with the columns of :meth:`Flows.from_frame`, or ``bundled:NAME``.

    Raises
    ------
    DataError
        With the file's name.
    """
    if source.startswith(_BUNDLED):
        from tradewinds.datasets import load

        found = load(source.removeprefix(_BUNDLED))
        if not isinstance(found, Flows):
            raise DataError(f"{source} is an input–output table; expected flows, such as {_BUNDLED}commodities")
        return found
    try:
        return Flows.from_frame(
            read_table(source),
            unit=unit,
            quantity_unit=quantity_unit,
            countries=countries,
            attrs={"source": Path(source).name},
        )
    except DataError as error:
        raise error if str(error).startswith(source) else DataError(f"{source}: {error}") from None


def read_table(source: Source) -> Any:
    """A CSV (also gzipped) or Parquet file as a pandas frame; codes and names stay text.

    Raises
    ------
    DataError
        The file can't be read.
    """
    import pandas as pd

    name = source.lower()
    if not name.endswith((*_CSV, ".parquet")):
        raise DataError(f"{source}: expected a file that ends in .csv, .csv.gz or .parquet, or bundled:NAME")
    try:
        if name.endswith(".parquet"):
            return pd.read_parquet(source)
        return pd.read_csv(
            source, dtype=dict.fromkeys(_TEXT, str), keep_default_na=False, na_values=[""], encoding="utf-8"
        )
    except OSError as error:
        raise DataError(f"{source} can't be read: {error.strerror or error}") from None
    except ImportError:
        raise DataError(f"{source}: reading Parquet needs pyarrow (pip install pyarrow); or give a CSV file") from None
    except (ValueError, EOFError) as error:
        raise DataError(f"{source} can't be read: {error}") from None


def read_scenario(path: str) -> Scenario:
    """A scenario file, TOML or JSON by its ending."""
    return Scenario.from_json(path) if path.lower().endswith(".json") else Scenario.from_toml(path)


def at_period(flows: Flows, period: str | None) -> str:
    """The period asked for, or the only one there is.

    Raises
    ------
    DataError
        It has to be said, and is not.
    """
    if period is not None:
        return period
    if len(flows.periods) == 1:
        return str(flows.periods[0])
    known = f"the flows have {', '.join(map(str, flows.periods))}" if flows.periods else "the flows have no period"
    raise DataError(f"{known}; say which one is the baseline with --period")


def elasticity(given: str | None, name: str, bundled: str | None, flows: Flows) -> Any:
    """An elasticity as typed: a number, ``crude=10,lng=8``, or a file with ``commodity`` and its column.

    Raises
    ------
    DataError
        It is not given in any way, or is none of these.
    """
    if given is None:
        if bundled is None:
            raise DataError(f"no elasticity of {name}; give --{name}, or --elasticities bundled")
        return _bundled()
    if given.lower().endswith((*_CSV, ".parquet")):
        return read_table(given)
    if "=" not in given:
        return _number(given, name)
    pairs = [part.partition("=") for part in given.split(",")]
    found = {commodity.strip(): _number(value, f"{name} for {commodity.strip()}") for commodity, _, value in pairs}
    unknown = [commodity for commodity in found if commodity not in flows.commodities]
    if unknown:
        raise DataError(f"{name} is given for '{unknown[0]}'; the flows have {', '.join(flows.commodities)}")
    return found


def _bundled() -> Any:
    from tradewinds.datasets import elasticities

    return elasticities(import_share="bundled", export_share="bundled")


def _number(text: str, name: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise DataError(f"{name} is '{text}'; expected a number, commodity=number pairs, or a file")
    return value


def scenario_lines(path: str, scenario: Scenario) -> list[int | None]:
    """The line on which each measure begins; JSON does not say."""
    if path.lower().endswith(".json"):
        return [None] * len(scenario.measures)
    return list(_core.scenario_lines(Path(path).read_text(encoding="utf-8")))


def located(error: TradewindsError, path: str, scenario: Scenario) -> TradewindsError:
    """The error with the scenario's file in front, and the line of the measure that it is about."""
    message = str(error)
    place = path
    for label, line in zip(scenario.labels, scenario_lines(path, scenario), strict=True):
        if line is not None and message.startswith(f"measure '{label}': "):
            place = f"{path}, line {line}"
    return type(error)(f"{place}: {message}")
