"""The command line, end to end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from market import frame

import tradewinds as tw
from tradewinds.cli import main

SCENARIO = tw.Scenario(
    "embargo",
    [
        tw.Ban(name="crude", exporters="RUS", importers=["DEU", "POL"], commodities="crude", start="2022-12-05"),
        tw.Tariff(exporters="RUS", importers="DEU", commodities="coal", rate=0.35, end="2023-06-30"),
    ],
)
VALUES = ["--substitution", "5", "--demand", "-0.4", "--supply", "crude=0.1,coal=0.5"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    SCENARIO.to_toml(tmp_path / "scenario.toml")
    frame().assign(period=2021, quantity_unit="t").to_csv(tmp_path / "flows.csv", index=False)
    return tmp_path


def run(folder: Path, *more: str, data: str = "flows.csv", scenario: str = "scenario.toml") -> int:
    return main(["run", str(folder / scenario), "--data", str(folder / data), "--out", str(folder / "out"), *more])


def check(folder: Path, *more: str, data: str = "flows.csv", scenario: str = "scenario.toml") -> int:
    return main(["check", str(folder / scenario), "--data", str(folder / data), *more])


def expected(folder: Path) -> tw.Result:
    flows = tw.Flows.from_frame(pd.read_csv(folder / "flows.csv"))
    model = tw.Armington(flows, period=2021, substitution=5, demand=-0.4, supply={"crude": 0.1, "coal": 0.5})
    return model.solve(SCENARIO, at=2023)


def test_run_writes_the_frames_of_the_result(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, *VALUES, "--at", "2023", "--away", "DEU", "POL", "--toward", "CHN") == 0
    result, out = expected(folder), folder / "out"
    tables = {
        "flows": result.flows,
        "prices": result.prices,
        "welfare": result.welfare(),
        "concentration": result.concentration(),
        "certificate": result.certificate,
        "closed": result.closed,
        "quotas": result.quotas,
        "shares": result.shares("RUS"),
        "revenue": result.revenue("RUS"),
        "diversion": result.diversion("RUS", ["DEU", "POL"]),
        "share_shift": result.share_shift("RUS", ["DEU", "POL"], "CHN"),
    }
    for name, wanted in tables.items():
        found = pd.read_csv(out / f"{name}.csv", dtype=str)
        if name in ("shares", "revenue", "diversion", "share_shift"):
            assert set(found.pop("exporter")) == {"RUS"}
        assert list(found.columns) == list(wanted.columns)
        for column in wanted.select_dtypes("number"):
            # Written so that reading gives the same number.
            assert found[column].astype(float).to_numpy() == pytest.approx(
                wanted[column].to_numpy(), rel=0, abs=0, nan_ok=True
            )
    assert "substitution" in (out / "sources.csv").read_text(encoding="utf-8")
    assert (out / "scenario.toml").read_text(encoding="utf-8") == (folder / "scenario.toml").read_text(encoding="utf-8")
    printed = capsys.readouterr().out
    assert printed.startswith("<tradewinds.Result: converged>")
    assert "share_shift.csv" in printed
    meta = json.loads((out / "meta.json").read_text(encoding="utf-8"))
    assert meta["tradewinds"] == tw.__version__
    assert (meta["settings"]["substitution"], meta["settings"]["at"]) == ("5", "2023")
    assert meta["status"]["converged"] is True
    assert meta["tables"]["flows.csv"] == {"rows": len(result.flows), "units": result.flows.attrs["units"]}
    assert not list(out.glob("*.tmp"))


def test_the_bundled_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from tradewinds import demo

    path, out = tmp_path / "demo.toml", tmp_path / "out"
    demo.scenario().to_toml(path)
    given = ["run", str(path), "--data", "bundled:commodities", "--period", "2021", "--model", "armington"]
    assert main([*given, "--elasticities", "bundled", "--out", str(out), "--away", "EU27", "--toward", "CHN"]) == 0
    found = pd.read_csv(out / "share_shift.csv", dtype=str)
    wanted = demo.model(tw.datasets.load(demo.DATASET)).solve(demo.scenario()).share_shift(**demo.BUYERS)
    assert found["away_shift"].astype(float).tolist() == wanted["away_shift"].tolist()
    assert "bundled:commodities" not in capsys.readouterr().err


def test_other_files_and_settings(folder: Path) -> None:
    frame().to_csv(folder / "flows.csv.gz", index=False)
    SCENARIO.to_json(folder / "scenario.json")
    pd.DataFrame({"commodity": ["crude", "coal"], "supply": [0.1, 0.5]}).to_csv(folder / "supply.csv", index=False)
    pd.DataFrame({"exporter": ["RUS"], "importer": ["DEU"], "commodity": ["coal"], "tariff": [0.02]}).to_csv(
        folder / "tariffs.csv", index=False
    )
    more = ["--substitution", "5", "--demand", "-0.4", "--supply", str(folder / "supply.csv")]
    dated = ["--period", "2021", "--quantity-unit", "t", "--at", "2023-02-01", "--exporter", "SAU", "--exporter", "RUS"]
    tariffs = ["--tariffs", str(folder / "tariffs.csv")]
    assert run(folder, *more, *dated, *tariffs, data="flows.csv.gz", scenario="scenario.json") == 0
    shares = pd.read_csv(folder / "out" / "shares.csv")
    assert shares["exporter"].unique().tolist() == ["SAU", "RUS"]
    assert tw.Scenario.from_toml(folder / "out" / "scenario.toml") == SCENARIO
    sources = pd.read_csv(folder / "out" / "sources.csv")
    assert "tariffs" in set(sources["input"])


def test_parquet(folder: Path) -> None:
    pytest.importorskip("pyarrow")
    frame().to_parquet(folder / "flows.parquet")
    assert run(folder, *VALUES, "--period", "2021", "--at", "2023", data="flows.parquet") == 0


def test_na_is_namibia(folder: Path) -> None:
    (folder / "na.csv").write_text("exporter,importer,commodity,value\nNA,DE,crude,5\nRU,DE,crude,5\nRU,PL,coal,1\n")
    assert check(folder, "--period", "2021", data="na.csv") == 0


ERRORS = [
    (["--period", "2020", *VALUES], {}, "no period 2020"),
    ([], {}, "no elasticity of substitution; give --substitution, or --elasticities bundled"),
    (["--substitution", "many", "--demand", "-1", "--supply", "1"], {}, "substitution is 'many'; expected a number"),
    (["--substitution", "5", "--demand", "-1", "--supply", "gas=1"], {}, "supply is given for 'gas'"),
    (["--substitution", "5", "--demand", "1", "--supply", "1"], {}, "demand"),
    (VALUES, {"data": "missing.csv"}, "missing.csv can't be read: No such file"),
    (VALUES, {"data": "flows.xlsx"}, "expected a file that ends in .csv"),
    (VALUES, {"data": "bad.csv"}, "bad.csv: frame has no column 'importer'"),
    (VALUES, {"data": "empty.csv"}, "empty.csv can't be read"),
    (VALUES, {"data": "cut.csv.gz"}, "cut.csv.gz can't be read"),
    (VALUES, {"data": "years.csv"}, "say which one is the baseline with --period"),
    (VALUES, {"scenario": "missing.toml"}, "missing.toml can't be read"),
    (VALUES, {"scenario": "broken.toml"}, "broken.toml, line 6"),
    (VALUES, {"scenario": "unknown.toml"}, "unknown.toml, line 4: measure 'oops': unknown country 'RUSS'"),
    (VALUES, {"scenario": "cap.toml"}, "cap.toml, line 5: measure 'cap': Armington does not take PriceCap"),
    ([*VALUES, "--at", "soon"], {}, "soon"),
    ([*VALUES, "--exporter", "XYZ"], {}, "unknown country 'XYZ'"),
]


@pytest.mark.parametrize(("more", "files", "message"), ERRORS, ids=lambda value: str(value)[:40])
def test_an_error_is_a_message_and_status_1(
    folder: Path, more: list[str], files: dict[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    head = 'format = 1\nname = "x"\n'
    texts = {
        "bad.csv": "exporter,imported,commodity,value\nRUS,DEU,crude,1\n",
        "empty.csv": "",
        "years.csv": "exporter,importer,commodity,value,period\nRUS,DEU,crude,1,2020\nRUS,DEU,crude,1,2021\n",
        "broken.toml": head + '\n[[measure]]\nverb = "Ban"\ncoverage = 1.5.2\n',
        "unknown.toml": head + '\n[[measure]]\nverb = "Ban"\nname = "oops"\nexporters = "RUSS"\n',
        "cap.toml": head + '\n\n[[measure]]\nverb = "PriceCap"\nname = "cap"\nexporters = "RUS"\nprice = 60\n',
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    frame().to_csv(folder / "flows.csv.gz", index=False)
    (folder / "cut.csv.gz").write_bytes((folder / "flows.csv.gz").read_bytes()[:200])
    assert run(folder, *more, **files) == 1
    printed = capsys.readouterr()
    assert message in printed.err
    assert printed.err.startswith("tradewinds: ")
    assert printed.err.count("\n") == 1
    assert not (folder / "out" / "flows.csv").exists()


def test_a_folder_that_can_not_be_written_is_an_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "out").write_text("a file")
    assert run(folder, *VALUES, "--at", "2023") == 1
    assert "out" in capsys.readouterr().err


def test_a_process_that_fails_shows_no_traceback(folder: Path) -> None:
    command = [sys.executable, "-m", "tradewinds.cli", "run", "none.toml", "--data", "bundled:enegry", "--out", "out"]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert ended.stderr.startswith("tradewinds: none.toml can't be read")


def test_check_says_what_is_met(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(folder, "--at", "2023") == 0
    printed = capsys.readouterr().out
    flows = frame()
    mine = flows[
        (flows["exporter"] == "RUS") & (flows["commodity"] == "crude") & flows["importer"].isin(["DEU", "POL"])
    ]
    share = 100 * mine["value"].sum() / flows.loc[flows["commodity"] == "crude", "value"].sum()
    assert f"crude (Ban), line {_line(folder, 1)}" in printed
    assert f"Tariff 2, line {_line(folder, 2)}" in printed
    assert "1 exporter × 2 importers × 1 commodity (crude)" in printed
    assert f"{len(mine)} flows" in printed
    assert f"{share:.1f} % of the trade in it" in printed
    assert "from 2022-12-05 on" in printed
    assert "from the beginning to 2023-06-30" in printed
    assert printed.count("taken by   Armington") == 2
    assert printed.endswith("Nothing wrong.\n")


def _line(folder: Path, measure: int) -> int:
    lines = (folder / "scenario.toml").read_text(encoding="utf-8").splitlines()
    return [place for place, line in enumerate(lines, start=1) if line == "[[measure]]"][measure - 1]


def test_check_names_every_error_with_its_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        'format = 1\nname = "x"\n\n[[measure]]\nverb = "Ban"\nexporters = "RUSS"\n\n[[measure]]\nverb = "Ban"\n'
        'exporters = "RUS"\n\n[[measure]]\nname = "modal"\nverb = "Ban"\nexporters = "RUS"\nmodes = "pipe"\n'
    )
    (folder / "x.toml").write_text(text, encoding="utf-8")
    assert check(folder, scenario="x.toml") == 1
    printed = capsys.readouterr().out
    assert "x.toml, line 4: measure 'Ban 1': unknown country 'RUSS'. Did you mean 'RUS'" in printed
    assert "x.toml, line 12: measure 'modal': it is limited to the modes [pipe]" in printed
    assert "1 exporter × 7 importers" in printed
    assert printed.endswith("2 errors.\n")


def test_check_names_what_is_wrong_between_measures(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dates = [tw.Ban(name="old", end="2022-01-31"), tw.Ban(name="new", start="2022-03-01")]
    tw.Scenario("x", dates).to_toml(folder / "x.toml")
    assert check(folder, scenario="x.toml") == 1
    assert "there is no day on which every measure is in force" in capsys.readouterr().out
    assert check(folder, "--at", "2022", scenario="x.toml") == 0


def test_check_says_what_no_model_takes_and_what_meets_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measures = [
        tw.PriceCap(exporters="RUS", price=60),
        tw.Capacity(facility="Druzhba", to=0),
        tw.Ban(exporters="CHN", importers="RUS"),
    ]
    rows = pd.DataFrame({"exporter": ["CHN", "RUS"], "importer": ["RUS", "CHN"], "commodity": "crude", "coverage": 1.0})
    (tw.Scenario("x", measures) + tw.Scenario.from_frame("x", rows)).to_toml(folder / "x.toml")
    assert check(folder, scenario="x.toml") == 0
    printed = capsys.readouterr().out
    assert printed.count("not by Armington: Armington does not take") == 2
    assert "matches    facility Druzhba" in printed
    assert "no flow: it has no effect" in printed
    assert "schedule: 2 rows, 1 of them on flows that are zero or absent" in printed


def test_the_spatial_model_runs_from_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flows = frame().assign(period=2021, quantity_unit="t")
    flows["quantity"] = flows["value"] / 100
    flows.to_csv(folder / "flows.csv", index=False)
    route = {"exporter": "RUS", "importer": "CHN", "commodity": "crude", "freight": 4.0}
    pd.DataFrame([route]).to_csv(folder / "routes.csv", index=False)
    limit = {"facility": "port", "exporter": "RUS", "commodity": "crude", "capacity": 1e9}
    pd.DataFrame([limit]).to_csv(folder / "facilities.csv", index=False)
    values = ["--demand", "-0.4", "--supply", "0.3", "--freight", "2", "--route-elasticity", "crude=4,coal=6"]
    files = ["--routes", str(folder / "routes.csv"), "--facilities", str(folder / "facilities.csv")]
    assert run(folder, "--model", "spatial", *values, *files, "--at", "2023", "--away", "DEU") == 0
    model = tw.Spatial(
        tw.Flows.from_frame(flows),
        period=2021,
        demand=-0.4,
        supply=0.3,
        freight=2.0,
        routes=pd.DataFrame([route]),
        facilities=pd.DataFrame([limit]),
        route_elasticity={"crude": 4.0, "coal": 6.0},
    )
    result = model.solve(SCENARIO, at=2023)
    for name, table in {
        "routes": result.routes,
        "facilities": result.facilities,
        "prices": result.prices,
        "discount": result.discount("RUS"),
    }.items():
        written = pd.read_csv(folder / "out" / f"{name}.csv")
        columns = [column for column in table.select_dtypes("number")]
        # The same numbers as text and back.
        np.testing.assert_allclose(written[columns], table[columns], rtol=1e-15)
    assert "Spatial" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--model", "spatial", "--substitution", "5"], "--substitution is an option of --model armington"),
        (["--model", "spatial", "--order", "1"], "--order is an option of --model armington"),
        ([*VALUES, "--freight", "2"], "--freight is an option of --model spatial"),
    ],
)
def test_an_option_of_the_other_model_is_refused(
    folder: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, *options) == 1
    assert said in capsys.readouterr().err
