"""Where each input of a result comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tradewinds.data.table import Answer

if TYPE_CHECKING:
    from tradewinds.model.armington import Armington
    from tradewinds.scenario.measures import Measure
    from tradewinds.scenario.scenario import Scenario

__all__ = ["sources"]

_COLUMNS = ("input", "commodity", "country", "value", "unit", "grade", "source", "licence")
_ELASTICITY = "elasticity"
_CALLER = "given by the caller"


def sources(model: Armington, scenario: Scenario) -> Answer:
    """A row an input, as text."""
    rows = [*_flows(model), *_filled(model)]
    if model.has_tariffs:
        rows.append({"input": "tariffs", "value": "a table", "unit": "rate", "source": _CALLER})
    rows += [*_prior(model), *_elasticities(model), *_economy(model), *_case(model), *_measures(scenario)]
    return {column: [str(row.get(column, "")) for row in rows] for column in _COLUMNS}, {}


def _flows(model: Armington) -> list[dict[str, Any]]:
    """A row for the flows, or one for each of the bundled tables that the baseline is made of."""
    attrs = model.flows.attrs
    present = set(model.flows.commodities)
    tables = attrs["tables"].values() if "dataset" in attrs and "tables" in attrs else ()
    baseline = [part for part in tables if str(model.period) in map(str, part["periods"])]
    named = [(" ".join(sorted(present & set(part["commodities"]))), part) for part in baseline]
    return [
        {
            "input": "flows",
            "commodity": commodities,
            "country": "*",
            "value": f"{len(model.flows)} flows, baseline {model.period}",
            "unit": f"{attrs['unit']}, {part['valuation']}" if "valuation" in part else attrs["unit"],
            "source": part.get("source", _CALLER),
            "licence": part.get("licence", ""),
        }
        for commodities, part in [pair for pair in named if pair[0]] or [("*", attrs)]
    ]


def _filled(model: Armington) -> list[dict[str, Any]]:
    told = model.flows.attrs.get("quantities_filled", {})
    return [
        {
            "input": "quantities that are not known",
            "commodity": commodity,
            "country": "*",
            "value": f"{found['rows']} flows, {found['share_of_value']:.2%} of the value of all periods",
            "unit": "at the exporter's mean unit value of the period",
            "grade": "C",
            "source": "Flows.fill_quantities",
        }
        for commodity, found in told.items()
        if commodity in model.flows.commodities
    ]


def _prior(model: Armington) -> list[dict[str, Any]]:
    said = model.prior
    if said is None:
        return []
    decay = ", ".join(f"{name} {value:.4g}" for name, value in said["decay"].items())
    low, high = said["band"]
    return [
        {
            "input": f"prior: {said['kind']}",
            "commodity": "*",
            "country": "*",
            "value": f"{said['weight']:g}",
            "unit": f"weight, band {low:g} to {high:g}" + (f"; θ per 1,000: {decay}" if decay else ""),
            "grade": "C",
            "source": f"grade C: judgement, no weight is known before the fact; distance: {said['distance']}",
        }
    ]


def _elasticities(model: Armington) -> list[dict[str, Any]]:
    return [
        {"input": name, "unit": _ELASTICITY, **origin, "value": f"{origin['value']:.6g}"}
        for name, parameter in model.parameters.items()
        for origin in parameter.origins
    ]


def _economy(model: Any) -> list[dict[str, Any]]:
    """What a general equilibrium stands on besides its table and trade elasticities."""
    chosen = getattr(model, "chosen", None)
    if chosen is None:
        return []
    everywhere = {"commodity": "*", "country": "*", "source": "setting of the model"}
    nests = {name: chosen[name] for name in ("between_inputs", "between_goods")}
    rows = [
        {"input": name, **everywhere, "value": repr(value), "unit": "elasticity of substitution"}
        for name, value in nests.items()
    ]
    rows.append({"input": "deficits", **everywhere, "value": chosen["deficits"], "unit": "rule"})
    if chosen["sector_of"]:
        value = f"{chosen['sector_of']} shares"
        rows.append({"input": "sector_of", **everywhere, "value": value, "unit": "share of a sector's flow"})
    return rows


def _case(model: Armington) -> list[dict[str, Any]]:
    """What a bundled case stands on besides elasticities and measures, which have rows of their own."""
    apart = {*model.parameters, "measure"}
    return [
        {
            "input": row["input"],
            "commodity": " ".join(model.flows.commodities),
            "country": row["subject"],
            "value": f"{row['value']:.6g}",
            "unit": row["unit"],
            "grade": row["mark"],
            "source": "; ".join(text for text in (row["source"], row["note"]) if text),
        }
        for row in model.flows.attrs.get("assumptions", ())
        if row["input"] not in apart
    ]


def _measures(scenario: Scenario) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {
            "input": f"measure: {label}",
            "commodity": " ".join(measure.commodities),
            "country": f"{' '.join(measure.exporters)} to {' '.join(measure.importers)}",
            "value": repr(measure),
            "unit": _window(measure),
            "source": measure.source or _CALLER,
        }
        for label, measure in zip(scenario.labels, scenario.measures, strict=True)
    ]
    if scenario.schedule:
        rows.append(
            {"input": "schedule", "value": f"{len(scenario.schedule)} rows", "unit": "rates", "source": _CALLER}
        )
    return rows


def _window(measure: Measure) -> str:
    if measure.start is None and measure.end is None and not measure.phase:
        return "always"
    return f"from {measure.start or (measure.phase[0][0] if measure.phase else '…')} to {measure.end or '…'}"
