//! Questions about a tree that need no attributes.

use super::eval::{Certainty, Verdict};
use super::truth::{Held, compare};
use super::{CompareOp, Expr, Literal, LogicOp, Node, Path};
use crate::text::TextRange;

/// A comparison between an attribute and a string constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison<'a> {
    /// The attribute.
    pub path: &'a Path,
    /// As written: with the constant on the left in `'a' IN skills`.
    pub op: CompareOp,
    /// The constant; each of them for `path IN ['a', 'b']`.
    pub literal: &'a str,
    /// Where the constant is, with its quotes.
    pub range: TextRange,
}

impl Expr {
    /// Whether it holds whatever the attributes are, as far as constants tell: `1 == 1`.
    pub fn is_always_true(&self) -> bool {
        self.constant() == Some(true)
    }

    /// Whether it never holds, as far as constants tell: `1 == 0`, `x IN []`.
    pub fn is_always_false(&self) -> bool {
        self.constant() == Some(false)
    }

    /// Every comparison between an attribute and a string constant, on either side, in order.
    pub fn comparisons(&self) -> impl Iterator<Item = Comparison<'_>> {
        let mut found = Vec::new();
        self.walk(&mut |expr| {
            let Node::Compare(op, left, right) = &expr.node else { return };
            let (path, constant) = match (&left.node, &right.node) {
                (Node::Path(path), _) => (path, right),
                (_, Node::Path(path)) => (path, left),
                _ => return,
            };
            let constants = match &constant.node {
                Node::List(elements) => elements.as_slice(),
                _ => std::slice::from_ref(constant.as_ref()),
            };
            for constant in constants {
                if let Node::Literal(Literal::String(literal)) = &constant.node {
                    found.push(Comparison { path, op: *op, literal, range: constant.range });
                }
            }
        });
        found.into_iter()
    }

    /// Every attribute that is named, and where, in order, as often as it is named.
    pub fn paths(&self) -> impl Iterator<Item = (&Path, TextRange)> {
        let mut found = Vec::new();
        self.walk(&mut |expr| {
            if let Node::Path(path) = &expr.node {
                found.push((path, expr.range));
            }
        });
        found.into_iter()
    }

    /// Every AND that stands beside an OR without parentheses around it, and where. A parenthesis put
    /// at either end settles the precedence.
    pub fn loose_ands(&self) -> impl Iterator<Item = TextRange> {
        let mut found = Vec::new();
        self.walk(&mut |expr| {
            let Node::Logic(LogicOp::Or, operands) = &expr.node else { return };
            let loose = operands.iter().filter(|operand| {
                !operand.grouped && matches!(operand.node, Node::Logic(LogicOp::And, _))
            });
            found.extend(loose.map(|operand| operand.range));
        });
        found.into_iter()
    }

    /// Visits every node, parents first, from left to right.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Self)) {
        visit(self);
        match &self.node {
            Node::Logic(_, operands) | Node::List(operands) => {
                operands.iter().for_each(|operand| operand.walk(visit));
            }
            Node::Compare(_, left, right) => {
                left.walk(visit);
                right.walk(visit);
            }
            Node::Literal(_) | Node::Path(_) | Node::Missing => {}
        }
    }

    /// What it is worth, when constants alone decide that and TaskRouter is sure to agree.
    fn constant(&self) -> Option<bool> {
        match &self.node {
            Node::Logic(op, operands) => {
                let decisive = *op == LogicOp::Or;
                let mut undecided = false;
                for operand in operands {
                    match operand.constant() {
                        Some(value) if value == decisive => return Some(decisive),
                        Some(_) => {}
                        None => undecided = true,
                    }
                }
                (!undecided).then_some(!decisive)
            }
            Node::Compare(op, left, right) => {
                constant_comparison(*op, left, right).or_else(|| never(*op, left, right))
            }
            Node::Literal(_) | Node::List(_) | Node::Path(_) | Node::Missing => None,
        }
    }
}

/// A comparison of two constants.
fn constant_comparison(op: CompareOp, left: &Expr, right: &Expr) -> Option<bool> {
    let Verdict { holds, certainty } = compare(op, &constant(left)?, &constant(right)?);
    (certainty < Certainty::Unspecified).then_some(holds)
}

fn constant(expr: &Expr) -> Option<Held<'_>> {
    match &expr.node {
        Node::Literal(literal) => Some(Held::Literal(literal)),
        Node::List(elements) => {
            elements.iter().map(constant).collect::<Option<_>>().map(Held::List)
        }
        Node::Logic(..) | Node::Compare(..) | Node::Path(_) | Node::Missing => None,
    }
}

/// A comparison that never holds, whatever the attribute in it is.
fn never(op: CompareOp, left: &Expr, right: &Expr) -> Option<bool> {
    let list = |expr: &Expr| matches!(expr.node, Node::List(_));
    let empty = |expr: &Expr| matches!(&expr.node, Node::List(elements) if elements.is_empty());
    let scalar = |expr: &Expr| matches!(expr.node, Node::Literal(_));
    let null = |expr: &Expr| matches!(expr.node, Node::Literal(Literal::Null));
    // TaskRouter may read a quoted word there as a key.
    let quoted = |expr: &Expr| matches!(expr.node, Node::Literal(Literal::String(_)));
    let never = match op {
        CompareOp::In => empty(right) || scalar(right),
        CompareOp::NotIn => scalar(right),
        CompareOp::Has => empty(left) || scalar(left) && !quoted(left),
        // Scalar operators on arrays; against null an array is something that is there.
        _ => (list(left) || list(right)) && !null(left) && !null(right),
    };
    never.then_some(false)
}

#[cfg(test)]
mod tests {
    use crate::expr::parse;

    #[test]
    fn constants_decide_where_they_can() {
        for text in
            ["1==1", "1=1 OR a == 2", "1==1 AND 'a' IN ['a']", "a == 1 OR (b == 1 OR 2 > 1)"]
        {
            assert!(parse(text).0.is_always_true(), "{text}");
            assert!(!parse(text).0.is_always_false(), "{text}");
        }
        for text in [
            "1==0",
            "1==2 AND a == 1",
            "a IN []",
            "[] HAS a",
            "5 HAS a",
            "a == ['x']",
            "a IN 'x'",
            "(a == 1 AND 1==0) OR b IN []",
        ] {
            assert!(parse(text).0.is_always_false(), "{text}");
            assert!(!parse(text).0.is_always_true(), "{text}");
        }
        for text in [
            "a == 1",
            "a == a",
            "'5' == 5",
            "a NOT IN []",
            "\"skills\" HAS 'x'",
            "\"language\" == 'x'",
            "1==1 AND a == 1",
            "a IN [b]",
            "[a] != null",
        ] {
            let tree = parse(text).0;
            assert!(!tree.is_always_true() && !tree.is_always_false(), "{text}");
        }
    }

    #[test]
    fn comparisons_with_strings_are_found_on_either_side_and_in_lists() {
        let text = "a.b == 'x' AND ('y' IN c OR d IN ['p', 2, 'q']) AND e == 1 AND f == g \
                    AND 'r' == 's'";
        let (tree, _) = parse(text);
        let found: Vec<String> = tree
            .comparisons()
            .map(|found| {
                let quoted = &text[found.range.start..found.range.end];
                format!("{} {} {} {quoted}", found.path, found.op, found.literal)
            })
            .collect();
        assert_eq!(found, ["a.b == x 'x'", "c IN y 'y'", "d IN p 'p'", "d IN q 'q'"]);
    }

    #[test]
    fn an_and_beside_an_or_is_loose_without_parentheses() {
        let text = "a=1 AND b=2 OR (c=3 AND d=4) OR (e=5 OR f=6 AND g=7) AND h=8";
        let (tree, _) = parse(text);
        let found: Vec<&str> = tree.loose_ands().map(|r| &text[r.start..r.end]).collect();
        assert_eq!(found, ["a=1 AND b=2", "e=5 OR f=6 AND g=7) AND h=8", "f=6 AND g=7"]);
    }

    #[test]
    fn paths_come_with_their_places() {
        let text = "a.b == c[0] AND d IN [e, 1]";
        let (tree, _) = parse(text);
        let found: Vec<(String, &str)> = tree
            .paths()
            .map(|(path, range)| (path.to_string(), &text[range.start..range.end]))
            .collect();
        assert_eq!(found, ["a.b", "c[0]", "d", "e"].map(|path| (path.to_owned(), path)));
    }
}
