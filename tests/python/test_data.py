"""Flows take any dataframe, keep every figure, and give it back as they got it."""

from __future__ import annotations

import copy
import datetime as dt
import math
import pickle
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tradewinds as tw

LIBRARIES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}
NATIVE = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.Table}
library = pytest.mark.parametrize("library", LIBRARIES)

COLUMNS: dict[str, list[Any]] = {
    "period": [2020, 2020, 2021, 2021],
    "commodity": ["crude", "lng", "crude", "lng"],
    "exporter": ["SAU", "RUS", "RUS", "RUS"],
    "importer": ["CHN", "DEU", "CHN", "DEU"],
    "value": [7.5, 3.25, 5.0, 0.0],
    "quantity": [15.0, None, 10.0, None],
    "quantity_unit": ["t", "bcm", "t", "bcm"],
}
KEYS = ("period", "commodity", "exporter", "importer", "mode")


def rows(frame: Any) -> list[dict[str, Any]]:
    """Rows in order of their keys; missing of any kind is None."""
    found = nw.from_native(frame, eager_only=True).rows(named=True)
    plain = [{name: None if cell is None or cell != cell else cell for name, cell in row.items()} for row in found]
    return sorted(plain, key=lambda row: [str(row[key]) for key in KEYS if key in row])


def one(**changes: Any) -> pd.DataFrame:
    """A single flow."""
    row = {"exporter": "RUS", "importer": "CHN", "commodity": "crude", "value": 1.0, **changes}
    return pd.DataFrame({name: [cell] for name, cell in row.items()})


def many(**columns: list[Any]) -> pd.DataFrame:
    """Several flows of a value of 1 each."""
    length = len(next(iter(columns.values())))
    return pd.DataFrame({"commodity": ["crude"] * length, "value": [1.0] * length, **columns})


def sold(*importers: str, **more: Any) -> pd.DataFrame:
    """RUS sells 1 to each."""
    frame = many(importer=list(importers), **{"exporter": ["RUS"] * len(importers)})
    return frame.assign(**more)


# in and out


@library
def test_what_goes_in_comes_out(library: str) -> None:
    frame = tw.Flows.from_frame(LIBRARIES[library](COLUMNS)).to_frame()
    assert isinstance(frame, NATIVE[library])
    assert rows(frame) == rows(pd.DataFrame(COLUMNS))


@library
def test_a_round_trip_changes_nothing(library: str) -> None:
    once = tw.Flows.from_frame(LIBRARIES[library](COLUMNS)).to_frame()
    twice = tw.Flows.from_frame(once).to_frame()
    assert isinstance(twice, NATIVE[library])
    assert rows(twice) == rows(once)


@library
def test_an_unknown_quantity_is_missing_not_a_number(library: str) -> None:
    frame = tw.Flows.from_frame(LIBRARIES[library](COLUMNS)).to_frame()
    missing = nw.from_native(frame, eager_only=True)["quantity"].is_null().sum()
    assert missing == 2


@library
def test_a_quantity_column_without_any_figure_is_no_quantity_known(library: str) -> None:
    frame = LIBRARIES[library]({**COLUMNS, "quantity": [None] * 4})
    assert [row["quantity"] for row in rows(tw.Flows.from_frame(frame).to_frame())] == [None] * 4


@library
def test_an_empty_frame_of_any_library_is_refused(library: str) -> None:
    frame = LIBRARIES[library]({name: cells[:0] for name, cells in COLUMNS.items()})
    with pytest.raises(tw.DataError, match="no rows"):
        tw.Flows.from_frame(frame)


@library
def test_answers_come_back_in_the_library_of_the_input(library: str) -> None:
    flows = tw.Flows.from_frame(LIBRARIES[library](COLUMNS))
    derived = [flows.select(periods=2021), flows.aggregate(countries={"X": "RUS"}), pickle.loads(pickle.dumps(flows))]
    for frame in (*(other.to_frame() for other in derived), flows.shares("RUS", 2021)):
        assert isinstance(frame, NATIVE[library])


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "float32", "int64[pyarrow]"])
def test_pandas_numbers_of_every_kind_are_read(dtype: str) -> None:
    frame = one(value=pd.array([3], dtype=dtype)[0]).astype({"value": dtype})
    assert tw.Flows.from_frame(frame).to_frame()["value"].tolist() == [3.0]


def test_columns_may_be_called_anything() -> None:
    names = {"exporter": "reporter", "importer": "partner", "commodity": "good", "value": "usd", "quantity": "kg"}
    renamed = {**names, "period": "year", "mode": "by"}
    frame = pd.DataFrame({**COLUMNS, "mode": "sea"}).rename(columns=renamed)
    flows = tw.Flows.from_frame(frame, **renamed)
    assert rows(flows.to_frame()) == rows(pd.DataFrame({**COLUMNS, "mode": "sea"}))


def test_the_order_of_rows_and_columns_and_a_strange_index_do_not_matter() -> None:
    frame = pd.DataFrame(COLUMNS)
    shuffled = frame.iloc[[2, 0, 3, 1], ::-1].set_index(pd.Index([5, 5, 1, 0]))
    assert rows(tw.Flows.from_frame(shuffled).to_frame()) == rows(tw.Flows.from_frame(frame).to_frame())


def test_a_single_row_and_a_single_country_are_flows() -> None:
    assert tw.Flows.from_frame(one()).countries == ["CHN", "RUS"]
    home = tw.Flows.from_frame(one(importer="RUS"))
    assert home.countries == ["RUS"]
    assert len(home) == 1


def test_a_known_zero_is_kept_and_an_absent_flow_is_not_made_up() -> None:
    flows = tw.Flows.from_frame(pd.DataFrame(COLUMNS))
    assert len(flows) == 4
    assert (flows.to_frame()["value"] == 0).sum() == 1


def test_a_million_rows_come_through_complete() -> None:
    size, side = 1_000_000, 100
    place = np.arange(size)
    labels = np.array([f"X_{code:02d}" for code in range(side)])
    frame = pd.DataFrame(
        {
            "exporter": labels[place // side // side],
            "importer": labels[place // side % side],
            "commodity": labels[place % side],
            "value": (place % 1000).astype(float),
        }
    )
    flows = tw.Flows.from_frame(frame)
    back = flows.to_frame()
    assert len(flows) == len(back) == size
    # Whole numbers far below 2**53 add up exactly.
    assert back["value"].sum() == frame["value"].sum()
    assert isinstance(back["exporter"].dtype, pd.CategoricalDtype)


# periods


@pytest.mark.parametrize(
    ("given", "label"),
    [
        (2021, 2021),
        (2021.0, 2021),
        ("2021", 2021),
        (np.int16(2021), 2021),
        ("2021Q3", "2021Q3"),
        ("2021-07", "2021-07"),
        ("2021-07-14", "2021-07-14"),
        (dt.date(2021, 7, 14), "2021-07-14"),
        (pd.Timestamp("2021-07-14"), "2021-07-14"),
        (pd.Period("2021Q3"), "2021Q3"),
        (pd.Period("2021-07", "M"), "2021-07"),
    ],
    ids=lambda given: f"{type(given).__name__} {given}",
)
def test_years_quarters_months_and_days_are_periods(given: Any, label: Any) -> None:
    flows = tw.Flows.from_frame(one(period=given))
    assert flows.periods == [label]
    assert flows.to_frame()["period"].tolist() == [label]


@pytest.mark.parametrize("given", [2021, np.int64(2021), "2021", [2021], np.array([2021])], ids=repr)
def test_a_period_is_selected_however_it_is_written(given: Any) -> None:
    flows = tw.Flows.from_frame(pd.DataFrame(COLUMNS))
    assert flows.select(periods=given).periods == [2021]


def test_periods_are_in_order_of_time() -> None:
    months = ["2021-10", "2020-12", "2021-09"]
    frame = pd.concat([one(period=month) for month in months])
    assert tw.Flows.from_frame(frame).periods == sorted(months)


@pytest.mark.parametrize("twin", ["2021Q03", "2021Q+3"])
def test_a_quarter_has_one_spelling(twin: str) -> None:
    with pytest.raises(tw.DataError, match="period"):
        tw.Flows.from_frame(pd.concat([one(period="2021Q3"), one(period=twin)])).to_frame()


def test_flows_without_periods_stand_for_the_model_s_period() -> None:
    flows = tw.Flows.from_frame(sold("CHN", "DEU", "GBR"))
    assert flows.periods == []
    assert "period" not in flows.to_frame().columns
    model = tw.Armington(flows, period=2021, substitution=5, demand=-1, supply=1)
    closed = model.solve(tw.Scenario("x", [tw.Ban(importers="EU27")])).wedges
    assert closed["importer"].tolist() == ["DEU"]


def test_no_message_mentions_the_stand_in_for_a_missing_period() -> None:
    with pytest.raises(tw.DataError) as caught:
        tw.Flows.from_frame(sold("CHN", "CHN"))
    assert "1000" not in str(caught.value)


@pytest.mark.parametrize("question", ["select", "aggregate"])
def test_dated_groups_of_flows_without_a_date_are_refused_not_those_of_the_year_1000(question: str) -> None:
    flows = tw.Flows.from_frame(sold("DEU", "GBR", "HRV"))
    with pytest.raises(tw.TradewindsError, match=r"period|date"):
        flows.select(importers="EU27") if question == "select" else flows.aggregate(countries={"EU": "EU27"})


def test_own_groups_need_no_date() -> None:
    flows = tw.Flows.from_frame(sold("DEU", "GBR"))
    assert flows.select(importers="west", groups={"west": ["GBR"]}).countries == ["GBR", "RUS"]


# countries


SPELLINGS: dict[str, list[Any]] = {
    "RUS": ["RUS", "rus", "RU", " RUS ", 643, 643.0, "643", "Russia", "Russian Federation"],
    "AFG": [4, "4", "004"],
    "USA": [840, 842, "842"],  # ISO's number and BACI's
    "TWN": [490],
    "IND": [356, 699],
    "FRA": [250, 251],
    "CHE": [756, 757],
    "NOR": [578, 579],
    "X_SACU": [711],
    "X_EFTA": ["697"],
    "ROW": ["ROW"],
    "X_AFR": ["X_AFR"],
    "TUR": ["Turkey", "Türkiye"],
    "NAM": ["NA"],
    "CIV": ["Côte d'Ivoire"],
    "KOR": ["South Korea"],
}


@pytest.mark.parametrize(("code", "given"), [(code, name) for code, names in SPELLINGS.items() for name in names])
def test_a_country_is_known_by_any_of_its_names(code: str, given: Any) -> None:
    assert tw.Flows.from_frame(one(exporter=given)).countries == sorted([code, "CHN"])


def test_two_names_of_one_country_are_one_country() -> None:
    frame = many(exporter=["RUS", "Russia"], importer=["CHN", "CHN"])
    with pytest.raises(tw.DataError, match="rows 0 and 1"):
        tw.Flows.from_frame(frame)
    assert tw.Flows.from_frame(frame, duplicates="sum").to_frame()["value"].tolist() == [2.0]


def test_any_labels_as_they_are() -> None:
    frame = many(exporter=["Gazprom", "rus", "007"], importer=["EU27", "RUS", "7"])
    flows = tw.Flows.from_frame(frame, countries="as_is")
    assert flows.countries == ["007", "7", "EU27", "Gazprom", "RUS", "rus"]
    assert rows(tw.Flows.from_frame(flows.to_frame(), countries="as_is").to_frame()) == rows(flows.to_frame())


def test_a_group_s_name_that_is_a_label_means_the_label() -> None:
    frame = sold("EU27", "DEU", period=2021)
    flows = tw.Flows.from_frame(frame, countries="as_is")
    assert flows.select(importers="EU27").countries == ["EU27", "RUS"]


# duplicates


def test_duplicates_are_named_or_summed() -> None:
    frame = pd.concat([sold("CHN", "DEU", quantity=[1.0, 2.0]), sold("DEU", quantity=[4.0])], ignore_index=True)
    with pytest.raises(tw.DataError, match=r"rows 1 and 2 .*RUS to DEU"):
        tw.Flows.from_frame(frame)
    summed = tw.Flows.from_frame(frame, duplicates="sum").to_frame()
    assert summed["value"].tolist() == [1.0, 2.0]
    assert summed["quantity"].tolist() == [1.0, 6.0]


def test_a_sum_with_an_unknown_quantity_is_unknown() -> None:
    frame = sold("DEU", "DEU", quantity=[1.0, math.nan])
    assert tw.Flows.from_frame(frame, duplicates="sum").to_frame()["quantity"].isna().tolist() == [True]


def test_the_same_pair_by_another_mode_commodity_or_period_is_no_duplicate() -> None:
    for column, cells in {"mode": ["sea", "pipe"], "commodity": ["crude", "lng"], "period": [2020, 2021]}.items():
        assert len(tw.Flows.from_frame(sold("CHN", "CHN").assign(**{column: cells}))) == 2


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["RUS", "SAU", "CHN"]),
            st.sampled_from(["RUS", "CHN", "DEU"]),
            st.sampled_from(["crude", "lng"]),
            st.integers(2020, 2022),
            st.integers(0, 10**9),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_sums_are_those_of_a_group_by(drawn: list[tuple[str, str, str, int, int]]) -> None:
    frame = pd.DataFrame(drawn, columns=["exporter", "importer", "commodity", "period", "value"])
    keys = ["period", "commodity", "exporter", "importer"]
    expected = frame.astype({"value": float}).groupby(keys, as_index=False)["value"].sum()
    flows = tw.Flows.from_frame(frame, duplicates="sum")
    # Whole numbers below 2**53 add up exactly, in any order.
    assert rows(flows.to_frame()[[*keys, "value"]]) == rows(expected)
    merged = flows.aggregate(countries={"X": "*"}, commodities={"all": "*"}).to_frame()
    assert merged.set_index("period")["value"].to_dict() == expected.groupby("period")["value"].sum().to_dict()


# units


def test_quantities_have_a_unit_for_all_or_by_commodity_or_by_row() -> None:
    plain = pd.DataFrame(COLUMNS).drop(columns="quantity_unit")
    by_commodity = {"crude": "t", "lng": "bcm"}
    for flows in (
        tw.Flows.from_frame(plain, quantity_unit=by_commodity),
        tw.Flows.from_frame(pd.DataFrame(COLUMNS)),
    ):
        frame = flows.to_frame()
        assert dict(zip(frame["commodity"], frame["quantity_unit"], strict=True)) == by_commodity
    assert set(tw.Flows.from_frame(plain, quantity_unit="kt").to_frame()["quantity_unit"]) == {"kt"}


def test_a_unit_may_be_missing_where_the_quantity_is() -> None:
    frame = sold("CHN", "DEU", quantity=[1.0, math.nan], quantity_unit=["t", None])
    assert tw.Flows.from_frame(frame).to_frame()["quantity_unit"].tolist() == ["t", "t"]


def test_two_units_of_one_commodity_are_refused() -> None:
    with pytest.raises(tw.DataError, match=r"crude.* in t and in bbl"):
        tw.Flows.from_frame(sold("CHN", "DEU", quantity=1.0, quantity_unit=["t", "bbl"]))


def test_a_unit_for_a_commodity_that_is_not_there_is_refused() -> None:
    with pytest.raises(tw.DataError, match="curde"):
        tw.Flows.from_frame(sold("CHN", quantity=1.0), quantity_unit={"curde": "t"})


def test_the_currency_is_said_once() -> None:
    flows = tw.Flows.from_frame(one(), unit="EUR", attrs={"source": "me"})
    assert flows.attrs == {"unit": "EUR", "source": "me"}
    assert flows.to_frame().attrs["units"]["value"] == "EUR"
    with pytest.raises(tw.DataError, match="unit"):
        tw.Flows.from_frame(one(), unit="EUR", attrs={"unit": "thousand USD"})


# nothing that was handed in or out is shared


def test_the_caller_s_frame_is_not_changed_and_not_watched() -> None:
    frame = pd.DataFrame(COLUMNS)
    before = frame.copy()
    flows = tw.Flows.from_frame(frame)
    pd.testing.assert_frame_equal(frame, before)
    frame.loc[:, "value"] = -1.0
    assert flows.to_frame()["value"].min() == 0


def test_a_frame_handed_out_is_the_caller_s_own() -> None:
    flows = tw.Flows.from_frame(pd.DataFrame(COLUMNS), attrs={"notes": ["a"]})
    frame = flows.to_frame()
    frame.loc[:, "value"] = -1.0
    frame.attrs["flows"]["notes"].append("b")
    assert flows.to_frame()["value"].min() == 0
    assert flows.attrs["notes"] == ["a"]


def test_attributes_handed_in_are_not_watched() -> None:
    notes = {"notes": ["a"]}
    flows = tw.Flows.from_frame(one(), attrs=notes)
    notes["notes"].append("b")
    assert flows.attrs["notes"] == ["a"]


@pytest.mark.parametrize("copier", [copy.copy, copy.deepcopy, lambda flows: pickle.loads(pickle.dumps(flows))])
@pytest.mark.parametrize("columns", [COLUMNS, {**COLUMNS, "mode": ["sea", "sea", "pipe", "sea"]}])
def test_copies_and_pickles_are_the_same_flows(copier: Any, columns: dict[str, list[Any]]) -> None:
    flows = tw.Flows.from_frame(pd.DataFrame(columns), attrs={"source": "me"}, unit="EUR")
    twin = copier(flows)
    pd.testing.assert_frame_equal(twin.to_frame(), flows.to_frame())
    assert (twin.attrs, twin.periods, twin.modes, repr(twin)) == (flows.attrs, flows.periods, flows.modes, repr(flows))


def test_repr_says_how_much_of_what() -> None:
    text = repr(tw.Flows.from_frame(pd.DataFrame(COLUMNS), unit="EUR"))
    for fragment in ("4 flows", "4 countries", "2 commodities", "crude, lng", "2020 to 2021", "EUR"):
        assert fragment in text


# selection, sums, shares


EUROPE = ["CHN", "CZE", "DEU", "GBR", "HRV", "HUN"]


@pytest.mark.parametrize(
    ("selector", "left"),
    [
        ("*", EUROPE),
        ("EU27", ["CZE", "DEU", "HRV", "HUN"]),
        (["EU27", "!HUN", "!Czechia"], ["DEU", "HRV"]),
        (["!EU27", "!CHN"], ["GBR"]),
        (["EU27", "!EU27", "HUN"], ["HUN"]),
        (["central", "156"], ["CHN", "CZE", "HUN"]),
        (["*", "!central"], ["CHN", "DEU", "GBR", "HRV"]),
        ("wider", ["CZE", "GBR", "HUN"]),
        (("DE", "United Kingdom"), ["DEU", "GBR"]),
    ],
    ids=str,
)
def test_a_selector_takes_labels_codes_names_and_groups_in_order(selector: Any, left: list[str]) -> None:
    flows = tw.Flows.from_frame(sold(*EUROPE, period=2021))
    groups = {"central": ["CZE", "HUN"], "wider": ["central", "GBR", "CHN", "!CHN"]}
    assert [code for code in flows.select(importers=selector, groups=groups).countries if code != "RUS"] == left


def test_groups_of_a_selection_are_those_of_its_period() -> None:
    def members(period: Any) -> list[str]:
        return tw.Flows.from_frame(sold("DEU", "GBR", "HRV", period=period)).select(importers="EU27").countries

    assert members("2013-06-30") == ["DEU", "GBR", "RUS"]
    assert members("2020-01-31") == ["DEU", "GBR", "HRV", "RUS"]
    assert members(2020) == ["DEU", "HRV", "RUS"]


def test_groups_of_a_selected_period_are_not_those_of_a_later_one() -> None:
    flows = tw.Flows.from_frame(pd.concat([sold("DEU", "GBR", period=year) for year in (2019, 2021)]))
    assert flows.select(importers="EU27", periods=2019).countries == ["DEU", "GBR", "RUS"]


@pytest.mark.parametrize(
    ("group", "day", "inside", "outside"),
    [
        ("EU27", "2020-01-31", {"GBR", "HRV"}, set()),
        ("EU27", "2020-02-01", {"HRV"}, {"GBR"}),
        ("EU27", "2013-06-30", {"GBR", "BGR"}, {"HRV"}),
        ("EU27", "2013-07-01", {"GBR", "HRV"}, set()),
        ("PRICE_CAP_COALITION", "2022-12-05", {"USA", "AUS", "JPN", "DEU", "GBR"}, {"NZL", "CHE"}),
        ("OPEC+", "2023-12-31", {"RUS", "SAU", "AGO"}, {"QAT", "ECU"}),
        ("OPEC+", "2024-01-01", {"RUS", "SAU"}, {"AGO"}),
        ("BRICS", "2010-12-23", {"BRA", "RUS", "IND", "CHN"}, {"ZAF", "IRN"}),
        ("BRICS", "2023-12-31", {"ZAF"}, {"IRN", "ARE"}),
        ("BRICS", "2024-01-01", {"IRN", "ARE", "EGY", "ETH"}, {"SAU", "ARG"}),
        ("EAEU", "2015-08-12", {"RUS", "BLR", "KAZ", "ARM", "KGZ"}, {"UKR"}),
        ("G7", "2021-01-01", {"USA", "CAN", "GBR", "FRA", "DEU", "ITA", "JPN"}, {"RUS"}),
    ],
)
def test_membership_has_dates(group: str, day: str, inside: set[str], outside: set[str]) -> None:
    members = set(tw.group_members(group, day))
    assert inside <= members
    assert not outside & members


def test_the_price_cap_coalition_is_nobody_the_day_before() -> None:
    for day in ("2022-12-04", dt.date(2022, 12, 4), dt.datetime(2022, 12, 4)):
        assert tw.group_members("PRICE_CAP_COALITION", day) == []


def test_a_sum_moves_inner_trade_home_and_loses_nothing() -> None:
    frame = many(exporter=["RUS", "DEU", "DEU"], importer=["DEU", "FRA", "CHN"], period=[2021] * 3)
    merged = tw.Flows.from_frame(frame).aggregate(countries={"EU27": "EU27"}).to_frame()
    pairs = set(zip(merged["exporter"], merged["importer"], merged["value"], strict=True))
    assert pairs == {("RUS", "EU27", 1.0), ("EU27", "EU27", 1.0), ("EU27", "CHN", 1.0)}


def test_a_sum_of_commodities_adds_quantities_of_one_unit_only() -> None:
    goods = {"commodity": ["lng", "pipeline_gas"], "quantity": [2.0, 3.0]}
    same = tw.Flows.from_frame(sold("CHN", "CHN").assign(**goods, quantity_unit="bcm"))
    merged = same.aggregate(commodities={"gas": ["pipeline_gas", "lng"]}).to_frame()
    assert merged[["commodity", "value", "quantity", "quantity_unit"]].values.tolist() == [["gas", 2.0, 5.0, "bcm"]]
    mixed = tw.Flows.from_frame(sold("CHN", "CHN").assign(**goods, quantity_unit=["t", "bcm"]))
    with pytest.raises(tw.DataError, match=r"gas.*(t and in bcm|bcm and in t).*convert"):
        mixed.aggregate(commodities={"gas": ["pipeline_gas", "lng"]})


def test_a_country_belongs_to_one_sum() -> None:
    flows = tw.Flows.from_frame(sold("DEU", "GBR", period=2021))
    with pytest.raises(tw.DataError, match=r"'DEU' would belong to 'EU27' and to 'G7'.*choose one"):
        flows.aggregate(countries={"EU27": "EU27", "G7": "G7"})


def test_shares_are_in_quantities_only_if_all_are_known() -> None:
    frame = sold("CHN", "DEU", period=2021, quantity=[1.0, 3.0])
    assert tw.Flows.from_frame(frame).shares("RUS")[["share", "basis"]].values.tolist() == [
        [0.25, "quantity"],
        [0.75, "quantity"],
    ]
    frame.loc[0, "quantity"] = math.nan
    assert tw.Flows.from_frame(frame).shares("RUS")["basis"].tolist() == ["value", "value"]


def test_shares_ask_for_the_period_where_there_are_several() -> None:
    flows = tw.Flows.from_frame(pd.DataFrame(COLUMNS))
    with pytest.raises(tw.DataError, match=r"2020, 2021.*period="):
        flows.shares("RUS")
    assert flows.shares("RUS", 2020)["importer"].tolist() == ["DEU"]
