"""The catalogue writes each known instrument once, with the dates and parameters of its source."""

from __future__ import annotations

import copy
import csv
import datetime as dt
import pickle
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import tradewinds as tw
from tradewinds.datasets.catalogue import Catalogue
from tradewinds.datasets.load import described

ENTRIES = {entry["key"]: entry for entry in described("catalogue")["entry"]}
#: Those whose facts are in the sources.
CHECKED = {key: entry for key, entry in ENTRIES.items() if "instrument" in entry}
CANONICAL = {
    *("crude", "refined", "pipeline_gas", "lng", "coal", "wheat", "maize", "rice", "soybeans", "seafood", "timber"),
    *("aluminium", "copper", "nickel", "palladium", "platinum", "titanium", "fertiliser", "gold", "iron_ore", "steel"),
}
#: Sums over several codes, which a quota needs; the entry's note says how to make them.
SUMS = {"npk", "pig_iron"}
COLUMNS = [
    *("key", "title", "verb", "sender", "target", "commodities", "hs", "announced", "start", "end"),
    *("parameters", "models", "written", "note", "mark", "source"),
]
entry = pytest.mark.parametrize("key", list(tw.catalogue))


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    made = tw.catalogue.to_frame()
    assert isinstance(made, pd.DataFrame)
    return made.set_index("key", drop=False)


@pytest.fixture(scope="module")
def instruments(shared: Path) -> dict[str, dict[str, str]]:
    with (shared.parent / "facts" / "instruments.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def flows(entry: tw.Scenario) -> tw.Flows:
    """All that the entry's measures name, from everybody to everybody, in tonnes and euros."""
    countries = ["RUS", "BLR", "KAZ", "DEU", "BGR", "CZE", "CHN", "JPN", "IND", "USA", "GBR", "CAN", "AUS", "NOR"]
    countries += ["IRN", "VEN", "KOR", "TUR", "TWN", "ZAF"]
    commodities = {name for measure in entry.measures for name in measure.commodities} - {"*"} or {"goods"}
    rows = [(i, j, k) for k in sorted(commodities) for i in countries for j in countries if i != j]
    made = pd.DataFrame(rows, columns=["exporter", "importer", "commodity"]).assign(value=1e7, quantity=1e4, mode="sea")
    return tw.Flows.from_frame(made, unit="EUR", quantity_unit="t")


# a read-only mapping


def test_it_is_a_read_only_mapping() -> None:
    catalogue: Any = tw.catalogue
    assert isinstance(catalogue, Catalogue)
    assert len(catalogue) == len(list(catalogue)) == len(catalogue.keys()) == 37
    assert all(isinstance(scenario, tw.Scenario) for scenario in catalogue.values())
    assert "eu-crude-2022" in catalogue
    assert "eu-crude" not in catalogue
    assert catalogue.get("eu-crude") is None
    assert catalogue["eu-coal-2022"] == catalogue["eu-coal-2022"]
    with pytest.raises(TypeError):
        catalogue["mine"] = tw.Scenario("mine")
    with pytest.raises(TypeError):
        del catalogue["eu-coal-2022"]


@pytest.mark.parametrize("kind", [KeyError, tw.DataError, tw.TradewindsError])
def test_an_unknown_name_is_both_kinds_of_error_and_names_its_neighbours(kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught:
        tw.catalogue["eu-crude-2023"]
    assert "no 'eu-crude-2023'; did you mean 'eu-crude-2022'" in str(caught.value)
    with pytest.raises(kind) as caught:
        tw.catalogue["zzz"]
    assert "there are eu-crude-2022" in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_what_is_not_written_says_why() -> None:
    with pytest.raises(tw.DataError, match="not written as measures: a rule on the origin"):
        tw.catalogue["eu-refined-third-2026"]
    assert "eu-refined-third-2026" not in tw.catalogue
    assert "eu-refined-third-2026" in repr(tw.catalogue)


def test_it_is_read_when_it_is_first_used() -> None:
    code = (
        "import sys, tradewinds as tw\n"
        "assert 'tradewinds.datasets.catalogue' not in sys.modules\n"
        "tw.catalogue\n"
        "assert 'pandas' not in sys.modules\n"
        "print(tw.catalogue)"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    lines = printed.splitlines()
    assert lines[0] == "<tradewinds.Catalogue: 37 entries, 9 more not written>"
    assert len(lines) == 47
    assert max(map(len, lines)) <= 120
    assert sum(line.endswith("[not written]") for line in lines) == 9


# the instruments


def test_every_instrument_appears_once(instruments: dict[str, dict[str, str]]) -> None:
    assert sorted(entry["instrument"] for entry in ENTRIES.values() if "instrument" in entry) == sorted(instruments)
    assert len(ENTRIES) == 46


def test_what_is_not_an_instrument_is_marked_as_unchecked_or_judged() -> None:
    for key, given in ENTRIES.items():
        if "instrument" not in given:
            reading = key.startswith("unfriendly-")
            assert given["mark"].startswith("J" if reading else "M"), key
            assert ("not a law" in given["note"]) if reading else given["source"].count("[M]"), key


def days(text: str) -> set[str]:
    return set(re.findall(r"\d{4}-\d{2}-\d{2}", text))


def test_dates_are_those_of_the_instrument(instruments: dict[str, dict[str, str]], frame: pd.DataFrame) -> None:
    for key, given in CHECKED.items():
        fact, row = instruments[given["instrument"]], frame.loc[key]
        announced = "" if pd.isna(row["announced"]) else str(row["announced"].date())
        assert announced == fact["announced"], key
        whole = days(fact["effective"])
        if whole and given["instrument"] not in ("nord_stream", "eu_lng_ban"):
            assert str(row["start"].date()) in whole, key
        assert row["start"].strftime("%Y") in fact["effective"] + fact["parameters"], key
        assert row["mark"].startswith(fact["mark"]), key


def test_numbers_are_those_of_the_instrument(instruments: dict[str, dict[str, str]]) -> None:
    def numbers(text: str) -> set[float]:
        return {float(found) for found in re.findall(r"\d+(?:\.\d+)?", text)}

    for key in CHECKED.keys() & tw.catalogue.keys():
        scenario, stated = tw.catalogue[key], numbers(instruments[CHECKED[key]["instrument"]]["parameters"])
        stated |= {number / 100 for number in stated} | {number * 1e6 for number in stated}
        for measure in scenario.measures:
            record = measure.record()
            for name in ("quantity", "price", "rate", "specific", "to"):
                if record.get(name):
                    assert record[name] in stated, (key, measure)


def test_windows_of_one_entry_follow_each_other() -> None:
    for key in ("eu-slab-2022", "eu-pig-iron-2023"):
        measures = tw.catalogue[key].measures
        for before, after in pairwise(measures):
            assert isinstance(before.end, dt.date)
            assert after.start == before.end + dt.timedelta(days=1), key
    amounts = tw.catalogue["eu-fertiliser-2025"].measures
    rate, *steps = amounts
    assert (rate.record()["rate"], rate.end) == (0.065, None)
    assert [step.record()["specific"] for step in steps] == [40, 60, 80, 315]
    assert [step.end for step in steps[:-1]] == [dt.date(year, 6, 30) for year in (2026, 2027, 2028)]


def test_the_crude_embargo_has_the_dates_of_its_exemptions() -> None:
    crude = tw.catalogue["eu-crude-2022"]
    model = tw.Armington(flows(crude), period=2021, substitution=5, demand=-0.5, supply=0.5)
    for day, closed in {
        "2022-12-04": set(),
        "2022-12-05": {"DEU"},
        "2024-12-31": {"DEU"},
        "2025-01-01": {"DEU", "BGR"},
        "2025-07-18": {"DEU", "BGR"},
        "2025-07-19": {"DEU", "BGR", "CZE"},
    }.items():
        found = model.solve(crude, at=day).flows
        assert set(found.loc[found["value_after"] == 0, "importer"].astype(str)) == closed, day


UNCHECKED = {
    "eu-iran-crude-2012": ("IRN", "EU27", "2012-01-23", "2012-07-01", "2016-01-15"),
    "us-venezuela-2019": ("VEN", "USA", "2019-01-28", "2019-04-29", "2022-11-25"),
    "china-australia-coal-2020": ("AUS", "CHN", "2020-10-12", "2020-10-12", "2023-01-02"),
    "us-russia-energy-2022": ("RUS", "USA", "2022-03-08", "2022-04-22", None),
    "uk-russia-oil-2022": ("RUS", "GBR", "2022-03-08", "2022-12-05", None),
    "uk-russia-coal-2022": ("RUS", "GBR", "2022-04-06", "2022-08-10", None),
    "uk-russia-lng-2023": ("RUS", "GBR", "2022-10-28", "2023-01-01", None),
    "canada-russia-oil-2022": ("RUS", "CAN", "2022-02-28", "2022-03-10", None),
    "australia-russia-energy-2022": ("RUS", "AUS", "2022-03-11", "2022-04-25", None),
}


@pytest.mark.parametrize("key", UNCHECKED)
def test_a_whole_embargo_has_its_sides_and_days(key: str) -> None:
    (measure,) = tw.catalogue[key].measures
    exporter, importer, *given = UNCHECKED[key]
    assert isinstance(measure, tw.Ban)
    assert (list(measure.exporters), list(measure.importers), measure.coverage) == ([exporter], [importer], 1)
    assert [day and str(day) for day in (measure.announced, measure.start, measure.end)] == given


def closed_to(entry: tw.Scenario, exporter: str, period: int, commodity: str, **at: str) -> set[str]:
    """Buyers on the bundled flows who no longer buy of the exporter."""
    flows = tw.datasets.load("episodes").select(commodities=commodity)
    model = tw.Armington(flows, period=period, substitution=5, demand=-0.5, supply=0.5)
    found = model.solve(entry, **at).flows
    return set(found.loc[(found["exporter"] == exporter) & (found["value_after"] == 0), "importer"].astype(str))


def test_earlier_embargoes_close_what_they_say_on_the_bundled_flows() -> None:
    iran, europe = tw.catalogue["eu-iran-crude-2012"], set(tw.group_members("EU27", "2013-12-31"))
    closed = closed_to(iran, "IRN", 2011, "crude", at="2013")
    assert {"ITA", "ESP", "GRC", "FRA", "GBR"} <= closed <= europe
    assert closed_to(iran, "IRN", 2011, "crude", at="2012-06-30") == set()
    assert closed_to(iran, "IRN", 2011, "crude", at="2016-01-16") == set()
    assert closed_to(tw.catalogue["us-venezuela-2019"], "VEN", 2018, "crude") == {"USA"}
    assert closed_to(tw.catalogue["china-australia-coal-2020"], "AUS", 2019, "coal") == {"CHN"}


def test_reductions_are_a_fifth_of_varieties_and_close_nobody() -> None:
    flows = tw.datasets.load("episodes").select(commodities="crude")
    model = tw.Armington(flows, period=2011, substitution=5, demand=-0.5, supply=0.5)
    reduced = tw.catalogue["us-iran-reductions-2012"]
    found = model.solve(reduced).flows.query("exporter == 'IRN'").astype({"importer": str}).set_index("importer")
    left = found["value_after"] / found["value_before"]
    # No sale of Iran to Türkiye is in the source.
    buyers = [buyer for buyer in reduced.measures[0].importers if buyer != "TUR"]
    assert left[buyers].between(0.5, 1, inclusive="neither").all()
    assert (left.drop(buyers) > 1).all()


def test_the_reading_closes_more_than_the_law_and_keeps_its_exemptions() -> None:
    law = closed_to(tw.catalogue["eu-crude-2022"], "RUS", 2021, "crude", at="2023")
    reading = closed_to(tw.catalogue["unfriendly-crude-2022"], "RUS", 2021, "crude", at="2023")
    assert law < reading
    assert {"JPN", "KOR", "SGP", "GBR", "USA"} <= reading
    assert not reading & {"HUN", "SVK", "CZE", "BGR", "CHN", "IND", "TUR", "BLR"}
    coal = closed_to(tw.catalogue["unfriendly-coal-2022"], "RUS", 2021, "coal", at="2023")
    assert {"JPN", "KOR", "TWN", "POL", "DEU"} <= coal
    assert not coal & {"CHN", "IND", "TUR"}


# entries as scenarios


@entry
def test_an_entry_is_a_scenario_of_its_own_name(key: str) -> None:
    scenario = tw.catalogue[key]
    assert scenario.name == key
    assert scenario.labels[0] == key
    assert all(label.startswith(f"{key}-") for label in scenario.labels[1:])
    assert all(measure.sender and measure.source for measure in scenario.measures)
    assert tw.Scenario.from_toml(scenario.to_toml()) == scenario
    assert copy.deepcopy(scenario) == scenario
    changed = scenario.replace(key, source="mine")
    assert changed.measures[0].source == "mine"
    assert (scenario + tw.Shift(exporters="RUS", supply=0.9, name="more")).labels == [*scenario.labels, "more"]


@entry
def test_commodities_are_canonical_names_or_codes(key: str) -> None:
    for measure in tw.catalogue[key].measures:
        for name in measure.commodities:
            assert name == "*" or name in CANONICAL | SUMS or name.isdigit(), (key, name)
    assert all(code.isdigit() and len(code) >= 2 for code in ENTRIES[key]["hs"])


@entry
def test_an_entry_is_solved_by_the_models_it_names(key: str, frame: pd.DataFrame) -> None:
    scenario = tw.catalogue[key]
    model = tw.Armington(flows(scenario), period=2021, substitution=5, demand=-0.5, supply=0.5)
    day = scenario.measures[0].start
    if frame.loc[key, "models"] == "Armington":
        result = model.solve(scenario, at=str(day))
        assert result.status.converged
        changed = (result.flows["value_after"] - result.flows["value_before"]).abs().max()
        # A quota of a million tonnes is slack on flows of 10,000 t.
        slack = isinstance(scenario.measures[0], tw.Quota)
        assert changed < 1 if slack else changed > 1e4
    else:
        assert frame.loc[key, "models"] == ""
        with pytest.raises(tw.ModelError):
            model.solve(scenario, at=str(day))


def test_entries_combine_and_meet_the_bundled_flows() -> None:
    catalogue = tw.catalogue
    together = catalogue["eu-crude-2022"] + catalogue["eu-coal-2022"] + catalogue["eu-lng-2027"]
    model = tw.Armington(tw.datasets.load("commodities"), period=2021, substitution=5, demand=-0.5, supply=0.5)
    shift = model.solve(together).share_shift("RUS", "EU27", "CHN").set_index("commodity")
    assert (shift.loc[["crude", "coal", "lng"], "away_shift"] < -20).all()
    assert shift.loc["wheat", "away_shift"] == 0
    half = catalogue["eu-coal-2022"].replace("eu-coal-2022", coverage=0.5)
    partly = model.solve(half).share_shift("RUS", "EU27", "CHN").set_index("commodity")
    assert shift.loc["coal", "away_shift"] < partly.loc["coal", "away_shift"] < 0


def test_a_commodity_that_the_flows_lack_is_the_ordinary_error() -> None:
    model = tw.Armington(tw.datasets.load("commodities"), period=2021, substitution=5, demand=-0.5, supply=0.5)
    metals = tw.catalogue["us-uk-metals-2024"]
    with pytest.raises(tw.ScenarioError, match=r"us-uk-metals-2024.*unknown commodity 'aluminium'"):
        model.solve(metals)
    for name in metals.labels:
        metals = metals.replace(name, commodities=["copper", "nickel"])
    found = model.solve(metals).flows
    closed = found[(found["exporter"] == "RUS") & (found["value_after"] == 0)]
    assert set(closed["importer"].astype(str)) <= {"USA", "GBR"}
    assert "nickel" in set(closed["commodity"].astype(str))


def test_the_grain_quota_spares_the_eurasian_union_and_counts_for_its_window() -> None:
    model = tw.Armington(tw.datasets.load("commodities"), period=2021, substitution=5, demand=-0.5, supply=0.1)
    quota = tw.catalogue["russia-grain-quota-2025"]
    # 10.6 Mt in 136 of 365 days; Russia sold 25.6 Mt outside the union in 2021.
    (row,) = model.solve(quota, at="2025-03").quotas.to_dict("records")
    assert row["ceiling"] == pytest.approx(10.6e6 * 365 / 136)
    assert (row["licence_price"], row["holder"]) == (0, "exporter")
    tight = model.solve(quota.replace("russia-grain-quota-2025", quantity=5), at="2025-03")
    wheat = tight.flows.query("exporter == 'RUS' and commodity == 'wheat'")
    outside = wheat[wheat["importer"] != "X_EAEU"]
    # The certificate's residual is below 1e-9 of the ceiling.
    assert outside["quantity_after"].sum() == pytest.approx(5e6 * 365 / 136, rel=1e-9)
    assert tight.quotas["licence_price"].item() > 0


# the frame


def test_the_frame_has_a_row_an_instrument(frame: pd.DataFrame) -> None:
    assert list(tw.catalogue.to_frame().columns) == COLUMNS
    assert list(frame["key"]) == list(ENTRIES)
    assert frame["key"].is_unique
    assert frame["written"].sum() == len(tw.catalogue)
    assert set(frame.loc[frame["written"], "key"]) == set(tw.catalogue)
    for day in ("announced", "start", "end"):
        assert pd.api.types.is_datetime64_any_dtype(frame[day])
    text = frame.drop(columns=["announced", "start", "end", "written"])
    assert text.map(lambda cell: isinstance(cell, str)).all(axis=None)
    for column in ("key", "title", "sender", "target", "mark", "source"):
        assert (frame[column] != "").all()


def test_what_is_not_written_is_marked(frame: pd.DataFrame) -> None:
    left = frame[~frame["written"]]
    assert left["note"].str.startswith("not written: ").all()
    assert not frame.loc[frame["written"], "note"].str.startswith("not written").any()
    assert (left[["verb", "parameters", "models"]] == "").all(axis=None)
    assert frame.loc[frame["written"], "verb"].ne("").all()


def test_a_row_says_what_its_measures_say(frame: pd.DataFrame) -> None:
    pig_iron = frame.loc["eu-pig-iron-2023"]
    assert pig_iron["verb"] == "Quota, Ban"
    assert pig_iron["parameters"] == (
        "quantity=1.14, unit=Mt from 2023-12-19; quantity=0.7, unit=Mt from 2025-01-01; coverage=1 from 2026-01-01"
    )
    assert (str(pig_iron["start"].date()), pd.isna(pig_iron["end"])) == ("2023-12-19", True)
    slab = frame.loc["eu-slab-2022"]
    assert str(slab["end"].date()) == "2028-09-30"
    assert frame.loc["price-cap-crude-2022", "parameters"] == "price=60, per=bbl, currency=USD"
    assert frame.loc["tongjiang-bridge-2022", "parameters"] == (
        "facility=Tongjiang bridge, to=20, unit=Mt, ramp=[0.13 from 2022-11-16, 0.255 from 2023-08-26]"
    )
    assert frame.loc["nord-stream-2022", "parameters"] == "facility=Nord Stream, to=0, unit=bcm"
    assert frame.loc["diamonds-2024", "parameters"] == "coverage=1 from 2024-01-01"
    assert frame.loc["us-india-2025", "commodities"] == "*"
    assert frame.loc["nord-stream-2022", "commodities"] == "pipeline_gas"


def test_a_changed_frame_does_not_change_the_catalogue() -> None:
    mine = tw.catalogue.to_frame()
    mine["key"] = "mine"
    assert "mine" not in set(tw.catalogue.to_frame()["key"])
