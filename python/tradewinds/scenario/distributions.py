"""Numbers that are not known exactly: distributions, wherever an elasticity or the size of a measure is typed."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tradewinds.errors import ModelError
from tradewinds.extras import extra

__all__ = [
    "KINDS",
    "Beta",
    "Distribution",
    "Empirical",
    "Lognormal",
    "Normal",
    "Triangular",
    "Uniform",
    "around",
    "beta",
    "empirical",
    "lognormal",
    "normal",
    "triangular",
    "uniform",
]

_Numbers = npt.NDArray[np.float64]


class Distribution(ABC):
    """An uncertain number. Frozen, comparable, picklable.

    A plain ``solve`` takes its :attr:`central` value; ``sample`` draws from it. Every place where a
    distribution is typed is a number of its own: two places with equal distributions are drawn apart,
    unless ``sample(correlation=)`` says otherwise.
    """

    @property
    @abstractmethod
    def central(self) -> float:
        """What a plain solve takes: mode, mean or median, as the distribution's own page says."""

    @property
    @abstractmethod
    def support(self) -> tuple[float, float]:
        """Smallest and largest value."""

    def quantile(self, order: Any) -> _Numbers:
        """Values of orders between 0 and 1."""
        low, high = self.support
        return np.clip(self._quantile(np.asarray(order, dtype=np.float64)), low, high)

    @abstractmethod
    def share_below(self, value: float) -> float:
        """The probability of values below ``value``."""

    def share_at(self, value: float) -> float:
        """The probability of ``value`` itself: 0 but where there is a single value, or a list of them."""
        return float(self.support == (value, value))

    def share_outside(self, low: float, high: float, without: Collection[float] = ()) -> float:
        """The probability of values below ``low`` or above ``high``, or of those ``without`` which the range is."""
        least, most = self.support
        below = self.share_below(low) if least < low else 0.0
        above = 1.0 - self.share_below(high) - self.share_at(high) if most > high else 0.0
        return min(below + max(above, 0.0) + sum(self.share_at(end) for end in without), 1.0)

    def leaves(self, low: float, high: float, without: Collection[float] = ()) -> bool:
        """Whether any value lies below ``low`` or above ``high``, or is one of ``without``."""
        return self.support[0] < low or self.support[1] > high or any(self.share_at(end) > 0 for end in without)

    @abstractmethod
    def _quantile(self, order: _Numbers) -> _Numbers:
        """Values before they are held to the support."""


@dataclass(frozen=True)
class Triangular(Distribution):
    """Between two ends, most likely at the mode, which is the central value."""

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        _finite(self, "low", "mode", "high")
        if not self.low <= self.mode <= self.high:
            raise ModelError(f"{self!r}: expected low ≤ mode ≤ high")

    @property
    def central(self) -> float:
        return self.mode

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def share_below(self, value: float) -> float:
        if not self.low < value < self.high:
            return float(value >= self.high and value > self.low)
        if value < self.mode:
            return (value - self.low) ** 2 / ((self.high - self.low) * (self.mode - self.low))
        return 1.0 - (self.high - value) ** 2 / ((self.high - self.low) * (self.high - self.mode))

    def _quantile(self, order: _Numbers) -> _Numbers:
        width = self.high - self.low
        left, right = self.mode - self.low, self.high - self.mode
        rising = self.low + np.sqrt(order * width * left)
        falling = self.high - np.sqrt((1.0 - order) * width * right)
        return np.where(order * width < left, rising, falling)

    def __repr__(self) -> str:
        return f"triangular({self.low:g}, {self.mode:g}, {self.high:g})"


@dataclass(frozen=True)
class Uniform(Distribution):
    """Anywhere between two ends; the central value is their middle."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _finite(self, "low", "high")
        if not self.low <= self.high:
            raise ModelError(f"{self!r}: expected low ≤ high")

    @property
    def central(self) -> float:
        return self.low + (self.high - self.low) / 2

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def share_below(self, value: float) -> float:
        if not self.low < value < self.high:
            return float(value >= self.high and value > self.low)
        return (value - self.low) / (self.high - self.low)

    def _quantile(self, order: _Numbers) -> _Numbers:
        return self.low + order * (self.high - self.low)

    def __repr__(self) -> str:
        return f"uniform({self.low:g}, {self.high:g})"


@dataclass(frozen=True)
class Normal(Distribution):
    """Gaussian, cut off at ``low`` and ``high``; the central value is ``mean``."""

    mean: float
    sd: float
    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        _finite(self, "mean", "sd")
        _number(self, "low", "high")
        if self.sd < 0:
            raise ModelError(f"{self!r}: expected a standard deviation of at least 0")
        if not self.low <= self.mean <= self.high:
            raise ModelError(f"{self!r}: expected low ≤ mean ≤ high")

    @property
    def central(self) -> float:
        return self.mean

    @property
    def support(self) -> tuple[float, float]:
        return (self.mean, self.mean) if self.sd == 0 else (self.low, self.high)

    def _ends(self) -> tuple[float, float]:
        ndtr = extra("scipy.special", "uncertainty").ndtr
        return float(ndtr((self.low - self.mean) / self.sd)), float(ndtr((self.high - self.mean) / self.sd))

    def share_below(self, value: float) -> float:
        if self.sd == 0 or not self.low < value < self.high:
            return float(value >= self.support[1] and value > self.support[0])
        below, above = self._ends()
        return (float(extra("scipy.special", "uncertainty").ndtr((value - self.mean) / self.sd)) - below) / (
            above - below
        )

    def _quantile(self, order: _Numbers) -> _Numbers:
        if self.sd == 0:
            return np.full_like(order, self.mean)
        below, above = self._ends()
        ndtri = extra("scipy.special", "uncertainty").ndtri
        return self.mean + self.sd * np.asarray(ndtri(below + order * (above - below)), dtype=np.float64)

    def __repr__(self) -> str:
        ends = "" if (self.low, self.high) == (-math.inf, math.inf) else f", low={self.low:g}, high={self.high:g}"
        return f"normal({self.mean:g}, {self.sd:g}{ends})"


@dataclass(frozen=True)
class Lognormal(Distribution):
    """A median times the exponential of a Gaussian; the sign is that of the median, the central value."""

    median: float
    sigma: float

    def __post_init__(self) -> None:
        _finite(self, "median", "sigma")
        if self.median == 0 or self.sigma < 0:
            raise ModelError(f"{self!r}: expected a median other than 0, and sigma of at least 0")

    @property
    def central(self) -> float:
        return self.median

    @property
    def support(self) -> tuple[float, float]:
        if self.sigma == 0:
            return self.median, self.median
        return (0.0, math.inf) if self.median > 0 else (-math.inf, 0.0)

    def share_below(self, value: float) -> float:
        if self.sigma == 0 or value * self.median <= 0:
            return float(value > self.support[0]) if self.sigma == 0 else float(self.median < 0)
        ndtr = extra("scipy.special", "uncertainty").ndtr
        below = float(ndtr(math.log(value / self.median) / self.sigma))
        return below if self.median > 0 else 1.0 - below

    def _quantile(self, order: _Numbers) -> _Numbers:
        if self.sigma == 0:
            return np.full_like(order, self.median)
        along = order if self.median > 0 else 1.0 - order
        ndtri = extra("scipy.special", "uncertainty").ndtri
        return self.median * np.exp(self.sigma * np.asarray(ndtri(along), dtype=np.float64))

    def __repr__(self) -> str:
        return f"lognormal({self.median:g}, {self.sigma:g})"


@dataclass(frozen=True)
class Beta(Distribution):
    """Beta of shapes ``a, b`` between two ends; the central value is its mean."""

    a: float
    b: float
    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        _finite(self, "a", "b", "low", "high")
        if not (self.a > 0 and self.b > 0 and self.low <= self.high):
            raise ModelError(f"{self!r}: expected shapes above 0, and low ≤ high")

    @property
    def central(self) -> float:
        return self.low + (self.high - self.low) * self.a / (self.a + self.b)

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def share_below(self, value: float) -> float:
        if not self.low < value < self.high:
            return float(value >= self.high and value > self.low)
        place = (value - self.low) / (self.high - self.low)
        return float(extra("scipy.special", "uncertainty").betainc(self.a, self.b, place))

    def _quantile(self, order: _Numbers) -> _Numbers:
        found = extra("scipy.special", "uncertainty").betaincinv(self.a, self.b, order)
        return self.low + (self.high - self.low) * np.asarray(found, dtype=np.float64)

    def __repr__(self) -> str:
        return f"beta({self.a:g}, {self.b:g}, low={self.low:g}, high={self.high:g})"


@dataclass(frozen=True)
class Empirical(Distribution):
    """One of the given values, each as likely as another; the central value is their lower median."""

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        wrong = [value for value in self.values if not is_number(value) or not math.isfinite(value)]
        if wrong or not self.values:
            what = f"has {wrong[0]!r}" if wrong else "has no values"
            raise ModelError(f"an empirical distribution {what}; expected at least one value, all finite numbers")
        object.__setattr__(self, "values", tuple(sorted(float(value) for value in self.values)))

    @property
    def central(self) -> float:
        return self.values[(len(self.values) - 1) // 2]

    @property
    def support(self) -> tuple[float, float]:
        return self.values[0], self.values[-1]

    def share_below(self, value: float) -> float:
        return float(np.searchsorted(self.values, value, side="left")) / len(self.values)

    def share_at(self, value: float) -> float:
        return self.values.count(value) / len(self.values)

    def _quantile(self, order: _Numbers) -> _Numbers:
        places = np.minimum((order * len(self.values)).astype(np.intp), len(self.values) - 1)
        return np.asarray(self.values)[places]

    def __repr__(self) -> str:
        if len(self.values) <= 5:
            return f"empirical([{', '.join(f'{value:g}' for value in self.values)}])"
        return f"empirical({len(self.values)} values from {self.values[0]:g} to {self.values[-1]:g})"


#: By name, as saved results have them. A kind is its numbers: the fields of its class.
KINDS: dict[str, type[Distribution]] = {
    kind.__name__: kind for kind in (Triangular, Uniform, Normal, Lognormal, Beta, Empirical)
}


def triangular(low: float, mode: float, high: float) -> Triangular:
    """Triangular between ``low`` and ``high``; central value ``mode``."""
    return Triangular(low, mode, high)


def around(central: float, spread: float = 0.3) -> Triangular:
    """Symmetric triangular, ``spread`` of the central value to either side.

    ±30 % is what systematic sensitivity analyses of GTAP models usually take (Arndt 1996, An introduction
    to systematic sensitivity analysis via Gaussian quadrature, GTAP Technical Paper 2).
    """
    if not is_number(central):
        raise ModelError(f"the central value is {central!r}; expected a number")
    if not (is_number(spread) and spread >= 0 and math.isfinite(spread)):
        raise ModelError(f"spread is {spread!r}; expected a share of the central value such as 0.3")
    half = abs(central) * spread
    return Triangular(central - half, central, central + half)


def uniform(low: float, high: float) -> Uniform:
    """Uniform between ``low`` and ``high``; central value their middle."""
    return Uniform(low, high)


def normal(mean: float, sd: float, *, low: float = -math.inf, high: float = math.inf) -> Normal:
    """Gaussian, cut off at ``low`` and ``high``; central value ``mean``."""
    return Normal(mean, sd, low, high)


def lognormal(median: float, sigma: float) -> Lognormal:
    """``median`` × exp(σ z); a negative median gives negative values. Central value ``median``."""
    return Lognormal(median, sigma)


def beta(a: float, b: float, *, low: float = 0.0, high: float = 1.0) -> Beta:
    """Beta of shapes ``a, b`` between ``low`` and ``high``; central value its mean."""
    return Beta(a, b, low, high)


def empirical(values: Sequence[float]) -> Empirical:
    """One of ``values``, each as likely as another; central value their lower median."""
    if isinstance(values, str | Mapping) or not isinstance(values, Iterable):
        raise ModelError(f"the values of an empirical distribution are {values!r}; expected a list of numbers")
    return Empirical(tuple(values))


def is_number(given: Any) -> bool:
    """A real number, of numpy too; True and False are none."""
    return isinstance(given, int | float | np.integer | np.floating) and not isinstance(given, bool)


def _number(distribution: Distribution, *names: str) -> None:
    for name in names:
        given = getattr(distribution, name)
        if not is_number(given) or math.isnan(given):
            raise ModelError(f"{name} of a {type(distribution).__name__} is {given!r}; expected a number")
        object.__setattr__(distribution, name, float(given))


def _finite(distribution: Distribution, *names: str) -> None:
    _number(distribution, *names)
    for name in names:
        if math.isinf(getattr(distribution, name)):
            raise ModelError(f"{name} of a {type(distribution).__name__} is infinite; expected a finite number")
