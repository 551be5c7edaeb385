//! An expression that is read once and asked often.

use std::collections::BTreeSet;

use super::sids::Sids;
use super::trace::{Comparison, Verdict};
use super::{Choice, Lean, Worker};
use crate::expr::{self, AttributeScope, Certainty, Expr, Path, Scope, Segment};
use crate::model::Expression;

/// The fields of a worker that are no attributes, but for the channels.
const FIELDS: [&str; 4] = ["sid", "friendly_name", "activity_name", "activity_sid"];

/// An expression that has been read. One with syntax errors never holds.
#[derive(Clone, Debug)]
pub(super) struct Read {
    /// None when it has syntax errors.
    pub(super) tree: Option<Expr>,
    /// In its canonical form, with names for sids.
    pub(super) canonical: String,
    fields: Fields,
    /// Whether it names a time variable.
    pub(super) timed: bool,
}

impl Read {
    pub(super) fn new(expression: &Expression, sids: &Sids) -> Self {
        let plain = expression.text.render(|address| sids.of(address));
        let (tree, errors) = expr::parse(&plain);
        let canonical = if errors.is_empty() { tree.canonical() } else { plain.trim().to_owned() };
        let paths: Vec<&Path> = tree.paths().map(|(path, _)| path).collect();
        Self {
            fields: Fields::named(&paths),
            timed: paths.iter().any(|path| begins(path, "taskrouter")),
            canonical: sids.named(canonical),
            tree: errors.is_empty().then_some(tree),
        }
    }

    /// Whether it holds, and how certain that is.
    pub(super) fn holds(&self, scope: &dyn Scope) -> (bool, Certainty) {
        let Some(tree) = &self.tree else { return (false, Certainty::Unspecified) };
        let evaluation = expr::evaluate(tree, scope);
        (evaluation.holds(), evaluation.certainty)
    }

    /// Whether it holds, and why; what that leans on goes to `leans`.
    pub(super) fn verdict(&self, scope: &dyn Scope, sids: &Sids, leans: &mut Leans) -> Verdict {
        let Some(tree) = &self.tree else {
            leans.add(Choice::SyntaxErrors);
            return Verdict {
                expression: self.canonical.clone(),
                holds: false,
                certainty: Certainty::Unspecified,
                because: Vec::new(),
                depends_on_time: false,
            };
        };
        let decision = expr::decide(tree, scope);
        if decision.hangs_on_precedence {
            leans.add(Choice::Precedence);
        }
        let because: Vec<Comparison> = decision
            .reasons
            .into_iter()
            .map(|reason| Comparison {
                text: sids.named(reason.text),
                holds: reason.holds,
                certainty: reason.certainty,
                values: reason
                    .values
                    .into_iter()
                    .map(|(path, value)| (path, sids.named_value(value)))
                    .collect(),
            })
            .collect();
        let uncertain = |comparison: &&Comparison| comparison.certainty > Certainty::Documented;
        because.iter().filter(uncertain).for_each(|comparison| leans.add_comparison(comparison));
        let timed = |path: &String| self.timed && path.starts_with("taskrouter.");
        Verdict {
            expression: self.canonical.clone(),
            holds: decision.holds,
            certainty: decision.certainty,
            depends_on_time: because.iter().any(|c| c.values.keys().any(timed)),
            because,
        }
    }

    /// A worker's attributes, and those fields that this expression may name.
    pub(super) fn worker<'w>(&self, worker: &'w Worker, sids: &Sids) -> AttributeScope<'w> {
        self.fields.of(worker, sids)
    }
}

/// Which fields of a worker are named; making them all for each worker would take long.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    named: Vec<&'static str>,
    /// Those of `channel.NAME`.
    channels: Vec<String>,
}

impl Fields {
    pub(super) fn named(paths: &[&Path]) -> Self {
        let named = |field: &&str| paths.iter().any(|path| begins(path, field));
        let channel = |path: &&Path| {
            let after = path.segments.iter().take(2).position(|step| is_key(step, "channel"))?;
            match path.segments.get(after + 1) {
                Some(Segment::Key(name)) => Some(name.clone()),
                Some(Segment::Index(_)) | None => None,
            }
        };
        let channels: BTreeSet<String> = paths.iter().filter_map(channel).collect();
        Self {
            named: FIELDS.into_iter().filter(named).collect(),
            channels: channels.into_iter().collect(),
        }
    }

    /// A worker's attributes and these fields.
    pub(super) fn of<'w>(&self, worker: &'w Worker, sids: &Sids) -> AttributeScope<'w> {
        let attributes = AttributeScope::worker(&worker.attributes);
        let scope = self.named.iter().fold(attributes, |scope, field| match *field {
            "sid" => scope.field("sid", worker.sid.as_str()),
            "friendly_name" => scope.field("friendly_name", worker.name.as_str()),
            "activity_name" => scope.field("activity_name", worker.activity.as_str()),
            _ => scope.field("activity_sid", sids.activity(&worker.activity)),
        });
        let exists = |name: &&String| worker.channels.contains_key(*name) || sids.has_channel(name);
        let channels = self.channels.iter().filter(exists);
        channels.fold(scope, |scope, name| scope.channel(name, worker.channel(name).load))
    }
}

/// Whether a key is among the first two of a path: before or after the prefix.
fn begins(path: &Path, name: &str) -> bool {
    path.segments.iter().take(2).any(|step| is_key(step, name))
}

fn is_key(step: &Segment, name: &str) -> bool {
    matches!(step, Segment::Key(key) if key == name)
}

/// What a way depends on, each thing once, in order of mention.
#[derive(Clone, Debug, Default)]
pub(super) struct Leans(Vec<Lean>);

/// How many comparisons are told of at most: thousands of workers may each add one.
const COMPARISONS: usize = 20;

impl Leans {
    pub(super) fn add(&mut self, choice: Choice) {
        if !self.0.iter().any(|lean| lean.choice == choice) {
            self.0.push(choice.lean());
        }
    }

    fn add_comparison(&mut self, comparison: &Comparison) {
        let Comparison { text, holds, certainty, values } = comparison;
        let verb = if *holds { "holds" } else { "does not hold" };
        let begin = format!("`{text}` {verb}");
        let known =
            |lean: &Lean| lean.choice == Choice::Comparison && lean.text.starts_with(&begin);
        let comparisons = self.0.iter().filter(|lean| lean.choice == Choice::Comparison).count();
        if comparisons >= COMPARISONS || self.0.iter().any(known) {
            return;
        }
        let values: Vec<String> =
            values.iter().map(|(path, value)| format!("`{path}` is {value}")).collect();
        let text = match &values[..] {
            [] => begin,
            values => format!("{begin} where {}", values.join(" and ")),
        };
        let (choice, page) = (Choice::Comparison, Choice::Comparison.page());
        self.0.push(Lean { choice, certainty: *certainty, text, page });
    }

    /// Whether another comparison would still be told of.
    pub(super) fn has_room(&self) -> bool {
        self.0.len() < COMPARISONS
    }

    pub(super) fn append(&mut self, other: Self) {
        for lean in other.0 {
            if !self.0.contains(&lean) {
                self.0.push(lean);
            }
        }
    }

    pub(super) fn into_vec(self) -> Vec<Lean> {
        self.0
    }
}
