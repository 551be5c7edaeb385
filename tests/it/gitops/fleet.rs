//! A fleet in shares, on GitHub: each environment in one of them, one comment, one summary.

use std::collections::BTreeMap;

use super::github_runner::{Ended, Event, play, play_one_of};
use super::house::House;
use super::tools_are_missing;
use crate::support::fleet::{Fleet, name, prefix};
use crate::support::servers::Server;

const FLEET: &str = "flexctl-fleet.yml";
const SHARES: [&str; 4] = ["1", "2", "3", "4"];
const SIZE: usize = 9;
/// Its token is another's.
const LOCKED_OUT: usize = 4;

/// A repository with the spec of a fleet, whose credentials are one secret.
fn house(fleet: &Fleet) -> House {
    let mut house = House::new("github", ".github/workflows");
    // Each environment has a server of its own.
    house.variables.clear();
    let lines = (0..SIZE).flat_map(|number| {
        fleet.secret(number).map(|(key, value)| format!("{}{key}={value}\r\n", prefix(number)))
    });
    house.secrets = vec![("FLEET_CREDENTIALS".to_owned(), lines.collect())];
    house
}

fn fleet() -> Fleet {
    let mut fleet = Fleet::new(SIZE, |_| None);
    fleet.locked_out.insert(LOCKED_OUT);
    fleet
}

/// Plays a job of each share.
fn shares(house: &mut House, job: &str, event: &Event, shares: &[&str]) -> Vec<Ended> {
    let play = |share: &&str| play_one_of(house, FLEET, job, event, ("shard", share));
    shares.iter().map(play).collect()
}

/// The environments that each share has left a report of, by the artifact.
fn reports(house: &House, event: &Event, job: &str) -> BTreeMap<String, Vec<String>> {
    let folder = house.path("artifacts").join(&event.sha);
    let mut all = BTreeMap::new();
    for share in SHARES {
        let reports = folder.join(format!("flexctl-fleet-{job}-{share}/reports"));
        let entries = std::fs::read_dir(reports).into_iter().flatten();
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        let names = names.map(|name| name.to_string_lossy().into_owned());
        let mut names: Vec<String> =
            names.filter_map(|name| Some(name.strip_suffix(".json")?.to_owned())).collect();
        names.sort();
        all.insert(share.to_owned(), names);
    }
    all
}

fn share_of(reports: &BTreeMap<String, Vec<String>>, name: &str) -> usize {
    let mut shares = reports.values();
    shares.position(|names| names.iter().any(|one| one == name)).expect("it is in a share")
}

/// Whether the jobs of all shares but one have succeeded.
fn only_one_fails(ended: &[Ended], failing: usize) {
    for (number, ended) in ended.iter().enumerate() {
        assert_eq!(ended.succeeded, Some(number != failing), "{}", ended.log);
    }
}

#[test]
fn each_environment_is_in_one_share_and_one_summary_tells_of_all() {
    if tools_are_missing() {
        return;
    }
    let fleet = fleet();
    let mut house = house(&fleet);
    let spec = fleet.desk.read("flex.yaml");
    let base = house.git(&["rev-parse", "main"]);
    let (head, sha) = house.push("fleet", &spec);
    let opened = Event { name: "pull_request", sha, pull_request: 7, head, base, from_fork: false };

    let fork = Event { from_fork: true, ..opened.clone() };
    for refused in shares(&mut house, "plan", &fork, &SHARES) {
        assert_eq!(refused.succeeded, None, "nothing of a fork gets a secret");
    }

    let planned = shares(&mut house, "plan", &opened, &SHARES);
    let made = reports(&house, &opened, "plan");
    let mut names: Vec<String> = made.values().flatten().cloned().collect();
    names.sort();
    assert_eq!(names, (0..SIZE).map(name).collect::<Vec<_>>(), "each is in one report");
    only_one_fails(&planned, share_of(&made, &name(LOCKED_OUT)));
    let summed = play(&mut house, FLEET, "planned", &opened);
    assert_eq!(summed.succeeded, Some(true), "{}", summed.log);
    let sums = format!("### {SIZE} environments: 1 no access, {} changes\n", SIZE - 1);
    assert!(summed.summary.starts_with(&sums), "{}", summed.summary);
    let share = share_of(&made, &name(LOCKED_OUT)) + 1;
    let row = format!("| `site-04` | AC…0004 | {share}/4 | no access |  |\n");
    assert!(summed.summary.contains(&row), "{}", summed.summary);
    assert!(summed.summary.contains("\n## site-04\n"), "{}", summed.summary);
    let comments = house.forge.held().ours(7);
    assert_eq!(comments.len(), 1);
    assert!(comments[0].1.contains(sums.trim_end()), "{comments:?}");
    let applied = play(&mut house, FLEET, "apply", &opened);
    assert_eq!(applied.succeeded, None, "a pull request applies nothing");
    assert!(fleet.servers.iter().all(|server| server.writes() == 0));

    let sha = house.merge("fleet");
    let by_hand = Event { name: "workflow_dispatch", head: sha.clone(), sha, ..opened };
    shares(&mut house, "plan", &by_hand, &SHARES);
    let summed = play(&mut house, FLEET, "planned", &by_hand);
    assert_eq!(summed.succeeded, Some(true), "{}", summed.log);
    let applied = shares(&mut house, "apply", &by_hand, &SHARES);
    assert_eq!(reports(&house, &by_hand, "apply"), made, "shares are what they were");
    only_one_fails(&applied, share_of(&made, &name(LOCKED_OUT)));
    let summed = play(&mut house, FLEET, "applied", &by_hand);
    let sums = format!("### {SIZE} environments: 1 no access, {} applied\n", SIZE - 1);
    assert!(summed.summary.starts_with(&sums), "{}", summed.summary);
    let writes: Vec<usize> = fleet.servers.iter().map(Server::writes).collect();
    assert_eq!(writes, (0..SIZE).map(|one| usize::from(one != LOCKED_OUT)).collect::<Vec<_>>());
    house.has_kept_its_secrets();
}

#[test]
fn what_nobody_knows_is_told_and_fails() {
    if tools_are_missing() {
        return;
    }
    let fleet = fleet();
    let mut house = house(&fleet);
    let sha = house.commit(&fleet.desk.read("flex.yaml"));
    let (base, head) = (sha.clone(), sha.clone());
    let event =
        Event { name: "workflow_dispatch", sha, pull_request: 0, head, base, from_fork: false };
    shares(&mut house, "plan", &event, &["1", "2", "4"]);
    let summed = play(&mut house, FLEET, "planned", &event);
    assert_eq!(summed.succeeded, Some(false), "{}", summed.log);
    assert!(summed.summary.contains("**Share 3/4 has left nothing:"), "{}", summed.summary);

    shares(&mut house, "plan", &event, &["3"]);
    let summed = play(&mut house, FLEET, "planned", &event);
    assert_eq!(summed.succeeded, Some(true), "{}", summed.log);
    // The report of an environment in another share, too.
    let made = reports(&house, &event, "plan");
    let (from, name) = made.iter().find_map(|(share, all)| Some((share, all.first()?))).unwrap();
    let to = SHARES.into_iter().find(|share| share != from).expect("there are several");
    let artifacts = house.path("artifacts").join(&event.sha);
    let report = |share: &str, ending: &str| {
        artifacts.join(format!("flexctl-fleet-plan-{share}/reports/{name}.{ending}"))
    };
    for ending in ["json", "md"] {
        std::fs::copy(report(from, ending), report(to, ending)).expect("the folders are ours");
    }
    let summed = play(&mut house, FLEET, "planned", &event);
    assert_eq!(summed.succeeded, Some(false), "{}", summed.log);
    let says = format!("**Environment `{name}` is in 2 shares: ");
    assert!(summed.summary.contains(&says), "{}", summed.summary);
}
