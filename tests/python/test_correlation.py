"""Correlations by name: in pairs, in frames of any library, and as matrices without names."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import xarray as xr

import tradewinds as tw
from tradewinds.run.correlation import correlation_matrix

LABELS = ["substitution", "demand", "supply"]
#: demand with supply 0.5, substitution with demand −0.25
WANTED = np.array([[1.0, -0.25, 0.0], [-0.25, 1.0, 0.5], [0.0, 0.5, 1.0]])
#: The same with supply first.
TURNED = {"supply": [1.0, 0.0, 0.5], "substitution": [0.0, 1.0, -0.25], "demand": [0.5, -0.25, 1.0]}
ROWS = list(TURNED)


@pytest.mark.parametrize(
    "given",
    [
        pd.DataFrame(TURNED, index=ROWS),
        pd.DataFrame(TURNED, index=ROWS).loc[LABELS],
        pd.DataFrame(TURNED),
        pd.DataFrame({"input": ROWS, **TURNED}),
        pl.DataFrame(TURNED),
        pl.DataFrame({"input": ROWS, **TURNED}),
        pl.DataFrame({"input": ROWS[::-1], **{name: values[::-1] for name, values in TURNED.items()}}),
        xr.DataArray(np.array(list(TURNED.values())), dims=("a", "b"), coords={"a": ROWS, "b": ROWS}),
        xr.DataArray(WANTED, dims=("a", "b")),
        pa.table(TURNED),
        pa.table({"input": ROWS, **TURNED}),
        {("supply", "demand"): 0.5, ("substitution", "demand"): -0.25, ("demand", "substitution"): -0.25},
        WANTED,
        WANTED.tolist(),
        WANTED.astype(object),
    ],
    ids=lambda given: type(given).__module__.partition(".")[0],
)
def test_correlations_are_read_by_name_and_matrices_by_place(given: Any) -> None:
    np.testing.assert_array_equal(correlation_matrix(given, LABELS), WANTED)


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "pyarrow"])
def test_a_frame_of_some_inputs_leaves_the_others_alone(kind: Any) -> None:
    found = correlation_matrix(kind({"supply": [1.0, 0.5], "demand": [0.5, 1.0]}), LABELS)
    np.testing.assert_array_equal(found, [[1, 0, 0], [0, 1, 0.5], [0, 0.5, 1]])


NAMED = {"supply": [1.0, 0.5], "demnad": [0.5, 1.0]}
PAIR = ("demand", "supply")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (pd.DataFrame(NAMED), "names 'demnad', which is not uncertain.*Did you mean 'demand'"),
        (pl.DataFrame(NAMED), "names 'demnad', which is not uncertain.*Did you mean 'demand'"),
        (pa.table(NAMED), "names 'demnad', which is not uncertain.*Did you mean 'demand'"),
        (pd.DataFrame(WANTED), "names '0', which is not uncertain"),
        (pl.DataFrame(WANTED), "names 'column_0', which is not uncertain"),
        (pl.DataFrame({"of": ["supply", "price"], "supply": [1.0, 0.5], "demand": [0.5, 1.0]}), "names 'price'"),
        (
            pl.DataFrame({"of": ["supply", "supply"], "supply": [1.0, 0.5], "demand": [0.5, 1.0]}),
            "rows.*'supply' twice",
        ),
        (pd.DataFrame(WANTED, columns=["supply", "demand", "supply"]), "columns.*'supply' twice"),
        (pl.DataFrame({"supply": [1.0], "demand": [0.5]}), "other rows than columns"),
        (pd.DataFrame({"supply": [1.0, 0.5], "demand": [0.5, 1.0]}, index=["supply", "substitution"]), "other rows"),
        (pl.DataFrame({"supply": [1.0, 0.5], "demand": ["0.5", "1"]}), "column 'demand' of type String"),
        ({PAIR: "high"}, "correlation of 'demand' and 'supply' is 'high'; expected a number"),
        ({PAIR: math.nan}, "correlation of 'demand' and 'supply' is nan"),
        ({PAIR: 0.5, PAIR[::-1]: -0.5}, "is -0.5, and 0.5 in the other order; give the pair once"),
        ({("demand", 3): 0.5}, "names '3', which is not uncertain"),
        ([[1, 0], [0, 1, 0], [0, 0, 1]], "rows of several lengths; there are 3 inputs: substitution, demand, supply"),
        ([[1, 0, 0], 1, 1], "rows of several lengths"),
        (np.eye(3) == 1, "correlation has True"),
        ([["1", 0, 0], [0, 1, 0], [0, 0, 1]], "correlation has '1'"),
        ("high", "correlation has 'high'"),
        (np.eye(2), r"shape \(2, 2\); there are 3 inputs"),
    ],
)
def test_what_is_no_correlation_is_refused(given: Any, says: str) -> None:
    with pytest.raises(tw.ModelError, match=says):
        correlation_matrix(given, LABELS)
