"""What is uncertain in a model and a scenario, as notes of a saved result: the core has central values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradewinds.model.general import CaliendoParro, Gravity
from tradewinds.model.model import Model
from tradewinds.model.parameters import Uncertain, check_ranges
from tradewinds.model.spatial import Spatial
from tradewinds.scenario.distributions import Distribution
from tradewinds.scenario.scenario import Scenario

__all__ = ["uncertain_again", "uncertain_notes"]

_HORIZONS = (None, "long", "half_life")
#: The core alone counts the dates of a facility's capacities.
_MOST_DATES = 2**31


def uncertain_notes(model: Model, scenario: Scenario) -> dict[str, Any]:
    """Distributions of the model with their places, and those of the scenario by measure and size."""
    measures = zip(scenario.labels, scenario.measures, strict=True)
    return {
        "model": [_note(name, one) for name, one in model.uncertain],
        "scenario": {label: measure.uncertain for label, measure in measures if measure.uncertain},
    }


def uncertain_again(notes: Mapping[str, Any] | None, model: Model, scenario: Scenario) -> Scenario:
    """Gives a model what :func:`uncertain_notes` kept of it, and returns the scenario with its distributions.

    ``notes`` is None in files that have none.

    Raises
    ------
    ValueError
        Notes on other numbers than the model has, or outside their admissible range.
    """
    if notes is None:
        return scenario
    found = [_again(note, model) for note in notes["model"]]
    for name, parameter in model.parameters.items():
        parameter.uncertain = [one for of, one in found if of == name]
    others = [(of, one) for of, one in found if of not in model.parameters]
    if isinstance(model, Spatial):
        model._freights = [one for of, one in others if of == "freight"]
        model._capacities = [one for of, one in others if of == "capacity"]
    elif isinstance(model, CaliendoParro | Gravity):
        model._nests = others
    measures = dict(zip(scenario.labels, scenario.measures, strict=True))
    for label, sizes in notes["scenario"].items():
        if label not in measures:
            raise ValueError(f"no measure is called '{label}'")
        for size, given in sizes.items():
            _check_centre(given, getattr(measures[label], size), f"{size} of {label}")
        scenario = scenario.replace(label, **sizes)
    return scenario


def _check_centre(given: Any, value: Any, name: str) -> None:
    """The core has solved with the central values of distributions."""
    if not isinstance(given, Distribution) or given.central != value:
        raise ValueError(f"{name} is {given!r}, but the result is that of {value!r}")


def _note(name: str, one: Uncertain) -> dict[str, Any]:
    commodities, places = zip(*one.entries, strict=True) if one.entries else ((), ())
    return {
        "of": name if one.horizon is None else name.removesuffix(f"_{one.horizon}"),
        "label": one.label,
        "distribution": one.distribution,
        "horizon": one.horizon,
        "commodities": list(commodities),
        "places": list(places),
    }


def _again(note: Mapping[str, Any], model: Model) -> tuple[str, Uncertain]:
    of, horizon = note["of"], note["horizon"]
    shape = _shapes(model).get(of)
    if shape is None or horizon not in _HORIZONS:
        raise ValueError(f"there is no {of} ({horizon}) that could be uncertain")
    entries = tuple(zip(note["commodities"], note["places"], strict=True))
    if not all(0 <= row < shape[0] and 0 <= place < shape[1] for row, place in entries):
        raise ValueError(f"{note['label']} has places outside {shape[0]} × {shape[1]}")
    one = Uncertain(note["label"], note["distribution"], entries, horizon)
    check_ranges([one], "half_life" if horizon == "half_life" else of)
    if horizon is None and of in model.parameters:
        values = model.parameters[of].values.reshape(shape)
        for entry in entries:
            _check_centre(one.distribution, values[entry], one.label)
    return of, one


def _shapes(model: Model) -> dict[str, tuple[int, ...]]:
    """How many rows and columns the places of each uncertain number may have."""
    shapes: dict[str, tuple[int, ...]] = {
        name: given.values.reshape(len(given.values), -1).shape for name, given in model.parameters.items()
    }
    if isinstance(model, Spatial):
        routes = len(model._core.flows)
        shapes |= {"freight": (len(model.flows.commodities), routes), "capacity": (len(model.facilities), _MOST_DATES)}
    elif isinstance(model, CaliendoParro | Gravity):
        shapes |= {"between_inputs": (3, 1), "between_goods": (3, 1)}
    return shapes
