"""Fits: parameters that made the data come back, errors as numpy computes them, data that say too little."""

from __future__ import annotations

import time
import warnings
from typing import Any

import market
import numpy as np
import pandas as pd
import polars as pl
import pytest

import tradewinds as tw

BAN = tw.Ban(name="ban", exporters="RUS", importers=["DEU", "POL"], coverage=0.8)
COST = tw.TradeCost(name="cost", exporters="RUS", importers="CHN", change=-0.05)
SCENARIO = tw.Scenario("tested", [BAN, COST])
FLOWS = tw.ask("flows")
KEYS = ["exporter", "importer", "commodity"]
#: What made the data, and where the fits start.
TRUTH = {
    "substitution (crude)": (tw.Parameter("substitution", "crude"), 4.0, 7.0),
    "demand (crude, CHN)": (tw.Parameter("demand", "crude", "CHN"), -0.9, -0.4),
    "demand (coal)": (tw.Parameter("demand", "coal"), -0.2, -0.4),
    "supply (crude, RUS)": (tw.Parameter("supply", "crude", "RUS"), 0.8, 0.3),
    "supply (coal, SAU+USA)": (tw.Parameter("supply", "coal", ["SAU", "USA"]), 0.05, 0.3),
    "coverage (ban)": (tw.Parameter("coverage", measure="ban"), 0.95, 0.8),
    "change (cost)": (tw.Parameter("change", measure="cost"), -0.15, -0.05),
}


def model(*moved: str, **changes: Any) -> tw.Armington:
    """All parameters where fits start, or at the truth for those ``moved``."""
    base = market.flows()
    keys = [(k, c) for k in base.commodities for c in market.COUNTRIES]
    table = pd.DataFrame(keys, columns=["commodity", "country"]).assign(demand=-0.4, supply=0.3)
    substitution = {"crude": 7.0, "coal": 3.0}
    for label in moved:
        parameter, value, _ = TRUTH[label]
        if parameter.measure is not None:
            continue
        if parameter.name == "substitution":
            substitution["crude"] = value
            continue
        countries = market.COUNTRIES if parameter.country == "*" else np.atleast_1d(parameter.country)
        hit = (table["commodity"] == parameter.commodity) & table["country"].isin(countries)
        table.loc[hit, parameter.name] = value
    return tw.Armington(base, period=2021, substitution=substitution, demand=table, supply=table, **changes)


def scenario(*moved: str) -> tw.Scenario:
    made = SCENARIO
    for label in moved:
        parameter, value, _ = TRUTH[label]
        if parameter.measure is not None:
            made = made.replace(parameter.measure, **{parameter.name: value})
    return made


def data(*moved: str, noise: float = 0.0, seed: int = 1) -> pd.DataFrame:
    frame = model(*moved).solve(scenario(*moved)).flows.astype({key: str for key in KEYS})[[*KEYS, "value_after"]]
    draw = np.random.default_rng(seed).normal(size=len(frame))
    return frame.assign(value_after=frame["value_after"] * (1 + noise * draw), precision=1 / frame["value_after"] ** 2)


def fit(observed: Any, *labels: str, of: tw.Armington | None = None, **how: Any) -> tw.Fit:
    how = {"question": FLOWS, "column": "value_after", "period": 2023, **how}
    parameters = how.pop("parameters", [TRUTH[label][0] for label in labels])
    return tw.fit(of or model(), SCENARIO, observed, parameters=parameters, **how)


def test_known_parameters_come_back() -> None:
    observed = data(*TRUTH)
    found = fit(observed, *TRUTH, weight="precision")
    assert found.converged
    values = found.parameters.set_index("parameter")["value"]
    for label, (_, value, start) in TRUTH.items():
        # The data are exact and Gauss–Newton ends at steps of 1e-9.
        assert values[label] == pytest.approx(value, rel=1e-7)
        assert found.parameters.set_index("parameter")["start"][label] == start
    assert np.allclose(found.fitted["fitted"], observed["value_after"], rtol=1e-9)
    assert np.allclose(found.result.flows["value_after"], observed["value_after"], rtol=1e-9)
    assert found.scenario.measures[0].coverage == pytest.approx(0.95, rel=1e-7)
    assert found.model.solve(found.scenario, at=2023).flows.equals(found.result.flows)
    source = found.result.sources().query("source == 'fitted to 2023'")
    assert list(source["input"]) == ["substitution", "demand", "demand", "supply", "supply"]


def test_every_table_says_the_training_period() -> None:
    found = fit(data(*TRUTH), "demand (coal)", "coverage (ban)", period="2023Q2")
    for table in (found.parameters, found.covariance, found.fitted):
        assert (table["training_period"] == "2023Q2").all()
    assert "2023Q2" in repr(found)
    assert found.result.settings["at"] == "2023Q2"


def test_standard_errors_are_those_of_weighted_least_squares() -> None:
    labels = ["substitution (crude)", "demand (coal)", "supply (crude, RUS)", "coverage (ban)"]
    observed = data(*labels, noise=0.02)
    found = fit(observed, *labels, weight="precision")
    values = found.parameters["value"].to_numpy()
    weight = np.sqrt(observed["precision"].to_numpy())

    def answer(at: np.ndarray) -> np.ndarray:
        """By solving anew, with the labels' own meaning."""
        kept = {label: TRUTH[label] for label in labels}
        try:
            for label, value in zip(labels, at, strict=True):
                TRUTH[label] = (TRUTH[label][0], float(value), TRUTH[label][2])
            return model(*labels).solve(scenario(*labels)).flows["value_after"].to_numpy()
        finally:
            TRUTH.update(kept)

    # Central differences of fourth order of the exact solve: good to about 1e-9.
    def slope(place: int, step: float) -> np.ndarray:
        e = np.eye(len(labels))[place] * step
        return (8 * (answer(values + e) - answer(values - e)) - answer(values + 2 * e) + answer(values - 2 * e)) / (
            12 * step
        )

    jacobian = weight[:, None] * np.column_stack([slope(place, 1e-3) for place in range(len(labels))])
    residual = weight * (observed["value_after"].to_numpy() - answer(values))
    variance = residual @ residual / (len(residual) - len(labels))
    covariance = variance * np.linalg.inv(jacobian.T @ jacobian)
    assert np.allclose(found.parameters["standard_error"], np.sqrt(np.diag(covariance)), rtol=1e-6)
    assert np.allclose(found.covariance["covariance"].to_numpy().reshape(4, 4), covariance, rtol=1e-5)
    # The gradient is zero at the minimum, relative to what its terms are.
    assert np.abs(jacobian.T @ residual).max() < 1e-6 * np.abs(jacobian).T.dot(np.abs(residual)).max()
    # The truth is within four standard errors.
    truth = np.array([TRUTH[label][1] for label in labels])
    assert (np.abs(values - truth) < 4 * found.parameters["standard_error"]).all()


def test_shares_are_fitted_as_well_as_values() -> None:
    question = tw.ask("shares", exporter="RUS")
    truth = question(model("coverage (ban)").solve(scenario("coverage (ban)")))
    observed = truth[["commodity", "importer", "after"]]
    found = fit(observed, "coverage (ban)", question=question, column="after")
    assert found.parameters["value"][0] == pytest.approx(0.95, rel=1e-7)
    assert list(found.fitted.columns[:2]) == ["commodity", "importer"]


def test_a_parameter_stays_within_its_bounds_and_has_no_error_there() -> None:
    observed = data("demand (coal)", "coverage (ban)")
    bounds = {"coverage (ban)": (0.1, 0.9)}
    found = fit(observed, "demand (coal)", "coverage (ban)", bounds=bounds, weight="precision")
    row = found.parameters.set_index("parameter").loc["coverage (ban)"]
    assert row["value"] == 0.9
    assert row["at_bound"]
    assert np.isnan(row["standard_error"])
    assert np.isfinite(found.parameters["standard_error"][0])
    # Held at the bound, the rest is the fit of the rest.
    alone = tw.fit(
        model(),
        SCENARIO.replace("ban", coverage=0.9),
        observed,
        parameters=TRUTH["demand (coal)"][0],
        question=FLOWS,
        column="value_after",
        period=2023,
        weight="precision",
    )
    assert found.parameters["value"][0] == pytest.approx(alone.parameters["value"][0], rel=1e-6)


def test_data_that_do_not_tell_parameters_apart_are_warned_about() -> None:
    # On one flow two bans are one: only the product of what they leave counts.
    twin = tw.Ban(name="twin", exporters="RUS", importers=["DEU", "POL"], coverage=0.5)
    both = [tw.Parameter("coverage", measure=label) for label in ("ban", "twin")]
    with pytest.warns(tw.IdentificationWarning, match=r"rank 1 of 2.*coverage \(ban\), coverage \(twin\)"):
        found = tw.fit(
            model(),
            SCENARIO + twin,
            data("coverage (ban)"),
            parameters=both,
            question=FLOWS,
            column="value_after",
            period=2023,
            weight="precision",
        )
    assert np.isinf(found.parameters["standard_error"]).all()
    left = np.prod([1 - value for value in found.parameters["value"]])
    assert left == pytest.approx(0.05, rel=1e-7)


def test_values_under_a_ban_identify_ratios_only_and_quantities_identify_all() -> None:
    """With q = (1 − σ) ln p̂ values depend on (1 + η)/(σ − 1) and (1 + ε)/(σ − 1) alone."""
    ban = tw.Scenario("x", [BAN])
    parameters = [tw.Parameter(name, "crude") for name in ("substitution", "demand", "supply")]
    flows = (
        tw.Armington(market.flows(), period=2021, substitution=5.0, demand=-0.4, supply=0.3)
        .solve(ban)
        .flows.astype({key: str for key in KEYS})
    )
    base = tw.Armington(market.flows(), period=2021, substitution=6.0, demand=-0.5, supply=0.4)
    how = {"parameters": parameters, "question": FLOWS, "period": 2023}
    with pytest.warns(tw.IdentificationWarning, match="rank 2 of 3"):
        ratios = tw.fit(base, ban, flows[[*KEYS, "value_after"]], column="value_after", **how).parameters["value"]
    assert (1 + ratios[1]) / (ratios[0] - 1) == pytest.approx(0.6 / 4, rel=1e-6)
    assert (1 + ratios[2]) / (ratios[0] - 1) == pytest.approx(1.3 / 4, rel=1e-6)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = tw.fit(base, ban, flows[[*KEYS, "quantity_after"]], column="quantity_after", **how)
    assert found.parameters["value"].tolist() == pytest.approx([5.0, -0.4, 0.3], rel=1e-6)


def test_a_parameter_that_the_data_say_nothing_about_is_warned_about() -> None:
    crude = data(*TRUTH).query("commodity == 'crude'")
    with pytest.warns(tw.IdentificationWarning, match="rank 1 of 2"):
        found = fit(crude, "demand (coal)", "coverage (ban)", weight="precision")
    errors = found.parameters.set_index("parameter")["standard_error"]
    assert np.isinf(errors["demand (coal)"])
    assert np.isfinite(errors["coverage (ban)"])
    assert found.parameters["value"][0] == TRUTH["demand (coal)"][2]


def test_as_many_parameters_as_observations_leave_no_error() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = fit(data("coverage (ban)").query("exporter == 'RUS' and importer == 'DEU'").iloc[:1], "coverage (ban)")
    assert found.parameters["value"][0] == pytest.approx(0.95, rel=1e-6)
    assert np.isnan(found.parameters["standard_error"][0])


def test_comes_in_the_library_of_the_flows_and_takes_any() -> None:
    flows = tw.Flows.from_frame(pl.from_pandas(market.frame()), quantity_unit="t")
    of = tw.Armington(flows, period=2021, substitution=5, demand=-0.4, supply=0.3)
    found = fit(pl.from_pandas(data("coverage (ban)")), "coverage (ban)", of=of)
    assert isinstance(found.parameters, pl.DataFrame)
    assert isinstance(found.fitted, pl.DataFrame)


def test_ten_parameters_are_fast() -> None:
    """A bound so wide that only a change of algorithm breaks it: the bench has the figure."""
    labels = [(k, c) for k in ("crude", "coal") for c in ("CHN", "IND", "DEU", "POL")]
    parameters = [tw.Parameter("demand", k, c) for k, c in labels]
    parameters += [tw.Parameter("supply", k, "RUS") for k in ("crude", "coal")]
    began = time.perf_counter()
    fit(data(noise=0.01), parameters=parameters, weight="precision", bounds={p.label: (-3, 0) for p in parameters[:8]})
    assert time.perf_counter() - began < 10


BAD: dict[str, tuple[dict[str, Any], type[tw.TradewindsError], str]] = {
    "fewer observations than parameters": (
        {"observed": data().iloc[:1], "labels": ["demand (coal)", "coverage (ban)"]},
        tw.ModelError,
        "1 observations for 2 parameters",
    ),
    "no such column": ({"column": "value_afer"}, tw.ModelError, "'value_afer'.*value_after"),
    "a column that was not observed": ({"column": "quantity_after"}, tw.DataError, "no column 'quantity_after'"),
    "no keys": ({"observed": data()[["value_after"]]}, tw.DataError, "none of the answer's keys exporter"),
    "too few keys": ({"observed": data().drop(columns="commodity")}, tw.DataError, "several rows of exporter RUS"),
    "a row the answer has not": (
        {"observed": data().replace({"importer": {"CHN": "JPN"}})},
        tw.DataError,
        "no row of exporter RUS, importer JPN",
    ),
    "a row twice": ({"observed": pd.concat([data(), data()])}, tw.DataError, "twice, the second time in row 22"),
    "a missing value": (
        {"observed": data().assign(value_after=np.nan)},
        tw.DataError,
        "'value_after' of observed is nan in row 0, 1",
    ),
    "a weight of nothing": (
        {"observed": data().assign(precision=0.0), "weight": "precision"},
        tw.DataError,
        "'precision' of observed is 0.0",
    ),
    "a start out of bounds": (
        {"start": {"coverage (ban)": 0.95}, "bounds": {"coverage (ban)": (0, 0.9)}},
        tw.ModelError,
        "starts at 0.95 with the bounds 0 to 0.9",
    ),
    "bounds beyond what is admissible": (
        {"bounds": {"coverage (ban)": (0, 2)}},
        tw.ModelError,
        "within 0 and 1",
    ),
    "a start of no parameter": (
        {"start": {"coverage": 1}},
        tw.ModelError,
        r"'coverage', which is no parameter.*\(ban\)",
    ),
    "numbers that differ": (
        {"labels": [], "parameters": [tw.Parameter("substitution")]},
        tw.ModelError,
        "several numbers that differ",
    ),
    "no parameters": ({"parameters": []}, tw.ModelError, "no parameters"),
    "something else": ({"parameters": ["demand"]}, tw.ModelError, "is a str"),
    "twins": ({"parameters": [tw.Parameter("demand")] * 2}, tw.ModelError, "two parameters are called 'demand'"),
    "rows that depend on the measures": ({"question": tw.ask("wedges")}, tw.ModelError, "rows of 'wedges' depend"),
    "no question": ({"question": "flows"}, tw.ModelError, "is a str"),
    "no such failure": ({"on_failure": "ignore"}, tw.ModelError, "'ignore'"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused(name: str) -> None:
    how, error, says = BAD[name]
    how = {"observed": data(), "labels": ["coverage (ban)"], **how}
    observed, labels = how.pop("observed"), how.pop("labels")
    with pytest.raises(error, match=says):
        fit(observed, *labels, **how)


PARAMETERS: dict[str, tuple[Any, type[tw.TradewindsError], str]] = {
    "no elasticity": (lambda: tw.Parameter("elasticity"), tw.ModelError, "'elasticity'.*measure="),
    "a measure in a commodity": (lambda: tw.Parameter("rate", "crude", measure="x"), tw.ModelError, "one size"),
    "substitution by country": (lambda: tw.Parameter("substitution", country="RUS"), tw.ModelError, "country out"),
    "a name that is none": (lambda: tw.Parameter(5), tw.ModelError, "name is 5"),  # type: ignore[arg-type]
    "no such measure": (
        lambda: fit(data(), parameters=tw.Parameter("coverage", measure="bann")),
        tw.ScenarioError,
        "no measure is called 'bann'; there are ban, cost",
    ),
    "a number it has not": (
        lambda: fit(data(), parameters=tw.Parameter("rate", measure="ban")),
        tw.ScenarioError,
        "'ban' has no number 'rate'; it has coverage, leakage",
    ),
    "no such country": (
        lambda: fit(data(), parameters=tw.Parameter("demand", country="RUX")),
        tw.ScenarioError,
        "'RUX'",
    ),
    "who does not trade": (
        lambda: fit(data(), parameters=tw.Parameter("demand", country="RUS")),
        tw.ModelError,
        "nobody it names trades that",
    ),
    "supply that is infinite": (
        lambda: fit(
            data(),
            parameters=tw.Parameter("supply"),
            of=tw.Armington(market.flows(), period=2021, substitution=5, demand=-1, supply=np.inf),
        ),
        tw.ModelError,
        "is infinite",
    ),
    "the size of a quota": (
        lambda: (
            model()
            .solve(SCENARIO + tw.Quota(name="q", exporters="SAU", share=2.0))
            .derivative(FLOWS, tw.Parameter("share", measure="q"))
        ),
        tw.ModelError,
        "size of a Quota",
    ),
    "a ban that closes": (
        lambda: (
            model()
            .solve(SCENARIO.replace("ban", coverage=1.0))
            .derivative(FLOWS, tw.Parameter("coverage", measure="ban"))
        ),
        tw.ModelError,
        "closes coal RUS to DEU.*0.999",
    ),
    "a result of first order": (
        lambda: (
            model().solve(tw.Scenario("x", [COST]), order=1).derivative(FLOWS, tw.Parameter("change", measure="cost"))
        ),
        tw.ModelError,
        "first order",
    ),
    "kinks": (
        lambda: (
            model()
            .solve(tw.Scenario("x", [BAN], overlap="nested"))
            .derivative(FLOWS, tw.Parameter("coverage", measure="ban"))
        ),
        tw.ModelError,
        "kinks",
    ),
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_that_are_none_are_refused(name: str) -> None:
    provoke, error, says = PARAMETERS[name]
    with pytest.raises(error, match=says):
        provoke()
