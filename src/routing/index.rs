//! Which filters of a workflow may take a task, without asking all of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::read::Read;
use crate::expr::{
    self, AttributeScope, Certainty, CompareOp, Expr, Literal, LogicOp, Node, Path, Scope, Segment,
};

/// The filters of a workflow by the string that one of their attributes must be. A filter that is
/// left out is false beyond doubt: its comparison with another string, or with a missing attribute,
/// is documented to fail, and one such operand of an AND decides.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// Filters that ask for no string.
    others: Vec<usize>,
    by_path: Vec<Asked>,
}

/// The filters that ask for strings of one attribute.
#[derive(Clone, Debug)]
struct Asked {
    path: Path,
    /// By string in small letters: whether the case matters is for the evaluator to say.
    by_string: BTreeMap<String, Vec<usize>>,
    all: Vec<usize>,
}

/// `path == 'string'`, or `path IN ['string', …]`.
struct Demand<'a> {
    path: &'a Path,
    strings: Vec<&'a str>,
}

impl Index {
    pub(super) fn new<'a>(filters: impl Iterator<Item = &'a Read> + Clone) -> Self {
        let mut strings: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for demand in filters.clone().flat_map(demands) {
            strings.entry(demand.path.to_string()).or_default().extend(demand.strings);
        }
        let mut index = Self::default();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for (at, filter) in filters.enumerate() {
            // The attribute that tells most filters apart.
            let best = demands(filter).into_iter().max_by_key(|demand| {
                strings.get(&demand.path.to_string()).map_or(0, BTreeSet::len)
            });
            let Some(Demand { path, strings }) = best else {
                index.others.push(at);
                continue;
            };
            let place = *places.entry(path.to_string()).or_insert_with(|| {
                let path = path.clone();
                index.by_path.push(Asked { path, by_string: BTreeMap::new(), all: Vec::new() });
                index.by_path.len() - 1
            });
            let asked = &mut index.by_path[place];
            asked.all.push(at);
            for string in strings {
                let filters = asked.by_string.entry(string.to_ascii_lowercase()).or_default();
                if filters.last() != Some(&at) {
                    filters.push(at);
                }
            }
        }
        index
    }

    /// The places of the filters that may take the task, in order.
    pub(super) fn candidates(&self, task: &dyn Scope) -> Vec<usize> {
        let mut candidates = self.others.clone();
        for asked in &self.by_path {
            match &*task.lookup(&asked.path) {
                Value::Null => {}
                Value::String(string) => {
                    let found = asked.by_string.get(&string.to_ascii_lowercase());
                    candidates.extend(found.into_iter().flatten());
                }
                // What another kind of value is worth is for the evaluator to say.
                _ => candidates.extend(&asked.all),
            }
        }
        candidates.sort_unstable();
        candidates
    }
}

/// What an expression demands: its own comparison, or those that it joins by AND.
fn demands(read: &Read) -> Vec<Demand<'_>> {
    match read.tree.as_ref() {
        Some(Expr { node: Node::Logic(LogicOp::And, operands), .. }) => {
            operands.iter().filter_map(demand).collect()
        }
        Some(tree) => demand(tree).into_iter().collect(),
        None => Vec::new(),
    }
}

fn demand(expr: &Expr) -> Option<Demand<'_>> {
    let Node::Compare(op, left, right) = &expr.node else { return None };
    let ((CompareOp::Equal | CompareOp::In, Node::Path(path), constant)
    | (CompareOp::Equal, constant, Node::Path(path))) = (op, &left.node, &right.node)
    else {
        return None;
    };
    if matches!(&path.segments[0], Segment::Key(key) if key == "taskrouter") {
        return None;
    }
    let string = |node| match node {
        &Node::Literal(Literal::String(ref string)) => Some(string.as_str()),
        _ => None,
    };
    let strings = match (op, constant) {
        (CompareOp::Equal, constant) => vec![string(constant)?],
        (_, Node::List(items)) => {
            items.iter().map(|item| string(&item.node)).collect::<Option<_>>()?
        }
        _ => return None,
    };
    // Left out is only what surely fails where the attribute is missing or another string.
    let nothing = Map::new();
    let missing = expr::evaluate(expr, &AttributeScope::task(&nothing));
    let surely = !missing.holds() && missing.certainty == Certainty::Documented;
    surely.then_some(Demand { path, strings })
}
