//! The accounts of a world input–output table: deliveries between all sectors of all countries and to
//! final demand, from which the table's shares follow.

use ndarray::{Array1, Array2, Array3, Axis};

use super::balance::{Balance, Finding};
use super::input_output::{InputOutput, Shares};
use super::labels::Labels;
use super::leontief::System;
use crate::error::{Error, Result};

/// Values of one currency, summed as deliveries are added: over the using sectors for who sells to
/// whom, over the exporters for what is made of what. A table of shares needs no more, and a full
/// world table is never held. J sectors, n countries.
#[derive(Debug, Clone, PartialEq)]
pub struct Accounts {
    pub countries: Labels,
    pub sectors: Labels,
    /// Deliveries used as inputs, `[sector, importer, exporter]`.
    pub deliveries: Array3<f64>,
    /// The same by use, `[country, input, output]`.
    pub inputs: Array3<f64>,
    /// Deliveries to final demand without inventories, `[sector, importer, exporter]`.
    pub final_demand: Array3<f64>,
    /// Changes in inventories, same axes; negative where stocks were drawn on.
    pub inventories: Array3<f64>,
    /// As stated, `[sector, country]`; `None`: all that is sold.
    pub output: Option<Array2<f64>>,
    /// As stated, for the report; the table's value added is output less inputs.
    pub value_added: Option<Array2<f64>>,
    /// Taxes less subsidies on what producers buy, and margins they pay, as stated; for the report.
    pub taxes: Option<Array2<f64>>,
}

/// What becomes of changes in inventories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inventories {
    /// Added to final demand.
    Keep,
    /// Left out: outputs become what inputs and the rest of final demand take.
    LeaveOut,
}

/// What becomes of a sector whose inputs exceed its output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NegativeValueAdded {
    Refuse,
    /// Its inputs are scaled down to its output: value added 0.
    Zero,
}

/// A seller or a user: `(country, sector)`.
pub type Cell = (usize, usize);

impl Accounts {
    pub fn new(countries: Labels, sectors: Labels) -> Self {
        let (n, j) = (countries.len(), sectors.len());
        Self {
            countries,
            sectors,
            deliveries: Array3::zeros((j, n, n)),
            inputs: Array3::zeros((n, j, j)),
            final_demand: Array3::zeros((j, n, n)),
            inventories: Array3::zeros((j, n, n)),
            output: None,
            value_added: None,
            taxes: None,
        }
    }

    /// Adds a delivery that is used as an input.
    ///
    /// # Errors
    /// [`Error::Data`]: negative, infinite or not a number.
    pub fn deliver(&mut self, (exporter, sector): Cell, (importer, use_): Cell, value: f64) -> Result<()> {
        if !(value >= 0.0 && value.is_finite()) {
            return Err(Error::Data(format!(
                "the delivery of {} of {} to {} of {} is {value}; expected 0 or more",
                self.sectors.name(sector),
                self.countries.name(exporter),
                self.sectors.name(use_),
                self.countries.name(importer)
            )));
        }
        self.deliveries[[sector, importer, exporter]] += value;
        self.inputs[[importer, sector, use_]] += value;
        Ok(())
    }

    /// Adds a delivery to final demand, or to inventories; it may be negative.
    ///
    /// # Errors
    /// [`Error::Data`]: infinite or not a number.
    pub fn deliver_finally(
        &mut self,
        (exporter, sector): Cell,
        importer: usize,
        inventory: bool,
        value: f64,
    ) -> Result<()> {
        if !value.is_finite() {
            return Err(Error::Data(format!(
                "the final delivery of {} of {} to {} is {value}; expected a number",
                self.sectors.name(sector),
                self.countries.name(exporter),
                self.countries.name(importer)
            )));
        }
        let into = if inventory { &mut self.inventories } else { &mut self.final_demand };
        into[[sector, importer, exporter]] += value;
        Ok(())
    }

    /// The table of shares, in which every market clears, and what was found and done.
    ///
    /// 1. Inputs per unit of output are those stated: γ = inputs / output. What output is more than
    ///    inputs is value added: it holds taxes less subsidies and margins that producers pay, and any
    ///    discrepancy of the column. It may be 0.
    /// 2. Final demand, with or without inventories, is put to 0 where it is negative.
    /// 3. Shares of exporters are those in inputs and that final demand together: π.
    /// 4. Outputs are those that deliver that final demand, with all inputs it takes (Leontief): those
    ///    stated, where the rows add up and nothing was changed. A sector that sells without stated
    ///    output, out of stocks, has no inputs: all of what it sells is value added.
    ///
    /// Deficits follow: imports less exports.
    ///
    /// # Errors
    /// [`Error::Data`] names the sector and country: inputs without output, inputs that exceed output
    /// unless `negative` puts that to 0, a country without final demand, and what [`InputOutput::new`]
    /// refuses.
    pub fn table(&self, inventories: Inventories, negative: NegativeValueAdded) -> Result<(InputOutput, Balance)> {
        let mut balance = Balance::default();
        self.check_stated()?;
        let stated = self.stated(&mut balance);
        let input_share = self.input_share(&stated, negative, &mut balance)?;
        let final_demand = self.final_demand(inventories, &stated, &mut balance);
        let import_share = shares(&(&self.deliveries + &final_demand));
        let final_spending = final_demand.sum_axis(Axis(2));
        let system = System { import_share: import_share.view(), tariff_power: None, input_share: input_share.view() };
        let output = system.output(&final_spending, stated.clone())?;
        for ((sector, country), made) in output.indexed_iter() {
            let before = stated[[sector, country]];
            balance.note(Finding::OutputChange, [sector, country], made - before, before);
        }
        balance.sort();
        let deficit = deficits(&system.border_values(&system.spending(&output, &final_spending)));
        let shares = self.shares(import_share, input_share, &output, final_spending, deficit)?;
        let names = |labels: &Labels| labels.names().to_vec();
        Ok((InputOutput::new(names(&self.countries), names(&self.sectors), shares)?, balance))
    }

    fn check_stated(&self) -> Result<()> {
        let stated =
            [(&self.output, "output", true), (&self.value_added, "value added", false), (&self.taxes, "taxes", false)];
        for (values, name, positive) in stated {
            let cells = values.iter().flat_map(|values| values.indexed_iter());
            for ((sector, country), value) in cells {
                if !value.is_finite() || (positive && *value < 0.0) {
                    let expected = if positive { "0 or more" } else { "a number" };
                    return Err(
                        self.refuse([sector, country], &format!("has a stated {name} of {value}; expected {expected}"))
                    );
                }
            }
        }
        Ok(())
    }

    /// Output as stated, or all that is sold.
    fn stated(&self, balance: &mut Balance) -> Array2<f64> {
        let sold = (&self.deliveries + &self.final_demand + &self.inventories).sum_axis(Axis(1));
        let Some(output) = &self.output else { return sold };
        for ((sector, country), stated) in output.indexed_iter() {
            let sold = sold[[sector, country]];
            balance.note(Finding::RowImbalance, [sector, country], stated - sold, *stated);
        }
        output.clone()
    }

    fn input_share(
        &self,
        output: &Array2<f64>,
        negative: NegativeValueAdded,
        balance: &mut Balance,
    ) -> Result<Array3<f64>> {
        /// Inputs that exceed output by no more are rounding.
        const ROUNDING: f64 = 1e-9;
        let mut share = self.inputs.clone();
        for (country, mut of_country) in share.outer_iter_mut().enumerate() {
            for (sector, mut column) in of_country.axis_iter_mut(Axis(1)).enumerate() {
                let (made, used) = (output[[sector, country]], column.sum());
                self.note_costs([sector, country], made, used, balance);
                if used == 0.0 {
                    continue;
                }
                if made <= 0.0 {
                    return Err(self.refuse(
                        [sector, country],
                        &format!("uses inputs of {used} but its output is {made}; give its output, or no inputs"),
                    ));
                }
                let excess = used - made;
                if excess > ROUNDING * made && negative == NegativeValueAdded::Refuse {
                    return Err(self.refuse(
                        [sector, country],
                        &format!(
                            "has a value added of {}: its inputs, {used}, exceed its output, {made}; correct it, merge \
                             it into another sector, or let negative_value_added=\"zero\" scale its inputs down",
                            -excess
                        ),
                    ));
                }
                if excess > 0.0 {
                    balance.note(Finding::NegativeValueAdded, [sector, country], -excess, made);
                }
                column /= used.max(made);
            }
        }
        Ok(share)
    }

    fn note_costs(&self, [sector, country]: [usize; 2], made: f64, used: f64, balance: &mut Balance) {
        let at = |stated: &Option<Array2<f64>>| stated.as_ref().map(|values| values[[sector, country]]);
        if let Some(taxes) = at(&self.taxes) {
            balance.note(Finding::TaxesInValueAdded, [sector, country], taxes, made);
        }
        if let Some(own) = at(&self.value_added) {
            let costs = used + own + at(&self.taxes).unwrap_or_default();
            balance.note(Finding::ColumnImbalance, [sector, country], made - costs, made);
        }
    }

    /// Final demand of 0 or more, `[sector, importer, exporter]`.
    fn final_demand(&self, inventories: Inventories, output: &Array2<f64>, balance: &mut Balance) -> Array3<f64> {
        let (kept, finding) = match inventories {
            Inventories::Keep => (&self.final_demand + &self.inventories, Finding::InventoriesKept),
            Inventories::LeaveOut => (self.final_demand.clone(), Finding::InventoriesLeftOut),
        };
        let stocks = self.inventories.sum_axis(Axis(1));
        let negative = kept.mapv(|value| value.min(0.0)).sum_axis(Axis(1));
        for ((sector, country), made) in output.indexed_iter() {
            balance.note(finding, [sector, country], stocks[[sector, country]], *made);
            balance.note(Finding::NegativeFinalDemand, [sector, country], negative[[sector, country]], *made);
        }
        kept.mapv(|value| value.max(0.0))
    }

    fn shares(
        &self,
        import_share: Array3<f64>,
        mut input_share: Array3<f64>,
        output: &Array2<f64>,
        mut final_spending: Array2<f64>,
        deficit: Array1<f64>,
    ) -> Result<Shares> {
        let mut value_added_share = Array2::zeros(output.raw_dim());
        let mut value_added = Array1::zeros(self.countries.len());
        for ((sector, country), made) in output.indexed_iter() {
            let mut inputs = input_share.slice_mut(ndarray::s![country, .., sector]);
            if *made == 0.0 {
                inputs.fill(0.0);
                continue;
            }
            let own = (1.0 - inputs.sum()).max(0.0);
            value_added_share[[sector, country]] = own;
            value_added[country] += own * made;
        }
        for (country, mut column) in final_spending.axis_iter_mut(Axis(1)).enumerate() {
            let total = column.sum();
            if total <= 0.0 {
                return Err(Error::Data(format!(
                    "{} has no final demand; give some, or merge it into another country",
                    self.countries.name(country)
                )));
            }
            column /= total;
        }
        Ok(Shares {
            import_share,
            input_share,
            value_added_share,
            final_share: final_spending,
            value_added,
            tariff_power: None,
            deficit: Some(deficit),
        })
    }

    fn refuse(&self, [sector, country]: [usize; 2], what: &str) -> Error {
        Error::Data(format!("{} in {} {what}", self.sectors.name(sector), self.countries.name(country)))
    }
}

/// Values as shares of the last axis's sums; 0 where the sum is 0.
pub(super) fn shares(values: &Array3<f64>) -> Array3<f64> {
    let sums = values.sum_axis(Axis(2)).mapv(|sum| if sum > 0.0 { sum } else { 1.0 });
    values / &sums.insert_axis(Axis(2))
}

/// Imports less exports by country of values by `[sector, importer, exporter]`.
pub(super) fn deficits(values: &Array3<f64>) -> Array1<f64> {
    let flows = values.sum_axis(Axis(0));
    flows.sum_axis(Axis(1)) - flows.sum_axis(Axis(0))
}
