//! `${…}` in strings: what it may say.

use crate::model::{Address, Kind};
use crate::text::{TextRange, nearest};

/// A piece of a string in template form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// The bytes of the string that were read, `${` and `}` among them.
    pub(crate) range: TextRange,
    pub(crate) kind: PieceKind,
}

/// What a piece is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PieceKind {
    /// As it stands: the very bytes of its range, or `${` for `$${`.
    Literal(String),
    /// To be replaced.
    Reference(Reference),
    /// Not a reference, and why. The first range is the bad part of it.
    Error(ReferenceError),
}

/// What stands in `${…}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    /// `var.NAME`; never left after interpolation.
    Variable(String),
    /// `expr.NAME`; never left after interpolation.
    Expression(String),
    /// `env.NAME`; never left after interpolation.
    Env(String),
    /// `queue.name`, in a for-each.
    QueueName,
    /// `queue.sid`, in a for-each.
    QueueSid,
    /// `workspace.sid`, `queue['…'].sid` and the like.
    Sid(Address),
}

/// Why a text in `${…}` is no reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReferenceError {
    /// The bytes to point at.
    pub(crate) range: TextRange,
    /// A lower-case fragment.
    pub(crate) message: String,
    pub(crate) help: String,
}

const FORMS: &str = "`${…}` takes var.NAME, expr.NAME, env.NAME, queue.name, queue.sid, \
     workspace.sid, or the sid of one object, as in queue['Sales'].sid \
     (also workflow, channel, activity, and worker in a test's task); write `$${` for a literal `${`";

/// The pieces of a string in template form, in order; together they cover it.
pub(crate) fn references(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut literal = 0;
    let mut at = 0;
    let flush = |pieces: &mut Vec<Piece>, from: usize, to: usize| {
        if from < to {
            let kind = PieceKind::Literal(text[from..to].to_owned());
            pieces.push(Piece { range: TextRange::new(from, to), kind });
        }
    };
    while let Some(found) = text[at..].find("${") {
        let open = at + found;
        if text[..open].ends_with('$') && open > literal {
            flush(&mut pieces, literal, open - 1);
            let range = TextRange::new(open - 1, open + 2);
            pieces.push(Piece { range, kind: PieceKind::Literal("${".to_owned()) });
            at = open + 2;
        } else {
            flush(&mut pieces, literal, open);
            let piece = reference(text, open);
            at = piece.range.end;
            pieces.push(piece);
        }
        literal = at;
    }
    flush(&mut pieces, literal, text.len());
    pieces
}

/// The string with every `${` doubled, so that it stands for itself in template form.
pub(crate) fn escape(text: &str) -> String {
    text.replace("${", "$${")
}

/// What a string in template form says, when no reference is in it.
pub(crate) fn plain(text: &str) -> Option<String> {
    references(text)
        .into_iter()
        .map(|piece| match piece.kind {
            PieceKind::Literal(text) => Some(text),
            PieceKind::Reference(_) | PieceKind::Error(_) => None,
        })
        .collect()
}

/// The reference that begins with the `${` at `open`.
fn reference(text: &str, open: usize) -> Piece {
    let inner = open + 2;
    let Some(close) = closing(&text[inner..]).map(|length| inner + length) else {
        // The rest of the line, so that what follows on other lines is still read.
        let end = text[open..].find('\n').map_or(text.len(), |length| open + length);
        let error = ReferenceError {
            range: TextRange::new(open, open + 2),
            message: "`${` is not closed".to_owned(),
            help: "close it with `}`, or write `$${` for a literal `${`".to_owned(),
        };
        return Piece { range: TextRange::new(open, end), kind: PieceKind::Error(error) };
    };
    let kind = match read(&text[inner..close]) {
        Ok(reference) => PieceKind::Reference(reference),
        Err((message, help)) => PieceKind::Error(ReferenceError {
            range: TextRange::new(open, close + 1),
            message,
            help,
        }),
    };
    Piece { range: TextRange::new(open, close + 1), kind }
}

/// The length up to the `}` that is not inside quotes.
fn closing(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '}') => return Some(at),
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    // A stray quote must not swallow the end of the reference.
    text.find('}')
}

fn read(inner: &str) -> Result<Reference, (String, String)> {
    let inner = inner.trim();
    let word_end = inner.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(inner.len());
    let (word, rest) = inner.split_at(word_end);
    let forms = || FORMS.to_owned();
    let kind = match word {
        "var" | "expr" | "env" => {
            let name = rest.strip_prefix('.').unwrap_or("").trim();
            if name.is_empty() {
                return Err((format!("`${{{inner}}}` names nothing"), forms()));
            }
            let name = name.to_owned();
            return Ok(match word {
                "var" => Reference::Variable(name),
                "expr" => Reference::Expression(name),
                _ => Reference::Env(name),
            });
        }
        "workspace" if rest == ".sid" => return Ok(Reference::Sid(Address::workspace())),
        "queue" if rest == ".name" => return Ok(Reference::QueueName),
        "queue" if rest == ".sid" => return Ok(Reference::QueueSid),
        "workspace" => return Err((format!("`${{{inner}}}` is no reference"), forms())),
        "queue" => Kind::Queue,
        "workflow" => Kind::Workflow,
        "channel" | "task_channel" => Kind::TaskChannel,
        "activity" => Kind::Activity,
        "worker" => Kind::Worker,
        _ => {
            let words = ["var", "expr", "env", "queue", "workspace", "workflow", "channel"];
            let help = match nearest(word, words.into_iter().chain(["activity", "worker"])) {
                Some(word) => format!("did you mean `{word}`? {FORMS}"),
                None => forms(),
            };
            return Err((format!("`${{{inner}}}` is no reference"), help));
        }
    };
    let name = rest
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(".sid")?.strip_suffix(']'))
        .and_then(|name| {
            let quote = name.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
            name.strip_prefix(quote)?.strip_suffix(quote).filter(|name| !name.contains(quote))
        });
    match name {
        Some(name) if !name.is_empty() => Ok(Reference::Sid(Address::new(kind, name))),
        _ => Err((
            format!("`${{{inner}}}` is no reference"),
            format!("write the name in quotes and brackets: `${{{word}['NAME'].sid}}`"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<PieceKind> {
        references(text).into_iter().map(|piece| piece.kind).collect()
    }

    #[test]
    fn a_string_is_taken_apart_into_what_stands_and_what_is_replaced() {
        let literal = |text: &str| PieceKind::Literal(text.to_owned());
        assert_eq!(
            kinds("a == '${queue.name}' $${x} ${workflow['It}s'].sid}${ var.n }"),
            [
                literal("a == '"),
                PieceKind::Reference(Reference::QueueName),
                literal("' "),
                literal("${"),
                literal("x} "),
                PieceKind::Reference(Reference::Sid(Address::new(Kind::Workflow, "It}s"))),
                PieceKind::Reference(Reference::Variable("n".to_owned())),
            ]
        );
        assert_eq!(
            kinds("${queue[\"O'Brien\"].sid}"),
            [PieceKind::Reference(Reference::Sid(Address::new(Kind::Queue, "O'Brien")))]
        );
        assert_eq!(kinds("$ {x} $x"), [literal("$ {x} $x")]);
        assert_eq!(kinds(""), []);
    }

    #[test]
    fn escaped_text_stands_for_itself() {
        for text in ["${a}", "$${a}", "$$${", "$", "a${b", "${${}}", "$${"] {
            assert_eq!(plain(&escape(text)).as_deref(), Some(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_reference_says_what_could_stand_there() {
        for (text, message, help) in [
            ("a ${queue.name", "`${` is not closed", "close it"),
            ("${vra.x}", "`${vra.x}` is no reference", "did you mean `var`?"),
            ("${queue[Sales].sid}", "`${queue[Sales].sid}` is no reference", "quotes"),
            ("${var.}", "`${var.}` names nothing", "var.NAME"),
            ("${workspace.name}", "`${workspace.name}` is no reference", "workspace.sid"),
        ] {
            let error = kinds(text).into_iter().find_map(|kind| match kind {
                PieceKind::Error(error) => Some(error),
                _ => None,
            });
            let error = error.unwrap_or_else(|| panic!("{text} is accepted"));
            assert_eq!(error.message, message);
            assert!(error.help.contains(help), "{text}: {}", error.help);
        }
    }

    proptest::proptest! {
        #[test]
        fn pieces_cover_any_string_in_order(text in "[$a{}'\\[\\].\nqueuwidsv]{0,40}") {
            let mut at = 0;
            for piece in references(&text) {
                proptest::prop_assert_eq!(piece.range.start, at);
                proptest::prop_assert!(piece.range.end > at);
                at = piece.range.end;
            }
            proptest::prop_assert_eq!(at, text.len());
            proptest::prop_assert_eq!(plain(&escape(&text)), Some(text));
        }
    }
}
