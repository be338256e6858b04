//! Arrays that one solve of a thread hands to the next: the memory of a large one is not asked for,
//! and cleared by the system, again and again.

use std::cell::RefCell;
use std::thread::LocalKey;

/// Arrays of a kind that a thread keeps, and the length of the largest it keeps.
const KEPT: usize = 2;
const LARGEST: usize = 1 << 21;

type Kept<T> = RefCell<Vec<Vec<T>>>;

thread_local! {
    static NUMBERS: Kept<f64> = const { RefCell::new(Vec::new()) };
    static PLACES: Kept<u32> = const { RefCell::new(Vec::new()) };
}

/// What such arrays hold.
pub trait Element: Sized + 'static {
    fn kept() -> &'static LocalKey<Kept<Self>>;
}

impl Element for f64 {
    fn kept() -> &'static LocalKey<Kept<Self>> {
        &NUMBERS
    }
}

impl Element for u32 {
    fn kept() -> &'static LocalKey<Kept<Self>> {
        &PLACES
    }
}

/// An empty array, with room where one was handed on.
pub fn take<T: Element>() -> Vec<T> {
    T::kept().with_borrow_mut(Vec::pop).unwrap_or_default()
}

/// Hands an array on to the next who takes one on this thread.
pub fn hand_on<T: Element>(mut array: Vec<T>) {
    T::kept().with_borrow_mut(|kept| {
        if kept.len() < KEPT && array.capacity() <= LARGEST {
            array.clear();
            kept.push(array);
        }
    });
}
