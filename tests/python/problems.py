"""Random problems: markets for the reference, and the same as flows, elasticities and a scenario."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from reference import Market

import tradewinds as tw

DEMANDS = (0.0, -1.0, -30.0, -0.13, -2.5)
SUPPLIES = (0.0, 0.05, 1.5, np.inf)


@dataclass
class Problem:
    countries: list[str]
    markets: dict[str, Market]
    quantities: dict[str, np.ndarray]
    model: tw.Armington
    scenario: tw.Scenario

    @property
    def tolerance(self) -> float:
        """1e-9, over 1 − modulus where the price map contracts: errors of prices grow by that."""
        worst = max(market.modulus for market in self.markets.values())
        return 1e-9 / (1 - worst) if worst < 1 else 1e-9


def problem(seed: int, commodities: int = 2) -> Problem:
    """Values with gaps, tonnes with unequal unit values, every kind of wedge."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 7))
    names = [f"C{place}" for place in range(n)]
    markets, quantities = {}, {}
    for k in range(commodities):
        rigid_demand = rng.random() < 0.3
        eta = rng.choice(DEMANDS[:1] if rigid_demand else DEMANDS[1:], n)
        epsilon = rng.choice(SUPPLIES[1:] if rigid_demand else SUPPLIES, n)
        markets[f"K{k}"] = _market(rng, n, eta, epsilon)
        quantities[f"K{k}"] = markets[f"K{k}"].value * rng.lognormal(0, 0.4, (n, n))
    return Problem(names, markets, quantities, model(names, markets, quantities), scenario(names, markets))


def _market(rng: np.random.Generator, n: int, eta: np.ndarray, epsilon: np.ndarray, density: float = 0.8) -> Market:
    value = rng.lognormal(3, 1, (n, n)) * (rng.random((n, n)) < density)
    value[np.arange(n), (np.arange(n) + 1) % n] = 30.0
    sparse = lambda low, high: np.where(rng.random((n, n)) < 0.3, rng.uniform(low, high, (n, n)), 0.0)  # noqa: E731
    before = 1 + sparse(0, 0.3)
    return Market(
        value,
        float(rng.choice([2.0, 5.0, 10.0])),
        eta,
        epsilon,
        availability=np.where(rng.random((n, n)) < 0.2, rng.choice([0.0, 0.4], (n, n)), 1.0),
        tariff_before=before,
        tariff_after=before + sparse(0, 0.5),
        export_tax=1 + sparse(0, 0.3),
        cost=1 + sparse(-0.2, 0.4),
        demand_shift=np.where(rng.random(n) < 0.3, 0.8, 1.0),
        supply_shift=np.where((rng.random(n) < 0.3) & np.isfinite(epsilon), 1.2, 1.0),
    )


def harsh(seed: int, commodities: int = 2) -> Problem:
    """As :func:`problem`, but sparse, with substitution near 1, unlike elasticities side by side (fixed demand too),
    and exporters and importers that lose every partner."""
    rng = np.random.default_rng([seed, 1])
    n = int(rng.integers(2, 7))
    names = [f"C{place}" for place in range(n)]
    markets, quantities = {}, {}
    for k in range(commodities):
        # Fixed demand beside fixed supply need not have an equilibrium: the fixed side may want more than there is.
        rigid_demand = rng.random() < 0.5
        eta = rng.choice(DEMANDS if rigid_demand else DEMANDS[1:], n)
        epsilon = rng.choice(SUPPLIES[1:] if rigid_demand else SUPPLIES, n)
        market = _market(rng, n, eta, epsilon, density=float(rng.choice([0.3, 0.6, 0.95])))
        market.sigma = float(rng.choice([1.3, 2.0, 5.0, 10.0]))
        if rng.random() < 0.5:
            market.availability[rng.integers(n)] = 0.0
        if rng.random() < 0.5:
            market.availability[:, rng.integers(n)] = 0.0
        markets[f"K{k}"] = market
        quantities[f"K{k}"] = market.value * rng.lognormal(0, 0.4, (n, n))
    return Problem(names, markets, quantities, model(names, markets, quantities), scenario(names, markets))


def frame(names: list[str], markets: dict[str, Market], quantities: dict[str, np.ndarray]) -> pd.DataFrame:
    parts = []
    for k, market in markets.items():
        i, j = np.nonzero(market.value)
        columns = {"exporter": np.array(names)[i], "importer": np.array(names)[j], "commodity": k, "period": 2021}
        parts.append(pd.DataFrame({**columns, "value": market.value[i, j], "quantity": quantities[k][i, j]}))
    return pd.concat(parts, ignore_index=True)


def table(names: list[str], markets: dict[str, Market], name: str) -> pd.DataFrame:
    key = {"demand": "eta", "supply": "epsilon"}[name]
    rows = [(k, c, v) for k, m in markets.items() for c, v in zip(names, getattr(m, key), strict=True)]
    return pd.DataFrame(rows, columns=["commodity", "country", name])


def model(names: list[str], markets: dict[str, Market], quantities: dict[str, np.ndarray]) -> tw.Armington:
    tariffs = [
        (names[i], names[j], k, m.tariff_before[i, j] - 1) for k, m in markets.items() for i, j in np.argwhere(m.value)
    ]
    return tw.Armington(
        tw.Flows.from_frame(frame(names, markets, quantities), countries="as_is", quantity_unit="t"),
        period=2021,
        substitution={k: m.sigma for k, m in markets.items()},
        demand=table(names, markets, "demand"),
        supply=table(names, markets, "supply"),
        tariffs=pd.DataFrame(tariffs, columns=["exporter", "importer", "commodity", "tariff"]),
    )


def scenario(names: list[str], markets: dict[str, Market]) -> tw.Scenario:
    measures: list[tw.Measure] = []
    for k, m in markets.items():
        for i, j in np.argwhere(m.value):
            where = {"exporters": names[i], "importers": names[j], "commodities": k}
            if m.availability[i, j] < 1:
                measures.append(tw.Ban(**where, coverage=1 - m.availability[i, j]))
            if m.tariff_after[i, j] != m.tariff_before[i, j]:
                measures.append(tw.Tariff(**where, rate=m.tariff_after[i, j] - m.tariff_before[i, j]))
            if m.export_tax[i, j] != 1:
                measures.append(tw.ExportTax(**where, rate=m.export_tax[i, j] - 1))
            if m.cost[i, j] != 1:
                measures.append(tw.TradeCost(**where, change=m.cost[i, j] - 1))
        for place, name in enumerate(names):
            if m.demand_shift[place] != 1:
                measures.append(tw.Shift(importers=name, commodities=k, demand=m.demand_shift[place]))
            if m.supply_shift[place] != 1 and m.value[place].any():
                measures.append(tw.Shift(exporters=name, commodities=k, supply=m.supply_shift[place]))
    return tw.Scenario("random", measures)


def matrix(frame: pd.DataFrame, column: str, commodity: str, names: list[str]) -> np.ndarray:
    """A column of result.flows as exporters × importers, 0 where a flow is absent."""
    mine = frame[frame["commodity"] == commodity]
    wide = mine.astype({"exporter": str, "importer": str}).pivot(index="exporter", columns="importer", values=column)
    return wide.reindex(index=names, columns=names).fillna(0.0).to_numpy()
