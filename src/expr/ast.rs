//! The tree of an expression.

use crate::text::TextRange;

/// A node with its place. Equality ignores places.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub node: Node,
    /// The bytes of the text it was read from.
    pub range: TextRange,
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

/// What an expression is made of.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Two or more operands joined by the same word; none of them is itself joined by that word.
    Logic(LogicOp, Vec<Expr>),
    /// `left op right`.
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// A constant.
    Literal(Literal),
    /// `['a', 'b']`, possibly empty.
    List(Vec<Expr>),
    /// An attribute.
    Path(Path),
    /// What could not be read; only in trees that come with syntax errors.
    Missing,
}

/// `AND`, `OR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogicOp {
    And,
    Or,
}

/// The comparison operators; `=` is read as `==`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOp {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Contains,
    Has,
    In,
    NotIn,
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    Null,
    Boolean(bool),
    /// Finite, never `-0`, and held exactly: no two spellings of different numbers are equal.
    Number(f64),
    /// Never holds both kinds of quotes.
    String(String),
}

/// `worker.routing.levels.en`, `skills[0]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    /// At least one; the first is a key.
    pub segments: Vec<Segment>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Segment {
    Key(String),
    Index(u32),
}
