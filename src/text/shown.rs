//! Texts from anywhere, safe on a terminal.

/// The text with its control characters, line breaks among them, written as escapes: shown, not
/// obeyed.
pub fn shown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() { safe.extend(c.escape_default()) } else { safe.push(c) }
    }
    safe
}

/// The same of each line.
pub fn shown_lines(text: &str) -> String {
    text.split('\n').map(shown).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_and_letters_stay() {
        assert_eq!(
            shown("a\nb\u{1b}[31m\u{9b}\u{7f}ü\u{200d}"),
            "a\\nb\\u{1b}[31m\\u{9b}\\u{7f}ü\u{200d}"
        );
        assert_eq!(shown_lines("a\r\n\tb\n"), "a\\r\n\\tb\n");
    }
}
