"""Table `groups`: dated membership of country groups.

A spell is (first day, last day); an empty first day is "before 2000", an empty
last day "still a member". "[M]" marks a date not yet checked against its text.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

from compile_datasets.files import Row, markdown, write_rows

COLUMNS = ["group", "iso3", "first_day", "last_day", "source"]
Spell = tuple[str, str, str, str]

EU15_CONTINENT = "AUT BEL DEU DNK ESP FIN FRA GRC IRL ITA LUX NLD PRT SWE"
EU_2004 = "CYP CZE EST HUN LTU LVA MLT POL SVK SVN"
EU27_2020 = f"{EU15_CONTINENT} {EU_2004} BGR ROU HRV"
G7 = "CAN DEU FRA GBR ITA JPN USA"
UNFRIENDLY = "AIA ALB AND AUS CAN CHE FSM GBR GIB ISL JEY JPN KOR LIE MCO MKD MNE NOR NZL SGP SMR TWN UKR USA VGB"


def spells(countries: str, source: str, first: str = "", last: str = "") -> list[Spell]:
    return [(iso3, first, last, source) for iso3 in countries.split()]


def european_union() -> list[Spell]:
    return [
        *spells(EU15_CONTINENT, "member before 2000 [M]"),
        *spells(EU_2004, "Treaty of Accession 2003 [M]", "2004-05-01"),
        *spells("BGR ROU", "Treaty of Accession 2005 [M]", "2007-01-01"),
        *spells("HRV", "Treaty of Accession 2011 [M]", "2013-07-01"),
        *spells("GBR", "Withdrawal Agreement, last day of membership [M]", "", "2020-01-31"),
    ]


def price_cap_coalition() -> list[Spell]:
    members = " ".join(dict.fromkeys(f"{G7} {EU27_2020} AUS".split()))
    return spells(members, "G7, EU and Australia, cap on Russian crude in force 5 December 2022", "2022-12-05")


def eurasian_union() -> list[Spell]:
    return [
        *spells("BLR KAZ RUS", "Treaty on the Eurasian Economic Union [M]", "2015-01-01"),
        *spells("ARM", "accession treaty of Armenia [M]", "2015-01-02"),
        *spells("KGZ", "accession treaty of Kyrgyzstan [M]", "2015-08-12"),
    ]


def brics() -> list[Spell]:
    return [
        *spells("BRA CHN IND RUS", "first BRIC summit [M]", "2009-06-16"),
        *spells("ZAF", "invitation of December 2010 [M]", "2010-12-24"),
        *spells("ARE EGY ETH IRN", "Johannesburg II Declaration 2023 [M]", "2024-01-01"),
        *spells("IDN", "announcement of the Brazilian presidency [M]", "2025-01-06"),
    ]


def opec() -> list[Spell]:
    return [
        *spells("ARE DZA IRN IRQ KWT LBY NGA SAU VEN", "member before 2000 [M]"),
        *spells("QAT", "withdrawal from 1 January 2019 [M]", "", "2018-12-31"),
        *spells("IDN", "membership suspended in January 2009 [M]", "", "2008-12-31"),
        *spells(
            "IDN", "reactivated in January 2016, suspended again by the 171st meeting [M]", "2016-01-01", "2016-11-30"
        ),
        *spells("AGO", "accession 2007, withdrawal from 1 January 2024 [M]", "2007-01-01", "2023-12-31"),
        *spells("ECU", "reactivated in October 2007, withdrawal from 1 January 2020 [M]", "2007-10-01", "2019-12-31"),
        *spells("GAB", "readmission in July 2016 [M]", "2016-07-01"),
        *spells("GNQ", "172nd meeting of the conference [M]", "2017-05-25"),
        *spells("COG", "174th meeting of the conference [M]", "2018-06-22"),
    ]


def opec_plus() -> list[Spell]:
    declaration = "Declaration of Cooperation of 10 December 2016"
    return [
        *spells("ARE DZA GAB IRN IRQ KWT LBY NGA SAU VEN", f"{declaration}, OPEC [M]", "2016-12-10"),
        *spells("AZE BHR BRN KAZ MEX MYS OMN RUS SDN SSD", f"{declaration}, outside OPEC [M]", "2016-12-10"),
        *spells("GNQ", f"{declaration}, later member of OPEC [M]", "2016-12-10"),
        *spells("COG", "174th meeting of OPEC [M]", "2018-06-22"),
        *spells("QAT", f"{declaration}, left with OPEC [M]", "2016-12-10", "2018-12-31"),
        *spells("ECU", f"{declaration}, left with OPEC [M]", "2016-12-10", "2019-12-31"),
        *spells("AGO", f"{declaration}, left with OPEC [M]", "2016-12-10", "2023-12-31"),
    ]


def nato() -> list[Spell]:
    return [
        *spells(
            "BEL CAN CZE DEU DNK ESP FRA GBR GRC HUN ISL ITA LUX NLD NOR POL PRT TUR USA", "member before 2000 [M]"
        ),
        *spells("BGR EST LTU LVA ROU SVK SVN", "accession protocols of 2003 [M]", "2004-03-29"),
        *spells("ALB HRV", "accession protocols of 2008 [M]", "2009-04-01"),
        *spells("MNE", "accession protocol of 2016 [M]", "2017-06-05"),
        *spells("MKD", "accession protocol of 2019 [M]", "2020-03-27"),
        *spells("FIN", "accession protocol of 2022 [M]", "2023-04-04"),
        *spells("SWE", "accession protocol of 2022 [M]", "2024-03-07"),
    ]


def oecd() -> list[Spell]:
    founders = "AUS AUT BEL CAN CHE CZE DEU DNK ESP FIN FRA GBR GRC HUN IRL ISL ITA JPN KOR LUX MEX NLD NOR NZL POL PRT SWE TUR USA"
    joined = {
        "SVK": "2000-12-14",
        "CHL": "2010-05-07",
        "SVN": "2010-07-21",
        "ISR": "2010-09-07",
        "EST": "2010-12-09",
        "LVA": "2016-07-01",
        "LTU": "2018-07-05",
        "COL": "2020-04-28",
        "CRI": "2021-05-25",
    }
    later = [
        spell for iso3, first in joined.items() for spell in spells(iso3, "deposit of accession instrument [M]", first)
    ]
    return [*spells(founders, "member before 2000 [M]"), *later]


GROUPS: dict[str, list[Spell]] = {
    "EU27": european_union(),
    "G7": spells(G7, "member before 2000 [M]"),
    "PRICE_CAP_COALITION": price_cap_coalition(),
    "UNFRIENDLY": spells(
        f"{UNFRIENDLY} {EU27_2020}",
        "list of the Government of Russia of 5 March 2022, as printed by Newsweek",
        "2022-03-05",
    ),
    "EAEU": eurasian_union(),
    "BRICS": brics(),
    "OPEC": opec(),
    "OPEC+": opec_plus(),
    "GCC": spells("ARE BHR KWT OMN QAT SAU", "member before 2000 [M]"),
    "NATO": nato(),
    "OECD": oecd(),
    "EFTA": spells("CHE ISL LIE NOR", "member before 2000 [M]"),
    "USMCA": spells("CAN MEX USA", "Agreement between the USA, Mexico and Canada [M]", "2020-07-01"),
    "ASEAN": [
        *spells("BRN IDN KHM LAO MMR MYS PHL SGP THA VNM", "member before 2000 [M]"),
        *spells("TLS", "47th summit, Declaration on the Admission of Timor-Leste [M]", "2025-10-26"),
    ],
}


def compile_groups(known: set[str]) -> list[Row]:
    rows = [
        dict(zip(COLUMNS, (group, *spell), strict=True))
        for group, members in GROUPS.items()
        for spell in sorted(members)
    ]
    check(rows, known)
    return rows


def check(rows: list[Row], known: set[str]) -> None:
    if unknown := {row["iso3"] for row in rows} - known:
        raise ValueError(f"unknown countries in groups: {sorted(unknown)}")
    for row in rows:
        first, last = days(row)
        if first > last:
            raise ValueError(f"{row['group']} {row['iso3']} ends before it begins")
    for before, after in pairwise(rows):
        same = (before["group"], before["iso3"]) == (after["group"], after["iso3"])
        if same and days(before)[1] >= days(after)[0]:
            raise ValueError(f"{after['group']} {after['iso3']} overlaps itself")


def days(row: Row) -> tuple[date, date]:
    first = date.fromisoformat(row["first_day"]) if row["first_day"] else date.min
    last = date.fromisoformat(row["last_day"]) if row["last_day"] else date.max
    return first, last


def members_on(rows: list[Row], group: str, day: date) -> set[str]:
    return {row["iso3"] for row in rows if row["group"] == group and days(row)[0] <= day <= days(row)[1]}


def figures(rows: list[Row]) -> str:
    dates = [date(2019, 12, 31), date(2021, 12, 31), date(2024, 12, 31)]
    table = [[f"`{group}`", *(len(members_on(rows, group, day)) for day in dates)] for group in GROUPS]
    return "Members on a day:\n\n" + markdown(["group", *(day.isoformat() for day in dates)], table)


def write(rows: list[Row], path: Path) -> None:
    write_rows(path, COLUMNS, rows)
