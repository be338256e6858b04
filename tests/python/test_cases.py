"""The bundled cases: they give back what was observed, and every number says what it stands on."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import tradewinds as tw

ROUTED = [key for key, model in tw.cases.to_frame()[["case", "model"]].to_numpy() if model == "Spatial"]
GRADES = {"S", "D", "M", "J", "A", "B", "C"}


@pytest.fixture(scope="module", params=list(tw.cases))
def case(request: pytest.FixtureRequest) -> Any:
    return tw.cases[request.param]


@pytest.fixture(scope="module")
def gas() -> tw.Spatial:
    return tw.cases["gas"].model()


# all cases


def test_cases_are_a_mapping_that_names_what_it_has() -> None:
    assert "gas" in tw.cases
    assert "gas" in repr(tw.cases)
    assert list(tw.cases.to_frame()["case"]) == list(tw.cases)
    with pytest.raises(KeyError, match="did you mean 'gas'"):
        tw.cases["gaz"]
    with pytest.raises(tw.DataError):
        tw.cases["gaz"]


def test_with_no_measure_the_observed_flows_come_out(case: Any) -> None:
    flows = case.model().solve(tw.Scenario("none", [])).flows
    amount = "quantity" if flows["quantity_before"].notna().all() else "value"
    before, after = flows[f"{amount}_before"].to_numpy(), flows[f"{amount}_after"].to_numpy()
    # The calibration is exact: what is left is rounding.
    np.testing.assert_allclose(after, before, rtol=1e-6, atol=0)
    observed = case.flows.to_frame()[amount].sum()
    assert before.sum() == pytest.approx(observed, rel=1e-12)


def test_every_number_has_a_value_a_unit_a_mark_and_a_source(case: Any) -> None:
    rows = case.assumptions
    assert list(rows.columns) == ["input", "subject", "value", "unit", "mark", "source", "note"]
    assert (rows["source"].str.len() > 3).all()
    assert rows["mark"].map(lambda mark: bool(mark) and mark.split(",")[0] in GRADES).all()
    assert rows.loc[rows["input"] != "measure", "unit"].str.len().min() > 0
    numbers = rows.loc[rows["input"] != "measure", "value"]
    assert numbers.map(lambda value: isinstance(value, int | float) and value == value).all()
    assert not rows.duplicated(["input", "subject"]).any()
    if len(case.observed):
        assert (case.observed["source"].str.len() > 3).all()
        assert case.observed["mark"].isin(GRADES).all()


def test_a_result_shows_the_same_rows(case: Any) -> None:
    model = case.model()
    shown = model.solve(case.scenario, at=2023).sources()
    rows = case.assumptions
    mine = rows[~rows["input"].isin(["measure", *model.parameters])]
    pairs = set(zip(shown["input"], shown["country"], shown["grade"], strict=True))
    assert set(zip(mine["input"], mine["subject"], mine["mark"], strict=True)) <= pairs
    for label in case.scenario.labels:
        assert f"measure: {label}" in set(shown["input"])
    for name in model.parameters:
        of_it = rows[rows["input"] == name]
        assert len(of_it) and len(of_it) <= (shown["input"] == name).sum()


def test_scenarios_and_models_travel(case: Any) -> None:
    assert tw.Scenario.from_toml(case.scenario.to_toml()) == case.scenario
    again = pickle.loads(pickle.dumps(case.model()))
    assert again.flows.attrs["assumptions"] == case.flows.attrs["assumptions"]


def test_what_is_overridden_is_no_assumption_of_the_case() -> None:
    case = tw.cases["gas"]
    none = tw.Scenario("none", [])
    shown = case.model(facilities=None, route_elasticity=4.0).solve(none).sources()
    assert "capacity" not in set(shown["input"])
    (row,) = shown[shown["input"] == "route_elasticity"].to_dict("records")
    assert (row["value"], row["source"]) == ("4", "given by the caller")
    assert "capacity" in set(case.model().solve(none).sources()["input"])


@pytest.mark.parametrize("key", ROUTED)
def test_what_is_found_is_an_equilibrium(key: str) -> None:
    case = tw.cases[key]
    model = case.model()
    for scenario in case.scenarios.values():
        certificate = model.solve(scenario, at=2023).certificate
        assert certificate["converged"].all()
        assert (certificate[["stationarity", "complementarity", "feasibility", "price_cap"]] <= 1e-6).all().all()


# gas


@pytest.mark.parametrize("at", [2023, None], ids=["2023", "all in force"])
def test_gas_hardly_turns_east_through_the_pipelines_there_are(gas: tw.Spatial, at: int | None) -> None:
    case = tw.cases["gas"]
    result = gas.solve(case.scenario, at=at)
    shadow = result.facilities.set_index("facility")["shadow_price"]
    assert shadow["Power of Siberia"] > 0
    for exporter in (case.exporter, "X_RUS_WEST"):
        (ledger,) = result.diversion(exporter, case.away).to_dict("records")
        assert (
            ledger["lost"]
            > 0.5 * case.flows.select(exporters="X_RUS_WEST", importers=case.away).to_frame()["quantity"].sum()
        )
        assert ledger["redirected_fraction"] <= 0.2


@pytest.mark.parametrize("at", [2023, None], ids=["2023", "all in force"])
def test_connected_fields_would_turn_east(gas: tw.Spatial, at: int | None) -> None:
    case = tw.cases["gas"]
    result = gas.solve(case.scenarios["connected"], at=at)
    for exporter in (case.exporter, "X_RUS_WEST"):
        assert result.diversion(exporter, case.away)["redirected_fraction"].item() >= 0.5


def test_the_pipelines_carry_what_they_did_in_2023(gas: tw.Spatial) -> None:
    facilities = gas.solve(tw.cases["gas"].scenario, at=2023).facilities.set_index("facility")
    # The shares of the ramp are written with four digits.
    assert facilities.loc["Power of Siberia", "capacity"] == pytest.approx(22.7e6, rel=1e-3)
    assert facilities.loc["Nord Stream", "use"] == 0
