//! Quotas: how far they are used and what a licence is worth.

use super::solution::Solution;
use crate::data::Table;
use crate::result::quotas::{Use, quota_table};

impl Solution {
    /// One row a quota, commodity and stretch of the period: `measure, commodity, share_of_period, ceiling,
    /// used, licence_price, holder, unit`, at annual rates; `licence_price` is 0 where the quota is slack.
    pub fn quotas(&self) -> Table {
        quota_table(self, |k, variant| {
            let episode = &self.episodes(k)[variant];
            let with_licences = episode.wedges.ceilings.iter().zip(&episode.equilibrium.licences);
            with_licences.map(|(ceiling, licence)| Use { ceiling, used: licence.used, price: licence.price }).collect()
        })
    }
}
