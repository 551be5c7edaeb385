//! A place in a model's routing.

use std::fmt;

use serde::Serialize;

use crate::model::{Address, Kind};

/// A place in the routing of a model whose rules are expanded. Filters and targets are counted
/// from 0, in the order in which they are sent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Spot {
    /// A queue by name.
    Queue(String),
    /// A workflow by name.
    Workflow(String),
    /// A filter of a workflow.
    Filter { workflow: String, filter: usize },
    /// A target of a filter.
    Target { workflow: String, filter: usize, target: usize },
    /// A workflow's default filter.
    DefaultFilter { workflow: String },
}

/// For people, counted from 1: "target 2 of filter 3 of workflow.Inbound".
impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |workflow: &String| Address::new(Kind::Workflow, workflow.clone());
        match self {
            Self::Queue(name) => Address::new(Kind::Queue, name.clone()).fmt(f),
            Self::Workflow(name) => of(name).fmt(f),
            Self::Filter { workflow, filter } => {
                write!(f, "filter {} of {}", filter + 1, of(workflow))
            }
            Self::Target { workflow, filter, target } => {
                write!(f, "target {} of filter {} of {}", target + 1, filter + 1, of(workflow))
            }
            Self::DefaultFilter { workflow } => write!(f, "the default filter of {}", of(workflow)),
        }
    }
}
