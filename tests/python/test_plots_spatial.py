"""Pictures of routes, ladders and facilities draw exactly their frames."""

from __future__ import annotations

import numpy as np
import pytest

import tradewinds as tw

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")


@pytest.fixture(scope="module")
def result() -> tw.SpatialResult:
    case = tw.cases["crude"]
    found = case.model().solve(case.scenario, at=2023)
    assert isinstance(found, tw.SpatialResult)
    return found


def test_routes_are_drawn_before_and_after(result: tw.SpatialResult) -> None:
    frame = result.routes
    mine = frame[frame["exporter"] == "RUS"].fillna({"flow_after": 0.0})
    ax = result.plot.routes("RUS")
    points = np.array([mark.get_offsets()[0, 0] for mark in ax.collections]).reshape(-1, 2)
    # Small routes are summed, those of an interior point's rounding (below 1e-6 of the largest) left out.
    np.testing.assert_allclose(points.sum(axis=0), mine[["flow_before", "flow_after"]].sum() / 1e6, rtol=1e-5)
    assert "Mt" in ax.get_xlabel()
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert "CHN, ESPO spur" in labels


def test_a_ladder_leads_from_the_producer_to_the_consumer(result: tw.SpatialResult) -> None:
    frame = result.routes
    used = frame[(frame["exporter"] == "RUS") & (frame["flow_after"] > 0)].nlargest(5, "flow_after")
    ax = result.plot.netback("RUS", top=5)
    assert len(ax.get_yticklabels()) == 5
    for place, row in enumerate(used.itertuples()):
        bars = [bar for bar in ax.patches if abs(bar.get_y() + bar.get_height() / 2 + place) < 0.05]
        assert bars[0].get_width() == pytest.approx(row.producer_price)
        # Wedges below 0.001 of the price, at most ten, are not drawn.
        assert sum(bar.get_width() for bar in bars) == pytest.approx(row.consumer_price, rel=0.01)


def test_facilities_show_use_and_capacity(result: tw.SpatialResult) -> None:
    frame = result.facilities
    ax = result.plot.facilities()
    drawn = np.array([bar.get_width() for bar in ax.patches]).reshape(-1, 2)
    np.testing.assert_allclose(drawn[:, 0], frame["capacity"] / 1e6, rtol=1e-12)
    np.testing.assert_allclose(drawn[:, 1], frame["use"] / 1e6, rtol=1e-12)
    texts = [text.get_text() for text in ax.texts]
    assert sum("100 %" in text for text in texts) == (frame["shadow_price"] > 1e-6).sum()


def test_what_can_t_be_drawn_is_said(result: tw.SpatialResult) -> None:
    with pytest.raises(tw.ModelError, match="no route leaves JPN"):
        result.plot.routes("JPN")
    case = tw.cases["crude"]
    with pytest.raises(tw.ModelError, match="has no facilities"):
        case.model(facilities=None).solve(tw.Scenario("none", [])).plot.facilities()
    with pytest.raises((AttributeError, tw.ModelError), match="SpatialResult"):
        case.model("Armington").solve(tw.Scenario("none", [])).plot.routes("RUS")


def test_given_axes_are_used(result: tw.SpatialResult) -> None:
    axes = matplotlib.figure.Figure().subplots(1, 3)
    assert result.plot.routes("RUS", ax=axes[0]) is axes[0]
    assert result.plot.netback("RUS", ax=axes[1]) is axes[1]
    assert result.plot.facilities(ax=axes[2]) is axes[2]


def test_stretches_of_a_period_are_one_bar() -> None:
    """The fall of Nord Stream within 2022: means by what is shipped, which still add up."""
    case = tw.cases["gas"]
    found = case.model().solve(case.scenario, at=2022)
    assert found.routes["share_of_period"].nunique() > 1
    ax = found.plot.netback("X_RUS_WEST", top=3)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert len(labels) == len(set(labels)) == 3
    mine = found.routes[found.routes["mode"] == labels[0].split(", ")[1]].dropna(subset=["flow_after"])
    mine = mine[mine["importer"] == labels[0].split(", ")[0]]
    weight = mine["share_of_period"] * mine["flow_after"]
    drawn = sum(bar.get_width() for bar in ax.patches if abs(bar.get_y() + bar.get_height() / 2) < 0.05)
    # Wedges below 0.001 of the price, at most ten, are not drawn.
    assert drawn == pytest.approx((weight * mine["consumer_price"]).sum() / weight.sum(), rel=0.01)
