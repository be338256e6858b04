"""Where the numbers of an answer stand among all the numbers of a draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tradewinds.data.table import Answer
from tradewinds.result.ask import Question

__all__ = ["Cells", "laid_out"]

_Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cells:
    """A question, its answer in the central case, and the place of its numbers: column after column."""

    question: Question
    answer: Answer
    start: int

    @property
    def numbers(self) -> list[str]:
        """Columns of numbers."""
        return [name for name, column in self.answer[0].items() if _is_number(column)]

    @property
    def keys(self) -> list[str]:
        """The other columns."""
        return [name for name, column in self.answer[0].items() if not _is_number(column)]

    @property
    def periods(self) -> npt.NDArray[np.intp]:
        """By row, where in the path its period is; 0 where the answer is not over time."""
        return (
            self.answer[0]["period"][0].astype(np.intp) if "period" in self.answer[0] else np.zeros(self.rows, np.intp)
        )

    @property
    def rows(self) -> int:
        first = next(iter(self.answer[0].values()))
        return len(first[0]) if isinstance(first, tuple) else len(first)

    @property
    def stop(self) -> int:
        return self.start + self.rows * len(self.numbers)

    def places(self, column: str) -> npt.NDArray[np.intp]:
        """Of a column of numbers, among all the numbers of a draw."""
        return self.start + self.numbers.index(column) * self.rows + np.arange(self.rows)

    def central(self) -> _Numbers:
        """The numbers of the central case."""
        columns = [np.asarray(self.answer[0][name]) for name in self.numbers]
        return np.concatenate(columns) if columns else np.empty(0)

    def stacked(self, title: str, names: Any, blocks: _Numbers) -> Answer:
        """The answer once a name, with ``blocks`` (name × number of all answers) instead of its own numbers."""
        columns, units = self.answer
        own = blocks[:, self.start : self.stop].reshape(len(blocks), len(self.numbers), self.rows)
        found: dict[str, Any] = {title: np.repeat(np.asarray(names), self.rows)}
        for name, column in columns.items():
            found[name] = (
                own[:, self.numbers.index(name)].ravel() if _is_number(column) else _tiled(column, len(blocks))
            )
        return found, dict(units)

    def long(self, column: str | None) -> tuple[dict[str, Any], npt.NDArray[np.intp]]:
        """Keys with ``answer``, the name of a column of numbers, and the place of each of these numbers."""
        wanted = self.numbers if column is None else [column]
        keys = {name: plain(_tiled(self.answer[0][name], len(wanted))) for name in self.keys}
        keys["answer"] = np.repeat(np.array(wanted, dtype=object), self.rows)
        return keys, np.concatenate([self.places(name) for name in wanted])


def laid_out(answers: Sequence[tuple[Question, Answer]]) -> list[Cells]:
    """The cells of questions one after the other."""
    found: list[Cells] = []
    for question, answer in answers:
        found.append(Cells(question, answer, found[-1].stop if found else 0))
    return found


def plain(column: Any) -> npt.NDArray[Any]:
    """A column as an array, its labels written out."""
    if isinstance(column, tuple):
        return np.asarray(column[1], dtype=object)[column[0]]
    return np.asarray(column, dtype=object if isinstance(column, list) else None)


def _is_number(column: Any) -> bool:
    return isinstance(column, np.ndarray) and column.dtype == np.float64


def _tiled(column: Any, times: int) -> Any:
    if isinstance(column, tuple):
        return np.tile(column[0], times), column[1]
    return list(column) * times if isinstance(column, list) else np.tile(column, times)
