//! How a plan reads.

use flexctl::model::{Kind, Worker};
use flexctl::plan::render::{self, Options};
use serde_json::json;

use crate::plan::{diff, text};
use crate::support::snapshot::{
    center, filter, filters_mut, live, queue, queue_mut, snapshot_of, transfer_to, workflow,
};

#[test]
fn lines_are_broken_between_words_to_fit_the_terminal() {
    let mut model = center();
    let now = snapshot_of(&model);
    let long = "routing.skills HAS 'sales' AND languages HAS 'en' AND level > 3 OR team == 'night'";
    queue_mut(&mut model, "Sales").target_workers = Some(long.into());
    let mut worker = Worker::default();
    let routing = json!({"skills": ["reception", "sales", "workshop"], "levels": {"en": 5}});
    worker.attributes.insert("routing".to_owned(), routing);
    model.workers.insert("alice@example.com".to_owned(), worker);
    model.queues.extend((0..9).map(|n| (format!("Another queue {n}"), queue("1==1"))));
    let rule = filter("A filter of some length", long, "Another queue 1");
    filters_mut(&mut model, "Chat Transfer").push(rule);
    let plan = diff(&model, &now);
    for width in [40, 60, 80, 120] {
        let text = render::text(&plan, &Options { width, ..Options::default() });
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(width), "{text}");
    }
    insta::assert_snapshot!(render::text(&plan, &Options { width: 60, ..Options::default() }));
}

#[test]
fn colour_marks_the_words_that_differ() {
    let mut model = center();
    let now = snapshot_of(&model);
    queue_mut(&mut model, "Sales").target_workers = Some("routing.skills HAS 'shop'".into());
    let plan = diff(&model, &now);
    let colored = render::text(&plan, &Options { color: true, ..Options::default() });
    assert!(colored.contains("\u{1b}[31m'sales'\u{1b}[0m"), "{colored:?}");
    assert!(colored.contains("\u{1b}[32m'shop'\u{1b}[0m"), "{colored:?}");
    assert!(!text(&plan).contains('\u{1b}'));
    assert!(text(&plan).contains("routing.skills HAS 'sales' → routing.skills HAS 'shop'"));
}

#[test]
fn control_characters_in_names_are_shown_and_not_obeyed() {
    let model = center();
    let mut now = snapshot_of(&model);
    now.queues.push(live("WQ66".to_owned(), "evil\u{1b}[2J\nqueue", queue("1==1")));
    let text = text(&diff(&model, &now));
    assert!(text.contains(r"evil\u{1b}[2J\nqueue"), "{text}");
}

#[test]
fn what_is_to_be_copied_is_not_broken() {
    let mut model = center();
    let now = snapshot_of(&model);
    model.activities.get_mut("Lunch").expect("declared").available = Some(true);
    let plan = diff(&model, &now);
    for width in 40..90 {
        let text = render::text(&plan, &Options { width, ..Options::default() });
        assert!(text.contains("`--allow-replace activity.Lunch`"), "{text}");
    }
}

#[test]
fn of_a_new_workflow_with_many_filters_the_first_are_shown() {
    let mut model = center();
    let now = snapshot_of(&model);
    let filters = (0..500).map(|n| transfer_to(&format!("Queue {n}"))).collect();
    model.workflows.insert("Big".to_owned(), workflow(filters));
    let text = text(&diff(&model, &now));
    assert!(text.contains("and 480 more filters"), "{text}");
    assert!(text.lines().count() < 70);
}

#[test]
fn what_is_left_alone_is_named_up_to_a_point_and_counted_by_kind() {
    let model = center();
    let mut now = snapshot_of(&model);
    for n in 0..12 {
        now.queues.push(live(format!("WQ8{n}"), &format!("Q{n:02}"), queue("1==1")));
    }
    now.workflows.push(live("WW9".to_owned(), "Other", workflow(Vec::new())));
    let plan = diff(&model, &now);
    assert_eq!(plan.of(Kind::Queue).count(), 0);
    insta::assert_snapshot!(text(&plan), @"
    not in the spec, left alone: queue.Q00, queue.Q01, queue.Q02, queue.Q03,
        queue.Q04, queue.Q05, queue.Q06, queue.Q07, and 5 more

    No changes.
    9 unchanged; 12 unmanaged queues, 1 unmanaged workflow left alone
    ");
}
