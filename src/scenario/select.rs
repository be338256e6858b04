//! Selectors: which labels of the data a measure or a question means.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::data::labels::{did_you_mean, some_of};
use crate::data::{Date, Labels, countries};
use crate::error::{Error, Result};

/// The user's own groups of countries.
pub type Groups = BTreeMap<String, Vec<String>>;

/// Terms in order: a label, a country's code or name, a group, the first digits of HS codes, `*` for
/// all; with `!` in front it takes away. Terms that only take away start from all.
///
/// A group is its members on the day, and the regions `X_<group>` of every bundled group that lies
/// wholly within it: `EU27` and `UNFRIENDLY` take `X_EU27`. Where such a region hides members, which are no labels
/// themselves, with other countries, as `X_EU27` may those of `G7`, the group is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Terms", into = "Terms")]
pub struct Selector(pub Vec<String>);

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a name or a list of names")]
enum Terms {
    One(String),
    Many(Vec<String>),
}

impl From<Terms> for Selector {
    fn from(terms: Terms) -> Self {
        Self(match terms {
            Terms::One(term) => vec![term],
            Terms::Many(terms) => terms,
        })
    }
}

impl From<Selector> for Terms {
    fn from(Selector(mut terms): Selector) -> Self {
        match terms.len() {
            1 => Self::One(terms.remove(0)),
            _ => Self::Many(terms),
        }
    }
}

impl Default for Selector {
    fn default() -> Self {
        Self(vec!["*".to_string()])
    }
}

impl<const N: usize> From<[&str; N]> for Selector {
    fn from(terms: [&str; N]) -> Self {
        Self(terms.iter().map(|term| term.to_string()).collect())
    }
}

/// What a selector means among some labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// Taken or not, by position.
    pub taken: Vec<bool>,
    /// Taken by its own name rather than by `*` or a group.
    pub by_name: Vec<bool>,
}

impl Selection {
    pub fn positions(&self) -> Vec<usize> {
        (0..self.taken.len()).filter(|&position| self.taken[position]).collect()
    }
}

/// What selectors are resolved against.
pub struct Context<'a> {
    pub labels: &'a Labels,
    /// "country", "commodity" or "mode", for messages.
    pub kind: &'static str,
    /// The user's groups and the day on which dated membership counts; `None`: no groups.
    pub groups: Option<(&'a Groups, Date)>,
}

impl Context<'_> {
    /// # Errors
    /// [`Error::Scenario`] for a term that is not known, with near matches, and for a selector that
    /// takes nothing.
    pub fn resolve(&self, selector: &Selector) -> Result<Selection> {
        let count = self.labels.len();
        let only_takes_away = selector.0.iter().all(|term| term.starts_with('!'));
        let mut selection =
            Selection { taken: vec![only_takes_away && !selector.0.is_empty(); count], by_name: vec![false; count] };
        for term in &selector.0 {
            match term.strip_prefix('!') {
                Some(rest) => self.meant(rest.trim(), true, 0)?.0.into_iter().for_each(|position| {
                    selection.taken[position] = false;
                    selection.by_name[position] = false;
                }),
                None => {
                    let (positions, by_name) = self.meant(term.trim(), false, 0)?;
                    for position in positions {
                        selection.taken[position] = true;
                        selection.by_name[position] |= by_name;
                    }
                }
            }
        }
        if !selection.taken.contains(&true) {
            return Err(Error::Scenario(format!(
                "the selector [{}] takes no {} of the data, which has {}",
                selector.0.join(", "),
                self.kind,
                some_of(self.labels.iter())
            )));
        }
        Ok(selection)
    }

    /// Positions meant by one term without its `!`, and whether it is a label's own name.
    fn meant(&self, term: &str, absent_allowed: bool, depth: usize) -> Result<(Vec<usize>, bool)> {
        if term == "*" {
            return Ok(((0..self.labels.len()).collect(), false));
        }
        if let Some(position) = self.labels.position(term) {
            return Ok((vec![position], true));
        }
        let Some((groups, day)) = self.groups else {
            let begun = self.codes_beginning_with(term);
            return if begun.is_empty() { Err(self.unknown(term)) } else { Ok((begun, false)) };
        };
        if let Some(terms) = groups.get(term) {
            return self.members(term, terms, absent_allowed, depth).map(|positions| (positions, false));
        }
        if let Some(members) = countries::members(term, day) {
            return self.present(term, &members, day, absent_allowed || depth > 0).map(|positions| (positions, false));
        }
        match countries::resolve(term) {
            Some(code) => match self.labels.position(&code) {
                Some(position) => Ok((vec![position], true)),
                // What a group of the user's means by it is seen where all its members are known.
                None if depth > 0 => Ok((Vec::new(), true)),
                None if absent_allowed => {
                    self.tell_apart(term, &[&code], day)?;
                    Ok((Vec::new(), true))
                }
                None => Err(Error::Scenario(format!(
                    "{} '{term}' is not in the data, which has {}",
                    self.kind,
                    some_of(self.labels.iter())
                ))),
            },
            None => Err(self.unknown(term)),
        }
    }

    /// Commodities that are codes of the Harmonized System and begin with the digits of `term`.
    fn codes_beginning_with(&self, term: &str) -> Vec<usize> {
        const CHAPTER: usize = 2;
        if self.kind != "commodity" || term.len() < CHAPTER || !term.bytes().all(|byte| byte.is_ascii_digit()) {
            return Vec::new();
        }
        let begins = |code: &str| code.starts_with(term) && is_harmonized(code);
        (0..self.labels.len()).filter(|&position| begins(self.labels.name(position))).collect()
    }

    fn members(&self, group: &str, terms: &[String], absent_allowed: bool, depth: usize) -> Result<Vec<usize>> {
        const NESTING: usize = 8;
        if depth == NESTING {
            return Err(Error::Scenario(format!("group '{group}' contains itself; write its members out")));
        }
        let only_takes_away = !terms.is_empty() && terms.iter().all(|term| term.starts_with('!'));
        let mut positions: Vec<usize> = if only_takes_away { (0..self.labels.len()).collect() } else { Vec::new() };
        for term in terms {
            match term.strip_prefix('!') {
                Some(rest) => {
                    let away = self.meant(rest, true, depth + 1)?.0;
                    positions.retain(|position| !away.contains(position));
                }
                None => positions.extend(self.meant(term, false, depth + 1)?.0),
            }
        }
        if let Some((_, day)) = self.groups {
            let codes: Vec<String> = terms.iter().filter_map(|term| countries::resolve(term)).collect();
            let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
            self.tell_apart(group, &codes, day)?;
            let regions = countries::regions_within(&codes, day);
            positions.extend(regions.iter().filter_map(|region| self.labels.position(region)));
        }
        if positions.is_empty() && !absent_allowed && depth == 0 {
            return Err(Error::Scenario(format!(
                "no member of group '{group}' is in the data, which has {}",
                some_of(self.labels.iter())
            )));
        }
        Ok(positions)
    }

    fn present(&self, group: &str, members: &[&str], day: Date, absent_allowed: bool) -> Result<Vec<usize>> {
        if members.is_empty() {
            return Err(Error::Scenario(format!(
                "group '{group}' had no members on {day}; give the measure a start date on which it had, or list the members"
            )));
        }
        self.tell_apart(group, members, day)?;
        let regions = countries::regions_within(members, day);
        let codes = members.iter().copied().chain(regions.iter().map(String::as_str));
        let present: Vec<usize> = codes.filter_map(|code| self.labels.position(code)).collect();
        if present.is_empty() && !absent_allowed {
            return Err(Error::Scenario(format!(
                "no member of group '{group}' on {day} ({}) is in the data, which has {}",
                some_of(members.iter().copied()),
                some_of(self.labels.iter())
            )));
        }
        Ok(present)
    }

    /// Refuses countries of which the data has some only as a part of a region with others.
    fn tell_apart(&self, term: &str, members: &[&str], day: Date) -> Result<()> {
        match countries::hidden_in(members, self.labels, day) {
            None => Ok(()),
            Some((region, hidden)) => Err(Error::Scenario(format!(
                "'{term}' means {}, which the data has only as a part of {region}, with other countries; write out the \
                 labels that you mean instead, with {region} if it is to count as a whole",
                some_of(hidden)
            ))),
        }
    }

    fn unknown(&self, term: &str) -> Error {
        let mut known: Vec<&str> = self.labels.iter().collect();
        if let Some((groups, _)) = self.groups {
            known.extend(groups.keys().map(String::as_str));
            known.extend(countries::groups().keys().map(String::as_str));
        }
        let mut hint = did_you_mean(term, known.iter().copied());
        if hint.is_empty() && self.groups.is_some() {
            let near = countries::near_matches(term);
            if !near.is_empty() {
                hint = format!(" Did you mean {}?", near.join(" or "));
            }
        }
        Error::Scenario(format!("unknown {} '{term}'.{hint} The data has {}", self.kind, some_of(self.labels.iter())))
    }
}

/// Digits alone, or BACI's code for what has none.
fn is_harmonized(code: &str) -> bool {
    code == "9999AA" || code.bytes().all(|byte| byte.is_ascii_digit())
}
