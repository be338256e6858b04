"""Grids: every combination of sizes, named, solved by a sweep."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from market import model

import tradewinds as tw

DUTY = tw.Tariff(exporters="SAU", rate=0.1, name="duty 1.5")
BASE = tw.Scenario("both", [tw.Ban(exporters="RUS", importers="DEU", name="ban"), DUTY])


def test_every_combination_is_a_scenario() -> None:
    made = tw.grid(BASE, {"ban.coverage": [0.5, 1.0], "duty 1.5.rate": (0.0, 0.1, 0.2)})
    assert len(made) == 6
    assert list(made)[:2] == ["ban.coverage=0.5, duty 1.5.rate=0.0", "ban.coverage=0.5, duty 1.5.rate=0.1"]
    expected = BASE.replace("ban", coverage=0.5).replace("duty 1.5", rate=0.2)
    assert made["ban.coverage=0.5, duty 1.5.rate=0.2"] == expected
    sweep = model().sweep(made)
    alone = model().solve(expected).share_shift(exporter="RUS", away="DEU", toward="CHN")
    whole = sweep.share_shift(exporter="RUS", away="DEU", toward="CHN")
    own = whole[whole["scenario"] == "ban.coverage=0.5, duty 1.5.rate=0.2"].drop(columns="scenario")
    pd.testing.assert_frame_equal(own.reset_index(drop=True), alone, check_exact=True)


def test_other_parameters_than_sizes() -> None:
    made = tw.grid(BASE, {"ban.start": ["2022-01-01", "2023-01-01"]})
    assert [str(one.measures[0].start) for one in made.values()] == ["2022-01-01", "2023-01-01"]


@pytest.mark.parametrize(
    ("sizes", "says"),
    [
        ({}, "no sizes"),
        ({"coverage": [1]}, "names no parameter"),
        ({"bann.coverage": [1]}, "no measure is called 'bann'"),
        ({"ban.cover": [1]}, "'ban' has no parameter 'cover'; its sizes are coverage, leakage"),
        ({"ban.coverage": []}, "has no values"),
        ({"ban.coverage": 0.5}, "expected a list"),
        ({"ban.coverage": [0.5, 0.5]}, "twice"),
        ({"ban.coverage": [1, 1.0]}, "'ban.coverage=1' and 'ban.coverage=1.0', which are the same scenario"),
        ({"ban.coverage": [1.5]}, "coverage"),
        ({"ban.name": ["embargo"]}, "'ban.name' would rename 'ban'"),
    ],
)
def test_bad_grids(sizes: dict[str, Any], says: str) -> None:
    with pytest.raises(tw.ScenarioError, match=says):
        tw.grid(BASE, sizes)
    with pytest.raises(tw.ScenarioError, match="scenario is a list"):
        tw.grid([BASE], {"ban.coverage": [1]})  # type: ignore[arg-type]
