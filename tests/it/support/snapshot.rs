//! A live side made from a declared model, for tests that change it and look at the plan.

use std::collections::BTreeMap;

use flexctl::model::{
    Activity, Answers, Expression, Filter, Kind, Live, Model, PermissionSet, Queue, QueueOrder,
    QueueRef, Role, Snapshot, Target, TaskChannel, Worker, WorkerChannel, Workflow, Workspace,
};

/// What TaskRouter would hold after a flawless apply of `model`: owned fields as declared, the
/// others at TaskRouter's defaults.
pub(crate) fn snapshot_of(model: &Model) -> Snapshot {
    let mut sids = Sids::default();
    let activities = model.activities.iter().map(|(name, activity)| {
        let available = Some(activity.available.unwrap_or_default());
        let value = Activity { available, ..Activity::default() };
        live(sids.next("WA"), name, value)
    });
    let activities: Vec<_> = activities.collect();
    let channels = model.task_channels.iter().map(|(name, channel)| {
        let value = TaskChannel {
            sid: None,
            friendly_name: Some(channel.friendly_name.clone().unwrap_or_else(|| name.clone())),
            channel_optimized_routing: Some(channel.channel_optimized_routing.unwrap_or_default()),
        };
        live(sids.next("TC"), name, value)
    });
    let task_channels: Vec<_> = channels.collect();
    let queues = model.queues.iter().map(|(name, queue)| {
        let value = Queue {
            sid: None,
            renamed_from: None,
            target_workers: Some(queue.target_workers.clone().unwrap_or_else(|| "1==1".into())),
            max_reserved_workers: Some(queue.max_reserved_workers.unwrap_or(1)),
            task_order: Some(queue.task_order.unwrap_or(QueueOrder::Fifo)),
            reservation_activity: Some(queue.reservation_activity.clone().unwrap_or_default()),
            assignment_activity: Some(queue.assignment_activity.clone().unwrap_or_default()),
        };
        live(sids.next("WQ"), name, value)
    });
    let queues: Vec<_> = queues.collect();
    let workflows = model.workflows.iter().map(|(name, workflow)| {
        let value = Workflow {
            assignment_callback_url: Some(
                workflow.assignment_callback_url.clone().unwrap_or_default(),
            ),
            fallback_assignment_callback_url: Some(
                workflow.fallback_assignment_callback_url.clone().unwrap_or_default(),
            ),
            task_reservation_timeout: Some(workflow.task_reservation_timeout.unwrap_or(120)),
            filters: Some(workflow.filters.clone().unwrap_or_default()),
            default_filter: Some(workflow.default_filter.clone().flatten()),
            ..Workflow::default()
        };
        live(sids.next("WW"), name, value)
    });
    let workflows: Vec<_> = workflows.collect();
    let workers = model.workers.iter().map(|(name, worker)| {
        let value = Worker {
            sid: None,
            activity: Some(worker.activity.clone().unwrap_or_else(|| "Offline".to_owned())),
            attributes: worker
                .attributes
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
        };
        live(sids.next("WK"), name, value)
    });
    let workers: Vec<_> = workers.collect();
    let mut worker_channels = BTreeMap::new();
    for worker in &workers {
        let channels = task_channels.iter().map(|channel| {
            let value = WorkerChannel { capacity: Some(1), available: Some(true) };
            live(sids.next("WC"), &channel.name, value)
        });
        worker_channels.insert(worker.sid.clone(), channels.collect());
    }
    let roles = model.roles.iter().map(|((role_type, name), role)| {
        let (PermissionSet::Include(set) | PermissionSet::Exactly(set)) = &role.permissions;
        let role = Role { permissions: PermissionSet::Exactly(set.clone()) };
        live(sids.next("RL"), name, (*role_type, role))
    });
    let roles = roles.collect();
    let Workspace {
        sid,
        friendly_name,
        event_callback_url,
        events_filter,
        multi_task_enabled,
        prioritize_queue_order,
        default_activity,
        timeout_activity,
    } = model.workspace.clone();
    let name = friendly_name.unwrap_or_else(|| "Flex Task Assignment".to_owned());
    let value = Workspace {
        sid: None,
        friendly_name: Some(name.clone()),
        event_callback_url: Some(event_callback_url.unwrap_or_default()),
        events_filter: Some(events_filter.unwrap_or_default()),
        multi_task_enabled: Some(multi_task_enabled.unwrap_or(true)),
        prioritize_queue_order: Some(prioritize_queue_order.unwrap_or(QueueOrder::Fifo)),
        default_activity: Some(default_activity.unwrap_or_else(|| "Offline".to_owned())),
        timeout_activity: Some(timeout_activity.unwrap_or_else(|| "Offline".to_owned())),
    };
    Snapshot {
        account_sid: "AC00000000000000000000000000009f2c".to_owned(),
        workspace: live(sid.unwrap_or_else(|| sids.next("WS")), &name, value),
        activities,
        task_channels,
        queues,
        workflows,
        workers,
        worker_channels,
        unread_channels: 0,
        roles,
        answers: Answers::default(),
    }
}

#[derive(Default)]
struct Sids {
    count: u32,
}

impl Sids {
    fn next(&mut self, prefix: &str) -> String {
        self.count += 1;
        format!("{prefix}{:032x}", self.count)
    }
}

/// A live object that nobody has touched.
pub(crate) fn live<T>(sid: String, name: &str, value: T) -> Live<T> {
    Live { sid, name: name.to_owned(), value, untouched: true }
}

/// The live object with this name.
pub(crate) fn find<'a, T>(list: &'a mut [Live<T>], name: &str) -> &'a mut Live<T> {
    list.iter_mut().find(|live| live.name == name).expect("the live object is there")
}

/// A small contact center.
pub(crate) fn center() -> Model {
    let mut model = Model::default();
    model.workspace.friendly_name = Some("Flex Task Assignment".to_owned());
    for (name, available) in [("Available", true), ("Lunch", false), ("Offline", false)] {
        let activity = Activity { available: Some(available), ..Activity::default() };
        model.activities.insert(name.to_owned(), activity);
    }
    for name in ["chat", "voice"] {
        model.task_channels.insert(name.to_owned(), TaskChannel::default());
    }
    for (name, workers) in [
        ("Everyone", "1==1"),
        ("Sales", "routing.skills HAS 'sales'"),
        ("Support", "routing.skills HAS 'support'"),
    ] {
        model.queues.insert(name.to_owned(), queue(workers));
    }
    let filters = ["Everyone", "Sales", "Support"].map(transfer_to);
    model.workflows.insert("Chat Transfer".to_owned(), workflow(filters.to_vec()));
    model
}

pub(crate) fn queue(workers: &str) -> Queue {
    Queue { target_workers: Some(workers.into()), ..Queue::default() }
}

pub(crate) fn workflow(filters: Vec<Filter>) -> Workflow {
    Workflow {
        filters: Some(filters),
        default_filter: Some(Some(target("Everyone"))),
        ..Workflow::default()
    }
}

/// The filter that a transfer to this queue goes through.
pub(crate) fn transfer_to(queue: &str) -> Filter {
    let mut filter = filter(
        &format!("Transfer to queue - {queue}"),
        &format!("transferQueueName == '{queue}'"),
        queue,
    );
    filter.targets[0].expression = Some("worker.sid NOT IN task.workerSidsInConversation".into());
    filter
}

pub(crate) fn filter(name: &str, expression: &str, queue: &str) -> Filter {
    Filter {
        name: name.to_owned(),
        expression: Some(Expression::from(expression)),
        targets: vec![target(queue)],
        ..Filter::default()
    }
}

pub(crate) fn target(queue: &str) -> Target {
    Target { queue: Some(QueueRef::Name(queue.to_owned())), ..Target::default() }
}

/// The kind's addresses, for `assert_eq!` with the texts of addresses.
pub(crate) fn addresses(plan: &flexctl::plan::Plan, kind: Kind) -> Vec<String> {
    plan.of(kind).map(|change| change.address.to_string()).collect()
}

/// A declared queue, to change it.
pub(crate) fn queue_mut<'a>(model: &'a mut Model, name: &str) -> &'a mut Queue {
    model.queues.get_mut(name).expect("the queue is declared")
}

/// The owned filters of a declared workflow, to change them.
pub(crate) fn filters_mut<'a>(model: &'a mut Model, name: &str) -> &'a mut Vec<Filter> {
    let workflow = model.workflows.get_mut(name).expect("the workflow is declared");
    workflow.filters.as_mut().expect("the workflow owns its filters")
}
