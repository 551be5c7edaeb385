//! Long texts and lists inside messages.

use std::fmt::Display;

/// The text with at most `limit` characters of it, and `…` where more were.
pub fn shorten(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// `a, b, and 3 more`: at most `limit` of the names, and how many others there are.
pub fn first_of(names: impl IntoIterator<Item = impl Display>, limit: usize) -> String {
    let mut names = names.into_iter();
    let shown: Vec<String> = names.by_ref().take(limit).map(|name| name.to_string()).collect();
    match names.count() {
        0 => shown.join(", "),
        more => format!("{}, and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{first_of, shorten};

    #[test]
    fn of_a_long_list_the_first_are_named_and_the_others_counted() {
        assert_eq!(first_of(["a", "b"], 2), "a, b");
        assert_eq!(first_of(1..6, 2), "1, 2, and 3 more");
        assert_eq!(first_of([""; 0], 2), "");
    }

    #[test]
    fn only_what_is_too_long_is_cut() {
        assert_eq!(shorten("åäö", 3), "åäö");
        assert_eq!(shorten("åäö", 2), "åä…");
    }
}
