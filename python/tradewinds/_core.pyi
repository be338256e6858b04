from collections.abc import Callable
from os import PathLike
from typing import Any, TypeVar, final

import numpy as np
import numpy.typing as npt

from tradewinds.errors import TradewindsError

__all__ = [
    "Armington",
    "Flows",
    "General",
    "GeneralSolution",
    "InputOutput",
    "PathCase",
    "Sketches",
    "Solution",
    "Spatial",
    "SpatialSolution",
    "__version__",
    "adjusting",
    "aggregate_table",
    "attribution",
    "check_measure",
    "check_scenario",
    "decompose",
    "derivative",
    "draws",
    "exact_quantiles",
    "fit",
    "gravity_decay",
    "gravity_trade",
    "group_members",
    "group_names",
    "in_force",
    "invert",
    "load_solution",
    "measure_schema",
    "mix_prior",
    "near_countries",
    "read_baci",
    "read_oecd_icio",
    "resolve_countries",
    "scenario_from_json",
    "scenario_from_toml",
    "scenario_lines",
    "scenario_to_json",
    "scenario_to_toml",
    "score",
    "set_threads",
    "shapley_values",
    "solution_from_bytes",
    "solve_path",
    "table_of_arrays",
    "table_of_rows",
    "table_rows",
    "table_select",
    "threads",
    "with_adjusting",
]

__version__: str

_Codes = npt.NDArray[np.uint32]
_Numbers = npt.NDArray[np.float64]
_Horizon = tuple[_Numbers, _Numbers]
_Model = TypeVar("_Model", Armington, Spatial)
# exporters, importers, commodities, flows, value, trade, why the model does not take the measure
_Coverage = tuple[int, int, list[str], int, float, float, str | None]
_Answer = tuple[dict[str, Any], dict[str, str]]
# answers; converged, iterations and residual by draw and period; draw, period and reason of failures; rows left out
_Draws = tuple[_Numbers, npt.NDArray[np.bool_], npt.NDArray[np.uint32], _Numbers, list[tuple[int, int, str]], int]

@final
class Flows:
    def __new__(
        cls,
        *,
        countries: list[str],
        commodities: list[str],
        periods: list[str],
        modes: list[str] | None,
        currency: str,
        quantity_units: list[str],
        period: _Codes,
        commodity: _Codes,
        exporter: _Codes,
        importer: _Codes,
        mode: _Codes | None,
        value: _Numbers,
        quantity: _Numbers,
        duplicates: str,
    ) -> Flows: ...
    def __len__(self) -> int: ...
    @property
    def countries(self) -> list[str]: ...
    @property
    def commodities(self) -> list[str]: ...
    @property
    def periods(self) -> list[str]: ...
    @property
    def modes(self) -> list[str] | None: ...
    @property
    def currency(self) -> str: ...
    @property
    def quantity_units(self) -> list[str]: ...
    def table(self) -> _Answer: ...
    def with_domestic_sales(self) -> list[str]: ...
    def with_unit_values(self) -> tuple[Flows, npt.NDArray[np.bool_]]: ...
    def select_countries(self, terms: list[str], groups: dict[str, list[str]], day: str) -> list[int]: ...
    def select_commodities(self, terms: list[str]) -> list[int]: ...
    def filter(
        self, exporters: list[int], importers: list[int], commodities: list[int], periods: list[str]
    ) -> Flows: ...
    def last_day(self, periods: list[str]) -> str: ...
    def of_period(self, period: str) -> Flows: ...
    def dated(self, period: str) -> Flows: ...
    def shares(self, exporter: list[str], groups: dict[str, list[str]], period: str) -> _Answer: ...
    def aggregate(self, countries: list[str], commodities: list[str]) -> Flows: ...

@final
class General:
    @staticmethod
    def of_table(
        table: InputOutput,
        *,
        trade_elasticity: _Numbers,
        deficits: str,
        nests: tuple[float, float, float],
        period: str,
        currency: str,
        parts: list[tuple[str, int, int | None, int | None, float]],
    ) -> General: ...
    @staticmethod
    def of_flows(flows: Flows, *, period: str, trade_elasticity: _Numbers, deficits: str) -> General: ...
    @property
    def flows(self) -> Flows: ...
    @property
    def rebalanced(self) -> float: ...
    @property
    def has_tariffs(self) -> bool: ...
    def parts(self) -> _Answer: ...
    def solve(self, scenario: str, *, at: str | None, leave_out: bool) -> GeneralSolution: ...
    def solve_many(
        self, scenarios: list[str], *, at: str | None, leave_out: bool
    ) -> list[GeneralSolution | TradewindsError]: ...

@final
class GeneralSolution:
    def scenario(self) -> str: ...
    def settings(self) -> tuple[str | None, str]: ...
    def status(self) -> tuple[bool, int, float, str]: ...
    @property
    def left_out(self) -> list[str]: ...
    @property
    def without_effect(self) -> list[str]: ...
    @property
    def schedule_without_effect(self) -> int: ...
    def segments(self) -> list[tuple[tuple[str, str] | None, float, list[float]]]: ...
    def table(self, name: str) -> _Answer: ...
    def ask(self, question: str, against: GeneralSolution | None = None) -> _Answer: ...
    def welfare(self, *, by_sector: bool, first_order: bool, steps: int | None) -> _Answer: ...

@final
class InputOutput:
    def __new__(
        cls,
        *,
        countries: list[str],
        sectors: list[str],
        import_share: _Numbers,
        input_share: _Numbers,
        value_added_share: _Numbers,
        final_share: _Numbers,
        value_added: _Numbers,
        tariff_power: _Numbers | None,
        deficit: _Numbers | None,
    ) -> InputOutput: ...
    @property
    def countries(self) -> list[str]: ...
    @property
    def sectors(self) -> list[str]: ...
    @property
    def import_share(self) -> _Numbers: ...
    @property
    def input_share(self) -> _Numbers: ...
    @property
    def value_added_share(self) -> _Numbers: ...
    @property
    def final_share(self) -> _Numbers: ...
    @property
    def value_added(self) -> _Numbers: ...
    @property
    def tariff_power(self) -> _Numbers | None: ...
    @property
    def deficit(self) -> _Numbers | None: ...
    @property
    def adjustments(self) -> list[tuple[str, float, int, float]]: ...

@final
class Armington:
    def __new__(
        cls,
        flows: Flows,
        *,
        period: str,
        substitution: _Numbers,
        demand: _Numbers,
        supply: _Numbers,
        tariffs: tuple[_Codes, _Codes, _Codes, _Numbers] | None,
    ) -> Armington: ...
    @staticmethod
    def with_tariff_power(
        flows: Flows,
        *,
        period: str,
        substitution: _Numbers,
        demand: _Numbers,
        supply: _Numbers,
        tariff_power: _Numbers,
    ) -> Armington: ...
    @property
    def flows(self) -> Flows: ...
    @property
    def period(self) -> str: ...
    @property
    def elasticities(self) -> tuple[_Numbers, _Numbers, _Numbers]: ...
    @property
    def tariff_power(self) -> _Numbers | None: ...
    def solve(
        self, scenario: str, *, at: str | None, exposure: str, first_order: bool, leave_out: bool
    ) -> Solution: ...
    def solve_many(
        self, scenarios: list[str], *, at: str | None, exposure: str, first_order: bool, leave_out: bool
    ) -> list[Solution | TradewindsError]: ...
    def check(
        self, scenario: str, *, at: str | None
    ) -> tuple[list[_Coverage | TradewindsError], int | TradewindsError]: ...

@final
class Solution:
    def save(self, path: PathLike[str] | str, notes: str) -> None: ...
    def to_bytes(self, notes: str) -> bytes: ...
    @property
    def model(self) -> Armington: ...
    def scenario(self) -> str: ...
    def settings(self) -> tuple[str | None, int | None, str, str]: ...
    def status(self) -> tuple[bool, int, float, float, str]: ...
    @property
    def left_out(self) -> list[str]: ...
    @property
    def without_effect(self) -> list[str]: ...
    @property
    def schedule_without_effect(self) -> int: ...
    def segments(self) -> list[tuple[tuple[str, str] | None, float, list[float]]]: ...
    def table(self, name: str) -> _Answer: ...
    def ask(self, question: str, against: Solution | None = None) -> _Answer: ...

def attribution(
    solution: Solution, question: str, against: Solution | None, *, permutations: int | None, seed: int
) -> tuple[_Answer, _Answer | None] | list[str]: ...
def shapley_values(answers: _Numbers) -> _Numbers: ...
def decompose(before: Flows, after: Flows, *, method: str, by_commodity: bool) -> _Answer: ...
def invert(
    model: Armington, observed: Flows, *, period: str, normalisation: str, leave_out: bool
) -> tuple[_Answer, _Answer, int, float, float]: ...
def derivative(solution: Solution, question: str, against: Solution | None, parameters: str) -> _Answer: ...
def fit(
    model: Armington,
    scenario: str,
    question: str,
    against: Solution | None,
    *,
    at: str | None,
    column: str,
    rows: list[int],
    observed: _Numbers,
    weight: _Numbers,
    parameters: str,
    limits: list[tuple[float | None, float | None, float | None]],
) -> dict[str, Any]: ...

# name, commodity, routes, capacities with their first days, owner
_Facility = tuple[str, int, list[int], list[tuple[str | None, float]], int | None]
# commodity, country, "linear", intercept, slope, 0 or "isoelastic", price, quantity, elasticity
_Curve = tuple[int, int, str, float, float, float]

@final
class Spatial:
    @staticmethod
    def calibrated(
        flows: Flows,
        *,
        period: str,
        demand: _Numbers,
        supply: _Numbers,
        freight: _Numbers,
        facilities: list[_Facility],
        conduct: _Numbers,
        route_elasticity: _Numbers,
        straight: bool,
        price_level: list[float | None],
        tariffs: tuple[_Codes, _Codes, _Codes, _Numbers] | None,
    ) -> Spatial: ...
    @staticmethod
    def of_curves(
        flows: Flows,
        *,
        period: str,
        supply: list[_Curve],
        demand: list[_Curve],
        freight: _Numbers,
        facilities: list[_Facility],
        conduct: _Numbers,
    ) -> Spatial: ...
    @property
    def flows(self) -> Flows: ...
    @property
    def elasticities(self) -> tuple[_Numbers, _Numbers, _Numbers] | None: ...
    @property
    def has_tariffs(self) -> bool: ...
    @property
    def facilities(self) -> list[str]: ...
    def solve(self, scenario: str, *, at: str | None, leave_out: bool) -> SpatialSolution: ...
    def solve_many(
        self, scenarios: list[str], *, at: str | None, leave_out: bool
    ) -> list[SpatialSolution | TradewindsError]: ...

@final
class SpatialSolution:
    def save(self, path: PathLike[str] | str, notes: str) -> None: ...
    def to_bytes(self, notes: str) -> bytes: ...
    @property
    def model(self) -> Spatial: ...
    def scenario(self) -> str: ...
    def settings(self) -> tuple[str | None, str]: ...
    def status(self) -> tuple[bool, int, float, str, float]: ...
    @property
    def flows_unique(self) -> bool: ...
    @property
    def warnings(self) -> list[str]: ...
    @property
    def left_out(self) -> list[str]: ...
    @property
    def without_effect(self) -> list[str]: ...
    @property
    def schedule_without_effect(self) -> int: ...
    def segments(self) -> list[tuple[tuple[str, str] | None, float, list[float]]]: ...
    def table(self, name: str) -> _Answer: ...
    def ask(self, question: str, against: SpatialSolution | None = None) -> _Answer: ...
    def discount(self, exporter: list[str], reference: list[str] | None) -> _Answer: ...

@final
class PathCase:
    def __new__(cls, model: Armington | Spatial, scenario: str, *, periods: list[str], leave_out: bool) -> PathCase: ...
    def ask(self, question: str, against: Solution | SpatialSolution | None = None) -> _Answer: ...
    def draws(self, questions: list[tuple[str, Any]], uncertain: str, values: _Numbers) -> _Draws: ...

@final
class Sketches:
    def __new__(cls, cells: int) -> Sketches: ...
    def add(self, block: _Numbers) -> None: ...
    def quantiles(self, orders: list[float]) -> _Numbers: ...
    @property
    def error(self) -> float: ...
    @property
    def held(self) -> int: ...

def draws(
    solution: Solution | SpatialSolution,
    questions: list[tuple[str, Any]],
    uncertain: str,
    values: _Numbers,
) -> _Draws: ...
def exact_quantiles(draws: _Numbers, orders: list[float]) -> _Numbers: ...
def resolve_countries(names: list[str]) -> list[str | None]: ...
def near_countries(name: str) -> list[str]: ...
def group_names() -> list[str]: ...
def group_members(group: str, day: str) -> list[str] | None: ...
def read_baci(
    path: PathLike[str],
    *,
    years: list[int],
    products: list[str],
    commodities: list[tuple[str, list[str]]],
    exporters: list[str] | None,
    importers: list[str] | None,
    watcher: Callable[[int, int], None] | None,
) -> tuple[Flows, str | None, str | None]: ...
def read_oecd_icio(
    path: PathLike[str],
    *,
    year: int | None,
    inventories: str,
    negative_value_added: str,
    unit: str,
    watcher: Callable[[int, int], None] | None,
) -> tuple[tuple[InputOutput, _Answer], int | None]: ...
def table_of_arrays(
    *,
    countries: list[str],
    sectors: list[str],
    intermediate: _Numbers,
    final_demand: _Numbers,
    inventories: _Numbers | None,
    output: _Numbers | None,
    value_added: _Numbers | None,
    taxes: _Numbers | None,
    keep_inventories: str,
    negative_value_added: str,
    unit: str,
) -> tuple[InputOutput, _Answer]: ...
def table_of_rows(
    *,
    countries: list[str],
    sectors: list[str],
    exporter: _Codes,
    sector: _Codes,
    importer: _Codes,
    use_: _Codes,
    value: _Numbers,
    keep_inventories: str,
    negative_value_added: str,
    unit: str,
) -> tuple[InputOutput, _Answer]: ...
def table_rows(of: InputOutput, final_use: str, unit: str) -> _Answer: ...
def table_select(of: InputOutput, terms: list[str], groups: dict[str, list[str]], day: str | None) -> list[int]: ...
def aggregate_table(of: InputOutput, countries: list[str], sectors: list[str]) -> InputOutput: ...
def gravity_decay(flows: Flows, period: str, commodity: int, distance: _Numbers) -> float: ...
def gravity_trade(flows: Flows, period: str, commodity: int, kernel: _Numbers) -> _Numbers: ...
def mix_prior(
    flows: Flows, period: str, kernels: _Numbers, contestable: _Numbers, weight: float
) -> tuple[Flows, _Numbers]: ...
def load_solution(path: PathLike[str] | str) -> tuple[Solution | SpatialSolution, str]: ...
def solution_from_bytes(data: bytes) -> tuple[Solution | SpatialSolution, str]: ...
def score(
    members: _Numbers, before: _Numbers, observed: _Numbers
) -> tuple[
    tuple[list[float], list[tuple[float, float]], list[tuple[float, float]]],
    tuple[float, float, list[float], list[float]],
]: ...
def measure_schema() -> dict[str, Any]: ...
def check_measure(json: str) -> None: ...
def check_scenario(json: str) -> None: ...
def scenario_to_toml(json: str) -> str: ...
def scenario_lines(text: str) -> list[int]: ...
def scenario_to_json(json: str) -> str: ...
def scenario_from_toml(text: str, place: str) -> str: ...
def scenario_from_json(text: str, place: str) -> str: ...
def adjusting(model: Armington | Spatial) -> list[_Horizon | None]: ...
def in_force(scenario: str, periods: list[str]) -> list[tuple[str, list[float]]]: ...
def solve_path(
    model: Armington | Spatial,
    scenario: str,
    *,
    periods: list[str],
    leave_out: bool,
    watcher: Callable[[int, int], None] | None,
) -> list[Any]: ...
def with_adjusting(
    model: _Model, *, substitution: _Horizon | None, demand: _Horizon | None, supply: _Horizon | None
) -> _Model: ...
def threads() -> int: ...
def set_threads(threads: int) -> None: ...
