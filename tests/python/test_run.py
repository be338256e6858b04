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
