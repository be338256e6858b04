//! What a scenario's measures meet, counted again from the flows.

use tradewinds::model::Armington;
use tradewinds::scenario::coverage::together;
use tradewinds::scenario::{Measure, Scenario, ScheduleRow, Verb, coverage};

use crate::answers::support::{NEXT, ban, close, measure, random_model, random_solution, rows, scenario};

#[test]
fn it_counts_the_flows_that_selectors_take() {
    let support = Armington::support(true);
    for seed in 0..40 {
        let (model, flows) = (random_model(seed), rows(&random_solution(seed)));
        let mut given = ban("C0", "*");
        given.commodities = ["g1"].into();
        let found = coverage(&scenario(vec![given]), 0, &model.baseline, &support).unwrap();
        let met: Vec<_> = (flows.iter())
            .filter(|row| row.commodity == "g1" && row.exporter == "C0" && row.importer != "C0")
            .collect();
        assert_eq!(found.flows, met.len());
        assert_eq!((found.exporters, found.commodities), (vec![0], vec![1]));
        assert_eq!(found.importers.len(), model.baseline.countries());
        // The same numbers in the same order.
        close(found.value, met.iter().map(|row| row.value.0).sum(), 0.0);
        close(found.trade, flows.iter().filter(|row| row.commodity == "g1").map(|row| row.value.0).sum(), 0.0);
        assert_eq!(found.refusal, None);
    }
}

#[test]
fn it_says_what_is_wrong_with_one_measure_and_with_all() {
    let (model, support) = (random_model(1), Armington::support(true));
    let until = || Measure { end: "2022-03-01".parse().ok(), ..ban("C0", "*") };
    let since = || Measure { start: "2022-04-01".parse().ok(), ..ban("C0", "*") };
    let unknown = || ban("C00", "*");
    let cap = || Measure { price: Some(60.0), ..measure(Verb::PriceCap, "C0", "*") };
    let both = scenario(vec![until(), since(), unknown(), cap()]);
    let each: Vec<_> = (0..4).map(|m| coverage(&both, m, &model.baseline, &support)).collect();
    assert!(each[0].is_ok() && each[1].is_ok());
    let message = each[2].as_ref().unwrap_err().to_string();
    assert!(message.contains("measure 'Ban 3'") && message.contains("C00"), "{message}");
    assert!(each[3].as_ref().unwrap().refusal.as_ref().unwrap().contains("Spatial"));
    let clash = |at| together(&scenario(vec![until(), since()]), &model.baseline, at, &support);
    assert!(clash(None).unwrap_err().to_string().contains("no day"));
    assert_eq!(clash(Some(NEXT)), Ok(0));
    assert_eq!(together(&scenario(vec![cap()]), &model.baseline, None, &support), Ok(0));
}

#[test]
fn rows_of_a_schedule_that_meet_nothing_are_counted() {
    let (model, support) = (random_model(1), Armington::support(true));
    let pairs: Vec<_> = rows(&random_solution(1)).into_iter().map(|row| (row.exporter, row.importer)).collect();
    let names: Vec<String> = (0..model.baseline.countries()).map(|country| format!("C{country}")).collect();
    let absent = (names.iter().flat_map(|i| names.iter().map(move |j| (i.clone(), j.clone()))))
        .find(|pair| !pairs.contains(pair))
        .expect("not everybody trades with everybody");
    let row = |(exporter, importer): (String, String)| ScheduleRow {
        exporter,
        importer,
        commodity: "g0".to_string(),
        coverage: Some(0.5),
        tariff_add: None,
        tariff_to: None,
        export_tax_add: None,
        cost_change: None,
    };
    let given = Scenario { schedule: vec![row(absent)], ..Scenario::default() };
    assert_eq!(together(&given, &model.baseline, None, &support), Ok(1));
}

#[test]
fn lines_of_a_file_are_those_of_its_measures() {
    let text = "format = 1\nname = \"two\"\n\n[[measure]]\nverb = \"Ban\"\n\n[[measure]]\nverb = \"Ban\"\n";
    assert_eq!(Scenario::toml_lines(text), Ok(vec![4, 7]));
    assert!(Scenario::toml_lines("format = ").is_err());
}
