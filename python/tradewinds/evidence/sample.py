"""Draws of uncertain numbers, solved and asked: ``model.sample``."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import os
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from tradewinds import _core
from tradewinds.errors import ModelError, ScenarioError, TradewindsError
from tradewinds.evidence.cells import Cells, laid_out
from tradewinds.evidence.collected import Collected
from tradewinds.evidence.dataset import Dataset
from tradewinds.evidence.ensemble import Ensemble
from tradewinds.evidence.questions import document
from tradewinds.progress import bar
from tradewinds.result.ask import Question
from tradewinds.result.result import Result
from tradewinds.run.batch import Chunk, Outcome, run, workers
from tradewinds.run.checkpoint import Checkpoint
from tradewinds.run.path import Path
from tradewinds.run.plan import SEEDS, Input, Plan, correlated
from tradewinds.scenario.scenario import Scenario

__all__ = ["KEPT_BYTES", "PathSampling", "Sampling", "collect", "inputs_of", "sample"]

_Numbers = npt.NDArray[np.float64]

#: With keep="auto" the draws' numbers are kept up to this size.
KEPT_BYTES = 256 * 2**20
#: A chunk's numbers take this at most here, and less where they are sent: large blocks are slow to copy.
_CHUNK_BYTES = 32 * 2**20
_SENT_BYTES = 2 * 2**20
#: Seconds a chunk should take: below, handing it out costs too much; above, Ctrl-C and the bar wait.
_CHUNK_SECONDS = 0.5
_LARGEST_CHUNK = 4096
#: A draw that takes fewer seconds is timed again in company.
_WORTH_TIMING = 0.05
_METHODS = ("sobol", "random", "saltelli")


class Sampling:
    """A central case to be solved again with other numbers; a draw a row. It can be pickled."""

    #: Names of the periods of a path.
    periods: tuple[str, ...] = ()

    def __init__(self, central: Any, questions: Sequence[Question], inputs: Sequence[Input]) -> None:
        self.central = central
        self.questions = tuple(questions)
        self.inputs = tuple(inputs)

    @cached_property
    def documents(self) -> list[tuple[str, Any]]:
        """Questions as the core reads them, with the other solution of a diversion."""
        return [document(question) for question in self.questions]

    @cached_property
    def _uncertain(self) -> str:
        return json.dumps([one.record() for one in self.inputs])

    def __call__(self, values: _Numbers) -> Outcome:
        return Outcome(*_core.draws(self.central._core, self.documents, self._uncertain, values))

    @property
    def _asked(self) -> Any:
        """What answers the questions in the central case."""
        return self.central._core

    def cells(self) -> list[Cells]:
        """Where the numbers of each answer are."""
        answers = [self._asked.ask(*one) for one in self.documents]
        return laid_out(list(zip(self.questions, answers, strict=True)))

    def identity(self) -> dict[str, str]:
        """What tells this work from another, for checkpoints."""
        return self._identity(self.central)

    def _identity(self, central: Result) -> dict[str, str]:
        return {
            "version": _core.__version__,
            "scenario": _digest(self.central.scenario._document()),
            "model": hashlib.sha256(central._inputs()).hexdigest(),
            "ask": _digest([json for json, _ in self.documents]),
            "inputs": _digest([(one.record(), repr(dataclasses.astuple(one.distribution))) for one in self.inputs]),  # type: ignore[call-overload]
        }

    def __getstate__(self) -> dict[str, Any]:
        return {"central": self.central, "questions": self.questions, "inputs": self.inputs}


class PathSampling(Sampling):
    """A central path to be solved again. A worker gets the model, and solves it anew: there is less to send."""

    def __init__(self, central: Path, unsupported: str, questions: Sequence[Question], inputs: Sequence[Input]) -> None:
        super().__init__(central, questions, inputs)
        self.periods = tuple(central.periods)
        self._model: Any = central.model
        self._scenario, self._leave_out = central.scenario, unsupported == "leave_out"

    @cached_property
    def _asked(self) -> _core.PathCase:
        core, document = self._model._core, self._scenario._document()
        return _core.PathCase(core, document, periods=list(self.periods), leave_out=self._leave_out)

    def __call__(self, values: _Numbers) -> Outcome:
        return Outcome(*self._asked.draws(self.documents, self._uncertain, values))

    def identity(self) -> dict[str, str]:
        untouched = self._model.solve(Scenario("no measures", []))
        return {**self._identity(untouched), "periods": _digest([*self.periods, self._leave_out])}

    def __getstate__(self) -> dict[str, Any]:
        kept = ("questions", "inputs", "periods", "_model", "_scenario", "_leave_out")
        return {name: getattr(self, name) for name in kept}


def sample(
    model: Any,
    scenario: Scenario,
    draws: int,
    *,
    ask: Question | Sequence[Question],
    seed: int,
    method: str,
    correlation: Any,
    periods: Sequence[Any] | None,
    options: Mapping[str, Any],
    **settings: Any,
) -> Ensemble:
    """See :meth:`Model.sample`."""
    questions = _questions(ask)
    _whole("draws", draws, 1)
    _whole("seed", seed, 0)
    if method not in _METHODS:
        raise ModelError(f"method is {method!r}; expected one of {', '.join(_METHODS)}")
    if method == "random" and seed >= SEEDS:
        raise ModelError(f"seed is {seed}; method='random' takes whole numbers below 2**128")
    if not isinstance(scenario, Scenario):
        raise ScenarioError(f"scenario is a {type(scenario).__name__}; make one with tw.Scenario(name, [measures])")
    if periods is not None:
        _timeless(options)
    plan = _plan(model, scenario, (), periods, correlation, (int(draws), int(seed), method))
    start = time.perf_counter()
    if periods is None:
        central = model.solve(scenario, on_failure="return", **options)
    else:
        central = model.path(scenario, periods, unsupported=options["unsupported"], progress=False)
        if central.partial:
            raise KeyboardInterrupt
    if central.left_out:
        plan = _plan(model, scenario, central.left_out, periods, correlation, (int(draws), int(seed), method))
    work: Any = (
        Sampling(central, questions, plan.inputs)
        if periods is None
        else PathSampling(central, options["unsupported"], questions, plan.inputs)
    )
    return collect(work, plan, central_seconds=time.perf_counter() - start, **settings)


def _plan(
    model: Any,
    scenario: Scenario,
    left_out: Sequence[str],
    periods: Sequence[Any] | None,
    correlation: Any,
    drawn: tuple[int, int, Any],
) -> Plan:
    """Of what is uncertain in the model and in the measures it takes."""
    inputs = inputs_of(model, scenario, over_time=periods is not None, left_out=left_out)
    root = correlated(correlation, inputs)
    if root is not None and drawn[-1] == "saltelli":
        raise ModelError("Sobol' indices are of independent inputs; leave correlation out with method='saltelli'")
    return Plan(tuple(inputs), *drawn, root)


def collect(
    work: Any,
    plan: Plan,
    *,
    keep: Any = "auto",
    executor: Any = None,
    checkpoint: str | os.PathLike[str] | None = None,
    progress: Any = "auto",
    on_failure: str = "return",
    central_seconds: float = math.inf,
) -> Ensemble:
    """Solves the draws of a plan by ``work`` (see :class:`Sampling`) and keeps what is asked for.

    ``central_seconds`` is what solving the central case took, where that is known.
    """
    if on_failure not in ("return", "raise"):
        raise ModelError(f"on_failure is {on_failure!r}; expected 'return' or 'raise'")
    start = time.perf_counter()
    cells = work.cells()
    central_seconds += time.perf_counter() - start
    width = cells[-1].stop
    in_memory = keep in (True, False, "auto")
    if not in_memory and not isinstance(keep, str | os.PathLike):
        raise ModelError(f"keep is {keep!r}; expected 'auto', True, False or a folder")
    if width == 0:
        raise ModelError(
            "the answers have no numbers in the central case, so there is nothing to draw; ask about countries that "
            "trade"
        )
    identity = {} if in_memory and checkpoint is None else _identity(work, plan)
    fits = plan.rows * width * 8 <= KEPT_BYTES
    collected = Collected(plan.rows, max(1, len(work.periods)), width, keep=keep is True or (keep == "auto" and fits))
    size = _size(work, plan, width, executor, central_seconds)
    saved = None
    if checkpoint is not None:
        saved = Checkpoint(checkpoint, identity, size)
        size = saved.size
    dataset = None if in_memory else Dataset(keep, cells, identity, resumed=saved is not None)
    chunks = [
        Chunk(number, first, min(first + size, plan.rows)) for number, first in enumerate(range(0, plan.rows, size))
    ]
    partial = False
    with bar("draws", progress, unit="draws") as watcher:
        done = before = 0
        try:
            for chunk, outcome, loaded in _outcomes(work, plan, chunks, executor, saved):
                if dataset is not None:
                    dataset.add(chunk, outcome)
                collected.add(chunk, outcome)
                if on_failure == "raise" and outcome.reasons:
                    raise _failure(work, plan, chunk, outcome)
                done += chunk.last - chunk.first
                before += loaded * (chunk.last - chunk.first)
                if watcher is not None:
                    watcher(done, plan.rows, before)
        except KeyboardInterrupt:
            if not done:
                raise
            partial = True
            told = f"stopped by Ctrl-C: {done} of {plan.rows} draws are finished"
            warnings.warn(told, RuntimeWarning, stacklevel=5)
    return Ensemble(work, plan, cells, collected, dataset, partial)


def _identity(work: Any, plan: Plan) -> dict[str, str]:
    """What tells this run from another, by the name of each part."""
    about = {"draws": str(plan.rows), "seed": str(plan.seed), "method": plan.method}
    root = "none" if plan.root is None else _digest(plan.root.tolist())
    return {**work.identity(), "correlation": root, **about}


def _outcomes(
    work: Any, plan: Plan, chunks: list[Chunk], executor: Any, saved: Checkpoint | None
) -> Iterator[tuple[Chunk, Outcome, bool]]:
    """Outcomes in order, and whether they come from the checkpoint, as they do where they were finished."""
    loaded = {} if saved is None else {chunk.number for chunk in chunks if saved.load(chunk) is not None}
    missing = [chunk for chunk in chunks if chunk.number not in loaded]
    values = plan.blocks([(chunk.first, chunk.last) for chunk in missing])
    running = run(work, zip(missing, values, strict=True), executor, _unsaved if saved is None else saved.save)
    place = 0
    try:
        for chunk, outcome in running:
            while saved is not None and chunks[place].number in loaded:
                yield chunks[place], _again(saved, chunks[place]), True
                place += 1
            yield chunk, outcome, False
            place = chunk.number + 1
    except KeyboardInterrupt:
        for rest in chunks[place:]:
            if saved is not None and rest.number in loaded:
                yield rest, _again(saved, rest), True
        raise
    for rest in chunks[place:]:
        assert saved is not None
        yield rest, _again(saved, rest), True


def _unsaved(chunk: Chunk, outcome: Outcome) -> None:
    """Without a checkpoint nothing is written."""


def _again(saved: Checkpoint, chunk: Chunk) -> Outcome:
    outcome = saved.load(chunk)
    if outcome is None:
        raise TradewindsError(f"draws {chunk.first} to {chunk.last - 1} left the checkpoint while it was read")
    return outcome


def inputs_of(model: Any, scenario: Scenario, *, over_time: bool = False, left_out: Sequence[str] = ()) -> list[Input]:
    """The uncertain numbers of a model and a scenario, but for measures that are left out.

    Without time, the long run and half-lives are none.

    Raises
    ------
    ModelError
        There are none.
    """
    known = [(name, one) for name, one in model.uncertain if over_time or one.horizon is None]
    found = [Input(one.label, one.distribution, name, None, one.entries) for name, one in known]
    for label, measure in zip(scenario.labels, scenario.measures, strict=True):
        if label not in left_out:
            found += [Input(f"{name} ({label})", given, name, label) for name, given in measure.uncertain.items()]
    if not found:
        but = f" but in measures that the model leaves out ({', '.join(left_out)})" if left_out else ""
        raise ModelError(
            f"nothing is uncertain{but}; give a distribution such as tw.triangular(low, mode, high) for an elasticity "
            "of the model or a size of a measure"
        )
    return found


def _size(work: Any, plan: Plan, width: int, executor: Any, central_seconds: float) -> int:
    """Draws a chunk. Cutting changes no bit, so it may follow the clock."""
    most = max(1, min(_LARGEST_CHUNK, (_CHUNK_BYTES if executor is None else _SENT_BYTES) // (8 * width)))
    if executor is None and plan.rows <= most and plan.rows * central_seconds <= _CHUNK_SECONDS:
        return plan.rows
    alone = _seconds(work, plan, 1)
    if alone < _WORTH_TIMING:
        # All threads take part, as they will in chunks here; a worker elsewhere has one.
        alone = _seconds(work, plan, 8) * (1 if executor is None else _core.threads())
    size = max(1, min(most, int(_CHUNK_SECONDS / alone)))
    if executor is not None:
        size = min(size, -(-plan.rows // (4 * workers(executor))))
    return max(1, size)


def _seconds(work: Any, plan: Plan, draws: int) -> float:
    """What a draw takes, away from the central values, which are solved."""
    trial = plan.values(np.full((draws, len(plan.inputs)), 0.25))
    start = time.perf_counter()
    work(trial)
    return (time.perf_counter() - start) / draws


def _failure(work: Any, plan: Plan, chunk: Chunk, outcome: Outcome) -> TradewindsError:
    row, period, reason = outcome.reasons[0]
    at = f" in {work.periods[period]}" if work.periods else ""
    draw = chunk.first + row
    values = next(plan.blocks([(draw, draw + 1)]))[0]
    given = ", ".join(f"{one.label} = {value:.6g}" for one, value in zip(plan.inputs, values, strict=True))
    return TradewindsError(
        f"draw {draw} has no solution{at}: {reason} ({given}). on_failure='return' counts such draws and goes on"
    )


def _questions(ask: Question | Sequence[Question]) -> list[Question]:
    questions = [ask] if isinstance(ask, Question) else list(ask or ())
    if not questions:
        raise ModelError("nothing is asked; give ask=[tw.ask('share_shift', ...)], whose quantiles are kept")
    for question in questions:
        document(question)
    return questions


def _timeless(options: Mapping[str, Any]) -> None:
    """Refuses beside periods what a path does not take."""
    given = {"at": None, "order": None, "exposure": "segments"}
    for name, usual in given.items():
        if options.get(name, usual) != usual:
            raise ModelError(
                f"{name} is {options[name]!r} beside periods; a path solves each period exactly, by its segments, so "
                f"leave {name} out, or periods"
            )


def _whole(name: str, given: Any, least: int) -> None:
    if isinstance(given, bool) or not isinstance(given, int | np.integer) or given < least:
        raise ModelError(f"{name} is {given!r}; expected a whole number of at least {least}")


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
