//! The Jobs, the CronJob and the Deployment at work on a fleet.

use std::collections::BTreeMap;
use std::process::Stdio;

use serde_json::Value;

use super::manifests::{container, list, object, text, variables};
use super::pods::{Cluster, Ended};
use crate::support::desk::err;
use crate::support::fleet::{Fleet, name, prefix};
use crate::support::served::{Served, get, until};
use crate::support::servers::{Held, Server};

/// A cluster that has the spec and the secrets of a fleet.
fn cluster(fleet: &Fleet, size: usize) -> Cluster {
    // Nothing can be written beside a spec that is a ConfigMap.
    let spec = fleet.desk.read("flex.yaml");
    let (head, rest) = spec.split_once("outputs:\n").expect("the spec has outputs");
    let (_, rest) = rest.split_once("environments:\n").expect("the spec has environments");
    let mut cluster = Cluster::new(&format!("{head}environments:\n{rest}"));
    for number in 0..size {
        for (key, value) in fleet.secret(number) {
            for which in ["plan", "apply"] {
                // Two accounts have secrets of their own, the others share one.
                let (secret, prefix) = match number {
                    1 | 2 => (format!("{}-{which}", name(number)), String::new()),
                    _ => (format!("sites-{which}"), prefix(number)),
                };
                cluster.keep_secret(&secret, &format!("{prefix}{key}"), &value);
            }
        }
    }
    cluster
}

fn run(cluster: &Cluster, kind: &str, name: &str) -> Ended {
    cluster.run(object(kind, name).job().expect("a Job"))
}

fn names(size: usize) -> Vec<String> {
    (0..size).map(name).collect()
}

fn writes(fleet: &Fleet) -> Vec<usize> {
    fleet.servers.iter().map(Server::writes).collect()
}

#[test]
fn every_environment_is_planned_applied_and_looked_at_by_exactly_one_pod() {
    const SIZE: usize = 30;
    let fleet = Fleet::new(SIZE, |_| None);
    let cluster = cluster(&fleet, SIZE);
    let reports: Vec<String> = names(SIZE)
        .iter()
        .flat_map(|name| [format!("{name}.json"), format!("{name}.md")])
        .collect();

    let planned = run(&cluster, "Job", "flexctl-plan");
    assert_eq!(planned.failed(), BTreeMap::new(), "{}", planned.logs());
    let mut told = planned.told().concat();
    told.sort();
    assert_eq!(told, names(SIZE));
    assert_eq!(cluster.files("flexctl-state", "reports/plan"), reports);
    assert_eq!(writes(&fleet), [0; SIZE]);

    let applied = run(&cluster, "Job", "flexctl-apply");
    assert_eq!(applied.failed(), BTreeMap::new(), "{}", applied.logs());
    assert_eq!(applied.told(), planned.told(), "shares are what they were");
    assert_eq!(cluster.files("flexctl-state", "reports/apply"), reports);
    assert_eq!(writes(&fleet), [1; SIZE]);
    assert_eq!(cluster.files("flexctl-state", "journal").len(), SIZE, "one for each workspace");

    let calm = run(&cluster, "CronJob", "flexctl-drift");
    assert_eq!(calm.failed(), BTreeMap::new(), "{}", calm.logs());
    assert_eq!(calm.told(), planned.told());
    // Somebody edits one queue.
    let other = fleet.desk.read("flex.yaml").replace("reserved: 1 }", "reserved: 7 }");
    fleet.desk.write("other.yaml", &other);
    let edited = fleet.run(&["apply", "-y", "--env", &name(7), "--file", "other.yaml"]);
    assert!(edited.status.success(), "{}", err(&edited));
    let drift = run(&cluster, "CronJob", "flexctl-drift");
    assert_eq!(drift.failed(), [(drift.index_of(&name(7)), (2, 1))].into());
    assert!(drift.logs().contains("max_reserved_workers"), "{}", drift.logs());
}

#[test]
fn a_share_that_fails_stops_no_other_and_is_tried_again_where_that_may_help() {
    const SIZE: usize = 12;
    const LOCKED_OUT: usize = 3;
    const WRONG: usize = 5;
    let mut fleet = Fleet::new(SIZE, |number| {
        (number == WRONG).then(|| ", variables: { nothing: 1 }".to_owned())
    });
    fleet.locked_out.insert(LOCKED_OUT);
    let cluster = cluster(&fleet, SIZE);
    let applied = run(&cluster, "Job", "flexctl-apply");
    let of = |number| applied.index_of(&name(number));
    let (locked_out, wrong) = (of(LOCKED_OUT), of(WRONG));
    assert_ne!(locked_out, wrong, "the two are in shares of their own");
    assert_eq!(
        applied.failed(),
        [(locked_out, (4, 3)), (wrong, (3, 1))].into(),
        "{}",
        applied.logs()
    );
    let expected: Vec<usize> =
        (0..SIZE).map(|number| usize::from(![LOCKED_OUT, WRONG].contains(&number))).collect();
    assert_eq!(writes(&fleet), expected, "others in these shares are applied, and once");
}

#[test]
fn the_pod_after_one_that_was_killed_says_what_was_under_way() {
    let fleet = Fleet::new(1, |_| None);
    let cluster = cluster(&fleet, 1);
    let job = object("Job", "flexctl-apply");
    let planned = run(&cluster, "Job", "flexctl-plan");
    let index = planned.index_of(&name(0)).to_string();
    let mut pod = cluster.command(job.template().expect("it has pods"));
    pod.env("JOB_COMPLETION_INDEX", index).stdout(Stdio::null()).stderr(Stdio::null());
    // The node loses its power when the change is made and not yet answered.
    let server = fleet.servers.get(0);
    server.hold_after(0, Held::Done);
    let mut pod = pod.spawn().expect("the binary starts");
    server.until_held(1);
    pod.kill().expect("it is our child");
    pod.wait().expect("it is our child");
    server.forget();

    let applied = cluster.run(job.job().expect("a Job"));
    assert_eq!(applied.failed(), BTreeMap::new(), "{}", applied.logs());
    let says = "queue.Sales was being created: it is there";
    assert!(applied.logs().contains(says), "{}", applied.logs());
    assert_eq!(server.writes(), 1, "nothing is made twice");
    let report = cluster.volume("flexctl-state").join("reports/apply/site-00.json");
    let report: Value = serde_json::from_slice(&std::fs::read(report).expect("it is there"))
        .expect("a report is JSON");
    assert_eq!(report["last_run"]["changes"], 1, "{report:#}");
}

#[test]
fn without_a_secret_the_environment_fails_and_not_the_pod() {
    let fleet = Fleet::new(6, |_| None);
    let cluster = Cluster::new(&fleet.desk.read("flex.yaml"));
    let planned = run(&cluster, "Job", "flexctl-plan");
    let mut told = planned.told().concat();
    told.sort();
    assert_eq!(told, names(6));
    assert!(planned.failed().values().all(|end| *end == (4, 3)), "{:?}", planned.failed());
    assert!(planned.logs().contains("SITE_01_TWILIO_ACCOUNT_SID"), "{}", planned.logs());
}

#[test]
fn the_watch_serves_what_its_probes_and_prometheus_ask_for() {
    let fleet = Fleet::new(2, |_| None);
    let cluster = cluster(&fleet, 2);
    let watch = object("Deployment", "flexctl-watch");
    let template = watch.template().expect("it has pods");
    let one = container(template);
    let listen = variables(one).find(|(name, _)| *name == "FLEXCTL_LISTEN").expect("it is set").1;
    let port = &list(&one["ports"])[0];
    assert!(listen.ends_with(&format!(":{}", port["containerPort"].as_u64().expect("a port"))));

    let mut command = cluster.command(template);
    command.env("FLEXCTL_LISTEN", "127.0.0.1:0");
    let served = Served::start(command);
    for probe in ["livenessProbe", "readinessProbe"] {
        let probe = &one[probe]["httpGet"];
        assert_eq!(probe["port"], port["name"]);
        let fine = until(|| (get(&served.url, text(&probe["path"])).0 == 200).then_some(()));
        assert!(fine.is_some(), "{probe:?}: {}", served.said());
    }
    let (status, metrics) = get(&served.url, "/metrics");
    assert_eq!(status, 200);
    assert!(metrics.contains("flexctl_drift_api_available 1\n"), "{metrics}");
    let (exit, said) = served.terminate();
    assert_eq!(exit, 0, "{said}");

    let service = object("Service", "flexctl-watch").yaml;
    assert_eq!(list(&service["spec"]["ports"])[0]["targetPort"], port["name"]);
    assert_eq!(service["spec"]["selector"], template["metadata"]["labels"]);
}
