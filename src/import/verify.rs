//! Reading back what was written, until it says nothing but what is live.

use std::collections::{BTreeMap, BTreeSet};

use super::Options;
use super::finding::{Finding, Grade};
use super::unit::Unit;
use super::write::{Written, is_fold, unit_of, write};
use crate::diag::{Diagnostic, Severity};
use crate::generate;
use crate::model::Snapshot;
use crate::plan::{self, Action, Plan};
use crate::spec::{self, Analysis, Settings};

/// As often a spec is written without what did not do before.
const ROUNDS: usize = 40;

/// A spec for what is live.
#[derive(Debug)]
pub struct Import {
    /// Path and text of each file, the first one first; others are relative to its folder.
    pub files: Vec<(String, String)>,
    /// In order of the addresses, what matters most last.
    pub findings: Vec<Finding>,
    /// What is wrong with the spec all the same: nothing, unless there is a mistake in here.
    pub faults: Vec<String>,
}

impl Import {
    /// Whether the spec says all that is live.
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty() && self.findings.iter().all(|f| f.grade != Grade::LeftOut)
    }
}

/// Writes a spec whose plan against `snapshot` is empty.
pub fn import(snapshot: &Snapshot, options: &Options) -> Import {
    let mut refused: BTreeMap<Unit, String> = BTreeMap::new();
    let mut round = 0;
    loop {
        round += 1;
        let written = write(snapshot, options, &refused);
        let faults = faults(&written, snapshot);
        let known = refused.len();
        let mut unplaced = Vec::new();
        for fault in faults {
            match fault.unit {
                Some(unit) if !refused.contains_key(&unit) => {
                    refused.insert(unit, fault.reason);
                }
                Some(_) | None => unplaced.push(fault.reason),
            }
        }
        if refused.len() == known || round == ROUNDS {
            let Written { files, findings } = written;
            let files = files.into_iter().map(|file| (file.path.clone(), file.text())).collect();
            return Import { files, findings, faults: unplaced };
        }
    }
}

/// Something that a spec cannot say, or says wrongly.
struct Fault {
    /// What to leave out, if that is known.
    unit: Option<Unit>,
    reason: String,
}

fn faults(written: &Written, snapshot: &Snapshot) -> Vec<Fault> {
    let files: BTreeMap<String, Vec<u8>> =
        written.files.iter().map(|file| (file.path.clone(), file.text().into_bytes())).collect();
    let main = &written.files[0].path;
    let analysis = spec::analyze(&files, main, &Settings::default());
    match analysis.model() {
        None => of_diagnostics(written, &analysis),
        Some(model) => {
            let plan = plan::diff(&generate::expand(model), snapshot, &plan::Options::default());
            of_plan(written, &plan)
        }
    }
}

fn of_diagnostics(written: &Written, analysis: &Analysis) -> Vec<Fault> {
    let errors = analysis.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    let fault = |error: &Diagnostic| {
        let unit = error.labels.iter().find_map(|label| {
            let file = analysis.sources.file(label.span.file);
            let line = file.line_column(label.span.range.start).line;
            written.files.iter().find(|it| it.path == file.name)?.unit(line).cloned()
        });
        Fault { unit, reason: error.message.clone() }
    };
    let faults: Vec<Fault> = errors.map(fault).collect();
    folds_first(faults)
}

fn of_plan(written: &Written, plan: &Plan) -> Vec<Fault> {
    let mut faults = Vec::new();
    for change in &plan.changes {
        let address = &change.address;
        let reason = || "what would be written is not what is live".to_owned();
        if change.action == Action::Update {
            for field in &change.fields {
                let unit = Some(unit_of(address, Some(&field.field)));
                faults.push(Fault { unit, reason: reason() });
            }
            if !change.filters.is_empty() {
                let folds: BTreeSet<&Unit> = written
                    .files
                    .iter()
                    .flat_map(|file| &file.lines)
                    .filter_map(|line| line.unit.as_ref())
                    .filter(|unit| unit.address == *address && is_fold(unit))
                    .collect();
                let mut units: Vec<Unit> = folds.into_iter().cloned().collect();
                if units.is_empty() {
                    units.push(Unit::field(address, "filters"));
                }
                let fault = |unit| Fault { unit: Some(unit), reason: reason() };
                faults.extend(units.into_iter().map(fault));
            }
            if change.fields.is_empty() && change.filters.is_empty() {
                faults.push(Fault { unit: Some(Unit::whole(address)), reason: reason() });
            }
        } else {
            let what = match change.action {
                Action::Create => "create",
                Action::Replace => "replace",
                Action::Update | Action::Delete => "delete",
            };
            let reason = format!("a plan would {what} it");
            faults.push(Fault { unit: Some(Unit::whole(address)), reason });
        }
    }
    for refusal in &plan.refusals {
        let unit = Some(Unit::whole(&refusal.address));
        faults.push(Fault { unit, reason: refusal.message.clone() });
    }
    folds_first(faults)
}

/// A fold that did not do is taken apart before anything is left out.
fn folds_first(faults: Vec<Fault>) -> Vec<Fault> {
    let is_of_fold = |fault: &Fault| fault.unit.as_ref().is_some_and(is_fold);
    if faults.iter().any(is_of_fold) {
        return faults.into_iter().filter(is_of_fold).collect();
    }
    faults
}
