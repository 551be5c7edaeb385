//! Other readings of the language than the one that was chosen, as far as nobody documents it, to
//! hold the certainty of proofs against.

use std::cmp::Ordering;

use serde_json::{Value, json};

use crate::expr::{CompareOp, Expr, Literal, LogicOp, Node, Scope};

/// How the language may be read where its documentation is silent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reading {
    /// Capitals do not matter.
    ignores_case: bool,
    /// A comparison with null holds only when it asks for null.
    strict_null: bool,
    /// Null is before all numbers.
    null_is_least: bool,
    /// An array is neither equal to null nor different from it.
    arrays_escape_null: bool,
    /// Strings, numbers and booleans are converted to each other.
    converts: bool,
    /// An object is different from anything.
    objects_differ: bool,
    /// What is missing is in no list, and no list is missing.
    missing_lists_are_empty: bool,
}

impl Reading {
    /// Those that differ where results are assumed, or unspecified.
    pub(super) fn all() -> Vec<Self> {
        Self::combinations([true; 7])
    }

    /// Those that differ where results are unspecified.
    pub(super) fn doubtful() -> Vec<Self> {
        Self::combinations([false, false, false, false, true, true, true])
    }

    fn combinations(may: [bool; 7]) -> Vec<Self> {
        let bits = (0..128_u32).map(|bits| std::array::from_fn(|at| bits >> at & 1 == 1));
        let allowed = bits.filter(|bits: &[bool; 7]| {
            // One at a time, or all at once.
            let few = bits.iter().filter(|bit| **bit).count() < 2;
            (few || *bits == may) && bits.iter().zip(may).all(|(bit, may)| may || !bit)
        });
        let reading = |[a, b, c, d, e, f, g]: [bool; 7]| Self {
            ignores_case: a,
            strict_null: b,
            null_is_least: c,
            arrays_escape_null: d,
            converts: e,
            objects_differ: f,
            missing_lists_are_empty: g,
        };
        allowed.map(reading).collect()
    }

    /// Whether an expression holds.
    pub(super) fn holds(&self, expr: &Expr, scope: &dyn Scope) -> bool {
        match &expr.node {
            Node::Logic(LogicOp::And, operands) => operands.iter().all(|e| self.holds(e, scope)),
            Node::Logic(LogicOp::Or, operands) => operands.iter().any(|e| self.holds(e, scope)),
            Node::Compare(op, left, right) => {
                let null = |expr: &Expr| matches!(expr.node, Node::Literal(Literal::Null));
                let presence = null(left) || null(right);
                self.compare(*op, &value(left, scope), &value(right, scope), presence)
            }
            _ => false,
        }
    }

    fn compare(&self, op: CompareOp, left: &Value, right: &Value, presence: bool) -> bool {
        match op {
            CompareOp::Equal => self.equal(left, right),
            CompareOp::NotEqual => self.different(left, right, presence),
            CompareOp::Less => self.order(left, right).is_some_and(Ordering::is_lt),
            CompareOp::LessOrEqual => self.order(left, right).is_some_and(Ordering::is_le),
            CompareOp::Greater => self.order(left, right).is_some_and(Ordering::is_gt),
            CompareOp::GreaterOrEqual => self.order(left, right).is_some_and(Ordering::is_ge),
            CompareOp::Contains => match (self.words(left), self.words(right)) {
                (Some(whole), Some(part)) => whole.contains(&part),
                _ => false,
            },
            CompareOp::Has => self.is_in(right, left) == Some(true),
            CompareOp::In => self.is_in(left, right) == Some(true),
            CompareOp::NotIn => match (left, right) {
                (_, Value::Null) if !left.is_array() => self.missing_lists_are_empty,
                (Value::Null, _) if self.strict_null => false,
                (Value::Object(_), Value::Array(_)) => self.objects_differ,
                _ => self.is_in(left, right) == Some(false),
            },
        }
    }

    fn equal(&self, left: &Value, right: &Value) -> bool {
        match (left, right) {
            (Value::Null, Value::Null) => true,
            (Value::String(left), Value::String(right)) if self.ignores_case => {
                left.eq_ignore_ascii_case(right)
            }
            (Value::String(left), Value::String(right)) => left == right,
            (Value::Bool(left), Value::Bool(right)) => left == right,
            (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
            (Value::Array(_) | Value::Object(_) | Value::Null, _)
            | (_, Value::Array(_) | Value::Object(_) | Value::Null) => false,
            _ => self.converts && number(left).is_some() && number(left) == number(right),
        }
    }

    fn different(&self, left: &Value, right: &Value, presence: bool) -> bool {
        match (left, right) {
            (Value::Array(_), _) | (_, Value::Array(_)) => presence && !self.arrays_escape_null,
            (Value::Object(_), _) | (_, Value::Object(_)) => presence || self.objects_differ,
            (Value::Null, _) | (_, Value::Null) if !presence && self.strict_null => false,
            _ => !self.equal(left, right),
        }
    }

    fn order(&self, left: &Value, right: &Value) -> Option<Ordering> {
        match (left, right) {
            (Value::String(left), Value::String(right)) if self.ignores_case => {
                Some(left.to_ascii_lowercase().cmp(&right.to_ascii_lowercase()))
            }
            (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
            (Value::Number(left), Value::Number(right)) => {
                left.as_f64()?.partial_cmp(&right.as_f64()?)
            }
            (Value::Null, Value::Number(_)) if self.null_is_least => Some(Ordering::Less),
            (Value::Number(_), Value::Null) if self.null_is_least => Some(Ordering::Greater),
            _ if self.converts => number(left)?.partial_cmp(&number(right)?),
            _ => None,
        }
    }

    /// None when there is no array, or nothing that could be in one.
    fn is_in(&self, wanted: &Value, list: &Value) -> Option<bool> {
        let elements = list.as_array()?;
        if wanted.is_array() || wanted.is_object() {
            return None;
        }
        Some(elements.iter().any(|element| self.equal(element, wanted)))
    }

    fn words(&self, value: &Value) -> Option<String> {
        match value {
            Value::String(text) if self.ignores_case => Some(text.to_ascii_lowercase()),
            Value::String(text) => Some(text.clone()),
            Value::Number(_) | Value::Bool(_) if self.converts => Some(value.to_string()),
            _ => None,
        }
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        Value::String(text) => match text.as_str() {
            "true" => Some(1.0),
            "false" => Some(0.0),
            text => text.parse().ok(),
        },
        _ => None,
    }
}

fn value(expr: &Expr, scope: &dyn Scope) -> Value {
    match &expr.node {
        Node::Literal(Literal::Boolean(value)) => json!(value),
        Node::Literal(Literal::Number(value)) => json!(value),
        Node::Literal(Literal::String(value)) => json!(value),
        Node::List(elements) => elements.iter().map(|element| value(element, scope)).collect(),
        Node::Path(path) => scope.lookup(path).into_owned(),
        _ => Value::Null,
    }
}
