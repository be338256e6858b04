"""10,000 draws of the bundled three-commodity case: what a draw costs over a bare solve, threads, memory.

    python benches/sample.py

By turns, in one process but for memory. Draws of a coverage are held against a sweep of the very same scenarios,
without a question: every one of both has three markets to solve. A draw is asked for a share shift, and the time
is that of ``model.sample`` from its first line to the ensemble with its quantiles. Costs are processor time, what
threads gain is by the clock.
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


def certain() -> tw.Armington:
    return tw.Armington(
        tw.datasets.load("energy"),
        period=2021,
        substitution={"crude": 10, "lng": 10, "coal": 6},
        demand=-0.3,
        supply=0.2,
    )


def uncertain() -> tw.Armington:
    return tw.Armington(
        tw.datasets.load("energy"),
        period=2021,
        substitution={"crude": tw.around(10), "lng": tw.around(10), "coal": tw.around(6)},
        demand=tw.triangular(-0.5, -0.3, -0.1),
        supply=tw.triangular(0.1, 0.2, 0.3),
    )


def speed(draws: int, repeat: int) -> None:
    sure, unsure, scenario = certain(), uncertain(), ban(tw.uniform(0.6, 0.9))
    drawn = sure.sample(scenario, 500, ask=SHIFT).values["coverage (ban)"]
    members = {str(place): ban(coverage) for place, coverage in enumerate(drawn)}
    kinds: dict[str, tuple[int, int, Callable[[], object]]] = {
        "bare solve": (1, len(members), lambda: sure.sweep(members)),
        "draw of a coverage": (1, len(members), lambda: sure.sample(scenario, len(members), ask=SHIFT)),
        "draw of everything": (1, draws, lambda: unsure.sample(scenario, draws, ask=SHIFT)),
        "draw of everything, 2 threads": (2, draws, lambda: unsure.sample(scenario, draws, ask=SHIFT)),
        "model.solve": (1, 50, lambda: [sure.solve(ban(0.7)) for _ in range(50)]),
    }
    clock: dict[str, list[float]] = {name: [] for name in kinds}
    processor: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(repeat):
        for name, (threads, number, work) in kinds.items():
            tw.threads(threads)
            start = time.perf_counter(), time.process_time()
            work()
            clock[name].append((time.perf_counter() - start[0]) / number)
            processor[name].append((time.process_time() - start[1]) / number)
    for name in kinds:
        told = [
            f"{1e6 * number(found[name]):7.1f}" for found in (processor, clock) for number in (min, statistics.median)
        ]
        print(f"{name:30}  processor best {told[0]} median {told[1]} µs   clock best {told[2]} median {told[3]} µs")
    for name, over, found in (
        ("draw of a coverage", "bare solve", processor),
        ("draw of a coverage", "model.solve", processor),
        ("draw of everything", "draw of everything, 2 threads", clock),
    ):
        ratios = [one / other for one, other in zip(found[name], found[over], strict=True)]
        best = min(found[name]) / min(found[over])
        print(f"{name} over {over}: best {best:.2f}, median of pairs {statistics.median(ratios):.2f}")


def memory(draws: int) -> None:
    """Prints what the draws add to the memory of a process that keeps quantiles only."""
    model, scenario = uncertain(), ban(tw.uniform(0.6, 0.9))
    model.sample(scenario, 5000, ask=SHIFT, keep=False)
    before = megabytes("VmRSS")
    model.sample(scenario, draws, ask=SHIFT, keep=False)
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
