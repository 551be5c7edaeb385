//! Texts inside Mermaid's flowcharts.

use super::visible::visible;

/// The text between double quotes, as Mermaid reads it back: what means something to its lexer, to
/// its removal of comments and directives, or to its Markdown, as a character entity.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    let visible = visible(text);
    for (at, c) in visible.char_indices() {
        let begins_list = at == 0 && begins_list(&visible);
        if begins_list
            || matches!(
                c,
                '"' | '#' | ';' | ':' | '&' | '<' | '>' | '`' | '%' | '\\' | '*' | '_' | '$'
            )
        {
            out.push_str(&format!("#{};", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out.push('"');
    out
}

/// Whether Mermaid would take it for an item of a Markdown list.
fn begins_list(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = rest.len() < text.len() && rest.starts_with(['.', ')']);
    numbered || text.starts_with(['-', '+'])
}

/// The lines below each other, between double quotes.
pub(super) fn quoted_lines<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    let lines = lines.into_iter().map(quoted);
    let lines: Vec<String> = lines.map(|line| line.trim_matches('"').to_owned()).collect();
    format!("\"{}\"", lines.join("<br/>"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn what_mermaid_would_obey_is_an_entity() {
        assert_eq!(quoted("a == \"b\""), "\"a == #34;b#34;\"");
        assert_eq!(quoted("<b>#1; %%"), "\"#60;b#62;#35;1#59; #37;#37;\"");
        assert_eq!(quoted("1. x"), "\"#49;. x\"");
    }
}
