"""Which input moves the answer: Sobol' indices and tornadoes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tradewinds.data.table import Answer
from tradewinds.errors import ModelError
from tradewinds.evidence.cells import Cells
from tradewinds.extras import extra
from tradewinds.run.plan import Plan

__all__ = ["known_column", "sobol", "tornado"]

_Numbers = npt.NDArray[np.float64]
#: SALib's own number of bootstrap resamples.
_RESAMPLES = 100


def sobol(
    plan: Plan,
    cells: Cells,
    draws: Callable[[Sequence[str]], _Numbers],
    converged: npt.NDArray[np.bool_],
    column: str | None,
    confidence: float,
) -> Answer:
    """See :meth:`Ensemble.sobol`; ``draws`` has columns of the answer: draw × number, column after column."""
    analyze = extra("SALib.analyze.sobol", "uncertainty").analyze
    if isinstance(confidence, bool) or not isinstance(confidence, int | float) or not 0 < confidence < 1:
        raise ModelError(f"confidence is {confidence!r}; expected a level between 0 and 1, such as 0.95")
    keys, places = cells.long(known_column(cells, column))
    block = len(plan.inputs) + 2
    solved: npt.NDArray[np.bool_] = np.all(converged.reshape(-1, block, converged.shape[1]), axis=1)
    periods = np.resize(cells.periods, len(places))
    enough = solved.sum(axis=0) >= 2
    if not enough.any():
        raise ModelError(f"{int((~converged).any(axis=1).sum())} draws failed, and fewer than two base points are left")
    answers = draws(cells.numbers if column is None else [column])
    problem = {"num_vars": len(plan.inputs), "names": [one.label for one in plan.inputs]}
    wanted = ("S1", "S1_conf", "ST", "ST_conf")
    found = {name: np.full((len(places), len(plan.inputs)), np.nan) for name in wanted}
    for row, period in enumerate(periods):
        answer = answers[np.repeat(solved[:, period], block), row]
        if not enough[period] or not np.isfinite(answer).all() or np.ptp(answer) == 0:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            indices = analyze(
                problem,
                answer,
                calc_second_order=False,
                num_resamples=_RESAMPLES,
                conf_level=confidence,
                # SALib takes a seed of 0 for none.
                seed=plan.seed + 1,
            )
        for name in wanted:
            found[name][row] = indices[name]
    columns = {name: np.repeat(column, block - 2) for name, column in keys.items()}
    columns["input"] = np.tile(np.array(problem["names"], dtype=object), len(places))
    names = ("first_order", "first_order_interval", "total", "total_interval")
    columns |= {name: found[key].ravel() for name, key in zip(names, wanted, strict=True)}
    return columns, dict.fromkeys(names, "share of the variance")


def tornado(work: Any, plan: Plan, cells: Cells, column: str | None, orders: tuple[float, float]) -> Answer:
    """See :meth:`Ensemble.tornado`."""
    keys, places = cells.long(known_column(cells, column))
    inputs = plan.inputs
    ends = np.array([one.distribution.quantile(np.array(orders)) for one in inputs])
    values = np.repeat(plan.central[None, :], 2 * len(inputs), axis=0)
    for place in range(len(inputs)):
        values[2 * place : 2 * place + 2, place] = ends[place]
    solved = work(values).answers[:, places]
    low, high = solved[0::2].T.ravel(), solved[1::2].T.ravel()
    central = np.repeat(cells.central()[places - cells.start], len(inputs))
    moves = np.stack([low, central, high])
    columns: dict[str, Any] = {name: np.repeat(key, len(inputs)) for name, key in keys.items()}
    columns["input"] = np.tile(np.array([one.label for one in inputs], dtype=object), len(places))
    columns |= {"low": np.tile(ends[:, 0], len(places)), "high": np.tile(ends[:, 1], len(places))}
    columns |= {"at_low": low, "central": central, "at_high": high, "swing": moves.max(axis=0) - moves.min(axis=0)}
    row = np.repeat(np.arange(len(places)), len(inputs))
    order = np.lexsort((-np.nan_to_num(columns["swing"], nan=-1.0), row))
    unit = {
        name: cells.answer[1].get(column or "", "the answer's own")
        for name in ("at_low", "central", "at_high", "swing")
    }
    return {name: value[order] for name, value in columns.items()}, unit


def known_column(cells: Cells, column: str | None) -> str | None:
    """The column, refused where the answer has no numbers of that name."""
    if column is not None and column not in cells.numbers:
        raise ModelError(f"{cells.question!r} has no column of numbers '{column}'; it has {', '.join(cells.numbers)}")
    return column
