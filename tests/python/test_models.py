"""What all models have in common: the same methods, with the options of each shown and no others taken."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import tradewinds as tw

MODELS = [tw.Armington, tw.Spatial, tw.CaliendoParro, tw.Gravity]
COMMON = {"at", "on_failure", "unsupported"}


def options(method: Any) -> dict[str, tuple[Any, str]]:
    return {name: (one.default, one.annotation) for name, one in inspect.signature(method).parameters.items()}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("method", ["sweep", "sample"])
def test_what_solve_takes_the_others_take_and_show(model: Any, method: str) -> None:
    own = {name: shown for name, shown in options(model.solve).items() if name not in {"self", "scenario", *COMMON}}
    shown = options(getattr(model, method))
    assert {name: shown.get(name) for name in own} == own
    assert "options" not in shown


def test_armington_alone_has_options_of_its_own() -> None:
    added = set(options(tw.Armington.sample)) - set(options(tw.Spatial.sample))
    assert added == {"order", "exposure"}


@pytest.mark.parametrize("method", ["sweep", "sample"])
def test_another_option_is_refused_by_its_name(method: str) -> None:
    model = tw.Armington(tw.datasets.load("energy"), period=2021, substitution=5.0, demand=-0.5, supply=0.5)
    scenario = tw.Scenario("none", [])
    given: dict[str, dict[str, Any]] = {
        "sweep": {"scenarios": [scenario]},
        "sample": {"scenario": scenario, "draws": 2, "ask": tw.ask("shares", exporter="RUS")},
    }
    with pytest.raises(TypeError, match="'horizon'"):
        getattr(model, method)(**given[method], horizon=2)
