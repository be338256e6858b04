"""A synthetic OECD ICIO year in the published format, read by `tw.read_oecd_icio` and by `pandas.read_csv`.

    python benches/icio.py [--countries 80] [--sectors 50] [--repeat 3]

Each reader runs in a process of its own, so that its peak memory is its own. The bound is the bare
inflating of the member. What pandas reads is the bare frame. The error is the largest relative
difference between the table's shares and those summed from the frame.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

MEMBER = "2020_SML.csv"
FINAL = ("HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "DPABR")
#: Of final demand by category; inventories draw on stocks in some cells.
WEIGHTS = np.array([0.6, 0.02, 0.2, 0.17, 0.01, 0.0])
SEED = 2020


def write(path: Path, countries: int, sectors: int) -> None:
    """Rows of 4 to 9 digits as published, home deliveries about a hundred times those abroad."""
    random = np.random.default_rng(SEED)
    names = [f"{chr(65 + place // 26)}{chr(65 + place % 26)}X" for place in range(countries)]
    codes = [f"S{place:02d}" for place in range(sectors)]
    sellers = [(country, code) for country in names for code in codes]
    buyers = [(country, category) for country in names for category in FINAL]
    size = len(sellers)
    used, output, lines = np.zeros(size), np.zeros(size), []
    for place in range(size):
        home = place // sectors
        inputs = random.lognormal(0.0, 0.7, size)
        inputs[home * sectors : (home + 1) * sectors] *= 100
        final = np.outer(random.lognormal(3.5, 1.0, countries), WEIGHTS)
        final[home] = 4.0 * 100 * sectors * WEIGHTS * random.uniform(0.9, 1.1)
        final[:, 4] *= random.choice([-1.0, 1.0], countries)
        row = np.round(np.concatenate([inputs, final.reshape(-1)]), 4)
        used += row[:size]
        output[place] = row.sum()
        lines.append((f"{sellers[place][0]}_{sellers[place][1]}", row))
    taxes = np.round(0.01 * used, 4)
    none = np.zeros(len(buyers))
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(MEMBER, "w") as file,
    ):
        labels = [*(f"{country}_{code}" for country, code in sellers), *(f"{c}_{category}" for c, category in buyers)]
        file.write((",".join(["V1", *labels, "OUT"]) + "\n").encode())
        rows = [*((label, row, row.sum()) for label, row in lines)]
        rows += [("TLS", np.append(taxes, none), 0.0), ("VA", np.append(output - used - taxes, none), 0.0)]
        rows += [("OUT", np.append(output, none), 0.0)]
        for label, row, total in rows:
            file.write((label + "," + ",".join(f"{value:.4f}" for value in (*row, total)) + "\n").encode())


def inflate(path: Path) -> Any:
    with zipfile.ZipFile(path) as archive, archive.open(MEMBER) as file:
        while file.read(1 << 20):
            pass


def ours(path: Path) -> Any:
    import tradewinds as tw

    return tw.read_oecd_icio(path)


def pandas(path: Path) -> Any:
    import pandas as pd

    with zipfile.ZipFile(path) as archive, archive.open(MEMBER) as file:
        return pd.read_csv(file, index_col=0)


READERS = {"inflate": inflate, "ours": ours, "pandas": pandas}


def peak() -> float:
    """The most memory this process has had, in MB. The kernel's count for children begins with their parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


def run(reader: str, path: Path) -> dict[str, float]:
    """In a process of its own: seconds and peak GB beyond those of its imports."""
    if reader == "ours":
        import tradewinds as tw

        tw.read_oecd_icio.__name__  # noqa: B018  (imports the reader)
    if reader == "pandas":
        import pandas  # noqa: F401
    before = peak()
    start = time.perf_counter()
    READERS[reader](path)
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "peak": peak() - before}


def largest_difference(path: Path, countries: int, sectors: int) -> float:
    table, frame = ours(path), pandas(path)
    n, j = countries, sectors
    values = frame.to_numpy()
    inputs = values[: n * j, : n * j].reshape(n, j, n, j)
    final = values[: n * j, n * j : n * j + 6 * n].reshape(n, j, n, 6).sum(3)
    bought = inputs.sum(3) + np.maximum(final, 0.0)
    expected = (bought / bought.sum(0)).transpose(1, 2, 0)
    return float(np.abs(table.import_share / expected - 1).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--countries", type=int, default=80)
    parser.add_argument("--sectors", type=int, default=50)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--reader", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.reader:
        print(json.dumps(run(given.reader, given.file)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "icio.zip"
        write(path, given.countries, given.sectors)
        with zipfile.ZipFile(path) as archive:
            size = archive.getinfo(MEMBER).file_size
        print(
            f"{given.countries} x {given.sectors}: {size / 1e6:.0f} MB in a zip of {path.stat().st_size / 1e6:.0f} MB"
        )
        found: dict[str, list[dict[str, float]]] = {reader: [] for reader in READERS}
        for _ in range(given.repeat):
            for reader in READERS:
                command = [sys.executable, __file__, "--reader", reader, "--file", str(path)]
                found[reader].append(
                    json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                )
        for reader, runs in found.items():
            seconds = [one["seconds"] for one in runs]
            most = max(one["peak"] for one in runs)
            print(
                f"{reader}: median {statistics.median(seconds):.2f} s, best {min(seconds):.2f} s, peak +{most:.0f} MB"
            )
        print(f"largest relative difference of shares: {largest_difference(path, given.countries, given.sectors):.1e}")


if __name__ == "__main__":
    main()
