//! Filters that no task comes to.

use std::collections::HashMap;

use super::atom::Atoms;
use super::cover::{Proof, Takers, never};
use super::cubes::Formula;
use super::transfer::Transfers;
use super::{Finding, FindingKind, targets};
use crate::expr::{Certainty, Expr, parse};
use crate::model::{Filter, Workflow};
use crate::routing::Spot;
use crate::routing::sids::Sids;

/// The trees of a workflow's filters; none of those that cannot be read.
pub(super) fn trees(workflow: &Workflow, sids: &Sids) -> Vec<Option<Expr>> {
    let expressions = workflow.filters.iter().flatten().map(|filter| filter.expression.as_ref());
    expressions
        .map(|expression| {
            let (tree, errors) = parse(&expression?.text.render(|address| sids.of(address)));
            errors.is_empty().then_some(tree)
        })
        .collect()
}

/// With how many earlier filters of the same expression a filter is compared.
const MOST_ALIKE: usize = 8;

/// A walk down the filters of one workflow.
struct Walk<'a> {
    name: &'a str,
    transfers: &'a Transfers,
    atoms: Atoms<'a>,
    /// The filters that no task leaves.
    takers: Takers,
    /// How certain that is.
    certainty: HashMap<usize, Certainty>,
    /// The filters that no task leaves for the default filter.
    keepers: Takers,
    keepers_certainty: HashMap<usize, Certainty>,
    by_text: HashMap<String, Vec<usize>>,
    /// Whether a target may be skipped.
    skips: bool,
    /// The last filter that tasks may leave later than they came.
    slow: Option<usize>,
    /// The first filter that takes everything, for a while at least.
    catch_all: Option<usize>,
}

/// Finds the filters, targets and the default filter of a workflow that no task comes to. Gives
/// how much was gone through, in tests.
pub(super) fn unreachable(
    name: &str,
    workflow: &Workflow,
    trees: &[Option<Expr>],
    transfers: &Transfers,
    findings: &mut Vec<Finding>,
) -> usize {
    let mut walk = Walk {
        name,
        transfers,
        atoms: Atoms::default(),
        takers: Takers::default(),
        certainty: HashMap::new(),
        keepers: Takers::default(),
        keepers_certainty: HashMap::new(),
        by_text: HashMap::new(),
        skips: false,
        slow: None,
        catch_all: None,
    };
    let filters = workflow.filters.as_deref().unwrap_or_default();
    for (index, (filter, tree)) in filters.iter().zip(trees).enumerate() {
        if let Some(tree) = tree {
            let formula = Formula::new(tree, tree.to_string(), &mut walk.atoms);
            let found = walk.filter(index, filters, &formula);
            let reached = !found.as_ref().is_some_and(|finding| finding.unreachable);
            findings.extend(found);
            if reached {
                walk.take(index, filter, &formula);
            }
        }
        targets::after_the_end(name, index, filter, findings);
    }
    if let Some(Some(_)) = &workflow.default_filter {
        findings.extend(walk.default_filter());
    }
    walk.takers.effort() + walk.keepers.effort()
}

impl Walk<'_> {
    fn spot(&self, filter: usize) -> Spot {
        Spot::Filter { workflow: self.name.to_owned(), filter }
    }

    /// What there is to say of a filter, given those before it.
    fn filter(&mut self, index: usize, filters: &[Filter], formula: &Formula) -> Option<Finding> {
        if let Some((certainty, because)) = never(formula, &self.atoms) {
            let finding = Finding::unreachable(FindingKind::NeverTrueFilter, self.spot(index));
            return Some(Finding { certainty, because, ..finding });
        }
        let earlier = self.by_text.get(&formula.text).map(Vec::as_slice).unwrap_or_default();
        let timed = formula.timed;
        let slow = self.slow;
        // A comparison with the time may not hold any more after tasks have waited in between.
        let usable = |taker: usize, timed: bool| !timed || slow.is_none_or(|slow| slow < taker);
        let mut kept = earlier.iter().filter_map(|at| Some((*at, *self.certainty.get(at)?)));
        if let Some((earlier, certainty)) = kept.find(|(earlier, _)| usable(*earlier, timed)) {
            let finding = Finding::unreachable(FindingKind::DuplicateFilter, self.spot(index));
            let related = vec![self.spot(earlier)];
            return Some(Finding { related, certainty, ..finding });
        }
        let targets = &filters[index].targets;
        let repeated = earlier.iter().find(|earlier| filters[**earlier].targets == *targets);
        let repeated = repeated.copied();
        if let Some(proof) = self.takers.cover(formula, &self.atoms, &usable) {
            let under_all = self.takers.catch_all().is_some_and(|all| proof.takers == [all]);
            let kind = if under_all && self.transfers.is_transfer(index) {
                FindingKind::TransferBelowCatchAll
            } else {
                FindingKind::CoveredFilter
            };
            let finding = Finding::unreachable(kind, self.spot(index));
            return Some(self.proved(finding, &proof, &self.certainty));
        }
        if let Some(all) = self.catch_all.filter(|_| self.transfers.is_transfer(index)) {
            let finding = Finding::new(FindingKind::TransferBelowCatchAll, self.spot(index));
            return Some(Finding { related: vec![self.spot(all)], ..finding });
        }
        let finding = Finding::new(FindingKind::RepeatedFilter, self.spot(index));
        Some(Finding { related: vec![self.spot(repeated?)], ..finding })
    }

    /// Remembers what a filter does to the tasks that it takes.
    fn take(&mut self, index: usize, filter: &Filter, formula: &Formula) {
        let same = self.by_text.entry(formula.text.clone()).or_default();
        if same.len() < MOST_ALIKE {
            same.push(index);
        }
        if let Some((_, certainty)) = targets::end(filter) {
            self.takers.add(index, formula, &self.atoms);
            self.certainty.insert(index, certainty);
        }
        if let Some(certainty) = targets::never_skipped(filter) {
            self.keepers.add(index, formula, &self.atoms);
            self.keepers_certainty.insert(index, certainty);
        }
        self.skips |= targets::may_skip(filter);
        if targets::takes_time(filter) {
            self.slow = Some(index);
        }
        if formula.is_catch_all() && !filter.targets.is_empty() {
            self.catch_all.get_or_insert(index);
        }
    }

    fn default_filter(&mut self) -> Option<Finding> {
        // Who comes to it has not waited anywhere, so that the time is the same everywhere.
        let proof = self.keepers.cover(&Formula::everything(), &self.atoms, &|_, _| true)?;
        let spot = Spot::DefaultFilter { workflow: self.name.to_owned() };
        let finding = Finding::unreachable(FindingKind::DefaultFilterUnreachable, spot);
        let mut finding = self.proved(finding, &proof, &self.keepers_certainty);
        // What becomes of a task that was skipped here and timed out there, nobody says.
        if self.skips && !proof.takers.iter().all(|taker| self.certainty.contains_key(taker)) {
            finding.certainty = Certainty::Unspecified;
        }
        Some(finding)
    }

    fn proved(&self, finding: Finding, proof: &Proof, kept: &HashMap<usize, Certainty>) -> Finding {
        let certainty = proof.takers.iter().filter_map(|taker| kept.get(taker)).copied();
        Finding {
            related: proof.takers.iter().map(|taker| self.spot(*taker)).collect(),
            certainty: certainty.fold(proof.certainty, Certainty::max),
            ..finding
        }
    }
}
