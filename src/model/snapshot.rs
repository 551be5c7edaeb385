//! What TaskRouter holds, as read at one moment.

use super::{
    Activity, Kind, Queue, Role, RoleType, TaskChannel, Worker, WorkerChannel, Workflow, Workspace,
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

/// Several live objects of one kind with one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    pub kind: Kind,
    pub name: String,
    /// At least two.
    pub sids: Vec<String>,
}

/// Everything that was read of one workspace. Lists are in the API's order; names that two
/// objects share are in [`Snapshot::duplicates`], and references to them stay sids.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// `AC…`, as the API answered it.
    pub account_sid: String,
    pub workspace: Live<Workspace>,
    pub activities: Vec<Live<Activity>>,
    pub task_channels: Vec<Live<TaskChannel>>,
    pub queues: Vec<Live<Queue>>,
    pub workflows: Vec<Live<Workflow>>,
    /// Empty when nothing in the spec asks for workers.
    pub workers: Vec<Live<Worker>>,
    /// Of those workers whose capacity a rule may own: (worker sid, channels by unique name).
    pub worker_channels: std::collections::BTreeMap<String, Vec<Live<WorkerChannel>>>,
    /// Empty when the spec declares none.
    pub roles: Vec<Live<(RoleType, Role)>>,
    /// How many requests the reading took.
    pub requests: u64,
}

impl Snapshot {
    /// Every name that two or more live objects of a kind share (worker names without case).
    pub fn duplicates(&self) -> Vec<Duplicate> {
        let mut out = Vec::new();
        collect(
            &mut out,
            Kind::Activity,
            self.activities.iter().map(|live| (live.name.clone(), &live.sid)),
        );
        collect(
            &mut out,
            Kind::TaskChannel,
            self.task_channels.iter().map(|live| (live.name.clone(), &live.sid)),
        );
        collect(
            &mut out,
            Kind::Queue,
            self.queues.iter().map(|live| (live.name.clone(), &live.sid)),
        );
        collect(
            &mut out,
            Kind::Workflow,
            self.workflows.iter().map(|live| (live.name.clone(), &live.sid)),
        );
        collect(
            &mut out,
            Kind::Worker,
            self.workers.iter().map(|live| (live.name.to_lowercase(), &live.sid)),
        );
        collect(
            &mut out,
            Kind::Role,
            self.roles.iter().map(|live| (format!("{}/{}", live.value.0, live.name), &live.sid)),
        );
        out
    }
}

fn collect<'a>(
    out: &mut Vec<Duplicate>,
    kind: Kind,
    names: impl Iterator<Item = (String, &'a String)>,
) {
    let mut by_name: std::collections::BTreeMap<String, Vec<String>> =
        std::collections::BTreeMap::new();
    for (name, sid) in names {
        by_name.entry(name).or_default().push(sid.clone());
    }
    out.extend(
        by_name.into_iter().filter(|(_, sids)| sids.len() > 1).map(|(name, sids)| Duplicate {
            kind,
            name,
            sids,
        }),
    );
}
