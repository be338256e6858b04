//! Saved results: equal in every bit, the same bytes, and hostile files refused without harm.

#[path = "../rust/support.rs"]
#[allow(dead_code)]
mod support;

mod equal;
mod npy;
mod refused;
