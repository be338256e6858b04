"""A saved result gives what it gave before. Every equality is exact: nothing is computed in another way."""

from __future__ import annotations

import json
import operator
import subprocess
import sys
import zipfile
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds import ATTRS, BAN, KINDS, LATER, assert_same, model, picture, same_frame, solve
from problems import problem

import tradewinds as tw
from tradewinds.result import json_text

matplotlib.use("Agg")


def there_and_back(result: tw.Result, folder: Path) -> tw.Result:
    result.save(folder / "result")
    return tw.load_result(folder / "result")


@pytest.fixture(scope="module")
def results() -> dict[str, tw.Result]:
    return {}


@pytest.fixture
def result(request: pytest.FixtureRequest, results: dict[str, tw.Result]) -> tw.Result:
    kind = request.param
    if kind not in results:
        results[kind] = KINDS[kind]()
    return results[kind]


every_kind = pytest.mark.parametrize("result", KINDS, indirect=True)


@every_kind
def test_a_loaded_result_is_equal_in_every_bit(result: tw.Result, tmp_path: Path) -> None:
    assert_same(there_and_back(result, tmp_path), result)


@every_kind
def test_a_loaded_result_is_saved_as_the_same_bytes(result: tw.Result, tmp_path: Path) -> None:
    there_and_back(result, tmp_path).save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "result").read_bytes()


@every_kind
def test_a_loaded_model_solves_to_the_same_bits(result: tw.Result, tmp_path: Path) -> None:
    loaded = there_and_back(result, tmp_path)
    how = {"on_failure": "return", **result.settings}
    again = loaded.model.solve(loaded.scenario, **how)
    for name in ("flows", "prices", "certificate", "wedges"):
        same_frame(getattr(again, name), getattr(result, name), name)


def test_the_kinds_are_what_they_are_called() -> None:
    assert not KINDS["not converged"]().status.converged
    assert len(KINDS["closed with fixed supply"]().closed) > 0
    assert np.isinf(KINDS["closed with fixed supply"]().prices["price_index"]).any()
    assert len(KINDS["several segments"]().attrs["segments"]) == 5
    assert KINDS["measures left out"]().left_out == ["PriceCap 2"]
    assert (KINDS["a quota of quantity"]().quotas["licence_price"] > 0).all()
    assert (KINDS["subsidies of more than half"]().wedges["tariff_power"] < 0.5).all()


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_random_problems_come_back_as_they_were(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    one = problem(seed)
    try:
        result = one.model.solve(one.scenario, on_failure="return")
    except tw.InfeasibleError:
        return
    assert_same(there_and_back(result, tmp_path_factory.mktemp("random")), result)


def test_against_a_loaded_result(tmp_path: Path) -> None:
    one = model()
    first, second = one.solve(tw.Scenario("a", [BAN])), one.solve(tw.Scenario("b", [BAN, LATER]), at=2022)
    loaded = there_and_back(first, tmp_path)
    same_frame(second.diversion("RUS", "DEU", against=loaded), second.diversion("RUS", "DEU", against=first), "against")
    same_frame(loaded.diversion("RUS", "DEU", against=second), first.diversion("RUS", "DEU", against=second), "against")


def test_pictures_and_arrays_of_a_loaded_result(tmp_path: Path) -> None:
    result = solve(BAN)
    loaded = there_and_back(result, tmp_path)
    for draw in (
        lambda one: one.plot.shares("RUS"),
        lambda one: one.plot.share_shift("RUS", "DEU", "CHN"),
        lambda one: one.plot.revenue("RUS"),
    ):
        assert picture(draw(loaded)) == picture(draw(result))
    pytest.importorskip("xarray")
    assert loaded.to_xarray().identical(result.to_xarray())


def test_a_sweep_of_a_loaded_model_and_a_comparison(tmp_path: Path) -> None:
    result = solve(BAN)
    loaded = there_and_back(result, tmp_path)
    question = tw.ask("share_shift", exporter="RUS", away="DEU", toward="CHN")
    both = tw.compare({"saved": loaded, "solved": loaded.model.sweep([result.scenario])["tested"]}, question)
    assert both.query("model == 'saved'").drop(columns="model").reset_index(drop=True).equals(question(result))


def test_the_bundled_case(tmp_path: Path) -> None:
    flows = tw.datasets.load("energy")
    table = tw.datasets.elasticities(import_share="bundled", export_share="bundled")
    armington = tw.Armington(flows, period=2021, substitution=table, demand=table, supply=table)
    result = armington.solve(
        tw.Scenario("EU", [tw.Ban(exporters="RUS", importers="EU27", start="2022-12-05")]), at=2022
    )
    assert_same(there_and_back(result, tmp_path), result)


def test_another_process_reads_the_same(tmp_path: Path) -> None:
    result = solve(BAN, LATER, at=2022)
    result.save(tmp_path / "result")
    code = (
        "import sys, tradewinds as tw; r = tw.load_result(sys.argv[1]);"
        "print(r.flows['value_after'].to_numpy().tobytes().hex(), r.status)"
    )
    run = [sys.executable, "-c", code, str(tmp_path / "result")]
    printed = subprocess.run(run, capture_output=True, text=True, check=True, cwd=tmp_path).stdout
    assert printed.split(maxsplit=1)[0] == result.flows["value_after"].to_numpy().tobytes().hex()
    assert printed.split(maxsplit=1)[1].strip() == str(result.status)


# the file


def test_the_file_is_a_zip_of_json_and_arrays_that_numpy_reads(tmp_path: Path) -> None:
    result = solve(BAN, LATER, at=2022)
    result.save(tmp_path / "result.zip")
    with np.load(tmp_path / "result.zip") as arrays, zipfile.ZipFile(tmp_path / "result.zip") as packed:
        meta = json.loads(packed.read("meta.json"))
        assert (meta["format"], meta["tradewinds"], meta["model"]) == (3, tw.__version__, "Armington")
        assert {name for name in packed.namelist() if name != "meta.json"} == {f"{key}.npy" for key in meta["arrays"]}
        for name, about in meta["arrays"].items():
            assert (arrays[name].dtype.str, list(arrays[name].shape)) == (about["type"], about["shape"])
        assert (arrays["flow_value"] == result.model.flows.to_frame()["value"]).all()
        assert tw.Scenario.from_json(json.dumps(meta["scenario"])) == result.scenario


def test_arrays_that_numpy_wrote_are_read(tmp_path: Path) -> None:
    result = solve(BAN)
    result.save(tmp_path / "result")
    with (
        np.load(tmp_path / "result") as arrays,
        zipfile.ZipFile(tmp_path / "result") as packed,
        zipfile.ZipFile(tmp_path / "repacked", "w", zipfile.ZIP_STORED) as anew,
    ):
        anew.writestr("meta.json", packed.read("meta.json"))
        for name in sorted(arrays.keys() - {"meta.json"}, reverse=True):
            with anew.open(f"{name}.npy", "w") as member:
                np.lib.format.write_array(member, arrays[name], version=(1, 0))
    assert_same(tw.load_result(tmp_path / "repacked"), result)


def test_only_the_time_differs_between_files_of_equal_results(tmp_path: Path) -> None:
    first, second = solve(BAN), solve(BAN)
    second._created = first._created
    first.save(tmp_path / "first")
    second.save(tmp_path / "second")
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_a_file_of_another_version_keeps_the_version_that_solved(tmp_path: Path) -> None:
    result = solve(BAN)
    result._version = "0.0.9"
    assert there_and_back(result, tmp_path).attrs["tradewinds"] == "0.0.9"


#: Of an hour that occurs twice only the first is written.
FIRST = operator.methodcaller("replace", fold=0)


@settings(max_examples=300)
@given(
    value=st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text()
        | st.dates()
        | st.datetimes().map(FIRST)
        | st.times().map(FIRST),
        lambda inner: (
            st.lists(inner)
            | st.tuples(inner, inner)
            | st.dictionaries(st.text() | st.sampled_from("$"), inner)
            | st.dictionaries(st.integers() | st.tuples(st.text()), inner)
        ),
        max_leaves=12,
    )
)
def test_attributes_come_back_as_they_were(value: object) -> None:
    found = json_text.load(json_text.dump(value, "value"))
    assert repr(found) == repr(value), "with their types, their order, infinities, missing and negative zeros"


def test_attributes_of_numpy_become_plain_numbers() -> None:
    assert json_text.load(json_text.dump({"a": np.float64(0.1), "b": np.int64(3), "c": np.bool_(True)}, "x")) == {
        "a": 0.1,
        "b": 3,
        "c": True,
    }


def test_attributes_are_those_of_the_caller(tmp_path: Path) -> None:
    loaded = there_and_back(KINDS["attributes"](), tmp_path)
    assert {key: loaded.model.flows.attrs[key] for key in ATTRS} == ATTRS
