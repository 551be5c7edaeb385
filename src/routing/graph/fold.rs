//! Filters that one rule generated, as one.

use crate::model::{Filter, Origin};

/// Fewer than these are shown one by one.
const FEW: usize = 3;

/// The ranges of filters that are one box, in order: those that one rule made for many queues
/// together, every other one alone.
pub(super) fn runs(filters: &[Filter]) -> Vec<std::ops::Range<usize>> {
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, filter) in filters.iter().enumerate() {
        match runs.last_mut() {
            Some(run) if generated_alike(&filters[run.start], filter) => run.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    let unfold = |run: std::ops::Range<usize>| {
        let each = if run.len() < FEW { 1 } else { run.len() };
        run.clone().step_by(each).map(move |start| start..start + each)
    };
    runs.into_iter().flat_map(unfold).collect()
}

fn generated_alike(a: &Filter, b: &Filter) -> bool {
    let rule = |filter: &Filter| match &filter.origin {
        Some(Origin { rule, queue: Some(_) }) => Some(rule.clone()),
        _ => None,
    };
    rule(a).is_some() && rule(a) == rule(b)
}

/// What all texts begin and end with, with `…` for the rest; none when that is next to nothing.
pub(super) fn common<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    let first = texts.clone().next()?;
    let prefix = texts.clone().map(|text| shared(first.chars(), text.chars())).min()?;
    if texts.clone().all(|text| text == first) {
        return Some(first.to_owned());
    }
    let suffix = |text: &str| {
        shared(first.chars().skip(prefix).collect::<Vec<_>>().into_iter().rev(), {
            text.chars().skip(prefix).collect::<Vec<_>>().into_iter().rev()
        })
    };
    let suffix = texts.map(suffix).min()?;
    let length = first.chars().count();
    let head: String = first.chars().take(prefix).collect();
    let tail: String = first.chars().skip(length - suffix).collect();
    (head.trim().chars().count() >= 3).then(|| format!("{head}…{tail}"))
}

/// How many items are the same from the beginning.
fn shared(a: impl Iterator<Item = char>, b: impl Iterator<Item = char>) -> usize {
    a.zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_texts_share_stands_around_the_rest() {
        let of = |texts: &[&str]| common(texts.iter().copied());
        assert_eq!(of(&["For A", "For B"]), Some("For …".to_owned()));
        assert_eq!(of(&["queue == 'A'", "queue == 'AB'"]), Some("queue == 'A…'".to_owned()));
        assert_eq!(of(&["same", "same"]), Some("same".to_owned()));
        assert_eq!(of(&["a", "b"]), None);
    }

    #[test]
    fn only_neighbours_of_one_rule_are_one_box() {
        let filter = |rule: &str, queue: Option<&str>| Filter {
            origin: Some(Origin { rule: rule.to_owned(), queue: queue.map(str::to_owned) }),
            ..Filter::default()
        };
        let mut filters = vec![filter("transfer", None)];
        filters.extend(["A", "B", "C"].map(|queue| filter("transfer", Some(queue))));
        filters.push(Filter::default());
        filters.extend(["A", "B"].map(|queue| filter("for_each_queue", Some(queue))));
        assert_eq!(runs(&filters), [0..1, 1..4, 4..5, 5..6, 6..7]);
    }
}
