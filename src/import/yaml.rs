//! YAML for people: few quotes, long expressions over several lines, comments at their places.

use super::unit::Unit;

/// As many columns as a line has, where it can be broken.
const COLUMNS: usize = 100;

/// A value to be written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// A number, a truth value, or `null`, as it is.
    Plain(String),
    /// A text in template form.
    Text(String),
    /// An expression in template form: it may be broken into lines, and lifted.
    Expression(String),
    List(Vec<Part>),
    Map(Vec<Part>),
    /// A map that stands in one line where it fits.
    Inline(Vec<Part>),
}

/// An entry of a map or an item of a list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    /// None for an item.
    pub(super) key: Option<String>,
    pub(super) node: Node,
    /// Comments above it; a line each, or broken into several.
    pub(super) above: Vec<String>,
    /// Whether an empty line stands above it.
    pub(super) apart: bool,
    /// What it is about.
    pub(super) unit: Option<Unit>,
}

impl Part {
    pub(super) fn entry(key: impl Into<String>, node: Node) -> Self {
        Self { key: Some(key.into()), node, above: Vec::new(), apart: false, unit: None }
    }

    pub(super) fn item(node: Node) -> Self {
        Self { key: None, node, above: Vec::new(), apart: false, unit: None }
    }

    pub(super) fn about(mut self, unit: Unit) -> Self {
        self.unit = Some(unit);
        self
    }

    pub(super) fn under(mut self, comments: impl IntoIterator<Item = String>) -> Self {
        self.above.extend(comments);
        self
    }

    pub(super) fn apart(mut self) -> Self {
        self.apart = true;
        self
    }
}

impl Node {
    /// A text, in which `${` is escaped.
    pub(super) fn text(plain: &str) -> Self {
        Self::Text(plain.replace("${", "$${"))
    }

    pub(super) fn number(number: u32) -> Self {
        Self::Plain(number.to_string())
    }

    pub(super) fn flag(flag: bool) -> Self {
        Self::Plain(flag.to_string())
    }

    /// A list of texts.
    pub(super) fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::List(texts.into_iter().map(|text| Part::item(Self::text(text))).collect())
    }

    /// A JSON value; its strings are plain.
    pub(super) fn json(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::String(text) => Self::text(text),
            serde_json::Value::Array(items) => {
                Self::List(items.iter().map(|item| Part::item(Self::json(item))).collect())
            }
            serde_json::Value::Object(entries) => {
                let entries = entries.iter();
                Self::Inline(entries.map(|(key, v)| Part::entry(key, Self::json(v))).collect())
            }
            other => Self::Plain(other.to_string()),
        }
    }

    fn is_scalar(&self) -> bool {
        matches!(self, Self::Plain(_) | Self::Text(_) | Self::Expression(_))
    }
}

/// A line, and what it is about.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) unit: Option<Unit>,
}

/// A document: comments at its head, then the sections.
pub(super) fn document(head: &[String], sections: &[Part]) -> Vec<Line> {
    let mut lines: Vec<Line> =
        head.iter().flat_map(|comment| wrapped(comment, COLUMNS)).map(plain_line).collect();
    lines.extend(entries(sections, COLUMNS));
    lines
}

fn plain_line(text: String) -> Line {
    Line { text, unit: None }
}

/// The lines of a block, from its first column on.
fn block(node: &Node, columns: usize) -> Vec<Line> {
    match node {
        Node::Map(parts) | Node::Inline(parts) => entries(parts, columns),
        Node::List(parts) => items(parts, columns),
        Node::Plain(_) | Node::Text(_) | Node::Expression(_) => vec![plain_line(flow(node))],
    }
}

fn above(part: &Part, columns: usize, lines: &mut Vec<Line>) {
    if part.apart && !lines.is_empty() {
        lines.push(plain_line(String::new()));
    }
    lines.extend(part.above.iter().flat_map(|comment| wrapped(comment, columns)).map(plain_line));
}

fn entries(parts: &[Part], columns: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for part in parts {
        above(part, columns, &mut lines);
        let from = lines.len();
        let key = scalar(part.key.as_deref().unwrap_or_default(), Where::Flow);
        match head(&part.node, columns.saturating_sub(key.chars().count() + 2)) {
            Head::Flow(text) => lines.push(plain_line(format!("{key}: {text}"))),
            Head::Folded(folded) => {
                lines.push(plain_line(format!("{key}: >-")));
                lines.extend(folded.into_iter().map(|line| plain_line(format!("  {line}"))));
            }
            Head::Block => {
                lines.push(plain_line(format!("{key}:")));
                lines.extend(block(&part.node, columns.saturating_sub(2)).into_iter().map(indent));
            }
        }
        own(&mut lines[from..], part.unit.as_ref());
    }
    lines
}

fn items(parts: &[Part], columns: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for part in parts {
        above(part, columns, &mut lines);
        let from = lines.len();
        match head(&part.node, columns.saturating_sub(2)) {
            Head::Flow(text) => lines.push(plain_line(format!("- {text}"))),
            Head::Folded(folded) => {
                lines.push(plain_line("- >-".to_owned()));
                lines.extend(folded.into_iter().map(|line| plain_line(format!("  {line}"))));
            }
            Head::Block => {
                let mut inner = block(&part.node, columns.saturating_sub(2)).into_iter().peekable();
                // A comment above the first key stands above the whole item.
                while let Some(line) = inner.next_if(|line| line.text.starts_with('#')) {
                    lines.push(line);
                }
                if let Some(first) = inner.next() {
                    lines.push(Line { text: format!("- {}", first.text), ..first });
                }
                lines.extend(inner.map(indent));
            }
        }
        own(&mut lines[from..], part.unit.as_ref());
    }
    lines
}

/// Lines that are about nothing more special are about this.
fn own(lines: &mut [Line], unit: Option<&Unit>) {
    for line in lines.iter_mut().filter(|line| line.unit.is_none()) {
        line.unit = unit.cloned();
    }
}

fn indent(line: Line) -> Line {
    if line.text.is_empty() { line } else { Line { text: format!("  {}", line.text), ..line } }
}

enum Head {
    Flow(String),
    Folded(Vec<String>),
    Block,
}

/// What stands behind a key or a dash, with so many columns to the end of the line.
fn head(node: &Node, columns: usize) -> Head {
    let fits = |text: &str| text.chars().count() <= columns;
    match node {
        Node::Expression(text) => {
            let written = scalar(text, Where::Block);
            match fold(text, COLUMNS.min(columns + 2)) {
                Some(lines) if !fits(&written) => Head::Folded(lines),
                _ => Head::Flow(written),
            }
        }
        Node::Plain(_) | Node::Text(_) => Head::Flow(match node {
            Node::Text(text) => scalar(text, Where::Block),
            other => flow(other),
        }),
        Node::Map(parts) if !parts.is_empty() => Head::Block,
        Node::List(parts) if !parts.iter().all(|part| part.node.is_scalar() && is_quiet(part)) => {
            Head::Block
        }
        Node::Inline(parts) if !parts.is_empty() && !is_flow(node) => Head::Block,
        node => {
            let text = flow(node);
            if fits(&text) || text.len() <= 2 { Head::Flow(text) } else { Head::Block }
        }
    }
}

/// Whether nothing in it needs a line of its own.
fn is_flow(node: &Node) -> bool {
    match node {
        Node::Plain(_) | Node::Text(_) | Node::Expression(_) => true,
        Node::List(parts) | Node::Inline(parts) => {
            parts.iter().all(|part| is_quiet(part) && is_flow(&part.node))
        }
        Node::Map(parts) => parts.is_empty(),
    }
}

fn is_quiet(part: &Part) -> bool {
    part.above.is_empty() && !part.apart
}

/// A value in one line.
fn flow(node: &Node) -> String {
    match node {
        Node::Plain(text) => text.clone(),
        Node::Text(text) | Node::Expression(text) => scalar(text, Where::Flow),
        Node::List(parts) => {
            let items: Vec<String> = parts.iter().map(|part| flow(&part.node)).collect();
            format!("[{}]", items.join(", "))
        }
        Node::Map(parts) | Node::Inline(parts) if parts.is_empty() => "{}".to_owned(),
        Node::Map(parts) | Node::Inline(parts) => {
            let entry = |part: &Part| {
                let key = scalar(part.key.as_deref().unwrap_or_default(), Where::Flow);
                format!("{key}: {}", flow(&part.node))
            };
            format!("{{ {} }}", parts.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    /// After a key or a dash, to the end of the line.
    Block,
    /// Inside braces or brackets, or as a key.
    Flow,
}

/// A text without quotes where it stays the same text so for every reader, of YAML 1.1 too.
fn scalar(text: &str, place: Where) -> String {
    if is_plain(text, place) {
        return text.to_owned();
    }
    let printable = !text.chars().any(is_special);
    if printable && !text.contains(['"', '\\']) {
        format!("\"{text}\"")
    } else if printable && !text.contains('\'') {
        format!("'{text}'")
    } else {
        escaped(text)
    }
}

/// What editors and readers do not take as it is, or what turns the direction of reading, so that a
/// text looks like another one.
fn is_special(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_plain(text: &str, place: Where) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let word = text.to_lowercase();
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan", "inf"];
    let like_a_number = |c: char| c.is_ascii_hexdigit() || "_:.+-oxTZ ".contains(c);
    let starts_like_one = first.is_ascii_digit() || matches!(first, '+' | '.');
    (first.is_alphanumeric() || matches!(first, '$' | '(' | '/' | '_' | '+' | '.'))
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.chars().any(is_special)
        && !words.contains(&word.as_str())
        && !(starts_like_one && text.chars().all(like_a_number))
        && (place == Where::Block || !text.contains([',', '[', ']', '{', '}', ':', '#', '"']))
}

/// In double quotes, with escapes for what editors and readers do not take as it is.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if is_special(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// An expression over several lines, each beginning with AND or OR where that is possible. None for
/// one that would not read back as it is.
fn fold(text: &str, columns: usize) -> Option<Vec<String>> {
    let fine = !text.is_empty()
        && !text.starts_with(' ')
        && !text.ends_with(' ')
        && !text.contains("  ")
        && !text.chars().any(is_special);
    if !fine {
        return None;
    }
    let mut lines: Vec<String> = Vec::new();
    let mut rest = text;
    while rest.chars().count() > columns {
        let limit = rest.char_indices().nth(columns).map_or(rest.len(), |(at, _)| at);
        let before = &rest[..limit];
        let joint = |word: &str| before.rfind(word).filter(|at| *at > 0);
        let joints = [" AND ", " OR ", " and ", " or "].into_iter().filter_map(joint);
        let at = joints.max().or_else(|| before.rfind(' ').filter(|at| *at > 0))?;
        lines.push(rest[..at].to_owned());
        rest = &rest[at + 1..];
    }
    lines.push(rest.to_owned());
    (lines.len() > 1).then_some(lines)
}

/// A comment as lines; what came from outside can neither end it nor allow anything.
fn wrapped(comment: &str, columns: usize) -> Vec<String> {
    if let Some(verbatim) = comment.strip_prefix('\u{1}') {
        return vec![format!("# {verbatim}")];
    }
    let tame: String = comment.chars().map(|c| if is_special(c) { ' ' } else { c }).collect();
    // With a colon less, of two one would be left.
    let tame = tame.replace("flexctl:", "flexctl :");
    let mut lines = Vec::new();
    let mut line = "#".to_owned();
    for word in tame.split(' ').filter(|word| !word.is_empty()) {
        if line.len() > 1 && line.chars().count() + 1 + word.chars().count() > columns.min(100) {
            lines.push(std::mem::replace(&mut line, "#".to_owned()));
        }
        line.push(' ');
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// A comment that is told to the program and stays as it is.
pub(super) fn directive(text: &str) -> String {
    format!("\u{1}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(node: Node) -> String {
        let lines = document(&[], &[Part::entry("key", node)]);
        lines.into_iter().map(|line| line.text + "\n").collect()
    }

    #[test]
    fn every_text_reads_back_in_a_block_and_in_one_line() {
        for odd in [
            "a",
            "no",
            "1e3",
            "null",
            "",
            " x ",
            "a: b",
            "[x",
            "- y",
            "$${",
            "ü\u{7f}\n\"\\",
            "#",
            "a #b",
            "2025-01-01",
            "~",
            "1_000",
            "12:30",
            "0x1f",
            "1==1",
            "type == 'a'",
            "it's \"so\"",
            "<<",
            "=",
            "a:",
            "${queue.name}",
            "x, y",
            "{a}",
            "'q'",
            "\u{85}",
            "\u{2028}",
            "a\u{202e}b",
            "%a",
            "@a",
            "!a",
            ".5",
            "+1",
            "?",
            "key:value",
            "\\",
            "\t",
        ] {
            for node in [
                Node::Text(odd.to_owned()),
                Node::Expression(odd.to_owned()),
                Node::List(vec![Part::item(Node::Text(odd.to_owned()))]),
                Node::Inline(vec![Part::entry(odd, Node::Text(odd.to_owned()))]),
                Node::Map(vec![Part::entry(odd, Node::Expression(odd.to_owned()))]),
            ] {
                let text = written(node.clone());
                let read: serde_json::Value = serde_yaml::from_str(&text).expect(&text);
                let value = match node {
                    Node::List(_) => serde_json::json!([odd]),
                    Node::Inline(_) | Node::Map(_) => serde_json::json!({ odd: odd }),
                    _ => serde_json::json!(odd),
                };
                assert_eq!(read["key"], value, "{text}");
            }
        }
    }

    #[test]
    fn what_turns_the_direction_of_reading_is_written_out() {
        let text = written(Node::Expression("name == '\u{202e}selas'".to_owned()));
        assert_eq!(text, "key: \"name == '\\u202eselas'\"\n");
    }

    #[test]
    fn a_long_expression_is_broken_before_its_joints_and_reads_back() {
        let long = (0..9).map(|n| format!("attribute.number{n} == 'value {n}'"));
        let long = long.collect::<Vec<_>>().join(" AND ");
        let text = written(Node::Expression(long.clone()));
        assert!(text.lines().count() > 3 && text.lines().all(|line| line.len() <= 100), "{text}");
        assert!(text.lines().skip(2).all(|line| line.starts_with("  AND ")), "{text}");
        let read: serde_json::Value = serde_yaml::from_str(&text).expect(&text);
        assert_eq!(read["key"], serde_json::json!(long));
    }

    #[test]
    fn what_does_not_fit_into_a_line_stands_in_several() {
        let entry = |key: &str| Part::entry(key, Node::Text("x".repeat(60)));
        let text = written(Node::List(vec![
            Part::item(Node::Inline(vec![entry("a"), entry("b")])),
            Part::item(Node::Inline(vec![Part::entry("c", Node::flag(true))])),
        ]));
        let x = "x".repeat(60);
        assert_eq!(text, format!("key:\n  - a: {x}\n    b: {x}\n  - {{ c: true }}\n"));
    }

    #[test]
    fn a_comment_cannot_be_left_and_allows_nothing() {
        let part = Part::entry("key", Node::flag(true))
            .under(["a\nb: c # flexctl: allow(expression-syntax)".to_owned()])
            .under(["flexctl:: allow(warnings)".to_owned()]);
        let lines: Vec<String> = document(&[], &[part]).into_iter().map(|l| l.text).collect();
        let tame =
            ["# a b: c # flexctl : allow(expression-syntax)", "# flexctl :: allow(warnings)"];
        assert_eq!(lines, [&tame[..], &["key: true"]].concat());
    }
}
