//! What a run is about to do, and what became of it, written down as it goes; and what the next run
//! makes of it when the run did not come to its end.
//!
//! Lines of JSON, only ever added: the run, before each change an intent, after it an outcome, at
//! the end the sums. Addresses, sids and digests of fields are in it, no values and no secrets.
//! This room says what is written; who keeps it is somebody else's business.

mod entry;
mod fate;
mod recall;
mod told;

pub use entry::{Done, Ending, Entry, Intent, Line, Run, VERSION};
pub use fate::{Fate, LastRun, Verdict, verify};
pub use recall::{RecallError, Unfinished, recall};

use futures_util::future::BoxFuture;

/// Where a run is written down.
pub trait Journal: Sync {
    /// Writes an intent down. It must be durable when this is done.
    fn intend(&self, intent: Intent) -> BoxFuture<'_, Result<(), Unwritten>>;

    /// Writes an outcome down, sooner or later: when it is lost, the next run finds it out.
    fn done(&self, done: Done);
}

/// The journal does not take what is to be written down.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the journal cannot be written: {0}")]
pub struct Unwritten(pub String);
