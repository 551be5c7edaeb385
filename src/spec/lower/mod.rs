//! The document → the model. Total: whatever has no meaning is left as it is, and the checks say
//! so.

mod model;
mod routing_test;
mod text;
mod workflow;

pub(super) use model::lower;
pub(super) use routing_test::{clock, tests, worker};
pub(super) use text::{json, string};
pub(super) use workflow::choice;
