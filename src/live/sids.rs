//! Which sid each address has.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::model::{Address, Kind, Live, Snapshot};

/// Which sid each address has now; grows while an apply creates things. Workers' names are
/// compared without case, as TaskRouter does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sids {
    sids: BTreeMap<Address, String>,
}

impl Sids {
    /// Every sid of a snapshot, by live name; of two objects with one name, the first.
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut sids = Self::default();
        sids.first(Address::workspace(), &snapshot.workspace.sid);
        sids.learn(Kind::Activity, &snapshot.activities);
        sids.learn(Kind::TaskChannel, &snapshot.task_channels);
        sids.learn(Kind::Queue, &snapshot.queues);
        sids.learn(Kind::Workflow, &snapshot.workflows);
        sids.learn(Kind::Worker, &snapshot.workers);
        for worker in &snapshot.workers {
            for channel in snapshot.worker_channels.get(&worker.sid).into_iter().flatten() {
                sids.first(Address::capacity(&worker.name, &channel.name), &channel.sid);
            }
        }
        for role in &snapshot.roles {
            let name = format!("{}/{}", role.value.0, role.name);
            sids.first(Address::new(Kind::Role, name), &role.sid);
        }
        sids
    }

    fn learn<T>(&mut self, kind: Kind, live: &[Live<T>]) {
        for live in live {
            self.first(Address::new(kind, live.name.clone()), &live.sid);
        }
    }

    fn first(&mut self, address: Address, sid: &str) {
        let key = key(&address).into_owned();
        self.sids.entry(key).or_insert_with(|| sid.to_owned());
    }

    /// The sid of an address.
    pub fn get(&self, address: &Address) -> Option<&str> {
        self.sids.get(&*key(address)).map(String::as_str)
    }

    /// Learns or corrects one.
    pub fn insert(&mut self, address: Address, sid: impl Into<String>) {
        self.sids.insert(key(&address).into_owned(), sid.into());
    }

    /// Forgets one.
    pub fn remove(&mut self, address: &Address) {
        self.sids.remove(&*key(address));
    }

    /// All of them, in order of their addresses.
    pub fn iter(&self) -> impl Iterator<Item = (&Address, &str)> {
        self.sids.iter().map(|(address, sid)| (address, sid.as_str()))
    }
}

/// The address that an address is kept under.
fn key(address: &Address) -> Cow<'_, Address> {
    match address.kind {
        Kind::Worker | Kind::Capacity if address.name.chars().any(char::is_uppercase) => {
            Cow::Owned(Address::new(address.kind, address.name.to_lowercase()))
        }
        _ => Cow::Borrowed(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_is_found_whatever_the_case_of_its_name() {
        let mut sids = Sids::default();
        sids.insert(Address::new(Kind::Worker, "Alice"), "WK1");
        sids.insert(Address::new(Kind::Queue, "Sales"), "WQ1");
        assert_eq!(sids.get(&Address::new(Kind::Worker, "aliCe")), Some("WK1"));
        assert_eq!(sids.get(&Address::new(Kind::Queue, "sales")), None);
        sids.remove(&Address::new(Kind::Worker, "ALICE"));
        assert_eq!(sids.iter().count(), 1);
    }
}
