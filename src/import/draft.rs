//! The document while it is put together.

use std::collections::{BTreeMap, BTreeSet};

use super::Options;
use super::finding::{Finding, Grade};
use super::names::Names;
use super::unit::Unit;
use super::yaml::{Node, Part, directive};
use crate::model::{Address, Expression, Kind, Snapshot, Text};

/// What is known while the document is put together.
pub(super) struct Draft<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) options: &'a Options,
    pub(super) names: Names<'a>,
    /// What did not do the last time, with the reason.
    pub(super) refused: &'a BTreeMap<Unit, String>,
    pub(super) findings: Vec<Finding>,
    /// What has been referred to and has to be declared.
    pub(super) needed: BTreeSet<Address>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(
        snapshot: &'a Snapshot,
        options: &'a Options,
        refused: &'a BTreeMap<Unit, String>,
    ) -> Self {
        let mut findings = Vec::new();
        let names = Names::of(snapshot, &mut findings);
        findings.retain(|finding| options.wants(&finding.address));
        Self { snapshot, options, names, refused, findings, needed: BTreeSet::new() }
    }

    pub(super) fn left_out(&mut self, address: &Address, message: impl Into<String>) {
        self.find(Grade::LeftOut, address, message);
    }

    pub(super) fn kept(&mut self, address: &Address, message: impl Into<String>) {
        self.find(Grade::Kept, address, message);
    }

    fn find(&mut self, grade: Grade, address: &Address, message: impl Into<String>) {
        self.findings.push(Finding { grade, address: address.clone(), message: message.into() });
    }

    /// Why a piece was left out, if it was; it is told then.
    pub(super) fn refusal(&mut self, unit: &Unit, what: &str) -> Option<String> {
        let reason = self.refused.get(unit)?;
        let message = format!("{what}: {reason}");
        self.left_out(&unit.address.clone(), &message);
        Some(message)
    }

    /// A field as an entry; nothing when it was refused.
    pub(super) fn field(&mut self, address: &Address, key: &str, node: Node) -> Option<Part> {
        let unit = Unit::field(address, key);
        match self.refusal(&unit, &format!("`{key}` is left out")) {
            Some(_) => None,
            None => Some(Part::entry(key, node).about(unit)),
        }
    }

    /// An activity that a field names.
    pub(super) fn activity(&mut self, of: &Address, key: &str, name: &str) -> Option<Part> {
        match self.names.activity(name).map(str::to_owned).map_err(str::to_owned) {
            Ok(name) => {
                self.needed.insert(Address::new(Kind::Activity, &name));
                self.field(of, key, Node::text(&name))
            }
            Err(sid) => {
                self.left_out(of, format!("`{key}` is left out: it is {sid}, which is not there"));
                None
            }
        }
    }

    /// An expression as an entry. One that cannot be read is allowed as it is.
    pub(super) fn expression(&mut self, of: &Address, key: &str, expression: &Expression) -> Part {
        let expression = self.names.expression(expression);
        self.needed.extend(expression.text.addresses().cloned());
        let node = Node::Expression(expression.to_string());
        let (_, errors) = expression.parse();
        let dangling = dangling(&expression.text);
        for sid in &dangling {
            self.kept(of, format!("`{key}` asks for {sid}, which is not there"));
        }
        let part = Part::entry(key, node);
        // A queue with an empty expression has nobody in it.
        let empty_queue = key == "target_workers" && expression.text.parts().is_empty();
        if errors.is_empty() || empty_queue {
            return part.under(dangling.iter().map(|sid| format!("{sid} is not there.")));
        }
        let what = &errors[0].message;
        self.kept(of, format!("`{key}` is kept as it is and cannot be read: {what}"));
        Part { node: Node::Text(expression.to_string()), ..part }.under([
            format!("It cannot be read, and is kept as it is: {what}."),
            directive("flexctl: allow(expression-syntax)"),
        ])
    }
}

/// What has the shape of a sid in an expression and names nothing that was read. Workers are not
/// looked for.
fn dangling(text: &Text) -> BTreeSet<String> {
    let found = std::cell::RefCell::new(BTreeSet::new());
    let _ = text.with_sids_named(&|sid| {
        if ["WQ", "WW", "WA", "TC", "WS"].iter().any(|prefix| sid.starts_with(prefix)) {
            found.borrow_mut().insert(sid.to_owned());
        }
        None
    });
    found.into_inner()
}
