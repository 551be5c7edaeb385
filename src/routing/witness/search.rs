//! The search: one way through the ORs and lists after the other, each a list of comparisons, for
//! which values are tried attribute by attribute.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Goal;
use super::candidates::{Atom, Parts, candidates};
use super::shape::{Assigned, Named, Side, Step};
use crate::expr::{Certainty, CompareOp, Expr, LogicOp, Node, evaluate};

/// Ways through the ORs that are looked at before the search gives up.
const MAX_WAYS: usize = 256;
/// Comparisons on one way.
const MAX_ATOMS: usize = 400;
/// Values that are tried for attributes which are compared with each other.
const MAX_TRIES: usize = 2_000;
/// Values of one attribute that are tried against those of another.
const MAX_VALUES: usize = 24;

/// Up to `limit` different shapes that meet all goals.
pub(super) fn search<S: Side>(goals: &[Goal<'_>], side: &S, limit: usize) -> Vec<S::Shape> {
    let mut search = Search { goals, side, limit, ways: 0, found: Vec::new() };
    let mut pending: Vec<Atom<'_>> =
        goals.iter().rev().map(|goal| atom(goal.expr, goal.holds)).collect();
    search.way(&mut pending, &mut Vec::new());
    search.found
}

fn atom(expr: &Expr, holds: bool) -> Atom<'_> {
    Atom { expr: Cow::Borrowed(expr), holds }
}

struct Search<'s, 'e, S: Side> {
    goals: &'s [Goal<'e>],
    side: &'s S,
    limit: usize,
    ways: usize,
    found: Vec<S::Shape>,
}

impl<'e, S: Side> Search<'_, 'e, S> {
    fn is_over(&self) -> bool {
        self.found.len() >= self.limit || self.ways >= MAX_WAYS
    }

    /// Takes the next part that is pending, and puts it back.
    fn way(&mut self, pending: &mut Vec<Atom<'e>>, atoms: &mut Vec<Atom<'e>>) {
        if self.is_over() || atoms.len() > MAX_ATOMS {
            return;
        }
        let Some(next) = pending.pop() else {
            self.ways += 1;
            self.settle(atoms);
            return;
        };
        let together = |op: LogicOp| (op == LogicOp::And) == next.holds;
        let before = pending.len();
        match &next.expr {
            Cow::Borrowed(Expr { node: Node::Logic(op, operands), .. }) if together(*op) => {
                pending.extend(operands.iter().rev().map(|operand| atom(operand, next.holds)));
                self.way(pending, atoms);
                pending.truncate(before);
            }
            Cow::Borrowed(Expr { node: Node::Logic(_, operands), .. }) => {
                for operand in operands {
                    pending.push(atom(operand, next.holds));
                    self.way(pending, atoms);
                    pending.truncate(before);
                }
            }
            _ => {
                for choice in choices(&next) {
                    atoms.push(choice);
                    self.way(pending, atoms);
                    atoms.pop();
                }
            }
        }
        pending.push(next);
    }

    fn settle(&mut self, atoms: &[Atom<'e>]) {
        let Some(values) = solve(atoms, self.side) else { return };
        let Some(shape) = self.side.build(&values) else { return };
        let met = |goal: &Goal<'_>| self.side.holds(goal.expr, &shape) == goal.holds;
        if self.goals.iter().all(met) && !self.found.contains(&shape) {
            self.found.push(shape);
        }
    }
}

/// `a IN ['x', 'y']` holds in as many ways as the list is long.
fn choices<'e>(atom: &Atom<'e>) -> Vec<Atom<'e>> {
    if atom.holds
        && let Cow::Borrowed(expr) = atom.expr
        && let Node::Compare(CompareOp::In, left, right) = &expr.node
        && let (Node::Path(_), Node::List(elements)) = (&left.node, &right.node)
    {
        let equal = |element: &Expr| {
            let node = Node::Compare(CompareOp::Equal, left.clone(), Box::new(element.clone()));
            Atom { expr: Cow::Owned(Expr::new(node, expr.range)), holds: true }
        };
        return elements.iter().map(equal).collect();
    }
    vec![atom.clone()]
}

/// Values for which every atom comes to what it is to come to.
fn solve<S: Side>(atoms: &[Atom<'_>], side: &S) -> Option<BTreeMap<Named, Value>> {
    let mut alone: BTreeMap<Named, Vec<&Atom<'_>>> = BTreeMap::new();
    let mut joint: Vec<(Vec<Named>, &Atom<'_>)> = Vec::new();
    for atom in atoms {
        let mut names: Vec<Named> = atom
            .expr
            .paths()
            .map(|(path, _)| side.named(path))
            .filter(|named| *named != Named::Fixed)
            .collect();
        names.sort();
        names.dedup();
        match &names[..] {
            [] => {
                let nothing = BTreeMap::new();
                let scope = Assigned { side, values: &nothing };
                if evaluate(&atom.expr, &scope).holds() != atom.holds {
                    return None;
                }
            }
            [only] => alone.entry(only.clone()).or_default().push(atom),
            _ => {
                for named in &names {
                    alone.entry(named.clone()).or_default();
                }
                joint.push((names, atom));
            }
        }
    }
    let mut fitting: Vec<(Named, Vec<Value>)> = Vec::with_capacity(alone.len());
    for (named, atoms) in &alone {
        let mut mentioned = atoms.clone();
        mentioned.extend(joint.iter().filter(|(n, _)| n.contains(named)).map(|(_, atom)| *atom));
        let fits = fitting_values(named, &mentioned, atoms, parts(named, &alone), side);
        if fits.is_empty() {
            return None;
        }
        fitting.push((named.clone(), fits));
    }
    if joint.is_empty() {
        return Some(fitting.into_iter().map(|(named, fits)| (named, first(fits))).collect());
    }
    share(&mut fitting, &joint, &alone, side);
    let mut tries = 0;
    let mut values = BTreeMap::new();
    assign(&fitting, &joint, side, &mut values, &mut tries).then_some(values)
}

fn first(fits: Vec<Value>) -> Value {
    fits.into_iter().next().unwrap_or_default()
}

/// The values for which the atoms about this attribute alone come out, the most certain first.
fn fitting_values<S: Side>(
    named: &Named,
    mentioned: &[&Atom<'_>],
    alone: &[&Atom<'_>],
    parts: Option<Parts>,
    side: &S,
) -> Vec<Value> {
    let mut fits: Vec<(Certainty, Value)> = candidates(mentioned, parts)
        .into_iter()
        .filter(|value| matches!(named, Named::Attribute(_)) || value.is_string())
        .filter_map(|value| Some((fit(named, &value, alone, side)?, value)))
        .collect();
    // What others are to lie in has to be an object or an array.
    let beside = |value: &Value| parts.is_some() && !value.is_object() && !value.is_array();
    fits.sort_by_key(|(certainty, value)| (beside(value), *certainty));
    fits.into_iter().map(|(_, value)| value).collect()
}

/// How certain it is that the atoms come out with this value, if they do.
fn fit<S: Side>(named: &Named, value: &Value, atoms: &[&Atom<'_>], side: &S) -> Option<Certainty> {
    let values = BTreeMap::from([(named.clone(), value.clone())]);
    let scope = Assigned { side, values: &values };
    let mut certainty = Certainty::Documented;
    for atom in atoms {
        let evaluation = evaluate(&atom.expr, &scope);
        if evaluation.holds() != atom.holds {
            return None;
        }
        certainty = certainty.max(evaluation.certainty);
    }
    Some(certainty)
}

/// Whether other attributes that are asked for lie below this one.
fn parts<T>(named: &Named, all: &BTreeMap<Named, T>) -> Option<Parts> {
    let Named::Attribute(steps) = named else { return None };
    all.keys().find_map(|other| match other {
        Named::Attribute(longer) if longer.starts_with(steps) => match longer.get(steps.len())? {
            Step::Key(_) => Some(Parts::Keys),
            Step::Index(_) => Some(Parts::Indexes),
        },
        _ => None,
    })
}

/// Attributes that are compared with each other try each other's values, and arrays of them.
fn share<S: Side>(
    fitting: &mut [(Named, Vec<Value>)],
    joint: &[(Vec<Named>, &Atom<'_>)],
    alone: &BTreeMap<Named, Vec<&Atom<'_>>>,
    side: &S,
) {
    let own: BTreeMap<Named, Vec<Value>> = fitting.iter().cloned().collect();
    for (names, _) in joint {
        for (named, values) in fitting.iter_mut().filter(|(named, _)| names.contains(named)) {
            let others = names.iter().filter(|other| *other != named).flat_map(|name| &own[name]);
            let arrays = others.clone().filter(|value| !value.is_array()).map(|v| json!([v]));
            for value in others.cloned().chain(arrays) {
                if !values.contains(&value) && fit(named, &value, &alone[named], side).is_some() {
                    values.push(value);
                }
            }
            values.truncate(MAX_VALUES);
        }
    }
}

/// Gives the attributes their values one by one, and takes back what does not go together.
fn assign<S: Side>(
    fitting: &[(Named, Vec<Value>)],
    joint: &[(Vec<Named>, &Atom<'_>)],
    side: &S,
    values: &mut BTreeMap<Named, Value>,
    tries: &mut usize,
) -> bool {
    let Some(((named, fits), rest)) = fitting.split_first() else { return true };
    for value in fits {
        *tries += 1;
        if *tries > MAX_TRIES {
            return false;
        }
        values.insert(named.clone(), value.clone());
        let scope = Assigned { side, values };
        let agrees = joint
            .iter()
            .filter(|(names, _)| {
                names.contains(named) && names.iter().all(|name| values.contains_key(name))
            })
            .all(|(_, atom)| evaluate(&atom.expr, &scope).holds() == atom.holds);
        if agrees && assign(rest, joint, side, values, tries) {
            return true;
        }
    }
    values.remove(named);
    false
}
