"""Coalitions: every subset of senders, what each member adds, and transfers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import tradewinds as tw
from tradewinds.view.plot.labels import label_points

matplotlib.use("Agg")

NAMES = ["EU", "USA", "CHN"]


@pytest.fixture(scope="module")
def table() -> tw.InputOutput:
    return tw.datasets.load("world_table")


def bans(*senders: str, importer: str | None = None) -> tw.Scenario:
    """Each sender buys no fuels from Russia and sells it no technology."""
    places = {"EU": "X_EU27", "USA": "USA", "CHN": "CHN"}
    measures: list[tw.Measure] = []
    for sender in senders:
        place = places[sender]
        measures.append(
            tw.Ban(name=f"{sender} fuels", exporters="RUS", importers=place, commodities="fossil_fuels", sender=sender)
        )
        measures.append(
            tw.Ban(name=f"{sender} chips", exporters=place, importers="RUS", commodities="technology", sender=sender)
        )
    return tw.Scenario("energy and technology", measures)


@pytest.fixture(scope="module")
def model(table: tw.InputOutput) -> tw.CaliendoParro:
    return tw.CaliendoParro(table, trade_elasticity=4)


@pytest.fixture(scope="module")
def found(model: tw.CaliendoParro) -> tw.Coalition:
    members = {"EU": "X_EU27", "USA": "USA", "CHN": "CHN"}
    question = tw.ask("shares", exporter="RUS")
    return tw.coalition(model, bans(*NAMES), target="RUS", members=members, ask=question)


def test_every_subset_is_its_own_scenario(model: tw.CaliendoParro, found: tw.Coalition) -> None:
    subsets = [c for size in range(4) for c in itertools.combinations(NAMES, size)]
    outcomes = found.outcomes.set_index("coalition")
    assert len(outcomes) == 8 and outcomes["converged"].all()
    for subset in subsets:
        result = model.solve(bans(*subset))
        row = outcomes.loc[" + ".join(subset) or "nobody"]
        income = result.real_income.set_index("country")
        change = income["real_income"] / 100 * income["income_before"]
        places = [{"EU": "X_EU27"}.get(name, name) for name in subset]
        # The same solves; sums of a few numbers in another order, of incomes up to 1e8.
        assert row["target_loss"] == pytest.approx(-change["RUS"], rel=1e-9, abs=1e-3)
        assert row["senders_cost"] == pytest.approx(-change[places].sum(), rel=1e-9, abs=1e-3)
        assert row["others_cost"] == pytest.approx(-change.drop(["RUS", *places]).sum(), rel=1e-9, abs=1e-3)
        percent = 100 * row["target_loss"] / income["income_before"]["RUS"]
        assert row["target_loss_percent"] == pytest.approx(percent)
    ratio = outcomes["senders_cost"] / outcomes["target_loss"]
    both = (outcomes["senders_cost"] > 0) & (outcomes["target_loss"] > 0)
    pd.testing.assert_series_equal(outcomes["cost_ratio"], ratio.where(both), check_names=False)
    # Nobody sends, nobody pays; more senders hurt the target more.
    assert outcomes.loc["nobody", ["target_loss", "others_cost"]].abs().max() < 1e-3
    assert outcomes.loc["EU + USA + CHN", "target_loss"] > outcomes.loc["EU", "target_loss"] > 0


def test_contributions_are_shapley_values(found: tw.Coalition) -> None:
    loss = found.outcomes.set_index("coalition")["target_loss"]

    def name(senders: Collection[str]) -> str:
        return " + ".join(n for n in NAMES if n in senders) or "nobody"

    contributions = found.contributions.set_index("member")
    for member in NAMES:
        # The mean over all orders, written out.
        added = [
            loss[name(order[: order.index(member) + 1])] - loss[name(order[: order.index(member)])]
            for order in itertools.permutations(NAMES)
        ]
        # Losses of up to 1e5 with 16 digits, six of them.
        assert contributions.loc[member, "target_loss"] == pytest.approx(np.mean(added), abs=1e-8)
        assert contributions.loc[member, "alone"] == pytest.approx(loss[member] - loss["nobody"])
        assert contributions.loc[member, "last"] == pytest.approx(loss[name(NAMES)] - loss[name(set(NAMES) - {member})])
    assert contributions["target_loss"].sum() == pytest.approx(loss[name(NAMES)] - loss["nobody"], abs=1e-8)


@pytest.mark.parametrize("subset", [None, ["USA", "EU"], ["CHN"]])
def test_transfers_add_up_and_make_burdens_equal(found: tw.Coalition, subset: Any) -> None:
    frame = found.transfers(subset)
    assert frame["member"].tolist() == [name for name in NAMES if subset is None or name in subset]
    scale = frame["cost"].abs().sum()
    assert abs(frame["transfer"].sum()) <= 1e-12 * scale  # a few roundings
    np.testing.assert_allclose((frame["cost"] - frame["transfer"]) / frame["weight"], frame["burden_after"], rtol=1e-9)
    heads = found.transfers(subset, weights={"EU": 450.0, "USA": 340.0, "CHN": 1400.0})
    assert heads["cost"].tolist() == frame["cost"].tolist()
    assert heads["weight"].tolist() != frame["weight"].tolist()


def test_a_question_is_asked_of_every_subset(model: tw.CaliendoParro, found: tw.Coalition) -> None:
    answers = found.answers
    assert answers["coalition"].unique().tolist() == found.outcomes["coalition"].tolist()
    one = answers[answers["coalition"] == "USA"].drop(columns="coalition").reset_index(drop=True)
    alone = model.solve(bans("USA")).shares("RUS")
    np.testing.assert_array_equal(one["after"], alone["after"])


def test_partial_equilibrium_counts_surplus() -> None:
    flows = tw.datasets.load("energy")
    model = tw.Armington(flows, period=2021, substitution=8, demand=-0.4, supply=0.3)
    scenario = tw.Scenario(
        "crude",
        [
            tw.Ban(exporters="RUS", importers="EU27", commodities="crude", sender="EU27"),
            tw.Ban(exporters="RUS", importers="USA", commodities="crude", sender="USA"),
            tw.Ban(exporters="RUS", importers="UKR", commodities="crude", sender="UKR"),
        ],
    )
    found = tw.coalition(model, scenario, target="RUS", members=["EU27", "USA"])
    outcomes = found.outcomes.set_index("coalition")
    assert "target_loss_percent" not in outcomes
    # The measure of a sender who is no member is in force throughout.
    nobody = model.solve(tw.Scenario("x", scenario.measures[2:]))
    loss = -nobody.welfare().set_index("country")["total"]
    assert outcomes.loc["nobody", "target_loss"] == pytest.approx(loss["RUS"], rel=1e-12)
    assert found.transfers()["burden_after"].nunique() == 1
    with pytest.raises(tw.ModelError, match="no question was given"):
        _ = found.answers


def test_only_some_subsets(model: tw.CaliendoParro) -> None:
    found = tw.coalition(
        model, bans("EU", "USA"), target="RUS", members={"EU": "X_EU27", "USA": "USA"}, subsets=[["EU"], ["USA", "EU"]]
    )
    assert found.outcomes["coalition"].tolist() == ["EU", "EU + USA"]
    with pytest.raises(tw.ModelError, match="'nobody' was not asked for"):
        _ = found.contributions
    with pytest.raises(tw.ModelError, match="'USA' was not asked for"):
        found.transfers(["USA"])


def test_a_subset_without_an_equilibrium_is_a_row_with_its_reason(table: tw.InputOutput) -> None:
    model = tw.CaliendoParro(table, trade_elasticity=4)
    scenario = tw.Scenario(
        "cut off",
        [
            tw.Ban(name="sells nothing", exporters="RUS", importers=["*", "!RUS"], commodities="*", sender="USA"),
            tw.Ban(name="fuels", exporters="RUS", importers="X_EU27", commodities="fossil_fuels", sender="EU"),
        ],
    )
    found = tw.coalition(model, scenario, target="RUS", members={"EU": "X_EU27", "USA": "USA"})
    outcomes = found.outcomes.set_index("coalition")
    assert outcomes.loc["EU", "converged"] and not outcomes.loc["USA", "converged"]
    assert math.isnan(outcomes.loc["USA", "target_loss"]) and "RUS" in outcomes.loc["USA", "reason"]
    with pytest.raises(tw.ModelError, match="not solved"):
        _ = found.contributions


def test_weights_are_finite(found: tw.Coalition) -> None:
    with pytest.raises(tw.ModelError, match="the weight of USA is inf; expected a number above 0"):
        found.transfers(["EU", "USA"], weights={"EU": 1.0, "USA": math.inf})


def test_names_in_the_picture_do_not_cover_each_other() -> None:
    _, ax = plt.subplots()
    x, y = [1.0, 1.02, 1.0, 5.0], [1.0, 1.0, 1.001, 4.0]
    ax.scatter(x, y)
    ax.set(xlim=(0, 6), ylim=(0, 5))
    label_points(ax, x, y, ["nobody", "USA", "USA + CHN", "EU"])
    boxes = [text.get_window_extent(ax.figure.canvas.get_renderer()) for text in ax.texts]
    assert len(boxes) == 4
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))


def test_ctrl_c_leaves_no_coalition_of_some_subsets(model: tw.CaliendoParro, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = model.sweep

    def stopped(*given: Any, **options: Any) -> tw.Sweep:
        found = sweep(*given, **options)
        found.partial = True
        return found

    monkeypatch.setattr(model, "sweep", stopped)
    with pytest.raises(KeyboardInterrupt):
        tw.coalition(model, bans("EU"), target="RUS", members={"EU": "EU27"})


def test_the_picture_has_a_point_a_subset(found: tw.Coalition) -> None:
    ax = found.plot()
    assert sum(len(points.get_offsets()) for points in ax.collections) == len(found.outcomes)
    assert {text.get_text() for text in ax.texts} == set(found.outcomes["coalition"])


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"members": {}}, tw.ModelError, "no members"),
        ({"members": {"EU": "X_EU27", "IND": "IND"}}, tw.ModelError, "'IND' sends no measure"),
        ({"members": {"EU": "X_EU27", "USA": ["USA", "RUS"]}}, tw.ModelError, "RUS is in the target and in USA"),
        ({"target": "RUSS"}, tw.ScenarioError, "RUSS"),
        ({"subsets": [["EU", "IND"]]}, tw.ModelError, "'IND' is no member"),
        ({"members": {"nobody": "USA"}}, tw.ModelError, "a member is called 'nobody'"),
        ({"members": {"EU": "X_EU27", "USA": "USA", "EU + USA": "CHN"}}, tw.ModelError, "reads as a subset"),
        ({"members": "CHN"}, tw.ModelError, "'CHN' sends no measure"),
        ({"ask": "share_shift"}, tw.ModelError, r"ask is a str; expected tw\.ask"),
        ({"scenario": "x"}, tw.ModelError, "scenario is a str; expected a Scenario"),
        (
            {"scenario": tw.Scenario("x", [tw.Ban(name="mine", exporters="RUS", importers="USA")])},
            tw.ScenarioError,
            "'mine' has no sender",
        ),
    ],
)
def test_bad_input_is_refused(
    model: tw.CaliendoParro, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    given: dict[str, Any] = {
        "scenario": bans("EU", "USA"),
        "target": "RUS",
        "members": {"EU": "X_EU27", "USA": "USA"},
        **changes,
    }
    with pytest.raises(error, match=message):
        tw.coalition(model, **given)
