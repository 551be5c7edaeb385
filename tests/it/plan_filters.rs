//! Workflows, compared as filters and targets.

use flexctl::model::{Filter, Kind, Model, Resource, Snapshot, Target, Workflow};
use flexctl::plan::{FilterChange, Plan};
use serde_json::json;

use crate::plan::{codes, diff, text};
use crate::support::snapshot::{center, filter, filters_mut, snapshot_of, target, transfer_to};

const NAME: &str = "Chat Transfer";

fn live_filters(now: &mut Snapshot) -> &mut Vec<Filter> {
    now.workflows[0].value.filters.as_mut().expect("the filters are read")
}

/// What happens to the filters, one word and position each.
fn changes(plan: &Plan) -> Vec<String> {
    let change = |change: &FilterChange| match change {
        FilterChange::Added { position, filter } => format!("+{position} {}", filter.name),
        FilterChange::Removed { position, filter } => format!("-{position} {}", filter.name),
        FilterChange::Moved { name, from, to } => format!("{from}>{to} {name}"),
        FilterChange::Changed { name, position, fields } => {
            let fields: Vec<&str> = fields.iter().map(|field| field.field.as_str()).collect();
            format!("~{position} {name}: {}", fields.join(", "))
        }
    };
    plan.of(Kind::Workflow).flat_map(|c| &c.filters).map(change).collect()
}

fn sent(plan: &Plan) -> &Workflow {
    match plan.of(Kind::Workflow).next().and_then(|change| change.write.as_ref()) {
        Some(Resource::Workflow(workflow)) => workflow,
        other => panic!("a workflow is sent, not {other:?}"),
    }
}

fn names(plan: &Plan) -> Vec<&str> {
    sent(plan).filters.iter().flatten().map(|filter| filter.name.as_str()).collect()
}

/// A center whose workflow has these filters.
fn with(names: &[&str]) -> Model {
    let mut model = center();
    let named = |name: &&str| filter(name, &format!("topic == '{name}'"), "Everyone");
    *filters_mut(&mut model, NAME) = names.iter().map(named).collect();
    model
}

#[test]
fn filters_are_added_removed_moved_and_changed_one_by_one() {
    let now = snapshot_of(&with(&["a", "b", "c", "d", "e"]));
    let mut model = with(&["a", "d", "b", "c", "f"]);
    let filters = filters_mut(&mut model, NAME);
    filters[2].expression = Some("topic == 'b' AND vip == true".into());
    filters[3].targets[0].priority = Some(20);
    filters[3].targets.push(Target::default());
    let plan = diff(&model, &now);
    assert_eq!(
        changes(&plan),
        ["-5 e", "4>2 d", "~3 b: expression", "~4 c: targets[1].priority, targets[2]", "+5 f"]
    );
    insta::assert_snapshot!(text(&plan));
}

#[test]
fn a_target_that_is_put_in_front_changes_no_other() {
    let mut model = with(&["a"]);
    let mut now = snapshot_of(&model);
    let filters = filters_mut(&mut model, NAME);
    filters[0].targets.insert(0, Target { timeout: Some(30), ..target("Sales") });
    assert_eq!(changes(&diff(&model, &now)), ["~1 a: targets[1]"]);
    let live = live_filters(&mut now);
    live[0].targets.insert(0, target("Support"));
    live[0].targets.push(target("Sales"));
    let plan = diff(&model, &now);
    assert_eq!(changes(&plan), ["~1 a: targets[1].queue, targets[1].timeout, targets[3]"]);
}

#[test]
fn a_filter_is_known_by_its_expression_or_its_targets_when_its_name_changes() {
    let mut now = snapshot_of(&center());
    live_filters(&mut now)[1].name = "To the salespeople".to_owned();
    assert_eq!(changes(&diff(&center(), &now)), ["~2 Transfer to queue - Sales: name"]);
    live_filters(&mut now)[1].expression = Some("team == 'S'".into());
    assert_eq!(changes(&diff(&center(), &now)), ["~2 Transfer to queue - Sales: name, expression"]);
}

#[test]
fn filters_that_share_a_name_are_told_apart_by_their_expressions() {
    let mut model = with(&[]);
    let double = |topic: &str| filter("double", &format!("topic == '{topic}'"), "Everyone");
    *filters_mut(&mut model, NAME) = vec![double("a"), double("b"), double("c")];
    let mut now = snapshot_of(&model);
    live_filters(&mut now).remove(0);
    assert_eq!(changes(&diff(&model, &now)), ["+1 double"]);
}

#[test]
fn equal_filters_without_a_name_are_each_found() {
    let mut model = with(&[]);
    let blank = Filter { targets: vec![target("Sales")], ..Filter::default() };
    *filters_mut(&mut model, NAME) = vec![blank.clone(), blank];
    let mut now = snapshot_of(&model);
    assert!(diff(&model, &now).is_empty());
    live_filters(&mut now).pop();
    assert_eq!(changes(&diff(&model, &now)), ["+2 "]);
}

#[test]
fn foreign_filters_keep_their_places_between_their_neighbours() {
    let mut model = with(&["a", "b", "c"]);
    let mut now = snapshot_of(&model);
    let foreign = |name: &str| filter(name, "urgent == true", "Everyone");
    let live = live_filters(&mut now);
    live.insert(2, foreign("Switchboard Workflow - 2"));
    live.insert(0, foreign("Switchboard Workflow - 1"));
    let workflow = model.workflows.get_mut(NAME).expect("declared");
    workflow.ignore_filters = vec!["Switchboard Workflow - *".to_owned()];
    assert!(diff(&model, &now).is_empty());

    filters_mut(&mut model, NAME).rotate_left(1);
    filters_mut(&mut model, NAME).push(filter("d", "topic == 'd'", "Everyone"));
    let plan = diff(&model, &now);
    assert_eq!(
        names(&plan),
        ["Switchboard Workflow - 1", "b", "Switchboard Workflow - 2", "c", "a", "d"],
    );
    // What is sent then needs no changes.
    *live_filters(&mut now) = sent(&plan).filters.clone().expect("sent");
    assert!(diff(&model, &now).is_empty());
}

#[test]
fn a_foreign_filter_that_no_glob_covers_is_removed() {
    let model = with(&["a"]);
    let mut now = snapshot_of(&model);
    live_filters(&mut now).push(filter("Switchboard", "1==1", "Everyone"));
    assert_eq!(changes(&diff(&model, &now)), ["-2 Switchboard"]);
}

#[test]
fn unknown_keys_are_no_difference_and_survive_a_write() {
    let mut model = with(&["a", "b"]);
    let mut now = snapshot_of(&model);
    let value = &mut now.workflows[0].value;
    value.extra.insert("version".to_owned(), json!(3));
    let live = value.filters.as_mut().expect("read");
    live[1].extra.insert("color".to_owned(), json!("red"));
    live[1].targets[0].extra.insert("weight".to_owned(), json!(5));
    assert!(diff(&model, &now).is_empty());

    filters_mut(&mut model, NAME).remove(0);
    let plan = diff(&model, &now);
    let sent = sent(&plan);
    let filters = sent.filters.as_ref().expect("sent");
    assert_eq!(sent.extra["version"], json!(3));
    assert_eq!(filters[0].extra["color"], json!("red"));
    assert_eq!(filters[0].targets[0].extra["weight"], json!(5));
}

#[test]
fn what_the_spec_does_not_own_of_a_configuration_is_sent_as_it_is() {
    let mut model = with(&["a"]);
    let now = snapshot_of(&model);
    let workflow = model.workflows.get_mut(NAME).expect("declared");
    workflow.filters = None;
    workflow.default_filter = Some(Some(target("Sales")));
    let plan = diff(&model, &now);
    insta::assert_snapshot!(text(&plan), @r#"
    ~ workflow."Chat Transfer"
        default_filter.queue  Everyone → Sales

    0 to create, 1 to update, 0 to replace, 0 to delete; 8 unchanged
    1 request
    "#);
    assert_eq!(names(&plan), ["a"]);

    let workflow = model.workflows.get_mut(NAME).expect("declared");
    workflow.default_filter = Some(None);
    let plan = diff(&model, &now);
    assert_eq!(sent(&plan).default_filter, Some(None));
}

#[test]
fn an_own_field_is_sent_without_the_configuration() {
    let mut model = with(&["a"]);
    let now = snapshot_of(&model);
    model.workflows.get_mut(NAME).expect("declared").task_reservation_timeout = Some(60);
    let plan = diff(&model, &now);
    assert_eq!((sent(&plan).filters.as_ref(), sent(&plan).default_filter.as_ref()), (None, None));
}

#[test]
fn whether_tasks_are_evaluated_again_is_sent_and_never_a_difference() {
    let mut model = with(&["a"]);
    let now = snapshot_of(&model);
    model.workflows.get_mut(NAME).expect("declared").re_evaluate_tasks = Some(true);
    assert!(diff(&model, &now).is_empty());
    filters_mut(&mut model, NAME).push(transfer_to("Sales"));
    let plan = diff(&model, &now);
    assert_eq!(sent(&plan).re_evaluate_tasks, Some(true));
    assert!(text(&plan).contains("waiting tasks take the new filters"), "{}", text(&plan));
}

#[test]
fn a_configuration_that_cannot_be_read_is_replaced_with_a_note() {
    let model = with(&["a"]);
    let mut now = snapshot_of(&model);
    now.workflows[0].value = Workflow {
        unreadable: Some("{\"task_routing\":".to_owned()),
        filters: None,
        default_filter: None,
        ..now.workflows[0].value.clone()
    };
    let plan = diff(&model, &now);
    assert_eq!(codes(&plan), ["unreadable workflow.\"Chat Transfer\""]);
    assert_eq!(changes(&plan), ["+1 a"]);
    assert_eq!(sent(&plan).unreadable, None);
}

#[test]
fn missing_filters_and_an_empty_list_are_the_same() {
    let model = with(&[]);
    let mut now = snapshot_of(&model);
    now.workflows[0].value.filters = None;
    assert!(diff(&model, &now).is_empty());
}

#[test]
fn five_thousand_filters_are_matched_at_once() {
    let names: Vec<String> = (0..5000).map(|n| format!("filter {n:04}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let now = snapshot_of(&with(&names));
    let mut wanted: Vec<&str> = names.clone();
    wanted.rotate_right(1);
    assert_eq!(changes(&diff(&with(&wanted), &now)), ["5000>1 filter 4999"]);
}
