"""A world of 5,000 commodities and 230 countries from flows to a certified result, on one thread and on two.

    python benches/world.py [--filled baci] [--repeat 5]

`--filled baci`: 11 million flows; what is filled falls with the rank of the commodity and of the
country, as in a BACI year. `--filled 0.115`: that share of every market, 30 million flows. A run makes
the model and solves it; the frames of the result come when asked for. Speed is printed beside the
peak memory of the process, the worst certificate of all commodities, and the largest difference of
log producer prices from the reference of `kernel.py` over some commodities.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from typing import Any

import numpy as np
from kernel import EPSILON, ETA, SIGMA, Reference, scenario

import tradewinds as tw
from tradewinds import _core

COUNTRIES, COMMODITIES, BACI_FLOWS = 230, 5_000, 11_000_000
PAIRS = COUNTRIES * (COUNTRIES - 1)
CHECKED = 20


def counts(filled: str) -> Any:
    """Flows by commodity."""
    if filled != "baci":
        return np.full(COMMODITIES, round(float(filled) * PAIRS))
    weight = 1 / (np.arange(COMMODITIES) + 15.0)
    low, high = 0.0, 1e9
    for _ in range(100):
        scale = (low + high) / 2
        low, high = (scale, high) if np.minimum(scale * weight, 0.95 * PAIRS).sum() < BACI_FLOWS else (low, scale)
    return np.minimum(scale * weight, 0.95 * PAIRS).astype(int)


def world(filled: str) -> tw.Flows:
    """Flows in order, so that nothing but themselves is held; quantities are not known."""
    random = np.random.default_rng(1)
    count = counts(filled)
    ends = np.cumsum(count)
    exporter, importer = np.empty(ends[-1], np.uint32), np.empty(ends[-1], np.uint32)
    value = np.empty(ends[-1])
    pairs = np.flatnonzero(~np.eye(COUNTRIES, dtype=bool))
    size = np.log(1 / (np.arange(COUNTRIES) + 15.0)) if filled == "baci" else np.zeros(COUNTRIES)
    for end, length in zip(ends, count, strict=True):
        # The largest keys are a draw without replacement by weight (Gumbel).
        size = random.permutation(size)
        key = (size[:, None] + size[None, :]).ravel()[pairs] + random.gumbel(size=PAIRS)
        taken = np.sort(pairs[np.argpartition(key, PAIRS - length)[PAIRS - length :]])
        part = slice(end - length, end)
        exporter[part], importer[part] = np.divmod(taken, COUNTRIES)
        value[part] = 1e6 * random.lognormal(0, 1, length)
    core = _core.Flows(
        countries=[f"C{code:03}" for code in range(COUNTRIES)],
        commodities=[f"K{code:04}" for code in range(COMMODITIES)],
        periods=["2021"],
        modes=None,
        currency="USD",
        quantity_units=["t"] * COMMODITIES,
        period=np.broadcast_to(np.uint32(0), len(value)),
        commodity=np.repeat(np.arange(COMMODITIES, dtype=np.uint32), count),
        exporter=exporter,
        importer=importer,
        mode=None,
        value=value,
        quantity=np.broadcast_to(np.nan, len(value)),
        duplicates="raise",
    )
    return tw.Flows(core, backend="pandas", attrs={}, undated=False)


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def run(flows: tw.Flows, threads: int) -> tuple[float, float, tw.Result]:
    """Seconds that passed, and seconds of all processors together."""
    tw.threads(threads)
    begun, busy = time.perf_counter(), time.process_time()
    model = tw.Armington(flows, period=2021, substitution=SIGMA, demand=ETA, supply=EPSILON)
    result = model.solve(scenario())
    return time.perf_counter() - begun, time.process_time() - busy, result


def error(result: tw.Result) -> float:
    """Over commodities spread from the fullest to those in which still every country trades."""
    chosen = np.linspace(0, COMMODITIES // 10, CHECKED).astype(int)
    labels = [f"K{code:04}" for code in chosen]
    flows, prices, worst = result.model.flows.select(commodities=labels).to_frame(), result.prices, 0.0
    for label in labels:
        mine = flows[flows["commodity"] == label]
        value = np.zeros((COUNTRIES, COUNTRIES))
        place = [mine[side].astype(str).str[1:].astype(int) for side in ("exporter", "importer")]
        value[place[0], place[1]] = mine["value"]
        want, _ = Reference(value).solve()
        found = prices[prices["commodity"] == label].set_index("country")["producer_price"]
        log = np.log(found.to_numpy())
        sells = value.sum(1) > 0
        open_ones = sells[[int(name[1:]) for name in found.index]] & np.isfinite(log)
        worst = max(worst, float(np.abs(log - want[[int(name[1:]) for name in found.index]])[open_ones].max()))
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--filled", default="baci", help='"baci", or the share of every market that is filled')
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    flows = world(options.filled)
    before = peak()
    seconds: dict[int, list[float]] = {1: [], 2: []}
    busy: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(options.repeat):
        # By turns, so that a busy moment of the machine meets both alike.
        for threads, times in seconds.items():
            took, spent, result = run(flows, threads)
            times.append(took)
            busy[threads].append(spent)
    solved = peak()
    certificate = result.certificate[["market_clearing", "demand"]].max().max()
    iterations = result.certificate["iterations"].median()
    print(f"{len(flows):,} flows, peak {before:.2f} GB with the flows made, {solved:.2f} GB with the result")
    for threads, times in seconds.items():
        print(
            f"{threads} thread(s): best {min(times):.3f} s, median {statistics.median(times):.3f} s; of processors "
            f"together best {min(busy[threads]):.3f} s"
        )
    pairs = statistics.median(one / two for one, two in zip(seconds[1], seconds[2], strict=True))
    print(f"one thread over two: best {min(seconds[1]) / min(seconds[2]):.2f}, median of pairs {pairs:.2f}")
    print(f"{iterations:.0f} iterations, worst certificate {certificate:.1e}", end="; ")
    print(f"largest difference of log prices over {CHECKED} commodities {error(result):.1e}")


if __name__ == "__main__":
    main()
