//! `flexctl import` from the outside.

use serde_json::{Value, json};

use crate::support::desk::{Desk, code, err, out};

const SPEC: &str = "
version: 1
queues:
  Everyone: { target_workers: 1==1 }
  Sales: { target_workers: routing.skills HAS 'sales' }
  Support: { target_workers: routing.skills HAS 'support' }
  Billing: { target_workers: routing.skills HAS 'billing' }
workflows:
  Inbound:
    filters:
      - { name: Sales, expression: type == 'sales', targets: [{ queue: Sales }] }
    default_filter: { queue: Everyone }
transfers:
  Chat Transfer: { dialect: conversation, worker: { queue: Everyone } }
";

/// A folder whose emulator holds what the spec declares.
fn settled() -> Desk {
    let desk = Desk::new(SPEC);
    let applied = desk.emulated(&["apply", "--auto-approve"]);
    assert_eq!(code(&applied), 0, "{}", err(&applied));
    desk
}

#[test]
fn stdout_is_the_spec_and_nothing_else() {
    let desk = settled();
    let imported = desk.emulated(&["import"]);
    assert_eq!((code(&imported), err(&imported).as_str()), (0, ""));
    let spec: Value = serde_yaml::from_str(&out(&imported)).expect("YAML");
    assert_eq!(spec["transfers"]["Chat Transfer"]["dialect"], json!("conversation"));
}

#[test]
fn what_is_written_plans_empty_and_is_not_written_over() {
    let desk = settled();
    let import = |more: &[&str]| desk.emulated(&[&["import", "--out", "new.yaml"], more].concat());
    let imported = import(&[]);
    assert_eq!((code(&imported), out(&imported).as_str()), (0, ""), "{}", err(&imported));
    assert_eq!(err(&imported), "wrote new.yaml\n");
    let plan = desk.emulated(&["plan", "-f", "new.yaml", "--detailed-exitcode"]);
    assert_eq!(code(&plan), 0, "{}", out(&plan));

    let first = desk.read("new.yaml");
    desk.write("new.yaml", "mine");
    let again = import(&[]);
    assert_eq!(code(&again), 5);
    assert!(err(&again).contains("new.yaml is there already"), "{}", err(&again));
    assert_eq!(desk.read("new.yaml"), "mine");
    assert_eq!(code(&import(&["--force"])), 0);
    assert_eq!(desk.read("new.yaml"), first);
}

#[test]
fn a_spec_that_would_not_be_what_is_live_is_written_only_by_force_and_the_exit_code_says_so() {
    let desk = settled();
    assert_eq!(code(&desk.emulated(&["import", "--export", "live.json"])), 0);
    let mut live: Value = serde_json::from_str(&desk.read("live.json")).expect("JSON");
    // More than TaskRouter takes, and so more than a spec may say.
    let name = "x".repeat(300);
    live["workspace"]["friendly_name"] = json!(name);
    desk.write("live.json", &live.to_string());
    let import = ["import", "--from", "live.json", "--out", "new.yaml"];
    let refused = desk.run(&import);
    assert_eq!(code(&refused), 1);
    let why = "the spec would not be what is live: `friendly_name` of the workspace has 300";
    assert!(err(&refused).contains(why), "{}", err(&refused));
    assert!(err(&refused).contains("nothing was written; --force"), "{}", err(&refused));
    assert!(!desk.path("new.yaml").exists());
    desk.write("new.yaml", "mine");
    let forced = desk.run(&[&import[..], &["--force"]].concat());
    assert_eq!(code(&forced), 1, "{}", err(&forced));
    assert!(desk.read("new.yaml").contains(&name) && desk.read("new.yaml").contains("Billing"));
}

#[test]
fn a_split_spec_plans_empty_and_refuses_strangers_among_its_files() {
    let desk = settled();
    let split = |out: &str| desk.emulated(&["import", "--split", "--out", out]);
    let imported = split("all/flex.yaml");
    assert_eq!(code(&imported), 0, "{}", err(&imported));
    assert_eq!(
        err(&imported),
        "wrote all/flex.yaml, all/queues/queues.yaml, all/workflows/chat-transfer.yaml, \
         all/workflows/inbound.yaml\n"
    );
    desk.emulated(&["import", "--export", "live.json"]);
    std::fs::create_dir_all(desk.path("other/queues")).expect("the folder is ours");
    desk.write("other/queues/mine.yaml", "queues: {}");
    let refused = split("other/flex.yaml");
    assert_eq!(code(&refused), 5);
    assert!(err(&refused).contains("other/queues/mine.yaml would become a part of the spec"));
    assert!(!desk.path("other/flex.yaml").exists());
    assert_eq!(code(&desk.run(&["import", "--split"])), 64);
}

#[test]
fn an_export_imports_like_the_account_it_is_of() {
    let desk = settled();
    assert_eq!(code(&desk.emulated(&["import", "--export", "live.json"])), 0);
    let direct = desk.emulated(&["import"]);
    let from = desk.run(&["import", "--from", "live.json"]);
    assert_eq!(code(&from), 0, "{}", err(&from));
    assert_eq!(out(&from), out(&direct));
    let again = desk.emulated(&["import", "--export", "live.json"]);
    assert_eq!(code(&again), 5);

    desk.write("no.json", "{");
    let refused = desk.run(&["import", "--from", "no.json"]);
    assert_eq!(code(&refused), 64);
    assert!(err(&refused).contains("--from no.json: it is not JSON"), "{}", err(&refused));
}

#[test]
fn only_what_is_asked_for_is_in_the_spec() {
    let desk = settled();
    let imported = desk.emulated(&["import", "--only", "queue.S*"]);
    let spec: Value = serde_yaml::from_str(&out(&imported)).expect("YAML");
    let queues: Vec<&String> = spec["queues"].as_object().expect("queues").keys().collect();
    assert_eq!(queues, ["Sales", "Support"]);
    assert!(spec.get("workflows").is_none() && spec.get("transfers").is_none());
    assert_eq!(code(&desk.emulated(&["import", "--only", "quue.*"])), 64);
    for (wanted, says) in [
        (
            "queue.Salse",
            "`queue.Salse` covers nothing that is live\n  help: did you mean `queue.Sales`?",
        ),
        ("workflow.Night*", "`workflow.Night*` covers nothing that is live"),
    ] {
        let refused = desk.emulated(&["import", "--only", "queue.Everyone", "--only", wanted]);
        assert_eq!((code(&refused), out(&refused).as_str()), (64, ""));
        assert!(err(&refused).contains(says), "{}", err(&refused));
    }
    // Nobody has read workers without being asked for capacities.
    assert_eq!(code(&desk.emulated(&["import", "--only", "worker.nobody"])), 0);
}

#[test]
fn what_cannot_be_expressed_is_written_without_and_ends_with_one() {
    let desk = Desk::new(SPEC);
    let gone = format!("WQ{:032x}", 9);
    let filters = json!([
        { "filter_friendly_name": "Lost", "expression": "a == 1", "targets": [{ "queue": gone }] },
    ]);
    let configuration = json!({ "task_routing": { "filters": filters } }).to_string();
    let account = json!({ "workflows": [{
        "sid": format!("WW{:032x}", 1), "friendly_name": "Old", "configuration": configuration,
    }] });
    desk.write("live.json", &account.to_string());
    let imported = desk.run(&["import", "--from", "live.json", "--out", "new.yaml"]);
    assert_eq!(code(&imported), 1);
    assert_eq!(
        err(&imported),
        format!(
            "not in the spec: workflow.Old: filter `Lost` is left alone: it leads to {gone}, and \
             there is no such queue\none thing cannot be expressed and stays as it is in \
             TaskRouter; the spec says where\nwrote new.yaml\n"
        )
    );
    assert!(desk.read("new.yaml").contains("# Filter `Lost` is left alone"));
}

#[test]
fn an_account_that_does_not_answer_ends_with_four() {
    let desk = Desk::new(SPEC);
    let refused = desk.run(&["import", "--target", "http://127.0.0.1:9"]);
    assert_eq!(code(&refused), 4, "{}", err(&refused));
    let nobody = desk.run(&["import"]);
    assert_eq!(code(&nobody), 4, "{}", err(&nobody));
    assert_eq!((out(&refused), out(&nobody)), (String::new(), String::new()));
}
