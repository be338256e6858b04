"""BACI as CEPII publishes it, read into flows."""

from __future__ import annotations

import io
import signal
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tradewinds as tw
from tradewinds import progress

MEMBER = "BACI_HS17_Y2021_V202601.csv"
COUNTRIES = """country_code,country_name,country_iso2,country_iso3
156,China,CN,CHN
276,Germany,DE,DEU
348,Hungary,HU,HUN
490,"Other Asia, nes",N/A,S19
643,Russian Federation,RU,RUS
697,"Europe EFTA, nes",N/A,R20
711,Southern African Customs Union (...1999),N/A,ZA1
842,USA,US,USA
"""
PRODUCTS = """code,description
010121,"Horses; live, pure-bred breeding animals"
270900,Petroleum oils
271111,Natural gas, liquefied
271121,Natural gas, in gaseous state
9999AA,Commodities not specified according to kind
"""
ROWS = """t,i,j,k,v,q
2021,643,156,270900,40000.123,79000.5
2021,643,156,271111,2000.001,           NA
2021,643,276,271121,3.25,2
2021,643,348,271121,1.5,1
2021,643,490,270900,5,10
2021,697,711,9999AA,0.001,
2021,842,156,010121,7,NA
2021,842,156,271111,8,4
"""
ISO3 = {156: "CHN", 276: "DEU", 348: "HUN", 490: "TWN", 643: "RUS", 697: "X_EFTA", 711: "X_SACU", 842: "USA"}


def published(folder: Path, rows: str = ROWS, *, member: str = MEMBER, name: str = "baci.zip", **others: str) -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, rows)
        archive.writestr("country_codes_V202601.csv", COUNTRIES)
        archive.writestr("product_codes_HS17_V202601.csv", PRODUCTS)
        for other, text in others.items():
            archive.writestr(f"{other}.csv", text)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return published(tmp_path)


def random_rows(count: int) -> str:
    random = np.random.default_rng(0)
    codes = [f"{code:06d}" for code in random.choice(np.arange(10_000, 980_000), 300, replace=False)]
    keys = random.choice(len(ISO3) ** 2 * len(codes), count, replace=False)
    countries = list(ISO3)
    lines = ["t,i,j,k,v,q"]
    for key in keys:
        pair, product = divmod(int(key), len(codes))
        exporter, importer = divmod(pair, len(countries))
        value, quantity = np.round(random.lognormal(3, 3, 2), 3) + 0.001
        shown = random.choice(["NA", "           NA", "", f"{quantity:.3f}"], p=[0.1, 0.1, 0.1, 0.7])
        lines.append(f"2021,{countries[exporter]},{countries[importer]},{codes[product]},{value:.3f},{shown}")
    return "\n".join(lines) + "\n"


def test_every_row_is_as_pandas_reads_it(tmp_path: Path) -> None:
    rows = random_rows(5000)
    expected = pd.read_csv(io.StringIO(rows), dtype={"k": str}, na_values=["           NA"])
    expected = pd.DataFrame(
        {
            "commodity": expected["k"],
            "exporter": expected["i"].map(ISO3),
            "importer": expected["j"].map(ISO3),
            "value": expected["v"] * 1000,
            "quantity": expected["q"],
        }
    ).sort_values(["commodity", "exporter", "importer"], ignore_index=True)
    frame = tw.read_baci(published(tmp_path, rows)).to_frame()
    for key in ("commodity", "exporter", "importer"):
        assert frame[key].astype(str).tolist() == expected[key].tolist()
    # A product of two doubles may be one rounding away from the decimal it stands for.
    np.testing.assert_array_max_ulp(frame["value"].to_numpy(), expected["value"].to_numpy(), maxulp=1)
    np.testing.assert_array_equal(frame["quantity"], expected["quantity"])


def test_attributes_and_units(path: Path) -> None:
    flows = tw.read_baci(path)
    assert flows.attrs == {
        "source": "CEPII BACI HS17 V202601 (Gaulier and Zignago 2010, CEPII Working Paper 2010-23)",
        "licence": "Etalab Open Licence 2.0",
        "unit": "USD",
        "valuation": "FOB",
        "hs_revision": "HS17",
        "release": "202601",
    }
    assert flows.periods == [2021]
    assert flows.commodities == ["010121", "270900", "271111", "271121", "9999AA"]
    assert flows.countries == sorted(ISO3.values())
    assert set(flows.to_frame()["quantity_unit"]) == {"t"}


def test_a_bare_file_and_a_folder_are_read_alike(tmp_path: Path, path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / MEMBER).write_text(ROWS, encoding="utf-8")
    renamed = tmp_path / "trade.csv"
    renamed.write_text(ROWS, encoding="utf-8")
    expected = tw.read_baci(path).to_frame()
    for place in (folder, str(folder / MEMBER), renamed):
        pd.testing.assert_frame_equal(tw.read_baci(place).to_frame(), expected)
    assert "hs_revision" not in tw.read_baci(renamed).attrs


def test_several_years(tmp_path: Path) -> None:
    published(tmp_path, member=MEMBER)
    (tmp_path / "BACI_HS17_Y2019_V202601.csv").write_text(ROWS.replace("2021,", "2019,"), encoding="utf-8")
    assert tw.read_baci(tmp_path).periods == [2019, 2021]
    assert tw.read_baci(tmp_path, years=2019).periods == [2019]
    assert tw.read_baci(tmp_path, years=range(2021, 2022)).periods == [2021]


def test_filters(path: Path) -> None:
    def commodities(**filters: Any) -> list[str]:
        return tw.read_baci(path, **filters).commodities

    assert commodities(products="2711") == ["271111", "271121"]
    assert commodities(products=["27", "9999AA"]) == ["270900", "271111", "271121", "9999AA"]
    assert commodities(exporters="United States") == ["010121", "271111"]
    assert commodities(exporters=["*", "!RUS"], importers="CHN") == ["010121", "271111"]
    union = tw.read_baci(path, importers=["EU27", "!HUN"])
    assert union.countries == ["DEU", "RUS"]


def test_commodities_are_summed_as_flows_sum_them(path: Path) -> None:
    named = tw.read_baci(path, commodities={"crude": "2709", "gas": ["271111", "271121"]})
    plain = tw.read_baci(path, products=["2709", "2711"])
    merged = plain.aggregate(commodities={"crude": "2709", "gas": "2711"})
    pd.testing.assert_frame_equal(named.to_frame(), merged.to_frame())
    gas = named.to_frame().query("commodity == 'gas' and importer == 'CHN'").set_index("exporter")["quantity"]
    assert np.isnan(gas["RUS"]) and gas["USA"] == 4


def test_first_digits_select_codes(path: Path) -> None:
    flows = tw.read_baci(path)
    assert flows.select(commodities="27").commodities == ["270900", "271111", "271121"]
    assert flows.select(commodities=["27", "!2709"]).commodities == ["271111", "271121"]
    with pytest.raises(tw.ScenarioError, match="unknown commodity '28'"):
        flows.select(commodities="28")
    scenario = tw.Scenario("ban", [tw.Ban(exporters="RUS", importers="DEU", commodities="2711")])
    model = tw.Armington(flows, period=2021, substitution=5, demand=-0.3, supply=0.5)
    after = model.solve(scenario).flows
    touched = after[(after["exporter"] == "RUS") & (after["importer"] == "DEU") & (after["commodity"] == "271121")]
    assert touched["value_after"].tolist() == [0.0]


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ({"products": 2709}, ["products has 2709", "HS codes are text"]),
        ({"products": [27, "2709"]}, ["products has 27"]),
        ({"products": []}, ["empty list"]),
        ({"products": "2719"}, ["begins with '2719'", "Did you mean '2711'"]),
        ({"commodities": {"a": "27", "b": "2709"}}, ["'a' with '27'", "'b' with '2709'", "overlap"]),
        ({"commodities": {}}, ["expected a mapping"]),
        ({"commodities": {"a": 2709}}, ["commodity 'a' has 2709"]),
        ({"commodities": {"a": "27"}, "products": "27"}, ["both given"]),
        ({"years": "2021"}, ["years has '2'", "whole numbers"]),
        ({"years": 2020}, ["has no year 2020", "it has 2021"]),
        ({"exporters": "DEU"}, ["leaves no rows", "widen"]),
        ({"progress": "never"}, ["progress is 'never'"]),
    ],
)
def test_wrong_arguments(path: Path, arguments: dict[str, Any], parts: list[str]) -> None:
    with pytest.raises(tw.DataError) as caught:
        tw.read_baci(path, **arguments)
    for part in parts:
        assert part in str(caught.value)


def test_unknown_countries_are_refused_as_selectors_are(path: Path) -> None:
    with pytest.raises(tw.ScenarioError, match="unknown country 'Rusia'"):
        tw.read_baci(path, exporters="Rusia")


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        ("t;i;j;k;v;q\n", ["line 1", "'t;i;j;k;v;q'", "expected t,i,j,k,v,q"]),
        ("t,i,j,k,v,q\n2021,643,156,10121,1,2\n", ["line 2", "'10121'", "leading zero"]),
        ("t,i,j,k,v,q\n2020,643,156,270900,1,2\n", ["line 2", "2020", "2021"]),
        ("t,i,j,k,v,q\n2021,643,999,270900,1,2\n", ["line 2", "unknown country code 999"]),
        ("t,i,j,k,v,q\n2021,643,156,270900,1o,2\n", ["line 2", "column v has '1o'"]),
        ("t,i,j,k,v,q\n2021,643,156,2709", ["line 2", "4 fields", "cut short"]),
        (ROWS + "2021,643,156,270900,1,2\n", ["270900 RUS to CHN in 2021 is there twice"]),
    ],
)
def test_files_that_are_not_as_published(tmp_path: Path, rows: str, parts: list[str]) -> None:
    with pytest.raises(tw.DataError) as caught:
        tw.read_baci(published(tmp_path, rows))
    for part in ["baci.zip", *parts]:
        assert part in str(caught.value)


def test_mixed_revisions_and_a_member_twice(tmp_path: Path) -> None:
    path = published(tmp_path, BACI_HS92_Y2020_V202601=ROWS)
    with pytest.raises(tw.DataError, match="two revisions of the Harmonized System are mixed"):
        tw.read_baci(path)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "w") as archive:
        archive.writestr(MEMBER, ROWS)
        archive.writestr(MEMBER, ROWS)
    with pytest.raises(tw.DataError, match="members of the same name"):
        tw.read_baci(path)
    published(tmp_path)
    published(tmp_path, name="again.zip")
    with pytest.raises(tw.DataError, match="the year 2021 is there twice"):
        tw.read_baci(tmp_path)


def test_zips_cut_short_or_damaged(tmp_path: Path, path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(tw.DataError, match="cut short"):
        tw.read_baci(path)
    path.write_bytes(b"<html>not found</html>")
    with pytest.raises(tw.DataError, match="is a web page, not a zip"):
        tw.read_baci(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(MEMBER, ROWS)
    path.write_bytes(path.read_bytes().replace(b"40000.123", b"40000.124"))
    with pytest.raises(tw.DataError, match=r"damaged or cut short.*checksum"):
        tw.read_baci(path)
    with pytest.raises(tw.DataError, match="there is no file or folder"):
        tw.read_baci(tmp_path / "absent.zip")


def test_a_path_in_the_zip_is_never_written(tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    path = published(folder, member=f"../{MEMBER}")
    assert len(tw.read_baci(path)) == 8
    assert [entry.name for entry in tmp_path.iterdir()] == ["inner"]
    assert [entry.name for entry in folder.iterdir()] == ["baci.zip"]


def test_progress_is_drawn_when_asked_and_its_line_is_ended(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tw.read_baci(path)
    tw.read_baci(path, progress=False)
    assert capsys.readouterr().err == ""
    tw.read_baci(path, progress=True)
    shown = capsys.readouterr()
    assert shown.out == "" and "reading BACI" in shown.err and "100%" in shown.err and shown.err.endswith("\n")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_appears_by_itself_only_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, terminal = [0.0], Terminal()
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(progress.sys, "stderr", terminal)
    with progress.bar("reading", "auto", unit="B") as watcher:
        assert watcher is not None
        watcher(10, 100)
        assert terminal.getvalue() == ""
        clock[0] = 2.5
        watcher(5_000_000, 10_000_000)
        assert "50% of 10 MB, 2 MB/s, 2 s left" in terminal.getvalue()
    assert terminal.getvalue().endswith("\n")


def test_the_line_ends_when_the_reading_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_PAUSE", 0.0)
    terminal = Terminal()
    monkeypatch.setattr(progress.sys, "stderr", terminal)
    with pytest.raises(RuntimeError, match="failed"), progress.bar("reading", True, unit="B") as watcher:
        assert watcher is not None
        watcher(1, 2)
        raise RuntimeError("failed")
    assert terminal.getvalue().endswith("\n")


def test_an_exception_of_the_watcher_stops_the_reading(path: Path) -> None:
    def watcher(done: int, total: int) -> None:
        assert 0 < done <= total
        raise ZeroDivisionError("the watcher failed")

    with pytest.raises(ZeroDivisionError, match="the watcher failed"):
        tw._core.read_baci(path, years=[], products=[], commodities=[], exporters=None, importers=None, watcher=watcher)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no timer that sends signals")
def test_a_signal_stops_the_reading(tmp_path: Path) -> None:
    lines = "".join(f"2021,643,156,{code:06d},1.5,2\n" for code in range(100_000, 900_000))
    for year in range(2016, 2021):
        text = "t,i,j,k,v,q\n" + lines.replace("2021,", f"{year},")
        (tmp_path / f"BACI_HS17_Y{year}_V202601.csv").write_text(text, encoding="utf-8")
    seen = [(0, 1)]

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        # Far less than the reading of four million rows takes.
        signal.setitimer(signal.ITIMER_REAL, 0.06)
        with pytest.raises(KeyboardInterrupt):
            tw._core.read_baci(
                tmp_path,
                years=[],
                products=[],
                commodities=[],
                exporters=None,
                importers=None,
                watcher=lambda done, total: seen.append((done, total)),
            )
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    done, total = seen[-1]
    assert done < total
