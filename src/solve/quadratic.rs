//! A convex quadratic program, by the interior-point method of Clarabel.
//!
//! Goulart & Chen (2024), Clarabel: An interior-point solver for conic programs with quadratic
//! objectives, arXiv:2405.12762.
//!
//! ```text
//! min ½ x'Px + q'x   s.t.   A x = b in the first `equal` rows, A x ≤ b in the others
//! ```

use clarabel::algebra::CscMatrix;
use clarabel::solver::{DefaultSettings, DefaultSolver, IPSolver, NonnegativeConeT, SolverStatus, ZeroConeT};

/// An entry of a sparse matrix: row, column, value.
pub type Entry = (usize, usize, f64);

/// Entries of one place add up.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// Of the upper triangle of P.
    pub quadratic: Vec<Entry>,
    pub linear: Vec<f64>,
    pub rows: Vec<Entry>,
    pub bounds: Vec<f64>,
    /// How many rows are equations.
    pub equal: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Solved,
    /// No point keeps all rows.
    Infeasible,
    /// The objective falls without end.
    Unbounded,
    Failed,
}

/// Where the program ended.
#[derive(Debug, Clone)]
pub struct Optimum {
    pub end: End,
    pub x: Vec<f64>,
    /// By row: by how much the objective falls when the bound rises.
    pub multipliers: Vec<f64>,
    pub iterations: usize,
}

/// Numbers near 1 are expected: nondimensionalise first.
pub fn minimise(program: &Program, tolerance: f64) -> Optimum {
    let (columns, rows) = (program.linear.len(), program.bounds.len());
    let p = sparse(columns, columns, &program.quadratic);
    let a = sparse(rows, columns, &program.rows);
    let cones = [ZeroConeT(program.equal), NonnegativeConeT(rows - program.equal)];
    let settings = DefaultSettings {
        verbose: false,
        max_threads: 1,
        tol_gap_abs: tolerance,
        tol_gap_rel: tolerance,
        tol_feas: tolerance,
        ..DefaultSettings::default()
    };
    let mut solver = DefaultSolver::new(&p, &program.linear, &a, &program.bounds, &cones, settings)
        .expect("the dimensions of the program agree");
    solver.solve();
    let found = &solver.solution;
    let end = match found.status {
        SolverStatus::Solved | SolverStatus::AlmostSolved => End::Solved,
        SolverStatus::PrimalInfeasible | SolverStatus::AlmostPrimalInfeasible => End::Infeasible,
        SolverStatus::DualInfeasible | SolverStatus::AlmostDualInfeasible => End::Unbounded,
        // Progress that stalls short of a tolerance this tight is for the caller to judge.
        SolverStatus::InsufficientProgress if found.x.iter().all(|x| x.is_finite()) => End::Solved,
        _ => End::Failed,
    };
    Optimum { end, x: found.x.clone(), multipliers: found.z.clone(), iterations: found.iterations as usize }
}

fn sparse(rows: usize, columns: usize, entries: &[Entry]) -> CscMatrix<f64> {
    let mut row = Vec::with_capacity(entries.len());
    let (mut column, mut value) = (row.clone(), Vec::with_capacity(entries.len()));
    for &(i, j, v) in entries {
        row.push(i);
        column.push(j);
        value.push(v);
    }
    CscMatrix::new_from_triplets(rows, columns, row, column, value)
}
