//! Tasks and workers as tests and the command line write them: sids by name, channels as far as
//! they differ from what the capacity rules say.

use serde_json::{Map, Value};

use super::{Channel, Router, Worker, is_available};
use crate::expr::ChannelLoad;
use crate::model::{Address, Kind, Model, TestChannel, TestWorker, Text};

/// A task's attributes with a sid for each that is written by name, as in `${queue['Sales'].sid}`.
/// Texts that name none stay, whatever is in braces in them.
pub fn with_sids(attributes: &Map<String, Value>, router: &Router) -> Map<String, Value> {
    attributes.iter().map(|(key, value)| (key.clone(), with_sid(value, router))).collect()
}

fn with_sid(value: &Value, router: &Router) -> Value {
    match value {
        Value::String(written) => match written.parse::<Text>() {
            Ok(text) => text.render(|address| router.sid(address)).into(),
            Err(_) => value.clone(),
        },
        Value::Array(items) => items.iter().map(|item| with_sid(item, router)).collect(),
        Value::Object(entries) => with_sids(entries, router).into(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// A worker as a test writes one.
pub fn given_worker(given: &TestWorker, model: &Model, router: &Router) -> Worker {
    let TestWorker { name, activity, attributes, channels, idle } = given;
    let mut worker = Worker {
        sid: router.sid(&Address::new(Kind::Worker, name.clone())),
        attributes: attributes.clone(),
        idle: Some(u64::from(*idle)),
        ..Worker::named(name.clone())
    };
    if let Some(activity) = activity {
        worker.activity.clone_from(activity);
        worker.available = is_available(model, activity);
    }
    let mut worker = worker.ruled(model);
    for (name, channel) in channels {
        let TestChannel { capacity, assigned, available } = channel;
        let ruled = worker.channel(name);
        let load = ChannelLoad {
            configured_capacity: capacity.unwrap_or(ruled.load.configured_capacity),
            assigned_tasks: *assigned,
            reservations: *assigned,
        };
        let available = available.unwrap_or(ruled.available);
        worker.channels.insert(name.clone(), Channel { available, load });
    }
    worker
}
