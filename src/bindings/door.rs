//! The one door for long work.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

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

/// A thread that the last call left, as a pool of one, and the process it lives in: starting one takes as long as a
/// small solve. It is no thread of the solvers' pool, whose work may wait for what another call holds.
static IDLE: Mutex<Option<(u32, ThreadPool)>> = Mutex::new(None);

/// Runs `job` on another thread, and `wait` meanwhile on this one.
fn beside<T>(job: impl FnOnce() + Send, wait: impl FnOnce() -> T) -> T {
    let process = std::process::id();
    let slot = || IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    let left = slot().take();
    let own = match left {
        Some((of, thread)) if of == process => thread,
        // A forked child has none of its parent's threads, and would wait for them for ever.
        other => {
            std::mem::forget(other);
            ThreadPoolBuilder::new().num_threads(1).build().expect("a thread can be started")
        }
    };
    let found = own.in_place_scope(|scope| {
        scope.spawn(|_| job());
        wait()
    });
    slot().get_or_insert((process, own));
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
