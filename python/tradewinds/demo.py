"""The bundled case: Europe stops buying Russian crude, LNG and coal."""

from __future__ import annotations

from tradewinds.data.flows import Flows
from tradewinds.model.armington import Armington
from tradewinds.scenario.measures import Ban
from tradewinds.scenario.scenario import Scenario

__all__ = ["BUYERS", "PERIOD", "model", "scenario"]

PERIOD = 2021
#: Where Russian exports can go, as the headline asks.
BUYERS = {"exporter": "RUS", "away": "EU27", "toward": "CHN"}


def model(flows: Flows) -> Armington:
    """Armington on 2021 with the bundled short-run elasticities, converted where dependence is known."""
    from tradewinds.datasets import elasticities

    table = elasticities("central", "short", import_share="bundled", export_share="bundled")
    return Armington(flows, period=PERIOD, substitution=table, demand=table, supply=table)


def scenario() -> Scenario:
    """Crude but for the pipeline's last three buyers, LNG and coal in full."""
    return Scenario(
        "Europe stops buying Russian crude, LNG and coal",
        [
            Ban(
                name="crude",
                exporters="RUS",
                importers=["EU27", "!HUN", "!SVK", "!CZE"],
                commodities="crude",
                start="2022-12-05",
                sender="EU27",
                source="Council Regulation (EU) 2022/879: sea-borne crude from 5 December 2022; Hungary, Slovakia and "
                "Czechia kept the pipeline",
            ),
            Ban(
                name="coal",
                exporters="RUS",
                importers="EU27",
                commodities="coal",
                start="2022-08-10",
                sender="EU27",
                source="Council Regulation (EU) 2022/576: coal, wind-down to 10 August 2022",
            ),
            Ban(
                name="LNG",
                exporters="RUS",
                importers="EU27",
                commodities="lng",
                start="2027-01-01",
                sender="EU27",
                source="19th package of October 2025: LNG under long contracts from 1 January 2027",
            ),
        ],
    )
