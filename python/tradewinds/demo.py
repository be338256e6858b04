"""The bundled case: Europe stops buying from Russia, energy as in force, metals and grain as supposed."""

from __future__ import annotations

from tradewinds.data.flows import Flows
from tradewinds.model.armington import Armington
from tradewinds.scenario.measures import Ban, Tariff
from tradewinds.scenario.scenario import Scenario

__all__ = ["BUYERS", "DATASET", "PERIOD", "SUPPOSED", "model", "scenario"]

DATASET = "commodities"
PERIOD = 2021
#: Where Russian exports can go, as the headline asks.
BUYERS = {"exporter": "RUS", "away": "EU27", "toward": "CHN"}
#: In force or announced, by their names in the catalogue.
_IN_FORCE = ("eu-crude-2022", "eu-coal-2022", "eu-lng-2027")
_UK_US_METALS = "us-uk-metals-2024"
_METALS = ("copper", "nickel", "palladium", "platinum", "titanium")
#: What nobody has decided.
SUPPOSED = (
    Ban(
        name="supposed: metals",
        exporters="RUS",
        importers="EU27",
        commodities=_METALS,
        sender="EU27",
        source="supposed: the EU bans the metals too",
    ),
    Tariff(
        name="supposed: grain",
        exporters="RUS",
        importers="EU27",
        commodities=("wheat", "maize", "rice", "soybeans"),
        rate=0.5,
        sender="EU27",
        source="supposed: an EU duty of 50 % on grain, as on other farm goods from July 2025",
    ),
)


def model(flows: Flows) -> Armington:
    """Armington on 2021 with the bundled short-run elasticities, converted where dependence is known."""
    from tradewinds.datasets import elasticities

    table = elasticities("central", "short", import_share="bundled", export_share="bundled")
    return Armington(flows, period=PERIOD, substitution=table, demand=table, supply=table)


def scenario() -> Scenario:
    """The EU's embargoes on crude, coal and LNG, the US and UK bans on copper and nickel, and what is supposed."""
    from tradewinds.datasets.catalogue import catalogue

    metals = catalogue[_UK_US_METALS]
    for name in metals.labels:
        metals = metals.replace(name, commodities=("copper", "nickel"))
    real = [measure for entry in (*(catalogue[key] for key in _IN_FORCE), metals) for measure in entry.measures]
    return Scenario(
        "Europe stops buying from Russia: energy as in force, metals and grain supposed", [*real, *SUPPOSED]
    )
