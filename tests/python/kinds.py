"""A result of every kind of scenario, and whether two results are equal in every bit."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import market
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

import tradewinds as tw

__all__ = ["KINDS", "assert_same", "model", "questions"]

UNICODE = {
    "RUS": "Россия",
    "SAU": "السعودية",
    "USA": "U\u200dS\u0000A",
    "CHN": "中国",
    "DEU": 'Tür"k\\iye/..',
    "POL": "🛢️",
}


def model(frame: Any = None, *, tariffs: Any = None, **changes: Any) -> tw.Armington:
    """Crude and coal with tonnes; ``changes`` go to the flows or to the model."""
    frame = market.frame() if frame is None else frame
    about = {key: changes.pop(key) for key in ("countries", "unit", "attrs", "quantity_unit") if key in changes}
    flows = tw.Flows.from_frame(frame, **{"quantity_unit": "t", **about})
    inputs = {"period": 2021, "substitution": 5, "demand": -0.4, "supply": 0.3, **changes}
    return tw.Armington(flows, tariffs=tariffs, **inputs)


def solve(*measures: tw.Measure, of: tw.Armington | None = None, groups: Any = None, **how: Any) -> tw.Result:
    return (of or model()).solve(tw.Scenario("tested", measures, groups or {}), **how)


def duties(rate: float = 0.125) -> pd.DataFrame:
    """A rate a flow, all different."""
    frame = market.frame()[["exporter", "importer", "commodity"]]
    return frame.assign(tariff=rate + np.linspace(0.0, 0.1, len(frame)))


def quota(**how: Any) -> tw.Result:
    return solve(tw.Quota(exporters="RUS", importers="CHN", commodities="crude", **how))


def rows(**rates: Any) -> pd.DataFrame:
    lines = {"exporter": ["RUS", "SAU"], "importer": ["CHN", "IND"], "commodity": ["crude", "coal"]}
    return pd.DataFrame({**lines, **rates})


def elasticities(column: str, low: float, high: float) -> pd.DataFrame:
    """Values by commodity and country, with grades and sources; the first is infinite where that is allowed."""
    keys = [(commodity, country) for commodity in ("coal", "crude") for country in (*market.COUNTRIES, "*")]
    made = pd.DataFrame(keys, columns=["commodity", "country"])
    made[column] = np.linspace(low, high, len(made))
    if column == "supply":
        made.loc[0, column] = np.inf
    return made.assign(**{f"{column}_grade": "B", f"{column}_source": "ours", f"{column}_of": "production"})


def undated() -> tw.Result:
    return solve(tw.Ban(exporters="RUS", importers="DEU"), of=model(period="2021Q3"))


def dated() -> pd.DataFrame:
    frame = market.frame()
    return pd.concat([frame.assign(period=2020), frame.assign(period=2021, value=frame["value"] * 1.1)])


def domestic() -> pd.DataFrame:
    frame = market.frame()
    home = pd.DataFrame({"exporter": ["RUS", "CHN"], "importer": ["RUS", "CHN"], "commodity": "crude"})
    return pd.concat([frame, home.assign(value=1e9, quantity=2e6)], ignore_index=True)


def holed() -> pd.DataFrame:
    """Known zeros, and quantities that are not known."""
    frame = market.frame(quantities="some")
    frame.loc[[0, 5], ["value", "quantity"]] = 0.0
    return frame


BAN = tw.Ban(exporters="RUS", importers=["DEU", "POL"])
LATER = tw.Tariff(exporters="SAU", importers="CHN", rate=0.1, start="2022-03-01", end="2022-09-30", name="later")
PHASED = tw.Ban(exporters="RUS", importers="DEU", phase=[("2022-02-01", 0.25), ("2022-06-15", 0.75)], coverage=0.9)
CAP = tw.PriceCap(price=float("inf"), exporters="RUS", commodities="crude")
ATTRS = {
    "source": "“ours” ✓",
    "licence": "CC0",
    "valuation": "FOB",
    "read": dt.date(2024, 2, 29),
    "at": dt.datetime(2024, 2, 29, 1, 2, 3, 456789, tzinfo=dt.UTC),
    "pair": ("a", 1, 2.5, None, True),
    "numbers": [float("inf"), -0.0, 5e-324, 2**70],
    "nested": {"$": {"x": 1}, "hs": {"crude": "2709"}, "by year": {2020: "a", (1, 2): "b"}},
}

KINDS: dict[str, Callable[[], tw.Result]] = {
    "nothing": solve,
    "a ban": lambda: solve(BAN),
    "a partial ban that leaks": lambda: solve(tw.Ban(exporters="RUS", importers="DEU", coverage=0.7, leakage=0.1)),
    "overlapping bans": lambda: model().solve(tw.Scenario("x", [BAN, PHASED], overlap="nested"), at="2022-07"),
    "an added duty on baseline duties": lambda: solve(tw.Tariff(importers="CHN", rate=0.3), of=model(tariffs=duties())),
    "a replaced duty": lambda: solve(tw.Tariff(importers="CHN", rate_to=0.3), of=model(tariffs=duties())),
    "subsidies of more than half": lambda: solve(BAN, of=model(tariffs=duties(-0.7))),
    "an export tax": lambda: solve(tw.ExportTax(exporters="RUS", rate=0.2)),
    "trade costs": lambda: solve(tw.TradeCost(exporters="RUS", importers="CHN", change=-0.05)),
    "shifts": lambda: solve(tw.Shift(exporters="RUS", supply=0.8), tw.Shift(importers="CHN", demand=1.2)),
    "a shift to zero": lambda: solve(tw.Shift(exporters="USA", supply=0), tw.Shift(importers="POL", demand=0)),
    "a quota of quantity": lambda: quota(quantity=3e5, unit="t"),
    "a quota of an exporter": lambda: quota(share=0.5, rent="exporter"),
    "a quota of value": lambda: quota(value=5e8, currency="USD", start="2022-01-01", end="2023-06-30"),
    "a quota with a duty beyond": lambda: quota(share=0.5, beyond=0.2),
    "a slack quota": lambda: quota(share=30),
    "a quota of zero": lambda: quota(quantity=0),
    "overlapping quotas in part of the year": lambda: solve(
        tw.Quota(exporters="RUS", share=0.6, name="all", start="2022-04-01"),
        tw.Quota(exporters=["RUS", "SAU"], importers="CHN", commodities="crude", share=0.7, rent="exporter"),
        at=2022,
    ),
    "specific duties": lambda: solve(
        tw.Tariff(exporters="RUS", importers="CHN", specific=20, unit="t", currency="USD"),
        tw.ExportTax(exporters="SAU", specific=5),
        tw.TradeCost(exporters="USA", specific=3, unit="kt"),
    ),
    "a schedule": lambda: model(tariffs=duties()).solve(
        tw.Scenario.from_frame("s", rows(coverage=[0.5, None], tariff_to=[None, 0.4], cost_change=[0.1, 0.1]))
    ),
    "own groups": lambda: solve(
        tw.Ban(exporters="Z", importers=["A", "!POL"]), groups={"Z": ["RUS", "SAU"], "A": ["DEU", "POL"]}
    ),
    "dated groups": lambda: solve(tw.Ban(exporters="RUS", importers="EU27", start="2022-12-05"), at=2023),
    "several segments": lambda: solve(BAN, LATER, PHASED, at=2022),
    "a month": lambda: solve(LATER, PHASED, at="2022-03"),
    "a day": lambda: solve(LATER, PHASED, at=dt.date(2022, 6, 15)),
    "averaged wedges": lambda: solve(LATER, PHASED, at="2022Q2", exposure="average"),
    "first order": lambda: solve(
        LATER, tw.Shift(exporters="RUS", supply=0.97), at=2022, order=1, of=model(tariffs=duties())
    ),
    "measures left out": lambda: solve(BAN, CAP, unsupported="leave_out"),
    "nothing to leave out": lambda: solve(BAN, unsupported="leave_out"),
    "polars": lambda: solve(BAN, of=model(pl.from_pandas(market.frame()))),
    "pyarrow": lambda: solve(BAN, of=model(pa.Table.from_pandas(market.frame()))),
    "modes": lambda: solve(tw.Ban(exporters="RUS", modes="sea"), of=model(market.frame(modes=True))),
    "a share of modes": lambda: solve(tw.Ban(exporters="RUS", modes="sea", mode_share=0.4)),
    "any labels": lambda: solve(
        tw.Ban(exporters="Россия", importers=UNICODE["DEU"]),
        of=model(market.frame().replace(UNICODE), countries="as_is", unit="₽"),
    ),
    "attributes": lambda: solve(BAN, of=model(attrs=ATTRS)),
    "values only": lambda: solve(BAN, of=model(market.frame(quantities="none"), quantity_unit=None)),
    "zeros and unknown quantities": lambda: solve(BAN, of=model(holed())),
    "domestic sales": lambda: solve(BAN, of=model(domestic())),
    "several periods": lambda: solve(BAN, of=model(dated(), period="2020")),
    "no periods": undated,
    "elasticities by country": lambda: solve(
        BAN,
        of=model(
            substitution={"coal": 3.3, "crude": 9},
            demand=elasticities("demand", -1.5, -0.1),
            supply=elasticities("supply", 0.0, 2.0),
        ),
    ),
    "closed with fixed supply": lambda: solve(tw.Ban(exporters="RUS"), tw.Ban(importers="POL"), of=model(supply=0)),
    "closed with free supply": lambda: solve(tw.Ban(exporters="RUS"), of=model(supply=float("inf"))),
    "not converged": lambda: solve(
        tw.Ban(exporters="RUS", importers="DEU"), of=model(demand=-1e-16, supply=0), on_failure="return"
    ),
}


def questions(result: tw.Result) -> dict[str, Any]:
    """Every frame that a result gives."""
    seller, buyer = result.model.flows.select(exporters="*").countries[0], "*"
    seller = str(nw.from_native(result.flows)["exporter"][0])
    asked: dict[str, Callable[[], Any]] = {
        **{
            name: lambda name=name: getattr(result, name)
            for name in ("flows", "prices", "wedges", "shifts", "quotas", "closed", "certificate")
        },
        "shares": lambda: result.shares(seller),
        "share_shift": lambda: result.share_shift(seller, buyer, buyer),
        "destinations": lambda: result.destinations(seller),
        "diversion": lambda: result.diversion(seller, buyer),
        "by destination": lambda: result.diversion(seller, buyer, by="destination"),
        "by supplier": lambda: result.diversion(seller, buyer, by="supplier"),
        "revenue": lambda: result.revenue(seller),
        "concentration": result.concentration,
        "welfare": lambda: result.welfare(by="country_commodity"),
        "choked": lambda: result.welfare(choke=3),
        "sources": result.sources,
        "baseline": result.model.flows.to_frame,
    }
    return {name: _outcome(ask) for name, ask in asked.items()}


def _outcome(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except tw.TradewindsError as error:
        return f"{type(error).__name__}: {error}"


def assert_same(found: tw.Result, wanted: tw.Result) -> None:
    """Equal in every bit: nothing is computed in another way, so there is no tolerance."""
    assert found.attrs == wanted.attrs
    assert repr(found.attrs) == repr(wanted.attrs), "the same types, in the same order"
    assert found.settings == wanted.settings
    assert (found.scenario, hash(found.scenario), repr(found.scenario)) == (
        wanted.scenario,
        hash(wanted.scenario),
        repr(wanted.scenario),
    )
    assert (found.left_out, found.domestic_market) == (wanted.left_out, wanted.domestic_market)
    assert repr(found.status) == repr(wanted.status)
    assert (repr(found), found._repr_html_()) == (repr(wanted), wanted._repr_html_())
    assert repr(found.model) == repr(wanted.model)
    assert (found.model.period, found.model.has_tariffs) == (wanted.model.period, wanted.model.has_tariffs)
    assert found.model.flows.periods == wanted.model.flows.periods
    for name, parameter in wanted.model.parameters.items():
        twin = found.model.parameters[name]
        assert _bits(twin.values) == _bits(parameter.values)
        assert (repr(twin.origins), twin.unconverted) == (repr(parameter.origins), parameter.unconverted)
    theirs = questions(wanted)
    for name, frame in questions(found).items():
        same_frame(frame, theirs[name], name)


def same_frame(found: Any, wanted: Any, name: str) -> None:
    assert type(found) is type(wanted), name
    if isinstance(wanted, str):
        assert found == wanted, name
        return
    if isinstance(wanted, pd.DataFrame):
        assert (found.attrs, found.index.equals(wanted.index)) == (wanted.attrs, True), name
        assert found.dtypes.equals(wanted.dtypes), name
    left, right = nw.from_native(found), nw.from_native(wanted)
    assert left.schema == right.schema, name
    for column in right.columns:
        if right[column].dtype.is_numeric():
            assert _bits(left[column].to_numpy()) == _bits(right[column].to_numpy()), (name, column)
        else:
            assert left[column].to_list() == right[column].to_list(), (name, column)


def _bits(values: Any) -> tuple[Any, bytes]:
    array = np.asarray(values)
    return (array.dtype, array.shape), array.tobytes()


def picture(axes: Any) -> bytes:
    drawn = io.BytesIO()
    axes.figure.savefig(drawn, format="png", metadata={"Software": None})
    return drawn.getvalue()
