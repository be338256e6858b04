"""Results in general equilibrium in files and pickles: they are solved again, and give what they gave."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from general_small import flows, small
from test_spatial_files import array, edited

import tradewinds as tw

BAN = tw.Scenario("ban", [tw.Ban(exporters="RUS", importers="DEU", start="2022-07-01")])
CRUDE = tw.Scenario("crude", [tw.Ban(exporters="RUS", importers="DEU", commodities="crude")])
PARTS = pd.DataFrame({"commodity": "crude", "sector": "energy", "exporter": ["RUS", "*"], "share": [0.8, 0.1]})
DUTIES = 1 + 0.1 * (1 - np.eye(3)) * np.ones((2, 1, 1))


def solved(table: tw.InputOutput, scenario: tw.Scenario = BAN, at: int | None = None, **settings: Any) -> Any:
    return tw.CaliendoParro(table, trade_elasticity={"energy": 4, "rest": 6}, **settings).solve(scenario, at=at)


def polars_table() -> tw.InputOutput:
    deliveries = small().to_frame()
    return tw.InputOutput.from_frame(pl.from_pandas(deliveries), attrs={"source": "a test", "period": 2021})


KINDS: dict[str, Callable[[], tw.GeneralResult]] = {
    "plain": lambda: solved(small()),
    "nests and dates": lambda: solved(small(), at=2022, between_inputs={"value_added": 0.5, "inputs": 0.2}),
    "duties and deficits": lambda: solved(small(tariff_power=DUTIES), deficits="multiplicative"),
    "eliminated deficits": lambda: solved(small(deficit=[3.0, -2.0, -1.0]), deficits="zero", between_goods=1.5),
    "parts of a sector": lambda: solved(small(), CRUDE, sector_of=PARTS),
    "of a frame": lambda: solved(polars_table()),
    "gravity": lambda: tw.Gravity(flows(), period=2021, trade_elasticity=5).solve(BAN),
}


@pytest.fixture(params=KINDS)
def result(request: pytest.FixtureRequest) -> tw.GeneralResult:
    return KINDS[request.param]()


def assert_same(found: tw.Result, given: tw.GeneralResult) -> None:
    assert isinstance(found, tw.GeneralResult)
    assert type(found.model) is type(given.model)
    for name in ("flows", "prices", "wages", "real_income", "closed", "certificate"):
        assert getattr(found, name).equals(getattr(given, name)), name
    assert found.welfare(by="sector").equals(given.welfare(by="sector"))
    assert found.sources().equals(given.sources())
    assert (found.attrs, found.settings, found.scenario) == (given.attrs, given.settings, given.scenario)
    assert repr(found.status) == repr(given.status)
    tables = found.model.table, given.model.table
    assert tables[0].adjustments == tables[1].adjustments
    assert tables[0].balance().equals(tables[1].balance())


def test_a_loaded_result_is_equal_in_every_bit(result: tw.GeneralResult, tmp_path: Path) -> None:
    result.save(tmp_path / "result")
    loaded = tw.load_result(tmp_path / "result")
    assert_same(loaded, result)
    loaded.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "result").read_bytes()


def test_a_loaded_model_pickles_and_solves_to_the_same_bits(result: tw.GeneralResult, tmp_path: Path) -> None:
    assert_same(pickle.loads(pickle.dumps(result)), result)
    result.save(tmp_path / "result")
    model = pickle.loads(pickle.dumps(tw.load_result(tmp_path / "result").model))
    assert model.solve(result.scenario, at=result.settings["at"]).flows.equals(result.flows)


def test_frames_are_of_the_library_that_the_table_came_in() -> None:
    result = KINDS["of a frame"]()
    frames = (result.flows, result.real_income, result.welfare(), result.model.flows.to_frame())
    assert all(isinstance(frame, pl.DataFrame) for frame in frames)


def test_arrays_have_the_numbers_of_the_frames(result: tw.GeneralResult) -> None:
    arrays = result.to_xarray()
    for name in ("value_before", "value_after", "quantity_after"):
        assert float(arrays[name].sum()) == pytest.approx(result.flows[name].sum(), rel=1e-12)  # another order of sums
    keys = zip(*(result.prices[name] for name in ("country", "commodity", "price_index")), strict=True)
    for country, sector, price in keys:
        assert float(arrays["price_index"].sel(importer=country, commodity=sector)) == price


def another_wage(meta: dict[str, Any], members: dict[str, bytes]) -> None:
    members["wage.npy"] = array(np.array([1.0, 1.01, 1.0]))


def another_share(meta: dict[str, Any], members: dict[str, bytes]) -> None:
    members["import_share.npy"] = array(np.full((2, 3, 3), 0.5))


def no_theta(meta: dict[str, Any], members: dict[str, bytes]) -> None:
    members["trade_elasticity.npy"] = array(np.array([4.0, -1.0]))


def no_table(meta: dict[str, Any], members: dict[str, bytes]) -> None:
    del meta["table"]


def unknown_rule(meta: dict[str, Any], members: dict[str, bytes]) -> None:
    meta["table"]["deficits"] = "forgiven"


def a_gravity_of_two(meta: dict[str, Any], members: dict[str, bytes]) -> None:
    meta["notes"]["general"]["model"] = "Gravity"


def no_report(meta: dict[str, Any], members: dict[str, bytes]) -> None:
    del meta["notes"]["general"]["balance"]["columns"]["what"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (another_wage, "a wage of .* where solving again gives"),
        (another_share, "import_share: the shares in the imports of energy by RUS sum to 1.5"),
        (no_theta, "the trade elasticity of rest is -1"),
        (no_table, "has no table"),
        (unknown_rule, "unknown variant `forgiven`"),
        (a_gravity_of_two, "a Gravity of 2 sectors"),
        (no_report, "the balance has country, sector, amount, relative; expected"),
    ],
)
def test_a_changed_file_is_refused(change: Any, said: str, tmp_path: Path) -> None:
    path = tmp_path / "result"
    KINDS["plain"]().save(path)
    with pytest.raises(tw.DataError, match=said) as refused:
        tw.load_result(edited(path, change))
    assert str(path) in str(refused.value)
