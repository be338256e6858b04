"""Small baselines for the tests of answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import tradewinds as tw

__all__ = ["COUNTRIES", "flows", "frame", "model"]

COUNTRIES = ["RUS", "SAU", "USA", "CHN", "IND", "DEU", "POL"]


def frame(seed: int = 7, *, quantities: str = "all", modes: bool = False) -> pd.DataFrame:
    """Three sellers, four buyers, crude and coal; unit values differ by a factor of three."""
    draw = np.random.default_rng(seed)
    rows = [
        (exporter, importer, commodity, *mode)
        for exporter in COUNTRIES[:3]
        for importer in COUNTRIES[3:]
        for commodity in ("crude", "coal")
        for mode in ([("sea",), ("pipe",)] if modes else [()])
        if draw.random() < 0.9
    ]
    made = pd.DataFrame(rows, columns=["exporter", "importer", "commodity", *(["mode"] if modes else [])])
    made["value"] = draw.uniform(1e8, 1e10, len(made))
    made["quantity"] = made["value"] / draw.uniform(200, 600, len(made))
    if quantities == "some":
        made.loc[draw.random(len(made)) < 0.3, "quantity"] = np.nan
    if quantities == "none":
        made = made.drop(columns="quantity")
    return made


def flows(seed: int = 7, **how: Any) -> tw.Flows:
    made = frame(seed, **how)
    return tw.Flows.from_frame(made, quantity_unit="t" if "quantity" in made else None)


def model(seed: int = 7, **how: Any) -> tw.Armington:
    return tw.Armington(flows(seed, **how), period=2021, substitution=5, demand=-0.4, supply=0.3)
