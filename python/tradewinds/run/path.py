"""A scenario period after period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tradewinds import _core
from tradewinds.data.table import frame
from tradewinds.errors import ScenarioError
from tradewinds.run.members import Members, Outcome
from tradewinds.scenario.scenario import Scenario

if TYPE_CHECKING:
    from tradewinds.model.model import Model
    from tradewinds.result.result import Result
    from tradewinds.view.plot.path import PathPlot

__all__ = ["Path", "listed"]


class Path(Members):
    """Consecutive periods solved against one baseline. Asks every question of :class:`Result`.

    Every frame is that of :class:`Result` with a leading column ``period``, as text, in order of time.
    Periods that failed are in :attr:`status` with the reason, and in no other frame. Pictures:
    ``path.plot.path(...)``.

    Where elasticities adjust, the state k of curves is in :attr:`shifts`, times the shifts of the
    scenario; :attr:`certificate` has a row a segment; :meth:`welfare` is measured along the short-run
    curves of each segment, and what their shift does is in the column ``shift`` (of demand it is no
    welfare); :meth:`derivative` is refused.

    Attributes
    ----------
    scenario : Scenario
    periods : list of str
    results : dict of period to Result
        Of the periods that were solved.
    partial : bool
        Whether Ctrl-C ended it before all periods were solved; :attr:`status` says which are not.
    """

    def __init__(self, model: Model, scenario: Scenario, periods: Sequence[str], outcomes: Sequence[Outcome]) -> None:
        super().__init__(model, dict(zip(periods, outcomes, strict=True)), "period")
        self.scenario = scenario
        self.periods = list(periods)

    @cached_property
    def measures(self) -> Any:
        """When measures are in force: ``measure, announced, start, end, period, in_force``.

        ``in_force`` is the share of the measure in force, 0 to 1, averaged over the days of the period:
        days outside ``start`` to ``end`` count 0, phases and ramps as far as they go. ``start`` and
        ``end`` are when it takes effect; ``announced`` is information that no equation reads. Dates are
        missing where the measure has none. Measures in :attr:`left_out` have no rows.
        """
        taken = [place for place, label in enumerate(self.scenario.labels) if label not in self.left_out]
        measures = [self.scenario.measures[place] for place in taken]
        shares = self._in_force
        columns: dict[str, Any] = {"measure": [self.scenario.labels[place] for place in taken] * len(shares)}
        for name in ("announced", "start", "end"):
            days = [_day(getattr(measure, name)) for measure in measures] * len(shares)
            columns[name] = np.array(days, dtype="datetime64[D]")
        columns["period"] = [period for period in self.periods for _ in taken]
        columns["in_force"] = [of_measures[place] for _, of_measures in shares for place in taken]
        return frame((columns, {"in_force": "share"}), self.model.flows._backend)

    @property
    def _in_force(self) -> list[tuple[str, list[float]]]:
        """By period: its first day, and the share of each measure in force."""
        return _core.in_force(self.scenario._document(), self.periods)

    @property
    def left_out(self) -> list[str]:
        """Measures the model does not take, left out because the caller said so."""
        return next((result.left_out for result in self.results.values()), [])

    @property
    def adjusting(self) -> list[str]:
        """Names of the elasticities that adjust."""
        return [name for name, parameter in self.model.parameters.items() if parameter.horizon is not None]

    @property
    def plot(self) -> PathPlot:
        """Pictures; needs matplotlib (the extra ``plot``)."""
        from tradewinds.view.plot.path import PathPlot

        return PathPlot(self)

    def __getitem__(self, name: str | int) -> Result:
        return super().__getitem__(str(name))

    def __repr__(self) -> str:
        from tradewinds.view.path_table import path_text

        return path_text(self)

    def _repr_html_(self) -> str:
        from tradewinds.view.path_table import path_html

        return path_html(self)


def listed(periods: Any) -> list[str]:
    """Periods as text; whether they follow on each other the core says.

    Raises
    ------
    ScenarioError
        A single period, or something that is no list.
    """
    if isinstance(periods, str | int) or not hasattr(periods, "__iter__"):
        raise ScenarioError(f"periods is {periods!r}; expected a list of consecutive periods, such as [2022, 2023]")
    return [str(period) for period in periods]


def _day(given: Any) -> dt.date | None:
    return given if given is None or isinstance(given, dt.date) else dt.date.fromisoformat(str(given))
