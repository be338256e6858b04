"""General equilibrium period after period: the static solves, every question of theirs."""

from __future__ import annotations

import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any

import pandas as pd
import pytest
from general_small import COUNTRIES, flows, small

import tradewinds as tw

BAN = tw.Ban(exporters="RUS", importers="DEU", start="2022-06-05", phase=[("2022-06-05", 0.4), ("2023-03-01", 0.9)])
DUTY = tw.Tariff(exporters="CHN", importers="DEU", rate=0.2, start="2023-01-01", end="2023-06-30")
DATED = tw.Scenario("dated", [BAN, DUTY])
QUESTIONS: dict[str, dict[str, Any]] = {
    "shares": {"exporter": "RUS"},
    "share_shift": {"exporter": "RUS", "away": "DEU", "toward": "CHN"},
    "destinations": {"exporter": "RUS"},
    "diversion": {"exporter": "RUS", "importers": "DEU"},
    "concentration": {"exporter": "RUS"},
    "welfare": {"by": "sector", "steps": 4},
}


def caliendo_parro(**changes: Any) -> tw.CaliendoParro:
    return tw.CaliendoParro(small(), **{"trade_elasticity": 5, "deficits": "zero", "period": 2021, **changes})


def gravity() -> tw.Gravity:
    return tw.Gravity(flows(), period=2021, trade_elasticity=4)


@pytest.mark.parametrize("make", [caliendo_parro, gravity])
@pytest.mark.parametrize("periods", [[2021, 2022, 2023], ["2022Q1", "2022Q2", "2022Q3"], ["2023-02", "2023-03"]])
def test_every_question_is_that_of_solving_each_period_bit_for_bit(make: Any, periods: list[Any]) -> None:
    model = make()
    path = model.path(DATED, periods)
    assert path.status.converged.all() and path.adjusting == []
    for period in periods:
        single = model.solve(DATED, at=period)

        def same(whole: pd.DataFrame, wanted: pd.DataFrame, period: str = str(period)) -> None:
            part = whole[whole["period"] == period].drop(columns="period").reset_index(drop=True)
            pd.testing.assert_frame_equal(part, wanted, check_categorical=False, check_exact=True)

        assert type(path[period]) is tw.GeneralResult
        for name in ("flows", "prices", "wages", "real_income", "wedges", "closed", "certificate"):
            same(getattr(path, name), getattr(single, name))
        for name, arguments in QUESTIONS.items():
            same(getattr(path, name)(**arguments), getattr(single, name)(**arguments))
        assert path[period].attrs["segments"] == single.attrs["segments"]


def test_a_sweep_answers_what_its_results_answer() -> None:
    model = caliendo_parro()
    sweep = model.sweep({"dated": DATED}, at=2022)
    single = model.solve(DATED, at=2022)
    for found, wanted in (
        (sweep.wages, single.wages),
        (sweep.real_income, single.real_income),
        (sweep.welfare(method="cp2015"), single.welfare(method="cp2015")),
    ):
        pd.testing.assert_frame_equal(found.drop(columns="scenario"), wanted, check_categorical=False, check_exact=True)
    with pytest.raises(AttributeError, match="GeneralResult has it"):
        _ = tw.Armington(flows(), period=2021, substitution=5, demand=-0.5, supply=1).sweep([DATED], at=2022).wages


def test_a_period_without_equilibrium_is_recorded() -> None:
    model = caliendo_parro(deficits="additive")
    month = {"start": "2022-06-01", "end": "2022-06-30"}
    cut = tw.Scenario("cut", [tw.Ban(exporters="RUS", **month), tw.Ban(importers="RUS", **month)])
    path = model.path(cut, [2022, 2023])
    assert path.status.converged.to_list() == [False, True]
    assert "RUS is cut off" in path.status.reason[0]
    assert set(path.wages.period) == {"2023"}
    with pytest.raises(tw.InfeasibleError, match="period 2022: RUS is cut off"):
        model.path(cut, [2022, 2023], on_failure="raise")


@pytest.mark.parametrize("kind", ["thread", "process"])
def test_an_executor_gives_the_same_bits(kind: str) -> None:
    model = gravity()
    pool: Any = ThreadPoolExecutor(1) if kind == "thread" else ProcessPoolExecutor(1, get_context("spawn"))
    with pool:
        there = model.path(DATED, [2021, 2022, 2023], executor=pool)
    here = model.path(DATED, [2021, 2022, 2023])
    again = pickle.loads(pickle.dumps(here))
    for other in (there, again):
        pd.testing.assert_frame_equal(other.flows, here.flows, check_exact=True)
        pd.testing.assert_frame_equal(other.wages, here.wages, check_exact=True)


def test_it_shows_itself() -> None:
    path = gravity().path(DATED, [2021, 2022, 2023])
    assert "Path" in repr(path) and "2023" in path._repr_html_()
    assert list(path.measures.columns) == ["measure", "announced", "start", "end", "period", "in_force"]
    assert set(path.wages.country) == set(COUNTRIES)


def test_what_is_no_path_is_refused() -> None:
    with pytest.raises(tw.ScenarioError, match="2022"):
        gravity().path(DATED, [2021, 2023])
    with pytest.raises(tw.ModelError, match="does not take"):
        gravity().path(tw.Scenario("x", [tw.Shift(exporters="RUS", supply=0.9)]), [2021, 2022])


@pytest.mark.parametrize("given", [tw.adjusting(2, 6, half_life=3), {"goods": tw.adjusting(2, 6, half_life=3)}])
def test_a_trade_elasticity_does_not_adjust(given: Any) -> None:
    with pytest.raises(tw.ModelError, match="trade_elasticity does not adjust: give one number a sector"):
        tw.Gravity(flows(), period=2021, trade_elasticity=given)
