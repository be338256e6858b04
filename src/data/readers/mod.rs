//! Files as their publishers ship them, read as a stream: where they are, and what is in them.
//!
//! [`source`] finds the members of a zip or a folder, [`chunks`] unpacks one in whole lines,
//! [`decimal`] reads its numbers; a publisher's own format is a folder of its own.

pub mod baci;
pub mod chunks;
pub mod decimal;
pub mod icio;
mod place;
pub mod source;

use crate::error::Result;

/// How far a long reading has come: bytes done and bytes in all. An error stops the reading.
pub type Report<'a> = dyn Fn(u64, u64) -> Result<()> + Sync + 'a;
