//! Text from anywhere, as it may stand in markdown.

use crate::text::shorten;

/// What keeps a platform from making a mention or a link of what follows; nobody sees it.
const NOTHING: char = '\u{200b}';

/// One line of it, as it may stand in a fence: what would end the line, steer a terminal or turn
/// the direction of reading is written out.
pub fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unseen(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out
}

/// In the midst of a paragraph: shown as it is, formats nothing, links nothing, calls nobody.
pub fn escape(text: &str) -> String {
    let text = line(text);
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let next = text[at..].chars().nth(1).unwrap_or(' ');
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '$' | '#')
        {
            out.push('\\');
        }
        out.push(c);
        let calls = c == '@' && !before.is_alphanumeric();
        let refers = matches!(c, '#' | '!') && next.is_ascii_digit();
        let www = || text[..at].to_ascii_lowercase().ends_with("www");
        let links = c == ':' && next == '/' || c == '.' && www();
        if calls || refers || links {
            out.push(NOTHING);
        }
        before = c;
    }
    out
}

/// Where something comes from, which may be two lines: as a paragraph.
pub fn place(text: &str) -> String {
    let lines: Vec<String> =
        text.lines().map(|line| paragraph(&escape(&shorten(line, 300)))).collect();
    lines.join("  \n")
}

/// One of our own sentences: what stands in backquotes is code, the rest is text from anywhere.
pub fn prose(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, (quoted, after))) =
        rest.split_once('`').and_then(|(before, rest)| Some((before, rest.split_once('`')?)))
    {
        out.push_str(&escape(before));
        out.push_str(&if quoted.is_empty() { escape("``") } else { code(quoted) });
        rest = after;
    }
    out + &escape(rest)
}

/// Escaped text as a paragraph of its own: it begins no list, rule or block of code.
pub fn paragraph(text: &str) -> String {
    let text = text.trim();
    let begins = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '=' | ':');
    let guard = if text.starts_with(begins) { "\u{200b}" } else { "" };
    format!("{guard}{text}")
}

/// As code in the midst of a paragraph.
pub fn code(text: &str) -> String {
    let text = line(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    let edge = |c: Option<char>| c.is_none_or(|c| c == '`' || c == ' ');
    let pad = if edge(text.chars().next()) || edge(text.chars().last()) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// In HTML, as in the summary of something folded.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in line(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// The most backquotes in a row.
pub(super) fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

/// Controls, line ends of all kinds, and what turns or hides text.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_formats_nothing_and_calls_nobody() {
        assert_eq!(
            escape("*a* <b> @team, see #12"),
            "\\*a\\* \\<b\\> @\u{200b}team, see \\#\u{200b}12"
        );
        assert_eq!(escape("alice@example.com"), "alice@example.com");
        assert_eq!(escape("www.x.y, workflow.z"), "www.\u{200b}x.y, workflow.z");
        assert_eq!(escape("https://x.y"), "https:\u{200b}//x.y");
    }

    #[test]
    fn code_holds_its_own_quotes() {
        assert_eq!(code("queue.Sales"), "`queue.Sales`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code(""), "`  `");
    }

    #[test]
    fn quotes_of_our_own_are_code_and_no_name_leaves_them() {
        assert_eq!(prose("write `a: *` for x*"), "write `a: *` for x\\*");
        assert_eq!(paragraph(" - a"), "\u{200b}- a");
        assert_eq!(prose("`a`@b` is `odd`"), "`a`@\u{200b}b`  is  `odd\\`");
    }

    #[test]
    fn what_ends_a_line_or_turns_it_is_written_out() {
        assert_eq!(line("a\nb\u{202e}c"), "a\\u{a}b\\u{202e}c");
        assert_eq!(html("</details>"), "&lt;/details&gt;");
    }
}
