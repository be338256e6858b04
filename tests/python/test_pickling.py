"""Flows, models and results go to other processes and come back equal in every bit."""

from __future__ import annotations

import copy
import functools
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest
from kinds import ATTRS, BAN, KINDS, LATER, assert_same, duties, model, same_frame, solve

import tradewinds as tw


def twin(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize("kind", KINDS)
def test_a_pickled_result_is_equal_in_every_bit(kind: str) -> None:
    result = KINDS[kind]()
    assert_same(twin(result), result)


@pytest.mark.parametrize("kind", KINDS)
def test_a_pickled_model_solves_to_the_same_bits(kind: str) -> None:
    result = KINDS[kind]()
    again = twin(result.model).solve(result.scenario, **{"on_failure": "return", **result.settings})
    again._created = result._created
    assert_same(again, result)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol_of_pickle(protocol: int) -> None:
    result = solve(BAN, LATER, at=2022, of=model(tariffs=duties()))
    assert_same(pickle.loads(pickle.dumps(result, protocol)), result)


def test_a_pickle_of_a_pickle(tmp_path: Any) -> None:
    result = solve(BAN)
    twin(twin(result)).save(tmp_path / "twin")
    result.save(tmp_path / "result")
    assert (tmp_path / "twin").read_bytes() == (tmp_path / "result").read_bytes()


def test_copies() -> None:
    result = solve(BAN)
    for make in (copy.copy, copy.deepcopy):
        assert_same(make(result), result)
        assert repr(make(result.model)) == repr(result.model)


def test_attributes_that_a_file_cannot_keep_are_pickled() -> None:
    one = model(attrs={"kinds": {1, 2}, **ATTRS})
    result = solve(BAN, of=one)
    assert twin(result).model.flows.attrs == twin(one).flows.attrs == one.flows.attrs


def test_a_failed_solve_brings_its_result_along() -> None:
    with pytest.raises(tw.ConvergenceError) as caught:
        solve(tw.Ban(exporters="RUS", importers="DEU"), of=model(demand=-1e-16, supply=0))
    found = twin(caught.value)
    assert (str(found), found.status) == (str(caught.value), caught.value.status)
    assert_same(found.result, caught.value.result)


def test_a_sweep_is_pickled() -> None:
    sweep = model().sweep([tw.Scenario("a", [BAN]), tw.Scenario("b", [LATER])], at=2022)
    found = twin(sweep)
    same_frame(found.status, sweep.status, "status")
    same_frame(found.flows, sweep.flows, "flows")


def test_a_pool_of_processes_takes_models_and_gives_results() -> None:
    one = model(tariffs=duties())
    scenarios = [tw.Scenario("a", [BAN]), tw.Scenario("b", [LATER])]
    # Children that begin anew take nothing from their parent but what was pickled.
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(functools.partial(tw.Armington.solve, one, at=2022), scenarios))
    for result, scenario in zip(found, scenarios, strict=True):
        mine = one.solve(scenario, at=2022)
        mine._created = result._created
        assert_same(result, mine)
