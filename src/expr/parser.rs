//! Tokens to a tree. Never fails: every text has a tree, with `Missing` for what is not there.

use super::lexer::{Token, TokenKind, tokenize};
use super::{CompareOp, Expr, Literal, LogicOp, Node, SyntaxError, advice};
use crate::text::TextRange;

/// How deep parentheses and lists may nest. Whoever walks a tree may recurse.
pub const MAX_DEPTH: usize = 200;

/// Reads an expression; always gives a tree, and the syntax errors in the order of their places.
/// Linear in the length of `text`.
pub fn parse(text: &str) -> (Expr, Vec<SyntaxError>) {
    let (tokens, errors) = tokenize(text);
    let mut parser = Parser { text, tokens, at: 0, errors };
    let expr = if parser.is_end() {
        if parser.errors.is_empty() {
            parser.error(TextRange::new(0, text.len()), advice::empty());
        }
        parser.missing()
    } else {
        parser.expression(0)
    };
    debug_assert!(parser.is_end(), "everything is read");
    let mut errors = parser.errors;
    errors.sort_by_key(|error| error.range);
    (expr, errors)
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    errors: Vec<SyntaxError>,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> &TokenKind {
        self.peek_nth(0)
    }

    fn peek_nth(&self, n: usize) -> &TokenKind {
        let last = self.tokens.len() - 1;
        &self.tokens[(self.at + n).min(last)].kind
    }

    fn is_end(&self) -> bool {
        matches!(self.peek(), TokenKind::End | TokenKind::Abandoned)
    }

    fn range(&self) -> TextRange {
        self.tokens[self.at].range
    }

    /// The text of the next token.
    fn source(&self) -> &'a str {
        self.slice(self.range())
    }

    fn slice(&self, range: TextRange) -> &'a str {
        &self.text[range.start..range.end]
    }

    /// Goes past the next token, but never past the end.
    fn bump(&mut self) -> TextRange {
        let range = self.range();
        if !self.is_end() {
            self.at += 1;
        }
        range
    }

    fn take(&mut self, kind: &TokenKind) -> bool {
        let found = self.peek() == kind;
        if found {
            self.bump();
        }
        found
    }

    fn error(&mut self, range: TextRange, advice: advice::Advice) {
        advice::report(&mut self.errors, range, advice);
    }

    /// Reports at the next token, unless what stands there was reported already.
    fn error_here(&mut self, advice: advice::Advice) {
        if !matches!(self.peek(), TokenKind::Junk | TokenKind::Abandoned) {
            self.error(self.range(), advice);
        }
    }

    fn missing(&self) -> Expr {
        let at = self.range().start;
        Expr { node: Node::Missing, range: TextRange::new(at, at) }
    }

    /// Skips to the next AND, OR or closing parenthesis of this level.
    fn synchronise(&mut self) {
        let mut open = 0usize;
        while !self.is_end() {
            match self.peek() {
                TokenKind::Logic(_) if open == 0 => return,
                TokenKind::Close if open == 0 => return,
                TokenKind::Open => open += 1,
                TokenKind::Close => open -= 1,
                _ => {}
            }
            self.bump();
        }
    }

    /// Skips a bracketed group, from its opening to its closing token.
    fn skip_group(&mut self) {
        let mut open = 0usize;
        while !self.is_end() {
            match self.peek() {
                TokenKind::Open | TokenKind::OpenList => open += 1,
                TokenKind::Close | TokenKind::CloseList => open -= 1,
                _ => {}
            }
            self.bump();
            if open == 0 {
                return;
            }
        }
    }

    /// Reads nothing more: what stands deeper than the bound is no expression anybody meant.
    fn give_up_too_deep(&mut self) {
        self.error(self.range(), advice::too_deep(MAX_DEPTH));
        self.at = self.tokens.len() - 1;
        self.tokens[self.at].kind = TokenKind::Abandoned;
    }

    /// `or := and { OR and }`, `and := primary { AND primary }`, up to a `)` of a higher level.
    fn expression(&mut self, depth: usize) -> Expr {
        let mut ors = Vec::new();
        let mut ands = vec![self.primary(depth, None)];
        loop {
            match self.peek() {
                TokenKind::Logic(op) => {
                    let op = *op;
                    self.bump();
                    let next = self.primary(depth, ands.last());
                    if op == LogicOp::Or {
                        ors.push(join(LogicOp::And, std::mem::take(&mut ands)));
                    }
                    ands.push(next);
                }
                TokenKind::Close if depth > 0 => break,
                TokenKind::End | TokenKind::Abandoned => break,
                TokenKind::Close => {
                    self.error_here(advice::stray_close(')'));
                    self.bump();
                }
                TokenKind::CloseList => {
                    self.error_here(advice::stray_close(']'));
                    self.bump();
                    self.synchronise();
                }
                kind if starts_primary(kind) => {
                    self.error_here(advice::missing_logic(self.source()));
                    ands.push(self.primary(depth, None));
                }
                _ => {
                    self.error_here(advice::unexpected(self.source()));
                    self.bump();
                    self.synchronise();
                }
            }
        }
        ors.push(join(LogicOp::And, ands));
        join(LogicOp::Or, ors)
    }

    /// A comparison or a group. `like` is the comparison before it, for advice.
    fn primary(&mut self, depth: usize, like: Option<&Expr>) -> Expr {
        let sign = self.range();
        let negated = matches!(self.peek(), TokenKind::Not | TokenKind::Bang);
        while matches!(self.peek(), TokenKind::Not | TokenKind::Bang) {
            self.bump();
        }
        if negated {
            let before = self.errors.len();
            let inner = self.positive(depth, None);
            // `!isVip`: the advice on `!` says all there is to say.
            if matches!(inner.node, Node::Path(_)) {
                self.errors.truncate(before);
            }
            self.error(sign, advice::prefix_not(self.slice(sign), &inner));
            return Expr { node: Node::Missing, range: sign.cover(inner.range) };
        }
        self.positive(depth, like)
    }

    fn positive(&mut self, depth: usize, like: Option<&Expr>) -> Expr {
        match self.peek() {
            TokenKind::Open if !self.value_in_parentheses() => self.group(depth),
            TokenKind::Logic(_) => {
                let beside = format!("before {}", self.source());
                self.error_here(advice::missing_comparison(&beside));
                self.missing()
            }
            // Reported as closing nothing.
            TokenKind::CloseList => self.missing(),
            TokenKind::Close if depth == 0 => self.missing(),
            TokenKind::Close | TokenKind::End | TokenKind::Abandoned => {
                let beside = match self.at.checked_sub(1).map(|before| self.tokens[before].range) {
                    Some(before) => format!("after {}", self.slice(before)),
                    None => format!("before `{}`", self.source()),
                };
                self.error_here(advice::missing_comparison(&beside));
                self.missing()
            }
            _ => self.comparison(depth, like),
        }
    }

    /// Whether `(value) op` comes next.
    fn value_in_parentheses(&self) -> bool {
        matches!(self.peek_nth(1), TokenKind::Literal(_) | TokenKind::Path(_))
            && self.peek_nth(2) == &TokenKind::Close
            && matches!(self.peek_nth(3), TokenKind::Compare(_))
    }

    fn group(&mut self, depth: usize) -> Expr {
        let open = self.range();
        if depth >= MAX_DEPTH {
            self.give_up_too_deep();
            return Expr { node: Node::Missing, range: open };
        }
        self.bump();
        if self.peek() == &TokenKind::Close {
            let range = open.cover(self.bump());
            self.error(range, advice::empty_parentheses());
            return Expr { node: Node::Missing, range };
        }
        let inner = self.expression(depth + 1);
        if !self.take(&TokenKind::Close) && self.peek() != &TokenKind::Abandoned {
            self.error(open, advice::unclosed_parenthesis());
        }
        if matches!(self.peek(), TokenKind::Compare(_)) {
            self.error_here(advice::chained_comparison());
            self.synchronise();
        }
        inner
    }

    /// `operand op operand`.
    fn comparison(&mut self, depth: usize, like: Option<&Expr>) -> Expr {
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
            right = Expr { node: Node::Missing, range: right.range };
        }
        let range = left.range.cover(right.range);
        Expr { node: Node::Compare(op, Box::new(left), Box::new(right)), range }
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
                self.operator(&Expr { node: Node::Missing, range: left.range }, None)
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

    fn is_call(&self, left: &Expr) -> bool {
        matches!(left.node, Node::Path(_)) && left.range.end == self.range().start
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
        Expr { node: Node::List(values), range }
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
                return Expr { node: Node::Missing, range: open };
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
        Expr { node, range: self.bump() }
    }

    fn parenthesised_value(&self) -> bool {
        matches!(self.peek_nth(1), TokenKind::Literal(_) | TokenKind::Path(_))
            && self.peek_nth(2) == &TokenKind::Close
    }

    fn error_missing_value(&mut self) {
        let beside = match (self.peek(), self.at.checked_sub(1)) {
            (TokenKind::Compare(_) | TokenKind::Comma, None) => {
                format!("before {}", self.source())
            }
            (TokenKind::Compare(_) | TokenKind::Comma, Some(before))
                if !matches!(self.tokens[before].kind, TokenKind::Compare(_)) =>
            {
                format!("before {}", self.source())
            }
            (_, Some(before)) => format!("after {}", self.slice(self.tokens[before].range)),
            (_, None) => format!("before `{}`", self.source()),
        };
        self.error_here(advice::missing_value(&beside));
    }

    /// A list, up to and with its `close`.
    fn list(&mut self, depth: usize, close: &TokenKind) -> Expr {
        let open = self.range();
        if depth >= MAX_DEPTH {
            self.give_up_too_deep();
            return Expr { node: Node::Missing, range: open };
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
        Expr { node: Node::List(elements), range }
    }
}

enum Operator {
    Plain(CompareOp),
    /// NOT before an operator that has no opposite, and where.
    Negated(CompareOp, TextRange),
}

fn starts_value(kind: &TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Literal(_) | TokenKind::Path(_) | TokenKind::OpenList | TokenKind::Junk
    )
}

fn starts_primary(kind: &TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Literal(_)
            | TokenKind::Path(_)
            | TokenKind::OpenList
            | TokenKind::Open
            | TokenKind::Not
            | TokenKind::Bang
    )
}

/// Operands joined by `op`; one alone is itself, and chains of the same word become one.
fn join(op: LogicOp, mut operands: Vec<Expr>) -> Expr {
    if operands.len() == 1 {
        return operands.remove(0);
    }
    let range = operands[0].range.cover(operands[operands.len() - 1].range);
    let mut flat = Vec::with_capacity(operands.len());
    for operand in operands {
        match operand.node {
            Node::Logic(inner, nested) if inner == op => flat.extend(nested),
            node => flat.push(Expr { node, range: operand.range }),
        }
    }
    Expr { node: Node::Logic(op, flat), range }
}
