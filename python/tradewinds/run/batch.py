"""Chunks of draws or periods, here or on any executor, in order; one whose worker is lost is run again."""

from __future__ import annotations

import logging
import os
import pickle
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from tradewinds import _core
from tradewinds.errors import ModelError, TradewindsError

__all__ = ["Chunk", "Outcome", "run", "workers"]

_Numbers = npt.NDArray[np.float64]

#: A chunk that was lost so often is given up.
_ATTEMPTS = 3
#: Chunks that are under way or wait for an earlier one, per worker.
_AHEAD = 4
#: Bytes of pickled work that go with every chunk; larger ones go to a worker once.
_SENT_ALWAYS = 32 * 2**10
_CLOSED = "the executor takes no work ({}); if it was shut down, make a new one"


@dataclass(frozen=True)
class Outcome:
    """What came of a chunk of draws."""

    #: draw × number of the answers; NaN where a period of a draw failed
    answers: _Numbers
    #: draw × period, as all that follow; a draw that is not over time has one
    converged: npt.NDArray[np.bool_]
    iterations: npt.NDArray[np.uint32]
    residual: _Numbers
    #: place in the chunk, period and reason, of those that failed
    reasons: list[tuple[int, int, str]]
    #: rows of answers that the central case does not have
    left_out: int = 0


@dataclass(frozen=True)
class Chunk:
    """Its number, its first draw and the one past its last."""

    number: int
    first: int
    last: int

    #: What to do where its worker is always lost.
    advice: ClassVar[str] = " With a checkpoint= what is finished is kept"

    def __str__(self) -> str:
        return f"draws {self.first} to {self.last - 1}"


C = TypeVar("C", bound=Chunk)
V = TypeVar("V")
F = TypeVar("F")


def workers(executor: Executor | None) -> int:
    """How many chunks an executor works on at once, as far as it says: Dask's by the threads of its cluster."""
    client = getattr(executor, "_client", None)
    if client is not None and hasattr(client, "nthreads"):
        try:
            threads = sum(client.nthreads().values())
        except Exception as error:
            raise ModelError(_CLOSED.format(repr(error))) from error
        if threads:
            return int(threads)
    return int(getattr(executor, "_max_workers", None) or os.cpu_count() or 1)


def run(
    work: Callable[[V], F],
    chunks: Iterator[tuple[C, V]],
    executor: Executor | None,
    finished: Callable[[C, F], None],
    *,
    alone: bool = False,
) -> Iterator[tuple[C, F]]:
    """The outcome of every chunk, in order. After Ctrl-C those that are finished, then KeyboardInterrupt.

    Parameters
    ----------
    work : function
        Values of a chunk to what comes of them: never None. It can be pickled.
    chunks : iterator of Chunk and its values
    executor : Executor, optional
        Where; not given: here.
    finished : function
        Called with what is finished, as soon as it is.
    alone : bool
        Whether a worker may take all threads of its process, as no other one works beside it.

    Raises
    ------
    ModelError
        Something that is no executor, or one that is shut down.
    TradewindsError
        A chunk whose worker was lost three times.
    """
    if executor is None:
        for chunk, values in chunks:
            outcome = work(values)
            finished(chunk, outcome)
            yield chunk, outcome
        return
    if not isinstance(executor, Executor):
        raise ModelError(
            f"executor is a {type(executor).__name__}; expected a concurrent.futures.Executor (of Dask: "
            "client.get_executor())"
        )
    crew = _Crew(work, executor, finished, None if alone else os.getpid())
    try:
        yield from crew.outcomes(chunks)
    finally:
        crew.close()


class _Crew(Generic[C, V, F]):
    def __init__(
        self, work: Callable[[V], F], executor: Executor, finished: Callable[[C, F], None], caller: int | None
    ) -> None:
        self._executor = executor
        self._tell = finished
        self._own: Executor | None = None
        self._caller = caller
        self._first = workers(executor)
        self._window = _AHEAD * self._first
        self._under_way: dict[Future[F | None], tuple[C, V]] = {}
        self._finished: dict[int, tuple[C, F]] = {}
        self._lost: dict[int, int] = {}
        self._work = work
        self._pickled = None if isinstance(executor, ThreadPoolExecutor) else pickle.dumps(work)
        self._key = uuid.uuid4().hex

    def outcomes(self, chunks: Iterator[tuple[C, V]]) -> Iterator[tuple[C, F]]:
        order: list[int] = []
        try:
            exhausted = False
            while True:
                while not exhausted and len(order) < self._window:
                    following = next(chunks, None)
                    exhausted = following is None
                    if following is not None:
                        order.append(following[0].number)
                        self._submit(*following)
                if not order:
                    return
                while order[0] not in self._finished:
                    self._collect()
                yield self._finished.pop(order.pop(0))
        except KeyboardInterrupt:
            for future in self._under_way:
                future.cancel()
                done = future.done() and not future.cancelled() and future.exception() is None
                if done and future.result() is not None:
                    self._keep(self._under_way[future][0], future)
            yield from (self._finished[number] for number in sorted(self._finished))
            raise

    def _submit(self, chunk: C, values: V, *, whole: bool = False) -> None:
        task, arguments = self._packed(whole)
        try:
            future = self._executor.submit(task, *arguments, values)
        except BrokenExecutor:
            self._replace()
            future = self._executor.submit(task, *arguments, values)
        except Exception as error:
            raise ModelError(_CLOSED.format(repr(error))) from error
        self._under_way[future] = chunk, values

    def _packed(self, whole: bool) -> tuple[Callable[..., F | None], tuple[Any, ...]]:
        """What to run, and its arguments but the values: with the work for the first chunks, and where ``whole``."""
        if self._pickled is None:
            return self._work, ()
        self._first -= 1
        sent = whole or self._first >= 0 or len(self._pickled) <= _SENT_ALWAYS
        return _remote, (self._key, self._pickled if sent else None, self._caller)

    def _collect(self) -> None:
        done, _ = wait(self._under_way, return_when=FIRST_COMPLETED)
        again: list[tuple[C, V]] = []
        for future in done:
            chunk, values = self._under_way.pop(future)
            error = _error(future)
            if error is None and future.result() is None:
                # A worker that was not sent the work yet.
                self._submit(chunk, values, whole=True)
            elif error is None:
                self._keep(chunk, future)
            elif isinstance(error, TradewindsError | KeyboardInterrupt):
                raise error
            else:
                self._count(chunk, error)
                again.append((chunk, values))
        for chunk, values in again:
            self._submit(chunk, values)

    def _keep(self, chunk: C, future: Future[F | None]) -> None:
        outcome = future.result()
        assert outcome is not None
        self._tell(chunk, outcome)
        self._finished[chunk.number] = chunk, outcome

    def _count(self, chunk: C, error: BaseException) -> None:
        self._lost[chunk.number] = lost = self._lost.get(chunk.number, 0) + 1
        if lost == _ATTEMPTS:
            raise TradewindsError(
                f"the worker of {chunk} was lost {lost} times ({error!r}); does it have enough memory?{chunk.advice}"
            ) from error
        logging.getLogger("tradewinds").warning("the worker of %s was lost (%r); they are run again", chunk, error)

    def _replace(self) -> None:
        """A pool of ours for one that broke, which takes no work any more."""
        context = getattr(self._executor, "_mp_context", None)
        self.close()
        self._own = self._executor = ProcessPoolExecutor(max(1, self._window // _AHEAD), mp_context=context)

    def close(self) -> None:
        for future in self._under_way:
            future.cancel()
        if self._own is not None:
            self._own.shutdown(wait=False, cancel_futures=True)


def _error(future: Future[F | None]) -> BaseException | None:
    try:
        return future.exception()
    except BaseException as error:
        return error


_received: dict[str, Callable[[Any], Any]] = {}


def _remote(key: str, pickled: bytes | None, caller: int | None, values: Any) -> Any:
    """Runs in a worker, which keeps what it was sent last; None where it was not sent the work.

    On one thread, unless ``caller`` is None.
    """
    if key not in _received:
        if pickled is None:
            return None
        _received.clear()
        _received[key] = pickle.loads(pickled)
    if caller is not None:
        _one_thread(caller)
    return _received[key](values)


def _one_thread(caller: int) -> None:
    """In a worker process, beside which others work: one thread, unless the environment says otherwise."""
    if os.getpid() != caller and "TRADEWINDS_THREADS" not in os.environ and _core.threads() != 1:
        _core.set_threads(1)
