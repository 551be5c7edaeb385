//! What is said about plans and files: `protect`, `removed` and `outputs`.

use std::collections::BTreeMap;

use super::checker::Checker;
use super::place::Place;
use crate::diag::Diagnostic;
use crate::model::{Address, AddressError, AddressPattern, Kind};
use crate::spec::document::Scalar;
use crate::spec::lower::string;
use crate::text::{Span, nearest};

/// Checks the patterns of `protect`, the addresses of `removed` and the files of `outputs`.
pub(super) fn check(checker: &mut Checker) {
    protect(checker);
    removed(checker);
    outputs(checker);
}

fn protect(checker: &mut Checker) {
    let section = Place::section("protect");
    for (index, pattern) in checker.document.protect.iter().enumerate() {
        if let Err(error) = string(pattern).parse::<AddressPattern>() {
            let help = "write it as in `queue.Sales`, or `queue.*` for all of a kind";
            no_address(checker, &section.item(index), &error, help);
        }
    }
}

/// A text of a section that is no address.
fn no_address(checker: &mut Checker, place: &Place, error: &AddressError, help: &str) {
    let span = checker.value(place);
    checker.report(match error {
        AddressError::Kind(word) => {
            let message = format!("`{word}` in {place} is not a kind");
            let near = nearest(word, Kind::ALL.into_iter().map(Kind::word));
            let kinds = Kind::ALL.map(|kind| format!("`{}`", kind.word())).join(", ");
            Diagnostic::error("unknown-kind", span, message).with_help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the kinds are {kinds}"),
            })
        }
        AddressError::Name(text) => {
            let message = format!("`{text}` in {place} has no name");
            Diagnostic::error("address-syntax", span, message).with_help(help)
        }
        AddressError::Quote(_) => {
            Diagnostic::error("address-syntax", span, format!("{error}, in {place}"))
        }
    });
}

fn removed(checker: &mut Checker) {
    let section = Place::section("removed");
    let declared = declared(checker);
    let mut seen = BTreeMap::new();
    for (index, text) in checker.document.removed.iter().enumerate() {
        let place = section.item(index);
        let span = checker.value(&place);
        let address = match string(text).parse::<Address>() {
            Ok(address) => address,
            Err(error) => {
                no_address(checker, &place, &error, "write it as in `queue.Sales`");
                continue;
            }
        };
        if matches!(address.kind, Kind::Workspace | Kind::Capacity | Kind::Role) {
            let message = format!(
                "{address} cannot be removed: flexctl deletes no {}",
                address.kind.plural()
            );
            let help = "queues, workflows, task channels, activities and workers can be removed";
            checker.report(Diagnostic::error("bad-value", span, message).with_help(help));
        } else if let Some((there, what)) = declared.get(&address) {
            let message = format!("{address} is to be removed, and is {what}");
            checker.report(
                Diagnostic::error("removed-and-declared", span, message)
                    .with_label(*there, format!("{what} here"))
                    .with_help("take it out of one of the two places"),
            );
        } else if let Some(first) = seen.insert(address.clone(), span) {
            let message = format!("{address} stands in `removed` twice");
            checker.report(
                Diagnostic::error("removed-and-declared", span, message)
                    .with_label(first, "the first"),
            );
        }
    }
}

/// Where each address is declared, or is the name that an object has so far.
fn declared(checker: &Checker) -> BTreeMap<Address, (Span, &'static str)> {
    let document = checker.document;
    let mut found = BTreeMap::new();
    let mut declare = |kind, section: &str, name: &str, renamed_from: Option<&str>| {
        let place = Place::section(section).key(name);
        found.insert(Address::new(kind, name), (checker.key(&place), "declared"));
        if let Some(old) = renamed_from {
            let from = checker.value(&place.key("renamed_from"));
            found.entry(Address::new(kind, string(old))).or_insert((from, "renamed"));
        }
    };
    for (name, activity) in &document.activities {
        declare(Kind::Activity, "activities", name, activity.renamed_from.as_deref());
    }
    for name in document.task_channels.keys() {
        declare(Kind::TaskChannel, "task_channels", name, None);
    }
    for (name, queue) in &document.queues {
        declare(Kind::Queue, "queues", name, queue.renamed_from.as_deref());
    }
    for (name, workflow) in &document.workflows {
        declare(Kind::Workflow, "workflows", name, workflow.renamed_from.as_deref());
    }
    for (name, transfer) in &document.transfers {
        declare(Kind::Workflow, "transfers", name, transfer.renamed_from.as_deref());
    }
    for name in document.workers.keys() {
        declare(Kind::Worker, "workers", name, None);
    }
    found
}

fn outputs(checker: &mut Checker) {
    let section = Place::section("outputs");
    let mut files = BTreeMap::new();
    for (index, output) in checker.document.outputs.iter().enumerate() {
        let file = string(&output.file);
        let place = section.item(index).called(format!("the output `{file}`"));
        let span = checker.value(&place.key("file"));
        if let Some(first) = files.insert(file, span) {
            checker.report(
                Diagnostic::error("duplicate-output", span, format!("{place} is declared twice"))
                    .with_label(first, "the first")
                    .with_help("write all values of a file into one entry"),
            );
        }
        for (variable, value) in &output.values {
            if let Scalar::String(text) = value
                && text.contains(['\n', '\r'])
            {
                let span = checker.value(&place.key("values").key(variable));
                let message = format!("`{variable}` in {place} holds a line break");
                let help = "a line of the file holds one value";
                checker.report(Diagnostic::error("bad-value", span, message).with_help(help));
            }
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let digit = variable.starts_with(|c: char| c.is_ascii_digit());
            if variable.is_empty() || digit || !variable.chars().all(word) {
                let span = checker.key(&place.key("values").key(variable));
                let message = format!("`{variable}` in {place} is no name of a variable");
                checker.report(Diagnostic::error("output-name", span, message).with_help(
                    "it takes letters, digits and `_`, and does not begin with a digit",
                ));
            }
        }
    }
}
