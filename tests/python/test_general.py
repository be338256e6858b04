"""General equilibrium: published tables, another program's output, an independent solve, and the front door."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from general_small import COUNTRIES, small
from nested import nested, of_file, rebased

import tradewinds as tw

NAFTA = ["Mexico", "Canada", "USA"]


@pytest.fixture(scope="session")
def oracles(repository: Path) -> Path:
    """Figures that other programs and books printed; absent from a plain clone."""
    folder = repository.parent / "shared" / "oracles"
    if not folder.is_dir():
        pytest.skip("the oracles of other programs are not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def data(oracles: Path) -> dict[str, Any]:
    with np.load(oracles / "cp2015" / "nafta_31x40.npz") as file:
        return {name: file[name] for name in file.files}


def table_of(data: dict[str, Any], **changes: Any) -> tw.InputOutput:
    arrays = {
        "import_share": data["import_share"],
        "input_share": data["input_share"],
        "value_added_share": data["value_added_share"],
        "final_share": data["final_share"],
        "value_added": data["value_added"],
        "tariff_power": 1 + data["tariff"],
        "deficit": data["deficit"],
    }
    labels = [str(name) for name in data["regions"]], [str(name) for name in data["sectors"]]
    return tw.InputOutput.from_arrays(*labels, **(arrays | changes))


@pytest.fixture(scope="session")
def nafta_model(data: dict[str, Any]) -> tw.CaliendoParro:
    return tw.CaliendoParro(table_of(data), trade_elasticity=data["trade_elasticity"], deficits="zero")


@pytest.fixture(scope="session")
def nafta(data: dict[str, Any], nafta_model: tw.CaliendoParro) -> tw.GeneralResult:
    table, after = nafta_model.table, data["tariff_counterfactual"]
    sector, importer, exporter = np.nonzero(after != data["tariff"])
    lines = pd.DataFrame(
        {
            "exporter": [table.countries[i] for i in exporter],
            "importer": [table.countries[n] for n in importer],
            "commodity": [table.sectors[j] for j in sector],
            "tariff_to": after[sector, importer, exporter],
        }
    )
    return nafta_model.solve(tw.Scenario.from_frame("NAFTA", lines))


def by_country(frame: pd.DataFrame, countries: list[str]) -> pd.DataFrame:
    return frame.set_index("country").loc[countries]


def test_the_published_table_of_nafta(nafta: tw.GeneralResult) -> None:
    published = by_country(nafta.welfare(method="cp2015"), NAFTA)
    # Printed to two decimals.
    assert np.allclose(published.terms_of_trade, [-0.41, -0.11, 0.04], atol=0.005001)
    assert np.allclose(published.volume_of_trade, [1.72, 0.04, 0.04], atol=0.005001)
    assert np.allclose(published.welfare, [1.31, -0.06, 0.08], atol=0.005001)
    assert np.allclose(published.real_wage, [1.72, 0.32, 0.11], atol=0.005001)
    exact = by_country(nafta.welfare(), NAFTA)
    # Printed to four decimals.
    assert np.allclose(exact.real_income, [0.0073, -0.1101, 0.0741], atol=1e-4)
    assert exact.residual.abs().max() < 1e-3
    assert nafta.certificate[["demand", "labour", "trade_balance", "budget"]].to_numpy().max() < 1e-10


def test_an_independent_nested_solve_gives_the_same(
    data: dict[str, Any], nafta: tw.GeneralResult, nafta_model: tw.CaliendoParro
) -> None:
    world = of_file(data)
    # 1e-9 in wages leaves 1e-7 points, a hundredth of what is asked.
    balanced = nested(world, data["tariff"], np.zeros(31), 1e-9)
    moved = np.abs(balanced.wage - 1).max()
    assert nafta_model.rebalanced == pytest.approx(moved, abs=1e-7)
    wages = dict(zip(nafta_model.table.countries, balanced.wage, strict=True))
    assert wages["Greece"] == pytest.approx(0.924, abs=5e-4)
    assert wages["Ireland"] == pytest.approx(1.067, abs=5e-4)
    base = rebased(world, balanced)
    found = nested(base, data["tariff_counterfactual"], np.zeros(31), 1e-9)
    price = found.consumer_price(base.final_share)
    mine = nafta.real_income
    assert np.abs(mine.real_wage - 100 * (found.wage / price - 1)).max() < 1e-5
    assert np.abs(mine.real_income - 100 * (found.income / balanced.income / price - 1)).max() < 1e-4


def test_the_decomposition_by_sector_adds_up(nafta: tw.GeneralResult) -> None:
    country = nafta.welfare(steps=8).set_index("country")
    sector = nafta.welfare(by="sector", steps=8).groupby("country")[["terms_of_trade", "volume_of_trade"]].sum()
    # Sums of 40 numbers of order 1 in another order.
    assert np.allclose(sector.loc[country.index], country[sector.columns], rtol=0, atol=1e-12)
    first = nafta.welfare(by="sector", method="cp2015").groupby("country").welfare.sum()
    assert np.allclose(first.loc[NAFTA], by_country(nafta.welfare(method="cp2015"), NAFTA).welfare, rtol=0, atol=1e-12)


def test_the_residual_falls_by_four(nafta: tw.GeneralResult) -> None:
    residuals = [nafta.welfare(steps=steps).residual.abs().max() for steps in (8, 16, 32)]
    assert residuals[0] / residuals[1] == pytest.approx(4, rel=0.05)
    assert residuals[1] / residuals[2] == pytest.approx(4, rel=0.05)


def test_no_shock_is_no_change_relative_to_the_eliminated_baseline(nafta_model: tw.CaliendoParro) -> None:
    result = nafta_model.solve(tw.Scenario("nothing", []))
    # 1e-12 in logs, amplified at most a hundred times, in percent.
    assert result.real_income.real_income.abs().max() < 1e-8
    assert nafta_model.rebalanced > 0.07


@pytest.mark.parametrize("deficits", ["additive", "multiplicative", "zero"])
def test_deficits_that_the_table_implies(data: dict[str, Any], deficits: Any) -> None:
    model = tw.CaliendoParro(table_of(data, deficit=None), trade_elasticity=data["trade_elasticity"], deficits=deficits)
    assert (model.rebalanced < 1e-10) == (deficits != "zero")
    result = model.solve(tw.Scenario("duty", [tw.Tariff(importers="USA", exporters="China", rate=0.25)]))
    assert result.certificate[["demand", "labour", "trade_balance", "budget"]].to_numpy().max() < 1e-10
    moved = (result.wages.deficit - result.wages.deficit_before).abs().max() / result.wages.value_added.sum()
    # Additive deficits stay to rounding of the world's value added.
    assert moved < 1e-12 if deficits != "multiplicative" else moved > 1e-9


def test_the_stata_command(oracles: Path) -> None:
    given = pd.read_csv(oracles / "ge_gravity" / "eu_enlargement_2000_44x44.csv")
    flows = tw.Flows.from_frame(given.assign(commodity="goods"), value="trade", countries="as_is")
    model = tw.Gravity(flows, period=2000, trade_elasticity=4, deficits="additive")
    moved = given[given.log_partial_effect != 0]
    lines = moved[["exporter", "importer"]].assign(
        commodity="goods", cost_change=np.exp(-moved.log_partial_effect / 4) - 1
    )
    result = model.solve(tw.Scenario.from_frame("enlargement", lines))
    both = result.flows.merge(given, on=["exporter", "importer"])
    # Single precision upstream: 1.2e-7 a number, more in sums.
    assert np.abs(both.value_after / both.trade_after_additive - 1).max() < 1e-6
    welfare = result.real_income.merge(given.drop_duplicates("exporter"), left_on="country", right_on="exporter")
    assert np.abs(1 + welfare.real_income / 100 - welfare.welfare_hat_additive).max() < 1e-6


def test_a_commodity_is_its_share_of_its_sector() -> None:
    parts = pd.DataFrame(
        {
            "commodity": ["crude", "crude", "coal"],
            "sector": ["energy", "energy", "energy"],
            "exporter": ["*", "RUS", "*"],
            "share": [0.25, 0.6, 0.1],
        }
    )
    model = tw.CaliendoParro(small(), trade_elasticity=5, deficits="zero", sector_of=parts, period=2021)
    shown = model.sector_of
    assert list(shown.columns) == ["commodity", "sector", "exporter", "importer", "share"]
    assert shown.share.to_list() == [0.25, 0.6, 0.1]

    def real(*measures: tw.Measure) -> pd.Series:
        return model.solve(tw.Scenario("x", measures)).real_income.real_income

    of_crude = real(tw.Ban(exporters="RUS", importers="DEU", commodities="crude"))
    by_hand = real(tw.Ban(exporters="RUS", importers="DEU", commodities="energy", coverage=0.6))
    assert of_crude.to_list() == by_hand.to_list()
    duty = real(tw.Tariff(exporters="CHN", importers="DEU", commodities=["crude", "coal"], rate=0.4))
    # 0.4 × (0.25 + 0.1), to rounding of the product.
    assert np.allclose(duty, real(tw.Tariff(exporters="CHN", importers="DEU", commodities="energy", rate=0.14)))
    assert not np.allclose(of_crude, real(tw.Ban(exporters="RUS", importers="DEU", commodities="energy")))
    with pytest.raises(tw.ScenarioError, match="unknown commodity 'crud'"):
        model.solve(tw.Scenario("x", [tw.Ban(commodities="crud")]))
    with pytest.raises(tw.DataError, match=r"share 1.5 of 'energy'; expected 0 to 1"):
        tw.CaliendoParro(small(), trade_elasticity=5, deficits="zero", sector_of=parts.assign(share=1.5))


def test_questions_and_their_frames() -> None:
    model = tw.CaliendoParro(small(), trade_elasticity={"energy": 8, "rest": 4}, deficits="zero", period=2021)
    scenario = tw.Scenario("ban", [tw.Ban(exporters="RUS", importers="DEU", commodities="energy", sender="DEU")])
    result = model.solve(scenario)
    flows = result.flows
    closed = flows[(flows.exporter == "RUS") & (flows.importer == "DEU") & (flows.commodity == "energy")]
    assert closed.value_after.to_list() == [0.0] and closed.quantity_after.to_list() == [0.0]
    assert set(flows.quantity_unit) == {"USD at baseline prices"}
    shift = result.share_shift("RUS", away="DEU", toward="CHN").set_index("commodity")
    assert shift.loc["energy", "away_after"] == 0 and shift.loc["energy", "toward_shift"] > 0
    ledger = result.diversion("RUS", "DEU").set_index("commodity").loc["energy"]
    # Sums of a few amounts of order 10.
    assert ledger.lost == pytest.approx(ledger.redirected + ledger.not_produced + ledger.mix, abs=1e-12)
    assert list(result.wages.country) == ["RUS", "DEU", "CHN"]
    assert (result.real_income.real_income < 0).sum() >= 1
    assert result.prices.columns.to_list() == ["country", "commodity", "producer_price", "price_index"]
    assert result.sources().input.str.contains("trade_elasticity").sum() == 2
    assert "CaliendoParro" in repr(model) and result.attrs["model"] == "CaliendoParro"
    with pytest.raises(tw.ModelError, match="no decomposition of revenue"):
        result.revenue("RUS")
    for refused in ({"by": "commodity"}, {"method": "first"}, {"steps": 0}):
        with pytest.raises(tw.ModelError):
            result.welfare(**refused)


def test_a_sweep_is_each_alone_and_pickles_are_the_same() -> None:
    model = tw.CaliendoParro(small(), trade_elasticity=5, deficits="zero", period=2021)
    scenarios = {f"rate {rate}": tw.Scenario("x", [tw.Tariff(exporters="RUS", rate=rate)]) for rate in (0.1, 0.2, 5.25)}
    cut = [tw.Ban(exporters="RUS", importers=["DEU", "CHN"])]
    sweep = model.sweep({**scenarios, "one way": tw.Scenario("x", cut)})
    assert sweep.status.converged.to_list() == [True, True, True, False]
    alone = pd.concat([model.solve(scenario).real_income for scenario in scenarios.values()], ignore_index=True)
    assert sweep["rate 0.1"].real_income.real_income.to_list() == alone.real_income.to_list()[:3]
    assert sweep.flows.scenario.nunique() == 3
    result = sweep["rate 0.2"]
    again = pickle.loads(pickle.dumps(result))
    assert again.model.table.adjustments == model.table.adjustments
    assert again.flows.value_after.to_list() == result.flows.value_after.to_list()


def test_what_a_model_does_not_take() -> None:
    model = tw.CaliendoParro(small(), trade_elasticity=5, deficits="zero", period=2021)
    ban = tw.Ban(exporters="RUS", importers="DEU", name="ban")
    for measure in (tw.Quota(exporters="RUS", share=0.5), tw.Shift(exporters="RUS", supply=0.9)):
        with pytest.raises(tw.ModelError, match="general equilibrium does not take"):
            model.solve(tw.Scenario("x", [measure]))
        result = model.solve(tw.Scenario("x", [measure, ban]), unsupported="leave_out")
        assert len(result.left_out) == 1
        assert result.flows.value_after.to_list() == model.solve(tw.Scenario("x", [ban])).flows.value_after.to_list()
    with pytest.raises(tw.ScenarioError, match="must stay above -100 %"):
        model.solve(tw.Scenario("x", [tw.Tariff(exporters="RUS", rate=-1.0)]))


def test_infeasible_says_who() -> None:
    model = tw.CaliendoParro(small(), trade_elasticity=5, deficits="additive", period=2021)
    cut = [tw.Ban(exporters="RUS"), tw.Ban(importers="RUS")]
    with pytest.raises(tw.InfeasibleError, match="RUS is cut off from all others") as caught:
        model.solve(tw.Scenario("x", cut))
    assert caught.value.countries == ["RUS"]
    zero = tw.CaliendoParro(small(), trade_elasticity=5, deficits="zero", period=2021)
    autarky = zero.solve(tw.Scenario("x", cut))
    assert autarky.wages.component.nunique() == 2 and autarky.real_income.real_income[0] < -1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"trade_elasticity": 0}, "trade elasticity of energy is 0; expected θ"),
        ({"trade_elasticity": -4}, "trade elasticity of energy is -4"),
        ({"trade_elasticity": {"energy": 4}}, "rest"),
        ({"trade_elasticity": [4, 4, 4]}, "3 numbers; expected one for each of the 2 sectors"),
        ({"trade_elasticity": 4, "deficits": "none"}, "deficits is 'none'"),
        ({"trade_elasticity": 4, "between_inputs": -0.1}, "'value_added' is -0.1"),
        ({"trade_elasticity": 4, "between_inputs": {"inputs": 1}}, "expected a number, or 'value_added' and 'inputs'"),
        ({"trade_elasticity": 4, "between_goods": "one"}, "between_goods is 'one'"),
    ],
)
def test_bad_settings(given: dict[str, Any], message: str) -> None:
    with pytest.raises(tw.TradewindsError, match=message) as caught:
        tw.CaliendoParro(small(), **given)
    assert isinstance(caught.value, ValueError)


#: Arrays of shares and how many axes they have.
_SHARES = {"import_share": 3, "input_share": 3, "value_added_share": 2, "final_share": 2, "value_added": 1}


def test_bad_tables() -> None:
    with pytest.raises(tw.DataError, match=r"the final spending of RUS sum to 1\.3; expected 1"):
        small(final_share=[[0.7] + [0.4] * 2, [0.6] * 3])
    with pytest.raises(tw.DataError, match="value added of CHN is -1"):
        small(value_added=[100, 80, -1])
    with pytest.raises(tw.DataError, match=r"final_share has the shape \[1, 3\]; expected \[2, 3\]"):
        small(final_share=[[1.0] * 3])
    with pytest.raises(tw.DataError, match="can't be read as an array of numbers"):
        small(value_added=["a", "b", "c"])
    with pytest.raises(tw.DataError, match=r"value_added has the label 'CHN' at position 0 .* the table has 'RUS'"):
        small(value_added=pd.Series([60.0, 80.0, 100.0], index=["CHN", "DEU", "RUS"]))
    shares = pd.DataFrame([[0.4] * 3, [0.6] * 3], index=["energy", "rest"], columns=COUNTRIES)
    with pytest.raises(tw.DataError, match="final_share has the label 'rest' at position 0"):
        small(final_share=shares.iloc[::-1])
    assert small(final_share=shares).final_share.tolist() == small().final_share.tolist()
    turned = xr.DataArray(small().import_share, dims=("sector", "exporter", "importer"))
    with pytest.raises(
        tw.DataError, match="import_share has the axes sector, exporter, importer; expected sector, imp"
    ):
        small(import_share=turned)
    with pytest.raises(tw.DataError, match="countries is the text 'ABC'"):
        tw.InputOutput.from_arrays("ABC", ["x"], **dict.fromkeys(_SHARES, 1.0))
    one = dict.fromkeys(_SHARES, 1.0)
    for label in ("*", "!DEU", ""):
        with pytest.raises(tw.DataError, match="which selectors read otherwise"):
            tw.InputOutput.from_arrays(
                [label], ["x"], **{name: np.full((1,) * axes, one[name]) for name, axes in _SHARES.items()}
            )
    with pytest.raises(tw.DataError, match="table is a dict"):
        tw.CaliendoParro({}, trade_elasticity=4)  # type: ignore[arg-type]


def test_published_deficits_are_rounded() -> None:
    """They count as balanced where they are as near to it as a table's rounding, and are spread."""
    exact = [3.0, -2.0, -1.0]
    off = [3.0 + 1e-3, -2.0, -1.0]  # 4e-6 of value added
    ban = tw.Scenario("x", [tw.Ban(exporters="RUS", importers="DEU")])
    found = [
        tw.CaliendoParro(small(deficit=deficit), trade_elasticity=5).solve(ban).real_income["real_income"].to_numpy()
        for deficit in (exact, off)
    ]
    # Incomes differ by 4e-6 of themselves, and their changes in percent by less than that in percent.
    np.testing.assert_allclose(found[0], found[1], atol=4e-4)
    cut = tw.Scenario("x", [tw.Ban(exporters="RUS"), tw.Ban(importers="RUS")])
    nearly = tw.CaliendoParro(small(deficit=[5e-4, -5e-4, 0.0]), trade_elasticity=5)
    assert nearly.solve(cut).status.converged
    with pytest.raises(tw.InfeasibleError, match=r"RUS is cut off .* a fixed deficit of 0\.5\d+ % of value added"):
        tw.CaliendoParro(small(deficit=[0.5, -0.5, 0.0]), trade_elasticity=5).solve(cut)


def test_a_surplus_as_large_as_value_added_is_named() -> None:
    with pytest.raises(tw.DataError, match="the surplus of DEU, CHN is as large as the value added there"):
        tw.CaliendoParro(small(deficit=[300.0, -150.0, -150.0]), trade_elasticity=4)


def test_one_direction_is_told_of_those_who_are_few() -> None:
    model = tw.CaliendoParro(tw.datasets.load("world_table"), trade_elasticity=4, deficits="zero")
    with pytest.raises(tw.InfeasibleError, match="RUS can buy from others and sell nothing to them") as caught:
        model.solve(tw.Scenario("x", [tw.Ban(exporters="RUS", importers="!RUS")]))
    assert caught.value.countries == ["RUS"]


def test_prices_beyond_all_numbers_are_no_solution() -> None:
    model = tw.CaliendoParro(small(), trade_elasticity=1e-300)
    with pytest.raises(tw.ConvergenceError):
        model.solve(tw.Scenario("x", [tw.Ban(exporters="RUS", importers="DEU")]))


def test_sources_have_all_that_the_answer_stands_on() -> None:
    parts = pd.DataFrame({"commodity": ["crude"], "sector": ["energy"], "share": [0.5]})
    nests = {"value_added": 0.5, "inputs": 0.2}
    model = tw.CaliendoParro(
        small(), trade_elasticity=4, between_inputs=nests, deficits="multiplicative", sector_of=parts
    )
    result = model.solve(tw.Scenario("x", [tw.Ban(exporters="RUS", importers="DEU", commodities="crude")]))
    value = result.sources().set_index("input")["value"]
    assert value["deficits"] == "multiplicative" and value["between_inputs"] == repr(nests)
    assert value["between_goods"] == "1.0" and value["sector_of"] == "1 shares"
    assert (result.attrs["deficits"], result.attrs["between_inputs"]) == ("multiplicative", nests)


def test_parts_are_no_more_than_the_whole() -> None:
    parts = pd.DataFrame({"commodity": ["crude", "coal", "coal"], "sector": "energy", "share": [0.7, 0.3, 0.4]})
    parts["exporter"] = ["*", "*", "RUS"]
    with pytest.raises(tw.DataError, match=r"crude, coal are together 1\.1.* of 'energy' on one flow"):
        tw.CaliendoParro(small(), trade_elasticity=4, sector_of=parts)
    tw.CaliendoParro(small(), trade_elasticity=4, sector_of=parts.iloc[:2])


def test_what_only_one_result_answers_is_asked_of_no_draws() -> None:
    model = tw.CaliendoParro(small(), trade_elasticity=tw.uniform(4, 6))
    ban = tw.Scenario("x", [tw.Ban(exporters="RUS", importers="DEU")])
    for arguments, message in (({"method": "cp2015"}, "method='cp2015'"), ({"by": "sector"}, "by='sector'")):
        with pytest.raises(tw.ModelError, match=message):
            model.sample(ban, 4, ask=tw.ask("welfare", **arguments))


def test_what_others_have_is_named() -> None:
    model = tw.CaliendoParro(small(), trade_elasticity=4)
    with pytest.raises(AttributeError, match="CaliendoParro has no 'attribution'; Armington has it"):
        _ = model.attribution
    with pytest.raises(AttributeError, match="takes no quotas; results of Armington and Spatial have them"):
        _ = model.solve(tw.Scenario("nothing", [])).quotas


def test_gravity_needs_domestic_sales_and_one_commodity() -> None:
    frame = pd.DataFrame(
        {
            "exporter": ["RUS", "RUS", "DEU"],
            "importer": ["RUS", "DEU", "RUS"],
            "commodity": ["goods"] * 3,
            "value": [50.0, 5.0, 7.0],
        }
    )
    flows = tw.Flows.from_frame(frame)
    with pytest.raises(tw.DataError, match=r"needs domestic sales, .* but DEU has none"):
        tw.Gravity(flows, period=2021, trade_elasticity=4)
    two = tw.Flows.from_frame(pd.concat([frame, frame.assign(commodity="more")]))
    with pytest.raises(tw.DataError, match="the flows have 2 commodities"):
        tw.Gravity(two, period=2021, trade_elasticity=4)


def test_what_energy_is_worth_in_the_world_table(shared: Path) -> None:
    """No tuning: a ban on Russian mining in the EU costs Lithuania most, and the less so the longer the run."""
    with np.load(shared / "wiod2014_44x50.npz") as file:
        data = {name: file[name] for name in file.files}
    power, share, own = data["tariff_power"], data["import_share"], data["value_added_share"]
    spending = data["expenditure"]
    inputs = data["input_share"] * (1 - own).T[:, None, :]
    output = (share * spending[:, :, None] / power).sum(1)
    final = spending - np.einsum("nkj,jn->kn", inputs, output)
    table = tw.InputOutput.from_arrays(
        [str(name) for name in data["countries"]],
        [str(name) for name in data["sectors"]],
        import_share=share,
        input_share=inputs,
        value_added_share=own,
        final_share=final / final.sum(0),
        value_added=(own * output).sum(0),
        tariff_power=power,
        deficit=-data["trade_surplus"],
    )
    assert table.adjustments == ["final_share: 11 negative (lowest -0.00087), set to 0; scaled to sum to 1"]
    ban = tw.Scenario("energy", [tw.Ban(exporters="RUS", importers="EU27", commodities="B")])
    losses = []
    for between_inputs in (0.2, 1.0):
        model = tw.CaliendoParro(table, trade_elasticity=4, between_inputs=between_inputs, period=2014)
        # Eleven cells of inventories, up to 0.09 % of a country's final spending, were set to 0.
        assert model.rebalanced < 1e-3
        result = model.solve(ban)
        assert result.status.residual < 1e-10
        losses.append(result.real_income.set_index("country").real_income)
    assert losses[0].idxmin() == losses[1].idxmin() == "LTU"
    assert losses[0]["LTU"] < losses[1]["LTU"] < 0


def test_concentration_is_of_values() -> None:
    model = tw.CaliendoParro(tw.datasets.load("world_table"), trade_elasticity=4)
    result = model.solve(tw.Scenario("x", [tw.Ban(exporters="RUS", importers="X_EU27", commodities="fossil_fuels")]))
    found = result.concentration(exporter="RUS").set_index("commodity").loc["fossil_fuels"]
    flows = result.flows.query("exporter == 'RUS' and commodity == 'fossil_fuels'")
    for when in ("before", "after"):
        share = flows[f"value_{when}"] / flows[f"value_{when}"].sum()
        assert found[when] == pytest.approx((share**2).sum(), rel=1e-12)  # the same sum in another order
    # No quantities are known in an input-output table.
    assert found["basis"] == "value"


def test_a_fixed_surplus_that_duties_leave_no_income_for_is_named(data: dict[str, Any]) -> None:
    """The published table with the deficits of its flows: Ireland's surplus is 23 % of its value added."""
    table = table_of(data, deficit=None)
    duties = [tw.Tariff(exporters=name, importers=["*", f"!{name}"], rate=5.25) for name in table.countries]
    prohibitive = tw.Scenario("525 %", duties)
    fixed = tw.CaliendoParro(table, trade_elasticity=data["trade_elasticity"])
    with pytest.raises(tw.InfeasibleError, match=r"the fixed surplus of Ireland takes 99\.. % of what is earned"):
        fixed.solve(prohibitive)
    kept = tw.CaliendoParro(table, trade_elasticity=data["trade_elasticity"], deficits="multiplicative")
    status = kept.solve(prohibitive).status
    assert status.converged
    # The promise of every result.
    assert status.residual < 1e-10


def test_shares_of_commodities_in_a_sector_are_by_value() -> None:
    rows = [
        ("RUS", "DEU", "crude", 30.0),
        ("RUS", "DEU", "coal", 10.0),
        ("DEU", "RUS", "coal", 5.0),
        ("DEU", "DEU", "crude", 9.0),
    ]
    flows = tw.Flows.from_frame(
        pd.DataFrame(rows, columns=["exporter", "importer", "commodity", "value"]).assign(period=2021),
        period="period",
        countries="as_is",
    )
    found = tw.sector_of(flows, {"crude": "energy", "coal": "energy"}, period=2021)
    shares = found.set_index(["exporter", "importer", "commodity"]).share
    assert shares["RUS", "DEU", "crude"] == 0.75
    assert shares["DEU", "RUS", "coal"] == 1.0
    # Sales at home are no trade; 30 and 15 of 45 are.
    assert np.isclose(shares["*", "*", "crude"], 2 / 3, rtol=1e-15, atol=0)
    assert ("DEU", "DEU", "crude") not in shares.index
    model = tw.CaliendoParro(small(), trade_elasticity=5, deficits="zero", sector_of=found, period=2021)
    part = model.solve(tw.Scenario("ban", [tw.Ban(exporters="RUS", importers="DEU", commodities="crude")]))
    same = model.solve(
        tw.Scenario("ban", [tw.Ban(exporters="RUS", importers="DEU", commodities="energy", coverage=0.75)])
    )
    assert np.array_equal(part.wages.wage, same.wages.wage)
    with pytest.raises(tw.DataError, match="sectors names the commodities lng"):
        tw.sector_of(flows, {"lng": "energy"}, period=2021)
