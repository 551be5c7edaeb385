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

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.node {
            Node::Logic(op, operands) => {
                for (i, operand) in operands.iter().enumerate() {
                    if i > 0 {
                        write!(f, " {op} ")?;
                    }
                    // AND binds tighter, so only an OR below something needs parentheses.
                    let loose = matches!(operand.node, Node::Logic(inner, _)
                        if inner == LogicOp::Or || *op == LogicOp::And);
                    parenthesised(f, operand, loose)?;
                }
                Ok(())
            }
            Node::Compare(op, left, right) => {
                operand(f, left)?;
                write!(f, " {op} ")?;
                operand(f, right)
            }
            Node::Literal(literal) => literal.fmt(f),
            Node::List(elements) => {
                f.write_str("[")?;
                for (i, element) in elements.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    element.fmt(f)?;
                }
                f.write_str("]")
            }
            Node::Path(path) => path.fmt(f),
            Node::Missing => Ok(()),
        }
    }
}

/// An operand of a comparison; the parser gives no others than the plain ones.
fn operand(f: &mut fmt::Formatter<'_>, expr: &Expr) -> fmt::Result {
    parenthesised(f, expr, matches!(expr.node, Node::Logic(..) | Node::Compare(..)))
}

fn parenthesised(f: &mut fmt::Formatter<'_>, expr: &Expr, needed: bool) -> fmt::Result {
    if needed { write!(f, "({expr})") } else { expr.fmt(f) }
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
