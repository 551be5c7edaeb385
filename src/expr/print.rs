//! The canonical spelling: one for every text that says the same in the same order.

use std::fmt::{self, Display as _};

use super::{CompareOp, Expr, Literal, LogicOp, Node, Path, Segment};

/// `text` as a string constant, between single quotes when it can be. `None` when it holds both
/// kinds of quotes: the language has no escapes.
pub fn quote(text: &str) -> Option<String> {
    let quote = match (text.contains('\''), text.contains('"')) {
        (false, _) => '\'',
        (true, false) => '"',
        (true, true) => return None,
    };
    Some(format!("{quote}{text}{quote}"))
}

/// As canonical, but every parenthesis that joined operands stays: what is printed is read as the
/// same tree and is worth the same, as certainly.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        spell(f, self, Parentheses::Kept)
    }
}

/// An expression in its canonical spelling: of its parentheses, those between AND and OR, which
/// settle what TaskRouter does not say.
pub(super) struct Canonical<'a>(pub(super) &'a Expr);

impl fmt::Display for Canonical<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        spell(f, self.0, Parentheses::Settling)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Parentheses {
    Kept,
    Settling,
}

fn spell(f: &mut fmt::Formatter<'_>, expr: &Expr, parentheses: Parentheses) -> fmt::Result {
    match &expr.node {
        Node::Logic(op, operands) => {
            for (i, operand) in operands.iter().enumerate() {
                if i > 0 {
                    write!(f, " {op} ")?;
                }
                let Node::Logic(inner, _) = operand.node else {
                    spell(f, operand, parentheses)?;
                    continue;
                };
                // AND binds tighter, so an OR below an AND needs them in any case.
                let needed = inner == LogicOp::Or && *op == LogicOp::And;
                let settles = inner != *op || parentheses == Parentheses::Kept;
                if needed || operand.grouped && settles {
                    f.write_str("(")?;
                    spell(f, operand, parentheses)?;
                    f.write_str(")")?;
                } else {
                    spell(f, operand, parentheses)?;
                }
            }
            Ok(())
        }
        // The parser gives no logic and no comparison as the operand of a comparison.
        Node::Compare(op, left, right) => {
            spell(f, left, parentheses)?;
            write!(f, " {op} ")?;
            spell(f, right, parentheses)
        }
        Node::Literal(literal) => literal.fmt(f),
        Node::List(elements) => {
            f.write_str("[")?;
            for (i, element) in elements.iter().enumerate() {
                if i > 0 {
                    f.write_str(", ")?;
                }
                spell(f, element, parentheses)?;
            }
            f.write_str("]")
        }
        Node::Path(path) => path.fmt(f),
        Node::Missing => Ok(()),
    }
}

impl fmt::Display for LogicOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::And => "AND",
            Self::Or => "OR",
        })
    }
}

impl fmt::Display for CompareOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Contains => "CONTAINS",
            Self::Has => "HAS",
            Self::In => "IN",
            Self::NotIn => "NOT IN",
        })
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::String(text) => {
                let quote = if text.contains('\'') { '"' } else { '\'' };
                write!(f, "{quote}{text}{quote}")
            }
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, segment) in self.segments.iter().enumerate() {
            match segment {
                Segment::Key(key) if i == 0 => f.write_str(key)?,
                Segment::Key(key) => write!(f, ".{key}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
