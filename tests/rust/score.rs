//! Scores against arithmetic by hand.

use tradewinds::evidence::score::Prediction;

#[test]
fn a_single_prediction_is_scored_by_hand() {
    let prediction = Prediction::of(&[vec![0.1, 0.6, 0.3]]);
    let score = prediction.score(&[0.5, 0.3, 0.2], &[0.1, 0.8, 0.1]);
    // Half of |0| + |0.2| + |0.2|; down, up, and up where it went down. Sums of decimal fractions.
    assert!((score.total_variation - 0.2).abs() < 1e-15);
    assert_eq!(score.sign_hits, 2.0 / 3.0);
    // A band of one member is a point, and holds only what is hit exactly.
    assert_eq!((score.coverage, score.width), ([1.0 / 3.0; 2], [0.0; 2]));
}

#[test]
fn no_change_predicted_and_none_seen_is_a_hit() {
    let score = Prediction::of(&[vec![1.0, 0.0]]).score(&[1.0, 0.0], &[1.0, 0.0]);
    assert_eq!((score.total_variation, score.sign_hits), (0.0, 1.0));
    let score = Prediction::of(&[vec![1.0, 0.0]]).score(&[1.0, 0.0], &[0.4, 0.6]);
    assert_eq!((score.total_variation, score.sign_hits), (0.6, 0.0));
}

#[test]
fn bands_are_interpolated_quantiles() {
    // 0, 1, …, 20: the quantile p is 20 p.
    let members: Vec<Vec<f64>> = (0..21).rev().map(|member| vec![f64::from(member)]).collect();
    let prediction = Prediction::of(&members);
    assert_eq!(prediction.mean, [10.0]);
    assert_eq!(prediction.bands[0], [(5.0, 15.0)]);
    // 0.05 and 0.95 are not binary fractions.
    let (low, high) = prediction.bands[1][0];
    assert!((low - 1.0).abs() < 1e-14 && (high - 19.0).abs() < 1e-14);
    let score = prediction.score(&[0.0], &[16.0]);
    assert_eq!(score.coverage, [0.0, 1.0]);
    assert_eq!(score.width[0], 10.0);
}
