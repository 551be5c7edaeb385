//! `${…}` that is left after variables were put in: where it may stand, and what it names.

use super::checker::Checker;
use super::place::Place;
use crate::diag::Diagnostic;
use crate::model::{Address, Kind};
use crate::spec::fault::subject;
use crate::spec::references::{PieceKind, Reference, references};
use crate::spec::tree::{Node, Value};
use crate::text::TextRange;

/// What a string may ask for where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Allowed {
    /// Nothing.
    Nothing,
    /// The sids of objects.
    Sids,
    /// The sids of objects, and of workers.
    TestSids,
    /// The name of a for-each's queue.
    QueueName,
    /// The name or the sid of a for-each's queue, and the sids of objects.
    QueueAndSids,
}

/// Checks every string of the spec.
pub(super) fn check(checker: &mut Checker) {
    let tree = checker.tree;
    for (section, entry) in tree.root.entries() {
        if !matches!(section, "include" | "variables" | "environments" | "expressions") {
            let place = Place::section(section);
            walk(checker, &place, &entry.node, &mut vec![section]);
        }
    }
}

fn walk<'t>(checker: &mut Checker, place: &Place, node: &'t Node, steps: &mut Vec<&'t str>) {
    match &node.value {
        Value::String(text) if text.value.contains("${") => {
            string(checker, place, &text.value, allowed(steps));
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                steps.push("*");
                walk(checker, &place.item(index), item, steps);
                steps.pop();
            }
        }
        Value::Map(entries) => {
            for (key, entry) in entries {
                // The keys of attributes are the user's own.
                if key.contains("${") && !steps.iter().any(|s| matches!(*s, "attributes" | "task"))
                {
                    let message = format!("`{key}` is taken as it is: nothing is put into a key");
                    let span = checker.key(&place.key(key));
                    checker.report(
                        Diagnostic::error("misplaced-reference", span, message)
                            .with_help("write the name itself"),
                    );
                }
                steps.push(key);
                walk(checker, &place.key(key), &entry.node, steps);
                steps.pop();
            }
        }
        _ => {}
    }
}

/// What a string at the end of these steps may ask for.
fn allowed(steps: &[&str]) -> Allowed {
    match steps {
        ["queues", _, "target_workers"]
        | ["worker_capacities", _, "workers"]
        | ["outputs", _, "values", _] => Allowed::Sids,
        ["tests", _, "task", ..] => Allowed::TestSids,
        ["workflows" | "transfers", _, "filters", _, "for_each_queue", "filters", _, rest @ ..] => {
            match rest.last() {
                Some(&("expression" | "skip_if")) => Allowed::QueueAndSids,
                _ => Allowed::QueueName,
            }
        }
        ["transfers", _, "filter_name"] => Allowed::QueueName,
        ["workflows" | "transfers", .., "expression" | "skip_if"] => Allowed::Sids,
        _ => Allowed::Nothing,
    }
}

fn string(checker: &mut Checker, place: &Place, string: &str, allowed: Allowed) {
    for piece in references(string) {
        let PieceKind::Reference(reference) = &piece.kind else { continue };
        let range = piece.range;
        let written = &string[range.start..range.end];
        match (reference, allowed) {
            (
                Reference::QueueName | Reference::QueueSid,
                Allowed::Nothing | Allowed::Sids | Allowed::TestSids,
            ) => {
                let message =
                    format!("`{written}` stands outside the filters of a `for_each_queue`");
                let help = "there is no queue to put in here; write its name";
                misplaced(checker, place, range, message, help);
            }
            (Reference::Sid(Address { kind: Kind::Worker, .. }), Allowed::TestSids) => {
                // The test may have workers of its own: `routing_test` knows.
            }
            (
                Reference::Sid(Address { kind: Kind::Worker, .. }),
                Allowed::Sids | Allowed::QueueAndSids,
            ) => {
                let message = format!("`{written}` stands where no worker's sid is taken");
                let help = "the sid of a worker is known in the task of a test only; elsewhere \
                     workers are chosen by their attributes";
                misplaced(checker, place, range, message, help);
            }
            (
                Reference::Sid(address),
                Allowed::Sids | Allowed::TestSids | Allowed::QueueAndSids,
            ) => {
                let span = checker.text(place, range);
                let place = place.clone().called(subject(place.pointer()));
                checker.name_at(address.kind, &place, span, &address.name);
            }
            (Reference::Sid(_) | Reference::QueueSid, _) if allowed != Allowed::QueueAndSids => {
                let message = format!("`{written}` stands where no sid is taken");
                let help = "sids stand in expressions, in `skip_if` and in the values of outputs; \
                     everything else is named by its name";
                misplaced(checker, place, range, message, help);
            }
            _ => {}
        }
    }
}

fn misplaced(checker: &mut Checker, place: &Place, range: TextRange, message: String, help: &str) {
    let span = checker.text(place, range);
    checker.report(Diagnostic::error("misplaced-reference", span, message).with_help(help));
}
