"""Naive answers to where an exporter's sales go: what a model has to beat."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from tradewinds import _core
from tradewinds.data.columns import Numbers
from tradewinds.data.flows import Period
from tradewinds.model.armington import Armington
from tradewinds.model.prior import Prior
from tradewinds.scenario.scenario import Scenario

__all__ = ["NAIVE", "Naive"]

NAIVE = ("none", "proportional", "gravity")


class Naive:
    """Naive answers for one model's baseline and the measures of a scenario.

    "none": nothing changes. "proportional": what measures close is spread over the destinations that
    are left, in proportion. "gravity": the doubly constrained gravity model on distance, without the
    flows that are closed, every country's total as before.
    """

    def __init__(self, model: Armington, scenario: Scenario, at: Period, distance: Any) -> None:
        #: The baseline as it was observed.
        self.flows = model.observed_flows
        self.period = model.period
        self._scenario, self._at, self._distance = scenario, at, distance
        self._core = self.flows._at(model.period)

    def answer(self, name: str, commodity: str, basis: str = "value") -> Numbers:
        """Values or quantities by exporter and importer; of "gravity" always values.

        Their shares are those of quantities sold at one price an exporter.
        """
        place = self.flows.commodities.index(commodity)
        value = _matrix(self._core, place, basis)
        if name == "none":
            return value
        if name == "proportional":
            return value * self._open(commodity)
        kernel, _ = self._kernels[commodity]
        return _core.gravity_trade(self._core, str(self.period), place, kernel * self._open(commodity))

    @cached_property
    def _kernels(self) -> dict[str, tuple[Numbers, float | None]]:
        return Prior(distance=self._distance).kernels(self.flows, self.period)

    @cached_property
    def _wedges(self) -> dict[str, Any]:
        """Wedges of every pair, traded or not, averaged over the period; no elasticity is in them."""
        every_pair = Armington(
            self.flows,
            period=self.period,
            prior=Prior(distance=self._distance, weight=1.0),
            substitution=2.0,
            demand=-1.0,
            supply=1.0,
        )
        result = every_pair.solve(
            self._scenario, at=self._at, exposure="average", unsupported="leave_out", on_failure="return"
        )
        columns: dict[str, Any] = result._core.table("wedges")[0]
        return columns

    def _open(self, commodity: str) -> Numbers:
        """Which share of each pair's trade measures leave."""
        columns = self._wedges
        made = np.ones((len(self.flows.countries),) * 2)
        here = np.asarray(columns["commodity"][1], dtype=object)[columns["commodity"][0]] == commodity
        made[columns["exporter"][0][here], columns["importer"][0][here]] = columns["availability"][here]
        return made


def _matrix(core: _core.Flows, commodity: int, amount: str) -> Numbers:
    columns, _ = core.table()
    made = np.zeros((len(core.countries),) * 2)
    here = columns["commodity"][0] == commodity
    np.add.at(made, (columns["exporter"][0][here], columns["importer"][0][here]), columns[amount][here])
    return made
