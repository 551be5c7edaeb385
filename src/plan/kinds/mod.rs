//! One file for each kind: which fields it has, which of them differ, and what is sent.

mod activity;
mod capacity;
mod queue;
mod role;
mod task_channel;
mod worker;
mod workflow;
mod workspace;

use super::context::Context;
use super::draft::Findings;

/// Compares every kind.
pub(super) fn compare(cx: &Context<'_>, out: &mut Findings) {
    workspace::compare(cx, out);
    activity::compare(cx, out);
    task_channel::compare(cx, out);
    queue::compare(cx, out);
    workflow::compare(cx, out);
    worker::compare(cx, out);
    capacity::compare(cx, out);
    role::compare(cx, out);
}

pub(super) use queue::looks_the_same as same_queue;
pub(super) use workflow::looks_the_same as same_workflow;
