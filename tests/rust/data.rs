//! What was observed: labels, periods, countries, flows, tariffs, elasticities.

use std::sync::Arc;

use ndarray::Array2;
use tradewinds::data::baseline::TariffRow;
use tradewinds::data::countries::{groups, members, near_matches, resolve};
use tradewinds::data::labels::{did_you_mean, near, some_of};
use tradewinds::data::{Baseline, Date, Duplicates, Elasticities, FlowRows, Flows, Labels, Period, Units};
use tradewinds::{Error, Result};

use crate::support::message;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn period(text: &str) -> Period {
    text.parse().unwrap()
}

#[test]
fn labels_keep_the_first_of_equal_names_in_order() {
    let mut labels = Labels::new(["b", "a", "b", "c"]);
    assert_eq!(labels.names(), ["b", "a", "c"]);
    assert_eq!((labels.position("a"), labels.position("A")), (Some(1), None));
    assert_eq!((labels.insert("c".into()), labels.insert("d".into())), (2, 3));
    assert_eq!((labels.name(3), labels.len(), labels.is_empty()), ("d", 4, false));
}

#[test]
fn near_matches_are_few_and_the_nearest_comes_first() {
    assert_eq!(near("germny", ["Germany", "Ghana", "Kenya"])[0], "Germany");
    assert!(near("zzz", ["Germany", "Ghana"]).is_empty());
    assert_eq!(near("aaaa", ["aaab", "aaac", "aaad", "aaae", "aaab"]).len(), 3);
    assert_eq!(did_you_mean("RUSS", ["RUS", "X"]), " Did you mean 'RUS'?");
    assert_eq!(did_you_mean("zzz", ["RUS"]), "");
    assert_eq!(some_of((0..10).map(|_| "x")), "x, x, x, x, x, x, x, x and 2 more");
    assert_eq!((some_of([]), some_of(["a", "b"])), ("none".to_string(), "a, b".to_string()));
    assert!(near_matches("Grmany").contains(&"DEU (Germany)".to_string()));
}

#[test]
fn periods_are_read_and_written_alike() {
    for text in ["2021", "2021Q3", "2021-07", "2021-07-14", "1962", "2024-02-29"] {
        assert_eq!(period(text).to_string(), text);
    }
    for text in [
        "",
        "21",
        "2021Q0",
        "2021Q5",
        "2021q1",
        "2021-13",
        "2021-00",
        "2023-02-29",
        "2021/07",
        "2021-7",
        "abcd",
        "2021-07-1",
        "é021",
    ] {
        assert!(text.parse::<Period>().is_err_and(|error| error.contains("is not a period")), "{text}");
    }
}

#[test]
fn signs_and_blanks_are_no_dates_and_no_periods() {
    for text in ["+2021Q1", "2021-+7", "2021Q+1"] {
        assert!(text.parse::<Period>().is_err(), "{text}");
    }
    for text in ["+2022-12-5", "2022-12- 5", " 2022-12-5"] {
        assert!(text.parse::<Date>().is_err(), "{text}");
    }
}

#[test]
fn periods_know_leap_years_month_ends_and_quarters() {
    for (text, first, last, days) in [
        ("2023", "2023-01-01", "2023-12-31", 365),
        ("2024", "2024-01-01", "2024-12-31", 366),
        ("1900", "1900-01-01", "1900-12-31", 365),
        ("2000-02", "2000-02-01", "2000-02-29", 29),
        ("2024-02", "2024-02-01", "2024-02-29", 29),
        ("2023-02", "2023-02-01", "2023-02-28", 28),
        ("2023-12", "2023-12-01", "2023-12-31", 31),
        ("2023-04", "2023-04-01", "2023-04-30", 30),
        ("2024Q1", "2024-01-01", "2024-03-31", 91),
        ("2023Q1", "2023-01-01", "2023-03-31", 90),
        ("2023Q2", "2023-04-01", "2023-06-30", 91),
        ("2023Q3", "2023-07-01", "2023-09-30", 92),
        ("2023Q4", "2023-10-01", "2023-12-31", 92),
        ("2024-02-29", "2024-02-29", "2024-02-29", 1),
    ] {
        let period = period(text);
        assert_eq!((period.first_day(), period.last_day(), period.days()), (date(first), date(last), days), "{text}");
        assert!(period.contains(date(first)) && period.contains(date(last)));
        assert!(!period.contains(date(first).previous()) && !period.contains(date(last).next()));
    }
}

#[test]
fn dates_are_days_of_the_calendar() {
    assert_eq!(date("2024-02-28").next(), date("2024-02-29"));
    assert_eq!(date("2023-03-01").previous(), date("2023-02-28"));
    assert_eq!(date("2024-03-01").days_since(date("2023-03-01")), 366);
    assert!(date("2022-12-05") < date("2023-02-05"));
    for text in ["2022-02-30", "2022-2-1", "05.12.2022", "2022-12-05T00:00", ""] {
        assert!(text.parse::<Date>().is_err_and(|error| error.contains("YYYY-MM-DD")), "{text}");
    }
    assert_eq!(Date::new(2023, 2, 29), None);
}

#[test]
fn countries_resolve_under_their_many_names() {
    for (code, spellings) in [
        ("DEU", vec!["DEU", "deu", "DE", "276", "Germany", " germany ", "Federal Republic of Germany"]),
        ("USA", vec!["US", "840", "842", "United States", "united states of america"]),
        ("IND", vec!["IND", "IN", "356", "699", "India"]),
        ("FRA", vec!["FR", "250", "251", "France"]),
        ("CHE", vec!["CH", "756", "757", "Switzerland"]),
        ("TWN", vec!["TW", "158", "490", "Taiwan", "Other Asia, nes"]),
        ("AUS", vec!["36", "036", "Australia"]),
        ("RUS", vec!["RU", "643", "Russian Federation"]),
        ("X_EFTA", vec!["697"]),
        ("X_SACU", vec!["711"]),
        ("ROW", vec!["ROW"]),
        ("X_ASIA", vec!["X_ASIA"]),
    ] {
        for spelling in spellings {
            assert_eq!(resolve(spelling).as_deref(), Some(code), "{spelling}");
        }
    }
    for unknown in ["", "X_", "Atlantis", "row", "999"] {
        assert_eq!(resolve(unknown), None, "{unknown}");
    }
}

#[test]
fn membership_of_groups_is_dated() {
    let eu = |day: &str| members("EU27", date(day)).unwrap();
    let (before, after) = (eu("2019-12-31"), eu("2021-12-31"));
    assert!(before.contains(&"GBR") && !after.contains(&"GBR"));
    assert_eq!((before.len(), after.len()), (28, 27));
    assert!(eu("2020-01-31").contains(&"GBR") && !eu("2020-02-01").contains(&"GBR"));
    assert!(!eu("2013-06-30").contains(&"HRV") && eu("2013-07-01").contains(&"HRV"));
    assert!(members("PRICE_CAP_COALITION", date("2022-12-04")).unwrap().is_empty());
    assert!(members("PRICE_CAP_COALITION", date("2022-12-05")).unwrap().contains(&"GBR"));
    assert_eq!(members("NO_SUCH", date("2022-12-05")), None);
    assert!(after.is_sorted());
}

#[test]
fn every_member_of_a_bundled_group_is_a_country() {
    for (group, stays) in groups() {
        for stay in stays {
            assert_eq!(resolve(&stay.country).as_deref(), Some(stay.country.as_str()), "{group}");
            assert!(stay.first_day.zip(stay.last_day).is_none_or(|(first, last)| first <= last), "{group}: {stay:?}");
        }
    }
}

type Row = (u32, u32, u32, u32, f64, f64);

/// Periods 2020 and 2021, commodities oil and gas, countries A, B and C.
fn flows(rows: &[Row], duplicates: Duplicates) -> Result<Flows> {
    let codes = |of: &dyn Fn(&Row) -> u32| rows.iter().map(of).collect();
    let columns = FlowRows {
        period: codes(&|row| row.0),
        commodity: codes(&|row| row.1),
        exporter: codes(&|row| row.2),
        importer: codes(&|row| row.3),
        mode: None,
        value: rows.iter().map(|row| row.4).collect(),
        quantity: rows.iter().map(|row| row.5).collect(),
    };
    let units = Units { currency: "USD".into(), quantity: vec!["t".into(), "bcm".into()] };
    let (countries, goods) = (Labels::new(["A", "B", "C"]), Labels::new(["oil", "gas"]));
    Flows::new(countries, goods, vec![Period::Year(2020), Period::Year(2021)], None, units, columns, duplicates)
}

const ROWS: [Row; 5] = [
    (1, 1, 0, 1, 5.0, 1.0),
    (1, 0, 2, 0, 4.0, f64::NAN),
    (0, 0, 0, 1, 3.0, 6.0),
    (1, 0, 0, 2, 2.0, 4.0),
    (1, 0, 0, 1, 1.0, 2.0),
];

#[test]
fn flows_are_sorted_by_period_commodity_exporter_importer() {
    let flows = flows(&ROWS, Duplicates::Raise).unwrap();
    assert_eq!(flows.rows().value, [3.0, 1.0, 2.0, 4.0, 5.0]);
    assert_eq!(flows.rows().exporter, [0, 0, 0, 2, 0]);
    assert_eq!((flows.period_range(0), flows.period_range(1)), (0..1, 1..5));
    assert_eq!((flows.range(0, 0), flows.range(0, 1)), (0..1, 1..1));
    assert_eq!((flows.range(1, 0), flows.range(1, 1)), (1..4, 4..5));
}

#[test]
fn the_rows_of_a_pair_are_found() {
    let flows = flows(&ROWS, Duplicates::Raise).unwrap();
    assert_eq!(flows.pair(1, 0, 0, 2), 2..3);
    assert_eq!(flows.pair(1, 0, 2, 0), 3..4);
    assert!(flows.pair(1, 0, 1, 0).is_empty());
    assert!(flows.pair(0, 1, 0, 1).is_empty());
    assert_eq!(flows.period_position(Period::Year(2021)).unwrap(), 1);
    assert!(message(flows.period_position(Period::Year(2019))).contains("2020, 2021"));
}

#[test]
fn modes_are_rows_of_one_pair() {
    let columns = FlowRows {
        period: vec![0; 3],
        commodity: vec![0; 3],
        exporter: vec![0; 3],
        importer: vec![1; 3],
        mode: Some(vec![1, 0, 1]),
        value: vec![1.0, 2.0, 4.0],
        quantity: vec![1.0; 3],
    };
    let make = |duplicates| {
        let units = Units { currency: "USD".into(), quantity: vec!["t".into()] };
        let modes = Some(Labels::new(["sea", "pipeline"]));
        let periods = vec![Period::Year(2021)];
        Flows::new(Labels::new(["A", "B"]), Labels::new(["oil"]), periods, modes, units, columns.clone(), duplicates)
    };
    assert!(make(Duplicates::Raise).is_err());
    let flows = make(Duplicates::Sum).unwrap();
    assert_eq!((flows.rows().value.clone(), flows.pair(0, 0, 0, 1)), (vec![2.0, 5.0], 0..2));
}

#[test]
fn duplicates_are_named_or_summed() {
    let mut rows = ROWS.to_vec();
    rows.push((1, 0, 0, 2, 10.0, 1.0));
    rows.push((1, 0, 2, 0, 10.0, 1.0));
    let text = message(flows(&rows, Duplicates::Raise));
    assert!(text.contains("rows 3 and 5") && text.contains("oil A to C in 2021"), "{text}");
    let summed = flows(&rows, Duplicates::Sum).unwrap();
    assert_eq!(summed.rows().value, [3.0, 1.0, 12.0, 14.0, 5.0]);
    assert_eq!(summed.rows().quantity[2], 5.0);
    assert!(summed.rows().quantity[3].is_nan(), "a quantity unknown in a part is unknown in the sum");
}

#[test]
fn bad_amounts_are_refused_with_their_rows() {
    for (what, value, quantity) in [
        ("missing value", f64::NAN, 1.0),
        ("infinite value", f64::INFINITY, 1.0),
        ("negative value", -1.0, 1.0),
        ("infinite quantity", 1.0, f64::INFINITY),
        ("negative quantity", 1.0, -1.0),
        ("quantity 0 beside a positive value", 1.0, 0.0),
    ] {
        let mut rows = ROWS.to_vec();
        for row in [1, 4] {
            (rows[row].4, rows[row].5) = (value, quantity);
        }
        let text = message(flows(&rows, Duplicates::Sum));
        assert!(text.starts_with(&format!("{what} in row 1, 4 (counted from 0)")), "{text}");
    }
    assert!(flows(&[(0, 0, 0, 1, 0.0, 0.0)], Duplicates::Raise).is_ok(), "a known zero");
    assert!(message(flows(&[], Duplicates::Raise)).contains("no rows"));
}

#[test]
fn a_filter_keeps_the_labels_that_are_left() {
    let kept = flows(&ROWS, Duplicates::Raise).unwrap().filter(|rows, row| rows.commodity[row] == 1).unwrap();
    assert_eq!(
        (kept.countries.names(), kept.commodities.names()),
        (&["A".into(), "B".into()][..], &["gas".into()][..])
    );
    assert_eq!(
        (kept.periods.clone(), kept.units.quantity.clone()),
        (vec![Period::Year(2021)], vec!["bcm".to_string()])
    );
    assert_eq!((kept.rows().importer.clone(), kept.rows().value.clone()), (vec![1], vec![5.0]));
    assert!(message(kept.filter(|_, _| false)).contains("no rows"));
}

#[test]
fn aggregation_adds_up_and_makes_trade_within_a_region_domestic() {
    let names = |names: [&str; 3]| names.map(String::from).to_vec();
    let goods = |names: [&str; 2]| names.map(String::from).to_vec();
    let flows = flows(&ROWS, Duplicates::Raise).unwrap();
    let merged = flows.aggregate(&names(["X_R", "X_R", "C"]), &goods(["oil", "gas"])).unwrap();
    assert_eq!(merged.countries.names(), ["C", "X_R"]);
    let (oil, region) = (merged.commodities.position("oil").unwrap() as u32, 1);
    let row = merged.pair(1, oil, region, region);
    assert_eq!(merged.rows().value[row], [1.0]);
    let total = |flows: &Flows| flows.rows().value.iter().sum::<f64>();
    // Sums of small whole numbers are exact.
    assert_eq!(total(&merged), total(&flows));
    assert_eq!(merged.units.quantity[merged.commodities.position("gas").unwrap()], "bcm");
    let text = message(flows.aggregate(&names(["A", "B", "C"]), &goods(["fuel", "fuel"])));
    assert!(text.contains("fuel") && text.contains("bcm") && text.contains(" t "), "{text}");
}

#[test]
fn units_say_what_an_amount_is_in() {
    let flows = flows(&ROWS, Duplicates::Raise).unwrap();
    assert_eq!(flows.units.amount(1, true), "bcm");
    assert_eq!(flows.units.amount(1, false), "USD at baseline prices");
}

fn duty(rate: f64) -> TariffRow {
    TariffRow { exporter: 0, importer: 2, commodity: 0, rate }
}

fn baseline(tariffs: Option<&[TariffRow]>) -> Result<Baseline> {
    Baseline::new(Arc::new(flows(&ROWS, Duplicates::Raise)?), Period::Year(2021), tariffs)
}

#[test]
fn a_baseline_is_one_period_with_its_duties() {
    let absent = TariffRow { exporter: 1, importer: 0, commodity: 0, rate: 0.5 };
    let found = baseline(Some(&[duty(0.25), absent])).unwrap();
    assert!(found.has_tariffs() && !baseline(None).unwrap().has_tariffs());
    let oil = found.market(0);
    assert_eq!(
        (oil.len(), oil.value, oil.exporter, oil.importer),
        (3, &[1.0, 2.0, 4.0][..], &[0, 0, 2][..], &[1, 2, 0][..])
    );
    assert_eq!((oil.tariff_power(0), oil.tariff_power(1), oil.expenditure(1)), (1.0, 1.25, 2.5));
    assert_eq!((found.market(1).tariff_power(0), found.rows()), (1.0, 1..5));
}

#[test]
fn bad_duties_and_empty_periods_are_refused() {
    for rate in [-1.0, -1.5, f64::NAN, f64::INFINITY] {
        let text = message(baseline(Some(&[duty(rate)])));
        assert!(text.contains("oil from A to C"), "{text}");
    }
    assert!(baseline(Some(&[duty(-0.5)])).is_ok());
    let text = message(baseline(Some(&[duty(0.1), duty(0.2)])));
    assert!(text.contains("two tariffs on oil from A to C"), "{text}");
    let zero = Arc::new(flows(&[(1, 0, 0, 1, 0.0, 0.0)], Duplicates::Raise).unwrap());
    assert!(message(Baseline::new(zero.clone(), Period::Year(2021), None)).contains("no flow of 2021"));
    assert!(Baseline::new(zero, Period::Year(2020), None).is_err());
}

#[test]
fn elasticities_of_the_wrong_sign_are_refused_with_place_and_remedy() {
    let make = |sigma: f64, demand: f64, supply: f64| {
        let table = |value| Array2::from_shape_fn((1, 2), |(_, i)| if i == 1 { value } else { 0.0 });
        Elasticities::new(vec![sigma], table(demand), table(supply), &Labels::new(["oil"]), &Labels::new(["A", "B"]))
    };
    assert!(make(4.0, -0.5, f64::INFINITY).is_ok() && make(1.01, 0.0, 0.0).is_ok());
    for (sigma, demand, supply, part) in [
        (1.0, -0.5, 0.5, "add 1"),
        (f64::INFINITY, -0.5, 0.5, "substitution for oil is inf"),
        (f64::NAN, -0.5, 0.5, "substitution for oil"),
        (4.0, 0.5, 0.5, "demand for oil in B is 0.5"),
        (4.0, f64::NEG_INFINITY, 0.5, "demand for oil in B"),
        (4.0, f64::NAN, 0.5, "demand for oil in B"),
        (4.0, -0.5, -0.1, "supply for oil in B is -0.1"),
        (4.0, -0.5, f64::NAN, "supply for oil in B"),
    ] {
        match make(sigma, demand, supply) {
            Err(Error::Data(text)) => assert!(text.contains(part), "{text}"),
            other => panic!("{other:?}"),
        }
    }
    let one = Array2::zeros((1, 1));
    assert!(Elasticities::new(vec![4.0], one.clone(), one, &Labels::new(["oil"]), &Labels::new(["A", "B"])).is_err());
}
