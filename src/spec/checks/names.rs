//! The names that the spec declares, and those that it does not.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use indexmap::IndexMap;

use super::place::Place;
use crate::diag::{Code, Diagnostic};
use crate::model::Kind;
use crate::spec::lower::string;
use crate::spec::tree::{Node, Tree};
use crate::text::{Span, nearest};

/// The task channels that a Flex workspace is born with.
pub(super) const BUILT_IN_CHANNELS: [&str; 6] =
    ["default", "voice", "chat", "sms", "video", "email"];

/// For how many unknown names the nearest one is looked for; each is held against every declared
/// name. Who has more of them has another problem than a slip of the fingers.
const MAX_SEARCHES: usize = 100;

/// Every declared name and its key. They are taken from the tree before anything is taken out of
/// it, so that a wrong field does not make its object unknown.
#[derive(Clone, Debug, Default)]
pub(in crate::spec) struct Names {
    activities: IndexMap<String, Span>,
    task_channels: IndexMap<String, Span>,
    queues: IndexMap<String, Span>,
    workflows: IndexMap<String, Span>,
    workers: IndexMap<String, Span>,
    /// What an old name is now called.
    renamed: BTreeMap<(Kind, String), String>,
    /// The nearest names that were looked for so far.
    nearest: RefCell<BTreeMap<(Kind, String), Option<String>>>,
}

impl Names {
    /// The names in a tree.
    pub(in crate::spec) fn of(tree: &Tree) -> Self {
        let section = |name: &str| {
            // A slip in the name of a section is one mistake, not one for each name in it.
            let slip = || {
                let mut keys =
                    tree.root.entries().filter(|(key, _)| nearest(key, [name]).is_some());
                keys.next().map(|(_, entry)| &entry.node)
            };
            let section = tree.root.child(name).or_else(slip);
            let entries = section.into_iter().flat_map(Node::entries);
            entries.map(|(key, entry)| (key.to_owned(), entry.key)).collect::<IndexMap<_, _>>()
        };
        let mut workflows = section("transfers");
        workflows.extend(section("workflows"));
        let mut renamed = BTreeMap::new();
        for (name, kind) in [
            ("activities", Kind::Activity),
            ("queues", Kind::Queue),
            ("workflows", Kind::Workflow),
            ("transfers", Kind::Workflow),
        ] {
            for (new, entry) in tree.root.child(name).into_iter().flat_map(Node::entries) {
                if let Some(old) = entry.node.child("renamed_from").and_then(Node::as_text) {
                    renamed.insert((kind, string(&old.value)), new.to_owned());
                }
            }
        }
        Self {
            renamed,
            activities: section("activities"),
            task_channels: section("task_channels"),
            queues: section("queues"),
            workflows,
            workers: section("workers"),
            nearest: RefCell::default(),
        }
    }

    fn declared(&self, kind: Kind) -> Option<&IndexMap<String, Span>> {
        match kind {
            Kind::Activity => Some(&self.activities),
            Kind::TaskChannel => Some(&self.task_channels),
            Kind::Queue => Some(&self.queues),
            Kind::Workflow => Some(&self.workflows),
            Kind::Worker => Some(&self.workers),
            Kind::Workspace | Kind::Capacity | Kind::Role => None,
        }
    }

    /// The declared names of a kind, in the spec's order.
    pub(super) fn iter(&self, kind: Kind) -> impl Iterator<Item = &str> + Clone {
        self.declared(kind).into_iter().flat_map(|names| names.keys().map(String::as_str))
    }

    /// Whether the spec declares it.
    pub(super) fn holds(&self, kind: Kind, name: &str) -> bool {
        self.declared(kind).is_some_and(|names| names.contains_key(name))
    }

    /// The key that declares it.
    pub(super) fn span(&self, kind: Kind, name: &str) -> Option<Span> {
        self.declared(kind)?.get(name).copied()
    }

    /// The declared or built-in name that is most like an unknown one.
    fn nearest(&self, kind: Kind, name: &str, built_in: &[&str]) -> Option<String> {
        let mut known = self.nearest.borrow_mut();
        let room = known.len() < MAX_SEARCHES;
        match known.entry((kind, name.to_owned())) {
            Entry::Occupied(found) => found.get().clone(),
            Entry::Vacant(_) if !room => None,
            Entry::Vacant(slot) => {
                let candidates = self.iter(kind).chain(built_in.iter().copied());
                slot.insert(nearest(name, candidates).map(str::to_owned)).clone()
            }
        }
    }

    /// What is wrong with a use of this name at `span`, in the object of `place`.
    pub(super) fn unknown(
        &self,
        kind: Kind,
        place: &Place,
        span: Span,
        name: &str,
    ) -> Option<Diagnostic> {
        let (code, word, section): (Code, _, _) = match kind {
            Kind::Activity => ("unknown-activity", "activity", "activities"),
            Kind::TaskChannel => ("unknown-channel", "task channel", "task_channels"),
            Kind::Queue => ("unknown-queue", "queue", "queues"),
            Kind::Workflow => ("unknown-workflow", "workflow", "workflows"),
            Kind::Worker => ("unknown-worker", "worker", "workers"),
            Kind::Workspace | Kind::Capacity | Kind::Role => return None,
        };
        let built_in: &[&str] = if kind == Kind::TaskChannel { &BUILT_IN_CHANNELS } else { &[] };
        if self.holds(kind, name) || built_in.contains(&name) {
            return None;
        }
        if let Some(new) = self.renamed.get(&(kind, name.to_owned())) {
            let message = format!("unknown {word} `{name}` in {place}");
            let help = format!("it is renamed to `{new}`; write that");
            return Some(Diagnostic::error(code, span, message).with_help(help));
        }
        let help = match self.nearest(kind, name, built_in) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "declare it under `{section}`; `{{}}` adopts one that is live and owns nothing of it"
            ),
        };
        let message = format!("unknown {word} `{name}` in {place}");
        Some(Diagnostic::error(code, span, message).with_help(help))
    }
}
