//! What must be made for given final spending: output with all the inputs it takes.

use ndarray::{Array2, Array3, ArrayView3, Zip};

use crate::error::{Error, Result};

/// How far the last step may move an output, relative; a few roundings above what a sum of hundreds
/// of terms has.
const TOLERANCE: f64 = 1e-14;
const MOST: usize = 20_000;

/// Who sells to whom and what is made of what, in shares.
pub(super) struct System<'a> {
    /// Shares of exporters in spending, `[sector, importer, exporter]`.
    pub import_share: ArrayView3<'a, f64>,
    /// 1 + duty, same axes; `None`: no duties.
    pub tariff_power: Option<ArrayView3<'a, f64>>,
    /// Inputs in gross output, `[country, input, output]`.
    pub input_share: ArrayView3<'a, f64>,
}

impl System<'_> {
    /// Output by `[sector, country]` for final spending by `[sector, country]`, from a first guess:
    ///
    /// ```text
    /// Y_i^s = Σ_n π_ni^s X_n^s / T_ni^s,   X_n^s = Σ_k γ_n^(s,k) Y_n^k + F_n^s
    /// ```
    ///
    /// # Errors
    /// [`Error::Data`] where some sectors together use up all that they make.
    pub fn output(&self, final_spending: &Array2<f64>, start: Array2<f64>) -> Result<Array2<f64>> {
        let mut output = start;
        for _ in 0..MOST {
            let next = self.made_for(&self.spending(&output, final_spending));
            let still = Zip::from(&output).and(&next).all(|old, new| (new - old).abs() <= TOLERANCE * new.abs());
            output = next;
            if still {
                return Ok(output);
            }
        }
        Err(Error::Data(format!(
            "the outputs of the table were not found in {MOST} steps: some sectors together use up all that they make \
             and have no value added; give them some, or merge them into others"
        )))
    }

    /// Spending by `[sector, country]`.
    pub fn spending(&self, output: &Array2<f64>, final_spending: &Array2<f64>) -> Array2<f64> {
        let mut spending = final_spending.clone();
        for (country, inputs) in self.input_share.outer_iter().enumerate() {
            let mut column = spending.column_mut(country);
            column += &inputs.dot(&output.column(country));
        }
        spending
    }

    /// What sellers receive, `[sector, importer, exporter]`.
    pub fn border_values(&self, spending: &Array2<f64>) -> Array3<f64> {
        let mut values = self.buyers_values(spending);
        if let Some(power) = &self.tariff_power {
            values /= power;
        }
        values
    }

    /// What buyers spend, duties included, `[sector, importer, exporter]`.
    pub fn buyers_values(&self, spending: &Array2<f64>) -> Array3<f64> {
        &self.import_share * &spending.view().insert_axis(ndarray::Axis(2))
    }

    fn made_for(&self, spending: &Array2<f64>) -> Array2<f64> {
        let (sectors, countries) = spending.dim();
        let mut output = Array2::zeros((sectors, countries));
        for (sector, shares) in self.import_share.outer_iter().enumerate() {
            for (importer, shares) in shares.outer_iter().enumerate() {
                let spent = spending[[sector, importer]];
                let mut made = output.row_mut(sector);
                match &self.tariff_power {
                    None => made.scaled_add(spent, &shares),
                    Some(power) => Zip::from(&mut made)
                        .and(&shares)
                        .and(power.slice(ndarray::s![sector, importer, ..]))
                        .for_each(|made, share, power| *made += spent * share / power),
                }
            }
        }
        output
    }
}
