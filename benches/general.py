"""General equilibrium against numpy: the same joint scheme, the published nested one, memory, threads.

    env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE OPENBLAS_NUM_THREADS=1 python benches/general.py

All in one run, by turns, best (median) of the runs; processor time, but for the threads. Tables are random
(seed 1) with a home share of 0.7, θ = 6 and duties of 0 to 10 %; the scenario raises one country's duties by
25 points and closes 100 flows. Ours is the whole solve, from the scenario to the certified result; numpy begins with
its kernels ready.
"""

from __future__ import annotations

import functools
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import tradewinds as tw

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "python"))
from nested import World, nested

RUNS = 9
THETA = 6.0
SIZES = ((31, 40), (77, 45), (141, 65))


def world(n: int, sectors: int) -> tuple[World, np.ndarray]:
    """A world in equilibrium, and its spending."""
    random = np.random.default_rng(1)
    size = np.exp(random.normal(0, 1, n))
    share = size * np.exp(random.normal(0, 0.5, (sectors, n, n)))
    share = 0.3 * share / share.sum(2, keepdims=True) + 0.7 * np.eye(n)
    own = random.uniform(0.3, 0.6, (sectors, n))
    inputs = random.dirichlet(np.ones(sectors), size=(n, sectors)).transpose(0, 2, 1) * (1 - own).T[:, None, :]
    final = random.dirichlet(np.ones(sectors), size=n).T
    tariff = random.uniform(0, 0.1, (sectors, n, n)) * (1 - np.eye(n))
    spending = final * size * 1e5
    for _ in range(200):
        output = (share * spending[:, :, None] / (1 + tariff)).sum(1)
        spending = np.matmul(inputs, output.T[:, :, None])[:, :, 0].T + final * size * 1e5
    return World(share, inputs, own, final, (own * output).sum(0), tariff, np.full(sectors, THETA)), spending


def model_of(given: World) -> tw.CaliendoParro:
    sectors, n = given.value_added_share.shape
    labels = [f"C{k}" for k in range(n)], [f"S{k}" for k in range(sectors)]
    table = tw.InputOutput.from_arrays(
        *labels,
        import_share=given.import_share,
        input_share=given.input_share,
        value_added_share=given.value_added_share,
        final_share=given.final_share,
        value_added=given.value_added,
        tariff_power=1 + given.tariff,
    )
    return tw.CaliendoParro(table, trade_elasticity=THETA)


def scenario(rate: float = 0.25) -> tw.Scenario:
    closed = [f"C{k}" for k in range(2, 12)]
    return tw.Scenario(
        "duties and bans",
        [
            tw.Tariff(importers="C0", rate=rate),
            *(tw.Ban(exporters="C1", importers=closed, commodities=f"S{j}") for j in range(10)),
        ],
    )


class Joint:
    """The joint map in numpy, on ln w, ln P and ln X, with the steps of wages that tradewinds takes."""

    def __init__(self, given: World, spending: np.ndarray, rate: float = 0.25) -> None:
        self.world = given
        sectors, n = given.value_added_share.shape
        tariff = given.tariff.copy()
        tariff[:, 0, 1:] += rate
        power = ((1 + tariff) / (1 + given.tariff)) ** -THETA
        power[:10, 2:12, 1] = 0.0
        self.kernel = given.import_share * power
        self.border = self.kernel / (1 + tariff)
        self.sold = np.ascontiguousarray(self.border.transpose(0, 2, 1))
        self.costs = np.ascontiguousarray(given.input_share.transpose(0, 2, 1))
        before = given.import_share * spending[:, :, None] / (1 + given.tariff)
        self.deficit = before.sum((0, 2)) - before.sum((0, 1))
        labour = given.value_added_share[:, None, :] * given.import_share * spending[:, :, None]
        falls = THETA * (labour * (1 - given.import_share)).sum((0, 1)) / labour.sum((0, 1))
        self.step = 1 / (1 + falls)
        self.start = np.concatenate([np.zeros(n + sectors * n), np.log(spending).ravel()])

    def map(self, x: np.ndarray) -> np.ndarray:
        given = self.world
        sectors, n = given.value_added_share.shape
        wage, price = x[:n], x[n : n + sectors * n].reshape(sectors, n)
        spending = np.exp(x[n + sectors * n :].reshape(sectors, n))
        cost = given.value_added_share * wage + np.matmul(self.costs, price.T[:, :, None])[:, :, 0].T
        power = np.exp(-THETA * cost)
        weight = np.matmul(self.kernel, power[:, :, None])[:, :, 0]
        density = spending / weight
        output = power * np.matmul(self.sold, density[:, :, None])[:, :, 0]
        imports = density * np.matmul(self.border, power[:, :, None])[:, :, 0]
        revenue = (spending - imports).sum(0)
        paid = np.exp(wage) * given.value_added
        new = wage + self.step * np.log((given.value_added_share * output).sum(0) / paid)
        new -= np.log((np.exp(new) * given.value_added).sum() / given.value_added.sum())
        wanted = np.matmul(given.input_share, output.T[:, :, None])[:, :, 0].T
        wanted += given.final_share * (paid + revenue + self.deficit)
        return np.concatenate([new, (-np.log(weight) / THETA).ravel(), np.log(wanted).ravel()])


def anderson(step: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> tuple[np.ndarray, int]:
    """Memory 10, to 1e-12."""
    moves: list[np.ndarray] = []
    changes: list[np.ndarray] = []
    residual = step(x) - x
    iterations = 1
    while np.abs(residual).max() > 1e-12:
        if moves:
            rows = np.array(changes)
            length = np.sqrt((rows * rows).sum(1))
            unit = rows / length[:, None]
            weight = np.linalg.solve(unit @ unit.T + 1e-13 * np.eye(len(rows)), unit @ residual) / length
            new = x + residual - (np.array(moves) + rows).T @ weight
        else:
            new = x + residual
        after = step(new) - new
        iterations += 1
        moves, changes = [*moves, new - x][-10:], [*changes, after - residual][-10:]
        x, residual = new, after
    return x + residual, iterations


def timed(run: Callable[[], Any], clock: Callable[[], float] = time.process_time) -> tuple[float, Any]:
    start = clock()
    found = run()
    return 1e3 * (clock() - start), found


def told(times: list[float]) -> str:
    return f"{min(times):.2f} ({statistics.median(times):.2f})"


def bandwidth() -> float:
    """Bytes a second that one thread reads: a dot product of arrays far beyond the caches, best of 5."""
    a, b = np.ones(1 << 25), np.ones(1 << 25)
    return 2 * a.nbytes / (min(timed(lambda: a @ b)[0] for _ in range(5)) / 1e3)


def memory_of(run: Callable[[], Any]) -> tuple[float, Any]:
    """MB by which the process grows at most while it runs, and what it returns."""
    status, clear = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    if not clear.exists():
        return float("nan"), run()

    def read(key: str) -> float:
        line = next(line for line in status.read_text().splitlines() if line.startswith(key))
        return float(line.split()[1]) / 1024

    clear.write_text("5")
    before = read("VmRSS")
    found = run()
    return read("VmHWM") - before, found


def sizes() -> None:
    speed = bandwidth()
    print(f"one thread reads {speed / 1e9:.1f} GB/s")
    for n, sectors in SIZES:
        given, spending = world(n, sectors)
        grown, model = memory_of(functools.partial(model_of, given))
        solve = functools.partial(model._core.solve, scenario()._document(), at=None, leave_out=False)
        joint = Joint(given, spending)
        mine: list[float] = []
        other: list[float] = []
        for _ in range(RUNS):
            took, (x, iterations) = timed(functools.partial(anderson, joint.map, joint.start))
            other.append(took)
            took, core = timed(solve)
            mine.append(took)
        solving, _ = memory_of(solve)
        wages = np.asarray(model.solve(scenario()).wages.wage)
        apart = np.abs(np.log(wages) - x[:n]).max()
        evaluations = core.status()[1]
        flows, inputs, unknowns = sectors * n * n, n * sectors * sectors, n * (1 + 2 * sectors)
        needed = 8 * evaluations * (2 * flows + 2 * inputs + 40 * unknowns) / speed * 1e3
        print(
            f"{n} x {sectors}: tradewinds {told(mine)} ms, {evaluations} evaluations; numpy, joint {told(other)} ms, "
            f"{iterations}; best/best {min(other) / min(mine):.2f}; reading at that speed takes {needed:.2f} ms, ours "
            f"is {min(mine) / needed:.2f} times it; model {grown:.0f} MB, a solve {solving:.0f} MB; "
            f"largest difference of ln w {apart:.1e}"
        )


def published() -> None:
    given, _ = world(31, 40)
    model = model_of(given)
    tariff = given.tariff.copy()
    tariff[:, 0, 1:] += 0.25
    deficit = np.asarray(model.solve(tw.Scenario("none", [])).wages.deficit)
    theirs, found = timed(lambda: nested(given, tariff, deficit, 1e-7))
    only = tw.Scenario("duties", [tw.Tariff(importers="C0", rate=0.25)])
    document = only._document()
    mine = [timed(lambda: model._core.solve(document, at=None, leave_out=False))[0] for _ in range(RUNS)]
    apart = np.abs(np.asarray(model.solve(only).wages.wage) - found.wage).max()
    print(
        f"31 x 40, the published nested algorithm to 1e-7: {theirs:.0f} ms, {found.iterations} outer steps; tradewinds "
        f"{told(mine)} ms to 1e-12; {theirs / min(mine):.0f} times; wages differ by {apart:.1e}"
    )


def threads() -> None:
    model = model_of(world(77, 45)[0])
    scenarios = {f"{k}": scenario(0.01 * (k + 1)) for k in range(32)}
    taken: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(3):
        for count, times in taken.items():
            tw.threads(count)
            times.append(timed(lambda: model.sweep(scenarios), time.perf_counter)[0])
    tw.threads(1)
    ratio = min(taken[1]) / min(taken[2])
    print(f"32 scenarios, 77 x 45: one thread {told(taken[1])} ms, two {told(taken[2])} ms, {ratio:.2f} times")


def gravity() -> None:
    given, spending = world(200, 1)
    value = (given.import_share * spending[:, :, None])[0]
    importer, exporter = np.indices(value.shape)
    frame = pd.DataFrame(
        {
            "exporter": [f"C{i}" for i in exporter.ravel()],
            "importer": [f"C{n}" for n in importer.ravel()],
            "commodity": "goods",
            "value": value.ravel(),
        }
    )
    flows = tw.Flows.from_frame(frame, countries="as_is")
    model = tw.Gravity(flows, period=2021, trade_elasticity=4)
    document = tw.Scenario("duty", [tw.Tariff(importers="C0", exporters="C1", rate=0.25)])._document()
    times = [timed(lambda: model._core.solve(document, at=None, leave_out=False))[0] for _ in range(5 * RUNS)]
    evaluations = model._core.solve(document, at=None, leave_out=False).status()[1]
    print(f"Gravity, 200 countries: {told(times)} ms, {evaluations} evaluations")


if __name__ == "__main__":
    tw.threads(1)
    sizes()
    published()
    gravity()
    threads()
