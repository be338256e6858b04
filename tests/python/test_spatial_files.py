"""Spatial results in files and pickles: they are solved again, and give what they gave."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_spatial import EMBARGO, calibrated, solve, three

import tradewinds as tw

CAP = tw.PriceCap(exporters="RUS", modes="sea", price=60, services_share=0.6)
DUTY = pd.DataFrame([{"exporter": "RUS", "importer": "CHN", "commodity": "crude", "tariff": 0.02}])
GROWING = pd.DataFrame(
    {
        "facility": "Druzhba",
        "exporter": "RUS",
        "mode": "pipe",
        "capacity": [30e6, 20e6],
        "start": ["2020-01-01", "2023-07-01"],
    }
)
FLEET = pd.DataFrame({"facility": ["strait"], "importer": ["C"], "capacity": [4.0], "owner": ["B"]})

KINDS: dict[str, Callable[[], tw.SpatialResult]] = {
    "calibrated": lambda: solve(calibrated(), EMBARGO),
    "cap and conduct": lambda: solve(calibrated(conduct={"CHN": 0.5}, curves="linear"), EMBARGO, CAP),
    "duties and dates": lambda: solve(calibrated(tariffs=DUTY, facilities=GROWING, price_level=None), EMBARGO, at=2023),
    "curves": lambda: solve(
        three(facilities=FLEET, unit="EUR", quantity_unit="t"), tw.Shift(exporters="A", supply=0.8)
    ),
}


@pytest.fixture(params=KINDS)
def result(request: pytest.FixtureRequest) -> tw.SpatialResult:
    return KINDS[request.param]()


def assert_same(found: tw.Result, given: tw.SpatialResult) -> None:
    """The same solves give the same bits."""
    assert isinstance(found, tw.SpatialResult)
    for name in ("flows", "prices", "routes", "facilities", "price_caps", "quotas", "shifts", "closed", "certificate"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(given, name), check_exact=True)
    seller = given.flows["exporter"].iloc[0]
    pd.testing.assert_frame_equal(found.discount(seller), given.discount(seller), check_exact=True)
    # The file has the routes, unused ones among them.
    pd.testing.assert_frame_equal(found.sources().query("input != 'flows'"), given.sources().query("input != 'flows'"))
    pd.testing.assert_frame_equal(found.welfare(), given.welfare(), check_exact=True)
    assert (found.attrs, found.settings, found.scenario) == (given.attrs, given.settings, given.scenario)
    assert repr(found.status) == repr(given.status)


def test_a_loaded_result_is_equal_in_every_bit(result: tw.SpatialResult, tmp_path: Path) -> None:
    result.save(tmp_path / "result")
    loaded = tw.load_result(tmp_path / "result")
    assert_same(loaded, result)
    loaded.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "result").read_bytes()


def test_a_pickled_result_and_model_solve_to_the_same_bits(result: tw.SpatialResult) -> None:
    assert_same(pickle.loads(pickle.dumps(result)), result)
    model = pickle.loads(pickle.dumps(result.model))
    again = model.solve(result.scenario, at=result.settings["at"])
    pd.testing.assert_frame_equal(again.routes, result.routes, check_exact=True)


def test_arrays_have_the_numbers_of_the_frames(result: tw.SpatialResult) -> None:
    arrays = result.to_xarray()
    for name in ("value_before", "value_after", "quantity_after"):
        assert float(arrays[name].sum()) == pytest.approx(result.flows[name].sum(), rel=1e-12)  # another order of sums
    price = result.prices.dropna(subset="consumer_price").iloc[0]
    found = arrays["consumer_price"].sel(importer=price["country"], commodity=price["commodity"])
    assert float(found) == price["consumer_price"]


def edited(path: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    meta = json.loads(members.pop("meta.json"))
    change(meta, members)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("meta.json", json.dumps(meta))
        for name, content in members.items():
            file.writestr(name, content)
    return path


def array(values: Any) -> bytes:
    written = io.BytesIO()
    np.save(written, values)
    return written.getvalue()


def another_price(meta: dict[str, Any], members: dict[str, bytes]) -> None:
    prices = np.load(io.BytesIO(members["consumer_price.npy"]))
    prices[np.flatnonzero(np.isfinite(prices))[0]] *= 1.001
    members["consumer_price.npy"] = array(prices)


def negative_freight(meta: dict[str, Any], members: dict[str, bytes]) -> None:
    members["freight.npy"] = array(-np.load(io.BytesIO(members["freight.npy"])))


def foreign_route(meta: dict[str, Any], members: dict[str, bytes]) -> None:
    meta["network"]["facilities"][0]["rows"] = [10_000]


def no_network(meta: dict[str, Any], members: dict[str, bytes]) -> None:
    del meta["network"]


def later_model(meta: dict[str, Any], members: dict[str, bytes]) -> None:
    meta["model"] = "Orbital"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (another_price, "solving again gives"),
        (negative_freight, "freight of route"),
        (foreign_route, "facility 'Druzhba' names a"),
        (no_network, "has no network"),
        (later_model, "of the model 'Orbital'"),
    ],
)
def test_a_changed_file_is_refused(change: Any, said: str, tmp_path: Path) -> None:
    path = tmp_path / "result"
    solve(calibrated(), EMBARGO).save(path)
    with pytest.raises(tw.DataError, match=said) as refused:
        tw.load_result(edited(path, change))
    assert str(path) in str(refused.value)


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "result"
    solve(calibrated(), EMBARGO).save(path)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(tw.DataError, match="cut short"):
        tw.load_result(path)
