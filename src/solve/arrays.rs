//! Loops over arrays of numbers, compiled for wide vectors.

use super::wide::wide;

/// Rows and columns of a tile that is turned at once.
const TILE: usize = 8;
/// Sums kept apart, so that additions do not wait for each other.
const LANES: usize = 8;

wide! {
    /// to_(column, row) = from_(row, column), where rows of both may be longer than what is turned.
    pub fn transpose(from: &[f64], from_row: usize, to: &mut [f64], to_row: usize) {
        let (rows, columns) = (from.len() / from_row.max(1), to.len() / to_row.max(1));
        for top in (0..rows).step_by(TILE) {
            for left in (0..columns).step_by(TILE) {
                let (down, right) = (TILE.min(rows - top), TILE.min(columns - left));
                if (down, right) == (TILE, TILE) {
                    let mut tile = [[0.0; TILE]; TILE];
                    for (row, tile) in tile.iter_mut().enumerate() {
                        tile.copy_from_slice(&from[(top + row) * from_row + left..][..TILE]);
                    }
                    for column in 0..TILE {
                        let turned: [f64; TILE] = std::array::from_fn(|row| tile[row][column]);
                        to[(left + column) * to_row + top..][..TILE].copy_from_slice(&turned);
                    }
                    continue;
                }
                for row in top..top + down {
                    for column in left..left + right {
                        to[column * to_row + row] = from[row * from_row + column];
                    }
                }
            }
        }
    }
}

wide! {
    /// out = from, moved to `to` by at most `longest`; down by that where there is no number to move to.
    pub fn moved(from: &[f64], to: &[f64], longest: f64, out: &mut [f64]) {
        for ((out, from), to) in out.iter_mut().zip(from).zip(to) {
            let step = to - from;
            // A step that is not a number fails both comparisons.
            let step = if step < longest { step } else if step >= longest { longest } else { -longest };
            *out = from + if step > -longest { step } else { -longest };
        }
    }
}

wide! {
    /// out = a b factor.
    pub fn products(a: &[f64], b: &[f64], factor: f64, out: &mut [f64]) {
        out.iter_mut().zip(a).zip(b).for_each(|((out, a), b)| *out = a * b * factor);
    }
}

wide! {
    /// out = a / b where a > 0, else 0.
    pub fn ratios(a: &[f64], b: &[f64], out: &mut [f64]) {
        out.iter_mut().zip(a).zip(b).for_each(|((out, a), b)| *out = if *a > 0.0 { a / b } else { 0.0 });
    }
}

wide! {
    /// out = now − before.
    pub fn difference(now: &[f64], before: &[f64], out: &mut [f64]) {
        out.iter_mut().zip(now).zip(before).for_each(|((out, now), before)| *out = now - before);
    }
}

wide! {
    /// values += factor other.
    pub fn add(values: &mut [f64], factor: f64, other: &[f64]) {
        values.iter_mut().zip(other).for_each(|(value, other)| *value += factor * other);
    }
}

wide! {
    /// Σ values in a fixed number of lanes, folded in order.
    pub fn sum(values: &[f64]) -> f64 {
        let (blocks, rest) = values.as_chunks::<LANES>();
        let mut lanes = [0.0; LANES];
        for block in blocks {
            (0..LANES).for_each(|lane| lanes[lane] += block[lane]);
        }
        lanes.iter().sum::<f64>() + rest.iter().sum::<f64>()
    }
}
