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

#: As a shell reports a command that Ctrl-C ended.
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0, 1 after an error, 130 after Ctrl-C."""
    given = _parser().parse_args(arguments)
    try:
        return _command(given)
    except TradewindsError as error:
        print(f"tradewinds: {error}", file=sys.stderr)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        print(f"tradewinds: {place}{error.strerror or error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("tradewinds: interrupted", file=sys.stderr)
        return _INTERRUPTED
    return 1


def _command(given: argparse.Namespace) -> int:
    if given.command == "demo":
        return _demo(given.out)
    if given.command == "run":
        from tradewinds.commands.run import run

        return run(given)
    from tradewinds.commands.check import check

    return check(given)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tradewinds", description="Sanctions-impact and trade-diversion scenarios.")
    parser.add_argument("--version", action="version", version=f"tradewinds {_core.__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="the bundled case: Europe stops buying from Russia, twelve commodities")
    demo.add_argument("--out", type=Path, default=Path("demo"), metavar="DIR", help="where pictures go (default: demo)")
    run = commands.add_parser(
        "run",
        help="solve a scenario file and write its tables",
        description="Solve a scenario and write tidy CSV files.",
    )
    _inputs(run)
    _settings(run)
    check = commands.add_parser(
        "check",
        help="say what a scenario file meets, or what is wrong with it",
        description="Resolve a scenario against flows: what every measure matches and covers, and when.",
    )
    _inputs(check)
    return parser


def _inputs(command: argparse.ArgumentParser) -> None:
    command.add_argument("scenario", metavar="SCENARIO", help="a scenario file, .toml or .json")
    command.add_argument(
        "--data",
        required=True,
        metavar="FILE",
        help=".csv, .csv.gz or .parquet with exporter, importer, commodity, value and, where known, quantity, "
        "quantity_unit, period, mode; or bundled:energy, bundled:commodities",
    )
    command.add_argument("--period", help="the baseline, such as 2021; not needed where there is only one")
    command.add_argument("--at", help="a year, quarter, month or date (default: every measure fully in force)")
    command.add_argument(
        "--tariffs", metavar="FILE", help="duties in force: exporter, importer, commodity, tariff (rate)"
    )
    command.add_argument("--unit", default="USD", help="currency of the values (default: USD)")
    command.add_argument("--quantity-unit", metavar="UNIT", help="unit of the quantities, such as t")
    command.add_argument(
        "--countries",
        choices=("iso", "as_is"),
        default="iso",
        help="iso reads codes and names of countries, as_is takes any labels (default: iso)",
    )


def _settings(run: argparse.ArgumentParser) -> None:
    run.add_argument("--out", required=True, metavar="DIR", help="where the tables go")
    run.add_argument("--model", choices=("armington", "spatial"), default="armington", help="default: armington")
    run.add_argument(
        "--elasticities",
        choices=("bundled",),
        help="take the bundled ones where none of the next three is given",
    )
    for name, example in (("substitution", "10"), ("demand", "-0.3"), ("supply", "0.2")):
        run.add_argument(
            f"--{name}",
            metavar="VALUE",
            help=f"a number such as {example}, pairs such as crude={example},coal={example}, or a file with "
            f"commodity[, country] and {name}",
        )
    network = run.add_argument_group("of the spatial model")
    network.add_argument(
        "--routes", metavar="FILE", help="further routes: exporter, importer, commodity[, mode, freight]"
    )
    network.add_argument("--facilities", metavar="FILE", help="facility, capacity and which routes use it")
    network.add_argument("--freight", metavar="VALUE", help="per unit: a number, pairs by commodity, or a file")
    network.add_argument("--route-elasticity", metavar="VALUE", help="as the other elasticities (default: 5)")
    network.add_argument(
        "--price-level",
        metavar="VALUE",
        help="prices on the dates asked about over those of the baseline, for price caps",
    )
    run.add_argument("--order", type=int, choices=(1,), help="the first-order form")
    run.add_argument("--exposure", choices=("segments", "average"), default="segments")
    run.add_argument(
        "--unsupported",
        choices=("raise", "leave_out"),
        default="raise",
        help="measures the model does not take (default: raise)",
    )
    run.add_argument(
        "--exporter",
        action="append",
        metavar="NAME",
        help="whose shares and revenue are written, may be given again (default: exporters that measures name)",
    )
    run.add_argument("--away", nargs="+", metavar="NAME", help="importers lost: writes diversion.csv")
    run.add_argument("--toward", nargs="+", metavar="NAME", help="importers gained: with --away writes share_shift.csv")


def _demo(out: Path) -> int:
    from tradewinds import datasets, demo
    from tradewinds.view.headline import headline

    began = time.perf_counter()
    model, scenario = demo.model(datasets.load(demo.DATASET)), demo.scenario()
    solving = time.perf_counter()
    result = model.solve(scenario)
    solved = time.perf_counter()
    print(headline(result, **demo.BUYERS))
    print()
    supposed = "; ".join((measure.source or "").removeprefix("supposed: ") for measure in demo.SUPPOSED)
    print(f"In force or announced: measures on crude, coal, LNG, copper, nickel. Supposed: {supposed}.")
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
