//! TaskRouter's expression language: lexer, parser (never fails), canonical form, evaluator.
//!
//! The grammar, the truth tables and every choice where the vendor is silent are in
//! `docs/expressions.md`.

mod advice;
mod ast;
mod clock;
mod comparison;
mod decide;
mod eval;
mod lexer;
mod number;
mod order_by;
mod parser;
mod print;
mod query;
mod scope;
mod truth;

pub use ast::{CompareOp, Expr, Literal, LogicOp, Node, Path, Segment, flat};
pub use clock::{Clock, Timed};
pub use decide::{Decision, Reason, decide};
pub use eval::{Certainty, Evaluation, Scope, evaluate};
pub use order_by::{
    Direction, OrderKey, Rank, canonical_order_by, parse_order_by, parse_path, rank,
};
pub use parser::{MAX_DEPTH, parse};
pub use print::quote;
pub use query::Comparison;
pub use scope::{AttributeScope, ChannelLoad, TargetScope};

use crate::text::TextRange;

/// Why a text is not an expression, at which bytes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where; empty at the end of the text when something is missing there.
    pub range: TextRange,
    /// A lower-case fragment.
    pub message: String,
    /// What to write instead, when that is clear.
    pub help: Option<String>,
}

/// The canonical spelling of `text`; `text` itself without outer white space when it has syntax
/// errors.
pub fn canonical(text: &str) -> String {
    let (expr, errors) = parse(text);
    if errors.is_empty() { expr.canonical() } else { text.trim_matches(lexer::is_space).to_owned() }
}

impl Expr {
    /// The canonical spelling. Unlike the one that is displayed, it has of the parentheses only
    /// those between AND and OR.
    pub fn canonical(&self) -> String {
        print::Canonical(self).to_string()
    }
}
