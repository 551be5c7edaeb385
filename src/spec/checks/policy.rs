//! What is said about plans and files: `protect` and `outputs`.

use std::collections::BTreeMap;

use super::checker::Checker;
use super::place::Place;
use crate::diag::Diagnostic;
use crate::model::{AddressError, AddressPattern, Kind};
use crate::spec::document::Scalar;
use crate::spec::lower::string;
use crate::text::nearest;

/// Checks the patterns of `protect` and the files of `outputs`.
pub(super) fn check(checker: &mut Checker) {
    protect(checker);
    outputs(checker);
}

fn protect(checker: &mut Checker) {
    let section = Place::section("protect");
    for (index, pattern) in checker.document.protect.iter().enumerate() {
        let Err(error) = string(pattern).parse::<AddressPattern>() else { continue };
        let span = checker.value(&section.item(index));
        let diagnostic = match &error {
            AddressError::Kind(word) => {
                let message = format!("`{word}` in `protect` is not a kind");
                let near = nearest(word, Kind::ALL.into_iter().map(Kind::word));
                let kinds = Kind::ALL.map(|kind| format!("`{}`", kind.word())).join(", ");
                Diagnostic::error("unknown-kind", span, message).with_help(match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the kinds are {kinds}"),
                })
            }
            AddressError::Name(text) => {
                let message = format!("`{text}` in `protect` has no name");
                Diagnostic::error("address-syntax", span, message)
                    .with_help("write it as in `queue.Sales`, or `queue.*` for all of a kind")
            }
            AddressError::Quote(_) => {
                Diagnostic::error("address-syntax", span, format!("{error}, in `protect`"))
            }
        };
        checker.report(diagnostic);
    }
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
