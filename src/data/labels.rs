//! Names and their positions. After a scenario is compiled there are only positions.

use std::collections::HashMap;

/// An ordered set of unique names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Labels {
    names: Vec<String>,
    index: HashMap<String, u32>,
}

impl Labels {
    /// Keeps the first of equal names.
    pub fn new<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        let mut labels = Self::default();
        for name in names {
            labels.insert(name.into());
        }
        labels
    }

    /// The position of `name`, added at the end if it is new.
    pub fn insert(&mut self, name: String) -> usize {
        if let Some(&position) = self.index.get(&name) {
            return position as usize;
        }
        let position = self.names.len();
        self.index.insert(name.clone(), position as u32);
        self.names.push(name);
        position
    }

    pub fn position(&self, name: &str) -> Option<usize> {
        self.index.get(name).map(|&position| position as usize)
    }

    pub fn name(&self, position: usize) -> &str {
        &self.names[position]
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }
}

/// Up to three known names that look like `given`, the nearest first.
pub fn near<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    const ENOUGH_ALIKE: f64 = 0.75;
    let given = given.to_lowercase();
    let mut scored: Vec<(f64, &str)> = known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&given, &name.to_lowercase()), name))
        .filter(|(score, _)| *score >= ENOUGH_ALIKE)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

/// " Did you mean 'RUS'?", or nothing where no known name is near.
pub fn did_you_mean<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = near(given, known).into_iter().map(|name| format!("'{name}'")).collect();
    match names.len() {
        0 => String::new(),
        _ => format!(" Did you mean {}?", names.join(" or ")),
    }
}

/// The first few names, and how many more there are.
pub fn some_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 8;
    let names: Vec<&str> = names.into_iter().collect();
    let shown = names[..names.len().min(SHOWN)].join(", ");
    match names.len() {
        0 => "none".to_string(),
        n if n > SHOWN => format!("{shown} and {} more", n - SHOWN),
        _ => shown,
    }
}
