//! Everything that can go wrong with what was put in.
//!
//! An error is for bad input; how well a solve went is a value, see
//! [`crate::model::Status`].

/// An error names what was given, what was expected, where, and what to do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// Flows, labels, periods, elasticities, tariffs.
    #[error("{0}")]
    Data(String),
    /// Measures, dates, selectors, scenario files.
    #[error("{0}")]
    Scenario(String),
    /// A measure or a setting that the model does not take.
    #[error("{0}")]
    Model(String),
    /// No equilibrium exists; the countries concerned are named.
    #[error("{message}")]
    Infeasible { message: String, countries: Vec<String> },
    /// The caller asked to stop.
    #[error("interrupted")]
    Interrupted,
}

pub type Result<T> = std::result::Result<T, Error>;
