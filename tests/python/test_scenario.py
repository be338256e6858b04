"""A scenario is a value: checked, frozen, comparable, and the same after any file."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import inspect
import json
import math
import pickle
import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tradewinds as tw
from tradewinds import _core

SCHEMA = _core.measure_schema()
COMMON = [field.name for field in dataclasses.fields(tw.Measure)]
verb = pytest.mark.parametrize("verb", SCHEMA)


def model(frame: pd.DataFrame | None = None, **changes: Any) -> tw.Armington:
    """RUS and SAU sell crude to CHN, DEU and GBR in 2021."""
    pairs = [(seller, buyer) for seller in ("RUS", "SAU") for buyer in ("CHN", "DEU", "GBR")]
    if frame is None:
        frame = pd.DataFrame(pairs, columns=["exporter", "importer"]).assign(commodity="crude", value=1.0, period=2021)
    given = {"period": 2021, "substitution": 5, "demand": -1, "supply": 1, **changes}
    return tw.Armington(tw.Flows.from_frame(frame), **given)


def touched(scenario: tw.Scenario, at: Any = None, **changes: Any) -> dict[tuple[str, str], float]:
    """Availability of the flows that bans reach."""
    wedges = model(**changes).solve(scenario, at=at).wedges
    return {(row.exporter, row.importer): row.availability for row in wedges.itertuples()}


def in_force(scenario: tw.Scenario, at: Any = None) -> list[tuple[float, dict[str, float]]]:
    return [(segment["weight"], segment["in_force"]) for segment in model().solve(scenario, at=at).attrs["segments"]]


def read_back(scenario: tw.Scenario) -> list[tw.Scenario]:
    return [tw.Scenario.from_toml(scenario.to_toml()), tw.Scenario.from_json(scenario.to_json())]


# the core says what a verb takes; the classes say the same


@verb
def test_a_verb_takes_what_the_core_says_in_that_order(verb: str) -> None:
    fields = [field["name"] for field in SCHEMA[verb]["fields"]]
    signature = inspect.signature(getattr(tw, verb))
    assert [name for name in signature.parameters if name not in COMMON] == fields
    assert set(COMMON) <= set(signature.parameters)
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in signature.parameters.values())


@verb
def test_a_verb_has_the_core_s_defaults(verb: str) -> None:
    signature = inspect.signature(getattr(tw, verb))
    for field in SCHEMA[verb]["fields"]:
        empty = () if field["name"] == "ramp" else None
        expected = empty if field["default"] is None else field["default"]
        assert signature.parameters[field["name"]].default == expected, field["name"]


@verb
def test_a_docstring_mentions_every_parameter(verb: str) -> None:
    own, common = inspect.getdoc(getattr(tw, verb)) or "", inspect.getdoc(tw.Measure) or ""
    assert [field["name"] for field in SCHEMA[verb]["fields"] if not re.search(rf"\b{field['name']}\b", own)] == []
    assert [name for name in COMMON if not re.search(rf"\b{name}\b", common)] == []


@verb
def test_what_the_core_requires_is_required(verb: str) -> None:
    rule, names = SCHEMA[verb]["required"]
    if rule == "nothing":
        getattr(tw, verb)()
        return
    with pytest.raises(tw.ScenarioError, match=rf"{verb} .*{names[0]}"):
        getattr(tw, verb)()
    values = {name: "a name" if name == "facility" else 0.5 for name in names}
    if rule == "one of":
        for name, value in values.items():
            getattr(tw, verb)(**{name: value})
        with pytest.raises(tw.ScenarioError, match="exactly one of"):
            getattr(tw, verb)(**values)
    else:
        getattr(tw, verb)(**values)


NUMBERS = {
    f"{verb}-{field['name']}": (verb, field) for verb in SCHEMA for field in SCHEMA[verb]["fields"] if field["range"]
}


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("wrong", ["nan", "inf", "-inf", "below", "above"])
def test_a_number_out_of_its_range_is_refused_by_name(number: str, wrong: str) -> None:
    verb, field = NUMBERS[number]
    name, (low, high) = field["name"], field["range"]
    value = {"below": low - 0.01, "above": high + 0.01}.get(wrong) or float(wrong)
    rule, names = SCHEMA[verb]["required"]
    rest = {} if rule == "nothing" or name in names else {names[0]: "a name" if names[0] == "facility" else 0.5}
    if (name, value) == ("price", math.inf):
        assert tw.PriceCap(price=value).price == math.inf
        return
    with pytest.raises(tw.ScenarioError, match=rf"^{name} is .*expected"):
        getattr(tw, verb)(**rest, **{name: value})


def test_a_price_cap_is_in_dollars_a_barrel_unless_said() -> None:
    cap = tw.PriceCap(price=60)
    assert (cap.per, cap.currency) == ("bbl", "USD")


def test_no_phase_may_be_written_as_none() -> None:
    assert tw.Ban(phase=None) == tw.Ban()


@pytest.mark.parametrize("number", [np.float64(0.5), np.float32(0.5), np.int64(1), 1], ids=lambda n: type(n).__name__)
def test_numbers_of_numpy_are_numbers(number: Any) -> None:
    assert tw.Tariff(rate=number) == tw.Tariff(rate=float(number))
    assert tw.Ban(phase=[("2022-01-01", number)]) == tw.Ban(phase=[("2022-01-01", float(number))])


# exact round trip

text = st.text(max_size=8) | st.sampled_from(["*", "inf", "NaN", "-inf", "true", "1", "2022-01-01", "'''", "\\", "é\n"])
days = st.dates()
shares = st.floats(0, 1)


def selectors(plain: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return plain | st.lists(plain | plain.map(lambda name: "!" + name), min_size=1, max_size=4)


@st.composite
def measures(draw: st.DrawFn) -> tw.Measure:
    verb = draw(st.sampled_from(sorted(SCHEMA)))
    common: dict[str, Any] = {
        "modes": draw(st.none() | selectors(text)),
        "mode_share": draw(st.none() | shares),
        "sender": draw(st.none() | text),
        "source": draw(st.none() | text),
        "commodities": draw(selectors(text)),
    }
    dates = sorted(draw(st.sets(days, min_size=4, max_size=4)))
    common["announced"] = draw(st.none() | st.dates(max_value=dates[0]))
    common["start"] = draw(st.none() | st.just(dates[0]))
    common["end"] = draw(st.none() | st.just(dates[3]))
    common["phase"] = [(day, draw(shares)) for day in dates[1 : draw(st.integers(1, 3))]]
    if verb == "Quota":  # in force or not, and never a part of a mode
        common["phase"] = [(day, round(share)) for day, share in common["phase"]]
        common["mode_share"] = None
    own = {}
    for field in SCHEMA[verb]["fields"]:
        if field["range"]:
            low, high = (max(field["range"][0], -1e300), min(field["range"][1], 1e300))
            own[field["name"]] = draw(st.floats(low, high))
        elif field["name"] == "rent":
            own["rent"] = draw(st.sampled_from(["importer", "exporter"]))
        elif field["name"] != "ramp":
            own[field["name"]] = draw(text)
    if verb == "PriceCap":
        own["price"] = draw(st.floats(0, 1e9) | st.just(math.inf))
    rule, names = SCHEMA[verb]["required"]
    if rule == "one of":
        kept = draw(st.sampled_from(names))
        own = {name: value for name, value in own.items() if name == kept or name not in names}
    if verb != "Shift":
        common |= {"exporters": draw(selectors(text)), "importers": draw(selectors(text))}
    return getattr(tw, verb)(**common, **own)


@st.composite
def scenarios(draw: st.DrawFn) -> tw.Scenario:
    drawn = draw(st.lists(measures(), max_size=3))
    names = draw(
        st.lists(
            text.filter(bool) | st.none(),
            min_size=len(drawn),
            max_size=len(drawn),
            unique_by=lambda name: name or object(),
        )
    )
    named = [dataclasses.replace(measure, name=name) for measure, name in zip(drawn, names, strict=True)]
    rates = st.none() | shares
    return tw.Scenario(
        draw(text),
        named,
        draw(st.dictionaries(text, st.lists(text, min_size=1, max_size=3), max_size=3)),
        draw(st.sampled_from(["independent", "nested", "disjoint"])),
        draw(st.lists(st.tuples(text, text, text, rates, rates, rates, rates, rates), max_size=3)),
    )


@given(scenarios())
def test_a_scenario_survives_toml_json_and_pickle(scenario: tw.Scenario) -> None:
    for twin in (*read_back(scenario), pickle.loads(pickle.dumps(scenario)), copy.deepcopy(scenario)):
        assert twin == scenario
        assert hash(twin) == hash(scenario)
        assert twin.labels == scenario.labels
        assert (twin.to_toml(), twin.to_json()) == (scenario.to_toml(), scenario.to_json())


@given(scenarios())
def test_files_are_toml_and_json_that_others_can_read(scenario: tw.Scenario) -> None:
    def forbidden(constant: str) -> None:
        raise AssertionError(f"JSON has no {constant}")

    assert tomllib.loads(scenario.to_toml()) == json.loads(scenario.to_json(), parse_constant=forbidden)


@given(measures())
def test_a_measure_s_repr_evaluates_to_it(measure: tw.Measure) -> None:
    assert eval(repr(measure), vars(tw)) == measure


@pytest.mark.parametrize("name", ["inf", "NaN", "*", "1", "2022-01-01", "é'\"\n", "Ban 2"])
@pytest.mark.parametrize("field", ["name", "sender", "source", "exporters", "commodities", "modes"])
def test_any_text_stays_text_in_a_file(field: str, name: str) -> None:
    scenario = tw.Scenario("x", [tw.Ban(**{field: name})])
    assert read_back(scenario) == [scenario, scenario]


def test_numbers_survive_to_the_last_bit() -> None:
    numbers = [0.1 + 0.2, 5e-324, 1.7e308, -0.1, 1 / 3, 1e22]
    scenario = tw.Scenario("x", [tw.Tariff(rate=number) for number in numbers])
    for twin in read_back(scenario):
        assert [measure.rate.hex() for measure in twin.measures] == [number.hex() for number in numbers]


def test_files_and_text_are_read_alike(tmp_path: Path) -> None:
    scenario = tw.Scenario("Embargo é", [tw.Ban(exporters="RUS", start="2022-12-05")], {"Gulf": ["SAU", "ARE"]})
    for kind in ("toml", "json"):
        path = tmp_path / f"scenario.{kind}"
        written = getattr(scenario, f"to_{kind}")(path)
        assert path.read_text(encoding="utf-8") == written
        read = getattr(tw.Scenario, f"from_{kind}")
        assert read(path) == read(str(path)) == read(written) == scenario
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scenario.json", "scenario.toml"]


def test_toml_may_use_its_own_dates_and_infinity_and_be_short() -> None:
    scenario = tw.Scenario.from_toml("""
format = 1
name = "by hand"
[[measure]]
verb = "Ban"
exporters = ["RUS", "!CHN"]
start = 2022-12-05
phase = [[2022-12-05, 0.5], ["2023-02-05", 1]]
[[measure]]
verb = "PriceCap"
price = inf
""")
    steps = [(dt.date(2022, 12, 5), 0.5), ("2023-02-05", 1.0)]
    ban = tw.Ban(exporters=["RUS", "!CHN"], start=dt.date(2022, 12, 5), phase=steps)
    assert scenario == tw.Scenario("by hand", [ban, tw.PriceCap(price=math.inf)])


# a value


def test_scenarios_are_equal_by_content_and_then_hash_alike() -> None:
    pairs = [
        (tw.Scenario("x", [tw.Tariff(rate=1)]), tw.Scenario("x", [tw.Tariff(rate=1.0)])),
        (tw.Scenario("x", [tw.Tariff(rate=0.0)]), tw.Scenario("x", [tw.Tariff(rate=-0.0)])),
        (tw.Scenario("x", [tw.Ban(exporters="RUS")]), tw.Scenario("x", (tw.Ban(exporters=["RUS"]),))),
        (tw.Scenario("x", [tw.Ban(start="2022-12-05")]), tw.Scenario("x", [tw.Ban(start=dt.date(2022, 12, 5))])),
        (
            tw.Scenario("x", [], {"a": ["RUS"], "b": ["CHN"]}),
            tw.Scenario("x", [], {"b": ["CHN"], "a": ["RUS"]}),
        ),
    ]
    for left, right in pairs:
        assert left == right
        assert hash(left) == hash(right), left
    assert tw.Scenario("x", [tw.Ban()]) != tw.Scenario("x", [tw.Ban(coverage=0.5)]) != tw.Scenario("y", [tw.Ban()])


def test_nothing_in_a_scenario_can_be_changed() -> None:
    scenario = tw.Scenario("x", [tw.Ban()], {"Gulf": ["SAU"]}, schedule=[("RUS", "CHN", "crude", 0.5)])
    before = (scenario.to_toml(), hash(scenario))
    for action in (
        lambda: setattr(scenario, "name", "y"),
        lambda: setattr(scenario.measures[0], "coverage", 0.5),
        lambda: scenario.measures.append(tw.Ban()),
        lambda: scenario.groups.update(Gulf=["RUS"]),
        lambda: scenario.groups["Gulf"].append("RUS"),
    ):
        with pytest.raises((AttributeError, TypeError)):
            action()
    assert (scenario.to_toml(), hash(scenario)) == before


def test_measures_may_come_from_any_iterable() -> None:
    bans = [tw.Ban(exporters=code) for code in ("RUS", "IRN")]
    assert tw.Scenario("x", (ban for ban in bans)) == tw.Scenario("x", bans)


def test_the_caller_s_lists_are_not_watched() -> None:
    bans, groups, countries = [tw.Ban()], {"G": ["SAU"]}, ["RUS"]
    ban, scenario = tw.Ban(exporters=countries), tw.Scenario("x", bans, groups)
    bans.clear()
    groups["G"].append("RUS")
    countries.append("CHN")
    assert (len(scenario.measures), scenario.groups["G"], ban.exporters) == (
        1,
        tw.Scenario("", [], {"G": ["SAU"]}).groups["G"],
        ("RUS",),
    )


def test_repr_is_readable_and_evaluates_to_the_scenario() -> None:
    ban = tw.Ban(exporters="RUS", importers=["EU27", "!HUN"], start="2022-12-05", phase=[("2023-02-05", 0.5)])
    assert repr(ban) == (
        "Ban(exporters='RUS', importers=['EU27', '!HUN'], start='2022-12-05', phase=[['2023-02-05', 0.5]])"
    )
    for scenario in (
        tw.Scenario("x"),
        tw.Scenario("x", [ban, tw.TradeCost(change=-0.02)]),
        tw.Scenario("x", [tw.Ban(exporters="Gulf")], {"Gulf": ["SAU"]}, "nested"),
    ):
        assert eval(repr(scenario), vars(tw)) == scenario


# putting scenarios together


RUSSIA, IRAN = tw.Ban(name="russia", exporters="RUS"), tw.Ban(name="iran", exporters="IRN")


def test_scenarios_and_measures_add_up() -> None:
    both = tw.Scenario("a", [RUSSIA]) + tw.Scenario("b", [IRAN], {"G": ["SAU"]})
    assert both == tw.Scenario("a + b", [RUSSIA, IRAN], {"G": ["SAU"]})
    assert tw.Scenario("a", [RUSSIA], overlap="nested") + IRAN == tw.Scenario("a", [RUSSIA, IRAN], overlap="nested")
    rows = tw.Scenario("a", schedule=[("RUS", "CHN", "crude", 0.5)])
    assert len((rows + rows).schedule) == 2


def test_what_contradicts_itself_does_not_add_up() -> None:
    one = tw.Scenario("a", [RUSSIA], {"G": ["SAU"]})
    for other, words in (
        (tw.Scenario("b", [RUSSIA]), "two measures are called 'russia'"),
        (tw.Scenario("b", [], {"G": ["RUS"]}), "group 'G'.*rename"),
        (tw.Scenario("b", overlap="nested"), "overlap.*choose one"),
    ):
        with pytest.raises(tw.ScenarioError, match=words):
            one + other
    with pytest.raises(TypeError):
        one + 5  # type: ignore[operator]


def test_a_measure_is_taken_out_or_replaced_by_its_label() -> None:
    scenario = tw.Scenario("x", [RUSSIA, tw.Ban(exporters="IRN"), tw.Tariff(rate=0.1)])
    assert scenario.labels == ["russia", "Ban 2", "Tariff 3"]
    assert scenario.without("Ban 2").measures == (RUSSIA, tw.Tariff(rate=0.1))
    half = scenario.replace("russia", coverage=0.5)
    assert half.measures[0] == tw.Ban(name="russia", exporters="RUS", coverage=0.5)
    assert len(scenario.measures) == 3
    assert scenario.replace("russia", name="oil").labels == ["oil", "Ban 2", "Tariff 3"]
    for action in (lambda: scenario.without("iran"), lambda: scenario.replace("iran", coverage=0.5)):
        with pytest.raises(tw.ScenarioError, match=r"'iran'.*russia, Ban 2, Tariff 3"):
            action()


def test_a_label_names_one_measure() -> None:
    with pytest.raises(tw.ScenarioError, match="Ban 2"):
        tw.Scenario("x", [tw.Ban(), tw.Ban(exporters="IRN"), tw.Ban(name="Ban 2")])


def test_results_call_a_measure_as_the_scenario_does() -> None:
    absent = {"exporters": "CHN", "importers": "RUS"}
    scenario = tw.Scenario("x", [tw.Ban(name="", **absent), tw.Tariff(rate=0.1, **absent), tw.PriceCap(price=60)])
    result = model().solve(scenario, unsupported="leave_out")
    assert [*result.attrs["segments"][0]["in_force"], *result.left_out] == scenario.labels
    assert result.attrs["measures_without_effect"] == scenario.labels[:2]


# schedules


def schedule(*rows: tuple[Any, ...], rate: str = "coverage") -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["exporter", "importer", "commodity", rate])


@pytest.mark.parametrize("library", [pd.DataFrame, pl.from_pandas, pa.Table.from_pandas])
def test_a_schedule_comes_from_any_frame_and_survives_a_file(library: Any) -> None:
    frame = schedule(("RUS", "DEU", "crude", 0.25), ("Russia", "156", "crude", None)).astype({"coverage": float})
    scenario = tw.Scenario.from_frame("x", library(frame))
    assert [row.coverage for row in scenario.schedule] == [0.25, None]
    assert read_back(scenario) == [scenario, scenario]
    # 0.75 exactly: 1 − 0.25 has no rounding.
    assert touched(scenario) == {("RUS", "DEU"): 0.75}


@pytest.mark.parametrize(
    ("rate", "column", "power"),
    [
        ("tariff_add", "tariff_power", 1.25),
        ("tariff_to", "tariff_power", 1.25),
        ("export_tax_add", "export_tax_power", 1.25),
        ("cost_change", "cost_factor", 1.25),
        ("coverage", "availability", 0.75),
    ],
)
def test_a_schedule_has_rates_not_powers(rate: str, column: str, power: float) -> None:
    duties = pd.DataFrame({"exporter": ["RUS"], "importer": ["CHN"], "commodity": ["crude"], "tariff": [0.0]})
    scenario = tw.Scenario.from_frame("x", schedule(("RUS", "CHN", "crude", 0.25), rate=rate))
    wedges = model(tariffs=duties).solve(scenario).wedges
    # Quarters are exact in binary.
    assert wedges[column].tolist() == [power]


def test_an_empty_schedule_is_the_empty_scenario() -> None:
    for frame in (pd.DataFrame(), schedule(), pl.DataFrame(schema=["exporter", "importer", "commodity"])):
        assert tw.Scenario.from_frame("x", frame) == tw.Scenario("x")


def test_rows_on_zero_and_absent_flows_are_counted() -> None:
    frame = model().flows.to_frame()
    frame.loc[(frame["exporter"] == "SAU") & (frame["importer"] == "GBR"), "value"] = 0.0
    rows = schedule(("RUS", "CHN", "crude", 0.5), ("SAU", "GBR", "crude", 0.5), ("CHN", "RUS", "crude", 0.5))
    result = model(frame).solve(tw.Scenario.from_frame("x", rows))
    assert result.attrs["schedule_rows_without_effect"] == 2


# dates


MAY, JULY = dt.date(2024, 5, 1), dt.date(2024, 7, 2)


def test_without_at_every_measure_is_as_far_in_force_as_it_gets() -> None:
    phased = tw.Ban(name="a", phase=[("2022-01-01", 0.25), ("2030-01-01", 0.75)], end="2031-01-01")
    later = tw.Tariff(name="b", rate=0.1, start="2030-06-01")
    assert in_force(tw.Scenario("x", [phased, later])) == [(1.0, {"a": 0.75, "b": 1.0})]


def test_dates_that_never_meet_need_at() -> None:
    first, second = tw.Ban(name="a", end="2024-05-01"), tw.Ban(name="b", start="2024-05-02")
    with pytest.raises(tw.ScenarioError, match=r"a .*2024-05-01.*b from 2024-05-02.*at="):
        model().solve(tw.Scenario("x", [first, second]))
    assert in_force(tw.Scenario("x", [first, second]), MAY) == [(1.0, {"a": 1.0, "b": 0.0})]
    touching = dataclasses.replace(second, start="2024-05-01")
    assert in_force(tw.Scenario("x", [first, touching])) == [(1.0, {"a": 1.0, "b": 1.0})]


@pytest.mark.parametrize(
    ("at", "weights"),
    [
        (2024, [0.5, 0.5]),
        ("2024", [0.5, 0.5]),
        ("2024Q3", [1 / 92, 91 / 92]),
        ("2024-07", [1 / 31, 30 / 31]),
        (JULY, [1.0]),
        ("2024-07-02", [1.0]),
        (dt.datetime(2024, 7, 2), [1.0]),
        (pd.Timestamp("2024-07-02"), [1.0]),
        (2025, [1.0]),
    ],
    ids=lambda at: f"{type(at).__name__} {at}",
)
def test_a_year_quarter_month_or_date_is_cut_where_a_measure_starts(at: Any, weights: list[float]) -> None:
    found = in_force(tw.Scenario("x", [tw.Ban(name="a", start=JULY)]), at)
    # A quotient of two small integers is rounded once, by both alike.
    assert [weight for weight, _ in found] == weights
    assert [force["a"] for _, force in found] == [0.0, 1.0][-len(weights) :]


def test_the_last_day_is_in_force_and_phases_step() -> None:
    ban = tw.Ban(name="a", end="2024-05-01", phase=[("2024-04-30", 0.5), ("2024-05-01", 1)])
    days = ["2024-04-29", "2024-04-30", "2024-05-01", "2024-05-02"]
    assert [in_force(tw.Scenario("x", [ban]), day)[0][1]["a"] for day in days] == [0.0, 0.5, 1.0, 0.0]


def test_groups_are_those_of_the_measure_s_first_day() -> None:
    ban = tw.Ban(importers="EU27", exporters="RUS")
    assert set(touched(tw.Scenario("x", [ban]))) == {("RUS", "DEU")}
    old = dataclasses.replace(ban, start="2019-01-01")
    assert set(touched(tw.Scenario("x", [old]), at=2023)) == {("RUS", "DEU"), ("RUS", "GBR")}


def test_modes_narrow_a_ban_and_a_share_stands_for_modes_that_are_not_known() -> None:
    ban = tw.Ban(exporters="RUS", importers="DEU", modes="sea")
    by_mode = pd.concat([model().flows.to_frame().assign(mode=mode) for mode in ("sea", "pipe")])
    wedges = model(by_mode).solve(tw.Scenario("x", [ban])).wedges
    assert wedges[["mode", "availability"]].values.tolist() == [["sea", 0.0]]
    assert touched(tw.Scenario("x", [dataclasses.replace(ban, mode_share=0.25)])) == {("RUS", "DEU"): 0.75}


@pytest.mark.parametrize(("overlap", "left"), [("independent", 0.375), ("nested", 0.5), ("disjoint", 0.25)])
def test_two_bans_on_one_flow_overlap_as_said(overlap: Any, left: float) -> None:
    bans = [tw.Ban(exporters="RUS", importers="DEU", coverage=coverage) for coverage in (0.25, 0.5)]
    # Quarters and eighths are exact in binary.
    assert touched(tw.Scenario("x", bans, overlap=overlap)) == {("RUS", "DEU"): left}


def test_own_groups_hold_in_measures_and_questions() -> None:
    scenario = tw.Scenario("x", [tw.Ban(exporters="RUS", importers=["west", "!GBR"])], {"west": ["EU27", "GBR", "USA"]})
    assert set(touched(scenario)) == {("RUS", "DEU")}
    shift = model().solve(scenario).share_shift("RUS", away="west", toward="CHN")
    # Thirds: three equal flows before.
    assert shift["away_before"].tolist() == pytest.approx([2 / 3], rel=1e-15)
