"""The Armington kernel against the same Anderson scheme in numpy and scipy.sparse, in one process.

    env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE OPENBLAS_NUM_THREADS=1 python benches/kernel.py

Synthetic markets: log-normal values, σ = 6, η = −0.5, ε = 0.1, a ban and a duty. The reference has its
matrices ready; tradewinds builds them inside the time. Times are of the processor, all threads
together, so that other work on the machine counts less. Speed is printed beside the error: the
largest difference of log producer prices between the two.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pandas as pd
import scipy.sparse as sp

import tradewinds as tw

SIGMA, ETA, EPSILON = 6.0, -0.5, 0.1
MEMORY, TOLERANCE = 8, 1e-13


def values(rng: np.random.Generator, n: int, density: float) -> np.ndarray:
    return rng.lognormal(0, 1, (n, n)) * (rng.random((n, n)) < density) * 1e6


class Reference:
    """Anderson acceleration, memory 8, normal equations, on log producer prices."""

    def __init__(self, value: np.ndarray) -> None:
        kept = np.ones_like(value)
        kept[1, :5] = 0.0
        power = np.ones_like(value)
        power[2] = 1.3
        wedge = kept * power ** (1 - SIGMA)
        spent, received = value.sum(0), value.sum(1)
        make = sp.csr_matrix if (value > 0).mean() < 0.4 else np.ascontiguousarray
        self.spending = make((value * wedge / np.where(spent > 0, spent, 1)).T)
        self.receipts = make(value * wedge / power / np.where(received > 0, received, 1)[:, None])
        self.n = len(value)

    def image(self, x: np.ndarray) -> np.ndarray:
        index = self.spending @ np.exp((1 - SIGMA) * x)
        weight = np.exp((SIGMA + ETA) / (1 - SIGMA) * np.log(index))
        return np.log(self.receipts @ weight) / (SIGMA + EPSILON)

    def solve(self) -> tuple[np.ndarray, int]:
        x = np.zeros(self.n)
        xs: list[np.ndarray] = []
        fs: list[np.ndarray] = []
        for iteration in range(1, 300):
            f = self.image(x) - x
            if np.abs(f).max() <= TOLERANCE:
                return x + f, iteration
            xs.append(x)
            fs.append(f)
            xs, fs = xs[-MEMORY - 1 :], fs[-MEMORY - 1 :]
            step = f
            if len(fs) > 1:
                df = np.diff(np.array(fs), axis=0)
                dx = np.diff(np.array(xs), axis=0)
                length = np.sqrt(np.einsum("ij,ij->i", df, df))
                unit = df / length[:, None]
                gamma = np.linalg.solve(unit @ unit.T + 1e-13 * np.eye(len(df)), unit @ f) / length
                step = f - gamma @ (dx + df)
            x = x + step
        raise RuntimeError("the reference did not converge")


def frame(markets: list[np.ndarray]) -> pd.DataFrame:
    parts = []
    for place, value in enumerate(markets):
        exporter, importer = np.nonzero(value)
        parts.append(
            pd.DataFrame(
                {
                    "exporter": [f"C{code:03}" for code in exporter],
                    "importer": [f"C{code:03}" for code in importer],
                    "commodity": f"K{place:04}",
                    "value": value[exporter, importer],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--countries", type=int, default=230)
    parser.add_argument("--density", type=float, nargs="+", default=[0.115, 0.95])
    parser.add_argument("--markets", type=int, default=100)
    parser.add_argument("--repeat", type=int, default=15)
    given = parser.parse_args()
    tw.threads(1)
    for density in given.density:
        measure(given.countries, density, given.markets, given.repeat)


def scenario() -> tw.Scenario:
    """What the reference has in its matrices."""
    return tw.Scenario(
        "bench",
        [
            tw.Ban(exporters="C001", importers=[f"C{code:03}" for code in range(5)]),
            tw.Tariff(exporters="C002", rate=0.3),
        ],
    )


def measure(n: int, density: float, count: int, repeat: int) -> None:
    rng = np.random.default_rng(1)
    markets = [values(rng, n, density) for _ in range(count)]
    for value in markets:
        np.fill_diagonal(value, 0.0)
    model = tw.Armington(
        tw.Flows.from_frame(frame(markets), countries="as_is"),
        period=2021,
        substitution=SIGMA,
        demand=ETA,
        supply=EPSILON,
    )
    references = [Reference(value) for value in markets]
    solved = [reference.solve() for reference in references]
    result = model.solve(scenario())
    # By turns, so that a busy moment of the machine meets both alike; the best run is the least disturbed.
    ours, theirs = [], []
    for _ in range(repeat):
        began = time.process_time()
        model.solve(scenario())
        ours.append((time.process_time() - began) / count)
        took = []
        for reference in references:
            began = time.process_time()
            reference.solve()
            took.append(time.process_time() - began)
        theirs.append(np.median(took))
    error = 0.0
    prices = result.prices
    for place, (x, _) in enumerate(solved):
        mine = prices[prices["commodity"] == f"K{place:04}"].set_index("country")["producer_price"]
        want = pd.Series(np.exp(x), [f"C{code:03}" for code in range(n)])
        error = max(error, float(np.nanmax(np.abs(np.log(mine / want)))))
    entries = np.mean([(value > 0).sum() for value in markets])
    steps = float(np.median(result.certificate["iterations"]))
    pairs = np.median(np.array(theirs) / np.array(ours))
    print(
        f"n = {n}, {100 * density:.1f} % filled, {entries:.0f} flows, best (median) of {repeat} runs: numpy "
        f"{1e6 * min(theirs):.0f} ({1e6 * np.median(theirs):.0f}) us, {np.median([steps for _, steps in solved]):.0f} "
        f"iterations; tradewinds with its result {1e6 * min(ours):.0f} ({1e6 * np.median(ours):.0f}) us, {steps:.0f} "
        f"iterations; ratio of the best {min(theirs) / min(ours):.1f}, median ratio of pairs {pairs:.1f}; "
        f"largest difference of log prices {error:.1e}"
    )


if __name__ == "__main__":
    main()
