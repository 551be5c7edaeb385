//! Filters that differ by the queue only, folded back into the rule that makes them.
//!
//! A rule is taken only when what `generate` makes of it is equal to the live filters, one by one
//! and in their order.

mod choice;
mod differences;
mod family;
mod same;
mod template;
mod transfer;

use std::collections::BTreeSet;

use crate::generate;
use crate::model::{Filter, Rule};
use same::same_filters;
pub(super) use template::describe;

/// A rule and the live filters that it stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fold {
    /// The index of the first live filter.
    pub(super) start: usize,
    /// The index after the last one.
    pub(super) end: usize,
    pub(super) rule: Rule,
}

/// The rules that some of these filters can be made from, in order. `queues` are the names of all
/// declared queues, `refused` the indices at which a fold did not do. Filters that are not `sound`
/// stand for themselves.
pub(super) fn folds(
    filters: &[Filter],
    sound: &[bool],
    queues: &BTreeSet<&str>,
    refused: &BTreeSet<usize>,
) -> Vec<Fold> {
    let names: Vec<&str> = queues.iter().copied().collect();
    let holds = |fold: &Fold| {
        let made = generate::filters(std::slice::from_ref(&fold.rule), &names);
        !refused.contains(&fold.start) && same_filters(&made, &filters[fold.start..fold.end])
    };
    let known: Vec<Vec<template::Mention>> =
        filters.iter().map(|filter| template::mentions(filter, queues)).collect();
    let known: Vec<Vec<template::Mention>> = known
        .into_iter()
        .zip(sound)
        .map(|(mentions, sound)| if *sound { mentions } else { Vec::new() })
        .collect();
    let mut folds: Vec<Fold> = Vec::new();
    let mut at = 0;
    while at < filters.len() {
        let family = family::longest(&known, at);
        let transfer = (at == 0).then(|| transfer::fold(filters, &known, &names)).flatten();
        if let Some(fold) = transfer.filter(&holds) {
            at = fold.end;
            folds.push(fold);
            continue;
        }
        let found = family.as_ref().map(|family| family.folds(filters, &names)).unwrap_or_default();
        folds.extend(found.into_iter().filter(&holds));
        // What did not fold as a whole does not fold from its second filter on either.
        let next = family.map_or(at + 1, |family| family.end());
        at = folds.last().map_or(next, |last| last.end.max(next));
    }
    folds
}

/// What a filter asks of the queues that it asks for, without them.
pub(super) fn rests(filter: &Filter, queues: &BTreeSet<&str>) -> Vec<String> {
    template::mentions(filter, queues).into_iter().map(|mention| mention.rest).collect()
}
