//! Priors: margins kept, known closed forms, hauls that come out as they went in.

use proptest::prelude::*;
use tradewinds::model::prior::{decay, gravity, mix};
use tradewinds::solve::Stop;
use tradewinds::solve::balance::balance;

use crate::support::{Problem, cases, message};

fn flows(values: &[&[f64]]) -> tradewinds::data::Flows {
    let names = ["A", "B", "C", "D"];
    Problem::matrix(&names[..values.len()], values, 5.0, -0.5, 0.5).flows()
}

fn close(found: f64, wanted: f64, tolerance: f64) {
    assert!((found - wanted).abs() <= tolerance * wanted.abs().max(1e-300), "{found} is not {wanted}");
}

#[test]
fn two_by_two_has_its_closed_form() {
    // The cross ratio of the kernel survives: x (x + d) = 4 (r − x)(c − x) with all sums 10, so x = 20/3.
    let mut kernel = vec![4.0, 1.0, 1.0, 1.0];
    let outcome = balance(&mut kernel, &[10.0, 10.0], &[10.0, 10.0], &Stop::default());
    assert!(outcome.converged);
    // The columns are met to 1e-12; the factors' error is a few times that.
    close(kernel[0], 20.0 / 3.0, 1e-11);
    close(kernel[1], 10.0 / 3.0, 1e-11);
}

#[test]
fn sums_that_the_support_cannot_carry_are_no_success() {
    let mut kernel = vec![1.0, 0.0, 1.0, 0.0];
    assert!(!balance(&mut kernel, &[1.0, 1.0], &[1.0, 1.0], &Stop::default()).converged);
    let stop = Stop::default();
    stop.request();
    assert!(!balance(&mut [4.0, 1.0, 1.0, 1.0], &[1.0, 1.0], &[1.0, 1.0], &stop).converged);
}

#[test]
fn a_kernel_that_is_missing_is_named() {
    let flows = flows(&[&[0.0, 5.0, 2.0], &[1.0, 0.0, 3.0], &[0.0, 0.0, 0.0]]);
    let mut kernel = vec![1.0; 9];
    kernel[2] = f64::NAN;
    let error = message(gravity(&flows, 0, 0, &kernel, &Stop::default()));
    assert!(error.contains("oil") && error.contains("A→C") && error.contains("distance"), "{error}");
    // C sells nothing: what it would sell is not asked for.
    kernel[2] = 1.0;
    kernel[7] = f64::NAN;
    assert!(gravity(&flows, 0, 0, &kernel, &Stop::default()).is_ok());
}

#[test]
fn a_new_flow_has_its_exporters_unit_value() {
    let mut problem =
        Problem::matrix(&["A", "B", "C"], &[&[7.0, 6.0, 0.0], &[0.0, 0.0, 6.0], &[0.0, 0.0, 0.0]], 5.0, -0.5, 0.5);
    problem.cell(0, 1).quantity = 3.0;
    let flows = problem.flows();
    let mixed = mix(&flows, 0, &[vec![1.0; 9]], &[vec![1.0; 3]], 0.5, &Stop::default()).expect("good flows");
    let rows = mixed.flows.rows();
    // B can't buy from itself, so it keeps buying all from A, and C from B: nothing moves but 1e-12 of rounding.
    let sold: Vec<f64> = rows.value.iter().copied().filter(|value| *value > 1e-9).collect();
    sold.iter().zip([7.0, 6.0, 6.0]).for_each(|(found, wanted)| close(*found, wanted, 1e-11));
    assert_eq!(sold.len(), 3);
    problem.cells.push(crate::support::Cell::new(0, 2, 1, 4.0));
    problem.cells.push(crate::support::Cell::new(0, 2, 0, 2.0));
    let flows = problem.flows();
    let mixed = mix(&flows, 0, &[vec![1.0; 9]], &[vec![1.0; 3]], 0.5, &Stop::default()).expect("good flows");
    let rows = mixed.flows.rows();
    let new = (0..rows.len()).find(|&row| (rows.exporter[row], rows.importer[row]) == (0, 2)).expect("A sells to C");
    assert_eq!(mixed.observed[new], 0.0);
    // A sold 13 for 10 units, its domestic sales counted: one division and one product.
    close(rows.quantity[new], rows.value[new] * 10.0 / 13.0, 1e-15);
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn every_country_trades_as_much_as_it_did(
        tape in prop::collection::vec(0.0f64..1.0, 75), weight in 0.0f64..=1.0, theta in 0.1f64..3.0
    ) {
        let n = 5;
        let value = |place: usize| match tape[place] < 0.4 && place % n != (place / n + 1) % n {
            true => 0.0,
            false => (6.0 * tape[place]).exp(),
        };
        let matrix: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| value(i * n + j)).collect()).collect();
        let rows: Vec<&[f64]> = matrix.iter().map(Vec::as_slice).collect();
        let flows = Problem::matrix(&["A", "B", "C", "D", "E"], &rows, 5.0, -0.5, 0.5).flows();
        let distance: Vec<f64> = tape[25..50].iter().map(|draw| 0.2 + draw).collect();
        let kernel: Vec<f64> = distance.iter().map(|d| (-theta * d).exp()).collect();
        let contestable = vec![tape[50..55].to_vec()];
        let mixed = mix(&flows, 0, std::slice::from_ref(&kernel), &contestable, weight, &Stop::default()).expect("flows");
        let sums = |rows: &tradewinds::data::FlowRows, of: &[u32]| (0..n as u32)
            .map(|code| (0..rows.len()).filter(|&row| of[row] == code).map(|row| rows.value[row]).sum::<f64>())
            .collect::<Vec<f64>>();
        for (found, wanted) in [
            (sums(mixed.flows.rows(), &mixed.flows.rows().exporter), sums(flows.rows(), &flows.rows().exporter)),
            (sums(mixed.flows.rows(), &mixed.flows.rows().importer), sums(flows.rows(), &flows.rows().importer)),
        ] {
            // Margins are met to 1e-9 of the contestable part at worst.
            found.iter().zip(&wanted).for_each(|(found, wanted)| close(*found, *wanted, 1e-9));
        }
        prop_assert!((mixed.observed.iter().sum::<f64>() / flows.rows().value.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        for row in 0..mixed.flows.rows().len() {
            let mixed_rows = mixed.flows.rows();
            if mixed_rows.exporter[row] == mixed_rows.importer[row] {
                prop_assert_eq!(mixed_rows.value[row], mixed.observed[row]);
            }
        }
    }

    #[test]
    fn goods_travel_as_far_as_they_did(tape in prop::collection::vec(0.0f64..1.0, 16), theta in 0.2f64..4.0) {
        let n = 4;
        let distance: Vec<f64> = tape.iter().map(|draw| 0.5 + 3.0 * draw).collect();
        let kernel: Vec<f64> = distance.iter().map(|d| (-theta * d).exp()).collect();
        let spread: Vec<f64> = (0..n * n).map(|p| if p / n == p % n { 0.0 } else { kernel[p] * (1 + p) as f64 }).collect();
        let rows: Vec<&[f64]> = spread.chunks_exact(n).collect();
        let once = flows(&rows);
        // Values that the model itself made: their θ is the one they were made with.
        let made = gravity(&once, 0, 0, &kernel, &Stop::default()).expect("flows");
        let rows: Vec<&[f64]> = made.chunks_exact(n).collect();
        let found = decay(&flows(&rows), 0, 0, &distance, &Stop::default());
        let spread_of_haul = distance.iter().copied().fold(0.0, f64::max) - distance.iter().copied().fold(9.0, f64::min);
        match found {
            // The haul is met to 1e-10; how that carries to θ depends on how much the haul varies with it.
            Ok(found) => prop_assert!((found / theta - 1.0).abs() < 1e-5 || spread_of_haul < 0.5, "{} {}", found, theta),
            // Few cells may make the haul the same, or longer, without distance.
            Err(error) => prop_assert!(error.to_string().contains("give decay"), "{}", error),
        }
    }
}
