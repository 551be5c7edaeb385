//! Where a task goes: which filter takes it, which queue it waits in, which workers may be offered
//! it, step by step with the reasons. Pure; time and workers are handed in.
//!
//! The rules, with what the vendor says of each and what was chosen where it is silent, are in
//! `docs/routing.md`.

mod choice;
pub mod compare;
mod crew;
mod duration;
mod given;
pub mod graph;
mod index;
mod known_worker;
mod mermaid;
mod onward;
mod people;
pub mod reach;
mod read;
pub mod render;
mod router;
mod schema;
mod sids;
mod spot;
mod state;
mod target;
mod task;
pub mod testing;
mod trace;
mod visible;
mod walk;
mod witness;
mod worker;

pub use choice::{Choice, Lean};
pub use crew::{Crew, Workers};
pub use duration::duration;
pub use given::{given_worker, with_sids};
pub use onward::onward;
pub use router::{Router, UnknownWorkflow};
pub use schema::trace_schema;
pub use sids::live_sids;
pub use spot::Spot;
pub use state::{Outcome, State};
pub use task::Task;
pub use trace::{
    Cause, Comparison, Deadline, End, FilterStep, Gap, KnownWorker, KnownWorkerBy,
    KnownWorkerFound, Obstacle, PriorityChange, SkipIf, Step, TargetExit, TargetStep, Trace,
    Unknown, Verdict, WorkerStep,
};
pub use witness::{
    Goal, MAX_MOMENTS, moments, task_witness, task_witnesses, worker_witness, worker_witnesses,
};
pub use worker::{Channel, Worker, is_available, stand_in};
