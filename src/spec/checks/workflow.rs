//! Workflows: their filters and targets.

use std::collections::BTreeMap;

use wildmatch::WildMatch;

use super::checker::Checker;
use super::expression::{Made, asks_for_queue};
use super::filled::Filled;
use super::place::Place;
use crate::diag::Diagnostic;
use crate::expr;
use crate::model::{Address, Kind};
use crate::spec::document::{Filter, Given, Rule, Target, Workflow};
use crate::spec::lower::string;
use crate::text::Span;

/// Checks every workflow of `workflows`; those of `transfers` are checked with their rules.
pub(super) fn check(checker: &mut Checker) {
    let section = Place::section("workflows");
    for (name, workflow) in &checker.document.workflows {
        let place = section.key(name).called(Address::new(Kind::Workflow, name));
        checker.workflow(&place, workflow);
    }
}

/// What the filters of a workflow were seen to have, to find the second of a kind.
#[derive(Default)]
struct Seen {
    /// The globs of `ignore_filters`.
    foreign: Vec<(WildMatch, Span)>,
    names: BTreeMap<String, Span>,
    expressions: BTreeMap<String, (Span, String)>,
}

impl Checker<'_> {
    /// Checks the filters of a workflow.
    pub(super) fn workflow(&mut self, place: &Place, workflow: &Workflow) {
        let foreign: Vec<(WildMatch, Span)> = workflow
            .ignore_filters
            .iter()
            .enumerate()
            .map(|(index, glob)| {
                let span = self.value(&place.key("ignore_filters").item(index));
                (WildMatch::new(&string(glob)), span)
            })
            .collect();
        let mut seen = Seen { foreign, ..Seen::default() };
        for (index, rule) in workflow.filters.value().into_iter().flatten().enumerate() {
            let item = place.key("filters").item(index);
            match rule {
                Rule::Filter(filter) => {
                    let item = item.called(title(filter, index, place));
                    self.filter(&item, filter, None);
                    self.twice(&item, filter, None, &mut seen);
                }
                Rule::ForEachQueue(for_each) => {
                    let item = item.key("for_each_queue");
                    let item = item.called(format!("the for_each_queue of {place}"));
                    let made = Made { queues: self.queues(&item.key("queues"), &for_each.queues) };
                    for (index, filter) in for_each.filters.iter().enumerate() {
                        let title = title(filter, index, &item);
                        let item = item.key("filters").item(index).called(title);
                        self.filter(&item, filter, Some(&made));
                        self.twice(&item, filter, Some(&made), &mut seen);
                    }
                }
            }
        }
        if let Given::Value(default) = &workflow.default_filter {
            let default_place =
                place.key("default_filter").called(format!("the default filter of {place}"));
            self.target(&default_place, &default.to_target(), None);
            self.known_worker_queue(
                &default_place,
                &default.to_target(),
                None,
                Some(&default.queue),
            );
        }
    }

    fn filter(&mut self, place: &Place, filter: &Filter, made: Option<&Made>) {
        let Filter { name: _, expression, targets } = filter;
        self.expression(&place.key("expression"), expression, made);
        self.targets(&place.key("targets"), targets, made, true);
    }

    /// Checks the targets of one filter. `first_stands_alone`: nothing was generated before the
    /// first one that it could inherit its queue from.
    pub(super) fn targets(
        &mut self,
        place: &Place,
        targets: &[Target],
        made: Option<&Made>,
        first_stands_alone: bool,
    ) {
        let mut queue: Option<&str> = None;
        for (index, target) in targets.iter().enumerate() {
            let item = place.item(index);
            let item = item.clone().called(format!("target {} of {place}", index + 1));
            queue = target.queue.as_deref().or(queue);
            let alone = index == 0 && first_stands_alone && self.is_whole(place);
            if alone && target.queue.is_none() {
                let message = format!("{item} has no queue");
                let diagnostic =
                    Diagnostic::error("target-without-queue", self.value(&item), message);
                self.report(diagnostic.with_help(
                    "the first target of a filter needs a `queue`; later ones stay in the queue of \
                     the one before",
                ));
            }
            self.target(&item, target, made);
            self.known_worker_queue(&item, target, made, queue);
        }
    }

    fn target(&mut self, place: &Place, target: &Target, made: Option<&Made>) {
        let Target {
            queue,
            expression,
            priority: _,
            timeout: _,
            order_by,
            skip_if,
            known_worker_sid,
            known_worker_friendly_name,
        } = target;
        if let Some(queue) = queue {
            self.target_queue(&place.key("queue"), queue, made);
        }
        if let Some(expression) = expression {
            let place = place.key("expression");
            self.expression(&place, expression, made);
        }
        if let Some(skip_if) = skip_if {
            self.expression(&place.key("skip_if"), skip_if, made);
        }
        if let Some(order_by) = order_by {
            self.order_by(&place.key("order_by"), order_by, made);
        }
        let paths = [
            ("known_worker_sid", known_worker_sid),
            ("known_worker_friendly_name", known_worker_friendly_name),
        ];
        for (key, path) in paths {
            if let Some(path) = path {
                self.known_worker(&place.key(key), path);
            }
        }
        if known_worker_sid.is_some() && known_worker_friendly_name.is_some() {
            let second = self.key(&place.key("known_worker_friendly_name"));
            let first = self.key(&place.key("known_worker_sid"));
            let message = format!("{place} names the known worker twice");
            self.report(
                Diagnostic::error("known-worker-twice", second, message)
                    .with_label(first, "here by sid")
                    .with_help("give `known_worker_sid` or `known_worker_friendly_name`, not both"),
            );
        }
    }

    /// Checks a target's queue: a name, or one that is made for each queue.
    fn target_queue(&mut self, place: &Place, template: &str, made: Option<&Made>) {
        let Some(made) = made.filter(|_| asks_for_queue(template)) else {
            return self.name(Kind::Queue, place, template);
        };
        if template.trim() == "${queue.name}" || template.trim() == "${queue.sid}" {
            return;
        }
        let span = self.value(place);
        for queue in &made.queues {
            let name = Filled::new(template, Some(queue)).text;
            if let Some(mut unknown) = self.names.unknown(Kind::Queue, place, span, &name) {
                unknown.message.push_str(&made.for_queue(queue));
                return self.report(unknown);
            }
        }
    }

    /// Warns when the queue of a known worker may not hold that worker. `queue` is the target's
    /// own or the one it stays in.
    pub(super) fn known_worker_queue(
        &mut self,
        place: &Place,
        target: &Target,
        made: Option<&Made>,
        queue: Option<&str>,
    ) {
        let key = match (&target.known_worker_sid, &target.known_worker_friendly_name) {
            (Some(_), _) => "known_worker_sid",
            (None, Some(_)) => "known_worker_friendly_name",
            (None, None) => return,
        };
        let Some(template) = queue else { return };
        let span = self.key(&place.key(key));
        match made.filter(|_| asks_for_queue(template)) {
            None => self.holds_every_worker(place, span, &string(template), ""),
            Some(made) => {
                let names = made.queues.iter().map(|queue| Filled::new(template, Some(queue)).text);
                if let Some(name) = names.into_iter().find(|name| self.may_miss_workers(name)) {
                    self.holds_every_worker(place, span, &name, &made.for_queue(&name));
                }
            }
        }
    }

    /// Warns unless every worker is in the queue. `span` is where the known worker is asked for.
    pub(super) fn holds_every_worker(
        &mut self,
        place: &Place,
        span: Span,
        queue: &str,
        origin: &str,
    ) {
        if !self.may_miss_workers(queue) {
            return;
        }
        let address = Address::new(Kind::Queue, queue);
        let (why, help) = match self.document.queues.get(queue).map(|queue| &queue.target_workers) {
            Some(Given::Absent) => (
                "does not declare its `target_workers`",
                format!(
                    "declare `target_workers: 1==1` for {address}, or name a queue that has it"
                ),
            ),
            _ => (
                "is not for every worker",
                "name a queue with `target_workers: 1==1`; a task for a worker outside the queue \
                 waits in vain (TaskRouter's error 40152)"
                    .to_owned(),
            ),
        };
        let message =
            format!("the known worker of {place} may not be in {address}, which {why}{origin}");
        let mut diagnostic =
            Diagnostic::warning("known-worker-queue", span, message).with_help(help);
        if let Some(declared) = self.declaration(Kind::Queue, queue) {
            diagnostic = diagnostic.with_label(declared, "the queue");
        }
        self.report(diagnostic);
    }

    /// Whether a queue that the spec declares may not hold every worker.
    fn may_miss_workers(&self, queue: &str) -> bool {
        match self.document.queues.get(queue).map(|queue| &queue.target_workers) {
            Some(Given::Absent) => true,
            Some(Given::Value(workers)) if workers.trim().is_empty() => true,
            Some(Given::Value(workers)) => {
                let (tree, errors) = expr::parse(&Filled::new(workers, None).text);
                errors.is_empty() && !tree.is_always_true()
            }
            Some(Given::Null) | None => false,
        }
    }

    /// Refuses a name that is ignored, and warns of a second filter with the same name or the same
    /// expression. The second expression takes only tasks that left the first filter unserved.
    fn twice(&mut self, place: &Place, filter: &Filter, made: Option<&Made>, seen: &mut Seen) {
        if let Some(name) = &filter.name {
            let span = self.value(&place.key("name"));
            for (name, origin) in fillings(name, made) {
                if let Some((_, glob)) = seen.foreign.iter().find(|(glob, _)| glob.matches(&name)) {
                    let message = format!(
                        "the filter `{name}` is one of those that its workflow ignores{origin}"
                    );
                    self.report(
                        Diagnostic::error("ignored-filter", span, message)
                            .with_label(*glob, "by this glob")
                            .with_help(
                                "`ignore_filters` is for filters that others put in: a filter of \
                                 the spec would be taken for one of theirs",
                            ),
                    );
                    break;
                }
                if let Some(first) = seen.names.insert(name.clone(), span) {
                    let message =
                        format!("a second filter is named `{name}` in its workflow{origin}");
                    self.report(
                        Diagnostic::warning("duplicate-filter-name", span, message)
                            .with_label(first, "the first")
                            .with_help("reports and tests cannot tell the two apart"),
                    );
                    break;
                }
            }
        }
        let span = self.value(&place.key("expression"));
        for (text, origin) in fillings(&filter.expression, made) {
            let (tree, errors) = expr::parse(&text);
            if !errors.is_empty() {
                return;
            }
            let this = (span, place.to_string());
            if let Some((first, title)) = seen.expressions.insert(tree.to_string(), this) {
                let message = format!("{place} has the expression of {title}{origin}");
                self.report(
                    Diagnostic::warning("duplicate-filter-expression", span, message)
                        .with_label(first, "the first, which takes the tasks")
                        .with_help("only tasks that leave the first filter unserved come here"),
                );
                break;
            }
        }
    }
}

/// The string for each queue that it is made for, with the words for messages.
fn fillings<'a>(
    template: &'a str,
    made: Option<&'a Made>,
) -> Box<dyn Iterator<Item = (String, String)> + 'a> {
    match made {
        None => Box::new(std::iter::once((Filled::new(template, None).text, String::new()))),
        Some(made) => Box::new(
            made.queues
                .iter()
                .map(move |queue| (Filled::new(template, Some(queue)).text, made.for_queue(queue))),
        ),
    }
}

/// A filter for people: "filter `Callback` of workflow.Main", by its number when it has no name.
fn title(filter: &Filter, index: usize, of: impl std::fmt::Display) -> String {
    match &filter.name {
        Some(name) => format!("filter `{}` of {of}", string(name)),
        None => format!("filter {} of {of}", index + 1),
    }
}
