"""The waterfall and the Sankey draw exactly their frames, and the Sankey needs no network."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from market import model

import tradewinds as tw

matplotlib = pytest.importorskip("matplotlib")
plotly = pytest.importorskip("plotly")
matplotlib.use("Agg")

SCENARIO = tw.Scenario(
    "ban", [tw.Ban(exporters="RUS", importers="DEU"), tw.Ban(exporters="RUS", importers="POL", coverage=0.5)]
)


@pytest.fixture
def result() -> tw.Result:
    return model().solve(SCENARIO)


def test_the_waterfall_draws_the_frame(result: tw.Result) -> None:
    frame = result.revenue("RUS")
    ax = result.plot.revenue("RUS")
    steps = frame[["volume", "world_price", "discount", "freight"]].to_numpy()
    drawn = np.array([bar.get_width() for bar in ax.patches]).reshape(steps.shape)
    # A bar's width is the difference of its ends, each rounded at the size of 100 %.
    np.testing.assert_allclose(drawn, 100 * steps / frame["before"].to_numpy()[:, None], atol=1e-12)
    start = np.array([bar.get_x() for bar in ax.patches]).reshape(steps.shape)
    np.testing.assert_allclose(start[:, 1:], (start + drawn)[:, :-1], atol=1e-12)
    np.testing.assert_allclose(start[:, 0], 100.0)
    assert [label.get_text() for label in ax.get_yticklabels()][:6] == [
        "before",
        "volume",
        "world price",
        "discount",
        "freight",
        "after",
    ]
    assert "RUS" in ax.get_xlabel()


def test_one_commodity_may_be_drawn_into_given_axes(result: tw.Result) -> None:
    figure = matplotlib.figure.Figure()
    ax = figure.subplots()
    assert result.plot.revenue("RUS", commodity="crude", ax=ax) is ax
    assert len(ax.patches) == 4
    with pytest.raises(tw.ModelError, match="sells no 'lng' abroad; it sells coal, crude"):
        result.plot.revenue("RUS", commodity="lng")


def test_a_missing_reference_is_said(result: tw.Result) -> None:
    ax = result.plot.revenue("RUS", reference="IND")
    assert any("no such price" in text.get_text() for text in ax.texts)
    assert len(ax.patches) == 2 * 2


def _flows(figure: Any) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], float], float]:
    """Links by the first words of their labels: (destination, commodity) before and after."""
    (sankey,) = figure.data
    names = [label.split("  ")[0] for label in sankey.node.label]
    middle = set(sankey.link.source) & set(sankey.link.target)
    before, after = {}, {}
    for source, target, value in zip(sankey.link.source, sankey.link.target, sankey.link.value, strict=True):
        if target in middle:
            before[names[source], names[target]] = value
        else:
            after[names[target], names[source]] = value
    return before, after, 1e9


def test_the_sankey_draws_the_frame(result: tw.Result) -> None:
    frame = result.destinations("RUS")
    before, after, size = _flows(result.plot.sankey("RUS"))
    for row in frame.to_dict("records"):
        name = "not produced" if row["entry"] == "not_produced" else row["importer"]
        for links, amount in ((before, row["before"]), (after, row["after"])):
            # Divided by a billion once.
            assert links.pop((name, row["commodity"]), 0.0) == pytest.approx(amount / size, rel=1e-15)
    assert before == after == {}


def test_small_destinations_are_elsewhere_and_nothing_is_lost(result: tw.Result) -> None:
    frame = result.destinations("RUS")
    before, after, size = _flows(result.plot.sankey("RUS", top=1, commodities="crude"))
    assert len({name for name, _ in before}) == 2
    assert "elsewhere" in {name for name, _ in before}
    crude = frame[frame["commodity"] == "crude"]
    # Sums of a few numbers in another order.
    assert sum(before.values()) == pytest.approx(crude["before"].sum() / size, rel=1e-14)
    assert sum(after.values()) == pytest.approx(crude["after"].sum() / size, rel=1e-14)


def test_more_output_stands_on_the_side_before() -> None:
    result = model().solve(tw.Scenario("more", [tw.Shift(exporters="RUS", supply=1.5)]))
    before, after, _ = _flows(result.plot.sankey("RUS"))
    assert {name for name, _ in before} >= {"produced in addition"}
    assert "not produced" not in {name for name, _ in after}


def test_what_can_not_be_drawn_is_an_error(result: tw.Result) -> None:
    with pytest.raises(tw.ModelError, match="IND sells none of coal, crude"):
        result.plot.sankey("IND")
    with pytest.raises(tw.ModelError, match="top is 0"):
        result.plot.sankey("RUS", top=0)


class _Resources(HTMLParser):
    """What a page fetches to show itself; text inside scripts is not markup."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        where = given.get("href") if tag == "link" else given.get("src")
        if where:
            self.fetched.append(where)


def test_the_sankey_opens_without_a_network(result: tw.Result, tmp_path: Path) -> None:
    page = tmp_path / "sankey.html"
    result.plot.sankey("RUS").write_html(page)
    text = page.read_text(encoding="utf-8")
    resources = _Resources()
    resources.feed(text)
    assert resources.fetched == []
    assert "@import" not in text.partition("<script")[0]
    # The whole library is inside.
    assert len(text) > 1_000_000


@pytest.mark.parametrize(("library", "draw"), [("plotly.graph_objects", "sankey"), ("matplotlib.pyplot", "revenue")])
def test_without_the_library_the_error_says_how_to_get_it(
    result: tw.Result, library: str, draw: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, library, None)
    with pytest.raises(ImportError, match=r"pip install 'tradewinds\[plot\]'"):
        getattr(result.plot, draw)("RUS")


def _bars(ax: Any) -> dict[str, float]:
    """By country: what its bars add up to."""
    names = dict(zip(ax.get_yticks(), (text.get_text() for text in ax.get_yticklabels()), strict=True))
    sums: dict[str, float] = {}
    for bar in ax.patches:
        name = names[round(bar.get_y() + bar.get_height() / 2)]
        sums[name] = sums.get(name, 0.0) + bar.get_width()
    return sums


def test_welfare_is_the_frame_in_bars() -> None:
    economy = tw.CaliendoParro(tw.datasets.load("world_table"), trade_elasticity=4)
    ban = tw.Scenario("ban", [tw.Ban(exporters="RUS", importers="X_EU27", commodities="fossil_fuels")])
    result = economy.solve(ban)
    logs = result.welfare().set_index("country")["log_real_income"]
    ax = result.plot.welfare(top=5)
    sums = _bars(ax)
    assert set(sums) == set(logs.abs().nlargest(5).index)
    # Parts below a thousandth of the longest bar are not drawn, and the integration has a residual.
    assert all(abs(sums[name] - logs[name]) < 4e-3 * logs.abs().max() for name in sums)
    with pytest.raises(tw.ModelError, match="top is 0"):
        result.plot.welfare(top=0)


def test_welfare_of_one_market_is_of_surplus(result: tw.Result) -> None:
    totals = result.welfare().set_index("country")["total"]
    ax = result.plot.welfare(top=3)
    sums = _bars(ax)
    # Parts below a thousandth of the longest bar are not drawn, which may be more of the third longest.
    ratio = [sums[name] / totals[name] for name in sums]
    assert len(sums) == 3 and max(ratio) == pytest.approx(min(ratio), rel=1e-2)
    assert "change of surplus" in ax.get_xlabel()
