"""Predictions against what happened: scores by hand, naive answers, bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq

import tradewinds as tw
from tradewinds.evidence.frozen import candidates

ELASTICITIES = {"substitution": 6, "demand": -0.5, "supply": 0.4}
QUESTION = tw.ask("shares", exporter="A")
BAN = tw.Scenario("ban", [tw.Ban(exporters="A", importers="B", start="2022-07-02")])


def frame(period: int, to_b: float, to_c: float, to_d: float) -> pd.DataFrame:
    rows = [("A", "B", to_b), ("A", "C", to_c), ("A", "D", to_d), ("E", "B", 50.0), ("E", "C", 30.0), ("E", "D", 10.0)]
    made = pd.DataFrame(rows, columns=["exporter", "importer", "value"])
    return made.assign(period=period, commodity="x", quantity=made["value"] / 2, quantity_unit="t")


def data(*after: float) -> tw.Flows:
    parts = [frame(2021, 60, 30, 10), frame(2023, *after or (0, 50, 50))]
    return tw.Flows.from_frame(pd.concat(parts), countries="as_is")


def model(flows: tw.Flows | None = None, **changed: float) -> tw.Armington:
    return tw.Armington(flows or data(), period=2021, **{**ELASTICITIES, **changed})


def distances() -> pd.DataFrame:
    names = "ABCDE"
    rows = [(a, b, 1000.0 * (1 + abs(i - j))) for i, a in enumerate(names) for j, b in enumerate(names)]
    return pd.DataFrame(rows, columns=["exporter", "importer", "distance"])


def run(models: dict[str, object] | None = None, observed: tw.Flows | None = None, **given: object) -> tw.Backtest:
    return tw.backtest(
        {"Armington": model()} if models is None else models,
        given.pop("scenario", BAN),
        observed or data(),
        periods=given.pop("periods", [2023]),
        question=given.pop("question", QUESTION),
        distance=distances(),
        **given,
    )


def test_scores_are_those_of_the_frame_and_of_the_definition() -> None:
    test = run(destinations={"banned": "B", "C": "C"})
    shares = test.frame.set_index(["model", "destination"])
    none, proportional = shares.loc["none"], shares.loc["proportional"]
    assert none["predicted"].to_dict() == pytest.approx({"banned": 0.6, "C": 0.3, "rest": 0.1}, rel=1e-15)
    assert proportional["predicted"].to_dict() == pytest.approx({"banned": 0, "C": 0.75, "rest": 0.25}, rel=1e-15)
    # In 2022 half of the year is closed, in 2023 all of it.
    scores = test.scores.set_index("model")
    assert scores.loc["none", "total_variation"] == pytest.approx(0.6, rel=1e-14)
    assert scores.loc["proportional", "total_variation"] == pytest.approx(0.25, rel=1e-14)
    for name in scores.index:
        error = (shares.loc[name, "predicted"] - shares.loc[name, "observed"]).abs().sum() / 2
        assert scores.loc[name, "total_variation"] == pytest.approx(error, rel=1e-12)
        assert scores.loc[name, "skill_proportional"] == pytest.approx(1 - error / 0.25, abs=1e-12)
    assert scores.loc["none", "skill_none"] == 0
    assert scores["kind"].to_dict()["Armington"] == "frozen before"


def test_the_prediction_is_what_the_result_says() -> None:
    result = model().solve(BAN, at=2023)
    shares = result.shares("A").astype({"importer": str}).set_index("importer")["after"]
    for basis in ("value", "quantity"):
        test = run(destinations={"B": "B", "C": "C", "D": "D"}, basis=basis)
        mine = test.frame.query("model == 'Armington'").set_index("destination")["predicted"]
        # Unit values are equal and σ moves all of A's flows alike, so shares are the same in both.
        np.testing.assert_allclose(mine[["B", "C", "D"]], shares[["B", "C", "D"]], rtol=1e-12)


def test_dates_count_in_proportion_to_days() -> None:
    observed = tw.Flows.from_frame(pd.concat([frame(2021, 60, 30, 10), frame(2022, 40, 40, 20)]), countries="as_is")
    test = run(observed=observed, periods=[2022], destinations={"B": "B"})
    # Closed from 2 July 2022: 183 of 365 days, so 182/365 of 60 is left, of 60·182/365 + 40.
    left = 60 * 182 / 365
    naive = test.frame.query("model == 'proportional'").set_index("destination")["predicted"]
    assert naive["B"] == pytest.approx(left / (left + 40), rel=1e-12)


def test_the_naive_gravity_is_doubly_constrained_over_what_the_measures_leave() -> None:
    half = tw.Scenario("half", [tw.Ban(exporters="A", importers="B", coverage=0.5, start="2022-07-02")])
    test = run(scenario=half, destinations={"B": "B", "C": "C", "D": "D"})
    naive = test.frame.query("model == 'gravity'").set_index("destination")["predicted"]
    rows, columns = np.array([100.0, 90.0]), np.array([110.0, 60.0, 20.0])
    distance = np.array([[2, 3, 4], [4, 3, 2]])

    def fitted(theta: float, share: float) -> np.ndarray:
        made = np.exp(-theta * distance) * np.array([[share, 1, 1], [1, 1, 1]])
        for _ in range(500):
            made *= (rows / made.sum(axis=1))[:, None]
            made *= columns / made.sum(axis=0)
        return made

    observed = np.array([[60.0, 30, 10], [50, 30, 10]])
    haul = lambda theta: ((fitted(theta, 1.0) - observed) * distance).sum()  # noqa: E731
    want = fitted(brentq(haul, 0.01, 3), 0.5)[0] / 100
    # The decay is solved to 1e-10 of the haul, which moves little with it here.
    np.testing.assert_allclose(naive[["B", "C", "D"]], want, rtol=1e-6)


def test_a_naive_answer_that_does_not_exist_is_named() -> None:
    # Without B, A would have to sell 100 where 80 are bought.
    test = run(destinations={"B": "B", "C": "C", "D": "D"})
    assert "gravity" not in test.scores["model"].to_list()
    ((which, why),) = test.notes.items()
    assert which == "gravity, 2021→2023"
    assert "margins" in why


def test_undisclosed_partners_are_dropped_from_both_sides_or_absorbed() -> None:
    dropped = run(destinations={"B": "B", "C": "C"}, undisclosed="D").frame
    assert dropped.query("destination == 'rest'")[["before", "predicted", "observed"]].to_numpy().max() == 0
    before = dropped.query("model == 'none'").set_index("destination")["before"]
    assert before["B"] == pytest.approx(60 / 90, rel=1e-15)
    absorbed = run(destinations={"B": "B", "C": "C"}, undisclosed="D", undisclosed_as="absorb").frame
    assert absorbed.query("model == 'none' and destination == 'rest'")["before"].item() == pytest.approx(0.1)


def test_without_named_destinations_the_largest_are_told_apart() -> None:
    test = run(observed=data(0, 20, 80))
    named = test.frame.query("model == 'none'")["destination"].to_list()
    assert named == ["D", "C", "rest"]


def test_an_ensemble_has_bands_that_are_quantiles_of_its_members() -> None:
    members = [
        tw.Armington(data(), period=2021, **ELASTICITIES, prior=tw.Prior(distance=distances(), weight=weight))
        for weight in np.linspace(0, 1, 11)
    ]
    test = run({"all": members}, destinations={"B": "B", "C": "C", "D": "D"})
    each = [run({"one": member}, destinations={"B": "B", "C": "C", "D": "D"}) for member in members]
    shares = np.array([one.frame.query("model == 'one'")["predicted"] for one in each])
    mine = test.frame.query("model == 'all'")
    np.testing.assert_allclose(mine["predicted"], shares.mean(axis=0), rtol=1e-12)
    for name, probability in (("low_90", 0.05), ("low_50", 0.25), ("high_50", 0.75), ("high_90", 0.95)):
        # numpy's default quantile is the same, type 7.
        np.testing.assert_allclose(mine[name], np.quantile(shares, probability, axis=0), rtol=1e-12, atol=1e-15)
    score = test.scores.query("model == 'all'").iloc[0]
    within = (mine["low_90"] <= mine["observed"]) & (mine["observed"] <= mine["high_90"])
    assert score["coverage_90"] == within.mean()
    assert score["width_90"] == pytest.approx((mine["high_90"] - mine["low_90"]).mean(), rel=1e-12)
    assert score["members"] == 11


def test_origins_roll_over_functions_of_the_period() -> None:
    flows = tw.Flows.from_frame(
        pd.concat([frame(2020, 50, 40, 10), frame(2021, 60, 30, 10), frame(2023, 0, 50, 50)]), countries="as_is"
    )
    make = lambda period: tw.Armington(flows, period=period, **ELASTICITIES)  # noqa: E731
    test = run({"rolling": make}, flows, origins=[2020, 2021], destinations={"B": "B"})
    assert test.scores.query("model == 'rolling'")["origin"].to_list() == [2020, 2021]
    before = test.frame.query("model == 'none' and destination == 'B'").set_index("origin")["before"]
    assert before.to_dict() == pytest.approx({2020: 0.5, 2021: 0.6})


def test_hindsight_is_said_wherever_a_score_appears() -> None:
    test = run({"plain": model(), "tuned": model(substitution=9)}, hindsight=["tuned"], destinations={"B": "B"})
    kinds = test.scores.set_index("model")["kind"]
    assert (kinds["tuned"], kinds["plain"], kinds["none"]) == ("calibrated in hindsight", "frozen before", "naive")
    for text in (test.to_markdown(), test.to_latex()):
        assert text.count("calibrated in hindsight") == 1


def test_tables_of_text_have_a_row_a_score() -> None:
    test = run(destinations={"B": "B"})
    markdown, latex = test.to_markdown().splitlines(), test.to_latex().splitlines()
    assert len(markdown) == len(test.scores) + 2
    assert len({line.count("|") for line in markdown}) == 1
    assert sum(line.endswith(r"\\") for line in latex) == len(test.scores) + 1
    assert "_" not in test.to_latex().replace(r"\_", "")


def test_the_picture_has_every_prediction_and_what_was_observed() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    test = run(destinations={"B": "B", "C": "C"})
    ax = test.plot()
    drawn = sorted(float(dot.get_offsets()[0][0]) for dot in ax.collections)
    # Per cent of the same numbers.
    np.testing.assert_allclose(drawn, sorted(100 * test.frame["predicted"]), rtol=1e-14)
    lines = {float(line.get_xdata()[0]) for line in ax.lines if line.get_label() == "observed"}
    assert lines == set(100 * test.frame["observed"])
    plt.close("all")


def other(goods: str = "x", **changes: object) -> tw.Flows:
    made = pd.concat([frame(2021, 60, 30, 10), frame(2023, 0, 50, 50).assign(commodity=goods)])
    return tw.Flows.from_frame(made, countries="as_is", **changes)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"models": {}}, tw.ModelError, "no models"),
        ({"models": {"x": []}}, tw.ModelError, "'x' is an empty list"),
        ({"models": {"x": [3]}}, tw.ModelError, "'x' is a int; give models"),
        ({"models": {"none": model()}}, tw.ModelError, "name of a baseline"),
        ({"question": tw.ask("welfare")}, tw.ModelError, "'shares'"),
        ({"baselines": ["naive"]}, tw.ModelError, "no baseline 'naive'; there are none, proportional, gravity"),
        ({"undisclosed_as": "hide"}, tw.ModelError, "'drop' or 'absorb'"),
        ({"basis": "mass"}, tw.ModelError, "'value' or 'quantity'"),
        ({"hindsight": ["y"]}, tw.ModelError, "'y', which is no model"),
        ({"models": {"x": lambda period: model()}}, tw.ModelError, "origins="),
        ({"origins": [2021]}, tw.ModelError, "stands on one period"),
        ({"periods": [2022]}, tw.DataError, r"no period 2022; they have 2021, 2023"),
        ({"observed": other(goods="y")}, tw.DataError, "of 2023 have no x, which the model has"),
        ({"periods": [2021]}, tw.DataError, "not before 2021"),
        ({"observed": other(unit="EUR")}, tw.DataError, "unit 'USD', the observed ones 'EUR'"),
        ({"destinations": {"one": "B", "two": ["C", "B"]}}, tw.DataError, "B is in 'two' and in 'one'"),
        ({"destinations": {"one": "BB"}}, tw.DataError, "'BB' is no group and buys nothing"),
        ({"undisclosed": "BB"}, tw.DataError, "'BB' is no group and buys nothing"),
        ({"question": tw.ask("shares", exporter="B")}, tw.DataError, "nothing to score"),
    ],
)
def test_bad_input_says_what_is_wrong(given: dict[str, object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        run(**{"destinations": {"B": "B"}, **given})


def test_two_revisions_of_the_harmonised_system_do_not_mix() -> None:
    observed = other(attrs={"hs_revision": "HS92"})
    mine = model(other(attrs={"hs_revision": "HS17"}))
    with pytest.raises(tw.DataError, match=r"HS17.*HS92"):
        run({"x": mine}, observed, destinations={"B": "B"})


def test_quantities_that_are_not_known_are_not_scored() -> None:
    made = pd.concat([frame(2021, 60, 30, 10), frame(2023, 0, 50, 50)])
    made.loc[made["importer"] == "C", "quantity"] = np.nan
    observed = tw.Flows.from_frame(made, countries="as_is")
    with pytest.raises(tw.DataError, match="basis='value'"):
        run(observed=observed, basis="quantity", destinations={"B": "B"})


class TestEpisodes:
    """The bundled episodes with the frozen parameters."""

    def test_measures_are_cut_to_the_commodity_and_come_with_dates(self) -> None:
        for episode in tw.episodes.values():
            for reading in episode.readings:
                scenario = episode.scenario(reading)
                assert scenario.measures
                assert all(measure.commodities == (episode.commodity,) for measure in scenario.measures)
                assert all(measure.start is not None for measure in scenario.measures)
        with pytest.raises(tw.ModelError, match="no reading 'x'; it has law, unfriendly"):
            tw.episodes["russia-crude"].scenario("x")
        with pytest.raises(tw.DataError, match="did you mean 'russia-coal'"):
            tw.episodes["rusia-coal"]

    def test_naive_answers_to_russian_crude_are_those_known_before(self) -> None:
        scores = tw.episodes["russia-crude"].backtest({"plain": _plain("crude", 2021)}).scores
        tv = scores.set_index(["model", "period"])["total_variation"]
        # No change 0.55 and 0.58, proportional 0.38 and 0.41: printed to two digits by an earlier study of these data.
        for name, want in (("none", (0.55, 0.58)), ("proportional", (0.38, 0.41))):
            assert [tv[name, 2023], tv[name, 2024]] == pytest.approx(want, abs=0.006)

    def test_observed_shares_are_those_of_the_data(self) -> None:
        frame = tw.episodes["russia-crude"].backtest({"plain": _plain("crude", 2021)}).frame
        seen = frame.query("model == 'none' and period == 2023").set_index("destination")["observed"]
        # Printed to two digits.
        assert seen.to_dict() == pytest.approx({"EU27": 0.08, "China": 0.50, "India": 0.40, "rest": 0.02}, abs=0.006)

    def test_bands_take_their_width_from_the_other_episodes(self) -> None:
        bands = tw.episodes.bands(model="no prior")
        error = (bands["observed"] - bands["predicted"]).abs()
        for key in tw.episodes:
            mine = bands["episode"] == key
            half = np.quantile(error[~mine], 0.9)
            # Clipping to 0 and 1 apart, the same two sums.
            np.testing.assert_allclose(bands.loc[mine, "high"], (bands.loc[mine, "predicted"] + half).clip(upper=1))
        assert bands.attrs["coverage"] == bands["covered"].mean()
        with pytest.raises(tw.ModelError, match="no frozen model 'x'; there are"):
            tw.episodes.bands(model="x")


def _plain(commodity: str, period: int) -> tw.Armington:
    table = tw.datasets.elasticities(import_share="bundled", export_share="bundled")
    flows = tw.datasets.load("episodes").select(commodities=commodity)
    return tw.Armington(flows, period=period, substitution=table, demand=table, supply=table)


def test_a_frozen_specification_changes_what_its_name_says() -> None:
    flows = tw.episodes["russia-lng"].flows
    models = candidates(flows, 2021)
    default = models["default"]
    assert isinstance(default, tw.Armington)
    for name, changed in (
        ("low substitution", {"substitution"}),
        ("no prior, high substitution", {"substitution"}),
        ("high elasticities", {"substitution", "demand", "supply"}),
        ("no prior, unconverted elasticities", {"demand", "supply"}),
    ):
        model = models[name]
        assert isinstance(model, tw.Armington)
        differs = {
            key for key in default.parameters if (model.parameters[key].values != default.parameters[key].values).any()
        }
        assert differs == changed, name
        weight = 0.0 if model.prior is None else model.prior["weight"]
        assert weight == (0.0 if name.startswith("no prior") else 0.5)
