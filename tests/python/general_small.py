"""A table and flows small enough to be solved hundreds of times."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import tradewinds as tw

__all__ = ["COUNTRIES", "flows", "small"]

COUNTRIES = ["RUS", "DEU", "CHN"]


def small(**changes: Any) -> tw.InputOutput:
    """Two blocs and a third country, two sectors; energy is mined in the first two."""
    home = np.array([[0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.3, 0.3, 0.4]])
    arrays: dict[str, Any] = {
        "import_share": np.stack([home, home[::-1, ::-1]]),
        "input_share": np.tile([[0.1, 0.2], [0.2, 0.3]], (3, 1, 1)),
        "value_added_share": [[0.7] * 3, [0.5] * 3],
        "final_share": [[0.4] * 3, [0.6] * 3],
        "value_added": [100.0, 80.0, 60.0],
    }
    return tw.InputOutput.from_arrays(COUNTRIES, ["energy", "rest"], **(arrays | changes))


def flows() -> tw.Flows:
    """One sector: what each sells to each, domestic sales among it."""
    value = [[70.0, 9.0, 4.0], [8.0, 90.0, 12.0], [6.0, 10.0, 120.0]]
    importer, exporter = np.indices((3, 3))
    names = np.array(COUNTRIES)
    columns = {"exporter": names[exporter.ravel()], "importer": names[importer.ravel()], "commodity": "goods"}
    return tw.Flows.from_frame(pd.DataFrame({**columns, "value": np.array(value).T.ravel()}))
