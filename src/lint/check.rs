//! Findings at their places in the spec, at their levels.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{At, Finding, Owner};
use super::findings;
use crate::diag::{self, Code, Diagnostic, Level, Levels, Severity};
use crate::generate::{self, Source};
use crate::model::Model;
use crate::routing::Spot;
use crate::spec::{Allowances, Analysis, Made, Place, Written};
use crate::text::Span;

/// What leaves nothing to say of `duplicate-filter-expression` at the same place.
const SAY_MORE_OF_DUPLICATES: [Code; 4] =
    ["covered-filter", "duplicate-filter", "repeated-filter", "transfer-below-catch-all"];

/// What is said of attributes that are declared nowhere, or for the other side.
const OF_DECLARATIONS: [Code; 2] = ["undeclared-attribute", "worker-attribute-in-filter"];

/// The analysis of a spec with what lints find in it, every lint at its level: that of a comment
/// beside the place, else that of the command line (`over`), else that of the spec. `desired` is
/// the expanded model; without one, for a spec with errors, nothing more is looked for.
pub fn check(analysis: Analysis, desired: Option<&Model>, over: &Levels) -> Analysis {
    let found = desired.map(|desired| placed(&analysis, desired)).unwrap_or_default();
    let mut diagnostics = analysis.diagnostics.clone();
    // Two equal expressions: reachability tells more of them.
    let place = |diagnostic: &Diagnostic| diagnostic.labels.first().map(|label| label.span);
    let better = |d: &&Diagnostic| SAY_MORE_OF_DUPLICATES.contains(&d.code);
    let said: BTreeSet<Option<Span>> = found.iter().filter(better).map(place).collect();
    diagnostics.retain(|known| {
        known.code != "duplicate-filter-expression" || !said.contains(&place(known))
    });
    diagnostics.extend(found);
    let allowances = Allowances::of(&analysis);
    diagnostics.extend(allowances.unknown());
    let diagnostics = diagnostics.into_iter().filter_map(|diagnostic| {
        let is_lint = diagnostic.severity == Severity::Warning
            && diag::explain(diagnostic.code).is_some_and(diag::Entry::is_lint);
        if !is_lint {
            return Some(diagnostic);
        }
        let level = match diagnostic.labels.first() {
            Some(label) if allowances.cover(diagnostic.code, label.span) => Level::Allow,
            _ => analysis.levels.level(diagnostic.code, over),
        };
        match level {
            Level::Allow => None,
            Level::Warn => Some(diagnostic),
            Level::Error => Some(Diagnostic { severity: Severity::Error, ..diagnostic }),
        }
    });
    let diagnostics = diagnostics.collect();
    analysis.with_diagnostics(diagnostics)
}

/// The findings as diagnostics: for one place and code only the first, with the number of the
/// others.
fn placed(analysis: &Analysis, desired: &Model) -> Vec<Diagnostic> {
    let places = Places::new(analysis, desired);
    let mut said: BTreeMap<(Code, Span), usize> = BTreeMap::new();
    let mut diagnostics: Vec<(Diagnostic, usize)> = Vec::new();
    for finding in findings(desired, &analysis.attributes) {
        let place = places.of(&finding.at);
        // Transfers know the attributes of their plugin.
        if place.made && OF_DECLARATIONS.contains(&finding.code) {
            continue;
        }
        match said.get(&(finding.code, place.span)) {
            Some(&index) => diagnostics[index].1 += 1,
            None => {
                said.insert((finding.code, place.span), diagnostics.len());
                diagnostics.push((places.diagnostic(finding, place), 0));
            }
        }
    }
    let counted = diagnostics.into_iter().map(|(diagnostic, more)| match more {
        0 => diagnostic,
        more => Diagnostic {
            message: format!("{}, and {more} more like it", diagnostic.message),
            ..diagnostic
        },
    });
    counted.collect()
}

/// From the expanded model to the spec.
struct Places<'a> {
    analysis: &'a Analysis,
    /// By workflow, one for each filter.
    sources: BTreeMap<&'a str, Vec<Source<'a>>>,
}

impl<'a> Places<'a> {
    fn new(analysis: &'a Analysis, desired: &'a Model) -> Self {
        let queues: Vec<&str> = desired.queues.keys().map(String::as_str).collect();
        let rules = analysis.model().into_iter().flat_map(|model| &model.workflows);
        let sources = rules.map(|(name, workflow)| {
            let rules = workflow.filters.as_deref().unwrap_or_default();
            (name.as_str(), generate::sources(rules, &queues))
        });
        Self { analysis, sources: sources.collect() }
    }

    fn diagnostic(&self, finding: Finding, place: Place) -> Diagnostic {
        let Finding { code, at: _, message, text, related, help } = finding;
        let text = match (text, place.made) {
            (None, true) => "made by this".to_owned(),
            (text, _) => text.unwrap_or_default(),
        };
        let mut diagnostic = Diagnostic::warning(code, place.span, message).with_text(text);
        if let Some(used) = place.used {
            diagnostic = diagnostic.with_label(used, "put in here");
        }
        for (at, text) in related {
            let span = self.of(&at).span;
            if span != place.span {
                diagnostic = diagnostic.with_label(span, text);
            }
        }
        diagnostic.help = help;
        diagnostic
    }

    fn of(&self, at: &At) -> Place {
        let At { owner, field, range } = at;
        let written = match owner {
            Owner::Capacity(index) => Written::Capacity(*index),
            Owner::Spot(Spot::Queue(name)) => Written::Queue(name),
            Owner::Spot(Spot::Workflow(name)) => Written::Workflow(name),
            Owner::Spot(Spot::DefaultFilter { workflow }) => Written::DefaultFilter(workflow),
            Owner::Spot(Spot::Filter { workflow, filter }) => match self.made(workflow, *filter) {
                Some(made) => Written::Filter(made),
                None => Written::Workflow(workflow),
            },
            Owner::Spot(Spot::Target { workflow, filter, target }) => {
                match self.made(workflow, *filter) {
                    Some(made) => Written::Target(made, *target),
                    None => Written::Workflow(workflow),
                }
            }
        };
        match field {
            Some(field) => self.analysis.field_place(written, field.key(), *range),
            None => self.analysis.place(written),
        }
    }

    fn made<'w>(&self, workflow: &'w str, filter: usize) -> Option<Made<'w>>
    where
        'a: 'w,
    {
        let Source { rule, template, queue } = *self.sources.get(workflow)?.get(filter)?;
        Some(Made { workflow, rule, template, queue })
    }
}
