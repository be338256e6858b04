"""Ensembles against numpy, plain solves and analytic indices."""

from __future__ import annotations

import itertools
import math
from typing import Any

import market
import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pytest
from sampling import ASKED, SHIFT, assert_same, model, scenario
from uncertain_models import MODELS, ends
from uncertain_models import scenario as uncertain_scenario

import tradewinds as tw
from tradewinds import _core
from tradewinds.evidence.cells import laid_out
from tradewinds.evidence.sample import collect
from tradewinds.run.batch import Outcome
from tradewinds.run.plan import Input, Plan

pytest.importorskip("scipy", reason="scipy, of the extra 'uncertainty', is not installed")

RUS = {"exporter": "RUS", "away": "DEU", "toward": "CHN"}


def test_zero_width_is_the_plain_solve() -> None:
    sure = model(substitution=tw.triangular(5, 5, 5), demand=tw.uniform(-0.4, -0.4), supply=tw.normal(0.3, 0))
    ensemble = sure.sample(scenario(tw.beta(2, 3, low=0.7, high=0.7)), 5, ask=ASKED)
    plain = market.model().solve(scenario(0.7))
    for question in ASKED:
        answer = question(plain)
        for _, quantile in question(ensemble).groupby("quantile"):
            own = quantile.drop(columns="quantile").reset_index(drop=True)
            pd.testing.assert_frame_equal(own, answer, check_exact=True)


def test_a_draw_is_the_solve_with_its_values() -> None:
    ensemble = model().sample(scenario(), 6, ask=ASKED, seed=3)
    drawn = ensemble.draws.share_shift(**RUS)
    for number, values in ensemble.values.set_index("draw").iterrows():
        plain = tw.Armington(
            market.flows(),
            period=2021,
            substitution=values["substitution"],
            demand={"crude": values["demand (crude)"], "coal": -0.4},
            supply=values["supply"],
        ).solve(scenario(values["coverage (ban)"]))
        own = drawn[drawn["draw"] == number].drop(columns="draw").reset_index(drop=True)
        pd.testing.assert_frame_equal(own, SHIFT(plain), check_exact=True)


@pytest.mark.parametrize("method", ["sobol", "random"])
def test_a_draw_follows_from_seed_and_number(method: Any) -> None:
    few, many = (model().sample(scenario(), draws, ask=SHIFT, seed=5, method=method) for draws in (7, 40))
    pd.testing.assert_frame_equal(few.values, many.values.head(7), check_exact=True)
    other = model().sample(scenario(), 7, ask=SHIFT, seed=6, method=method)
    assert (other.values.iloc[:, 1:] != few.values.iloc[:, 1:]).all(axis=None)


@pytest.mark.parametrize("method", ["sobol", "random", "saltelli"])
def test_blocks_do_not_depend_on_where_they_are_cut(method: Any) -> None:
    inputs = tuple(Input(name, tw.uniform(0, 1), name) for name in "abcde")
    plan = Plan(inputs, 20, 1, method)
    whole = next(plan.blocks([(0, plan.rows)]))
    cuts = [0, 3, 4, 11, plan.rows]
    parts = list(plan.blocks(list(itertools.pairwise(cuts))))
    np.testing.assert_array_equal(np.vstack(parts), whole)
    np.testing.assert_array_equal(next(plan.blocks([(5, 9)])), whole[5:9])
    assert ((whole > 0) & (whole < 1)).all()


def test_inputs_have_their_distributions() -> None:
    values = model().sample(scenario(), 1024, ask=SHIFT).values
    # Of 1,024 points of a Sobol' sequence in each of 1,024 equal strata lies one.
    for name, given in (("substitution", tw.triangular(3, 5, 8)), ("supply", tw.around(0.3))):
        orders = (np.arange(1024) + 0.5) / 1024
        below = np.array([given.share_below(value) for value in np.sort(values[name])])
        assert np.abs(below - orders).max() <= 0.5 / 1024 + 1e-12


def test_kept_quantiles_are_those_of_numpy() -> None:
    ensemble = model().sample(scenario(), 333, ask=ASKED).at(0, 0.1, 0.5, 0.77, 1)
    assert ensemble.error == 0
    for question in ASKED:
        drawn, found = question(ensemble.draws), question(ensemble)
        keys = [name for name in drawn.columns if drawn[name].dtype != float and name != "draw"]
        for name in drawn.select_dtypes(float).columns:
            wide = drawn.pivot_table(index="draw", columns=keys, values=name, observed=True, dropna=False)
            expected = np.quantile(wide.to_numpy(), ensemble.orders, axis=0)
            got = found.pivot_table(index="quantile", columns=keys, values=name, observed=True, dropna=False)
            np.testing.assert_array_equal(got[wide.columns].to_numpy(), expected)


@pytest.mark.parametrize("order", ["as drawn", "ascending", "few values"])
def test_a_sketch_is_within_its_stated_error(order: str) -> None:
    draws = 60_000
    numbers = np.random.default_rng(4).normal(size=(draws, 12))
    numbers = np.sort(numbers, axis=0) if order == "ascending" else numbers
    numbers = np.round(numbers * 2) if order == "few values" else numbers
    sketches = _core.Sketches(12)
    for block in np.array_split(numbers, 17):
        sketches.add(block)
    orders = [0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999]
    found = sketches.quantiles(orders)
    # The bound may be exceeded by one rank in a hundred; of these 84, fixed by the seed, none does.
    assert 0 < sketches.error < 0.006
    for cell in range(12):
        for order_, value in zip(orders, found[:, cell], strict=True):
            below, upto = (numbers[:, cell] < value).mean(), (numbers[:, cell] <= value).mean()
            assert below - sketches.error <= order_ <= upto + sketches.error
    np.testing.assert_array_equal(sketches.quantiles([0, 1]), [numbers.min(axis=0), numbers.max(axis=0)])


def test_sketches_do_not_depend_on_blocks_and_do_not_grow() -> None:
    numbers = np.random.default_rng(0).normal(size=(200_000, 1))
    whole, parts = _core.Sketches(1), _core.Sketches(1)
    held = []
    for block in np.array_split(numbers, 40):
        whole.add(block)
        held.append(whole.held)
    for block in np.array_split(numbers, 999):
        parts.add(block)
    orders = np.linspace(0, 1, 101).tolist()
    np.testing.assert_array_equal(whole.quantiles(orders), parts.quantiles(orders))
    # Levels of 1,024 × (2/3)^h values: below 3,072, and 8 in each of the lowest.
    assert max(held) < 3072 + 8 * 10


def test_missing_numbers_are_passed_over_and_infinite_ones_are_not() -> None:
    sketches = _core.Sketches(3)
    sketches.add(np.array([[1.0, np.nan, np.inf], [np.nan, np.nan, np.inf], [3.0, np.nan, 1.0]]))
    np.testing.assert_array_equal(sketches.quantiles([0.5]), [[2.0, np.nan, np.inf]])


def test_quantiles_without_kept_draws() -> None:
    kept = model().sample(scenario(), 3000, ask=SHIFT)
    streamed = model().sample(scenario(), 3000, ask=SHIFT, keep=False)
    column = kept.draws.share_shift(**RUS).query("commodity == 'crude'")["toward_shift"].to_numpy()
    found = streamed.share_shift(**RUS).query("commodity == 'crude'")["toward_shift"].to_numpy()
    for order, value in zip(streamed.orders, found, strict=True):
        assert (column < value).mean() - streamed.error <= order <= (column <= value).mean() + streamed.error
    with pytest.raises(tw.ModelError, match="draws were not kept"):
        streamed.draws.share_shift(**RUS)
    assert f"order within {streamed.error:.2%}" in repr(streamed)


def test_few_draws_are_exact_without_being_kept() -> None:
    kept, streamed = (model().sample(scenario(), 100, ask=SHIFT, keep=keep) for keep in (True, False))
    pd.testing.assert_frame_equal(kept.share_shift(**RUS), streamed.share_shift(**RUS), check_exact=True)


def test_draws_that_fail_are_counted_and_shown() -> None:
    # Two cuts that add up to the whole value at the border or more are no duty.
    cuts = [tw.Tariff(exporters="RUS", importers="DEU", rate=tw.uniform(-0.7, 0), name=name) for name in "ab"]
    both = tw.Scenario("two", cuts)
    ensemble = market.model().sample(both, 200, ask=SHIFT, seed=1)
    values = ensemble.values
    impossible = values["rate (a)"] + values["rate (b)"] <= -1
    assert 0 < impossible.sum() == ensemble.failed < 200
    status = ensemble.status
    np.testing.assert_array_equal(status["converged"], ~impossible)
    assert status.loc[impossible, "reason"].str.len().min() > 10
    assert len(ensemble.draws.share_shift(**RUS)) == 2 * (200 - ensemble.failed)
    assert f"{ensemble.failed} FAILED" in repr(ensemble)
    assert "#b3261e" in ensemble._repr_html_()
    assert ensemble.share_shift(**RUS).attrs["ensemble"]["failed"] == ensemble.failed
    with pytest.raises(tw.TradewindsError, match=r"draw \d+ has no solution: .*rate \(a\) = -0\.\d+"):
        market.model().sample(both, 200, ask=SHIFT, seed=1, on_failure="raise")


class Ishigami:
    """f = sin a + 7 sin² b + 0.1 c⁴ sin a, as an answer of one row."""

    central = market.model().solve(tw.Scenario("none", []))
    periods = ()

    def __call__(self, values: npt.NDArray[np.float64]) -> Outcome:
        a, b, c = values.T
        answers = (np.sin(a) + 7 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a))[:, None]
        shape = (len(values), 1)
        return Outcome(answers, np.ones(shape, bool), np.ones(shape, np.uint32), np.zeros(shape), [])

    def cells(self) -> Any:
        answer = {"commodity": ["crude"], "value": np.zeros(1)}, {"value": "1"}
        return laid_out([(tw.ask("prices"), answer)])


def test_indices_of_the_ishigami_function() -> None:
    pytest.importorskip("SALib", reason="SALib, of the extra 'uncertainty', is not installed")
    inputs = tuple(Input(name, tw.uniform(-math.pi, math.pi), name) for name in "abc")
    ensemble = collect(Ishigami(), Plan(inputs, 4096, 0, "saltelli"))
    found = ensemble.sobol().set_index("input")
    # Ishigami & Homma (1990): with a = 7, b = 0.1.
    variance_b, variance_ac = 7**2 / 8, 8 * 0.1**2 * math.pi**8 / 225
    variance_a = 0.5 * (1 + 0.1 * math.pi**4 / 5) ** 2
    variance = variance_a + variance_b + variance_ac
    first = np.array([variance_a, variance_b, 0]) / variance
    total = np.array([variance_a + variance_ac, variance_b, variance_ac]) / variance
    # Of 4,096 scrambled points the estimators miss by less than 0.01 (their own intervals are about 0.03).
    np.testing.assert_allclose(found["first_order"], first, atol=0.01)
    np.testing.assert_allclose(found["total"], total, atol=0.01)
    assert (np.abs(found["first_order"] - first) <= found["first_order_interval"] + 0.01).all()


def test_sobol_says_what_it_needs() -> None:
    with pytest.raises(tw.ModelError, match="method='saltelli'"):
        model().sample(scenario(), 4, ask=SHIFT).sobol()
    ensemble = model().sample(scenario(), 64, ask=SHIFT, method="saltelli")
    assert len(ensemble) == 64 * 6
    found = ensemble.sobol(column="away_shift")
    assert found.columns.tolist()[:4] == ["commodity", "basis", "answer", "input"]
    # Intervals are resampled, and the same again with the same seed.
    pd.testing.assert_frame_equal(ensemble.sobol(column="away_shift"), found, check_exact=True)
    crude = found[found["commodity"] == "crude"].set_index("input")["total"]
    assert crude.idxmax() == "coverage (ban)"
    constant = ensemble.sobol(column="away_before")
    assert constant["total"].isna().all()
    with pytest.raises(tw.ModelError, match="has no column of numbers 'shift'; it has away_before"):
        ensemble.sobol(column="shift")
    with pytest.raises(tw.ModelError, match="independent"):
        model().sample(scenario(), 4, ask=SHIFT, method="saltelli", correlation=np.eye(4))
    for level in (1.5, 0, "95 %"):
        with pytest.raises(tw.ModelError, match=f"confidence is {level!r}; expected a level between 0 and 1"):
            model().sample(scenario(), 4, ask=SHIFT, method="saltelli").sobol(confidence=level)


def test_a_tornado_is_two_solves_an_input() -> None:
    ensemble = model().sample(scenario(), 4, ask=ASKED)
    found = ensemble.tornado(SHIFT, column="toward_shift", low=0.1, high=0.9)
    crude = found[found["commodity"] == "crude"].set_index("input")
    assert crude["swing"].is_monotonic_decreasing
    sigma = tw.triangular(3, 5, 8)
    for side, order in (("low", 0.1), ("high", 0.9)):
        value = float(sigma.quantile(order))
        assert crude.loc["substitution", side] == value
        plain = model(substitution=value).solve(scenario())
        expected = SHIFT(plain).set_index("commodity").loc["crude", "toward_shift"]
        assert crude.loc["substitution", f"at_{side}"] == expected
    with pytest.raises(tw.ModelError, match="expected orders"):
        ensemble.tornado(low=0.9, high=0.1)


def test_questions_are_found_by_any_name_of_their_countries() -> None:
    asked = [tw.ask("revenue", exporter="Russia"), tw.ask("share_shift", exporter="RUS", away="EU", toward="CHN")]
    grouped = tw.Scenario("ban", scenario().measures, {"EU": ["DEU", "POL"]})
    ensemble = model().sample(grouped, 8, ask=asked)
    pd.testing.assert_frame_equal(ensemble.revenue(exporter="RUS"), asked[0](ensemble))
    pd.testing.assert_frame_equal(ensemble.draws.revenue(exporter=["RUS"]), asked[0](ensemble.draws))
    shift = ensemble.share_shift(exporter="RUS", away=["POL", "DEU"], toward="China")
    pd.testing.assert_frame_equal(shift, asked[1](ensemble))
    for other in (tw.ask("revenue", exporter="SAU"), tw.ask("revenue", exporter="RUS", reference="SAU")):
        with pytest.raises(tw.ModelError, match="was not asked"):
            other(ensemble)


@pytest.mark.parametrize("kind", MODELS)
def test_every_model_knows_the_countries_of_a_question(kind: str) -> None:
    uncertain = MODELS[kind]()
    seller, buyer = ends(uncertain)
    ensemble = uncertain.sample(uncertain_scenario(uncertain), 4, ask=tw.ask("destinations", exporter=seller))
    same = ensemble.destinations(exporter=[seller, f"!{buyer}"])
    pd.testing.assert_frame_equal(same, ensemble.destinations(exporter=seller))
    with pytest.raises(tw.ModelError, match="was not asked"):
        ensemble.destinations(exporter=buyer)


def test_correlated_inputs() -> None:
    pair = ("substitution", "supply")
    ensemble = model().sample(scenario(), 4096, ask=SHIFT, correlation={pair: 0.8})
    free = model().sample(scenario(), 4096, ask=SHIFT)
    ranks = ensemble.values.rank()
    # A Gaussian copula of ρ has Spearman's 6/π asin(ρ/2); Sobol' points of this size are within 0.01.
    expected = 6 / math.pi * math.asin(0.4)
    assert ranks[list(pair)].corr().iloc[0, 1] == pytest.approx(expected, abs=0.01)
    assert ranks[["demand (crude)", "supply"]].corr().iloc[0, 1] == pytest.approx(0, abs=0.02)
    # Those that are not correlated are drawn as before.
    for name in ("demand (crude)", "coverage (ban)"):
        np.testing.assert_array_equal(ensemble.values[name], free.values[name])
    names = ensemble.inputs["input"].tolist()
    frame = pd.DataFrame(np.eye(4), index=names, columns=names)
    frame.loc[pair[0], pair[1]] = frame.loc[pair[1], pair[0]] = 0.8
    assert_same(ensemble, model().sample(scenario(), 4096, ask=SHIFT, correlation=frame))
    together = model().sample(scenario(), 64, ask=SHIFT, correlation={pair: 1.0}).values
    # Rank 1: the same order, but for rounding of the root of a singular matrix.
    assert together[list(pair)].corr("spearman").iloc[0, 1] > 0.999


@pytest.mark.parametrize(
    ("correlation", "says"),
    [
        (
            np.array([[1, 0.9, -0.9, 0], [0.9, 1, 0.9, 0], [-0.9, 0.9, 1, 0], [0, 0, 0, 1.0]]),
            "not positive semidefinite",
        ),
        (np.eye(3), r"has the shape \(3, 3\)"),
        (np.eye(4) * 2, "no correlation matrix"),
        ({("substitution", "suply"): 0.5}, "Did you mean 'supply'"),
        ({"substitution": 0.5}, "expected pairs"),
        ({("substitution", "supply"): 1.5}, "expected −1 to 1"),
    ],
)
def test_correlations_that_are_none(correlation: Any, says: str) -> None:
    with pytest.raises(tw.ModelError, match=says):
        model().sample(scenario(), 4, ask=SHIFT, correlation=correlation)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"draws": 0}, "draws is 0"),
        ({"draws": -3}, "draws is -3"),
        ({"draws": 2.5}, "draws is 2.5"),
        ({"draws": True}, "draws is True"),
        ({"seed": -1}, "seed is -1"),
        ({"method": "lhs"}, "method is 'lhs'"),
        ({"ask": []}, "nothing is asked"),
        ({"ask": tw.ask("wedges")}, "depend on the measures"),
        ({"ask": "share_shift"}, "question is a str"),
        ({"keep": 3}, "keep is 3"),
        ({"on_failure": "stop"}, "on_failure is 'stop'"),
        ({"executor": 4}, "executor is a int"),
        ({"order": 2}, "order is 2"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(tw.ModelError, match=says):
        model().sample(scenario(), **{"draws": 4, "ask": SHIFT, **arguments})


def test_an_answer_without_numbers_can_not_be_drawn() -> None:
    frame = market.flows().to_frame()
    frame["exporter"] = frame["exporter"].astype(str)
    only = tw.Flows.from_frame(frame[frame["exporter"] == "RUS"])
    sells_nothing = tw.Armington(only, period=2021, substitution=tw.uniform(3, 5), demand=-0.4, supply=0.3)
    with pytest.raises(tw.ModelError, match="the answers have no numbers"):
        sells_nothing.sample(scenario(0.5), 4, ask=tw.ask("destinations", exporter="DEU"))


def test_bad_scenarios_are_those_of_solve() -> None:
    with pytest.raises(tw.ModelError, match="nothing is uncertain"):
        market.model().sample(scenario(0.5), 4, ask=SHIFT)
    with pytest.raises(tw.ScenarioError, match="scenario is a str"):
        model().sample("ban", 4, ask=SHIFT)  # type: ignore[arg-type]
    with pytest.raises(tw.ScenarioError, match="XXX"):
        model().sample(tw.Scenario("x", [tw.Ban(exporters="XXX")]), 4, ask=SHIFT)
    with pytest.raises(tw.ScenarioError, match="ZZZ"):
        model().sample(scenario(), 4, ask=tw.ask("shares", exporter="ZZZ"))


def test_an_ensemble_answers_what_it_was_asked() -> None:
    ensemble = model().sample(scenario(), 16, ask=ASKED, seed=2)
    frame = ensemble.prices
    assert frame.columns.tolist() == ["quantile", *ensemble.central.prices.columns]
    assert frame["quantile"].unique().tolist() == list(ensemble.orders)
    assert ensemble.at(0.5).prices["quantile"].unique().tolist() == [0.5]
    assert SHIFT(ensemble).equals(ensemble.share_shift("RUS", "DEU", "CHN"))
    with pytest.raises(tw.ModelError, match=r"ask\('shares', exporter='RUS'\) was not asked .* ask\('share_shift'"):
        ensemble.shares("RUS")
    with pytest.raises(tw.ModelError, match="between 0 and 1"):
        ensemble.at(5)
    inputs = ensemble.inputs.set_index("input")
    assert inputs.loc["supply", "distribution"] == "triangular(0.21, 0.3, 0.39)"
    assert inputs["central"].tolist() == [5.0, -0.4, pytest.approx(0.3, abs=1e-15), pytest.approx(0.7, abs=1e-15)]
    assert frame.attrs["ensemble"]["inputs"]["supply"] == "triangular(0.21, 0.3, 0.39)"
    assert "uniform(0.5, 0.9)" in " ".join(ensemble.sources()["value"])
    assert "demand (crude): uniform(-0.6, -0.2)" in repr(ensemble)
    assert "<table>" in ensemble._repr_html_()


def test_frames_come_in_the_flows_own_library() -> None:
    flows = tw.Flows.from_frame(pl.from_pandas(market.frame()), quantity_unit="t")
    polars = tw.Armington(flows, period=2021, substitution=tw.triangular(3, 5, 8), demand=-0.4, supply=0.3)
    ensemble = polars.sample(scenario(), 8, ask=ASKED)
    for frame in (ensemble.prices, ensemble.status, ensemble.values, ensemble.draws.prices, ensemble.tornado()):
        assert isinstance(frame, pl.DataFrame)


def test_first_order_and_dates() -> None:
    rates = [tw.Tariff(exporters="RUS", rate=tw.uniform(0, 0.3), start="2022-07-01", name="duty")]
    for how in ({"order": 1}, {"exposure": "average", "at": 2022}, {"at": "2022"}):
        ensemble = model().sample(tw.Scenario("duty", rates), 3, ask=ASKED, **how)
        last = ensemble.values.iloc[-1]
        plain = model(
            substitution=last["substitution"],
            supply=last["supply"],
            demand={"crude": last["demand (crude)"], "coal": -0.4},
        ).solve(tw.Scenario("duty", rates).replace("duty", rate=last["rate (duty)"]), **how)
        drawn = ensemble.draws.prices
        own = drawn[drawn["draw"] == 2].drop(columns="draw").reset_index(drop=True)
        pd.testing.assert_frame_equal(own, plain.prices, check_exact=True)


def test_a_measure_that_is_left_out_is_not_uncertain() -> None:
    cap = tw.PriceCap(exporters="RUS", price=tw.uniform(40, 60), name="cap")
    both = tw.Scenario("both", [*scenario().measures, cap])
    ensemble = model().sample(both, 20, ask=ASKED, unsupported="leave_out")
    assert "price (cap)" not in ensemble.inputs["input"].tolist()
    # A Sobol' sequence of another dimension would be other draws.
    assert_same(ensemble, model().sample(scenario(), 20, ask=ASKED))
    path = model().sample(both, 4, ask=SHIFT, periods=[2022, 2023], unsupported="leave_out")
    assert "price (cap)" not in path.inputs["input"].tolist()
    with pytest.raises(tw.ModelError, match=r"nothing is uncertain but in measures that the model leaves out \(cap\)"):
        market.model().sample(tw.Scenario("cap", [cap]), 20, ask=SHIFT, unsupported="leave_out")


def test_a_seed_has_its_bounds() -> None:
    with pytest.raises(tw.ModelError, match=r"method='random' takes whole numbers below 2\*\*128"):
        model().sample(scenario(), 4, ask=SHIFT, seed=2**128, method="random")
    for method, seed in (("random", 2**128 - 1), ("sobol", 2**200)):
        assert len(model().sample(scenario(), 4, ask=SHIFT, seed=seed, method=method)) == 4  # type: ignore[arg-type]


def test_intervals_of_indices_are_the_same_each_time() -> None:
    pytest.importorskip("SALib", reason="SALib, of the extra 'uncertainty', is not installed")
    for seed in (0, 3):
        ensemble = model().sample(scenario(), 8, ask=SHIFT, seed=seed, method="saltelli")
        pd.testing.assert_frame_equal(ensemble.sobol(), ensemble.sobol(), check_exact=True)
