//! What is supposed to change: selectors, files, the schema, dates, and the wedges they come to.

use std::sync::Arc;

use ndarray::Array2;
use proptest::prelude::*;
use tradewinds::data::baseline::TariffRow;
use tradewinds::data::{Baseline, Date, Duplicates, Elasticities, FlowRows, Flows, Labels, Period, Units};
use tradewinds::model::Armington;
use tradewinds::result::Solution;
use tradewinds::scenario::compile::{Compiled, Support, compile};
use tradewinds::scenario::measure::PhaseStep;
use tradewinds::scenario::schedule::{cut, in_full};
use tradewinds::scenario::schema::Required;
use tradewinds::scenario::select::Context;
use tradewinds::scenario::{Exposure, Groups, Measure, Overlap, Scenario, ScheduleRow, Selector, Verb, Wedges};
use tradewinds::solve::Stop;
use tradewinds::{Options, Result, solve_scenario};

use crate::support::{ban, cases, close, message, scenario, tariff};

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

const COUNTRIES: [&str; 6] = ["RUS", "DEU", "FRA", "GBR", "CHN", "IND"];

/// Everyone sells to everyone (with domestic sales) oil and gas in 2021, by sea and pipe if `modes`.
fn baseline(modes: bool, tariffs: Option<f64>) -> Baseline {
    let mut rows = FlowRows { mode: modes.then(Vec::new), ..FlowRows::default() };
    for k in 0..2 {
        for i in 0..6 {
            for j in 0..6 {
                for mode in 0..(if modes { 2 } else { 1 }) {
                    rows.period.push(0);
                    rows.commodity.push(k);
                    rows.exporter.push(i);
                    rows.importer.push(j);
                    rows.value.push(if (i, j) == (5, 4) { 0.0 } else { 1.0 + f64::from(i + 2 * j + k) });
                    rows.quantity.push(f64::NAN);
                    if let Some(column) = &mut rows.mode {
                        column.push(mode);
                    }
                }
            }
        }
    }
    let units = Units { currency: "USD".into(), quantity: vec!["t".into(); 2] };
    let flows = Flows::new(
        Labels::new(COUNTRIES),
        Labels::new(["oil", "gas"]),
        vec![Period::Year(2021)],
        modes.then(|| Labels::new(["sea", "pipe"])),
        units,
        rows,
        Duplicates::Raise,
    );
    let all = |rate: f64| -> Vec<TariffRow> {
        let cells = (0..2).flat_map(|k| (0..6).flat_map(move |i| (0..6).map(move |j| (k, i, j))));
        cells.map(|(commodity, exporter, importer)| TariffRow { exporter, importer, commodity, rate }).collect()
    };
    Baseline::new(Arc::new(flows.unwrap()), Period::Year(2021), tariffs.map(all).as_deref()).unwrap()
}

fn compiled_on(scenario: &Scenario, baseline: &Baseline, at: Option<&str>, exposure: Exposure) -> Result<Compiled> {
    compile(
        scenario,
        baseline,
        at.map(|at| at.parse().unwrap()),
        exposure,
        &Support { refusal: |_| None, leave_out: false },
        &|| false,
    )
}

fn compiled(scenario: &Scenario) -> Result<Compiled> {
    compiled_on(scenario, &baseline(false, Some(0.1)), None, Exposure::Segments)
}

/// Position of the flow's row among the 36 of a commodity.
fn row(exporter: &str, importer: &str) -> usize {
    let place = |name: &str| COUNTRIES.iter().position(|country| *country == name).unwrap();
    6 * place(exporter) + place(importer)
}

fn oil(compiled: &Compiled) -> &Wedges {
    &compiled.markets[0].variants[0]
}

/// The importers whose oil from Russia a ban by `importers` closes.
fn closed_to_russia(importers: Selector, start: Option<&str>, groups: Groups) -> Result<Vec<&'static str>> {
    let measure = Measure { importers, start: start.map(date), ..ban("RUS", "*") };
    let found = compiled(&Scenario { groups, ..scenario(vec![measure]) })?;
    Ok(COUNTRIES.into_iter().filter(|j| oil(&found).at(row("RUS", j)).availability == 0.0).collect())
}

fn closed(terms: &[&str]) -> Result<Vec<&'static str>> {
    closed_to_russia(Selector(terms.iter().map(|term| term.to_string()).collect()), None, Groups::new())
}

#[test]
fn selectors_take_and_take_away_in_order() {
    for (terms, wanted) in [
        (&["*"][..], &["DEU", "FRA", "GBR", "CHN", "IND"][..]),
        (&["DEU", "CHN"], &["DEU", "CHN"]),
        (&["!CHN"], &["DEU", "FRA", "GBR", "IND"]),
        (&["!CHN", "! IND"], &["DEU", "FRA", "GBR"]),
        (&["*", "!EU27"], &["GBR", "CHN", "IND"]),
        (&["EU27", "!DEU"], &["FRA"]),
        (&["!DEU", "DEU"], &["DEU"]),
        (&["EU27", "!EU27", "CHN"], &["CHN"]),
        (&["Germany", "156", "IN"], &["DEU", "CHN", "IND"]),
        (&["EU27"], &["DEU", "FRA"]),
        (&["*", "!NATO"], &["CHN", "IND"]),
        (&["*", "!USA"], &["DEU", "FRA", "GBR", "CHN", "IND"]),
    ] {
        assert_eq!(closed(terms).unwrap(), wanted, "{terms:?}");
    }
}

#[test]
fn groups_are_resolved_on_the_day_a_measure_starts() {
    let of = |start| closed_to_russia(["EU27"].into(), start, Groups::new());
    assert_eq!(of(Some("2019-12-31")).unwrap(), ["DEU", "FRA", "GBR"]);
    assert_eq!(of(Some("2021-12-31")).unwrap(), ["DEU", "FRA"]);
    // Without a date on the baseline's last day, 31 December 2021.
    assert_eq!(of(None).unwrap(), ["DEU", "FRA"]);
    let phased = Measure {
        importers: ["EU27"].into(),
        phase: vec![(date("2019-06-01"), 0.5), (date("2023-01-01"), 1.0)],
        ..ban("RUS", "*")
    };
    let found = compiled(&scenario(vec![phased])).unwrap();
    assert_eq!(oil(&found).at(row("RUS", "GBR")).availability, 0.0, "the first step of the phase counts");
}

#[test]
fn selectors_that_make_no_sense_are_refused_with_the_remedy() {
    for (terms, part) in [
        (&["Germny"][..], "Did you mean"),
        (&["RUZ"], "Did you mean 'RUS'"),
        (&["xyzzy"], "unknown country 'xyzzy'"),
        (&["Brazil"], "'Brazil' is not in the data"),
        (&["PRICE_CAP_COALITION"], "had no members on 2021-12-31"),
        (&["OPEC"], "no member of group 'OPEC'"),
        (&["!*"], "takes no country"),
        (&["DEU", "!DEU"], "takes no country"),
        (&[], "takes no country"),
        (&["!Atlantis"], "unknown country 'Atlantis'"),
    ] {
        let text = message(closed(terms));
        assert!(text.contains(part) && text.contains("measure 'Ban 1'"), "{terms:?}: {text}");
    }
    let goods = Measure { commodities: ["olil"].into(), ..ban("RUS", "DEU") };
    assert!(message(compiled(&scenario(vec![goods]))).contains("unknown commodity 'olil'"));
    let name = Measure { commodities: ["EU27"].into(), ..ban("RUS", "DEU") };
    assert!(message(compiled(&scenario(vec![name]))).contains("unknown commodity"), "commodities have no groups");
}

fn groups(table: &[(&str, &[&str])]) -> Groups {
    table.iter().map(|(name, terms)| (name.to_string(), terms.iter().map(|term| term.to_string()).collect())).collect()
}

#[test]
fn the_user_s_groups_nest() {
    let table = groups(&[("west", &["EU27", "GBR"]), ("friends", &["west", "!FRA", "IND", "USA"])]);
    let of = |term: &str| closed_to_russia([term].into(), None, table.clone());
    assert_eq!(of("west").unwrap(), ["DEU", "FRA", "GBR"]);
    assert_eq!(of("friends").unwrap(), ["DEU", "GBR", "IND"], "absent members of a group are no error");
    assert_eq!(of("!friends").unwrap(), ["FRA", "CHN"]);
}

#[test]
fn a_group_that_contains_itself_is_refused() {
    let table = groups(&[("a", &["b", "DEU"]), ("b", &["a"])]);
    assert!(message(closed_to_russia(["a"].into(), None, table)).contains("contains itself"));
}

#[test]
fn the_user_s_groups_may_hold_bundled_groups_without_members_in_the_data() {
    let table = groups(&[("mine", &["OPEC", "CHN"])]);
    assert_eq!(closed_to_russia(["mine"].into(), None, table).unwrap(), ["CHN"], "as absent countries are no error");
}

#[test]
fn taking_away_a_group_that_is_not_in_the_data_takes_nothing_away() {
    let table = groups(&[("oil", &["SAU", "IRQ"])]);
    assert_eq!(closed_to_russia(["*", "!OPEC"].into(), None, Groups::new()).unwrap().len(), 5);
    assert_eq!(closed_to_russia(["*", "!oil"].into(), None, table).unwrap().len(), 5, "as for a bundled group");
}

#[test]
fn a_label_of_the_data_wins_over_a_group_of_its_name() {
    let (day, table) = (date("2021-12-31"), groups(&[("EU27", &["DEU"]), ("west", &["FRA"])]));
    let resolve = |labels: &Labels, term: &str| {
        Context { labels, kind: "country", groups: Some((&table, day)) }.resolve(&[term].into()).unwrap()
    };
    let with = Labels::new(["EU27", "DEU", "FRA", "west"]);
    assert_eq!(resolve(&with, "EU27").positions(), [0]);
    assert_eq!((resolve(&with, "west").positions(), resolve(&with, "west").by_name[3]), (vec![3], true));
    let without = Labels::new(["DEU", "FRA"]);
    assert_eq!(resolve(&without, "EU27").positions(), [0], "the user's group wins over the bundled one");
    assert_eq!(resolve(&without, "EU27").by_name, [false, false]);
}

#[test]
fn a_group_takes_the_region_that_stands_for_all_of_it() {
    let labels = Labels::new(["DEU", "X_EU27", "X_EAEU", "X_AFR", "RUS", "CAN"]);
    let table = groups(&[("club", &["EU27", "GBR"]), ("listed", &["DEU", "FRA"])]);
    let resolved = |terms: &[&str], day: &str| {
        let selector = Selector(terms.iter().map(|term| term.to_string()).collect());
        Context { labels: &labels, kind: "country", groups: Some((&table, date(day))) }.resolve(&selector)
    };
    let taken = |terms: &[&str], day: &str| {
        let positions = resolved(terms, day).unwrap().positions();
        positions.into_iter().map(|at| labels.name(at)).collect::<Vec<_>>()
    };
    assert_eq!(taken(&["EU27"], "2021-12-31"), ["DEU", "X_EU27"]);
    assert_eq!(taken(&["EU27", "!X_EU27"], "2021-12-31"), ["DEU"]);
    assert_eq!(taken(&["!EU27"], "2021-12-31"), ["X_EAEU", "X_AFR", "RUS", "CAN"]);
    assert_eq!(taken(&["EAEU"], "2021-12-31"), ["X_EAEU", "RUS"]);
    assert_eq!(taken(&["club"], "2021-12-31"), ["DEU", "X_EU27"]);
    // The 27 are among the countries of the list; only three of them are in the G7.
    assert_eq!(taken(&["UNFRIENDLY"], "2022-03-05"), ["DEU", "X_EU27", "CAN"]);
    let hidden = "means FRA, ITA, which the data has only as a part of X_EU27, with other countries";
    // Austria is not in NATO, but 22 others of the 27 are.
    for (terms, day, why) in [
        (&["G7"][..], "2021-12-31", hidden),
        (&["NATO"], "2024-12-31", "which the data has only as a part of X_EU27"),
        (&["listed"], "2021-12-31", "'listed' means FRA, which"),
        (&["EU27", "!FRA"], "2021-12-31", "means FRA, which"),
    ] {
        let message = resolved(terms, day).unwrap_err().to_string();
        assert!(message.contains(why), "{message}");
    }
}

#[test]
fn domestic_sales_are_reached_only_when_both_sides_name_the_country() {
    let left = |exporters: Selector, importers: Selector| {
        let found = compiled(&scenario(vec![Measure { exporters, importers, ..Measure::new(Verb::Ban) }])).unwrap();
        (oil(&found).at(row("RUS", "RUS")).availability, oil(&found).at(row("RUS", "DEU")).availability)
    };
    assert_eq!(left(["*"].into(), ["*"].into()), (1.0, 0.0));
    assert_eq!(left(["RUS"].into(), ["*"].into()), (1.0, 0.0));
    assert_eq!(left(["RUS"].into(), ["!CHN"].into()), (1.0, 0.0));
    assert_eq!(left(["BRICS"].into(), ["BRICS"].into()), (1.0, 1.0));
    assert_eq!(left(["RUS"].into(), ["RUS"].into()), (0.0, 1.0));
    assert_eq!(left(["Russia"].into(), ["*", "643"].into()), (0.0, 0.0));
}

fn full() -> Measure {
    Measure {
        name: Some("the \"cap\" – Ölpreis\nsecond line".into()),
        exporters: ["RUS"].into(),
        importers: ["*", "!EU27"].into(),
        commodities: Selector(vec![]),
        modes: Some(["sea"].into()),
        mode_share: Some(0.3),
        start: Some(date("2022-12-05")),
        end: Some(date("2024-02-29")),
        phase: vec![(date("2022-12-05"), 0.1), (date("2023-02-05"), 1.0)],
        announced: Some(date("2022-09-02")),
        sender: Some("G7".into()),
        source: Some("https://x.y/#z".into()),
        price: Some(f64::INFINITY),
        per: Some("bbl".into()),
        outside_cost: Some(1.0 / 3.0),
        ..Measure::new(Verb::PriceCap)
    }
}

fn whole() -> Scenario {
    Scenario {
        name: "a 'name'".into(),
        overlap: Overlap::Nested,
        groups: groups(&[("west", &["EU27", "!HUN"]), ("empty", &[])]),
        measures: vec![full(), Measure::new(Verb::Ban)],
        schedule: vec![ScheduleRow {
            exporter: "RUS".into(),
            importer: "DEU".into(),
            commodity: "oil".into(),
            coverage: Some(0.1 + 0.2),
            tariff_add: Some(1e-300),
            tariff_to: None,
            export_tax_add: Some(2.0),
            cost_change: Some(-0.5),
        }],
    }
}

#[test]
fn files_are_read_as_they_were_written() {
    for scenario in [whole(), Scenario::default()] {
        let (toml, json) = (scenario.to_toml().unwrap(), scenario.to_json().unwrap());
        assert_eq!(Scenario::from_toml(&toml, "text").unwrap(), scenario, "{toml}");
        assert_eq!(Scenario::from_json(&json, "text").unwrap(), scenario, "{json}");
    }
}

/// A number in the range of a field, of any size.
fn amount(low: f64, high: f64, share: f64, wild: f64) -> f64 {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => low + (high - low) * share,
        (true, false) => low + wild.abs().min(1e300),
        _ => wild,
    }
}

fn measures() -> impl Strategy<Value = Measure> {
    let texts = proptest::collection::vec("\\PC{0,12}", 8);
    let shares = proptest::collection::vec(0.0..=1.0f64, 24);
    let wilds =
        proptest::collection::vec(prop::num::f64::NORMAL | prop::num::f64::ZERO | prop::num::f64::SUBNORMAL, 24);
    let days = proptest::collection::vec((1990i32..2100, 1u32..13, 1u32..29), 6);
    let draws = (0usize..8, any::<u32>(), texts, shares, wilds, days);
    draws.prop_map(|(verb, flags, texts, shares, wilds, days)| {
        let verb = Verb::ALL[verb];
        let mut measure = Measure::new(verb);
        let flag = |bit: u32| flags >> bit & 1 == 1;
        let wanted = match verb.required() {
            Required::OneOf(names) => vec![names[flags as usize % names.len()]],
            Required::All(names) | Required::AtLeastOneOf(names) => names.to_vec(),
            Required::Nothing => vec![],
        };
        let alone = matches!(verb.required(), Required::OneOf(_));
        for (place, field) in verb.fields().iter().enumerate() {
            let exclusive = match verb.required() {
                Required::OneOf(names) => alone && names.contains(&field.name),
                _ => false,
            };
            if wanted.contains(&field.name) || !exclusive && flag(place as u32) {
                let number = field.range.map(|(low, high)| amount(low, high, shares[place], wilds[place]));
                set(&mut measure, field.name, number, &texts[place % 8]);
            }
        }
        let mut days: Vec<Date> = days.iter().map(|&(y, m, d)| Date::new(y, m, d).unwrap()).collect();
        days.sort_unstable();
        days.dedup();
        if flag(10) {
            measure.start = Some(days[0]);
        }
        if flag(11) {
            // A quota is in force or not.
            let share = |share: f64| if verb == Verb::Quota { share.round() } else { share };
            measure.phase = days[..days.len() - 1].iter().copied().zip(shares.iter().map(|s| share(*s))).collect();
        }
        measure.end = flag(12).then(|| days[days.len() - 1]);
        measure.announced = flag(13).then(|| days[0]);
        measure.name = flag(14).then(|| texts[0].clone());
        measure.sender = flag(15).then(|| texts[1].clone());
        measure.source = flag(16).then(|| texts[2].clone());
        measure.modes = flag(17).then(|| Selector(texts[3..5].to_vec()));
        measure.mode_share = (flag(18) && verb != Verb::Quota).then_some(shares[20]);
        if flag(19) {
            measure.commodities = Selector(texts[..flags as usize % 4].to_vec());
        }
        if verb != Verb::Shift && flag(20) {
            measure.exporters = Selector(vec![texts[5].clone()]);
            measure.importers = Selector(texts[5..8].to_vec());
        }
        measure
    })
}

fn set(measure: &mut Measure, name: &str, number: Option<f64>, text: &str) {
    let word = Some(text.to_string());
    match name {
        "coverage" => measure.coverage = number,
        "leakage" => measure.leakage = number,
        "rate" => measure.rate = number,
        "rate_to" => measure.rate_to = number,
        "specific" => measure.specific = number,
        "quantity" => measure.quantity = number,
        "value" => measure.value = number,
        "share" => measure.share = number,
        "beyond" => measure.beyond = number,
        "price" => measure.price = number.map(|price| if price > 1e200 { f64::INFINITY } else { price }),
        "services_share" => measure.services_share = number,
        "outside_cost" => measure.outside_cost = number,
        "outside_capacity" => measure.outside_capacity = number,
        "change" => measure.change = number,
        "to" => measure.to = number,
        "add" => measure.add = number,
        "supply" => measure.supply = number,
        "demand" => measure.demand = number,
        "unit" => measure.unit = word,
        "currency" => measure.currency = word,
        "rent" => measure.rent = Some("exporter".to_string()),
        "per" => measure.per = word,
        "facility" => measure.facility = word,
        "ramp" => measure.ramp = vec![(date("2024-01-01"), 0.25), (date("2025-01-01"), 1.0)] as Vec<PhaseStep>,
        other => panic!("the schema has a parameter the test does not know: {other}"),
    }
}

proptest! {
    #![proptest_config(cases(400))]
    #[test]
    fn random_measures_are_read_as_they_were_written(measure in measures()) {
        let scenario = scenario(vec![measure]);
        prop_assert_eq!(scenario.check(), Ok(()));
        let toml = scenario.to_toml().unwrap();
        prop_assert_eq!(Scenario::from_toml(&toml, "text"), Ok(scenario.clone()), "{}", toml);
        let json = scenario.to_json().unwrap();
        prop_assert_eq!(Scenario::from_json(&json, "text"), Ok(scenario.clone()), "{}", json);
    }
}

#[test]
fn toml_takes_its_own_dates_whole_numbers_and_infinity() {
    let text = "format = 1\n\n[[measure]]\nverb = \"PriceCap\"\nexporters = \"RUS\"\nstart = 2022-12-05\nend = \"2024-12-31\"\n\
                phase = [[2022-12-05, 0.5], [\"2023-02-05\", 1]]\nprice = inf\noutside_cost = 4\n";
    let found = Scenario::from_toml(text, "text").unwrap();
    let measure = &found.measures[0];
    assert_eq!((measure.start, measure.end), (Some(date("2022-12-05")), Some(date("2024-12-31"))));
    assert_eq!(measure.phase, [(date("2022-12-05"), 0.5), (date("2023-02-05"), 1.0)]);
    assert_eq!((measure.price, measure.outside_cost), (Some(f64::INFINITY), Some(4.0)));
    assert_eq!(measure.exporters, ["RUS"].into());
}

/// A file whose second measure begins on line 6 with a header and continues from line 7.
fn second(lines: &str) -> String {
    format!("format = 1\n\n[[measure]]\nverb = \"Ban\"\n\n[[measure]]\n{lines}\n\n[[measure]]\nverb = \"Ban\"\n")
}

#[test]
fn errors_in_toml_say_the_line() {
    for (lines, line, part) in [
        ("verb = \"Ban\"\ncovrage = 0.5", 8, "covrage"),
        ("verb = \"Ban\"\nname = \"x\"\ncoverage = \"half\"", 9, "expected a number"),
        ("verb = \"Ban\"\nstart = \"5.12.2022\"", 8, "YYYY-MM-DD"),
        ("verb = \"Ban\"\nstart = 2022-12-05T10:00:00", 8, "YYYY-MM-DD"),
        ("verb = \"Bann\"", 7, "unknown variant"),
        ("verb = \"Ban\"\nexporters = 5", 8, "a name or a list of names"),
        (
            "verb = \"Ban\"\nstart = 2022-02-01\nend = 2022-01-31",
            6,
            "its end 2022-01-31 is before its start 2022-02-01",
        ),
        (
            "verb = \"Ban\"\nstart = 2022-02-01\nannounced = 2022-02-02",
            6,
            "announced on 2022-02-02, after its first day in force, 2022-02-01",
        ),
        ("verb = \"Ban\"\nrate = 0.1", 6, "Ban does not take 'rate'; it takes coverage, leakage"),
        ("verb = \"Tariff\"", 6, "exactly one of rate, rate_to, specific; 0 given"),
        ("verb = \"Tariff\"\nrate = 0.1\nrate_to = 0.1", 6, "2 given"),
        ("verb = \"Ban\"\ncoverage = 1.5", 6, "expected a number from 0 to 1"),
        ("verb = \"Ban\"\ncoverage = nan", 6, "coverage is NaN"),
        ("verb = \"Tariff\"\nrate = inf", 6, "expected a finite number of at least -1"),
        ("verb = \"Ban\"\ncoverage = = 1", 8, ""),
    ] {
        let text = message(Scenario::from_toml(&second(lines), "file.toml"));
        assert!(text.starts_with(&format!("file.toml, line {line}: ")) && text.contains(part), "{lines}: {text}");
    }
    let unknown = message(Scenario::from_toml("format = 1\nname = \"x\"\nmesures = 5\n", "file.toml"));
    assert!(unknown.starts_with("file.toml, line 3: ") && unknown.contains("mesures"), "{unknown}");
}

#[test]
fn errors_in_json_say_the_line_or_the_measure() {
    let syntax = "{\n  \"format\": 1,\n  \"measure\": [\n    {\"verb\": \"Ban\", \"covrage\": 0.5}\n  ]\n}";
    let text = message(Scenario::from_json(syntax, "file.json"));
    assert!(text.starts_with("file.json, line 4: ") && text.contains("covrage"), "{text}");
    let range = "{\"format\": 1, \"measure\": [{\"verb\": \"Ban\", \"name\": \"x\", \"coverage\": 2}]}";
    let text = message(Scenario::from_json(range, "file.json"));
    assert!(text.starts_with("file.json: measure 'x': coverage is 2"), "{text}");
}

#[test]
fn a_file_of_another_format_is_refused_with_both_versions() {
    for text in ["format = 2\n", "format = 2\nsomething_new = 5\n"] {
        let text = message(Scenario::from_toml(text, "file.toml"));
        assert!(text.contains("format 2") && text.contains("format 1"), "{text}");
    }
    assert!(message(Scenario::from_toml("name = \"x\"\n", "file.toml")).contains("format"));
}

#[test]
fn the_schema_names_every_parameter_and_each_verb_refuses_the_rest() {
    let mut names: Vec<&str> = Verb::ALL.iter().flat_map(|verb| verb.fields()).map(|field| field.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 24, "a parameter was added: teach `set` and this number");
    for verb in Verb::ALL {
        assert!(verb.fields().iter().all(|field| !field.description.is_empty()), "{verb}");
        let required: &[&str] = match verb.required() {
            Required::OneOf(names) | Required::All(names) | Required::AtLeastOneOf(names) => names,
            Required::Nothing => &[],
        };
        assert!(required.iter().all(|name| verb.field(name).is_some()), "{verb}");
        for name in &names {
            let mut measure = Measure::new(verb);
            // 0.5 is in the range of every number.
            set(&mut measure, name, Some(0.5), "x");
            let refused = measure.check().is_err_and(|error| error.to_string().contains("does not take"));
            assert_eq!(refused, verb.field(name).is_none(), "{verb} {name}");
        }
        for field in verb.fields().iter().filter(|field| field.range.is_some()) {
            let (low, high) = field.range.unwrap();
            for bad in [low - 1.0, high + 1.0, f64::NAN] {
                let mut measure = Measure::new(verb);
                set(&mut measure, field.name, Some(bad), "");
                let refused =
                    measure.check().is_err_and(|error| error.to_string().starts_with(&format!("{} is ", field.name)));
                let infinite_price = field.name == "price" && bad == f64::INFINITY;
                assert_eq!(refused, !infinite_price, "{verb} {} {bad}", field.name);
            }
        }
    }
}

#[test]
fn shifts_touch_one_side_only() {
    let supply = Measure { supply: Some(0.5), importers: ["DEU"].into(), ..Measure::new(Verb::Shift) };
    assert!(message(supply.check()).contains("leave importers"));
    let demand = Measure { demand: Some(0.5), exporters: ["RUS"].into(), ..Measure::new(Verb::Shift) };
    assert!(message(demand.check()).contains("leave exporters"));
    let rent = Measure { share: Some(0.5), rent: Some("nobody".into()), ..Measure::new(Verb::Quota) };
    assert!(message(rent.check()).contains("'importer' or 'exporter'"));
}

#[test]
fn phases_must_be_in_order_and_end_before_the_end() {
    let phased = |steps: &[(&str, f64)], end: Option<&str>| Measure {
        phase: steps.iter().map(|(day, share)| (date(day), *share)).collect(),
        end: end.map(date),
        ..Measure::new(Verb::Ban)
    };
    assert!(phased(&[("2022-01-01", 0.5), ("2022-06-01", 1.0)], Some("2022-06-01")).check().is_ok());
    for (measure, part) in [
        (phased(&[("2022-06-01", 0.5), ("2022-01-01", 1.0)], None), "in order"),
        (phased(&[("2022-06-01", 0.5), ("2022-06-01", 1.0)], None), "each once"),
        (phased(&[("2022-06-01", 1.5)], None), "share 1.5"),
        (phased(&[("2022-06-01", f64::NAN)], None), "expected 0 to 1"),
        (phased(&[("2022-06-01", 0.5)], Some("2022-05-31")), "before the last step"),
    ] {
        assert!(message(measure.check()).contains(part));
    }
}

#[test]
fn two_measures_of_one_name_are_refused() {
    let named = |name: &str| Measure { name: Some(name.into()), ..ban("RUS", "DEU") };
    assert!(message(scenario(vec![named("x"), named("x")]).check()).contains("two measures are called 'x'"));
    assert!(scenario(vec![ban("RUS", "DEU"), ban("RUS", "DEU")]).check().is_ok());
}

fn dated(start: Option<&str>, end: Option<&str>) -> Measure {
    Measure { start: start.map(date), end: end.map(date), ..ban("RUS", "DEU") }
}

#[test]
fn a_period_is_cut_where_a_measure_changes() {
    let phased = Measure { phase: vec![(date("2024-03-01"), 0.25), (date("2024-11-01"), 1.0)], ..ban("RUS", "FRA") };
    let year = scenario(vec![dated(Some("2024-02-01"), Some("2024-06-30")), phased]);
    let segments = cut(&year, Period::Year(2024), &[]);
    let found: Vec<(String, f64, Vec<f64>)> = segments
        .iter()
        .map(|segment| (segment.days.unwrap().0.to_string(), segment.weight * 366.0, segment.force.clone()))
        .collect();
    let wanted = [
        ("2024-01-01", 31.0, [0.0, 0.0]),
        ("2024-02-01", 29.0, [1.0, 0.0]),
        ("2024-03-01", 122.0, [1.0, 0.25]),
        ("2024-07-01", 123.0, [0.0, 0.25]),
        ("2024-11-01", 61.0, [0.0, 1.0]),
    ];
    assert_eq!(found.len(), wanted.len(), "{found:?}");
    for ((first, days, force), (wanted_first, wanted_days, wanted_force)) in found.iter().zip(wanted) {
        assert_eq!((first.as_str(), force.as_slice()), (wanted_first, &wanted_force[..]));
        // A quotient times its divisor.
        close(*days, wanted_days, 1e-12);
    }
    close(segments.iter().map(|segment| segment.weight).sum(), 1.0, 1e-15);
    assert_eq!(segments.last().unwrap().days.unwrap().1, date("2024-12-31"));
    assert_eq!(cut(&year, Period::Day(date("2024-07-01")), &[])[0].force, [0.0, 0.25]);
    assert_eq!(cut(&year, Period::Month(2024, 6), &[]).len(), 1, "the lift falls on the day after");
    assert_eq!(cut(&Scenario::default(), Period::Year(2023), &[])[0].weight, 1.0);
}

#[test]
fn first_and_last_day_are_in_force() {
    let measure = dated(Some("2024-02-01"), Some("2024-06-30"));
    for (day, force) in [("2024-01-31", 0.0), ("2024-02-01", 1.0), ("2024-06-30", 1.0), ("2024-07-01", 0.0)] {
        assert_eq!(measure.force(date(day)), force, "{day}");
    }
    let both = Measure { phase: vec![(date("2024-01-01"), 0.3), (date("2024-03-01"), 0.6)], ..measure };
    for (day, force) in [("2024-01-15", 0.0), ("2024-02-01", 0.3), ("2024-03-01", 0.6), ("2024-07-01", 0.0)] {
        assert_eq!(both.force(date(day)), force, "{day}");
    }
}

#[test]
fn without_a_date_every_measure_is_as_far_in_force_as_it_gets() {
    let phased = Measure { phase: vec![(date("2022-06-01"), 0.25), (date("2023-06-01"), 0.9)], ..ban("RUS", "FRA") };
    let full =
        in_full(&scenario(vec![dated(Some("2022-01-01"), Some("2023-06-01")), phased.clone(), ban("RUS", "CHN")]));
    assert_eq!(full.unwrap().force, [1.0, 0.9, 1.0]);
    let text = message(in_full(&scenario(vec![dated(Some("2022-01-01"), Some("2023-05-31")), phased])));
    for part in ["2022-01-01", "2023-05-31", "2023-06-01", "at="] {
        assert!(text.contains(part), "{text}");
    }
    let caps = scenario(vec![
        dated(Some("2022-12-05"), Some("2025-09-02")),
        dated(Some("2025-09-03"), Some("2026-01-31")),
        dated(Some("2026-02-01"), None),
    ]);
    assert!(in_full(&caps).is_err());
    assert!(compiled_on(&caps, &baseline(false, None), Some("2025"), Exposure::Segments).is_ok());
}

#[test]
fn bans_on_one_flow_overlap_as_the_scenario_says() {
    let part =
        |coverage: f64, leakage: f64| Measure { coverage: Some(coverage), leakage: Some(leakage), ..ban("RUS", "DEU") };
    for (overlap, wanted) in [
        (Overlap::Independent, (1.0 - 0.5 * 0.8) * (1.0 - 0.7)),
        (Overlap::Nested, 1.0 - 0.7),
        (Overlap::Disjoint, 0.0),
    ] {
        let found = compiled(&Scenario { overlap, ..scenario(vec![part(0.5, 0.2), part(0.7, 0.0)]) }).unwrap();
        // A few products.
        close(oil(&found).at(row("RUS", "DEU")).availability, wanted, 1e-15);
        assert_eq!(oil(&found).at(row("RUS", "FRA")).availability, 1.0);
    }
    let found = compiled(&Scenario { overlap: Overlap::Disjoint, ..scenario(vec![part(0.5, 0.2), part(0.3, 0.0)]) });
    close(oil(&found.unwrap()).at(row("RUS", "DEU")).availability, 0.3, 1e-15);
}

#[test]
fn added_rates_add_and_trade_costs_multiply() {
    let tax = |rate: f64| Measure { verb: Verb::ExportTax, ..tariff("RUS", "DEU", rate) };
    let cost = |change: f64| Measure { change: Some(change), verb: Verb::TradeCost, ..ban("RUS", "DEU") };
    let found = compiled(&scenario(vec![
        tariff("RUS", "DEU", 0.2),
        tariff("RUS", "DEU", 0.05),
        tax(0.1),
        tax(0.2),
        cost(0.5),
        cost(-0.2),
    ]))
    .unwrap();
    let at = row("RUS", "DEU");
    // Sums and products of three numbers.
    close(oil(&found).at(at).tariff_hat, 1.35 / 1.1, 1e-15);
    close(oil(&found).at(at).export_tax_power, 1.3, 1e-15);
    close(oil(&found).at(at).cost_factor, 1.5 * 0.8, 1e-15);
}

#[test]
fn a_replacing_duty_comes_before_added_ones_and_only_once() {
    let to = |rate: f64| Measure { rate_to: Some(rate), rate: None, ..tariff("RUS", "DEU", 0.0) };
    let at = row("RUS", "DEU");
    for order in [vec![to(0.3), tariff("RUS", "DEU", 0.05)], vec![tariff("RUS", "DEU", 0.05), to(0.3)]] {
        close(oil(&compiled(&scenario(order)).unwrap()).at(at).tariff_hat, 1.35 / 1.1, 1e-15);
    }
    assert!(message(compiled(&scenario(vec![to(0.3), to(0.2)]))).contains("second measure replaces the duty"));
    let none = compiled_on(&scenario(vec![to(0.3)]), &baseline(false, None), None, Exposure::Segments);
    assert!(message(none).contains("no baseline duties"));
    let half = Measure { phase: vec![(date("2022-01-01"), 0.5)], ..to(0.3) };
    close(oil(&compiled(&scenario(vec![half])).unwrap()).at(at).tariff_hat, 1.2 / 1.1, 1e-15);
}

fn line(importer: &str) -> ScheduleRow {
    ScheduleRow {
        exporter: "RUS".into(),
        importer: importer.into(),
        commodity: "oil".into(),
        coverage: None,
        tariff_add: None,
        tariff_to: None,
        export_tax_add: None,
        cost_change: None,
    }
}

#[test]
fn a_schedule_s_replacing_duty_comes_before_added_rates_too() {
    let at = row("RUS", "DEU");
    let to = ScheduleRow { tariff_to: Some(0.3), ..line("DEU") };
    let add = ScheduleRow { tariff_add: Some(0.05), ..line("DEU") };
    let duty = |measures: Vec<Measure>, schedule: Vec<ScheduleRow>| {
        oil(&compiled(&Scenario { schedule, ..scenario(measures) }).unwrap()).at(at).tariff_hat * 1.1
    };
    // models.md, section 0: `rate_to` first, then added rates add.
    close(duty(vec![], vec![to.clone(), add.clone()]), 1.35, 1e-15);
    close(duty(vec![], vec![add, to.clone()]), 1.35, 1e-15);
    close(duty(vec![tariff("RUS", "DEU", 0.05)], vec![to]), 1.35, 1e-15);
}

#[test]
fn schedule_rows_are_about_one_flow_each() {
    let found = compiled(&Scenario {
        schedule: vec![
            ScheduleRow {
                coverage: Some(0.25),
                tariff_add: Some(0.2),
                export_tax_add: Some(0.1),
                cost_change: Some(0.5),
                ..line("Germany")
            },
            ScheduleRow { exporter: "IND".into(), coverage: Some(1.0), ..line("CHN") },
            ScheduleRow { coverage: Some(1.0), ..line("RUS") },
        ],
        ..Scenario::default()
    })
    .unwrap();
    let (at, wedges) = (row("RUS", "DEU"), oil(&found));
    assert_eq!(
        (wedges.at(at).availability, wedges.at(at).export_tax_power, wedges.at(at).cost_factor),
        (0.75, 1.1, 1.5)
    );
    close(wedges.at(at).tariff_hat, 1.3 / 1.1, 1e-15);
    assert_eq!(wedges.at(row("RUS", "RUS")).availability, 0.0, "a row names both sides");
    assert_eq!(found.schedule_without_effect, 1, "India sells no oil to China");
    assert!(found.markets[1].variants[0].changes.is_empty(), "gas is untouched");
    for (bad, part) in [
        (line("Germny"), "schedule row 0"),
        (line("EU27"), "more than one country"),
        (ScheduleRow { commodity: "coal".into(), ..line("DEU") }, "unknown commodity 'coal'"),
        (ScheduleRow { coverage: Some(1.5), ..line("DEU") }, "coverage is 1.5"),
        (ScheduleRow { tariff_to: Some(f64::INFINITY), ..line("DEU") }, "tariff_to is inf"),
    ] {
        let text = message(compiled(&Scenario { schedule: vec![bad], ..Scenario::default() }));
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn rates_that_take_everything_are_refused_with_the_flow() {
    let text = message(compiled(&scenario(vec![tariff("RUS", "DEU", -0.7), tariff("RUS", "DEU", -0.5)])));
    assert!(text.contains("import duty on oil RUS to DEU"), "{text}");
    let free = Measure { change: Some(-1.0), verb: Verb::TradeCost, ..ban("RUS", "DEU") };
    assert!(message(compiled(&scenario(vec![free]))).contains("trade cost"));
}

#[test]
fn modes_are_a_share_of_the_flow_or_a_column_of_it() {
    let piped = Measure { modes: Some(["pipe"].into()), ..ban("RUS", "DEU") };
    assert!(message(compiled(&scenario(vec![piped.clone()]))).contains("mode_share"));
    let shared = Measure { mode_share: Some(0.4), ..piped.clone() };
    let found = compiled(&scenario(vec![shared.clone()])).unwrap();
    close(oil(&found).at(row("RUS", "DEU")).availability, 0.6, 1e-15);
    for measure in [piped.clone(), shared] {
        let found = compiled_on(&scenario(vec![measure]), &baseline(true, None), None, Exposure::Segments).unwrap();
        let at = 2 * row("RUS", "DEU");
        assert_eq!((oil(&found).at(at).availability, oil(&found).at(at + 1).availability), (1.0, 0.0), "sea, pipe");
    }
    let train = Measure { modes: Some(["train"].into()), ..piped };
    let text = message(compiled_on(&scenario(vec![train]), &baseline(true, None), None, Exposure::Segments));
    assert!(text.contains("unknown mode 'train'"), "{text}");
}

#[test]
fn measures_that_meet_no_flow_are_listed() {
    let empty = Measure { name: Some("nothing there".into()), ..ban("IND", "CHN") };
    let found = compiled(&scenario(vec![empty, ban("RUS", "DEU")])).unwrap();
    assert_eq!(found.without_effect, ["nothing there"]);
}

#[test]
fn shifts_multiply_and_scale_with_the_share_in_force() {
    let shift = |supply: f64| Measure { exporters: ["RUS"].into(), supply: Some(supply), ..Measure::new(Verb::Shift) };
    let half = Measure { phase: vec![(date("2022-01-01"), 0.5)], ..shift(0.6) };
    let demand = Measure { importers: ["EU27"].into(), demand: Some(0.9), ..Measure::new(Verb::Shift) };
    let found = compiled(&scenario(vec![shift(0.5), half, demand])).unwrap();
    // Products of two numbers.
    close(oil(&found).supply_shift.at(0), 0.5 * 0.8, 1e-15);
    assert_eq!((oil(&found).demand_shift.at(1), oil(&found).demand_shift.at(3)), (0.9, 1.0));
}

#[test]
fn average_exposure_averages_wedges_over_days() {
    let start = Measure { start: Some(date("2024-07-02")), coverage: Some(0.8), ..ban("RUS", "DEU") };
    let duty = Measure { end: Some(date("2024-03-31")), ..tariff("RUS", "DEU", 0.3) };
    let shift = Measure {
        start: Some(date("2024-07-02")),
        exporters: ["RUS"].into(),
        supply: Some(0.5),
        ..Measure::new(Verb::Shift)
    };
    let both = scenario(vec![start, duty, shift]);
    let found = compiled_on(&both, &baseline(false, None), Some("2024"), Exposure::Average).unwrap();
    assert_eq!((found.segments.len(), found.markets[0].variants.len()), (1, 1));
    let at = row("RUS", "DEU");
    // 183 of 366 days, 91 of 366 days; sums of three products.
    close(oil(&found).at(at).availability, 0.6, 1e-14);
    close(oil(&found).at(at).tariff_hat, 1.0 + 0.3 * 91.0 / 366.0, 1e-14);
    close(oil(&found).supply_shift.at(0), 0.75, 1e-14);
    assert_eq!(found.segments[0].days.unwrap(), (date("2024-01-01"), date("2024-12-31")));
    let parts = compiled_on(&both, &baseline(false, None), Some("2024"), Exposure::Segments).unwrap();
    assert_eq!(parts.segments.len(), 3);
    assert_eq!(parts.markets[0].variants.len(), 3);
}

#[test]
fn equal_segments_of_a_commodity_are_solved_once() {
    let oil_only = Measure { start: Some(date("2024-07-02")), commodities: ["oil"].into(), ..ban("RUS", "DEU") };
    let lifted = Measure {
        start: Some(date("2024-02-01")),
        end: Some(date("2024-02-29")),
        commodities: ["gas"].into(),
        ..ban("RUS", "DEU")
    };
    let found =
        compiled_on(&scenario(vec![oil_only, lifted]), &baseline(false, None), Some("2024"), Exposure::Segments);
    let found = found.unwrap();
    assert_eq!(found.markets[0].variant_of_segment, [0, 0, 0, 1]);
    assert_eq!(found.markets[1].variant_of_segment, [0, 1, 0, 0]);
}

#[test]
fn weights_of_a_commodity_sum_to_one_in_the_result() {
    let baseline = baseline(false, None);
    let table = |value: f64| Array2::from_elem((2, 6), value);
    let flows = baseline.flows.clone();
    let elasticities =
        Elasticities::new(vec![4.0; 2], table(-0.5), table(0.3), &flows.commodities, &flows.countries).unwrap();
    let model = Armington { baseline: Arc::new(baseline), elasticities: Arc::new(elasticities) };
    let lifted = Measure { start: Some(date("2024-02-01")), end: Some(date("2024-02-29")), ..ban("RUS", "DEU") };
    let options = Options { at: Some(Period::Year(2024)), ..Options::default() };
    let solution: Solution = solve_scenario(&model, &scenario(vec![lifted]), options, &Stop::default()).unwrap();
    let certificate = solution.certificate();
    close(certificate.numbers("share_of_period").iter().sum(), 2.0, 1e-14);
    close(certificate.numbers("share_of_period")[1], 29.0 / 366.0, 1e-15);
}
