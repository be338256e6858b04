"""10,000 draws of the bundled three-commodity case: what a draw costs over a bare solve, threads, memory.

    python benches/sample.py
    python benches/sample.py --executors

By turns, in one process but for memory. Draws of a coverage are held against a sweep of the very same scenarios,
without a question: every one of both has three markets to solve. A draw is asked for a share shift, and the time
is that of ``model.sample`` from its first line to the ensemble with its quantiles. Costs are processor time, what
threads gain is by the clock.

With ``--executors`` what a process pool costs: a worker's processor time between its chunks (unpickling what it is
handed, pickling what it found) and the caller's over the whole call but for adding what came to the quantiles, which
threads do alike, relative to the workers' processor time in solves and answers. Processes are started before.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import tradewinds as tw
from tradewinds.evidence.collected import Collected
from tradewinds.evidence.sample import Sampling, collect, inputs_of
from tradewinds.run.batch import Outcome
from tradewinds.run.plan import Plan

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


@dataclasses.dataclass(frozen=True)
class Timed(Outcome):
    """With the processor time of its solves, and that since the chunk before."""

    solving: float = 0.0
    between: float = 0.0


class Watched(Sampling):
    """Draws that tell how long they took."""

    _ended: float | None = None

    def __call__(self, values: Any) -> Timed:
        start = time.process_time()
        between = 0.0 if self._ended is None else start - self._ended
        found = super().__call__(values)
        self._ended = time.process_time()
        fields = {field.name: getattr(found, field.name) for field in dataclasses.fields(Outcome)}
        return Timed(**fields, solving=self._ended - start, between=between)


class Pool(ProcessPoolExecutor):
    """Keeps what its workers say they took."""

    def __init__(self, workers: int) -> None:
        super().__init__(workers, mp_context=get_context("spawn"))
        self.told: list[Timed] = []
        for started in [self.submit(time.sleep, 0.5) for _ in range(workers)]:
            started.result()

    def submit(self, task: Any, /, *arguments: Any, **how: Any) -> Any:
        future = super().submit(task, *arguments, **how)
        future.add_done_callback(lambda done: self.told.append(done.result()) if done.result() is not None else None)
        return future


class Adding:
    """How long the caller adds outcomes to what it keeps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        add = Collected.add

        def timed(collected: Collected, *outcome: Any) -> None:
            start = time.process_time()
            add(collected, *outcome)
            self.seconds += time.process_time() - start

        Collected.add = timed  # type: ignore[method-assign]


def executors(draws: int, repeat: int) -> None:
    adding = Adding()
    model, scenario = uncertain(), ban(tw.uniform(0.6, 0.9))
    inputs = inputs_of(model, scenario)
    for question in (SHIFT, tw.ask("flows")):
        number = draws if question is SHIFT else draws // 10
        plan = Plan(tuple(inputs), number, 0, "sobol")
        work = Watched(model.solve(scenario), [question], inputs)
        for workers in (1, 2):
            clock: dict[str, list[float]] = {"pool": [], "threads": []}
            shares: dict[str, list[float]] = {"workers": [], "caller": []}
            with Pool(workers) as pool:
                for _ in range(repeat):
                    tw.threads(workers)
                    start = time.perf_counter()
                    collect(work, plan, keep=False)
                    clock["threads"].append(time.perf_counter() - start)
                    pool.told.clear()
                    adding.seconds = 0.0
                    tw.threads(1)
                    start = time.perf_counter(), time.process_time()
                    collect(work, plan, keep=False, executor=pool)
                    clock["pool"].append(time.perf_counter() - start[0])
                    # Nine draws here say how large a chunk is to be; they are no handing out.
                    solving = sum(one.solving for one in pool.told)
                    trial = 9 * solving / number
                    shares["caller"].append((time.process_time() - start[1] - trial - adding.seconds) / solving)
                    shares["workers"].append(sum(one.between for one in pool.told) / solving)
            best = min(one + other for one, other in zip(*shares.values(), strict=True))
            middle = {name: statistics.median(found) for name, found in shares.items()}
            ratios = [one / other for one, other in zip(clock["pool"], clock["threads"], strict=True)]
            print(f"{question.name}, {number:,} draws in {len(pool.told)} chunks, {workers} worker(s):")
            told = [f"{name} {found:.2%}" for name, found in middle.items()]
            print(f"  processor time beside the solves: median {', '.join(told)}; best of both {best:.2%}")
            best_pool, best_threads = min(clock["pool"]), min(clock["threads"])
            print(f"  clock: {statistics.median(ratios):.2f} of {workers} thread(s) here", end=", ")
            print(f"best {best_pool:.2f} s and {best_threads:.2f} s")


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
    parser.add_argument("--executors", action="store_true", help="only what a process pool costs")
    given = parser.parse_args()
    if given.memory:
        memory(given.memory)
    elif given.executors:
        executors(2 * given.draws, given.repeat)
    else:
        speed(given.draws, given.repeat)
        for number in (10_000, 100_000, 400_000):
            subprocess.run([sys.executable, __file__, "--memory", str(number)], check=True)
