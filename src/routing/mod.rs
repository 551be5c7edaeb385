//! Where a task goes: which filter takes it, which queue it waits in, which workers may be offered
//! it, step by step with the reasons. Pure; time and workers are handed in.
//!
//! The rules, with what the vendor says of each and what was chosen where it is silent, are in
//! `docs/routing.md`.

mod duration;
pub mod graph;
mod mermaid;
pub mod reach;
mod router;
mod spot;
mod task;
mod trace;
mod visible;
mod witness;
mod worker;

pub use duration::duration;
pub use router::{Router, UnknownWorkflow};
pub use spot::Spot;
pub use task::Task;
pub use trace::{
    Cause, Comparison, Deadline, End, FilterStep, Obstacle, PriorityChange, SkipIf, Step,
    TargetExit, TargetStep, Trace, Verdict, WorkerStep,
};
pub use witness::{
    Goal, MAX_MOMENTS, moments, task_witness, task_witnesses, worker_witness, worker_witnesses,
};
pub use worker::{Channel, Worker};
