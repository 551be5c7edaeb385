//! What may be a mistake although it can be sent: expressions that see nothing, filters that
//! nothing reaches.
//!
//! Lints look at an expanded model, so that a workflow that was read live or from JSON can be
//! linted too ([`findings`]). [`check`] puts what they find at its place in a spec, at its level.
//! `docs/lints.md` says how levels are chosen.

mod check;
mod clock;
mod declared;
mod finding;
mod operand;
mod precedence;
mod reach;
mod reading;
mod scope;
mod similar;
mod usage;

pub use check::check;
pub use finding::{At, Field, Finding, Owner};

use std::collections::BTreeSet;

use crate::diag::Code;
use crate::model::Model;
use crate::spec::document::Attributes;

/// Everything that lints find in an expanded model, family by family. Near linear in its size.
pub fn findings(model: &Model, attributes: &Attributes) -> Vec<Finding> {
    let readings = reading::Readings::new(model);
    let declared = declared::Declared::new(attributes);
    let mut found = Vec::new();
    scope::check(&readings, &declared, &mut found);
    operand::check(&readings, &mut found);
    clock::check(&readings, &mut found);
    precedence::check(&readings, &mut found);
    declared::check(&readings, &declared, &mut found);
    usage::check(&readings, &declared, &mut found);
    similar::check(&readings, &declared, &mut found);
    reach::check(model, &mut found);
    leave_consequences_out(&mut found);
    found
}

/// What makes a comparison never hold, more precisely than that nothing passes it.
const REASONS: [Code; 6] = [
    "attribute-prefix",
    "day-of-week",
    "empty-list",
    "quoted-key",
    "worker-attribute-in-filter",
    "wrong-operand",
];

/// Takes out that an expression never holds where it is told why.
fn leave_consequences_out(found: &mut Vec<Finding>) {
    let reasons = found.iter().filter(|finding| REASONS.contains(&finding.code));
    let told: BTreeSet<(Owner, Option<Field>)> =
        reasons.map(|finding| (finding.at.owner.clone(), finding.at.field)).collect();
    found.retain(|finding| {
        !matches!(finding.code, "never-true-filter" | "never-true-queue")
            || !told.contains(&(finding.at.owner.clone(), finding.at.field))
    });
}
