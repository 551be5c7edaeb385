//! The kinds other than workflows. Field names are TaskRouter's.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Expression, Workflow};

/// Which queue drains first, or which task of a queue.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum QueueOrder {
    /// Oldest first.
    Fifo,
    /// Newest first.
    Lifo,
}

impl fmt::Display for QueueOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fifo => "FIFO",
            Self::Lifo => "LIFO",
        })
    }
}

/// A workspace. In a spec `friendly_name` chooses the live workspace unless `sid` pins it, in
/// which case the name is owned too.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Workspace {
    /// Pins the live workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub friendly_name: Option<String>,
    /// Empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_callback_url: Option<String>,
    /// Event types; the order means nothing. Empty for none, which TaskRouter takes as all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events_filter: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multi_task_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prioritize_queue_order: Option<QueueOrder>,
    /// By name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_activity: Option<String>,
    /// By name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_activity: Option<String>,
}

/// An activity; its name is its key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Activity {
    /// Pins the live object.
    #[serde(skip)]
    pub sid: Option<String>,
    /// The name that the live object still has.
    #[serde(skip)]
    pub renamed_from: Option<String>,
    /// Fixed at creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available: Option<bool>,
}

/// The name that a live object carries from the moment its successor is made until it is deleted:
/// `Lunch (replaced by flexctl)`, at most 64 characters long. Nobody gives such a name by hand, so
/// what carries it is a leftover of ours and may be deleted.
pub fn aside_name(name: &str) -> String {
    const SUFFIX: &str = " (replaced by flexctl)";
    let kept: String = name.chars().take(64 - SUFFIX.len()).collect();
    format!("{kept}{SUFFIX}")
}

/// A task channel; its unique name is its key and cannot change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TaskChannel {
    /// Pins the live object.
    #[serde(skip)]
    pub sid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub friendly_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_optimized_routing: Option<bool>,
}

/// A task queue; its friendly name is its key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Queue {
    /// Pins the live object.
    #[serde(skip)]
    pub sid: Option<String>,
    /// The name that the live object still has.
    #[serde(skip)]
    pub renamed_from: Option<String>,
    /// Empty matches nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_workers: Option<Expression>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_reserved_workers: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_order: Option<QueueOrder>,
    /// By name; empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reservation_activity: Option<String>,
    /// By name; empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignment_activity: Option<String>,
}

/// A worker; its friendly name is its key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Worker {
    /// Pins the live object.
    #[serde(skip)]
    pub sid: Option<String>,
    /// By name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activity: Option<String>,
    /// Owned top-level keys in a spec; all of them in a snapshot. A key that is JSON null is
    /// removed.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub attributes: serde_json::Map<String, serde_json::Value>,
}

/// The channel of a worker, as it is live.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct WorkerChannel {
    /// Tasks at once, 0 to 50. (`Capacity` when written, `configured_capacity` when read.)
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available: Option<bool>,
}

/// What a Conversations role is about.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RoleType {
    /// One conversation.
    Conversation,
    /// The whole service.
    Service,
}

impl fmt::Display for RoleType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Conversation => "conversation",
            Self::Service => "service",
        })
    }
}

/// A Conversations role; its type and friendly name are its key and cannot change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Role {
    /// In a snapshot always the whole set.
    pub permissions: PermissionSet,
}

/// Permissions that a role has. The API knows the whole set only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PermissionSet {
    /// These, with whatever else is there.
    Include(std::collections::BTreeSet<String>),
    /// Exactly these.
    Exactly(std::collections::BTreeSet<String>),
}

/// Any resource: in a write, the fields to send and no others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "most are workflows; a box would be in every match")]
pub enum Resource {
    Workspace(Workspace),
    Activity(Activity),
    TaskChannel(TaskChannel),
    Queue(Queue),
    Workflow(Workflow),
    Worker(Worker),
    Capacity(WorkerChannel),
    Role(Role),
}

impl Resource {
    /// Every address that this resource refers to, by its fields and inside its expressions.
    pub fn references(&self) -> std::collections::BTreeSet<super::Address> {
        use super::{Address, Kind};
        let activity = |name: &Option<String>| {
            name.iter()
                .filter(|name| !name.is_empty())
                .map(|name| Address::new(Kind::Activity, name.clone()))
                .collect::<Vec<_>>()
        };
        match self {
            Self::Workspace(workspace) => {
                [activity(&workspace.default_activity), activity(&workspace.timeout_activity)]
                    .concat()
                    .into_iter()
                    .collect()
            }
            Self::Queue(queue) => {
                [activity(&queue.reservation_activity), activity(&queue.assignment_activity)]
                    .concat()
                    .into_iter()
                    .chain(queue.target_workers.iter().flat_map(|e| e.text.addresses().cloned()))
                    .collect()
            }
            Self::Workflow(workflow) => workflow.references(),
            Self::Worker(worker) => activity(&worker.activity).into_iter().collect(),
            Self::Activity(_) | Self::TaskChannel(_) | Self::Capacity(_) | Self::Role(_) => {
                std::collections::BTreeSet::new()
            }
        }
    }
}

/// What is not modelled but must survive a write: unknown keys found live.
pub(super) type Extra = BTreeMap<String, serde_json::Value>;
