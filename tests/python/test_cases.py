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
    # The calibration is exact: what is left is rounding. Unused routes have 0 before and stay at 0.
    np.testing.assert_allclose(flows["quantity_after"], flows["quantity_before"], rtol=1e-6, atol=0)
    observed = case.flows.to_frame()
    assert flows["value_before"].sum() == pytest.approx(observed["value"].sum(), rel=1e-12)
    if case.key in ROUTED:
        assert flows["quantity_before"].sum() == pytest.approx(observed["quantity"].sum(), rel=1e-12)
        assert len(flows) > len(observed), "there are unused routes"


def test_every_number_has_a_value_a_unit_a_mark_and_a_source(case: Any) -> None:
    rows = case.assumptions
    assert list(rows.columns) == ["input", "subject", "value", "unit", "mark", "source", "note"]
    assert (rows["source"].str.len() > 3).all()
    measures = rows[rows["input"] == "measure"]
    assert set(measures["subject"]) == {label for scenario in case.scenarios.values() for label in scenario.labels}
    assert rows["mark"].map(lambda mark: bool(mark) and mark.split(",")[0] in GRADES).all()
    assert rows.loc[rows["input"] != "measure", "unit"].str.len().min() > 0
    numbers = rows.loc[rows["input"] != "measure", "value"]
    assert numbers.map(lambda value: isinstance(value, int | float) and value == value).all()
    assert not rows.duplicated(["input", "subject"]).any()
    if len(case.observed):
        assert (case.observed["source"].str.len() > 3).all()
        assert case.observed["mark"].isin(GRADES).all()


def test_a_number_that_is_put_into_a_real_measure_has_a_mark_of_its_own(case: Any) -> None:
    said = case._tables.said
    for scenario in said["scenario"]:
        for change in scenario.get("change", {}).values():
            if set(change) - {"exporters", "importers", "commodities", "modes"}:
                assert {"mark", "source"} <= set(change)
        for record in scenario.get("measure", ()):
            assert {"mark", "source", "name"} <= set(record)


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


# crude


@pytest.fixture(scope="module")
def crude() -> tw.Spatial:
    return tw.cases["crude"].model()


CAP = "price-cap-crude-2022"


def test_crude_is_redirected_and_its_discount_is_split_without_a_rest(crude: tw.Spatial) -> None:
    case = tw.cases["crude"]
    result = crude.solve(case.scenario, at=2023)
    # Volumes were almost fully redirected; nothing is fitted to that, so the bound is wide.
    assert result.diversion(case.exporter, case.away)["redirected_fraction"].item() > 0.8
    discount = result.discount(case.exporter)
    parts = ["destination", "freight", "residual", "scarcity", "margin", "cap_rent", "tax"]
    # Sums of seven doubles near 100.
    np.testing.assert_allclose(discount[parts].sum(axis=1), discount["discount"], atol=1e-9)
    np.testing.assert_allclose(discount["reference_price"] - discount["netback"], discount["discount"], atol=1e-9)
    before, after = discount["discount"]
    assert after > before


def test_the_embargo_closes_the_sea_and_leaves_the_pipeline(crude: tw.Spatial) -> None:
    case = tw.cases["crude"]
    flows = crude.solve(case.scenario, at=2023).flows
    russian = flows[flows["exporter"] == "RUS"].astype({"importer": str, "mode": str})
    after = russian.groupby(["importer", "mode"])["quantity_after"].sum()
    closed = ["DEU", "POL", "X_BENELUX", "X_EU27_NORTH", "X_EU27_SOUTH", "GBR", "USA"]
    assert after[after.index.get_level_values("importer").isin(closed)].sum() == 0
    for country in ("HUN", "SVK", "CZE"):
        assert after[country, "Druzhba"] > 1e6
    assert after["BGR"].sum() > 1e6
    late = crude.solve(case.scenario, at="2025-08-01").flows.astype({"importer": str, "exporter": str})
    by_importer = late[late["exporter"] == "RUS"].groupby("importer")["quantity_after"].sum()
    assert by_importer[["BGR", "CZE"]].sum() == 0
    assert by_importer["HUN"] > 1e6


def test_a_cap_at_infinity_is_no_cap(crude: tw.Spatial) -> None:
    scenario = tw.cases["crude"].scenario
    never = crude.solve(scenario.replace(CAP, price=float("inf")), at=2023).flows
    without = crude.solve(scenario.without(CAP), at=2023).flows
    np.testing.assert_array_equal(never["quantity_after"], without["quantity_after"])


def test_a_larger_fleet_needs_fewer_services_until_the_cap_is_void(crude: tw.Spatial) -> None:
    scenario = tw.cases["crude"].scenario
    found = [
        crude.solve(scenario.replace(CAP, outside_capacity=fleet), at=2023).price_caps
        for fleet in (0.0, 50e6, 100e6, 250e6)
    ]
    services = [caps["services"].item() for caps in found]
    assert services == sorted(services, reverse=True)
    assert services[-1] == 0
    assert [caps["regime"].item() for caps in found] == [3, 3, 3, 2]


@pytest.mark.parametrize("conduct", [0.25, 1.0])
def test_buyers_with_power_leave_the_baseline_as_it_was(conduct: float) -> None:
    case = tw.cases["crude"]
    model = case.model(conduct={"IND": conduct, "CHN": conduct})
    flows = model.solve(tw.Scenario("none", [])).flows
    np.testing.assert_allclose(flows["quantity_after"], flows["quantity_before"], rtol=1e-6, atol=0)
    assert model.solve(case.scenario, at=2023).status.converged


def test_both_models_answer_the_same_questions(crude: tw.Spatial) -> None:
    case = tw.cases["crude"]
    away = tuple(case.away)
    results = {
        "Armington": case.model("Armington").solve(case.scenario, at=2023, unsupported="leave_out"),
        "Spatial": crude.solve(case.scenario, at=2023),
    }
    assert results["Armington"].left_out == [CAP]
    shift = tw.compare(results, tw.ask("share_shift", exporter="RUS", away=away, toward=("CHN", "IND")))
    assert list(shift["model"]) == ["Armington", "Spatial"]
    # One baseline in both.
    assert shift["away_before"].nunique() == 1
    assert (shift["away_shift"] < -30).all()
    assert (shift["toward_shift"] > 10).all()
    for question in (
        tw.ask("diversion", exporter="RUS", importers=away),
        tw.ask("shares", exporter="RUS"),
        tw.ask("revenue", exporter="RUS"),
        tw.ask("welfare"),
        tw.ask("flows"),
        tw.ask("concentration", exporter="RUS"),
    ):
        assert set(tw.compare(results, question)["model"]) == set(results)


# grain and seafood


@pytest.fixture(scope="module")
def grain() -> tw.Spatial:
    return tw.cases["grain"].model()


def test_the_duty_leaves_the_railways_empty_that_carry_wheat_without_it(grain: tw.Spatial) -> None:
    case = tw.cases["grain"]

    def by_rail(name: str) -> float:
        flows = grain.solve(case.scenarios[name], at=2023).flows
        return float(flows[flows["mode"].isin(["Zabaikalsk", "Tongjiang"])]["quantity_after"].sum())

    # What an interior point leaves of a route that does not pay is rounding beside 43 Mt.
    assert by_rail("in force") < 1.0
    assert by_rail("railways alone") > 1e5


def test_the_quota_of_2025_is_wider_than_the_sales_of_2021(grain: tw.Spatial) -> None:
    quota = grain.solve(tw.cases["grain"].scenarios["quota"], at=2025).quotas
    assert (quota["used"] < quota["ceiling"]).all()
    assert (quota["licence_price"] == 0).all()


def test_china_s_embargo_is_filled_by_its_other_suppliers() -> None:
    case = tw.cases["seafood"]
    result = case.model().solve(case.scenario, at=2024)
    ledger = result.diversion("JPN", "CHN", by="supplier").astype({"entry": str})
    lost, filled = (ledger[ledger["entry"] == entry]["amount"].sum() for entry in ("lost", "replaced"))
    # Japan's sales of 2022: 87.1 billion JPY.
    assert lost == pytest.approx(662e6)
    # Kinds from elsewhere are no perfect substitutes, so what fills the gap need not be as much as the gap.
    assert 0.5 < filled / lost < 1.5
    named = ledger[(ledger["entry"] == "replaced") & ~ledger["supplier"].astype(str).str.startswith("X_")]
    assert "RUS" in set(named.nlargest(5, "amount")["supplier"].astype(str))
    assert (result.shares("RUS").set_index("importer").loc["CHN", ["shift"]] > 0).all()
    assert "2019" in case.note
    assert "2022" in case.note
