//! Workflows: what they own, the rules that their filters fold into, and what cannot be declared.

use std::collections::{BTreeMap, BTreeSet};

use wildmatch::WildMatch;

use super::draft::Draft;
use super::filter::{filter, is_sound, step_entries};
use super::fold::{Fold, folds, rests};
use super::kinds::EVERYONE;
use super::rule;
use super::unit::{Piece, Unit};
use super::yaml::{Node, Part};
use crate::model::{
    Address, Filter, Kind, Live, QueueRef, Resource, Rule, Target, Transfer, Workflow,
};

/// TaskRouter's own, in seconds.
const RESERVATION_TIMEOUT: u32 = 120;

/// The entries of `workflows` and of `transfers`.
#[derive(Debug, Default)]
pub(super) struct Workflows {
    pub(super) plain: Vec<Part>,
    pub(super) transfers: Vec<Part>,
}

/// Notes what the workflows that are written refer to.
pub(super) fn needs(draft: &mut Draft<'_>) {
    let chosen: Vec<&Live<Workflow>> = chosen(draft).into_iter().map(|(live, _)| live).collect();
    for live in chosen {
        let own = with_names(draft, &live.value);
        draft.needed.extend(Resource::Workflow(own).references());
    }
}

pub(super) fn workflows(draft: &mut Draft<'_>, queues: &BTreeSet<&str>) -> Workflows {
    let mut workflows = Workflows::default();
    for (live, pinned) in chosen(draft) {
        let address = Address::new(Kind::Workflow, &live.name);
        let unit = Unit::whole(&address);
        if draft.refusal(&unit, "it is left out").is_some() {
            continue;
        }
        let (part, transfer) = workflow(draft, live, pinned, queues);
        let list = if transfer { &mut workflows.transfers } else { &mut workflows.plain };
        list.push(part.about(unit).apart());
    }
    workflows
}

/// The workflows that are written, in order of their names, and whether each is pinned.
fn chosen<'a>(draft: &Draft<'a>) -> Vec<(&'a Live<Workflow>, bool)> {
    let wanted = draft.names.workflows.values().filter(|named| {
        let address = Address::new(Kind::Workflow, &named.live.name);
        let usual = is_usual(named.live) && !named.pinned;
        draft.needed.contains(&address) || draft.options.wants(&address) && !usual
    });
    wanted.map(|named| (named.live, named.pinned)).collect()
}

/// Whether it is the workflow that every Flex account has, as it was.
fn is_usual(live: &Live<Workflow>) -> bool {
    let Workflow {
        assignment_callback_url,
        fallback_assignment_callback_url,
        task_reservation_timeout,
        filters,
        default_filter,
        unreadable,
        ..
    } = &live.value;
    let blank = |text: &Option<String>| text.as_deref().unwrap_or_default().is_empty();
    let everyone = Target { queue: Some(QueueRef::Name(EVERYONE.to_owned())), ..Target::default() };
    live.name == "Assign to Anyone"
        && blank(assignment_callback_url)
        && blank(fallback_assignment_callback_url)
        && task_reservation_timeout.is_none_or(|seconds| seconds == RESERVATION_TIMEOUT)
        && filters.as_ref().is_some_and(Vec::is_empty)
        && *default_filter == Some(Some(everyone))
        && unreadable.is_none()
}

/// The workflow with names in the places of the sids of pinned objects.
fn with_names(draft: &Draft<'_>, workflow: &Workflow) -> Workflow {
    let target = |target: &Target| Target {
        queue: target.queue.as_ref().map(|queue| draft.names.queue(queue)),
        expression: target.expression.as_ref().map(|e| draft.names.expression(e)),
        skip_if: target.skip_if.as_ref().map(|e| draft.names.expression(e)),
        ..target.clone()
    };
    let filter = |filter: &Filter| Filter {
        expression: filter.expression.as_ref().map(|e| draft.names.expression(e)),
        targets: filter.targets.iter().map(target).collect(),
        ..filter.clone()
    };
    let filters = workflow.filters.as_ref().map(|list| list.iter().map(filter).collect());
    let default_filter =
        workflow.default_filter.as_ref().map(|default| default.as_ref().map(target));
    Workflow { filters, default_filter, ..workflow.clone() }
}

/// One workflow, and whether it is a transfer.
fn workflow(
    draft: &mut Draft<'_>,
    live: &Live<Workflow>,
    pinned: bool,
    queues: &BTreeSet<&str>,
) -> (Part, bool) {
    let address = Address::new(Kind::Workflow, &live.name);
    if !draft.options.wants(&address) {
        return (Part::entry(&live.name, Node::Map(Vec::new())), false);
    }
    let own = with_names(draft, &live.value);
    let mut above = Vec::new();
    let mut fields = Vec::new();
    if pinned {
        above.push("Another one has the name too; the sid says which one is meant.".to_owned());
        fields.push(Part::entry("sid", Node::text(&live.sid)));
    }
    fields.extend(own_fields(draft, &address, &own));
    above.extend(unknown_keys(&own));
    let mut made = Made::default();
    if let Some(text) = &own.unreadable {
        let start: String = text.chars().take(40).collect();
        let what =
            format!("its configuration cannot be read and is left alone; it begins with {start}");
        draft.left_out(&address, &what);
        above.push(sentence(&what));
    } else {
        made = filters(draft, &address, own.filters.as_deref().unwrap_or_default(), queues);
        fields.append(&mut made.fields);
        above.append(&mut made.above);
        let mut parts = std::mem::take(&mut made.items);
        if let (Some(first), true) = (parts.first_mut(), made.transfer.is_some()) {
            first.above.insert(0, "These stand after the filters of the transfers.".to_owned());
        }
        if !parts.is_empty() {
            let unit = Unit::field(&address, "filters");
            fields.push(Part::entry("filters", Node::List(parts)).about(unit));
        }
        match own.default_filter.as_ref().and_then(Option::as_ref) {
            None => {}
            Some(target) => match default_filter(draft, &address, target) {
                Ok(part) => fields.push(part),
                Err(why) => above.push(why),
            },
        }
    }
    let transfer = made.transfer.is_some();
    if let Some(rule) = made.transfer {
        let mut entries = rule::transfer(draft, &address, &rule);
        entries.append(&mut fields);
        fields = entries;
    }
    let mut part = Part::entry(&live.name, Node::Map(fields)).under(above);
    if let Some(index) = made.folded_at {
        // Whatever is wrong with the transfer is wrong with the fold.
        if let Node::Map(entries) = &mut part.node {
            for entry in entries.iter_mut().filter(|entry| entry.unit.is_none()) {
                entry.unit = Some(Unit::fold(&address, index));
            }
        }
    }
    (part, transfer)
}

fn own_fields(draft: &mut Draft<'_>, address: &Address, own: &Workflow) -> Vec<Part> {
    let mut fields = Vec::new();
    let urls = [
        ("assignment_callback_url", &own.assignment_callback_url),
        ("fallback_assignment_callback_url", &own.fallback_assignment_callback_url),
    ];
    for (key, url) in urls {
        if let Some(url) = url.as_deref().filter(|url| !url.is_empty()) {
            fields.extend(draft.field(address, key, Node::text(url)));
        }
    }
    if let Some(seconds) = own.task_reservation_timeout.filter(|s| *s != RESERVATION_TIMEOUT) {
        fields.extend(draft.field(address, "task_reservation_timeout", Node::number(seconds)));
    }
    fields
}

/// Says which keys flexctl does not know, and that they stay.
fn unknown_keys(own: &Workflow) -> Option<String> {
    let filters = own.filters.iter().flatten();
    let mut keys: BTreeSet<&str> = own.extra.keys().map(String::as_str).collect();
    keys.extend(filters.flat_map(|filter| filter.extra.keys()).map(String::as_str));
    keys.extend(own.targets().flat_map(|target| target.extra.keys()).map(String::as_str));
    let keys: Vec<String> =
        keys.into_iter().map(|key| format!("`{}`", key.trim_start_matches('/'))).collect();
    (!keys.is_empty()).then(|| {
        format!(
            "TaskRouter also holds {}; what flexctl does not know is kept with every write.",
            keys.join(", ")
        )
    })
}

/// What becomes of a list of filters.
#[derive(Default)]
struct Made {
    above: Vec<String>,
    /// Those that stand before `filters`.
    fields: Vec<Part>,
    items: Vec<Part>,
    transfer: Option<Transfer>,
    /// Where the fold of the transfer begins.
    folded_at: Option<usize>,
}

fn filters(
    draft: &mut Draft<'_>,
    address: &Address,
    live: &[Filter],
    queues: &BTreeSet<&str>,
) -> Made {
    let mut made = Made::default();
    if let Some(why) = draft.refusal(&Unit::field(address, "filters"), "`filters` are left alone") {
        made.above.push(sentence(&why));
        return made;
    }
    let foreign = inexpressible(draft, address, live);
    let ignored: BTreeSet<&str> = foreign.keys().map(|index| live[*index].name.as_str()).collect();
    if !foreign.is_empty() {
        for (index, why) in &foreign {
            let what = format!("{} is left alone: {why}", title(&live[*index], *index));
            draft.left_out(address, &what);
            made.above.push(sentence(&what));
        }
        let globs: Vec<WildMatch> = ignored.iter().map(|name| WildMatch::new(name)).collect();
        let kept = live.iter().filter(|filter| !ignored.contains(filter.name.as_str()));
        let mut kept = kept.peekable();
        let none = kept.peek().is_none();
        let unclear = kept.any(|filter| globs.iter().any(|glob| glob.matches(&filter.name)));
        if none || unclear || ignored.contains("") {
            let what = "all of its filters are left alone: it cannot be told by name which";
            if !none {
                draft.left_out(address, what);
                made.above.push(sentence(what));
            }
            return made;
        }
        let unit = Unit::field(address, "filters");
        let names = Node::texts(ignored.iter().copied());
        made.fields.push(Part::entry("ignore_filters", names).about(unit));
    }
    let kept: Vec<(usize, &Filter)> =
        live.iter().enumerate().filter(|(_, f)| !ignored.contains(f.name.as_str())).collect();
    let plain: Vec<Filter> = kept.iter().map(|(_, filter)| (*filter).clone()).collect();
    let refused = refused_folds(draft, address, &kept);
    let sound: Vec<bool> = plain.iter().map(is_sound).collect();
    let mut found = folds(&plain, &sound, queues, &refused).into_iter().peekable();
    let mut asked = BTreeSet::new();
    let mut places = Vec::new();
    let mut at = 0;
    while at < plain.len() {
        let index = kept[at].0;
        match found.next_if(|fold| fold.start == at) {
            Some(Fold { start: _, end, rule }) => {
                asked.extend(plain[at..end].iter().flat_map(|filter| rests(filter, queues)));
                match rule {
                    Rule::Transfer(transfer) => {
                        made.above.push(format!("Made from {} filters.", end - at));
                        made.transfer = Some(transfer);
                        made.folded_at = Some(index);
                    }
                    Rule::ForEachQueue(rule) => {
                        let part = rule::for_each(draft, address, &rule);
                        let note = format!("Made from {} filters.", end - at);
                        places.push(None);
                        made.items.push(part.under([note]).about(Unit::fold(address, index)));
                    }
                    Rule::Filter(_) => {}
                }
                at = end;
            }
            None => {
                places.push(Some(at));
                made.items.push(filter(draft, address, index, &plain[at]));
                at += 1;
            }
        }
    }
    for (part, place) in made.items.iter_mut().zip(places) {
        let Some(at) = place else { continue };
        if rests(&plain[at], queues).iter().any(|rest| asked.contains(rest)) {
            let note = "Not folded: its steps or its place differ from those of the others.";
            part.above.insert(0, note.to_owned());
        }
    }
    made
}

/// The filters that a spec cannot hold, and why.
fn inexpressible(draft: &Draft<'_>, address: &Address, live: &[Filter]) -> BTreeMap<usize, String> {
    let mut foreign = BTreeMap::new();
    for (index, filter) in live.iter().enumerate() {
        let sids = filter.targets.iter().filter_map(|target| match &target.queue {
            Some(QueueRef::Sid(sid)) => Some(sid.as_str()),
            Some(QueueRef::Name(_)) | None => None,
        });
        let sids: Vec<&str> = sids.collect();
        if !sids.is_empty() {
            foreign.insert(index, nameless(draft, &sids));
        } else if let Some(why) = draft.refused.get(&Unit::filter(address, index)) {
            foreign.insert(index, why.clone());
        }
    }
    foreign
}

/// Why these sids of queues have no name.
fn nameless(draft: &Draft<'_>, sids: &[&str]) -> String {
    let is_there = |sid: &&&str| draft.snapshot.queues.iter().any(|live| live.sid == **sid);
    match sids.iter().find(|sid| !is_there(sid)) {
        Some(sid) => format!("it leads to {sid}, and there is no such queue"),
        None => format!("it leads to {}, whose name another queue has too", sids[0]),
    }
}

fn refused_folds(
    draft: &Draft<'_>,
    address: &Address,
    kept: &[(usize, &Filter)],
) -> BTreeSet<usize> {
    let refused = draft.refused.keys().filter(|unit| unit.address == *address);
    let indices = refused.filter_map(|unit| match unit.piece {
        Piece::Fold(index) => kept.iter().position(|(at, _)| *at == index),
        _ => None,
    });
    indices.collect()
}

fn default_filter(
    draft: &mut Draft<'_>,
    address: &Address,
    target: &Target,
) -> Result<Part, String> {
    let unit = Unit::field(address, "default_filter");
    let refused = draft.refused.get(&unit).cloned();
    let why = match (&target.queue, refused) {
        (_, Some(why)) => Some(why),
        (None, None) => Some("it has no queue".to_owned()),
        (Some(QueueRef::Sid(sid)), None) => Some(nameless(draft, &[sid])),
        (Some(QueueRef::Name(_)), None) if target.timeout.is_some() => {
            Some("it has a `timeout`, which a default filter cannot have".to_owned())
        }
        (Some(QueueRef::Name(_)), None) => None,
    };
    if let Some(why) = why {
        let what = format!("its default filter is left alone: {why}");
        draft.left_out(address, &what);
        return Err(sentence(&what));
    }
    let faults = super::filter::faults(target, false);
    let entries = step_entries(draft, address, target, &faults);
    Ok(Part::entry("default_filter", Node::Inline(entries)).about(unit))
}

fn title(filter: &Filter, index: usize) -> String {
    match filter.name.is_empty() {
        true => format!("filter {}", index + 1),
        false => format!("filter `{}`", filter.name),
    }
}

/// A fragment as a sentence.
fn sentence(fragment: &str) -> String {
    let mut chars = fragment.chars();
    let first = chars.next().map(char::to_uppercase).into_iter().flatten();
    let whole: String = first.chain(chars).collect();
    if whole.ends_with('.') { whole } else { format!("{whole}.") }
}
