//! Transfers, and the choice of queues that they share with `for_each_queue`.

use super::checker::Checker;
use super::place::Place;
use crate::diag::Diagnostic;
use crate::model::{Address, Kind};
use crate::spec::document::{Dialect, Override, Queues, Transfer, TransferTarget};
use crate::spec::lower::{choice, string};
use crate::text::nearest;

/// Checks every workflow of `transfers`.
pub(super) fn check(checker: &mut Checker) {
    let section = Place::section("transfers");
    for (name, transfer) in &checker.document.transfers {
        let place = section.key(name).called(Address::new(Kind::Workflow, name));
        checker.transfer(&place, transfer);
        checker.workflow(&place, &transfer.to_workflow());
        if checker.document.workflows.contains_key(name) {
            let first = checker.key(&Place::section("workflows").key(name));
            let message = format!("{place} is declared in `workflows` and in `transfers`");
            let span = checker.key(&place);
            checker.report(
                Diagnostic::error("duplicate-workflow", span, message)
                    .with_label(first, "here as a workflow of its own")
                    .with_help(
                        "an entry of `transfers` is a whole workflow: rename one of the two",
                    ),
            );
        }
    }
}

impl<'a> Checker<'a> {
    fn transfer(&mut self, place: &Place, transfer: &Transfer) {
        if let Some(route) = &transfer.worker {
            let worker = place.key("worker").called(format!("the worker route of {place}"));
            let span = self.value(&worker.key("queue"));
            self.name(Kind::Queue, &worker.key("queue"), &route.queue);
            self.holds_every_worker(&worker, span, &string(&route.queue), "");
            self.transfer_target(&worker, &route.target());
        }
        let target = place.key("target").called(format!("the queue targets of {place}"));
        self.transfer_target(&target, &transfer.target);
        let queues = self.queues(&place.key("queues"), &transfer.queues);
        match transfer.dialect {
            Dialect::Conversation | Dialect::ProgrammableChat => {
                self.quotable_either_way(&place.key("dialect"), &queues);
            }
            Dialect::QueueSid => {}
        }
    }

    fn transfer_target(&mut self, place: &Place, target: &TransferTarget) {
        let TransferTarget { expression, priority: _, timeout: _, order_by, skip_if } = target;
        if let Some(expression) = expression {
            let place = place.key("expression");
            self.expression(&place, expression, None);
        }
        if let Some(skip_if) = skip_if {
            self.expression(&place.key("skip_if"), skip_if, None);
        }
        if let Some(order_by) = order_by {
            self.order_by(&place.key("order_by"), order_by, None);
        }
    }

    /// Checks that each name can be quoted somehow: the dialects put it into an expression.
    fn quotable_either_way(&mut self, dialect: &Place, queues: &[&str]) {
        for queue in queues {
            if !(queue.contains('\'') && queue.contains('"')) {
                continue;
            }
            let used = self.value(dialect);
            let span = self.declaration(Kind::Queue, queue).unwrap_or(used);
            let message = format!(
                "the name of queue `{queue}` holds both kinds of quotes and cannot stand in the \
                 filter that the transfer {dialect} makes for it"
            );
            self.report(
                Diagnostic::error("unquotable-name", span, message)
                    .with_label(used, "this dialect asks for the queue by its name")
                    .with_help(
                        "expressions have no escapes: rename the queue, exclude it, or use the \
                         dialect `queue_sid`",
                    ),
            );
        }
    }

    /// Checks a choice of queues, and says which ones are chosen, in their order.
    pub(super) fn queues(&mut self, place: &Place, queues: &Queues) -> Vec<&'a str> {
        let Queues { include, exclude, order: _, overrides } = queues;
        for (key, globs) in [("include", include), ("exclude", exclude)] {
            let list = place.key(key);
            if self.tree.get(list.pointer()).is_none() {
                continue;
            }
            for (index, glob) in globs.iter().enumerate() {
                self.glob(&list.item(index), &string(glob));
            }
        }
        let chosen = choice(queues).of(self.names.iter(Kind::Queue));
        for (queue, with) in overrides {
            let address = Address::new(Kind::Queue, queue);
            let of = place;
            let place = place.key("overrides").key(queue);
            let place = place.called(format!("the override for {address} in {of}"));
            if self.overridden(&place, of, queue, queues, &chosen) {
                self.r#override(&place, with, queues);
            }
        }
        chosen
    }

    /// A glob must match, and a name must be declared.
    fn glob(&mut self, place: &Place, glob: &str) {
        if !glob.contains(['*', '?']) {
            let span = self.value(place);
            return self.name_at(Kind::Queue, place, span, glob);
        }
        let matcher = wildmatch::WildMatch::new(glob);
        if self.names.iter(Kind::Queue).any(|queue| matcher.matches(queue)) {
            return;
        }
        let message = format!("`{glob}` matches no queue in {place}");
        let diagnostic = Diagnostic::warning("empty-glob", self.value(place), message);
        let help = match nearest(glob.trim_matches(['*', '?', ' ']), self.names.iter(Kind::Queue)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "take it out, or declare the queues it is meant for".to_owned(),
        };
        self.report(diagnostic.with_help(help));
    }

    /// Checks that the queue of an override is declared and chosen. Otherwise nothing more is to
    /// be said about the override.
    fn overridden(
        &mut self,
        place: &Place,
        of: &Place,
        queue: &str,
        queues: &Queues,
        chosen: &[&str],
    ) -> bool {
        let span = self.key(place);
        if !self.names.holds(Kind::Queue, queue) {
            let overrides = of.clone().called(format!("the overrides of {of}"));
            self.name_at(Kind::Queue, &overrides, span, queue);
            return true;
        }
        if chosen.contains(&queue) {
            return true;
        }
        let message = format!("{place} changes nothing: no filter is made for that queue");
        let diagnostic = Diagnostic::error("excluded-queue", span, message);
        let diagnostic = match self.exclusion(place, queues, queue) {
            Some(excluded) => diagnostic
                .with_label(excluded, "excluded here")
                .with_help("take the override out, or the queue out of `exclude`"),
            None => diagnostic.with_help("take the override out, or include the queue"),
        };
        self.report(diagnostic);
        false
    }

    /// The entry of `exclude` that excludes a queue. `place` is an override.
    fn exclusion(&self, place: &Place, queues: &Queues, queue: &str) -> Option<crate::text::Span> {
        let index = queues
            .exclude
            .iter()
            .position(|glob| wildmatch::WildMatch::new(&string(glob)).matches(queue))?;
        Some(self.value(&place.up().up().key("exclude").item(index)))
    }

    fn r#override(&mut self, place: &Place, with: &Override, queues: &Queues) {
        let Override { filter_name: _, to, targets } = with;
        if let Some(to) = to {
            let to_place = place.key("to");
            self.name(Kind::Queue, &to_place, to);
            let name = string(to);
            if let Some(excluded) = self.exclusion(place, queues, &name) {
                let message = format!("{place} sends tasks to `{name}`, which is excluded");
                let span = self.value(&to_place);
                self.report(
                    Diagnostic::warning("to-excluded-queue", span, message)
                        .with_label(excluded, "excluded here")
                        .with_help("no filter is made for that queue, yet tasks arrive in it; if that is meant, a \
                         queue that is not excluded says so more clearly"),
                );
            }
        }
        if let Some(targets) = targets {
            self.targets(&place.key("targets"), targets, None, false);
        }
    }
}
