"""Ctrl-C stops a long solve at once, in a script and in a notebook kernel."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

#: Seconds within which a solve of minutes has to give up. It takes 0.05 to 0.2 on an idle machine (the door looks
#: every 50 ms, the rest is one iteration); a loaded one may keep a process waiting for a core.
SOON = 5.0

LONG = """
import numpy as np, pandas as pd
import tradewinds as tw

n, commodities = 250, 60
rng = np.random.default_rng(0)
i, j = np.divmod(np.arange(n * n), n)
names = np.array([f"C{place:03}" for place in range(n)])
frame = pd.concat(
    pd.DataFrame({"exporter": names[i], "importer": names[j], "value": rng.lognormal(0, 2, n * n)}).assign(
        commodity=f"K{k:02}"
    )
    for k in range(commodities)
)
flows = tw.Flows.from_frame(frame, countries="as_is", duplicates="raise")
# Every day of many years is a segment of its own, so that one solve takes minutes.
days = pd.date_range("2000-01-01", periods=365).strftime("%Y-%m-%d")
phase = [(day, place / 365) for place, day in enumerate(days, start=1)]
model = tw.Armington(flows, period=1999, substitution=12, demand=-0.05, supply=0.01)
scenario = tw.Scenario("long", [tw.Tariff(exporters="C001", rate=0.5, phase=phase)])
tw.threads(2)
"""

SCRIPT = (
    LONG
    + """
print("ready", flush=True)
try:
    model.solve(scenario, at=2000)
    print("finished")
except KeyboardInterrupt:
    print("interrupted", flush=True)
result = model.solve(tw.Scenario("short", []))
print("again", result.status.converged)
"""
)


def interrupted(script: Path) -> float:
    """Seconds from the signal to the exception in hand; checks that the next solve works."""
    process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    time.sleep(1.0)
    sent = time.perf_counter()
    process.send_signal(signal.SIGINT)
    word = process.stdout.readline().strip()
    waited = time.perf_counter() - sent
    again = process.stdout.readline().split()
    assert process.wait(timeout=120) == 0
    assert word == "interrupted"
    assert again == ["again", "True"]
    return waited


def test_ctrl_c_returns_at_once_and_the_next_solve_works(tmp_path: Path) -> None:
    script = tmp_path / "long.py"
    script.write_text(SCRIPT, encoding="utf-8")
    assert interrupted(script) < SOON


CELL = """
import time
try:
    model.solve(scenario, at=2000)
except KeyboardInterrupt:
    stopped = time.monotonic()
    raise
"""


def _stopped(client: Any) -> str:
    """When the solve of the last cell gave up, as the kernel noted it."""
    asked = client.execute("", user_expressions={"stopped": "stopped"})
    while True:
        reply = client.get_shell_msg(timeout=30)
        if reply["parent_header"].get("msg_id") == asked:
            return str(reply["content"]["user_expressions"]["stopped"]["data"]["text/plain"])


EARLY = (
    LONG
    + """
import time
for _ in range(3):
    try:
        print("ready", flush=True)
        model.solve(scenario, at=2000)
        print("finished", flush=True)
    except KeyboardInterrupt:
        print(time.monotonic(), flush=True)
"""
)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent the way of POSIX")
def test_ctrl_c_is_heard_while_measures_are_still_being_laid_over_the_flows(tmp_path: Path) -> None:
    script = tmp_path / "early.py"
    script.write_text(EARLY, encoding="utf-8")
    process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    waited = []
    for _ in range(3):
        assert process.stdout.readline().strip() == "ready"
        # So early that no price has been looked for: 365 stretches of a year meet 60 commodities first.
        time.sleep(0.05)
        # One clock for all processes; the other end is read inside, so that no pipe counts.
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        waited.append(float(process.stdout.readline()) - sent)
    assert process.wait(timeout=120) == 0
    assert max(waited) < SOON, waited


def test_interrupting_a_notebook_kernel_stops_the_cell() -> None:
    manager_module = pytest.importorskip("jupyter_client.manager")
    manager, client = manager_module.start_new_kernel(kernel_name="python3")
    try:
        client.execute_interactive(LONG, timeout=120, output_hook=lambda message: None)
        asked = client.execute(CELL)
        time.sleep(1.5)
        sent = time.monotonic()
        manager.interrupt_kernel()
        while True:
            reply = client.get_shell_msg(timeout=30)
            if reply["parent_header"].get("msg_id") == asked:
                break
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        # The solve itself, on a clock that both processes share, without the kernel's own traceback and messages.
        assert float(_stopped(client)) - sent < SOON
        again = client.execute_interactive(
            "assert model.solve(tw.Scenario('short')).status.converged", timeout=60, output_hook=lambda message: None
        )
        assert again["content"]["status"] == "ok"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
