"""The tables of a bundled case: nodes, flows, routes, facilities, and what each number stands on."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any

from tradewinds.data.flows import Flows
from tradewinds.datasets.load import load
from tradewinds.errors import DataError

__all__ = ["KEYS", "MARKS", "CaseTables"]

_DIRECTORY = files("tradewinds.datasets").joinpath("cases")
KEYS = ["exporter", "importer", "mode"]
#: What every number of a case says of itself.
MARKS = ["mark", "source", "note"]
_ELSE = "*"
#: Of a flow, what is left of it after shares that add up to 1 but for rounding.
_ALL = 1e-9
#: A tonne, or 1,000 m3 of gas, in the units that tables are written in.
_UNITS = {"bcm": 1e6, "Mt": 1e6, "kt": 1e3}


@dataclass(frozen=True)
class CaseTables:
    """What the files of a case say, and the network they make."""

    key: str

    @cached_property
    def said(self) -> dict[str, Any]:
        """The description, ``<key>.toml``."""
        return tomllib.loads(_DIRECTORY.joinpath(f"{self.key}.toml").read_text(encoding="utf-8"))

    def table(self, name: str) -> Any:
        """``<key>_<name>.csv`` as a pandas frame, blank as missing."""
        import pandas as pd

        with _DIRECTORY.joinpath(f"{self.key}_{name}.csv").open(encoding="utf-8") as file:
            return pd.read_csv(file, keep_default_na=False, na_values=[""])

    @property
    def scale(self) -> float:
        """Units of the flows in one of the tables."""
        return _UNITS[self.said["table_unit"]]

    @cached_property
    def numbers(self) -> dict[str, float]:
        """The assumptions that are one number, by name."""
        return {row["input"]: float(row["value"]) for row in self.said.get("assumption", ())}

    @cached_property
    def nodes(self) -> Any:
        return self.table("nodes").set_index("node")

    @cached_property
    def observed(self) -> Any:
        """The rows of a bundled dataset as they are, ``filled`` where the quantity is by rule."""
        given = self.said["bundled"]
        flows = load(given["dataset"]).select(commodities=given["commodity"], periods=self.said["period"])
        frame = self._without(flows, given.get("without", []))
        unknown = frame["quantity"].isna()
        by_rule = frame["value"] / _unit_values(frame)
        frame = frame.assign(quantity=frame["quantity"].where(~unknown, by_rule), filled=unknown)
        for side, column in (("exporter", "sells_for"), ("importer", "buys_for")):
            frame[side] = frame[side].map(self._places(flows, column))
        frame = frame.dropna(subset=["exporter", "importer"])
        return frame[frame["exporter"] != frame["importer"]]

    @cached_property
    def bundled(self) -> Any:
        """Flows of a bundled dataset between the nodes: ``exporter, importer, mode, value, quantity``."""
        given = self.said["bundled"]
        frame = self.observed.groupby(["exporter", "importer"], as_index=False)[["value", "quantity"]].sum()
        frame["quantity"] *= self.numbers.get(given.get("converted_by", ""), 1.0)
        return frame.assign(mode=given["mode"])

    def _without(self, flows: Flows, pairs: list[list[Any]]) -> Any:
        import pandas as pd

        frame = flows.to_frame().astype({"exporter": str, "importer": str})
        for exporter, importer in pairs:
            away = flows.select(exporters=exporter, importers=importer).to_frame()
            taken = pd.MultiIndex.from_frame(away[KEYS[:2]].astype(str))
            frame = frame[~pd.MultiIndex.from_frame(frame[KEYS[:2]]).isin(taken)]
        return frame.copy()

    def _places(self, flows: Flows, column: str) -> dict[str, str]:
        """The node that each label of the dataset is in, on one side of the market."""
        day = flows._last_day()
        found: dict[str, str] = {}
        listed = self.nodes[column].dropna()
        for node, selector in listed[listed != _ELSE].items():
            for place in flows._core.select_countries(str(selector).split(), {}, day):
                label = flows.countries[place]
                if label in found:
                    raise DataError(f"case '{self.key}': {label} is in {found[label]} and in {node}; name it once")
                found[label] = str(node)
        for node in listed[listed == _ELSE].index:
            found.update({label: str(node) for label in flows.countries if label not in found})
        return found

    @cached_property
    def own(self) -> Any:
        """Flows that the case lists: shares of bundled ones, or amounts of its own."""
        import pandas as pd

        if "flows" not in self.said["tables"]:
            return pd.DataFrame(columns=[*KEYS, "share"])
        own = self.table("flows")
        # A share is of what "of" sells to "into", whom this flow's importer is otherwise within.
        own["into"] = own["into"].fillna(own["importer"]) if "into" in own.columns else own["importer"]
        return own

    @cached_property
    def left(self) -> Any:
        """The bundled flows without what goes by routes of its own."""
        shares = self.own.dropna(subset=["share"])
        if shares.empty:
            return self.bundled
        taken = shares.groupby(["of", "into"])["share"].sum().rename_axis(KEYS[:2]).rename("taken")
        frame = self.bundled.merge(taken.reset_index(), on=KEYS[:2], how="left").fillna({"taken": 0.0})
        rest = 1 - frame.pop("taken")
        return frame.assign(value=frame["value"] * rest, quantity=frame["quantity"] * rest)[rest > _ALL]

    @cached_property
    def flows(self) -> Any:
        """Every flow of the baseline: ``exporter, importer, mode, value, quantity``, in the units of flows."""
        import pandas as pd

        shared = self.own["share"].notna()
        parts = [self._valued(self.own[~shared])]
        if "bundled" in self.said:
            whole = self.bundled.rename(columns={"exporter": "of", "importer": "into"}).drop(columns="mode")
            split = self.own.loc[shared, [*KEYS, "of", "into", "share"]].merge(whole, on=["of", "into"])
            amounts = {name: split[name] * split["share"] for name in ("value", "quantity")}
            parts += [self.left, split.assign(**amounts)]
        every = pd.concat([part[[*KEYS, "value", "quantity"]] for part in parts if len(part)])
        return every.groupby(KEYS, as_index=False, dropna=False).sum(min_count=1)

    def _valued(self, own: Any) -> Any:
        """Flows of the case's own; without a price, at what the bundled good costs the importer, less freight."""
        quantity = own["quantity"] * self.scale
        if "value" in own.columns:
            return own.assign(quantity=quantity, value=own["value"] * 1e6)
        price = own["price"]
        if price.isna().any():
            by_key = self.routes.set_index(KEYS)["freight"]
            freight = by_key.reindex([tuple(key) for key in own[KEYS].to_numpy()]).to_numpy()
            price = price.fillna(own["importer"].map(self.delivered) - freight)
        return own.assign(quantity=quantity, value=price * quantity)

    @cached_property
    def delivered(self) -> Any:
        """What a unit of the bundled good costs each importer with freight."""
        frame = self.bundled
        freight = [self.freight(mode, i, j) for i, j, mode in frame[KEYS].to_numpy()]
        paid = frame.assign(paid=frame["value"] + freight * frame["quantity"]).groupby("importer")
        return paid["paid"].sum() / paid["quantity"].sum()

    def freight(self, mode: str, exporter: str, importer: str) -> float:
        """Of a mode by sea: a fixed part and one by distance between the nodes' main ports."""
        ports = self.nodes["port"]
        miles = _miles().get((ports[exporter], ports[importer]))
        if miles is None:
            raise DataError(f"case '{self.key}': no sea distance from {exporter} to {importer}")
        return self.numbers["freight by sea: fixed"] + self.numbers["freight by sea: by distance"] * miles

    @cached_property
    def routes(self) -> Any:
        """Every route with its freight: listed ones, those with a flow, and all pairs of connected nodes."""
        import pandas as pd

        own = self.table("routes")
        by_length = own.get("kilometres", pd.Series(dtype=float)) * self.numbers.get("freight by pipeline", 0.0)
        by_sea = own.get("nautical_miles", pd.Series(dtype=float)) * self.numbers.get(
            "freight by sea: by distance", 0.0
        )
        by_sea += self.numbers.get("freight by sea: fixed", 0.0)
        listed = own.assign(freight=own["freight"].fillna(by_length).fillna(by_sea))[[*KEYS, "freight"]]
        known = set(map(tuple, listed[KEYS].to_numpy()))
        pairs = [
            (exporter, importer, part["mode"])
            for part in self.said.get("connected", ())
            for exporter in part["exporters"]
            for importer in part["importers"]
            if exporter != importer
        ]
        bundled = [tuple(key) for key in self.left[KEYS].to_numpy()] if "bundled" in self.said else []
        more = [key for key in dict.fromkeys([*bundled, *pairs]) if key not in known]
        by_rule = pd.DataFrame(more, columns=KEYS)
        by_rule["freight"] = [self.freight(mode, exporter, importer) for exporter, importer, mode in more]
        return pd.concat([listed, by_rule], ignore_index=True)

    @cached_property
    def facilities(self) -> Any:
        """``facility, exporter, importer, mode, capacity, owner``, capacities a year in the units of flows."""
        own = self.table("facilities")
        return own.assign(capacity=own["capacity"] * self.scale).drop(columns=[*MARKS])


def _miles() -> Mapping[tuple[str, str], float]:
    from tradewinds.datasets.distances import distances

    frame = distances()
    return {(i, j): float(miles) for i, j, miles in frame[["exporter", "importer", "sea_crude"]].to_numpy()}


def _unit_values(frame: Any) -> Any:
    """What a unit of each flow's exporter costs where it is known, else what one costs in all known flows."""
    known = frame.dropna(subset=["quantity"])
    sums = known.groupby("exporter")[["value", "quantity"]].sum()
    world = known["value"].sum() / known["quantity"].sum()
    return frame["exporter"].map(sums["value"] / sums["quantity"]).fillna(world)
