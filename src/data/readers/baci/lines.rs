//! One line of BACI: `t,i,j,k,v,q`. What is written as published is read at once; anything else is
//! read a second time, with care, and refused with its reason where it has no meaning.

use crate::data::readers::decimal::Decimal;
pub(super) use crate::data::readers::place::Place;
use crate::error::Result;

pub(super) const HEADER: &str = "t,i,j,k,v,q";
/// Length of a product's code.
pub(super) const CODE: usize = 6;

/// Who sold what to whom, and when.
#[derive(Clone, Copy)]
pub(super) struct Keys<'a> {
    pub year: i32,
    pub exporter: usize,
    pub importer: usize,
    pub product: &'a [u8; CODE],
}

pub(super) fn check_header(line: &[u8], place: &Place) -> Result<()> {
    let text = String::from_utf8_lossy(line);
    let plain: String =
        text.trim_start_matches('\u{feff}').chars().filter(|c| *c != '"' && !c.is_whitespace()).collect();
    if plain.eq_ignore_ascii_case(HEADER) {
        return Ok(());
    }
    let given: String = text.trim_end().chars().take(80).collect();
    let delimiter = match plain.contains(';') || text.contains('\t') {
        true => "; columns are divided by commas",
        false => "",
    };
    Err(place.refuse(format!(
        "the header is '{given}'; expected {HEADER} (year, exporter, importer, product, thousand USD, metric \
         tons){delimiter}. Give the file as CEPII publishes it"
    )))
}

/// The keys of a line as published, and the rest of it; `None`: something is out of the ordinary.
pub(super) fn keys(line: &[u8]) -> Option<(Keys<'_>, &[u8])> {
    let (year, line) = whole(line)?;
    let (exporter, line) = whole(line)?;
    let (importer, line) = whole(line)?;
    let (product, line) = line.split_first_chunk::<CODE>()?;
    let rest = line.strip_prefix(b",")?;
    Some((Keys { year: i32::try_from(year).ok()?, exporter, importer, product }, rest))
}

/// A short whole number and its comma.
fn whole(line: &[u8]) -> Option<(usize, &[u8])> {
    const LONGEST: usize = 4;
    let mut number = 0;
    for (place, byte) in line.iter().enumerate().take(LONGEST + 1) {
        match byte.wrapping_sub(b'0') {
            digit @ 0..10 => number = number * 10 + usize::from(digit),
            _ if *byte == b',' && place > 0 => return Some((number, &line[place + 1..])),
            _ => return None,
        }
    }
    None
}

/// Value in USD and quantity in tonnes, NaN where it is not known; `None` as for [`keys`].
pub(super) fn amounts(rest: &[u8]) -> Option<(f64, f64)> {
    let rest = rest.trim_ascii_start();
    let (value, length) = Decimal::read(rest)?;
    let rest = rest[length..].strip_prefix(b",")?.trim_ascii();
    let quantity = match rest {
        b"NA" | b"" => f64::NAN,
        _ => Decimal::read(rest).filter(|(_, length)| *length == rest.len())?.0.value(),
    };
    Some((value.thousands(), known(quantity, value.value())))
}

/// A positive value has a positive quantity: one that was rounded to 0 is not known.
fn known(quantity: f64, value: f64) -> f64 {
    if quantity == 0.0 && value > 0.0 { f64::NAN } else { quantity }
}

/// The six fields of a line.
fn fields<'a>(line: &'a [u8], place: &Place) -> Result<[&'a [u8]; 6]> {
    let fields: Vec<&[u8]> = line.split(|byte| *byte == b',').collect();
    fields.as_slice().try_into().map_err(|_| {
        place.refuse(format!(
            "'{}' has {} fields; expected 6, {HEADER}. The file may be cut short: download it again",
            shown(line),
            fields.len()
        ))
    })
}

/// As [`keys`], with spaces and quotes, and with the reason where there is no meaning.
pub(super) fn careful_keys<'a>(line: &'a [u8], place: &Place) -> Result<Keys<'a>> {
    let [year, exporter, importer, product, _, _] = fields(line, place)?;
    let number = |field: &[u8], column: &str, what: &str| -> Result<u16> {
        let text = plain(field);
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten().ok_or_else(|| {
            place.refuse(format!("column {column} has '{text}'; expected {what}. Give the file as CEPII publishes it"))
        })
    };
    Ok(Keys {
        year: number(year, "t", "a year")?.into(),
        exporter: number(exporter, "i", "a country's numeric code")?.into(),
        importer: number(importer, "j", "a country's numeric code")?.into(),
        product: code(product, place)?,
    })
}

fn code<'a>(field: &'a [u8], place: &Place) -> Result<&'a [u8; CODE]> {
    let text = unquoted(field);
    if let Ok(code) = text.try_into() {
        return Ok(code);
    }
    Err(place.refuse(wrong_code(&String::from_utf8_lossy(text))))
}

/// What is wrong with a product's code that does not have six characters.
pub(super) fn wrong_code(code: &str) -> String {
    let digits = !code.is_empty() && code.len() < CODE && code.bytes().all(|byte| byte.is_ascii_digit());
    match digits {
        true => format!(
            "the product code '{code}' has {} digits; codes of the Harmonized System have {CODE}, so a leading zero was \
             lost when they were saved as numbers. Download the file again, or save its codes as text",
            code.len()
        ),
        false => format!("the product code '{code}' is not one; expected {CODE} digits, such as 270900"),
    }
}

/// As [`amounts`], of any decimal notation, and with the reason where there is no meaning.
pub(super) fn careful_amounts(line: &[u8], place: &Place) -> Result<(f64, f64)> {
    let [.., value, quantity] = fields(line, place)?.map(plain);
    let number = |text: &str, column: &str, what: &str| -> Result<f64> {
        text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0).ok_or_else(|| {
            place.refuse(format!(
                "column {column} has '{text}'; expected {what}, 0 or more, with a decimal point. Give the file as \
                 CEPII publishes it"
            ))
        })
    };
    let value = number(&value, "v", "thousand USD")?;
    let quantity = match quantity.to_ascii_lowercase().as_str() {
        "" | "na" | "nan" => f64::NAN,
        _ => number(&quantity, "q", "metric tons or NA")?,
    };
    Ok((value * 1e3, known(quantity, value)))
}

/// The year of the first row after the header.
pub(super) fn first_year(start: &[u8], place: &Place) -> Result<i32> {
    let mut lines = start.split(|byte| *byte == b'\n');
    check_header(lines.next().unwrap_or_default(), place)?;
    let place = Place { line: place.line + 1, ..*place };
    match lines.next().filter(|line| !line.trim_ascii().is_empty()) {
        Some(line) => careful_keys(line, &place).map(|keys| keys.year),
        None => Err(place.refuse("there are no rows; download the file again")),
    }
}

fn unquoted(field: &[u8]) -> &[u8] {
    let field = field.trim_ascii();
    field.strip_prefix(b"\"").and_then(|field| field.strip_suffix(b"\"")).unwrap_or(field).trim_ascii()
}

fn plain(field: &[u8]) -> String {
    String::from_utf8_lossy(unquoted(field)).into_owned()
}

fn shown(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim_end().chars().take(60).collect()
}
