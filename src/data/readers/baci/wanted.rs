//! Which rows of a file are wanted, and what they are summed into.

use std::collections::BTreeSet;

use super::lines::CODE;
use crate::data::labels::did_you_mean;
use crate::error::{Error, Result};

/// A named set of products: its name, and the codes or beginnings of codes that it sums.
pub type Commodity = (String, Vec<String>);

/// Which rows are wanted; by default all.
#[derive(Debug, Default, Clone)]
pub struct Wanted {
    /// Codes and beginnings of codes; empty: all products.
    products: Vec<String>,
    commodities: Vec<Commodity>,
    /// By position in [`super::Published::countries`]; `None`: all.
    pub(super) exporters: Option<Vec<bool>>,
    pub(super) importers: Option<Vec<bool>>,
}

impl Wanted {
    /// Some products, or the products of some commodities; of all countries.
    ///
    /// # Errors
    /// [`Error::Data`] for what can't be the beginning of a code, for commodities that share a
    /// product or have none, and where both products and commodities are given.
    pub fn new(products: Vec<String>, commodities: Vec<Commodity>) -> Result<Self> {
        if !products.is_empty() && !commodities.is_empty() {
            return Err(Error::Data(
                "products and commodities are both given; give the products themselves, or the commodities to sum \
                 them into"
                    .to_string(),
            ));
        }
        if let Some((name, _)) = commodities.iter().find(|(_, prefixes)| prefixes.is_empty()) {
            return Err(Error::Data(format!("commodity '{name}' has no products; give codes or beginnings of codes")));
        }
        let named: Vec<(&str, &str)> = (commodities.iter())
            .flat_map(|(name, prefixes)| prefixes.iter().map(|prefix| (name.as_str(), prefix.as_str())))
            .collect();
        let taken: Vec<String> = match products.is_empty() {
            true => named.iter().map(|(_, prefix)| prefix.to_string()).collect(),
            false => products,
        };
        taken.iter().try_for_each(|prefix| check_prefix(prefix))?;
        check_apart(&named)?;
        Ok(Self { products: taken, commodities, ..Self::default() })
    }

    /// The same of some countries, by position in [`super::Published::countries`]; `None`: all.
    pub fn between(self, exporters: Option<Vec<bool>>, importers: Option<Vec<bool>>) -> Self {
        Self { exporters, importers, ..self }
    }

    pub(super) fn takes(&self, code: &str) -> bool {
        self.products.is_empty() || self.products.iter().any(|prefix| code.starts_with(prefix.as_str()))
    }

    pub(super) fn sums(&self) -> bool {
        !self.commodities.is_empty()
    }

    /// The commodity that a product is summed into: its own code where there are none.
    pub(super) fn commodity_of(&self, code: &str) -> String {
        let has = |(_, prefixes): &&Commodity| prefixes.iter().any(|prefix| code.starts_with(prefix.as_str()));
        self.commodities.iter().find(has).map_or_else(|| code.to_string(), |(name, _)| name.clone())
    }

    /// Refuses a prefix with which none of `codes` begins, and names near ones.
    pub(super) fn check(&self, codes: &BTreeSet<String>, shown: &str) -> Result<()> {
        for prefix in &self.products {
            if !codes.iter().any(|code| code.starts_with(prefix.as_str())) {
                let beginnings: BTreeSet<&str> = codes.iter().filter_map(|code| code.get(..prefix.len())).collect();
                return Err(Error::Data(format!(
                    "no product of {shown} begins with '{prefix}'.{} Expected the code of a product or its first \
                     digits, in the HS revision of the file",
                    did_you_mean(prefix, beginnings)
                )));
            }
        }
        Ok(())
    }
}

fn check_prefix(prefix: &str) -> Result<()> {
    let chapter = prefix.bytes().take(2).all(|byte| byte.is_ascii_digit());
    let fits = chapter && (2..=CODE).contains(&prefix.len()) && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match fits {
        true => Ok(()),
        false => Err(Error::Data(format!(
            "'{prefix}' is no code of the Harmonized System; expected 2 to {CODE} digits as text, such as \"27\", \
             \"2709\" or \"270900\""
        ))),
    }
}

/// Refuses two prefixes that take the same product.
fn check_apart(named: &[(&str, &str)]) -> Result<()> {
    for (place, (name, prefix)) in named.iter().enumerate() {
        let others = named.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, named)| named);
        if let Some((other, longer)) = others.into_iter().find(|(_, longer)| longer.starts_with(prefix)) {
            return Err(Error::Data(format!(
                "commodity '{name}' with '{prefix}' and commodity '{other}' with '{longer}' overlap; a product is \
                 counted once: take one of the codes away, or write longer ones"
            )));
        }
    }
    Ok(())
}
