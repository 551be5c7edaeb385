//! What is live otherwise than the spec says: told once, and watched.

use flexctl::plan::{Drift, DriftKind};
use serde_json::Value;

use crate::support::desk::{Desk, code, err, out, settled};
use crate::support::served::{Served, get, port_of_our_own, until};
use crate::support::world::World;

const SPEC: &str = "\
version: 1
workspace: { friendly_name: Flex Task Assignment }
activities:
  Lunch: { available: false }
queues:
  Everyone: { target_workers: 1==1 }
  Sales: { target_workers: routing.skills HAS 'sales' }
  Support: { target_workers: routing.skills HAS 'support' }
workflows:
  Inbound:
    task_reservation_timeout: 60
    filters:
      - name: Sales
        expression: topic == 'sales'
        targets: [{ queue: Sales, timeout: 60 }, { queue: Everyone }]
      - name: Support
        expression: topic == 'support'
        targets: [{ queue: Support }]
    default_filter: { queue: Everyone }
";

/// A desk on which the spec was applied, and then another one by somebody else.
fn edited(foreign: &str) -> Desk {
    let desk = Desk::new(SPEC);
    let applied = desk.emulated(&["apply", "-y"]);
    assert_eq!(code(&applied), 0, "{}", err(&applied));
    desk.write("foreign.yaml", foreign);
    let edit = desk.emulated(&["apply", "-y", "-f", "foreign.yaml"]);
    assert_eq!(code(&edit), 0, "{}", err(&edit));
    desk
}

/// Somebody changes a queue, a filter, the order of filters, and takes something out.
fn foreign() -> String {
    let filters = "      - name: Support
        expression: topic == 'support'
        targets: [{ queue: Everyone }]
      - name: Sales
        expression: topic == 'sale'
        targets: [{ queue: Sales, timeout: 90 }, { queue: Everyone }]
";
    let start = SPEC.find("      - name: Sales").expect("it is there");
    let end = SPEC.find("    default_filter").expect("it is there");
    let spec = format!("{}{filters}{}", &SPEC[..start], &SPEC[end..]);
    spec.replace("HAS 'sales' }", "HAS 'sale' }")
        .replace("  Support: { target_workers: routing.skills HAS 'support' }\n", "")
        + "unmanaged: { queues: prune }\nlimits: { queues: { deletes: 100% } }\n"
}

#[test]
fn where_nothing_differs_there_is_no_drift_in_every_form() {
    let desk = edited(SPEC);
    for (format, said) in [
        ("text", "No drift.\n5 as declared\n"),
        ("markdown", "### No drift\n"),
        ("json", "\"objects\": []"),
    ] {
        let drift = desk.emulated(&["drift", "--format", format]);
        assert_eq!(code(&drift), 0, "{}", err(&drift));
        assert!(out(&drift).contains(said), "{}", out(&drift));
    }
}

#[test]
fn what_somebody_changed_is_told_from_the_spec_to_live_with_who_and_when() {
    let desk = edited(&foreign());
    for format in ["text", "markdown", "json"] {
        let drift = desk.emulated(&["drift", "--format", format]);
        assert_eq!(code(&drift), 2, "{}", err(&drift));
        assert_eq!(err(&drift), "");
        insta::assert_snapshot!(format!("drift_{format}"), settled(&out(&drift)));
    }
    // Nothing was changed by looking.
    assert_eq!(code(&desk.emulated(&["drift"])), 2);
}

#[test]
fn what_the_spec_does_not_own_is_no_drift() {
    let desk = edited(
        "\
version: 1
workspace: { friendly_name: Flex Task Assignment, event_callback_url: 'https://example.com/' }
queues:
  Everyone: {}
  Sales: { max_reserved_workers: 7 }
  Theirs: { target_workers: 1==1 }
",
    );
    let drift = desk.emulated(&["drift"]);
    assert_eq!(code(&drift), 0, "{}", out(&drift));
}

#[test]
fn an_extra_object_is_drift_only_where_the_spec_prunes() {
    let desk = edited(&SPEC.replace("queues:", "queues:\n  Theirs: { target_workers: 1==1 }"));
    assert_eq!(code(&desk.emulated(&["drift"])), 0);
    desk.write("flex.yaml", &format!("{SPEC}unmanaged: {{ queues: prune }}\n"));
    let drift = desk.emulated(&["drift"]);
    assert_eq!(code(&drift), 2);
    assert!(out(&drift).contains("+ queue.Theirs  is live, and is to be gone"), "{}", out(&drift));
    assert!(out(&drift).contains("task-queue.created at "), "{}", out(&drift));
}

#[test]
fn an_object_that_cannot_be_told_from_another_is_unclear() {
    let world = World::of(SPEC);
    let other = ("Configuration", world.configuration("Inbound").to_string());
    world.post("Workflows", &[("FriendlyName", "Inbound"), (other.0, &other.1)]);
    let drift = Drift::of(&world.plan(SPEC));
    let kinds: Vec<(String, DriftKind)> =
        drift.objects.iter().map(|one| (one.address.to_string(), one.drift)).collect();
    assert_eq!(kinds, [("workflow.Inbound".to_owned(), DriftKind::Unclear)]);
}

#[test]
fn what_only_follows_from_a_difference_is_not_told_again() {
    let spec = SPEC.replace("Sales: { target", "Sales: { assignment_activity: Lunch, target");
    let world = World::of(&spec);
    // Everything that refers to Lunch would be sent again.
    let drift = Drift::of(&world.plan(&spec.replace("available: false", "available: true")));
    let told: Vec<String> = drift.objects.iter().map(|one| one.address.to_string()).collect();
    assert_eq!(told, ["activity.Lunch"]);
    assert_eq!(drift.objects[0].fields[0].before, Value::Bool(true));
}

#[test]
fn a_run_that_cannot_read_has_the_exit_code_and_one_document() {
    let desk = Desk::new(SPEC);
    let away = desk.run(&["drift", "--format", "json", "--target", "http://127.0.0.1:1"]);
    assert_eq!(code(&away), 4);
    let document: Value = serde_json::from_slice(&away.stdout).expect("one JSON document");
    assert_eq!(document["exit"], 4);
    let watch = desk.emulated(&["drift", "--watch", "--format", "json"]);
    assert_eq!(code(&watch), 64, "{}", err(&watch));
}

/// The value of a sample; none when it is not on the page.
fn sample(metrics: &str, name: &str) -> Option<f64> {
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    Some(line.parse().expect("a number"))
}

#[test]
fn a_watch_survives_the_api_being_away_and_says_so() {
    let desk = Desk::new(SPEC);
    let port = port_of_our_own();
    let api = Served::emulator_at(&desk, port);
    let url = api.url.clone();
    let applied = desk.run(&["apply", "-y", "--target", &url]);
    assert_eq!(code(&applied), 0, "{}", err(&applied));
    let watch = ["drift", "--watch", "--interval", "150ms", "--listen", "127.0.0.1:0"];
    let watch = Served::start(desk.command(&[&watch[..], &["--target", &url]].concat()));
    let metrics = || get(&watch.url, "/metrics").1;
    let is = |name: &'static str, wanted: f64| {
        let now = until(|| {
            let page = metrics();
            (sample(&page, name) == Some(wanted)).then_some(page)
        });
        now.unwrap_or_else(|| panic!("{name} is never {wanted}:\n{}\n{}", metrics(), watch.said()))
    };
    const QUEUES: &str = "flexctl_drift_objects{kind=\"queue\",drift=\"changed\"}";
    const AVAILABLE: &str = "flexctl_drift_api_available";
    const AWAY: &str = "flexctl_drift_failures_total{reason=\"api\"}";

    is(AVAILABLE, 1.0);
    assert_eq!(get(&watch.url, "/readyz").0, 200);
    is(QUEUES, 0.0);

    // Somebody edits.
    desk.write("foreign.yaml", &SPEC.replace("HAS 'sales'", "HAS 'sale'"));
    let edit = desk.run(&["apply", "-y", "-f", "foreign.yaml", "--target", &url]);
    assert_eq!(code(&edit), 0, "{}", err(&edit));
    is(QUEUES, 1.0);

    // The API goes away; what was known is kept.
    api.stop();
    let page = is(AVAILABLE, 0.0);
    assert!(sample(&page, AWAY).is_some_and(|failures| failures >= 1.0), "{page}");
    assert_eq!(sample(&page, QUEUES), Some(1.0), "{page}");
    let read = sample(&page, "flexctl_drift_last_read_timestamp_seconds");
    assert!(read.is_some(), "{page}");
    assert_eq!(get(&watch.url, "/healthz"), (200, "ok\n".to_owned()));
    assert_eq!(get(&watch.url, "/readyz").0, 200);

    // It comes back with what it held, on the same port.
    let api = Served::emulator_at(&desk, port);
    is(AVAILABLE, 1.0);
    is(QUEUES, 1.0);

    // The spec is broken for a while, and then says what is live.
    desk.write("flex.yaml", "version: 1\nqueus: {}\n");
    let page = is("flexctl_drift_spec_valid", 0.0);
    assert_eq!(sample(&page, QUEUES), Some(1.0), "{page}");
    desk.write("flex.yaml", &SPEC.replace("HAS 'sales'", "HAS 'sale'"));
    is("flexctl_drift_spec_valid", 1.0);
    is(QUEUES, 0.0);

    let (ended, said) = watch.terminate();
    assert_eq!(ended, 0, "{said}");
    for line in [
        "no drift",
        "1 object differs: queue.Sales",
        " api: ",
        "what was read before still stands",
        " spec: 1 error; flex.yaml:2:1: error[unknown-key]",
        "stopped",
    ] {
        assert!(said.contains(line), "`{line}` is not in\n{said}");
    }
    api.stop();
}

#[test]
fn a_watch_is_healthy_but_not_ready_before_its_first_reading() {
    let desk = Desk::new(SPEC);
    let watch = ["drift", "--watch", "--interval", "1h", "--listen", "127.0.0.1:0"];
    let watch = [&watch[..], &["--target", "http://127.0.0.1:1"]].concat();
    let watch = Served::start(desk.command(&watch));
    let failed = until(|| {
        let page = get(&watch.url, "/metrics").1;
        sample(&page, "flexctl_drift_failures_total{reason=\"api\"}").filter(|count| *count >= 1.0)
    });
    assert!(failed.is_some(), "{}", watch.said());
    assert_eq!(get(&watch.url, "/readyz").0, 503);
    assert_eq!(get(&watch.url, "/healthz").0, 200);
    let page = get(&watch.url, "/metrics").1;
    assert!(!page.contains("flexctl_drift_objects"), "{page}");
    well_formed(&page);
    // A port that is taken is wrong usage.
    let taken = desk.run(&["drift", "--watch", "--listen", &watch.url["http://".len()..]]);
    assert_eq!(code(&taken), 64, "{}", err(&taken));
    assert_eq!(watch.terminate().0, 0);
}

/// Each family has its help and type once, before its samples, and every sample is a number.
fn well_formed(page: &str) {
    let mut family = "";
    let mut seen = std::collections::BTreeSet::new();
    for line in page.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            family = rest.split(' ').next().unwrap_or_default();
            assert!(seen.insert(family), "{family} twice");
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            assert!(
                rest == format!("{family} gauge") || rest == format!("{family} counter"),
                "{line}"
            );
        } else {
            let (name, value) = line.rsplit_once(' ').expect("a sample");
            assert_eq!(name.split('{').next(), Some(family), "{line}");
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
    }
    assert!(page.ends_with('\n'));
}
