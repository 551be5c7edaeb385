//! A choice of queues, as a person would write it.

use crate::model::{ChoiceOrder, QueueChoice};

/// The shortest choice of these queues, in this order, among the declared ones, which come by name.
pub(super) fn choice(chosen: &[&str], declared: &[&str]) -> QueueChoice {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let mut sorted = chosen.to_vec();
    sorted.sort_unstable();
    if sorted != chosen {
        return QueueChoice {
            include: names(chosen),
            order: ChoiceOrder::AsIncluded,
            ..QueueChoice::default()
        };
    }
    let others: Vec<&str> =
        declared.iter().copied().filter(|name| sorted.binary_search(name).is_err()).collect();
    // Whoever leaves out a few means all, and the next queue too.
    if others.len() * 3 <= chosen.len() {
        return QueueChoice { exclude: names(&others), ..QueueChoice::default() };
    }
    QueueChoice { include: names(chosen), ..QueueChoice::default() }
}
