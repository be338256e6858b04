//! What CEPII's file names say.

/// What a file is, by its name.
pub(super) enum Kind {
    Year { revision: String, year: i32, release: String },
    Countries,
    Products,
    Other,
}

/// `BACI_HS17_Y2021_V202601.csv`, `country_codes_V202601.csv`, `product_codes_HS17_V202601.csv`.
pub(super) fn kind(name: &str) -> Kind {
    let lower = name.to_ascii_lowercase();
    let Some(stem) = lower.strip_suffix(".csv") else { return Kind::Other };
    if stem.starts_with("country_codes") {
        return Kind::Countries;
    }
    if stem.starts_with("product_codes") {
        return Kind::Products;
    }
    year(stem).unwrap_or(Kind::Other)
}

fn year(stem: &str) -> Option<Kind> {
    let mut parts = stem.strip_prefix("baci_hs")?.split('_');
    let revision = parts.next().filter(|digits| number(digits).is_some())?;
    let year = parts.next()?.strip_prefix('y').filter(|digits| digits.len() == 4).and_then(number)?;
    let release = parts.next()?.strip_prefix('v')?;
    Some(Kind::Year { revision: format!("HS{revision}"), year, release: release.to_string() })
}

fn number(digits: &str) -> Option<i32> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}
