"""Supply and demand curves of a dataframe, as the core takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tradewinds.data.columns import encode, names_of, numbers, open_frame, require
from tradewinds.errors import DataError

__all__ = ["Curves"]

_LINEAR = ("intercept", "slope")
_ISOELASTIC = ("price", "quantity", "elasticity")


@dataclass(frozen=True)
class Curves:
    """One side of the market: a curve a commodity and country."""

    side: str
    commodities: list[str]
    countries: list[str]
    #: "linear", intercept, slope, 0; or "isoelastic", price, quantity, elasticity
    numbers: list[tuple[str, float, float, float]]

    @classmethod
    def from_frame(cls, given: Any, side: str, commodity: str) -> Curves:
        """Of a frame with ``country[, commodity]`` and ``intercept, slope`` or ``price, quantity, elasticity``.

        Inverse: price = intercept + slope × quantity in supply, intercept − slope × quantity in demand,
        slope ≥ 0. Without a commodity all are of ``commodity``.
        """
        native = open_frame(given, side)
        if len(native) == 0:
            raise DataError(f"{side} has no rows; give at least one curve")
        countries = _labels(native, "country", side)
        commodities = _labels(native, "commodity", side) if "commodity" in native.columns else [commodity] * len(native)
        columns = {
            name: numbers(native[name], name) if name in native.columns else np.full(len(native), np.nan)
            for name in (*_LINEAR, *_ISOELASTIC)
        }
        if not any(set(form) <= set(native.columns) for form in (_LINEAR, _ISOELASTIC)):
            raise DataError(
                f"{side} has the columns {', '.join(native.columns)}; expected country, commodity and "
                "intercept, slope, or price, quantity, elasticity"
            )
        seen: dict[tuple[str, str], int] = {}
        curves = []
        for row, key in enumerate(zip(commodities, countries, strict=True)):
            if key in seen:
                raise DataError(f"{side} has two curves of {key[0]} in {key[1]} (rows {seen[key]} and {row}); keep one")
            seen[key] = row
            curves.append(_curve({name: float(values[row]) for name, values in columns.items()}, side, key))
        return cls(side, commodities, countries, curves)

    def rows(self, commodities: list[str], countries: list[str]) -> list[tuple[int, int, str, float, float, float]]:
        """With positions into these labels."""
        places = zip(self.commodities, self.countries, self.numbers, strict=True)
        return [(commodities.index(good), countries.index(country), *curve) for good, country, curve in places]

    def usual_price(self, commodity: str) -> float:
        """The middle of what the curves of a commodity say about the price; NaN where they say nothing."""
        prices = [
            abs(curve[1]) for good, curve in zip(self.commodities, self.numbers, strict=True) if good == commodity
        ]
        return float(np.median(prices)) if prices else float("nan")


def _labels(native: Any, column: str, side: str) -> list[str]:
    codes, labels = encode(require(native, column, side), column)
    return [names_of(labels)[code] for code in codes]


def _curve(given: dict[str, float], side: str, key: tuple[str, str]) -> tuple[str, float, float, float]:
    where = f"the {side} curve of {key[0]} in {key[1]}"
    sells = side == "supply"
    if np.isfinite(given["intercept"]) and np.isfinite(given["slope"]):
        if given["slope"] < 0:
            form = "intercept + slope × quantity" if sells else "intercept − slope × quantity"
            raise DataError(f"{where} has the slope {given['slope']}; expected at least 0: price = {form}")
        return "linear", given["intercept"], given["slope"] if sells else -given["slope"], 0.0
    price, quantity, elasticity = (given[name] for name in _ISOELASTIC)
    if not (price > 0 and quantity > 0 and np.isfinite(price) and np.isfinite(quantity)):
        raise DataError(
            f"{where} goes through price {price} and quantity {quantity}; expected both above 0, "
            "or a finite intercept and slope"
        )
    allowed = elasticity >= 0 if sells else -np.inf < elasticity <= 0
    if not allowed:
        sign = "0 or more, infinity allowed" if sells else "0 or negative (packages that print it unsigned mean that)"
        raise DataError(f"{where} has the elasticity {elasticity}; expected {sign}")
    return "isoelastic", price, quantity, elasticity
