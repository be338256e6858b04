"""Saves that fail or replace: whole files or none, and nothing is lost."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from kinds import BAN, model, solve

import tradewinds as tw


def test_saving_onto_a_file_replaces_it(saved: Path, tmp_path: Path) -> None:
    path = tmp_path / "result"
    path.write_text("old", encoding="utf-8")
    with path.open(encoding="utf-8") as old:
        tw.load_result(saved).save(path)
        assert old.read() == "old", "who had it open still reads what was there"
    assert path.read_bytes() == saved.read_bytes()
    assert list(tmp_path.iterdir()) == [path]


def test_a_saved_file_has_the_permissions_of_any_new_file(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    tw.load_result(saved).save(tmp_path / "result")
    assert (tmp_path / "result").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_saving_through_a_link_keeps_the_link(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "real").touch()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    tw.load_result(saved).save(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == saved.read_bytes()


def test_saving_into_a_folder_that_is_not_there_says_so(saved: Path, tmp_path: Path) -> None:
    missing = tmp_path / "runs" / "result"
    with pytest.raises(tw.DataError, match=rf"{re.escape(str(missing))} .*there is no folder .*runs; make it first"):
        tw.load_result(saved).save(missing)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there are no devices")
def test_a_device_is_not_replaced(saved: Path) -> None:
    with pytest.raises(tw.DataError, match="/dev/full is not a plain file"):
        tw.load_result(saved).save("/dev/full")
    assert Path("/dev/full").is_char_device()


def test_names_of_all_kinds(saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = tw.load_result(str(saved))
    for name in ("plain", "Türkiye 中国.zip", ".hidden", "with space"):
        result.save(name)
        assert tw.load_result(tmp_path / name).status == result.status
    for name in ("", ".", ".."):
        with pytest.raises(tw.DataError):
            result.save(name)


FULL = """
import pathlib, resource, sys
import tradewinds as tw
result = tw.load_result(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    result.save(sys.argv[2])
except tw.DataError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit on the size of files on Windows")
@pytest.mark.parametrize("room", [0, 1, 1000, 4096])
def test_a_full_disk_leaves_the_old_file_and_no_litter(saved: Path, tmp_path: Path, room: int) -> None:
    path = tmp_path / "result"
    for before in (None, b"the old file"):
        if before:
            path.write_bytes(before)
        run = [sys.executable, "-c", FULL, str(saved), str(path), str(room)]
        done = subprocess.run(run, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        kept = "what was there before is unchanged" if before else "nothing was left behind"
        assert re.search(rf"{re.escape(str(path))} can't be written: File too large.*{kept}", done.stdout)
        assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == (
            {"result": before} if before else {}
        )


FORBIDDEN = """
import os, sys
import tradewinds as tw
result = tw.load_result(sys.argv[1])
result.flows
if os.geteuid() == 0:
    os.setuid(65534)
for refused in (lambda: tw.load_result(sys.argv[2]), lambda: result.save(sys.argv[3])):
    try:
        refused()
    except tw.DataError as error:
        print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are of another kind on Windows")
def test_without_permission_nothing_is_read_or_written(saved: Path, tmp_path: Path) -> None:
    secret, locked = tmp_path / "secret", tmp_path / "locked"
    secret.write_bytes(saved.read_bytes())
    locked.mkdir()
    secret.chmod(0)
    locked.chmod(0o555)
    # Paths relative to a folder that anyone may enter: those above it stay closed.
    tmp_path.chmod(0o755)
    run = [sys.executable, "-c", FORBIDDEN, str(saved), "secret", "locked/result"]
    done = subprocess.run(run, capture_output=True, text=True, cwd=tmp_path)
    locked.chmod(0o755)
    assert done.stderr == ""
    read, written = done.stdout.splitlines()
    assert re.search(r"secret can't be read: Permission denied", read)
    assert re.search(r"locked/result can't be written: Permission denied.*Make room or get permission", written)
    assert list(locked.iterdir()) == []


def test_attributes_that_a_file_cannot_keep_are_refused_by_place(tmp_path: Path) -> None:
    result = solve(BAN, of=model(attrs={"hs": {"crude": [1, {2}]}}))
    with pytest.raises(
        tw.DataError, match=r"flows\.attrs\['hs'\]\['crude'\]\[1\] is a set, which a file can't keep; use"
    ):
        result.save(tmp_path / "result")
    assert list(tmp_path.iterdir()) == []
