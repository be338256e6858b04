//! Our errors as the Python classes of `tradewinds.errors`.

use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;

use crate::error::Error;

/// An instance of the class of that name; `countries` becomes its attribute.
fn raise(py: Python<'_>, class: &str, message: &str, countries: Option<Vec<String>>) -> PyErr {
    let build = || -> PyResult<Bound<'_, PyAny>> {
        let instance = py.import("tradewinds.errors")?.getattr(class)?.call1((message,))?;
        if let Some(countries) = countries {
            instance.setattr("countries", countries)?;
        }
        Ok(instance)
    };
    match build() {
        Ok(instance) => PyErr::from_value(instance),
        Err(error) => error,
    }
}

/// Converts an error of the core.
pub fn to_python(py: Python<'_>, error: Error) -> PyErr {
    let message = error.to_string();
    match error {
        Error::Data(_) => raise(py, "DataError", &message, None),
        Error::Scenario(_) => raise(py, "ScenarioError", &message, None),
        Error::Model(_) => raise(py, "ModelError", &message, None),
        Error::Infeasible { countries, .. } => raise(py, "InfeasibleError", &message, Some(countries)),
        Error::Interrupted => PyKeyboardInterrupt::new_err(()),
    }
}

/// A panic of the core: a fault of ours, never of the kernel it runs in.
pub fn fault(py: Python<'_>, payload: &(dyn std::any::Any + Send)) -> PyErr {
    let text = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    let message = format!("internal error: {text}. This is a fault in tradewinds; please report it with the input");
    raise(py, "TradewindsError", &message, None)
}
