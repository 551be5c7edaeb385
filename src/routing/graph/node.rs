//! What a picture of the routing consists of.

use crate::routing::duration::duration;

/// A picture before it is drawn. Nodes are in the order in which they are read: column by column,
/// from the top down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    pub nodes: Vec<Node>,
    /// From one column to a later one.
    pub edges: Vec<Edge>,
}

/// Where a node stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    Workflow,
    /// Filters, folded filters, default filters.
    Filter,
    Queue,
    /// Those whom an expression matches.
    Workers,
}

/// A box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Letters, digits and underscores; made from names, so that it stays when others come and go.
    pub id: String,
    pub column: Column,
    /// What people call it.
    pub name: String,
    /// A second line, such as the expression; may be long, may be empty.
    pub detail: String,
    /// Everything else that is known, line by line.
    pub notes: Vec<String>,
    /// What speaks against it: it is covered, nothing reaches it.
    pub marks: Vec<String>,
    /// Whether it is a workflow's default filter.
    pub is_default: bool,
}

/// A line between two boxes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Places in [`Graph::nodes`].
    pub from: usize,
    pub to: usize,
    /// The place of the target in its filter, from 0; 0 for edges that are no target.
    pub step: usize,
    /// How a task comes past the targets before: `after 2m`; empty for the first.
    pub label: String,
    /// What is known of it, line by line.
    pub notes: Vec<String>,
}

impl Column {
    /// Every column, from left to right.
    pub const ALL: [Self; 4] = [Self::Workflow, Self::Filter, Self::Queue, Self::Workers];

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Workflow => "Workflows",
            Self::Filter => "Filters",
            Self::Queue => "Queues",
            Self::Workers => "Workers",
        }
    }
}

impl Node {
    /// Everything that is known of it, line by line.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        let first = [self.name.as_str(), self.detail.as_str()].into_iter();
        let rest = self.notes.iter().chain(&self.marks).map(String::as_str);
        first.filter(|line| !line.is_empty()).chain(rest)
    }
}

/// How a task leaves a target for the next one.
pub(super) fn passage(timeout: Option<u32>, has_skip_if: bool) -> String {
    match (timeout, has_skip_if) {
        (Some(timeout), false) => format!("after {}", duration(timeout)),
        (Some(timeout), true) => format!("after {}, or skipped", duration(timeout)),
        (None, true) => "if skipped".to_owned(),
        (None, false) => "never".to_owned(),
    }
}
