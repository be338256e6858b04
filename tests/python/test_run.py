"""Threads: the same bits on any number of them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import pytest
from problems import problem

import tradewinds as tw

DIGEST = """
import hashlib, tradewinds as tw
from tradewinds import demo
result = demo.model(tw.datasets.load(demo.DATASET)).solve(demo.scenario(), at=2022)
print(tw.threads(), hashlib.sha256(result.flows["value_after"].to_numpy().tobytes()).hexdigest())
"""


@pytest.mark.parametrize("seed", range(5))
def test_any_number_of_threads_gives_the_same_bits(seed: int) -> None:
    given = problem(seed, commodities=9)
    found = set()
    before = tw.threads()
    try:
        for threads in (1, 2, 4, 7):
            assert tw.threads(threads) == threads
            result = given.model.solve(given.scenario)
            bits = b"".join(
                frame[column].to_numpy().tobytes()
                for frame, column in (
                    (result.flows, "value_after"),
                    (result.flows, "quantity_arrived"),
                    (result.prices, "price_index"),
                    (result.welfare(), "total"),
                )
            )
            found.add(hashlib.sha256(bits).hexdigest())
    finally:
        tw.threads(before)
    assert len(found) == 1


def test_the_environment_sets_the_number_of_threads_and_changes_no_bit() -> None:
    printed = [
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={**os.environ, "TRADEWINDS_THREADS": str(threads)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for threads in (1, 2, 4, 7)
    ]
    assert [line[0] for line in printed] == ["1", "2", "4", "7"]
    assert len({line[1] for line in printed}) == 1


WAITING = """
import sys, threading, tradewinds as tw
tw.threads(1)
sys.setswitchinterval(1e-6)
model = tw.Armington(
    tw.datasets.load("energy"), period=2021, substitution=tw.uniform(3, 5), demand=-0.5, supply=0.5
)
scenario = tw.Scenario("duty", [tw.Tariff(exporters="RUS", importers="CHN", rate=0.1)])
ensemble = model.sample(scenario, 64, ask=tw.ask("flows"), keep=False)

together = threading.Barrier(2)

def read():
    for _ in range(200):
        together.wait()
        ensemble._collected.quantiles([0.1, 0.5])

readers = [threading.Thread(target=read) for _ in range(2)]
[reader.start() for reader in readers]
[reader.join() for reader in readers]
print("read")
"""


def test_calls_that_wait_for_each_other_leave_the_one_thread_to_work() -> None:
    """Quantiles are taken under a lock, by the pool: who waits for the lock must not hold the pool's only thread."""
    found = subprocess.run([sys.executable, "-c", WAITING], capture_output=True, text=True, timeout=120)
    assert found.stdout.strip() == "read", found.stderr
