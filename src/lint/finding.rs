//! What a lint finds in a model.

use std::fmt;

use crate::diag::Code;
use crate::model::{Address, Filter, Kind, Model};
use crate::routing::Spot;
use crate::text::TextRange;

/// Something that may be a mistake, in an expanded model.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// A lint's.
    pub code: Code,
    /// Where it is.
    pub at: At,
    /// A lower-case fragment that names the place too.
    pub message: String,
    /// Words for the place, when the message alone does not explain it.
    pub text: Option<String>,
    /// Places that have to do with it, and what is there.
    pub related: Vec<(At, String)>,
    /// What to do about it.
    pub help: Option<String>,
}

/// A place in an expanded model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    pub owner: Owner,
    /// None for the owner as a whole.
    pub field: Option<Field>,
    /// The bytes in the field's text, with a made-up sid of the same length for each that is not
    /// known ([`crate::model::Expression::stand_in`]). None for all of it.
    pub range: Option<TextRange>,
}

/// What has fields with expressions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// A part of the routing.
    Spot(Spot),
    /// A rule of the capacities, by its place.
    Capacity(usize),
}

/// A field that is linted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Of a filter: its name.
    Name,
    /// Of a queue.
    TargetWorkers,
    /// Of a capacity rule.
    Workers,
    /// Of a filter or a target.
    Expression,
    /// Of a target.
    Queue,
    SkipIf,
    OrderBy,
    KnownWorkerSid,
    KnownWorkerFriendlyName,
}

impl Field {
    /// Its key in the spec.
    pub fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::TargetWorkers => "target_workers",
            Self::Workers => "workers",
            Self::Expression => "expression",
            Self::Queue => "queue",
            Self::SkipIf => "skip_if",
            Self::OrderBy => "order_by",
            Self::KnownWorkerSid => "known_worker_sid",
            Self::KnownWorkerFriendlyName => "known_worker_friendly_name",
        }
    }
}

impl At {
    /// A part of the routing as a whole.
    pub fn spot(spot: Spot) -> Self {
        Self { owner: Owner::Spot(spot), field: None, range: None }
    }

    /// For people: "`expression` of filter `Sales` of workflow.Inbound".
    pub(super) fn words(&self, model: &Model) -> String {
        let title = title(model, &self.owner);
        match self.field {
            Some(field) => format!("`{}` of {title}", field.key()),
            None => title,
        }
    }

    /// A field of it.
    pub fn field(spot: Spot, field: Field) -> Self {
        Self { owner: Owner::Spot(spot), field: Some(field), range: None }
    }
}

impl Finding {
    pub(super) fn new(code: Code, at: At, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, at, message, text: None, related: Vec::new(), help: None }
    }

    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn with_text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    pub(super) fn with_related(mut self, at: At, text: impl Into<String>) -> Self {
        self.related.push((at, text.into()));
        self
    }
}

/// For a model that no file shows: `code: message`, and the help on a line of its own.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        self.help.iter().try_for_each(|help| write!(f, "\n  help: {help}"))
    }
}

/// An owner for people, with the names of filters: "target 2 of filter `Sales` of workflow.Inbound".
pub(super) fn title(model: &Model, owner: &Owner) -> String {
    let of = |workflow: &str| Address::new(Kind::Workflow, workflow);
    match owner {
        Owner::Capacity(index) => match model.capacities.get(*index) {
            Some(rule) => format!("capacity rule `{}`", rule.name),
            None => format!("capacity rule {}", index + 1),
        },
        Owner::Spot(Spot::Filter { workflow, filter }) => {
            format!("{} of {}", filter_title(model, workflow, *filter), of(workflow))
        }
        Owner::Spot(Spot::Target { workflow, filter, target }) => {
            let filter = filter_title(model, workflow, *filter);
            format!("target {} of {filter} of {}", target + 1, of(workflow))
        }
        Owner::Spot(spot) => spot.to_string(),
    }
}

/// "filter `Sales`", or by its number when it has no name.
pub(super) fn filter_title(model: &Model, workflow: &str, index: usize) -> String {
    match filter(model, workflow, index) {
        Some(Filter { name, .. }) if !name.is_empty() => format!("filter `{name}`"),
        _ => format!("filter {}", index + 1),
    }
}

pub(super) fn filter<'m>(model: &'m Model, workflow: &str, index: usize) -> Option<&'m Filter> {
    model.workflows.get(workflow)?.filters.as_ref()?.get(index)
}
