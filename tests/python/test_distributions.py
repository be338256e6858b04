"""Distributions against scipy's, and where they may be typed."""

from __future__ import annotations

import math
import pickle
from typing import Any

import market
import numpy as np
import pandas as pd
import polars as pl
import pytest
from general_small import small

import tradewinds as tw
from tradewinds import _core

stats = pytest.importorskip("scipy.stats", reason="scipy, of the extra 'uncertainty', is not installed")

PAIRS: list[tuple[tw.Distribution, Any]] = [
    (tw.triangular(1.0, 2.0, 5.0), stats.triang(0.25, loc=1, scale=4)),
    (tw.triangular(-2.0, -2.0, 1.0), stats.triang(0.0, loc=-2, scale=3)),
    (tw.around(-2.0), stats.triang(0.5, loc=-2.6, scale=1.2)),
    (tw.uniform(-0.5, -0.1), stats.uniform(-0.5, 0.4)),
    (tw.normal(2.0, 0.5), stats.norm(2, 0.5)),
    (tw.normal(2.0, 0.5, low=1.5, high=2.1), stats.truncnorm(-1.0, 0.2, loc=2, scale=0.5)),
    (tw.lognormal(0.3, 0.4), stats.lognorm(0.4, scale=0.3)),
    (tw.beta(2.0, 5.0, low=0.5, high=1.0), stats.beta(2, 5, loc=0.5, scale=0.5)),
]
ORDERS = np.linspace(0.001, 0.999, 97)


@pytest.mark.parametrize(
    ("ours", "scipys"), PAIRS, ids=lambda given: repr(given) if isinstance(given, tw.Distribution) else ""
)
def test_quantiles_and_shares_are_those_of_scipy(ours: tw.Distribution, scipys: Any) -> None:
    # Both work with doubles of order 1: rounding, and scipy's own inversion of the truncated normal (1e-10).
    np.testing.assert_allclose(ours.quantile(ORDERS), scipys.ppf(ORDERS), rtol=1e-9, atol=1e-10)
    for value in scipys.ppf([0.1, 0.5, 0.8]):
        assert ours.share_below(value) == pytest.approx(scipys.cdf(value), abs=1e-10)
    low, high = scipys.ppf([0.2, 0.9])
    assert ours.share_outside(low, high) == pytest.approx(0.3, abs=1e-10)


def test_a_negative_median_mirrors_the_lognormal() -> None:
    mirrored, plain = tw.lognormal(-0.3, 0.4), tw.lognormal(0.3, 0.4)
    np.testing.assert_allclose(mirrored.quantile(ORDERS), -plain.quantile(1 - ORDERS), rtol=1e-14)
    assert mirrored.share_below(-0.3) == pytest.approx(0.5, abs=1e-15)
    assert mirrored.support == (-math.inf, 0.0)


def test_empirical_draws_each_value_equally_often() -> None:
    drawn = tw.empirical([3.0, 1.0, 2.0, 2.0])
    np.testing.assert_array_equal(drawn.quantile([0.1, 0.3, 0.6, 0.9]), [1, 2, 2, 3])
    assert (drawn.central, drawn.share_below(2.0)) == (2.0, 0.25)


POINTS = [
    tw.triangular(2, 2, 2),
    tw.uniform(2, 2),
    tw.normal(2, 0),
    tw.lognormal(2, 0),
    tw.beta(1, 3, low=2, high=2),
    tw.empirical([2]),
    tw.around(2, 0),
]


@pytest.mark.parametrize("point", POINTS, ids=repr)
def test_zero_width_is_the_number_itself(point: tw.Distribution) -> None:
    assert (point.quantile(ORDERS) == 2.0).all()
    assert point.central == 2.0
    assert point.share_below(2.0) == 0.0
    assert point.share_below(2.5) == 1.0
    assert not point.leaves(2.0, 2.0)


def test_they_are_values() -> None:
    for distribution in (*POINTS, *(ours for ours, _ in PAIRS)):
        assert pickle.loads(pickle.dumps(distribution)) == distribution
        hash(distribution)
    with pytest.raises(AttributeError):
        POINTS[0].low = 3  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: tw.triangular(2, 1, 3), "low ≤ mode ≤ high"),
        (lambda: tw.triangular(0, math.nan, 3), "nan"),
        (lambda: tw.uniform(2, 1), "low ≤ high"),
        (lambda: tw.uniform(0, math.inf), "finite"),
        (lambda: tw.normal(0, -1), "at least 0"),
        (lambda: tw.normal(3, 1, high=2), "low ≤ mean ≤ high"),
        (lambda: tw.lognormal(0, 1), "other than 0"),
        (lambda: tw.beta(0, 1), "shapes above 0"),
        (lambda: tw.empirical([]), "at least one value"),
        (lambda: tw.empirical([1, math.nan]), "finite"),
        (lambda: tw.empirical(["a"]), "has 'a'; expected"),
        (lambda: tw.empirical([1, True]), "has True; expected"),
        (lambda: tw.empirical([[1, 2], [3, 4]]), r"has \[1, 2\]; expected"),
        (lambda: tw.empirical(3), "are 3; expected a list of numbers"),
        (lambda: tw.empirical("12"), "are '12'; expected a list of numbers"),
        (lambda: tw.around(1, -0.1), "spread is -0.1"),
        (lambda: tw.around(1, "a"), "spread is 'a'"),
        (lambda: tw.around("a"), "central value is 'a'"),
        (lambda: tw.triangular("1", 2, 3), "'1'"),
    ],
)
def test_what_is_no_distribution_is_refused(make: Any, says: str) -> None:
    with pytest.raises(tw.ModelError, match=says):
        make()


def test_a_plain_solve_takes_central_values() -> None:
    ban = tw.Ban(exporters="RUS", importers="DEU", coverage=tw.triangular(0.2, 0.6, 0.9))
    uncertain = tw.Armington(
        market.flows(),
        period=2021,
        substitution=tw.uniform(4, 6),
        demand={"crude": tw.normal(-0.4, 0.1, high=0), "coal": -0.4},
        supply=pd.DataFrame(
            {"commodity": ["crude", "coal", "coal"], "country": ["*", "*", "RUS"], "supply": [0.3, tw.around(0.3), 0.3]}
        ),
    )
    given = uncertain.solve(tw.Scenario("ban", [ban]))
    plain = market.model().solve(tw.Scenario("ban", [tw.Ban(exporters="RUS", importers="DEU", coverage=0.6)]))
    pd.testing.assert_frame_equal(given.flows, plain.flows, check_exact=True)
    said = given.sources()
    assert said.loc[said["input"] == "substitution", "source"].item() == "given by the caller: uniform(4, 6)"
    assert said["source"].str.contains(r"normal\(-0.4, 0.1, low=-inf, high=0\)").any()
    assert said["value"].str.contains(r"coverage=triangular\(0.2, 0.6, 0.9\)").any()


def test_every_place_is_a_number_of_its_own() -> None:
    rows = {
        "commodity": ["crude", "coal", "coal"],
        "country": ["*", "*", "IND"],
        "demand": [tw.around(-1), tw.around(-1), -2.0],
    }
    for frame in (pd.DataFrame(rows), pl.DataFrame({**rows, "demand": pl.Series(rows["demand"], dtype=pl.Object)})):
        model = tw.Armington(
            market.flows(), period=2021, substitution=5, supply={"crude": 1, "coal": tw.around(2)}, demand=frame
        )
        labels = [one.label for parameter in model.parameters.values() for one in parameter.uncertain]
        assert labels == ["demand (coal)", "demand (crude)", "supply (coal)"]
        coal, crude = model.parameters["demand"].uncertain
        assert len(crude.entries) == len(market.COUNTRIES) == len(coal.entries) + 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"substitution": tw.uniform(0.5, 3)}, r"substitution is uniform\(0.5, 3\), of which 0.2 lies outside"),
        ({"demand": tw.normal(-0.2, 0.2)}, r"of which 0.16 lies outside the admissible -inf to 0"),
        (
            {"supply": {"crude": 1, "coal": tw.triangular(-1, 0, 1)}},
            r"supply \(coal\) is triangular.*of which 0.5 lies",
        ),
        ({"supply": tw.lognormal(-1, 1)}, "of which 1 lies outside"),
    ],
)
def test_leaving_the_admissible_range_is_refused_with_the_share(arguments: dict[str, Any], says: str) -> None:
    given = {"substitution": 5, "demand": -0.4, "supply": 0.3, **arguments}
    with pytest.raises(tw.DataError, match=says):
        tw.Armington(market.flows(), period=2021, **given)


def test_shares_count_values_on_the_ends() -> None:
    given = tw.empirical([0.5, 1, 1, 1.2])
    assert given.share_outside(0, 1) == 0.25
    assert given.share_outside(0.5, 1, without=(0.5,)) == 0.5
    assert (given.share_at(1.0), given.share_at(0.7)) == (0.5, 0.0)
    assert not given.leaves(0.5, 1.2) and given.leaves(0.5, 1.2, without=(1.2,))
    with pytest.raises(tw.ScenarioError, match=r"of which 0.25 lies outside the admissible 0 to 1;"):
        tw.Ban(coverage=given)


OPEN = [
    ("substitution", 1.0, (1.0, 5.0, 9.0)),
    ("route_elasticity", 0.0, (0.0, 5.0, 9.0)),
    ("half_life", 0.0, (0.0, 1.0, 2.0)),
    ("trade_elasticity", 0.0, (0.0, 4.0, 5.0)),
]


def _with(name: str, given: Any) -> Any:
    """A model with this elasticity."""
    if name == "trade_elasticity":
        return tw.CaliendoParro(small(), trade_elasticity=given, period=2021)
    if name == "route_elasticity":
        return tw.Spatial(market.flows(), period=2021, demand=-0.4, supply=0.3, route_elasticity=given)
    usual = {"substitution": 5, "demand": -0.4, "supply": 0.3}
    changed = {"demand": tw.adjusting(-0.4, -0.6, given)} if name == "half_life" else {name: given}
    return tw.Armington(market.flows(), period=2021, **{**usual, **changed})


@pytest.mark.parametrize(("name", "end", "values"), OPEN)
def test_ends_that_numbers_may_not_have_are_outside(name: str, end: float, values: tuple[float, ...]) -> None:
    with pytest.raises((tw.DataError, tw.ModelError), match="above"):
        _with(name, end)
    for given, share in ((tw.empirical(values), "0.33"), (tw.triangular(end, end, end), "1")):
        says = rf"of which {share} lies outside the admissible {end:g} to inf, without {end:g};"
        with pytest.raises(tw.DataError, match=says):
            _with(name, given)
    # Of a density that only begins there the end has no probability.
    assert len(_with(name, tw.triangular(end, *values[1:])).uncertain) == 1


def test_measures_refuse_sizes_outside_their_range() -> None:
    with pytest.raises(
        tw.ScenarioError, match=r"coverage is uniform\(0.5, 1.5\), of which 0.5 lies outside the admissible 0 to 1"
    ):
        tw.Ban(coverage=tw.uniform(0.5, 1.5))
    with pytest.raises(tw.ScenarioError, match="mode_share"):
        tw.Ban(modes="sea", mode_share=tw.uniform(0.5, 1))
    for measure in (
        tw.Tariff(rate=tw.uniform(0, 1)),
        tw.TradeCost(change=tw.normal(0, 0.1, low=-0.5)),
        tw.Shift(supply=tw.lognormal(1, 0.1)),
        tw.Quota(share=tw.uniform(0.5, 1)),
        tw.PriceCap(price=tw.uniform(50, 70), services_share=0.8, outside_capacity=tw.uniform(1, 2), outside_cost=1),
        tw.Capacity(facility="pipe", to=tw.uniform(0, 5)),
    ):
        assert len(measure.uncertain) >= 1


def test_files_have_numbers_only() -> None:
    scenario = tw.Scenario("ban", [tw.Ban(coverage=tw.uniform(0.5, 1), name="ban")])
    with pytest.raises(tw.ScenarioError, match=r"coverage of 'ban' is uniform\(0.5, 1\).*coverage=0.75"):
        scenario.to_toml()
    assert "0.75" in scenario.replace("ban", coverage=0.75).to_toml()
    assert pickle.loads(pickle.dumps(scenario)) == scenario
    assert scenario != tw.Scenario("ban", [tw.Ban(coverage=0.75, name="ban")])


def test_bundled_tables_give_triangles() -> None:
    shares = {"import_share": "bundled", "export_share": "bundled"}
    low, central, high = (tw.datasets.elasticities(preset, **shares) for preset in ("low", "central", "high"))
    for spread, ends in (("bundled", (low, high)), (0.3, None)):
        table = tw.datasets.elasticities(uncertainty=spread, **shares)
        for name in ("substitution", "demand", "supply"):
            for row, given in table[name].items():
                value = central[name][row]
                if not isinstance(given, tw.Distribution):
                    assert given == value
                    assert not np.isfinite(value) or value == 0
                    continue
                expected = sorted(end[name][row] for end in ends) if ends else sorted([0.7 * value, 1.3 * value])
                # 0.7 v and v − 0.3 v differ by rounding.
                np.testing.assert_allclose(given.support, expected, rtol=1e-14)
                assert given.central == value
    with pytest.raises(tw.DataError, match="uncertainty is 'GTAP'"):
        tw.datasets.elasticities(uncertainty="GTAP")  # type: ignore[arg-type]


def test_a_row_a_country_is_still_one_substitution_a_commodity() -> None:
    table = tw.datasets.elasticities(uncertainty="bundled", import_share="bundled")
    model = tw.Armington(tw.datasets.load("energy"), period=2021, substitution=table, demand=table, supply=0.2)
    given = [one.label for one in model.parameters["substitution"].uncertain]
    assert given == ["substitution (coal)", "substitution (crude)", "substitution (lng)"]
    assert "demand (coal, CHN)" in [one.label for one in model.parameters["demand"].uncertain]
    partly = pd.DataFrame({"commodity": "crude", "country": ["*", "DEU"], "substitution": [5, tw.triangular(4, 5, 6)]})
    with pytest.raises(tw.DataError, match="in some countries only"):
        tw.Armington(market.flows().select(commodities="crude"), period=2021, substitution=partly, demand=-1, supply=1)


#: What a verb needs beside a size.
BESIDE: dict[tuple[str, str], dict[str, Any]] = {
    ("Tariff", "specific"): {"unit": "t", "currency": "USD"},
    ("ExportTax", "specific"): {"unit": "t", "currency": "USD"},
    ("Quota", "quantity"): {"unit": "t"},
    ("Quota", "value"): {"currency": "USD"},
    ("Quota", "beyond"): {"share": 1.0},
    ("TradeCost", "specific"): {"unit": "t"},
    ("Capacity", "to"): {"facility": "pipe"},
    ("Capacity", "add"): {"facility": "pipe"},
    **{("PriceCap", name): {"price": 60} for name in ("services_share", "outside_cost", "outside_capacity")},
}
SIZES = [
    (verb, field["name"], *field["range"])
    for verb, known in _core.measure_schema().items()
    for field in known["fields"]
    if field["range"]
]


@pytest.mark.parametrize(("verb", "size", "low", "high"), SIZES)
def test_every_size_of_a_measure_may_be_uncertain_within_its_range(
    verb: str, size: str, low: float, high: float
) -> None:
    beside = BESIDE.get((verb, size), {})
    if verb == "PriceCap" and size != "services_share":
        beside = {"services_share": 0.8, "outside_cost": 1.0, "outside_capacity": 1.0, **beside}
    elif verb == "PriceCap":
        beside = {"outside_cost": 1.0, "outside_capacity": 1.0, **beside}
    least, most = max(low, -1.0), min(high, 2.0)
    inside = tw.uniform(least, most)
    measure = getattr(tw, verb)(**{**beside, size: inside})
    assert measure.uncertain == {size: inside}
    # A quarter of each lies beyond the end.
    width = most - least
    beyond = {
        "low": (low, tw.uniform(least - width, least + 3 * width)),
        "high": (high, tw.uniform(most - 3 * width, most + width)),
    }
    for end, given in beyond.values():
        if np.isfinite(end):
            share = given.share_outside(low, high)
            with pytest.raises(tw.ScenarioError, match=rf"{size} is .*, of which {share:.2g} lies outside"):
                getattr(tw, verb)(**{**beside, size: given})
