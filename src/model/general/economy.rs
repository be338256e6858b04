//! The world a general equilibrium starts from, in arrays, and the wedges on its flows.

use super::nest::Nests;

/// Numbers in the widest vectors.
const LANES: usize = 8;

/// n countries, J sectors. Arrays by sector and country are sector by sector. A row of flows, the exporters of
/// one importer, is filled up with zeros to whole vectors of the machine: see [`Economy::stride`].
#[derive(Debug, Clone, PartialEq)]
pub struct Economy {
    pub countries: usize,
    pub sectors: usize,
    /// π, `[sector][importer][exporter]`.
    pub import_share: Vec<f64>,
    /// T, as `import_share`; `None`: no duties.
    pub tariff_power: Option<Vec<f64>>,
    /// γ^(k,j), `[country][input][output]`.
    pub input_share: Vec<f64>,
    /// γ^j, `[sector][country]`.
    pub value_added_share: Vec<f64>,
    /// α, `[sector][country]`.
    pub final_share: Vec<f64>,
    /// w L.
    pub value_added: Vec<f64>,
    /// θ by sector.
    pub trade_elasticity: Vec<f64>,
    /// About how far demand for a country's labour falls with its wage; it only sets the length of steps.
    pub wage_elasticity: Vec<f64>,
    pub nests: Nests,
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
    /// T'.
    pub tariff_power: f64,
    /// x'.
    pub export_tax_power: f64,
    /// d̂.
    pub cost_factor: f64,
}

impl Economy {
    /// The length of a row of flows.
    pub fn stride(&self) -> usize {
        stride(self.countries)
    }

    /// Where a flow is in the arrays of flows.
    pub fn flow(&self, sector: usize, importer: usize, exporter: usize) -> usize {
        (sector * self.countries + importer) * self.stride() + exporter
    }

    pub fn tariff(&self, flow: usize) -> f64 {
        self.tariff_power.as_ref().map_or(1.0, |power| power[flow])
    }

    /// The flows of a sector.
    pub fn of_sector<'a>(&self, flows: &'a [f64], sector: usize) -> &'a [f64] {
        let size = self.countries * self.stride();
        &flows[sector * size..(sector + 1) * size]
    }

    /// γ^(k,j) of a country, `[input][output]`.
    pub fn inputs(&self, country: usize) -> &[f64] {
        let size = self.sectors * self.sectors;
        &self.input_share[country * size..(country + 1) * size]
    }

    /// Whether goods are made of labour alone.
    pub fn is_without_inputs(&self) -> bool {
        self.input_share.iter().all(|share| *share == 0.0)
    }
}

/// The length of a row of flows among `countries`.
pub fn stride(countries: usize) -> usize {
    countries.next_multiple_of(LANES)
}

impl Cell {
    /// The wedges a share `s` of the way from the baseline: rates and availability linear, trade costs
    /// in logs.
    pub fn along(&self, s: f64, tariff_before: f64) -> Self {
        let between = |from: f64, to: f64| from + s * (to - from);
        Self {
            availability: between(1.0, self.availability),
            tariff_power: between(tariff_before, self.tariff_power),
            export_tax_power: between(1.0, self.export_tax_power),
            cost_factor: self.cost_factor.powf(s),
            ..*self
        }
    }
}
