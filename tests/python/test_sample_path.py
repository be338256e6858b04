"""Draws of whole paths against plain paths, draws at one period, and by hand."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import market
import numpy as np
import pandas as pd
import polars as pl
import pytest
from sampling import ASKED, SHIFT, assert_same, model

import tradewinds as tw
from tradewinds.evidence import sample as sampling_module

pytest.importorskip("scipy", reason="scipy, of the extra 'uncertainty', is not installed")

RUS = {"exporter": "RUS", "away": "DEU", "toward": "CHN"}
YEARS = [2022, 2023, 2024]
HALVES = ["2022Q3", "2022Q4", "2023Q1", "2023Q2"]


def dated(coverage: Any = None) -> tw.Scenario:
    coverage = tw.uniform(0.5, 0.9) if coverage is None else coverage
    ban = tw.Ban(exporters="RUS", importers="DEU", coverage=coverage, name="ban", start="2022-12-05")
    return tw.Scenario("ban", [ban, tw.Tariff(exporters="RUS", importers="POL", rate=0.3, end="2023-06-30")])


def adjusting(**changes: Any) -> tw.Armington:
    """All three elasticities adjust, and each of their parts is uncertain in one of them."""
    given = {
        "substitution": tw.adjusting(tw.triangular(3, 5, 8), 9, half_life=2),
        "demand": {"crude": tw.adjusting(-0.2, tw.uniform(-1, -0.5), half_life=3), "coal": tw.uniform(-0.6, -0.3)},
        "supply": tw.adjusting(0.3, 1.2, half_life=tw.uniform(1, 4)),
    }
    return model(**{**given, **changes})


def spatial(demand: Any, supply: Any) -> tw.Spatial:
    flows = pd.DataFrame(
        {
            "exporter": ["RUS", "RUS", "SAU", "SAU"],
            "importer": ["DEU", "IND", "DEU", "IND"],
            "commodity": "crude",
            "value": [600.0, 240, 330, 700],
            "quantity": [10.0, 4, 5, 11],
        }
    )
    made = tw.Flows.from_frame(flows, quantity="quantity", quantity_unit="t")
    return tw.Spatial(made, period=2021, demand=demand, supply=supply, freight=1.0)


UNCERTAIN_SPATIAL = {
    "demand": tw.adjusting(tw.uniform(-0.3, -0.1), -0.8, half_life=2),
    "supply": tw.adjusting(0.2, tw.uniform(0.5, 1), half_life=tw.uniform(1, 3)),
}


def sure(given: Any, values: dict[str, float], name: str) -> Any:
    """What is typed, with drawn values instead of distributions."""
    if isinstance(given, dict):
        return {key: sure(one, values, f"{name} ({key})") for key, one in given.items()}
    if type(given).__name__ == "Adjusting":
        parts = {"": given.short, "long-run ": given.long, "half-life of ": given.half_life}
        return tw.adjusting(*(sure(one, values, f"{what}{name}") for what, one in parts.items()))
    return values[name] if isinstance(given, tw.Distribution) else given


def assert_equal(one: Any, other: Any) -> None:
    """Frames with a period, which one library of labels may hold otherwise than another."""
    one, other = (frame.astype({"period": str}) for frame in (one, other))
    pd.testing.assert_frame_equal(one, other, check_exact=True)


# special cases


@pytest.mark.parametrize("periods", [YEARS, HALVES])
def test_zero_width_is_the_plain_path(periods: list[Any]) -> None:
    given = {
        "substitution": tw.adjusting(tw.uniform(5, 5), 9, half_life=tw.triangular(2, 2, 2)),
        "demand": tw.adjusting(-0.2, tw.normal(-0.8, 0), half_life=3),
    }
    ensemble = model(supply=0.3, **given).sample(dated(tw.uniform(0.7, 0.7)), 3, ask=ASKED, periods=periods)
    plain = tw.Armington(
        market.flows(), period=2021, supply=0.3, substitution=tw.adjusting(5, 9, 2), demand=tw.adjusting(-0.2, -0.8, 3)
    ).path(dated(0.7), periods)
    for question in ASKED:
        for _, quantile in question(ensemble).groupby("quantile"):
            own = quantile.drop(columns="quantile").reset_index(drop=True)
            assert_equal(own, question(plain))
    one = ensemble.status.query("draw == 2").drop(columns="draw").reset_index(drop=True)
    one["period"] = one["period"].astype(str)
    pd.testing.assert_frame_equal(one, plain.status, check_exact=True)


def test_one_period_where_nothing_adjusts_is_a_sample_at_it() -> None:
    for market_, scenario in ((model(), dated()), (spatial(tw.uniform(-0.3, -0.1), 0.2), crude_ban())):
        asked = [tw.ask("share_shift", **{**RUS, "toward": "IND"}), tw.ask("prices"), tw.ask("flows")]
        over = market_.sample(scenario, 40, ask=asked, periods=["2022Q4"], seed=5)
        at = market_.sample(scenario, 40, ask=asked, at="2022Q4", seed=5)
        assert_same(over, at)
        for question in asked:
            own = question(over).drop(columns="period")
            pd.testing.assert_frame_equal(own, question(at), check_exact=True)


def crude_ban() -> tw.Scenario:
    return tw.Scenario(
        "ban", [tw.Ban(exporters="RUS", importers="DEU", coverage=tw.uniform(0.4, 0.8), name="ban", start="2022-07-01")]
    )


def test_a_draw_is_the_path_with_its_values() -> None:
    ensemble = adjusting().sample(dated(), 5, ask=ASKED, periods=YEARS, seed=3)
    inputs = ["substitution", "demand (coal)", "long-run demand (crude)", "half-life of supply", "coverage (ban)"]
    assert ensemble.inputs["input"].tolist() == inputs
    drawn = ensemble.draws.share_shift(**RUS)
    assert drawn.columns.tolist()[:3] == ["draw", "period", "commodity"]
    for number, values in ensemble.values.set_index("draw").iterrows():
        given = {
            "substitution": tw.adjusting(values["substitution"], 9, half_life=2),
            "demand": {
                "crude": tw.adjusting(-0.2, values["long-run demand (crude)"], half_life=3),
                "coal": values["demand (coal)"],
            },
            "supply": tw.adjusting(0.3, 1.2, half_life=values["half-life of supply"]),
        }
        plain = model(**given).path(dated(values["coverage (ban)"]), YEARS)
        own = drawn[drawn["draw"] == number].drop(columns="draw").reset_index(drop=True)
        assert_equal(own, SHIFT(plain))


def test_a_spatial_draw_is_the_path_with_its_values() -> None:
    ensemble = spatial(**UNCERTAIN_SPATIAL).sample(crude_ban(), 4, ask=tw.ask("prices"), periods=HALVES)
    drawn = ensemble.draws.prices
    for number, values in ensemble.values.set_index("draw").iterrows():
        parts = {name: sure(given, dict(values), name) for name, given in UNCERTAIN_SPATIAL.items()}
        scenario = crude_ban().replace("ban", coverage=values["coverage (ban)"])
        plain = spatial(**parts).path(scenario, HALVES)
        own = drawn[drawn["draw"] == number].drop(columns="draw").reset_index(drop=True)
        assert_equal(own, plain.prices)


def test_what_a_draw_does_not_touch_is_that_of_the_central_path() -> None:
    # Only crude is uncertain: coal has the bits of the central path in every draw, adjusting or not.
    coal = {
        "crude": tw.adjusting(-0.2, tw.uniform(-1, -0.5), half_life=3),
        "coal": tw.adjusting(-0.3, -0.7, half_life=1),
    }
    for demand in (coal, {**coal, "coal": -0.4}):
        market_ = model(substitution=5, supply=0.3, demand=demand)
        ensemble = market_.sample(dated(0.7), 6, ask=SHIFT, periods=YEARS)
        central = SHIFT(ensemble.central).query("commodity == 'coal'").reset_index(drop=True)
        for _, own in ensemble.draws.share_shift(**RUS).query("commodity == 'coal'").groupby("draw"):
            own = own.drop(columns="draw").reset_index(drop=True)
            assert_equal(own, central)


# the same bits


@pytest.fixture(scope="module")
def expected() -> tw.Ensemble:
    return adjusting().sample(dated(), 60, ask=ASKED, periods=HALVES, seed=9)


@pytest.mark.parametrize("threads", [1, 2, 4, 7])
def test_same_bits_on_any_number_of_threads(expected: tw.Ensemble, threads: int) -> None:
    before = tw.threads()
    try:
        tw.threads(threads)
        assert_same(adjusting().sample(dated(), 60, ask=ASKED, periods=HALVES, seed=9), expected)
    finally:
        tw.threads(before)


def test_same_bits_on_a_process_pool_and_after_a_checkpoint(
    expected: tw.Ensemble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling_module, "_LARGEST_CHUNK", 7)
    folder = tmp_path / "kept"
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        given = {"ask": ASKED, "periods": HALVES, "seed": 9, "checkpoint": folder}
        assert_same(adjusting().sample(dated(), 60, executor=executor, **given), expected)
        chunks = sorted(folder.glob("chunk-*.npz"))
        assert len(chunks) == -(-60 // 7)
        chunks[2].unlink()
        chunks[4].write_bytes(chunks[4].read_bytes()[:100])
        assert_same(adjusting().sample(dated(), 60, **given), expected)
    for changes, says in (
        ({"periods": HALVES[:3]}, "periods differ"),
        ({"ask": SHIFT}, "ask differ"),
    ):
        with pytest.raises(tw.ModelError, match=f"of another run: {says}"):
            adjusting().sample(dated(), 60, **{**given, **changes})
    with pytest.raises(tw.ModelError, match="of another run: model, inputs differ"):
        adjusting(supply=tw.adjusting(0.3, 1.3, half_life=2)).sample(dated(), 60, **given)
    with pytest.raises(tw.ModelError, match=r"of another run: .*scenario"):
        adjusting().sample(dated(tw.uniform(0.2, 0.4)), 60, **given)


def test_same_bits_of_spatial_paths() -> None:
    wanted = spatial(**UNCERTAIN_SPATIAL).sample(crude_ban(), 12, ask=tw.ask("prices"), periods=HALVES)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        found = spatial(**UNCERTAIN_SPATIAL).sample(
            crude_ban(), 12, ask=tw.ask("prices"), periods=HALVES, executor=executor
        )
    assert_same(found, wanted)


def test_draws_of_paths_leave_as_a_dataset(expected: tw.Ensemble, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow, of the extra 'files', is not installed")
    ensemble = adjusting().sample(dated(), 60, ask=ASKED, periods=HALVES, seed=9, keep=tmp_path / "draws")
    wanted = expected.draws.share_shift(**RUS)
    found = ensemble.draws.share_shift(**RUS)
    assert found.columns.tolist() == wanted.columns.tolist()
    pd.testing.assert_frame_equal(found, wanted.astype({"period": str, "commodity": str}), check_exact=True)


def test_sketches_hold_every_period(expected: tw.Ensemble) -> None:
    streamed = adjusting().sample(dated(), 60, ask=ASKED, periods=HALVES, seed=9, keep=False)
    # So few draws are exact in a sketch.
    pd.testing.assert_frame_equal(SHIFT(streamed), SHIFT(expected), check_exact=True)


def test_frames_come_back_in_the_library_of_the_flows() -> None:
    flows = tw.Flows.from_frame(pl.from_pandas(market.frame()), quantity_unit="t")
    made = tw.Armington(flows, period=2021, substitution=tw.around(5), demand=-0.4, supply=0.3)
    ensemble = made.sample(dated(0.5), 4, ask=SHIFT, periods=YEARS)
    for answer in (SHIFT(ensemble), ensemble.draws.share_shift(**RUS), ensemble.status):
        assert isinstance(answer, pl.DataFrame)
        assert answer["period"].cast(pl.String).unique(maintain_order=True).to_list() == ["2022", "2023", "2024"]


# what fails


def failing(rate: Any) -> tw.Scenario:
    # Two cuts that add up to the whole value at the border or more are no duty.
    one = tw.Tariff(exporters="RUS", importers="DEU", rate=rate, name="one", start="2023-01-01", end="2023-12-31")
    return tw.Scenario("cut", [one, tw.Tariff(exporters="RUS", importers="DEU", rate=-0.5, name="two")])


def rigid(demand: Any, supply: Any = None) -> tw.Armington:
    flows = pd.DataFrame({"exporter": ["RUS", "SAU", "SAU"], "importer": ["DEU", "DEU", "CHN"], "value": 10.0})
    fixed = pd.DataFrame({"commodity": "crude", "country": ["RUS", "*"], "supply": [0.0, 1.0]})
    made = tw.Flows.from_frame(flows.assign(commodity="crude"))
    return tw.Armington(made, period=2021, substitution=5, demand=demand, supply=fixed if supply is None else supply)


def test_status_says_which_period_failed_and_why() -> None:
    # Germany's demand is fixed in some draws: then nothing clears once only Russia, whose supply is, may sell.
    demand = pd.DataFrame(
        {"commodity": "crude", "country": ["DEU", "*"], "demand": [tw.empirical([-0.5, -0.5, 0.0]), -1.0]}
    )
    cut = [tw.Ban(exporters="SAU", importers="DEU", start="2023-01-01", end="2023-12-31")]
    ensemble = rigid(demand).sample(tw.Scenario("cut", cut), 30, ask=tw.ask("prices"), periods=YEARS)
    fixed = ensemble.values.iloc[:, 1].to_numpy() == 0.0
    assert 0 < fixed.sum() == ensemble.failed < 30
    status = ensemble.status
    assert len(status) == 90
    bad = status.query("not converged")
    assert set(bad["period"]) == {"2023"} and bad["draw"].tolist() == np.flatnonzero(fixed).tolist()
    assert bad["reason"].str.contains("no price level clears").all()
    assert f"{ensemble.failed} FAILED in a period" in repr(ensemble)
    # Quantiles of a period are over the draws that were solved in it.
    drawn = ensemble.draws.prices
    counts = drawn.groupby("period", observed=True)["draw"].nunique()
    assert counts.to_dict() == {"2022": 30, "2023": 30 - ensemble.failed, "2024": 30}
    row = drawn.query("period == '2023' and country == 'RUS'")["producer_price"]
    found = ensemble.prices.query("period == '2023' and country == 'RUS'")["producer_price"]
    np.testing.assert_array_equal(found, np.quantile(row, ensemble.orders))
    with pytest.raises(tw.TradewindsError, match=r"draw \d+ has no solution in 2023: .*no price level clears"):
        rigid(demand).sample(tw.Scenario("cut", cut), 30, ask=tw.ask("prices"), periods=YEARS, on_failure="raise")


def test_curves_that_adjust_do_not_go_on_from_a_failure() -> None:
    demand = pd.DataFrame(
        {"commodity": "crude", "country": ["DEU", "*"], "demand": [tw.empirical([-0.5, -0.5, 0.0]), -1.0]}
    )
    supply = pd.DataFrame(
        {"commodity": "crude", "country": ["RUS", "*"], "supply": [0.0, tw.adjusting(1.0, 2.0, half_life=1)]}
    )
    cut = [tw.Ban(exporters="SAU", importers="DEU", start="2023-01-01", end="2023-12-31")]
    ensemble = rigid(demand, supply).sample(tw.Scenario("cut", cut), 30, ask=tw.ask("prices"), periods=YEARS)
    bad = ensemble.status.query("not converged")
    assert bad["period"].astype(str).tolist() == ["2023", "2024"] * ensemble.failed
    later = bad.query("period == '2024'")["reason"]
    assert later.str.contains("there is no earlier equilibrium").all()


def test_a_draw_that_contradicts_itself_fails_in_all_periods() -> None:
    ensemble = market.model().sample(failing(tw.uniform(-0.9, 0)), 40, ask=SHIFT, periods=YEARS)
    impossible = ensemble.values["rate (one)"] <= -0.5
    assert 0 < impossible.sum() == ensemble.failed < 40
    converged = ensemble.status.pivot(index="draw", columns="period", values="converged")
    np.testing.assert_array_equal(converged.to_numpy(), np.repeat(~impossible.to_numpy()[:, None], 3, axis=1))


def test_a_central_path_without_an_equilibrium_is_an_error() -> None:
    demand = pd.DataFrame({"commodity": "crude", "country": ["DEU", "*"], "demand": [0.0, tw.uniform(-1, -0.5)]})
    cut = [tw.Ban(exporters="SAU", importers="DEU", start="2023-01-01", end="2023-12-31")]
    with pytest.raises(tw.InfeasibleError, match="period 2023: crude"):
        rigid(demand).sample(tw.Scenario("cut", cut), 3, ask=tw.ask("prices"), periods=YEARS)


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"at": 2023}, tw.ModelError, "at is 2023 beside periods"),
        ({"order": 1}, tw.ModelError, "order is 1 beside periods"),
        ({"exposure": "average"}, tw.ModelError, "exposure is 'average' beside periods"),
        ({"periods": [2022, 2024]}, tw.ScenarioError, "2023 is missing"),
        ({"periods": []}, tw.ScenarioError, "there are no periods"),
        ({"periods": 2023}, tw.ScenarioError, "expected a list of consecutive periods"),
        ({"periods": "2023"}, tw.ScenarioError, "expected a list of consecutive periods"),
        ({"draws": 0}, tw.ModelError, "draws is 0"),
        ({"ask": tw.ask("wedges")}, tw.ModelError, "depend on the measures"),
        ({"ask": tw.ask("shares", exporter="QQQ")}, tw.ScenarioError, "QQQ"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], error: type[Exception], says: str) -> None:
    given = {"draws": 4, "ask": SHIFT, "periods": YEARS}
    with pytest.raises(error, match=says):
        model().sample(dated(), **{**given, **arguments})


def test_only_time_reads_long_runs_and_half_lives() -> None:
    late = model(substitution=5, demand=-0.4, supply=tw.adjusting(0.3, tw.uniform(0.5, 1), half_life=tw.uniform(1, 3)))
    with pytest.raises(tw.ModelError, match="nothing is uncertain"):
        late.sample(dated(0.5), 4, ask=SHIFT)
    over = late.sample(dated(0.5), 4, ask=SHIFT, periods=YEARS)
    assert over.inputs["input"].tolist() == ["long-run supply", "half-life of supply"]
    both = adjusting().sample(dated(), 4, ask=SHIFT)
    assert both.inputs["input"].tolist() == ["substitution", "demand (coal)", "coverage (ban)"]


# what drives it


def test_indices_are_of_each_period() -> None:
    pytest.importorskip("SALib", reason="SALib, of the extra 'uncertainty', is not installed")
    late = model(substitution=5, demand=tw.adjusting(-0.2, tw.uniform(-1.5, -0.3), half_life=3), supply=0.3)
    ban = tw.Ban(exporters="RUS", importers="DEU", coverage=tw.uniform(0.7, 0.8), name="ban", start="2022-01-01")
    scenario = tw.Scenario("ban", [ban])
    ensemble = late.sample(scenario, 64, ask=SHIFT, periods=YEARS, method="saltelli")
    found = ensemble.sobol(column="toward_shift").query("commodity == 'crude'")
    assert found.columns.tolist()[:3] == ["period", "commodity", "basis"]
    total = found.pivot(index="period", columns="input", values="total")
    # Draws do not know which periods follow: a shorter path has the same indices.
    shorter = late.sample(scenario, 64, ask=SHIFT, periods=YEARS[:2], method="saltelli")
    same = shorter.sobol(column="toward_shift").query("commodity == 'crude'")
    pd.testing.assert_frame_equal(
        same.pivot(index="period", columns="input", values="total"),
        total.head(2),
        check_exact=True,
        check_index_type=False,
    )
    # What is slow comes to matter.
    assert total["long-run demand"].is_monotonic_increasing


def test_a_tornado_is_two_paths_an_input() -> None:
    ensemble = adjusting().sample(dated(), 4, ask=ASKED, periods=YEARS)
    found = ensemble.tornado(SHIFT, column="toward_shift", low=0.1, high=0.9)
    crude = found.query("commodity == 'crude'")
    life = tw.uniform(1, 4)
    for side, order in (("low", 0.1), ("high", 0.9)):
        value = float(life.quantile(order))
        plain = SHIFT(adjusting(supply=tw.adjusting(0.3, 1.2, half_life=value)).path(dated(), YEARS))
        wanted = plain.query("commodity == 'crude'").set_index("period")["toward_shift"]
        own = crude.query("input == 'half-life of supply'").set_index("period")
        assert (own[side] == value).all()
        np.testing.assert_array_equal(own[f"at_{side}"], wanted[own.index])
    assert [swing.is_monotonic_decreasing for _, swing in crude.groupby("period", observed=True)["swing"]] == [True] * 3


def test_it_says_what_it_is() -> None:
    ensemble = adjusting().sample(dated(), 4, ask=SHIFT, periods=YEARS)
    assert ensemble.periods == ("2022", "2023", "2024")
    assert ensemble.attrs["periods"] == ["2022", "2023", "2024"]
    assert "2022 to 2024" in repr(ensemble) and "2022 to 2024" in ensemble._repr_html_()
    assert isinstance(ensemble.central, tw.Path)
    assert set(ensemble.sources()["input"]) >= {"substitution", "demand", "supply"}
