"""The spatial model against scipy's general solvers and bare Clarabel, all in one run.

    python benches/spatial.py

Needs scipy and clarabel (pip install clarabel), which the package itself does not.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import clarabel
import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, minimize

import tradewinds as tw

NODES, ROUTES, RUNS = 50, 500, 41
DRAWS = 1000


class Market:
    """Straight curves of 50 sellers and 50 buyers, 500 routes, one facility that a fifth of them share."""

    def __init__(self, seed: int) -> None:
        draw = np.random.default_rng(seed)
        cells = draw.permutation(NODES * NODES)[: ROUTES - NODES]
        own = np.arange(NODES) * NODES + np.arange(NODES)
        cells = np.unique(np.concatenate([cells, own]))
        self.seller, self.buyer = cells // NODES, cells % NODES
        self.a, self.b = draw.uniform(5, 30, NODES), draw.uniform(0.2, 2, NODES)
        self.A, self.B = draw.uniform(40, 90, NODES), draw.uniform(0.2, 2, NODES)
        self.freight = draw.uniform(0, 12, len(cells))
        self.shared = np.flatnonzero(draw.random(len(cells)) < 0.2)
        self.capacity = 60.0

    @property
    def incidence(self) -> tuple[sp.csr_matrix, sp.csr_matrix]:
        ones, places = np.ones(len(self.freight)), np.arange(len(self.freight))
        shape = (NODES, len(self.freight))
        return sp.csr_matrix((ones, (self.seller, places)), shape), sp.csr_matrix((ones, (self.buyer, places)), shape)

    def model(self, elasticities: tuple[float, float] | None = None) -> Callable[[], tw.Spatial]:
        names = [f"n{place:02d}" for place in range(NODES)]
        if elasticities is None:
            supply = pd.DataFrame({"country": names, "intercept": self.a, "slope": self.b})
            demand = pd.DataFrame({"country": names, "intercept": self.A, "slope": self.B})
        else:
            up, down = elasticities
            supply = pd.DataFrame({"country": names, "price": 20.0, "quantity": 10 / self.b, "elasticity": up})
            demand = pd.DataFrame({"country": names, "price": 30.0, "quantity": 10 / self.B, "elasticity": down})
        routes = pd.DataFrame(
            {
                "exporter": np.array(names)[self.seller],
                "importer": np.array(names)[self.buyer],
                "freight": self.freight,
            }
        )
        pairs = routes.iloc[self.shared]
        facilities = pairs[["exporter", "importer"]].assign(facility="canal", capacity=self.capacity)
        return lambda: tw.Spatial.from_curves(supply, demand, routes, facilities=facilities)

    def clarabel(self) -> Any:
        """The program in its plainest form: flows and quantities, balances, one capacity."""
        out, into = self.incidence
        routes = len(self.freight)
        quadratic = sp.diags(np.concatenate([np.zeros(routes), self.b, self.B])).tocsc()
        linear = np.concatenate([self.freight, self.a, -self.A])
        balance = sp.bmat([[-out, sp.eye(NODES), None], [-into, None, sp.eye(NODES)]])
        shared = sp.csr_matrix(
            (np.ones(len(self.shared)), (np.zeros(len(self.shared), dtype=int), self.shared)), (1, routes + 2 * NODES)
        )
        least = sp.hstack([-sp.eye(routes), sp.csr_matrix((routes, 2 * NODES))])
        matrix = sp.vstack([balance, shared, least]).tocsc()
        right = np.concatenate([np.zeros(2 * NODES), [self.capacity], np.zeros(routes)])
        cones = [clarabel.ZeroConeT(2 * NODES), clarabel.NonnegativeConeT(1 + routes)]
        settings = clarabel.DefaultSettings()
        settings.verbose = False
        settings.max_threads = 1

        def solve() -> float:
            return float(clarabel.DefaultSolver(quadratic, linear, matrix, right, cones, settings).solve().obj_val)

        return solve

    def loss(self, flow: Any) -> tuple[float, Any]:
        out, into = self.incidence
        q, x = out @ flow, into @ flow
        value = self.a @ q + 0.5 * self.b @ q**2 - self.A @ x + 0.5 * self.B @ x**2 + self.freight @ flow
        return float(value), out.T @ (self.a + self.b * q) - into.T @ (self.A - self.B * x) + self.freight


def show(name: str, median: float, best: float, objective: float) -> None:
    print(f"{name:<20}{1e3 * median:>12.2f} ms{1e3 * best:>12.2f} ms   objective {objective:.6f}", flush=True)


def by_turns(*what: Callable[[], Any]) -> list[tuple[float, float, Any]]:
    """As :func:`timed`, of several that take turns, so that a busy machine is busy for all of them."""
    spans: list[list[float]] = [[] for _ in what]
    answers: list[Any] = [None] * len(what)
    for _ in range(RUNS):
        for place, one in enumerate(what):
            start = time.perf_counter()
            answers[place] = one()
            spans[place].append(time.perf_counter() - start)
    return [(statistics.median(span), min(span), answer) for span, answer in zip(spans, answers, strict=True)]


def timed(what: Callable[[], Any], runs: int = RUNS) -> tuple[float, float, Any]:
    """Median and best seconds, and the last answer."""
    spans = []
    for _ in range(runs):
        start = time.perf_counter()
        answer = what()
        spans.append(time.perf_counter() - start)
    return statistics.median(spans), min(spans), answer


def main() -> None:
    tw.threads(1)
    market = Market(3)
    make = market.model()
    model = make()
    core, inputs = type(model._core), _inputs(model, make)
    bare, cold = by_turns(market.clarabel(), lambda: core.of_curves(**inputs))
    change = tw.Scenario("shift", [tw.Shift(exporters="n00", supply=0.5), tw.Shift(importers="n07", demand=1.3)])
    warm = timed(lambda: model.solve(change))
    objective = model.solve(tw.Scenario("none", [])).status.objective
    row = np.zeros(len(market.freight))
    row[market.shared] = 1
    limit = LinearConstraint(row[None, :], -np.inf, market.capacity)
    start, bounds = np.ones(len(row)), Bounds(0, np.inf)
    show("bare clarabel", *bare[:2], -bare[2])
    show("of_curves, cold", *cold[:2], objective)
    show("solve a scenario", *warm[:2], float("nan"))

    curved = market.model((0.5, -0.6))
    inputs = _inputs(curved(), curved)
    print("isoelastic, cold", *(f"{1e3 * span:.2f} ms" for span in timed(lambda: core.of_curves(**inputs))[:2]))
    certificate = curved().solve(tw.Scenario("none", [])).certificate
    print(certificate[["stationarity", "complementarity", "feasibility"]].max().to_dict())

    options = {"SLSQP": {"maxiter": 200, "ftol": 1e-10}, "trust-constr": {"maxiter": 1000, "gtol": 1e-6}}
    for method, given in options.items():
        seconds, best, found = timed(
            lambda method=method, given=given: minimize(
                market.loss, start, jac=True, method=method, bounds=bounds, constraints=[limit], options=given
            ),
            runs=1,
        )
        show(f"scipy {method}", seconds, best, -found.fun)
    draws()


def draws() -> None:
    """A thousand random strengths of the bundled crude case on two threads, in one sweep."""
    tw.threads(2)
    case, draw = tw.cases["crude"], np.random.default_rng(5)
    embargo, cap = "eu-crude-2022", "price-cap-crude-2022"
    scenarios = {
        f"{place}": case.scenario.replace(embargo, coverage=draw.uniform(0.5, 1.0)).replace(
            cap, price=draw.uniform(40, 90), outside_capacity=draw.uniform(0, 150e6)
        )
        for place in range(DRAWS)
    }
    model = case.model()
    start = time.perf_counter()
    sweep = model.sweep(scenarios, at=2023)
    solved = time.perf_counter() - start
    discounts = [sweep[name].discount("RUS")["discount"].iloc[1] for name in scenarios]
    asked = time.perf_counter() - start - solved
    failed = sum(not sweep[name].status.converged for name in scenarios)
    regimes = [sweep[name].price_caps["regime"].item() for name in scenarios]
    counts = {int(regime): regimes.count(regime) for regime in sorted(set(regimes))}
    print(
        f"{DRAWS} draws of the crude case: {solved:.2f} s, their discounts {asked:.2f} s; {failed} did not converge; "
        f"regimes {counts}, discount {min(discounts):.1f} to {max(discounts):.1f} USD/t"
    )


def _inputs(model: tw.Spatial, make: Callable[[], tw.Spatial]) -> dict[str, Any]:
    """What the front door hands to the core, so that frames are not timed."""
    caught: dict[str, Any] = {}
    import tradewinds.model.spatial as front

    class Core:
        class Spatial:
            @staticmethod
            def of_curves(flows: Any, **given: Any) -> Any:
                caught.update(given, flows=flows)
                return model._core

        Flows = front._core.Flows
        resolve_countries = staticmethod(front._core.resolve_countries)

    kept = front._core
    front._core = Core  # type: ignore[assignment]
    try:
        make()
    finally:
        front._core = kept
    return caught


if __name__ == "__main__":
    main()
