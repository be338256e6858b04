"""Input–output tables: their accounts, what does not add up in them, sums, frames."""

from __future__ import annotations

import pickle
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from world import SHARES, World, world

import tradewinds as tw
from tradewinds.errors import DataError, ScenarioError

#: Sums of a few dozen terms and a fixed point to 1e-14, whose error is divided by the value-added share.
ROUNDING = 1e-12


@pytest.fixture
def small() -> World:
    return world(["RUS", "DEU", "CHN"], ["agriculture", "energy", "machines", "services"])


def same(a: tw.InputOutput, b: tw.InputOutput, tolerance: float = ROUNDING) -> None:
    assert (a.countries, a.sectors) == (b.countries, b.sectors)
    for name in SHARES:
        left, right = getattr(a, name), getattr(b, name)
        np.testing.assert_allclose(left, right, rtol=0, atol=tolerance * np.abs(right).max(), err_msg=name)


def shares_of(of: World) -> dict[str, Any]:
    """The definitions, written out in numpy."""
    output, bought = of.output, of.inputs.sum(3) + of.final + of.stocks
    used = of.inputs.sum((0, 1))
    final = (of.final + of.stocks).sum(0)
    trade = bought.sum(1)
    return {
        "import_share": (bought / bought.sum(0)).transpose(1, 2, 0),
        "input_share": of.inputs.sum(0).transpose(1, 0, 2) / output[:, None, :],
        "value_added_share": (1 - used / output).T,
        "final_share": final / final.sum(0),
        "value_added": (output - used).sum(1),
        "deficit": trade.sum(0) - trade.sum(1),
    }


def test_shares_are_those_of_the_accounts(small: World) -> None:
    table = small.table()
    for name, expected in shares_of(small).items():
        np.testing.assert_allclose(getattr(table, name), expected, rtol=ROUNDING, atol=1e-9, err_msg=name)
    assert table.attrs["unit"] == "USD"


def test_every_country_spends_what_it_earns_and_its_deficit(small: World) -> None:
    table = small.table()
    spent = (small.final + small.stocks).sum((0, 1))
    np.testing.assert_allclose(table.value_added + table.deficit, spent, rtol=ROUNDING)
    assert abs(table.deficit.sum()) < ROUNDING * table.value_added.sum()


def test_a_balanced_table_reports_taxes_and_inventories_alone(small: World) -> None:
    balance = small.table().balance()
    assert set(balance["what"]) == {"taxes_in_value_added", "inventories_kept"}
    assert list(balance.columns) == ["country", "sector", "what", "amount", "relative"]
    taxes = balance[balance["what"] == "taxes_in_value_added"]
    np.testing.assert_allclose(taxes["amount"], small.taxes.reshape(-1))
    np.testing.assert_allclose(taxes["relative"], (small.taxes / small.output).reshape(-1))
    totals = balance.attrs["totals"]["inventories_kept"]
    np.testing.assert_allclose(totals["sum"], small.stocks.sum(), rtol=1e-9)
    np.testing.assert_allclose(totals["absolute"], np.abs(small.stocks.sum(2)).sum())


def leontief(of: World, final: Any) -> Any:
    """Output by [country, sector] for final demand, with each importer's shares the same in all uses."""
    n, j = len(of.countries), len(of.sectors)
    bought = of.inputs.sum(3) + final
    shares = bought / bought.sum(0)
    coefficients = of.inputs.sum(0) / of.output[None, :, :]
    matrix = np.einsum("isn,snk->isnk", shares, coefficients).reshape(n * j, n * j)
    wanted = np.einsum("isn,sn->is", shares, final.sum(0)).reshape(-1)
    return np.linalg.solve(np.eye(n * j) - matrix, wanted).reshape(n, j)


def test_without_inventories_outputs_are_those_of_leontief(small: World) -> None:
    table = small.table(inventories="drop")
    output = leontief(small, small.final)
    share = 1 - small.inputs.sum((0, 1)) / small.output
    np.testing.assert_allclose(table.value_added, (share * output).sum(1), rtol=ROUNDING)
    np.testing.assert_allclose(table.value_added_share, share.T, rtol=ROUNDING)
    change = table.balance().query("what == 'output_change'")
    expected = (output - small.output).reshape(-1)
    np.testing.assert_allclose(change["amount"], expected, rtol=0, atol=1e-10 * np.abs(small.output).max())
    assert "inventories_left_out" in set(table.balance()["what"])


def test_final_demand_below_zero_is_put_to_zero_and_reported(small: World) -> None:
    small.stocks[0, 1, 2] = -small.final[0, 1, 2] - 5.0
    small.taxes[:] = 0.0
    table = small.table()
    negative = table.balance().query("what == 'negative_final_demand'")
    assert negative[["country", "sector"]].to_numpy().tolist() == [["RUS", "energy"]]
    np.testing.assert_allclose(negative["amount"], [-5.0])
    kept = np.maximum(small.final + small.stocks, 0.0)
    np.testing.assert_allclose(
        table.value_added, ((1 - small.inputs.sum((0, 1)) / small.output) * leontief(small, kept)).sum(1), rtol=ROUNDING
    )


def test_rows_and_columns_that_do_not_add_up_are_reported(small: World) -> None:
    stated = small.output.copy()
    stated[2, 3] *= 1.01
    table = tw.InputOutput.from_accounts(
        small.countries,
        small.sectors,
        intermediate=small.inputs,
        final_demand=small.final + small.stocks,
        output=stated,
        value_added=small.value_added,
        taxes=small.taxes,
    )
    balance = table.balance()
    for what in ("row_imbalance", "column_imbalance"):
        (row,) = balance[balance["what"] == what].to_dict("records")
        assert (row["country"], row["sector"]) == ("CHN", "services")
        np.testing.assert_allclose(row["amount"], 0.01 * small.output[2, 3], rtol=1e-9)
        np.testing.assert_allclose(row["relative"], 0.01 / 1.01)
    assert "output_change" in set(balance["what"])
    np.testing.assert_allclose(
        table.value_added + table.deficit, (small.final + small.stocks).sum((0, 1)), rtol=ROUNDING
    )


def test_a_sector_may_have_no_value_added_and_a_country_no_such_sector(small: World) -> None:
    small.inputs[:, 2, :, :] = 0.0
    small.inputs[:, :, 0, 2] = 0.0
    small.final[0, 2, :] = small.stocks[0, 2, :] = 0.0
    small.inputs[:, :, 1, 1] *= small.output[1, 1] / small.inputs[:, :, 1, 1].sum()
    small.inputs[1, 1] *= 0.0
    small.final[1, 1] += small.inputs[:, :, 1, 1].sum() / 3 - (small.final[1, 1] + small.stocks[1, 1]).sum() / 3
    small.taxes[:] = 0.0
    table = small.table()
    assert table.value_added_share[2, 0] == 0.0 and (table.input_share[0, :, 2] == 0.0).all()
    assert abs(table.value_added_share[1, 1]) < 1e-12
    np.testing.assert_allclose(table.input_share[1, :, 1].sum(), 1.0, rtol=1e-12)


def test_a_sector_that_only_sells_out_of_stocks_is_all_value_added(small: World) -> None:
    """As in two industries of the WIOD: inputs of others, offset by a change in inventories."""
    small.inputs[:, :, 0, 1] = 0.0
    small.taxes[:] = 0.0
    small.final[0, 1, :] = 0.0
    small.stocks[0, 1, :] = -small.inputs[0, 1].sum(1)
    assert small.output[0, 1] == pytest.approx(0.0, abs=1e-12)
    stated = small.output
    stated[0, 1] = 0.0
    table = tw.InputOutput.from_accounts(
        small.countries,
        small.sectors,
        intermediate=small.inputs,
        final_demand=small.final,
        inventory_changes=small.stocks,
        output=stated,
    )
    assert table.value_added_share[1, 0] == 1.0
    change = table.balance().query("what == 'output_change' and country == 'RUS' and sector == 'energy'")
    assert change["amount"].item() > 0.0 and np.isnan(change["relative"].item())


def test_inputs_beyond_output_are_refused_or_scaled_down(small: World) -> None:
    small.inputs[:, :, 1, 0] *= 1.5 * small.output[1, 0] / small.inputs[:, :, 1, 0].sum()
    output = small.output
    with pytest.raises(DataError, match=r"agriculture in DEU has a value added of -\d.*negative_value_added"):
        small.table()
    table = small.table(negative_value_added="zero")
    (row,) = table.balance().query("what == 'negative_value_added'").to_dict("records")
    excess = small.inputs[:, :, 1, 0].sum() - output[1, 0]
    np.testing.assert_allclose(row["amount"], -excess)
    assert table.value_added_share[0, 1] == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize("seed", range(5))
def test_sums_then_shares_are_the_shares_of_the_sums(seed: int) -> None:
    big = world(list("abcdef"), [f"s{k}" for k in range(7)], seed)
    countries, sectors = [0, 1, 0, 2, 2, 3], [0, 1, 1, 0, 2, 3, 2]
    names = (["X", "b", "Y", "f"], ["U", "V", "W", "s5"])
    merged = big.merged(countries, sectors, names).table()
    into = big.table().aggregate(
        countries={"X": ["a", "c"], "Y": ["d", "e"]},
        sectors={"U": ["s0", "s3"], "V": ["s1", "s2"], "W": ["s4", "s6"]},
    )
    same(into, merged)


def test_sums_of_a_table_of_shares_with_duties() -> None:
    """Against sums in numpy of the flows that the shares, solved for there, imply."""
    random = np.random.default_rng(3)
    n, j = 4, 3
    power = 1.0 + random.uniform(0.0, 0.3, size=(j, n, n)) * (1 - np.eye(n))
    imports = random.dirichlet(np.ones(n), size=(j, n))
    inputs = random.dirichlet(np.ones(j + 1), size=(n, j))
    gamma, own = inputs[..., :j].transpose(0, 2, 1), inputs[..., j].T
    final = random.dirichlet(np.ones(j), size=n).T
    # Outputs by final spending of one importer, from the linear system; then the spending behind value added.
    matrix = np.einsum("sni,nsk->isnk", imports / power, gamma).reshape(n * j, n * j)
    wanted = np.einsum("sni,sn->isn", imports / power, final).reshape(n * j, n)
    by_spending = np.linalg.solve(np.eye(n * j) - matrix, wanted).reshape(n, j, n)
    spending = np.array([5.0, 2.0, 3.0, 1.0])
    output = by_spending @ spending
    table = tw.InputOutput.from_arrays(
        list("abcd"),
        list("xyz"),
        import_share=imports,
        input_share=gamma,
        value_added_share=own,
        final_share=final,
        value_added=(own.T * output).sum(1),
        tariff_power=power,
    )
    into = table.aggregate(countries={"B": ["a", "b"]})
    spent = np.einsum("nsk,nk->sn", gamma, output) + final * spending
    bought = imports * spent[:, :, None]
    place = [0, 0, 1, 2]
    one = np.eye(3)[place]
    sums, border = (np.einsum("sni,na,ib->sab", flows, one, one) for flows in (bought, bought / power))
    np.testing.assert_allclose(into.import_share, sums / sums.sum(2, keepdims=True), rtol=1e-11)
    assert into.tariff_power is not None
    np.testing.assert_allclose(into.tariff_power, sums / border, rtol=1e-11)
    np.testing.assert_allclose(into.value_added, np.array(table.value_added) @ one, rtol=1e-14)
    frame = table.to_frame()
    np.testing.assert_allclose(frame["value"].sum(), (bought / power).sum(), rtol=1e-11)
    assert "tariff_power" in frame and into.deficit is None


def test_a_frame_is_read_back(small: World) -> None:
    small.stocks[:] = 0.0
    table = small.table()
    frame = table.to_frame()
    assert list(frame.columns) == ["exporter", "sector", "importer", "use", "value"]
    assert frame.attrs["units"] == {"value": "USD"}
    again = tw.InputOutput.from_frame(frame)
    order = [table.countries.index(name) for name in again.countries]
    np.testing.assert_allclose(again.value_added, table.value_added[order], rtol=ROUNDING)
    np.testing.assert_allclose(again.import_share, table.import_share[:, order][:, :, order], rtol=ROUNDING)
    back = tw.InputOutput.from_frame(
        pl.from_pandas(frame.astype({"exporter": str, "sector": str, "importer": str, "use": str}))
    )
    assert isinstance(back.to_frame(), pl.DataFrame)
    same(back, again)


def long(of: World) -> pd.DataFrame:
    rows = [
        (of.countries[i], of.sectors[s], of.countries[n], use, value)
        for (i, s, n), final in np.ndenumerate(of.final)
        for use, value in [
            *zip(of.sectors, of.inputs[i, s, n], strict=True),
            ("final", final),
            ("stocks", of.stocks[i, s, n]),
        ]
    ]
    return pd.DataFrame(rows, columns=["exporter", "sector", "importer", "use", "value"])


def test_a_long_frame_of_all_deliveries(small: World) -> None:
    frame = long(small)
    table = tw.InputOutput.from_frame(frame, inventory_changes="stocks", countries="iso")
    again = small.table()
    order = [again.countries.index(name) for name in table.countries]
    np.testing.assert_allclose(table.value_added, again.value_added[order], rtol=ROUNDING)
    doubled = pd.concat([frame, frame])
    summed = tw.InputOutput.from_frame(doubled, inventory_changes="stocks", duplicates="sum")
    np.testing.assert_allclose(summed.value_added, 2 * table.value_added, rtol=ROUNDING)
    np.testing.assert_allclose(summed.import_share, table.import_share, rtol=ROUNDING)


def changed(frame: pd.DataFrame, row: int, column: str, value: Any) -> pd.DataFrame:
    frame = frame.astype({column: object})
    frame.loc[row, column] = value
    return frame.astype({"value": float}) if column == "value" else frame


def test_bad_frames_are_refused(small: World) -> None:
    frame = long(small)

    def read(given: Any, **more: Any) -> None:
        tw.InputOutput.from_frame(given, inventory_changes="stocks", **more)

    with pytest.raises(DataError, match="no column 'importer'"):
        read(frame.drop(columns="importer"))
    with pytest.raises(DataError, match="negative in row 2 "):
        read(changed(frame, 2, "value", -1.0))
    with pytest.raises(DataError, match="no finite number in row 7 "):
        read(changed(frame, 7, "value", np.nan))
    with pytest.raises(DataError, match="no label in row 3 "):
        read(changed(frame, 3, "sector", None))
    with pytest.raises(DataError, match=r"row 216 .*same exporter, sector, importer, use"):
        read(pd.concat([frame, frame.iloc[[4]]], ignore_index=True))
    with pytest.raises(DataError, match="delivery to final demand"):
        tw.InputOutput.from_frame(frame[frame["use"].isin(small.sectors)])
    with pytest.raises(DataError, match=r"unknown country 'RUX'.*RUS"):
        read(frame.replace("RUS", "RUX"), countries="iso")
    with pytest.raises(DataError, match="a sector that sells and a category"):
        read(frame, final=["final", "energy"])
    with pytest.raises(DataError, match=r"'gov', which sells nothing in column 'sector' and is not among final="):
        read(frame.replace({"use": {"final": "gov"}}), final=["final"])
    with pytest.raises(DataError, match="has no rows"):
        read(frame.iloc[:0])
    with pytest.raises(DataError, match="expected 'final' or 'drop'"):
        read(frame, inventories="keep")


def test_bad_accounts_are_refused(small: World) -> None:
    def read(**more: Any) -> None:
        given = {"intermediate": small.inputs, "final_demand": small.final, **more}
        tw.InputOutput.from_accounts(small.countries, more.pop("sectors", small.sectors), **given)

    with pytest.raises(DataError, match="'energy' twice"):
        tw.InputOutput.from_accounts(
            small.countries, ["energy", "energy"], intermediate=small.inputs, final_demand=small.final
        )
    with pytest.raises(DataError, match=r"intermediate has the shape \(3, 4, 3\); expected \(3, 4, 3, 4\)"):
        read(intermediate=small.final)
    negative = small.inputs.copy()
    negative[0, 1, 2, 3] = -1.0
    with pytest.raises(DataError, match="delivery of energy of RUS to services of CHN is -1"):
        read(intermediate=negative)
    with pytest.raises(DataError, match="final delivery of agriculture of RUS to RUS is inf"):
        read(final_demand=np.where(np.arange(36).reshape(small.final.shape) == 0, np.inf, small.final))
    stated = small.output.copy()
    stated[1, 1] = 0.0
    with pytest.raises(DataError, match=r"energy in DEU uses inputs of .* but its output is 0"):
        read(output=stated)
    stated[1, 1] = -3.0
    with pytest.raises(DataError, match="energy in DEU has a stated output of -3"):
        read(output=stated)
    none = small.final.copy()
    none[:, :, 1] = 0.0
    with pytest.raises(DataError, match="DEU has no final demand"):
        read(final_demand=none, output=small.output)
    with pytest.raises(DataError, match="expected 'raise' or 'zero'"):
        read(negative_value_added="ignore")


def test_a_world_that_uses_up_all_it_makes_is_refused() -> None:
    inputs = np.array([[1.0, 1.0], [1.0, 1.0]])
    with pytest.raises(DataError, match="use up all that they make"):
        tw.InputOutput.from_accounts(
            ["a"], ["x", "y"], intermediate=inputs, final_demand=[[1.0], [1.0]], output=[2.0, 2.0]
        )


def test_selectors_of_sums(small: World) -> None:
    table = small.table(attrs={"period": 2022})
    assert table.aggregate(countries={"EU27": "EU27"}).countries == ["RUS", "EU27", "CHN"]
    named = small.table().aggregate(countries={"west": "allies"}, groups={"allies": ["DEU", "CHN"]})
    assert named.countries == ["RUS", "west"]
    with pytest.raises(DataError, match="'EU27' has members by date, and the table has no period"):
        small.table().aggregate(countries={"EU27": "EU27"})
    with pytest.raises(DataError, match="'DEU' would belong to 'A' and to 'B'"):
        table.aggregate(countries={"A": "DEU", "B": ["DEU", "CHN"]})
    with pytest.raises(ScenarioError, match=r"unknown sector 'enery'.*'energy'"):
        table.aggregate(sectors={"fuels": "enery"})
    with pytest.raises(DataError, match="call final demand something else"):
        table.aggregate(sectors={"final": "energy"}).to_frame()


def test_scaling_all_values_changes_no_share(small: World) -> None:
    table = small.table()
    for part in ("inputs", "final", "stocks", "taxes"):
        setattr(small, part, 1e6 * getattr(small, part))
    scaled = small.table()
    for name in SHARES[:4]:
        np.testing.assert_allclose(getattr(scaled, name), getattr(table, name), rtol=ROUNDING, err_msg=name)


def test_tables_are_shown_and_pickled(small: World) -> None:
    table = small.table(attrs={"period": 2022, "source": "<made here>"})
    assert repr(table).startswith("<tradewinds.InputOutput: countries 3 (RUS, DEU, CHN), sectors 4 (agriculture, ")
    assert "2022" in repr(table)
    page = table._repr_html_()
    assert "&lt;made here&gt;" in page and "inventories kept" in page
    again = pickle.loads(pickle.dumps(table))
    for name in SHARES:
        np.testing.assert_array_equal(getattr(again, name), getattr(table, name))
    pd.testing.assert_frame_equal(again.balance(), table.balance())
    assert again.attrs == table.attrs


def system(of: World) -> SimpleNamespace:
    """The shape of a pymrio.IOSystem."""
    sellers = pd.MultiIndex.from_product([of.countries, of.sectors], names=["region", "sector"])
    size = len(sellers)
    final = np.stack([of.final, of.stocks], axis=3).reshape(size, -1)
    buyers = pd.MultiIndex.from_product([of.countries, ["consumption", "stocks"]], names=["region", "category"])
    return SimpleNamespace(
        Z=pd.DataFrame(of.inputs.reshape(size, size), sellers, sellers),
        Y=pd.DataFrame(final, sellers, buyers),
        x=pd.DataFrame({"indout": of.output.reshape(-1)}, sellers),
        unit=pd.DataFrame({"unit": ["EUR"] * size}, sellers),
    )


def test_a_system_of_pymrio(small: World) -> None:
    table = tw.InputOutput.from_pymrio(system(small), inventory_changes="stocks")
    same(table, small.table())
    assert table.attrs["unit"] == "EUR"


def test_bad_systems_are_refused(small: World) -> None:
    given = system(small)
    given.Y = given.Y.iloc[::-1]
    with pytest.raises(DataError, match="same order"):
        tw.InputOutput.from_pymrio(given)
    given = system(small)
    given.Z = None
    with pytest.raises(DataError, match="has no Z"):
        tw.InputOutput.from_pymrio(given)
    given = system(small)
    given.unit.iloc[0, 0] = "t"
    with pytest.raises(DataError, match="units EUR, t"):
        tw.InputOutput.from_pymrio(given)
    given = system(small)
    given.x = given.x.iloc[[1, 0, *range(2, len(given.x))]]
    with pytest.raises(DataError, match="the rows of x do not have the regions and sectors of Z in the same order"):
        tw.InputOutput.from_pymrio(given)
    given = system(small)
    given.Y = given.Y.drop(columns=small.countries[0], level=0)
    with pytest.raises(DataError, match=f"Y has no final demand of '{small.countries[0]}'"):
        tw.InputOutput.from_pymrio(given)
    with pytest.raises(DataError, match="no category 'inventories'; it has consumption, stocks"):
        tw.InputOutput.from_pymrio(system(small), inventory_changes="inventories")


def test_the_test_system_that_pymrio_ships() -> None:
    pymrio = pytest.importorskip("pymrio")
    io = pymrio.load_test()
    io.calc_all()
    table = tw.InputOutput.from_pymrio(io, inventory_changes="Changes in inventories")
    assert table.attrs["unit"] == "Mill USD"
    assert table.countries == list(io.get_regions()) and table.sectors == list(io.get_sectors())
    used = io.Z.to_numpy().sum(0)
    added = (io.x["indout"].to_numpy() - used).reshape(len(table.countries), -1).sum(1)
    # pymrio's own output differs from the sum of its rows by less than a rounding of 1e-9.
    np.testing.assert_allclose(table.value_added, added, rtol=1e-9)
    assert set(table.balance()["what"]) == {"inventories_kept"}
