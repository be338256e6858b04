//! Flows are sorted, whatever order their rows came in.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tradewinds::data::{Duplicates, FlowRows, Flows, Labels, Period, Units};
use tradewinds::{Error, Result};

type Row = (u32, u32, u32, u32, u32, u32);

fn flows(rows: &[Row], modes: bool, duplicates: Duplicates) -> Result<Flows> {
    let column = |take: fn(&Row) -> u32| rows.iter().map(take).collect::<Vec<u32>>();
    let names = |count: usize| Labels::new((0..count).map(|place| format!("L{place}")));
    let amounts: Vec<f64> = rows.iter().map(|row| f64::from(row.5)).collect();
    Flows::new(
        names(5),
        names(4),
        vec![Period::Year(2020), Period::Year(2021)],
        modes.then(|| names(3)),
        Units { currency: "USD".to_string(), quantity: vec!["t".to_string(); 4] },
        FlowRows {
            period: column(|row| row.0),
            commodity: column(|row| row.1),
            exporter: column(|row| row.2),
            importer: column(|row| row.3),
            mode: modes.then(|| column(|row| row.4)),
            value: amounts.clone(),
            quantity: amounts,
        },
        duplicates,
    )
}

proptest! {
    #[test]
    fn rows_come_out_in_order_and_equal_keys_add_up(
        rows in prop::collection::vec((0..2_u32, 0..4_u32, 0..5_u32, 0..5_u32, 0..3_u32, 1..1000_u32), 1..200),
        modes: bool,
    ) {
        let mut expected: BTreeMap<(u32, u32, u32, u32, u32), f64> = BTreeMap::new();
        for row in &rows {
            let mode = if modes { row.4 } else { 0 };
            *expected.entry((row.0, row.1, row.2, row.3, mode)).or_default() += f64::from(row.5);
        }
        let found = flows(&rows, modes, Duplicates::Sum).unwrap();
        let got = found.rows();
        let keys: Vec<_> = (0..got.len())
            .map(|row| {
                let mode = got.mode.as_ref().map_or(0, |mode| mode[row]);
                (got.period[row], got.commodity[row], got.exporter[row], got.importer[row], mode)
            })
            .collect();
        prop_assert_eq!(keys, expected.keys().copied().collect::<Vec<_>>());
        prop_assert_eq!(&got.value, &expected.values().copied().collect::<Vec<_>>());
        prop_assert_eq!(&got.quantity, &got.value);
        for period in 0..2 {
            for commodity in 0..4 {
                let range = found.range(period, commodity);
                prop_assert!(range.clone().all(|row| got.period[row] == period as u32));
                prop_assert!(range.clone().all(|row| got.commodity[row] == commodity as u32));
            }
        }
        prop_assert_eq!(flows(&rows, modes, Duplicates::Raise).is_ok(), expected.len() == rows.len());
    }
}

#[test]
fn repeated_rows_are_named_as_they_were_given() {
    let rows = [(1, 3, 2, 1, 0, 5), (0, 0, 0, 1, 0, 5), (1, 3, 2, 1, 0, 6)];
    let Err(Error::Data(message)) = flows(&rows, false, Duplicates::Raise) else { panic!("two rows are equal") };
    assert!(message.starts_with("rows 0 and 2 (counted from 0) are both L3 L2 to L1 in 2021"), "{message}");
}

#[test]
fn a_filter_keeps_the_order_and_drops_labels() {
    let rows = [(1, 3, 2, 1, 0, 5), (0, 0, 0, 1, 0, 7), (1, 0, 4, 1, 0, 6)];
    let kept = flows(&rows, false, Duplicates::Raise).unwrap().filter(|rows, row| rows.value[row] > 5.5).unwrap();
    assert_eq!(kept.rows().value, [7.0, 6.0]);
    assert_eq!(kept.commodities.names(), ["L0"]);
    assert_eq!(kept.countries.names(), ["L0", "L1", "L4"]);
}
