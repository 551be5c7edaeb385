//! Plans on paper: a plan with what it was made of and what it rests on, as one document; and
//! what of that has moved since. `docs/saved-plans.md` tells how it is meant.

mod document;
mod ground;
mod meaning;
mod moved;
mod page;

pub use document::{Choices, SavedPlan, SavedPlanError, saved_plan_schema};
pub use ground::{Ground, Known};
pub use meaning::Meaning;
pub use moved::{Moved, MovedField, What, Who, moved};
pub use page::text as moved_text;
