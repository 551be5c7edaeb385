//! The `attributes` section: that each name can stand in an expression.

use super::checker::Checker;
use super::place::Place;
use crate::diag::Diagnostic;
use crate::expr::{Segment, parse_path};

/// Checks the names on both sides.
pub(super) fn check(checker: &mut Checker) {
    let section = Place::section("attributes");
    let attributes = &checker.document.attributes;
    for (side, names) in [("task", &attributes.task), ("worker", &attributes.worker)] {
        let place = section.key(side);
        for name in names.iter().flat_map(|names| names.keys()) {
            let keys = |segments: &[Segment]| {
                segments.iter().all(|segment| matches!(segment, Segment::Key(_)))
            };
            let (message, help) = match parse_path(name) {
                Ok(path) if keys(&path.segments) => {
                    let Some(bare) = name.strip_prefix(&format!("{side}.")) else { continue };
                    let message = format!("`{name}` has the prefix `{side}.`");
                    (message, Some(format!("write `{bare}`")))
                }
                Ok(_) => (
                    format!("`{name}` names an item of a list"),
                    Some("declare the attribute that holds the list".to_owned()),
                ),
                Err(error) => {
                    (format!("`{name}` cannot be an attribute: {}", error.message), error.help)
                }
            };
            let span = checker.key(&place.key(name));
            let message = format!("{message} in `{side}` of `attributes`");
            let diagnostic = Diagnostic::error("attribute-name", span, message);
            checker.report(match help {
                Some(help) => diagnostic.with_help(help),
                None => diagnostic,
            });
        }
    }
}
