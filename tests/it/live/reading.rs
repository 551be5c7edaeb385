//! What is read, and how it is understood.

use super::*;

#[tokio::test]
async fn a_workspace_is_read_with_names_for_sids() {
    let canned = Canned::new(|line, _| workspace(line));
    let live = read(&canned, &SCOPE).await.unwrap();

    assert_eq!((&live.account_sid, &live.workspace.sid), (&"AC1".to_owned(), &sid("WS", 1)));
    assert_eq!(
        live.workspace.value,
        Workspace {
            sid: None,
            friendly_name: Some("Flex".into()),
            event_callback_url: Some(String::new()),
            events_filter: Some(Vec::new()),
            multi_task_enabled: Some(true),
            prioritize_queue_order: Some(QueueOrder::Lifo),
            default_activity: Some("Offline".into()),
            timeout_activity: Some(String::new()),
        }
    );
    assert_eq!(live.activities[1].value.available, Some(false));
    assert_eq!(live.task_channels[0].name, "chat");
    assert_eq!(live.task_channels[0].value.channel_optimized_routing, Some(false));

    let sales = &live.queues[0];
    assert!(sales.untouched && !live.queues[1].untouched && !live.queues[2].untouched);
    assert_eq!(sales.value.max_reserved_workers, Some(3));
    assert_eq!(sales.value.task_order, Some(QueueOrder::Fifo));
    assert_eq!(live.queues[1].value.target_workers, Some(Expression::from("")));

    let assign = &live.workflows[0].value;
    let filter = &assign.filters.as_ref().unwrap()[0];
    assert_eq!(filter.expression.as_ref().unwrap().to_string(), "q == '${queue['Sales'].sid}'");
    assert_eq!(filter.targets[0].queue, Some(QueueRef::Name("Sales".into())));
    assert_eq!(
        filter.targets[0].skip_if.as_ref().unwrap().to_string(),
        "workers.${activity['Break'].sid} > 0"
    );
    assert_eq!(filter.targets[1].queue, Some(QueueRef::Sid(sid("WQ", 2))));
    let default = assign.default_filter.clone().unwrap().unwrap();
    assert_eq!(default.queue, Some(QueueRef::Sid(sid("WQ", 9))));
    let odd = &live.workflows[1].value;
    assert_eq!((odd.unreadable.as_deref(), &odd.filters), (Some("{oops"), &None));

    assert_eq!(live.workers[0].value.activity.as_deref(), Some("Break"));
    assert_eq!(live.workers[0].value.attributes["b"], 2);
    assert_eq!(live.workers[1].value.attributes["a"], json!([1]));

    let permissions = BTreeSet::from(["a".to_owned(), "b".to_owned()]);
    let admin = Role { permissions: PermissionSet::Exactly(permissions) };
    assert_eq!(live.roles.len(), 1);
    assert_eq!(live.roles[0].value, (RoleType::Service, admin));

    let sids = Sids::of(&live);
    assert_eq!(sids.get(&Address::new(Kind::Queue, "Twin")), Some(sid("WQ", 2).as_str()));
    assert_eq!(sids.get(&Address::new(Kind::Role, "service/admin")), Some(sid("RL", 1).as_str()));
}

#[tokio::test]
async fn only_what_is_asked_for_is_read() {
    let canned = Canned::new(|line, _| workspace(line));
    let scope = Scope { workers: false, roles: false, ..SCOPE };
    let live = read(&canned, &scope).await.unwrap();
    assert!(live.workers.is_empty() && live.roles.is_empty());
    assert_eq!(canned.sent().len(), 5);
}

#[tokio::test]
async fn workers_are_read_when_an_activity_is_to_be_replaced() {
    let available = |available| Activity { available, ..Activity::default() };
    for (name, activity, expected) in [
        ("Offline", available(Some(true)), true),
        ("Offline", available(Some(false)), false),
        ("Offline", available(None), false),
        ("Lunch", available(Some(true)), false),
        ("Lunch", Activity { renamed_from: Some("Offline".into()), ..available(Some(true)) }, true),
    ] {
        let declared_activities = &BTreeMap::from([(name.to_owned(), activity.clone())]);
        let scope = Scope { workers: false, declared_activities, ..SCOPE };
        let live = read(&Canned::new(|line, _| workspace(line)), &scope).await.unwrap();
        assert_eq!(!live.workers.is_empty(), expected, "{name} {activity:?}");
    }
}

#[tokio::test]
async fn channels_are_read_of_workers_that_a_rule_matches_or_that_are_declared() {
    let channels = |line: &str, _| {
        if line.ends_with("/Channels?PageSize=1000") {
            let channel = json!({"sid": sid("WC", 1), "task_channel_unique_name": "chat",
                                 "configured_capacity": "3", "available": true});
            return page("channels", json!([channel]));
        }
        workspace(line)
    };
    let rule = |workers: &str| CapacityRule {
        name: "r".into(),
        workers: workers.into(),
        channels: BTreeMap::new(),
    };
    let alice = BTreeMap::from([("ALICE".to_owned(), Worker::default())]);
    let nobody = BTreeMap::new();
    for (workers, declared_workers, expected) in [
        ("b == 2", &nobody, vec![sid("WK", 1)]),
        ("activity_name == 'Offline'", &alice, vec![sid("WK", 1), sid("WK", 2)]),
        ("1==0", &nobody, vec![]),
    ] {
        let rules = [rule("c == 9"), rule(workers)];
        let scope = Scope { capacities: &rules, declared_workers, exact: true, ..SCOPE };
        let live = read(&Canned::new(channels), &scope).await.unwrap();
        assert_eq!(live.worker_channels.keys().cloned().collect::<Vec<_>>(), expected, "{workers}");
        for channel in live.worker_channels.values().flatten() {
            assert_eq!((channel.name.as_str(), channel.value.capacity), ("chat", Some(3)));
        }
    }
    let scope = Scope { declared_workers: &alice, ..SCOPE };
    let live = read(&Canned::new(channels), &scope).await.unwrap();
    assert!(live.worker_channels.is_empty());

    // One of two is deleted before the channels are read: the reading goes on without.
    let rules = [rule("1==1")];
    let scope = Scope { capacities: &rules, exact: true, ..SCOPE };
    let gone = sid("WK", 1);
    let canned = Canned::new(move |line, asked| match line.contains(&format!("{gone}/Channels")) {
        true => refused(404, 20404, "The requested resource was not found"),
        false => channels(line, asked),
    });
    let live = read(&canned, &scope).await.unwrap();
    assert_eq!(live.worker_channels.keys().cloned().collect::<Vec<_>>(), [sid("WK", 2)]);
}

#[tokio::test]
async fn without_flex_the_roles_are_those_of_the_default_service() {
    let canned = Canned::new(|line, _| match line {
        "GET /v1/Configuration" => refused(404, 20404, "not found"),
        "GET /v1/Roles?PageSize=50" => page("roles", json!([])),
        line => workspace(line),
    });
    read(&canned, &SCOPE).await.unwrap();
    assert!(canned.sent().contains(&"GET /v1/Roles?PageSize=50".to_owned()));
    let sent = canned.log.lock().unwrap();
    let hosts: BTreeSet<_> = sent.sent.iter().filter_map(|sent| sent.uri().host()).collect();
    assert_eq!(
        Vec::from_iter(hosts),
        ["conversations.twilio.com", "flex-api.twilio.com", "taskrouter.twilio.com"]
    );
}

#[tokio::test]
async fn a_workspace_that_is_not_there_is_answered_with_those_that_are() {
    let canned = Canned::new(|line, _| match line {
        "GET /v1/Workspaces?PageSize=1000" => page(
            "workspaces",
            json!([{"sid": "WS1", "friendly_name": "Flex"}, {"sid": "WS2", "friendly_name": "Test"}]),
        ),
        _ => page("workspaces", json!([])),
    });
    let scope = Scope { workspace_name: Some("Felx"), ..SCOPE };
    assert_eq!(
        read(&canned, &scope).await.unwrap_err().to_string(),
        "no workspace is named `Felx`; there are: Flex, Test"
    );
    let any = Scope { workspace_name: None, ..SCOPE };
    assert_eq!(
        read(&canned, &any).await.unwrap_err().to_string(),
        "the account has several workspaces and none is chosen: Flex, Test"
    );
}

#[tokio::test]
async fn two_workspaces_with_the_name_are_answered_with_both_sids() {
    let canned = Canned::new(|_, _| {
        let two = json!([{"sid": "WS1", "friendly_name": "Flex"}, {"sid": "WS2", "friendly_name": "Flex"}]);
        page("workspaces", two)
    });
    assert_eq!(
        read(&canned, &SCOPE).await.unwrap_err().to_string(),
        "2 workspaces are named `Flex`: WS1, WS2; pin one with `sid:`"
    );
}

#[tokio::test]
async fn a_question_that_is_refused_is_answered_by_reading() {
    let rules = [CapacityRule {
        name: "everyone".into(),
        workers: "1==1".into(),
        channels: BTreeMap::from([(
            "chat".to_owned(),
            ChannelCapacity { mode: CapacityMode::Enforce(Some(3)), available: None },
        )]),
    }];
    for (status, expected) in [(400, true), (414, true), (401, false), (404, false)] {
        let canned = Canned::new(move |line, _| {
            if line.contains("TargetWorkersExpression") {
                return refused(status, 20001, "extraneous input");
            }
            if line.ends_with("/Channels?PageSize=1000") {
                return page("channels", json!([]));
            }
            if line.ends_with("/Workers?PageSize=1000") {
                let worker = |n| json!({"sid": sid("WK", n), "attributes": "{}"});
                return page("workers", json!([worker(1), worker(2), worker(3)]));
            }
            workspace(line)
        });
        let scope = Scope { capacities: &rules, ..SCOPE };
        let mut said = Vec::new();
        let mut tell = |remark: &live::Remark| said.push(remark.clone());
        let result = live::read_aloud(&canned.client().reader(), &scope, &mut tell).await;
        assert_eq!(result.is_ok(), expected, "{status}");
        if expected {
            let because = live::Because::Refused("extraneous input".to_owned());
            assert_eq!(said, [live::Remark { rule: "everyone".into(), workers: 3, because }]);
            let question = canned.sent().into_iter().find(|line| line.contains("Expression"));
            let question = question.unwrap().replace('+', " ");
            let question: String = form_urlencoded::parse(question.as_bytes())
                .filter(|(key, _)| key.ends_with("TargetWorkersExpression"))
                .map(|(_, value)| value.into_owned())
                .collect();
            assert_eq!(
                question,
                "(1==1) AND (worker.channel.chat.configured_capacity != 3 OR \
                 worker.channel.chat.configured_capacity == null)"
            );
        }
    }
}
