"""A small uncertain market for the tests of ensembles, and whether two ensembles are equal in every bit."""

from __future__ import annotations

from typing import Any

import market
import numpy as np

import tradewinds as tw

__all__ = ["ASKED", "SHIFT", "assert_same", "model", "scenario"]

SHIFT = tw.ask("share_shift", exporter="RUS", away="DEU", toward="CHN")
ASKED = [SHIFT, tw.ask("prices"), tw.ask("revenue", exporter="RUS")]


def model(**changes: Any) -> tw.Armington:
    given = {
        "substitution": tw.triangular(3, 5, 8),
        "demand": {"crude": tw.uniform(-0.6, -0.2), "coal": -0.4},
        "supply": tw.around(0.3),
    }
    return tw.Armington(market.flows(), period=2021, **{**given, **changes})


def scenario(coverage: Any = None) -> tw.Scenario:
    coverage = tw.uniform(0.5, 0.9) if coverage is None else coverage
    return tw.Scenario("ban", [tw.Ban(exporters="RUS", importers="DEU", coverage=coverage, name="ban")])


def assert_same(one: tw.Ensemble, other: tw.Ensemble) -> None:
    """Quantiles, status and kept draws, bit for bit."""
    np.testing.assert_array_equal(one._quantiles, other._quantiles)
    for name in ("done", "converged", "iterations", "residual"):
        np.testing.assert_array_equal(getattr(one._collected, name), getattr(other._collected, name))
    assert one._collected.reasons == other._collected.reasons
    if one._collected.kept is not None:
        np.testing.assert_array_equal(one._collected.kept, other._collected.kept)
