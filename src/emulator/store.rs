//! Everything an account holds, in memory, with a journal of what has to reach the disk.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::activity::Activity;
use super::auth::Actor;
use super::call::Call;
use super::chat_service::ChatService;
use super::collection::Collection;
use super::conversations_configuration::ConversationsConfiguration;
use super::event::{Event, Happening};
use super::flex_configuration::FlexConfiguration;
use super::options::{Clock, Options, RepeatedNames};
use super::refusal::Refusal;
use super::reservation::Reservation;
use super::role::Role;
use super::task::Task;
use super::task_channel::TaskChannel;
use super::task_queue::TaskQueue;
use super::worker::Worker;
use super::workflow::Workflow;
use super::workspace::Workspace;

/// What every resource has.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Head {
    /// The API's name.
    pub(super) sid: String,
    /// The workspace or chat service it lives in; empty at the top.
    pub(super) parent: String,
    /// Its place in the order of creation.
    pub(super) sequence: u64,
    /// Since when.
    pub(super) date_created: String,
    /// Of the last write.
    pub(super) date_updated: String,
}

/// A resource that is kept.
pub(super) trait Record: Clone + Serialize + DeserializeOwned {
    /// The table on disk.
    const TABLE: &'static str;
    /// The first two letters of its sids.
    const PREFIX: &'static str;
    /// Whether a write may give tasks somewhere to go.
    const MOVES_TASKS: bool = false;
    /// What every resource has.
    fn head(&self) -> &Head;
    /// To change it.
    fn head_mut(&mut self) -> &mut Head;
    /// Its friendly name; a channel's unique name.
    fn name(&self) -> &str;
    /// Makes the place where its children go.
    fn make_room(&self, _store: &mut Store) {}
    /// What became of it, as events tell it: made without `before`, gone without `after`.
    fn tell(_store: &Store, _before: Option<&Self>, _after: Option<&Self>) -> Vec<Happening> {
        Vec::new()
    }
    /// Works out what follows from its fields and is not kept.
    fn derive(&mut self) {}
    /// Its kind's rows under `parent`; none when there is no such parent.
    fn rows<'s>(store: &'s Store, parent: &str) -> Option<&'s Collection<Self>>;
    /// To change them.
    fn rows_mut<'s>(store: &'s mut Store, parent: &str) -> Option<&'s mut Collection<Self>>;
}

/// What lives in one workspace.
#[derive(Clone, Debug, Default)]
pub(super) struct Contents {
    pub(super) activities: Collection<Activity>,
    pub(super) task_channels: Collection<TaskChannel>,
    pub(super) task_queues: Collection<TaskQueue>,
    pub(super) workflows: Collection<Workflow>,
    pub(super) workers: Collection<Worker>,
    pub(super) tasks: Collection<Task>,
    pub(super) reservations: Collection<Reservation>,
    pub(super) events: Collection<Event>,
}

/// One write that has to reach the disk.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) table: &'static str,
    pub(super) sid: String,
    /// The record; none when it is gone.
    pub(super) record: Option<Vec<u8>>,
}

/// Everything an account holds.
#[derive(Clone, Debug)]
pub(super) struct Store {
    pub(super) account_sid: String,
    pub(super) clock: Clock,
    pub(super) repeated_names: RepeatedNames,
    pub(super) sid_seed: u64,
    pub(super) next_sequence: u64,
    pub(super) workspaces: Collection<Workspace>,
    pub(super) contents: BTreeMap<String, Contents>,
    pub(super) chat_services: Collection<ChatService>,
    pub(super) roles: HashMap<String, Collection<Role>>,
    pub(super) conversations: Collection<ConversationsConfiguration>,
    pub(super) flex: Collection<FlexConfiguration>,
    /// Whose write is being carried out; without anybody nothing is noted down.
    pub(super) actor: Option<Actor>,
    /// The moment at which something happens by itself; none while a request is carried out.
    pub(super) standing: Option<Timestamp>,
    /// Whether tasks may go to somebody they could not go to before.
    pub(super) unsettled: bool,
    /// Empty unless something keeps it.
    pub(super) journal: Vec<Entry>,
    pub(super) keeps_journal: bool,
}

impl Store {
    /// An account that holds nothing.
    pub(super) fn empty(options: &Options, sid_seed: u64) -> Self {
        Self {
            account_sid: options.account_sid.clone(),
            clock: options.clock.clone(),
            repeated_names: options.repeated_names,
            sid_seed,
            next_sequence: 1,
            workspaces: Collection::default(),
            contents: BTreeMap::new(),
            chat_services: Collection::default(),
            roles: HashMap::new(),
            conversations: Collection::default(),
            flex: Collection::default(),
            actor: None,
            standing: None,
            unsettled: false,
            journal: Vec::new(),
            keeps_journal: false,
        }
    }

    /// The head of a new resource.
    pub(super) fn head<T: Record>(&mut self, parent: &str) -> Head {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        let seed = [self.sid_seed.to_be_bytes(), sequence.to_be_bytes()].concat();
        let now = self.stamp();
        Head {
            sid: sid(T::PREFIX, &seed),
            parent: parent.to_owned(),
            sequence,
            date_created: now.clone(),
            date_updated: now,
        }
    }

    /// The date of a write that is made now.
    fn stamp(&self) -> String {
        if self.standing.is_some() { self.moment_stamp() } else { self.clock.stamp() }
    }

    /// The moment of the write that is being made: that at which the clock was read last, so that all
    /// it does has one date.
    pub(super) fn moment(&self) -> Timestamp {
        self.standing.unwrap_or_else(|| self.clock.last())
    }

    /// The same as the API spells it.
    pub(super) fn moment_stamp(&self) -> String {
        let moment = self.moment();
        Timestamp::from_second(moment.as_second()).unwrap_or(moment).to_string()
    }

    /// Adds a resource or replaces it. Its parent exists.
    pub(super) fn put<T: Record>(&mut self, mut record: T) {
        record.derive();
        self.unsettled |= T::MOVES_TASKS;
        record.make_room(self);
        if self.keeps_journal {
            let bytes = serde_json::to_vec(&record).expect("records are plain JSON values");
            let sid = record.head().sid.clone();
            self.journal.push(Entry { table: T::TABLE, sid, record: Some(bytes) });
        }
        let (parent, sid) = (record.head().parent.clone(), record.head().sid.clone());
        let told = match self.actor {
            Some(_) => T::tell(self, self.get::<T>(&parent, &sid), Some(&record)),
            None => Vec::new(),
        };
        if let Some(rows) = T::rows_mut(self, &parent) {
            rows.put(record);
        }
        self.note(told);
    }

    /// Replaces a resource and notes the time.
    pub(super) fn update<T: Record>(&mut self, mut record: T) {
        record.head_mut().date_updated = self.stamp();
        self.put(record);
    }

    /// Takes a resource away.
    pub(super) fn remove<T: Record>(&mut self, parent: &str, sid: &str) {
        let Some(row) = T::rows_mut(self, parent).and_then(|rows| rows.remove(sid)) else { return };
        self.forget(T::TABLE, sid);
        self.unsettled |= T::MOVES_TASKS;
        if self.actor.is_some() {
            if self.standing.is_none() {
                self.clock.now();
            }
            self.note(T::tell(self, Some(&row), None));
        }
    }

    /// Takes away what is too old, without a trace.
    pub(super) fn expire<T: Record>(&mut self, parent: &str, sid: &str) {
        if let Some(rows) = T::rows_mut(self, parent) {
            rows.expire(sid);
        }
        self.forget(T::TABLE, sid);
    }

    fn forget(&mut self, table: &'static str, sid: &str) {
        if self.keeps_journal {
            self.journal.push(Entry { table, sid: sid.to_owned(), record: None });
        }
    }

    /// Takes everything in a workspace away.
    pub(super) fn remove_contents(&mut self, workspace: &str) {
        // Who did it is forgotten too.
        let actor = self.actor.take();
        self.remove_all::<Event>(workspace);
        self.remove_all::<Reservation>(workspace);
        self.remove_all::<Task>(workspace);
        self.remove_all::<Worker>(workspace);
        self.remove_all::<Workflow>(workspace);
        self.remove_all::<TaskQueue>(workspace);
        self.remove_all::<TaskChannel>(workspace);
        self.remove_all::<Activity>(workspace);
        self.contents.remove(workspace);
        self.actor = actor;
    }

    /// Takes the roles of a service away.
    pub(super) fn remove_roles(&mut self, service: &str) {
        self.remove_all::<Role>(service);
        self.roles.remove(service);
    }

    fn remove_all<T: Record>(&mut self, parent: &str) {
        let Some(rows) = T::rows(self, parent) else { return };
        let sids: Vec<String> = rows.iter().map(|row| row.head().sid.clone()).collect();
        for sid in sids {
            self.remove::<T>(parent, &sid);
        }
    }

    /// The rows of a kind under the parent that the path names.
    pub(super) fn rows<T: Record>(
        &self,
        call: &Call<'_>,
        parent: &str,
    ) -> Result<&Collection<T>, Refusal> {
        T::rows(self, parent).ok_or_else(|| call.not_found())
    }

    /// The resource that the path names.
    pub(super) fn find<T: Record>(
        &self,
        call: &Call<'_>,
        parent: &str,
        sid: &str,
    ) -> Result<&T, Refusal> {
        self.rows::<T>(call, parent)?.get(sid).ok_or_else(|| call.not_found())
    }

    /// What lives in a workspace that the path names.
    pub(super) fn contents(&self, call: &Call<'_>, sid: &str) -> Result<&Contents, Refusal> {
        self.contents.get(sid).ok_or_else(|| call.not_found())
    }

    /// A resource by parent and sid.
    pub(super) fn get<T: Record>(&self, parent: &str, sid: &str) -> Option<&T> {
        T::rows(self, parent)?.get(sid)
    }
}

/// A sid that follows from `seed`.
pub(super) fn sid(prefix: &str, seed: &[u8]) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let digest = Sha256::digest(seed);
    let mut sid = String::with_capacity(34);
    sid.push_str(prefix);
    for byte in &digest[..16] {
        sid.push(char::from(HEX[usize::from(byte >> 4)]));
        sid.push(char::from(HEX[usize::from(byte & 15)]));
    }
    sid
}
