//! Carries out a plan: bounded concurrency, in order of dependency, and a report of what is true.
//!
//! A failure skips only what depends on it. What happens is told to an observer; this room never
//! prints.

pub mod journal;
mod markdown;
mod removal;
mod report;
mod run;
mod standing;

pub use markdown::{Ended, markdown};
pub use removal::{Held, tasks_in_the_way};
pub use report::{Outcome, Report, Result, Totals, report_schema};
pub use run::{Event, Options, apply};
pub use standing::{Standing, ask_who, standing};
