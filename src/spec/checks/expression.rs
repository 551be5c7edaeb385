//! Expressions: their syntax, with the place of each fault in the file, and what they may name.

use super::checker::Checker;
use super::filled::{Filled, quotes_around_names};
use super::place::Place;
use crate::diag::Diagnostic;
use crate::expr::{self, Expr, Segment, SyntaxError};
use crate::model::Kind;
use crate::spec::references::{PieceKind, Reference, references};
use crate::text::{TextRange, nearest};

/// What the attributes of an expression belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attributes {
    /// A worker's or a task's, by bare keys.
    Bare,
    /// `task.` and `worker.`, in a target.
    TaskAndWorker,
    /// `workers.`, in a `skip_if`.
    Workers,
}

/// The queues that a filter is made for: all one needs to know of a for-each.
pub(super) struct Made<'a> {
    /// The rule, for messages: "the for_each_queue of workflow.Main".
    pub(super) rule: String,
    /// In order of their names.
    pub(super) queues: Vec<&'a str>,
}

impl Made<'_> {
    /// ", made for queue.Sales by …".
    pub(super) fn for_queue(&self, queue: &str) -> String {
        let address = crate::model::Address::new(Kind::Queue, queue);
        format!(", made for {address} by {}", self.rule)
    }
}

impl Checker<'_> {
    /// Checks an expression. Gives its tree when it has the right syntax (that for the first
    /// queue, where it is made for several).
    pub(super) fn expression(
        &mut self,
        place: &Place,
        template: &str,
        attributes: Attributes,
        made: Option<&Made>,
    ) -> Option<Expr> {
        let made = made.filter(|_| asks_for_queue(template));
        if let Some(made) = made {
            self.quotable(place, template, made);
        }
        let sample = made.map(|made| sample(template, made));
        let filled = Filled::new(template, sample);
        let (tree, errors) = expr::parse(&filled.text);
        if errors.is_empty() {
            self.attributes(place, &tree, &filled, attributes);
            return Some(tree);
        }
        let origin = match (made, sample) {
            (Some(made), Some(queue)) => made.for_queue(queue),
            _ => String::new(),
        };
        for error in errors {
            self.syntax_error(place, &filled, error, "expression-syntax", &origin);
        }
        None
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
        let help = format!(
            "it takes the path of the task attribute that names the worker: `{field}: task.agentSid`"
        );
        match expr::parse_path(&filled.text) {
            Ok(path) => {
                let [Segment::Key(first), _, ..] = &path.segments[..] else {
                    return self.known_worker_path(place, &filled.text, help);
                };
                if first != "task" {
                    self.known_worker_path(place, &filled.text, help);
                }
            }
            Err(error) => {
                let span = self.text(place, filled.back(error.range));
                let message = format!("{} in {field} of {place}", error.message);
                self.report(Diagnostic::error("known-worker-path", span, message).with_help(help));
            }
        }
    }

    fn known_worker_path(&mut self, place: &Place, text: &str, help: String) {
        let span = self.value(place);
        let message =
            format!("`{text}` in {} of {place} is not the path of a task attribute", place.last());
        self.report(Diagnostic::error("known-worker-path", span, message).with_help(help));
    }

    fn syntax_error(
        &mut self,
        place: &Place,
        filled: &Filled,
        error: SyntaxError,
        code: crate::diag::Code,
        origin: &str,
    ) {
        let SyntaxError { range, message, help } = error;
        let span = self.text(place, filled.back(range));
        let message = format!("{message} in {} of {place}{origin}", place.last());
        let mut diagnostic = Diagnostic::error(code, span, message);
        diagnostic.help = help;
        self.report(diagnostic);
    }

    /// Warns of attributes that nothing can have where the expression stands.
    fn attributes(&mut self, place: &Place, tree: &Expr, filled: &Filled, attributes: Attributes) {
        let roots: &[&str] = match attributes {
            Attributes::Bare => return,
            Attributes::TaskAndWorker => &["task", "worker"],
            Attributes::Workers => &["workers"],
        };
        for (path, range) in tree.paths() {
            let Some(Segment::Key(root)) = path.segments.first() else { continue };
            if roots.contains(&root.as_str()) && path.segments.len() > 1 {
                continue;
            }
            let root_range = TextRange::new(range.start, range.start + root.len());
            let span = self.text(place, filled.back(root_range));
            let message = format!(
                "`{root}` in {} of {place} names nothing: attributes begin with `{}.` there",
                place.last(),
                roots.join(".` or `")
            );
            let help = match nearest(root, roots.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write `{}.{root}`", roots[0]),
            };
            self.report(Diagnostic::warning("attribute-prefix", span, message).with_help(help));
        }
    }

    /// Checks that every queue's name can stand where the template puts it.
    fn quotable(&mut self, place: &Place, template: &str, made: &Made) {
        for (range, quote) in quotes_around_names(template) {
            for queue in &made.queues {
                if !fits(queue, quote) {
                    self.unquotable(place, range, queue, quote, made);
                }
            }
        }
    }

    fn unquotable(
        &mut self,
        place: &Place,
        range: TextRange,
        queue: &str,
        quote: Option<char>,
        made: &Made,
    ) {
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
        let message = format!("{message} in {} of {place}{}", place.last(), made.for_queue(queue));
        let diagnostic =
            Diagnostic::error("unquotable-name", span, message).with_label(used, "put in here");
        self.report(diagnostic.with_help(help));
    }
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
