//! What tests of several themes share.

pub(crate) mod snapshot;
