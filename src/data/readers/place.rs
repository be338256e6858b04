//! Where a line stands, for messages.

use crate::error::Error;

#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub shown: &'a str,
    pub line: u64,
}

impl Place<'_> {
    pub fn refuse(&self, what: impl std::fmt::Display) -> Error {
        Error::Data(format!("{}, line {}: {what}", self.shown, self.line))
    }
}
