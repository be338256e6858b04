"""10,000 draws of the bundled three-commodity case: what a draw costs over a bare solve, threads, memory.

    python benches/sample.py

By turns, in one process but for memory: a bare solve is a member of a sweep, compiled once more each, without a
question; a draw is solved with its own elasticities and a coverage, and asked for a share shift. Every member of
both has markets of three commodities to solve.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import tradewinds as tw

SHIFT = tw.ask("share_shift", exporter="RUS", away="EU27", toward="CHN")


def ban(coverage: object) -> tw.Scenario:
    everything = tw.Ban(exporters="RUS", importers=["EU27", "!HUN", "!SVK", "!CZE"], coverage=coverage, name="ban")
    return tw.Scenario("EU embargo", [everything])


def model() -> tw.Armington:
    return tw.Armington(
        tw.datasets.load("energy"),
        period=2021,
        substitution={"crude": tw.around(10), "lng": tw.around(10), "coal": tw.around(6)},
        demand=tw.triangular(-0.5, -0.3, -0.1),
        supply=tw.triangular(0.1, 0.2, 0.3),
    )


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def speed(draws: int, repeat: int) -> None:
    uncertain, scenario = model(), ban(tw.uniform(0.6, 0.9))
    members = {str(place): ban(0.6 + 0.3 * place / 500) for place in range(500)}
    kinds: dict[str, tuple[int, int, Callable[[], object]]] = {}
    for threads in (1, 2):
        kinds[f"bare solve, {threads} threads"] = (threads, len(members), lambda: uncertain.sweep(members))
        kinds[f"draw, {threads} threads"] = (threads, draws, lambda: uncertain.sample(scenario, draws, ask=SHIFT))
    kinds["model.solve, 2 threads"] = (2, 20, lambda: [uncertain.solve(ban(0.7)) for _ in range(20)])
    times: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(repeat):
        for name, (threads, number, work) in kinds.items():
            tw.threads(threads)
            times[name].append(seconds(work) / number)
    for name, found in times.items():
        print(f"{name:24}  best {1e6 * min(found):7.1f} µs   median {1e6 * statistics.median(found):7.1f} µs")
    for threads in (1, 2):
        ratios = [
            draw / bare
            for draw, bare in zip(
                times[f"draw, {threads} threads"], times[f"bare solve, {threads} threads"], strict=True
            )
        ]
        best = min(times[f"draw, {threads} threads"]) / min(times[f"bare solve, {threads} threads"])
        middle = statistics.median(ratios)
        print(f"a draw over a bare solve, {threads} threads: best {best:.2f}, median of pairs {middle:.2f}")
    gains = [one / two for one, two in zip(times["draw, 1 threads"], times["draw, 2 threads"], strict=True)]
    best = min(times["draw, 1 threads"]) / min(times["draw, 2 threads"])
    print(f"two threads over one: best {best:.2f}, median of pairs {statistics.median(gains):.2f}")


def memory(draws: int) -> None:
    """Prints what the draws add to the memory of a process that keeps quantiles only."""
    uncertain, scenario = model(), ban(tw.uniform(0.6, 0.9))
    uncertain.sample(scenario, 5000, ask=SHIFT, keep=False)
    before = megabytes("VmRSS")
    uncertain.sample(scenario, draws, ask=SHIFT, keep=False)
    print(f"{draws:9,} draws: {megabytes('VmHWM') - before:.1f} MB more at most")


def megabytes(field: str) -> float:
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    raise OSError(f"/proc/self/status has no {field}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--memory", type=int, help="only the memory of so many draws")
    given = parser.parse_args()
    if given.memory:
        memory(given.memory)
    else:
        speed(given.draws, given.repeat)
        for number in (10_000, 100_000, 400_000):
            subprocess.run([sys.executable, __file__, "--memory", str(number)], check=True)
