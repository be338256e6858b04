"""Shapley values and fits on the bundled energy case, against doing the same from outside."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from math import factorial
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

import tradewinds as tw

RUNS = 7
EU = ["EU27", "!HUN", "!SVK", "!CZE"]
MEASURES = [
    tw.Ban(exporters="RUS", importers=EU, commodities="crude"),
    tw.Ban(exporters="RUS", importers="GBR", commodities="crude"),
    tw.Ban(exporters="RUS", importers="USA", commodities=["crude", "coal"]),
    tw.Ban(exporters="RUS", importers="JPN", commodities="coal", coverage=0.8),
    tw.Ban(exporters="RUS", importers="EU27", commodities="coal"),
    tw.Ban(exporters="RUS", importers="EU27", commodities="lng"),
    tw.TradeCost(exporters="RUS", importers="CHN", commodities="crude", change=-0.02),
    tw.TradeCost(exporters="RUS", importers="IND", commodities="crude", change=-0.02),
    tw.Tariff(exporters="RUS", importers="KOR", rate=0.2),
    tw.Shift(exporters="SAU", commodities="crude", supply=0.95),
]
QUESTIONS = {
    "share_shift": tw.ask("share_shift", exporter="RUS", away="EU27", toward="CHN"),
    "welfare": tw.ask("welfare"),
    "flows": tw.ask("flows"),
}
KEYS = ["exporter", "importer", "commodity"]
SIZES = {"substitution": (3.0, 8.0), "demand": (-0.6, -0.3), "supply": (0.4, 0.2)}


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Median and best seconds, and what came out."""
    seconds = []
    for _ in range(RUNS):
        began = time.perf_counter()
        made = work()
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds)), min(seconds), made


def numbers(frame: pd.DataFrame) -> np.ndarray:
    return frame.select_dtypes("float").to_numpy()


def model(**changes: dict[str, float]) -> tw.Armington:
    """Elasticities a commodity, moved from where fits start."""
    goods = ("crude", "lng", "coal")
    inputs = {name: {k: changes.get(name, {}).get(k, start) for k in goods} for name, (_, start) in SIZES.items()}
    return tw.Armington(tw.datasets.load("energy"), period=2021, **inputs)


def shapley() -> None:
    base, scenario = model(), tw.Scenario("ten measures", MEASURES)
    n = len(MEASURES)
    subsets = [subset for size in range(n + 1) for subset in itertools.combinations(range(n), size)]
    print("| question | numbers | median s | best s | sum error | against a sweep |")
    print("|---|---|---|---|---|---|")
    began = time.perf_counter()
    sweep = base.sweep({str(s): tw.Scenario("part", [MEASURES[m] for m in s]) for s in subsets})
    solved = time.perf_counter() - began
    for name, question in QUESTIONS.items():
        median, best, found = timed(lambda question=question: base.attribution(scenario, question))
        values = numbers(found).reshape(n, -1)
        began = time.perf_counter()
        answers = {s: numbers(question(sweep.results[str(s)])).ravel() for s in subsets}
        outside = solved + time.perf_counter() - began
        change = answers[tuple(range(n))] - answers[()]
        scale = np.nanmax(np.abs(change))
        wanted = np.zeros_like(values)
        for s, m in itertools.product(subsets, range(n)):
            if m not in s:
                weight = factorial(len(s)) * factorial(n - len(s) - 1) / factorial(n)
                wanted[m] += weight * (answers[tuple(sorted((*s, m)))] - answers[s])
        error = np.nanmax(np.abs(values.sum(0) - change)) / scale
        off = np.nanmax(np.abs(values - wanted)) / scale
        cells = f"| `{name}` | {values.shape[1]} | {median:.3f} | {best:.3f} | {error:.0e} |"
        print(f"{cells} {outside:.1f} s, difference {off:.0e} |")


def fit() -> None:
    truth = {name: {k: value for k in ("crude", "lng", "coal")} for name, (value, _) in SIZES.items()}
    scenario = tw.Scenario("measures", [*MEASURES[:5], tw.TradeCost(name="cost", exporters="RUS", change=0.0)])
    made = model(**truth).solve(scenario.replace("cost", change=-0.1)).flows
    observed = made[[*KEYS, "quantity_after"]].astype({key: str for key in KEYS})
    observed = observed[observed["quantity_after"] > 0]
    draw = np.random.default_rng(1).normal(size=len(observed))
    observed = observed.assign(quantity_after=observed["quantity_after"] * (1 + 0.01 * draw))
    observed = observed.assign(weight=1 / observed["quantity_after"] ** 2)
    parameters = [tw.Parameter(name, k) for name in SIZES for k in ("crude", "lng", "coal")]
    parameters.append(tw.Parameter("change", measure="cost"))
    base = model()
    asked = {"question": tw.ask("flows"), "column": "quantity_after", "period": 2023, "weight": "weight"}
    median, best, found = timed(lambda: tw.fit(base, scenario, observed, parameters=parameters, **asked))

    def residuals(at: np.ndarray) -> np.ndarray:
        moved = dict(zip([p.label for p in parameters], at, strict=True))
        inputs = {name: {k: moved[tw.Parameter(name, k).label] for k in ("crude", "lng", "coal")} for name in SIZES}
        result = model(**inputs).solve(scenario.replace("cost", change=float(at[-1])), at=2023)
        after = result.flows["quantity_after"].to_numpy()[observed.index]
        return (after - observed["quantity_after"]).to_numpy() * np.sqrt(observed["weight"].to_numpy())

    start = np.array([SIZES[p.name][1] if p.measure is None else 0.0 for p in parameters])
    began = time.perf_counter()
    bounds = (found.parameters["low"], found.parameters["high"])
    tight = {"xtol": 1e-12, "ftol": 1e-12, "gtol": 1e-12}
    outside = least_squares(residuals, start, jac="3-point", bounds=bounds, x_scale="jac", **tight)
    seconds = time.perf_counter() - began
    off = np.abs(found.parameters["value"] / outside.x - 1).max()
    print(f"\nfit: {len(parameters)} parameters, {len(observed)} observations, {found.iterations} iterations")
    print(f"median {median:.3f} s, best {best:.3f} s; scipy least_squares on solves {seconds:.1f} s")
    print(f"largest relative difference of parameters {off:.0e}, sums of squares {outside.cost * 2:.10f}")
    whole, quick, _ = timed(lambda: found.result.derivative(tw.ask("flows"), parameters))
    print(f"derivatives of the flows by the ten: median {whole:.3f} s, best {quick:.3f} s")


if __name__ == "__main__":
    shapley()
    fit()
