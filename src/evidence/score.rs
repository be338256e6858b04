//! How far a prediction of shares was from what happened.

/// Nominal coverage of the bands.
pub const BANDS: [f64; 2] = [0.5, 0.9];
/// Changes of shares below this are none.
const NO_CHANGE: f64 = 1e-9;

/// A prediction of the shares of destinations by one or several members of an ensemble.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Mean of the members, by destination.
    pub mean: Vec<f64>,
    /// Lower and upper ends by band of [`BANDS`] and destination: quantiles of the members,
    /// interpolated linearly (type 7 of Hyndman & Fan 1996).
    pub bands: [Vec<(f64, f64)>; 2],
}

/// The scores of a prediction.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Half the sum of absolute differences of shares, 0 to 1.
    pub total_variation: f64,
    /// Share of destinations whose share moved in the direction that was predicted.
    pub sign_hits: f64,
    /// By band of [`BANDS`]: share of destinations observed within it, and its mean width.
    pub coverage: [f64; 2],
    pub width: [f64; 2],
}

impl Prediction {
    /// `members[member][destination]`, at least one.
    pub fn of(members: &[Vec<f64>]) -> Self {
        let destinations = members[0].len();
        let sorted = |place: usize| {
            let mut values: Vec<f64> = members.iter().map(|shares| shares[place]).collect();
            values.sort_by(f64::total_cmp);
            values
        };
        let by_destination: Vec<Vec<f64>> = (0..destinations).map(sorted).collect();
        Self {
            mean: by_destination.iter().map(|values| values.iter().sum::<f64>() / values.len() as f64).collect(),
            bands: BANDS.map(|nominal| {
                let ends =
                    |values: &Vec<f64>| (quantile(values, 0.5 - nominal / 2.0), quantile(values, 0.5 + nominal / 2.0));
                by_destination.iter().map(ends).collect()
            }),
        }
    }

    /// Scores the prediction; `before` are the shares from which it started.
    pub fn score(&self, before: &[f64], observed: &[f64]) -> Score {
        let pairs = || self.mean.iter().zip(observed);
        let direction = |after: f64, before: f64| match after - before {
            change if change.abs() < NO_CHANGE => 0.0,
            change => change.signum(),
        };
        let hits = pairs()
            .zip(before)
            .filter(|((mean, seen), before)| direction(**mean, **before) == direction(**seen, **before));
        let count = observed.len() as f64;
        let within = |band: &[(f64, f64)]| {
            band.iter().zip(observed).filter(|((low, high), seen)| low <= *seen && *seen <= high).count() as f64 / count
        };
        let width = |band: &[(f64, f64)]| band.iter().map(|(low, high)| high - low).sum::<f64>() / count;
        Score {
            total_variation: pairs().map(|(mean, seen)| (mean - seen).abs()).sum::<f64>() / 2.0,
            sign_hits: hits.count() as f64 / count,
            coverage: [within(&self.bands[0]), within(&self.bands[1])],
            width: [width(&self.bands[0]), width(&self.bands[1])],
        }
    }
}

/// Of sorted values.
fn quantile(sorted: &[f64], probability: f64) -> f64 {
    let place = probability * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}
