//! What the resources of a model go by while a task is routed: which sid stands for which, and back.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

use super::stand_in;
use crate::model::{self, Address, Kind, Live, Model, Part, Snapshot, Text, Workflow};

/// How long a sid is: two capital letters and 32 hexadecimal digits.
const SID: usize = 34;

/// The sids of a model's resources: those that are known, and stand-ins for the others.
#[derive(Clone, Debug)]
pub(super) struct Sids<'m> {
    model: &'m Model,
    known: BTreeMap<Address, String>,
    /// By sid, as an expression would name the resource. Made when first needed.
    names: OnceLock<BTreeMap<String, String>>,
}

impl<'m> Sids<'m> {
    /// `known` come before those that the model pins.
    pub(super) fn new(model: &'m Model, known: BTreeMap<Address, String>) -> Self {
        let mut pinned = BTreeMap::new();
        let mut pin = |kind, name: &str, sid: &Option<String>| {
            if let Some(sid) = sid {
                pinned.insert(Address::new(kind, name), sid.clone());
            }
        };
        model.queues.iter().for_each(|(name, queue)| pin(Kind::Queue, name, &queue.sid));
        model.workers.iter().for_each(|(name, worker)| pin(Kind::Worker, name, &worker.sid));
        model.workflows.iter().for_each(|(name, flow)| pin(Kind::Workflow, name, &flow.sid));
        model.activities.iter().for_each(|(name, one)| pin(Kind::Activity, name, &one.sid));
        model.task_channels.iter().for_each(|(name, one)| pin(Kind::TaskChannel, name, &one.sid));
        pinned.extend(known);
        Self { model, known: pinned, names: OnceLock::new() }
    }

    pub(super) fn of(&self, address: &Address) -> String {
        self.known.get(address).cloned().unwrap_or_else(|| stand_in(address))
    }

    /// The sid of an activity by name.
    pub(super) fn activity(&self, name: &str) -> String {
        self.of(&Address::new(Kind::Activity, name))
    }

    /// Whether there is such a task channel: in the model, or in every Flex workspace.
    pub(super) fn has_channel(&self, name: &str) -> bool {
        const BUILT_IN: [&str; 6] = ["default", "voice", "chat", "sms", "video", "email"];
        BUILT_IN.contains(&name) || self.model.task_channels.contains_key(name)
    }

    fn names(&self) -> &BTreeMap<String, String> {
        self.names.get_or_init(|| {
            let Model { queues, activities, workflows, workers, task_channels, .. } = self.model;
            let named = |kind: Kind| move |name: &String| Address::new(kind, name.clone());
            let declared = (queues.keys().map(named(Kind::Queue)))
                .chain(activities.keys().map(named(Kind::Activity)))
                .chain(workflows.keys().map(named(Kind::Workflow)))
                .chain(workers.keys().map(named(Kind::Worker)))
                .chain(task_channels.keys().map(named(Kind::TaskChannel)));
            let expressions = (queues.values().filter_map(|queue| queue.target_workers.as_ref()))
                .chain(workflows.values().flat_map(Workflow::expressions));
            let written = expressions.flat_map(|e| e.text.addresses().cloned());
            let mut names = BTreeMap::new();
            for address in written.chain(self.known.keys().cloned()).chain(declared) {
                let text = Text::from_iter([Part::Sid(address.clone())]).to_string();
                names.insert(self.of(&address), text);
            }
            names
        })
    }

    /// `text` with names for the sids in it: `'${queue['Sales'].sid}'`.
    pub(super) fn named(&self, text: String) -> String {
        let mut out = String::new();
        let (mut from, mut at) = (0, 0);
        while at + SID <= text.len() {
            let piece = text.get(at..at + SID).filter(|piece| is_sid(piece));
            match piece.and_then(|sid| self.names().get(sid)) {
                Some(name) => {
                    out.push_str(&text[from..at]);
                    out.push_str(name);
                    at += SID;
                    from = at;
                }
                None => at += 1,
            }
        }
        if from == 0 {
            return text;
        }
        out.push_str(&text[from..]);
        out
    }

    /// A value with names for the sids in it, up to a list's elements.
    pub(super) fn named_value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.named(text)),
            Value::Array(items) => {
                let text = |item| match item {
                    Value::String(text) => Value::String(self.named(text)),
                    item => item,
                };
                Value::Array(items.into_iter().map(text).collect())
            }
            value => value,
        }
    }
}

/// The sids of what is live, for [`super::Router::knowing`]. Of two with one name the first has
/// it, as in a plan; both go by their sids too, as in the snapshot's model.
pub fn live_sids(snapshot: &Snapshot) -> BTreeMap<Address, String> {
    fn add<T>(sids: &mut BTreeMap<Address, String>, kind: Kind, list: &[Live<T>]) {
        let by_name = list.iter().rev().map(|live| (live.name.as_str(), live.sid.as_str()));
        let by_key = model::keys(list).into_iter().map(|(sid, key)| (key, sid));
        let named = by_name.chain(by_key);
        sids.extend(named.map(|(name, sid)| (Address::new(kind, name), sid.to_owned())));
    }
    let mut sids = BTreeMap::new();
    add(&mut sids, Kind::Activity, &snapshot.activities);
    add(&mut sids, Kind::TaskChannel, &snapshot.task_channels);
    add(&mut sids, Kind::Queue, &snapshot.queues);
    add(&mut sids, Kind::Workflow, &snapshot.workflows);
    add(&mut sids, Kind::Worker, &snapshot.workers);
    sids
}

fn is_sid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..].iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
