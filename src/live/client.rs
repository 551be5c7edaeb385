//! Reading a workspace into a snapshot, and writing single resources.

use std::collections::BTreeMap;

use super::Transport;
use crate::model::{Address, CapacityRule, Resource, Snapshot};

/// Base addresses of the three products, without a path and without a final slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// `https://taskrouter.twilio.com`
    pub taskrouter: String,
    /// `https://conversations.twilio.com`
    pub conversations: String,
    /// `https://flex-api.twilio.com`
    pub flex: String,
}

/// What is to be read.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// Pins the workspace.
    pub workspace_sid: Option<&'a str>,
    /// Chooses it by friendly name when no sid is given.
    pub workspace_name: Option<&'a str>,
    /// Whether workers are wanted (capacities or workers are declared).
    pub workers: bool,
    /// Worker channels are read for the workers that a rule matches.
    pub capacities: &'a [CapacityRule],
    /// Whether Conversations roles are wanted.
    pub roles: bool,
}

/// Why something could not be read or written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LiveError {
    #[error(transparent)]
    Send(#[from] super::SendError),
}

/// Reads, and cannot write.
#[derive(Debug)]
pub struct Reader<T> {
    _transport: T,
}

/// Writes single resources.
#[derive(Debug)]
pub struct Writer<T> {
    _transport: T,
}

/// Which sid each address has now; grows while an apply creates things.
#[derive(Clone, Debug, Default)]
pub struct Sids {
    sids: BTreeMap<Address, String>,
}

impl Sids {
    /// Every sid of a snapshot, by live name; of two objects with one name, the first.
    pub fn of(_snapshot: &Snapshot) -> Self {
        todo!()
    }

    /// The sid of an address.
    pub fn get(&self, address: &Address) -> Option<&str> {
        self.sids.get(address).map(String::as_str)
    }

    /// Learns or corrects one.
    pub fn insert(&mut self, address: Address, sid: impl Into<String>) {
        self.sids.insert(address, sid.into());
    }
}

/// Reads everything in scope, all kinds at once.
///
/// # Errors
/// The first thing that could not be read, with the request and the API's own words.
pub async fn read<T: Transport>(
    _reader: &Reader<T>,
    _scope: &Scope<'_>,
) -> Result<Snapshot, LiveError> {
    todo!()
}

impl<T: Transport> Writer<T> {
    /// Creates a resource and gives its sid.
    ///
    /// # Errors
    /// The API's refusal, or no answer.
    pub async fn create(
        &self,
        _workspace_sid: &str,
        _address: &Address,
        _resource: &Resource,
        _sids: &Sids,
    ) -> Result<String, LiveError> {
        todo!()
    }

    /// Updates the fields that `resource` holds, and the friendly name when `new_name` is given.
    /// For a capacity, `sid` is the worker channel's (or the channel's unique name) and the
    /// worker's is found in `sids` by the address's name before its last `/`.
    ///
    /// # Errors
    /// The API's refusal, or no answer.
    pub async fn update(
        &self,
        _workspace_sid: &str,
        _address: &Address,
        _sid: &str,
        _resource: &Resource,
        _new_name: Option<&str>,
        _sids: &Sids,
    ) -> Result<(), LiveError> {
        todo!()
    }

    /// Deletes it; gone already is done.
    ///
    /// # Errors
    /// The API's refusal, or no answer.
    pub async fn delete(
        &self,
        _workspace_sid: &str,
        _address: &Address,
        _sid: &str,
    ) -> Result<(), LiveError> {
        todo!()
    }
}
