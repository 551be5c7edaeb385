//! Workers. Of the attributes only the keys that the spec gives are owned.

use serde_json::{Map, Value};

use crate::model::{Address, Kind, Live, Resource, Worker};
use crate::plan::Stage;
use crate::plan::context::Context;
use crate::plan::draft::{Difference, Findings};
use crate::plan::fields::Fields;
use crate::plan::identity::Pair;

pub(super) fn compare(cx: &Context<'_>, out: &mut Findings) {
    for (name, worker) in &cx.desired.workers {
        let address = Address::new(Kind::Worker, name);
        match &cx.identity.workers.declared[name] {
            Pair::Refused => {}
            Pair::Absent => {
                let mut fields = Fields::of_new();
                let write = owned(worker, &Worker::default(), &mut fields);
                out.create(address, fields, Resource::Worker(write));
            }
            Pair::Live(live) => {
                let mut fields = Fields::of_live();
                let now = Worker {
                    activity: cx.names.worker_activity(&live.value),
                    ..live.value.clone()
                };
                let write = owned(worker, &now, &mut fields);
                let changed = update(cx, out, address, live, fields, write);
                out.unchanged += usize::from(!changed);
            }
        }
    }
    if !cx.replaced.is_empty() {
        for live in &cx.identity.workers.undeclared {
            let address = Address::new(Kind::Worker, live.name.clone());
            update(cx, out, address, live, Fields::of_live(), Worker::default());
        }
    }
}

/// The owned fields that differ; attributes are sent whole.
fn owned(worker: &Worker, live: &Worker, fields: &mut Fields) -> Worker {
    let Worker { sid: _, activity, attributes } = worker;
    let activity = fields.owned("activity", activity.as_ref(), live.activity.as_ref());
    let before = fields.changes.len();
    for (key, value) in attributes {
        fields.owned(&format!("attributes.{key}"), Some(value), live.attributes.get(key));
    }
    let attributes = match merged(&live.attributes, attributes) {
        _ if fields.changes.len() == before => Map::new(),
        // An empty map would send nothing; nulls mean the same as no keys.
        merged if merged.is_empty() => attributes.clone(),
        merged => merged,
    };
    Worker { sid: None, activity, attributes }
}

/// Live attributes with the owned keys put in; null takes a key out.
pub(super) fn merged(live: &Map<String, Value>, owned: &Map<String, Value>) -> Map<String, Value> {
    let mut attributes = live.clone();
    for (key, value) in owned {
        if value.is_null() {
            attributes.shift_remove(key);
        } else {
            attributes.insert(key.clone(), value.clone());
        }
    }
    attributes
}

/// The update of a live worker. One whose activity is replaced goes over to the new one.
fn update(
    cx: &Context<'_>,
    out: &mut Findings,
    address: Address,
    live: &Live<Worker>,
    fields: Fields,
    mut write: Worker,
) -> bool {
    let reasons = cx.reasons(&Resource::Worker(Worker {
        activity: live.value.activity.clone(),
        ..Worker::default()
    }));
    if !reasons.is_empty() && write.activity.is_none() {
        write.activity = cx.names.worker_activity(&live.value);
    }
    // Another case is the same name to TaskRouter.
    let same_name = live.name.to_lowercase() == address.name.to_lowercase();
    out.update(Difference {
        address,
        stage: Stage::Main,
        sid: &live.sid,
        name: if same_name { "" } else { &live.name },
        fields,
        filters: Vec::new(),
        reasons,
        write: Resource::Worker(write),
    })
}
