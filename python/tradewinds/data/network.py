"""Flows of one period and further routes as one network, a row a route."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tradewinds import _core
from tradewinds.data.columns import Numbers, numbers, open_frame, require
from tradewinds.data.flow_columns import UNDATED
from tradewinds.data.flows import Flows, Period
from tradewinds.data.routes import Keys, Labelled, freights
from tradewinds.errors import DataError

__all__ = ["Network"]


class Network:
    """Routes as flows of one period, a row a route, and the keys of its rows."""

    def __init__(self, core: _core.Flows, labels: Labelled, freight: Mapping[Keys, float]) -> None:
        self.core = core
        self.labels = labels
        self.day = core.last_day(core.periods)
        self._freight = freight
        columns, _ = core.table()
        modes = columns["mode"][0] if "mode" in columns else np.zeros(len(core), dtype=np.uint32)
        codes = (*(columns[name][0] for name in ("commodity", "exporter", "importer")), modes)
        self.keys: list[Keys] = list(zip(*(code.tolist() for code in codes), strict=True))

    @classmethod
    def of_flows(cls, flows: Flows, period: Period, routes: Any) -> Network:
        """The flows of the period, and further routes."""
        dated = flows._dated(period)
        if str(period) not in dated.periods:
            raise DataError(f"there is no period {period} in the flows, which have {', '.join(dated.periods)}")
        columns, _ = dated.table()
        kept = columns["period"][0] == columns["period"][1].index(str(period))
        codes = [columns[name][0][kept].tolist() for name in ("commodity", "exporter", "importer")]
        modes = columns["mode"][0][kept].tolist() if "mode" in columns else [0] * len(codes[0])
        keys: list[Keys] = list(zip(*codes, modes, strict=True))
        labels = Labelled(flows.countries, flows.commodities, flows.modes)
        amounts = {
            key: (value, 0.0 if value == 0 else quantity)
            for key, value, quantity in zip(keys, columns["value"][kept], columns["quantity"][kept], strict=True)
        }
        freight: dict[Keys, float] = {}
        if routes is not None:
            amounts, labels, freight = _with_routes(amounts, labels, open_frame(routes, "routes"))
        return cls(_flows(amounts, labels, str(period), dated.currency, dated.quantity_units), labels, freight)

    @classmethod
    def of_routes(cls, routes: Any, labels: Labelled, unit: str, quantity_unit: str) -> Network:
        keys = labels.keys(routes, "routes")
        _unique(keys, labels)
        freight = numbers(require(routes, "freight", "routes"), "freight")
        amounts = dict.fromkeys(keys, (0.0, 0.0))
        core = _flows(amounts, labels, UNDATED, unit, [quantity_unit] * len(labels.commodities))
        return cls(core, labels, {key: float(value) for key, value in zip(keys, freight, strict=True)})

    def freights(self, given: Any) -> Numbers:
        return freights(given, self.keys, self._freight, self.labels)


def _flows(
    amounts: Mapping[Keys, tuple[float, float]], labels: Labelled, period: str, unit: str, quantity_units: list[str]
) -> _core.Flows:
    commodity, exporter, importer, mode = (np.array(code, dtype=np.uint32) for code in zip(*amounts, strict=True))
    value, quantity = (np.array(amount, dtype=np.float64) for amount in zip(*amounts.values(), strict=True))
    return _core.Flows(
        countries=labels.countries,
        commodities=labels.commodities,
        periods=[period],
        modes=labels.modes,
        currency=unit,
        quantity_units=quantity_units,
        period=np.zeros(len(amounts), dtype=np.uint32),
        commodity=commodity,
        exporter=exporter,
        importer=importer,
        mode=None if labels.modes is None else mode,
        value=value,
        quantity=quantity,
        duplicates="raise",
    )


def _with_routes(
    amounts: dict[Keys, tuple[float, float]], labels: Labelled, routes: Any
) -> tuple[dict[Keys, tuple[float, float]], Labelled, dict[Keys, float]]:
    """Flows with further routes of no flow, and the freight that the frame says."""
    if "mode" in routes.columns:
        listed = [str(mode) for mode in routes["mode"].to_list()]
        amounts, labels = _with_modes(amounts, labels, routes, listed)
    keys = labels.keys(routes, "routes")
    _unique(keys, labels)
    sold = {key[:2] for key, (value, _) in amounts.items() if value > 0}
    bought = {(key[0], key[2]) for key, (value, _) in amounts.items() if value > 0}
    found = dict(amounts)
    for key in keys:
        for place, trades, does in ((1, sold, "sells"), (2, bought, "buys")):
            if (key[0], key[place]) not in trades:
                raise DataError(
                    f"routes has {labels.written(key)}, but {labels.countries[key[place]]} {does} nothing in the "
                    "baseline, so it has no curve; leave the route out, or use Spatial.from_curves"
                )
        found.setdefault(key, (0.0, 0.0))
    if "freight" not in routes.columns:
        return found, labels, {}
    freight = numbers(routes["freight"], "freight")
    return found, labels, {key: float(cost) for key, cost in zip(keys, freight, strict=True) if not np.isnan(cost)}


def _with_modes(
    amounts: dict[Keys, tuple[float, float]], labels: Labelled, routes: Any, listed: list[str]
) -> tuple[dict[Keys, tuple[float, float]], Labelled]:
    """Where flows have no modes, each takes that of the one route of its pair."""
    if labels.modes is not None:
        modes = sorted({*labels.modes, *listed})
        places = [modes.index(mode) for mode in labels.modes]
        named = Labelled(labels.countries, labels.commodities, modes)
        return {(*key[:3], places[key[3]]): amount for key, amount in amounts.items()}, named
    pairs = Labelled(labels.countries, labels.commodities, None).keys(routes, "routes")
    of_pair: dict[Keys, str] = {}
    for key, mode in zip(pairs, listed, strict=True):
        if key in of_pair and amounts.get(key, (0.0, 0.0))[0] > 0:
            raise DataError(
                f"routes has {labels.written(key)} by {of_pair[key]} and by {mode}, but the flow is not split; "
                "give flows with a mode column"
            )
        of_pair[key] = mode
    other = "other"
    modes = sorted({*listed, *([other] if set(amounts) - set(of_pair) else [])})
    named = Labelled(labels.countries, labels.commodities, modes)
    return {(*key[:3], modes.index(of_pair.get(key, other))): amount for key, amount in amounts.items()}, named


def _unique(keys: list[Keys], labels: Labelled) -> None:
    seen: dict[Keys, int] = {}
    for row, key in enumerate(keys):
        if key in seen:
            raise DataError(f"routes has {labels.written(key)} twice (rows {seen[key]} and {row}); keep one")
        seen[key] = row
