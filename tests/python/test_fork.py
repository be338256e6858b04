"""A child made by fork solves, although its parent's threads are not in it."""

from __future__ import annotations

import subprocess
import sys

import pytest

PARENT = """
import os, signal, sys
import tradewinds as tw
from tradewinds import demo

model = demo.model(tw.datasets.load(demo.DATASET))
tw.threads(2)
mine = model.solve(demo.scenario()).flows["value_after"].to_numpy().tobytes()
child = os.fork()
if child == 0:
    signal.alarm(30)
    theirs = model.solve(demo.scenario()).flows["value_after"].to_numpy().tobytes()
    os._exit(0 if theirs == mine else 3)
_, status = os.waitpid(child, 0)
again = model.solve(demo.scenario()).flows["value_after"].to_numpy().tobytes()
print(os.waitstatus_to_exitcode(status), again == mine)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork on Windows")
def test_a_forked_child_and_its_parent_both_go_on_solving() -> None:
    finished = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PARENT], capture_output=True, text=True, timeout=90
    )
    assert finished.stdout.split() == ["0", "True"], finished.stderr


POOL = """
import multiprocessing, sys
import tradewinds as tw
from tradewinds import demo

model = demo.model(tw.datasets.load(demo.DATASET))
names = list(demo.scenario().labels)[:3]

def without(name):
    return model.solve(demo.scenario().without(name)).flows["value_after"].to_numpy().tobytes()

mine = [without(name) for name in names]
with multiprocessing.get_context("fork").Pool(2) as pool:
    theirs = pool.map_async(without, names).get(timeout=60)
print(theirs == mine, without(names[0]) == mine[0])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork on Windows")
def test_workers_of_a_forked_pool_find_the_same_bits_as_their_parent() -> None:
    finished = subprocess.run([sys.executable, "-W", "ignore", "-c", POOL], capture_output=True, text=True, timeout=90)
    assert finished.stdout.split() == ["True", "True"], finished.stderr


FAILING = """
from concurrent.futures import ProcessPoolExecutor
import multiprocessing
import pandas as pd
import tradewinds as tw

rows = [("A", "B", 50.0), ("A", "C", 50.0), ("D", "B", 5.0)]
frame = pd.DataFrame(rows, columns=["exporter", "importer", "value"]).assign(commodity="x")
flows = tw.Flows.from_frame(frame, countries="as_is")

def solve():
    model = tw.Armington(flows, period=2021, substitution=5, demand=-1e-4, supply=0.0)
    model.solve(tw.Scenario("no", [tw.Ban(exporters="A", importers="B")]))

with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as executor:
    error = executor.submit(solve).exception(timeout=60)
print(type(error).__name__, getattr(error, "status", None) is not None)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork on Windows")
def test_a_solve_that_fails_in_a_worker_process_says_so_to_its_parent() -> None:
    finished = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FAILING], capture_output=True, text=True, timeout=90
    )
    assert finished.stdout.split() == ["ConvergenceError", "True"], finished.stderr
