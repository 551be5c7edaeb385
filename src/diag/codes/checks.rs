//! What only the whole spec can tell.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[];
