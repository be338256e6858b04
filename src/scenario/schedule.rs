//! Dates: when measures are in force, and the segments that a period falls into.

use serde::{Deserialize, Serialize};

use super::Scenario;
use super::measure::{Measure, PhaseStep};
use crate::data::{Date, Period};
use crate::error::{Error, Result};

/// How a period in which measures change is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Exposure {
    /// An equilibrium for each stretch between changes, weighted by days: exact.
    #[default]
    Segments,
    /// One equilibrium under wedges averaged over days: an approximation.
    Average,
}

/// Days over which nothing changes, and the share of each measure in force on them.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// First and last day; `None` where the question has no date.
    pub days: Option<(Date, Date)>,
    /// Share of the period's days.
    pub weight: f64,
    /// Share in force, by measure.
    pub force: Vec<f64>,
}

impl Segment {
    /// Its length in calendar years: a year has length 1, leap or not. 0 without dates.
    pub fn years(&self) -> f64 {
        self.days.map_or(0.0, |(first, last)| {
            let year = Period::Year(first.year()).days();
            (last.days_since(first) + 1) as f64 / year as f64
        })
    }
}

impl Measure {
    /// The share in force on a day, of a ramp the share in use.
    pub fn force(&self, day: Date) -> f64 {
        let outside = self.start.is_some_and(|start| day < start) || self.end.is_some_and(|end| end < day);
        match outside {
            true => 0.0,
            false => reached(&self.phase, day) * reached(&self.ramp, day),
        }
    }

    /// From when on the measure is as far in force as it gets.
    fn full_from(&self) -> Option<Date> {
        self.phase.iter().chain(&self.ramp).map(|(day, _)| *day).max().max(self.start)
    }

    /// The days on which the share in force may change.
    fn changes(&self) -> impl Iterator<Item = Date> {
        let steps = self.phase.iter().chain(&self.ramp).map(|(day, _)| *day);
        self.start.into_iter().chain(self.end.map(Date::next)).chain(steps)
    }

    fn dates(&self) -> String {
        let from = self.full_from().map_or("always".to_string(), |day| format!("from {day}"));
        let to = self.end.map_or(String::new(), |day| format!(" to {day}"));
        format!("{from}{to}")
    }
}

/// The share of the last step reached, 0 before the first; all where there are no steps.
fn reached(steps: &[PhaseStep], day: Date) -> f64 {
    match steps.is_empty() {
        true => 1.0,
        false => steps.iter().rev().find(|(step, _)| *step <= day).map_or(0.0, |(_, share)| *share),
    }
}

/// Every measure as far in force as it gets.
///
/// # Errors
/// [`Error::Scenario`] with the dates where there is no day on which all measures are in force.
pub fn in_full(scenario: &Scenario) -> Result<Segment> {
    let measures = &scenario.measures;
    let latest_start = measures.iter().filter_map(Measure::full_from).max();
    let earliest_end = measures.iter().filter_map(|measure| measure.end).min();
    if let (Some(start), Some(end)) = (latest_start, earliest_end)
        && end < start
    {
        let dates: Vec<String> = measures
            .iter()
            .enumerate()
            .map(|(m, measure)| format!("{} {}", scenario.label(m), measure.dates()))
            .collect();
        return Err(Error::Scenario(format!(
            "there is no day on which every measure is in force ({}); say when with at=, a date or a period",
            dates.join("; ")
        )));
    }
    let last = |steps: &[PhaseStep]| steps.last().map_or(1.0, |(_, share)| *share);
    let force = measures.iter().map(|measure| last(&measure.phase) * last(&measure.ramp)).collect();
    Ok(Segment { days: None, weight: 1.0, force })
}

/// The share of each measure in force over a period, averaged over its days.
pub fn share_in_force(scenario: &Scenario, period: Period) -> Vec<f64> {
    let segments = cut(scenario, period, &[]);
    let days = |segment: &Segment| segment.days.map_or(0, |(first, last)| last.days_since(first) + 1) as f64;
    let mean = |m: usize| segments.iter().map(|segment| days(segment) * segment.force[m]).sum::<f64>();
    (0..scenario.measures.len()).map(|m| mean(m) / period.days() as f64).collect()
}

/// Refuses periods that are no path: years, quarters or months, each the one after the one before it.
///
/// # Errors
/// [`Error::Scenario`] names the two that do not follow on each other.
pub fn check_consecutive(periods: &[Period]) -> Result<()> {
    let Some(&first) = periods.first() else {
        return Err(Error::Scenario("there are no periods; give at least one, such as [2022, 2023]".to_string()));
    };
    if let Period::Day(day) = first {
        return Err(Error::Scenario(format!(
            "the period {day} is a day; a path goes by years (2022), quarters (2022Q1) or months (2022-01)"
        )));
    }
    let Some(pair) = periods.windows(2).find(|pair| pair[1] != pair[0].next()) else { return Ok(()) };
    let (before, after) = (pair[0], pair[1]);
    let reason = match (before.kind() == after.kind(), after <= before) {
        (false, _) => {
            format!("{before} is a {}, {after} a {}; give periods of one length", before.kind(), after.kind())
        }
        (true, true) => format!("{after} does not come after {before}; give them in ascending order, each once"),
        (true, false) => format!("{} is missing between {before} and {after}", before.next()),
    };
    Err(Error::Scenario(format!("the periods of a path must follow on each other: {reason}")))
}

/// A period cut wherever a measure changes, and on other days of change.
pub fn cut(scenario: &Scenario, period: Period, others: &[Date]) -> Vec<Segment> {
    let mut starts: Vec<Date> = (scenario.measures.iter().flat_map(Measure::changes))
        .chain(others.iter().copied())
        .filter(|day| period.contains(*day))
        .collect();
    starts.push(period.first_day());
    starts.sort_unstable();
    starts.dedup();
    let days = period.days() as f64;
    let mut segments: Vec<Segment> = Vec::new();
    for (position, &first) in starts.iter().enumerate() {
        let last = starts.get(position + 1).map_or(period.last_day(), |next| next.previous());
        let force: Vec<f64> = scenario.measures.iter().map(|measure| measure.force(first)).collect();
        let weight = (last.days_since(first) + 1) as f64 / days;
        segments.push(Segment { days: Some((first, last)), weight, force });
    }
    segments
}
