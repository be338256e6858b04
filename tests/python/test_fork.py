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
