"""Bundled figures: tables compiled by us from published sources, each with its licence."""

from tradewinds.datasets.distances import distances
from tradewinds.datasets.elasticities import elasticities
from tradewinds.datasets.load import load, names

__all__ = ["distances", "elasticities", "load", "names"]
