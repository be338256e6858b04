"""What a scenario can be asked of any model: many of them, period after period, and how sure it is."""

from __future__ import annotations

import datetime as dt
import functools
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from tradewinds.data.flows import Flows, Period
from tradewinds.model.parameters import Parameter, Uncertain, uncertain_in
from tradewinds.model.solving import common_options, followed, swept
from tradewinds.result.result import Result
from tradewinds.run.path import Path
from tradewinds.run.sweep import Sweep
from tradewinds.scenario.scenario import Scenario

if TYPE_CHECKING:
    import os
    from concurrent.futures import Executor

    from tradewinds.evidence.ensemble import Ensemble
    from tradewinds.result.ask import Question

__all__ = ["Model"]


#: What other models have, by their classes.
ELSEWHERE = {
    "attribution": "Armington",
    "invert": "Armington",
    "facilities": "Spatial",
    "sector_of": "CaliendoParro",
}


class Model(ABC):
    """Equations with a baseline, which solve scenarios."""

    #: The class of its results.
    _result: ClassVar[type[Result]] = Result

    flows: Flows
    period: Period
    parameters: dict[str, Parameter]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = list(inspect.signature(cls._options).parameters.values())[3:]
        for name in ("sweep", "sample"):
            setattr(cls, name, _with_options(getattr(Model, name), own))

    def _options(self, at: Any, unsupported: str) -> dict[str, Any]:
        """As the core takes them. What a model's own adds to the parameters, its methods take too."""
        return common_options(at, unsupported)

    @property
    def uncertain(self) -> list[tuple[str, Uncertain]]:
        """Elasticities that are distributions, with their names."""
        return uncertain_in(self.parameters)

    def __getattr__(self, name: str) -> Any:
        if name in ELSEWHERE:
            raise AttributeError(f"{type(self).__name__} has no '{name}'; {ELSEWHERE[name]} has it")
        raise AttributeError(f"'{type(self).__name__}' has no attribute '{name}'")

    @abstractmethod
    def solve(
        self,
        scenario: Scenario,
        *,
        at: Period | dt.date | None = None,
        on_failure: Literal["raise", "return"] = "raise",
        unsupported: Literal["raise", "leave_out"] = "raise",
    ) -> Result:
        """Solve a scenario against the baseline."""

    def sweep(
        self,
        scenarios: Mapping[str, Scenario] | Sequence[Scenario],
        *,
        at: Period | dt.date | None = None,
        on_failure: Literal["raise", "return"] = "return",
        unsupported: Literal["raise", "leave_out"] = "raise",
        progress: bool | Literal["auto"] = "auto",
        **options: Any,
    ) -> Sweep:
        """Solve many scenarios against the baseline, side by side.

        Every member comes out as :meth:`solve` gives it, bit for bit.

        Parameters
        ----------
        scenarios : mapping of name to Scenario, or list of Scenario
            In a list the names must differ.
        on_failure : {"raise", "return"}
            A member that does not converge or has no equilibrium is recorded in ``sweep.status`` with
            its reason and left out of every other frame, or the first one is raised.
        at, unsupported
            As in :meth:`solve`, the same for all; with ``order`` and ``exposure`` of :class:`Armington`.
        progress : bool or "auto"
            A bar; "auto" in a terminal or notebook once two seconds have passed.

        Returns
        -------
        Sweep
            Every question of a result, with a leading column ``scenario``. Ctrl-C returns what is finished, marked
            ``partial``, unless nothing is or ``on_failure="raise"``.

        Raises
        ------
        ScenarioError, ModelError
            As in :meth:`solve`, with the scenario's name; no scenarios, or two of one name.
        InfeasibleError, ConvergenceError
            Only with ``on_failure="raise"``.
        """
        return swept(self, scenarios, self._result, on_failure, progress, self._options(at, unsupported, **options))

    def path(
        self,
        scenario: Scenario,
        periods: Sequence[Period],
        *,
        on_failure: Literal["raise", "return"] = "return",
        unsupported: Literal["raise", "leave_out"] = "raise",
        executor: Executor | None = None,
        progress: bool | Literal["auto"] = "auto",
    ) -> Path:
        """Solve period after period: measures come into force, phase in and lapse, curves adjust.

        Each period is cut wherever a measure changes and solved segment by segment, as ``solve(at=)``
        does; where no elasticity adjusts it comes out as ``solve`` gives it at that period, bit for bit.
        Capacities of :class:`Spatial` follow their dates and the ``ramp`` of their measures.
        Where elasticities adjust (:func:`tradewinds.adjusting`) the state k of their curves goes from
        segment to segment in order of time:

            Q_t = z k_t p̂_t^(ε_S),    k_t = k_{t−1}^(1−λ) p̂_t^(λ (ε_L − ε_S)),    λ = 1 − 2^(−Δt / half_life)

        with p̂ relative to the point that a curve was calibrated through. k starts at 1 after the baseline's
        period: periods between that and the first one asked about are solved on the way, so that what a
        period shows does not depend on where the path begins. If the first period is not later than the
        baseline's, k is 1 at its start. A measure without ``start`` is in force from there on. Prices within
        a segment are constant, so that a measure that holds for years adjusts in steps of a period; shorter
        periods are finer. A country that lost every partner has no price, and its state stays.

        Parameters
        ----------
        scenario : Scenario
            ``start`` and ``end`` say when a measure is in force; ``announced`` is information, in
            :attr:`Path.measures`.
        periods : list of int or str
            Consecutive years ([2021, 2022]), quarters ("2021Q1") or months ("2021-01"), ascending.
        on_failure : {"raise", "return"}
            A period that does not converge or has no equilibrium is recorded in ``path.status`` with its
            reason and left out of every other frame, or the first one is raised. Curves that adjust
            can't go on from it: later periods fail with it.
        unsupported : {"raise", "leave_out"}
            As in :meth:`solve`.
        executor : concurrent.futures.Executor, optional
            Where to solve, without a bar: the whole path as one task where curves adjust, as each period goes on
            from the one before, else consecutive periods as one task a worker. A task whose worker is lost is run
            again. Here, on :func:`tradewinds.threads`, if not given: the same bits.
        progress : bool or "auto"
            A bar; "auto" in a terminal or notebook once two seconds have passed.

        Returns
        -------
        Path
            Every question of a result, with a leading column ``period``. Ctrl-C returns what is finished, marked
            ``partial``, unless nothing is or ``on_failure="raise"``.

        Raises
        ------
        ScenarioError
            As in :meth:`solve`; no periods, periods of several lengths, out of order or with a gap.
        ModelError
            A measure this model does not take; something that is no executor, or one that is shut down.
        InfeasibleError, ConvergenceError
            Only with ``on_failure="raise"``.
        TradewindsError
            The worker of a task was lost three times.
        """
        return followed(self, scenario, periods, self._result, on_failure, unsupported, executor, progress)

    def sample(
        self,
        scenario: Scenario,
        draws: int,
        *,
        ask: Question | Sequence[Question],
        seed: int = 0,
        at: Period | dt.date | None = None,
        periods: Sequence[Period] | None = None,
        method: Literal["sobol", "random", "saltelli"] = "sobol",
        correlation: Any = None,
        keep: Literal["auto"] | bool | str | os.PathLike[str] = "auto",
        executor: Executor | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
        progress: bool | Literal["auto"] = "auto",
        on_failure: Literal["raise", "return"] = "return",
        unsupported: Literal["raise", "leave_out"] = "raise",
        **options: Any,
    ) -> Ensemble:
        """How sure: solve draws of everything that is a distribution, and keep quantiles of answers.

        Distributions stand wherever an elasticity of the model, a freight or a size of a measure is typed
        (:func:`tradewinds.triangular` and its like). The same arguments give the same bits on any number
        of threads, on any executor, and after a checkpoint. Ctrl-C returns what is finished, marked
        ``partial``.

        A draw of :class:`Spatial` is calibrated anew where its elasticities or freights differ. Answers have
        the rows of the central case: rows that only some draws have, of routes that open, are counted in the
        frames' ``attrs`` as ``rows_left_out``, and a draw that lacks a row is missing there.

        A draw of :class:`CaliendoParro` or :class:`Gravity` is what a model of its elasticities answers. Where
        the data balance and deficits are kept, all draws share their baseline; where the baseline had to move
        (``model.rebalanced``), each draw's moves as its own elasticities say, which costs a solve more. Their
        answer to ``welfare`` is that of :attr:`GeneralResult.real_income`, without its parts.

        Parameters
        ----------
        scenario : Scenario
        draws : int
            At least 1. A Sobol' sequence is balanced at powers of two. With "saltelli" base points, of
            which each is d + 2 draws for d uncertain numbers.
        ask : Question or list of Question
            What to keep of every draw, see :func:`tradewinds.ask`.
        seed : int
            A draw's numbers follow from the seed and its own number. Below 2^128 with "random".
        method : {"sobol", "random", "saltelli"}
            Scrambled Sobol' sequence, pseudo-random, or the design that :meth:`Ensemble.sobol` needs. All but
            "random" need scipy, of the extra ``uncertainty``, as normal, lognormal and beta distributions do.
        correlation : mapping of pairs of inputs, frame or matrix, optional
            Of Gaussian scores (a Gaussian copula); ``ensemble.inputs`` has the inputs' names. Frames of any
            library are read by the names of their columns; rows are in the same order, or a first column of text
            (of pandas also the index) names them. A matrix without names is in the order of ``ensemble.inputs``.
        keep : "auto", bool or path
            Keep every draw's numbers: if they take at most 256 MB, always, never, or in a folder as a
            Parquet dataset a question. The folder must be new or empty; beside ``checkpoint`` it may have draws
            of the same call, which are written anew.
        executor : concurrent.futures.Executor, optional
            Where chunks of draws run; not given: our threads. A chunk whose worker is lost is run again.
        checkpoint : path, optional
            A folder of finished chunks, from which the same call goes on.
        progress : bool or "auto"
            A bar; "auto" where somebody watches, after two seconds.
        on_failure : {"raise", "return"}
            A draw without a solution is counted and shown in ``ensemble.status``, or raised.
        at, unsupported
            As in :meth:`solve`; with ``order`` and ``exposure`` of :class:`Armington`. Nothing is drawn for
            measures that are left out.
        periods : list of int or str, optional
            Instead of ``at``: each draw is a path over consecutive periods, as :meth:`path` solves it, with
            the state of its own curves. Frames have a column ``period``; long runs and half-lives of
            :func:`tradewinds.adjusting` may be distributions too.

        Returns
        -------
        Ensemble

        Raises
        ------
        ScenarioError, ModelError
            As in :meth:`solve`; nothing is uncertain or asked; a question whose rows depend on the measures;
            a correlation that is not positive semidefinite; a checkpoint or dataset of another run; an executor
            that is shut down; ``at``, ``order`` or ``exposure`` beside ``periods``, and periods as in :meth:`path`.
        InfeasibleError
            The central case has no equilibrium, or none in one of the periods.
        DataError
            A checkpoint or dataset that can't be written or read.
        TradewindsError
            The worker of a chunk was lost three times.
        """
        from tradewinds.evidence.sample import sample

        options |= {"at": at, "unsupported": unsupported}
        drawn: dict[str, Any] = {"seed": seed, "method": method, "correlation": correlation, "periods": periods}
        kept: dict[str, Any] = {"keep": keep, "executor": executor, "checkpoint": checkpoint, "progress": progress}
        return sample(self, scenario, draws, ask=ask, options=options, on_failure=on_failure, **drawn, **kept)


def _with_options(method: Callable[..., Any], own: list[inspect.Parameter]) -> Callable[..., Any]:
    """The method with these options by name instead of ``**options``: shown, and nothing else taken."""
    given = inspect.signature(method)
    named = [one for one in given.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    signature = given.replace(parameters=[*named, *(one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own)])

    @functools.wraps(method)
    def bound(*args: Any, **kwargs: Any) -> Any:
        if not kwargs.keys() <= signature.parameters.keys():
            signature.bind(*args, **kwargs)
        return method(*args, **kwargs)

    bound.__signature__ = signature  # type: ignore[attr-defined]
    return bound
