//! Text to tokens. Never fails: what is no token is reported, and left out or replaced.

use super::number::{self, Numeral};
use super::{CompareOp, Literal, LogicOp, Path, Segment, SyntaxError, advice};
use crate::text::TextRange;

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    Literal(Literal),
    Path(Path),
    Compare(CompareOp),
    Logic(LogicOp),
    Not,
    /// A lone `!`, which the language does not have; reported by the parser.
    Bang,
    Open,
    Close,
    OpenList,
    CloseList,
    Comma,
    /// Reported already; may stand for anything.
    Junk,
    End,
    /// The end of what could be made sense of; reported already.
    Abandoned,
}

/// A token with its place.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) range: TextRange,
}

/// The tokens of `text`, the last one `End` or `Abandoned`, and what is wrong in it.
pub(super) fn tokenize(text: &str) -> (Vec<Token>, Vec<SyntaxError>) {
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new(), errors: Vec::new() };
    let last = loop {
        lexer.skip_space();
        let start = lexer.at;
        let Some(next) = lexer.peek() else { break TokenKind::End };
        if lexer.token(next).is_break() {
            break TokenKind::Abandoned;
        }
        debug_assert!(lexer.at > start, "every turn reads something");
    };
    let end = TextRange::new(text.len(), text.len());
    lexer.tokens.push(Token { kind: last, range: end });
    (lexer.tokens, lexer.errors)
}

/// The keyword that `word` is, in any case.
fn keyword(word: &str) -> Option<TokenKind> {
    let keywords = [
        ("AND", TokenKind::Logic(LogicOp::And)),
        ("OR", TokenKind::Logic(LogicOp::Or)),
        ("NOT", TokenKind::Not),
        ("IN", TokenKind::Compare(CompareOp::In)),
        ("HAS", TokenKind::Compare(CompareOp::Has)),
        ("CONTAINS", TokenKind::Compare(CompareOp::Contains)),
        ("true", TokenKind::Literal(Literal::Boolean(true))),
        ("false", TokenKind::Literal(Literal::Boolean(false))),
        ("null", TokenKind::Literal(Literal::Null)),
    ];
    keywords.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, kind)| kind)
}

/// Whether `c` may stand in a key as we read it; [`Lexer::word`] reports those beyond ASCII.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || (!c.is_ascii() && c.is_alphanumeric())
}

/// White space between tokens.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// Whether reading goes on.
type Flow = std::ops::ControlFlow<()>;

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    errors: Vec<SyntaxError>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Reads characters as long as they are so, and gives them.
    fn take_while(&mut self, so: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = &rest[..rest.find(|c| !so(c)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    /// Reads `prefix` when it comes next.
    fn take(&mut self, prefix: &str) -> bool {
        let found = self.rest().starts_with(prefix);
        if found {
            self.at += prefix.len();
        }
        found
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        self.tokens.push(Token { kind, range: TextRange::new(start, self.at) });
    }

    fn error(&mut self, start: usize, end: usize, (message, help): advice::Advice) {
        advice::report(&mut self.errors, TextRange::new(start, end), (message, help));
    }

    /// Reports what has been read since `start`, and leaves `Junk` for it.
    fn junk(&mut self, start: usize, advice: advice::Advice) {
        self.error(start, self.at, advice);
        self.push(TokenKind::Junk, start);
    }

    /// Skips white space; that beyond ASCII is reported.
    fn skip_space(&mut self) {
        loop {
            self.take_while(is_space);
            let start = self.at;
            let odd = |c: char| {
                !is_space(c) && (c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}'))
            };
            let Some(first) = self.take_while(odd).chars().next() else { return };
            self.error(start, self.at, advice::odd_space(first));
        }
    }

    fn token(&mut self, next: char) -> Flow {
        let start = self.at;
        match next {
            '(' => self.single(TokenKind::Open),
            ')' => self.single(TokenKind::Close),
            '[' => self.single(TokenKind::OpenList),
            ']' => self.single(TokenKind::CloseList),
            ',' => self.single(TokenKind::Comma),
            '\'' | '"' => return self.string(next),
            '‘' | '’' | '“' | '”' | '`' => return self.odd_string(next),
            '=' | '!' | '<' | '>' => self.operator(next),
            '&' | '|' => {
                self.take_while(|c| c == next);
                let op = if next == '&' { LogicOp::And } else { LogicOp::Or };
                self.error(start, self.at, advice::logic_sign(&self.text[start..self.at], op));
                self.push(TokenKind::Logic(op), start);
            }
            '-' => return self.minus(),
            '.' => self.dot(),
            '0'..='9' => self.number(start),
            '$' if self.rest().starts_with("${") => self.placeholder(),
            '{' => self.placeholder(),
            '#' => return self.comment(),
            '/' if self.rest().starts_with("//") || self.rest().starts_with("/*") => {
                return self.comment();
            }
            c if is_word(c) => self.word_or_path(),
            _ => {
                self.take_while(|c| c == next);
                self.junk(start, advice::unknown(&self.text[start..self.at]));
            }
        }
        Flow::Continue(())
    }

    fn single(&mut self, kind: TokenKind) {
        self.at += 1;
        self.push(kind, self.at - 1);
    }

    fn string(&mut self, quote: char) -> Flow {
        let start = self.at;
        let rest = &self.text[start + 1..];
        let Some(length) = rest.find(quote) else {
            self.at = self.text.len();
            self.error(start, start + 1, advice::unclosed_quote(quote));
            self.push(TokenKind::Literal(Literal::String(rest.to_owned())), start);
            return Flow::Break(());
        };
        self.at = start + 1 + length + 1;
        self.push(TokenKind::Literal(Literal::String(rest[..length].to_owned())), start);
        self.check_after_string(quote)
    }

    /// A word or the same quote straight after a string: the string was meant to go on, and no
    /// later quote can be trusted.
    fn check_after_string(&mut self, quote: char) -> Flow {
        let after = self.rest();
        let word = &after[..after.find(|c| !is_word(c)).unwrap_or(after.len())];
        let operator = keyword(word).is_some_and(|kind| !matches!(kind, TokenKind::Literal(_)));
        if after.starts_with(quote) || (!word.is_empty() && !operator) {
            let escaped = self.text[..self.at - 1].ends_with('\\');
            self.error(self.at - 1, self.at, advice::string_goes_on(quote, escaped));
            return Flow::Break(());
        }
        Flow::Continue(())
    }

    /// A string between quotes that are none.
    fn odd_string(&mut self, quote: char) -> Flow {
        let start = self.at;
        let content = start + quote.len_utf8();
        let pair = ["‘’", "“”", "`"].into_iter().find(|pair| pair.contains(quote)).unwrap_or("");
        self.error(start, content, advice::odd_quote(quote));
        let Some(length) = self.text[content..].find(|c| pair.contains(c)) else {
            self.at = self.text.len();
            return Flow::Break(());
        };
        let text = &self.text[content..content + length];
        self.at = content + length;
        self.at += self.peek().map_or(0, char::len_utf8);
        self.push(TokenKind::Literal(Literal::String(text.to_owned())), start);
        Flow::Continue(())
    }

    fn operator(&mut self, next: char) {
        let start = self.at;
        self.at += 1;
        let mut slip = None;
        let op = match next {
            '=' if self.take("==") => {
                slip = Some("==");
                CompareOp::Equal
            }
            '=' if self.take("=") => CompareOp::Equal,
            '=' if self.take(">") => {
                slip = Some(">=");
                CompareOp::GreaterOrEqual
            }
            '=' if self.take("<") => {
                slip = Some("<=");
                CompareOp::LessOrEqual
            }
            '=' if self.take("~") => return self.junk(start, advice::regular_expression()),
            '!' if self.take("==") => {
                slip = Some("!=");
                CompareOp::NotEqual
            }
            '!' if self.take("=") => CompareOp::NotEqual,
            '!' if self.take("~") => return self.junk(start, advice::regular_expression()),
            '<' if self.take(">") => {
                slip = Some("!=");
                CompareOp::NotEqual
            }
            '<' if self.take("=") => CompareOp::LessOrEqual,
            '>' if self.take("=") => CompareOp::GreaterOrEqual,
            _ => return self.lone_sign(next, start),
        };
        if let Some(right) = slip {
            self.error(start, self.at, advice::wrong_sign(&self.text[start..self.at], right));
        }
        self.push(TokenKind::Compare(op), start);
    }

    /// One of `=`, `!`, `<`, `>` alone, or with white space before the `=` that belongs to it.
    fn lone_sign(&mut self, sign: char, start: usize) {
        let after = self.rest().trim_start_matches(is_space);
        let torn = after.starts_with('=') && after.len() < self.rest().len();
        if torn {
            self.at = self.text.len() - after.len() + 1;
            let right = format!("{sign}=");
            self.error(start, self.at, advice::torn_sign(&right));
        }
        let kind = match (sign, torn) {
            ('=', _) => TokenKind::Compare(CompareOp::Equal),
            ('!', true) => TokenKind::Compare(CompareOp::NotEqual),
            ('!', false) => TokenKind::Bang,
            ('<', true) => TokenKind::Compare(CompareOp::LessOrEqual),
            ('<', false) => TokenKind::Compare(CompareOp::Less),
            (_, true) => TokenKind::Compare(CompareOp::GreaterOrEqual),
            (_, false) => TokenKind::Compare(CompareOp::Greater),
        };
        self.push(kind, start);
    }

    fn minus(&mut self) -> Flow {
        let start = self.at;
        self.at += 1;
        if self.rest().starts_with('-') {
            self.at = start;
            return self.comment();
        }
        if self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.number(start);
        } else {
            self.junk(start, advice::arithmetic("-"));
        }
        Flow::Continue(())
    }

    /// Reads the digits from `self.at`; `start` is there too, or at the minus sign before it.
    fn number(&mut self, start: usize) {
        self.take_while(|c| c.is_ascii_digit());
        if self.rest().starts_with('.') {
            self.at += 1;
            self.take_while(|c| c.is_ascii_digit());
        }
        self.take_while(|c| is_word(c) || c == '.');
        match number::read(&self.text[start..self.at]) {
            Numeral::Exact(value) => self.push(TokenKind::Literal(Literal::Number(value)), start),
            Numeral::Bad(advice) => self.junk(start, advice),
        }
    }

    /// A dot that no key stands before: white space inside a path, or half a number.
    fn dot(&mut self) {
        let start = self.at;
        let before = self.tokens.pop_if(|token| matches!(token.kind, TokenKind::Path(_)));
        if let Some(Token { kind: TokenKind::Path(mut path), range }) = before {
            self.at += 1;
            self.key_after_dot(&mut path, range.end);
            return self.path(path, range.start);
        }
        self.at += 1;
        let advice = match self.take_while(|c| c.is_ascii_digit()) {
            "" => advice::dot_without_key(),
            digits => advice::number_without_digit(digits),
        };
        self.junk(start, advice);
    }

    fn placeholder(&mut self) {
        let start = self.at;
        let close = if self.rest().starts_with("{{") { "}}" } else { "}" };
        let length = self.rest().find(close).map_or(self.rest().len(), |at| at + close.len());
        self.at += length;
        self.junk(start, advice::placeholder(&self.text[start..self.at]));
    }

    fn comment(&mut self) -> Flow {
        let start = self.at;
        self.at = self.text.len();
        self.error(start, self.at, advice::comment());
        Flow::Break(())
    }

    fn word_or_path(&mut self) {
        let start = self.at;
        let word = self.word();
        if !self.rest().starts_with('.')
            && let Some(kind) = keyword(word)
        {
            return self.push(kind, start);
        }
        if keyword(word).is_some() {
            self.error(start, self.at, advice::keyword_as_key(word));
        }
        self.path(Path { segments: vec![Segment::Key(word.to_owned())] }, start);
    }

    /// Reads a key; reports the first character in it that no key may hold.
    fn word(&mut self) -> &'a str {
        let start = self.at;
        let word = self.take_while(is_word);
        if let Some((at, c)) = word.char_indices().find(|(_, c)| !c.is_ascii()) {
            self.error(start + at, start + at + c.len_utf8(), advice::letter_in_key(c));
        }
        word
    }

    /// Reads the further segments of `path`, which began at `start`.
    fn path(&mut self, mut path: Path, start: usize) {
        loop {
            let at = self.at;
            if self.take(".") {
                self.key_after_dot(&mut path, at);
            } else if self.rest().starts_with('[') {
                self.index(&mut path);
            } else if self.rest().starts_with('-')
                && self.rest()[1..].starts_with(is_word)
                && !matches!(path.segments.last(), Some(Segment::Index(_)))
            {
                self.hyphen(&mut path);
            } else {
                break;
            }
        }
        self.push(TokenKind::Path(path), start);
    }

    /// Reads the key after a dot; `before` is where what stands before the dot ends.
    fn key_after_dot(&mut self, path: &mut Path, before: usize) {
        let dot = self.at - 1;
        let spaces = self.take_while(is_space).len();
        if !self.peek().is_some_and(is_word) {
            self.at = dot + 1;
            return self.error(dot, dot + 1, advice::dot_without_successor());
        }
        if before < dot || spaces > 0 {
            self.error(before, self.at, advice::space_in_path());
        }
        let word = self.word();
        path.segments.push(Segment::Key(word.to_owned()));
    }

    fn index(&mut self, path: &mut Path) {
        let start = self.at;
        self.at += 1;
        let inside = self.take_while(|c| !matches!(c, ']' | '(' | ')' | '[' | ',' | '=' | '\n'));
        if !self.take("]") {
            self.at = start + 1;
            self.error(start, self.at, advice::unclosed_index());
            self.take_while(|c| c.is_ascii_digit());
            return;
        }
        let digits = !inside.is_empty() && inside.bytes().all(|b| b.is_ascii_digit());
        match inside.parse() {
            Ok(index) if digits => path.segments.push(Segment::Index(index)),
            _ => self.error(start, self.at, advice::bad_index(inside)),
        }
    }

    /// `skill-level`: the rest of the key is read on, so that the name can be shown.
    fn hyphen(&mut self, path: &mut Path) {
        let at = self.at;
        let alone = path.segments.len() == 1;
        let value_due = self.tokens.last().is_some_and(|token| {
            matches!(token.kind, TokenKind::Compare(_) | TokenKind::OpenList | TokenKind::Comma)
        });
        let Some(Segment::Key(key)) = path.segments.last_mut() else { return };
        let rest = self.text[at..].find(|c| !is_word(c) && c != '-');
        let tail = &self.text[at..rest.map_or(self.text.len(), |length| at + length)];
        self.at += tail.len();
        let advice = if alone && value_due {
            advice::unquoted_hyphen(key, tail)
        } else {
            advice::hyphen(key, tail)
        };
        key.push_str(tail);
        self.error(at, at + 1, advice);
    }
}
