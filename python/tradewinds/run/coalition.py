"""Who pays, coalition by coalition: the target's loss and the senders' cost of every subset of senders."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tradewinds import _core
from tradewinds.data.columns import Numbers
from tradewinds.data.table import frame
from tradewinds.data.terms import Selector, group_terms, terms
from tradewinds.errors import ModelError, ScenarioError
from tradewinds.model.model import Model
from tradewinds.result.ask import Question
from tradewinds.result.general import GeneralResult
from tradewinds.result.many import stack
from tradewinds.result.result import CHOKE
from tradewinds.scenario.scenario import Scenario

if TYPE_CHECKING:
    from tradewinds.data.flows import Flows, Period
    from tradewinds.result.result import Result
    from tradewinds.run.sweep import Sweep

__all__ = ["Coalition", "coalition"]

#: All subsets of up to so many members are solved.
_MOST = 12
_NOBODY = "nobody"
_AND = " + "


def coalition(
    model: Any,
    scenario: Scenario,
    *,
    target: Selector,
    members: Mapping[str, Selector] | Sequence[str],
    ask: Question | None = None,
    subsets: Sequence[Collection[str]] | None = None,
    at: Period | None = None,
) -> Coalition:
    """What a coalition costs its target and its members, for every subset of them.

    A member's measures are those whose ``sender`` is its name; a subset of members is the scenario with
    their measures and those of senders who are no members. All subsets are one sweep.

    Parameters
    ----------
    model : CaliendoParro, Gravity, Armington or Spatial
        Loss is that of real income at baseline income in general equilibrium (equivalent variation), else
        of surplus in the model's commodities.
    scenario : Scenario
        Every measure with a ``sender``.
    target : selector
        Countries whose loss is asked about.
    members : mapping of a sender's name to its countries, or list of names
        A name alone stands for the country or group of that name. Subsets are called by their members' names
        with " + " between them, and "nobody", so no member may be called so.
    ask : Question, optional
        Asked of every subset, see :attr:`Coalition.answers`.
    subsets : list of collections of names, optional
        Not given: all, of up to 12 members.
    at
        As in ``model.solve``.

    Returns
    -------
    Coalition

    Raises
    ------
    ScenarioError
        A measure without a sender, a schedule; unknown countries.
    ModelError
        No members, a member who sends nothing, a country on two sides, too many members; names in
        ``subsets`` that are no members; something else than a model, a scenario or a question.
    """
    _check_kinds(model, scenario, ask)
    names = [members] if isinstance(members, str) else members
    named = dict(names) if isinstance(names, Mapping) else {name: name for name in names}
    asked = _subsets(scenario, named, subsets)
    flows: Flows = model.flows
    parties = {name: _countries(flows, scenario, selector) for name, selector in named.items()}
    sides = {"the target": _countries(flows, scenario, target), **parties}
    for (one, mine), (other, theirs) in itertools.combinations(sides.items(), 2):
        both = [flows.countries[place] for place in mine if place in theirs]
        if both:
            raise ModelError(f"{both[0]} is in {one} and in {other}; name each country once")
    scenarios = {_name(subset): _of(scenario, named, subset) for subset in asked}
    with warnings.catch_warnings():
        # What is finished of an interrupted sweep is no coalition.
        warnings.simplefilter("ignore", RuntimeWarning)
        solved = model.sweep(scenarios, at=at, progress=False)
    if solved.partial:
        raise KeyboardInterrupt
    return Coalition(solved, target, sides["the target"], parties, asked, ask)


class Coalition:
    """Subsets of senders, solved: :attr:`outcomes`, :attr:`contributions`, :meth:`transfers`, :meth:`plot`.

    Attributes
    ----------
    sweep : Sweep
        The results, by the names in :attr:`outcomes`.
    """

    def __init__(
        self,
        sweep: Sweep,
        target: Selector,
        target_places: list[int],
        members: Mapping[str, list[int]],
        subsets: Sequence[tuple[str, ...]],
        ask: Question | None,
    ) -> None:
        self.sweep = sweep
        self.target = target
        self.members = list(members)
        self._target = target_places
        self._places = dict(members)
        self._subsets = list(subsets)
        self._ask = ask

    @cached_property
    def _losses(self) -> dict[str, Numbers]:
        """By subset: what each country loses, in money."""
        return {name: _losses(result) for name, result in self.sweep.results.items()}

    def _of(self, name: str, places: Sequence[int]) -> float:
        losses = self._losses.get(name)
        return float("nan") if losses is None else float(losses[list(places)].sum())

    @cached_property
    def outcomes(self) -> Any:
        """A row a subset: ``coalition, members, target_loss, senders_cost, others_cost, cost_ratio, unit,
        converged, reason``.

        Money a year, positive is a loss; ``senders_cost`` is that of the members in the subset, others are
        all but these and the target. ``cost_ratio`` is senders' cost over target's loss, missing unless
        both lose. In general equilibrium also ``target_loss_percent`` and ``senders_cost_percent``, of
        baseline income.
        """
        import pandas as pd

        incomes = self._incomes
        everyone = range(len(self.sweep.model.flows.countries))
        status = self.sweep.status.set_index("scenario")
        rows = []
        for subset in self._subsets:
            name, senders = _name(subset), self._senders(subset)
            others = [place for place in everyone if place not in senders and place not in self._target]
            loss, cost = self._of(name, self._target), self._of(name, senders)
            row = {
                "coalition": name,
                "members": len(subset),
                "target_loss": loss,
                "senders_cost": cost,
                "others_cost": self._of(name, others),
                "cost_ratio": cost / loss if loss > 0 and cost > 0 else float("nan"),
            }
            if incomes is not None:
                row["target_loss_percent"] = 100 * loss / incomes[self._target].sum()
                row["senders_cost_percent"] = 100 * cost / incomes[senders].sum() if senders else 0.0
            row |= {"unit": self._unit, "converged": name in self._losses, "reason": status["reason"][name]}
            rows.append(row)
        return pd.DataFrame(rows)

    @cached_property
    def contributions(self) -> Any:
        """What each member adds: ``member, target_loss, alone, last, own_cost, unit``.

        ``target_loss`` is the Shapley value: what the member adds to the target's loss, averaged over all
        orders in which the members could join; the values add up to the loss under all members less that
        under none. ``alone`` is what it adds to nobody, ``last`` to all others; ``own_cost`` what it pays
        with all members.

        Raises
        ------
        ModelError
            Not all subsets were asked for, or one was not solved.
        """
        import pandas as pd

        unit = self._unit
        order = _all(self.members)
        missing = [_name(subset) for subset in order if _name(subset) not in self._losses]
        if missing:
            raise ModelError(f"the contributions need every subset, and '{missing[0]}' was not asked for or not solved")
        loss = {_name(subset): self._of(_name(subset), self._target) for subset in order}
        values = _core.shapley_values(np.array([[loss[_name(subset)]] for subset in order]))[:, 0]
        everyone = tuple(self.members)
        rows = [
            {
                "member": member,
                "target_loss": value,
                "alone": loss[member] - loss[_NOBODY],
                "last": loss[_name(everyone)] - loss[_name(tuple(name for name in everyone if name != member))],
                "own_cost": self._of(_name(everyone), self._places[member]),
                "unit": unit,
            }
            for member, value in zip(self.members, values, strict=True)
        ]
        return pd.DataFrame(rows)

    def transfers(self, members: Collection[str] | None = None, *, weights: Mapping[str, float] | None = None) -> Any:
        """Payments that make all members bear alike: ``member, weight, cost, burden, transfer, burden_after,
        unit``.

        Parameters
        ----------
        members : collection of names, optional
            The subset that imposes; all if not given.
        weights : mapping of a member to a number above 0, optional
            What the burden is relative to. Not given: baseline income in general equilibrium, else 1 each.

        Returns
        -------
        dataframe
            ``transfer`` is received, negative is paid; they add up to 0. ``burden`` is cost over weight.

        Raises
        ------
        ModelError
            A subset that was not asked for or not solved; weights that are missing or not above 0.
        """
        import pandas as pd

        subset = tuple(self.members) if members is None else _ordered(members, self.members)
        name = _name(subset)
        if name not in self._losses or not subset:
            raise ModelError(f"the coalition '{name}' was not asked for, or not solved, or is nobody")
        weight = np.array([self._weight(member, weights) for member in subset])
        wrong = np.flatnonzero(~((weight > 0) & np.isfinite(weight)))
        if len(wrong):
            raise ModelError(f"the weight of {subset[wrong[0]]} is {weight[wrong[0]]}; expected a number above 0")
        cost = np.array([self._of(name, self._places[member]) for member in subset])
        burden = float(cost.sum() / weight.sum())
        columns = {
            "member": list(subset),
            "weight": weight,
            "cost": cost,
            "burden": cost / weight,
            "transfer": cost - burden * weight,
            "burden_after": burden,
            "unit": self._unit,
        }
        return pd.DataFrame(columns)

    @cached_property
    def answers(self) -> Any:
        """The question ``ask``, with a leading column ``coalition``.

        Raises
        ------
        ModelError
            No question was given.
        """
        if self._ask is None:
            raise ModelError("no question was given; use ask=tw.ask('share_shift', ...)")
        ask = self._ask
        return stack({name: ask(result) for name, result in self.sweep.results.items()}, "coalition")

    def plot(self, *, ax: Any = None) -> Any:
        """The target's loss against the senders' cost, a point a subset; needs matplotlib."""
        from tradewinds.view.plot.coalition import draw

        target = " ".join(terms(self.target))
        return draw(self.outcomes, f"What {target} loses and what the senders pay", ax)

    def _senders(self, subset: tuple[str, ...]) -> list[int]:
        return [place for member in subset for place in self._places[member]]

    def _weight(self, member: str, given: Mapping[str, float] | None) -> float:
        if given is not None:
            if member not in given:
                raise ModelError(f"weights has no {member}; give a number for every member")
            return float(given[member])
        incomes = self._incomes
        return 1.0 if incomes is None else float(incomes[self._places[member]].sum())

    @cached_property
    def _incomes(self) -> Numbers | None:
        """Baseline incomes by country; none in partial equilibrium."""
        first = next(iter(self.sweep.results.values()), None)
        return _columns(first, "real_income")["income_before"] if isinstance(first, GeneralResult) else None

    @property
    def _unit(self) -> str:
        return str(self.sweep.model.flows._core.currency)

    def __repr__(self) -> str:
        return (
            f"<tradewinds.Coalition against {' '.join(terms(self.target))}: {', '.join(self.members)}; "
            f"{len(self.sweep.results)} of {len(self._subsets)} subsets solved>"
        )


def _check_kinds(model: Any, scenario: Any, ask: Any) -> None:
    for name, given, kinds in (
        ("model", model, (Model,)),
        ("scenario", scenario, (Scenario,)),
        ("ask", ask, (Question, type(None))),
    ):
        if not isinstance(given, kinds):
            expected = "tw.ask('share_shift', ...)" if kinds[0] is Question else f"a {kinds[0].__name__}"
            raise ModelError(f"{name} is a {type(given).__name__}; expected {expected}")


def _subsets(
    scenario: Scenario, members: Mapping[str, Selector], given: Sequence[Collection[str]] | None
) -> list[tuple[str, ...]]:
    if not members:
        raise ModelError("there are no members; name at least one sender of the scenario's measures")
    for name in members:
        if name == _NOBODY or _AND in name:
            raise ModelError(
                f"a member is called '{name}', which reads as a subset of members; call the sender something else, in "
                "its measures too"
            )
    senders = [measure.sender for measure in scenario.measures]
    for label, sender in zip(scenario.labels, senders, strict=True):
        if sender is None:
            raise ScenarioError(
                f"the measure '{label}' has no sender, so it belongs to nobody; give it sender='...', one of "
                f"{', '.join(members)} or another"
            )
    if scenario.schedule:
        raise ScenarioError("the rows of a schedule have no sender, so they belong to nobody; write them as measures")
    idle = [name for name in members if name not in senders]
    if idle:
        raise ModelError(f"'{idle[0]}' sends no measure; the senders are {', '.join(dict.fromkeys(map(str, senders)))}")
    if given is None:
        if len(members) > _MOST:
            raise ModelError(f"{len(members)} members have 2^{len(members)} subsets; name those to solve with subsets=")
        return _all(members)
    return list(dict.fromkeys(_ordered(subset, members) for subset in given))


def _all(members: Collection[str]) -> list[tuple[str, ...]]:
    """All subsets, the one of bits b at place b."""
    names = list(members)
    return [tuple(name for m, name in enumerate(names) if bits >> m & 1) for bits in range(1 << len(names))]


def _ordered(subset: Collection[str], members: Collection[str]) -> tuple[str, ...]:
    given = [subset] if isinstance(subset, str) else list(subset)
    strange = [name for name in given if name not in members]
    if strange:
        raise ModelError(f"'{strange[0]}' is no member; the members are {', '.join(members)}")
    return tuple(name for name in members if name in given)


def _name(subset: Collection[str]) -> str:
    return _AND.join(subset) or _NOBODY


def _of(scenario: Scenario, members: Mapping[str, Selector], subset: tuple[str, ...]) -> Scenario:
    kept = [m for m in scenario.measures if m.sender in subset or m.sender not in members]
    return replace(scenario, name=f"{scenario.name}: {_name(subset)}", measures=tuple(kept))


def _countries(flows: Flows, scenario: Scenario, selector: Selector) -> list[int]:
    return flows._core.select_countries(terms(selector), group_terms(scenario.groups), flows._last_day())


def _columns(result: Result, table: str) -> dict[str, Any]:
    columns, _ = result._core.table(table)
    return columns


def _losses(result: Result) -> Numbers:
    """By country of the flows, in money; positive is a loss."""
    if isinstance(result, GeneralResult):
        columns = _columns(result, "real_income")
        found: Numbers = -columns["real_income"] / 100 * columns["income_before"]
        return found
    welfare = frame(result._answer("welfare", by="country", choke=CHOKE)).set_index("country")["total"]
    lost: Numbers = -welfare.reindex(result.model.flows.countries).fillna(0.0).to_numpy()
    return lost
