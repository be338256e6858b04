"""Elasticities that differ between the short and the long run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np

from tradewinds.data.columns import open_frame
from tradewinds.errors import DataError
from tradewinds.scenario.distributions import Distribution

__all__ = ["Adjusting", "adjusting", "parts"]


@dataclass(frozen=True)
class Adjusting:
    """A short-run value, a long-run value, and the years after which half of the way is gone."""

    short: Any
    long: Any
    half_life: Any

    def __post_init__(self) -> None:
        for name in ("short", "long", "half_life"):
            given = getattr(self, name)
            if isinstance(given, bool) or given is None or isinstance(given, str | Adjusting):
                raise DataError(f"{name} is {given!r}; expected a number, a mapping by commodity, or a frame")
            if isinstance(given, int | float | np.number):
                _check(name, float(given))

    def __repr__(self) -> str:
        return f"tw.adjusting({self.short!r}, {self.long!r}, half_life={self.half_life!r})"


def adjusting(short: Any, long: Any, half_life: Any) -> Adjusting:
    """An elasticity that adjusts as time goes on, for ``demand``, ``supply`` or ``substitution``.

    Over a stretch t of Δt years with the price p̂_t (new over baseline), what is supplied is

        Q_t = z k_t p̂_t^(ε_S)
        k_t = k_{t−1}^(1−λ) p̂_t^(λ (ε_L − ε_S)),    λ = 1 − 2^(−Δt / half_life)

    with k = 1 before anything has changed. At a price that stays, k tends to p̂^(ε_L − ε_S) and Q to
    z p̂^(ε_L); half of the way is gone after ``half_life`` years, whenever the measure began. Demand
    alike, with its price index; with ``substitution`` the weight of each origin in its importer's
    purchases, with the buyer's price over the index to the power σ_S − σ_L.

    :meth:`Armington.path` and :meth:`Spatial.path` carry k along. ``solve``, ``sweep`` and whatever
    else has no time take the short-run value: the answer before anything has adjusted. For the answer
    once all has, give the model the long-run value. The trade elasticities of :class:`CaliendoParro` and
    :class:`Gravity` do not adjust.

    Parameters
    ----------
    short, long : number, distribution, mapping by commodity, or frame
        Elasticities as the model takes them, signs included. Infinite only where both are.
    half_life : number, distribution, mapping by commodity, or frame
        In years, above 0. A calendar year is 1, leap or not. Long runs and half-lives that are distributions
        are drawn by ``sample(periods=)``; where there is no time only the short run is.

    Returns
    -------
    Adjusting
        Wherever an elasticity is typed: for all, as a value of a mapping, in the cell of a frame.

    Raises
    ------
    DataError
        A half-life that is not above 0 and finite, an elasticity that is no number.

    Examples
    --------
    >>> tw.adjusting(-0.1, -0.6, half_life=3)
    tw.adjusting(-0.1, -0.6, half_life=3)
    """
    return Adjusting(short, long, half_life)


def parts(given: Any, name: str) -> tuple[Any, Any, Any] | None:
    """Short run, long run and half-lives, each in the form of ``given``; None where nothing adjusts.

    Cells that do not adjust have their value in both, and an infinite half-life.
    """
    if isinstance(given, Adjusting):
        return given.short, given.long, given.half_life
    if isinstance(given, Mapping):
        if not any(isinstance(value, Adjusting) for value in given.values()):
            return None
        split = {key: _cell(value) for key, value in given.items()}
        short, long, half_life = ({key: cell[place] for key, cell in split.items()} for place in range(3))
        return short, long, half_life
    return _parts_of_frame(given, name) if hasattr(given, "columns") else None


def _parts_of_frame(given: Any, name: str) -> tuple[Any, Any, Any] | None:
    native = open_frame(given, name)
    column = name if name in native.columns else "value"
    if column not in native.columns or native[column].dtype.is_numeric():
        return None
    cells = native[column].to_list()
    if not any(isinstance(cell, Adjusting) for cell in cells):
        return None
    split = [_cell(cell) for cell in cells]
    for row, cell in enumerate(split):
        if not all(isinstance(value, int | float | np.number | Distribution) for value in cell):
            raise DataError(f"{name} in row {row} is {cells[row]!r}; expected numbers or distributions")

    def part(place: int) -> Any:
        values = [cell[place] for cell in split]
        known = not any(isinstance(value, Distribution) for value in values)
        typed = {"dtype": nw.Float64() if known else nw.Object(), "backend": native.implementation}
        return native.with_columns(nw.new_series(column, values, **typed)).to_native()

    return part(0), part(1), part(2)


def _cell(value: Any) -> tuple[Any, Any, Any]:
    adjusts = isinstance(value, Adjusting)
    return (value.short, value.long, value.half_life) if adjusts else (value, value, math.inf)


def _check(name: str, value: float) -> None:
    if name == "half_life" and not (value > 0 and math.isfinite(value)):
        raise DataError(f"half_life is {value}; expected years, a finite number above 0")
    if math.isnan(value):
        raise DataError(f"{name} is {value}; expected an elasticity")
