//! Which rule each filter is made from.

use crate::model::Rule;

/// The rule that a filter is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source<'a> {
    /// The rule's place in the workflow's list, from 0.
    pub rule: usize,
    /// The filter's place in a for-each, from 0; 0 elsewhere.
    pub template: usize,
    /// The queue that it is made for; none for a plain filter and for a transfer's filter for a
    /// worker.
    pub queue: Option<&'a str>,
}

/// The sources of what [`super::filters`] gives for the same rules and queues, in the same order.
pub fn sources<'a>(rules: &[Rule], queues: &[&'a str]) -> Vec<Source<'a>> {
    let mut sources = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        let source = |template, queue| Source { rule: index, template, queue };
        match rule {
            Rule::Filter(_) => sources.push(source(0, None)),
            Rule::ForEachQueue(rule) => {
                for queue in rule.queues.of(queues.iter().copied()) {
                    sources.extend((0..rule.filters.len()).map(|at| source(at, Some(queue))));
                }
            }
            Rule::Transfer(rule) => {
                sources.extend(rule.worker.iter().map(|_| source(0, None)));
                let chosen = rule.queues.of(queues.iter().copied()).into_iter();
                sources.extend(chosen.map(|queue| source(0, Some(queue))));
            }
        }
    }
    sources
}
