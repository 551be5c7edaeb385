//! What TaskRouter holds, as read at one moment.

use std::collections::BTreeMap;

use super::{
    Activity, Answers, Fingerprint, Model, Queue, Role, RoleType, TaskChannel, Worker,
    WorkerChannel, Workflow, Workspace,
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
    pub worker_channels: BTreeMap<String, Vec<Live<WorkerChannel>>>,
    /// How many channels of further such workers were not read, since TaskRouter says that they
    /// are as the rules want them.
    pub unread_channels: usize,
    /// Empty when the spec declares none.
    pub roles: Vec<Live<(RoleType, Role)>>,
    /// What the API answered of all these.
    pub answers: Answers,
}

impl Snapshot {
    /// A workspace with nothing in it.
    pub fn of(workspace: Live<Workspace>) -> Self {
        Self {
            account_sid: String::new(),
            workspace,
            activities: Vec::new(),
            task_channels: Vec::new(),
            queues: Vec::new(),
            workflows: Vec::new(),
            workers: Vec::new(),
            worker_channels: BTreeMap::new(),
            unread_channels: 0,
            roles: Vec::new(),
            answers: Answers::default(),
        }
    }

    /// What the object with this sid looked like.
    pub fn seen(&self, sid: &str) -> Option<Fingerprint> {
        self.answers.fingerprint(sid, &self.workers)
    }

    /// What is live, by name, as a spec could have declared it. Objects that share a name go by
    /// their sids, as references to them do.
    pub fn model(&self) -> Model {
        Model {
            workspace: self.workspace.value.clone(),
            activities: by_key(&self.activities),
            task_channels: by_key(&self.task_channels),
            queues: by_key(&self.queues),
            workflows: by_key(&self.workflows),
            workers: by_key(&self.workers),
            ..Model::default()
        }
    }
}

/// The name of each object in the model of its snapshot, by sid: its own name, or its sid when
/// another object has the name too.
pub fn keys<T>(list: &[Live<T>]) -> BTreeMap<&str, &str> {
    let mut holders: BTreeMap<&str, usize> = BTreeMap::new();
    for live in list {
        *holders.entry(&live.name).or_default() += 1;
    }
    let key = |live: &Live<T>| holders[live.name.as_str()] == 1;
    list.iter()
        .map(|live| (live.sid.as_str(), if key(live) { live.name.as_str() } else { &live.sid }))
        .collect()
}

fn by_key<T: Clone>(list: &[Live<T>]) -> BTreeMap<String, T> {
    let keys = keys(list);
    list.iter().map(|live| (keys[live.sid.as_str()].to_owned(), live.value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_that_share_a_name_go_by_their_sids() {
        let queue = |sid: &str, name: &str| Live {
            sid: sid.to_owned(),
            name: name.to_owned(),
            value: Queue::default(),
            untouched: true,
        };
        let list = [queue("WQ1", "Twin"), queue("WQ2", "Sales"), queue("WQ3", "Twin")];
        let keys: Vec<String> = by_key(&list).into_keys().collect();
        assert_eq!(keys, ["Sales", "WQ1", "WQ3"]);
    }
}
