//! All sections, in the order of the reference.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::Draft;
use super::finding::Finding;
use super::layout::{self, File};
use super::unit::{Piece, Unit};
use super::yaml::{Node, Part};
use super::{Options, capacity, kinds, lift, role, workflow};
use crate::model::{Address, Kind, Snapshot};

/// A spec as far as it is known to do.
pub(super) struct Written {
    pub(super) files: Vec<File>,
    pub(super) findings: Vec<Finding>,
}

/// Writes the spec without what was refused.
pub(super) fn write(
    snapshot: &Snapshot,
    options: &Options,
    refused: &BTreeMap<Unit, String>,
) -> Written {
    let mut draft = Draft::new(snapshot, options, refused);
    workflow::needs(&mut draft);
    let queues = queues(&mut draft);
    let declared: BTreeSet<&str> = queues.iter().filter_map(|part| part.key.as_deref()).collect();
    let workflow::Workflows { plain, transfers } = workflow::workflows(&mut draft, &declared);
    let capacities = capacity::worker_capacities(&mut draft);
    let workers = kinds::workers(&mut draft);
    let channels = kinds::task_channels(&mut draft);
    let workspace = kinds::workspace(&mut draft);
    let activities = kinds::activities(&mut draft);
    let roles = role::conversations(&mut draft);

    let map = |key: &str, parts: Vec<Part>| {
        (!parts.is_empty()).then(|| Part::entry(key, Node::Map(parts)))
    };
    let body = [
        map("activities", activities),
        map("task_channels", channels),
        map("queues", queues),
        capacities,
        map("workers", workers),
        map("workflows", plain),
        map("transfers", transfers),
        roles,
    ];
    let mut body: Vec<Part> = body.into_iter().flatten().collect();
    let expressions = map("expressions", lift::lift(&mut body));
    let version = Part::entry("version", Node::number(1));
    let sections: Vec<Part> =
        [Some(version), workspace, expressions].into_iter().flatten().chain(body).collect();
    let head = head(snapshot);
    let mut findings = draft.findings;
    findings.sort();
    findings.dedup();
    let files = layout::files(&options.file, &head, sections, options.layout);
    Written { files, findings }
}

/// The queues that are written. Their expressions may ask for others, which are written then too.
fn queues(draft: &mut Draft<'_>) -> Vec<Part> {
    loop {
        let (needed, findings) = (draft.needed.len(), draft.findings.len());
        let queues = kinds::queues(draft);
        if draft.needed.len() == needed {
            return queues;
        }
        draft.findings.truncate(findings);
    }
}

fn head(snapshot: &Snapshot) -> Vec<String> {
    let name = &snapshot.workspace.name;
    let of = if name.is_empty() { String::new() } else { format!(" from the workspace {name}") };
    vec![format!(
        "Imported{of}. What every Flex account is born with is left out, and so are fields that are \
         as TaskRouter makes them: a field is owned once it is written here."
    )]
}

/// Whether a unit is a fold, which may be taken apart.
pub(super) fn is_fold(unit: &Unit) -> bool {
    matches!(unit.piece, Piece::Fold(_))
}

/// The unit that a change of this field of this object is about.
pub(super) fn unit_of(address: &Address, field: Option<&str>) -> Unit {
    let field = field.map(|field| field.split(['.', '[']).next().unwrap_or(field));
    match (address.kind, address.worker_and_channel(), field) {
        (Kind::Capacity, Some((_, channel)), _) => {
            Unit::field(&Address::new(Kind::TaskChannel, channel), "worker_capacities")
        }
        (Kind::Role, ..) | (_, _, None) => Unit::whole(address),
        (_, _, Some("configuration")) => Unit::field(address, "filters"),
        (_, _, Some(field)) => Unit::field(address, field),
    }
}
