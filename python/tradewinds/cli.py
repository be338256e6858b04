"""``tradewinds``: the command line."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tradewinds import _core
from tradewinds.errors import TradewindsError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="tradewinds", description="Sanctions-impact and trade-diversion scenarios.")
    parser.add_argument("--version", action="version", version=f"tradewinds {_core.__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="the bundled case: Europe stops buying Russian crude, LNG and coal")
    demo.add_argument("--out", type=Path, default=Path("demo"), metavar="DIR", help="where pictures go (default: demo)")
    given = parser.parse_args(arguments)
    try:
        return _demo(given.out)
    except (OSError, TradewindsError) as error:
        print(f"tradewinds: {error}", file=sys.stderr)
        return 1


def _demo(out: Path) -> int:
    from tradewinds import datasets, demo
    from tradewinds.view.headline import headline

    began = time.perf_counter()
    model, scenario = demo.model(datasets.load("energy")), demo.scenario()
    solving = time.perf_counter()
    result = model.solve(scenario)
    solved = time.perf_counter()
    print(headline(result, **demo.BUYERS))
    print()
    print(
        f"Loaded in {solving - began:.2f} s, solved in {1000 * (solved - solving):.1f} ms; "
        f"largest error of supply and demand rebuilt from the flows: {result.status.residual:.1e}."
    )
    _pictures(result, demo.BUYERS, out)
    return 0


def _pictures(result: object, buyers: dict[str, str], out: Path) -> None:
    from tradewinds.result.result import Result

    assert isinstance(result, Result)
    try:
        import matplotlib
    except ImportError:
        print("No pictures: matplotlib is not installed (pip install 'tradewinds[plot]').")
        return
    matplotlib.use("Agg")
    out.mkdir(parents=True, exist_ok=True)
    for name, ax in (
        ("share_shift", result.plot.share_shift(**buyers)),
        ("shares", result.plot.shares(buyers["exporter"])),
    ):
        path = out / f"{name}.png"
        ax.figure.savefig(path, dpi=150)
        print(f"Wrote {path}")


if __name__ == "__main__":
    sys.exit(main())
