//! What is meant: resources named by address, with no spans, no sids, no YAML and no HTTP.
//!
//! The same types hold what the spec wants ([`Model`]) and what TaskRouter has ([`Snapshot`]).
//! An `Option` field that is `None` in a spec's resource is not owned and is left alone; in a
//! snapshot every field that the API answered is `Some`. `null` in a spec never reaches this
//! room: `spec` turns it into TaskRouter's documented default.

mod address;
mod capacity;
mod expression;
mod fingerprint;
mod looks;
mod policy;
mod queue_choice;
mod resource;
mod routing_test;
mod snapshot;
mod text;
mod workflow;

pub use address::{Address, AddressError, AddressPattern, Kind};
pub use capacity::{CapacityMatcher, CapacityMode, CapacityRule, ChannelCapacity, matching};
pub use expression::Expression;
pub use fingerprint::{Fingerprint, fields_of};
pub use looks::{Answer, Answers, written_fields};
pub use policy::{Limit, Limits, Output, Policy, Protect, Share, Unmanaged};
pub use queue_choice::{ChoiceOrder, QueueChoice};
pub use resource::{
    Activity, PermissionSet, Queue, QueueOrder, Resource, Role, RoleType, TaskChannel, Worker,
    WorkerChannel, Workspace, aside_name,
};
pub use routing_test::{
    Expectation, ExpectedOutcome, Moment, RoutingTest, TestChannel, TestWorker,
};
pub use snapshot::{Live, Snapshot, keys};
pub use text::{Hole, Part, Template, Text, TextError};
pub use workflow::{
    Dialect, Filter, FilterTemplate, ForEachQueue, Origin, QueueRef, Rule, Target, TargetTemplate,
    Transfer, TransferOverride, TransferTarget, WorkerRoute, Workflow,
};

use std::collections::{BTreeMap, BTreeSet};

/// Everything a spec means. `R` is what stands in a workflow's list of filters: [`Rule`] as the
/// user wrote it, plain [`Filter`] once `generate` has expanded it.
#[derive(Clone, Debug, PartialEq)]
pub struct Model<R = Filter> {
    /// Which workspace, and its owned fields.
    pub workspace: Workspace,
    /// By friendly name.
    pub activities: BTreeMap<String, Activity>,
    /// By unique name.
    pub task_channels: BTreeMap<String, TaskChannel>,
    /// By friendly name.
    pub queues: BTreeMap<String, Queue>,
    /// By friendly name; transfer workflows are among them.
    pub workflows: BTreeMap<String, Workflow<R>>,
    /// By friendly name, which is case-insensitive in TaskRouter.
    pub workers: BTreeMap<String, Worker>,
    /// In the spec's order: the first rule that matches a worker and names a channel decides.
    pub capacities: Vec<CapacityRule>,
    /// By type and friendly name.
    pub roles: BTreeMap<(RoleType, String), Role>,
    /// What becomes of live objects that the spec does not declare.
    pub unmanaged: Unmanaged,
    /// What is deleted where it is live.
    pub removed: BTreeSet<Address>,
    /// Addresses that are never deleted or replaced.
    pub protect: Protect,
    /// Guard against implausible plans.
    pub limits: Limits,
    /// Files to write after an apply.
    pub outputs: Vec<Output>,
}

impl<R> Default for Model<R> {
    fn default() -> Self {
        Self {
            workspace: Workspace::default(),
            activities: BTreeMap::new(),
            task_channels: BTreeMap::new(),
            queues: BTreeMap::new(),
            workflows: BTreeMap::new(),
            workers: BTreeMap::new(),
            capacities: Vec::new(),
            roles: BTreeMap::new(),
            unmanaged: Unmanaged::default(),
            removed: BTreeSet::new(),
            protect: Protect::default(),
            limits: Limits::default(),
            outputs: Vec::new(),
        }
    }
}
