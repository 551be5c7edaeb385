//! Comparing a workflow's list of filters: which live filter corresponds to which wanted one,
//! what was added, removed, moved or changed, and the list to send.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::Hash;

use serde_json::Value;
use wildmatch::WildMatch;

use super::FilterChange;
use super::fields::{Fields, same, shown};
use super::targets::{compare_targets, target_value};
use crate::model::{Expression, Filter, Target, Text};

/// What happens to a list of filters, and what it is afterwards.
#[derive(Debug)]
pub(super) struct ListDiff {
    pub(super) changes: Vec<FilterChange>,
    /// With foreign filters and unknown keys in their places.
    pub(super) list: Vec<Filter>,
}

/// Compares the lists. `ignore` are globs over the names of foreign live filters, which stay
/// where they are relative to their neighbours. About linear in the number of filters.
pub(super) fn compare_lists(wanted: &[Filter], live: &[Filter], ignore: &[String]) -> ListDiff {
    let foreign = foreign(wanted, live, ignore);
    let partners = correspond(wanted, live, &foreign);
    let steady = longest_increasing(&partners);

    let taken: BTreeSet<usize> = partners.iter().flatten().copied().collect();
    let gone = (0..live.len()).filter(|at| !taken.contains(at) && !foreign.contains(at));
    let mut changes: Vec<FilterChange> = gone
        .map(|at| FilterChange::Removed { position: at + 1, filter: live[at].clone() })
        .collect();

    let mut places = places(live, &partners, &steady, &foreign);
    let mut list: Vec<Filter> = Vec::with_capacity(wanted.len() + foreign.len());
    list.extend(places.remove(&None).into_iter().flatten().map(|at| live[at].clone()));
    for (at, filter) in wanted.iter().enumerate() {
        let position = list.len() + 1;
        if let Some(partner) = partners[at] {
            let name = label(filter, position);
            if !steady.contains(&at) {
                changes.push(FilterChange::Moved {
                    name: name.clone(),
                    from: partner + 1,
                    to: position,
                });
            }
            let mut fields = Fields::of_live();
            list.push(compare_filter(filter, &live[partner], &mut fields));
            if !fields.is_empty() {
                changes.push(FilterChange::Changed { name, position, fields: fields.changes });
            }
        } else {
            changes.push(FilterChange::Added { position, filter: filter.clone() });
            list.push(filter.clone());
        }
        list.extend(places.remove(&Some(at)).into_iter().flatten().map(|at| live[at].clone()));
    }
    ListDiff { changes, list }
}

fn label(filter: &Filter, position: usize) -> String {
    if filter.name.is_empty() { format!("filter {position}") } else { filter.name.clone() }
}

/// Notes the fields in which two filters differ, and gives the filter to send.
fn compare_filter(wanted: &Filter, live: &Filter, fields: &mut Fields) -> Filter {
    let Filter { name, expression, targets, extra, origin } = wanted;
    if !same(Some(name), Some(&live.name)) {
        fields.push("name", shown(Some(&live.name)), shown(Some(name)));
    }
    if !same(expression.as_ref(), live.expression.as_ref()) {
        fields.push("expression", shown(live.expression.as_ref()), shown(expression.as_ref()));
    }
    let targets = compare_targets(targets, &live.targets, fields);
    let mut merged = live.extra.clone();
    merged.extend(extra.clone());
    let (name, expression, origin) = (name.clone(), expression.clone(), origin.clone());
    Filter { name, expression, targets, extra: merged, origin }
}

/// The live filters that somebody else put there: a glob covers the name, and the spec has no
/// filter of that name.
fn foreign(wanted: &[Filter], live: &[Filter], ignore: &[String]) -> BTreeSet<usize> {
    if ignore.is_empty() {
        return BTreeSet::new();
    }
    let globs: Vec<WildMatch> = ignore.iter().map(|glob| WildMatch::new(glob)).collect();
    let own: BTreeSet<&str> = wanted.iter().map(|filter| filter.name.as_str()).collect();
    let is_foreign = |filter: &Filter| {
        !own.contains(filter.name.as_str()) && globs.iter().any(|glob| glob.matches(&filter.name))
    };
    (0..live.len()).filter(|&at| is_foreign(&live[at])).collect()
}

/// Where foreign filters go: after which wanted filter (none: before all), which live ones. Each
/// follows the nearest live filter before it that stays in its order.
fn places(
    live: &[Filter],
    partners: &[Option<usize>],
    steady: &BTreeSet<usize>,
    foreign: &BTreeSet<usize>,
) -> BTreeMap<Option<usize>, Vec<usize>> {
    let mut anchors: Vec<Option<usize>> = vec![None; live.len()];
    for &at in steady {
        if let Some(partner) = partners[at] {
            anchors[partner] = Some(at);
        }
    }
    let mut places: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
    let mut anchor = None;
    for (at, own) in anchors.into_iter().enumerate() {
        anchor = own.or(anchor);
        if foreign.contains(&at) {
            places.entry(anchor).or_default().push(at);
        }
    }
    places
}

/// For each wanted filter the live one that corresponds to it: by name, else by expression, else
/// by targets that no other filter has. Likeness of texts says nothing here: filters that were
/// generated for different queues are very much alike.
fn correspond(wanted: &[Filter], live: &[Filter], foreign: &BTreeSet<usize>) -> Vec<Option<usize>> {
    let mut matching = Matching {
        partners: vec![None; wanted.len()],
        free: (0..live.len()).filter(|at| !foreign.contains(at)).collect(),
    };
    let expression = |filter: &Filter| filter.expression.as_ref().map(Expression::canonical);
    let name = |filter: &Filter| (!filter.name.is_empty()).then(|| filter.name.clone());
    // Filters that share a name, or have none, are told apart by all they are, then by their
    // expressions.
    let doubled = doubled_names(wanted, live);
    let stays = |(wanted, live): (&Filter, &Filter)| {
        !wanted.name.is_empty() && wanted.name == live.name && !doubled.contains(&wanted.name)
    };
    if wanted.len() == live.len() && foreign.is_empty() && wanted.iter().zip(live).all(stays) {
        return (0..live.len()).map(Some).collect();
    }
    let both = |filter: &Filter| -> Option<(String, Option<Text>)> {
        let name = name(filter)?;
        doubled.contains(&name).then(|| (name, expression(filter)))
    };
    matching.by(wanted, live, |filter| {
        let tell_apart = filter.name.is_empty() || doubled.contains(&filter.name);
        tell_apart.then(|| (filter.name.clone(), expression(filter), targets_key(filter)))
    });
    matching.by(wanted, live, both);
    matching.by(wanted, live, name);
    matching.by(wanted, live, |filter| expression(filter).filter(|text| !text.parts().is_empty()));
    if matching.is_open() {
        let only = only_targets(wanted, live);
        matching.by(wanted, live, |filter| Some(targets_key(filter)).filter(|t| only.contains(t)));
    }
    matching.partners
}

fn doubled_names(wanted: &[Filter], live: &[Filter]) -> BTreeSet<String> {
    let mut doubled = BTreeSet::new();
    for list in [wanted, live] {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        for filter in list {
            if !seen.insert(&filter.name) {
                doubled.insert(filter.name.clone());
            }
        }
    }
    doubled
}

/// Targets that no second filter of either list has, so that they tell which filter it is.
fn only_targets(wanted: &[Filter], live: &[Filter]) -> HashSet<String> {
    let mut only: HashSet<String> = HashSet::new();
    let mut more: HashSet<String> = HashSet::new();
    for list in [wanted, live] {
        let mut seen: HashSet<String> = HashSet::new();
        for key in list.iter().map(targets_key) {
            if !seen.insert(key.clone()) {
                more.insert(key);
            }
        }
        only.extend(seen);
    }
    only.retain(|key| !more.contains(key));
    only
}

/// The steps of a filter, the same for every spelling.
fn targets_key(filter: &Filter) -> String {
    let canonical = |target: &Target| {
        let plain = |expression: &Expression| Expression::new(expression.canonical());
        let target = Target {
            expression: target.expression.as_ref().map(plain),
            skip_if: target.skip_if.as_ref().map(plain),
            order_by: target.canonical_order(),
            extra: BTreeMap::new(),
            ..target.clone()
        };
        target_value(&target)
    };
    filter.targets.iter().map(canonical).collect::<Value>().to_string()
}

struct Matching {
    partners: Vec<Option<usize>>,
    free: BTreeSet<usize>,
}

impl Matching {
    /// Whether something is left on both sides.
    fn is_open(&self) -> bool {
        !self.free.is_empty() && self.partners.iter().any(Option::is_none)
    }

    /// Pairs what is left by equal keys, in order.
    fn by<K: Hash + Eq>(
        &mut self,
        wanted: &[Filter],
        live: &[Filter],
        key: impl Fn(&Filter) -> Option<K>,
    ) {
        if !self.is_open() {
            return;
        }
        let mut by_key: HashMap<K, VecDeque<usize>> = HashMap::new();
        for &at in &self.free {
            if let Some(key) = key(&live[at]) {
                by_key.entry(key).or_default().push_back(at);
            }
        }
        for (at, partner) in self.partners.iter_mut().enumerate() {
            if partner.is_some() {
                continue;
            }
            let found = key(&wanted[at]).and_then(|key| by_key.get_mut(&key)?.pop_front());
            if let Some(found) = found {
                *partner = Some(found);
                self.free.remove(&found);
            }
        }
    }
}

/// The wanted filters that keep their live order: a longest increasing run of partners. The
/// others have moved.
fn longest_increasing(partners: &[Option<usize>]) -> BTreeSet<usize> {
    // `ends[n]`: the wanted filter that ends the run of n + 1 with the smallest partner.
    let mut ends: Vec<(usize, usize)> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; partners.len()];
    for (at, partner) in partners.iter().enumerate() {
        let Some(partner) = *partner else { continue };
        let length = ends.partition_point(|(end, _)| *end < partner);
        before[at] = length.checked_sub(1).map(|last| ends[last].1);
        if length == ends.len() {
            ends.push((partner, at));
        } else {
            ends[length] = (partner, at);
        }
    }
    let mut run = BTreeSet::new();
    let mut next = ends.last().map(|(_, at)| *at);
    while let Some(at) = next {
        run.insert(at);
        next = before[at];
    }
    run
}
