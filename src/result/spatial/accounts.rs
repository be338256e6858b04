//! What becomes of the price that a buyer pays for a route, unit by unit.
//!
//! ```text
//! P_j = p_i + export tax + freight + outside cost + duty + residual + scarcity + licence + margin + cap rent
//!       − slack
//! ```

use crate::model::SpatialEquilibrium;
use crate::model::spatial::problem::Origin;

/// Amounts of money of one route, and its flow; where the flow is 1 they are wedges.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Account {
    pub flow: f64,
    /// Σ P_j x.
    pub paid: f64,
    /// Σ p_i x.
    pub producer: f64,
    pub export_tax: f64,
    pub freight: f64,
    /// c_O of units that were shipped without services.
    pub outside_cost: f64,
    pub duty: f64,
    /// γ.
    pub residual: f64,
    /// ½ dγ/dx x²: what of the residual is no cost.
    pub route_surplus: f64,
    /// μ of facilities.
    pub scarcity: f64,
    /// μ_O of the fleet.
    pub fleet_rent: f64,
    pub importer_licence: f64,
    pub exporter_licence: f64,
    /// κ x (S⁻¹)', to the importer.
    pub margin: f64,
    /// ρ, to the buyer.
    pub cap_rent: f64,
    /// By how much costs exceed the price; of a used route rounding.
    pub slack: f64,
}

impl Account {
    fn amounts(&mut self) -> [&mut f64; 16] {
        [
            &mut self.flow,
            &mut self.paid,
            &mut self.producer,
            &mut self.export_tax,
            &mut self.freight,
            &mut self.outside_cost,
            &mut self.duty,
            &mut self.residual,
            &mut self.route_surplus,
            &mut self.scarcity,
            &mut self.fleet_rent,
            &mut self.importer_licence,
            &mut self.exporter_licence,
            &mut self.margin,
            &mut self.cap_rent,
            &mut self.slack,
        ]
    }

    pub fn add(&mut self, weight: f64, other: &Self) {
        let mut other = *other;
        self.amounts().into_iter().zip(other.amounts()).for_each(|(sum, value)| *sum += weight * *value);
    }

    /// Freight and the cost of going without services.
    pub fn carriage(&self) -> f64 {
        self.freight + self.outside_cost
    }

    /// Value at the exporter's border, with the licences it holds.
    pub fn border_value(&self) -> f64 {
        self.producer + self.export_tax + self.exporter_licence
    }
}

/// By row of the market, as money at annual rates.
pub fn accounts(equilibrium: &SpatialEquilibrium, rows: usize) -> Vec<Account> {
    let mut found = vec![Account::default(); rows];
    for (row, unit, flow) in wedges(equilibrium) {
        found[row].add(flow, &Account { flow: 1.0, ..unit });
    }
    // Half of γ's rise is earned on the way: it is about whole routes.
    for pair in &equilibrium.problem.pairs {
        for a in pair.lanes.clone().filter(|&a| !equilibrium.problem.lanes[a].beyond) {
            let lane = &equilibrium.problem.lanes[a];
            found[lane.row].route_surplus = 0.5 * lane.margin_slope * found[lane.row].flow.powi(2);
        }
    }
    found
}

/// Per unit of each lane: its row, what the price is made of, and its flow.
pub fn wedges(equilibrium: &SpatialEquilibrium) -> Vec<(usize, Account, f64)> {
    let SpatialEquilibrium { problem, point, caps, .. } = equilibrium;
    let supplied = problem.supplied(&point.flow);
    let mut slack = vec![0.0; problem.lanes.len()];
    let mut found = Vec::with_capacity(problem.lanes.len());
    for pair in &problem.pairs {
        let slope = problem.supply[pair.from].curve.slope(supplied[pair.from].max(1e-30 * problem.quantity_unit));
        problem.slacks(pair, point, slope, &mut slack);
        let price = point.producer_price[pair.from];
        let bought: f64 = pair.lanes.clone().map(|a| point.flow[a]).sum();
        for a in pair.lanes.clone() {
            let lane = &problem.lanes[a];
            let mut unit = Account {
                paid: point.consumer_price[pair.to],
                producer: price,
                export_tax: lane.border(price) - price,
                freight: lane.freight,
                margin: pair.conduct * bought * slope,
                slack: slack[a],
                ..Account::default()
            };
            for &c in &problem.limits_of[a] {
                let (limit, shadow) = (&problem.limits[c], point.shadow_price[c]);
                let amount = limit.counted(lane, price) * shadow;
                match limit.origin {
                    Origin::Quota(_) if limit.exporter_held => unit.exporter_licence += amount,
                    Origin::Quota(_) => unit.importer_licence += amount,
                    // What a partial ban leaves is worth more to who may ship it.
                    Origin::Facility(_) | Origin::Ban(_) => unit.scarcity += amount,
                }
            }
            let dutiable = lane.border(price) + lane.freight + unit.exporter_licence;
            unit.duty = (lane.tariff_power - 1.0) * dutiable + lane.tariff;
            let on_route: f64 =
                pair.lanes.clone().filter(|&b| problem.lanes[b].row == lane.row).map(|b| point.flow[b]).sum();
            unit.residual = lane.margin + lane.margin_slope * on_route;
            if lane.wedge > 0.0
                && let Some(cap) = caps.iter().find(|cap| cap.lanes.contains(&a))
            {
                let shipped = cap.services + cap.outside;
                let outside = if shipped > 0.0 { cap.outside / shipped } else { 1.0 };
                unit.cap_rent = (1.0 - outside) * cap.buyers_rent;
                unit.fleet_rent = outside * cap.fleet_rent;
                unit.outside_cost = lane.wedge - unit.cap_rent - unit.fleet_rent;
            }
            found.push((lane.row, unit, point.flow[a]));
        }
    }
    found
}
