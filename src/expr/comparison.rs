//! Comparisons: the middle of the parser, and most of its advice.

use super::lexer::TokenKind;
use super::parser::{MAX_DEPTH, Parser};
use super::{CompareOp, Expr, Literal, Node, advice};
use crate::text::TextRange;

enum Operator {
    Plain(CompareOp),
    /// NOT before an operator that has no opposite, and where.
    Negated(CompareOp, TextRange),
}

impl Parser<'_> {
    /// `operand op operand`.
    pub(super) fn comparison(&mut self, depth: usize, like: Option<&Expr>) -> Expr {
        let left = self.operand(depth);
        let Some(op) = self.operator(&left, like) else { return left };
        // NOT HAS and NOT CONTAINS are reported once the right side is known.
        let (op, negated) = match op {
            Operator::Plain(op) => (op, None),
            Operator::Negated(op, range) => (op, Some(range)),
        };
        let right = self.right(op, depth);
        if let Some(range) = negated {
            self.error(range, advice::not_before_operator(op, &left, &right));
        }
        let mut right = self.comma_list(op, &left, right, depth);
        if matches!(self.peek(), TokenKind::Compare(_)) {
            if right.node != Node::Missing {
                self.error_here(advice::chained_comparison());
            }
            self.synchronise();
        } else if self.peek() == &TokenKind::Junk {
            self.synchronise();
        } else if let TokenKind::Literal(Literal::Number(_)) = self.peek()
            && self.source().starts_with('-')
        {
            self.error_here(advice::subtraction(self.source()));
            self.synchronise();
        }
        if negated.is_some() {
            right = Expr::new(Node::Missing, right.range);
        }
        let range = left.range.cover(right.range);
        Expr::new(Node::Compare(op, Box::new(left), Box::new(right)), range)
    }

    /// Reads the operator after `left`. None when there is none, which is reported.
    fn operator(&mut self, left: &Expr, like: Option<&Expr>) -> Option<Operator> {
        let start = self.range();
        match self.peek() {
            TokenKind::Compare(op) => {
                let op = *op;
                self.bump();
                Some(Operator::Plain(op))
            }
            TokenKind::Not | TokenKind::Bang => Some(self.negated_operator()),
            TokenKind::Path(_) => self.word_operator(left),
            TokenKind::Junk | TokenKind::Abandoned => {
                self.synchronise();
                None
            }
            TokenKind::Open if self.is_call(left) => {
                self.error(left.range, advice::function_call(self.slice(left.range)));
                self.skip_group();
                self.operator(&Expr::new(Node::Missing, left.range), None)
            }
            TokenKind::OpenList if matches!(left.node, Node::Path(_)) => {
                self.error(TextRange::new(left.range.end, start.end), advice::space_in_path());
                self.synchronise();
                None
            }
            TokenKind::Literal(Literal::Number(_)) if self.source().starts_with('-') => {
                self.error_here(advice::subtraction(self.source()));
                self.synchronise();
                None
            }
            TokenKind::Literal(_) => {
                let advice = advice::missing_operator(self.slice(left.range), self.source());
                self.error_here(advice);
                self.synchronise();
                None
            }
            kind => {
                let comma = kind == &TokenKind::Comma;
                if left.node != Node::Missing {
                    self.error(left.range, advice::bare_value(left, like));
                }
                if comma {
                    self.synchronise();
                }
                None
            }
        }
    }

    /// Whether `left` and the parenthesis that comes next look like `f(…)` or `f (x)`.
    fn is_call(&self, left: &Expr) -> bool {
        let adjacent = left.range.end == self.range().start;
        let arguments = self.peek_nth(1) == &TokenKind::Close
            || self.parenthesised_value()
            || self.peek_nth(2) == &TokenKind::Comma;
        matches!(left.node, Node::Path(_)) && (adjacent || arguments)
    }

    /// NOT or `!` where an operator belongs.
    fn negated_operator(&mut self) -> Operator {
        let bang = self.peek() == &TokenKind::Bang;
        let not = self.bump();
        let TokenKind::Compare(op) = *self.peek() else {
            let right = if bang { "!=" } else { "!= or NOT IN" };
            self.error(not, advice::wrong_sign(self.slice(not), right));
            return Operator::Plain(CompareOp::NotEqual);
        };
        let range = not.cover(self.bump());
        match op {
            CompareOp::In if !bang => Operator::Plain(CompareOp::NotIn),
            CompareOp::In => {
                self.error(range, advice::wrong_sign(self.slice(range), "NOT IN"));
                Operator::Plain(CompareOp::NotIn)
            }
            CompareOp::Has | CompareOp::Contains => Operator::Negated(op, range),
            op => {
                self.error(range, advice::wrong_sign(self.slice(range), "one operator"));
                Operator::Plain(op)
            }
        }
    }

    /// A word where an operator belongs: one from another language, or a forgotten operator.
    fn word_operator(&mut self, left: &Expr) -> Option<Operator> {
        let at = self.range();
        let source = self.source();
        let word = source.to_uppercase();
        if word == "IS" {
            self.bump();
            let negated = self.take(&TokenKind::Not);
            let op = if negated { CompareOp::NotEqual } else { CompareOp::Equal };
            self.error(at, advice::is_operator(op, left));
            return Some(Operator::Plain(op));
        }
        let known = match word.as_str() {
            "EQ" | "EQUALS" => Some(CompareOp::Equal),
            "NE" | "NEQ" => Some(CompareOp::NotEqual),
            "LT" => Some(CompareOp::Less),
            "LE" | "LTE" => Some(CompareOp::LessOrEqual),
            "GT" => Some(CompareOp::Greater),
            "GE" | "GTE" => Some(CompareOp::GreaterOrEqual),
            "CONTAIN" | "INCLUDES" | "LIKE" => Some(CompareOp::Contains),
            _ => None,
        };
        if let Some(op) = known {
            self.bump();
            self.error(at, advice::word_operator(source, Some(&op.to_string())));
            return Some(Operator::Plain(op));
        }
        let operand_follows = matches!(
            self.peek_nth(1),
            TokenKind::Literal(_) | TokenKind::Path(_) | TokenKind::OpenList | TokenKind::Open
        );
        let advice = if matches!(word.as_str(), "ASC" | "DESC") {
            advice::order_in_expression(source)
        } else if operand_follows {
            advice::word_operator(source, None)
        } else {
            advice::missing_operator(self.slice(left.range), source)
        };
        self.error(at, advice);
        self.synchronise();
        None
    }

    /// The right side of a comparison; `('a', 'b')` after an array operator is reported and read
    /// as a list.
    fn right(&mut self, op: CompareOp, depth: usize) -> Expr {
        let array_op = matches!(op, CompareOp::In | CompareOp::NotIn | CompareOp::Has);
        if array_op && self.peek() == &TokenKind::Open {
            let open = self.range();
            let list = self.list(depth, &TokenKind::Close);
            self.error(open, advice::list_in_parentheses(&list));
            return list;
        }
        self.operand(depth)
    }

    /// `== 'a', 'b'`.
    fn comma_list(&mut self, op: CompareOp, left: &Expr, first: Expr, depth: usize) -> Expr {
        if self.peek() != &TokenKind::Comma {
            return first;
        }
        let comma = self.range();
        let mut values = vec![first];
        while self.take(&TokenKind::Comma) {
            if starts_value(self.peek()) {
                values.push(self.operand(depth));
            }
        }
        self.error(comma, advice::list_after_scalar(op, left, &values));
        let range = values[0].range.cover(values[values.len() - 1].range);
        Expr::new(Node::List(values), range)
    }

    fn operand(&mut self, depth: usize) -> Expr {
        let node = match self.peek() {
            TokenKind::Literal(literal) => Node::Literal(literal.clone()),
            TokenKind::Path(path) => Node::Path(path.clone()),
            TokenKind::Junk => Node::Missing,
            TokenKind::OpenList => return self.list(depth, &TokenKind::CloseList),
            TokenKind::Open if self.parenthesised_value() => {
                let open = self.bump();
                let value = self.operand(depth);
                let range = open.cover(self.bump());
                self.error(range, advice::value_in_parentheses(&value));
                return value;
            }
            TokenKind::Open => {
                let open = self.range();
                self.error(open, advice::comparison_as_value());
                self.skip_group();
                return Expr::new(Node::Missing, open);
            }
            TokenKind::Compare(CompareOp::In | CompareOp::Has | CompareOp::Contains)
                if matches!(self.peek_nth(1), TokenKind::Compare(_)) =>
            {
                self.error_here(advice::keyword_as_key(self.source()));
                Node::Missing
            }
            TokenKind::Not | TokenKind::Bang => {
                self.error_missing_value();
                self.synchronise();
                return self.missing();
            }
            _ => {
                self.error_missing_value();
                return self.missing();
            }
        };
        Expr::new(node, self.bump())
    }

    fn parenthesised_value(&self) -> bool {
        matches!(self.peek_nth(1), TokenKind::Literal(_) | TokenKind::Path(_))
            && self.peek_nth(2) == &TokenKind::Close
    }

    fn error_missing_value(&mut self) {
        let operator = |kind: &TokenKind| matches!(kind, TokenKind::Compare(_));
        let left_side = operator(self.peek()) || self.peek() == &TokenKind::Comma;
        let beside = match self.before() {
            Some(before) if !left_side || operator(&before.kind) => {
                format!("after {}", self.slice(before.range))
            }
            _ => format!("before {}", self.source()),
        };
        self.error_here(advice::missing_value(&beside));
    }

    /// A list, up to and with its `close`.
    fn list(&mut self, depth: usize, close: &TokenKind) -> Expr {
        let open = self.range();
        if depth >= MAX_DEPTH {
            self.give_up_too_deep();
            return Expr::new(Node::Missing, open);
        }
        self.bump();
        let mut elements: Vec<Expr> = Vec::new();
        let mut range = open;
        // Whether a value is due: at the start (where it may be lacking) and after a comma.
        let mut due = true;
        loop {
            let kind = self.peek();
            if kind == close {
                if due && !elements.is_empty() {
                    self.error(range, advice::extra_comma());
                }
                range = open.cover(self.bump());
                break;
            } else if kind == &TokenKind::Comma {
                if due {
                    self.error_here(advice::extra_comma());
                }
                due = true;
                range = self.bump();
            } else if starts_value(kind) {
                if !due {
                    self.error_here(advice::missing_comma(self.source()));
                }
                due = false;
                elements.push(self.operand(depth + 1));
            } else {
                if self.peek() != &TokenKind::Abandoned {
                    self.error(open, advice::unclosed_list());
                }
                range = open.cover(elements.last().map_or(open, |element| element.range));
                break;
            }
        }
        Expr::new(Node::List(elements), range)
    }
}

fn starts_value(kind: &TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Literal(_) | TokenKind::Path(_) | TokenKind::OpenList | TokenKind::Junk
    )
}
