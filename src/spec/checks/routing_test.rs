//! The `tests` section: that what a test names is there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::checker::Checker;
use super::filled::Filled;
use super::place::Place;
use crate::diag::Diagnostic;
use crate::model::{self, Kind};
use crate::spec::document::{Expectation, Outcome, RoutingTest, Rule, TestWorker};
use crate::spec::lower::{choice, clock, string};
use crate::spec::references::{PieceKind, Reference, references};
use crate::text::{Span, nearest, shorten};

/// Checks every test.
pub(super) fn check(checker: &mut Checker) {
    let section = Place::section("tests");
    let mut names = BTreeMap::new();
    let mut filters = BTreeMap::new();
    for (index, test) in checker.document.tests.iter().enumerate() {
        let name = string(&test.name);
        let place = section.item(index).called(format!("test `{name}`"));
        let span = checker.value(&place.key("name"));
        if let Some(first) = names.insert((span.file, name), span) {
            checker.report(
                Diagnostic::error("duplicate-test", span, format!("{place} is there twice"))
                    .with_label(first, "the first")
                    .with_help("reports tell tests apart by their names"),
            );
        }
        let workflow = string(&test.workflow);
        let known = filters.entry(workflow).or_insert_with_key(|name| checker.filter_names(name));
        checker.routing_test(&place, test, known.as_ref());
    }
}

/// The names of a test's own workers; none when it takes those of the spec.
type OwnWorkers<'a> = Option<BTreeSet<&'a str>>;

impl Checker<'_> {
    /// `filters` are the names of those of the test's workflow, as far as they are known.
    fn routing_test(
        &mut self,
        place: &Place,
        test: &RoutingTest,
        filters: Option<&BTreeSet<String>>,
    ) {
        let RoutingTest {
            name: _,
            workflow,
            task,
            task_channel,
            priority: _,
            timeout: _,
            workers,
            clock: moment,
            at: _,
            expect,
            later,
        } = test;
        self.name(Kind::Workflow, &place.key("workflow"), workflow);
        if let Some(channel) = task_channel {
            self.name(Kind::TaskChannel, &place.key("task_channel"), channel);
        }
        for (name, worker) in workers.iter().flatten() {
            self.test_worker(&place.key("workers").key(name), worker);
        }
        if let Some(written) = moment
            && clock(written).is_none()
        {
            let place = place.key("clock");
            let message = format!("the clock of {place} cannot be `{}`", shorten(written, 40));
            let help = "write a moment with its offset, as in `2025-12-24T17:30:00+01:00`";
            let span = self.value(&place);
            self.report(Diagnostic::error("bad-format", span, message).with_help(help));
        }
        let own: OwnWorkers =
            workers.as_ref().map(|workers| workers.keys().map(String::as_str).collect());
        for (key, value) in task {
            self.task(&place.key("task").key(key), value, &own);
        }
        self.expectation(&place.key("expect"), expect, filters, &own);
        for (index, later) in later.iter().enumerate() {
            let place = place.key("later").item(index).key("expect");
            self.expectation(&place, &later.expect, filters, &own);
        }
    }

    fn test_worker(&mut self, place: &Place, worker: &TestWorker) {
        let TestWorker { activity, attributes: _, channels, idle: _ } = worker;
        if let Some(activity) = activity {
            self.name(Kind::Activity, &place.key("activity"), activity);
        }
        for channel in channels.keys() {
            let place = place.key("channels").key(channel);
            let span = self.key(&place);
            self.name_at(Kind::TaskChannel, &place, span, channel);
        }
    }

    /// Checks that the workers whose sids a task's attributes hold are there.
    fn task(&mut self, place: &Place, value: &Value, own: &OwnWorkers) {
        match value {
            Value::String(template) => {
                for piece in references(template) {
                    if let PieceKind::Reference(Reference::Sid(address)) = &piece.kind
                        && address.kind == Kind::Worker
                    {
                        let span = self.text(place, piece.range);
                        self.test_knows(place, span, &address.name, own);
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.task(&place.item(index), item, own);
                }
            }
            Value::Object(entries) => {
                for (key, value) in entries {
                    self.task(&place.key(key), value, own);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn expectation(
        &mut self,
        place: &Place,
        expect: &Expectation,
        filters: Option<&BTreeSet<String>>,
        own: &OwnWorkers,
    ) {
        let Expectation { filter, queue, worker, workers, not_workers, priority: _, outcome } =
            expect;
        if let Some(filter) = filter {
            self.expected_filter(&place.key("filter"), &string(filter), filters);
        }
        if let Some(queue) = queue {
            self.name(Kind::Queue, &place.key("queue"), queue);
        }
        if let Some(worker) = worker {
            self.expected_worker(&place.key("worker"), worker, own);
        }
        for (key, names) in [("workers", workers), ("not_workers", not_workers)] {
            for (index, worker) in names.iter().flatten().enumerate() {
                self.expected_worker(&place.key(key).item(index), worker, own);
            }
        }
        self.possible(place, expect, *outcome);
        self.consistent(place, expect);
    }

    /// A task that is nowhere is in no queue and offered to nobody.
    fn possible(&mut self, place: &Place, expect: &Expectation, outcome: Option<Outcome>) {
        let somebody = |workers: &Option<Vec<String>>| {
            workers.as_ref().is_some_and(|workers| !workers.is_empty())
        };
        let offered = [("worker", expect.worker.is_some()), ("workers", somebody(&expect.workers))];
        let (word, taken) = match outcome {
            Some(Outcome::Unrouted) => {
                let placed =
                    [("filter", expect.filter.is_some()), ("queue", expect.queue.is_some())];
                ("unrouted", [placed, offered].concat())
            }
            Some(Outcome::Canceled) => ("canceled", offered.to_vec()),
            Some(Outcome::Waiting) => ("waiting", offered.to_vec()),
            Some(Outcome::Reserved) => {
                let nobody = expect.workers.as_ref().is_some_and(Vec::is_empty);
                if nobody {
                    self.impossible(
                        &place.key("workers"),
                        format!("{place} expects that nobody is offered a task that is reserved"),
                        (&place.key("outcome"), "reserved here"),
                    );
                }
                return;
            }
            None => return,
        };
        for (key, _) in taken.iter().filter(|(_, given)| *given) {
            self.impossible(
                &place.key(key),
                format!("{place} expects a {key} of a task that is {word}"),
                (&place.key("outcome"), &format!("{word} here")),
            );
        }
    }

    /// Who is offered the task is among those who may be, and not among those who may not.
    fn consistent(&mut self, place: &Place, expect: &Expectation) {
        let Expectation { worker, workers, not_workers, .. } = expect;
        if let (Some(worker), Some(workers)) = (worker, workers)
            && !workers.contains(worker)
        {
            self.impossible(
                &place.key("worker"),
                format!("{place} expects the worker `{worker}`, who is not among its `workers`"),
                (&place.key("workers"), "all who may be offered the task"),
            );
        }
        for (index, excluded) in not_workers.iter().flatten().enumerate() {
            let wanted = workers.iter().flatten().position(|worker| worker == excluded);
            let other = match wanted {
                Some(wanted) => place.key("workers").item(wanted),
                None if worker.as_ref() == Some(excluded) => place.key("worker"),
                None => continue,
            };
            self.impossible(
                &place.key("not_workers").item(index),
                format!("{place} expects and excludes the worker `{excluded}`"),
                (&other, "expected here"),
            );
        }
    }

    fn impossible(&mut self, place: &Place, message: String, (other, text): (&Place, &str)) {
        let span = self.key(place);
        let other = self.value(other);
        self.report(
            Diagnostic::error("impossible-test", span, message)
                .with_label(other, text)
                .with_help("both cannot be: take one of the two out"),
        );
    }

    fn expected_worker(&mut self, place: &Place, worker: &str, own: &OwnWorkers) {
        let span = self.value(place);
        self.test_knows(place, span, &string(worker), own);
    }

    /// Checks that a test has a worker: one of its own, or one of the spec.
    fn test_knows(&mut self, place: &Place, span: Span, worker: &str, own: &OwnWorkers) {
        let Some(own) = own else { return self.name_at(Kind::Worker, place, span, worker) };
        if own.contains(worker) {
            return;
        }
        let message = format!("unknown worker `{worker}` in {place}");
        let help = match nearest(worker, own.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "the test has `workers` of its own; add this one to them".to_owned(),
        };
        self.report(Diagnostic::error("unknown-worker", span, message).with_help(help));
    }

    /// Checks that a workflow of `workflows` has a filter of this name. The names that transfers
    /// give their filters are theirs to know.
    fn expected_filter(&mut self, place: &Place, filter: &str, names: Option<&BTreeSet<String>>) {
        let Some(names) = names else { return };
        if filter == model::Expectation::DEFAULT_FILTER || names.contains(filter) {
            return;
        }
        let message = format!("unknown filter `{filter}` in {place}");
        let help = match nearest(filter, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name a filter of the workflow that the task is created in".to_owned(),
        };
        let span = self.value(place);
        self.report(Diagnostic::error("unknown-filter", span, message).with_help(help));
    }

    /// The names of a workflow's filters; none when they are not known.
    fn filter_names(&self, workflow: &str) -> Option<BTreeSet<String>> {
        let filters = &self.document.workflows.get(workflow)?.filters;
        if filters.is_absent() {
            return None;
        }
        let mut names = BTreeSet::new();
        for rule in filters.value().into_iter().flatten() {
            match rule {
                Rule::Filter(filter) => names.extend(filter.name.as_deref().map(string)),
                Rule::ForEachQueue(for_each) => {
                    for queue in choice(&for_each.queues).of(self.names.iter(Kind::Queue)) {
                        let named =
                            for_each.filters.iter().filter_map(|filter| filter.name.as_deref());
                        names.extend(named.map(|name| Filled::new(name, Some(queue)).text));
                    }
                }
            }
        }
        Some(names)
    }
}
