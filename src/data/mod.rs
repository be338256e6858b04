//! What was observed: flows by period, commodity, exporter, importer (and mode),
//! countries and their groups, elasticities, curves, routes.

pub mod accounts;
pub mod adjusting;
pub mod balance;
pub mod baseline;
pub mod countries;
pub mod curves;
pub mod destinations;
pub mod flows;
pub mod input_output;
pub mod labels;
mod leontief;
pub mod market;
pub mod one_sector;
mod order;
pub mod parameters;
pub mod parts;
pub mod period;
pub mod readers;
pub mod routes;
pub mod table;
mod unit_values;
pub mod units;
pub mod values;

pub use accounts::Accounts;
pub use adjusting::{Adjusting, Horizon};
pub use balance::Balance;
pub use baseline::Baseline;
pub use curves::Curve;
pub use flows::{Duplicates, FlowRows, Flows, Units};
pub use input_output::InputOutput;
pub use labels::Labels;
pub use market::{Market, Totals};
pub use parameters::Elasticities;
pub use parts::{PartRow, Parts};
pub use period::{Date, Period};
pub use routes::{Facility, Network};
pub use table::{Column, Table};
