"""Bundled episodes: what sanctions did to an exporter's sales, and what the model says of it from the year before."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from tradewinds.data.flows import Flows
from tradewinds.errors import DataError, ModelError
from tradewinds.evidence.backtest import Basis, Candidate, backtest
from tradewinds.evidence.baselines import NAIVE
from tradewinds.evidence.frozen import candidates
from tradewinds.evidence.scores import Backtest
from tradewinds.result.ask import ask
from tradewinds.scenario.scenario import Scenario

__all__ = ["Episode", "Episodes", "episodes"]

DATASET = "episodes"


@dataclass(frozen=True)
class Episode:
    """An exporter that lost buyers: the year before, the measures that came, and the years after.

    ``readings`` names answers to who may not buy, each a list of entries of :data:`tradewinds.catalogue`.
    """

    key: str
    title: str
    exporter: str
    commodity: str
    origin: int
    periods: tuple[int, ...]
    destinations: Mapping[str, str]
    undisclosed: tuple[str, ...]
    readings: Mapping[str, tuple[str, ...]]
    note: str

    @property
    def flows(self) -> Flows:
        """The bundled flows of the commodity, in all years."""
        return _flows(self.commodity)

    @property
    def filled_flows(self) -> Flows:
        """The same with every quantity, see :meth:`Flows.fill_quantities`.

        Raises
        ------
        DataError
            A commodity of which no quantity is known.
        """
        return _filled(self.commodity)

    @property
    def filled(self) -> float:
        """What share of the exporter's sales in the episode's years has a filled quantity."""
        frame = self.flows.select(exporters=self.exporter, periods=[self.origin, *self.periods]).to_frame()
        return float(frame.loc[frame["quantity"].isna(), "value"].sum() / frame["value"].sum())

    def scenario(self, reading: str | None = None) -> Scenario:
        """The measures on the episode's commodity; the first reading if none is named.

        Raises
        ------
        ModelError
            No such reading.
        """
        from tradewinds.datasets.catalogue import catalogue

        name = reading or next(iter(self.readings))
        if name not in self.readings:
            raise ModelError(f"'{self.key}' has no reading '{name}'; it has {', '.join(self.readings)}")
        entries = [measure for key in self.readings[name] for measure in catalogue[key].measures]
        mine = [measure for measure in entries if self.commodity in measure.commodities]
        return Scenario(f"{self.title} ({name})", [replace(m, commodities=(self.commodity,)) for m in mine])

    def backtest(
        self,
        models: Mapping[str, Candidate] | None = None,
        *,
        reading: str | None = None,
        basis: Basis = "value",
        hindsight: tuple[str, ...] = (),
    ) -> Backtest:
        """Score models against what was observed; the frozen ones if none are given.

        With ``basis="quantity"`` unknown quantities are filled first, in the baseline and in what was
        observed: :attr:`filled_flows`.

        Raises
        ------
        DataError, ModelError
            See :func:`tradewinds.backtest`.
        """
        filled = basis == "quantity"
        return backtest(
            models or _candidates(self.commodity, self.origin, filled),
            self.scenario(reading),
            self.filled_flows if filled else self.flows,
            periods=self.periods,
            question=ask("shares", exporter=self.exporter),
            baselines=NAIVE,
            destinations=self.destinations,
            undisclosed=self.undisclosed,
            basis=basis,
            hindsight=hindsight,
        )


class Episodes(Mapping[str, Episode]):
    """The bundled episodes by name, read-only: ``tw.episodes["russia-crude"].backtest()``.

    All flows are in ``tw.datasets.load("episodes")``; the parameters with which the episodes are
    scored were written down before these scores were computed; ``frozen.toml`` says what had been
    seen by then.
    """

    @cached_property
    def _entries(self) -> dict[str, Episode]:
        content = tomllib.loads(files("tradewinds.evidence").joinpath("episodes.toml").read_text(encoding="utf-8"))
        return {key: _episode(key, entry) for key, entry in content.items() if key != "format"}

    def __getitem__(self, key: str) -> Episode:
        if key not in self._entries:
            near = difflib.get_close_matches(str(key), self._entries, 1, 0.4)
            hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(self)}"
            raise UnknownEpisodeError(f"there is no episode '{key}'; {hint}")
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def scores(self, *, basis: Basis = "value") -> Any:
        """The scores of all episodes and readings, as :attr:`Backtest.scores` with ``episode, reading, basis``.

        ``basis="quantity"`` fills unknown quantities by :meth:`Flows.fill_quantities`; ``filled`` is the
        share of the exporter's sales that this touches. Episodes of commodities without any quantity are
        left out, and named in ``attrs["left_out"]``.
        """
        import pandas as pd

        parts, left_out = [], []
        for key, episode in self.items():
            if basis == "quantity" and not _measured(episode):
                left_out.append(key)
                continue
            filled = episode.filled if basis == "quantity" else 0.0
            for reading in episode.readings:
                scores = episode.backtest(reading=reading, basis=basis).scores
                parts.append(scores.assign(episode=key, reading=reading, basis=basis, filled=filled))
        whole = pd.concat(parts, ignore_index=True)
        whole.attrs["left_out"] = left_out
        leading = ["episode", "reading", "basis", "filled"]
        return whole[[*leading, *(name for name in whole.columns if name not in leading)]]

    def bands(self, *, model: str = "default", nominal: float = 0.9) -> Any:
        """Bands as wide as the model was wrong elsewhere: for each episode, in the others.

        The half-width is the ``nominal`` quantile of the absolute errors of ``model`` over all
        destinations and years of the other episodes, each under its first reading (the jackknife of
        Quenouille over episodes; split conformal prediction where episodes are exchangeable). An
        ensemble's own bands only say how far specifications disagree; these say how far all of them
        are from what happened. The other episodes may be later ones.

        Returns
        -------
        dataframe
            ``episode, period, destination, before, predicted, observed, low, high, covered``; ``attrs``
            has ``coverage``, the share of rows covered, and ``width``, the mean width.

        Raises
        ------
        ModelError
            No such model among the frozen ones.
        """
        import pandas as pd

        whole = pd.concat([episode.backtest().frame.assign(episode=key) for key, episode in self.items()])
        mine = whole[whole["model"] == model].reset_index(drop=True)
        if mine.empty:
            raise ModelError(
                f"there is no frozen model '{model}'; there are {', '.join(dict.fromkeys(whole['model']))}"
            )
        error = (mine["observed"] - mine["predicted"]).abs()
        half = mine["episode"].map({key: error[mine["episode"] != key].quantile(nominal) for key in self})
        found = mine[["episode", "period", "destination", "before", "predicted", "observed"]].assign(
            low=(mine["predicted"] - half).clip(lower=0.0), high=(mine["predicted"] + half).clip(upper=1.0)
        )
        found["covered"] = found["observed"].between(found["low"], found["high"])
        found.attrs.update(coverage=float(found["covered"].mean()), width=float((found["high"] - found["low"]).mean()))
        return found

    def __repr__(self) -> str:
        width = max(map(len, self))
        lines = [
            f"  {key:<{width}}  {episode.title}, {episode.origin} → {episode.periods[-1]}"
            for key, episode in self.items()
        ]
        return "\n".join([f"<tradewinds.Episodes: {len(self)} episodes>", *lines])


class UnknownEpisodeError(DataError, KeyError):
    """No such episode."""

    def __str__(self) -> str:
        return str(self.args[0])


def _episode(key: str, entry: Mapping[str, Any]) -> Episode:
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
    given["readings"] = {name: tuple(keys) for name, keys in entry["readings"].items()}
    return Episode(key=key, **given)


@cache
def _flows(commodity: str) -> Flows:
    from tradewinds.datasets.load import load

    return load(DATASET).select(commodities=commodity)


@cache
def _filled(commodity: str) -> Flows:
    return _flows(commodity).fill_quantities()


@cache
def _candidates(commodity: str, origin: int, filled: bool) -> Mapping[str, Candidate]:
    return candidates(_filled(commodity) if filled else _flows(commodity), origin)


def _measured(episode: Episode) -> bool:
    """Whether there are quantities to fill the others from."""
    return bool(episode.flows.to_frame()["quantity"].notna().any())


episodes = Episodes()
