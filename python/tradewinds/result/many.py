"""Several results asked at once: every question of a result with a leading column that names each."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping
from typing import Any, Concatenate, ParamSpec

import narwhals as nw
import numpy as np

from tradewinds.data.table import Answer, Column, frame
from tradewinds.errors import ModelError
from tradewinds.result.result import ELSEWHERE, Result, Unframed

__all__ = ["Many", "stack"]

P = ParamSpec("P")


def _method(question: Callable[Concatenate[Result, P], Any]) -> Callable[Concatenate[Many, P], Any]:
    def ask(self: Many, /, *args: P.args, **kwargs: P.kwargs) -> Any:
        return self._stacked(lambda result: getattr(result, question.__name__)(*args, **kwargs))

    functools.update_wrapper(ask, question)
    return ask


def _attribute(name: str) -> Any:
    def ask(self: Many) -> Any:
        return self._stacked(lambda result: getattr(result, name))

    ask.__doc__ = getattr(Result, name).__doc__
    return functools.cached_property(ask)


def _elsewhere(name: str) -> Any:
    """An attribute that not every class of results has; the others say who does."""

    def ask(self: Many) -> Any:
        return self._stacked(lambda result: getattr(result, name))

    ask.__doc__ = f"The frames of :attr:`{ELSEWHERE[name]}.{name}`."
    return property(ask)


class Many:
    """Named results, asked together: frames are those of each result, one below the other."""

    flows = _attribute("flows")
    prices = _attribute("prices")
    wedges = _attribute("wedges")
    shifts = _attribute("shifts")
    quotas = _attribute("quotas")
    closed = _attribute("closed")
    certificate = _attribute("certificate")
    shares = _method(Result.shares)
    share_shift = _method(Result.share_shift)
    destinations = _method(Result.destinations)
    diversion = _method(Result.diversion)
    revenue = _method(Result.revenue)
    concentration = _method(Result.concentration)
    welfare = _method(Result.welfare)
    derivative = _method(Result.derivative)
    sources = _method(Result.sources)
    to_frame = _method(Result.to_frame)
    routes = _elsewhere("routes")
    facilities = _elsewhere("facilities")
    price_caps = _elsewhere("price_caps")
    wages = _elsewhere("wages")
    real_income = _elsewhere("real_income")

    def discount(self, /, *args: Any, **kwargs: Any) -> Any:
        """The frames of :meth:`SpatialResult.discount`."""
        return self._stacked(lambda result: result.discount(*args, **kwargs))

    def __init__(self, results: Mapping[str, Result], column: str) -> None:
        self.results: dict[str, Result] = dict(results)
        self._column = column

    def _stacked(self, question: Callable[[Result], Any]) -> Any:
        found = {name: question(result._unframed()) for name, result in self.results.items()}
        if not found or not all(isinstance(one, Unframed) for one in found.values()):
            return stack(found, self._column)
        first = next(iter(self.results.values()))
        answers: list[Unframed] = list(found.values())
        return frame(_joined(list(found), self._column, answers), first.model.flows._backend, answers[0].attrs)


def _joined(names: list[str], column: str, parts: list[Unframed]) -> Answer:
    """Answers of equal columns one below the other, with their names in a leading column."""
    columns, units = parts[0].answer
    counts = [_length(next(iter(part.answer[0].values()))) for part in parts]
    joined: dict[str, Column] = {column: (np.repeat(np.arange(len(parts)), counts), names)}
    for key in columns:
        joined[key] = _one_below_other([part.answer[0][key] for part in parts])
    return joined, units


def _length(column: Column) -> int:
    return len(column[0] if isinstance(column, tuple) else column)


def _one_below_other(parts: list[Column]) -> Column:
    if all(isinstance(part, tuple) for part in parts):
        places: dict[str, int] = {}
        codes = []
        for own, labels in parts:
            new = np.array([places.setdefault(label, len(places)) for label in labels], dtype=np.intp)
            codes.append(new[own])
        return np.concatenate(codes), list(places)
    if all(isinstance(part, np.ndarray) for part in parts):
        return np.concatenate(parts)
    return list(itertools.chain.from_iterable(parts))


def stack(frames: Mapping[str, Any], column: str) -> Any:
    """Frames of equal columns one below the other, with their names in a leading column."""
    if not frames:
        raise ModelError(f"there is no {column} to ask: none was solved, see .status for the reasons")
    native = [nw.from_native(frame, eager_only=True) for frame in frames.values()]
    if native[0].implementation.is_pandas():
        return _pandas(frames, column)
    parts: list[nw.DataFrame[Any]] = []
    for name, part in zip(frames, native, strict=True):
        if len(part) == 0 and (parts or name != list(frames)[-1]):
            # Columns without rows have no type that others could be joined to.
            continue
        # Categories of different frames do not mix in every library: names as text, then encoded anew.
        text = part.with_columns(nw.lit(name).alias(column), *(_text(part, key) for key in part.columns))
        parts.append(text.select(column, *part.columns))
    first = native[0]
    encoded = [key for key in first.columns if first[key].dtype == nw.Categorical]
    whole = nw.concat(parts, how="vertical")
    return whole.with_columns(nw.col(key).cast(nw.Categorical) for key in (column, *encoded)).to_native()


def _text(part: nw.DataFrame[Any], key: str) -> nw.Expr:
    return nw.col(key).cast(nw.String) if part[key].dtype == nw.Categorical else nw.col(key)


def _pandas(frames: Mapping[str, Any], column: str) -> Any:
    import pandas as pd

    parts = list(frames.values())
    codes = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    columns: dict[str, Any] = {column: pd.Categorical.from_codes(codes, pd.Index(list(frames)))}
    for key in parts[0].columns:
        series = [part[key] for part in parts]
        if all(isinstance(one.dtype, pd.CategoricalDtype) for one in series):
            columns[key] = pd.api.types.union_categoricals(series)
        else:
            columns[key] = np.concatenate([one.to_numpy() for one in series])
    made = pd.DataFrame(columns)
    made.attrs.update(parts[0].attrs)
    return made
