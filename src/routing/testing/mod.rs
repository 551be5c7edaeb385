//! Routing tests: run, counted for coverage, and made up from a model's own rules. Pure.

mod coverage;
mod junit;
mod report;
mod run;
mod suggest;
mod text;
mod transfer;
mod worker;

pub use coverage::{Coverage, Missed, Share, WorkflowCoverage, coverage};
pub use junit::{junit, junit_of_errors};
pub use report::{TestReport, TestResult, TestStatus, test_report_schema};
pub use run::{Check, DEFAULT_CLOCK, MomentRun, TestRun, Tester};
pub use suggest::{LeftOut, Suggestions, suggest};
pub use text::{Detail, in_short, text};
