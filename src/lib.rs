//! TaskRouter as code: one YAML file describes a Twilio Flex contact center, a plan shows
//! what would change, and an apply does exactly that.
//!
//! ```text
//! flex.yaml ──spec──▶ Model ──generate──▶ desired Model ─┐
//!                                                        ├─plan──▶ Plan ──apply──▶ Report
//! TaskRouter ──live──▶ Snapshot ─────────────────────────┘
//! ```
//!
//! The rooms and who may use whom are in `ARCHITECTURE.md`; `tests/it/tidy.rs` holds them to it.

pub mod apply;
pub mod cli;
pub mod diag;
pub mod emulator;
pub mod expr;
pub mod generate;
pub mod import;
pub mod lint;
pub mod live;
pub mod model;
pub mod plan;
pub mod routing;
pub mod schema;
pub mod spec;
pub mod text;
