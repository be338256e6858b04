//! A slow solve of one commodity, written from the equations in logs: damped tâtonnement, then dense
//! Newton with a Jacobian by central differences and elimination by hand. It shares no code with the crate.
//!
//!     P̂_j^(1−σ) = Σ_i s_ij a_ij p̂_ij^(1−σ),  p̂_ij = p̂_i x̂ ĉ T̂
//!     Ê_ij = a p̂_ij^(1−σ) P̂_j^(σ+η_j) b_j
//!     Σ_j R_ij Ê_ij/(T̂ x̂) = R_i z_i p̂_i^(1+ε_i)

use crate::support::{Cell, Problem};

pub struct Reference {
    /// ln p̂ by country: NaN without exports, −∞ for who lost all buyers.
    pub log_price: Vec<f64>,
    /// ln P̂ by country: NaN without imports, +∞ for who lost all suppliers.
    pub log_index: Vec<f64>,
    /// Ê by cell of the commodity, 0 where closed.
    pub spent_hat: Vec<f64>,
    /// Largest row sum of the inverse Jacobian: how rounding of the equations shows up in prices.
    pub magnification: f64,
}

struct System<'a> {
    problem: &'a Problem,
    k: usize,
    cells: Vec<&'a Cell>,
    open: Vec<bool>,
    unknown: Vec<usize>,
}

/// The commodity's cells in the order of the crate's rows.
pub fn cells(problem: &Problem, k: usize) -> Vec<&Cell> {
    let mut cells: Vec<&Cell> = problem.cells.iter().filter(|cell| cell.k == k).collect();
    cells.sort_by_key(|cell| (cell.i, cell.j));
    cells
}

/// Whether some set of countries that still trade with each other has only fixed supply and demand.
pub fn has_no_price_level(problem: &Problem, k: usize) -> bool {
    let cells = cells(problem, k);
    let open: Vec<&&Cell> = cells.iter().filter(|cell| is_open(problem, cell)).collect();
    open.iter().any(|seed| {
        let (mut sellers, mut buyers) = (vec![seed.i], vec![seed.j]);
        loop {
            let before = sellers.len() + buyers.len();
            for cell in &open {
                match (sellers.contains(&cell.i), buyers.contains(&cell.j)) {
                    (true, false) => buyers.push(cell.j),
                    (false, true) => sellers.push(cell.i),
                    _ => {}
                }
            }
            if sellers.len() + buyers.len() == before {
                break;
            }
        }
        sellers.iter().all(|&i| problem.epsilon[k][i] == 0.0) && buyers.iter().all(|&j| problem.eta[k][j] == 0.0)
    })
}

fn is_open(problem: &Problem, cell: &Cell) -> bool {
    cell.coverage < 1.0
        && problem.supply_shift[cell.k][cell.i] > 0.0
        && problem.demand_shift[cell.k][cell.j] > 0.0
        && cell.value > 0.0
}

/// `None` where Newton finds no root: supply and demand that are both fixed for a captive part of the
/// market may leave it without one.
pub fn solve(problem: &Problem, k: usize) -> Option<Reference> {
    let cells = cells(problem, k);
    let open: Vec<bool> = cells.iter().map(|cell| is_open(problem, cell)).collect();
    let n = problem.names.len();
    let sells = |i: usize| cells.iter().zip(&open).any(|(cell, open)| *open && cell.i == i);
    let unknown: Vec<usize> = (0..n).filter(|&i| sells(i) && problem.epsilon[k][i].is_finite()).collect();
    let system = System { problem, k, cells, open, unknown };
    let mut x = vec![0.0; system.unknown.len()];
    let steep =
        problem.eta[k].iter().fold(problem.sigma[k], |steep: f64, eta| steep.max((problem.sigma[k] + eta).abs()));
    for _ in 0..2000 {
        let excess = system.excess(&x);
        for ((x, f), &i) in x.iter_mut().zip(&excess).zip(&system.unknown) {
            *x += (f / (steep + problem.sigma[k] + problem.epsilon[k][i])).clamp(-0.3, 0.3);
        }
    }
    let mut f = system.excess(&x);
    for _ in 0..200 {
        let step = invert(&system.jacobian(&x)).iter().map(|row| dot(row, &f)).collect::<Vec<f64>>();
        let mut share = 1.0;
        let better = loop {
            let trial: Vec<f64> = x.iter().zip(&step).map(|(x, d)| x - share * d).collect();
            let residual = system.excess(&trial);
            if size(&residual) < size(&f) {
                (x, f) = (trial, residual);
                break true;
            }
            share *= 0.5;
            if share < 1e-9 {
                break false;
            }
        };
        if !better {
            break;
        }
    }
    // Rounding of a few sums and powers; the equations are relative.
    if size(&f) > 1e-11 {
        return None;
    }
    let inverse = invert(&system.jacobian(&x));
    let magnification =
        inverse.iter().map(|row| row.iter().map(|v| v.abs()).sum::<f64>()).fold(0.0, |a: f64, b| a.max(b));
    Some(system.read(&x, magnification))
}

impl System<'_> {
    /// ln p̂ by country.
    fn prices(&self, x: &[f64]) -> Vec<f64> {
        let mut price = vec![0.0; self.problem.names.len()];
        self.unknown.iter().zip(x).for_each(|(&i, x)| price[i] = *x);
        price
    }

    /// ln of a and of p̂^(1−σ) together.
    fn kept(&self, cell: &Cell, price: &[f64]) -> f64 {
        let (duty, tax, cost) = cell.hats();
        (1.0 - cell.coverage).ln() + (1.0 - self.problem.sigma[self.k]) * (price[cell.i] + (duty * tax * cost).ln())
    }

    /// ln P̂ by country; infinite where nothing is on offer.
    fn index(&self, price: &[f64]) -> Vec<f64> {
        let mut terms = vec![Vec::new(); self.problem.names.len()];
        let mut total = vec![0.0; terms.len()];
        for (cell, open) in self.cells.iter().zip(&self.open) {
            let spent = cell.value * (1.0 + cell.tariff);
            total[cell.j] += spent;
            if *open {
                terms[cell.j].push(spent.ln() + self.kept(cell, price));
            }
        }
        (terms.iter().zip(&total))
            .map(|(terms, total)| (log_sum(terms) - total.ln()) / (1.0 - self.problem.sigma[self.k]))
            .collect()
    }

    /// ln Ê by cell, −∞ where closed.
    fn spent_hat(&self, price: &[f64]) -> Vec<f64> {
        let index = self.index(price);
        (self.cells.iter().zip(&self.open))
            .map(|(cell, open)| match open {
                false => f64::NEG_INFINITY,
                true => {
                    self.kept(cell, price)
                        + (self.problem.sigma[self.k] + self.problem.eta[self.k][cell.j]) * index[cell.j]
                        + self.problem.demand_shift[self.k][cell.j].ln()
                }
            })
            .collect()
    }

    /// ln(receipts / supply) by unknown.
    fn excess(&self, x: &[f64]) -> Vec<f64> {
        let price = self.prices(x);
        let spent = self.spent_hat(&price);
        (self.unknown.iter())
            .map(|&i| {
                let (mut received, mut baseline) = (Vec::new(), 0.0);
                for (cell, spent) in self.cells.iter().zip(&spent).filter(|(cell, _)| cell.i == i) {
                    let (duty, tax, _) = cell.hats();
                    received.push(cell.value.ln() + spent - (duty * tax).ln());
                    baseline += cell.value;
                }
                let shift = self.problem.supply_shift[self.k][i];
                log_sum(&received) - (baseline * shift).ln() - price[i] * (1.0 + self.problem.epsilon[self.k][i])
            })
            .collect()
    }

    fn jacobian(&self, x: &[f64]) -> Vec<Vec<f64>> {
        const STEP: f64 = 1e-5;
        let n = x.len();
        let mut jacobian = vec![vec![0.0; n]; n];
        for column in 0..n {
            let moved = |by: f64| {
                let mut x = x.to_vec();
                x[column] += by;
                self.excess(&x)
            };
            let (up, down) = (moved(STEP), moved(-STEP));
            for row in 0..n {
                jacobian[row][column] = (up[row] - down[row]) / (2.0 * STEP);
            }
        }
        jacobian
    }

    fn read(&self, x: &[f64], magnification: f64) -> Reference {
        let n = self.problem.names.len();
        let price = self.prices(x);
        let index = self.index(&price);
        let exports = |i: usize| self.cells.iter().any(|cell| cell.i == i);
        let sells = |i: usize| self.cells.iter().zip(&self.open).any(|(cell, open)| *open && cell.i == i);
        let imports = |j: usize| self.cells.iter().any(|cell| cell.j == j);
        let log_price = (0..n)
            .map(|i| match (exports(i), sells(i)) {
                (false, _) => f64::NAN,
                (true, false) => f64::NEG_INFINITY,
                (true, true) => price[i],
            })
            .collect();
        let log_index = (0..n).map(|j| if imports(j) { index[j] } else { f64::NAN }).collect();
        Reference {
            log_price,
            log_index,
            spent_hat: self.spent_hat(&price).into_iter().map(f64::exp).collect(),
            magnification,
        }
    }
}

/// ln Σ exp.
fn log_sum(terms: &[f64]) -> f64 {
    let largest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    match largest == f64::NEG_INFINITY {
        true => largest,
        false => largest + terms.iter().map(|term| (term - largest).exp()).sum::<f64>().ln(),
    }
}

fn size(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |a: f64, b| if b.is_nan() { f64::INFINITY } else { a.max(b.abs()) })
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Gauss–Jordan with row pivoting.
fn invert(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = matrix.len();
    let mut rows: Vec<Vec<f64>> = (0..n)
        .map(|i| matrix[i].iter().copied().chain((0..n).map(|j| f64::from(u8::from(i == j)))).collect())
        .collect();
    for column in 0..n {
        let pivot = (column..n).max_by(|&a, &b| rows[a][column].abs().total_cmp(&rows[b][column].abs())).unwrap();
        rows.swap(column, pivot);
        let scale = rows[column][column];
        rows[column].iter_mut().for_each(|value| *value /= scale);
        let source = rows[column].clone();
        for (row, values) in rows.iter_mut().enumerate() {
            let factor = values[column];
            if row != column && factor != 0.0 {
                values.iter_mut().zip(&source).for_each(|(value, source)| *value -= factor * source);
            }
        }
    }
    rows.into_iter().map(|row| row[n..].to_vec()).collect()
}
