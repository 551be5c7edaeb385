//! What an import has to say beside the spec.

use std::fmt;

use crate::model::Address;

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// It is in the spec, and somebody should look at it.
    Kept,
    /// It is live, and the spec does not hold it.
    LeftOut,
}

/// Something about one object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub grade: Grade,
    pub address: Address,
    /// A lower-case fragment.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { grade: _, address, message } = self;
        write!(f, "{address}: {message}")
    }
}
