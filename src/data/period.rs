//! Calendar days and the periods that data and questions are about.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A day of the Gregorian calendar, written `2022-12-05`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(NaiveDate);

impl Date {
    pub fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day).map(Self)
    }

    pub fn year(self) -> i32 {
        self.0.year()
    }

    pub fn next(self) -> Self {
        Self(self.0.succ_opt().unwrap_or(NaiveDate::MAX))
    }

    pub fn previous(self) -> Self {
        Self(self.0.pred_opt().unwrap_or(NaiveDate::MIN))
    }

    /// Days from `earlier` to `self`.
    pub fn days_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).num_days()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let whole = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .filter(|_| whole)
            .map(Self)
            .ok_or_else(|| format!("'{text}' is not a date; write it as YYYY-MM-DD, such as 2022-12-05"))
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Takes text, and TOML's own dates, which arrive as a map of one entry.
impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Day;
        impl<'de> Visitor<'de> for Day {
            type Value = Date;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a date written YYYY-MM-DD")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Date, E> {
                text.parse().map_err(E::custom)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Date, A::Error> {
                match map.next_entry::<String, String>()? {
                    Some((_, text)) => text.parse().map_err(de::Error::custom),
                    None => Err(de::Error::custom("expected a date written YYYY-MM-DD")),
                }
            }
        }
        deserializer.deserialize_any(Day)
    }
}

/// A stretch of days: `2021`, `2021Q3`, `2021-07` or `2021-07-14`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    Year(i32),
    Quarter(i32, u32),
    Month(i32, u32),
    Day(Date),
}

impl Period {
    pub fn first_day(self) -> Date {
        let first = |year, month| Date::new(year, month, 1).expect("checked when the period was made");
        match self {
            Self::Year(year) => first(year, 1),
            Self::Quarter(year, quarter) => first(year, 3 * quarter - 2),
            Self::Month(year, month) => first(year, month),
            Self::Day(day) => day,
        }
    }

    pub fn last_day(self) -> Date {
        let before = |year: i32, month: u32| {
            let (year, month) = if month > 12 { (year + 1, month - 12) } else { (year, month) };
            Date::new(year, month, 1).expect("checked when the period was made").previous()
        };
        match self {
            Self::Year(year) => before(year + 1, 1),
            Self::Quarter(year, quarter) => before(year, 3 * quarter + 1),
            Self::Month(year, month) => before(year, month + 1),
            Self::Day(day) => day,
        }
    }

    pub fn days(self) -> i64 {
        self.last_day().days_since(self.first_day()) + 1
    }

    /// The one after it, of the same length.
    pub fn next(self) -> Self {
        match self {
            Self::Year(year) => Self::Year(year + 1),
            Self::Quarter(year, 4) => Self::Quarter(year + 1, 1),
            Self::Quarter(year, quarter) => Self::Quarter(year, quarter + 1),
            Self::Month(year, 12) => Self::Month(year + 1, 1),
            Self::Month(year, month) => Self::Month(year, month + 1),
            Self::Day(day) => Self::Day(day.next()),
        }
    }

    /// The one before it, of the same length.
    pub fn previous(self) -> Self {
        match self {
            Self::Year(year) => Self::Year(year - 1),
            Self::Quarter(year, 1) => Self::Quarter(year - 1, 4),
            Self::Quarter(year, quarter) => Self::Quarter(year, quarter - 1),
            Self::Month(year, 1) => Self::Month(year - 1, 12),
            Self::Month(year, month) => Self::Month(year, month - 1),
            Self::Day(day) => Self::Day(day.previous()),
        }
    }

    /// What it is called.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Year(_) => "year",
            Self::Quarter(..) => "quarter",
            Self::Month(..) => "month",
            Self::Day(_) => "day",
        }
    }

    pub fn contains(self, day: Date) -> bool {
        self.first_day() <= day && day <= self.last_day()
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year(year) => write!(f, "{year}"),
            Self::Quarter(year, quarter) => write!(f, "{year}Q{quarter}"),
            Self::Month(year, month) => write!(f, "{year}-{month:02}"),
            Self::Day(day) => write!(f, "{day}"),
        }
    }
}

impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || {
            format!(
                "'{text}' is not a period; write a year (2021), a quarter (2021Q3), a month (2021-07) or a day (2021-07-14)"
            )
        };
        if !text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'Q')) {
            return Err(refuse());
        }
        let year = |part: &str| part.parse::<i32>().ok().filter(|y| (1000..=9999).contains(y)).ok_or_else(refuse);
        if let Some((left, right)) = text.split_once('Q') {
            let one_digit = right.len() == 1 && left.len() == 4;
            let quarter = right.parse().ok().filter(|q| one_digit && (1..=4).contains(q)).ok_or_else(refuse)?;
            return Ok(Self::Quarter(year(left)?, quarter));
        }
        match text.len() {
            4 => year(text).map(Self::Year),
            7 => {
                let (left, right) = text.split_once('-').ok_or_else(refuse)?;
                let month = right.parse().ok().filter(|m| (1..=12).contains(m)).ok_or_else(refuse)?;
                Ok(Self::Month(year(left)?, month))
            }
            10 => text.parse().map(Self::Day).map_err(|_| refuse()),
            _ => Err(refuse()),
        }
    }
}
