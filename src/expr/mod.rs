//! TaskRouter's expression language: lexer, parser (never fails), canonical form, evaluator.
//!
//! The grammar, the truth tables and every choice where the vendor is silent are in
//! `docs/expressions.md`.

mod ast;
mod eval;

pub use ast::{CompareOp, Expr, Literal, LogicOp, Node, Path, Segment};
pub use eval::{Evaluation, Scope, evaluate};

use crate::text::TextRange;

/// Why a text is not an expression, at which bytes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where.
    pub range: TextRange,
    /// A lower-case fragment.
    pub message: String,
    /// What to write instead, when that is clear.
    pub help: Option<String>,
}

/// Reads an expression; always gives a tree, and every syntax error found.
pub fn parse(_text: &str) -> (Expr, Vec<SyntaxError>) {
    todo!()
}

/// The canonical spelling of `text`; `text` itself without outer white space when it has syntax
/// errors.
pub fn canonical(text: &str) -> String {
    let (expr, errors) = parse(text);
    if errors.is_empty() { expr.to_string() } else { text.trim().to_owned() }
}
