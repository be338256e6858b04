"""Input–output tables as the OECD and the WIOD publish them, and the bundled one."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_input_output import same
from world import World, icio_text, wiod_frame, wiod_workbook, world

import tradewinds as tw
from tradewinds import _core
from tradewinds.errors import DataError

COUNTRIES = ["AUS", "CHN", "MEX", "ROW"]
SECTORS = ["A01_02", "B05_06", "C10T12"]


@pytest.fixture
def small() -> World:
    return world(COUNTRIES, SECTORS, seed=5)


def zipped(path: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_the_icio_as_published(small: World, tmp_path: Path) -> None:
    text = icio_text(small, split={"CHN": ("CN1", "CN2"), "MEX": ("MX1", "MX2")})
    path = zipped(tmp_path / "ICIO-2016-2020.zip", {"2019_SML.csv": "nothing", "2020_SML.csv": text, "ReadMe.txt": ""})
    table = tw.read_oecd_icio(path, year=2020)
    # Parts of China and Mexico are summed: a few roundings more.
    same(table, small.table(), 1e-11)
    assert table.attrs == {
        "source": "OECD Inter-Country Input-Output Database, http://oe.cd/icio",
        "licence": "OECD Terms and Conditions: any use of the data, with the OECD named as their source",
        "unit": "million USD",
        "valuation": "basic prices",
        "period": 2020,
    }
    assert set(table.balance()["what"]) == {"taxes_in_value_added", "inventories_kept"}
    dropped = tw.read_oecd_icio(path, year=2020, inventories="drop")
    same(dropped, small.table(inventories="drop"), 1e-11)


def test_the_icio_in_a_file_and_a_folder(small: World, tmp_path: Path) -> None:
    (tmp_path / "2018_SML.csv").write_text(icio_text(small))
    quoted = icio_text(small).replace("V1,", '"V1",').replace("AUS_A01_02", '"AUS_A01_02"')
    (tmp_path / "ICIO2021_2017.csv").write_text("\ufeff" + quoted.replace("\n", "\r\n"), encoding="utf-8")
    expected = small.table()
    same(tw.read_oecd_icio(tmp_path / "2018_SML.csv"), expected)
    same(tw.read_oecd_icio(tmp_path, year=2017), expected)
    assert tw.read_oecd_icio(tmp_path, year=2017).attrs["period"] == 2017
    with pytest.raises(DataError, match=r"has 2 tables: .*year="):
        tw.read_oecd_icio(tmp_path)
    with pytest.raises(DataError, match="has no year 2016; it has 2018, 2017"):
        tw.read_oecd_icio(tmp_path, year=2016)
    with pytest.raises(DataError, match="has no year 2020; it has 2018"):
        tw.read_oecd_icio(tmp_path / "2018_SML.csv", year=2020)
    with pytest.raises(DataError, match="year is '2018'"):
        tw.read_oecd_icio(tmp_path, year="2018")  # type: ignore[arg-type]


def test_icio_files_that_are_not_as_published(small: World, tmp_path: Path) -> None:
    text = icio_text(small)
    lines = text.splitlines()

    def refused(given: str, match: str) -> None:
        path = zipped(tmp_path / "icio.zip", {"2020_SML.csv": given})
        with pytest.raises(DataError, match=match) as caught:
            tw.read_oecd_icio(path)
        assert "2020_SML.csv in " in str(caught.value)

    def with_line(number: int, line: str) -> str:
        return "\n".join([*lines[: number - 1], line, *lines[number:]])

    def cell(number: int, field: int, value: str) -> str:
        fields = lines[number - 1].split(",")
        return with_line(number, ",".join([*fields[: field - 1], value, *fields[field:]]))

    refused(text.replace("AUS_HFCE", "HFCE"), "line 1: the column 'HFCE' is not one of the ICIO")
    refused(text.replace(",", ";"), "line 1: there are no columns of industries.*commas")
    refused(text.replace("AUS_NPISH", "AUS_HFCE"), "line 1: the column 'AUS_HFCE' is there twice")
    refused(cell(4, 6, "x"), "line 4: field 6 has 'x'; expected million USD")
    refused(cell(4, 6, ""), "line 4: field 6 has ''")
    refused(cell(4, 6, "inf"), "line 4: field 6 has 'inf'")
    refused(cell(4, 6, "-1.5"), "line 4: the delivery of C10T12 of AUS to B05_06 of CHN is -1.5")
    refused(with_line(5, lines[4] + ",1"), r"line 5: there are \d+ fields after the label")
    refused(with_line(5, lines[5]), "line 6: the row 'CHN_B05_06' is there twice")
    refused(with_line(5, lines[4].replace("CHN_A01_02", "CHN_Z99")), "line 5: the row 'CHN_Z99' has no column")
    refused(with_line(5, lines[4].replace("CHN_A01_02", "total")), "line 5: the row 'total' is not one of the ICIO")
    refused("\n".join([*lines[:6], *lines[7:]]), "without the rows CHN_C10T12")
    refused("\n".join(lines[:-1]), "without the rows VA and OUT")
    refused(text[: len(text) // 2], "field|fields after the label")
    refused("\n", "there are no lines")
    refused(cell(2, 2, "1e9"), "A01_02 in AUS has a value added of -")


def test_a_folder_without_the_icio(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(DataError, match=r"has no table of the OECD ICIO.*notes\.txt"):
        tw.read_oecd_icio(tmp_path)
    with pytest.raises(DataError, match="there is no file or folder"):
        tw.read_oecd_icio(tmp_path / "2020_SML.csv")


def test_reading_the_icio_can_be_interrupted(small: World, tmp_path: Path) -> None:
    (tmp_path / "2020.csv").write_text(icio_text(small))

    def watcher(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _core.read_oecd_icio(
            tmp_path / "2020.csv",
            year=None,
            inventories="final",
            negative_value_added="raise",
            unit="",
            watcher=watcher,
        )


@pytest.fixture
def wiod(small: World) -> World:
    small.sectors = ["A01", "B", "C10-C12"]
    return small


def as_r(frame: pd.DataFrame, path: Path, name: str = "wiot") -> Path:
    rdata = pytest.importorskip("rdata")
    texts = dict.fromkeys(("IndustryCode", "IndustryDescription", "Country"), "string[python]")
    rdata.write_rda(path, {name: frame.astype(texts)})
    return path


def test_the_wiod_in_its_formats(wiod: World, tmp_path: Path) -> None:
    expected = wiod.table()
    stata, workbook = tmp_path / "WIOT2014_October16_ROW.dta", tmp_path / "WIOT2013_Nov16_ROW.xlsx"
    wiod_frame(wiod).to_stata(stata, write_index=False)
    pytest.importorskip("openpyxl")
    pytest.importorskip("python_calamine")
    wiod_workbook(wiod, workbook)
    r = as_r(wiod_frame(wiod, ""), tmp_path / "WIOT2012_October16_ROW.RData")
    for path, year in ((stata, 2014), (workbook, 2013), (r, 2012)):
        table = tw.read_wiod(path)
        # The parts of final demand and taxes are summed in another order.
        same(table, expected, 1e-11)
        assert table.attrs["period"] == year and table.attrs["unit"] == "million USD"
        assert table.attrs["licence"] == "CC BY 4.0"
        assert set(table.balance()["what"]) == {"taxes_in_value_added", "inventories_kept"}
    same(tw.read_wiod(tmp_path, year=2014, inventories="drop"), wiod.table(inventories="drop"), 1e-11)
    path = zipped(tmp_path / "WIOTS.zip", {"WIOTS/" + file.name: file.read_bytes() for file in (stata, workbook)})
    same(tw.read_wiod(path, year=2014), expected, 1e-11)
    with pytest.raises(DataError, match="has 2 tables, of 2013 to 2014; say which"):
        tw.read_wiod(path)
    with pytest.raises(DataError, match="has no year 2000; it has 2013, 2014"):
        tw.read_wiod(path, year=2000)


def test_wiod_files_that_are_not_as_published(wiod: World, tmp_path: Path) -> None:
    frame = wiod_frame(wiod)
    name = "WIOT2014_October16_ROW.dta"

    def refused(given: pd.DataFrame, match: str) -> None:
        content = io.BytesIO()
        given.to_stata(content, write_index=False)
        path = zipped(tmp_path / "wiod.zip", {name: content.getvalue()})
        with pytest.raises(DataError, match=match) as caught:
            tw.read_wiod(path)
        assert f"{name} in " in str(caught.value)

    refused(frame.drop(columns="RNr"), "has no column RNr")
    refused(frame.drop(columns="vCHN2"), "without the column CHN 2 ")
    refused(frame.drop(columns="vMEX61"), "without the column MEX 61 ")
    refused(frame.drop(index=4), "without the row CHN 2 ")
    refused(frame[frame["IndustryCode"] != "GO"], "without the row GO")
    refused(frame.assign(vAUS1=[np.nan, *frame["vAUS1"][1:]]), "no number in the row AUS A01")
    refused(frame.assign(vAUS1=[*[-2.0], *frame["vAUS1"][1:]]), "delivery of A01 of AUS to A01 of AUS is -2")
    path = zipped(tmp_path / "cut.zip", {name: b"nothing"})
    with pytest.raises(DataError, match=r"cut\.zip can't be read as dta"):
        tw.read_wiod(path)
    (tmp_path / "WIOT2014.zip").write_bytes(b"PK nothing")
    with pytest.raises(DataError, match="not a zip, or was cut short"):
        tw.read_wiod(tmp_path / "WIOT2014.zip")
    other = tmp_path / "other"
    other.mkdir()
    (other / "WIOT95_ROW_Apr12.xlsx").write_bytes(b"")
    with pytest.raises(DataError, match=r"release 2016; .*WIOT95_ROW_Apr12\.xlsx"):
        tw.read_wiod(other)
    with pytest.raises(DataError, match="there is no file or folder"):
        tw.read_wiod(tmp_path / "absent")


def test_other_objects_in_an_r_file(wiod: World, tmp_path: Path) -> None:
    path = as_r(wiod_frame(wiod, ""), tmp_path / "WIOT2014_October16_ROW.RData", "niot")
    with pytest.raises(DataError, match="has no object wiot; it has niot"):
        tw.read_wiod(path)


def test_the_command_line_takes_no_table_for_flows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from tradewinds.cli import main

    scenario = tmp_path / "scenario.toml"
    scenario.write_text(tw.Scenario("none", []).to_toml(), encoding="utf-8")
    assert main(["check", str(scenario), "--data", "bundled:world_table"]) != 0
    assert "bundled:world_table is an input–output table; expected flows" in capsys.readouterr().err


def test_the_bundled_table() -> None:
    table = tw.datasets.load("world_table")
    assert (len(table.countries), len(table.sectors)) == (18, 15)
    assert {"fossil_fuels", "technology"} <= set(table.sectors) and {"RUS", "X_EU27", "CHN"} <= set(table.countries)
    assert "estimated" in table.attrs["estimated"] and table.attrs["period"] == 2022
    assert table.attrs["known_defects"] and "OECD" in table.attrs["licence"]
    assert len(table.balance()) == 0 and (table.value_added_share > 0).all()
    # Trade is balanced up to the rounding of 285 cells a region to 1 million USD.
    assert np.abs(table.deficit).max() < 285
    eu = table.aggregate(countries={"west": ["EU27", "USA"]})
    assert eu.countries[1] == "west"


def test_the_bundled_table_is_that_of_the_collected_file() -> None:
    """Intermediate deliveries by sector and region against sums of the file in pandas."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "data"
    if not (folder / "icio2022_agg_intermediate.csv.gz").exists():
        pytest.skip("needs ../shared/data/icio2022_agg_intermediate.csv.gz, which is not beside this clone")
    sales = pd.read_csv(folder / "icio2022_agg_intermediate.csv.gz")
    table = tw.datasets.load("world_table")
    sector_of = {code: name for name, codes in table.attrs["sectors"].items() for code in codes.split()}
    regions: Any = sales["sell_region"].replace("EU27", "X_EU27"), sales["buy_region"].replace("EU27", "X_EU27")
    keys = [regions[1], sales["sell_sector"].map(sector_of), sales["buy_sector"].map(sector_of)]
    used = sales.groupby([key.rename(str(place)) for place, key in enumerate(keys)])["usd_mn"].sum()
    frame = table.to_frame()
    found = frame[frame["use"] != "final"].groupby(["importer", "sector", "use"], observed=True)["value"].sum()
    expected = used.reindex(found.index)
    # A cell is a sum of 18 numbers rounded to 1 million USD.
    np.testing.assert_allclose(found, expected, rtol=0, atol=9.0)
