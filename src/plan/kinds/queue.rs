//! Task queues.

use crate::model::{Address, Kind, Live, Queue, Resource};
use crate::plan::Stage;
use crate::plan::context::Context;
use crate::plan::draft::{Difference, Findings};
use crate::plan::fields::Fields;
use crate::plan::identity::Pair;

pub(super) fn compare(cx: &Context<'_>, out: &mut Findings) {
    for (name, queue) in &cx.desired.queues {
        let address = Address::new(Kind::Queue, name);
        match &cx.identity.queues.declared[name] {
            Pair::Refused => {}
            Pair::Absent => {
                let mut fields = Fields::of_new();
                let write = owned(queue, &Queue::default(), &mut fields);
                out.create(address, fields, Resource::Queue(write));
            }
            Pair::Live(live) => {
                let mut fields = Fields::of_live();
                let write = owned(queue, &cx.names.queue(&live.value), &mut fields);
                let changed = update(cx, out, address, live, fields, write);
                out.unchanged += usize::from(!changed);
            }
        }
    }
    if !cx.replaced.is_empty() {
        for live in &cx.identity.queues.undeclared {
            let address = Address::new(Kind::Queue, live.name.clone());
            update(cx, out, address, live, Fields::of_live(), Queue::default());
        }
    }
}

/// Whether nothing that `queue` owns differs from a live queue. A queue that says nothing about
/// its workers looks like any other.
pub(in crate::plan) fn looks_the_same(queue: &Queue, live: &Queue) -> bool {
    let mut fields = Fields::of_live();
    owned(queue, live, &mut fields);
    queue.target_workers.is_some() && fields.is_empty()
}

/// The owned fields that differ.
fn owned(queue: &Queue, live: &Queue, fields: &mut Fields) -> Queue {
    let Queue {
        sid: _,
        renamed_from: _,
        target_workers,
        max_reserved_workers,
        task_order,
        reservation_activity,
        assignment_activity,
    } = queue;
    Queue {
        sid: None,
        renamed_from: None,
        target_workers: fields.owned(
            "target_workers",
            target_workers.as_ref(),
            live.target_workers.as_ref(),
        ),
        max_reserved_workers: fields.owned(
            "max_reserved_workers",
            max_reserved_workers.as_ref(),
            live.max_reserved_workers.as_ref(),
        ),
        task_order: fields.owned("task_order", task_order.as_ref(), live.task_order.as_ref()),
        reservation_activity: fields.owned(
            "reservation_activity",
            reservation_activity.as_ref(),
            live.reservation_activity.as_ref(),
        ),
        assignment_activity: fields.owned(
            "assignment_activity",
            assignment_activity.as_ref(),
            live.assignment_activity.as_ref(),
        ),
    }
}

/// The update of a live queue: what differs, and what refers to a replaced activity.
fn update(
    cx: &Context<'_>,
    out: &mut Findings,
    address: Address,
    live: &Live<Queue>,
    fields: Fields,
    mut write: Queue,
) -> bool {
    let reasons = cx.reasons(&Resource::Queue(live.value.clone()));
    if !reasons.is_empty() {
        let raw = &live.value;
        let now = cx.names.queue(raw);
        let again = |raw: &Option<String>| raw.as_deref().is_some_and(|name| cx.is_replaced(name));
        if again(&raw.reservation_activity) && write.reservation_activity.is_none() {
            write.reservation_activity.clone_from(&now.reservation_activity);
        }
        if again(&raw.assignment_activity) && write.assignment_activity.is_none() {
            write.assignment_activity.clone_from(&now.assignment_activity);
        }
        let holds = |expression: &crate::model::Expression| {
            expression.text.addresses().any(|a| a.kind == Kind::Activity && cx.is_replaced(&a.name))
        };
        if raw.target_workers.as_ref().is_some_and(holds) && write.target_workers.is_none() {
            write.target_workers.clone_from(&now.target_workers);
        }
    }
    out.update(Difference {
        address,
        stage: Stage::Main,
        sid: &live.sid,
        name: &live.name,
        fields,
        filters: Vec::new(),
        reasons,
        write: Resource::Queue(write),
    })
}
