"""A synthetic BACI year in the published format, read by `tw.read_baci` and by `pandas.read_csv`.

    python benches/baci.py [--rows 11000000] [--repeat 5] [--keep FOLDER]

Each reader runs in a process of its own, so that its peak memory is its own. The bound is the bare
inflating of the member; the error is the largest relative difference of totals by product. What
pandas reads is the bare frame, neither in USD nor with names of countries nor sorted.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

YEAR, RELEASE, REVISION = 2021, "202601", "HS17"
MEMBER = f"BACI_{REVISION}_Y{YEAR}_V{RELEASE}.csv"
PRODUCTS = 5_000
MISSING = "           NA"
#: Rows written at a time.
BLOCK = 500_000


def country_codes() -> dict[int, str]:
    """Numeric codes as BACI writes them, and ISO alpha-3."""
    with files("tradewinds.datasets").joinpath("countries.csv").open(encoding="utf-8") as file:
        return {int(row["baci"] or row["m49"]): row["iso3"] for row in csv.DictReader(file) if row["m49"]}


def product_codes(random: np.random.Generator) -> list[str]:
    """Six digits of chapters 01 to 97, and 9999AA."""
    numbers = np.sort(random.choice(np.arange(10_100, 979_999), PRODUCTS - 1, replace=False))
    return [f"{number:06d}" for number in numbers] + ["9999AA"]


def keys(rows: int, countries: int, random: np.random.Generator) -> Any:
    """Distinct (exporter, importer, product), sorted as published, the large ones met most often."""

    def draw(length: int, count: int) -> Any:
        weights = np.cumsum(1 / (np.arange(1, length + 1) + 15.0))
        return random.permutation(length)[np.searchsorted(weights / weights[-1], random.random(count))]

    found = np.empty(0, dtype=np.int64)
    while len(found) < rows:
        exporter, importer = draw(countries, rows), draw(countries, rows)
        product = draw(PRODUCTS, rows)
        found = np.union1d(found, ((exporter * countries + importer) * PRODUCTS + product)[exporter != importer])
    return np.sort(random.choice(found, rows, replace=False))


def write(path: Path, rows: int) -> None:
    """A zip as CEPII publishes it."""
    random = np.random.default_rng(YEAR)
    countries, products = country_codes(), product_codes(random)
    numbers = sorted(countries)
    key = keys(rows, len(numbers), random)
    value = np.maximum(np.round(random.lognormal(2.0, 3.0, rows), 3), 0.001)
    quantity = np.maximum(np.round(value * random.lognormal(-1.0, 1.5, rows), 3), 0.001)
    unknown = random.random(rows) < 0.02
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        names = "".join(f"{code},{iso3},,{iso3}\n" for code, iso3 in countries.items())
        archive.writestr(
            f"country_codes_V{RELEASE}.csv", "country_code,country_name,country_iso2,country_iso3\n" + names
        )
        names = "".join(f"{code},goods\n" for code in products)
        archive.writestr(f"product_codes_{REVISION}_V{RELEASE}.csv", "code,description\n" + names)
        with archive.open(MEMBER, "w", force_zip64=True) as member:
            member.write(b"t,i,j,k,v,q\n")
            for start in range(0, rows, BLOCK):
                part = slice(start, start + BLOCK)
                pair, product = np.divmod(key[part], PRODUCTS)
                exporter, importer = np.divmod(pair, len(numbers))
                columns = (exporter.tolist(), importer.tolist(), product.tolist(), value[part].tolist())
                amounts = zip(*columns, quantity[part].tolist(), unknown[part].tolist(), strict=True)
                lines = [
                    f"{YEAR},{numbers[i]},{numbers[j]},{products[k]},{v:.3f},{MISSING if missing else f'{q:.3f}'}\n"
                    for i, j, k, v, q, missing in amounts
                ]
                member.write("".join(lines).encode())


def with_tradewinds(path: Path) -> dict[str, Any]:
    import tradewinds as tw

    begun = time.perf_counter()
    flows = tw.read_baci(path, progress=False)
    seconds, peak = time.perf_counter() - begun, peak_gigabytes()
    columns, _ = flows._core.table()
    codes, labels = columns["commodity"]
    return {
        "rows": len(flows),
        "seconds": seconds,
        "peak": peak,
        "value": dict(zip(labels, np.bincount(codes, columns["value"]).tolist(), strict=True)),
        "quantity": dict(zip(labels, np.bincount(codes, np.nan_to_num(columns["quantity"])).tolist(), strict=True)),
    }


def with_pandas(path: Path) -> dict[str, Any]:
    import pandas as pd

    begun = time.perf_counter()
    with zipfile.ZipFile(path) as archive, archive.open(MEMBER) as member:
        frame = pd.read_csv(member, dtype={"k": str}, na_values=[MISSING])
    seconds, peak = time.perf_counter() - begun, peak_gigabytes()
    totals = frame.groupby("k")[["v", "q"]].sum()
    return {
        "rows": len(frame),
        "seconds": seconds,
        "peak": peak,
        "value": (totals["v"] * 1000).to_dict(),
        "quantity": totals["q"].to_dict(),
    }


def bare_inflate(path: Path) -> dict[str, Any]:
    begun = time.perf_counter()
    size = 0
    with zipfile.ZipFile(path) as archive, archive.open(MEMBER) as member:
        while piece := member.read(1 << 20):
            size += len(piece)
    return {"bytes": size, "seconds": time.perf_counter() - begun}


def peak_gigabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


WORK = {"tradewinds": with_tradewinds, "pandas": with_pandas, "inflate": bare_inflate}


def alone(work: str, path: Path) -> dict[str, Any]:
    """One piece of work in a fresh process."""
    command = [sys.executable, __file__, "--work", work, str(path)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def difference(one: dict[str, float], other: dict[str, float]) -> float:
    assert one.keys() == other.keys()
    return max(abs(one[key] - other[key]) / max(abs(other[key]), 1e-300) for key in one)


def measure(folder: Path, rows: int, repeat: int) -> None:
    path = folder / f"BACI_{REVISION}_V{RELEASE}.zip"
    if not path.exists():
        begun = time.perf_counter()
        # A process hands its peak memory down to its children: the writing has one of its own.
        subprocess.run([sys.executable, __file__, "--rows", str(rows), "--write", str(path)], check=True)
        print(f"written in {time.perf_counter() - begun:.0f} s: {path.stat().st_size / 1e6:.0f} MB packed")
    # By turns, so that a busy moment of the machine meets all alike.
    runs = [{work: alone(work, path) for work in WORK} for _ in range(repeat)]
    seconds = {work: sorted(run[work]["seconds"] for run in runs) for work in WORK}
    bound = statistics.median(seconds["inflate"])
    size = runs[0]["inflate"]["bytes"] / 1e6
    print(f"bound        inflating {size:.0f} MB alone, with zlib: median {bound:.2f} s of {repeat} runs")
    for work in ("tradewinds", "pandas"):
        median, best, peak = statistics.median(seconds[work]), seconds[work][0], max(run[work]["peak"] for run in runs)
        rows = runs[0][work]["rows"]
        print(
            f"{work:<12} {rows:,} rows: median {median:.2f} s, best {best:.2f} s, {median / bound:.2f} × bound, "
            f"peak {peak:.2f} GB"
        )
    ours, theirs = runs[0]["tradewinds"], runs[0]["pandas"]
    worst = {what: difference(ours[what], theirs[what]) for what in ("value", "quantity")}
    print(f"largest relative difference of totals: value {worst['value']:.1e}, quantity {worst['quantity']:.1e}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=11_000_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="folder to write the zip to, and to find it in again")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work, path = options.work
        print(json.dumps(WORK[work](Path(path))))
    elif options.write:
        write(options.write, options.rows)
    elif options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        measure(options.keep, options.rows, options.repeat)
    else:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), options.rows, options.repeat)


if __name__ == "__main__":
    main()
