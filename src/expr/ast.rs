//! The tree of an expression.

use crate::text::TextRange;

/// A node with its place. Equality ignores places and needless parentheses.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub node: Node,
    /// The bytes of the text it was read from, without parentheses around it.
    pub range: TextRange,
    /// Whether parentheses stood around it. Of an AND inside an OR, they settle which binds
    /// tighter.
    pub grouped: bool,
}

impl Expr {
    /// A node as it was read from `range`, without parentheses around it.
    pub fn new(node: Node, range: TextRange) -> Self {
        Self { node, range, grouped: false }
    }
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

/// What an expression is made of.
#[derive(Clone, Debug)]
pub enum Node {
    /// Two or more operands joined by the same word. An operand that is itself joined by that
    /// word stood between parentheses.
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

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Logic(op, left), Self::Logic(other, right)) => {
                op == other && flat(*op, left).eq(flat(*op, right))
            }
            (Self::Compare(op, a, b), Self::Compare(other, c, d)) => (op, a, b) == (other, c, d),
            (Self::Literal(left), Self::Literal(right)) => left == right,
            (Self::List(left), Self::List(right)) => left == right,
            (Self::Path(left), Self::Path(right)) => left == right,
            (Self::Missing, Self::Missing) => true,
            _ => false,
        }
    }
}

/// `operands`, and instead of those that are themselves joined by `op` their operands, and so on.
pub fn flat(op: LogicOp, operands: &[Expr]) -> impl Iterator<Item = &Expr> {
    let mut levels = vec![operands.iter()];
    std::iter::from_fn(move || {
        while let Some(level) = levels.last_mut() {
            match level.next() {
                Some(Expr { node: Node::Logic(inner, nested), .. }) if *inner == op => {
                    levels.push(nested.iter());
                }
                Some(operand) => return Some(operand),
                None => _ = levels.pop(),
            }
        }
        None
    })
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
