//! What is sent to create and to update.

use super::*;

fn known() -> Sids {
    let mut sids = Sids::default();
    sids.insert(Address::new(Kind::Activity, "Offline"), "WA1");
    sids.insert(Address::new(Kind::Queue, "Sales"), "WQ1");
    sids.insert(Address::new(Kind::Worker, "alice@example.com/x"), "WK1");
    sids
}

/// Everything that a create and an update of each kind can send.
#[tokio::test]
async fn writes_send_the_fields_that_are_given_and_no_others() {
    let canned = Canned::new(|line, _| match line {
        "GET /v1/Configuration" => ok(json!({"chat_service_instance_sid": "IS1"})),
        line => made(line, json!({"sid": "XX1"})),
    });
    let writer = canned.client().writer();
    let resources = [
        (
            Address::workspace(),
            Resource::Workspace(Workspace {
                sid: None,
                friendly_name: Some("Flex".into()),
                event_callback_url: Some(String::new()),
                events_filter: Some(vec!["task.created".into(), "worker.deleted".into()]),
                multi_task_enabled: Some(true),
                prioritize_queue_order: Some(QueueOrder::Lifo),
                default_activity: Some("Offline".into()),
                timeout_activity: Some(String::new()),
            }),
        ),
        (
            Address::new(Kind::Activity, "Lunch"),
            Resource::Activity(Activity { available: Some(false), ..Activity::default() }),
        ),
        (
            Address::new(Kind::TaskChannel, "pulled-chat"),
            Resource::TaskChannel(TaskChannel {
                channel_optimized_routing: Some(true),
                ..TaskChannel::default()
            }),
        ),
        (
            Address::new(Kind::Queue, "Sales & Co"),
            Resource::Queue(Queue {
                target_workers: Some(Expression::from("")),
                task_order: Some(QueueOrder::Fifo),
                max_reserved_workers: Some(2),
                reservation_activity: Some(String::new()),
                assignment_activity: Some("Offline".into()),
                ..Queue::default()
            }),
        ),
        (
            Address::new(Kind::Workflow, "Assign"),
            Resource::Workflow(Workflow {
                task_reservation_timeout: Some(60),
                re_evaluate_tasks: Some(true),
                filters: Some(vec![Filter {
                    name: "F".into(),
                    expression: Some(Expression::from("a == 1")),
                    targets: vec![Target {
                        queue: Some(QueueRef::Name("Sales".into())),
                        priority: Some(5),
                        ..Target::default()
                    }],
                    ..Filter::default()
                }]),
                ..Workflow::default()
            }),
        ),
        (
            Address::new(Kind::Worker, "bob"),
            Resource::Worker(Worker {
                activity: Some("Offline".into()),
                attributes: json!({"a": 1}).as_object().unwrap().clone(),
                ..Worker::default()
            }),
        ),
        (
            Address::capacity("alice@example.com/x", "chat"),
            Resource::Capacity(WorkerChannel { capacity: Some(3), available: Some(false) }),
        ),
        (
            Address::new(Kind::Role, "service/admin"),
            Resource::Role(Role {
                permissions: PermissionSet::Exactly(["b", "a"].map(str::to_owned).into()),
            }),
        ),
    ];
    for (address, resource) in &resources {
        let Written { sid, .. } = writer.create("WS1", address, resource, &known()).await.unwrap();
        let edit = Edit { sid: &sid, ..edit(resource) };
        writer.update("WS1", address, edit, &known()).await.unwrap();
    }
    insta::assert_snapshot!(canned.sent().join("\n"));
}

#[tokio::test]
async fn a_new_name_is_sent_and_an_update_of_nothing_is_not() {
    let canned = Canned::new(|_, _| ok(json!({"sid": "WQ1"})));
    let writer = canned.client().writer();
    let (address, queue) = sales();
    let none = Sids::default();
    writer.update("WS1", &address, edit(&queue), &none).await.unwrap();
    let renamed = Edit { new_name: Some("Sales"), ..edit(&queue) };
    writer.update("WS1", &address, renamed, &none).await.unwrap();
    assert_eq!(canned.sent(), ["POST /v1/Workspaces/WS1/TaskQueues/WQ1\n  FriendlyName=Sales"]);
    let other = Resource::Worker(Worker::default());
    assert!(writer.update("WS1", &address, edit(&other), &none).await.is_err());
    assert!(writer.delete("WS1", &Address::workspace(), "WS1", None).await.is_err());
    assert_eq!(canned.sent().len(), 1);
}

#[tokio::test]
async fn a_reference_without_a_sid_is_named_and_nothing_is_sent() {
    let canned = Canned::new(|_, _| ok(json!({"sid": "WQ1"})));
    let queue =
        Resource::Queue(Queue { assignment_activity: Some("Gone".into()), ..Queue::default() });
    let (address, _) = sales();
    let error = canned.client().writer().create("WS1", &address, &queue, &known()).await;
    assert_eq!(
        error.unwrap_err().to_string(),
        "queue.Sales refers to activity.Gone, whose sid is not known"
    );
    assert!(canned.sent().is_empty());
}
