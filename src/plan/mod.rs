//! Diff by address and field, order, guards, rendering. A plan is a value; not applying it is the
//! dry run.

mod adopt;
mod advice;
mod builtin;
mod choice;
mod context;
mod diff;
mod draft;
mod drift;
mod estimate;
mod fields;
mod filters;
mod guard;
mod identity;
mod kinds;
mod names;
mod order;
mod outcome;
mod promotion;
mod prune;
pub mod render;
pub mod saved;
mod schema;
mod targets;
mod value;

pub use builtin::is_built_in;
pub use choice::{Choice, LeftOut};
pub use diff::{Options, diff};
pub use drift::{Author, Drift, DriftCounts, DriftKind, Drifted, drift_schema};
pub use estimate::{Estimate, Lane};
pub use guard::over_limit;
pub use outcome::outcome;
pub use promotion::{Difference, Promotion, Side, Undeclared, Whereabouts, promotion};
pub use schema::plan_schema;
pub use value::{
    Action, Change, Counts, FieldChange, FilterChange, Note, Plan, PlanWorkspace, Refusal, Stage,
};
