//! Cost indices and shares of nests.

use tradewinds::model::general::nest::Nest;

/// Loss of output when the quantity of energy falls to 0.9 and labour is fixed: the price of energy at
/// which the nest asks for that, by bisection, through its own index and shares.
fn loss(elasticity: f64) -> f64 {
    let (nest, energy) = (Nest::new(elasticity), 0.04);
    let index = |price: f64| nest.index(energy * nest.term(price) + (1.0 - energy) * nest.term(0.0));
    // Energy over labour, new over baseline, with the wage as numeraire.
    let ratio = |price: f64| {
        let cost = index(price);
        nest.share_hat(price, cost) / nest.share_hat(0.0, cost) / price.exp()
    };
    let (mut low, mut high) = (0.0, 20.0);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if ratio(middle) > 0.9 { low = middle } else { high = middle }
    }
    // Labour gets its share of the value of output: Ŷ = 1/(ĉ γ'/γ).
    let cost = index(low);
    100.0 * (1.0 / (cost.exp() * nest.share_hat(0.0, cost)) - 1.0)
}

#[test]
fn the_loss_from_less_energy_is_the_closed_form() {
    for (elasticity, printed) in [(0.04, -1.569), (0.05, -1.193), (0.1, -0.679), (1.0, -0.421)] {
        let found = loss(elasticity);
        // Printed to three decimals.
        assert!((found - printed).abs() <= 5.1e-4, "{elasticity}: {found}");
        if elasticity != 1.0 {
            let power = (elasticity - 1.0) / elasticity;
            let closed = 100.0 * ((0.96 + 0.04 * 0.9f64.powf(power)).powf(1.0 / power) - 1.0);
            // Bisection ends at rounding of the price, about 1e-15 of 2.6 in logs.
            assert!((found - closed).abs() < 1e-10, "{elasticity}: {found} {closed}");
        }
    }
}

#[test]
fn an_elasticity_passes_through_one_smoothly() {
    let (logs, shares) = ([0.3, -0.2, 1.1], [0.5, 0.3, 0.2]);
    let index = |elasticity: f64| {
        let nest = Nest::new(elasticity);
        nest.index(logs.iter().zip(shares).map(|(log, share)| share * nest.term(*log)).sum())
    };
    let cobb_douglas: f64 = logs.iter().zip(shares).map(|(log, share)| log * share).sum();
    assert_eq!(index(1.0), cobb_douglas);
    // The second-order term is r times half the variance of the logs, 0.24: the bound is twice that.
    for r in [1e-14, 1e-9, 0.99e-6, 1.01e-6, 1e-4] {
        for sign in [-1.0, 1.0] {
            assert!(
                (index(1.0 + sign * r) - cobb_douglas).abs() < 0.3 * r + 1e-10 * f64::from(r > 1e-6) + 1e-15,
                "{r}"
            );
        }
    }
    // Shares move by less than r times the spread of the logs.
    let nest = Nest::new(1.0 + 1e-9);
    assert!((nest.share_hat(1.1, index(1.0 + 1e-9)) - 1.0).abs() < 1e-9);
}

#[test]
fn what_is_missing_drops_out_of_a_nest_that_can_do_without() {
    let nest = Nest::new(3.0);
    let index = nest.index(0.6 * nest.term(0.2) + 0.4 * nest.term(f64::INFINITY));
    // P = (0.6 e^(−2·0.2))^(−1/2).
    assert!((index - (0.2 - 0.5 * 0.6f64.ln())).abs() < 1e-15);
    assert_eq!(nest.share_hat(f64::INFINITY, index), 0.0);
    assert!(nest.spares() && !Nest::new(1.0).spares() && !Nest::new(0.5).spares());
}
