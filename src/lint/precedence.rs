//! AND and OR side by side.

use super::finding::Finding;
use super::reading::Readings;
use crate::text::{TextRange, shorten};

/// Finds every expression that hangs on which of the two binds tighter, once.
pub(super) fn check(readings: &Readings, found: &mut Vec<Finding>) {
    for reading in &readings.expressions {
        let ands: Vec<TextRange> = reading.tree.loose_ands().collect();
        let Some(first) = ands.first() else { continue };
        let place = reading.place(readings.model);
        let message = format!(
            "AND and OR stand side by side in {place}, and TaskRouter does not say which binds tighter"
        );
        let help = format!(
            "AND is taken to; to mean that, write `{}`",
            shorten(&grouped(&reading.text, &ands), 200)
        );
        found.push(Finding::new("mixed-and-or", reading.at(*first), message).with_help(help));
    }
}

/// The text with parentheses around these parts of it.
fn grouped(text: &str, parts: &[TextRange]) -> String {
    let opening = parts.iter().map(|part| (part.start, 1, '('));
    let closing = parts.iter().map(|part| (part.end, 0, ')'));
    let mut signs: Vec<_> = opening.chain(closing).collect();
    signs.sort_unstable();
    let mut out = String::with_capacity(text.len() + signs.len());
    let mut at = 0;
    for (place, _, sign) in signs {
        out.push_str(&text[at..place]);
        out.push(sign);
        at = place;
    }
    out + &text[at..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse;

    #[test]
    fn parentheses_around_every_loose_and_change_nothing_but_the_doubt() {
        for (text, wanted) in [
            ("a=1 AND b=2 OR c=3", "(a=1 AND b=2) OR c=3"),
            ("a=1 OR b=2 and c=3 OR d=4 AND e=5", "a=1 OR (b=2 and c=3) OR (d=4 AND e=5)"),
            ("x=1 OR (e=5 OR f=6 AND g=7) AND h=8", "x=1 OR ((e=5 OR (f=6 AND g=7)) AND h=8)"),
        ] {
            let (tree, _) = parse(text);
            let fixed = grouped(text, &tree.loose_ands().collect::<Vec<_>>());
            assert_eq!(fixed, wanted);
            let (again, errors) = parse(&fixed);
            assert_eq!((errors.len(), again.loose_ands().count()), (0, 0), "{fixed}");
            let bare = |tree: &crate::expr::Expr| tree.canonical().replace(['(', ')'], "");
            assert_eq!(bare(&again), bare(&tree));
        }
    }
}
