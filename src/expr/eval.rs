//! What an expression is worth for given attributes.

use serde_json::Value;

use super::{Expr, Path};

/// Where the values of paths come from. A missing attribute is [`Value::Null`].
pub trait Scope {
    /// The value of a path.
    fn lookup(&self, path: &Path) -> Value;
}

/// The value of an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// What it is worth; only `true` selects.
    pub value: Value,
}

impl Evaluation {
    /// Whether the expression selects.
    pub fn holds(&self) -> bool {
        self.value == Value::Bool(true)
    }
}

/// Evaluates `expr`. Never panics; linear in the size of the expression.
pub fn evaluate(_expr: &Expr, _scope: &dyn Scope) -> Evaluation {
    todo!()
}
