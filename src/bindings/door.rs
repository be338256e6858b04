//! The one door for long work.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use pyo3::prelude::*;

use super::errors::{fault, to_python};
use crate::error::Result;
use crate::run::pool;
use crate::solve::Stop;

/// How long the calling thread waits between looks at pending signals.
const SLICE: Duration = Duration::from_millis(50);

/// Runs `work` on a thread of ours without the GIL, while the calling thread looks for signals:
/// Ctrl-C requests a stop and is raised once the work has returned. A panic becomes our own error.
pub fn enter<T: Send>(py: Python<'_>, work: impl FnOnce(&Stop) -> Result<T> + Send) -> PyResult<T> {
    let stop = Stop::default();
    let (outcome, interrupt) = py.detach(|| {
        std::thread::scope(|scope| {
            let (done, finished) = channel();
            let stop_inside = stop.clone();
            let worker = scope.spawn(move || {
                let outcome = catch_unwind(AssertUnwindSafe(|| work(&stop_inside)));
                // The receiver waits until this is sent or dropped.
                let _ = done.send(());
                outcome
            });
            let mut interrupt = None;
            while let Err(RecvTimeoutError::Timeout) = finished.recv_timeout(SLICE) {
                if interrupt.is_none()
                    && let Err(signal) = Python::attach(|py| py.check_signals())
                {
                    stop.request();
                    interrupt = Some(signal);
                }
            }
            (worker.join().and_then(|outcome| outcome), interrupt)
        })
    });
    match (interrupt, outcome) {
        (Some(signal), _) => Err(signal),
        (None, Ok(result)) => result.map_err(|error| to_python(py, error)),
        (None, Err(payload)) => Err(fault(py, payload.as_ref())),
    }
}

/// The number of threads in use.
#[pyfunction]
pub fn threads() -> usize {
    pool::threads()
}

#[pyfunction]
pub fn set_threads(threads: usize) {
    pool::set_threads(threads);
}
