"""``ensemble.plot``: how sure, and what drives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from tradewinds.errors import ModelError
from tradewinds.evidence.cells import plain
from tradewinds.evidence.drivers import known_column
from tradewinds.view.plot.style import rows_to_draw
from tradewinds.view.plot.told import told

if TYPE_CHECKING:
    from tradewinds.evidence.ensemble import Ensemble
    from tradewinds.result.ask import Question

__all__ = ["EnsemblePlot"]

#: A unit that begins so is told by another column, row by row.
_SEE = "see "
#: Where that column has several, each row is called with its own.
_SEVERAL = "units as named"


class EnsemblePlot:
    """Pictures of an ensemble. Each draws exactly the frame of its name and returns the Axes."""

    def __init__(self, ensemble: Ensemble) -> None:
        self._ensemble = ensemble

    def fan(
        self,
        question: Question | None = None,
        *,
        column: str | None = None,
        top: int = 16,
        dates: bool = True,
        ax: Any = None,
    ) -> Any:
        """Quantiles of an answer: a bar a row; of paths a line a row along the periods, in its bands.

        The dot or line is the median, where it is among :attr:`Ensemble.orders`. Paths of one period have bars.

        Parameters
        ----------
        question : Question, optional
            One that was asked; the first.
        column : str, optional
            A column of numbers of its answer; the one that varies most relative to its size.
        top : int
            So many rows, those with the largest medians (of orders without 0.5, quantiles); of paths 6 at most.
        dates : bool
            Of paths: mark the days on which measures take effect or go a step further (full upright lines),
            the day after their last (dashed), and announcements (triangles).
        """
        from tradewinds.view.plot.fan import along, draw

        asked = question or self._ensemble.questions[0]
        column = self._column(asked, column)
        unit, periods = self._unit(asked, column), self._ensemble.periods
        frame = _with_units(asked(self._ensemble), unit)
        if len(periods) > 1:
            return along(frame, column, unit, self._title(asked), rows_to_draw(top), self._ensemble.central, dates, ax)
        return draw(frame, column, unit, self._title(asked, *periods), rows_to_draw(top), ax)

    def tornado(
        self,
        question: Question | None = None,
        *,
        column: str | None = None,
        top: int = 3,
        period: int | str | None = None,
        ax: Any = None,
    ) -> Any:
        """How far each input alone moves an answer, from low to high: the frame of :meth:`Ensemble.tornado`.

        Parameters
        ----------
        question, column
            As in :meth:`fan`.
        top : int
            So many rows of the answer, a block each, those that move most.
        period : int or str, optional
            Of paths; the last.
        """
        from tradewinds.view.plot.tornado import draw

        asked = question or self._ensemble.questions[0]
        column = self._column(asked, column)
        unit = self._unit(asked, column)
        frame, title = self._one_period(asked, self._ensemble.tornado(asked, column=column), period)
        return draw(_with_units(frame, unit), column, unit, title, rows_to_draw(top), ax)

    def sobol(
        self,
        question: Question | None = None,
        *,
        column: str | None = None,
        top: int = 3,
        period: int | str | None = None,
        ax: Any = None,
    ) -> Any:
        """Which input the variance comes from, as bars: the frame of :meth:`Ensemble.sobol`.

        Parameters
        ----------
        question, column, period
            As in :meth:`tornado`.
        top : int
            So many rows of the answer, a block each, those whose quantiles are widest.
        """
        from tradewinds.view.plot.sobol import draw

        asked = question or self._ensemble.questions[0]
        column = self._column(asked, column)
        unit = self._unit(asked, column)
        frame, title = self._one_period(asked, self._ensemble.sobol(asked, column=column), period)
        widest, _ = self._one_period(asked, asked(self._ensemble), period)
        return draw(_with_units(frame, unit), _with_units(widest, unit), column, title, rows_to_draw(top), ax)

    def _one_period(self, asked: Question, frame: Any, period: int | str | None) -> tuple[Any, str]:
        """The rows of one period, without its column, and the picture's title."""
        periods = self._ensemble.periods
        if not periods:
            if period is not None:
                raise ModelError(f"period is {period!r}, but the draws are not over time; sample with periods=")
            return frame, self._title(asked)
        name = periods[-1] if period is None else str(period)
        if name not in periods:
            raise ModelError(f"period is {period!r}; the draws have {', '.join(periods)}")
        native = nw.from_native(frame, eager_only=True)
        rows = native.filter(nw.col("period").cast(nw.String) == name).drop("period")
        return rows.to_native(), self._title(asked, name)

    def _column(self, question: Question, given: str | None) -> str:
        """The column asked for, or the liveliest."""
        known = known_column(self._ensemble._cells[self._ensemble._place(question)], given)
        return self._liveliest(question) if known is None else known

    def _liveliest(self, question: Question) -> str:
        """The column of numbers with the widest quantiles relative to its size."""
        cells = self._ensemble._cells[self._ensemble._place(question)]
        own = self._ensemble._quantiles[:, cells.start : cells.stop].reshape(-1, len(cells.numbers), cells.rows)
        with np.errstate(invalid="ignore", divide="ignore"):
            width = np.nan_to_num((own[-1] - own[0]) / np.abs(own).max(axis=0), posinf=0.0)
        return cells.numbers[int(width.max(axis=1, initial=0.0).argmax())]

    def _unit(self, question: Question, column: str) -> str:
        columns, units = self._ensemble._cells[self._ensemble._place(question)].answer
        unit = units.get(column, "")
        stated = columns.get(unit.removeprefix(_SEE), ())
        found = set(plain(stated).tolist()) if unit.startswith(_SEE) else {unit}
        return str(*found) if len(found) == 1 else _SEVERAL

    def _title(self, asked: Question, at: str | None = None) -> str:
        ensemble = self._ensemble
        if not ensemble.periods:
            at = ensemble.central.settings["at"]
        failed = f", {ensemble.failed:,} failed" if ensemble.failed else ""
        partial = "PARTIAL: " if ensemble.partial else ""
        about = f"{ensemble.scenario.name}{f', {at}' if at else ''} ({len(ensemble):,} draws{failed})"
        return f"{partial}{told(asked)}\n{about}"


def _with_units(frame: Any, unit: str) -> Any:
    """The frame with units of rows as keys, which their names show, only where these differ."""
    native = nw.from_native(frame, eager_only=True)
    if unit != _SEVERAL:
        return native.drop("quantity_unit", strict=False).to_native()
    return native.rename({"unit": "unit of the row"} if "unit" in native.columns else {}).to_native()
