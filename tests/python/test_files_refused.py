"""Files that are no saved results: what is wrong, where, and what to do."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds import BAN, solve

import tradewinds as tw

Members = dict[str, bytes]


def members(path: Path) -> Members:
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def pack(parts: Members) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()


def npy(values: Any) -> bytes:
    made = io.BytesIO()
    np.lib.format.write_array(made, np.asarray(values), version=(1, 0))
    return made.getvalue()


def array(parts: Members, name: str) -> Any:
    return np.load(io.BytesIO(parts[f"{name}.npy"]))


def refused(path: Path, content: bytes, *says: str) -> None:
    path.write_bytes(content)
    with pytest.raises(tw.DataError) as caught:
        tw.load_result(path)
    for words in (re.escape(str(path)), *says):
        assert re.search(words, str(caught.value)), (words, str(caught.value))


# what is no zip, or not a whole one


@pytest.mark.parametrize("share", [0.001, 0.3, 0.7, 0.99, 0.99999])
def test_a_file_cut_short_is_refused(saved: Path, tmp_path: Path, share: float) -> None:
    whole = saved.read_bytes()
    refused(tmp_path / "cut", whole[: max(4, int(share * len(whole)))], "cut short or damaged", "solve again")


@pytest.mark.parametrize("number", [1, 2])
def test_the_formats_before_are_read(saved: Path, tmp_path: Path, number: int) -> None:
    """Format 1 had no adjusting elasticities and states, format 2 no tables."""
    parts = members(saved)
    meta = {**json.loads(parts["meta.json"]), "format": number}
    (tmp_path / "before").write_bytes(pack({**parts, "meta.json": json.dumps(meta).encode()}))
    before, now = tw.load_result(tmp_path / "before"), tw.load_result(saved)
    assert (before.flows == now.flows).all(axis=None) and before.status == now.status


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is empty"),
        (b"P", "it is not a zip"),
        (b"<html>", "it is not a zip"),
        (b"exporter,importer\n", "it is not a zip"),
        (b"\x80\x04\x95pickle", "it is not a zip"),
        (b"PK\x03\x04 and then nothing", "cut short or damaged"),
    ],
)
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    refused(tmp_path / "other", content, says)


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    refused(tmp_path / "other", pack({"data.csv": b"a,b\n"}), r"member 'meta\.json' is missing")
    refused(tmp_path / "other", pack({}), r"member 'meta\.json' is missing")


def test_a_changed_byte_is_refused_or_harmless(saved: Path, tmp_path: Path) -> None:
    whole = bytearray(saved.read_bytes())
    before = tw.load_result(saved).flows
    rng = np.random.default_rng(0)
    for place in rng.choice(len(whole), 200, replace=False):
        changed = bytes(whole[:place]) + bytes([whole[place] ^ 0x55]) + bytes(whole[place + 1 :])
        (tmp_path / "changed").write_bytes(changed)
        try:
            assert tw.load_result(tmp_path / "changed").flows.equals(before)
        except tw.DataError as error:
            assert str(tmp_path / "changed") in str(error)


def test_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(tw.DataError, match=r"there is no file .*nothing; give one that result\.save\(path\) wrote"):
        tw.load_result(tmp_path / "nothing")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(tw.DataError, match="is a folder; give the file"):
        tw.load_result(tmp_path)
    with pytest.raises(tw.DataError, match="is a folder; give the name of a file in it"):
        solve(BAN).save(tmp_path)
    assert list(tmp_path.iterdir()) == []


# members


def test_another_format_names_both_versions(saved: Path, tmp_path: Path) -> None:
    parts = members(saved)
    for number in (0, 4, 17):
        meta = {**json.loads(parts["meta.json"]), "format": number, "tradewinds": "9.9.9", "new": True}
        says = (
            f"format {number}",
            r"tradewinds 9\.9\.9",
            f"tradewinds {tw.__version__} reads formats up to 3",
            "load it with",
        )
        refused(tmp_path / "other", pack({**parts, "meta.json": json.dumps(meta).encode()}), *says)
    refused(
        tmp_path / "other", pack({**parts, "meta.json": b'{"format": 4, "else": 1}'}), "format 4", "unnamed version"
    )


@pytest.mark.parametrize(
    ("meta", "says"),
    [
        (b"", "EOF"),
        (b"format = 1", "expected"),
        (b"[]", "not that of a saved result"),
        (b"{}", "missing field `format`"),
        (b'{"format": "1"}', "invalid type"),
        (b'{"format": -1}', "invalid value"),
        (b'{"format": 1}', "missing field"),
        (b"\xff\xfe", "not that of a saved result"),
        (b"{" * 100_000, "not that of a saved result"),
        (b'{"format": NaN}', "not that of a saved result"),
    ],
)
def test_a_meta_that_is_no_json_of_ours_is_refused(saved: Path, tmp_path: Path, meta: bytes, says: str) -> None:
    refused(tmp_path / "other", pack({**members(saved), "meta.json": meta}), r"meta\.json", says)


def _set(*place: str, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(meta: dict[str, Any]) -> None:
        inside: Any = meta
        for key in place[:-1]:
            inside = inside[key]
        inside[place[-1]] = to

    return change


METAS: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "another model": (_set("model", to="Orbital"), "the model 'Orbital'"),
    "an unknown key": (_set("more", to=1), "unknown field `more`"),
    "a missing key": (lambda meta: meta.pop("period"), "missing field `period`"),
    "a period that is none": (_set("period", to="soon"), "'soon' is not a period"),
    "a period that is not there": (_set("period", to="1999"), "no period 1999"),
    "an order that is none": (_set("settings", "order", to=2), "order is 2; expected 1"),
    "an exposure that is none": (_set("settings", "exposure", to="mean"), "unknown variant `mean`.*segments"),
    "another time": (_set("settings", "at", to="2020"), "has 2 markets to solve.*4 in all; solve again"),
    "a country twice": (_set("flows", "countries", to=["CHN"] * 7), "the country 'CHN' is there twice"),
    "fewer countries": (_set("flows", "countries", to=["CHN"]), "expected a position below 1"),
    "no units": (_set("flows", "quantity_units", to=[]), "0 units of quantity for 2 commodities"),
    "modes from nowhere": (_set("flows", "modes", to=["sea"]), "does not name the array 'flow_mode'"),
    "another scenario": (_set("scenario", "measure", to=[]), "solve again"),
    "a scenario that is none": (_set("scenario", to={"format": 1, "name": 3}), "scenario, line"),
    "a scenario of later": (_set("scenario", "format", to=9), "format 9"),
    "fewer reasons": (_set("reasons", to=[]), "'reason' has 0.*below 0"),
    "no notes": (_set("notes", to=None), "notes in meta.json"),
    "notes of something else": (_set("notes", to={"a": 1}), "notes in meta.json"),
    "a library that is none": (_set("notes", "flows", "backend", to="os"), "no library of dataframes called 'os'"),
    "no unit": (_set("notes", "flows", "attrs", to={}), "notes in meta.json.*unit"),
    "a time that is none": (_set("notes", "created", to="now"), "created is 'now'"),
    "a value of an unknown kind": (_set("notes", "created", to={"$": "code", "is": "x"}), "unknown kind 'code'"),
    "another shape": (_set("arrays", "demand", "shape", to=[2, 8]), r"'demand' has type <f8 and shape \[2, 8\]"),
    "a huge shape": (_set("arrays", "flow_value", "shape", to=[2**60]), "'flow_period'.*expected"),
    "a shape below zero": (_set("arrays", "flow_value", "shape", to=[-1]), "invalid value"),
    "two axes of flows": (_set("arrays", "flow_value", "shape", to=[1, 24]), "expected one axis"),
    "another type": (_set("arrays", "reason", "type", to="|O"), r"'reason' has type \|O"),
}


@pytest.mark.parametrize("case", METAS)
def test_a_meta_that_does_not_fit_is_refused(saved: Path, tmp_path: Path, case: str) -> None:
    parts = members(saved)
    change, says = METAS[case]
    meta = json.loads(parts["meta.json"])
    change(meta)
    refused(tmp_path / "other", pack({**parts, "meta.json": json.dumps(meta).encode()}), says)


def test_a_missing_member_is_refused_by_name(saved: Path, tmp_path: Path) -> None:
    parts = members(saved)
    for name in parts:
        left = {key: content for key, content in parts.items() if key != name}
        refused(tmp_path / "other", pack(left), f"the member '{re.escape(name)}' is missing", "solve again")


def test_an_array_that_the_meta_leaves_out_is_refused(saved: Path, tmp_path: Path) -> None:
    parts = members(saved)
    for name in json.loads(parts["meta.json"])["arrays"]:
        meta = json.loads(parts["meta.json"])
        del meta["arrays"][name]
        says = rf"meta\.json does not name its member '{name}\.npy'"
        refused(tmp_path / "other", pack({**parts, "meta.json": json.dumps(meta).encode()}), says)


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "..",
        "/etc/passwd",
        "a/b.npy",
        "flow_value.npy/",
        "..\\x",
        "C:x",
        "C:\\x",
        "\\\\host\\x",
        "dir/",
        "./meta.json",
    ],
)
def test_a_path_in_the_zip_is_refused(saved: Path, tmp_path: Path, name: str) -> None:
    refused(tmp_path / "other", pack({**members(saved), name: b"x"}), "its member '.*' is a path", "result.save")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["other"]


@pytest.mark.parametrize("name", ["more.npy", "readme.txt", "meta.json.npy", "flow_value"])
def test_a_member_too_many_is_refused(saved: Path, tmp_path: Path, name: str) -> None:
    refused(tmp_path / "other", pack({**members(saved), name: npy([1.0])}), f"does not name its member '{name}'")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_twice_is_refused(saved: Path, tmp_path: Path) -> None:
    packed = io.BytesIO(saved.read_bytes())
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("supply.npy", npy([1.0]))
    refused(tmp_path / "other", packed.getvalue(), "two members of one name")


def test_a_member_that_unpacks_to_more_than_the_meta_says_is_refused(saved: Path, tmp_path: Path) -> None:
    parts = members(saved)
    bomb = parts["flow_value.npy"] + bytes(300_000_000)
    refused(tmp_path / "bomb", pack({**parts, "flow_value.npy": bomb}), "unpacks to 300000.* bytes, but meta.json says")
    longer = parts["flow_value.npy"] + bytes(8)
    refused(tmp_path / "longer", pack({**parts, "flow_value.npy": longer}), "longer than its shape")


def test_a_size_that_is_a_lie_is_refused(saved: Path, tmp_path: Path) -> None:
    parts = members(saved)
    packed = bytearray(pack({**parts, "flow_value.npy": parts["flow_value.npy"] + bytes(100_000_000)}))
    honest, lie = struct.pack("<I", len(parts["flow_value.npy"]) + 100_000_000), struct.pack("<I", 100)
    assert packed.count(honest) == 2
    refused(tmp_path / "lie", bytes(packed.replace(honest, lie)), "flow_value.npy|longer than its shape")


def test_a_meta_that_unpacks_to_more_than_a_gigabyte_is_refused(saved: Path, tmp_path: Path) -> None:
    packed = bytearray(saved.read_bytes())
    with zipfile.ZipFile(saved) as archive:
        size = struct.pack("<I", archive.getinfo("meta.json").file_size)
    refused(tmp_path / "lie", bytes(packed.replace(size, struct.pack("<I", 2**31))), "more than 1073741824")


# arrays


def _with(name: str, content: bytes | Callable[[Any], Any]) -> Callable[[Members], Members]:
    def change(parts: Members) -> Members:
        new = content if isinstance(content, bytes) else npy(content(array(parts, name)))
        return {**parts, f"{name}.npy": new}

    return change


def _number(place: Any, value: Any) -> Callable[[Any], Any]:
    def change(values: Any) -> Any:
        values[place] = value
        return values

    return change


HUGE = (
    np.lib.format.magic(1, 0)
    + struct.pack("<H", 118)
    + b"{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807,), }".ljust(117)
    + b"\n"
)
ARRAYS: dict[str, tuple[Callable[[Members], Members], str]] = {
    "shorter": (_with("flow_value", lambda v: v[:-1]), r"'flow_value\.npy' begins with .*expected"),
    "longer": (_with("log_price_index", lambda v: np.vstack([v, v])), "begins with|meta.json says"),
    "another shape": (_with("demand", lambda v: v.T), r"'shape': \(7, 2\).*expected.*\(2, 7\)"),
    "no axes": (_with("flow_value", lambda v: v[0]), r"'shape': \(\)"),
    "columns first": (_with("demand", lambda v: np.asfortranarray(v)), "'fortran_order': True.*expected"),
    "half as exact": (_with("flow_value", lambda v: v.astype("<f4")), "'<f4'.*expected.*'<f8'"),
    "big-endian": (_with("flow_value", lambda v: v.astype(">f8")), "'>f8'.*expected"),
    "whole numbers": (_with("flow_value", lambda v: v.astype("<i8")), "'<i8'.*expected"),
    "text": (_with("flow_value", lambda v: v.astype("U3")), "'<U3'.*expected"),
    "empty": (_with("flow_value", b""), r"'flow_value\.npy' is cut short"),
    "no array": (_with("flow_value", b"exporter,importer\n"), "begins with no array of NumPy's format 1.0"),
    "a later format of NumPy": (
        lambda parts: {**parts, "supply.npy": parts["supply.npy"].replace(b"NUMPY\x01", b"NUMPY\x03")},
        "no array of NumPy's format 1.0",
    ),
    "a header cut short": (lambda parts: {**parts, "supply.npy": parts["supply.npy"][:40]}, "is cut short"),
    "numbers cut short": (lambda parts: {**parts, "supply.npy": parts["supply.npy"][:-8]}, "is cut short"),
    "a header of a huge shape": (_with("flow_value", HUGE), "9223372036854775807.*expected"),
    "a missing value": (_with("flow_value", _number(0, np.nan)), "missing value in row 0"),
    "an infinite value": (_with("flow_value", _number(1, np.inf)), "infinite value in row 1"),
    "a negative value": (_with("flow_value", _number(1, -1.0)), "negative value in row 1"),
    "an infinite quantity": (_with("flow_quantity", _number(1, np.inf)), "infinite quantity"),
    "an unknown country": (_with("flow_exporter", _number(3, 9)), r"'flow_exporter' has 9 in row 3.*below 7"),
    "an unknown commodity": (_with("flow_commodity", _number(3, 2)), "'flow_commodity' has 2 in row 3"),
    "a flow twice": (
        lambda parts: _with("flow_importer", _number(1, array(parts, "flow_importer")[0]))(parts),
        "rows 0 and 1.* are both",
    ),
    "a duty of nothing": (_with("tariff_power", _number(2, 0.0)), "power of the tariff on flow 2.* is 0"),
    "a missing duty": (_with("tariff_power", _number(2, np.nan)), "power of the tariff on flow 2.* is NaN"),
    "an infinite duty": (_with("tariff_power", _number(2, np.inf)), "power of the tariff on flow 2.* is inf"),
    "a substitution of 1": (_with("substitution", _number(0, 1.0)), "substitution for coal is 1"),
    "a missing demand": (_with("demand", _number((0, 0), np.nan)), "demand for coal in CHN is NaN"),
    "a negative supply": (_with("supply", _number((1, 0), -1.0)), "supply for crude in CHN is -1"),
    "another commodity": (_with("commodity", _number(0, 1)), "equilibria of others"),
    "an unknown reason": (_with("reason", _number(0, 7)), "'reason' has 7"),
    "a missing residual": (_with("residual", _number(0, np.nan)), "'residual' has NaN for coal"),
    "an infinite residual": (_with("residual", _number(0, np.inf)), "'residual' has inf"),
    "a missing modulus": (_with("modulus", _number(0, np.nan)), "'modulus' has NaN"),
    "a missing price": (_with("log_producer_price", _number((0, 4), np.nan)), "'log_producer_price' has NaN for coal"),
    "a price without end": (_with("log_producer_price", _number((0, 4), np.inf)), "'log_producer_price' has inf"),
    "a missing index": (_with("log_price_index", _number((0, 0), np.nan)), "'log_price_index' has NaN"),
    "an index of nothing": (_with("log_price_index", _number((0, 0), -np.inf)), "'log_price_index' has -inf"),
    "a missing supply": (_with("supply_hat", _number((0, 4), np.nan)), "'supply_hat' has NaN"),
    "a supply below zero": (_with("supply_hat", _number((0, 4), -1.0)), "'supply_hat' has -1"),
    "a licence below zero": (_with("licence_price", _number(0, -1.0)), "'licence_price' has -1"),
    "a missing licence": (_with("licence_used", _number(0, np.nan)), "'licence_used' has NaN"),
    "more than all within": (_with("licence_within", _number(0, 1.5)), "'licence_within' has 1.5"),
}


@pytest.mark.parametrize("case", ARRAYS)
def test_an_array_that_does_not_fit_is_refused(saved: Path, tmp_path: Path, case: str) -> None:
    change, says = ARRAYS[case]
    refused(tmp_path / "other", pack(change(members(saved))), says)


def test_prices_that_were_changed_show_in_the_status(saved: Path, tmp_path: Path) -> None:
    assert tw.load_result(saved).status.converged
    (tmp_path / "changed").write_bytes(pack(_with("log_producer_price", lambda v: v + 0.01)(members(saved))))
    status = tw.load_result(tmp_path / "changed").status
    assert (status.converged, status.reason) == (False, "supply and demand rebuilt from the flows do not agree")


@settings(max_examples=100)
@given(content=st.binary(max_size=300), start=st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06"]))
def test_any_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes, start: bytes) -> None:
    refused(tmp_path_factory.mktemp("any") / "file", start + content)
