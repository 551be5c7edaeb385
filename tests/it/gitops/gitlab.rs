//! From a merge request to live, and back by drift, on GitLab.

use serde_json::json;

use super::gitlab_runner::{Ended, Pipeline, play};
use super::house::{House, SPEC, now};
use super::tools_are_missing;

fn house() -> House {
    House::new("gitlab", ".")
}

fn pipeline(house: &House, source: &'static str, sha: &str) -> Pipeline {
    let id = house.forge.held().id();
    let (base, sha) = (sha.to_owned(), sha.to_owned());
    Pipeline { source, id, sha, base, merge_request: None, from_fork: false }
}

/// The pipeline of a merge request that is opened or pushed to.
fn merge_request(house: &mut House, number: u64, branch: &str, spec: &str) -> Pipeline {
    let base = house.git(&["rev-parse", "main"]);
    let (head, _) = house.push(branch, spec);
    let of = pipeline(house, "merge_request_event", &head);
    Pipeline { merge_request: Some(number), base, ..of }
}

/// Merges it; gives the pipeline of main.
fn merge(house: &mut House, branch: &str, of: &Pipeline) -> Pipeline {
    let sha = house.merge(branch);
    house.forge.held().pulls.push(json!({
        "iid": of.merge_request, "state": "merged", "merged_at": now(),
        "merge_commit_sha": sha, "squash_commit_sha": null, "sha": of.sha,
    }));
    pipeline(house, "push", &sha)
}

fn succeeds(ended: &Ended) {
    assert_eq!(ended.succeeded, Some(true), "{}", ended.log);
}

fn note(house: &House, number: u64, title: &str) -> (u64, String) {
    let marker = format!("<!-- {title} -->\n");
    let all = house.forge.held().ours(number);
    let mut with: Vec<_> = all.into_iter().filter(|(_, body)| body.starts_with(&marker)).collect();
    assert_eq!(with.len(), 1, "{with:#?}");
    with.remove(0)
}

#[test]
fn a_merge_request_is_planned_in_one_note_and_applied_as_it_was_reviewed() {
    if tools_are_missing() {
        return;
    }
    let mut house = house();
    house.forge.held().say(7, "mallory", "<!-- flexctl plan production -->\n### No changes");
    let spec = SPEC.replace("HAS 'sales' }", "HAS 'sales' AND languages HAS 'en' }");
    let opened = merge_request(&mut house, 7, "english", &spec);
    succeeds(&play(&mut house, "check", &opened));
    assert_eq!(play(&mut house, "preview", &opened).succeeded, None, "that is for forks");
    succeeds(&play(&mut house, "plan production", &opened));
    let (first, body) = note(&house, 7, "flexctl plan production");
    assert!(body.contains("### Plan: 1 to update"), "{body}");
    let spec = spec.replace("queues:\n", "queues:\n  Night: { target_workers: 1==0 }\n");
    let pushed = merge_request(&mut house, 7, "english", &spec);
    succeeds(&play(&mut house, "plan production", &pushed));
    let (second, body) = note(&house, 7, "flexctl plan production");
    assert_eq!(first, second, "the note is updated in place");
    assert!(body.contains("### Plan: 1 to create, 1 to update"), "{body}");

    let merged = merge(&mut house, "english", &pushed);
    let shown = play(&mut house, "reviewed plan production", &merged);
    succeeds(&shown);
    assert!(shown.log.contains("+ queue.Night"), "{}", shown.log);
    assert!(!house.is_converged(), "nothing is applied yet");
    let applied = play(&mut house, "apply production", &merged);
    succeeds(&applied);
    assert!(applied.manual, "somebody approves it");
    assert!(house.is_converged());
    let (_, body) = note(&house, 7, "flexctl apply production");
    assert!(body.contains("### Applied: 2 changes"), "{body}");
    house.has_kept_its_secrets();
}

#[test]
fn a_plan_is_refused_when_live_has_moved_and_main_is_planned_anew_by_hand() {
    if tools_are_missing() {
        return;
    }
    let mut house = house();
    let spec = SPEC.replace("HAS 'sales' }", "HAS 'selling' }");
    let opened = merge_request(&mut house, 8, "selling", &spec);
    succeeds(&play(&mut house, "plan production", &opened));
    let merged = merge(&mut house, "selling", &opened);
    house.edit_queue("Sales", "TargetWorkers", "routing.skills HAS 'vip'");
    succeeds(&play(&mut house, "reviewed plan production", &merged));
    let refused = play(&mut house, "apply production", &merged);
    assert_eq!(refused.succeeded, Some(false), "{}", refused.log);
    let (_, body) = note(&house, 8, "flexctl apply production");
    for told in ["queue.Sales", "target_workers", "HAS 'vip'", "by account AC…0001"] {
        assert!(body.contains(told), "{told} is not in {body}");
    }
    let by_hand = pipeline(&house, "web", &merged.sha);
    succeeds(&play(&mut house, "reviewed plan production", &by_hand));
    succeeds(&play(&mut house, "apply production", &by_hand));
    assert!(house.is_converged());
    house.has_kept_its_secrets();
}

#[test]
fn drift_is_one_issue_that_is_updated_and_closed_here_too() {
    if tools_are_missing() {
        return;
    }
    let mut house = house();
    let main = house.git(&["rev-parse", "main"]);
    let nightly = pipeline(&house, "schedule", &main);
    let look = |house: &mut House| {
        succeeds(&play(house, "drift production", &nightly));
        let held = house.forge.held();
        held.issues.iter().map(|one| (one["state"].clone(), one["description"].clone())).collect()
    };
    let none: Vec<(serde_json::Value, serde_json::Value)> = look(&mut house);
    assert!(none.is_empty(), "{none:?}");
    house.edit_queue("Sales", "TargetWorkers", "routing.skills HAS 'vip'");
    let one = look(&mut house);
    assert!(one.len() == 1 && one[0].1.to_string().contains("queue.Sales"), "{one:?}");
    house.edit_queue("Everyone", "TargetWorkers", "1==0");
    let one = look(&mut house);
    assert!(one.len() == 1 && one[0].1.to_string().contains("queue.Everyone"), "{one:?}");
    assert!(house.flexctl(&["apply", "--auto-approve"]).status.success());
    let one = look(&mut house);
    assert!(one.len() == 1 && one[0].0 == "closed", "{one:?}");
    house.has_kept_its_secrets();
}

#[test]
fn a_fork_gets_a_preview_and_neither_secrets_nor_a_plan() {
    if tools_are_missing() {
        return;
    }
    let mut house = house();
    let spec = SPEC.replace("HAS 'sales' }", "HAS 'selling' }");
    let opened = merge_request(&mut house, 9, "theirs", &spec);
    let fork = Pipeline { from_fork: true, ..opened };
    succeeds(&play(&mut house, "check", &fork));
    let preview = play(&mut house, "preview", &fork);
    succeeds(&preview);
    assert!(preview.log.contains("HAS 'selling'"), "{}", preview.log);
    assert_eq!(play(&mut house, "plan production", &fork).succeeded, None);
    let merged = merge(&mut house, "theirs", &fork);
    let found = play(&mut house, "reviewed plan production", &merged);
    assert!(found.log.contains("no plan of production was made"), "{}", found.log);
    assert_eq!(found.succeeded, Some(false));
}
