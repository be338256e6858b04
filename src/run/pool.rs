//! The pool of threads that all solves share.

use std::sync::{Arc, Mutex, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuilder};

struct Slot {
    /// A forked child has none of its parent's threads: its pool is keyed by its own process.
    process: u32,
    threads: usize,
    pool: Arc<ThreadPool>,
}

static SLOT: Mutex<Option<Slot>> = Mutex::new(None);
static WANTED: Mutex<Option<usize>> = Mutex::new(None);

/// The number of threads in use: what [`set_threads`] said, else `TRADEWINDS_THREADS`, else all.
pub fn threads() -> usize {
    let wanted = *WANTED.lock().unwrap_or_else(PoisonError::into_inner);
    let from_environment = || std::env::var("TRADEWINDS_THREADS").ok()?.parse().ok().filter(|threads| *threads > 0);
    let all = || std::thread::available_parallelism().map_or(1, usize::from);
    wanted.or_else(from_environment).unwrap_or_else(all)
}

/// Sets the number of threads of later solves.
pub fn set_threads(threads: usize) {
    *WANTED.lock().unwrap_or_else(PoisonError::into_inner) = Some(threads.max(1));
}

/// This process's pool.
pub fn pool() -> Arc<ThreadPool> {
    let (process, threads) = (std::process::id(), threads());
    let mut slot = SLOT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(current) = slot.as_ref().filter(|current| current.process == process && current.threads == threads) {
        return current.pool.clone();
    }
    let pool = Arc::new(ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started"));
    let old = slot.replace(Slot { process, threads, pool: pool.clone() });
    if let Some(old) = old.filter(|old| old.process != process) {
        // Dropping a pool whose threads live in the parent would wait for them for ever.
        std::mem::forget(old);
    }
    pool
}
