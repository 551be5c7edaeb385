//! What TaskRouter holds, as read at one moment.

use super::{
    Activity, Queue, Role, RoleType, TaskChannel, Worker, WorkerChannel, Workflow, Workspace,
};

/// A live object: its value with names for sids, and what only the API knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Live<T> {
    /// The API's name for it.
    pub sid: String,
    /// Friendly name; a channel's unique name.
    pub name: String,
    /// Every field that the API answered is `Some`.
    pub value: T,
    /// Whether its update date is its creation date: nobody has changed it since it was made.
    pub untouched: bool,
}

/// Everything that was read of one workspace. Lists are in the API's order; references to
/// a name that two objects share stay sids.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// `AC…`, as the API answered it.
    pub account_sid: String,
    pub workspace: Live<Workspace>,
    pub activities: Vec<Live<Activity>>,
    pub task_channels: Vec<Live<TaskChannel>>,
    pub queues: Vec<Live<Queue>>,
    pub workflows: Vec<Live<Workflow>>,
    /// Empty when nothing asks for workers.
    pub workers: Vec<Live<Worker>>,
    /// Of those workers whose capacity a rule may own: (worker sid, channels by unique name).
    pub worker_channels: std::collections::BTreeMap<String, Vec<Live<WorkerChannel>>>,
    /// Empty when the spec declares none.
    pub roles: Vec<Live<(RoleType, Role)>>,
}
