//! Quotas as ceilings on the sum of some rows, at annual rates.

use super::measure::Measure;
use crate::data::{Flows, Market, Period, units};

/// What a ceiling counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Shipped units.
    Quantity,
    /// Money at the border, without the licence itself.
    Value,
}

/// Who earns the rent of the licences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    Importer,
    Exporter,
}

/// A ceiling on the sum over `rows` of one market.
#[derive(Debug, Clone, PartialEq)]
pub struct Ceiling {
    /// The measure it comes from.
    pub label: String,
    /// Rows of positive value, ascending.
    pub rows: Vec<u32>,
    /// Per year, in the flows' unit of quantity or currency. Above 0.
    pub amount: f64,
    pub counted: Counted,
    pub holder: Holder,
    /// Power 1 + rate of the total duty beyond the ceiling; `None`: closed beyond it.
    pub beyond: Option<f64>,
}

impl Ceiling {
    pub fn covers(&self, row: usize) -> bool {
        self.rows.binary_search(&(row as u32)).is_ok()
    }
}

/// The ceiling that a quota puts on `rows` of a market; `None` where the quota is 0, which closes
/// them.
///
/// # Errors
/// What is wrong with it: flows without quantities, units or currencies that do not convert.
pub fn ceiling(
    measure: &Measure,
    label: &str,
    flows: &Flows,
    commodity: usize,
    market: &Market,
    rows: Vec<u32>,
) -> Result<Option<Ceiling>, String> {
    let counted = if measure.value.is_some() { Counted::Value } else { Counted::Quantity };
    if counted == Counted::Quantity && rows.iter().any(|&row| !market.quantity[row as usize].is_finite()) {
        return Err(
            "it limits a quantity, but not every flow it covers has one; give quantities, or a value".to_string()
        );
    }
    let amount = match (measure.share, measure.value) {
        (Some(share), _) => share * rows.iter().map(|&row| market.quantity[row as usize]).sum::<f64>(),
        (None, Some(value)) => {
            same_currency(measure, flows)?;
            value / years(measure)
        }
        (None, None) => {
            let factor = in_unit(measure.unit.as_deref(), &flows.units.quantity[commodity])?;
            measure.quantity.unwrap_or_default() * factor / years(measure)
        }
    };
    let holder = if measure.rent.as_deref() == Some("exporter") { Holder::Exporter } else { Holder::Importer };
    let beyond = measure.beyond.map(|rate| 1.0 + rate);
    Ok((amount > 0.0).then(|| Ceiling { label: label.to_string(), rows, amount, counted, holder, beyond }))
}

/// How many of the flows' units one unit of the measure is.
pub fn in_unit(given: Option<&str>, unit: &str) -> Result<f64, String> {
    match given {
        None => Ok(1.0),
        Some(given) => units::factor(given, unit)
            .ok_or_else(|| format!("its unit '{given}' is not a multiple of the flows' unit '{unit}'; convert it")),
    }
}

/// # Errors
/// The measure is in another currency than the flows.
pub fn same_currency(measure: &Measure, flows: &Flows) -> Result<(), String> {
    match measure.currency.as_deref() {
        Some(given) if given != flows.units.currency => {
            Err(format!("its currency is {given}, the flows are in {}; convert the amount", flows.units.currency))
        }
        _ => Ok(()),
    }
}

/// The length in years of a measure's window, each calendar year counted by its own days; 1 for a
/// window without both ends, whose amount is per year.
fn years(measure: &Measure) -> f64 {
    let (Some(first), Some(last)) = (measure.effective(), measure.end) else { return 1.0 };
    (first.year()..=last.year())
        .map(|year| {
            let whole = Period::Year(year);
            let days = whole.last_day().min(last).days_since(whole.first_day().max(first)) + 1;
            days as f64 / whole.days() as f64
        })
        .sum()
}
