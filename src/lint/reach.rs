//! What nothing reaches, told in words.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{At, Field, Finding, filter_title, title};
use crate::diag::Code;
use crate::expr::Certainty;
use crate::model::{Address, Kind, Model, Policy, QueueRef};
use crate::routing::reach::{self, FindingKind, Options, reach};
use crate::routing::{Spot, Worker};

/// Every filter, target and queue that no task comes to, and what loses tasks.
pub(super) fn check(model: &Model, found: &mut Vec<Finding>) {
    let workers = workers(model);
    let options = Options { workers: workers.as_deref() };
    let findings = reach(model, &options);
    let sent_on = sent_on(model);
    let told = findings.iter().filter(|finding| match (finding.kind, &finding.spot) {
        // Filters that nothing reaches have been told of themselves.
        (FindingKind::QueueWithoutFilter, Spot::Queue(queue)) => {
            finding.related.is_empty() && !sent_on.contains(queue.as_str())
        }
        (FindingKind::TransferQueueWithoutFilter, Spot::Workflow(workflow)) => {
            finding.unreachable || !takes_the_rest(model, workflow, finding.queue.as_deref())
        }
        // To have the tasks end in the queue of the default filter either way is a habit.
        (FindingKind::DefaultFilterUnreachable, Spot::DefaultFilter { workflow }) => {
            let last = finding.related.last();
            !last.is_some_and(|last| ends_in_the_default_queue(model, workflow, last))
        }
        _ => true,
    });
    // The queues that one workflow lacks a filter for, in one finding.
    let mut lacking: BTreeMap<(&Spot, bool), Vec<&reach::Finding>> = BTreeMap::new();
    for finding in told {
        match finding.kind {
            FindingKind::TransferQueueWithoutFilter => {
                lacking.entry((&finding.spot, finding.unreachable)).or_default().push(finding);
            }
            _ => found.push(Told { model, finding, queues: vec![finding] }.told()),
        }
    }
    let lacking = lacking.into_values();
    found.extend(lacking.map(|queues| Told { model, finding: queues[0], queues }.told()));
}

/// So many queues are named, the others are counted.
const MAX_QUEUES: usize = 5;

/// The queues whose tasks a rule sends somewhere else on purpose: they are there to be chosen.
fn sent_on(model: &Model) -> BTreeSet<&str> {
    let filters = model.workflows.values().flat_map(|workflow| workflow.filters.iter().flatten());
    filters.filter_map(|filter| filter.origin.as_ref()?.queue.as_deref()).collect()
}

/// The workers, when the spec is to declare all of them.
fn workers(model: &Model) -> Option<Vec<Worker>> {
    if *model.unmanaged.policy(Kind::Worker) == Policy::Ignore {
        return None;
    }
    Some(Worker::declared(model))
}

/// Whether the last target of a filter is in the queue of the default filter.
fn ends_in_the_default_queue(model: &Model, workflow: &str, spot: &Spot) -> bool {
    let Spot::Filter { filter, .. } = spot else { return false };
    let default = model.workflows.get(workflow).and_then(|it| it.default_filter.as_ref()?.as_ref());
    let filter = super::finding::filter(model, workflow, *filter);
    let last = filter.and_then(|it| it.targets.iter().rev().find_map(|it| it.queue.as_ref()));
    last.is_some() && last == default.and_then(|target| target.queue.as_ref())
}

/// Whether a filter of the workflow that takes every task sends them to this queue.
fn takes_the_rest(model: &Model, workflow: &str, queue: Option<&str>) -> bool {
    let filters = model.workflows.get(workflow).and_then(|workflow| workflow.filters.as_deref());
    filters.unwrap_or_default().iter().any(|filter| {
        let always = filter.expression.as_ref().is_some_and(|text| text.parse().0.is_always_true());
        let mut queues = filter.targets.iter().filter_map(|target| target.queue.as_ref());
        always
            && queues
                .any(|named| matches!(named, QueueRef::Name(name) if Some(name.as_str()) == queue))
    })
}

/// The code of a kind of finding.
fn code(kind: FindingKind) -> Code {
    match kind {
        FindingKind::CoveredFilter => "covered-filter",
        FindingKind::DuplicateFilter => "duplicate-filter",
        FindingKind::RepeatedFilter => "repeated-filter",
        FindingKind::NeverTrueFilter => "never-true-filter",
        FindingKind::TargetAfterEnd => "unreachable-target",
        FindingKind::DefaultFilterUnreachable => "unreachable-default-filter",
        FindingKind::QueueWithoutFilter => "unreached-queue",
        FindingKind::NeverTrueQueue => "never-true-queue",
        FindingKind::EmptyQueue => "empty-queue",
        FindingKind::TransferQueueWithoutFilter => "transfer-queue-without-filter",
        FindingKind::TransferBelowCatchAll => "transfer-below-catch-all",
        FindingKind::FilterNameMismatch => "filter-names-another-queue",
        FindingKind::TransferToUnknownQueue => "transfer-to-unknown-queue",
        FindingKind::NoDefaultFilter => "no-default-filter",
        FindingKind::AmbiguousWorkflowName => "ambiguous-transfer-workflow",
    }
}

/// What is said of one finding.
struct Told<'a> {
    model: &'a Model,
    finding: &'a reach::Finding,
    /// The same of each queue.
    queues: Vec<&'a reach::Finding>,
}

impl Told<'_> {
    fn told(&self) -> Finding {
        let reach::Finding { kind, related, certainty, .. } = self.finding;
        let mut told = Finding::new(code(*kind), self.at(), self.message()).with_help(self.help());
        for spot in related {
            told = told.with_related(whole(spot), self.related_text());
        }
        if *certainty != Certainty::Documented
            && let Some(help) = &mut told.help
        {
            help.push_str("; this rests on behaviour that TaskRouter does not document");
        }
        told
    }

    fn at(&self) -> At {
        match (self.finding.kind, &self.finding.spot) {
            (FindingKind::FilterNameMismatch, Spot::Filter { workflow, filter }) => {
                let (workflow, filter) = (workflow.clone(), *filter);
                At::field(Spot::Target { workflow, filter, target: 0 }, Field::Queue)
            }
            (FindingKind::NeverTrueQueue | FindingKind::EmptyQueue, spot) => {
                At::field(spot.clone(), Field::TargetWorkers)
            }
            (_, spot) => whole(spot),
        }
    }

    fn message(&self) -> String {
        let spot = self.title(&self.finding.spot);
        let queue = self.queue();
        let name = self.finding.name.as_deref().unwrap_or_default();
        match self.finding.kind {
            FindingKind::CoveredFilter => match &self.finding.related[..] {
                [one] => {
                    format!("no task comes to {spot}: {} takes all of them before", self.short(one))
                }
                several => {
                    let count = several.len();
                    format!("no task comes to {spot}: {count} filters before it take all of them")
                }
            },
            FindingKind::DuplicateFilter => {
                format!("{spot} has the expression of {}, which keeps every task", self.others())
            }
            FindingKind::RepeatedFilter => {
                format!("{spot} has the expression and the targets of {}", self.others())
            }
            FindingKind::NeverTrueFilter => format!("the expression of {spot} holds for no task"),
            FindingKind::TargetAfterEnd => format!("no task comes to {spot}"),
            FindingKind::DefaultFilterUnreachable => {
                format!("no task comes to {spot}: its filters take every task")
            }
            FindingKind::QueueWithoutFilter => format!("no filter sends tasks to {spot}"),
            FindingKind::NeverTrueQueue => {
                format!("the `target_workers` of {spot} hold for no worker")
            }
            FindingKind::EmptyQueue => format!("no declared worker is in {spot}"),
            FindingKind::TransferQueueWithoutFilter if self.finding.unreachable => {
                format!(
                    "transfers to {} are lost in {spot}, which has no filter for them",
                    self.queues()
                )
            }
            FindingKind::TransferQueueWithoutFilter => {
                format!("{spot} has no filter for transfers to {}", self.queues())
            }
            FindingKind::TransferBelowCatchAll if self.finding.unreachable => {
                format!("no transfer comes to {spot}: {} takes every task before", self.others())
            }
            FindingKind::TransferBelowCatchAll => {
                format!("transfers come to {spot} late: {} takes every task first", self.others())
            }
            FindingKind::FilterNameMismatch => {
                format!("{spot} is for `{name}` and sends tasks to {queue}")
            }
            FindingKind::TransferToUnknownQueue => {
                format!("{spot} waits for transfers to `{name}`, which is no queue")
            }
            FindingKind::NoDefaultFilter => {
                format!("{spot} has no default filter: a transfer that no filter takes is lost")
            }
            FindingKind::AmbiguousWorkflowName => {
                format!("the names of {spot} and of {} both hold `{name}`", self.others())
            }
        }
    }

    fn help(&self) -> String {
        match self.finding.kind {
            FindingKind::CoveredFilter => {
                "move it up, make the filters before it narrower, or take it out".to_owned()
            }
            FindingKind::DuplicateFilter | FindingKind::RepeatedFilter => {
                "take one of the two out, or correct its expression".to_owned()
            }
            FindingKind::NeverTrueFilter => match &self.finding.because[..] {
                [] => "correct the expression, or take the filter out".to_owned(),
                [one] => format!("`{one}` never holds"),
                because => format!("`{}` exclude each other", because.join("` and `")),
            },
            FindingKind::TargetAfterEnd => {
                "give the target before it a `timeout` or a `skip_if`, or take this one out".to_owned()
            }
            FindingKind::DefaultFilterUnreachable => {
                "a task whose timeouts pass is cancelled, not sent here; take it out, make the \
                 filter that takes everything narrower, or end that with a target without timeout"
                    .to_owned()
            }
            FindingKind::QueueWithoutFilter => {
                "send tasks to it, or take the queue out".to_owned()
            }
            FindingKind::NeverTrueQueue => {
                "correct the expression; for a queue without workers write `1==0`".to_owned()
            }
            FindingKind::EmptyQueue => {
                "correct the expression or the attributes of the workers; for a queue without \
                 workers write `1==0`"
                    .to_owned()
            }
            FindingKind::TransferQueueWithoutFilter => {
                "add filters for them, or a default filter for what is left over".to_owned()
            }
            FindingKind::TransferBelowCatchAll => {
                "move the filters for transfers above the one that takes everything".to_owned()
            }
            FindingKind::FilterNameMismatch => {
                "send the tasks to the queue that the filter names, or name the filter for its queue"
                    .to_owned()
            }
            FindingKind::TransferToUnknownQueue => {
                let queues = self.model.queues.keys().map(String::as_str);
                let name = self.finding.name.as_deref().unwrap_or_default();
                match crate::text::nearest(name, queues) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "the plugin sets the name of the queue: write that".to_owned(),
                }
            }
            FindingKind::NoDefaultFilter => {
                "add a `default_filter`, for example with the queue that holds everyone".to_owned()
            }
            FindingKind::AmbiguousWorkflowName => {
                "scripts that look for the workflow by that name take the last one they find: keep \
                 the name for one of them"
                    .to_owned()
            }
        }
    }

    fn related_text(&self) -> &'static str {
        match self.finding.kind {
            FindingKind::CoveredFilter
            | FindingKind::TransferBelowCatchAll
            | FindingKind::DefaultFilterUnreachable => "takes the tasks",
            FindingKind::DuplicateFilter | FindingKind::RepeatedFilter => "the first",
            FindingKind::TargetAfterEnd => "every task stays here",
            FindingKind::QueueWithoutFilter => "no task comes here",
            _ => "the other one",
        }
    }

    fn title(&self, spot: &Spot) -> String {
        title(self.model, &super::Owner::Spot(spot.clone()))
    }

    /// Without the workflow, which has been named.
    fn short(&self, spot: &Spot) -> String {
        match spot {
            Spot::Filter { workflow, filter } => filter_title(self.model, workflow, *filter),
            spot => self.title(spot),
        }
    }

    fn others(&self) -> String {
        let others: Vec<String> =
            self.finding.related.iter().map(|spot| self.short(spot)).collect();
        others.join(" and ")
    }

    fn queue(&self) -> String {
        named(self.finding)
    }

    /// "queue.Billing, queue.Returns and 3 more".
    fn queues(&self) -> String {
        let named: Vec<String> =
            self.queues.iter().take(MAX_QUEUES).map(|one| named(one)).collect();
        match self.queues.len().saturating_sub(MAX_QUEUES) {
            0 => named.join(" and "),
            more => format!("{} and {more} more", named.join(", ")),
        }
    }
}

/// The queue that a finding is about.
fn named(finding: &reach::Finding) -> String {
    Address::new(Kind::Queue, finding.queue.as_deref().unwrap_or_default()).to_string()
}

/// A filter is shown by its expression; everything else as a whole.
fn whole(spot: &Spot) -> At {
    match spot {
        Spot::Filter { .. } => At::field(spot.clone(), Field::Expression),
        spot => At::spot(spot.clone()),
    }
}
