//! `--only` and `--exclude`: parts of a plan.

use flexctl::plan::{Choice, Options, Plan, diff};

use crate::support::desk::{Desk, code, err, out};
use crate::support::world::{World, codes, desired, text};

const BEFORE: &str = "
version: 1
workspace: { friendly_name: Flex Task Assignment }
queues:
  Everyone: {}
  Sales: { target_workers: routing.skills HAS 'sales' }
  Support: { target_workers: routing.skills HAS 'support' }
  Old: {}
workflows:
  Inbound:
    filters:
      - { name: Old, expression: topic == 'old', targets: [{ queue: Old }] }
    default_filter: { queue: Everyone }
";

/// Two queues are changed, one is made and used, one is no longer used and removed.
const AFTER: &str = "
version: 1
workspace: { friendly_name: Flex Task Assignment }
queues:
  Everyone: {}
  Sales: { target_workers: routing.skills HAS 'selling' }
  Support: { target_workers: routing.skills HAS 'help' }
  Night: {}
workflows:
  Inbound:
    filters:
      - { name: Night, expression: topic == 'night', targets: [{ queue: Night }] }
    default_filter: { queue: Everyone }
removed: [queue.Old]
";

fn choosing(only: &[&str], exclude: &[&str]) -> Options {
    let patterns =
        |texts: &[&str]| texts.iter().map(|text| text.parse().expect("a pattern")).collect();
    let choice = Choice { only: patterns(only), exclude: patterns(exclude) };
    Options { choice, ..Options::default() }
}

fn chosen(only: &[&str], exclude: &[&str]) -> Plan {
    World::of(BEFORE).plan_with(AFTER, &choosing(only, exclude))
}

fn addresses(plan: &Plan) -> Vec<String> {
    plan.changes.iter().map(|change| change.address.to_string()).collect()
}

fn help(plan: &Plan) -> Vec<&str> {
    plan.refusals.iter().map(|refusal| refusal.help.as_str()).collect()
}

#[test]
fn only_what_is_chosen_is_changed_and_the_rest_is_counted() {
    let world = World::of(BEFORE);
    let (plan, report) = world.apply_with(AFTER, &choosing(&["queue.S*"], &["queue.Support"]));
    assert!(report.is_complete());
    insta::assert_snapshot!(text(&plan), @r"
    ~ queue.Sales
        target_workers  routing.skills HAS 'sales' → routing.skills HAS 'selling'

    0 to create, 1 to update, 0 to replace, 0 to delete; 1 unchanged; 4 other
        changes left out by --only and --exclude
    2 requests
    ");
    let left = addresses(&world.plan(AFTER));
    assert_eq!(left, ["queue.Night", "queue.Support", "workflow.Inbound", "queue.Old"]);
}

#[test]
fn what_a_chosen_change_needs_has_to_be_chosen_too() {
    let plan = chosen(&["workflow.Inbound"], &[]);
    assert_eq!(codes(&plan), ["left-out workflow.Inbound"]);
    insta::assert_snapshot!(text(&plan), @r"
    ~ workflow.Inbound
        - filter 1  Old
            topic == 'old' → Old
        + filter 1  Night
            topic == 'night' → Night

    refused: workflow.Inbound cannot be updated before queue.Night, which is left
        out [left-out]
        help: add `--only queue.Night`; or leave it out too with
          `--exclude workflow.Inbound`

    0 to create, 1 to update, 0 to replace, 0 to delete; 1 unchanged; 4 other
        changes left out by --only
    2 requests
    ");
    let plan = chosen(&["workflow.Inbound", "queue.Night"], &[]);
    assert_eq!(plan.refusals, []);
    assert_eq!(addresses(&plan), ["queue.Night", "workflow.Inbound"]);
    assert_eq!(plan.changes[1].after, [0]);
}

#[test]
fn a_deletion_needs_the_update_of_what_refers_to_it_and_what_that_needs() {
    let plan = chosen(&["queue.Old"], &[]);
    assert_eq!(
        help(&plan),
        [
            "add `--only queue.Night --only workflow.Inbound`; or leave it out too with `--exclude queue.Old`"
        ]
    );
    let plan = chosen(&[], &["queue.Night"]);
    assert_eq!(codes(&plan), ["left-out workflow.Inbound", "left-out queue.Old"]);
    assert_eq!(
        help(&plan)[0],
        "take `--exclude queue.Night` back; or leave it out too with `--exclude workflow.Inbound`"
    );
    assert_eq!(codes(&chosen(&[], &["queue.Night", "workflow.*", "queue.Old"])), [""; 0]);
}

#[test]
fn every_way_out_that_a_refusal_names_is_one() {
    for address in ["queue.Night", "queue.Sales", "queue.Support", "workflow.Inbound", "queue.Old"]
    {
        let mut only = vec![address.to_owned()];
        for _ in 0..2 {
            let patterns: Vec<&str> = only.iter().map(String::as_str).collect();
            let plan = chosen(&patterns, &[]);
            let more = plan.refusals.iter().flat_map(|refusal| {
                let added = refusal.help.split('`').nth(1).expect("options in quotes");
                added.split("--only ").skip(1).map(|one| one.trim().to_owned()).collect::<Vec<_>>()
            });
            let more: Vec<String> = more.collect();
            only.extend(more);
        }
        let patterns: Vec<&str> = only.iter().map(String::as_str).collect();
        let world = World::of(BEFORE);
        let (plan, report) = world.apply_with(AFTER, &choosing(&patterns, &[]));
        assert_eq!(plan.refusals, [], "{only:?}");
        assert!(report.is_complete(), "{only:?}: {report:#?}");
    }
}

#[test]
fn refusals_and_limits_are_those_of_what_is_chosen() {
    let queues: String =
        (0..12).map(|n| format!("  Q{n}: {{ target_workers: n == {n} }}\n")).collect();
    let spec = format!(
        "version: 1\nworkspace: {{ friendly_name: Flex Task Assignment }}\nqueues:\n{queues}"
    );
    let world = World::of(&spec);
    let wanted = spec.replace("n == ", "n > ");
    assert_eq!(codes(&world.plan(&wanted)), ["limit queue.\"*\""]);
    let plan = world.plan_with(&wanted, &choosing(&["queue.Q1*"], &[]));
    assert_eq!(codes(&plan), [""; 0], "3 of 13 are not too many");
    assert_eq!(plan.counts.update, 3);
}

#[test]
fn a_pattern_that_covers_nothing_has_a_neighbour() {
    let world = World::of(BEFORE);
    let (desired, choice) =
        (desired(AFTER), choosing(&["queue.Salse", "queue.Old", "*.In*"], &["worker.x"]).choice);
    let found = choice.unmatched(&desired, &world.read(&desired));
    assert_eq!(
        found,
        [("queue.Salse".to_owned(), Some("queue.Sales".to_owned())), ("worker.x".to_owned(), None)]
    );
}

#[test]
fn a_choice_is_kept_in_a_saved_plan_and_a_wrong_one_is_an_error() {
    let desk = Desk::new(BEFORE);
    assert_eq!(code(&desk.emulated(&["apply", "-y"])), 0);
    desk.write("flex.yaml", AFTER);
    let wrong = desk.emulated(&["plan", "--only", "queue.Salse"]);
    assert_eq!(code(&wrong), 64);
    assert!(err(&wrong).contains("did you mean `queue.Sales`?"), "{}", err(&wrong));
    let wrong = desk.emulated(&["diff-routing", "--exclude", "queue.Salse"]);
    assert_eq!(code(&wrong), 64);
    let refused = desk.emulated(&["apply", "-y", "--only", "workflow.*"]);
    assert_eq!(code(&refused), 5, "{}", out(&refused));
    assert!(out(&refused).contains("--only queue.Night"), "{}", out(&refused));

    let saved = desk.emulated(&["plan", "--only", "queue.Sales", "--out", "plan.json"]);
    assert_eq!(code(&saved), 0);
    let other = desk.emulated(&["apply", "plan.json", "--only", "queue.Night"]);
    assert_eq!(code(&other), 64);
    assert!(err(&other).contains("saved without it"), "{}", err(&other));
    let done = desk.emulated(&["apply", "plan.json"]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert!(out(&done).contains("left out by --only"), "{}", out(&done));
    let again = desk.emulated(&["apply", "plan.json"]);
    assert!(err(&again).contains("is left to be done"), "{}", err(&again));

    let routing = desk.emulated(&["diff-routing", "--only", "queue.Support"]);
    assert!(!out(&routing).contains("topic=night"), "{}", out(&routing));
    let from = desk.run(&["diff-routing", "--from", "flex.yaml", "--only", "queue.Support"]);
    assert_eq!(code(&from), 64);
}

#[test]
fn a_part_of_a_plan_is_as_the_whole_has_it() {
    let world = World::of(BEFORE);
    let desired = desired(AFTER);
    let live = world.read(&desired);
    let whole = diff(&desired, &live, &Options::default());
    for change in &whole.changes {
        let name = change.address.to_string();
        let part = diff(&desired, &live, &choosing(&[&name], &[]));
        let [mut only] = <[_; 1]>::try_from(part.changes).expect("one change an address");
        only.after.clone_from(&change.after);
        assert_eq!(only, *change);
    }
}
