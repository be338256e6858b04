"""Parameters fitted to observations."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import narwhals as nw
import numpy as np

from tradewinds import _core
from tradewinds.data.columns import Numbers, numbers, open_frame, require, rows_text
from tradewinds.data.flows import Period
from tradewinds.data.table import frame
from tradewinds.errors import ConvergenceError, DataError, IdentificationWarning, ModelError
from tradewinds.evidence.parameter import ELASTICITIES, Parameter, documents
from tradewinds.evidence.questions import document
from tradewinds.model import parameters as elasticities
from tradewinds.model.armington import Armington
from tradewinds.result.ask import Question
from tradewinds.result.result import Result
from tradewinds.scenario.scenario import Scenario

__all__ = ["Fit", "fit"]

#: Above this the derivatives by some parameters are next to multiples of each other.
_ILL_CONDITIONED = 1e6


class Fit:
    """Fitted parameters. Every table says the period they were trained on.

    Attributes
    ----------
    parameters : dataframe
        ``parameter, value, standard_error, start, low, high, at_bound, training_period``. The error is
        missing at a bound and where there are as many parameters as observations, infinite where the
        data do not identify the parameter.
    covariance : dataframe
        ``parameter, other, covariance, correlation, training_period``, a row a pair.
    fitted : dataframe
        The observed rows with ``observed, fitted, residual, weight, training_period``; the residual is
        observed − fitted.
    model, scenario, result
        With the fitted values, ready to solve; ``result`` is of the training period.
    converged : bool
    iterations, rank : int
        ``rank`` of the derivatives by the parameters that are not at a bound.
    condition : float
        Largest over smallest singular value of those derivatives, each scaled to length 1.
    training_period
    """

    def __init__(self, found: dict[str, Any], given: list[Parameter], result: Result, rows: _Rows) -> None:
        self.result, self.model, self.scenario = result, result.model, result.scenario
        self.training_period: Period = rows.period
        self.converged: bool = found["converged"]
        self.iterations: int = found["iterations"]
        self.rank: int = found["rank"]
        self.condition: float = found["condition"]
        self.weakest: list[str] = found["weakest"]
        labels, covariance = [parameter.label for parameter in given], found["covariance"]
        self.parameters = self._table(
            {
                "parameter": labels,
                "value": found["value"],
                "standard_error": np.sqrt(np.diag(covariance)),
                **{name: found[name] for name in ("start", "low", "high", "at_bound")},
            }
        )
        self.covariance = self._table(_pairs(labels, covariance))
        self.fitted = self._table(
            {
                **rows.keys,
                "observed": rows.observed,
                "fitted": found["fitted"],
                "residual": rows.observed - found["fitted"],
                "weight": rows.weight,
            }
        )

    def _table(self, columns: dict[str, Any]) -> Any:
        length = len(next(iter(columns.values())))
        return frame(({**columns, "training_period": [self.training_period] * length}, {}), self.model.flows._backend)

    def __repr__(self) -> str:
        ended = "converged" if self.converged else "DID NOT CONVERGE"
        head = f"<tradewinds.Fit: {ended} in {self.iterations} iterations, trained on {self.training_period}>"
        native = nw.from_native(self.parameters, eager_only=True)
        rows = zip(native["parameter"], native["value"], native["standard_error"], strict=True)
        return "\n".join([head, *(f"  {label}: {value:.6g} ± {error:.2g}" for label, value, error in rows)])


def fit(
    model: Armington,
    scenario: Scenario,
    observed: Any,
    *,
    parameters: Parameter | Sequence[Parameter],
    question: Question,
    column: str,
    period: Period,
    weight: str | None = None,
    start: Mapping[str, float] | None = None,
    bounds: Mapping[str, tuple[float | None, float | None]] | None = None,
    on_failure: Literal["raise", "return"] = "raise",
) -> Fit:
    """Fit parameters so that an answer comes close to what was observed.

    Gauss–Newton on the derivatives of the exact equilibrium (:meth:`Result.derivative`), within bounds.
    Standard errors are those of weighted least squares: asymptotic, for independent errors with
    variances in proportion to 1/weight (Seber & Wild 1989, Nonlinear Regression, ch. 2). They say
    nothing about a model that is wrong.

    Parameters
    ----------
    model, scenario
    observed : dataframe
        Some rows of the answer: its key columns, as many as tell its rows apart, and ``column``.
    parameters : list of Parameter
        See :class:`tradewinds.Parameter`. Where one stands for several commodities or countries they
        get one value.
    question : Question
        See :func:`tradewinds.ask`.
    column : str
        The column of numbers of its answer that was observed, in the answer's unit.
    period : int or str
        The training period: when the observations are of. The scenario is solved in it.
    weight : str, optional
        A column of ``observed``: 1 over the variance, up to a factor. All alike if not given.
    start : mapping of label to number, optional
        Where parameters start; where the model has them if not given.
    bounds : mapping of label to (low, high), optional
        None is what is admissible: substitution from 1.01, demand up to 0, supply from 0, coverage up
        to 0.999, rates and changes from −0.999, factors of shifts and leakage from 0.001.
    on_failure : {"raise", "return"}
        What to do with a fit that does not converge.

    Returns
    -------
    Fit

    Warns
    -----
    IdentificationWarning
        The data do not tell the parameters apart: the derivatives have less than full rank, or a
        condition number above 1e6.

    Raises
    ------
    ModelError
        Fewer observations than parameters; a start out of its bounds; a parameter that stands for
        numbers that differ and has no start; no such column; what :meth:`Result.derivative` refuses.
    DataError
        Observed rows that the answer does not have or has several times, missing values, weights that
        are not positive.
    ConvergenceError
        With ``.result`` at the last iterate, unless ``on_failure="return"``.
    """
    if on_failure not in ("raise", "return"):
        raise ModelError(f"on_failure is {on_failure!r}; expected 'raise' or 'return'")
    given, parameter_json = documents(parameters)
    labels = [parameter.label for parameter in given]
    for name, mapping in (("start", start), ("bounds", bounds)):
        unknown = [label for label in mapping or {} if label not in labels]
        if unknown:
            raise ModelError(f"{name} has '{unknown[0]}', which is no parameter; there are {', '.join(labels)}")
    json, against = document(question)
    first = model.solve(scenario, at=period, on_failure="return")
    rows = _Rows(question(first), observed, column, weight, period)
    low_high = {label: (bounds or {}).get(label, (None, None)) for label in labels}
    found = _core.fit(
        model._core,
        scenario._document(),
        json,
        against,
        at=str(period),
        column=column,
        rows=rows.places,
        observed=rows.observed,
        weight=rows.weight,
        parameters=parameter_json,
        limits=[((start or {}).get(label), *low_high[label]) for label in labels],
    )
    result = _result(found["solution"], model, given, found["value"], period)
    fitted = Fit(found, given, result, rows)
    if not fitted.converged and on_failure == "raise":
        raise ConvergenceError(
            f"the fit did not converge in {fitted.iterations} iterations; start elsewhere, narrow the bounds, or fit "
            'fewer parameters. The last iterate is in .result; on_failure="return" gives the fit back instead',
            result.status,
            result,
        )
    _warn(fitted, int((~found["at_bound"]).sum()))
    return fitted


class _Rows:
    """The observed rows, and where they are in the answer."""

    def __init__(self, answer: Any, observed: Any, column: str, weight: str | None, period: Period) -> None:
        asked, given = nw.from_native(answer, eager_only=True), open_frame(observed, "observed")
        if column not in asked.columns or not asked[column].dtype.is_float():
            known = [name for name in asked.columns if asked[name].dtype.is_float()]
            raise ModelError(f"the answer has no column of numbers '{column}'; it has {', '.join(known)}")
        names = [name for name in asked.columns if not asked[name].dtype.is_numeric() and name in given.columns]
        if not names:
            keys = [name for name in asked.columns if not asked[name].dtype.is_numeric()]
            raise DataError(
                f"observed has none of the answer's keys {', '.join(keys)}; it has {', '.join(given.columns)}"
            )
        self.period = period
        self.keys = {name: [str(label) for label in given[name].to_list()] for name in names}
        self.observed = _sound(numbers(require(given, column, "observed"), column), column, np.isfinite, "a number")
        self.weight = np.ones(len(given))
        if weight is not None:
            positive = lambda w: np.isfinite(w) & (w > 0)  # noqa: E731
            self.weight = _sound(numbers(require(given, weight, "observed"), weight), weight, positive, "above 0")
        self.places = self._places([tuple(map(str, row)) for row in asked.select(names).iter_rows()])

    def _places(self, answer: list[tuple[str, ...]]) -> list[int]:
        where: dict[tuple[str, ...], list[int]] = {}
        for place, key in enumerate(answer):
            where.setdefault(key, []).append(place)
        found: list[int] = []
        for row, key in enumerate(zip(*self.keys.values(), strict=True)):
            named = ", ".join(f"{name} {label}" for name, label in zip(self.keys, key, strict=True))
            match where.get(key, []):
                case [place] if place not in found:
                    found.append(place)
                case [_]:
                    raise DataError(
                        f"observed has {named} twice, the second time in row {row} (counted from 0); keep one"
                    )
                case []:
                    raise DataError(
                        f"the answer has no row of {named} (observed row {row}, counted from 0); leave the row out: "
                        "what did not exist in the baseline is beyond the model"
                    )
                case _:
                    raise DataError(f"the answer has several rows of {named}; give observed more of its key columns")
        return found


def _sound(values: Numbers, name: str, sound: Any, expected: str) -> Numbers:
    wrong = np.flatnonzero(~sound(values))
    if len(wrong):
        raise DataError(
            f"column '{name}' of observed is {values[wrong[0]]} in row {rows_text(wrong)} (counted from 0); expected "
            f"{expected}, or leave the row out"
        )
    return values


def _result(
    solution: _core.Solution, model: Armington, given: list[Parameter], values: Numbers, period: Period
) -> Result:
    """The solved result with a model whose parameters say which were fitted."""
    arrays = dict(zip(ELASTICITIES, solution.model.elasticities, strict=True))
    made = {}
    for name, parameter in model.parameters.items():
        fitted = [
            {
                "commodity": _text(one.commodity),
                "country": _text(one.country),
                "value": float(value),
                "grade": "",
                "source": f"fitted to {period}",
            }
            for one, value in zip(given, values, strict=True)
            if one.measure is None and one.name == name
        ]
        made[name] = elasticities.Parameter(name, arrays[name], [*parameter.origins, *fitted], parameter.unconverted)
    fitted_model = Armington._of_core(solution.model, model.flows, model.period, made, model.observed)
    return Result(solution, fitted_model, Scenario.from_json(solution.scenario()))


def _text(selector: str | Sequence[str]) -> str:
    return selector if isinstance(selector, str) else " ".join(selector)


def _pairs(labels: list[str], covariance: Numbers) -> dict[str, Any]:
    n = len(labels)
    errors = np.sqrt(np.diag(covariance))
    with np.errstate(invalid="ignore"):
        correlation = covariance / np.outer(errors, errors)
    return {
        "parameter": [label for label in labels for _ in range(n)],
        "other": labels * n,
        "covariance": covariance.ravel(),
        "correlation": correlation.ravel(),
    }


def _warn(fitted: Fit, inner: int) -> None:
    if fitted.rank == inner and fitted.condition <= _ILL_CONDITIONED:
        return
    what = (
        f"rank {fitted.rank} of {inner}"
        if fitted.rank < inner
        else f"full rank, but with a condition number of {fitted.condition:.1e}"
    )
    warnings.warn(
        f"the data do not tell the parameters apart: their derivatives have {what}, weakest in "
        f"{', '.join(fitted.weakest)}. Fix one of these, or add observations",
        IdentificationWarning,
        stacklevel=3,
    )
