//! Units of quantity that are multiples of each other.

/// Families of units; a unit is worth so many of its family's first.
const FAMILIES: &[&[(&str, f64)]] = &[
    &[("kg", 1.0), ("t", 1e3), ("tonne", 1e3), ("tonnes", 1e3), ("kt", 1e6), ("Mt", 1e9), ("million t", 1e9)],
    &[("m3", 1.0), ("1000 m3", 1e3), ("mcm", 1e6), ("million m3", 1e6), ("bcm", 1e9)],
    &[("bbl", 1.0), ("kbbl", 1e3), ("Mbbl", 1e6), ("million bbl", 1e6)],
    &[("MWh", 1.0), ("GWh", 1e3), ("TWh", 1e6)],
];

/// What the unit of quantities is called where nobody said it.
pub const NOT_SAID: &str = "unit not said";

/// Barrels a tonne of crude oil, the usual rounding.
const BARRELS_OF_CRUDE: f64 = 7.33;

/// As [`factor`], also between barrels and tonnes of crude. Where the unit of the quantities was not
/// said everything is in that unit.
pub fn factor_of(commodity: &str, from: &str, to: &str) -> Option<f64> {
    let by_weight = |from: &str, to: &str| Some(factor(from, "bbl")? / BARRELS_OF_CRUDE * factor("t", to)?);
    match commodity {
        _ if to == NOT_SAID => Some(1.0),
        "crude" => factor(from, to).or_else(|| by_weight(from, to)).or_else(|| Some(1.0 / by_weight(to, from)?)),
        _ => factor(from, to),
    }
}

/// How many `to` one `from` is; `None` where one is not a multiple of the other.
pub fn factor(from: &str, to: &str) -> Option<f64> {
    if from == to {
        return Some(1.0);
    }
    let size =
        |family: &[(&str, f64)], unit: &str| family.iter().find(|(name, _)| *name == unit).map(|(_, size)| *size);
    FAMILIES.iter().find_map(|family| Some(size(family, from)? / size(family, to)?))
}
