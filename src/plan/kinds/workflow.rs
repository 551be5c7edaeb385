//! Workflows: their own fields, and their configuration as filters and targets.

use serde_json::Value;

use crate::model::{Address, Kind, Live, Resource, Target, Workflow};
use crate::plan::context::Context;
use crate::plan::draft::{Difference, Findings};
use crate::plan::fields::Fields;
use crate::plan::filters::compare_lists;
use crate::plan::identity::Pair;
use crate::plan::targets::{compare_target, same_target, target_value, with_extra};
use crate::plan::{FilterChange, Stage};

pub(super) fn compare(cx: &Context<'_>, out: &mut Findings) {
    for (name, workflow) in &cx.desired.workflows {
        let address = Address::new(Kind::Workflow, name);
        match &cx.identity.workflows.declared[name] {
            Pair::Refused => {}
            Pair::Absent => create(out, address, workflow),
            Pair::Live(live) => {
                let now = cx.names.workflow(&live.value);
                let found = differences(workflow, &now);
                if let Some(text) = &now.unreadable
                    && (workflow.filters.is_some() || workflow.default_filter.is_some())
                {
                    let start: String = text.chars().take(40).collect();
                    out.note(
                        "unreadable",
                        address.clone(),
                        format!(
                            "the live configuration of {address} cannot be read and is replaced \
                             as a whole; it begins with {start}"
                        ),
                    );
                }
                let changed = update(cx, out, address, live, &now, found);
                out.unchanged += usize::from(!changed);
            }
        }
    }
    if !cx.replaced.is_empty() {
        for live in &cx.identity.workflows.undeclared {
            let address = Address::new(Kind::Workflow, live.name.clone());
            let now = cx.names.workflow(&live.value);
            let found = differences(&Workflow::default(), &now);
            update(cx, out, address, live, &now, found);
        }
    }
}

/// Whether a live workflow has the same filters.
pub(in crate::plan) fn looks_the_same(workflow: &Workflow, live: &Workflow) -> bool {
    let (Some(wanted), Some(filters)) = (&workflow.filters, &live.filters) else { return false };
    // Names first: many pairs are asked about, and few are alike.
    let same_names = wanted.iter().map(|filter| &filter.name).eq(filters.iter().map(|f| &f.name));
    if wanted.is_empty() || !same_names {
        return false;
    }
    let found = differences(workflow, live);
    found.fields.is_empty() && found.filters.is_empty()
}

fn create(out: &mut Findings, address: Address, workflow: &Workflow) {
    let mut fields = Fields::of_new();
    let mut write = owned(workflow, &Workflow::default(), &mut fields);
    if let Some(target) = workflow.default_filter.as_ref().and_then(Option::as_ref) {
        fields.push("default_filter", Value::Null, target_value(target));
    }
    let filters = workflow.filters.iter().flatten().enumerate();
    let added = filters
        .map(|(at, filter)| FilterChange::Added { position: at + 1, filter: filter.clone() })
        .collect();
    // A workflow cannot be created without a configuration.
    write.filters = Some(workflow.filters.clone().unwrap_or_default());
    write.default_filter = Some(workflow.default_filter.clone().flatten());
    write.re_evaluate_tasks = None;
    out.create(address, fields, Resource::Workflow(write)).change.filters = added;
}

/// What differs, and what is sent for it.
struct Differences {
    fields: Fields,
    filters: Vec<FilterChange>,
    write: Workflow,
}

fn differences(workflow: &Workflow, live: &Workflow) -> Differences {
    let mut fields = Fields::of_live();
    let mut write = owned(workflow, live, &mut fields);
    let before = fields.changes.len();

    let live_filters = live.filters.as_deref().unwrap_or_default();
    let list = workflow
        .filters
        .as_ref()
        .map(|wanted| compare_lists(wanted, live_filters, &workflow.ignore_filters));
    let live_default = live.default_filter.as_ref().and_then(Option::as_ref);
    let default_filter = match &workflow.default_filter {
        None => live_default.cloned(),
        Some(wanted) => {
            compare_default(wanted.as_ref(), live_default, &mut fields);
            let none = std::collections::BTreeMap::new();
            let extra = live_default.map_or(&none, |target| &target.extra);
            wanted.as_ref().map(|target| with_extra(target, extra))
        }
    };
    let owned = workflow.filters.is_some() || workflow.default_filter.is_some();
    if let Some(text) = live.unreadable.as_ref().filter(|_| owned) {
        fields.push("configuration", Value::String(text.clone()), Value::Null);
    }
    let (filters, list) = match list {
        Some(list) => (list.changes, list.list),
        None => (Vec::new(), live_filters.to_vec()),
    };
    if !filters.is_empty() || fields.changes.len() > before {
        write.filters = Some(list);
        write.default_filter = Some(default_filter);
        write.extra.clone_from(&live.extra);
    }
    Differences { fields, filters, write }
}

/// The fields beside the configuration.
fn owned(workflow: &Workflow, live: &Workflow, fields: &mut Fields) -> Workflow {
    let Workflow {
        sid: _,
        renamed_from: _,
        assignment_callback_url,
        fallback_assignment_callback_url,
        task_reservation_timeout,
        re_evaluate_tasks,
        ignore_filters: _,
        filters: _,
        default_filter: _,
        extra: _,
        unreadable: _,
    } = workflow;
    Workflow {
        assignment_callback_url: fields.owned(
            "assignment_callback_url",
            assignment_callback_url.as_ref(),
            live.assignment_callback_url.as_ref(),
        ),
        fallback_assignment_callback_url: fields.owned(
            "fallback_assignment_callback_url",
            fallback_assignment_callback_url.as_ref(),
            live.fallback_assignment_callback_url.as_ref(),
        ),
        task_reservation_timeout: fields.owned(
            "task_reservation_timeout",
            task_reservation_timeout.as_ref(),
            live.task_reservation_timeout.as_ref(),
        ),
        re_evaluate_tasks: *re_evaluate_tasks,
        ..Workflow::default()
    }
}

/// A default filter without a queue is none.
fn compare_default(wanted: Option<&Target>, live: Option<&Target>, fields: &mut Fields) {
    let real = |target: &&Target| !same_target(target, &Target::default());
    match (wanted.filter(real), live.filter(real)) {
        (None, None) => {}
        (Some(wanted), Some(live)) => compare_target("default_filter", wanted, live, fields),
        (wanted, live) => fields.push(
            "default_filter",
            live.map_or(Value::Null, target_value),
            wanted.map_or(Value::Null, target_value),
        ),
    }
}

/// The update of a live workflow. When it refers to a replaced activity its configuration is sent
/// again.
fn update(
    cx: &Context<'_>,
    out: &mut Findings,
    address: Address,
    live: &Live<Workflow>,
    now: &Workflow,
    found: Differences,
) -> bool {
    let Differences { fields, filters, mut write } = found;
    let reasons = if cx.replaced.is_empty() {
        Vec::new()
    } else {
        cx.reasons(&Resource::Workflow(live.value.clone()))
    };
    if !reasons.is_empty() && write.filters.is_none() {
        write.filters = Some(now.filters.clone().unwrap_or_default());
        write.default_filter = Some(now.default_filter.clone().flatten());
        write.extra.clone_from(&now.extra);
    }
    out.update(Difference {
        address,
        stage: Stage::Main,
        sid: &live.sid,
        name: &live.name,
        fields,
        filters,
        reasons,
        write: Resource::Workflow(write),
    })
}
