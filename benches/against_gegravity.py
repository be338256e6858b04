"""20 draws of a sanction among 30 countries in one-sector general equilibrium: gegravity's Monte Carlo and ours.

    pip install gegravity
    python benches/against_gegravity.py

A random world without deficits (seed 1): trade costs of distance and of borders, and one country's exports hit by a
cost whose gravity coefficient is drawn. gegravity makes a baseline of its own from outputs and costs; its flows are
our baseline. What is drawn is the same: its 20 coefficients are the values of our uncertain size of a measure.

gegravity's "full GE" solves multilateral resistances at the baseline's shares of output and spending and reads
factory-gate prices off them: incomes do not feed back. Its answers can therefore be held against that system alone,
ours against the equilibrium in which they do; both are solved here once more, in numpy.
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import gegravity
import numpy as np
import numpy.typing as npt
import pandas as pd

import tradewinds as tw
from tradewinds.evidence.sample import Sampling, inputs_of
from tradewinds.run.plan import Plan

N, DRAWS, SIGMA, RUNS = 30, 20, 5.0, 15
COEFFICIENTS = pd.DataFrame({"name": ["distance", "border", "sanction"], "value": [-0.8, -2.0, -1.0]})
DEVIATION = 0.25
SANCTIONED = "C01"
INCOME = tw.ask("real_income")
Numbers = npt.NDArray[np.float64]


def world() -> pd.DataFrame:
    random = np.random.default_rng(1)
    output, place = 1e5 * np.exp(random.normal(size=N)), random.random((N, 2))
    distance = 300 + 5000 * np.linalg.norm(place[:, None] - place, axis=2)
    exporter, importer = (axis.ravel() for axis in np.indices((N, N)))
    names = np.array([f"C{i:02d}" for i in range(N)])
    columns = {"exporter": names[exporter], "importer": names[importer], "year": "2021", "trade": 1.0}
    sizes = {"output": output[exporter], "spending": output[importer]}
    costs = {"distance": np.log(distance.ravel()), "border": (exporter != importer) * 1.0, "sanction": 0.0}
    return pd.DataFrame({**columns, **sizes, **costs})


def theirs(given: pd.DataFrame) -> tuple[Any, float, float]:
    """The Monte Carlo after its trials, and the seconds that it took, by the clock and of the processor."""
    variance = pd.DataFrame(np.diag([0, 0, DEVIATION**2]), COEFFICIENTS.name, COEFFICIENTS.name)
    estimates = COEFFICIENTS.assign(error=np.sqrt(np.diag(variance)))
    costs = gegravity.CostCoeffs(estimates, "name", "value", stderr_col="error", covar_matrix=variance)
    named = {"trade_var_name": "trade", "expend_var_name": "spending", "output_var_name": "output"}
    baseline = gegravity.BaselineData(given, **named)
    hit = (given.exporter == SANCTIONED) & (given.importer != SANCTIONED)
    start, used = time.perf_counter(), time.process_time()
    model = gegravity.MonteCarloGE(
        baseline,
        year="2021",
        trials=DRAWS,
        sigma=SIGMA,
        reference_importer="C00",
        cost_variables=list(COEFFICIENTS.name),
        cost_coeff_values=costs,
        allow_singular_covar=True,
    )
    # Outward resistances are of another size than inward ones: at a scale of 1 or 100 stages stay unsolved.
    model.run_trials(given.assign(sanction=hit * 1.0), omr_rescale=1000, quiet=True, all_results=True)
    return model, time.perf_counter() - start, time.process_time() - used


def flows(model: Any) -> pd.DataFrame:
    """Its modelled baseline, which the coefficient of the sanction does not move."""
    found = model.trial_models[0].bilateral_trade_results[0, "baseline modeled trade"].rename("value").reset_index()
    return found.assign(commodity="goods")


def gravity(frame: pd.DataFrame) -> tw.Gravity:
    given = tw.Flows.from_frame(frame, countries="as_is")
    return tw.Gravity(given, period=2021, trade_elasticity=SIGMA - 1)


def sanction(change: Any) -> tw.Scenario:
    cost = tw.TradeCost(exporters=SANCTIONED, importers=["*", f"!{SANCTIONED}"], change=change, name="sanction")
    return tw.Scenario("sanction", [cost])


def seconds(work: Callable[[], object], runs: int = RUNS) -> list[float]:
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return taken


def frozen(value: Numbers, kept: Numbers) -> Numbers:
    """Real income hats where outputs and spending stay those of the baseline: rows and columns scaled to them."""
    rows, columns = value.sum(1), value.sum(0)
    u, v = np.ones(N), np.ones(N)
    for _ in range(5000):
        u = rows / (value * kept @ v)
        v = columns / ((value * kept).T @ u)
    return u ** (1 / (1 - SIGMA)) / v ** (1 / (SIGMA - 1))


def equilibrium(value: Numbers, kept: Numbers) -> Numbers:
    """Real income hats of the exact system, by the plainest iteration."""
    output, spending, wage = value.sum(1), value.sum(0), np.ones(N)
    share = value / spending * kept
    for _ in range(20_000):
        power = share * wage[:, None] ** (1 - SIGMA)
        price = power.sum(0) ** (1 / (1 - SIGMA))
        sold = (power / power.sum(0)) @ (wage * spending)
        wage = wage * (sold / (wage * output)) ** (1 / SIGMA)
        wage /= (wage * output).sum() / output.sum()
    return wage / price


def main() -> None:
    warnings.simplefilter("ignore")
    model, slow, used = theirs(world())
    solved = [trial for trial in range(DRAWS) if trial not in model.failed_trials]
    ended = [stage.success for stages in model.solver_diagnostics.values() for stage in stages.values()]
    print(
        f"gegravity: {slow:.1f} s, of the processor {used:.1f} s; {model.num_failed_trials} of {DRAWS} trials failed, "
        f"{ended.count(False)} of {len(ended)} stages unsolved"
    )

    frame = flows(model)
    coefficients = model.coeff_sample.set_index("name").loc["sanction"].to_numpy(float)
    changes = np.exp(-coefficients / (SIGMA - 1)) - 1
    scenario = sanction(tw.empirical(list(changes)))
    market = gravity(frame)
    grid = tw.grid(sanction(0.0), {"sanction.change": list(changes)})

    def sample(method: str) -> Any:
        return market.sample(scenario, DRAWS, ask=INCOME, method=method)

    drawn = tuple(inputs_of(market, scenario))
    work = Sampling(market.solve(scenario), [INCOME], drawn)
    values = next(Plan(drawn, DRAWS, 0, "random").blocks([(0, DRAWS)]))
    timed: dict[str, Callable[[], object]] = {
        "sample(method='random')": lambda: sample("random"),
        "sample(), Sobol' sequence": lambda: sample("sobol"),
        "flows, model and sample": lambda: gravity(frame).sample(scenario, DRAWS, ask=INCOME, method="random"),
        "the draws alone": lambda: work(values),
        "the same sizes as a sweep, without a question": lambda: market.sweep(grid),
    }
    before = tw.threads()
    for threads in (1, 2):
        tw.threads(threads)
        for name, what in timed.items():
            what()
            taken = seconds(what)
            middle, best = statistics.median(taken), min(taken)
            # Its processor time, so that other work on the machine does not count for us.
            ratio = f"gegravity / ours {used / middle:,.0f} ({used / best:,.0f})"
            print(f"{threads} thread(s), {name}: median (best) {1e3 * middle:.2f} ({1e3 * best:.2f}) ms, {ratio}")
    tw.threads(before)

    # The same sizes one by one; real income in percent, countries by draws.
    sweep = market.sweep(grid)
    assert sweep.status.converged.all()
    ours = sweep.real_income.real_income.to_numpy().reshape(DRAWS, N).T
    value = frame.pivot(index="exporter", columns="importer", values="value").to_numpy()
    away = int(SANCTIONED[1:])
    true, still = np.empty((N, DRAWS)), np.empty((N, DRAWS))
    for draw, coefficient in enumerate(coefficients):
        kept = np.ones((N, N))
        kept[away] = np.exp(coefficient)
        kept[away, away] = 1.0
        true[:, draw] = 100 * (equilibrium(value, kept) - 1)
        still[:, draw] = 100 * (frozen(value, kept) - 1)
    found = np.column_stack(
        [one.country_results["GDP change (percent)"].sort_index().to_numpy(float) for one in model.trial_models]
    )
    others = np.arange(N) != away
    print(f"ours against the equilibrium: {np.abs(ours - true).max():.1e} points at most, {DRAWS} draws")
    print(f"gegravity against its frozen system: {np.abs(found - still[:, solved]).max():.1e} points at most")
    for name, rows in ((SANCTIONED, [away]), ("others", others)):
        wrong = np.abs(found - true[:, solved])[rows]
        print(
            f"gegravity against the equilibrium, {name}: {wrong.max():.3f} points at most, {wrong.mean():.3f} in the "
            f"mean, of {np.abs(true[rows]).max():.3f} at most; correlation "
            f"{np.corrcoef(found[rows].ravel(), true[:, solved][rows].ravel())[0, 1]:.4f}"
        )


if __name__ == "__main__":
    main()
