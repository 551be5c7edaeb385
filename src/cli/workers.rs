//! The workers that a task may be offered to.

use crate::model::{Address, Kind, Model};
use crate::routing::Worker;

/// Those that the spec declares.
pub(super) fn declared(model: &Model) -> Vec<Worker> {
    let workers = model.workers.iter().map(|(name, worker)| {
        let activity = worker.activity.clone().unwrap_or_default();
        let known = model.activities.get(&activity);
        Worker {
            sid: worker
                .sid
                .clone()
                .unwrap_or_else(|| Address::new(Kind::Worker, name.clone()).to_string()),
            name: name.clone(),
            available: known.is_some_and(|activity| activity.available == Some(true)),
            activity,
            attributes: worker.attributes.clone(),
            channels: std::collections::BTreeMap::new(),
            idle: 0,
        }
    });
    workers.collect()
}
