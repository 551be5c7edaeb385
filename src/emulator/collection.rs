//! Resources of one kind in order of creation, found by sid and by name.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use super::store::Record;

/// Resources of one kind in order of creation.
#[derive(Clone, Debug)]
pub(super) struct Collection<T> {
    rows: BTreeMap<u64, T>,
    by_sid: HashMap<String, u64>,
    by_name: HashMap<String, Vec<u64>>,
    /// Where deleted resources stood, so that a client may delete what it lists while it lists.
    departed: HashMap<String, u64>,
}

impl<T> Default for Collection<T> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            by_sid: HashMap::new(),
            by_name: HashMap::new(),
            departed: HashMap::new(),
        }
    }
}

impl<T: Record> Collection<T> {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values()
    }

    pub(super) fn get(&self, sid: &str) -> Option<&T> {
        self.rows.get(self.by_sid.get(sid)?)
    }

    /// Those with this name in any case, oldest first.
    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = &T> {
        let places = self.by_name.get(&name.to_lowercase()).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|place| self.rows.get(place))
    }

    /// Adds a resource, or puts it in the place of the one with its sid.
    pub(super) fn put(&mut self, record: T) {
        let place = record.head().sequence;
        if let Some(before) = self.rows.get(&place) {
            let name = before.name().to_lowercase();
            self.forget_name(&name, place);
        }
        self.by_name.entry(record.name().to_lowercase()).or_default().push(place);
        self.by_sid.insert(record.head().sid.clone(), place);
        self.rows.insert(place, record);
    }

    pub(super) fn remove(&mut self, sid: &str) -> Option<T> {
        let place = self.by_sid.remove(sid)?;
        let record = self.rows.remove(&place)?;
        self.forget_name(&record.name().to_lowercase(), place);
        self.departed.insert(sid.to_owned(), place);
        Some(record)
    }

    /// Takes away what nobody may have in a list any more.
    pub(super) fn expire(&mut self, sid: &str) {
        self.remove(sid);
        self.departed.remove(sid);
    }

    /// Where `sid` stands, or stood.
    pub(super) fn place(&self, sid: &str) -> Option<u64> {
        self.by_sid.get(sid).or_else(|| self.departed.get(sid)).copied()
    }

    pub(super) fn after(&self, place: u64) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.range((Bound::Excluded(place), Bound::Unbounded)).map(|(_, row)| row)
    }

    pub(super) fn before(&self, place: u64) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.range(..place).map(|(_, row)| row)
    }

    fn forget_name(&mut self, name: &str, place: u64) {
        if let Some(places) = self.by_name.get_mut(name) {
            places.retain(|other| *other != place);
            if places.is_empty() {
                self.by_name.remove(name);
            }
        }
    }
}
