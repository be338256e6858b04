"""The same bits wherever draws run, and nothing lost when workers, processes or patience end."""

from __future__ import annotations

import io
import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from pandas.testing import assert_frame_equal
from sampling import ASKED, SHIFT, assert_same, model, scenario

import tradewinds as tw
from tradewinds import _core
from tradewinds.evidence import sample as sampling_module
from tradewinds.evidence.sample import Sampling, collect, inputs_of
from tradewinds.progress import _Bar
from tradewinds.run import batch as batch_module
from tradewinds.run.batch import Outcome
from tradewinds.run.plan import Plan

pytest.importorskip("scipy", reason="scipy, of the extra 'uncertainty', is not installed")

DRAWS = 300


@pytest.fixture(scope="module")
def expected() -> tw.Ensemble:
    return model().sample(scenario(), DRAWS, ask=ASKED, seed=9)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many chunks, also where a draw is fast."""
    monkeypatch.setattr(sampling_module, "_LARGEST_CHUNK", 23)


@pytest.fixture
def all_threads() -> Iterator[None]:
    before = tw.threads()
    yield
    tw.threads(before)


@pytest.mark.parametrize("threads", [1, 2, 4, 7])
@pytest.mark.parametrize("keep", [True, False])
def test_same_bits_on_any_number_of_threads(expected: tw.Ensemble, all_threads: None, threads: int, keep: bool) -> None:
    tw.threads(threads)
    ensemble = model().sample(scenario(), DRAWS, ask=ASKED, seed=9, keep=keep)
    assert_same(ensemble, expected)


@pytest.mark.parametrize("size", [1, 7, 64, DRAWS])
def test_same_bits_however_draws_are_cut(expected: tw.Ensemble, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(sampling_module, "_LARGEST_CHUNK", size)
    assert_same(model().sample(scenario(), DRAWS, ask=ASKED, seed=9), expected)


def executors() -> dict[str, Any]:
    return {
        "threads": lambda: ThreadPoolExecutor(3),
        "processes, spawned": lambda: ProcessPoolExecutor(2, mp_context=get_context("spawn")),
        "processes, forked": lambda: ProcessPoolExecutor(2, mp_context=get_context("fork")),
    }


@pytest.mark.parametrize("kind", list(executors()))
def test_same_bits_on_any_executor(expected: tw.Ensemble, kind: str) -> None:
    with executors()[kind]() as executor:
        assert_same(model().sample(scenario(), DRAWS, ask=ASKED, seed=9, executor=executor), expected)
        # It is the caller's: still open.
        assert executor.submit(int, "3").result() == 3


def test_same_bits_on_dask(expected: tw.Ensemble) -> None:
    distributed = pytest.importorskip("distributed", reason="Dask, of the extra 'dask', is not installed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True) as cluster,
        distributed.Client(cluster) as client,
    ):
        ensemble = model().sample(scenario(), DRAWS, ask=ASKED, seed=9, executor=client.get_executor())
        assert_same(ensemble, expected)


def test_dask_works_on_as_many_chunks_as_its_cluster_has_threads() -> None:
    distributed = pytest.importorskip("distributed", reason="Dask, of the extra 'dask', is not installed")
    many = (os.cpu_count() or 1) + 3
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=many, dashboard_address=None, processes=False
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        executor = client.get_executor()
        assert batch_module.workers(executor) == 2 * many
    for call in (
        lambda: model().sample(scenario(), 4, ask=SHIFT, executor=executor),
        lambda: model().path(scenario(), [2022, 2023], executor=executor),
    ):
        with pytest.raises(tw.ModelError, match="the executor takes no work"):
            call()


@pytest.mark.skipif(os.environ.get("HYPOTHESIS_PROFILE") != "deep", reason="make test-deep runs it")
def test_a_worker_of_dask_is_killed() -> None:
    distributed = pytest.importorskip("distributed", reason="Dask, of the extra 'dask', is not installed")
    draws = 20_000
    alone = model().sample(scenario(), draws, ask=ASKED, seed=9)
    with (
        distributed.LocalCluster(n_workers=3, threads_per_worker=1, dashboard_address=None, processes=True) as cluster,
        distributed.Client(cluster) as client,
    ):
        pids = list(client.run(os.getpid).values())
        killer = threading.Timer(1.0, os.kill, (pids[0], signal.SIGKILL))
        killer.start()
        ensemble = model().sample(scenario(), draws, ask=ASKED, seed=9, executor=client.get_executor())
        assert not killer.is_alive(), "it ended before a worker was killed"
        assert pids[0] not in client.run(os.getpid).values()
        assert_same(ensemble, alone)


class DiesOnce(Sampling):
    """Ends its process, once, in the middle of the draws."""

    mark: Path

    def __call__(self, values: npt.NDArray[np.float64]) -> Outcome:
        if self.mark.exists() and (values == self.fatal).all(axis=1).any():
            self.mark.unlink()
            os._exit(1)
        return super().__call__(values)

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "mark": self.mark, "fatal": self.fatal}


def work_and_plan(kind: type[Sampling] = Sampling) -> tuple[Any, Plan]:
    own, told = model(), scenario()
    inputs = inputs_of(own, told)
    return kind(own.solve(told), ASKED, inputs), Plan(tuple(inputs), DRAWS, 9, "sobol")


def test_the_chunk_of_a_lost_worker_is_run_again(
    expected: tw.Ensemble, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    work, plan = work_and_plan(DiesOnce)
    work.mark, work.fatal = tmp_path / "mark", next(plan.blocks([(100, 101)]))[0]
    work.mark.touch()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        assert_same(collect(work, plan, executor=executor), expected)
    assert not work.mark.exists()
    assert "run again" in caplog.text


class DiesAlways(Sampling):
    def __call__(self, values: npt.NDArray[np.float64]) -> Outcome:
        if len(values) > 8 and os.getpid() != self.caller:
            os._exit(1)
        return super().__call__(values)

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "caller": self.caller}


def test_a_worker_that_is_always_lost_is_an_error() -> None:
    work, plan = work_and_plan(DiesAlways)
    work.caller = os.getpid()
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor,
        pytest.raises(tw.TradewindsError, match=r"the worker of draws \d+ to \d+ was lost 3 times"),
    ):
        collect(work, plan, executor=executor)


def test_an_executor_that_is_shut_down_is_refused() -> None:
    for executor in (ThreadPoolExecutor(1), ProcessPoolExecutor(1)):
        executor.shutdown()
        with pytest.raises(tw.ModelError, match="shut down"):
            model().sample(scenario(), 4, ask=SHIFT, executor=executor)


def test_an_error_of_a_worker_is_raised_as_it_is() -> None:
    with ThreadPoolExecutor(1) as executor, pytest.raises(tw.ScenarioError, match="QQQ"):
        model().sample(scenario(), 4, ask=tw.ask("shares", exporter="QQQ"), executor=executor)


def test_a_checkpoint_goes_on_where_it_was(
    expected: tw.Ensemble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "kept"
    first = model().sample(scenario(), DRAWS, ask=ASKED, seed=9, checkpoint=folder)
    assert_same(first, expected)
    chunks = sorted(folder.glob("chunk-*.npz"))
    assert len(chunks) == -(-DRAWS // 23)
    # One is gone, one is cut short, one was never finished, and this machine would cut otherwise.
    chunks[3].unlink()
    chunks[5].write_bytes(chunks[5].read_bytes()[:100])
    (folder / ".chunk-0000001.npz.123").write_bytes(b"unfinished")
    monkeypatch.setattr(sampling_module, "_LARGEST_CHUNK", 50)
    solved: list[int] = []
    original = Sampling.__call__

    def counted(self: Sampling, values: npt.NDArray[np.float64]) -> Outcome:
        solved.append(len(values))
        return original(self, values)

    monkeypatch.setattr(Sampling, "__call__", counted)
    assert_same(model().sample(scenario(), DRAWS, ask=ASKED, seed=9, checkpoint=folder), expected)
    # One and eight for the clock, and the two chunks.
    assert solved == [1, 8, 23, 23]
    with ThreadPoolExecutor(2) as executor:
        chunks[0].unlink()
        chunks[-1].unlink()
        again = model().sample(scenario(), DRAWS, ask=ASKED, seed=9, checkpoint=folder, executor=executor)
        assert_same(again, expected)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"seed": 8}, "seed differ"),
        ({"draws": 200}, "draws differ"),
        ({"method": "random"}, "method differ"),
        ({"ask": SHIFT}, "ask differ"),
        ({"correlation": {("substitution", "supply"): 0.5}}, "correlation differ"),
        ({"at": 2023}, "model differ"),
        ({"scenario": scenario(tw.uniform(0.5, 0.8))}, "scenario, model, inputs differ"),
        ({"model": model(supply=tw.around(0.3, 0.2))}, "inputs differ"),
        ({"model": model(substitution=tw.triangular(3, 6, 8))}, "model, inputs differ"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    given = {"model": model(), "scenario": scenario(), "draws": 30, "ask": ASKED, "seed": 9}
    first = dict(given)
    first.pop("model").sample(first.pop("scenario"), first.pop("draws"), **first, checkpoint=tmp_path / "kept")
    other = {**given, **changes}
    with pytest.raises(tw.ModelError, match=f"of another run: {says}"):
        other.pop("model").sample(other.pop("scenario"), other.pop("draws"), **other, checkpoint=tmp_path / "kept")


def test_a_folder_of_something_else_is_no_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(tw.ModelError, match="files of something else"):
        model().sample(scenario(), 4, ask=SHIFT, checkpoint=tmp_path)
    with pytest.raises(tw.DataError, match="can be made"):
        model().sample(scenario(), 4, ask=SHIFT, checkpoint=tmp_path / "letter.txt" / "kept")
    (tmp_path / "letter.txt").rename(tmp_path / "checkpoint.json")
    with pytest.raises(tw.DataError, match="can't be read"):
        model().sample(scenario(), 4, ask=SHIFT, checkpoint=tmp_path)
    with pytest.raises(tw.ModelError, match="checkpoint is 3; expected a folder"):
        model().sample(scenario(), 4, ask=SHIFT, checkpoint=3)  # type: ignore[arg-type]


def test_what_a_killed_process_began_to_write_blocks_no_checkpoint(tmp_path: Path) -> None:
    unfinished = tmp_path / ".checkpoint.json.123"
    unfinished.write_text('{"form')
    model().sample(scenario(), 4, ask=SHIFT, checkpoint=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint.json", "chunk-0000000.npz"]


RUN = """
import sys
sys.path.insert(0, {tests!r})
from pandas.testing import assert_frame_equal
from sampling import ASKED, assert_same, model, scenario
from tradewinds.evidence import sample
import tradewinds as tw

sample._LARGEST_CHUNK = 50
print("ready", flush=True)
ensemble = model().sample(scenario(), {draws}, ask=ASKED, seed=9, {arguments})
print(ensemble.partial, len(ensemble), flush=True)
"""


def start(arguments: str, draws: int) -> subprocess.Popen[str]:
    code = RUN.format(tests=str(Path(__file__).parent), arguments=arguments, draws=draws)
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


def chunks_in(folder: Path) -> set[Path]:
    return set(folder.glob("chunk-*.npz"))


def wait_for_chunks(process: subprocess.Popen[str], folder: Path, number: int) -> None:
    until = time.monotonic() + 60
    while len(chunks_in(folder)) < number:
        assert process.poll() is None, "it ended before it could be stopped"
        assert time.monotonic() < until
        time.sleep(0.002)


def test_a_killed_run_loses_no_finished_chunk(tmp_path: Path) -> None:
    folder, draws = tmp_path / "kept", 20_000
    for kills in (1, 2, 3):
        process = start(f"checkpoint={str(folder)!r}", draws)
        wait_for_chunks(process, folder, 10 * kills)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    finished = {path: path.stat().st_mtime_ns for path in chunks_in(folder)}
    assert 30 <= len(finished) < draws / 50
    resumed = model().sample(scenario(), draws, ask=ASKED, seed=9, checkpoint=folder)
    for path, written in finished.items():
        assert path.stat().st_mtime_ns == written
    assert_same(resumed, model().sample(scenario(), draws, ask=ASKED, seed=9))


def test_ctrl_c_returns_what_is_finished(tmp_path: Path) -> None:
    folder, draws = tmp_path / "kept", 2_000_000
    process = start(f"checkpoint={str(folder)!r}, keep=False", draws)
    wait_for_chunks(process, folder, 5)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    partial, done = out.split()[1:]
    assert partial == "True"
    # What was being folded or written when the signal came may be missing from the answer.
    assert 4 * 50 <= int(done) <= len(chunks_in(folder)) * 50 < draws


def test_a_partial_ensemble_says_so(monkeypatch: pytest.MonkeyPatch, expected: tw.Ensemble) -> None:
    for executor in (None, ThreadPoolExecutor(2)):
        work, plan = work_and_plan()
        seen = []
        original = Sampling.__call__

        def stopping(
            self: Sampling, values: npt.NDArray[np.float64], seen: Any = seen, original: Any = original
        ) -> Outcome:
            seen.append(len(values))
            if len(seen) == 8:
                raise KeyboardInterrupt
            return original(self, values)

        monkeypatch.setattr(Sampling, "__call__", stopping)
        with pytest.warns(RuntimeWarning, match=f"stopped by Ctrl-C: .* of {DRAWS} draws are finished"):
            ensemble = collect(work, plan, executor=executor)
        monkeypatch.setattr(Sampling, "__call__", original)
        assert ensemble.partial
        assert 0 < len(ensemble) < DRAWS
        assert f"stopped after {len(ensemble)} of {DRAWS} draws" in repr(ensemble)
        done = ensemble.status["draw"].to_numpy()
        assert len(done) == len(ensemble)
        np.testing.assert_array_equal(ensemble._collected.kept[done], expected._collected.kept[done])
        pd_values = ensemble.values.set_index("draw")
        assert pd_values.index.tolist() == done.tolist()
        if isinstance(executor, Executor):
            executor.shutdown()


def test_ctrl_c_before_anything_is_finished_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    work, plan = work_and_plan()
    calls = []
    original = Sampling.__call__

    def stopping(self: Sampling, values: npt.NDArray[np.float64]) -> Outcome:
        calls.append(1)
        if len(calls) > 2:
            raise KeyboardInterrupt
        return original(self, values)

    monkeypatch.setattr(Sampling, "__call__", stopping)
    with pytest.raises(KeyboardInterrupt):
        collect(work, plan)


FULL = """
import resource, sys
sys.path.insert(0, {tests!r})
import tradewinds as tw
from pandas.testing import assert_frame_equal
from sampling import ASKED, model, scenario
from tradewinds.evidence import sample

sample._LARGEST_CHUNK = 50
given = model(), scenario()
# From here on no file can grow beyond this: the disk is full in the middle of a chunk.
resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, resource.RLIM_INFINITY))
try:
    given[0].sample(given[1], 300, ask=ASKED, seed=9, {arguments})
except tw.DataError as error:
    print(error)
"""


@pytest.mark.parametrize("argument", ["checkpoint", "keep"])
def test_a_full_disk_says_what_is_safe(tmp_path: Path, argument: str, expected: tw.Ensemble) -> None:
    if argument == "keep":
        pytest.importorskip("pyarrow", reason="pyarrow, of the extra 'files', is not installed")
    folder = tmp_path / "kept"
    code = FULL.format(tests=str(Path(__file__).parent), room=2500, arguments=f"{argument}={str(folder)!r}")
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "can't be written" in said
    if argument == "checkpoint":
        assert "Chunks written before are whole: make room and call again to go on" in said
    else:
        # The next call does not go on from parts alone, so it is not promised.
        assert "Make room and give a new folder" in said and "call again" not in said
    assert not [path for path in folder.rglob("*") if path.name.startswith(".")]
    if argument == "checkpoint":
        assert_same(model().sample(scenario(), DRAWS, ask=ASKED, seed=9, checkpoint=folder), expected)


def test_draws_leave_as_a_parquet_dataset(tmp_path: Path, expected: tw.Ensemble) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow, of the extra 'files', is not installed")
    folder = tmp_path / "draws"
    ensemble = model().sample(scenario(), DRAWS, ask=ASKED, seed=9, keep=folder)
    assert sorted(path.name for path in folder.iterdir()) == ["1-share_shift", "2-prices", "3-revenue", "draws.json"]
    assert len(list((folder / "1-share_shift").glob("part-*.parquet"))) == -(-DRAWS // 23)
    table = parquet.read_table(folder / "1-share_shift").to_pandas()
    arguments = dict(SHIFT.arguments)
    kept = expected.draws.share_shift(**arguments)
    assert ensemble.draws.share_shift(**arguments).equals(kept)
    np.testing.assert_array_equal(table["toward_shift"], kept["toward_shift"])
    assert ensemble.draws.prices["draw"].is_monotonic_increasing
    with pytest.raises(tw.ModelError, match="has files already"):
        model().sample(scenario(), 4, ask=SHIFT, keep=folder)


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"seed": 8}, "seed differ"), ({"draws": 200}, "draws differ"), ({"ask": SHIFT}, "ask differ")],
)
def test_a_dataset_never_mixes_runs(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow, of the extra 'files', is not installed")
    given: dict[str, Any] = {"draws": DRAWS, "ask": ASKED, "seed": 9, "keep": tmp_path / "draws"}
    model().sample(scenario(), **given)
    with pytest.raises(tw.ModelError, match=f"keep .*draws is of another run: {says}; give another folder"):
        model().sample(scenario(), **{**given, **changes}, checkpoint=tmp_path / "other")


def test_a_dataset_is_written_anew_from_a_checkpoint(
    expected: tw.Ensemble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow, of the extra 'files', is not installed")
    folder, kept = tmp_path / "draws", expected.draws.prices
    first = model().sample(scenario(), DRAWS, ask=ASKED, seed=9, keep=folder)
    # Cut otherwise: parts of the first call that are left would be draws that are there twice.
    monkeypatch.setattr(sampling_module, "_LARGEST_CHUNK", 50)
    for _ in range(2):
        again = model().sample(scenario(), DRAWS, ask=ASKED, seed=9, keep=folder, checkpoint=tmp_path / "chunks")
        assert_frame_equal(again.draws.prices, kept, check_exact=True, check_dtype=False, check_categorical=False)
        assert len(list((folder / "2-prices").iterdir())) == -(-DRAWS // 50)
    with pytest.raises(tw.DataError, match="sample again"):
        _ = first.draws.prices


def test_a_dataset_that_is_gone_says_so(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow, of the extra 'files', is not installed")
    ensemble = model().sample(scenario(), 30, ask=SHIFT, keep=tmp_path / "draws")
    shutil.rmtree(tmp_path / "draws")
    with pytest.raises(tw.DataError, match=r"the draws in .* can't be read"):
        _ = SHIFT(ensemble.draws)


@pytest.mark.parametrize("column", [None, "toward_shift"])
def test_indices_are_those_of_draws_in_memory(tmp_path: Path, column: str | None) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow, of the extra 'files', is not installed")
    pytest.importorskip("SALib", reason="SALib, of the extra 'uncertainty', is not installed")
    given: dict[str, Any] = {"ask": [tw.ask("prices"), SHIFT], "method": "saltelli"}
    kept = model().sample(scenario(), 16, **given)
    written = model().sample(scenario(), 16, **given, keep=tmp_path / "draws")
    assert written.sobol(SHIFT, column=column).equals(kept.sobol(SHIFT, column=column))
    assert written.tornado(SHIFT, column=column).equals(kept.tornado(SHIFT, column=column))
    neither = model().sample(scenario(), 16, **given, keep=False)
    with pytest.raises(tw.ModelError, match="the draws were not kept"):
        neither.sobol(SHIFT)


@pytest.mark.parametrize("keep", [True, False, "folder"])
def test_an_ensemble_comes_back_from_a_pickle(tmp_path: Path, keep: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if keep == "folder":
        pytest.importorskip("pyarrow", reason="pyarrow, of the extra 'files', is not installed")
        monkeypatch.chdir(tmp_path)
    # More draws than a sketch holds.
    for given in ({"draws": 3000}, {"draws": 60, "periods": [2022, 2023]}):
        place = f"draws-{given['draws']}" if keep == "folder" else keep
        ensemble = model().sample(scenario(), ask=ASKED, seed=9, keep=place, **given)  # type: ignore[arg-type]
        again = pickle.loads(pickle.dumps(ensemble))
        assert_same(again, ensemble)
        assert again.error == ensemble.error
        assert SHIFT(again.at(0.1, 0.9)).equals(SHIFT(ensemble.at(0.1, 0.9)))
        assert SHIFT(again.central).equals(SHIFT(ensemble.central))
        if keep:
            # Its folder is found from anywhere.
            monkeypatch.chdir("/")
            assert SHIFT(again.draws).equals(SHIFT(ensemble.draws))
            monkeypatch.chdir(tmp_path)


def test_bytes_that_are_no_sketches_are_refused() -> None:
    with pytest.raises(tw.DataError, match="3 bytes are no sketches of 2 numbers"):
        _core.Sketches(2).__setstate__(b"abc")


def test_a_bar_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = io.StringIO()
    monkeypatch.setattr(sys, "stderr", drawn)
    model().sample(scenario(), DRAWS, ask=SHIFT, progress=True)
    assert "100% of 300 draws" in drawn.getvalue()
    assert drawn.getvalue().endswith("\n")
    quiet = io.StringIO()
    monkeypatch.setattr(sys, "stderr", quiet)
    model().sample(scenario(), DRAWS, ask=SHIFT)
    assert quiet.getvalue() == ""


def test_the_rate_is_that_of_this_call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told: list[tuple[int, int, int]] = []

    @contextmanager
    def bar(*_: Any, **__: Any) -> Iterator[Any]:
        yield lambda *numbers: told.append(numbers)

    monkeypatch.setattr(sampling_module, "bar", bar)
    folder = tmp_path / "kept"
    model().sample(scenario(), DRAWS, ask=SHIFT, checkpoint=folder)
    assert all(before == 0 for _, _, before in told)
    for chunk in sorted(folder.glob("chunk-*.npz"))[5:8]:
        chunk.unlink()
    told.clear()
    model().sample(scenario(), DRAWS, ask=SHIFT, checkpoint=folder)
    assert told[-1] == (DRAWS, DRAWS, DRAWS - 3 * 23)
    assert told[6] == (7 * 23, DRAWS, 5 * 23)
    drawn = _Bar("draws", "draws", io.StringIO(), patience=0.0)
    monkeypatch.setattr(time, "monotonic", lambda: drawn._start + 2.0)
    drawn(900, 1000, 800)
    assert "50 draws/s, 2 s left" in drawn._stream.getvalue()  # type: ignore[attr-defined]


def test_no_thread_or_process_is_left(expected: tw.Ensemble) -> None:
    before = threading.active_count()
    model().sample(scenario(), 40, ask=SHIFT)
    assert threading.active_count() == before


class Weighing(ProcessPoolExecutor):
    """Counts the chunks, and those that the work goes with."""

    chunks = 0
    with_work = 0

    def submit(self, task: Any, /, *arguments: Any, **how: Any) -> Any:
        self.chunks += 1
        self.with_work += arguments[1] is not None
        return super().submit(task, *arguments, **how)


def test_large_work_goes_to_a_worker_once(expected: tw.Ensemble, monkeypatch: pytest.MonkeyPatch) -> None:
    for always in (0, 2**20):
        monkeypatch.setattr(batch_module, "_SENT_ALWAYS", always)
        with Weighing(2, mp_context=get_context("spawn")) as executor:
            for _ in range(2):
                assert_same(model().sample(scenario(), DRAWS, ask=ASKED, seed=9, executor=executor), expected)
            assert executor.chunks >= 2 * -(-DRAWS // 23)
            if always:
                assert executor.with_work == executor.chunks
                continue
            # To each of two workers in each of two runs, and again where one of the 8 chunks under way met a worker
            # that had not got it yet.
            assert 4 <= executor.with_work <= 2 * 8
