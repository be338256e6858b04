//! The world a general equilibrium starts from, in arrays, and the wedges on its flows.

use std::sync::Arc;

use super::nest::Nests;
use super::reach::Links;
use crate::data::InputOutput;

/// Numbers in the widest vectors.
const LANES: usize = 8;

/// n countries, J sectors. The rows of arrays are filled up with zeros to whole vectors of the machine: those of
/// flows, the exporters of one importer, to [`Economy::stride`], and those of sectors to [`Economy::width`].
#[derive(Debug, Clone)]
pub struct Economy {
    pub countries: usize,
    pub sectors: usize,
    /// π, `[sector][importer][exporter]`.
    pub import_share: Arc<Vec<f64>>,
    /// π/T, as `import_share`; `None`: no duties.
    pub border_share: Option<Arc<Vec<f64>>>,
    /// γ^(k,j), `[country][input][output]`.
    pub input_share: Arc<Vec<f64>>,
    /// γ^j, `[country][sector]`.
    pub value_added_share: Vec<f64>,
    /// α, `[country][sector]`.
    pub final_share: Vec<f64>,
    /// w L.
    pub value_added: Vec<f64>,
    /// θ by sector.
    pub trade_elasticity: Vec<f64>,
    /// About how far demand for a country's labour falls with its wage; it only sets the length of steps.
    pub wage_elasticity: Vec<f64>,
    pub nests: Nests,
    /// Which of the shares are above 0.
    pub links: Links,
}

/// Who pays for a country's imports beyond its exports.
#[derive(Debug, Clone, PartialEq)]
pub enum Transfers {
    /// D' in the unit of value added.
    Fixed(Vec<f64>),
    /// I' = Λ δ (w L + R)'.
    Proportional(Vec<f64>),
}

/// The wedges on one flow, as they are and not relative to the baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    pub sector: u32,
    pub importer: u32,
    pub exporter: u32,
    /// a.
    pub availability: f64,
    /// T', and T before.
    pub tariff_power: f64,
    pub tariff_before: f64,
    /// x'.
    pub export_tax_power: f64,
    /// d̂.
    pub cost_factor: f64,
}

impl Economy {
    /// The shares of a table as they are.
    pub fn new(table: &InputOutput, trade_elasticity: Vec<f64>, nests: Nests) -> Self {
        let shares = &table.shares;
        let (n, sectors) = (table.countries.len(), table.sectors.len());
        let (stride, width) = (padded(n), row_of(sectors));
        let import_share = filled(shares.import_share.rows(), stride);
        let with_duties = shares.tariff_power.as_ref().filter(|power| power.iter().any(|power| *power != 1.0));
        let border_share = with_duties.map(|power| {
            let mut border = import_share.clone();
            for (row, power) in border.chunks_exact_mut(stride).zip(power.rows()) {
                row.iter_mut().zip(power).for_each(|(share, power)| *share /= power);
            }
            border
        });
        let input_share = filled(shares.input_share.rows(), width);
        let mean = trade_elasticity.iter().sum::<f64>() / sectors as f64;
        let links = Links::new([n, sectors], &import_share, &input_share);
        Self {
            countries: n,
            sectors,
            import_share: Arc::new(import_share),
            border_share: border_share.map(Arc::new),
            input_share: Arc::new(input_share),
            value_added_share: filled(shares.value_added_share.columns(), width),
            final_share: filled(shares.final_share.columns(), width),
            value_added: shares.value_added.to_vec(),
            trade_elasticity,
            wage_elasticity: vec![mean; n],
            nests,
            links,
        }
    }

    /// The length of a row of flows.
    pub fn stride(&self) -> usize {
        padded(self.countries)
    }

    /// The length of a row of sectors.
    pub fn width(&self) -> usize {
        row_of(self.sectors)
    }

    /// Where a flow is in the arrays of flows.
    pub fn flow(&self, sector: usize, importer: usize, exporter: usize) -> usize {
        (sector * self.countries + importer) * self.stride() + exporter
    }

    /// γ^(k,j) of a country, `[input][output]`.
    pub fn inputs(&self, country: usize) -> &[f64] {
        let size = self.sectors * self.width();
        &self.input_share[country * size..(country + 1) * size]
    }

    /// γ^j of a country by sector, to a whole width.
    pub fn labour(&self, country: usize) -> &[f64] {
        &self.value_added_share[country * self.width()..(country + 1) * self.width()]
    }

    /// α of a country by sector, to a whole width.
    pub fn wants(&self, country: usize) -> &[f64] {
        &self.final_share[country * self.width()..(country + 1) * self.width()]
    }

    /// Whether goods are made of labour alone.
    pub fn is_without_inputs(&self) -> bool {
        self.input_share.iter().all(|share| *share == 0.0)
    }
}

/// Whole vectors, but for a single sector, of which they would have seven parts in eight of nothing.
fn row_of(sectors: usize) -> usize {
    if sectors == 1 { 1 } else { padded(sectors) }
}

/// The next whole number of vectors.
fn padded(length: usize) -> usize {
    length.next_multiple_of(LANES)
}

/// Rows one after the other, each filled up with zeros.
fn filled<'a>(rows: impl IntoIterator<Item = ndarray::ArrayView1<'a, f64>>, length: usize) -> Vec<f64> {
    let mut values = Vec::new();
    for row in rows {
        let end = values.len() + length;
        values.extend(row);
        values.resize(end, 0.0);
    }
    values
}

impl Cell {
    /// The wedges a share `s` of the way from the baseline: rates and availability linear, trade costs
    /// in logs.
    pub fn along(&self, s: f64) -> Self {
        let between = |from: f64, to: f64| from + s * (to - from);
        Self {
            availability: between(1.0, self.availability),
            tariff_power: between(self.tariff_before, self.tariff_power),
            export_tax_power: between(1.0, self.export_tax_power),
            cost_factor: self.cost_factor.powf(s),
            ..*self
        }
    }

    /// κ̂ of the flow: what its buyer pays relative to before, beside the producer's price.
    pub fn cost(&self) -> f64 {
        self.tariff_power / self.tariff_before * self.export_tax_power * self.cost_factor
    }
}
