//! What every check has at hand, and where it puts what it finds.

use std::collections::BTreeSet;

use super::names::Names;
use super::place::Place;
use crate::diag::Diagnostic;
use crate::model::Kind;
use crate::spec::document::Document;
use crate::spec::references::plain;
use crate::spec::tree::Tree;
use crate::text::{Sources, Span, TextRange};

/// The spec under check.
pub(super) struct Checker<'a> {
    pub(super) document: &'a Document,
    pub(super) tree: &'a Tree,
    pub(super) names: &'a Names,
    pub(super) sources: &'a Sources,
    /// Where the problems of the spec's shape are, in order.
    known: Vec<Span>,
    found: Vec<Diagnostic>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(
        document: &'a Document,
        tree: &'a Tree,
        names: &'a Names,
        sources: &'a Sources,
        known: &'a [Diagnostic],
    ) -> Self {
        let places = known.iter().filter_map(|diagnostic| diagnostic.labels.first());
        let mut known: Vec<Span> = places.map(|label| label.span).collect();
        known.sort_unstable();
        Self { document, tree, names, sources, known, found: Vec::new() }
    }

    /// Adds a problem.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Everything that was found, one of a code at each place: a name that cannot be quoted is so
    /// in every filter.
    pub(super) fn finish(mut self) -> Vec<Diagnostic> {
        let mut said = BTreeSet::new();
        self.found.retain(|diagnostic| {
            let place = diagnostic.labels.first().map(|label| label.span);
            said.insert((diagnostic.code, place))
        });
        self.found
    }

    /// Whether nothing inside a value was refused and taken out, so that what is not there is
    /// missing.
    pub(super) fn is_whole(&self, place: &Place) -> bool {
        let whole = self.value(place);
        let first = self.known.partition_point(|known| {
            (known.file, known.range.start) < (whole.file, whole.range.start)
        });
        let begin_inside = self.known[first..]
            .iter()
            .take_while(|known| known.file == whole.file && known.range.start <= whole.range.end);
        !begin_inside.into_iter().any(|known| known.range.end <= whole.range.end)
    }

    /// The bytes of a value.
    pub(super) fn value(&self, place: &Place) -> Span {
        self.tree.value_span(place.pointer())
    }

    /// The bytes of a key.
    pub(super) fn key(&self, place: &Place) -> Span {
        self.tree.key_span(place.pointer())
    }

    /// The bytes in the file that a part of a string comes from.
    pub(super) fn text(&self, place: &Place, range: TextRange) -> Span {
        self.tree.text_span(place.pointer(), range)
    }

    /// The key that declares an object.
    pub(super) fn declaration(&self, kind: Kind, name: &str) -> Option<Span> {
        self.names.span(kind, name)
    }

    /// Checks that a string names a declared object. One with references in it is none of ours.
    pub(super) fn name(&mut self, kind: Kind, place: &Place, template: &str) {
        if let Some(name) = plain(template) {
            let span = self.value(place);
            self.name_at(kind, place, span, &name);
        }
    }

    /// The same for a key, or for a name that was made.
    pub(super) fn name_at(&mut self, kind: Kind, place: &Place, span: Span, name: &str) {
        if let Some(unknown) = self.names.unknown(kind, place, span, name) {
            self.report(unknown);
        }
    }
}
