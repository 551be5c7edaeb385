//! What nothing reaches, kind by kind: what is found, and what is nearly so and is not.

use flexctl::expr::Certainty;
use flexctl::routing::Worker;
use flexctl::routing::reach::{Finding, FindingKind, Options, reach};
use serde_json::json;

use crate::support::world;

/// A spec with these workflows, in flow style, and some queues.
fn spec(workflows: &str) -> String {
    format!(
        "version: 1\n\
         queues:\n  Everyone: {{ target_workers: 1==1 }}\n  Sales: {{ target_workers: skills HAS 'sales' }}\n  \
         Support: {{ target_workers: skills HAS 'support' }}\n  Voicemail: {{ target_workers: 1==0 }}\n\
         workflows:\n{workflows}"
    )
}

/// A workflow with these filters (name, expression, targets) that uses every queue in its
/// default filter's stead.
fn workflow(filters: &[(&str, &str, &str)]) -> String {
    let filters = filters.iter().map(|(name, expression, targets)| {
        format!("      - {{ name: {name}, expression: \"{expression}\", targets: [{targets}] }}\n")
    });
    spec(&format!("  Main:\n    filters:\n{}", filters.collect::<String>()))
}

fn found(spec: &str) -> Vec<Finding> {
    reach(&world::desired(spec), &Options::default())
}

/// The findings of some kinds: kind, where, the related places, and the queue that it is about.
fn told(spec: &str, kinds: &[FindingKind]) -> Vec<String> {
    let findings = found(spec).into_iter().filter(|finding| kinds.contains(&finding.kind));
    let tell = |finding: Finding| {
        let related: Vec<String> = finding.related.iter().map(ToString::to_string).collect();
        let kind = serde_json::to_value(finding.kind).expect("a kind is a word");
        let mut text = format!("{} {}", kind.as_str().expect("a word"), finding.spot);
        for (word, more) in [
            (" <", related.join(", ")),
            (" queue", finding.queue.unwrap_or_default()),
            (" name", finding.name.unwrap_or_default()),
            (" because", finding.because.join(" | ")),
        ] {
            if !more.is_empty() {
                text.push_str(&format!("{word} {more}"));
            }
        }
        match finding.certainty {
            Certainty::Documented => text,
            certainty => format!("{text} ({certainty})"),
        }
    };
    findings.map(tell).collect()
}

/// Kinds that are about filters and their targets.
const FILTERS: &[FindingKind] = &[
    FindingKind::CoveredFilter,
    FindingKind::DuplicateFilter,
    FindingKind::RepeatedFilter,
    FindingKind::NeverTrueFilter,
    FindingKind::TargetAfterEnd,
    FindingKind::DefaultFilterUnreachable,
    FindingKind::TransferBelowCatchAll,
];

fn filters(list: &[(&str, &str, &str)]) -> Vec<String> {
    told(&workflow(list), FILTERS)
}

const WAITS: &str = "{ queue: Sales }";
const LEAVES: &str = "{ queue: Sales, timeout: 30 }";
const SKIPS: &str = "{ queue: Sales, skip_if: workers.available == 0 }";

#[test]
fn a_filter_whose_tasks_an_earlier_one_keeps_is_never_reached() {
    assert_eq!(
        filters(&[("A", "1==1", WAITS), ("B", "topic == 'x'", WAITS)]),
        ["covered_filter filter 2 of workflow.Main < filter 1 of workflow.Main"]
    );
    assert_eq!(
        filters(&[
            ("A", "topic IN ['x', 'y']", WAITS),
            ("B", "lang == 'de'", WAITS),
            ("C", "topic == 'y' AND vip == true", WAITS)
        ]),
        ["covered_filter filter 3 of workflow.Main < filter 1 of workflow.Main"]
    );
}

#[test]
fn several_filters_may_take_everything_together() {
    assert_eq!(
        filters(&[
            ("A", "topic == 'x'", WAITS),
            ("B", "lang == 'de'", WAITS),
            ("C", "topic == 'y'", WAITS),
            ("D", "topic IN ['y', 'x']", WAITS)
        ]),
        ["covered_filter filter 4 of workflow.Main < filter 1 of workflow.Main, \
             filter 3 of workflow.Main"]
    );
}

#[test]
fn a_filter_below_one_that_lets_tasks_go_is_a_fallback() {
    for first in [LEAVES, SKIPS, "{ queue: Sales, timeout: 9 }, { skip_if: 1==1 }"] {
        let list = [("A", "topic == 'x'", first), ("B", "topic == 'x' AND vip == true", WAITS)];
        assert!(filters(&list).is_empty(), "{first}");
    }
    // The last target keeps them after all.
    for first in
        ["{ queue: Sales, timeout: 9 }, { queue: Everyone }", "{ queue: Sales, skip_if: 1==0 }"]
    {
        let list = [("A", "topic == 'x'", first), ("B", "topic == 'x' AND vip == true", WAITS)];
        assert_eq!(filters(&list).len(), 1, "{first}");
    }
}

#[test]
fn arrays_and_missing_attributes_escape_opposites() {
    let list =
        [("A", "topic == 'x'", WAITS), ("B", "topic != 'x'", WAITS), ("C", "lang == 'de'", WAITS)];
    assert!(filters(&list).is_empty());
    let list =
        [("A", "topic == null", WAITS), ("B", "topic != null", WAITS), ("C", "a == 1", WAITS)];
    assert_eq!(
        filters(&list),
        ["covered_filter filter 3 of workflow.Main < filter 1 of workflow.Main, \
             filter 2 of workflow.Main (assumed)"]
    );
}

#[test]
fn what_the_time_excludes_now_it_may_not_exclude_after_waiting() {
    let day = ("A", "taskrouter.currentHour < 18", WAITS);
    let late = ("C", "taskrouter.currentHour < 12 AND topic == 'x'", WAITS);
    assert_eq!(filters(&[day, ("B", "vip == true", SKIPS), late]).len(), 1);
    assert!(filters(&[day, ("B", "vip == true", LEAVES), late]).is_empty());
    // Whoever waits above the filters of the hour comes to both at the same moment.
    assert_eq!(filters(&[("B", "vip == true", LEAVES), day, late]).len(), 1);
}

#[test]
fn a_doubled_filter_is_found_and_a_second_chance_is_not_one() {
    assert_eq!(
        filters(&[("A", "topic == 'x'", WAITS), ("B", "topic='x'", "{ queue: Support }")]),
        ["duplicate_filter filter 2 of workflow.Main < filter 1 of workflow.Main"]
    );
    assert_eq!(
        filters(&[("A", "topic == 'x'", LEAVES), ("B", "topic == 'x'", LEAVES)]),
        ["repeated_filter filter 2 of workflow.Main < filter 1 of workflow.Main"]
    );
    assert!(filters(&[("A", "topic == 'x'", LEAVES), ("B", "topic == 'x'", WAITS)]).is_empty());
}

#[test]
fn a_filter_that_never_holds_is_found_with_the_contradiction() {
    assert_eq!(
        filters(&[("A", "vip == true AND topic == 'x' AND topic == 'y'", WAITS)]),
        ["never_true_filter filter 1 of workflow.Main because topic == 'x' | topic == 'y'"]
    );
    assert_eq!(
        filters(&[("A", "level > 5 AND level < 3", WAITS)]),
        ["never_true_filter filter 1 of workflow.Main because level > 5 | level < 3 (assumed)"]
    );
    assert!(filters(&[("A", "topic != 'x' AND topic != 'y'", WAITS)]).is_empty());
    // It takes nothing, so nothing is covered by it.
    assert_eq!(filters(&[("A", "topic IN []", WAITS), ("B", "topic == 'x'", WAITS)]).len(), 1);
}

#[test]
fn a_target_after_one_that_keeps_every_task_is_never_reached() {
    assert_eq!(
        filters(&[("A", "topic == 'x'", "{ queue: Sales }, { queue: Everyone, timeout: 5 }, {}")]),
        [
            "target_after_end target 2 of filter 1 of workflow.Main < target 1 of filter 1 of \
             workflow.Main",
            "target_after_end target 3 of filter 1 of workflow.Main < target 1 of filter 1 of \
             workflow.Main"
        ]
    );
    for first in [LEAVES, SKIPS, "{ queue: Sales, timeout: 86400 }"] {
        assert!(filters(&[("A", "topic == 'x'", &format!("{first}, {{}}"))]).is_empty(), "{first}");
    }
    let never = "{ queue: Sales, skip_if: 1==0 }, {}";
    assert_eq!(filters(&[("A", "topic == 'x'", never)]).len(), 1);
}

#[test]
fn a_default_filter_below_filters_that_take_everything_is_never_reached() {
    let main = |target: &str| {
        let text = format!(
            "  Main:\n    filters:\n      - {{ name: A, expression: 1==1, targets: [{target}] }}\n    \
             default_filter: {{ queue: Everyone }}\n"
        );
        told(&spec(&text), FILTERS)
    };
    let expected = "default_filter_unreachable the default filter of workflow.Main < filter 1 of workflow.Main";
    assert_eq!(main(WAITS), [expected]);
    // Who leaves by a timeout is cancelled; who is skipped goes to the default filter.
    assert_eq!(main(LEAVES), [expected]);
    assert!(main(SKIPS).is_empty());
    assert!(main("{ queue: Sales, timeout: 9, skip_if: 1==1 }").is_empty());
    let partly = main("{ queue: Sales, skip_if: 1==1 }, { timeout: 9 }");
    assert_eq!(partly, [format!("{expected} (unspecified)")]);
}

#[test]
fn a_queue_that_no_reachable_target_names_is_found() {
    let queues = &[FindingKind::QueueWithoutFilter];
    let text = workflow(&[
        ("A", "1==1", "{ queue: Everyone }, { queue: Voicemail }"),
        ("B", "topic == 'x'", WAITS),
    ]);
    assert_eq!(
        told(&text, queues),
        [
            "queue_without_filter queue.Sales < target 1 of filter 2 of workflow.Main",
            "queue_without_filter queue.Support",
            "queue_without_filter queue.Voicemail < target 2 of filter 1 of workflow.Main",
        ]
    );
    // A workflow whose filters are left alone may name any queue.
    assert!(told(&format!("{text}  Other: {{}}\n"), queues).is_empty());
    assert!(told(&spec("  Other: {}\n"), queues).is_empty());
    let with_default = format!("{text}    default_filter: {{ queue: Support }}\n");
    assert_eq!(told(&with_default, queues).len(), 3, "it is not reached below 1==1");
}

#[test]
fn queues_that_match_nobody_are_found_once_workers_are_known() {
    let text = "version: 1\nqueues:\n  All: { target_workers: 1==1 }\n  Nobody: { target_workers: 1==0 }\n  \
                Empty: {}\n  Sales: { target_workers: skills HAS 'sales' }\n  \
                French: { target_workers: skills HAS 'french' AND level > 3 }\n  \
                Named: { target_workers: \"friendly_name == 'ann' AND activity_name IN ['Idle', 'Break']\" }\n  \
                Busy: { target_workers: level > 8 }\n  \
                Never: { target_workers: \"team == 'a' AND team == 'b'\" }\n";
    let model = world::desired(text);
    let kinds = |findings: Vec<Finding>| -> Vec<String> {
        findings.iter().map(|f| format!("{:?} {} {}", f.kind, f.spot, f.certainty)).collect()
    };
    let unknown = kinds(reach(&model, &Options::default()));
    assert_eq!(unknown, ["NeverTrueQueue queue.Never documented"]);
    let worker = |name: &str, activity: &str, attributes: serde_json::Value| Worker {
        sid: format!("WK{name}"),
        name: name.to_owned(),
        activity: activity.to_owned(),
        available: true,
        attributes: attributes.as_object().expect("an object").clone(),
        channels: Default::default(),
        idle: None,
    };
    let workers = [
        worker("ann", "Idle", json!({"skills": ["sales", "english"], "level": 5})),
        worker("bob", "Idle", json!({"skills": ["French"], "level": 2})),
    ];
    let known = kinds(reach(&model, &Options { workers: Some(&workers) }));
    assert_eq!(
        known,
        [
            "EmptyQueue queue.Busy documented",
            "EmptyQueue queue.French documented",
            "NeverTrueQueue queue.Never documented"
        ]
    );
}

/// Kinds that are about transfers.
const TRANSFERS: &[FindingKind] = &[
    FindingKind::TransferQueueWithoutFilter,
    FindingKind::TransferBelowCatchAll,
    FindingKind::FilterNameMismatch,
    FindingKind::TransferToUnknownQueue,
    FindingKind::NoDefaultFilter,
    FindingKind::AmbiguousWorkflowName,
];

#[test]
fn queues_without_a_filter_lose_their_transfers() {
    let by_name = |queue| ("T", format!("transferQueueName == '{queue}'"));
    let (sales, everyone) = (by_name("Sales"), by_name("Everyone"));
    let text =
        workflow(&[(sales.0, &sales.1, WAITS), (everyone.0, &everyone.1, "{ queue: Everyone }")]);
    let expected = [
        "no_default_filter workflow.Main",
        "transfer_queue_without_filter workflow.Main queue Support",
    ];
    assert_eq!(told(&text, TRANSFERS), expected);
    let lost = |text: &str| {
        let mut all = found(text).into_iter();
        all.any(|f| f.kind == FindingKind::TransferQueueWithoutFilter && f.unreachable)
    };
    assert!(lost(&text));
    let caught = format!("{text}    default_filter: {{ queue: Everyone }}\n");
    assert_eq!(told(&caught, TRANSFERS), &expected[1..]);
    assert!(!lost(&caught));
    let home = format!("{text}    default_filter: {{ queue: Support }}\n");
    assert!(told(&home, TRANSFERS).is_empty(), "the transfer comes to Support all the same");
}

#[test]
fn every_dialect_and_every_generated_workflow_is_complete() {
    for dialect in ["conversation", "programmable_chat", "queue_sid"] {
        let text = format!(
            "{}transfers:\n  Chat Transfer:\n    dialect: {dialect}\n    worker: {{ queue: Everyone }}\n    \
             queues: {{ exclude: [Support] }}\n    default_filter: {{ queue: Everyone }}\n",
            spec("  Main: { filters: [] }\n")
        );
        assert!(told(&text, TRANSFERS).is_empty(), "{dialect}: {:?}", told(&text, TRANSFERS));
    }
    let by_sid = |queue: &str| {
        format!("transferTargetType == 'queue' AND targetSid == '${{queue['{queue}'].sid}}'")
    };
    let text = workflow(&[
        ("A", &by_sid("Sales"), WAITS),
        ("B", &by_sid("Everyone"), "{ queue: Support }"),
    ]);
    assert_eq!(
        told(&text, TRANSFERS),
        [
            "filter_name_mismatch filter 2 of workflow.Main queue Support name Everyone",
            "no_default_filter workflow.Main",
            "transfer_queue_without_filter workflow.Main queue Support",
        ]
    );
}

#[test]
fn a_transfer_filter_below_a_catch_all_never_matches_or_matches_late() {
    let transfer = ("T", "transferQueueName == 'Sales'", WAITS);
    let below = |first: &str| {
        let text = workflow(&[("All", "1==1", first), transfer]);
        let found = found(&text);
        let finding = found.into_iter().find(|f| f.kind == FindingKind::TransferBelowCatchAll);
        finding.map(|finding| finding.unreachable)
    };
    assert_eq!(below(WAITS), Some(true));
    assert_eq!(below(LEAVES), Some(false));
    let text = workflow(&[("Some", "vip == true", WAITS), transfer]);
    assert!(!found(&text).iter().any(|f| f.kind == FindingKind::TransferBelowCatchAll));
}

#[test]
fn a_filter_for_one_queue_that_routes_to_another_is_found() {
    let kinds = &[FindingKind::FilterNameMismatch, FindingKind::TransferToUnknownQueue];
    let one = |name: &str, expression: &str, queue: &str| {
        let target = format!("{{ queue: {queue} }}");
        told(&workflow(&[(name, expression, &target)]), kinds)
    };
    let sales = "transferQueueName == 'Sales'";
    assert_eq!(
        one("To Sales", sales, "Support"),
        ["filter_name_mismatch filter 1 of workflow.Main queue Support name Sales"]
    );
    assert_eq!(
        one("Transfer to queue - Support", sales, "Sales"),
        ["filter_name_mismatch filter 1 of workflow.Main queue Sales name Support"]
    );
    assert_eq!(
        one("Live Chat", "transferQueueName == 'Live Chat (Everyone)'", "Everyone"),
        ["transfer_to_unknown_queue filter 1 of workflow.Main queue Everyone name Live Chat \
             (Everyone)"]
    );
    assert_eq!(one("Call", "callToQueue == 'Sales'", "Support").len(), 1);
    for (name, expression, queue) in [
        ("Transfer to queue - Sales", sales, "Sales"),
        ("Sales to Support", sales, "Support"),
        ("Sales after hours", "topic == 'Sales'", "Voicemail"),
        ("Many", "transferQueueName IN ['Sales', 'Support']", "Support"),
        ("Call", "callToQueue == 'somewhere'", "Support"),
        ("Park->Support", "originalRouting.queueName == 'Support'", "Support"),
    ] {
        assert!(one(name, expression, queue).is_empty(), "{name}");
    }
    // A later target goes there after all.
    let targets = "{ queue: Support, timeout: 9 }, { queue: Sales }";
    assert!(told(&workflow(&[("A", sales, targets)]), kinds).is_empty());
}

#[test]
fn two_workflows_for_chat_transfers_are_one_too_many() {
    let kinds = &[FindingKind::AmbiguousWorkflowName];
    let text = spec("  Chat Transfer: {}\n  Old Chat Transfer (2020): {}\n  Chat: {}\n");
    assert_eq!(
        told(&text, kinds),
        ["ambiguous_workflow_name workflow.\"Chat Transfer\" < workflow.\"Old Chat Transfer \
             (2020)\" name Chat Transfer"]
    );
    assert!(told(&spec("  Chat Transfer: {}\n  Chat: {}\n"), kinds).is_empty());
}

#[test]
fn filters_that_cannot_be_read_take_nothing_and_are_left_to_others() {
    let mut model = world::desired(&workflow(&[
        ("A", "1==1", WAITS),
        ("B", "topic == 'x'", WAITS),
        ("C", "topic == 'x'", WAITS),
    ]));
    let filters = model.workflows.get_mut("Main").and_then(|main| main.filters.as_mut());
    let filters = filters.expect("the spec gives them");
    filters[0].expression = Some("topic ==".into());
    filters[1].expression = None;
    let kinds: Vec<FindingKind> =
        reach(&model, &Options::default()).iter().map(|finding| finding.kind).collect();
    assert!(!kinds.iter().any(|kind| FILTERS.contains(kind)), "{kinds:?}");
}

/// The texts between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_page_tells_rightly_what_is_covered() {
    let page = include_str!("../../docs/reachability.md");
    let rows = page.lines().skip_while(|line| *line != "| earlier | later | covered |").skip(2);
    let mut count = 0;
    for row in rows.take_while(|row| row.starts_with('|')) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, earlier, later, covered, _] = cells[..] else { panic!("{row}") };
        let mut expressions = quoted(earlier);
        expressions.push(quoted(later).first().copied().unwrap_or("anything == 'at all'"));
        let list: Vec<(&str, &str, &str)> =
            expressions.iter().map(|expression| ("F", *expression, WAITS)).collect();
        let last = format!("filter {} of workflow.Main", list.len());
        let findings = found(&workflow(&list));
        let finding = findings.iter().find(|finding| finding.spot.to_string() == last);
        let found = match finding {
            Some(finding) => format!("yes, {}", finding.certainty),
            None => "no".to_owned(),
        };
        assert_eq!(found, covered, "{row}");
        count += 1;
    }
    assert_eq!(count, 8);
}
