//! The one door for long work.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;

use super::errors::{fault, to_python};
use crate::error::Result;
use crate::run::pool;
use crate::solve::Stop;

/// How long the calling thread waits between looks at pending signals.
const SLICE: Duration = Duration::from_millis(50);

/// How far long work has come; the work writes, the calling thread reads.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    total: AtomicU64,
}

impl Progress {
    pub fn tell(&self, done: u64, total: u64) {
        self.total.store(total, Ordering::Relaxed);
        self.done.store(done, Ordering::Relaxed);
    }

    /// Calls `watcher(done, total)`, once the total is known.
    fn show(&self, py: Python<'_>, watcher: &Py<PyAny>) -> PyResult<()> {
        let (done, total) = (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed));
        if total > 0 {
            watcher.call1(py, (done, total))?;
        }
        Ok(())
    }
}

/// Runs `work` on another thread without the GIL, while the calling thread looks for signals:
/// Ctrl-C requests a stop and is raised once the work has returned. A panic becomes our own error.
pub fn enter<T: Send>(py: Python<'_>, work: impl FnOnce(&Stop) -> Result<T> + Send) -> PyResult<T> {
    enter_watched(py, None, |stop, _| work(stop))
}

/// As [`enter`]; the calling thread also calls `watcher(done, total)` now and then, and once at the
/// end. An exception of the watcher requests a stop and is raised once the work has returned.
pub fn enter_watched<T: Send>(
    py: Python<'_>,
    watcher: Option<Py<PyAny>>,
    work: impl FnOnce(&Stop, &Progress) -> Result<T> + Send,
) -> PyResult<T> {
    match enter_partly(py, watcher, work)? {
        (_, Some(raised)) => Err(raised),
        (result, None) => Ok(result),
    }
}

/// As [`enter_watched`], with what the work returns after Ctrl-C, and the KeyboardInterrupt.
pub fn enter_partly<T: Send>(
    py: Python<'_>,
    watcher: Option<Py<PyAny>>,
    work: impl FnOnce(&Stop, &Progress) -> Result<T> + Send,
) -> PyResult<(T, Option<PyErr>)> {
    let (stop, progress) = (Stop::default(), Progress::default());
    let watch = |py: Python<'_>| {
        py.check_signals()?;
        watcher.as_ref().map_or(Ok(()), |watcher| progress.show(py, watcher))
    };
    let (outcome, interrupt) = py.detach(|| {
        let (done, finished) = channel();
        let (stop_inside, progress_inside) = (stop.clone(), &progress);
        let job = move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| work(&stop_inside, progress_inside)));
            done.send(outcome).expect("the caller waits");
        };
        beside(job, || {
            let mut interrupt = None;
            loop {
                match finished.recv_timeout(SLICE) {
                    Ok(outcome) => return (outcome, interrupt),
                    Err(RecvTimeoutError::Disconnected) => unreachable!("the work always sends"),
                    Err(RecvTimeoutError::Timeout) if interrupt.is_some() => {}
                    Err(RecvTimeoutError::Timeout) => {
                        interrupt = Python::attach(watch).err();
                        if interrupt.is_some() {
                            stop.request();
                        }
                    }
                }
            }
        })
    });
    match (interrupt, outcome) {
        (Some(raised), Ok(Ok(result))) if raised.is_instance_of::<PyKeyboardInterrupt>(py) => {
            Ok((result, Some(raised)))
        }
        (Some(raised), _) => Err(raised),
        (None, Ok(Ok(result))) => watch(py).map(|()| (result, None)),
        (None, Ok(Err(error))) => Err(to_python(py, error)),
        (None, Err(payload)) => Err(fault(py, payload.as_ref())),
    }
}

/// How many calls are at work.
static INSIDE: AtomicUsize = AtomicUsize::new(0);

/// Runs `job` on another thread, and `wait` meanwhile on this one. The only call at work has a thread of the pool;
/// others have one of their own, which costs more to start, so that none waits behind another's work.
fn beside<T>(job: impl FnOnce() + Send, wait: impl FnOnce() -> T) -> T {
    let first = INSIDE.fetch_add(1, Ordering::Relaxed) == 0;
    let found = match first {
        true => pool::pool().in_place_scope(|scope| {
            scope.spawn(|_| job());
            wait()
        }),
        false => std::thread::scope(|scope| {
            scope.spawn(job);
            wait()
        }),
    };
    INSIDE.fetch_sub(1, Ordering::Relaxed);
    found
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
