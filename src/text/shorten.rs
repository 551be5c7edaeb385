//! Long texts inside messages.

/// The text with at most `limit` characters of it, and `…` where more were.
pub fn shorten(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::shorten;

    #[test]
    fn only_what_is_too_long_is_cut() {
        assert_eq!(shorten("åäö", 3), "åäö");
        assert_eq!(shorten("åäö", 2), "åä…");
    }
}
