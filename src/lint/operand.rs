//! Operands that an operator can do nothing with.

use super::finding::Finding;
use super::reading::{Reading, Readings};
use crate::expr::{CompareOp, Expr, Literal, Node, parse_path};
use crate::model::Model;

/// Finds them in every comparison.
pub(super) fn check(readings: &Readings, found: &mut Vec<Finding>) {
    for reading in &readings.expressions {
        reading.tree.walk(&mut |expr| {
            if let Node::Compare(op, left, right) = &expr.node {
                let comparison =
                    Comparison { model: readings.model, reading, expr, op: *op, left, right };
                found.extend(comparison.check());
            }
        });
    }
}

struct Comparison<'a> {
    model: &'a Model,
    reading: &'a Reading,
    expr: &'a Expr,
    op: CompareOp,
    left: &'a Expr,
    right: &'a Expr,
}

impl Comparison<'_> {
    fn check(&self) -> Option<Finding> {
        self.quoted_key().or_else(|| self.empty_list()).or_else(|| self.wrong_operand())
    }

    fn find(&self, code: crate::diag::Code, at: &Expr, message: String, help: String) -> Finding {
        let place = self.reading.place(self.model);
        let message = format!("{message} in {place}");
        Finding::new(code, self.reading.at(at.range), message).with_help(help)
    }

    /// A text where the attribute belongs: two texts are compared, and are not the same.
    fn quoted_key(&self) -> Option<Finding> {
        let (left, right) = (string(self.left), string(self.right));
        let array_on_the_right = matches!(self.op, CompareOp::In | CompareOp::NotIn);
        let key = if array_on_the_right && right.is_some() { self.right } else { self.left };
        let name = string(key)?;
        let other = if std::ptr::eq(key, self.left) { self.right } else { self.left };
        let constant = match &other.node {
            Node::Literal(_) => true,
            Node::List(elements) => elements.iter().all(|e| matches!(e.node, Node::Literal(_))),
            _ => false,
        };
        // `'x' == 'x'` is a way to say always, and `'x' IN ['x']` another.
        let means_it =
            matches!(self.op, CompareOp::Equal | CompareOp::In) && self.expr.is_always_true();
        if !constant || means_it || left == right || parse_path(name).is_err() {
            return None;
        }
        let quoted = self.reading.slice(key.range);
        let whole = self.reading.slice(self.expr.range);
        let start = key.range.start - self.expr.range.start;
        let fixed = format!("{}{name}{}", &whole[..start], &whole[start + quoted.len()..]);
        let message = format!("{quoted} is a text, not an attribute,");
        Some(self.find("quoted-key", key, message, format!("write `{fixed}`")))
    }

    fn empty_list(&self) -> Option<Finding> {
        let list = match self.op {
            CompareOp::In | CompareOp::NotIn => self.right,
            CompareOp::Has => self.left,
            _ => return None,
        };
        let Node::List(elements) = &list.node else { return None };
        if !elements.is_empty() {
            return None;
        }
        let whole = self.reading.slice(self.expr.range);
        let (held, help) = match self.op {
            CompareOp::NotIn => ("holds for every value", "leave the comparison out"),
            _ => (
                "never holds",
                "put the values into the list; for a condition that never holds write `1==0`",
            ),
        };
        let message = format!("`{whole}` {held}: the list is empty,");
        Some(self.find("empty-list", list, message, help.to_owned()))
    }

    fn wrong_operand(&self) -> Option<Finding> {
        let (left, right) = (Shape::of(self.left), Shape::of(self.right));
        let code = "wrong-operand";
        let op = self.op;
        let left_text = self.reading.slice(self.left.range);
        let right_text = self.reading.slice(self.right.range);
        match op {
            CompareOp::Equal | CompareOp::NotEqual => {
                let (list, other) = match (left, right) {
                    (Shape::List, Shape::List) => return None,
                    (_, Shape::List) => (self.right, left_text),
                    (Shape::List, _) => (self.left, right_text),
                    _ => return None,
                };
                // Against null a list is something that is there.
                if other.eq_ignore_ascii_case("null") {
                    return None;
                }
                let instead = if op == CompareOp::Equal { "IN" } else { "NOT IN" };
                let list_text = self.reading.slice(list.range);
                let message = format!("`{op}` with a list never holds");
                Some(self.find(
                    code,
                    list,
                    message,
                    format!("write `{other} {instead} {list_text}`"),
                ))
            }
            CompareOp::Less
            | CompareOp::LessOrEqual
            | CompareOp::Greater
            | CompareOp::GreaterOrEqual => {
                let (at, what) =
                    [(self.left, left), (self.right, right)].into_iter().find(|(_, shape)| {
                        matches!(shape, Shape::Boolean | Shape::Null | Shape::List)
                    })?;
                let message = format!("`{op}` orders numbers and texts, not {}", what.words());
                let help = match what {
                    Shape::Null => "write `!= null` to ask whether the attribute is there",
                    Shape::Boolean => "write `== true` or `== false`",
                    _ => "compare with one number, or write IN for one of several values",
                };
                Some(self.find(code, at, message, help.to_owned()))
            }
            CompareOp::Contains => {
                let (at, what) = [(self.left, left), (self.right, right)]
                    .into_iter()
                    .find(|(_, shape)| !matches!(shape, Shape::Attribute | Shape::String))?;
                let message = format!(
                    "`CONTAINS` looks for a text in a text, not {}",
                    at_words(at, self.right, what)
                );
                let help = match (what, std::ptr::eq(at, self.right)) {
                    (Shape::Number, true) => {
                        format!("write the text in quotes: `{left_text} CONTAINS '{right_text}'`")
                    }
                    (Shape::List, true) => {
                        "compare with one text at a time, joined by OR".to_owned()
                    }
                    (Shape::List, false) => format!("write `{left_text} HAS {right_text}`"),
                    _ => format!("write `{left_text} == {right_text}`"),
                };
                Some(self.find(code, at, message, help))
            }
            CompareOp::Has => match (left, right) {
                (Shape::String | Shape::Number | Shape::Boolean | Shape::Null, _) => {
                    let message = format!("`HAS` looks into a list, not into {}", left.words());
                    Some(self.find(
                        code,
                        self.left,
                        message,
                        "name the attribute that holds the list".to_owned(),
                    ))
                }
                (_, Shape::List) => {
                    let message = "`HAS` looks for one value, not for a list".to_owned();
                    let help =
                        format!("write `{left_text} HAS …` for each value, joined by OR or AND");
                    Some(self.find(code, self.right, message, help))
                }
                _ => None,
            },
            CompareOp::In | CompareOp::NotIn => match (left, right) {
                (_, Shape::String | Shape::Number | Shape::Boolean | Shape::Null) => {
                    let message = format!("`{op}` looks into a list, not into {}", right.words());
                    let scalar = if op == CompareOp::In { "==" } else { "!=" };
                    Some(self.find(
                        code,
                        self.right,
                        message,
                        format!("write `{left_text} {scalar} {right_text}`"),
                    ))
                }
                (Shape::List, _) => {
                    let message = format!("`{op}` looks for one value, not for a list");
                    let help = "name one value on the left".to_owned();
                    Some(self.find(code, self.left, message, help))
                }
                _ => None,
            },
        }
    }
}

/// What an operand is, as far as the text tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Attribute,
    String,
    Number,
    Boolean,
    Null,
    List,
}

impl Shape {
    fn of(expr: &Expr) -> Self {
        match &expr.node {
            Node::Literal(Literal::String(_)) => Self::String,
            Node::Literal(Literal::Number(_)) => Self::Number,
            Node::Literal(Literal::Boolean(_)) => Self::Boolean,
            Node::Literal(Literal::Null) => Self::Null,
            Node::List(_) => Self::List,
            _ => Self::Attribute,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Attribute => "an attribute",
            Self::String => "a text",
            Self::Number => "a number",
            Self::Boolean => "a truth value",
            Self::Null => "null",
            Self::List => "a list",
        }
    }
}

/// "for a number" on the right of CONTAINS, "in a number" on its left.
fn at_words(at: &Expr, right: &Expr, what: Shape) -> String {
    let preposition = if std::ptr::eq(at, right) { "for" } else { "in" };
    format!("{preposition} {}", what.words())
}

fn string(expr: &Expr) -> Option<&str> {
    match &expr.node {
        Node::Literal(Literal::String(text)) => Some(text),
        _ => None,
    }
}
