"""``tradewinds check``: resolve a scenario file against flows, and say what it meets."""

from __future__ import annotations

import argparse
from typing import Any

from tradewinds.commands.inputs import at_period, located, read_flows, read_scenario, read_table, scenario_lines
from tradewinds.errors import TradewindsError
from tradewinds.model.armington import Armington
from tradewinds.scenario.measures import Capacity, Measure
from tradewinds.scenario.scenario import Scenario
from tradewinds.view.table import money

__all__ = ["check"]

_SHOWN = 6


def check(given: argparse.Namespace) -> int:
    """Print what each measure matches and meets; 1 if something is wrong with any of them."""
    scenario = read_scenario(given.scenario)
    flows = read_flows(given.data, unit=given.unit, quantity_unit=given.quantity_unit, countries=given.countries)
    tariffs = None if given.tariffs is None else read_table(given.tariffs)
    # What a scenario meets does not depend on the elasticities.
    model = Armington(
        flows, period=at_period(flows, given.period), substitution=2, demand=-1, supply=1, tariffs=tariffs
    )
    lines = scenario_lines(given.scenario, scenario)
    found, together = model._core.check(scenario._document(), at=given.at)
    print(
        f"{given.scenario}: {scenario.name or 'no name'}, {_count(len(scenario.measures), 'measure')}{_rows(scenario)}"
    )
    print(
        f"against {given.data}, baseline {model.period}: {_count(len(flows.countries), 'country', 'countries')}, "
        f"{_count(len(flows.commodities), 'commodity', 'commodities')}"
    )
    wrong = 0
    for label, measure, line, outcome in zip(scenario.labels, scenario.measures, lines, found, strict=True):
        verb = type(measure).__name__
        print(f"\n{label}{'' if label.startswith(verb) else f' ({verb})'}{f', line {line}' if line else ''}")
        if isinstance(outcome, TradewindsError):
            wrong += 1
            print(f"  error      {located(outcome, given.scenario, scenario)}")
            continue
        _report(measure, outcome, flows._core.currency)
    if isinstance(together, TradewindsError):
        # Else it is the first of the errors above.
        if not wrong:
            wrong = 1
            print(f"\nerror: {located(together, given.scenario, scenario)}")
    elif scenario.schedule:
        print(
            f"\nschedule: {_count(len(scenario.schedule), 'row')}, {together} of them on flows that are zero or absent"
        )
    print(f"\n{_count(wrong, 'error') if wrong else 'Nothing wrong'}.")
    return 1 if wrong else 0


def _report(measure: Measure, outcome: Any, currency: str) -> None:
    exporters, importers, commodities, flows, value, trade, refusal = outcome
    names = ", ".join(commodities[:_SHOWN]) + (", …" if len(commodities) > _SHOWN else "")
    if isinstance(measure, Capacity):
        print(f"  matches    facility {measure.facility}")
    else:
        print(
            f"  matches    {_count(exporters, 'exporter')} × {_count(importers, 'importer')} × "
            f"{_count(len(commodities), 'commodity', 'commodities')} ({names})"
        )
        share = f", {100 * value / trade:.1f} % of the trade in {'it' if len(commodities) == 1 else 'them'}"
        met = f"{_count(flows, 'flow')}, {money(value)} {currency}{share if trade else ''}"
        print(f"  meets      {met if flows else 'no flow: it has no effect'}")
    print(f"  in force   {_window(measure)}")
    print(f"  taken by   {'Armington and Spatial' if refusal is None else 'not by Armington: ' + refusal}")


def _window(measure: Measure) -> str:
    if measure.phase:
        steps = ", ".join(f"{100 * share:g} % from {day}" for day, share in measure.phase)
        return steps + (f", to {measure.end}" if measure.end else "")
    if measure.start is None and measure.end is None:
        return "always"
    started = f"from {measure.start}" if measure.start else "from the beginning"
    return started + (f" to {measure.end}" if measure.end else " on")


def _rows(scenario: Scenario) -> str:
    return f", a schedule of {_count(len(scenario.schedule), 'row')}" if scenario.schedule else ""


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
