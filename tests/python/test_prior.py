"""Flows that did not exist: priors mixed into a baseline."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

import tradewinds as tw

ELASTICITIES = {"substitution": 6, "demand": -0.5, "supply": 0.4}


def flows(seed: int = 0, n: int = 6, filled: float = 0.5) -> tw.Flows:
    rng = np.random.default_rng(seed)
    value = rng.lognormal(2, 1.5, (n, n)) * (rng.random((n, n)) < filled)
    value[np.arange(n), (np.arange(n) + 1) % n] = 20.0
    # Goods that travel little, as goods do.
    value *= np.exp(-0.4 * distances().pivot(index="exporter", columns="importer", values="distance") / 1000).to_numpy()
    i, j = np.nonzero(value)
    names = np.array([f"C{place}" for place in range(n)])
    frame = pd.DataFrame({"exporter": names[i], "importer": names[j], "commodity": "x", "value": value[i, j]})
    return tw.Flows.from_frame(frame.assign(quantity=frame["value"] / 3, quantity_unit="t"), countries="as_is")


def distances(n: int = 6, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    pairs = [(f"C{i}", f"C{j}", 1000 * rng.uniform(0.2, 6)) for i in range(n) for j in range(n)]
    return pd.DataFrame(pairs, columns=["exporter", "importer", "distance"])


def matrix(frame: pd.DataFrame, value: str) -> np.ndarray:
    text = frame.astype({"exporter": str, "importer": str})
    return text.pivot_table(index="exporter", columns="importer", values=value, aggfunc="sum").fillna(0).to_numpy()


def mixed(weight: float, **given: object) -> tw.Armington:
    prior = tw.Prior(weight=weight, distance=distances(), **given)
    return tw.Armington(flows(), period=2021, prior=prior, **ELASTICITIES)


def test_no_measures_still_change_nothing_and_margins_are_those_observed() -> None:
    result = mixed(0.5).solve(tw.Scenario("none"))
    after = result.flows
    # The solve starts where it ends: rounding of a sum.
    np.testing.assert_allclose(after["value_after"], after["value_before"], rtol=1e-12)
    observed, before = matrix(after, "value_observed"), matrix(after, "value_before")
    assert (before > 0).sum() > (observed > 0).sum()
    # Margins of the prediction are met to 1e-13 of the columns.
    for axis in (0, 1):
        np.testing.assert_allclose(before.sum(axis=axis), observed.sum(axis=axis), rtol=1e-11)
    np.testing.assert_array_equal(np.diag(before), np.diag(observed))


def test_the_observed_values_are_the_flows_that_were_given() -> None:
    after = mixed(0.3).solve(tw.Scenario("none")).flows
    text = after.astype({name: str for name in ("exporter", "importer", "commodity")})
    known = text[text["value_observed"] > 0].set_index(["exporter", "importer"])["value_observed"].sort_index()
    given = flows().to_frame().astype({"exporter": str, "importer": str}).set_index(["exporter", "importer"])["value"]
    pd.testing.assert_series_equal(known, given.sort_index(), check_names=False)


def test_weight_0_is_no_prior_and_1_is_the_prediction_alone() -> None:
    plain = tw.Armington(flows(), period=2021, **ELASTICITIES).solve(tw.Scenario("none")).flows
    nothing = mixed(0.0).solve(tw.Scenario("none")).flows
    pd.testing.assert_frame_equal(plain, nothing)
    model = mixed(1.0)
    theta = model.prior["decay"]["x"]
    d = distances().pivot(index="exporter", columns="importer", values="distance").to_numpy() / 1000
    prediction = matrix(model.solve(tw.Scenario("none")).flows, "value_before")
    off = ~np.eye(len(d), dtype=bool)
    # Doubly constrained: the cross ratios of G are those of the kernel. Logs of numbers good to 1e-12.
    residual = np.log(prediction, where=off, out=np.zeros_like(d)) + theta * d
    a, b, e, f = 0, 1, 2, 3
    assert residual[a, e] - residual[a, f] == pytest.approx(residual[b, e] - residual[b, f], abs=1e-9)


def test_the_prediction_minimises_relative_entropy_under_the_margins() -> None:
    model = mixed(1.0, decay=0.4)
    prediction = matrix(model.solve(tw.Scenario("none")).flows, "value_before")
    value = matrix(flows().to_frame(), "value")
    off = ~np.eye(len(value), dtype=bool)
    kernel = np.exp(-0.4 * distances().pivot(index="exporter", columns="importer", values="distance").to_numpy() / 1000)
    rows, columns = (value * off).sum(axis=1), (value * off).sum(axis=0)

    def dual(x: np.ndarray) -> float:
        a, b = x[: len(rows)], x[len(rows) :]
        return float((np.exp(a[:, None] + b[None, :]) * kernel * off).sum() - a @ rows - b @ columns)

    found = minimize(dual, np.zeros(2 * len(rows)), method="BFGS", options={"gtol": 1e-9, "maxiter": 2000}).x
    want = np.exp(found[: len(rows), None] + found[None, len(rows) :]) * kernel * off
    # BFGS stops at gradients, here errors of margins, of about 1e-6 of the sums.
    np.testing.assert_allclose(prediction[off], want[off], rtol=1e-4)


def test_goods_travel_as_far_as_they_did() -> None:
    d = distances().pivot(index="exporter", columns="importer", values="distance").to_numpy()
    frame = mixed(1.0).solve(tw.Scenario("none")).flows
    before, observed = matrix(frame, "value_before"), matrix(frame, "value_observed")
    off = ~np.eye(len(d), dtype=bool)
    # The decay is solved to 1e-10 of the haul.
    assert (before * d)[off].sum() == pytest.approx((observed * d)[off].sum(), rel=1e-8)


def test_only_the_contestable_part_moves() -> None:
    table = pd.DataFrame([("x", "C0", 0.0), ("x", "*", 1.0)], columns=["commodity", "country", "contestable"])
    frame = mixed(1.0, contestable=table).solve(tw.Scenario("none")).flows
    text = frame.astype({"exporter": str})
    mine = text[text["exporter"] == "C0"]
    # What is not contestable is not touched; G has nothing for it.
    np.testing.assert_allclose(mine["value_before"], mine["value_observed"], rtol=1e-12, atol=1e-12)
    others = text[text["exporter"] != "C0"]
    assert not np.allclose(others["value_before"], others["value_observed"])


def test_ppml_is_the_poisson_fit_with_both_effects() -> None:
    pytest.importorskip("pyfixest")
    prior = tw.Prior(kind="ppml", weight=1.0, distance=distances())
    model = tw.Armington(flows(), period=2021, prior=prior, **ELASTICITIES)
    prediction = matrix(model.solve(tw.Scenario("none")).flows, "value_before")
    value = matrix(flows().to_frame(), "value")
    off = ~np.eye(len(value), dtype=bool)
    log_d = np.log(distances().pivot(index="exporter", columns="importer", values="distance").to_numpy())
    # The Poisson score of the distance coefficient: fitted flows travel as far, in logs, as the data.
    # pyfixest stops at relative changes of 1e-8 of the deviance.
    np.testing.assert_allclose((prediction * log_d)[off].sum(), (value * log_d)[off].sum(), rtol=1e-5)


def test_a_ban_now_has_somewhere_new_to_send_goods() -> None:
    plain = tw.Armington(flows(), period=2021, **ELASTICITIES)
    seller, absent = (
        "C0",
        next(
            name
            for name in plain.flows.countries
            if name != "C0"
            and not ((flows().to_frame()["exporter"] == "C0") & (flows().to_frame()["importer"] == name)).any()
        ),
    )
    result = mixed(0.5).solve(tw.Scenario("ban", [tw.Ban(exporters=seller, importers="C1")]))
    shares = result.shares(seller).astype({"importer": str}).set_index("importer")
    assert shares.loc[absent, "before"] > 0
    assert shares.loc[absent, "shift"] > 0


def test_the_weight_and_its_band_are_in_every_table_and_in_the_sources() -> None:
    result = mixed(0.25).solve(tw.Scenario("ban", [tw.Ban(exporters="C0", importers="C1")]))
    for frame in (result.flows, result.prices, result.shares("C0"), result.welfare(), result.certificate):
        assert frame.attrs["prior"]["weight"] == 0.25
        assert frame.attrs["prior"]["band"] == (0.0, 1.0)
    row = result.sources().query("input == 'prior: distance'").iloc[0]
    assert row["value"] == "0.25" and "band 0 to 1" in row["unit"] and "θ" in row["unit"]
    assert "weight 0.25, band 0 to 1" in repr(result)


def test_another_weight_is_another_model_of_the_same_inputs() -> None:
    scenario = tw.Scenario("ban", [tw.Ban(exporters="C0", importers="C1")])
    again, direct = mixed(0.25).with_prior_weight(0.75), mixed(0.75)
    pd.testing.assert_frame_equal(again.solve(scenario).flows, direct.solve(scenario).flows)
    with pytest.raises(tw.ModelError, match="no prior"):
        tw.Armington(flows(), period=2021, **ELASTICITIES).with_prior_weight(0.5)


def test_a_model_with_a_prior_is_saved_and_pickled_whole(tmp_path: Path) -> None:
    result = mixed(0.5).solve(tw.Scenario("ban", [tw.Ban(exporters="C0", importers="C1")]))
    result.save(tmp_path / "kept")
    for again in (tw.load_result(tmp_path / "kept"), pickle.loads(pickle.dumps(result))):
        pd.testing.assert_frame_equal(again.flows, result.flows)
        assert again.model.prior == result.model.prior
    with pytest.raises(tw.ModelError, match="no prior to weigh"):
        tw.load_result(tmp_path / "kept").model.with_prior_weight(0.1)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"weight": 1.5}, tw.ModelError, r"weight is 1\.5; expected .* between 0"),
        ({"weight": float("nan")}, tw.ModelError, "weight is nan"),
        ({"kind": "magic"}, tw.ModelError, "'distance' or 'ppml'"),
        ({"distance": "by air"}, tw.ModelError, "'sea', 'great_circle' or a frame"),
        ({"kind": "ppml", "decay": 0.3}, tw.ModelError, "leave it out"),
        ({"distance": distances().query("importer != 'C3'")}, tw.DataError, r"x: .*→C3"),
        ({"distance": distances().drop(columns="distance")}, tw.DataError, "distance"),
        ({"decay": {"y": 0.3}}, tw.DataError, "decay has no value for x; it has y"),
        ({"contestable": 1.5}, tw.DataError, "between 0 and 1"),
    ],
)
def test_bad_priors_say_what_is_wrong(given: dict[str, object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        tw.Armington(flows(), period=2021, prior=tw.Prior(**{"distance": distances(), **given}), **ELASTICITIES)


def test_flows_with_modes_are_refused() -> None:
    frame = flows().to_frame().assign(mode="sea")
    moded = tw.Flows.from_frame(frame, countries="as_is")
    with pytest.raises(tw.DataError, match="modes of transport"):
        tw.Armington(moded, period=2021, prior=tw.Prior(distance=distances()), **ELASTICITIES)
