//! What was observed: flows by period, commodity, exporter, importer (and mode),
//! countries and their groups, elasticities, curves, routes.

pub mod adjusting;
pub mod baseline;
pub mod countries;
pub mod curves;
pub mod destinations;
pub mod flows;
pub mod labels;
pub mod market;
mod order;
pub mod parameters;
pub mod period;
pub mod readers;
pub mod routes;
pub mod table;
mod unit_values;
pub mod units;

pub use adjusting::{Adjusting, Horizon};
pub use baseline::Baseline;
pub use curves::Curve;
pub use flows::{Duplicates, FlowRows, Flows, Units};
pub use labels::Labels;
pub use market::{Market, Totals};
pub use parameters::Elasticities;
pub use period::{Date, Period};
pub use routes::{Facility, Network};
pub use table::{Column, Table};
