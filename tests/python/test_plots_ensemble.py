"""Fans and tornadoes draw the numbers of their frames."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sampling import ASKED, SHIFT, model, scenario

import tradewinds as tw

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
    assert "64 draws" in ax.get_title(loc="left")
    assert "percentage points" in ax.get_xlabel()
    assert ax.get_xlabel().startswith("toward_shift")


def test_a_fan_runs_along_periods() -> None:
    from tradewinds.view.plot.fan import draw

    rows = [
        {"quantile": order, "period": str(year), "commodity": good, "shift": order * (year - 2020) * sign}
        for good, sign in (("crude", 1.0), ("coal", -1.0))
        for year in (2021, 2022, 2023)
        for order in (0.05, 0.5, 0.95)
    ]
    ax = draw(pd.DataFrame(rows), "shift", "percentage points", "a path", 16)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["2021", "2022", "2023"]
    medians = {line.get_label(): list(line.get_ydata()) for line in ax.lines}
    assert medians == {"crude": [0.5, 1.0, 1.5], "coal": [-0.5, -1.0, -1.5]}
    assert len(ax.collections) == 2


def test_a_tornado_draws_the_swings(ensemble: tw.Ensemble) -> None:
    ax = ensemble.plot.tornado(SHIFT, column="away_shift", top=1)
    frame = ensemble.tornado(SHIFT, column="away_shift")
    crude = frame[frame["commodity"] == "crude"]
    assert [text.get_text() for text in ax.get_yticklabels()] == crude["input"].tolist()
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
