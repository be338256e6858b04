"""``ensemble.plot``: how sure, and what drives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from tradewinds.evidence.ensemble import Ensemble
    from tradewinds.result.ask import Question

__all__ = ["EnsemblePlot"]


class EnsemblePlot:
    """Pictures of an ensemble. Each draws exactly the frame of its name and returns the Axes."""

    def __init__(self, ensemble: Ensemble) -> None:
        self._ensemble = ensemble

    def fan(self, question: Question | None = None, *, column: str | None = None, top: int = 16, ax: Any = None) -> Any:
        """Quantiles of an answer: a row a bar, or along periods where the answer has them.

        Parameters
        ----------
        question : Question, optional
            One that was asked; the first.
        column : str, optional
            A column of numbers of its answer; the one that varies most relative to its size.
        top : int
            So many rows, those with the largest medians.
        """
        from tradewinds.view.plot.fan import draw

        asked = question or self._ensemble.questions[0]
        column = column or self._liveliest(asked)
        return draw(asked(self._ensemble), column, self._unit(asked, column), self._title(), top, ax)

    def tornado(
        self, question: Question | None = None, *, column: str | None = None, top: int = 3, ax: Any = None
    ) -> Any:
        """How far each input alone moves an answer, from low to high: the frame of :meth:`Ensemble.tornado`.

        Parameters
        ----------
        question, column
            As in :meth:`fan`.
        top : int
            So many rows of the answer, a block each, those that move most.
        """
        from tradewinds.view.plot.tornado import draw

        asked = question or self._ensemble.questions[0]
        column = column or self._liveliest(asked)
        frame = self._ensemble.tornado(asked, column=column)
        return draw(frame, column, self._unit(asked, column), self._title(), top, ax)

    def _liveliest(self, question: Question) -> str:
        """The column of numbers with the widest quantiles relative to its size."""
        cells = self._ensemble._cells[self._ensemble._place(question)]
        own = self._ensemble._quantiles[:, cells.start : cells.stop].reshape(-1, len(cells.numbers), cells.rows)
        with np.errstate(invalid="ignore", divide="ignore"):
            width = np.nan_to_num((own[-1] - own[0]) / np.abs(own).max(axis=0), posinf=0.0)
        return cells.numbers[int(width.max(axis=1, initial=0.0).argmax())]

    def _unit(self, question: Question, column: str) -> str:
        return self._ensemble._cells[self._ensemble._place(question)].answer[1].get(column, "")

    def _title(self) -> str:
        ensemble = self._ensemble
        at = ensemble.central.settings["at"]
        failed = f", {ensemble.failed:,} failed" if ensemble.failed else ""
        partial = "PARTIAL: " if ensemble.partial else ""
        return f"{partial}{ensemble.scenario.name}{f', {at}' if at else ''} ({len(ensemble):,} draws{failed})"
