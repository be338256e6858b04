"""A small world with all its accounts, and its files as the OECD and the WIOD publish them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import tradewinds as tw

SHARES = ("import_share", "input_share", "value_added_share", "final_share", "value_added", "deficit")


@dataclass
class World:
    """Deliveries [exporter, sector, importer, use], final and inventories [exporter, sector, importer]."""

    countries: list[str]
    sectors: list[str]
    inputs: Any
    final: Any
    stocks: Any
    taxes: Any

    @property
    def output(self) -> Any:
        return self.inputs.sum((2, 3)) + self.final.sum(2) + self.stocks.sum(2)

    @property
    def value_added(self) -> Any:
        """[country, sector], without taxes."""
        return self.output - self.inputs.sum((0, 1)) - self.taxes

    def table(self, **more: Any) -> tw.InputOutput:
        return tw.InputOutput.from_accounts(
            self.countries,
            self.sectors,
            intermediate=self.inputs,
            final_demand=self.final,
            inventory_changes=self.stocks,
            output=self.output,
            value_added=self.value_added,
            taxes=self.taxes,
            **more,
        )

    def merged(self, countries: list[int], sectors: list[int], names: tuple[list[str], list[str]]) -> World:
        """Sums into the places given for each country and sector."""
        c, s = np.eye(len(names[0]))[countries], np.eye(len(names[1]))[sectors]
        final, stocks = (np.einsum("isn,ia,sb,nc->abc", part, c, s, c) for part in (self.final, self.stocks))
        inputs = np.einsum("isnk,ia,sb,nc,kd->abcd", self.inputs, c, s, c, s)
        return World(*names, inputs, final, stocks, np.einsum("is,ia,sb->ab", self.taxes, c, s))


def world(countries: list[str], sectors: list[str], seed: int = 1) -> World:
    """Log-normal deliveries whose final demand is about half of output, small inventories of both signs."""
    random = np.random.default_rng(seed)
    n, j = len(countries), len(sectors)
    inputs = random.lognormal(size=(n, j, n, j))
    final = n * j * random.lognormal(size=(n, j, n)) / 2
    final[:, :, :] += 2 * n * j * np.eye(n)[:, None, :]
    stocks = final * random.uniform(-0.05, 0.05, size=final.shape)
    taxes = random.uniform(0.0, 0.01, size=(n, j)) * inputs.sum((0, 1))
    return World(countries, sectors, inputs, final, stocks, taxes)


def icio_text(of: World, *, split: dict[str, tuple[str, str]] | None = None) -> str:
    """As the OECD publishes it; a country of ``split`` has its industries in two parts.

    Of the first part is a quarter of what it sells and a third of what it uses.
    """
    split = split or {}
    parts = {name: list(split.get(name, (name,))) for name in of.countries}
    weights = {1: ([1.0], [1.0]), 2: ([0.25, 0.75], [1 / 3, 2 / 3])}
    categories = {"HFCE": 0.7, "NPISH": 0.0, "GGFC": 0.2, "GFCF": 0.1, "INVNT": None, "DPABR": 0.0}
    users = [
        (n, part, weights[len(parts[name])][1][place], k)
        for n, name in enumerate(of.countries)
        for place, part in enumerate(parts[name])
        for k in range(len(of.sectors))
    ]
    buyers = [(n, name, category) for n, name in enumerate(of.countries) for category in categories]
    header = [f"{part}_{of.sectors[k]}" for _, part, _, k in users] + [
        f"{name}_{category}" for _, name, category in buyers
    ]
    lines = [",".join(["V1", *header, "OUT"])]

    def row(label: str, used: list[float], final: list[float], total: float) -> None:
        lines.append(",".join([label, *map(repr, map(float, [*used, *final, total]))]))

    for i, name in enumerate(of.countries):
        for place, part in enumerate(parts[name]):
            sold = weights[len(parts[name])][0][place]
            for s, sector in enumerate(of.sectors):
                used = [sold * share * of.inputs[i, s, n, k] for n, _, share, k in users]
                final = [
                    sold * (of.stocks[i, s, n] if categories[c] is None else categories[c] * of.final[i, s, n])
                    for n, _, c in buyers
                ]
                row(f"{part}_{sector}", used, final, sold * of.output[i, s])
    none = [0.0] * len(buyers)
    for label, values in (("TLS", of.taxes), ("VA", of.value_added)):
        row(label, [share * values[n, k] for n, _, share, k in users], none, float(values.sum()))
    out = [share * of.output[n, k] for n, _, share, k in users]
    row("OUT", out, none, float(of.output.sum()))
    return "\n".join(lines) + "\n"


#: Numbers of columns of final demand, and their parts of it; inventories are 61.
WIOD_FINAL = {57: 0.6, 58: 0.1, 59: 0.2, 60: 0.1}
WIOD_TOTALS = ("II_fob", "TXSP", "EXP_adj", "PURR", "PURNR", "VA", "IntTTM", "GO")


def wiod_frame(of: World, prefix: str = "v") -> pd.DataFrame:
    """As the WIOD publishes it for Stata (prefix "v") and R (none)."""
    n, j = len(of.countries), len(of.sectors)
    data: dict[str, Any] = {
        "IndustryCode": [*(sector for _ in of.countries for sector in of.sectors), *WIOD_TOTALS],
        "IndustryDescription": [*(sector for _ in of.countries for sector in of.sectors), *WIOD_TOTALS],
        "Country": [*(name for name in of.countries for _ in of.sectors), *["TOT"] * 8],
        "RNr": [*(k + 1 for _ in of.countries for k in range(j)), *range(65, 73)],
        "Year": [2014] * (n * j + 8),
    }
    totals = {"TXSP": 0.6 * of.taxes, "IntTTM": 0.4 * of.taxes, "VA": of.value_added, "GO": of.output}
    for m, name in enumerate(of.countries):
        for k in range(j):
            below = [totals[code][m, k] if code in totals else 0.0 for code in WIOD_TOTALS]
            data[f"{prefix}{name}{k + 1}"] = [*of.inputs[:, :, m, k].reshape(-1), *below]
    for m, name in enumerate(of.countries):
        for number, part in WIOD_FINAL.items():
            data[f"{prefix}{name}{number}"] = [*(part * of.final[:, :, m]).reshape(-1), *[0.0] * 8]
        data[f"{prefix}{name}61"] = [*of.stocks[:, :, m].reshape(-1), *[0.0] * 8]
    data["TOT"] = [*of.output.reshape(-1), *[0.0] * 8]
    return pd.DataFrame(data)


def wiod_workbook(of: World, path: Path) -> None:
    """As the WIOD publishes it for Excel: six rows and four columns of labels."""
    frame = wiod_frame(of, "")
    labels, values = frame.iloc[:, :5], frame.iloc[:, 5:]
    users = [(name[:3], name[3:]) if name != "TOT" else ("TOT", "62") for name in values.columns]
    blank: list[Any] = [None] * 4
    head = [
        ["Intercountry Input-Output Table", *[None] * (3 + len(users))],
        [None] * (4 + len(users)),
        [*blank, *(of.sectors[int(k) - 1] if int(k) <= len(of.sectors) else "CONS" for _, k in users)],
        [*blank, *("description" for _ in users)],
        [*blank, *(country for country, _ in users)],
        [*blank, *(f"c{number}" for _, number in users)],
    ]
    body = [
        [code, text, country, f"r{number}", *cells]
        for (code, text, country, number), cells in zip(
            labels.iloc[:, :4].itertuples(index=False), values.to_numpy().tolist(), strict=True
        )
    ]
    pd.DataFrame(head + body).to_excel(path, index=False, header=False)
