//! Diff by address and field, order, guards, rendering. A plan is a value; not applying it is the
//! dry run.

mod diff;
mod value;

pub use diff::{Options, diff};
pub use value::{
    Action, Change, Counts, FieldChange, FilterChange, Note, Plan, PlanWorkspace, Refusal, Stage,
    aside,
};
