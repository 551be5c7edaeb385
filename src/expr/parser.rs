//! Tokens to a tree. Never fails: every text has a tree, with `Missing` for what is not there.

use super::lexer::{Token, TokenKind, tokenize};
use super::{Expr, LogicOp, Node, SyntaxError, advice};
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

/// Where reading has come to.
pub(super) struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    errors: Vec<SyntaxError>,
}

impl<'a> Parser<'a> {
    pub(super) fn peek(&self) -> &TokenKind {
        self.peek_nth(0)
    }

    pub(super) fn peek_nth(&self, n: usize) -> &TokenKind {
        let last = self.tokens.len() - 1;
        &self.tokens[(self.at + n).min(last)].kind
    }

    pub(super) fn is_end(&self) -> bool {
        matches!(self.peek(), TokenKind::End | TokenKind::Abandoned)
    }

    pub(super) fn range(&self) -> TextRange {
        self.tokens[self.at].range
    }

    /// The text of the next token.
    pub(super) fn source(&self) -> &'a str {
        self.slice(self.range())
    }

    pub(super) fn slice(&self, range: TextRange) -> &'a str {
        &self.text[range.start..range.end]
    }

    /// Goes past the next token, but never past the end.
    pub(super) fn bump(&mut self) -> TextRange {
        let range = self.range();
        if !self.is_end() {
            self.at += 1;
        }
        range
    }

    pub(super) fn take(&mut self, kind: &TokenKind) -> bool {
        let found = self.peek() == kind;
        if found {
            self.bump();
        }
        found
    }

    pub(super) fn error(&mut self, range: TextRange, advice: advice::Advice) {
        advice::report(&mut self.errors, range, advice);
    }

    /// Reports at the next token, unless what stands there was reported already.
    pub(super) fn error_here(&mut self, advice: advice::Advice) {
        if !matches!(self.peek(), TokenKind::Junk | TokenKind::Abandoned) {
            self.error(self.range(), advice);
        }
    }

    /// The token before the next one.
    pub(super) fn before(&self) -> Option<&Token> {
        self.tokens.get(self.at.checked_sub(1)?)
    }

    pub(super) fn missing(&self) -> Expr {
        let at = self.range().start;
        Expr::new(Node::Missing, TextRange::new(at, at))
    }

    /// Skips to the next AND, OR or closing parenthesis of this level.
    pub(super) fn synchronise(&mut self) {
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
    pub(super) fn skip_group(&mut self) {
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
    pub(super) fn give_up_too_deep(&mut self) {
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
            return Expr::new(Node::Missing, sign.cover(inner.range));
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
                let beside = match self.before() {
                    Some(before) => format!("after {}", self.slice(before.range)),
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
            return Expr::new(Node::Missing, open);
        }
        self.bump();
        if self.peek() == &TokenKind::Close {
            let range = open.cover(self.bump());
            self.error(range, advice::empty_parentheses());
            return Expr::new(Node::Missing, range);
        }
        let inner = self.expression(depth + 1);
        if !self.take(&TokenKind::Close) && self.peek() != &TokenKind::Abandoned {
            self.error(open, advice::unclosed_parenthesis());
        }
        if matches!(self.peek(), TokenKind::Compare(_)) {
            self.error_here(advice::chained_comparison());
            self.synchronise();
        }
        Expr { grouped: true, ..inner }
    }
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

/// Operands joined by `op`; one alone is itself.
fn join(op: LogicOp, mut operands: Vec<Expr>) -> Expr {
    if operands.len() == 1 {
        return operands.remove(0);
    }
    let range = operands[0].range.cover(operands[operands.len() - 1].range);
    Expr::new(Node::Logic(op, operands), range)
}
