//! Comparing fields: only owned ones, and quietly, so that what means the same is the same.

use std::collections::BTreeSet;

use serde_json::Value;

use super::FieldChange;
use crate::model::{Expression, QueueOrder, QueueRef};

/// A value of a field.
pub(super) trait Quiet: Clone {
    /// Whether both mean the same.
    fn same(&self, other: &Self) -> bool;

    /// Whether it means the same as no value.
    fn is_blank(&self) -> bool {
        false
    }

    /// Whether a new object is the same with it as without.
    fn is_nothing_new(&self) -> bool {
        self.is_blank()
    }

    /// As it stands in a plan.
    fn shown(&self) -> Value;
}

/// Whether two values mean the same; a blank one means none.
pub(super) fn same<T: Quiet>(a: Option<&T>, b: Option<&T>) -> bool {
    match (given(a), given(b)) {
        (None, None) => true,
        (Some(a), Some(b)) => a.same(b),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

fn given<T: Quiet>(value: Option<&T>) -> Option<&T> {
    value.filter(|value| !value.is_blank())
}

/// A value as it stands in a plan; null for none.
pub(super) fn shown<T: Quiet>(value: Option<&T>) -> Value {
    given(value).map_or(Value::Null, Quiet::shown)
}

/// Collects the differences of one resource.
#[derive(Debug)]
pub(super) struct Fields {
    against: Against,
    /// What was found so far.
    pub(super) changes: Vec<FieldChange>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Against {
    Live,
    Nothing,
}

impl Fields {
    /// Of a resource that is to be created: every field that is given a value is a difference.
    pub(super) fn of_new() -> Self {
        Self { against: Against::Nothing, changes: Vec::new() }
    }

    /// Of a live resource: every field that is given and not the same.
    pub(super) fn of_live() -> Self {
        Self { against: Against::Live, changes: Vec::new() }
    }

    /// Compares an owned field and gives the value to send, if any.
    pub(super) fn owned<T: Quiet>(
        &mut self,
        field: &str,
        wanted: Option<&T>,
        live: Option<&T>,
    ) -> Option<T> {
        let wanted = wanted?;
        let equal = match self.against {
            Against::Live => same(Some(wanted), live),
            Against::Nothing => wanted.is_nothing_new(),
        };
        if equal {
            return None;
        }
        self.changes.push(FieldChange {
            field: field.to_owned(),
            before: shown(live),
            after: wanted.shown(),
        });
        Some(wanted.clone())
    }

    /// Notes a difference that was found elsewhere.
    pub(super) fn push(&mut self, field: impl Into<String>, before: Value, after: Value) {
        self.changes.push(FieldChange { field: field.into(), before, after });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

impl Quiet for bool {
    fn same(&self, other: &Self) -> bool {
        self == other
    }
    fn shown(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Quiet for u32 {
    fn same(&self, other: &Self) -> bool {
        self == other
    }
    fn shown(&self) -> Value {
        Value::from(*self)
    }
}

impl Quiet for QueueOrder {
    fn same(&self, other: &Self) -> bool {
        self == other
    }
    fn shown(&self) -> Value {
        Value::String(self.to_string())
    }
}

impl Quiet for QueueRef {
    fn same(&self, other: &Self) -> bool {
        self == other
    }
    fn shown(&self) -> Value {
        Value::String(self.to_string())
    }
}

impl Quiet for String {
    fn same(&self, other: &Self) -> bool {
        self == other
    }
    fn is_blank(&self) -> bool {
        self.is_empty()
    }
    fn shown(&self) -> Value {
        Value::String(self.clone())
    }
}

impl Quiet for Expression {
    fn same(&self, other: &Self) -> bool {
        self == other
    }
    fn is_blank(&self) -> bool {
        self.text.parts().is_empty()
    }
    /// A queue without one takes every worker, one with an empty one nobody.
    fn is_nothing_new(&self) -> bool {
        false
    }
    fn shown(&self) -> Value {
        Value::String(self.to_string())
    }
}

/// Event types: the order means nothing.
impl Quiet for Vec<String> {
    fn same(&self, other: &Self) -> bool {
        let set = |list: &Self| list.iter().cloned().collect::<BTreeSet<_>>();
        set(self) == set(other)
    }
    fn is_blank(&self) -> bool {
        self.is_empty()
    }
    fn shown(&self) -> Value {
        Value::from(self.clone())
    }
}

/// Permissions.
impl Quiet for BTreeSet<String> {
    fn same(&self, other: &Self) -> bool {
        self == other
    }
    fn shown(&self) -> Value {
        self.iter().cloned().collect()
    }
}

/// The value of a worker's attribute; `1` and `1.0` are the same number.
impl Quiet for Value {
    fn same(&self, other: &Self) -> bool {
        same_json(self, other)
    }
    fn is_blank(&self) -> bool {
        self.is_null()
    }
    fn shown(&self) -> Value {
        self.clone()
    }
}

fn same_json(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_json(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same_json(a, b)))
        }
        (a, b) => a == b,
    }
}
