//! Neighbours that ask the same question about different queues.

use std::collections::{BTreeMap, BTreeSet};

use super::Fold;
use super::choice::choice;
use super::differences::difference;
use super::template::{
    self, Mention, describe, filter_template, has_hole, out_of_words, steps_key,
};
use crate::generate;
use crate::model::{Filter, FilterTemplate, ForEachQueue, Rule, Template, TransferOverride};

/// As many filters for one queue may stand together.
const PERIODS: usize = 3;
/// A rule for fewer queues says less than the filters themselves.
const FEWEST: usize = 3;

/// Filters that stand together and differ by the queue.
#[derive(Clone, Debug)]
pub(super) struct Family {
    pub(super) start: usize,
    /// How many filters each queue has.
    pub(super) period: usize,
    pub(super) queues: Vec<String>,
}

/// The family that begins at a filter and covers most.
pub(super) fn longest(known: &[Vec<Mention>], start: usize) -> Option<Family> {
    let mut best: Option<Family> = None;
    for period in 1..=PERIODS {
        for mention in &known[start] {
            let Some(rests) = rests(known, start, period, &mention.queue) else { continue };
            let mut queues = vec![mention.queue.clone()];
            let mut seen = BTreeSet::from([mention.queue.as_str()]);
            let mut at = start + period;
            while let Some(next) = known.get(at).and_then(|next| {
                next.iter().find(|next| {
                    !seen.contains(next.queue.as_str())
                        && self::rests(known, at, period, &next.queue).as_ref() == Some(&rests)
                })
            }) {
                queues.push(next.queue.clone());
                seen.insert(&next.queue);
                at += period;
            }
            let size = |family: &Family| family.queues.len() * family.period;
            let family = Family { start, period, queues };
            if best.as_ref().is_none_or(|best| size(&family) > size(best)) {
                best = Some(family);
            }
        }
    }
    best
}

/// What the filters of one queue ask, in order.
fn rests<'k>(
    known: &'k [Vec<Mention>],
    start: usize,
    period: usize,
    queue: &str,
) -> Option<Vec<&'k str>> {
    let filters = known.get(start..start + period)?;
    let rest = |mentions: &'k Vec<Mention>| {
        mentions.iter().find(|mention| mention.queue == queue).map(|m| m.rest.as_str())
    };
    filters.iter().map(rest).collect()
}

impl Family {
    /// The index after the last of the filters that look like one rule; the second one, when they are
    /// too few for a rule.
    pub(super) fn end(&self) -> usize {
        let few = self.queues.len() < FEWEST;
        self.start + if few { 1 } else { self.period * self.queues.len() }
    }

    /// The rules that make these filters; odd ones out are left between them.
    pub(super) fn folds(&self, filters: &[Filter], declared: &[&str]) -> Vec<Fold> {
        self.with_overrides(filters, declared, Overrides::Few)
            .or_else(|| self.with_overrides(filters, declared, Overrides::None))
            .unwrap_or_default()
    }

    fn with_overrides(
        &self,
        filters: &[Filter],
        declared: &[&str],
        allowed: Overrides,
    ) -> Option<Vec<Fold>> {
        let templates: Vec<FilterTemplate> =
            (0..self.period).map(|at| self.template(filters, at)).collect::<Option<_>>()?;
        let whole = ForEachQueue {
            queues: choice(&self.names(0..self.queues.len()), declared),
            overrides: BTreeMap::new(),
            filters: templates,
        };
        let made = generate::filters(&[Rule::ForEachQueue(whole.clone())], declared);
        if made.len() != self.queues.len() * self.period {
            return None;
        }
        let differences: Vec<Option<TransferOverride>> = (0..self.queues.len())
            .map(|at| {
                let range = at * self.period..(at + 1) * self.period;
                let live = &filters[self.start + range.start..self.start + range.end];
                own_difference(&made[range], live, &self.queues[at])
            })
            .collect();
        let nothing = TransferOverride::default();
        let steps =
            differences.iter().flatten().filter(|with| with.targets.is_some() || with.to.is_some());
        if allowed == Overrides::Few && steps.count() > (self.queues.len() / 3).max(1) {
            return None;
        }
        let fits = |at: &usize| match (&differences[*at], allowed) {
            (Some(with), Overrides::None) => with.targets.is_none() && with.to.is_none(),
            (with, _) => with.is_some(),
        };
        let mut folds = Vec::new();
        let mut at = 0;
        while at < self.queues.len() {
            let end = (at..self.queues.len()).find(|at| !fits(at)).unwrap_or(self.queues.len());
            if end - at >= FEWEST {
                let names = self.names(at..end);
                let overrides = (at..end)
                    .filter_map(|at| Some((self.queues[at].clone(), differences[at].clone()?)))
                    .filter(|(_, with)| *with != nothing)
                    .collect();
                let rule = ForEachQueue {
                    queues: choice(&names, declared),
                    overrides,
                    filters: whole.filters.clone(),
                };
                folds.push(Fold {
                    start: self.start + at * self.period,
                    end: self.start + end * self.period,
                    rule: Rule::ForEachQueue(rule),
                });
            }
            at = end + 1;
        }
        Some(folds)
    }

    fn names(&self, range: std::ops::Range<usize>) -> Vec<&str> {
        self.queues[range].iter().map(String::as_str).collect()
    }

    /// The filter with this place among those of each queue, as most queues have it.
    fn template(&self, filters: &[Filter], place: usize) -> Option<FilterTemplate> {
        let own = |at: usize| &filters[self.start + at * self.period + place];
        let all = 0..self.queues.len();
        let keys = all.clone().map(|at| steps_key(&own(at).targets, &self.queues[at]));
        let usual = most(keys)?;
        let first = filter_template(own(usual), &self.queues[usual])?;
        let expression = template::filter_template(own(0), &self.queues[0])?.expression;
        let name = self.usual_name(filters, place).unwrap_or_default();
        Some(FilterTemplate { name, expression, targets: first.targets })
    }

    /// The name that most filters have, when it is made from their queues' names or when it is the
    /// same for all.
    pub(super) fn usual_name(&self, filters: &[Filter], place: usize) -> Option<Template> {
        let own = |at: usize| &filters[self.start + at * self.period + place];
        let names: Vec<Template> = (0..self.queues.len())
            .map(|at| out_of_words(&own(at).name, &self.queues[at]))
            .collect();
        let best = &names[most(names.iter().map(|name| Some(describe(name))))?];
        let alike = names.iter().filter(|name| *name == best).count();
        (alike > 1 || has_hole(best)).then(|| best.clone())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Overrides {
    /// For a third of the queues at most.
    Few,
    /// Queues with steps of their own are left out of the rule.
    None,
}

/// An override is for all filters of a queue; with several of them there is none.
fn own_difference(made: &[Filter], live: &[Filter], queue: &str) -> Option<TransferOverride> {
    let nothing = TransferOverride::default();
    match (made, live) {
        ([made], [live]) => difference(made, live, queue),
        _ => made
            .iter()
            .zip(live)
            .all(|(made, live)| difference(made, live, queue).as_ref() == Some(&nothing))
            .then_some(nothing),
    }
}

/// The index of the first of those keys that are there most often.
pub(super) fn most(keys: impl Iterator<Item = Option<String>>) -> Option<usize> {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (at, key) in keys.enumerate() {
        if let Some(key) = key {
            counts.entry(key).or_insert((0, at)).0 += 1;
        }
    }
    let best = counts.into_values().max_by_key(|(count, at)| (*count, std::cmp::Reverse(*at)));
    best.map(|(_, at)| at)
}
