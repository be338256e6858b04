//! The values behind a table of shares, and their sums over countries and sectors.

use nalgebra::{DMatrix, DVector};
use ndarray::{Array1, Array2, Array3, Axis};

use super::accounts;
use super::input_output::{InputOutput, Shares};
use super::labels::Labels;
use super::leontief::System;
use super::table::{Column, Table};
use crate::error::{Error, Result};

/// How closely value added must be that of the outputs for stated deficits to be the table's own.
const CONSISTENT: f64 = 1e-9;

/// In the table's currency.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    /// At the exporter's border, `[sector, importer, exporter]`.
    pub trade: Array3<f64>,
    /// As the buyers pay, duties included.
    pub bought: Array3<f64>,
    /// Spending on inputs, `[country, input, output]`.
    pub inputs: Array3<f64>,
    /// Final spending, `[sector, country]`.
    pub final_spending: Array2<f64>,
    /// `[sector, country]`.
    pub value_added: Array2<f64>,
}

impl InputOutput {
    /// The values that give the table's shares and value added: those of its deficits, where these
    /// are stated and agree with the rest, else those in which all final spending is what the value
    /// added and the shares imply.
    ///
    /// # Errors
    /// [`Error::Data`] where no values do.
    pub fn values(&self) -> Result<Values> {
        let shares = &self.shares;
        let system = System {
            import_share: shares.import_share.view(),
            tariff_power: shares.tariff_power.as_ref().map(|power| power.view()),
            input_share: shares.input_share.view(),
        };
        let (final_spending, output) = match self.stated(&system)? {
            Some(found) => found,
            None => self.implied(&system)?,
        };
        let spending = system.spending(&output, &final_spending);
        let by_country = output.t().insert_axis(Axis(1)).to_owned();
        Ok(Values {
            trade: system.border_values(&spending),
            bought: system.buyers_values(&spending),
            inputs: &shares.input_share * &by_country,
            value_added: &shares.value_added_share * &output,
            final_spending,
        })
    }

    /// Final spending and output of the stated deficits; `None`: there are none, they do not agree
    /// with the value added, or duties stand between income and value added.
    fn stated(&self, system: &System<'_>) -> Result<Option<(Array2<f64>, Array2<f64>)>> {
        let shares = &self.shares;
        let (Some(deficit), None) = (&shares.deficit, &shares.tariff_power) else { return Ok(None) };
        let income = &shares.value_added + deficit;
        let (final_spending, output) = self.made_for(system, &income)?;
        let found = (&shares.value_added_share * &output).sum_axis(Axis(0));
        let agree =
            found.iter().zip(&shares.value_added).all(|(found, stated)| (found / stated - 1.0).abs() <= CONSISTENT);
        Ok(agree.then_some((final_spending, output)))
    }

    /// Final spending by country such that every country has its value added: linear, one unit of
    /// spending at a time.
    fn implied(&self, system: &System<'_>) -> Result<(Array2<f64>, Array2<f64>)> {
        let shares = &self.shares;
        let n = self.countries.len();
        let mut earned = DMatrix::zeros(n, n);
        for country in 0..n {
            let mut one = Array1::zeros(n);
            one[country] = 1.0;
            let (_, output) = self.made_for(system, &one)?;
            let found = (&shares.value_added_share * &output).sum_axis(Axis(0));
            earned.column_mut(country).copy_from_slice(found.as_slice().expect("a sum is contiguous"));
        }
        let wanted = DVector::from_iterator(n, shares.value_added.iter().copied());
        let income = earned.lu().solve(&wanted).filter(|income| income.iter().all(|value| *value > 0.0));
        let Some(income) = income else {
            return Err(Error::Data(
                "no positive final spending gives every country of the table its value added; the shares and the \
                 value added do not belong together"
                    .to_string(),
            ));
        };
        self.made_for(system, &Array1::from_iter(income.iter().copied()))
    }

    fn made_for(&self, system: &System<'_>, income: &Array1<f64>) -> Result<(Array2<f64>, Array2<f64>)> {
        let final_spending = &self.shares.final_share * income;
        let output = system.output(&final_spending, final_spending.clone())?;
        Ok((final_spending, output))
    }

    /// Sums values under new names of every country and sector, and makes shares of the sums. Duties
    /// become the average power at border values, also on trade within a merged region; value added
    /// and stated deficits are summed.
    ///
    /// # Errors
    /// Those of [`Self::values`] and [`InputOutput::new`].
    pub fn aggregate(&self, countries: &[String], sectors: &[String]) -> Result<Self> {
        let (countries, country) = merged(countries);
        let (sectors, sector) = merged(sectors);
        let values = self.values()?;
        let (trade, bought) =
            (sum(&values.trade, [&sector, &country, &country]), sum(&values.bought, [&sector, &country, &country]));
        let inputs = sum(&values.inputs, [&country, &sector, &sector]);
        let pairs = |values: &Array2<f64>| {
            sum(&values.clone().insert_axis(Axis(2)), [&sector, &country, &[0]]).remove_axis(Axis(2))
        };
        let (final_spending, value_added) = (pairs(&values.final_spending), pairs(&values.value_added));
        let cost = inputs.sum_axis(Axis(1)).reversed_axes() + &value_added;
        let whole = cost.mapv(|cost| if cost > 0.0 { cost } else { 1.0 });
        let by_country = |values: &Array1<f64>| {
            let mut summed = Array1::zeros(countries.len());
            values.iter().zip(&country).for_each(|(value, &into)| summed[into] += value);
            summed
        };
        let power = (&bought / &trade).mapv(|power| if power.is_finite() { power } else { 1.0 });
        let shares = Shares {
            import_share: accounts::shares(&bought),
            input_share: inputs / whole.t().insert_axis(Axis(1)),
            value_added_share: value_added / &whole,
            final_share: &final_spending / &final_spending.sum_axis(Axis(0)),
            value_added: by_country(&self.shares.value_added),
            tariff_power: self.shares.tariff_power.is_some().then_some(power),
            deficit: self.shares.deficit.as_ref().map(by_country),
        };
        Self::new(countries.names().to_vec(), sectors.names().to_vec(), shares)
    }

    /// Every delivery that is not 0: `exporter, sector, importer, use, value[, tariff_power]`, the
    /// value at the exporter's border; uses are sectors and, last, `final_use`. Each importer's
    /// shares of exporters are the same in all its uses.
    ///
    /// # Errors
    /// Those of [`Self::values`].
    pub fn rows(&self, final_use: &str, unit: &str) -> Result<Table> {
        let values = self.values()?;
        let uses = self.sectors.len();
        let (mut exporters, mut sectors, mut importers, mut used) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut amounts, mut powers) = (Vec::new(), Vec::new());
        for ((sector, importer, exporter), share) in self.shares.import_share.indexed_iter() {
            let power = self.tariff_power(sector, importer, exporter);
            for use_ in 0..=uses {
                let spent = match use_ < uses {
                    true => values.inputs[[importer, sector, use_]],
                    false => values.final_spending[[sector, importer]],
                };
                let value = share * spent / power;
                if value != 0.0 {
                    exporters.push(exporter as u32);
                    sectors.push(sector as u32);
                    importers.push(importer as u32);
                    used.push(use_ as u32);
                    amounts.push(value);
                    powers.push(power);
                }
            }
        }
        let label = |codes: Vec<u32>, labels: &Labels| Column::Label { codes, labels: labels.names().into() };
        let all_uses = self.sectors.iter().chain([final_use]).map(str::to_string).collect();
        let table = Table::default()
            .with("exporter", label(exporters, &self.countries))
            .with("sector", label(sectors, &self.sectors))
            .with("importer", label(importers, &self.countries))
            .with("use", Column::Label { codes: used, labels: all_uses })
            .number("value", unit, amounts);
        Ok(match self.shares.tariff_power {
            Some(_) => table.number("tariff_power", "1 + rate", powers),
            None => table,
        })
    }
}

/// The new names in order of appearance, and the place of each old one among them.
fn merged(names: &[String]) -> (Labels, Vec<usize>) {
    let labels = Labels::new(names.iter().map(String::as_str));
    let places = names.iter().map(|name| labels.position(name).expect("it was just added")).collect();
    (labels, places)
}

/// Sums into the places given for each axis.
fn sum(values: &Array3<f64>, places: [&[usize]; 3]) -> Array3<f64> {
    let length = |places: &[usize]| places.iter().max().map_or(0, |last| last + 1);
    let mut summed = Array3::zeros((length(places[0]), length(places[1]), length(places[2])));
    for ((a, b, c), value) in values.indexed_iter() {
        summed[[places[0][a], places[1][b], places[2][c]]] += value;
    }
    summed
}
