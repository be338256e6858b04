"""Draws in general equilibrium: plain solves with other elasticities and sizes, the same bits everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from general_small import flows, small
from sampling import assert_same

import tradewinds as tw
from tradewinds.evidence import sample as sampling_module

pytest.importorskip("scipy", reason="scipy, of the extra 'uncertainty', is not installed")

INCOME = tw.ask("real_income")
ASKED = [INCOME, tw.ask("prices"), tw.ask("share_shift", exporter="RUS", away="DEU", toward="CHN"), tw.ask("flows")]
BOTH = {"energy": tw.triangular(5.6, 8, 10.4), "rest": tw.around(4)}


def caliendo_parro(trade_elasticity: Any = None, **changes: Any) -> tw.CaliendoParro:
    theta = BOTH if trade_elasticity is None else trade_elasticity
    return tw.CaliendoParro(small(), trade_elasticity=theta, **{"deficits": "additive", "period": 2021, **changes})


def gravity(trade_elasticity: Any = None) -> tw.Gravity:
    theta = tw.triangular(2.8, 4, 5.2) if trade_elasticity is None else trade_elasticity
    return tw.Gravity(flows(), period=2021, trade_elasticity=theta)


def scenario(coverage: Any = None, rate: Any = None) -> tw.Scenario:
    coverage = tw.uniform(0.5, 0.9) if coverage is None else coverage
    rate = tw.triangular(0.1, 0.2, 0.4) if rate is None else rate
    ban = tw.Ban(exporters="RUS", importers="DEU", coverage=coverage, name="ban")
    return tw.Scenario("both", [ban, tw.Tariff(exporters="CHN", importers="DEU", rate=rate, name="duty")])


def assert_answers(ensemble: Any, result: tw.GeneralResult, ask: Any, exact: bool, **keys: Any) -> None:
    answered = ask(ensemble)
    own = answered[np.logical_and.reduce([answered[key] == value for key, value in keys.items()])]
    own = own.drop(columns=list(keys)).reset_index(drop=True)
    # Both baselines are equilibria to 1e-12 in logs; percent and a few numbers of 100 amplify that.
    tolerance = {"check_exact": True} if exact else {"rtol": 1e-9, "atol": 1e-9}
    pd.testing.assert_frame_equal(own, ask(result), check_categorical=False, **tolerance)


@pytest.fixture
def all_threads() -> Iterator[None]:
    before = tw.threads()
    yield
    tw.threads(before)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling_module, "_LARGEST_CHUNK", 23)


@pytest.mark.parametrize("deficits", ["additive", "zero"])
def test_zero_width_is_the_plain_solve(deficits: str) -> None:
    sure = caliendo_parro({"energy": tw.triangular(8, 8, 8), "rest": tw.around(4, 0)}, deficits=deficits)
    plain = caliendo_parro({"energy": 8, "rest": 4}, deficits=deficits).solve(scenario(0.7, 0.2))
    ensemble = sure.sample(scenario(tw.uniform(0.7, 0.7), tw.triangular(0.2, 0.2, 0.2)), 5, ask=ASKED)
    for question in ASKED:
        for quantile in ensemble.orders:
            assert_answers(ensemble, plain, question, exact=True, quantile=quantile)


@pytest.mark.parametrize("deficits", ["additive", "multiplicative", "zero"])
def test_a_draw_is_the_solve_with_its_values(deficits: str) -> None:
    model = caliendo_parro(deficits=deficits)
    # Only without deficits is the baseline another one at other elasticities: it is solved as that of a new model.
    assert (model.rebalanced > 1e-3) == (deficits == "zero")
    ensemble = model.sample(scenario(), 6, ask=ASKED, seed=3)
    assert ensemble.status.converged.all()
    for draw, values in ensemble.values.set_index("draw").iterrows():
        theta = {name: values[f"trade_elasticity ({name})"] for name in BOTH}
        own = scenario(values["coverage (ban)"], values["rate (duty)"])
        plain = caliendo_parro(theta, deficits=deficits).solve(own)
        for question in ASKED:
            assert_answers(ensemble.draws, plain, question, exact=deficits == "zero", draw=draw)


def test_one_distribution_moves_all_sectors_and_one_among_numbers_its_own() -> None:
    whole = caliendo_parro(tw.triangular(3, 5, 7)).sample(scenario(0.7, 0.2), 4, ask=INCOME)
    assert list(whole.values.columns) == ["draw", "trade_elasticity"]
    mixed = caliendo_parro([tw.triangular(3, 5, 7), 5]).sample(scenario(0.7, 0.2), 4, ask=INCOME)
    assert list(mixed.values.columns) == ["draw", "trade_elasticity (energy)"]
    for ensemble, of in ((whole, lambda theta: theta), (mixed, lambda theta: [theta, 5])):
        for draw, theta in enumerate(ensemble.values.iloc[:, 1]):
            plain = caliendo_parro(of(theta)).solve(scenario(0.7, 0.2))
            assert_answers(ensemble.draws, plain, INCOME, exact=False, draw=draw)


def test_elasticities_of_substitution_are_drawn() -> None:
    nests = {"value_added": tw.uniform(0.2, 0.6), "inputs": 0.1}
    model = caliendo_parro(4, between_inputs=nests, between_goods=tw.triangular(0.5, 0.8, 1.2))
    ensemble = model.sample(scenario(0.7, 0.2), 4, ask=INCOME)
    for draw, values in ensemble.values.set_index("draw").iterrows():
        own = {"value_added": values["between_inputs (value_added)"], "inputs": 0.1}
        plain = caliendo_parro(4, between_inputs=own, between_goods=values["between_goods"])
        assert_answers(ensemble.draws, plain.solve(scenario(0.7, 0.2)), INCOME, exact=False, draw=draw)
    both = caliendo_parro(4, between_inputs=tw.uniform(0.2, 0.6)).sample(scenario(0.7, 0.2), 2, ask=INCOME)
    for draw, value in enumerate(both.values["between_inputs"]):
        plain = caliendo_parro(4, between_inputs=value).solve(scenario(0.7, 0.2))
        assert_answers(both.draws, plain, INCOME, exact=False, draw=draw)


@pytest.mark.parametrize("threads", [1, 2, 4, 7])
@pytest.mark.usefixtures("all_threads", "small_chunks")
def test_same_bits_on_any_number_of_threads(threads: int) -> None:
    tw.threads(1)
    expected = gravity().sample(scenario(), 100, ask=ASKED, seed=9)
    tw.threads(threads)
    assert_same(gravity().sample(scenario(), 100, ask=ASKED, seed=9), expected)


@pytest.mark.parametrize("kind", ["thread", "process"])
@pytest.mark.parametrize("deficits", ["additive", "zero"])
@pytest.mark.usefixtures("small_chunks")
def test_same_bits_on_any_executor(kind: str, deficits: str) -> None:
    model = caliendo_parro(deficits=deficits)
    pool: Any = ThreadPoolExecutor(2) if kind == "thread" else ProcessPoolExecutor(2, get_context("spawn"))
    with pool:
        there = model.sample(scenario(), 60, ask=ASKED, executor=pool)
    assert_same(there, model.sample(scenario(), 60, ask=ASKED))


@pytest.mark.usefixtures("small_chunks")
def test_a_checkpoint_goes_on_where_it_was_and_knows_its_model(tmp_path: Path) -> None:
    expected = gravity().sample(scenario(), 70, ask=ASKED)
    assert_same(gravity().sample(scenario(), 70, ask=ASKED, checkpoint=tmp_path), expected)
    sorted(tmp_path.glob("chunk-*.npz"))[1].unlink()
    assert_same(gravity().sample(scenario(), 70, ask=ASKED, checkpoint=tmp_path), expected)
    with pytest.raises(tw.ModelError, match="of another run: model, inputs differ"):
        gravity(tw.triangular(2.8, 4.1, 5.2)).sample(scenario(), 70, ask=ASKED, checkpoint=tmp_path)
    with pytest.raises(tw.ModelError, match="of another run: model differ"):
        gravity().sample(scenario(), 70, ask=ASKED, checkpoint=tmp_path, at=2022)
    other = tw.Gravity(flows(), period=2021, trade_elasticity=tw.triangular(2.8, 4, 5.2), deficits="multiplicative")
    with pytest.raises(tw.ModelError, match="of another run: model differ"):
        other.sample(scenario(), 70, ask=ASKED, checkpoint=tmp_path)


def test_what_drives_the_answer() -> None:
    model = gravity()
    ensemble = model.sample(scenario(), 64, ask=INCOME, method="saltelli")
    indices = ensemble.sobol(column="real_income").query("country == 'DEU'").set_index("input")
    assert set(indices.index) == {"trade_elasticity", "coverage (ban)", "rate (duty)"}
    # Of a smooth answer; estimates of 64 base points stray beyond 1 by a few hundredths.
    assert indices.total.between(0, 1.1).all() and indices.total.max() > 0.1
    swings = ensemble.tornado(column="real_income").query("country == 'DEU'").set_index("input")
    for end in ("low", "high"):
        theta = swings.loc["trade_elasticity", end]
        plain = gravity(theta).solve(scenario(0.7, 0.2)).real_income.set_index("country").real_income
        # As in `assert_answers`.
        assert swings.loc["trade_elasticity", f"at_{end}"] == pytest.approx(plain["DEU"], abs=1e-9)


def test_a_grid_is_solved() -> None:
    model = caliendo_parro()
    made = tw.grid(scenario(0.7, 0.2), {"ban.coverage": [0.5, 1.0], "duty.rate": [0.1, 0.3]})
    sweep = model.sweep(made)
    assert sweep.status.converged.all()
    for name, one in made.items():
        own = sweep.real_income[sweep.real_income.scenario == name].real_income.to_list()
        assert own == model.solve(one).real_income.real_income.to_list()


def test_draws_without_equilibrium_are_counted() -> None:
    # From a coverage of 1 on Russia neither sells nor buys, with a deficit that nobody pays.
    cut = [
        tw.Ban(exporters="RUS", name="exports"),
        tw.Ban(importers="RUS", coverage=tw.empirical([0.5, 0.9, 1.0]), name="imports"),
    ]
    ensemble = caliendo_parro(4).sample(tw.Scenario("cut", cut), 30, ask=INCOME, method="random")
    assert 0 < ensemble.failed < 30
    failed = ensemble.status.query("not converged")
    assert failed.reason.str.contains("RUS").all()
    full = ensemble.values["coverage (imports)"] == 1.0
    assert full[failed.draw].all()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"trade_elasticity": tw.uniform(-1, 3)}, r"trade_elasticity is uniform\(-1, 3\), of which 0.25 lies outside"),
        (
            {"trade_elasticity": {"energy": tw.normal(4, 4), "rest": 4}},
            r"\(energy\) is normal.* of which 0.16 lies",
        ),
        ({"trade_elasticity": [4, tw.normal(-3, 1)]}, r"\(rest\) is normal.* of which 1 lies"),
        ({"trade_elasticity": 4, "between_goods": tw.uniform(-0.5, 0.5)}, "between_goods is .* of which 0.5 lies"),
    ],
)
def test_ranges_are_held_before_the_first_draw(given: dict[str, Any], message: str) -> None:
    with pytest.raises(tw.DataError, match=message):
        tw.CaliendoParro(small(), **given)


def test_what_can_not_be_asked() -> None:
    with pytest.raises(tw.ModelError, match="nothing is uncertain"):
        caliendo_parro(4).sample(scenario(0.7, 0.2), 4, ask=INCOME)
    with pytest.raises(tw.ModelError, match="rows of 'wages' depend on the measures"):
        caliendo_parro().sample(scenario(), 4, ask=tw.ask("wages"))
    market = tw.Armington(flows(), period=2021, substitution=tw.around(5), demand=-0.5, supply=1)
    with pytest.raises(tw.ModelError, match="no incomes; CaliendoParro and Gravity answer 'real_income'"):
        market.sample(scenario(), 4, ask=INCOME)


@pytest.mark.parametrize("make", [caliendo_parro, gravity])
def test_draws_of_paths_are_draws_at_each_period(make: Any) -> None:
    ban = tw.Ban(exporters="RUS", importers="DEU", coverage=tw.uniform(0.5, 0.9), name="ban", start="2022-06-05")
    dated = tw.Scenario("dated", [ban])
    over = make().sample(dated, 6, ask=ASKED, periods=[2022, 2023], seed=4)
    # Nothing adjusts: each period of a draw is its draw at that period, bit for bit.
    for period in (2022, 2023):
        at = make().sample(dated, 6, ask=ASKED, at=period, seed=4)
        for question in ASKED:
            whole = question(over)
            own = whole[whole["period"] == str(period)].drop(columns="period").reset_index(drop=True)
            pd.testing.assert_frame_equal(own, question(at), check_categorical=False, check_exact=True)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        assert_same(make().sample(dated, 6, ask=ASKED, periods=[2022, 2023], seed=4, executor=executor), over)
