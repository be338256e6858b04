"""Saved results keep what is uncertain: a loaded model is sampled to the same bits."""

from __future__ import annotations

import json
import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sampling
from sampling import assert_same
from test_files_refused import members, pack, refused
from uncertain_models import MODELS, scenario

import tradewinds as tw
from tradewinds.result import json_text

DISTRIBUTIONS = [
    tw.triangular(0.5, 0.7, 1.1),
    tw.around(-2.0),
    tw.uniform(0.1, 0.30000000000000004),
    tw.normal(0.3, 0.1, low=0.0),
    tw.normal(0.3, 0.1),
    tw.lognormal(-0.3, 0.4),
    tw.beta(2.0, 5.0, low=0.5, high=1.0),
    tw.empirical([0.5, 1, 1.5, 1.5]),
]


@pytest.mark.parametrize("given", DISTRIBUTIONS, ids=repr)
def test_distributions_are_kept_exactly(given: tw.Distribution) -> None:
    assert json_text.load(json_text.dump({"x": [given]}, "here")) == {"x": [given]}


def test_a_distribution_of_another_class_is_refused() -> None:
    class Own(type(DISTRIBUTIONS[0])):  # type: ignore[misc]
        pass

    with pytest.raises(tw.DataError, match="here is a Own, which a file can't keep"):
        json_text.dump(Own(0.0, 1.0, 2.0), "here")


def saved_and_loaded(result: tw.Result, folder: Path) -> tw.Result:
    result.save(folder / "result")
    return tw.load_result(folder / "result")


def pickled(result: tw.Result, folder: Path) -> tw.Result:
    copied: tw.Result = pickle.loads(pickle.dumps(result))
    return copied


@pytest.mark.parametrize("copied", [saved_and_loaded, pickled])
@pytest.mark.parametrize("kind", MODELS)
def test_what_is_uncertain_comes_back(kind: str, copied: Callable[..., tw.Result], tmp_path: Path) -> None:
    model = MODELS[kind]()
    result = model.solve(scenario(model))
    again = copied(result, tmp_path)
    assert again.model.uncertain == model.uncertain
    assert len(model.uncertain) >= 1
    assert again.scenario == result.scenario
    assert [measure.uncertain for measure in again.scenario.measures] == [
        measure.uncertain for measure in result.scenario.measures
    ]
    pd.testing.assert_frame_equal(again.sources(), result.sources())


@pytest.mark.parametrize("kind", MODELS)
def test_a_loaded_model_is_sampled_to_the_same_bits(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("scipy", reason="scipy, of the extra 'uncertainty', is not installed")
    model = MODELS[kind]()
    loaded = saved_and_loaded(model.solve(scenario(model)), tmp_path)
    asked = tw.ask("flows")
    assert_same(
        loaded.model.sample(loaded.scenario, 8, ask=asked, seed=3), model.sample(scenario(model), 8, ask=asked, seed=3)
    )


@pytest.fixture(scope="module")
def uncertain_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "result"
    sampling.model().solve(sampling.scenario()).save(path)
    return path


def changed(path: Path, change: Callable[[dict[str, Any]], Any]) -> bytes:
    parts = members(path)
    meta = json.loads(parts["meta.json"])
    change(meta["notes"])
    return pack({**parts, "meta.json": json.dumps(meta).encode()})


def test_files_without_these_notes_are_read(uncertain_file: Path, tmp_path: Path) -> None:
    (tmp_path / "before").write_bytes(changed(uncertain_file, lambda notes: notes.pop("uncertain")))
    loaded = tw.load_result(tmp_path / "before")
    assert loaded.model.uncertain == [] and loaded.scenario.measures[0].coverage == pytest.approx(0.7)
    assert (loaded.flows == tw.load_result(uncertain_file).flows).all(axis=None)


def _first(**to: Any) -> Callable[[dict[str, Any]], None]:
    return lambda notes: notes["uncertain"]["model"][0].update(to)


WIDE = {"$": "distribution", "kind": "Uniform", "is": {"low": 0.5, "high": 9.0}}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_first(distribution={**WIDE, "kind": "Cauchy"}), "unknown kind 'Cauchy'"),
        (_first(distribution={**WIDE, "is": {"low": 1.0}}), "notes in meta.json"),
        (_first(distribution={**WIDE, "is": {"low": 3.0, "high": {"$": "number", "is": "nan"}}}), "nan"),
        (_first(distribution=WIDE), "lies outside the admissible"),
        (_first(distribution=5.0), "notes in meta.json"),
        (
            _first(distribution={**WIDE, "is": {"low": 2.0, "high": 9.0}}),
            "uniform\\(2, 9\\), but the result is that of",
        ),
        (lambda notes: notes["uncertain"]["scenario"]["ban"].update(coverage=0.9), "coverage of ban is 0.9, but"),
        (_first(of="price"), "no price"),
        (_first(horizon="ever"), "ever"),
        (_first(places=[7, 7]), "places outside 2 × 1"),
        (_first(places=[0]), "notes in meta.json"),
        (lambda notes: notes["uncertain"]["scenario"].update(other={"coverage": 1.0}), "no measure is called 'other'"),
        (lambda notes: notes.update(uncertain=[]), "notes in meta.json"),
    ],
)
def test_notes_that_do_not_fit_are_refused(
    uncertain_file: Path, tmp_path: Path, change: Callable[[dict[str, Any]], None], says: str
) -> None:
    refused(tmp_path / "other", changed(uncertain_file, change), says)


def test_infinite_ends_are_numbers_again() -> None:
    again = json_text.load(json_text.dump(tw.normal(0.0, 1.0), "here"))
    assert again.support == (-math.inf, math.inf)
