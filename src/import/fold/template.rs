//! What is left of a filter when its queue is taken out.

use std::collections::BTreeSet;

use crate::model::{
    Address, Expression, Filter, FilterTemplate, Hole, Kind, Part, QueueRef, Target,
    TargetTemplate, Template, Text,
};

/// A queue that a filter's expression asks for, and the canonical expression without it. Filters
/// with the same rest ask the same question about different queues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mention {
    pub(super) queue: String,
    pub(super) rest: String,
}

/// The queues that a filter asks for, the one it leads to first.
pub(super) fn mentions(filter: &Filter, queues: &BTreeSet<&str>) -> Vec<Mention> {
    let Some(expression) = &filter.expression else { return Vec::new() };
    if !expression.parse().1.is_empty() {
        return Vec::new();
    }
    let canonical = expression.canonical();
    let mut found: Vec<String> = Vec::new();
    for part in canonical.parts() {
        match part {
            Part::Sid(Address { kind: Kind::Queue, name }) => found.push(name.clone()),
            Part::Sid(_) => {}
            Part::Str(text) => found.extend(literals(text).map(str::to_owned)),
        }
    }
    found.retain(|name| queues.contains(name.as_str()));
    let leads_to = filter.targets.first().and_then(|target| target.queue.as_ref());
    found.sort_by_key(|name| !is(leads_to, name));
    found.dedup();
    let mention = |queue: String| {
        let rest = describe(&out_of_text(&canonical, &queue));
        Mention { queue, rest }
    };
    found.into_iter().map(mention).collect()
}

fn is(queue: Option<&QueueRef>, name: &str) -> bool {
    matches!(queue, Some(QueueRef::Name(queue)) if queue == name)
}

/// What stands between quotes in a part of a canonical expression.
fn literals(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let open = rest.find(['\'', '"'])?;
        let quote = &rest[open..=open];
        let inner = &rest[open + 1..];
        let close = inner.find(quote)?;
        rest = &inner[close + 1..];
        Some(&inner[..close])
    })
}

/// The filter without this queue. None when it holds what no template can.
pub(super) fn filter_template(filter: &Filter, queue: &str) -> Option<FilterTemplate> {
    Some(FilterTemplate {
        name: out_of_words(&filter.name, queue),
        expression: filter.expression.as_ref().map(|e| out_of_text(&e.text, queue)),
        targets: target_templates(&filter.targets, queue)?,
    })
}

pub(super) fn target_templates(targets: &[Target], queue: &str) -> Option<Vec<TargetTemplate>> {
    targets.iter().map(|target| target_template(target, queue)).collect()
}

fn target_template(target: &Target, queue: &str) -> Option<TargetTemplate> {
    let Target {
        queue: leads_to,
        expression,
        priority,
        timeout,
        order_by,
        skip_if,
        known_worker_sid,
        known_worker_friendly_name,
        extra: _,
    } = target;
    let leads_to = match leads_to {
        Some(QueueRef::Name(name)) if name == queue => {
            Some(Template { holes: vec![Hole::QueueName] })
        }
        Some(QueueRef::Name(name)) => Some(literal(name)),
        Some(QueueRef::Sid(_)) => return None,
        None => None,
    };
    let out = |e: &Option<Expression>| e.as_ref().map(|e| out_of_text(&e.text, queue));
    let plain = |text: &Option<String>| text.as_deref().map(literal);
    Some(TargetTemplate {
        queue: leads_to,
        expression: out(expression),
        priority: *priority,
        timeout: *timeout,
        order_by: plain(order_by),
        skip_if: out(skip_if),
        known_worker_sid: plain(known_worker_sid),
        known_worker_friendly_name: plain(known_worker_friendly_name),
    })
}

fn literal(text: &str) -> Template {
    Text::from(text).into()
}

/// The text with holes for the queue's sid, and for its name where it stands between quotes.
fn out_of_text(text: &Text, queue: &str) -> Template {
    let mut holes = Vec::new();
    for part in text.parts() {
        match part {
            Part::Sid(Address { kind: Kind::Queue, name }) if name == queue => {
                holes.push(Hole::QueueSid);
            }
            Part::Sid(_) => holes.push(Hole::Part(part.clone())),
            Part::Str(plain) => {
                let mut from = 0;
                let start = plain.as_ptr() as usize;
                for literal in literals(plain).filter(|literal| *literal == queue) {
                    let at = literal.as_ptr() as usize - start;
                    push(&mut holes, &plain[from..at]);
                    holes.push(Hole::QueueName);
                    from = at + literal.len();
                }
                push(&mut holes, &plain[from..]);
            }
        }
    }
    Template { holes }
}

/// The text with holes for the queue's name where it stands as a word.
pub(super) fn out_of_words(text: &str, queue: &str) -> Template {
    let mut holes = Vec::new();
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut from = 0;
    for (at, found) in text.match_indices(queue).filter(|_| !queue.is_empty()) {
        let alone =
            !word(text[..at].chars().next_back()) && !word(text[at + found.len()..].chars().next());
        if alone && at >= from {
            push(&mut holes, &text[from..at]);
            holes.push(Hole::QueueName);
            from = at + found.len();
        }
    }
    push(&mut holes, &text[from..]);
    Template { holes }
}

fn push(holes: &mut Vec<Hole>, text: &str) {
    if !text.is_empty() {
        holes.push(Hole::Part(Part::Str(text.to_owned())));
    }
}

/// Whether the queue's name or sid stands in it.
pub(super) fn has_hole(template: &Template) -> bool {
    template.holes.iter().any(|hole| !matches!(hole, Hole::Part(_)))
}

/// The template as it is written in a spec.
pub(in crate::import) fn describe(template: &Template) -> String {
    let hole = |hole: &Hole| match hole {
        Hole::Part(part) => Text::from_iter([part.clone()]).to_string(),
        Hole::QueueName => "${queue.name}".to_owned(),
        Hole::QueueSid => "${queue.sid}".to_owned(),
    };
    template.holes.iter().map(hole).collect()
}

/// By which two lists of steps are the same: expressions in their canonical form.
pub(super) fn steps_key(targets: &[Target], queue: &str) -> Option<String> {
    let canonical = |e: &Option<Expression>| e.as_ref().map(|e| Expression::new(e.canonical()));
    let targets: Vec<Target> = targets
        .iter()
        .map(|target| Target {
            expression: canonical(&target.expression),
            skip_if: canonical(&target.skip_if),
            order_by: target.canonical_order(),
            ..target.clone()
        })
        .collect();
    target_templates(&targets, queue).map(|templates| format!("{templates:?}"))
}
