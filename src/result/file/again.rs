//! Results that are solved again when they are read: what came out is saved to be compared with.

use std::io::{Read, Seek};

use super::archive::{Archive, Arrays, Values};
use crate::error::{Error, Result};

/// Solving again may differ by this, relative to the largest: the certificates ask for no more.
const SAME: f64 = 1e-6;

/// Columns of answers by name.
pub type Outcome = Vec<(&'static str, Vec<f64>)>;

pub fn add(outcome: Outcome, arrays: &mut Arrays) {
    for (name, values) in outcome {
        arrays.add(name, &[values.len()], Values::OwnNumbers(values));
    }
}

/// # Errors
/// [`Error::Data`]: what `now` came out is not what version `writer` saved.
pub fn check<R: Read + Seek>(archive: &mut Archive<R>, now: Outcome, writer: &str) -> Result<()> {
    for (name, now) in now {
        let saved: Vec<f64> = archive.array(name, &[now.len()])?;
        let scale = saved.iter().copied().filter(|value| value.is_finite()).fold(0.0, |most: f64, v| most.max(v.abs()));
        let same = |a: f64, b: f64| a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= SAME * scale;
        if let Some(place) = (0..now.len()).find(|&place| !same(saved[place], now[place])) {
            return Err(Error::Data(format!(
                "the file has a {name} of {} where solving again gives {}: it was changed, or another version wrote it \
                 ({writer}); solve the scenario anew",
                saved[place], now[place]
            )));
        }
    }
    Ok(())
}
