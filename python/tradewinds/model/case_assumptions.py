"""What a case stands on, a row a number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tradewinds.model.case_tables import KEYS, CaseTables
from tradewinds.scenario.scenario import Scenario

__all__ = ["assumptions"]

_OURS = "tradewinds, our own reading"


def assumptions(tables: CaseTables, scenarios: Mapping[str, Scenario]) -> list[dict[str, Any]]:
    """``input, subject, value, unit, mark, source, note``."""
    rows = [*_numbers(tables), *_bundled(tables), *_nodes(tables), *_flows(tables), *_listed(tables)]
    return [*rows, *_measures(tables, scenarios)]


def _row(name: str, subject: str, value: Any, unit: str, said: Mapping[str, Any]) -> dict[str, Any]:
    texts = {mark: "" if (text := said.get(mark)) is None or text != text else str(text) for mark in _TEXTS}
    return {"input": name, "subject": subject, "value": value, "unit": unit, **texts}


_TEXTS = ("mark", "source", "note")


def _numbers(tables: CaseTables) -> Iterator[dict[str, Any]]:
    for said in tables.said.get("assumption", ()):
        yield _row(said["input"], tables.said["commodity"], said["value"], said["unit"], said)


def _bundled(tables: CaseTables) -> Iterator[dict[str, Any]]:
    """The dataset, and how flows without a quantity were given one."""
    if "bundled" not in tables.said:
        return
    from tradewinds.datasets.load import load

    given, frame = tables.said["bundled"], tables.bundled
    attrs = load(given["dataset"]).attrs
    subject = f"dataset '{given['dataset']}', {given['commodity']}"
    source = {"mark": "S", "source": attrs["source"], "note": f"{attrs['licence']}; {attrs['absent']}"}
    yield _row("flows", subject, float(frame["value"].sum()), "USD", source)
    filled = tables.observed[tables.observed["filled"]]
    rule = {
        "mark": "D",
        "source": "value over the unit value of the exporter's other flows, of all flows where it has none",
        "note": f"{100 * filled['value'].sum() / tables.observed['value'].sum():.2f} % of the value",
    }
    yield _row("quantities that are not known", subject, len(filled), "flows", rule)


def _nodes(tables: CaseTables) -> Iterator[dict[str, Any]]:
    for node, said in tables.nodes.iterrows():
        for side in ("demand", "supply"):
            if said[side] == said[side]:
                yield _row(side, f"{node}, {said['title']}", float(said[side]), "elasticity", said)


def _flows(tables: CaseTables) -> Iterator[dict[str, Any]]:
    if "flows" not in tables.said["tables"]:
        return
    currency = f"USD per {_per(tables)}"
    for _, said in tables.table("flows").iterrows():
        subject = _route(said)
        if said["share"] == said["share"]:
            yield _row("share of the pair's flow", subject, float(said["share"]), "share", said)
            continue
        amounts = {"quantity": ("flow", tables.said["table_unit"]), "price": ("price at the border", currency)}
        for column, (name, unit) in (amounts | {"value": ("value of the flow", "million USD")}).items():
            if (amount := said.get(column)) is not None and amount == amount:
                yield _row(name, subject, float(amount), unit, said)


def _listed(tables: CaseTables) -> Iterator[dict[str, Any]]:
    if "routes" in tables.said["tables"]:
        for _, said in tables.table("routes").iterrows():
            for column, unit in (("kilometres", "km"), ("nautical_miles", "nautical miles")):
                if (length := said.get(column)) == length and length is not None:
                    yield _row("length", _route(said), float(length), unit, said)
            if said["freight"] == said["freight"]:
                yield _row("freight", _route(said), float(said["freight"]), f"USD per {_per(tables)}", said)
    if "facilities" in tables.said["tables"]:
        for _, said in tables.table("facilities").iterrows():
            unit = f"{tables.said['table_unit']} a year"
            yield _row("capacity", said["facility"], float(said["capacity"]), unit, said)


def _measures(tables: CaseTables, scenarios: Mapping[str, Scenario]) -> Iterator[dict[str, Any]]:
    from tradewinds.datasets.catalogue import catalogue

    marks = catalogue.to_frame().set_index("key")["mark"]
    own: dict[str, Mapping[str, Any]] = {}
    for given in tables.said["scenario"]:
        own |= {said["name"]: said for said in given.get("measure", ())} | given.get("change", {})
    seen: set[str] = set()
    for scenario in scenarios.values():
        for label, measure in zip(scenario.labels, scenario.measures, strict=True):
            if label in seen:
                continue
            seen.add(label)
            entry = next((key for key in marks.index if label == key or label.startswith(f"{key}-")), None)
            said = {"source": measure.source or _OURS, "mark": own.get(label, {}).get("mark") or marks.get(entry)}
            yield _row("measure", label, repr(measure), "", said)


def _per(tables: CaseTables) -> str:
    return str(tables.said["quantity_unit"])


def _route(said: Mapping[str, Any]) -> str:
    exporter, importer, mode = (said[key] for key in KEYS)
    return f"{exporter} to {importer} by {mode}" if mode == mode else f"{exporter} to {importer}"
