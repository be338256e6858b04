"""Would it have known: predictions from the year before against what happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from tradewinds import _core
from tradewinds.data.columns import Numbers
from tradewinds.data.flows import Flows, Period
from tradewinds.data.terms import Selector, terms
from tradewinds.errors import DataError, ModelError, TradewindsError
from tradewinds.evidence.baselines import NAIVE, Naive
from tradewinds.evidence.destinations import Destinations, amounts, summed
from tradewinds.evidence.scores import Backtest
from tradewinds.model.armington import Armington
from tradewinds.result.ask import Question
from tradewinds.result.result import Result
from tradewinds.scenario.scenario import Scenario

__all__ = ["Candidate", "backtest"]

#: A model, several that differ in what is not known, or what makes them for an origin.
Candidate = Armington | Sequence[Armington] | Callable[[Period], "Armington | Sequence[Armington]"]
Basis = Literal["value", "quantity"]

#: How many destinations are told apart where none are named.
_LARGEST = 10


def backtest(
    models: Mapping[str, Candidate],
    scenario: Scenario,
    observed: Flows,
    *,
    periods: Sequence[Period],
    question: Question,
    baselines: Sequence[str] = NAIVE,
    destinations: Mapping[str, Selector] | None = None,
    undisclosed: Selector | None = None,
    undisclosed_as: Literal["drop", "absorb"] = "drop",
    basis: Basis = "value",
    origins: Sequence[Period] | None = None,
    distance: Any = None,
    hindsight: Sequence[str] = (),
) -> Backtest:
    """Score predictions of an exporter's destination shares against what was observed.

    Each model stands on a year before the measures, is given the measures that came, and is asked
    where the exporter's sales go in each of ``periods``. Naive answers are scored beside it.

    Parameters
    ----------
    models : mapping of name to model
        An :class:`Armington`; a list of them, an ensemble whose mean is the prediction and whose
        quantiles are its bands; or, with ``origins``, a function from a period to either.
    scenario : Scenario
        The measures, with their dates: each period is solved with ``at=period``.
    observed : Flows
        What happened, in the models' unit.
    periods : list of int or str
    question : Question
        ``tw.ask("shares", exporter=...)``.
    baselines : list of {"none", "proportional", "gravity"}
        No change; what is closed spread over the other destinations in proportion; doubly
        constrained gravity on distance without the closed flows. One that has no solution, since a
        country loses every partner, is left out of the scores and named in ``notes``.
    destinations : mapping of name to selector, optional
        Importers to be told apart; all others are "rest". Not given: the ten that bought most in
        the observed period, over all commodities.
    undisclosed : selector, optional
        Importers whose purchases were not disclosed in ``periods``.
    undisclosed_as : {"drop", "absorb"}
        Leave them out of all shares, or count them in the rest, where nothing was observed of them.
    basis : {"value", "quantity"}
        What shares are of. The naive gravity has values only, spread at one price an exporter.
    origins : list of period, optional
        Baselines to start from in turn, for models that are functions.
    distance : as in :class:`Prior`
        For the baseline "gravity".
    hindsight : list of names
        Models with parameters chosen by looking at the outcome: the scores say so.

    Returns
    -------
    Backtest

    Raises
    ------
    DataError
        Observed flows in another unit or another HS revision than a model's, without one of the
        periods, without the exporter or a commodity of it; a period that is not after a model's;
        quantities that are not known, with ``basis="quantity"``; a destination or undisclosed
        partner that is neither in the observed flows nor in the model, nor a group.
    ModelError
        Another question, unknown baselines or names, no models, an ensemble without members.
    """
    _check(models, question, baselines, undisclosed_as, basis, hindsight)
    exporter = dict(question.arguments)["exporter"]
    rows: list[dict[str, Any]] = []
    notes: dict[str, str] = {}
    failures: dict[str, int] = {}
    for origin, candidates in _by_origin(models, origins):
        for period in periods:
            first = next(iter(candidates.values()))[0]
            for members in candidates.values():
                _same_data(members[0], observed, period)
            to = _destinations(destinations, undisclosed, undisclosed_as, observed, period, first, exporter)
            _same_commodities(first, observed, period)
            seen = _observed(observed, period, exporter, to, basis)
            naive = Naive(first, scenario, period, distance)
            before = _of_matrices(naive, "none", exporter, to, seen, basis)
            for name in baselines:
                try:
                    answer = before if name == "none" else _of_matrices(naive, name, exporter, to, seen, basis)
                except DataError as error:
                    notes[f"{name}, {first.period}→{period}"] = str(error)
                    continue
                rows += _scored(name, origin, period, {k: [a] for k, a in answer.items()}, before, seen, to)
            for name, members in candidates.items():
                predicted, failed = _predicted(members, scenario, period, exporter, to, basis)
                failures[name] = failures.get(name, 0) + failed
                rows += _scored(name, origin, period, predicted, before, seen, to)
    if not rows:
        raise DataError(f"nothing to score: no commodity of {exporter} is in the models and in the observed flows")
    kinds = {name: "naive" if name not in models else "frozen before" for name in [*baselines, *models]}
    kinds |= dict.fromkeys(hindsight, "calibrated in hindsight")
    return Backtest(rows, scenario.name, str(exporter), kinds, notes, {n: f for n, f in failures.items() if f})


def _check(
    models: Mapping[str, Candidate],
    question: Question,
    baselines: Sequence[str],
    undisclosed_as: str,
    basis: str,
    hindsight: Sequence[str],
) -> None:
    if not models:
        raise ModelError("there are no models to test; give a mapping of names to models")
    if not isinstance(question, Question) or question.name != "shares":
        raise ModelError(f"the question is {question!r}; a backtest scores tw.ask('shares', exporter=...)")
    unknown = [name for name in baselines if name not in NAIVE]
    if unknown:
        raise ModelError(f"there is no baseline '{unknown[0]}'; there are {', '.join(NAIVE)}")
    clash = [name for name in models if name in baselines]
    if clash:
        raise ModelError(f"'{clash[0]}' is the name of a baseline; call the model otherwise")
    for what, given, known in (
        ("undisclosed_as", undisclosed_as, ("drop", "absorb")),
        ("basis", basis, ("value", "quantity")),
    ):
        if given not in known:
            raise ModelError(f"{what} is {given!r}; expected {' or '.join(map(repr, known))}")
    strange = [name for name in hindsight if name not in models]
    if strange:
        raise ModelError(f"hindsight names '{strange[0]}', which is no model here; there are {', '.join(models)}")


def _by_origin(
    models: Mapping[str, Candidate], origins: Sequence[Period] | None
) -> Iterator[tuple[Period, dict[str, list[Armington]]]]:
    """Models by the period they stand on."""
    functions = [name for name, model in models.items() if callable(model)]
    if functions and origins is None:
        raise ModelError(f"'{functions[0]}' is a function of the baseline's period; say which with origins=[...]")
    if origins is not None and len(functions) < len(models):
        fixed = next(name for name in models if name not in functions)
        raise ModelError(f"'{fixed}' stands on one period; with origins= give a function from a period to a model")
    if origins is None:
        made = {name: _members(name, model) for name, model in models.items()}
        by_period: dict[Period, dict[str, list[Armington]]] = {}
        for name, members in made.items():
            by_period.setdefault(members[0].period, {})[name] = members
        yield from by_period.items()
        return
    for origin in origins:
        yield origin, {name: _members(name, model(origin)) for name, model in models.items() if callable(model)}


def _members(name: str, given: Any) -> list[Armington]:
    members = [given] if isinstance(given, Armington) else list(given)
    wrong = [member for member in members if not isinstance(member, Armington)]
    if wrong or not members:
        raise ModelError(
            f"'{name}' is {'an empty list' if not members else f'a {type(wrong[0]).__name__}'}; give models"
        )
    if len({str(member.period) for member in members}) > 1:
        raise ModelError(f"the members of '{name}' stand on different periods; give one ensemble for each")
    return members


def _same_data(model: Armington, observed: Flows, period: Period) -> None:
    for what in ("unit", "hs_revision"):
        mine, theirs = model.flows.attrs.get(what), observed.attrs.get(what)
        if mine != theirs and None not in (mine, theirs):
            raise DataError(
                f"the model's flows have the {what} {mine!r}, the observed ones {theirs!r}; convert one of them"
            )
    # Years, quarters, months and days sort as text: each begins with what it is part of.
    if not str(model.period) < str(period):
        raise DataError(f"the model stands on {model.period}, which is not before {period}; take an earlier baseline")


def _same_commodities(model: Armington, observed: Flows, period: Period) -> None:
    """What is only observed is not asked about; what is only in the model can't be scored."""
    seen = {observed.commodities[code] for code in np.unique(observed._at(period).table()[0]["commodity"][0])}
    missing = [name for name in model.flows.commodities if name not in seen]
    if missing:
        raise DataError(
            f"the observed flows of {period} have no {', '.join(missing)}, which the model has; give the model "
            f"flows.select(commodities=[...]) of those in both"
        )


def _destinations(
    given: Mapping[str, Selector] | None,
    undisclosed: Selector | None,
    undisclosed_as: Literal["drop", "absorb"],
    observed: Flows,
    period: Period,
    model: Armington,
    exporter: Selector,
) -> Destinations:
    if period not in observed.periods:
        raise DataError(
            f"the observed flows have no period {period}; they have {', '.join(map(str, observed.periods))}"
        )
    day = observed._core.last_day([str(period)])
    if given is None:
        given = {name: name for name in _largest(observed, period, exporter, day)}
    to = Destinations(dict(given), undisclosed, undisclosed_as, day)
    unknown = to.unknown([*observed.countries, *model.flows.countries])
    if unknown:
        raise DataError(
            f"'{unknown[0]}' is no group and buys nothing, neither in the observed flows nor in the model; "
            f"they have {', '.join(observed.countries[:8])}, …"
        )
    return to


def _largest(observed: Flows, period: Period, exporter: Selector, day: str) -> list[str]:
    core = observed._at(period)
    columns, _ = core.table()
    mine = np.isin(columns["exporter"][0], core.select_countries(terms(exporter), {}, day))
    bought = np.bincount(columns["importer"][0][mine], columns["value"][mine], minlength=len(core.countries))
    return [core.countries[place] for place in np.argsort(-bought, kind="stable")[:_LARGEST] if bought[place] > 0]


def _observed(
    observed: Flows, period: Period, exporter: Selector, to: Destinations, basis: Basis
) -> dict[str, Numbers]:
    core = observed._at(period)
    columns, _ = core.table()
    exporters = core.select_countries(terms(exporter), {}, to.day)
    return amounts(observed, columns, columns[basis], exporters, to)


def _of_matrices(
    naive: Naive, name: str, exporter: Selector, to: Destinations, seen: Mapping[str, Numbers], basis: Basis
) -> dict[str, Numbers]:
    """Amounts by destination of a naive answer, for commodities that were observed."""
    flows = naive.flows
    exporters = flows._core.select_countries(terms(exporter), {}, to.day)
    place = to.places(flows)
    kept = place >= 0
    found = {}
    for commodity in flows.commodities:
        if commodity in seen:
            matrix = naive.answer(name, commodity, basis)[exporters][:, kept]
            total = summed(place[kept], matrix.sum(axis=0), to)
            if total.sum() > 0:
                found[commodity] = total
    return found


def _predicted(
    members: Sequence[Armington],
    scenario: Scenario,
    period: Period,
    exporter: Selector,
    to: Destinations,
    basis: Basis,
) -> tuple[dict[str, list[Numbers]], int]:
    """Amounts by commodity and member, and how many members failed."""
    found: dict[str, list[Numbers]] = {}
    failed = 0
    for model in members:
        try:
            result = model.solve(scenario, at=period, unsupported="leave_out")
        except TradewindsError:
            if len(members) == 1:
                raise
            failed += 1
            continue
        for commodity, amount in _after(result, exporter, to, basis).items():
            found.setdefault(commodity, []).append(amount)
    return found, failed


def _after(result: Result, exporter: Selector, to: Destinations, basis: Basis) -> dict[str, Numbers]:
    columns, _ = result._core.table("flows")
    flows = result.model.flows
    exporters = flows._core.select_countries(terms(exporter), {}, to.day)
    return amounts(flows, columns, columns[f"{basis}_after"], exporters, to)


def _scored(
    name: str,
    origin: Period,
    period: Period,
    predicted: Mapping[str, Sequence[Numbers]],
    before: Mapping[str, Numbers],
    seen: Mapping[str, Numbers],
    to: Destinations,
) -> list[dict[str, Any]]:
    rows = []
    for commodity in predicted:
        if commodity not in seen or commodity not in before:
            continue
        members = np.array([_share(amount) for amount in predicted[commodity]])
        members = members[np.isfinite(members).all(axis=1)]
        start, end = _share(before[commodity]), _share(seen[commodity])
        if not len(members) or not np.isfinite(end).all():
            continue
        (mean, narrow, wide), (variation, hits, coverage, width) = _core.score(members, start, end)
        rows.append(
            {
                "model": name,
                "origin": origin,
                "period": period,
                "commodity": commodity,
                "members": len(members),
                "destination": to.names,
                "before": start,
                "predicted": mean,
                "observed": end,
                "narrow": narrow,
                "wide": wide,
                "total_variation": variation,
                "sign_hits": hits,
                "coverage": coverage,
                "width": width,
            }
        )
    return rows


def _share(amount: Numbers) -> Numbers:
    """Shares; missing where nothing is sold."""
    if not np.isfinite(amount).all():
        raise DataError("a quantity that is not known is among those to be scored; use basis='value'")
    total = amount.sum()
    return amount / total if total > 0 else np.full_like(amount, np.nan)
