//! From a pull request to live, and back by drift, on GitHub.

use serde_json::{Value, json};

use super::github_runner::{Ended, Event, play};
use super::house::{House, SPEC, now};
use super::tools_are_missing;

const PLAN: &str = "flexctl-plan.yml";
const APPLY: &str = "flexctl-apply.yml";
const DRIFT: &str = "flexctl-drift.yml";

fn house() -> House {
    House::new("github", ".github/workflows")
}

/// A pull request, opened or pushed to.
fn pull_request(house: &mut House, number: u64, branch: &str, spec: &str) -> Event {
    let base = house.git(&["rev-parse", "main"]);
    let (head, sha) = house.push(branch, spec);
    Event { name: "pull_request", sha, pull_request: number, head, base, from_fork: false }
}

/// Merges it, and the forge knows.
fn merge(house: &mut House, branch: &str, of: &Event) -> Event {
    let sha = house.merge(branch);
    house.forge.held().pulls.push(json!({
        "number": of.pull_request, "merged_at": now(), "merge_commit_sha": sha,
        "head": { "sha": of.head },
    }));
    Event { name: "push", sha, head: of.head.clone(), ..of.clone() }
}

fn succeeds(ended: &Ended) {
    assert_eq!(ended.succeeded, Some(true), "{}", ended.log);
}

fn fails(ended: &Ended) {
    assert_eq!(ended.succeeded, Some(false), "{}", ended.log);
}

/// The one comment with a title on a pull request.
fn comment(house: &House, number: u64, title: &str) -> (u64, String) {
    let marker = format!("<!-- {title} -->\n");
    let all = house.forge.held().ours(number);
    let mut with: Vec<_> = all.into_iter().filter(|(_, body)| body.starts_with(&marker)).collect();
    assert_eq!(with.len(), 1, "{with:#?}");
    with.remove(0)
}

fn issues(house: &House, state: &str) -> Vec<Value> {
    let held = house.forge.held();
    held.issues.iter().filter(|issue| issue["state"] == state).cloned().collect()
}

/// Without what is another in every run.
fn steady(house: &House, text: &str) -> String {
    // Addresses have something in them that keeps them from being links.
    let mut text = text.replace('\u{200b}', "").replace(&house.address, "URL");
    for (from, to, length) in [("commit ", "COMMIT", 12), ("/runs/", "RUN", 4)] {
        if let Some(at) = text.find(from) {
            let at = at + from.len();
            text.replace_range(at..at + length, to);
        }
    }
    if let Some(at) = text.find("WQ…").map(|at| at + "WQ…".len()) {
        text.replace_range(at..at + 4, "");
    }
    let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && !"-:".contains(c));
    words
        .map(|word| {
            let bare = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            let is_time = bare.starts_with("20") && bare.ends_with('Z') && bare.contains('T');
            let is_sid = bare.len() == 34 && bare[2..].chars().all(|c| c.is_ascii_hexdigit());
            match (is_time, is_sid) {
                (true, _) => word.replace(bare, "TIME"),
                (_, true) => word.replace(bare, &format!("{}…", &bare[..2])),
                _ => word.to_owned(),
            }
        })
        .collect()
}

#[test]
fn a_pull_request_is_planned_in_one_comment_and_applied_as_it_was_reviewed() {
    if tools_are_missing() {
        return;
    }
    let mut house = house();
    // Somebody has put our marker where it does not belong, and the talk has more than one page.
    house.forge.held().say(7, "mallory", "<!-- flexctl plan production -->\n### No changes");
    for number in 0..120 {
        house.forge.held().say(7, "anna", &format!("comment {number}"));
    }
    let spec = SPEC.replace("HAS 'sales' }", "HAS 'sales' AND languages HAS 'en' }");
    let opened = pull_request(&mut house, 7, "english", &spec);
    let checked = play(&mut house, PLAN, "check", &opened);
    succeeds(&checked);
    succeeds(&play(&mut house, PLAN, "plan", &opened));
    let (first, body) = comment(&house, 7, "flexctl plan production");
    insta::assert_snapshot!("github_plan_comment", steady(&house, &body));

    let spec = spec.replace("queues:\n", "queues:\n  Night: { target_workers: 1==0 }\n");
    let pushed = pull_request(&mut house, 7, "english", &spec);
    succeeds(&play(&mut house, PLAN, "plan", &pushed));
    let (second, body) = comment(&house, 7, "flexctl plan production");
    assert_eq!(first, second, "the comment is updated in place");
    assert!(body.contains("1 to create, 1 to update") && body.contains("queue.Night"), "{body}");
    assert!(!house.is_converged(), "nothing is applied yet");

    let merged = merge(&mut house, "english", &pushed);
    let shown = play(&mut house, APPLY, "plan", &merged);
    succeeds(&shown);
    assert!(shown.summary.contains("+ queue.Night"), "approvers see the plan: {}", shown.summary);
    succeeds(&play(&mut house, APPLY, "apply", &merged));
    let (_, body) = comment(&house, 7, "flexctl apply production");
    insta::assert_snapshot!("github_apply_comment", steady(&house, &body));
    assert!(house.is_converged());
    let theirs = house.forge.held().comments[&7][0]["body"].clone();
    assert_eq!(theirs, "<!-- flexctl plan production -->\n### No changes", "it is not ours");
    house.has_kept_its_secrets();
}

#[test]
fn a_plan_is_refused_when_live_has_moved_and_says_what_and_by_whom() {
    if tools_are_missing() {
        return;
    }
    let mut house = house();
    let spec = SPEC.replace("HAS 'sales' }", "HAS 'selling' }");
    let opened = pull_request(&mut house, 8, "selling", &spec);
    succeeds(&play(&mut house, PLAN, "plan", &opened));
    house.edit_queue("Sales", "TargetWorkers", "routing.skills HAS 'vip'");
    let merged = merge(&mut house, "selling", &opened);
    succeeds(&play(&mut house, APPLY, "plan", &merged));
    let refused = play(&mut house, APPLY, "apply", &merged);
    fails(&refused);
    let (_, body) = comment(&house, 8, "flexctl apply production");
    insta::assert_snapshot!("github_refused_comment", steady(&house, &body));
    let live = house.flexctl(&["plan"]);
    let live = crate::support::desk::out(&live);
    assert!(live.contains("HAS 'vip' → routing.skills HAS 'selling'"), "nothing changed: {live}");

    // The way on: main is planned anew, and that plan is approved.
    let by_hand = Event { name: "workflow_dispatch", ..merged };
    let planned = play(&mut house, APPLY, "plan", &by_hand);
    succeeds(&planned);
    assert!(planned.summary.contains("HAS 'vip' → "), "{}", planned.summary);
    succeeds(&play(&mut house, APPLY, "apply", &by_hand));
    assert!(house.is_converged());
    house.has_kept_its_secrets();
}

#[test]
fn drift_is_one_issue_that_is_updated_and_closed() {
    if tools_are_missing() {
        return;
    }
    let mut house = house();
    let main = house.git(&["rev-parse", "main"]);
    let nightly = Event {
        name: "schedule",
        sha: main.clone(),
        pull_request: 0,
        head: main.clone(),
        base: main,
        from_fork: false,
    };
    let look = |house: &mut House| succeeds(&play(house, DRIFT, "drift", &nightly));
    look(&mut house);
    assert_eq!(house.forge.held().issues, [json!(null); 0], "no drift, no issue");

    house.edit_queue("Sales", "TargetWorkers", "routing.skills HAS 'vip'");
    look(&mut house);
    let open = issues(&house, "open");
    assert_eq!(open.len(), 1, "{open:#?}");
    let body = open[0]["body"].as_str().expect("a text");
    insta::assert_snapshot!("github_drift_issue", steady(&house, body));
    assert_eq!(open[0]["title"], "flexctl drift production");

    let writes = |house: &House| {
        let held = house.forge.held();
        held.requests.iter().filter(|request| !request.starts_with("GET")).count()
    };
    let before = writes(&house);
    look(&mut house);
    assert_eq!(writes(&house), before, "nothing new, nothing said");
    house.edit_queue("Everyone", "TargetWorkers", "1==0");
    look(&mut house);
    let open = issues(&house, "open");
    assert_eq!(open.len(), 1, "{open:#?}");
    assert!(open[0]["body"].as_str().expect("a text").contains("Everyone"), "{open:#?}");

    assert!(house.flexctl(&["apply", "--auto-approve"]).status.success());
    look(&mut house);
    assert_eq!(issues(&house, "open"), [json!(null); 0]);
    let closed = issues(&house, "closed");
    assert_eq!(closed.len(), 1);
    let number = closed[0]["number"].as_u64().expect("a number");
    let said = house.forge.held().ours(number);
    assert!(said[0].1.starts_with("The drift is gone"), "{said:?}");
    house.has_kept_its_secrets();
}

#[test]
fn a_fork_is_checked_and_previewed_without_a_secret() {
    if tools_are_missing() {
        return;
    }
    let mut house = house();
    let spec = SPEC.replace("HAS 'sales' }", "HAS 'selling' }");
    let opened = pull_request(&mut house, 9, "theirs", &spec);
    let fork = Event { from_fork: true, ..opened };
    let checked = play(&mut house, PLAN, "check", &fork);
    succeeds(&checked);
    insta::assert_snapshot!("github_fork_summary", steady(&house, &checked.summary));
    assert_eq!(play(&mut house, PLAN, "plan", &fork).succeeded, None, "it would need secrets");
    assert_eq!(house.forge.held().requests, [""; 0], "nothing was asked of the forge");

    let broken = SPEC.replace("{ queue: Everyone }", "{ queue: Nobody }");
    let pushed = pull_request(&mut house, 9, "theirs", &broken);
    let checked = play(&mut house, PLAN, "check", &Event { from_fork: true, ..pushed });
    fails(&checked);
    assert!(checked.log.contains("::error file=flex.yaml,line="), "{}", checked.log);
    house.has_kept_its_secrets();
}

#[test]
fn only_plans_of_this_repository_from_before_the_merge_are_carried_out() {
    if tools_are_missing() {
        return;
    }
    let mut house = house();
    let spec = SPEC.replace("HAS 'sales' }", "HAS 'selling' }");
    let opened = pull_request(&mut house, 10, "selling", &spec);
    let merged = merge(&mut house, "selling", &opened);
    let no_plan = |house: &mut House, why: &str| {
        let ended = play(house, APPLY, "plan", &merged);
        fails(&ended);
        assert!(
            ended.log.contains("::error::no plan of production is kept"),
            "{why}: {}",
            ended.log
        );
    };
    no_plan(&mut house, "there is none");
    let forged = |created_at: &str, head_repository_id: u64| {
        let head = &merged.head;
        json!({
            "name": format!("flexctl-plan-production-{head}"), "expired": false,
            "created_at": created_at,
            "workflow_run": {
                "id": 666, "head_sha": head, "repository_id": 1,
                "head_repository_id": head_repository_id,
            },
        })
    };
    house.forge.held().artifacts = vec![forged("2020-01-01T00:00:00Z", 2)];
    no_plan(&mut house, "a fork has made it");
    house.forge.held().artifacts = vec![forged("2999-01-01T00:00:00Z", 1)];
    no_plan(&mut house, "nobody has reviewed it");
    let pushed = house.commit(&spec.replace("1==1", "1==0"));
    let ended = play(&mut house, APPLY, "plan", &Event { sha: pushed, ..merged });
    fails(&ended);
    assert!(ended.log.contains("is no merge of a pull request"), "{}", ended.log);
}

#[test]
fn a_spec_with_errors_fails_the_check_and_says_so_in_the_comment() {
    if tools_are_missing() {
        return;
    }
    let mut house = house();
    let broken = SPEC.replace("{ queue: Everyone }", "{ queue: Nobody }");
    let opened = pull_request(&mut house, 11, "broken", &broken);
    fails(&play(&mut house, PLAN, "check", &opened));
    fails(&play(&mut house, PLAN, "plan", &opened));
    let (first, body) = comment(&house, 11, "flexctl plan production");
    assert!(body.contains("### The spec has 1 error"), "{body}");
    assert!(house.forge.held().artifacts.is_empty(), "there is no plan to keep");
    let pushed = pull_request(&mut house, 11, "broken", SPEC);
    succeeds(&play(&mut house, PLAN, "plan", &pushed));
    let (second, body) = comment(&house, 11, "flexctl plan production");
    assert!(first == second && body.contains("### No changes"), "{body}");
}
