"""The Armington equilibrium again, dense and slow, with scipy and nothing of the package.

Unknown are the log producer prices; equations are market clearing in value by exporter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import root

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass
class Market:
    """One commodity: exporters are rows, importers are columns."""

    value: Array
    sigma: float
    eta: Array
    epsilon: Array
    availability: Array = field(default=None)  # type: ignore[assignment]
    tariff_before: Array = field(default=None)  # type: ignore[assignment]
    tariff_after: Array = field(default=None)  # type: ignore[assignment]
    export_tax: Array = field(default=None)  # type: ignore[assignment]
    cost: Array = field(default=None)  # type: ignore[assignment]
    demand_shift: Array = field(default=None)  # type: ignore[assignment]
    supply_shift: Array = field(default=None)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        for name in ("availability", "tariff_before", "tariff_after", "export_tax", "cost"):
            if getattr(self, name) is None:
                setattr(self, name, np.ones_like(self.value))
        for name, axis in (("demand_shift", 1), ("supply_shift", 0)):
            if getattr(self, name) is None:
                setattr(self, name, np.ones(self.value.shape[axis]))

    @property
    def open(self) -> Array:
        return (self.value > 0) & (self.availability > 0)

    @property
    def modulus(self) -> float:
        return float(np.max(np.abs(self.sigma + self.eta)) / (self.sigma + np.min(self.epsilon)))


@dataclass
class Equilibrium:
    price: Array
    index: Array
    expenditure: Array
    border_value: Array
    receipts: Array
    shipped: Array
    """Shipped quantity relative to the baseline."""


def equilibrium(market: Market) -> Equilibrium:
    sells, buys = market.open.any(1), market.open.any(0)
    moving = sells & np.isfinite(market.epsilon)

    def prices(unknown: Array) -> Array:
        log_price = np.zeros(len(sells))
        log_price[moving] = unknown
        return log_price

    def excess(unknown: Array) -> Array:
        found = _accounts(market, prices(unknown), buys)
        supply = market.value.sum(1) * market.supply_shift
        log_price = prices(unknown)
        left = np.log(found.receipts.sum(1)[moving])
        return left - np.log(supply[moving]) - (1 + market.epsilon[moving]) * log_price[moving]

    unknown = np.zeros(moving.sum())
    if moving.any():
        for method, options in (("hybr", {"xtol": 1e-15, "maxfev": 20000}), ("lm", {"xtol": 1e-15, "ftol": 1e-15})):
            solved = root(excess, unknown, method=method, options=options)
            if np.all(np.isfinite(solved.x)) and np.abs(excess(solved.x)).max() < np.abs(excess(unknown)).max():
                unknown = solved.x
        unknown = _polish(excess, unknown)
        assert np.abs(excess(unknown)).max() < 1e-10, "the reference itself did not converge"
    return _accounts(market, prices(unknown), buys)


def _polish(excess: Any, x: Array) -> Array:
    """Newton with central differences: scipy stops at the square root of what doubles allow."""
    for _ in range(4):
        step = 1e-6
        columns = [(excess(x + step * e) - excess(x - step * e)) / (2 * step) for e in np.eye(len(x))]
        change = np.linalg.solve(np.array(columns).T, excess(x))
        if np.abs(excess(x - change)).max() < np.abs(excess(x)).max():
            x = x - change
    return x


def _accounts(market: Market, log_price: Array, buys: Array) -> Equilibrium:
    hat = market.tariff_after / market.tariff_before
    spent = market.value * market.tariff_before
    total = spent.sum(0)
    share = np.divide(spent, total, out=np.zeros_like(spent), where=total > 0)
    buyer = np.exp(log_price)[:, None] * market.export_tax * market.cost * hat
    weight = np.where(market.open, market.availability * buyer ** (1 - market.sigma), 0.0)
    index = np.full(len(total), np.inf)
    index[buys] = ((share * weight).sum(0)[buys]) ** (1 / (1 - market.sigma))
    reaction = np.zeros(len(total))
    reaction[buys] = index[buys] ** (market.sigma + market.eta[buys])
    expenditure = spent * weight * reaction * market.demand_shift
    border = expenditure / market.tariff_after
    receipts = border / market.export_tax
    with np.errstate(divide="ignore", invalid="ignore"):
        shipped = np.where(market.open, receipts / (market.value * np.exp(log_price)[:, None]), 0.0)
    price = np.where(market.open.any(1), np.exp(log_price), 0.0)
    return Equilibrium(price, index, expenditure, border, receipts, shipped)
