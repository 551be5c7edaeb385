//! The spec language as types: the one source of its keys, defaults and documentation.
//!
//! A document is what one YAML tree says, after variables were put in and before anything was
//! looked up: names are still strings and expressions are still text. Owned fields are [`Given`],
//! so that a key left out and a key set to `null` stay apart. The doc comments of the fields are
//! the reference documentation and the hover text of editors; they are written in markdown for
//! the people who write specs.

mod activity;
mod attributes;
mod capacity;
mod conversations;
mod environment;
mod given;
mod guard;
mod lints;
mod output;
mod queue;
mod root;
mod routing_test;
mod scalar;
mod schema;
mod task_channel;
mod transfer;
mod unmanaged;
mod worker;
mod workflow;
mod workspace;

pub use activity::Activity;
pub use attributes::{AttributeType, Attributes};
pub use capacity::{Bounds, CapacityRule, ChannelCapacity, Mode};
pub(crate) use conversations::PERMISSIONS;
pub use conversations::{Conversations, Role};
pub use environment::Environment;
pub use given::Given;
pub use guard::{Limit, Limits};
pub use lints::Lints;
pub use output::Output;
pub use queue::Queue;
pub use root::Document;
pub use routing_test::{
    Expectation, Later, Outcome, RoutingTest, TestChannel, TestFile, TestWorker,
};
pub use scalar::Scalar;
pub use schema::{schema, test_schema};
pub use task_channel::TaskChannel;
pub use transfer::{Dialect, Override, Queues, Transfer, TransferTarget, WorkerRoute};
pub use unmanaged::Unmanaged;
pub use worker::Worker;
pub use workflow::{DefaultFilter, Filter, ForEachQueue, Rule, Target, Workflow};
pub use workspace::Workspace;
