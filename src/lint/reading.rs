//! Every expression of a model, read once, and what its attributes belong to.

use super::finding::{At, Field, Owner};
use crate::expr::{self, Expr, Path, Segment};
use crate::model::{Expression, Model, Target};
use crate::routing::Spot;
use crate::text::TextRange;

/// What the attributes of an expression belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sees {
    /// A worker's, by bare keys: in a queue and in a capacity rule.
    Worker,
    /// A task's, by bare keys: in a filter.
    Task,
    /// `task.` and `worker.`: in a target.
    Both,
    /// `workers.`: in a skip condition.
    Counts,
}

/// What has attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Side {
    Task,
    Worker,
    /// `taskrouter.`: the time.
    Clock,
    /// `workers.`: counts of a queue's workers.
    Counts,
}

impl Side {
    /// For people: whose attributes these are.
    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::Task => "tasks",
            Self::Worker => "workers",
            Self::Clock => "the time",
            Self::Counts => "the counts of workers",
        }
    }
}

/// An expression without syntax errors.
pub(super) struct Reading {
    pub(super) owner: Owner,
    pub(super) field: Field,
    pub(super) sees: Sees,
    /// With made-up sids for those that are not known.
    pub(super) text: String,
    pub(super) tree: Expr,
}

/// The path of one attribute, in a field that holds nothing else, or a key of an `order_by`.
pub(super) struct Lone {
    pub(super) owner: Owner,
    pub(super) field: Field,
    pub(super) path: Path,
    pub(super) range: TextRange,
}

/// Everything in a model that names attributes.
pub(super) struct Readings<'m> {
    pub(super) model: &'m Model,
    pub(super) expressions: Vec<Reading>,
    pub(super) paths: Vec<Lone>,
}

impl Reading {
    pub(super) fn at(&self, range: TextRange) -> At {
        At { owner: self.owner.clone(), field: Some(self.field), range: Some(range) }
    }

    /// "`expression` of filter `Sales` of workflow.Inbound".
    pub(super) fn place(&self, model: &Model) -> String {
        self.at(TextRange::default()).words(model)
    }

    pub(super) fn slice(&self, range: TextRange) -> &str {
        self.text.get(range.start..range.end).unwrap_or_default()
    }

    /// Whose attribute a path names here, and the path from there on. None for one that names
    /// nothing here.
    pub(super) fn attribute<'p>(&self, path: &'p Path) -> Option<(Side, &'p [Segment])> {
        let [Segment::Key(first), rest @ ..] = &path.segments[..] else { return None };
        let knows_time = matches!(self.sees, Sees::Task | Sees::Both);
        match (first.as_str(), self.sees) {
            ("taskrouter", _) if knows_time && !rest.is_empty() => Some((Side::Clock, rest)),
            ("task", Sees::Task | Sees::Both) if !rest.is_empty() => Some((Side::Task, rest)),
            ("worker", Sees::Worker | Sees::Both) if !rest.is_empty() => Some((Side::Worker, rest)),
            ("workers", Sees::Counts) if !rest.is_empty() => Some((Side::Counts, rest)),
            ("worker", Sees::Task) | ("task", Sees::Worker) if !rest.is_empty() => None,
            (_, Sees::Task) => Some((Side::Task, &path.segments)),
            (_, Sees::Worker) => Some((Side::Worker, &path.segments)),
            (_, Sees::Both | Sees::Counts) => None,
        }
    }
}

impl Lone {
    pub(super) fn at(&self) -> At {
        At { owner: self.owner.clone(), field: Some(self.field), range: Some(self.range) }
    }

    pub(super) fn place(&self, model: &Model) -> String {
        self.at().words(model)
    }

    pub(super) fn attribute(&self) -> Option<(Side, &[Segment])> {
        match &self.path.segments[..] {
            [Segment::Key(first), rest @ ..] if !rest.is_empty() => match first.as_str() {
                "task" => Some((Side::Task, rest)),
                "worker" => Some((Side::Worker, rest)),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The keys of a path up to its first index, with dots: the name that an attribute is declared by.
pub(super) fn dotted(segments: &[Segment]) -> String {
    let mut out = String::new();
    for segment in segments {
        let Segment::Key(key) = segment else { break };
        if !out.is_empty() {
            out.push('.');
        }
        out.push_str(key);
    }
    out
}

impl<'m> Readings<'m> {
    /// Reads a model. Expressions with syntax errors are somebody else's to report.
    pub(super) fn new(model: &'m Model) -> Self {
        let mut readings = Self { model, expressions: Vec::new(), paths: Vec::new() };
        for (name, queue) in &model.queues {
            let owner = Owner::Spot(Spot::Queue(name.clone()));
            readings.read(
                &owner,
                Field::TargetWorkers,
                Sees::Worker,
                queue.target_workers.as_ref(),
            );
        }
        for (index, rule) in model.capacities.iter().enumerate() {
            let owner = Owner::Capacity(index);
            readings.read(&owner, Field::Workers, Sees::Worker, Some(&rule.workers));
        }
        for (name, workflow) in &model.workflows {
            for (index, filter) in workflow.filters.iter().flatten().enumerate() {
                let spot = Spot::Filter { workflow: name.clone(), filter: index };
                let owner = Owner::Spot(spot);
                readings.read(&owner, Field::Expression, Sees::Task, filter.expression.as_ref());
                for (at, target) in filter.targets.iter().enumerate() {
                    let workflow = name.clone();
                    let spot = Spot::Target { workflow, filter: index, target: at };
                    readings.target(&Owner::Spot(spot), target);
                }
            }
            if let Some(target) = workflow.default_filter.iter().flatten().next() {
                let owner = Owner::Spot(Spot::DefaultFilter { workflow: name.clone() });
                readings.target(&owner, target);
            }
        }
        readings
    }

    fn target(&mut self, owner: &Owner, target: &Target) {
        self.read(owner, Field::Expression, Sees::Both, target.expression.as_ref());
        self.read(owner, Field::SkipIf, Sees::Counts, target.skip_if.as_ref());
        let paths = [
            (Field::KnownWorkerSid, &target.known_worker_sid),
            (Field::KnownWorkerFriendlyName, &target.known_worker_friendly_name),
        ];
        for (field, text) in paths {
            let Some(Ok(path)) = text.as_deref().map(expr::parse_path) else { continue };
            let range = TextRange::new(0, text.as_ref().map_or(0, String::len));
            self.paths.push(Lone { owner: owner.clone(), field, path, range });
        }
        let (keys, _) = target.order_by.as_deref().map(expr::parse_order_by).unwrap_or_default();
        self.paths.extend(keys.into_iter().map(|key| Lone {
            owner: owner.clone(),
            field: Field::OrderBy,
            path: key.path,
            range: key.range,
        }));
    }

    fn read(&mut self, owner: &Owner, field: Field, sees: Sees, expression: Option<&Expression>) {
        let Some(expression) = expression else { return };
        let (text, _) = expression.stand_in();
        let (tree, errors) = expr::parse(&text);
        if errors.is_empty() {
            self.expressions.push(Reading { owner: owner.clone(), field, sees, text, tree });
        }
    }
}
