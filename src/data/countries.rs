//! Countries under their many names, and groups of them with dated membership.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use super::labels::{Labels, near};
use super::period::Date;

const COUNTRIES: &str = include_str!("../../python/tradewinds/datasets/countries.csv");
const GROUPS: &str = include_str!("../../python/tradewinds/datasets/groups.csv");

/// Prefix of the codes reserved for regions made by aggregation, beside `ROW`.
const REGION_PREFIX: &str = "X_";

/// One stay of a country in a group; a day that is `None` is open.
#[derive(Debug, Clone, PartialEq)]
pub struct Membership {
    pub country: String,
    pub first_day: Option<Date>,
    pub last_day: Option<Date>,
}

impl Membership {
    pub fn on(&self, day: Date) -> bool {
        self.first_day.is_none_or(|first| first <= day) && self.last_day.is_none_or(|last| day <= last)
    }
}

struct Register {
    /// Every accepted spelling in lower case, and its ISO 3166 alpha-3 code.
    codes: HashMap<String, String>,
    /// Alpha-3 codes and names, for near matches.
    shown: Vec<(String, String)>,
}

fn register() -> &'static Register {
    static REGISTER: OnceLock<Register> = OnceLock::new();
    REGISTER.get_or_init(|| {
        let mut codes = HashMap::new();
        let mut shown = Vec::new();
        for record in csv::Reader::from_reader(COUNTRIES.as_bytes()).records() {
            let record = record.expect("countries.csv is well formed");
            let field = |column: usize| record.get(column).unwrap_or("").trim();
            let (iso3, m49, name) = (field(0), field(2), field(4));
            let spellings = [iso3, field(1), m49, field(3), name].into_iter().map(str::to_string);
            let padded = m49.parse::<u32>().map(|code| format!("{code:03}")).ok();
            for spelling in spellings.chain(padded).chain(field(5).split('|').map(|alias| alias.trim().to_string())) {
                if !spelling.is_empty() {
                    codes.entry(spelling.to_lowercase()).or_insert_with(|| iso3.to_string());
                }
            }
            shown.push((iso3.to_string(), name.to_string()));
        }
        Register { codes, shown }
    })
}

/// The ISO 3166 alpha-3 code of a country given as alpha-3, alpha-2, M49, BACI's numeric code or
/// name, in any case. Reserved region codes (`ROW`, `X_…`, BACI's 697 and 711) stand for themselves.
pub fn resolve(given: &str) -> Option<String> {
    let given = given.trim();
    if given == "ROW" || given.starts_with(REGION_PREFIX) && given.len() > REGION_PREFIX.len() {
        return Some(given.to_string());
    }
    match given {
        "697" => Some("X_EFTA".to_string()),
        "711" => Some("X_SACU".to_string()),
        _ => register().codes.get(&given.to_lowercase()).cloned(),
    }
}

/// Codes, with their names, of the countries that look like `given`.
pub fn near_matches(given: &str) -> Vec<String> {
    let known = register().shown.iter().flat_map(|(code, name)| [code.as_str(), name.as_str()]);
    let mut found: Vec<String> = Vec::new();
    for spelling in near(given, known) {
        let country = register().shown.iter().find(|(code, name)| code == spelling || name == spelling);
        let shown = country.map(|(code, name)| format!("{code} ({name})"));
        found.extend(shown.filter(|shown| !found.contains(shown)));
    }
    found
}

/// The bundled groups by name (`EU27`, `G7`, `PRICE_CAP_COALITION`, …).
pub fn groups() -> &'static BTreeMap<String, Vec<Membership>> {
    static TABLE: OnceLock<BTreeMap<String, Vec<Membership>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table: BTreeMap<String, Vec<Membership>> = BTreeMap::new();
        for record in csv::Reader::from_reader(GROUPS.as_bytes()).records() {
            let record = record.expect("groups.csv is well formed");
            let day = |column: usize| match record.get(column).unwrap_or("") {
                "" => None,
                text => Some(text.parse().expect("groups.csv has dates written YYYY-MM-DD")),
            };
            table.entry(record[0].to_string()).or_default().push(Membership {
                country: record[1].to_string(),
                first_day: day(2),
                last_day: day(3),
            });
        }
        table
    })
}

/// The members of a bundled group on a day, sorted; `None` where there is no such group.
pub fn members(group: &str, day: Date) -> Option<Vec<&'static str>> {
    let stays = groups().get(group)?;
    let mut members: Vec<&str> = stays.iter().filter(|stay| stay.on(day)).map(|stay| stay.country.as_str()).collect();
    members.sort_unstable();
    members.dedup();
    Some(members)
}

/// The reserved codes `X_<group>` of bundled groups that lie wholly within a set of countries on a
/// day. Such a region stands for those members of its group that the data does not tell apart.
pub fn regions_within(countries: &[&str], day: Date) -> Vec<String> {
    let within = |stays: &[Membership]| {
        let mut members = stays.iter().filter(|stay| stay.on(day)).map(|stay| stay.country.as_str()).peekable();
        members.peek().is_some() && members.all(|country| countries.contains(&country))
    };
    groups().iter().filter(|(_, stays)| within(stays)).map(|(group, _)| format!("{REGION_PREFIX}{group}")).collect()
}

/// The region among `labels` that hides some of `countries`, which are no labels themselves, and others of its
/// group; and those it hides.
pub fn hidden_in<'a>(countries: &[&'a str], labels: &Labels, day: Date) -> Option<(String, Vec<&'a str>)> {
    let whole = regions_within(countries, day);
    labels.iter().filter(|label| !whole.iter().any(|region| region == label)).find_map(|label| {
        let members = members(label.strip_prefix(REGION_PREFIX)?, day)?;
        let hidden = |country: &&str| members.contains(country) && labels.position(country).is_none();
        let hidden: Vec<&str> = countries.iter().copied().filter(hidden).collect();
        (!hidden.is_empty()).then(|| (label.to_string(), hidden))
    })
}
