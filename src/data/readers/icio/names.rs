//! What the labels and file names of the ICIO mean.

/// Categories of final demand: of households, of non-profit institutions, of government, fixed capital,
/// purchases abroad by residents or at home by non-residents, and what editions call them.
const FINAL: [&str; 12] =
    ["HFCE", "NPISH", "NPS", "GGFC", "GFCF", "DPABR", "DIRP", "P33", "NONRES", "CONS_ABR", "CONS_NONRES", "FD"];
const INVENTORIES: [&str; 2] = ["INVNT", "INV"];
const OUTPUT: [&str; 3] = ["OUT", "OUTPUT", "TOTAL"];
const VALUE_ADDED: [&str; 2] = ["VA", "VALU"];
const TAXES: &str = "TLS";
/// Taxes less subsidies of one country, in the edition of 2021.
const TAXES_OF: &str = "TAXSUB";

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Column<'a> {
    Industry { country: &'a str, sector: &'a str },
    Final { country: &'a str, inventory: bool },
    Output,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Row<'a> {
    Industry { country: &'a str, sector: &'a str },
    Taxes,
    ValueAdded,
    Output,
}

/// `None`: not a label of the ICIO.
pub(super) fn column(label: &str) -> Option<Column<'_>> {
    if OUTPUT.contains(&label) {
        return Some(Column::Output);
    }
    let (country, rest) = parts(label)?;
    Some(match rest {
        _ if FINAL.contains(&rest) => Column::Final { country, inventory: false },
        _ if INVENTORIES.contains(&rest) => Column::Final { country, inventory: true },
        _ => Column::Industry { country, sector: rest },
    })
}

/// `None`: not a label of the ICIO.
pub(super) fn row(label: &str) -> Option<Row<'_>> {
    match label {
        TAXES => return Some(Row::Taxes),
        _ if VALUE_ADDED.contains(&label) => return Some(Row::ValueAdded),
        _ if OUTPUT.contains(&label) => return Some(Row::Output),
        _ => {}
    }
    let (country, sector) = parts(label)?;
    Some(if sector == TAXES_OF { Row::Taxes } else { Row::Industry { country, sector } })
}

/// The country, the parts of China and Mexico under their whole, and what follows it.
fn parts(label: &str) -> Option<(&str, &str)> {
    let (country, rest) = label.split_once('_')?;
    let known = country.len() == 3 && country.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    (known && !rest.is_empty()).then_some((
        match country {
            "CN1" | "CN2" => "CHN",
            "MX1" | "MX2" => "MEX",
            _ => country,
        },
        rest,
    ))
}

/// The year of a table: the last four digits in a row of `2020_SML.csv`, `2020.csv`, `ICIO2021_2018.csv`.
pub(super) fn year(name: &str) -> Option<i32> {
    let stem = name.strip_suffix(".csv").or_else(|| name.strip_suffix(".CSV"))?;
    stem.split(|c: char| !c.is_ascii_digit()).rfind(|digits| digits.len() == 4)?.parse().ok()
}
