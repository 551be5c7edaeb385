//! The `tests` section: that what a test names is there.

use std::collections::{BTreeMap, BTreeSet};

use super::checker::Checker;
use super::filled::Filled;
use super::place::Place;
use crate::diag::Diagnostic;
use crate::model::Kind;
use crate::spec::document::{Expectation, Outcome, RoutingTest, Rule};
use crate::spec::lower::{choice, string};
use crate::text::nearest;

/// Checks every test.
pub(super) fn check(checker: &mut Checker) {
    let section = Place::section("tests");
    let mut names = BTreeMap::new();
    for (index, test) in checker.document.tests.iter().enumerate() {
        let name = string(&test.name);
        let place = section.item(index).called(format!("test `{name}`"));
        let span = checker.value(&place.key("name"));
        if let Some(first) = names.insert(name, span) {
            checker.report(
                Diagnostic::error("duplicate-test", span, format!("{place} is there twice"))
                    .with_label(first, "the first")
                    .with_help("reports tell tests apart by their names"),
            );
        }
        checker.routing_test(&place, test);
    }
}

impl Checker<'_> {
    fn routing_test(&mut self, place: &Place, test: &RoutingTest) {
        let RoutingTest { name: _, workflow, task: _, task_channel, workers, at: _, expect } = test;
        self.name(Kind::Workflow, &place.key("workflow"), workflow);
        if let Some(channel) = task_channel {
            self.name(Kind::TaskChannel, &place.key("task_channel"), channel);
        }
        for (name, worker) in workers.iter().flatten() {
            if let Some(activity) = &worker.activity {
                let place = place.key("workers").key(name).key("activity");
                self.name(Kind::Activity, &place, activity);
            }
        }
        let expect_place = place.key("expect");
        let Expectation { filter, queue, worker, workers: several, priority: _, outcome } = expect;
        if let Some(filter) = filter {
            self.expected_filter(&expect_place.key("filter"), &string(workflow), &string(filter));
        }
        if let Some(queue) = queue {
            self.name(Kind::Queue, &expect_place.key("queue"), queue);
        }
        let own: Option<BTreeSet<&str>> =
            workers.as_ref().map(|workers| workers.keys().map(String::as_str).collect());
        if let Some(worker) = worker {
            self.expected_worker(&expect_place.key("worker"), worker, own.as_ref());
        }
        for (index, worker) in several.iter().flatten().enumerate() {
            let place = expect_place.key("workers").item(index);
            self.expected_worker(&place, worker, own.as_ref());
        }
        self.possible(&expect_place, expect, *outcome);
    }

    /// A task that is nowhere is in no queue and offered to nobody.
    fn possible(&mut self, place: &Place, expect: &Expectation, outcome: Option<Outcome>) {
        let (word, taken): (_, &[_]) = match outcome {
            Some(Outcome::Unrouted) => (
                "unrouted",
                &[
                    ("filter", expect.filter.is_some()),
                    ("queue", expect.queue.is_some()),
                    ("worker", expect.worker.is_some()),
                ],
            ),
            Some(Outcome::Canceled) => ("canceled", &[("worker", expect.worker.is_some())]),
            Some(Outcome::Waiting) => ("waiting", &[("worker", expect.worker.is_some())]),
            Some(Outcome::Reserved) | None => return,
        };
        for (key, _) in taken.iter().filter(|(_, given)| *given) {
            let span = self.key(&place.key(key));
            let message = format!("{place} expects a {key} of a task that is {word}");
            let outcome = self.value(&place.key("outcome"));
            self.report(
                Diagnostic::error("impossible-test", span, message)
                    .with_label(outcome, format!("{word} here"))
                    .with_help("both cannot be: take one of the two out"),
            );
        }
    }

    fn expected_worker(&mut self, place: &Place, worker: &str, own: Option<&BTreeSet<&str>>) {
        let Some(own) = own else { return self.name(Kind::Worker, place, worker) };
        let worker = string(worker);
        if own.contains(worker.as_str()) {
            return;
        }
        let message = format!("unknown worker `{worker}` in {place}");
        let help = match nearest(&worker, own.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "the test has `workers` of its own; add this one to them".to_owned(),
        };
        let span = self.value(place);
        self.report(Diagnostic::error("unknown-worker", span, message).with_help(help));
    }

    /// Checks that a workflow of `workflows` has a filter of this name. The names that transfers
    /// give their filters are theirs to know.
    fn expected_filter(&mut self, place: &Place, workflow: &str, filter: &str) {
        let Some(workflow) = self.document.workflows.get(workflow) else { return };
        let mut names = BTreeSet::new();
        for rule in workflow.filters.value().into_iter().flatten() {
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
        // Filters that are not owned are not known.
        if names.contains(filter) || workflow.filters.is_absent() {
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
}
