//! All checks, in turn.

use super::checker::Checker;
use super::names::Names;
use super::{
    attribute, identity, limit, policy, reference, resource, routing_test, transfer, workflow,
};
use crate::diag::Diagnostic;
use crate::model::{Model, Rule};
use crate::spec::document::Document;
use crate::spec::tree::Tree;
use crate::text::Sources;

/// Everything that is wrong with the spec beside its shape. `tree` and `document` are without what
/// was refused, `names` are all that stood there, `known` is what was said about the shape.
pub(in crate::spec) fn check(
    document: &Document,
    model: &Model<Rule>,
    tree: &Tree,
    names: &Names,
    sources: &Sources,
    known: &[Diagnostic],
) -> Vec<Diagnostic> {
    let mut checker = Checker::new(document, tree, names, sources, known);
    reference::check(&mut checker);
    attribute::check(&mut checker);
    identity::check(&mut checker);
    resource::check(&mut checker);
    workflow::check(&mut checker);
    transfer::check(&mut checker);
    limit::check(&mut checker, model);
    policy::check(&mut checker);
    routing_test::check(&mut checker);
    checker.finish()
}
