"""Why exporters' sales changed: formulas by hand, sums, and zeros by their limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import tradewinds as tw

KEYS = ["exporter", "commodity", "importer"]
STRUCTURE = ["world_growth", "commodity_composition", "market_distribution"]
TERMS = [*STRUCTURE, "competitiveness", "interaction"]


def drawn(seed: int, zeros: float = 0.3) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two tables over one grid with sales at home; zeros on either side, and commodities and markets that
    begin and end."""
    draw = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product([list("ABCD"), ["k", "l", "m"], list("ABCDE")], names=KEYS)
    made = []
    for _ in range(2):
        value = draw.lognormal(3, 1.5, len(index)) * (draw.random(len(index)) > zeros)
        made.append(pd.Series(value, index))
    if zeros:
        made[0][made[0].index.get_level_values("commodity") == "m"] = 0.0  # a new commodity
        lost = (made[1].index.get_level_values("commodity") == "k") & (
            made[1].index.get_level_values("importer") == "E"
        )
        made[1][lost] = 0.0  # a market that vanishes
    return made[0].rename("value").reset_index(), made[1].rename("value").reset_index()


def flows(frame: pd.DataFrame, **how: Any) -> tw.Flows:
    return tw.Flows.from_frame(frame, **{"countries": "as_is", **how})


def decompose(before: pd.DataFrame, after: pd.DataFrame, method: Any, **how: Any) -> pd.DataFrame:
    return tw.decompose(flows(before), flows(after), method=method, **how)


def beside(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Flows across borders with the sizes of their markets, before (0) and after (1)."""
    both = before.merge(after, on=KEYS, how="outer", suffixes=("0", "1")).fillna(0.0)
    both = both[both["exporter"] != both["importer"]].rename(columns={"value0": "v0", "value1": "v1"})
    for time in "01":
        both[f"M{time}"] = both[f"v{time}"].sum()
        both[f"Mk{time}"] = both.groupby("commodity")[f"v{time}"].transform("sum")
        both[f"Mkj{time}"] = both.groupby(["commodity", "importer"])[f"v{time}"].transform("sum")
    return both


@pytest.mark.parametrize("method", ["cms", "lmdi"])
@pytest.mark.parametrize("by", ["exporter", "exporter_commodity"])
@pytest.mark.parametrize("seed", range(8))
def test_terms_add_up_to_the_change(seed: int, by: Any, method: Any) -> None:
    before, after = drawn(seed)
    found = decompose(before, after, method, by=by)
    size = found[["before", "after"]].max(axis=1)
    assert ((found["change"] - (found["after"] - found["before"])).abs() <= 1e-15 * size).all()
    # Rounding of a dozen sums; 1e-10 is what is promised, relative to the larger of before and after.
    assert ((found[TERMS].sum(axis=1) - found["change"]).abs() <= 1e-12 * size).all()
    assert ((found[STRUCTURE].sum(axis=1) - found["structure"]).abs() <= 1e-12 * size).all()
    both = beside(before, after)
    keys = ["exporter"] if by == "exporter" else ["exporter", "commodity"]
    sums = both.groupby(keys)[["v0", "v1"]].sum()
    assert np.allclose(found["before"], sums["v0"])
    assert np.allclose(found["after"], sums["v1"])
    assert (found["unit"] == "USD").all()


@pytest.mark.parametrize("seed", range(4))
def test_constant_market_shares_by_hand(seed: int) -> None:
    before, after = drawn(seed, zeros=0.0)
    both = beside(before, after)
    r, rk, rkj = (both[f"{m}1"] / both[f"{m}0"] - 1 for m in ("M", "Mk", "Mkj"))
    s0, s1 = both["v0"] / both["Mkj0"], both["v1"] / both["Mkj1"]
    both = both.assign(
        world_growth=both["v0"] * r,
        commodity_composition=both["v0"] * (rk - r),
        market_distribution=both["v0"] * (rkj - rk),
        competitiveness=(s1 - s0) * both["Mkj0"],
        interaction=(s1 - s0) * (both["Mkj1"] - both["Mkj0"]),
    )
    found = decompose(before, after, "cms").set_index("exporter")[TERMS]
    wanted = both.groupby("exporter")[TERMS].sum()
    assert np.allclose(found, wanted, rtol=1e-10, atol=1e-10 * both["v0"].sum())


def divisia(both: pd.DataFrame) -> pd.DataFrame:
    """LMDI-I as printed, for flows that are nowhere 0."""
    log = lambda pair: np.log(both[f"{pair}1"] / both[f"{pair}0"])  # noqa: E731
    weight = (both["v1"] - both["v0"]) / log("v")
    both = both.assign(
        world_growth=weight * log("M"),
        commodity_composition=weight * (log("Mk") - log("M")),
        market_distribution=weight * (log("Mkj") - log("Mk")),
        competitiveness=weight * (log("v") - log("Mkj")),
        interaction=0.0,
    )
    return both.groupby("exporter")[TERMS].sum()


@pytest.mark.parametrize("seed", range(4))
def test_the_divisia_index_by_hand(seed: int) -> None:
    before, after = drawn(seed, zeros=0.0)
    found = decompose(before, after, "lmdi").set_index("exporter")[TERMS]
    assert np.allclose(found, divisia(beside(before, after)), rtol=1e-10, atol=1e-10 * before["value"].sum())


@pytest.mark.parametrize("side", [0, 1])
def test_zeros_are_the_limits_of_small_numbers(side: int) -> None:
    """With δ in the place of a zero the terms are off by a constant over ln 1/δ, so that they go to the limit."""
    tables = list(drawn(3, zeros=0.0))
    ended = tables[side].index[(tables[side]["exporter"] == "A") & (tables[side]["importer"] == "B")]

    def with_zero(delta: float) -> tuple[pd.DataFrame, pd.DataFrame]:
        changed = [table.copy() for table in tables]
        changed[side].loc[ended, "value"] = delta
        return changed[0], changed[1]

    exact = decompose(*with_zero(0.0), "lmdi").set_index("exporter")[TERMS].loc["A"]
    deltas = [1e-30, 1e-100, 1e-250]
    off = np.array([divisia(beside(*with_zero(delta))).loc["A"] - exact for delta in deltas])
    scaled = off * -np.log(deltas)[:, None]
    assert (np.abs(off[0]) > np.abs(off[2]))[[0, 3]].all()
    assert np.allclose(scaled[1], scaled[2], rtol=0.02, atol=1e-6)


def test_a_flow_that_begins_or_ends_is_due_to_the_factor_that_is_zero() -> None:
    grid = [("A", "k", "X"), ("B", "k", "X"), ("A", "k", "Y"), ("B", "l", "X"), ("A", "l", "X"), ("B", "l", "Z")]
    frame = pd.DataFrame(grid, columns=KEYS)
    before = frame.assign(value=[0.0, 10.0, 0.0, 0.0, 0.0, 0.0])
    after = frame.assign(value=[4.0, 10.0, 6.0, 3.0, 0.0, 5.0])
    for method in ("cms", "lmdi"):
        found = decompose(before, after, method, by="exporter_commodity").set_index(["exporter", "commodity"])
        # A enters X, where k was bought: its share. Y is a new market of k: distribution. l is new: composition.
        gained = found.loc[("A", "k")]
        assert gained["market_distribution"] == pytest.approx(6.0)
        assert gained["competitiveness"] + gained["interaction"] == pytest.approx(4.0)
        assert found.loc[("B", "l"), "commodity_composition"] == pytest.approx(8.0)
        assert (found.loc[("A", "l"), TERMS] == 0).all()
        back = decompose(after, before, method, by="exporter_commodity").set_index(["exporter", "commodity"])
        assert back.loc[("B", "l"), "structure"] == pytest.approx(-8.0)
        assert back.loc[("B", "l"), ["competitiveness", "interaction"]].abs().max() < 1e-12


@pytest.mark.parametrize("seed", range(3))
def test_the_divisia_index_is_the_same_backwards(seed: int) -> None:
    before, after = drawn(seed)
    there, back = decompose(before, after, "lmdi")[TERMS], decompose(after, before, "lmdi")[TERMS]
    assert np.allclose(there, -back, rtol=0, atol=1e-12 * before["value"].sum())


@pytest.mark.parametrize("method", ["cms", "lmdi"])
def test_growth_of_everything_is_world_growth(method: Any) -> None:
    before, _ = drawn(1)
    found = decompose(before, before.assign(value=before["value"] * 1.3), method)
    assert np.allclose(found["world_growth"], 0.3 * found["before"])
    assert np.allclose(found[TERMS[1:]], 0, atol=1e-12 * before["value"].sum())
    same = decompose(before, before, method)
    assert (same[TERMS] == 0).all(axis=None)


def test_countries_of_one_table_only_and_modes_and_libraries() -> None:
    before, after = drawn(2)
    sparse = [table[table["value"] > 0] for table in (before, after)]
    sparse[0] = pd.concat([sparse[0], before[before["commodity"] == "m"]])  # rows of 0: known to be none
    whole = decompose(before, after, "cms")
    assert np.allclose(decompose(*sparse, "cms")[TERMS], whole[TERMS])
    split = pd.concat(
        [after.assign(value=after["value"] * share, mode=mode) for mode, share in (("s", 0.3), ("p", 0.7))]
    )
    modes = tw.decompose(flows(before), flows(split), method="cms")
    assert np.allclose(modes[TERMS], whole[TERMS])
    frame = tw.decompose(flows(pl.from_pandas(before)), flows(after), method="lmdi")
    assert isinstance(frame, pl.DataFrame)


def test_real_figures() -> None:
    energy = tw.datasets.load("energy")
    found = tw.decompose(energy.select(periods=2021), energy.select(periods=2023), method="cms").set_index("exporter")
    assert found["competitiveness"].abs().max() > 1e9
    # What exporters gain in shares others lose: over all of them structure is the whole change.
    assert found["competitiveness"].sum() == pytest.approx(0, abs=1e-6 * found["after"].sum())
    assert found.loc["RUS", TERMS].sum() == pytest.approx(found.loc["RUS", "change"], rel=1e-10)


FRAME = drawn(1)[0]
BAD: dict[str, tuple[Callable[[], Any], type[tw.TradewindsError], str]] = {
    "several periods": (
        lambda: decompose(pd.concat([FRAME.assign(period=2021), FRAME.assign(period=2022)]), FRAME, "cms"),
        tw.DataError,
        "before has 2 periods",
    ),
    "another currency": (
        lambda: tw.decompose(flows(FRAME, unit="EUR"), flows(FRAME), method="cms"),
        tw.DataError,
        "before is in EUR, after in USD",
    ),
    "another HS revision": (
        lambda: tw.decompose(
            flows(FRAME, attrs={"hs_revision": "HS92"}), flows(FRAME, attrs={"hs_revision": "HS17"}), method="cms"
        ),
        tw.DataError,
        "HS revision of before is 'HS92', of after 'HS17'",
    ),
    "another valuation": (
        lambda: tw.decompose(
            flows(FRAME, attrs={"valuation": "FOB"}), flows(FRAME, attrs={"valuation": "CIF"}), method="cms"
        ),
        tw.DataError,
        "valuation of before is 'FOB'",
    ),
    "a commodity in one only": (
        lambda: decompose(FRAME, FRAME[FRAME["commodity"] != "l"], "lmdi"),
        tw.DataError,
        "only in before: l; .*rows of 0",
    ),
    "sales at home only": (
        lambda: decompose(*[FRAME[FRAME["exporter"] == FRAME["importer"]]] * 2, "cms"),
        tw.DataError,
        "no flow crosses a border",
    ),
    "no flows": (lambda: tw.decompose(FRAME, flows(FRAME), method="cms"), tw.DataError, "before is a DataFrame"),
    "no such method": (lambda: decompose(FRAME, FRAME, "csm"), tw.ModelError, "'csm'; expected 'cms' or 'lmdi'"),
    "no such rows": (lambda: decompose(FRAME, FRAME, "cms", by="importer"), tw.ModelError, "by is 'importer'"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused(name: str) -> None:
    provoke, error, says = BAD[name]
    with pytest.raises(error, match=says):
        provoke()
