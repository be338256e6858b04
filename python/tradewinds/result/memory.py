"""A run remembers itself: what was asked, of what, when and by which version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tradewinds import _core

if TYPE_CHECKING:
    from tradewinds.result.result import Result

__all__ = ["remembered", "settings"]


def settings(core: _core.Solution) -> dict[str, Any]:
    """How it was solved, by the names of :meth:`Armington.solve`."""
    at, order, exposure, unsupported = core.settings()
    return {"at": at, "order": order, "exposure": exposure, "unsupported": unsupported}


def remembered(result: Result) -> dict[str, Any]:
    """Version, model, baseline, scenario, settings and warnings of a result."""
    core = result._core
    kept = [label for label in result.scenario.labels if label not in core.left_out]
    return {
        "tradewinds": result._version,
        "created": result._created.isoformat(timespec="seconds"),
        "model": type(result.model).__name__,
        "period": result.model.period,
        "scenario": result.scenario.name,
        **result.settings,
        "segments": [
            {"days": days, "weight": weight, "in_force": dict(zip(kept, force, strict=True))}
            for days, weight, force in core.segments()
        ],
        "measures_without_effect": core.without_effect,
        "schedule_rows_without_effect": core.schedule_without_effect,
        "domestic_market": result.domestic_market,
        "flows": dict(result.model.flows.attrs),
    }
