//! Expressions: their syntax, with the place of each fault in the file.

use super::checker::Checker;
use super::filled::{Filled, quotes_around_names};
use super::place::Place;
use crate::diag::{Code, Diagnostic};
use crate::expr::{self, Segment, SyntaxError};
use crate::model::{Address, Kind};
use crate::spec::references::{Piece, PieceKind, Reference, references};
use crate::text::{Span, TextRange};

/// The queues that the filters of a for-each are made for.
pub(super) struct Made<'a> {
    /// In order of their names.
    pub(super) queues: Vec<&'a str>,
}

impl Made<'_> {
    /// The end of a message about what is made for one queue: ", for queue.Sales".
    pub(super) fn for_queue(&self, queue: &str) -> String {
        format!(", for {}", Address::new(Kind::Queue, queue))
    }
}

impl Checker<'_> {
    /// Checks an expression.
    pub(super) fn expression(&mut self, place: &Place, template: &str, made: Option<&Made>) {
        let made = made.filter(|_| asks_for_queue(template));
        if let Some(made) = made {
            self.quotable(place, template, made);
        }
        let sample = made.map(|made| sample(template, made));
        let filled = Filled::new(template, sample);
        let (_, errors) = expr::parse(&filled.text);
        if errors.is_empty() {
            return;
        }
        let origin = match (made, sample) {
            (Some(made), Some(queue)) => made.for_queue(queue),
            _ => String::new(),
        };
        for error in errors {
            self.syntax_error(place, &filled, error, "expression-syntax", &origin);
        }
    }

    /// Checks an `order_by`.
    pub(super) fn order_by(&mut self, place: &Place, template: &str, made: Option<&Made>) {
        let made = made.filter(|_| asks_for_queue(template));
        let sample = made.map(|made| sample(template, made));
        let filled = Filled::new(template, sample);
        let (_, errors) = expr::parse_order_by(&filled.text);
        let origin = match (made, sample) {
            (Some(made), Some(queue)) => made.for_queue(queue),
            _ => String::new(),
        };
        for error in errors {
            self.syntax_error(place, &filled, error, "order-by-syntax", &origin);
        }
    }

    /// Checks the path of a task attribute, as in `known_worker_sid`.
    pub(super) fn known_worker(&mut self, place: &Place, template: &str) {
        if !references(template).iter().all(|piece| matches!(piece.kind, PieceKind::Literal(_))) {
            return;
        }
        let filled = Filled::new(template, None);
        let field = place.last();
        let text = &filled.text;
        let (range, message, help) = match expr::parse_path(text) {
            Ok(path) if matches!(&path.segments[..], [Segment::Key(first), _, ..] if first == "task") =>
            {
                return;
            }
            Ok(_) => (
                TextRange::new(0, text.len()),
                format!("`{text}` is not the path of a task attribute"),
                format!("write `task.{}`", text.trim().trim_start_matches("worker.")),
            ),
            Err(error) => (
                error.range,
                error.message,
                "it takes the path of the task attribute that names the worker, as in \
                 `task.agentSid`"
                    .to_owned(),
            ),
        };
        let span = self.text(place, filled.back(range));
        let message = format!("{message} in `{field}` of {place}");
        self.report(Diagnostic::error("known-worker-path", span, message).with_help(help));
    }

    fn syntax_error(
        &mut self,
        place: &Place,
        filled: &Filled,
        error: SyntaxError,
        code: Code,
        origin: &str,
    ) {
        let SyntaxError { range, message, help } = error;
        let span = self.text(place, filled.back(range));
        if self.named(place, span) {
            return;
        }
        let message = format!("{message} in `{}` of {place}{origin}", place.last());
        let help = help.unwrap_or_else(|| further(code));
        self.report(Diagnostic::error(code, span, message).with_help(help));
    }

    /// Reports the faults of a named expression where it is defined, once, when the fault of a
    /// use lies in it. Says whether it did so, now or before.
    fn named(&mut self, place: &Place, span: Span) -> bool {
        let used = self.sources.slice(span);
        let name = match &references(used)[..] {
            [Piece { kind: PieceKind::Reference(Reference::Expression(name)), .. }] => name.clone(),
            _ => return false,
        };
        let definition = Place::section("expressions").key(&name);
        let Some(text) = self.tree.get(definition.pointer()).and_then(|node| node.as_text()) else {
            return false;
        };
        let filled = Filled::new(&text.value, None);
        let (_, errors) = expr::parse(&filled.text);
        let found = !errors.is_empty();
        for SyntaxError { range, message, help } in errors {
            let at = self.text(&definition, filled.back(range));
            let message = format!("{message} in the named expression `{name}`");
            let code = "expression-syntax";
            self.report(
                Diagnostic::error(code, at, message)
                    .with_label(span, format!("used here, in {place}"))
                    .with_help(help.unwrap_or_else(|| further(code))),
            );
        }
        found
    }

    /// Checks that every queue's name can stand where the template puts it.
    fn quotable(&mut self, place: &Place, template: &str, made: &Made) {
        for (range, quote) in quotes_around_names(template) {
            for queue in &made.queues {
                if !fits(queue, quote) {
                    self.unquotable(place, range, queue, quote);
                }
            }
        }
    }

    fn unquotable(&mut self, place: &Place, range: TextRange, queue: &str, quote: Option<char>) {
        let used = self.text(place, range);
        let span = self.declaration(Kind::Queue, queue).unwrap_or(used);
        let (message, help) = match quote {
            Some(quote) => {
                let other = if quote == '\'' { '"' } else { '\'' };
                let help = if queue.contains(other) {
                    "the name holds both kinds of quotes, and expressions have no escapes: rename \
                     the queue, exclude it, or use `${queue.sid}`"
                        .to_owned()
                } else {
                    format!(
                        "expressions have no escapes: write `{other}${{queue.name}}{other}`, or \
                         exclude the queue and rename it"
                    )
                };
                (
                    format!(
                        "the name of queue `{queue}` holds the quote {quote} that stands around it"
                    ),
                    help,
                )
            }
            None => (
                format!(
                    "the name of queue `{queue}` is no attribute, and no quotes stand around it"
                ),
                "write `'${queue.name}'` for the name as a text".to_owned(),
            ),
        };
        let message = format!("{message} in `{}` of {place}", place.last());
        let diagnostic =
            Diagnostic::error("unquotable-name", span, message).with_label(used, "put in here");
        self.report(diagnostic.with_help(help));
    }
}

/// Where to read on when nothing better can be said.
fn further(code: Code) -> String {
    format!("`flexctl explain {code}` says what can stand here")
}

/// Whether a string holds `${queue.name}` or `${queue.sid}`.
pub(super) fn asks_for_queue(template: &str) -> bool {
    references(template).iter().any(|piece| {
        matches!(piece.kind, PieceKind::Reference(Reference::QueueName | Reference::QueueSid))
    })
}

/// A queue whose name fits, so that what is wrong is the template's fault; any queue if none does.
fn sample<'a>(template: &str, made: &Made<'a>) -> &'a str {
    let quotes = quotes_around_names(template);
    let fitting = made.queues.iter().find(|queue| quotes.iter().all(|(_, q)| fits(queue, *q)));
    fitting.copied().unwrap_or("queue")
}

/// Whether a name can stand inside these quotes, or without any.
fn fits(name: &str, quote: Option<char>) -> bool {
    match quote {
        Some(quote) => !name.contains(quote),
        None => {
            !name.is_empty()
                && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'))
        }
    }
}
