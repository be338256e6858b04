"""Sanctions-impact and trade-diversion scenarios by commodity.

A run goes one way: data (:class:`Flows`) → scenario (:class:`Scenario` and its measures) → model
(:class:`Armington`, :class:`Spatial`, :class:`CaliendoParro`, :class:`Gravity`) → result (:class:`Result`)
→ view (``result.plot``).
Beside it, evidence asks the finished road: :meth:`Armington.attribution`, :meth:`Result.derivative`,
:func:`fit`, :meth:`Armington.invert`, :func:`decompose`.

Everything but numpy and the compiled core is imported when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tradewinds import _core

if TYPE_CHECKING:
    from tradewinds import datasets as datasets
    from tradewinds.data.countries import group_members as group_members
    from tradewinds.data.countries import groups as groups
    from tradewinds.data.flows import Flows as Flows
    from tradewinds.data.input_output import InputOutput as InputOutput
    from tradewinds.data.readers.baci import read_baci as read_baci
    from tradewinds.data.readers.oecd import read_oecd_icio as read_oecd_icio
    from tradewinds.data.readers.wiod import read_wiod as read_wiod
    from tradewinds.data.sector_of import sector_of as sector_of
    from tradewinds.datasets.catalogue import catalogue as catalogue
    from tradewinds.errors import ConvergenceError as ConvergenceError
    from tradewinds.errors import DataError as DataError
    from tradewinds.errors import IdentificationWarning as IdentificationWarning
    from tradewinds.errors import InfeasibleError as InfeasibleError
    from tradewinds.errors import ModelError as ModelError
    from tradewinds.errors import ScenarioError as ScenarioError
    from tradewinds.errors import TradewindsError as TradewindsError
    from tradewinds.evidence.backtest import backtest as backtest
    from tradewinds.evidence.decompose import decompose as decompose
    from tradewinds.evidence.ensemble import Ensemble as Ensemble
    from tradewinds.evidence.episodes import episodes as episodes
    from tradewinds.evidence.fit import Fit as Fit
    from tradewinds.evidence.fit import fit as fit
    from tradewinds.evidence.invert import Inversion as Inversion
    from tradewinds.evidence.parameter import Parameter as Parameter
    from tradewinds.evidence.scores import Backtest as Backtest
    from tradewinds.model.adjusting import adjusting as adjusting
    from tradewinds.model.armington import Armington as Armington
    from tradewinds.model.case import cases as cases
    from tradewinds.model.general import CaliendoParro as CaliendoParro
    from tradewinds.model.general import Gravity as Gravity
    from tradewinds.model.prior import Prior as Prior
    from tradewinds.model.spatial import Spatial as Spatial
    from tradewinds.result.ask import Question as Question
    from tradewinds.result.ask import ask as ask
    from tradewinds.result.ask import compare as compare
    from tradewinds.result.file import load_result as load_result
    from tradewinds.result.general import GeneralResult as GeneralResult
    from tradewinds.result.result import Result as Result
    from tradewinds.result.spatial import SpatialResult as SpatialResult
    from tradewinds.result.status import Status as Status
    from tradewinds.run.coalition import Coalition as Coalition
    from tradewinds.run.coalition import coalition as coalition
    from tradewinds.run.grid import grid as grid
    from tradewinds.run.path import Path as Path
    from tradewinds.run.sweep import Sweep as Sweep
    from tradewinds.run.threads import threads as threads
    from tradewinds.scenario.distributions import Distribution as Distribution
    from tradewinds.scenario.distributions import around as around
    from tradewinds.scenario.distributions import beta as beta
    from tradewinds.scenario.distributions import empirical as empirical
    from tradewinds.scenario.distributions import lognormal as lognormal
    from tradewinds.scenario.distributions import normal as normal
    from tradewinds.scenario.distributions import triangular as triangular
    from tradewinds.scenario.distributions import uniform as uniform
    from tradewinds.scenario.measures import Ban as Ban
    from tradewinds.scenario.measures import Capacity as Capacity
    from tradewinds.scenario.measures import ExportTax as ExportTax
    from tradewinds.scenario.measures import Measure as Measure
    from tradewinds.scenario.measures import PriceCap as PriceCap
    from tradewinds.scenario.measures import Quota as Quota
    from tradewinds.scenario.measures import Shift as Shift
    from tradewinds.scenario.measures import Tariff as Tariff
    from tradewinds.scenario.measures import TradeCost as TradeCost
    from tradewinds.scenario.scenario import Scenario as Scenario

__version__: str = _core.__version__

_HOME = {
    "datasets": "tradewinds.datasets",
    "catalogue": "tradewinds.datasets.catalogue",
    "Flows": "tradewinds.data.flows",
    "sector_of": "tradewinds.data.sector_of",
    "InputOutput": "tradewinds.data.input_output",
    "read_baci": "tradewinds.data.readers.baci",
    "read_oecd_icio": "tradewinds.data.readers.oecd",
    "read_wiod": "tradewinds.data.readers.wiod",
    "groups": "tradewinds.data.countries",
    "group_members": "tradewinds.data.countries",
    **dict.fromkeys(
        (
            "TradewindsError",
            "DataError",
            "ScenarioError",
            "ModelError",
            "ConvergenceError",
            "InfeasibleError",
            "IdentificationWarning",
        ),
        "tradewinds.errors",
    ),
    **dict.fromkeys(
        ("Measure", "Ban", "Tariff", "ExportTax", "Quota", "PriceCap", "TradeCost", "Capacity", "Shift"),
        "tradewinds.scenario.measures",
    ),
    **dict.fromkeys(
        ("Distribution", "around", "beta", "empirical", "lognormal", "normal", "triangular", "uniform"),
        "tradewinds.scenario.distributions",
    ),
    "Scenario": "tradewinds.scenario.scenario",
    "adjusting": "tradewinds.model.adjusting",
    "Armington": "tradewinds.model.armington",
    **dict.fromkeys(("CaliendoParro", "Gravity"), "tradewinds.model.general"),
    "GeneralResult": "tradewinds.result.general",
    "Prior": "tradewinds.model.prior",
    "backtest": "tradewinds.evidence.backtest",
    "episodes": "tradewinds.evidence.episodes",
    "cases": "tradewinds.model.case",
    "Backtest": "tradewinds.evidence.scores",
    "Ensemble": "tradewinds.evidence.ensemble",
    "grid": "tradewinds.run.grid",
    "decompose": "tradewinds.evidence.decompose",
    **dict.fromkeys(("Fit", "fit"), "tradewinds.evidence.fit"),
    "Inversion": "tradewinds.evidence.invert",
    "Parameter": "tradewinds.evidence.parameter",
    "Spatial": "tradewinds.model.spatial",
    "SpatialResult": "tradewinds.result.spatial",
    "Result": "tradewinds.result.result",
    "load_result": "tradewinds.result.file",
    "Status": "tradewinds.result.status",
    **dict.fromkeys(("Question", "ask", "compare"), "tradewinds.result.ask"),
    "Coalition": "tradewinds.run.coalition",
    "coalition": "tradewinds.run.coalition",
    "Path": "tradewinds.run.path",
    "Sweep": "tradewinds.run.sweep",
    "threads": "tradewinds.run.threads",
}

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'tradewinds' has no attribute '{name}'")
    module = importlib.import_module(_HOME[name])
    value = module if name == "datasets" else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


def _quiet_by_default() -> None:
    import logging

    logging.getLogger("tradewinds").addHandler(logging.NullHandler())


_quiet_by_default()
