"""Iterations along a grid of coverages, each solve cold or from the neighbour's solution.

    python benches/warm.py

Saves the bundled cases and runs ``cargo bench --bench warm`` on them.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import tradewinds as tw


def main() -> None:
    ban = tw.Ban(exporters="RUS", importers=["EU27", "!HUN", "!SVK", "!CZE"], coverage=0.9, name="ban")
    scenario = tw.Scenario("EU embargo", [ban])
    armington = tw.Armington(
        tw.datasets.load("energy"),
        period=2021,
        substitution={"crude": 10, "lng": 10, "coal": 6},
        demand=-0.3,
        supply=0.2,
    )
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder) / f"{name}.zip" for name in ("armington", "spatial")]
        for model, place in zip((armington, tw.cases["crude"].model()), places, strict=True):
            model.solve(scenario).save(place)
        subprocess.run(["cargo", "bench", "--bench", "warm", "--", *map(str, places)], check=True)


if __name__ == "__main__":
    main()
