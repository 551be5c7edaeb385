//! The client against the embedded TaskRouter: what is written is what is read.

use flexctl::cli::InProcess;
use flexctl::emulator::{Emulator, Options, Seed};

use super::*;

fn client(emulator: &Emulator) -> Client<InProcess> {
    let credentials = Credentials::new(emulator.account_sid(), emulator.auth_token());
    let endpoints = Endpoints::at(InProcess::BASE_URL).unwrap();
    Client::new(InProcess::new(emulator.clone()), endpoints, credentials, 4)
}

async fn snapshot(client: &Client<InProcess>, scope: &Scope<'_>) -> Snapshot {
    live::read(&client.reader(), scope).await.unwrap()
}

const FLEX: Scope<'static> = Scope { workspace_name: Some("Flex Task Assignment"), ..SCOPE };

#[tokio::test]
async fn a_flex_account_is_read_as_it_begins() {
    let emulator = Emulator::in_memory(Options::deterministic());
    let live = snapshot(&client(&emulator), &FLEX).await;
    assert_eq!(live.account_sid, emulator.account_sid());
    assert_eq!(live.workspace.sid, emulator.workspace_sid());
    let assign = &live.workflows[0];
    assert_eq!(assign.name, "Assign to Anyone");
    let default = assign.value.default_filter.clone().unwrap().unwrap();
    assert_eq!(default.queue, Some(QueueRef::Name("Everyone".into())));
    assert!(live.roles.iter().any(|role| role.value.0 == RoleType::Service));
}

#[tokio::test]
async fn every_kind_is_created_updated_and_deleted() {
    let emulator = Emulator::in_memory(Options::deterministic());
    let client = client(&emulator);
    let before = snapshot(&client, &FLEX).await;
    let workspace = before.workspace.sid.as_str();
    let mut sids = Sids::of(&before);
    let writer = client.writer();

    let permissions = BTreeSet::from(["createConversation".to_owned()]);
    let mut resources = [
        (
            Address::new(Kind::Activity, "Lunch"),
            Resource::Activity(Activity { available: Some(false), ..Activity::default() }),
        ),
        (
            Address::new(Kind::TaskChannel, "pulled-chat"),
            Resource::TaskChannel(TaskChannel {
                sid: None,
                friendly_name: Some("Pulled Chat".into()),
                channel_optimized_routing: Some(true),
            }),
        ),
        (
            Address::new(Kind::Queue, "Sales"),
            Resource::Queue(Queue {
                sid: None,
                renamed_from: None,
                target_workers: Some(Expression::from("skills HAS 'sales'")),
                max_reserved_workers: Some(7),
                task_order: Some(QueueOrder::Lifo),
                reservation_activity: Some("Lunch".into()),
                assignment_activity: Some(String::new()),
            }),
        ),
        (
            Address::new(Kind::Workflow, "Chat Transfer"),
            Resource::Workflow(Workflow {
                assignment_callback_url: Some("https://x.example/".into()),
                fallback_assignment_callback_url: Some(String::new()),
                task_reservation_timeout: Some(60),
                filters: Some(vec![Filter {
                    name: "F".into(),
                    expression: Some(Expression::from("a == 1")),
                    targets: vec![
                        Target {
                            queue: Some(QueueRef::Name("Sales".into())),
                            timeout: Some(10),
                            ..Target::default()
                        },
                        Target::default(),
                    ],
                    ..Filter::default()
                }]),
                default_filter: Some(None),
                ..Workflow::default()
            }),
        ),
        (
            Address::new(Kind::Worker, "alice"),
            Resource::Worker(Worker {
                sid: None,
                activity: Some("Lunch".into()),
                attributes: json!({"skills": ["sales"]}).as_object().unwrap().clone(),
            }),
        ),
        (
            Address::capacity("alice", "pulled-chat"),
            Resource::Capacity(WorkerChannel { capacity: Some(3), available: Some(false) }),
        ),
        (
            Address::new(Kind::Role, "service/creator"),
            Resource::Role(Role { permissions: PermissionSet::Exactly(permissions) }),
        ),
    ];
    for (address, resource) in &resources {
        let made = writer.create(workspace, address, resource, &sids).await.unwrap();
        sids.insert(address.clone(), made.sid);
    }
    let rules = [CapacityRule {
        name: "all".into(),
        workers: Expression::from("1==1"),
        channels: BTreeMap::new(),
    }];
    let scope = Scope { capacities: &rules, exact: true, ..FLEX };
    let live = snapshot(&client, &scope).await;
    for (address, resource) in &resources {
        let found = found(&live, sids.get(address).unwrap());
        assert_eq!(found.as_ref(), Some(resource), "{address}");
    }
    // What is there already and new at once: sids known from the snapshot are those of creation.
    let again = Sids::of(&live);
    for (address, _) in &resources {
        assert_eq!(again.get(address), sids.get(address), "{address}");
    }

    if let Resource::Queue(queue) = &mut resources[2].1 {
        queue.reservation_activity = Some(String::new());
        queue.target_workers = Some(Expression::from(""));
    }
    if let Resource::Workflow(workflow) = &mut resources[3].1 {
        workflow.filters = Some(Vec::new());
        workflow.assignment_callback_url = Some(String::new());
    }
    if let Resource::Worker(worker) = &mut resources[4].1 {
        worker.activity = Some("Offline".into());
    }
    for (address, resource) in &resources {
        let sid = sids.get(address).unwrap();
        let edit = Edit { sid, resource, new_name: None, revision: None };
        writer.update(workspace, address, edit, &sids).await.unwrap();
    }
    let (sales, queue) = &resources[2];
    let sid = sids.get(sales).unwrap();
    let edit = Edit { sid, resource: queue, new_name: Some("Sales EMEA"), revision: None };
    writer.update(workspace, sales, edit, &sids).await.unwrap();
    let live = snapshot(&client, &scope).await;
    for (address, resource) in &resources {
        let found = found(&live, sids.get(address).unwrap());
        assert_eq!(found.as_ref(), Some(resource), "{address}");
    }
    assert!(live.queues.iter().any(|queue| queue.sid == sid && queue.name == "Sales EMEA"));

    for (address, _) in resources.iter().rev().filter(|(a, _)| a.kind != Kind::Capacity) {
        let sid = sids.get(address).unwrap();
        writer.delete(workspace, address, sid, None).await.unwrap();
        writer.delete(workspace, address, sid, None).await.unwrap();
    }
    let after = snapshot(&client, &FLEX).await;
    assert_eq!(after, before);
}

/// The value of the live object with a sid.
fn found(live: &Snapshot, sid: &str) -> Option<Resource> {
    macro_rules! among {
        ($list:expr, $wrap:expr) => {
            if let Some(live) = $list.iter().find(|live| live.sid == sid) {
                return Some($wrap(live.value.clone()));
            }
        };
    }
    among!(live.activities, Resource::Activity);
    among!(live.task_channels, Resource::TaskChannel);
    among!(live.queues, Resource::Queue);
    among!(live.workflows, Resource::Workflow);
    among!(live.workers, Resource::Worker);
    among!(live.roles, |(_, role)| Resource::Role(role));
    for channels in live.worker_channels.values() {
        among!(channels, Resource::Capacity);
    }
    None
}

#[tokio::test]
async fn lists_longer_than_a_page_are_read_whole() {
    let emulator = Emulator::in_memory(Options { seed: Seed::Bare, ..Options::deterministic() });
    emulator.seed(|seeder| {
        for n in 0..2_345 {
            seeder.worker(&format!("worker {n}"), "{}");
        }
        for n in 0..120 {
            seeder.role("service", &format!("role {n}"), &[]);
        }
    });
    let live = snapshot(&client(&emulator), &FLEX).await;
    assert_eq!(live.workers.len(), 2_345);
    assert!(live.roles.len() >= 120);
}

#[tokio::test]
async fn wrong_credentials_are_refused() {
    let emulator = Emulator::in_memory(Options::deterministic());
    let endpoints = Endpoints::at(InProcess::BASE_URL).unwrap();
    let credentials = Credentials::new(emulator.account_sid(), "wrong");
    let client = Client::new(InProcess::new(emulator), endpoints, credentials, 1);
    let error = live::read(&client.reader(), &FLEX).await.unwrap_err();
    assert!(matches!(error, LiveError::Refused(_)), "{error}");
    assert_eq!(error.api().unwrap().code, Some(20003));
}

#[tokio::test]
async fn a_queue_that_a_workflow_uses_is_not_deleted_and_the_reason_is_the_apis() {
    let emulator = Emulator::in_memory(Options::deterministic());
    let client = client(&emulator);
    let live = snapshot(&client, &FLEX).await;
    let everyone = Address::new(Kind::Queue, "Everyone");
    let sids = Sids::of(&live);
    let sid = sids.get(&everyone).unwrap();
    let error =
        client.writer().delete(&live.workspace.sid, &everyone, sid, None).await.unwrap_err();
    assert!(matches!(error, LiveError::Api(_)), "{error}");
    assert_eq!(error.api().unwrap().code, Some(20001));
}
