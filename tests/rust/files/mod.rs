//! Saved results: equal in every bit, the same bytes, and hostile files refused without harm.

mod equal;
mod npy;
mod refused;
