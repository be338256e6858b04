"""The published algorithm of Caliendo & Parro (2015) in numpy.

Written from the equations, apart from the package: the outer loop moves wages by excess demand, the inner one
iterates prices at given wages, and spending solves its linear system.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]


@dataclass
class World:
    """Axes as in ``tw.InputOutput.from_arrays``."""

    import_share: Numbers
    input_share: Numbers
    value_added_share: Numbers
    final_share: Numbers
    value_added: Numbers
    tariff: Numbers
    theta: Numbers


@dataclass
class Found:
    """Hats relative to the world given, and levels."""

    wage: Numbers
    cost: Numbers
    price: Numbers
    share: Numbers
    spending: Numbers
    income: Numbers
    iterations: int

    def consumer_price(self, final_share: Numbers) -> Numbers:
        """P̂^C by country."""
        return np.exp((final_share * np.log(self.price)).sum(0))


def exact(array: Numbers, axis: int) -> Numbers:
    """Shares without negative ones, scaled to sum to 1."""
    array = np.maximum(array, 0.0)
    return array / array.sum(axis, keepdims=True)


def nested(world: World, tariff: Numbers, deficit: Numbers, tolerance: float, step: float = 0.4) -> Found:
    """The equilibrium under other duties, until excess demand for labour is below ``tolerance``."""
    sectors, n = world.value_added_share.shape
    theta = world.theta[:, None]
    kernel = world.import_share * ((1 + tariff) / (1 + world.tariff)) ** -world.theta[:, None, None]
    wage, price = np.ones(n), np.ones((sectors, n))
    for iteration in range(1, 20_000):  # noqa: B007
        price, cost = _prices(world, kernel, wage, price, tolerance)
        share = kernel * (cost**-theta)[:, None, :]
        share /= share.sum(2, keepdims=True)
        spending, income = _spending(world, share, tariff, wage, deficit)
        output = (share * spending[:, :, None] / (1 + tariff)).sum(1)
        labour = (world.value_added_share * output).sum(0)
        excess = labour / (wage * world.value_added) - 1
        if np.abs(excess).max() < tolerance:
            break
        wage = wage * (1 + step * excess)
        wage *= world.value_added.sum() / (wage * world.value_added).sum()
    return Found(wage, cost, price, share, spending, income, iteration)


def _prices(world: World, kernel: Numbers, wage: Numbers, price: Numbers, tolerance: float) -> tuple[Numbers, Numbers]:
    theta = world.theta[:, None]
    while True:
        logs = world.value_added_share * np.log(wage) + np.einsum("nkj,kn->jn", world.input_share, np.log(price))
        cost = np.exp(logs)
        new = np.einsum("jni,ji->jn", kernel, cost**-theta) ** (-1 / theta)
        if np.abs(new / price - 1).max() < 0.1 * tolerance:
            return new, cost
        price = new


def _spending(
    world: World, share: Numbers, tariff: Numbers, wage: Numbers, deficit: Numbers
) -> tuple[Numbers, Numbers]:
    """X = Γ Y(X) + α (w L + R(X) + D), as one linear system."""
    sectors, n = world.value_added_share.shape
    received = share / (1 + tariff)
    kept = (share * tariff / (1 + tariff)).sum(2)
    matrix = np.einsum("ikj,jni->kijn", world.input_share, received, optimize=True)
    for country in range(n):
        matrix[:, country, :, country] += world.final_share[:, country, None] * kept[None, :, country]
    system = np.eye(sectors * n) - matrix.reshape(sectors * n, sectors * n)
    right = (world.final_share * (wage * world.value_added + deficit)).ravel()
    spending = np.linalg.solve(system, right).reshape(sectors, n)
    return spending, wage * world.value_added + deficit + (kept * spending).sum(0)


def rebased(world: World, found: Found) -> World:
    """The world at an equilibrium of its own duties."""
    return World(
        found.share,
        world.input_share,
        world.value_added_share,
        world.final_share,
        world.value_added * found.wage,
        world.tariff,
        world.theta,
    )


def of_file(data: Any) -> World:
    """The world of ``nafta_31x40.npz``, its shares made exact as the package says it does."""
    costs = np.concatenate([data["input_share"], data["value_added_share"].T[:, None, :]], axis=1)
    costs = exact(costs, 1)
    return World(
        exact(data["import_share"], 2),
        costs[:, :-1, :],
        costs[:, -1, :].T,
        exact(data["final_share"], 0),
        data["value_added"],
        data["tariff"],
        data["trade_elasticity"],
    )
