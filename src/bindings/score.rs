//! Scores of predictions.

use numpy::{PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use crate::evidence::score::Prediction;

/// Mean by destination, then lower and upper ends of the 50 % and of the 90 % band.
type Predicted = (Vec<f64>, Vec<(f64, f64)>, Vec<(f64, f64)>);
/// Total variation, sign hits, coverage and mean width of the two bands.
type Scored = (f64, f64, [f64; 2], [f64; 2]);

/// `members` is members × destinations.
#[pyfunction]
pub fn score(
    members: PyReadonlyArray2<'_, f64>,
    before: PyReadonlyArray1<'_, f64>,
    observed: PyReadonlyArray1<'_, f64>,
) -> (Predicted, Scored) {
    let members: Vec<Vec<f64>> = members.as_array().outer_iter().map(|member| member.to_vec()).collect();
    let prediction = Prediction::of(&members);
    let score = prediction.score(&before.as_array().to_vec(), &observed.as_array().to_vec());
    let Prediction { mean, bands: [narrow, wide] } = prediction;
    ((mean, narrow, wide), (score.total_variation, score.sign_hits, score.coverage, score.width))
}
