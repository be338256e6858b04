//! Caps on the price at an exporter's port, with a ban of services above it.

use super::ceilings::same_currency;
use super::measure::Measure;
use crate::data::{Flows, Market, units};

/// The cap on one exporter's routes.
#[derive(Debug, Clone, PartialEq)]
pub struct Cap {
    /// The measure it comes from.
    pub label: String,
    pub exporter: usize,
    /// Routes that need the services, ascending.
    pub rows: Vec<u32>,
    /// Currency per unit of quantity.
    pub price: f64,
    /// Of carrying a unit without the services.
    pub outside_cost: f64,
    /// Units per year that can be carried without the services.
    pub outside_capacity: f64,
}

/// The caps that a measure puts on `rows` of a market, one an exporter; none where its price is
/// infinite.
///
/// # Errors
/// What is wrong with it: units or currencies that do not convert, a fleet that is not said or that
/// several exporters would share.
pub fn caps(
    measure: &Measure,
    label: &str,
    flows: &Flows,
    commodity: usize,
    market: &Market,
    rows: &[usize],
) -> Result<Vec<Cap>, String> {
    let price = measure.price.unwrap_or(f64::INFINITY);
    if price.is_infinite() {
        return Ok(Vec::new());
    }
    // Not said: dollars a barrel, as the schema has it.
    let currency = measure.currency.clone().unwrap_or_else(|| "USD".to_string());
    same_currency(&Measure { currency: Some(currency), ..measure.clone() }, flows)?;
    let (name, unit) = (flows.commodities.name(commodity), &flows.units.quantity[commodity]);
    let per = measure.per.as_deref().unwrap_or("bbl");
    let unit_is = units::factor_of(name, per, unit)
        .ok_or_else(|| format!("its price is per {per}, the quantities of {name} are in {unit}; convert it"))?;
    let mut found: Vec<Cap> = Vec::new();
    for &row in rows {
        let exporter = market.exporter[row] as usize;
        match found.last_mut() {
            Some(last) if last.exporter == exporter => last.rows.push(row as u32),
            _ => found.push(Cap {
                label: label.to_string(),
                exporter,
                rows: vec![row as u32],
                price: price / unit_is,
                outside_cost: measure.outside_cost.unwrap_or(0.0) / unit_is,
                outside_capacity: 0.0,
            }),
        }
    }
    let several = found.len() > 1;
    for cap in &mut found {
        let carried: f64 = cap.rows.iter().map(|&row| market.quantity[row as usize]).sum();
        cap.outside_capacity = match (measure.outside_capacity, measure.services_share) {
            (Some(_), _) if several => {
                return Err("its outside_capacity would be shared by several exporters; write one PriceCap an \
                            exporter, or give services_share"
                    .to_string());
            }
            (Some(capacity), _) => capacity,
            (None, Some(share)) if carried.is_finite() => (1.0 - share) * carried,
            _ => {
                return Err("it needs outside_capacity, what can be carried without the services, or services_share, \
                            the share of baseline shipments that uses them"
                    .to_string());
            }
        };
    }
    Ok(found)
}
