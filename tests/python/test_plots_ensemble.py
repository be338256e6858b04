"""Fans, tornadoes and indices draw the numbers of their frames."""

from __future__ import annotations

import datetime as dt
from typing import Any

import market
import numpy as np
import pytest
from sampling import ASKED, SHIFT, model, scenario

import tradewinds as tw
from tradewinds.view.plot.told import told

pytest.importorskip("scipy", reason="scipy, of the extra 'uncertainty', is not installed")
matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")


@pytest.fixture(scope="module")
def ensemble() -> tw.Ensemble:
    return model().sample(scenario(), 64, ask=ASKED)


def bars(ax: Any) -> dict[str, list[list[float]]]:
    """Ends of the bars of each row, by its name."""
    names = {tick: text.get_text() for tick, text in zip(ax.get_yticks(), ax.get_yticklabels(), strict=True)}
    found: dict[str, list[list[float]]] = {}
    for line in ax.lines:
        found.setdefault(names[line.get_ydata()[0]], []).append(list(line.get_xdata()))
    return found


def test_a_fan_draws_the_quantiles(ensemble: tw.Ensemble) -> None:
    ax = ensemble.plot.fan(SHIFT, column="toward_shift")
    frame = SHIFT(ensemble).pivot(index="commodity", columns="quantile", values="toward_shift")
    drawn = bars(ax)
    assert set(drawn) == {"coal", "crude"}
    for commodity, ends in drawn.items():
        row = frame.loc[commodity]
        np.testing.assert_array_equal(ends, [[row[0.05], row[0.95]], [row[0.25], row[0.75]]])
    assert ax.get_title(loc="left") == "share_shift of RUS away from DEU toward CHN\nban (64 draws)"
    assert len(ax.collections) == 2 and "dot: 50 %" in ax.get_xlabel()
    assert "percentage points" in ax.get_xlabel()
    assert ax.get_xlabel().startswith("toward_shift")


def test_a_fan_without_the_median_has_no_centre(ensemble: tw.Ensemble, over_time: tw.Ensemble) -> None:
    ax = ensemble.at(0.1, 0.9).plot.fan(SHIFT, column="toward_shift")
    assert bars(ax).keys() == {"coal", "crude"}
    assert not ax.collections and not ax.texts and ax.get_xlabel().endswith("(bars: 10–90 %)")
    along = over_time.at(0.1, 0.9).plot.fan(column="toward_shift", dates=False)
    assert not along.lines and len(along.collections) == 2 and along.get_xlabel() == "bands: 10–90 %"
    assert [text.get_text() for text in along.get_legend().get_texts()] == ["crude", "coal"]
    # A single order is all there is to draw.
    alone = over_time.at(0.9).plot.fan(column="toward_shift", dates=False)
    assert len(alone.lines) == 2 and alone.get_xlabel() == "line: 90 %"


def test_a_fan_of_one_period_has_bars() -> None:
    one = model().sample(scenario(), 16, ask=SHIFT, periods=[2023])
    ax = one.plot.fan(column="toward_shift")
    frame = SHIFT(one).pivot(index="commodity", columns="quantile", values="toward_shift")
    for commodity, ends in bars(ax).items():
        row = frame.loc[commodity]
        np.testing.assert_array_equal(ends, [[row[0.05], row[0.95]], [row[0.25], row[0.75]]])
    assert ax.get_title(loc="left").endswith("\nban, 2023 (16 draws)")


def test_the_unit_of_quantities_stands_beside_quantities_alone() -> None:
    asked = tw.ask("flows")
    ensemble = model().sample(scenario(), 16, ask=asked, periods=[2022, 2023])
    for column, unit in (("value_after", "USD"), ("quantity_after", "t")):
        ax = ensemble.plot.fan(asked, column=column, top=2)
        assert ax.get_ylabel().endswith(unit) and "quantity_unit" not in ax.get_ylabel()
        named = [text.get_text().split(", ") for text in ax.get_legend().get_texts()]
        assert all("t" not in name for name in named)
    rows = market.frame().assign(quantity=lambda rows: rows["quantity"].where(rows["commodity"] != "coal"))
    some = tw.Flows.from_frame(rows, quantity_unit="t")
    mixed = tw.Armington(some, period=2021, substitution=tw.around(5), demand=-1, supply=1)
    diverted = tw.ask("diversion", exporter="RUS", importers="DEU")
    both = mixed.sample(scenario(), 16, ask=[asked, diverted])
    ax = both.plot.fan(asked, column="quantity_after", top=50)
    assert "units as named" in ax.get_xlabel()
    assert all(name.get_text().endswith((", t", ", USD at baseline prices")) for name in ax.get_yticklabels())
    ax = both.plot.fan(diverted, column="lost")
    named = [name.get_text() for name in ax.get_yticklabels()]
    assert "units as named" in ax.get_xlabel() and named == ["coal, USD at baseline prices", "crude, t"]
    tornado = ensemble.plot.tornado(asked, column="value_after", top=1)
    assert not any(", t:" in text.get_text() for text in tornado.texts)


@pytest.mark.parametrize("picture", ["fan", "tornado", "sobol"])
def test_a_picture_has_a_row_at_least(over_time: tw.Ensemble, picture: str) -> None:
    for top in (0, -1, 2.5, True):
        with pytest.raises(tw.ModelError, match=f"top is {top!r}; expected a whole number of at least 1 row"):
            getattr(over_time.plot, picture)(column="toward_shift", top=top)


def test_questions_are_told_in_words() -> None:
    for question, words in (
        (tw.ask("prices"), "prices"),
        (tw.ask("revenue", exporter=["RUS", "SAU"], reference="USA"), "revenue of RUS + SAU against USA"),
        (tw.ask("concentration", importer=["EU27", "!DEU"]), "concentration into EU27 without DEU"),
        (tw.ask("diversion", exporter="RUS", importers="*", by="supplier"), "diversion of RUS to all by supplier"),
        (tw.ask("welfare", choke=3), "welfare choke=3"),
    ):
        assert told(question) == words


@pytest.mark.parametrize("picture", ["fan", "tornado"])
def test_a_column_that_is_not_there_is_refused(ensemble: tw.Ensemble, picture: str) -> None:
    with pytest.raises(tw.ModelError, match=r"no column of numbers 'nope'; it has .*toward_shift"):
        getattr(ensemble.plot, picture)(SHIFT, column="nope")


@pytest.fixture(scope="module")
def over_time() -> tw.Ensemble:
    measures = [
        tw.Ban(exporters="RUS", importers="DEU", commodities="crude", coverage=tw.uniform(0.5, 0.9), name="ban",
               announced="2022-06-03", start="2022-12-05", end="2024-06-30"),
        tw.Tariff(exporters="RUS", commodities="coal", rate=0.1, name="duty", start="2023-07-01"),
    ]  # fmt: skip
    slow = {"substitution": tw.adjusting(tw.triangular(3, 5, 8), 9, half_life=tw.uniform(1, 3))}
    scenario = tw.Scenario("dated", measures)
    return model(**slow).sample(scenario, 16, ask=SHIFT, periods=[2022, 2023, 2024], method="saltelli")


def test_a_fan_runs_along_periods(over_time: tw.Ensemble) -> None:
    ax = over_time.plot.fan(column="toward_shift")
    frame = SHIFT(over_time)
    medians = {line.get_label(): list(line.get_ydata()) for line in ax.lines if not line.get_label().startswith("_")}
    for commodity in ("coal", "crude"):
        rows = frame[(frame["commodity"] == commodity) & (frame["quantile"] == 0.5)]
        assert medians[commodity] == rows["toward_shift"].tolist()
    # Two bands a row, from the outermost quantiles inwards.
    assert len(ax.collections) == 4
    first = next(iter(medians))
    outer = ax.collections[0].get_paths()[0].vertices[:, 1]
    for order, reached in ((0.05, min(outer)), (0.95, max(outer))):
        row = frame[(frame["commodity"] == first) & (frame["quantile"] == order)]["toward_shift"]
        assert reached == (row.min() if order < 0.5 else row.max())
    axis = [line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 2]
    # The day after the last one in force is where the ban ends.
    assert axis == [dt.date(2022, 12, 5), dt.date(2023, 7, 1), dt.date(2024, 7, 1)]
    assert ax.get_title(loc="left").startswith("share_shift of RUS away from DEU toward CHN\ndated (")
    said = [text.get_text() for text in ax.texts]
    assert said == ["ban", "duty", "ban ends"]
    assert "triangles: announcements" in ax.get_xlabel() and "line: 50 %" in ax.get_xlabel()
    plain = over_time.plot.fan(column="toward_shift", dates=False, top=1)
    assert not plain.texts and len(plain.collections) == 2


def test_indices_are_bars(over_time: tw.Ensemble) -> None:
    pytest.importorskip("SALib", reason="SALib, of the extra 'uncertainty', is not installed")
    ax = over_time.plot.sobol(column="toward_shift", top=1, period=2023)
    frame = over_time.sobol(column="toward_shift").query("period == '2023' and commodity == 'crude'")
    frame = frame.sort_values("total", ascending=False, kind="stable")
    assert [text.get_text() for text in ax.get_yticklabels()] == frame["input"].tolist()
    wanted = np.ravel(frame[["first_order", "total"]].to_numpy())
    np.testing.assert_array_equal([patch.get_width() for patch in ax.patches], wanted)
    assert ax.get_title(loc="left") == "share_shift of RUS away from DEU toward CHN\ndated, 2023 (112 draws)"


def test_pictures_of_one_period(over_time: tw.Ensemble) -> None:
    ax = over_time.plot.tornado(column="toward_shift", top=1)
    assert "dated, 2024" in ax.get_title(loc="left")
    last = over_time.tornado(column="toward_shift").query("period == '2024' and commodity == 'crude'")
    assert [text.get_text() for text in ax.get_yticklabels()] == last["input"].tolist()
    with pytest.raises(tw.ModelError, match="period is 2029; the draws have 2022, 2023, 2024"):
        over_time.plot.tornado(period=2029)
    with pytest.raises(tw.ModelError, match="not over time"):
        model().sample(scenario(), 4, ask=SHIFT).plot.tornado(period=2023)


def test_a_tornado_draws_the_swings(ensemble: tw.Ensemble) -> None:
    ax = ensemble.plot.tornado(SHIFT, column="away_shift", top=1)
    frame = ensemble.tornado(SHIFT, column="away_shift")
    crude = frame[frame["commodity"] == "crude"]
    assert [text.get_text() for text in ax.get_yticklabels()] == crude["input"].tolist()
    assert ax.get_title(loc="left").startswith("share_shift of RUS")
    # The largest of the three answers less the smallest.
    three = frame[["at_low", "central", "at_high"]]
    np.testing.assert_array_equal(frame["swing"], three.max(axis=1) - three.min(axis=1))
    widths = [patch.get_width() for patch in ax.patches]
    expected = np.ravel([(row.at_low - row.central, row.at_high - row.central) for row in crude.itertuples()])
    # Differences of the same numbers, scaled by 1.
    np.testing.assert_allclose(widths, expected, rtol=1e-12)


def test_pictures_choose_a_column_and_draw_on_the_callers_axes(ensemble: tw.Ensemble) -> None:
    _, axes = matplotlib.pyplot.subplots(1, 2)
    assert ensemble.plot.fan(ax=axes[0]) is axes[0]
    assert ensemble.plot.tornado(tw.ask("revenue", exporter="RUS"), ax=axes[1]) is axes[1]
    assert axes[0].get_xlabel().split(",")[0] in ("away_after", "away_shift", "toward_after", "toward_shift")
    matplotlib.pyplot.close("all")
