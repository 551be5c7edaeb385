//! Where something stands in the spec, and what to call it.

use std::fmt;

use crate::spec::pointer;

/// A value of the document: its place in the tree and the name of the object it belongs to.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pointer: String,
    /// For people: `queue.Sales`, "filter `Callback` of workflow.Main".
    object: String,
}

impl Place {
    /// A section of the spec.
    pub(super) fn section(name: &str) -> Self {
        Self { pointer: pointer::join("", name), object: format!("`{name}`") }
    }

    /// The value of a key of this map.
    pub(super) fn key(&self, key: &str) -> Self {
        Self { pointer: pointer::join(&self.pointer, key), object: self.object.clone() }
    }

    /// An item of this list.
    pub(super) fn item(&self, index: usize) -> Self {
        Self { pointer: pointer::item(&self.pointer, index), object: self.object.clone() }
    }

    /// What holds this value.
    pub(super) fn up(&self) -> Self {
        let pointer = pointer::split_last(&self.pointer).map_or("", |(base, _)| base);
        Self { pointer: pointer.to_owned(), object: self.object.clone() }
    }

    /// The same place, where another object begins.
    #[must_use]
    pub(super) fn called(self, object: impl fmt::Display) -> Self {
        Self { object: object.to_string(), ..self }
    }

    /// The JSON pointer into the tree.
    pub(super) fn pointer(&self) -> &str {
        &self.pointer
    }

    /// The last step of the pointer.
    pub(super) fn last(&self) -> String {
        pointer::split_last(&self.pointer).map_or_else(String::new, |(_, last)| last)
    }
}

/// The object, for messages.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.object)
    }
}
