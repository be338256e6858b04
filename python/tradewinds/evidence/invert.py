"""What must have changed for the baseline to become what was observed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tradewinds import _core
from tradewinds.data.flows import Flows, Period
from tradewinds.data.table import Answer, frame
from tradewinds.errors import ModelError
from tradewinds.evidence.comparable import check_comparable, check_flows
from tradewinds.scenario.measures import Shift
from tradewinds.scenario.scenario import Scenario, ScheduleRow

if TYPE_CHECKING:
    from tradewinds.model.armington import Armington

__all__ = ["Inversion", "invert"]


class Inversion:
    """Implied wedges.

    Attributes
    ----------
    wedges : dataframe
        A row a flow of positive baseline value: ``exporter, importer, commodity, value_before,
        value_observed, coverage, cost_change, head_ries``. ``coverage`` is 1 where the flow has ended, and
        then ``cost_change`` is missing; else ``cost_change`` is the rate by which the cost changed.
        ``head_ries`` is free of the normalisation: the mean rate of both directions relative to trade at
        home, missing unless all four flows are there.
    shifts : dataframe
        ``country, commodity, supply_shift, demand_shift``: factors; missing for who does not sell or buy.
    scenario : Scenario
        The wedges as a schedule and the shifts as measures: ``model.solve(inversion.scenario)`` returns
        what was observed.
    normalisation : str
    left_out : dict
        ``flows`` without a baseline that were left out, their ``value`` and their ``share`` of what was
        observed.
    """

    def __init__(
        self, wedges: Answer, shifts: Answer, left_out: dict[str, float], normalisation: str, named: str, backend: str
    ) -> None:
        self.normalisation = normalisation
        self.left_out = left_out
        self.wedges = frame(wedges, backend, {"normalisation": normalisation})
        self.shifts = frame(shifts, backend, {"normalisation": normalisation})
        self.scenario = Scenario(named, _measures(shifts[0]), schedule=_schedule(wedges[0]))

    def __repr__(self) -> str:
        return (
            f"<tradewinds.Inversion: {self.scenario.name}, {len(self.wedges):,} flows, "
            f"normalised by {self.normalisation}, {self.left_out['share']:.1%} of what was observed left out>"
        )


def invert(
    model: Armington,
    observed: Flows,
    *,
    period: Period,
    normalisation: Literal["prices", "shifters"],
    new_flows: Literal["raise", "leave_out"],
) -> Inversion:
    """See :meth:`Armington.invert`."""
    for name, given, allowed in (
        ("normalisation", normalisation, ("prices", "shifters")),
        ("new_flows", new_flows, ("raise", "leave_out")),
    ):
        if given not in allowed:
            raise ModelError(f"{name} is {given!r}; expected {' or '.join(map(repr, allowed))}")
    check_flows(observed, "observed")
    check_comparable(model.flows, observed, ("the baseline", "the observed flows"))
    wedges, shifts, flows, value, whole = _core.invert(
        model._core,
        observed._dated(period),
        period=str(period),
        normalisation=normalisation,
        leave_out=new_flows == "leave_out",
    )
    left_out = {"flows": flows, "value": value, "share": value / whole if whole > 0 else 0.0}
    named = f"{model.period} to {period}, implied"
    return Inversion(wedges, shifts, left_out, normalisation, named, model.flows._backend)


def _labels(column: Any) -> list[str]:
    codes, labels = column
    return [labels[code] for code in codes]


def _schedule(columns: dict[str, Any]) -> list[ScheduleRow]:
    keys = [_labels(columns[key]) for key in ("exporter", "importer", "commodity")]
    rows = zip(*keys, columns["coverage"].tolist(), columns["cost_change"].tolist(), strict=True)
    return [
        ScheduleRow(i, j, k, coverage=1.0) if coverage == 1.0 else ScheduleRow(i, j, k, cost_change=cost)
        for i, j, k, coverage, cost in rows
        if coverage == 1.0 or cost != 0.0
    ]


def _measures(columns: dict[str, Any]) -> list[Shift]:
    places = list(zip(_labels(columns["country"]), _labels(columns["commodity"]), strict=True))
    moved = {
        side: [
            (country, commodity, factor)
            for (country, commodity), factor in zip(places, columns[f"{side}_shift"].tolist(), strict=True)
            if factor != 1.0 and not np.isnan(factor)
        ]
        for side in ("supply", "demand")
    }
    supply = [
        Shift(name=f"supply of {country}: {commodity}", exporters=country, commodities=commodity, supply=factor)
        for country, commodity, factor in moved["supply"]
    ]
    demand = [
        Shift(name=f"demand of {country}: {commodity}", importers=country, commodities=commodity, demand=factor)
        for country, commodity, factor in moved["demand"]
    ]
    return [*supply, *demand]
