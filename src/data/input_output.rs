//! An input–output table of the world in shares: who buys what from whom, what is made of what.

use ndarray::{Array1, Array2, Array3, ArrayViewMut1, Axis};

use super::labels::{Labels, some_of};
use crate::error::{Error, Result};

/// How far the shares of one column may sum from 1, or fall below 0, or deficits sum from 0 in value added,
/// and still be taken for rounding of a published table.
pub const ROUNDING: f64 = 1e-5;
/// The largest negative share that is set to 0: statistical residuals of published tables.
const RESIDUAL: f64 = 1e-3;

/// The figures of a table, by position. J sectors, n countries.
#[derive(Debug, Clone, PartialEq)]
pub struct Shares {
    /// Share of each exporter in the importer's spending on a sector, duties included;
    /// `[sector, importer, exporter]`. Rows sum to 1, or to 0 where the importer buys none.
    pub import_share: Array3<f64>,
    /// Inputs in gross output, `[country, input, output]`. With the value-added share a column sums to
    /// 1, or to 0 where the country makes none.
    pub input_share: Array3<f64>,
    /// `[sector, country]`.
    pub value_added_share: Array2<f64>,
    /// Sectors in final spending, `[sector, country]`. Columns sum to 1.
    pub final_share: Array2<f64>,
    /// By country, in one currency; above 0.
    pub value_added: Array1<f64>,
    /// 1 + duty, as `import_share`; `None`: no duties. Above 1 on domestic sales where a region has
    /// duties within itself.
    pub tariff_power: Option<Array3<f64>>,
    /// Imports less exports at border values, by country; `None`: what the shares and the value added
    /// imply.
    pub deficit: Option<Array1<f64>>,
}

/// What was changed so that one family of shares sums to 1 exactly.
#[derive(Debug, Clone, PartialEq)]
pub struct Adjustment {
    /// The family's name, as in [`Shares`].
    pub shares: &'static str,
    /// The largest distance of a sum from 1, as given.
    pub off: f64,
    /// How many negative shares were set to 0, and the lowest of them.
    pub negative: usize,
    pub lowest: f64,
}

/// A table that was checked; its shares sum to 1 exactly. Immutable.
#[derive(Debug, Clone, PartialEq)]
pub struct InputOutput {
    pub countries: Labels,
    pub sectors: Labels,
    pub shares: Shares,
    /// Families that were not exact as given.
    pub adjustments: Vec<Adjustment>,
}

impl InputOutput {
    /// Checks the table and scales every column of shares to sum to 1 exactly. Sums within 1e-5 of 1 and
    /// shares down to −0.001, which become 0, are taken for rounding and kept in `adjustments`.
    ///
    /// # Errors
    /// [`Error::Data`] names the offending cells: labels twice, shapes that do not fit the labels, numbers
    /// that are not finite, shares that are negative or do not sum to 1, value added that is not
    /// positive, a duty of −100 % or below, deficits that do not sum to 0, a sector that is sold without
    /// being made or used without being bought.
    pub fn new(countries: Vec<String>, sectors: Vec<String>, mut shares: Shares) -> Result<Self> {
        let (countries, sectors) = (unique(countries, "countries")?, unique(sectors, "sectors")?);
        let place = Place { countries: &countries, sectors: &sectors };
        place.check_shapes(&shares)?;
        place.check_numbers(&shares)?;
        let adjustments = [
            place.exact_imports(&mut shares.import_share)?,
            place.exact_costs(&mut shares.input_share, &mut shares.value_added_share)?,
            place.exact_final(&mut shares.final_share)?,
        ];
        place.check_made(&shares)?;
        place.check_bought(&shares)?;
        let adjustments = adjustments.into_iter().filter(|found| found.off > 0.0 || found.negative > 0).collect();
        Ok(Self { countries, sectors, shares, adjustments })
    }

    /// 1 + duty of a flow.
    pub fn tariff_power(&self, sector: usize, importer: usize, exporter: usize) -> f64 {
        self.shares.tariff_power.as_ref().map_or(1.0, |power| power[[sector, importer, exporter]])
    }
}

fn refuse<T>(what: String) -> Result<T> {
    Err(Error::Data(what))
}

fn unique(names: Vec<String>, kind: &str) -> Result<Labels> {
    if names.is_empty() {
        return refuse(format!("the table has no {kind}; give at least one"));
    }
    let mut labels = Labels::default();
    for (position, name) in names.into_iter().enumerate() {
        if name.is_empty() || name == "*" || name.starts_with('!') {
            return refuse(format!("'{name}' is among the {kind}, which selectors read otherwise; give another label"));
        }
        if labels.position(&name).is_some() {
            return refuse(format!("'{name}' is among the {kind} twice; give each its own label"));
        }
        debug_assert_eq!(labels.len(), position);
        labels.insert(name);
    }
    Ok(labels)
}

/// Where a cell is, in words.
struct Place<'a> {
    countries: &'a Labels,
    sectors: &'a Labels,
}

impl Place<'_> {
    fn country(&self, position: usize) -> &str {
        self.countries.name(position)
    }

    fn sector(&self, position: usize) -> &str {
        self.sectors.name(position)
    }

    fn check_shapes(&self, shares: &Shares) -> Result<()> {
        let (n, sectors) = (self.countries.len(), self.sectors.len());
        let (flows, inputs, cells, countries) = ([sectors, n, n], [n, sectors, sectors], [sectors, n], [n]);
        let power = shares.tariff_power.as_ref().map_or(&flows[..], |power| power.shape());
        let deficit = shares.deficit.as_ref().map_or(&countries[..], |deficit| deficit.shape());
        let found: [(&str, &str, &[usize], &[usize]); 7] = [
            ("import_share", "[sector, importer, exporter]", shares.import_share.shape(), &flows),
            ("input_share", "[country, input, output]", shares.input_share.shape(), &inputs),
            ("value_added_share", "[sector, country]", shares.value_added_share.shape(), &cells),
            ("final_share", "[sector, country]", shares.final_share.shape(), &cells),
            ("value_added", "[country]", shares.value_added.shape(), &countries),
            ("tariff_power", "[sector, importer, exporter]", power, &flows),
            ("deficit", "[country]", deficit, &countries),
        ];
        match found.into_iter().find(|(_, _, given, expected)| given != expected) {
            Some((name, axes, given, expected)) => refuse(format!(
                "{name} has the shape {given:?}; expected {expected:?} = {axes} for {n} countries and {sectors} sectors"
            )),
            None => Ok(()),
        }
    }

    fn check_numbers(&self, shares: &Shares) -> Result<()> {
        let flow = |[sector, importer, exporter]: [usize; 3]| {
            format!("{} from {} to {}", self.sector(sector), self.country(exporter), self.country(importer))
        };
        let cell = |[sector, country]: [usize; 2]| format!("{} in {}", self.sector(sector), self.country(country));
        for ((sector, importer, exporter), share) in shares.import_share.indexed_iter() {
            if !share.is_finite() {
                return refuse(format!(
                    "import_share of {} is {share}; expected a number",
                    flow([sector, importer, exporter])
                ));
            }
        }
        for ((country, input, output), share) in shares.input_share.indexed_iter() {
            if !share.is_finite() {
                let (country, input, output) = (self.country(country), self.sector(input), self.sector(output));
                return refuse(format!(
                    "input_share of {input} in {output} of {country} is {share}; expected a number"
                ));
            }
        }
        for (name, array) in [("value_added_share", &shares.value_added_share), ("final_share", &shares.final_share)] {
            if let Some(((sector, country), share)) = array.indexed_iter().find(|(_, share)| !share.is_finite()) {
                return refuse(format!("{name} of {} is {share}; expected a number", cell([sector, country])));
            }
        }
        for (country, value) in shares.value_added.iter().enumerate() {
            if !(*value > 0.0 && value.is_finite()) {
                return refuse(format!(
                    "the value added of {} is {value}; expected an amount above 0 (aggregate a country without any into another)",
                    self.country(country)
                ));
            }
        }
        let powers = shares.tariff_power.iter().flat_map(|powers| powers.indexed_iter());
        for ((sector, importer, exporter), power) in powers {
            if !(*power > 0.0 && power.is_finite()) {
                return refuse(format!(
                    "tariff_power of {} is {power}; expected 1 + rate, with a rate above −100 %",
                    flow([sector, importer, exporter])
                ));
            }
        }
        self.check_deficit(shares)
    }

    fn check_deficit(&self, shares: &Shares) -> Result<()> {
        let Some(deficit) = &shares.deficit else { return Ok(()) };
        if let Some((country, value)) = deficit.indexed_iter().find(|(_, value)| !value.is_finite()) {
            return refuse(format!("the deficit of {} is {value}; expected a number", self.country(country)));
        }
        let (sum, world) = (deficit.sum(), shares.value_added.sum());
        if sum.abs() > ROUNDING * world {
            return refuse(format!(
                "the deficits sum to {sum}; expected 0 (they are imports less exports, of a world whose value added is {world})"
            ));
        }
        Ok(())
    }

    fn exact_imports(&self, shares: &mut Array3<f64>) -> Result<Adjustment> {
        let mut family = Family::new("import_share", 0.0);
        for (sector, mut by_importer) in shares.axis_iter_mut(Axis(0)).enumerate() {
            for (importer, mut row) in by_importer.axis_iter_mut(Axis(0)).enumerate() {
                let place = || format!("the imports of {} by {}", self.sector(sector), self.country(importer));
                family.exact(&mut [row.view_mut()], true, &place, &|exporter| self.country(exporter).to_string())?;
            }
        }
        Ok(family.0)
    }

    fn exact_costs(&self, inputs: &mut Array3<f64>, value_added: &mut Array2<f64>) -> Result<Adjustment> {
        let mut family = Family::new("input_share and value_added_share", RESIDUAL);
        for (country, mut of_country) in inputs.axis_iter_mut(Axis(0)).enumerate() {
            for (output, column) in of_country.axis_iter_mut(Axis(1)).enumerate() {
                let own = value_added.slice_mut(ndarray::s![output..=output, country]);
                let place = || format!("the costs of {} in {}", self.sector(output), self.country(country));
                let part = |input: usize| match input < self.sectors.len() {
                    true => self.sector(input).to_string(),
                    false => "value added".to_string(),
                };
                family.exact(&mut [column, own], true, &place, &part)?;
            }
        }
        Ok(family.0)
    }

    fn exact_final(&self, shares: &mut Array2<f64>) -> Result<Adjustment> {
        let mut family = Family::new("final_share", RESIDUAL);
        for (country, column) in shares.axis_iter_mut(Axis(1)).enumerate() {
            let place = || format!("the final spending of {}", self.country(country));
            family.exact(&mut [column], false, &place, &|sector| self.sector(sector).to_string())?;
        }
        Ok(family.0)
    }

    /// Nothing is sold that nobody makes.
    fn check_made(&self, shares: &Shares) -> Result<()> {
        for ((sector, country), own) in shares.value_added_share.indexed_iter() {
            let inputs = shares.input_share.slice(ndarray::s![country, .., sector]);
            if *own > 0.0 || inputs.iter().any(|share| *share > 0.0) {
                continue;
            }
            let sales = shares.import_share.slice(ndarray::s![sector, .., country]);
            let buyers: Vec<&str> =
                sales.indexed_iter().filter(|(_, s)| **s > 0.0).map(|(n, _)| self.country(n)).collect();
            if !buyers.is_empty() {
                return refuse(format!(
                    "{} in {} has neither inputs nor value added, but is bought by {}; give its costs, or no sales",
                    self.sector(sector),
                    self.country(country),
                    some_of(buyers)
                ));
            }
        }
        Ok(())
    }

    /// Nothing is used that nobody sells.
    fn check_bought(&self, shares: &Shares) -> Result<()> {
        for (sector, by_importer) in shares.import_share.axis_iter(Axis(0)).enumerate() {
            for (importer, row) in by_importer.axis_iter(Axis(0)).enumerate() {
                let used_in = shares.input_share.slice(ndarray::s![importer, sector, ..]);
                let used = used_in.iter().any(|share| *share > 0.0) || shares.final_share[[sector, importer]] > 0.0;
                if used && row.iter().all(|share| *share == 0.0) {
                    return refuse(format!(
                        "{} is used in {} but has no supplier there; give its import_share, or no use of it",
                        self.sector(sector),
                        self.country(importer)
                    ));
                }
            }
        }
        Ok(())
    }
}

/// One family of shares on its way to exact sums, and the most negative share it may have.
struct Family(Adjustment, f64);

impl Family {
    fn new(shares: &'static str, residual: f64) -> Self {
        Self(Adjustment { shares, off: 0.0, negative: 0, lowest: 0.0 }, residual)
    }

    /// Scales the parts of one whole to sum to 1 exactly; all 0 is left where `empty` allows it.
    fn exact(
        &mut self,
        parts: &mut [ArrayViewMut1<'_, f64>],
        empty: bool,
        place: &dyn Fn() -> String,
        part: &dyn Fn(usize) -> String,
    ) -> Result<()> {
        let name = self.0.shares;
        let all = |parts: &[ArrayViewMut1<'_, f64>]| parts.iter().map(|part| part.sum()).sum::<f64>();
        if empty && parts.iter().all(|part| part.iter().all(|share| *share == 0.0)) {
            return Ok(());
        }
        let sum = all(parts);
        if (sum - 1.0).abs() > ROUNDING {
            let or_none = if empty { " (or all 0)" } else { "" };
            let sum = (1e9 * sum).round() / 1e9;
            return refuse(format!("{name}: the shares in {} sum to {sum}; expected 1{or_none}", place()));
        }
        let mut position = 0;
        for share in parts.iter_mut().flat_map(|part| part.iter_mut()) {
            if *share < -self.1 {
                return refuse(format!(
                    "{name}: the share of {} in {} is {share}; expected at least 0",
                    part(position),
                    place()
                ));
            }
            if *share < 0.0 {
                self.0.negative += 1;
                self.0.lowest = self.0.lowest.min(*share);
                *share = 0.0;
            }
            position += 1;
        }
        // A sum that is 1 up to the rounding of adding it is exact.
        let exact = f64::EPSILON * position as f64;
        let clean = all(parts);
        if (sum - 1.0).abs() > exact {
            self.0.off = self.0.off.max((sum - 1.0).abs());
        }
        if (clean - 1.0).abs() > exact {
            parts.iter_mut().for_each(|part| part.mapv_inplace(|share| share / clean));
        }
        Ok(())
    }
}
