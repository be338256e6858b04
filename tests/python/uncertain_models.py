"""A small model of every kind with numbers that are uncertain, and a scenario for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import market
import pandas as pd
from general_small import flows, small

import tradewinds as tw

__all__ = ["MODELS", "ends", "scenario"]


def armington() -> tw.Armington:
    return tw.Armington(
        market.flows(),
        period=2021,
        substitution={"crude": tw.triangular(3, 5, 8), "coal": 4},
        demand=tw.adjusting(-0.2, tw.uniform(-0.9, -0.4), half_life=tw.triangular(1, 2, 4)),
        supply=pd.DataFrame(
            {"commodity": ["crude", "crude", "coal"], "country": ["*", "RUS", "*"], "supply": [0.3, tw.around(0.3), 1]}
        ),
    )


def spatial() -> tw.Spatial:
    facilities = pd.DataFrame(
        {
            "facility": ["pipe", "pipe"],
            "exporter": "RUS",
            "importer": "DEU",
            "commodity": "crude",
            "capacity": [1e9, tw.uniform(1e9, 2e9)],
            "start": [None, "2022-06-01"],
        }
    )
    return tw.Spatial(
        market.flows(),
        period=2021,
        demand=tw.uniform(-0.6, -0.2),
        supply=0.4,
        freight={"crude": tw.uniform(1, 3), "coal": 2.0},
        facilities=facilities,
        route_elasticity=tw.triangular(3, 5, 8),
    )


def curves() -> tw.Spatial:
    return tw.Spatial.from_curves(
        pd.DataFrame({"country": ["A"], "intercept": [10.0], "slope": [1.0]}),
        pd.DataFrame({"country": ["B"], "intercept": [50.0], "slope": [1.0]}),
        pd.DataFrame({"exporter": ["A"], "importer": ["B"], "freight": [5.0]}),
        facilities=pd.DataFrame({"facility": ["pipe"], "capacity": [tw.uniform(5, 30)]}),
    )


def general() -> tw.CaliendoParro:
    return tw.CaliendoParro(
        small(),
        trade_elasticity={"energy": tw.triangular(5.6, 8, 10.4), "rest": 4},
        between_inputs={"value_added": tw.uniform(0.5, 1), "inputs": 0.5},
        between_goods=tw.triangular(0.5, 1, 2),
        period=2021,
    )


def gravity() -> tw.Gravity:
    return tw.Gravity(flows(), period=2021, trade_elasticity=tw.normal(4, 1, low=1))


MODELS: dict[str, Callable[[], Any]] = {
    "armington": armington,
    "spatial": spatial,
    "curves": curves,
    "general": general,
    "gravity": gravity,
}


def ends(model: Any) -> tuple[str, str]:
    """A country that sells, and one that buys from it."""
    return ("A", "B") if model.flows.countries == ["A", "B"] else ("RUS", "DEU")


def scenario(model: Any) -> tw.Scenario:
    seller, buyer = ends(model)
    ban = tw.Ban(exporters=seller, importers=buyer, coverage=tw.empirical([0.2, 0.5, 0.6]), name="ban")
    return tw.Scenario("both", [ban, tw.Tariff(importers=buyer, rate=tw.normal(0.2, 0.05, low=0))])
