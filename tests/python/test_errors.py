"""Bad input: the right class, a message that says what, where and what to do, and nothing is lost."""

from __future__ import annotations

import math
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import polars as pl
import pytest

import tradewinds as tw

PAIRS = [("RUS", "CHN"), ("RUS", "DEU"), ("SAU", "CHN"), ("SAU", "DEU")]


def frame(**changes: Any) -> pd.DataFrame:
    """Four flows of crude in 2021; a list changes a column row by row."""
    plain = pd.DataFrame(PAIRS, columns=["exporter", "importer"])
    return plain.assign(**{"commodity": "crude", "period": 2021, "value": 1.0, "quantity": 2.0, **changes})


def flows(**changes: Any) -> tw.Flows:
    return tw.Flows.from_frame(frame(**changes))


def model(**changes: Any) -> tw.Armington:
    return tw.Armington(flows(), **{"period": 2021, "substitution": 5, "demand": -1, "supply": 1, **changes})


def solve(*measures: tw.Measure, **settings: Any) -> tw.Result:
    return model().solve(tw.Scenario("x", list(measures)), **settings)


def weightless(*measures: tw.Measure) -> tw.Result:
    """Solve on flows without quantities."""
    bare = tw.Flows.from_frame(frame().drop(columns="quantity"))
    return tw.Armington(bare, period=2021, substitution=5, demand=-1, supply=1).solve(tw.Scenario("x", list(measures)))


def table(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({name: [cell] for name, cell in columns.items()})


def rates(**columns: Any) -> pd.DataFrame:
    return table(exporter="RUS", importer="CHN", commodity="crude", **columns)


def toml(*lines: str) -> Callable[[], tw.Scenario]:
    text = "\n".join(["format = 1", 'name = "x"', "[[measure]]", 'verb = "Ban"', *lines])
    return lambda: tw.Scenario.from_toml(text)


class Case(NamedTuple):
    provoke: Callable[[], Any]
    error: type[tw.TradewindsError]
    #: Regular expressions that the message must contain: what was given, what is expected, where, what to do.
    says: tuple[str, ...]


def data(provoke: Callable[[], Any], *says: str) -> Case:
    return Case(provoke, tw.DataError, says)


def scenario(provoke: Callable[[], Any], *says: str) -> Case:
    return Case(provoke, tw.ScenarioError, says)


def refused(provoke: Callable[[], Any], *says: str) -> Case:
    return Case(provoke, tw.ModelError, says)


BAN, LATER = tw.Ban(exporters="RUS", end="2022-06-30"), tw.Ban(name="later", start="2023-01-01")

FLOWS = {
    "negative value": data(lambda: flows(value=[1, -2, 1, 1]), "negative value", "row 1", "0 or more"),
    "missing value": data(lambda: flows(value=[1, 1, math.nan, 1]), "missing value", "row 2", "drop|write 0"),
    "missing value in polars": data(
        lambda: tw.Flows.from_frame(pl.from_pandas(frame()).with_columns(value=pl.Series([1, None, None, 2]))),
        "missing value",
        "row 1, 2",
    ),
    "infinite value": data(lambda: flows(value=[math.inf, 1, 1, 1]), "infinite value", "row 0", "finite"),
    "negative quantity": data(lambda: flows(quantity=[1, 1, 1, -1]), "negative quantity", "row 3", "missing"),
    "infinite quantity": data(lambda: flows(quantity=[1, 1, 1, math.inf]), "infinite quantity", "row 3"),
    "quantity 0 of a value": data(lambda: flows(quantity=[1, 0, 1, 1]), "quantity 0", "row 1", "missing"),
    "many bad rows": data(
        lambda: tw.Flows.from_frame(pd.concat([frame(value=-1)] * 5, ignore_index=True)), "row 0, 1, 2, .*12 more"
    ),
    "a value that is text": data(lambda: flows(value="1"), "'value'", "String", "numbers"),
    "unknown country": data(
        lambda: flows(exporter=["RUS", "RUS", "SAU", "Saudi Arabai"]),
        "'Saudi Arabai'",
        "'exporter'",
        "row 3",
        r"SAU \(Saudi Arabia\)",
        "as_is",
    ),
    "a near match once": data(lambda: flows(exporter=["Rusia"] * 4), r"Did you mean RUS \(Russia\) or (?!RUS)"),
    "a group instead of a country": data(lambda: flows(importer=["CHN", "EU27"] * 2), "'EU27'", "group|as_is"),
    "an infinite country code": data(lambda: flows(exporter=[math.inf, 643, 682, 682]), "'inf'", "row 0"),
    "missing country": data(lambda: flows(exporter=["RUS", None, "SAU", "SAU"]), "'exporter'", "row 1", "drop"),
    "missing commodity": data(lambda: flows(commodity=["crude"] * 3 + [None]), "'commodity'", "row 3"),
    "duplicates": data(
        lambda: flows(importer="CHN"), "rows 0 and 1", "crude RUS to CHN in 2021", 'duplicates="sum"|drop'
    ),
    "empty frame": data(lambda: tw.Flows.from_frame(frame().iloc[:0]), "no rows", "at least one"),
    "empty frame without types": data(lambda: tw.Flows.from_frame(pd.DataFrame(columns=frame().columns)), "no rows"),
    "no frame at all": data(lambda: tw.Flows.from_frame([1, 2]), "list", "dataframe"),
    "lazy frame": data(lambda: tw.Flows.from_frame(pl.from_pandas(frame()).lazy()), "LazyFrame", "collect"),
    "missing column": data(
        lambda: tw.Flows.from_frame(frame().rename(columns={"value": "valeu"})), "no column 'value'", "'valeu'"
    ),
    "missing named column": data(lambda: tw.Flows.from_frame(frame(), mode="by"), "no column 'by'", "it has"),
    "HS codes as numbers": data(lambda: flows(commodity=270900), "'commodity'", "HS", "leading zero", "text"),
    "no period": data(lambda: flows(period="21"), "'21'", "2021Q3", "2021-07"),
    "a thirteenth month": data(lambda: flows(period="2021-13"), "'2021-13'"),
    "unknown treatment of countries": data(lambda: tw.Flows.from_frame(frame(), countries="x"), "'x'", "as_is"),
    "unknown treatment of duplicates": data(lambda: tw.Flows.from_frame(frame(), duplicates="x"), "'x'", "sum"),
    "a period that isn't there": data(lambda: flows().select(periods=2019), "2019", "2021", "choose"),
    "a selection of nothing": data(lambda: flows().select(exporters="CHN"), "no rows", "widen"),
    "an unknown country in a selection": scenario(lambda: flows().select(exporters="RUX"), "'RUX'", "'RUS'"),
    "a selector that is a number": scenario(lambda: flows().select(exporters=643), "643", "name"),
    "a selector that is empty": scenario(lambda: flows().select(exporters=[]), "empty", r"\*"),
    "unknown dataset": data(lambda: tw.datasets.load("enrgy"), "'enrgy'", "energy"),
    "unknown preset": data(lambda: tw.datasets.elasticities("mid"), "'mid'", "low, central, high"),
    "unknown horizon": data(lambda: tw.datasets.elasticities(horizon="now"), "'now'", "short, long"),
    "unknown group": data(lambda: tw.group_members("EU72", "2021-01-01"), "'EU72'", "EU27"),
    "a day that is none": data(lambda: tw.group_members("EU27", "2021"), "'2021'", "YYYY-MM-DD"),
}

MEASURES = {
    "no measure": scenario(lambda: tw.Scenario("x", ["RUS"]), "'RUS'", "measures"),
    "a measure, not a list": scenario(lambda: tw.Scenario("x", tw.Ban()), "single measure", r"\[measure\]"),
    "no measures": scenario(lambda: tw.Scenario("x", None), "None", "list"),
    "a name that is no text": scenario(lambda: tw.Scenario(5), "name is 5", "text"),
    "a measure's name that is no text": scenario(lambda: tw.Ban(name=5), "name is 5", "text"),
    "unknown overlap": scenario(lambda: tw.Scenario("x", overlap="most"), "overlap is 'most'", "nested"),
    "two measures of one name": scenario(lambda: tw.Scenario("x", [LATER, LATER]), "'later'", "name of its own"),
    "the base class": scenario(lambda: tw.Measure(), "Measure", "Ban, Tariff"),
    "share above 1": scenario(lambda: tw.Ban(coverage=50), "coverage is 50", "0 to 1"),
    "NaN": scenario(lambda: tw.TradeCost(change=math.nan), "change is NaN", "finite"),
    "minus infinity": scenario(lambda: tw.TradeCost(change=-math.inf), "change is -inf", "finite"),
    "a rate that is text": scenario(lambda: tw.Tariff(rate="0.1"), "rate is '0.1'", "number"),
    "a rate that is true": scenario(lambda: tw.Tariff(rate=True), "rate is True", "number"),
    "no rate": scenario(lambda: tw.Tariff(), "exactly one of rate, rate_to, specific", "0 given"),
    "two rates": scenario(lambda: tw.Tariff(rate=0.1, rate_to=0.2), "exactly one of", "2 given"),
    "wrong holder": scenario(lambda: tw.Quota(share=1, rent="me"), "'me'", "'importer' or 'exporter'"),
    "end before start": scenario(
        lambda: tw.Ban(start="2022-12-05", end="2022-12-04"), "2022-12-04", "before its start 2022-12-05", "last day"
    ),
    "announced after its start": scenario(
        lambda: tw.Ban(announced="2022-12-06", start="2022-12-05"),
        "announced on 2022-12-06, after its first day in force, 2022-12-05",
        "became known",
    ),
    "announced after its first step": scenario(
        lambda: tw.Ban(announced="2022-12-06", phase=[("2022-12-05", 1)]), "first day in force, 2022-12-05"
    ),
    "not a date": scenario(lambda: tw.Ban(start="2022-02-30"), "start is '2022-02-30'", "2022-12-05"),
    "a missing date": scenario(lambda: tw.Ban(start=pd.NaT), "start is NaT", "date"),
    "phase out of order": scenario(
        lambda: tw.Ban(phase=[("2023-01-01", 0.5), ("2022-01-01", 1)]), "2022-01-01 after 2023-01-01", "in order"
    ),
    "phase above 1": scenario(lambda: tw.Ban(phase=[("2022-01-01", 50)]), "share 50 on 2022-01-01", "0 to 1"),
    "phase without numbers": scenario(lambda: tw.Ban(phase=[("2022-01-01", "half")]), "phase", "'half'", "share"),
    "phase of NaN": scenario(lambda: tw.Ban(phase=[("2022-01-01", math.nan)]), "phase", "(?i)nan", "0 to 1"),
    "no phase": scenario(lambda: tw.Ban(phase=0.5), "phase is 0.5", "date, share"),
    "exporters of None": scenario(lambda: tw.Ban(exporters=None), "exporters", "None", r"\*"),
    "exporters of a number": scenario(lambda: tw.Ban(exporters=643), "643", "name"),
    "no exporters": scenario(lambda: tw.Ban(exporters=[]), "empty", r"\*"),
    "supply for some buyers": scenario(
        lambda: tw.Shift(supply=0.5, importers="CHN"), "all buyers", r'importers at "\*"'
    ),
    "no such measure": scenario(lambda: tw.Scenario("x", [LATER]).without("latter"), "'latter'", "later"),
    "a schedule's unknown column": scenario(
        lambda: tw.Scenario.from_frame("x", rates(tarif_add=0.1)), "'tarif_add'", "tariff_add"
    ),
    "a schedule without importers": scenario(
        lambda: tw.Scenario.from_frame("x", rates(coverage=1.0).drop(columns="importer")), "no column 'importer'"
    ),
    "a schedule's share above 1": scenario(
        lambda: tw.Scenario.from_frame("x", rates(coverage=50.0)), "row 0", "coverage is 50", "0 to 1"
    ),
    "a schedule's infinite rate": scenario(
        lambda: tw.Scenario.from_frame("x", rates(tariff_add=math.inf)), "row 0", "tariff_add is inf"
    ),
}

FILES = {
    "an unknown key": scenario(toml("coverge = 0.5"), "line 5", "`coverge`", "`coverage`"),
    "a key of another verb": scenario(
        toml("rate = 0.5"), "line [345]", "Ban does not take 'rate'", "coverage, leakage"
    ),
    "a wrong type": scenario(toml('coverage = "half"'), "line 5", '"half"', "number"),
    "a wrong type of selector": scenario(toml("exporters = 643"), "line 5", "name or a list of names"),
    "an end before its start": scenario(
        toml("start = 2022-12-05", "end = 2022-12-04"), "line 3", "2022-12-04 is before its start 2022-12-05"
    ),
    "a day that isn't": scenario(toml('start = "2022-02-30"'), "line 5", "2022-02-30", "YYYY-MM-DD"),
    "broken TOML": scenario(toml("coverage = half"), "line 5", "quoted"),
    "an unknown verb": scenario(
        lambda: tw.Scenario.from_toml('format = 1\n[[measure]]\nverb = "Bann"\n'), "line 3", "`Ban`"
    ),
    "no format": scenario(lambda: tw.Scenario.from_toml('name = "x"\n'), "format"),
    "a later format": scenario(lambda: tw.Scenario.from_toml("format = 2\nnews = 1\n"), "format 2", "format 1"),
    "a later format in JSON": scenario(
        lambda: tw.Scenario.from_json('{"format": 2, "news": 1}'), "format 2", "format 1"
    ),
    "no file": scenario(lambda: tw.Scenario.from_toml("there/is/no.toml"), "there/is/no.toml", "read"),
    "broken JSON": scenario(lambda: tw.Scenario.from_json('{"format": 1,\n"name": }'), "line 2"),
    "an unknown key in JSON": scenario(
        lambda: tw.Scenario.from_json('{"format": 1, "measure": [\n{"verb": "Ban", "coverge": 1}]}'),
        "line 2",
        "`coverge`",
    ),
}

MODELS = {
    "flows that are a frame": data(
        lambda: tw.Armington(frame(), period=2021, substitution=5, demand=-1, supply=1), "from_frame"
    ),
    "a baseline that isn't there": data(lambda: model(period=2019), "no period 2019", "2021"),
    "a baseline that is no period": data(lambda: model(period="last"), "'last'", "2021Q3"),
    "substitution of 1": data(lambda: model(substitution=1), "substitution for crude is 1", "above 1", "add 1"),
    "substitution with a sign": data(lambda: model(substitution=-5), "is -5", "above 1"),
    "demand without its sign": data(
        lambda: model(demand=0.5), "demand for crude in CHN is 0.5", "0 or negative", "unsigned"
    ),
    "negative supply": data(lambda: model(supply=-1), "supply for crude in CHN is -1", "0 or more", "infinity"),
    "NaN": data(lambda: model(demand=math.nan), "demand .*is NaN"),
    "a substitution of NaN": data(lambda: model(substitution=math.nan), "^substitution for crude is NaN or missing"),
    "a substitution of NaN by commodity": data(
        lambda: model(substitution={"crude": math.nan}), "^substitution for crude is NaN or missing", "a number"
    ),
    "a trade elasticity of NaN": data(
        lambda: tw.Gravity(flows(), period=2021, trade_elasticity=math.nan), "^trade_elasticity for crude is NaN"
    ),
    "an infinite substitution": data(lambda: model(substitution=math.inf), "is inf"),
    "a commodity without elasticity": data(
        lambda: model(supply={"crud": 1}), "supply", "'crude'", "'crud'", "every commodity"
    ),
    "a country without elasticity": data(
        lambda: model(demand=table(commodity="crude", country="CHN", demand=-1)), "crude in DEU", r"'\*'"
    ),
    "an elasticity that is text": data(lambda: model(demand="-1"), "demand is '-1'", "number"),
    "an elasticity in a list": data(lambda: model(demand=[-1]), "list", "distribution, a mapping"),
    "a frame without the column": data(lambda: model(demand=table(commodity="crude", eta=-1)), "'demand'", "eta"),
    "two rows for one": data(
        lambda: model(demand=pd.concat([table(commodity="crude", demand=-1)] * 2)), "two rows for crude", "keep one"
    ),
    "substitution by country": data(
        lambda: model(
            substitution=pd.DataFrame({"commodity": ["crude"] * 2, "country": ["CHN", "*"], "substitution": [5.0, 6.0]})
        ),
        "substitution for crude differs between countries",
    ),
    "an unknown country": data(
        lambda: model(demand=table(commodity="crude", country="Chian", demand=-1)), "'Chian'", r"'\*'"
    ),
    "a duty of -100 %": data(lambda: model(tariffs=rates(tariff=-1.0)), "crude from RUS to CHN is -1", "above -1"),
    "two duties on one flow": data(
        lambda: model(tariffs=pd.concat([rates(tariff=0.1)] * 2)), "two tariffs", "RUS to CHN"
    ),
    "a duty for a stranger": data(lambda: model(tariffs=rates(tariff=0.1).assign(importer="FRA")), "importer 'FRA'"),
    "a prior": refused(lambda: model(prior=1), "prior is a int", "tw.Prior"),
    "no thread": Case(lambda: tw.threads(0), tw.TradewindsError, ("threads is 0", "at least 1")),
}

SOLVES = {
    "a measure, not a scenario": scenario(lambda: model().solve(tw.Ban()), "Ban", "Scenario"),
    "an unknown country": scenario(lambda: solve(tw.Ban(exporters="Rusia")), "'Ban 1'", "'Rusia'", "RUS"),
    "a country not in the data": scenario(lambda: solve(tw.Ban(exporters="NZL")), "'NZL' is not in the data", "CHN"),
    "an unknown commodity": scenario(lambda: solve(tw.Ban(commodities="crud")), "commodity 'crud'", "'crude'"),
    "a selector that takes nothing": scenario(
        lambda: solve(tw.Ban(exporters=["RUS", "!RUS"])), "RUS, !RUS", "no country"
    ),
    "a group without members then": scenario(
        lambda: solve(tw.Ban(importers="PRICE_CAP_COALITION")), "no members on 2021-12-31", "start"
    ),
    "a group without members here": scenario(lambda: solve(tw.Ban(importers="USMCA")), "'USMCA'", "MEX", "in the data"),
    "a group that contains itself": scenario(
        lambda: model().solve(tw.Scenario("x", [tw.Ban(exporters="G")], {"G": ["G"]})), "'G' contains itself"
    ),
    "a mode on flows without": scenario(lambda: solve(tw.Ban(modes="sea")), "'Ban 1'", "sea", "mode_share="),
    "an unknown mode": scenario(
        lambda: tw.Armington(flows(mode="sea"), period=2021, substitution=5, demand=-1, supply=1).solve(
            tw.Scenario("x", [tw.Ban(modes="see")])
        ),
        "mode 'see'",
        "'sea'",
    ),
    "dates that never meet": scenario(lambda: solve(BAN, LATER), "Ban 1 .*2022-06-30", "later from 2023-01-01", "at="),
    "a date that is none": scenario(lambda: solve(BAN, at="2022-13"), "'2022-13'", "2021-07-14"),
    "a duty of -100 %": scenario(lambda: solve(tw.Tariff(rate=-1)), "import duty", "crude RUS to CHN", "above -100 %"),
    "a replaced duty without any": scenario(lambda: solve(tw.Tariff(rate_to=0.1)), "'Tariff 1'", "tariffs="),
    "two that replace": scenario(
        lambda: model(tariffs=rates(tariff=0.1)).solve(
            tw.Scenario("x", [tw.Tariff(rate_to=0.1), tw.Tariff(rate_to=0.2)])
        ),
        "'Tariff 2'",
        "second",
        "keep one",
    ),
    "a schedule's unknown label": scenario(
        lambda: model().solve(tw.Scenario.from_frame("x", rates(coverage=1.0).assign(importer="CHM"))),
        "row 0",
        "'CHM'",
        "CHN",
    ),
    "a schedule's group": scenario(
        lambda: model().solve(tw.Scenario.from_frame("x", rates(coverage=1.0).assign(importer="*"))),
        "row 0",
        "one flow",
    ),
    "a price cap": refused(lambda: solve(tw.PriceCap(price=60)), "PriceCap", "Spatial", "leave_out"),
    "a capacity": refused(lambda: solve(tw.Capacity(facility="pipe", to=0)), "Capacity", "Spatial", "leave_out"),
    "a quota to first order": refused(lambda: solve(tw.Quota(value=5), order=1), "Quota 1", "no quotas", "exactly"),
    "a quota below zero": scenario(lambda: tw.Quota(quantity=-1), "quantity is -1", "at least 0"),
    "a quota of a part": scenario(lambda: tw.Quota(share=0.5, phase=[("2022-01-01", 0.5)]), "0.5", "write 0 or 1"),
    "a quota without quantities": scenario(
        lambda: weightless(tw.Quota(share=0.5)), "Quota 1", "crude", "give quantities"
    ),
    "a specific duty without quantities": scenario(
        lambda: weightless(tw.Tariff(specific=5)), "Tariff 1", "crude", "give quantities"
    ),
    "an export tax that replaces": refused(lambda: solve(tw.ExportTax(rate_to=0.1)), "export tax", "give rate"),
    "a supply shift where supply is infinite": Case(
        lambda: model(supply=math.inf).solve(tw.Scenario("x", [tw.Shift(supply=0.5)])),
        tw.TradewindsError,
        ("supply", "infin"),
    ),
    "a ban to first order": refused(lambda: solve(BAN, order=1), "order=1", "ban", "exactly"),
    "order 2": refused(lambda: solve(BAN, order=2), "order is 2", "None or 1"),
    "unknown exposure": refused(lambda: solve(BAN, exposure="x"), "exposure is 'x'", "segments"),
    "unknown treatment of failure": refused(lambda: solve(BAN, on_failure="x"), "on_failure is 'x'", "'return'"),
    "unknown treatment of measures": refused(lambda: solve(BAN, unsupported="x"), "unsupported is 'x'", "leave_out"),
    "fixed supply and demand": Case(
        lambda: model(demand=0, supply=0).solve(tw.Scenario("x")),
        tw.InfeasibleError,
        ("crude", "both fixed", "CHN", "other than 0"),
    ),
}

TABLES = {"flows": FLOWS, "measures": MEASURES, "files": FILES, "models": MODELS, "solves": SOLVES}
CASES = {f"{where}: {what}": case for where, table_ in TABLES.items() for what, case in table_.items()}


@pytest.fixture(scope="module")
def witness() -> tuple[tw.Armington, tw.Scenario, pd.DataFrame]:
    """Objects made before anything went wrong, and what they answered."""
    made = model()
    ban = tw.Scenario("x", [tw.Ban(exporters="RUS", importers="DEU")])
    return made, ban, made.solve(ban).flows.copy()


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_refused_with_class_and_message_and_nothing_is_lost(case: str, witness: Any) -> None:
    provoke, error, says = CASES[case]
    with pytest.raises(tw.TradewindsError) as caught:
        provoke()
    message = str(caught.value)
    assert isinstance(caught.value, error), f"{type(caught.value).__name__}: {message}"
    for pattern in says:
        assert re.search(pattern, message), f"{pattern!r} is not in: {message}"
    # Places in the JSON that crosses to the core tell the user nothing.
    assert case.startswith("files") or not re.search(r"line \d+ column \d+", message), message
    made, ban, before = witness
    # The same bits: nothing of the failure is left behind.
    pd.testing.assert_frame_equal(made.solve(ban).flows, before, check_exact=True)


# what errors are, and what they carry


def test_every_error_is_a_tradewinds_error_and_bad_input_is_a_value_error() -> None:
    for error in (tw.DataError, tw.ScenarioError, tw.ModelError):
        assert issubclass(error, tw.TradewindsError)
        assert issubclass(error, ValueError)
    for error in (tw.ConvergenceError, tw.InfeasibleError):
        assert issubclass(error, tw.TradewindsError)
        assert not issubclass(error, ValueError)


@pytest.mark.parametrize("case", ["flows: duplicates", "measures: no rate", "models: a prior"])
def test_errors_survive_the_way_from_another_process(case: str) -> None:
    with pytest.raises(tw.TradewindsError) as caught:
        CASES[case].provoke()
    twin = pickle.loads(pickle.dumps(caught.value))
    assert (type(twin), str(twin)) == (type(caught.value), str(caught.value))


def test_an_infeasible_scenario_names_its_countries() -> None:
    with pytest.raises(tw.InfeasibleError) as caught:
        model(demand=0, supply=0).solve(tw.Scenario("x", [tw.Ban(exporters="RUS", importers="DEU")]))
    assert caught.value.countries == ["CHN", "DEU", "RUS", "SAU"]
    assert pickle.loads(pickle.dumps(caught.value)).countries == caught.value.countries


#: Supply and demand so nearly fixed that no price level can be found in double precision.
STIFF: dict[str, Any] = {"demand": -1e-16, "supply": 0}


def test_a_solve_that_does_not_converge_carries_its_status_and_the_last_iterate() -> None:
    ban = tw.Scenario("x", [tw.Ban(exporters="RUS", importers="DEU")])
    with pytest.raises(tw.ConvergenceError, match=r"on_failure=\"return\"") as caught:
        model(**STIFF).solve(ban)
    status = caught.value.status
    assert not status.converged
    assert status.iterations > 0
    assert status.reason in str(caught.value)
    assert len(caught.value.result.flows) == 4
    assert "NOT CONVERGE" in repr(caught.value.result)


def test_a_solve_that_does_not_converge_is_returned_on_request_only() -> None:
    ban = tw.Scenario("x", [tw.Ban(exporters="RUS", importers="DEU")])
    result = model(**STIFF).solve(ban, on_failure="return")
    assert not result.status.converged


def test_a_total_ban_is_no_error_and_lists_everyone() -> None:
    result = solve(tw.Ban())
    assert result.status.converged
    closed = set(zip(result.closed["role"], result.closed["country"], result.closed["commodity"], strict=True))
    assert closed == {
        (role, code, "crude")
        for role, codes in (("exporter", ("RUS", "SAU")), ("importer", ("CHN", "DEU")))
        for code in codes
    }
    assert result.flows["value_after"].tolist() == [0.0] * 4


def test_a_question_another_model_answers_names_it() -> None:
    with pytest.raises(AttributeError, match=r"Armington.*'routes'.*SpatialResult"):
        _ = solve(BAN).routes


# files


def test_an_error_in_a_file_names_the_file_and_leaves_it_alone(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    text = b'format = 1\n[[measure]]\nverb = "Ban"\ncoverage = 50\n'
    path.write_bytes(text)
    with pytest.raises(tw.ScenarioError, match=rf"{re.escape(str(path))}, line 2: .*coverage is 50"):
        tw.Scenario.from_toml(path)
    assert path.read_bytes() == text


def test_a_file_that_is_not_utf8_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes('format = 1\nname = "Türkei"\n'.encode("latin-1"))
    for read in (tw.Scenario.from_toml, tw.Scenario.from_json):
        with pytest.raises(tw.ScenarioError, match=rf"{re.escape(str(path))}.*UTF-8"):
            read(path)


@pytest.mark.parametrize("kind", ["toml", "json"])
@pytest.mark.parametrize("step", ["write_text", "write_bytes", "replace", "rename"])
def test_a_failed_save_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, step: str
) -> None:
    path = tmp_path / f"scenario.{kind}"
    old = getattr(tw.Scenario("old"), f"to_{kind}")(path)
    real = getattr(Path, step)

    def fail(self: Path, *arguments: Any, **settings: Any) -> None:
        if step.startswith("write"):
            real(self, arguments[0][:5], **settings)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, step, fail)
    try:
        getattr(tw.Scenario("new"), f"to_{kind}")(path)
    except OSError:
        assert path.read_text(encoding="utf-8") == old
    else:
        assert step in ("write_bytes", "rename"), "the save neither failed nor took another way"
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_save_onto_a_folder_fails_and_leaves_no_litter(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises((OSError, tw.TradewindsError)):
        tw.Scenario("x").to_toml(folder)
    assert list(tmp_path.rglob("*")) == [folder]
