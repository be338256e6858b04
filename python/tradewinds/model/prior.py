"""Priors: what flows that did not exist might be, mixed into the baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

import numpy as np

from tradewinds import _core
from tradewinds.data.columns import Numbers, encode, names_of, numbers, open_frame, require
from tradewinds.data.flows import Flows, Period
from tradewinds.errors import DataError, ModelError
from tradewinds.extras import extra
from tradewinds.model.parameters import by_country

__all__ = ["Applied", "Prior"]

#: Weights between which an answer should be shown: nothing is known of it before the fact.
BAND = (0.0, 1.0)
_COVARIATES = ("contiguous", "common_language", "colony")


@dataclass(frozen=True, kw_only=True, eq=False)
class Prior:
    """A gravity prediction G mixed into a baseline V: V^p = (1 − w) V + w G, pair by pair.

    Sanctions make flows that did not exist, and a share model gives a flow that is absent nothing.
    The prediction is scaled to V's margins, so every exporter and importer trades as much as was
    observed; domestic sales stay. The model then stands on V^p: ``value_observed`` stands beside
    ``value_before`` in :attr:`Result.flows`, and a scenario without measures still changes nothing.

    Parameters
    ----------
    kind : {"distance", "ppml"}
        "distance": doubly constrained gravity, exp(−θ d) (Wilson 1967). "ppml": Poisson
        pseudo-maximum likelihood on log distance, contiguity, language and colony, with exporter and
        importer effects, over all pairs (Santos Silva & Tenreyro 2006), by pyfixest (the extra
        ``prior``); fitted to the baseline of each commodity.
    weight : float
        w in 0 to 1. What it should be is not known before the fact: show answers between both ends
        (:meth:`Armington.with_prior_weight`). 0 is no prior.
    distance : {"sea", "great_circle"} or dataframe, optional
        "sea": the bundled sea distances for crude and coal, great circles for other commodities. Not
        given: "sea" with kind "distance", "great_circle" with "ppml", which takes the log.
        A frame has ``exporter, importer, distance`` and optionally ``commodity``; with "ppml" also
        ``contiguous, common_language, colony`` (0 or 1) where these are to be used.
    decay : number or mapping by commodity, optional
        θ, per 1,000 of the distance's unit. Not given: set so that goods travel as far on average in
        G as they did in the baseline (Hyman 1969).
    contestable : number, mapping or frame
        Share φ of an exporter's sales that G may move, in 0 to 1, by commodity or by commodity and
        country, as elasticities are given (a frame has the column ``contestable``).

    Raises
    ------
    ModelError
        A weight, decay or kind that there is not.
    """

    kind: Literal["distance", "ppml"] = "distance"
    weight: float = 0.5
    distance: Any = None
    decay: float | Mapping[str, float] | None = None
    contestable: Any = 1.0

    def __post_init__(self) -> None:
        if self.kind not in ("distance", "ppml"):
            raise ModelError(f"kind is {self.kind!r}; expected 'distance' or 'ppml'")
        if not 0 <= self.weight <= 1:
            raise ModelError(f"weight is {self.weight}; expected a number between 0 (no prior) and 1")
        if self.distance is None:
            object.__setattr__(self, "distance", "sea" if self.kind == "distance" else "great_circle")
        if isinstance(self.distance, str) and self.distance not in ("sea", "great_circle"):
            raise ModelError(f"distance is {self.distance!r}; expected 'sea', 'great_circle' or a frame")
        if self.kind == "ppml" and self.decay is not None:
            raise ModelError("decay is of kind 'distance'; a fit by 'ppml' finds its own, leave it out")

    def at(self, weight: float) -> Prior:
        """The same prior with another weight."""
        return replace(self, weight=weight)

    def applied(self, flows: Flows, period: Period) -> Applied:
        """The flows of ``period`` mixed with the prediction.

        Raises
        ------
        DataError
            A pair of an exporter and an importer without distance, a decay that is missing, margins
            that can't be met, flows with modes.
        """
        if self.weight == 0:
            return Applied(flows, None, {**self._said(), "decay": {}})
        kernels = self.kernels(flows, period)
        contestable = by_country(self.contestable, "contestable", flows).values
        if not ((contestable >= 0) & (contestable <= 1)).all():
            raise DataError("contestable is a share; expected numbers between 0 and 1")
        core, observed = _core.mix_prior(
            flows._at(period),
            str(period),
            np.stack([kernel for kernel, _ in kernels.values()]),
            contestable,
            float(self.weight),
        )
        said = {**self._said(), "decay": {name: theta for name, (_, theta) in kernels.items() if theta is not None}}
        return Applied(
            Flows(core, backend=flows._backend, attrs={**flows.attrs, "prior": said}, undated=False), observed, said
        )

    def kernels(self, flows: Flows, period: Period) -> dict[str, tuple[Numbers, float | None]]:
        """By commodity: what attracts, exporters × importers, and θ where there is one."""
        dated = flows._at(period)
        trade = _trade(dated)
        pairs = _Pairs(self.distance, flows)
        return {
            name: self._kernel(dated, str(period), place, trade[place], pairs)
            for place, name in enumerate(dated.commodities)
        }

    def _said(self) -> dict[str, Any]:
        named = self.distance if isinstance(self.distance, str) else "given by the caller"
        return {"kind": self.kind, "weight": float(self.weight), "band": BAND, "distance": named}

    def _kernel(
        self, dated: _core.Flows, period: str, place: int, trade: Numbers, pairs: _Pairs
    ) -> tuple[Numbers, float | None]:
        commodity = dated.commodities[place]
        distance = pairs.distance(commodity) / 1000.0
        if not trade.any():
            return np.zeros_like(distance), None
        if self.kind == "ppml":
            return _fitted(dated.countries, commodity, trade, distance, pairs), None
        if self.decay is None:
            theta = _core.gravity_decay(dated, period, place, distance)
        elif isinstance(self.decay, Mapping):
            if commodity not in self.decay:
                raise DataError(f"decay has no value for {commodity}; it has {', '.join(self.decay)}")
            theta = float(self.decay[commodity])
        else:
            theta = float(self.decay)
        return np.exp(-theta * distance), theta


@dataclass(frozen=True)
class Applied:
    """A baseline with a prior in it."""

    flows: Flows
    #: V by row of the flows; ``None``: they are as observed.
    observed: Numbers | None
    #: kind, weight, band, distance, decay
    said: dict[str, Any]


@cache
def _bundled() -> Any:
    from tradewinds.datasets.distances import distances

    return distances()


class _Pairs:
    """A table by exporter and importer as matrices over the countries of flows."""

    def __init__(self, given: Any, flows: Flows) -> None:
        self._kind = given if isinstance(given, str) else None
        self._flows = flows
        if self._kind is not None:
            given = _bundled()
        self._frame = open_frame(given, "distance")
        self.columns = self._frame.columns
        position = {name: place for place, name in enumerate(flows.countries)}
        sides = []
        for side in ("exporter", "importer"):
            codes, labels = encode(require(self._frame, side, "distance"), side)
            place = np.array([position.get(name, -1) for name in names_of(labels)], dtype=np.intp)
            sides.append(place[codes])
        self._exporter, self._importer = sides
        self._here = (self._exporter >= 0) & (self._importer >= 0)
        self._commodity = None
        if "commodity" in self.columns:
            codes, labels = encode(self._frame["commodity"], "commodity")
            self._commodity = np.array(names_of(labels), dtype=object)[codes]

    def distance(self, commodity: str) -> Numbers:
        """NaN where not known."""
        if self._kind is None:
            return self.matrix("distance", commodity)
        sea = f"sea_{commodity}"
        return self.matrix(sea if self._kind == "sea" and sea in self.columns else "great_circle", commodity)

    def matrix(self, column: str, commodity: str) -> Numbers:
        here = self._here if self._commodity is None else self._here & (self._commodity == commodity)
        n = len(self._flows.countries)
        made = np.full((n, n), np.nan)
        values = numbers(require(self._frame, column, "distance"), column)
        made[self._exporter[here], self._importer[here]] = values[here]
        return made


def _trade(dated: _core.Flows) -> Numbers:
    """Values between different countries, commodities × exporters × importers."""
    columns, _ = dated.table()
    n = len(dated.countries)
    made = np.zeros((len(dated.commodities), n, n))
    made[columns["commodity"][0], columns["exporter"][0], columns["importer"][0]] = columns["value"]
    made[:, np.arange(n), np.arange(n)] = 0.0
    return made


def _fitted(countries: list[str], commodity: str, value: Numbers, distance: Numbers, pairs: _Pairs) -> Numbers:
    """Predictions of a PPML gravity equation over all pairs of an exporter and an importer."""
    pyfixest = extra("pyfixest", "prior")
    import pandas as pd

    n = len(countries)
    i, j = np.nonzero((value.sum(axis=1)[:, None] > 0) & (value.sum(axis=0)[None, :] > 0) & ~np.eye(n, dtype=bool))
    unknown = [place for place in zip(i, j, strict=True) if not distance[place] > 0]
    if unknown:
        named = ", ".join(f"{countries[a]}→{countries[b]}" for a, b in unknown[:4])
        raise DataError(f"{commodity}: the prior has no distance above 0 for {named}; give one for every pair")
    cells = pd.DataFrame({"exporter": i, "importer": j, "value": value[i, j], "log_distance": np.log(distance[i, j])})
    for name in _COVARIATES:
        if name in pairs.columns:
            cells[name] = pairs.matrix(name, commodity)[i, j]
    cells["value"] /= cells["value"].mean()
    covariates = [name for name in cells.columns[3:] if cells[name].nunique() > 1]
    fit = pyfixest.fepois(f"value ~ {' + '.join(covariates)} | exporter + importer", data=cells)
    kernel = np.zeros((n, n))
    used = fit._data.index.to_numpy()
    kernel[i[used], j[used]] = np.asarray(fit.predict(type="response"))
    return kernel
