//! What is wrong with a document that has the right shape: names that nothing declares, expressions
//! with faults, values that TaskRouter refuses, rules that contradict each other.
//!
//! Every check says where the problem is, in which object, and what to do. The schema has been
//! asked before; what it refused is not in the document any more and is not spoken of again.

mod attribute;
mod checker;
mod expression;
mod filled;
mod identity;
mod limit;
mod names;
mod place;
mod policy;
mod reference;
mod resource;
mod routing_test;
mod run;
mod transfer;
mod workflow;

pub(super) use filled::Filled;
pub(super) use names::Names;
pub(super) use run::check;
