//! What is said about mistakes: a message, and what to write instead.

use super::{CompareOp, Expr, Literal, LogicOp, Node, SyntaxError};
use crate::text::{TextRange, shorten};

/// A message, and help when there is any.
pub(super) type Advice = (String, Option<String>);

/// No text gets more errors than this; a page of them helps nobody.
const MAX_ERRORS: usize = 50;

/// Adds an error unless there are too many already.
pub(super) fn report(errors: &mut Vec<SyntaxError>, range: TextRange, (message, help): Advice) {
    if errors.len() < MAX_ERRORS {
        errors.push(SyntaxError { range, message, help });
    }
}

fn plain(message: impl Into<String>) -> Advice {
    (message.into(), None)
}

fn with(message: impl Into<String>, help: impl AsRef<str>) -> Advice {
    (message.into(), Some(shorten(help.as_ref(), 200)))
}

/// A piece of source short enough for a sentence.
fn short(text: &str) -> String {
    shorten(text, 40)
}

// Characters.

pub(super) fn odd_space(c: char) -> Advice {
    let name = match c {
        '\u{a0}' => "a no-break space".to_owned(),
        '\u{200b}' => "a zero-width space".to_owned(),
        '\u{feff}' => "a byte order mark".to_owned(),
        c => format!("the space U+{:04X}", u32::from(c)),
    };
    with(format!("{name} is not white space here"), "write a plain space")
}

pub(super) fn unknown(text: &str) -> Advice {
    match text {
        "+" | "*" | "/" | "%" | "^" | "~" => arithmetic(text),
        ";" => with("an expression has no `;`", "leave it out"),
        text => plain(format!("`{}` means nothing in an expression", short(text))),
    }
}

pub(super) fn arithmetic(sign: &str) -> Advice {
    with(
        format!("there is no arithmetic, so `{sign}` means nothing here"),
        "only comparisons joined by AND and OR; a minus sign stands directly before a number",
    )
}

pub(super) fn comment() -> Advice {
    with("an expression holds no comments", "put the remark outside the expression")
}

pub(super) fn placeholder(text: &str) -> Advice {
    with(
        format!("the placeholder `{}` is not part of the language", short(text)),
        "it was probably meant to be filled in first; an attribute is written bare, \
         as in `task.name`",
    )
}

// Strings.

pub(super) fn unclosed_quote(quote: char) -> Advice {
    with("this string is never closed", format!("add the closing {quote}"))
}

pub(super) fn string_goes_on(quote: char, escaped: bool) -> Advice {
    let other = if quote == '\'' { '"' } else { '\'' };
    let backslash = if escaped { "a backslash escapes nothing" } else { "there are no escapes" };
    with(
        "the string ends at this quote, but the text goes on",
        format!("{backslash}: a string that holds {quote} is written between {other}"),
    )
}

pub(super) fn odd_quote(quote: char) -> Advice {
    let straight = if matches!(quote, '“' | '”') { '"' } else { '\'' };
    with(format!("{quote} opens no string"), format!("write the straight quote {straight}"))
}

// Numbers.

pub(super) fn inexact_number() -> Advice {
    with(
        "this number has too many digits to be compared exactly",
        "keep such a value as a string, and write it in quotes",
    )
}

pub(super) fn number_without_digit(digits: &str) -> Advice {
    with("a number begins with a digit", format!("write 0.{}", short(digits)))
}

pub(super) fn number_ends_in_dot(number: &str) -> Advice {
    with("digits must follow the dot of a number", format!("write {}", short(number)))
}

pub(super) fn exponent(text: &str) -> Advice {
    let value = text.parse::<f64>().map(|value| value.to_string()).unwrap_or_default();
    let help = (value.len() <= 40).then(|| format!("write {value}"));
    ("a number has no exponent".to_owned(), help)
}

pub(super) fn key_begins_with_digit(text: &str) -> Advice {
    with(
        format!("`{}` is neither a number nor a key", short(text)),
        "a key begins with a letter, `_` or `$`; only after a dot may it begin with a digit",
    )
}

// Keys and paths.

pub(super) fn letter_in_key(c: char) -> Advice {
    with(
        format!("`{c}` cannot stand in a key"),
        "keys hold letters from a to z, digits, `_` and `$`; text belongs in quotes",
    )
}

/// `key` is what stands before the hyphen, `tail` the hyphen and the rest.
pub(super) fn hyphen(key: &str, tail: &str) -> Advice {
    let better = format!("{key}{tail}").replace('-', "_");
    let first = tail.chars().nth(1).unwrap_or_default();
    let what = if first.is_ascii_digit() {
        format!("TaskRouter would read `{}` and the number `-{first}`", short(key))
    } else {
        let rest: String = tail.chars().skip(2).collect();
        let rest = if rest.is_empty() { String::new() } else { format!(" `{}`", short(&rest)) };
        format!("TaskRouter drops `-{first}` and reads `{}`{rest}, which it refuses", short(key))
    };
    with(
        "a key cannot hold a hyphen",
        format!("{what}; rename it, for example to `{}`", short(&better)),
    )
}

/// The same where a value is due, which was more likely meant as text.
pub(super) fn unquoted_hyphen(key: &str, tail: &str) -> Advice {
    with(
        "a key cannot hold a hyphen",
        format!("text belongs in quotes: '{}'", short(&format!("{key}{tail}"))),
    )
}

pub(super) fn keyword_as_key(word: &str) -> Advice {
    with(
        format!("`{word}` is a word of the language and cannot begin a path"),
        "after a dot it can be a key, as in `worker.in`",
    )
}

pub(super) fn space_in_path() -> Advice {
    with("white space cannot stand inside a path", "write the path in one piece, as in `a.b[0]`")
}

pub(super) fn dot_without_key() -> Advice {
    plain("a key must stand before the dot")
}

pub(super) fn dot_without_successor() -> Advice {
    plain("a key must follow the dot")
}

pub(super) fn unclosed_index() -> Advice {
    with("this index is never closed", "add `]`")
}

pub(super) fn bad_index(inside: &str) -> Advice {
    let inside = inside.trim();
    let key = inside.trim_matches(['\'', '"']);
    let help = if key.is_empty() {
        "write a number from 0, as in `a[0]`".to_owned()
    } else if key.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        "the first element is `[0]`; there is no counting from the end".to_owned()
    } else {
        format!("an attribute of an object is written after a dot: `.{}`", short(key))
    };
    with("an index is a whole number", help)
}

// Operators.

pub(super) fn logic_sign(sign: &str, op: LogicOp) -> Advice {
    with(format!("`{}` is not an operator", short(sign)), format!("write {op}"))
}

pub(super) fn wrong_sign(sign: &str, right: &str) -> Advice {
    with(format!("`{sign}` is not an operator"), format!("write {right}"))
}

pub(super) fn torn_sign(right: &str) -> Advice {
    with(format!("white space cannot stand inside `{right}`"), format!("write {right}"))
}

pub(super) fn regular_expression() -> Advice {
    with("there are no regular expressions", "CONTAINS finds a part of a string")
}

pub(super) fn word_operator(word: &str, right: Option<&str>) -> Advice {
    let help = match right {
        Some(right) => format!("write {right}"),
        None => {
            "the operators are == != < <= > >= CONTAINS, and for arrays HAS, IN, NOT IN".to_owned()
        }
    };
    with(format!("`{}` is not an operator", short(word)), help)
}

const CONTAINS_HAS_NO_OPPOSITE: &str =
    "CONTAINS has no opposite; let an earlier filter or target catch what contains it";

pub(super) fn not_before_operator(op: CompareOp, left: &Expr, right: &Expr) -> Advice {
    let help = match op {
        CompareOp::Has => format!("write {}", inverse(CompareOp::Has, left, right)),
        _ => CONTAINS_HAS_NO_OPPOSITE.to_owned(),
    };
    with(format!("there is no NOT {op}"), help)
}

/// `negated` is what the sign stands before.
pub(super) fn prefix_not(sign: &str, negated: &Expr) -> Advice {
    let help = match &negated.node {
        Node::Compare(CompareOp::Contains, ..) => Some(CONTAINS_HAS_NO_OPPOSITE.to_owned()),
        Node::Compare(op, left, right) => Some(format!("write {}", inverse(*op, left, right))),
        Node::Path(path) => Some(format!("write {path} != true")),
        _ => None,
    };
    let help = help.unwrap_or_else(|| "write the opposite of each comparison".to_owned());
    with(format!("TaskRouter cannot negate: it has no `{sign}`"), help)
}

/// The opposite of a comparison, where there is one.
fn inverse(op: CompareOp, left: &Expr, right: &Expr) -> String {
    let op = match op {
        CompareOp::Equal => "!=",
        CompareOp::NotEqual => "==",
        CompareOp::Less => ">=",
        CompareOp::LessOrEqual => ">",
        CompareOp::Greater => "<=",
        CompareOp::GreaterOrEqual => "<",
        CompareOp::In => "NOT IN",
        CompareOp::NotIn => "IN",
        CompareOp::Has => return format!("{right} NOT IN {left}"),
        CompareOp::Contains => "CONTAINS",
    };
    format!("{left} {op} {right}")
}

pub(super) fn is_operator(op: CompareOp, left: &Expr) -> Advice {
    let word = if op == CompareOp::NotEqual { "IS NOT" } else { "IS" };
    with(format!("`{word}` is not an operator"), format!("write {left} {op} null"))
}

pub(super) fn chained_comparison() -> Advice {
    with("a comparison cannot be compared again", "join two comparisons by AND")
}

// Structure.

pub(super) fn empty() -> Advice {
    with("the expression is empty", "`1==1` always holds, `1==0` never does")
}

/// A value alone, with no comparison; `like` is the comparison before it.
pub(super) fn bare_value(value: &Expr, like: Option<&Expr>) -> Advice {
    let help = match (&value.node, like.map(|like| &like.node)) {
        (Node::Literal(literal), Some(Node::Compare(op, left, _)))
            if matches!(left.node, Node::Path(_)) && *op != CompareOp::In =>
        {
            Some(format!("write {left} {op} {literal}"))
        }
        (Node::Path(path), _) => Some(format!("write {path} == true, or what it is compared with")),
        (Node::Literal(Literal::Boolean(true)), _) => Some("write 1==1".to_owned()),
        (Node::Literal(Literal::Boolean(false)), _) => Some("write 1==0".to_owned()),
        _ => None,
    };
    let value = short(&value.to_string());
    (format!("`{value}` is not compared with anything"), help)
}

pub(super) fn missing_comparison(beside: &str) -> Advice {
    plain(format!("a comparison is missing {beside}"))
}

pub(super) fn missing_value(beside: &str) -> Advice {
    plain(format!("a value is missing {beside}"))
}

pub(super) fn order_in_expression(word: &str) -> Advice {
    with(
        format!("`{word}` sorts workers, but this is an expression"),
        "sort keys belong into order_by",
    )
}

pub(super) fn missing_operator(left: &str, right: &str) -> Advice {
    with(
        format!("an operator is missing between `{}` and `{}`", short(left), short(right)),
        "text that is not the name of an attribute belongs in quotes",
    )
}

pub(super) fn subtraction(number: &str) -> Advice {
    plain(format!("there is no subtraction, and `{}` begins no comparison", short(number)))
}

pub(super) fn missing_logic(before: &str) -> Advice {
    plain(format!("AND or OR is missing before `{}`", short(before)))
}

pub(super) fn list_after_scalar(op: CompareOp, left: &Expr, values: &[Expr]) -> Advice {
    let list = || values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let help = match op {
        CompareOp::Equal | CompareOp::In => format!("write {left} IN [{}]", list()),
        CompareOp::NotEqual | CompareOp::NotIn => format!("write {left} NOT IN [{}]", list()),
        _ => "repeat the comparison for each value, joined by OR".to_owned(),
    };
    with(format!("{op} takes one value"), help)
}

pub(super) fn list_in_parentheses(list: &Expr) -> Advice {
    with("a list stands in square brackets", format!("write {list}"))
}

pub(super) fn value_in_parentheses(value: &Expr) -> Advice {
    with("parentheses stand around comparisons, not around a value", format!("write {value}"))
}

pub(super) fn comparison_as_value() -> Advice {
    with("a comparison is not a value", "join two comparisons by AND or OR")
}

pub(super) fn function_call(name: &str) -> Advice {
    with(
        format!("there are no functions, so `{}` cannot be called", short(name)),
        "only comparisons joined by AND and OR",
    )
}

pub(super) fn too_deep(limit: usize) -> Advice {
    plain(format!("nested more than {limit} deep"))
}

pub(super) fn empty_parentheses() -> Advice {
    plain("nothing stands between the parentheses")
}

pub(super) fn unclosed_parenthesis() -> Advice {
    with("this parenthesis is never closed", "add `)`")
}

pub(super) fn stray_close(close: char) -> Advice {
    plain(format!("this `{close}` closes nothing"))
}

pub(super) fn unclosed_list() -> Advice {
    with("this list is never closed", "add `]`")
}

pub(super) fn missing_comma(before: &str) -> Advice {
    plain(format!("a comma is missing before `{}`", short(before)))
}

pub(super) fn extra_comma() -> Advice {
    with("a value is missing beside this comma", "leave the comma out")
}

pub(super) fn unexpected(text: &str) -> Advice {
    plain(format!("`{}` cannot stand here", short(text)))
}

// Lists of sort keys, and paths alone.

pub(super) fn missing_order_key() -> Advice {
    with("an attribute is missing beside this comma", "leave the comma out")
}

pub(super) fn order_by_no_attribute(text: &str) -> Advice {
    with(format!("`{}` is not an attribute to sort by", short(text)), "write worker.level DESC")
}

pub(super) fn order_by_no_worker(text: &str) -> Advice {
    with(
        format!("workers are sorted by their own attributes, not by `{}`", short(text)),
        format!("write worker.{}", short(text.split_once('.').map_or(text, |(_, key)| key))),
    )
}

pub(super) fn order_without_direction(text: &str) -> Advice {
    with(format!("ASC or DESC is missing after `{}`", short(text)), format!("write {text} DESC"))
}

pub(super) fn bad_direction(text: &str) -> Advice {
    with(format!("`{}` is not an order", short(text)), "write ASC or DESC")
}

pub(super) fn missing_order_comma(before: &str) -> Advice {
    plain(format!("a comma is missing before `{}`", short(before)))
}

pub(super) fn no_path() -> Advice {
    with("this is not the path of an attribute", "write it bare, as in task.agent_sid")
}
