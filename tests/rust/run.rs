//! Many solves at once.

use std::sync::atomic::{AtomicUsize, Ordering};

use tradewinds::model::{Armington, Equilibrium, Model};
use tradewinds::run::pool::{set_threads, threads};
use tradewinds::run::{Task, solve_all};
use tradewinds::scenario::Wedges;
use tradewinds::solve::Stop;
use tradewinds::{Error, Options, Result, solve_scenario};

use crate::support::{Problem, Rigid, Tape, random};

/// Twelve random commodities of one set of countries.
fn wide() -> Problem {
    let mut found: Option<Problem> = None;
    for seed in 0.. {
        let next = random(&mut Tape::seeded(1000 + seed, 4000), 9, Rigid::OneSide);
        if next.names.len() != 7 {
            continue;
        }
        let Some(all) = &mut found else {
            found = Some(next);
            continue;
        };
        let offset = all.goods.len();
        all.goods.extend((0..next.goods.len()).map(|k| format!("g{}", offset + k)));
        all.cells.extend(next.cells.into_iter().map(|mut cell| {
            cell.k += offset;
            cell
        }));
        all.sigma.extend(next.sigma);
        all.eta.extend(next.eta);
        all.epsilon.extend(next.epsilon);
        all.supply_shift.extend(next.supply_shift);
        all.demand_shift.extend(next.demand_shift);
        if all.goods.len() >= 12 {
            break;
        }
    }
    found.unwrap()
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let problem = wide();
    let bits = |count: usize| -> Vec<u64> {
        set_threads(count);
        assert_eq!(threads(), count);
        let solution = problem.solve().unwrap();
        let (flows, prices) = (solution.flows(), solution.prices());
        [flows.numbers("value_after"), flows.numbers("quantity_after"), prices.numbers("producer_price")]
            .concat()
            .iter()
            .map(|value| value.to_bits())
            .collect()
    };
    let one = bits(1);
    assert!(one.len() > 300);
    for count in [2, 4, 7, 2] {
        assert!(bits(count) == one, "{count} threads");
    }
}

#[test]
fn a_request_to_stop_interrupts() {
    let problem = wide();
    let stop = Stop::default();
    stop.request();
    let result = solve_scenario(&problem.model(), &problem.scenario(), Options::default(), &stop);
    assert_eq!(result.err(), Some(Error::Interrupted));
    let first_order = Options { first_order: true, ..Options::default() };
    let plain = tradewinds::scenario::Scenario::default();
    assert_eq!(solve_scenario(&problem.model(), &plain, first_order, &stop).err(), Some(Error::Interrupted));
}

/// Asks to stop in the middle of its third solve.
struct Interrupting(Armington, AtomicUsize);

impl Model for Interrupting {
    type Equilibrium = Equilibrium;

    fn solve(&self, k: usize, wedges: &Wedges, warm: Option<&Equilibrium>, stop: &Stop) -> Result<Equilibrium> {
        if self.1.fetch_add(1, Ordering::SeqCst) == 2 {
            stop.request();
        }
        self.0.solve(k, wedges, warm, stop)
    }
}

#[test]
fn a_request_to_stop_in_the_middle_leaves_the_rest_undone() {
    let problem = wide();
    let model = Interrupting(problem.model(), AtomicUsize::new(0));
    let compiled = problem.compiled();
    let tasks: Vec<Task> =
        (0..problem.goods.len()).cycle().take(500).map(|k| (k, &compiled.markets[k].variants[0])).collect();
    let result = solve_all(&model, &tasks, &Stop::default(), |_, equilibrium| equilibrium);
    assert_eq!(result.err(), Some(Error::Interrupted));
    // At most one solve a thread (7 is the most that a test sets) was under way.
    assert!(model.1.load(Ordering::SeqCst) <= 3 + 7);
}

#[test]
fn results_come_in_the_order_of_the_tasks_and_the_first_error_is_reported() {
    let problem = wide();
    let (model, compiled) = (problem.model(), problem.compiled());
    let order: Vec<usize> = (0..problem.goods.len()).rev().chain([0, 0, 3]).collect();
    let tasks: Vec<Task> = order.iter().map(|&k| (k, &compiled.markets[k].variants[0])).collect();
    assert_eq!(solve_all(&model, &tasks, &Stop::default(), |task, _| task.0).unwrap(), order);
    let mut rigid = problem.clone();
    for k in [4, 8] {
        rigid.eta[k].fill(0.0);
        rigid.epsilon[k].fill(0.0);
        rigid.supply_shift[k].fill(1.0);
    }
    match rigid.solve() {
        Err(Error::Infeasible { message, .. }) => assert!(message.starts_with("g4:"), "{message}"),
        other => panic!("{other:?}"),
    }
}
