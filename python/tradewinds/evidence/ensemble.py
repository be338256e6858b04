"""How sure: quantiles of answers over draws of what is uncertain."""

from __future__ import annotations

import copy
import functools
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import numpy as np
import numpy.typing as npt

from tradewinds.data.table import Answer, frame
from tradewinds.errors import ModelError
from tradewinds.evidence.cells import Cells
from tradewinds.evidence.collected import Collected
from tradewinds.evidence.dataset import Dataset
from tradewinds.evidence.drivers import sobol, tornado
from tradewinds.evidence.questions import document, places
from tradewinds.result.ask import Question
from tradewinds.result.general import GeneralResult
from tradewinds.result.result import Result
from tradewinds.run.plan import Plan

if TYPE_CHECKING:
    from tradewinds.view.plot.ensemble import EnsemblePlot

__all__ = ["QUANTILES", "Draws", "Ensemble"]

P = ParamSpec("P")

#: Orders of the quantiles in frames.
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def _method(question: Callable[Concatenate[Result, P], Any]) -> Callable[Concatenate[_Asked, P], Any]:
    def ask(self: _Asked, /, *args: P.args, **kwargs: P.kwargs) -> Any:
        bound = inspect.signature(question).bind(None, *args, **kwargs)
        arguments = {name: value for name, value in bound.arguments.items() if name != "self"}
        return self._answered(Question(question.__name__, tuple(arguments.items())))

    functools.update_wrapper(ask, question)
    return ask


def _attribute(name: str, of: type[Result] = Result) -> Any:
    def ask(self: _Asked) -> Any:
        return self._answered(Question(name))

    ask.__doc__ = getattr(of, name).__doc__
    return property(ask)


class _Asked(ABC):
    """The questions that were asked of every draw."""

    flows = _attribute("flows")
    prices = _attribute("prices")
    shares = _method(Result.shares)
    share_shift = _method(Result.share_shift)
    destinations = _method(Result.destinations)
    diversion = _method(Result.diversion)
    revenue = _method(Result.revenue)
    concentration = _method(Result.concentration)
    welfare = _method(Result.welfare)
    to_frame = _method(Result.to_frame)
    real_income = _attribute("real_income", GeneralResult)

    _cells: list[Cells]
    #: The central case.
    _about: Any

    def _place(self, question: Question) -> int:
        asked, other = document(question)
        known = [document(cells.question) for cells in self._cells]
        for place, (one, against) in enumerate(known):
            if one == asked and against is other:
                return place
        model, scenario = self._about.model, self._about.scenario
        wanted = places(asked, model, scenario)
        for place, (one, against) in enumerate(known):
            if places(one, model, scenario) == wanted and against is other:
                return place
        asked_of_all = ", ".join(repr(cells.question) for cells in self._cells)
        raise ModelError(f"{question!r} was not asked of the draws; they were asked {asked_of_all}")

    @abstractmethod
    def _answered(self, question: Question) -> Any:
        """The frame of one that was asked."""


class Draws(_Asked):
    """Every question of an ensemble, draw by draw: a leading column ``draw``. Draws that failed are missing."""

    def __init__(self, ensemble: Ensemble) -> None:
        self._ensemble = ensemble
        self._cells, self._about = ensemble._cells, ensemble.central

    def _answered(self, question: Question) -> Any:
        ensemble, place = self._ensemble, self._place(question)
        cells = self._cells[place]
        if ensemble._dataset is not None:
            return ensemble._frame((self._solved(cells, ensemble._dataset.read(place)), dict(cells.answer[1])))
        kept = ensemble._kept()
        done = np.flatnonzero(ensemble._collected.done)
        columns, units = cells.stacked("draw", done, kept[done])
        return ensemble._frame((self._solved(cells, columns), units))

    def _solved(self, cells: Cells, columns: dict[str, Any]) -> dict[str, Any]:
        """The rows of draws and periods that were solved."""
        draw = columns["draw"]
        row = np.arange(len(draw)) % max(1, cells.rows)
        solved = np.flatnonzero(self._ensemble._collected.converged[draw, cells.periods[row]])
        if len(solved) == len(draw):
            return columns
        return {name: _taken(column, solved) for name, column in columns.items()}

    def __repr__(self) -> str:
        return f"<tradewinds.Draws of {self._ensemble!r}>"


def _taken(column: Any, places: npt.NDArray[np.intp]) -> Any:
    if isinstance(column, tuple):
        return column[0][places], column[1]
    return [column[place] for place in places] if isinstance(column, list) else column[places]


class Ensemble(_Asked):
    """Draws of a model and a scenario: every question that was asked, with a leading column ``quantile``.

    Made by ``model.sample``. A frame has the rows of the question's answer once a quantile, over the
    draws that were solved; of whole paths once a quantile and period, with a column ``period``, over the draws
    that were solved in that period. Quantiles of different rows and columns are not those of one draw. Quantiles are
    exact (linear between draws, as numpy's) where the draws' numbers were kept in memory; otherwise they come
    from a sketch (Karnin, Lang & Liberty 2016) that gives a draw's own number, whose order is within
    :attr:`error` of the one asked for.

    Attributes
    ----------
    central : Result or Path
        With every uncertain number at its central value.
    periods : tuple of str
        Of paths; empty where draws have no time.
    orders : tuple of float
        Orders of the quantiles, see :meth:`at`.
    partial : bool
        Whether Ctrl-C ended it before all draws were solved.
    """

    def __init__(
        self,
        work: Any,
        plan: Plan,
        cells: list[Cells],
        collected: Collected,
        dataset: Dataset | None,
        partial: bool,
    ) -> None:
        self._work, self._plan, self._cells = work, plan, cells
        self._collected, self._dataset = collected, dataset
        self.partial = partial
        self.orders: tuple[float, ...] = QUANTILES
        self.central: Any = work.central
        self._about = work.central
        self.periods: tuple[str, ...] = tuple(work.periods)

    @property
    def model(self) -> Any:
        """The model of the central case."""
        return self.central.model

    @property
    def scenario(self) -> Any:
        """The scenario, with its distributions."""
        return self.central.scenario

    @property
    def questions(self) -> tuple[Question, ...]:
        """What was asked."""
        return tuple(cells.question for cells in self._cells)

    @property
    def error(self) -> float:
        """Largest error of a quantile's order, exceeded with probability 0.01 at most; 0 is exact."""
        return self._collected.error

    @property
    def draws(self) -> Draws:
        """The same questions draw by draw, where they were kept."""
        return Draws(self)

    @property
    def failed(self) -> int:
        """How many draws have no solution, of paths in one period or more."""
        return self._collected.failed

    def at(self, *orders: float) -> Ensemble:
        """The same ensemble with quantiles of other orders, between 0 and 1."""
        if not orders or not all(isinstance(order, int | float) and 0 <= order <= 1 for order in orders):
            raise ModelError(f"orders are {orders!r}; expected numbers between 0 and 1, such as 0.05, 0.5, 0.95")
        made = copy.copy(self)
        made.orders = tuple(sorted(orders))
        # That of the orders before.
        made.__dict__.pop("_quantiles", None)
        return made

    def _answered(self, question: Question) -> Any:
        cells = self._cells[self._place(question)]
        return self._frame(cells.stacked("quantile", self.orders, self._quantiles))

    @functools.cached_property
    def _quantiles(self) -> npt.NDArray[np.float64]:
        return self._collected.quantiles(self.orders)

    def _kept(self) -> npt.NDArray[np.float64]:
        if self._collected.kept is None:
            raise ModelError("the draws were not kept; sample with keep=True, or keep= a folder for a Parquet dataset")
        return self._collected.kept

    def _numbers(self, place: int, columns: Sequence[str]) -> npt.NDArray[np.float64]:
        """Columns of numbers of a question's answer: draw × number, column after column."""
        if self._dataset is not None:
            return self._dataset.numbers(place, columns)
        return self._kept()[:, np.concatenate([self._cells[place].places(name) for name in columns])]

    def _frame(self, answer: Answer) -> Any:
        return frame(answer, self.model.flows._backend, {"ensemble": self.attrs})

    @property
    def attrs(self) -> dict[str, Any]:
        """What the draws are, as every frame remembers it."""
        collected = self._collected
        return {
            "draws": int(collected.done.sum()),
            **({"periods": list(self.periods)} if self.periods else {}),
            "failed": collected.failed,
            "partial": self.partial,
            "method": self._plan.method,
            "seed": self._plan.seed,
            "quantile_error": self.error,
            "rows_left_out": collected.left_out,
            "inputs": {one.label: repr(one.distribution) for one in self._plan.inputs},
        }

    @property
    def status(self) -> Any:
        """How each draw ended: ``draw, converged, iterations, residual, reason``; those not reached are absent.

        Of paths a row a draw and period, with a column ``period``.
        """
        found = self._collected
        done = np.flatnonzero(found.done)
        count = found.converged.shape[1]
        draws, periods = np.repeat(done, count), np.tile(np.arange(count), len(done))
        ends = zip(draws.tolist(), periods.tolist(), strict=True)
        columns = {
            "draw": draws,
            **({"period": (periods, list(self.periods))} if self.periods else {}),
            "converged": found.converged[done].ravel(),
            "iterations": found.iterations[done].ravel().astype(np.int64),
            "residual": found.residual[done].ravel(),
            "reason": [found.reasons.get(end, "converged") for end in ends],
        }
        return self._frame((columns, {"iterations": "1", "residual": "relative"}))

    @property
    def inputs(self) -> Any:
        """What is uncertain: ``input, distribution, central`` and its quantiles at the ends of :attr:`orders`."""
        inputs, (low, *_, high) = self._plan.inputs, (*self.orders, self.orders[-1])
        columns = {
            "input": [one.label for one in inputs],
            "distribution": [repr(one.distribution) for one in inputs],
            "central": [one.distribution.central for one in inputs],
            "low": [float(one.distribution.quantile(low)) for one in inputs],
            "high": [float(one.distribution.quantile(high)) for one in inputs],
        }
        return self._frame((columns, {}))

    @property
    def values(self) -> Any:
        """What was drawn: ``draw`` and a column an input, drawn again from the seed."""
        done = np.flatnonzero(self._collected.done)
        drawn = next(self._plan.blocks([(0, self._plan.rows)]))[done]
        columns = {one.label: drawn[:, place] for place, one in enumerate(self._plan.inputs)}
        return self._frame(({"draw": done, **columns}, {}))

    def sobol(self, question: Question | None = None, *, column: str | None = None, confidence: float = 0.95) -> Any:
        """Which input the variance comes from: Sobol' indices by SALib's estimators.

        Of draws by ``method="saltelli"`` (Saltelli et al. 2010, Computer Physics Communications 181; first
        order and Jansen's total). A base point with a draw that failed is left out as a whole. SALib comes
        with the extra ``uncertainty``.

        Parameters
        ----------
        question : Question, optional
            One that was asked; the first.
        column : str, optional
            A column of numbers of its answer; all of them.
        confidence : float
            Level of the bootstrapped intervals.

        Returns
        -------
        dataframe
            The answer's keys, ``answer`` (the column), ``input, first_order, first_order_interval, total,
            total_interval``: indices, and half widths of their intervals; of paths in each period. Missing where
            nothing varies, or fewer than two base points are left in a period.

        Raises
        ------
        ModelError
            Draws by another method, not kept, or interrupted; no such column.
        """
        place = 0 if question is None else self._place(question)
        if self._plan.method != "saltelli":
            raise ModelError("Sobol' indices need draws by the design of Saltelli; sample with method='saltelli'")
        if self.partial:
            raise ModelError("the draws were interrupted; Sobol' indices need all of them")
        draws = functools.partial(self._numbers, place)
        return self._frame(sobol(self._plan, self._cells[place], draws, self._collected.converged, column, confidence))

    def tornado(
        self, question: Question | None = None, *, column: str | None = None, low: float = 0.05, high: float = 0.95
    ) -> Any:
        """How far each input alone moves the answer: two solves an input, all others at their central values.

        Parameters
        ----------
        question, column
            As in :meth:`sobol`.
        low, high : float
            Orders of the input's values.

        Returns
        -------
        dataframe
            The answer's keys, ``answer, input, low, high`` (values of the input), ``at_low, central,
            at_high`` (the answer) and ``swing``, the largest of these three less the smallest; the largest swing
            first, of paths in each period. Missing where a solve failed.
        """
        place = 0 if question is None else self._place(question)
        if not 0 <= low < high <= 1:
            raise ModelError(f"low is {low!r} and high {high!r}; expected orders with 0 ≤ low < high ≤ 1")
        return self._frame(tornado(self._work, self._plan, self._cells[place], column, (low, high)))

    def sources(self) -> Any:
        """Where each input comes from, distributions named: that of the central result."""
        return self.central.sources()

    @property
    def plot(self) -> EnsemblePlot:
        """Pictures: ``plot.fan(...)``, ``plot.tornado(...)``, ``plot.sobol(...)``."""
        from tradewinds.view.plot.ensemble import EnsemblePlot

        return EnsemblePlot(self)

    def __len__(self) -> int:
        return int(self._collected.done.sum())

    def __repr__(self) -> str:
        from tradewinds.view.ensemble import ensemble_text

        return ensemble_text(self)

    def _repr_html_(self) -> str:
        from tradewinds.view.ensemble import ensemble_html

        return ensemble_html(self)
