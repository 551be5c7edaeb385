//! Several environments in one run of the binary.

use std::process::Output;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::desk::{Desk, code, err, out};
use crate::support::fleet::{Fleet, SPEC, account, name, reserved};
use crate::support::servers::token;

/// A row of the table without its last column, whose width is that of the longest time.
fn without_time(line: &str) -> &str {
    let without_number = |row| str::trim_end_matches(row, |c: char| c.is_ascii_digit() || c == '.');
    let row = line.strip_suffix(" s").map(without_number);
    let row = row.map(|row| row.strip_suffix(" min ").map_or(row, without_number));
    row.or_else(|| line.strip_suffix("time")).map_or(line, str::trim_end)
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", out(output), err(output)))
}

/// The names and results of a document.
fn results(document: &Value) -> Vec<(String, String)> {
    let word = |one: &Value, key: &str| one[key].as_str().expect("a word").to_owned();
    let environments = document["environments"].as_array().expect("a list");
    environments.iter().map(|one| (word(one, "environment"), word(one, "result"))).collect()
}

/// The last block of a text: the table.
fn table(text: &str) -> &str {
    let start = text.find("environment  account").unwrap_or_else(|| panic!("no table: {text}"));
    &text[start..]
}

/// Nobody listens here, and nobody is given this port.
const CLOSED: &str = "http://127.0.0.1:1";

#[test]
fn of_sixty_environments_three_fail_and_the_others_are_planned_and_applied() {
    const SIZE: usize = 60;
    const LOCKED_OUT: usize = 13;
    const AWAY: usize = 29;
    const REFUSED: usize = 41;
    let mut fleet = Fleet::new(SIZE, |number| match number {
        AWAY => Some(format!(", target: \"{CLOSED}\"")),
        REFUSED => Some(", variables: { rest: true }".to_owned()),
        number => Some(format!(", variables: {{ reserved: {} }}", reserved(number))),
    });
    fleet.locked_out.insert(LOCKED_OUT);
    let expected = |word: &str| -> Vec<(String, String)> {
        let word = |number| match number {
            LOCKED_OUT | AWAY => "no_access",
            REFUSED => "refused",
            _ => word,
        };
        (0..SIZE).map(|number| (name(number), word(number).to_owned())).collect()
    };

    let planned = fleet.run(&["plan", "--env", "site-*", "--format", "json"]);
    assert_eq!(code(&planned), 4, "{}", err(&planned));
    let document = json(&planned);
    assert_eq!(results(&document), expected("changes"));
    assert_eq!(document["exit"], 4);
    for (number, one) in document["environments"].as_array().unwrap().iter().enumerate() {
        assert_eq!(one["account_sid"], account(number));
        let sales = one["plan"]["changes"].as_array().into_iter().flatten();
        let mut sales = sales.filter(|change| change["address"] == "queue.Sales");
        if one["result"] == "changes" {
            let change = sales.next().expect("a change of the queue");
            let fields = change["fields"].as_array().expect("a list");
            let field = fields.iter().find(|field| field["field"] == "max_reserved_workers");
            assert_eq!(field.expect("it is owned")["after"], reserved(number), "{one:#}");
            assert_eq!(one["exit"], 0);
        }
    }
    let why = |number: usize| document["environments"][number]["error"].as_str().unwrap();
    assert!(why(LOCKED_OUT).contains("refuses our credentials"), "{}", why(LOCKED_OUT));
    assert!(why(AWAY).contains("cannot connect"), "{}", why(AWAY));
    assert!(why(REFUSED).contains("activity.Break"), "{}", why(REFUSED));

    let applied = fleet.run(&["apply", "-y", "--env", "*"]);
    assert_eq!(code(&applied), 4, "{}", err(&applied));
    for (number, server) in fleet.servers.iter().enumerate() {
        let writes = if [LOCKED_OUT, AWAY, REFUSED].contains(&number) { 0 } else { 1 };
        assert_eq!(server.writes(), writes, "{}", name(number));
    }
    let text = out(&applied);
    let table = table(&text);
    let below = |number: usize| {
        let mut lines = table.lines().skip_while(|line| !line.starts_with(&name(number)));
        (lines.next().expect("a row").to_owned(), lines.next().expect("a line").to_owned())
    };
    for (number, word, why) in [
        (LOCKED_OUT, "no access", "refuses our credentials"),
        (AWAY, "no access", "cannot connect"),
        (REFUSED, "refused", "activity.Break"),
    ] {
        let (row, reason) = below(number);
        assert!(row.contains(word), "{row}");
        assert!(reason.starts_with("    ") && reason.contains(why), "{table}");
    }
    assert!(below(7).0.contains("applied"), "{table}");
    assert!(below(7).1.starts_with("site-08"), "nothing to say: {table}");
    assert!(table.contains("60 environments: 57 applied, 2 no access, 1 refused"), "{table}");

    let again = fleet.run(&["plan", "--env", "*", "--format", "json", "--detailed-exitcode"]);
    assert_eq!(results(&json(&again)), expected("unchanged"));
}

#[test]
fn texts_stand_under_their_names_in_the_order_of_the_spec_however_long_each_takes() {
    let fleet = Fleet::new(4, |number| match number {
        // The first takes longest: it is tried again and again.
        0 => Some(format!(", target: \"{CLOSED}\"")),
        1 => Some(", variables: { nothing: 1 }".to_owned()),
        _ => None,
    });
    let planned = fleet.run(&["plan", "--env", "site-03,site-0*"]);
    assert_eq!(code(&planned), 4);
    let text = out(&planned);
    let heads: Vec<&str> = text.lines().filter(|line| line.starts_with('═')).collect();
    assert_eq!(heads, ["═══ site-00", "═══ site-01", "═══ site-02", "═══ site-03"]);
    let mut text = text;
    for (number, server) in fleet.servers.iter().enumerate() {
        text = text.replace(&server.url, &format!("http://server-{number}"));
    }
    let text: Vec<&str> = text
        .lines()
        .map(|line| line.split("127.0.0.1:").next().unwrap_or_default())
        .map(without_time)
        .collect();
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn two_environments_of_one_account_share_one_budget() {
    const PER_SECOND: f64 = 10.0;
    // A second workspace of the same account.
    let fleet = Fleet::new(2, |_| None);
    let make = http::Request::post("http://localhost/v1/Workspaces")
        .header("Authorization", basic(&account(0), &token(&account(0))))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(bytes::Bytes::from("FriendlyName=Second"))
        .unwrap();
    let made = fleet.servers.get(0).emulator.handle(make);
    assert!(made.status().is_success(), "{made:?}");
    let spec = fleet
        .desk
        .read("flex.yaml")
        .replace(
            "{ friendly_name: Flex Task Assignment }",
            "{ friendly_name: \"${var.workspace}\" }",
        )
        .replace("variables: { rest", "variables: { workspace: Flex Task Assignment, rest");
    let line = spec.lines().find(|line| line.contains("site-00")).unwrap();
    let second =
        line.replace("site-00", "second").replace(" }", ", variables: { workspace: Second } }");
    fleet.desk.write("flex.yaml", &format!("{spec}{second}\n"));

    let rate = format!("{PER_SECOND}/s");
    let before = Instant::now();
    let planned = fleet.run(&["plan", "--env", "*", "--rate", &rate, "--format", "json"]);
    let document = json(&planned);
    let words =
        ["site-00", "site-01", "second"].map(|name| (name.to_owned(), "changes".to_owned()));
    assert_eq!(results(&document), words, "{document:#}");
    let (shared, alone) = (fleet.servers.get(0).arrivals(), fleet.servers.get(1).arrivals());
    let requests = |number: usize| document["environments"][number]["requests"].as_u64().unwrap();
    assert_eq!(shared.len() as u64, requests(0) + requests(2));
    assert_eq!(alone.len() as u64, requests(1));
    // Whatever is slow makes it longer. With a budget for each it would be half as long.
    let took = shared[shared.len() - 1] - before;
    let least = (shared.len() - 1) as f64 / PER_SECOND;
    assert!(took.as_secs_f64() >= least, "{took:?} for {}", shared.len());
}

fn basic(user: &str, password: &str) -> String {
    use base64::Engine as _;
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    format!("Basic {pair}")
}

#[test]
fn shares_cover_each_environment_once_and_kubernetes_numbers_them_too() {
    let mut spec = SPEC.to_owned();
    for number in 0..30 {
        spec.push_str(&format!("  {}: {{ target: emulator }}\n", name(number)));
    }
    let desk = Desk::new(&spec);
    let names = |output: &Output| -> Vec<String> {
        assert_eq!(code(output), 0, "{}", err(output));
        let all = json(output)["environments"].as_array().unwrap().clone();
        all.iter().map(|one| one["environment"].as_str().unwrap().to_owned()).collect()
    };
    let all = names(&desk.run(&["validate", "--env", "*", "--format", "json"]));
    assert_eq!(all.len(), 30);
    let mut covered = Vec::new();
    for number in 1..=4 {
        let share = format!("{number}/4");
        let by_hand = desk.run(&["validate", "--env", "*", "--shard", &share, "--format", "json"]);
        let mut command = desk.command(&["validate", "--env", "*", "--format", "json"]);
        command.env("FLEXCTL_SHARD", "/4").env("JOB_COMPLETION_INDEX", (number - 1).to_string());
        let by_kubernetes = command.output().expect("the binary starts");
        assert_eq!(names(&by_hand), names(&by_kubernetes));
        covered.extend(names(&by_hand));
    }
    covered.sort();
    assert_eq!(covered, all);

    let share = desk.run(&["validate", "--shard", "1/4"]);
    assert_eq!(code(&share), 64);
    assert!(err(&share).contains("--env '*'"), "{}", err(&share));
    let mut outside = desk.command(&["plan", "--env", "*", "--shard", "/4"]);
    outside.env("JOB_COMPLETION_INDEX", "4");
    assert_eq!(code(&outside.output().expect("the binary starts")), 64);
    // An empty share is no failure.
    let empty = (1..=9)
        .map(|number| desk.run(&["plan", "--env", "site-00", "--shard", &format!("{number}/9")]));
    let empty: Vec<Output> = empty.collect();
    assert!(empty.iter().all(|output| code(output) == 0));
    let none = empty.iter().filter(|output| out(output) == "No environment is in this share.\n");
    assert_eq!(none.count(), 8);
}

#[test]
fn a_glob_that_covers_nothing_and_a_name_that_is_none_are_told_with_the_nearest() {
    let fleet = Desk::new(&format!("{SPEC}  staging: {{}}\n  production: {{}}\n"));
    for (env, says) in [
        ("stagng*", "did you mean `staging`?"),
        ("staging,prodction", "did you mean `production`?"),
        ("nothing*", "the environments are staging, production"),
    ] {
        let refused = fleet.run(&["plan", "--env", env]);
        assert_eq!(code(&refused), 3, "{env}");
        assert!(err(&refused).contains(says), "{env}: {}", err(&refused));
        assert_eq!(out(&refused), "");
    }
    let route = fleet.run(&["show", "--env", "*"]);
    assert_eq!(code(&route), 64);
    let says = "`show` works on one environment, and --env covers 2: staging, production";
    assert!(err(&route).contains(says), "{}", err(&route));
    assert_eq!(code(&fleet.run(&["show", "--env", "stag*"])), 0);
    let report = fleet.run(&["test", "--env", "*", "--format", "junit"]);
    assert_eq!(code(&report), 64);
    let says = "`test --format junit` works on one environment, and --env covers 2";
    assert!(err(&report).contains(says), "{}", err(&report));
}

#[test]
fn who_lacks_credentials_is_told_the_variables_of_the_environment() {
    let desk = Desk::new(&format!("{SPEC}  staging: {{ env_prefix: STAGING_ }}\n"));
    let refused = desk.run(&["plan", "--env", "staging"]);
    assert_eq!(code(&refused), 4);
    let says = "set STAGING_TWILIO_ACCOUNT_SID and STAGING_TWILIO_AUTH_TOKEN";
    assert!(err(&refused).contains(says), "{}", err(&refused));
}

#[test]
fn environments_that_are_one_workspace_are_planned_but_not_applied_together() {
    let fleet = Fleet::new(2, |_| None);
    let spec = fleet.desk.read("flex.yaml");
    let line = spec.lines().find(|line| line.contains("site-00")).unwrap();
    fleet.desk.write("flex.yaml", &format!("{spec}{}\n", line.replace("site-00", "twin")));
    let planned = fleet.run(&["plan", "--env", "*"]);
    assert_eq!(code(&planned), 0, "{}", out(&planned));
    let applied = fleet.run(&["apply", "-y", "--env", "*"]);
    assert_eq!(code(&applied), 5, "{}", out(&applied));
    assert!(
        table(&out(&applied)).contains("site-00 and twin are one workspace"),
        "{}",
        out(&applied)
    );
    let writes: Vec<usize> =
        fleet.servers.iter().map(crate::support::servers::Server::writes).collect();
    assert_eq!(writes, [0, 1]);
}

#[test]
fn each_environment_has_its_reports_and_they_fit_the_schema() {
    let fleet = Fleet::new(3, |number| match number {
        1 => Some(", variables: { nothing: 1 }".to_owned()),
        _ => None,
    });
    let applied =
        fleet.run(&["apply", "-y", "--env", "*", "--report-dir", "reports", "--format", "json"]);
    assert_eq!(code(&applied), 3, "{}", err(&applied));
    let document = json(&applied);
    let schema: Value = serde_json::from_slice(&fleet.run(&["schema", "fleet"]).stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&document).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    for number in 0..3 {
        let report = fleet.desk.read(&format!("reports/{}.json", name(number)));
        let report: Value = serde_json::from_str(&report).unwrap();
        assert_eq!(report, document["environments"][number]);
    }
    let markdown = fleet.desk.read("reports/site-01.md");
    assert!(markdown.starts_with("## site-01\n\n### The spec has 1 error"), "{markdown}");
    assert!(markdown.contains("which is no variable"), "{markdown}");
    let alone = fleet.run(&["plan", "--report-dir", "reports"]);
    assert_eq!(code(&alone), 64);
    assert!(err(&alone).contains("--env"), "{}", err(&alone));
    let one = fleet.run(&["plan", "--env", "site-02", "--report-dir", "one"]);
    assert_eq!(code(&one), 0, "{}", err(&one));
    assert!(fleet.desk.read("one/site-02.md").contains("No changes"));
}

#[test]
fn drift_of_several_is_told_with_each_and_the_exit_code_says_pending() {
    let fleet = Fleet::new(3, |_| None);
    assert_eq!(code(&fleet.run(&["apply", "-y", "--env", "*"])), 0);
    let calm = fleet.run(&["drift", "--env", "*"]);
    assert_eq!(code(&calm), 0, "{}", err(&calm));
    // Somebody edits one queue of the second.
    let other = fleet.desk.read("flex.yaml").replace("reserved: 1 }", "reserved: 7 }");
    fleet.desk.write("other.yaml", &other);
    let edited = fleet.run(&["apply", "-y", "--env", "site-01", "--file", "other.yaml"]);
    assert_eq!(code(&edited), 0, "{}", err(&edited));
    let drift = fleet.run(&["drift", "--env", "*", "--format", "json"]);
    assert_eq!(code(&drift), 2, "{}", err(&drift));
    let document = json(&drift);
    let words = ["unchanged", "drift", "unchanged"];
    for (number, word) in words.into_iter().enumerate() {
        assert_eq!(document["environments"][number]["result"], word);
    }
    let one = &document["environments"][1];
    assert_eq!(one["drift"]["objects"][0]["address"], "queue.Sales", "{one:#}");
    let text = out(&fleet.run(&["drift", "--env", "*"]));
    assert!(table(&text).contains("3 environments: 2 no changes, 1 drift"), "{text}");
    assert!(text.contains("max_reserved_workers"), "{text}");
    let watch = fleet.run(&["drift", "--env", "*", "--watch"]);
    assert_eq!(code(&watch), 64);
}

#[test]
fn a_comment_has_a_row_for_each_and_keeps_to_its_size() {
    let fleet = Fleet::new(12, |number| match number {
        1 => Some(", variables: { rest: true }".to_owned()),
        _ => None,
    });
    let comment = |max: &str| {
        let args = ["plan", "--env", "*", "--format", "markdown", "--max-chars", max];
        out(&fleet.run(&args))
    };
    let whole = comment("60000");
    for number in 0..12 {
        assert!(whole.contains(&format!("\n| {} | AC…", name(number))), "{whole}");
        assert!(whole.contains(&format!("\n## {}\n", name(number))), "{whole}");
    }
    assert!(whole.contains("activity.Break"), "{whole}");
    for max in ["2000", "5000", "20000"] {
        let cut = comment(max);
        assert!(cut.chars().count() <= max.parse().unwrap(), "{} > {max}", cut.chars().count());
        assert!(cut.contains("more stand in the table only"), "{max}: {cut}");
    }
    let saved = fleet.run(&["plan", "--env", "*", "--out", "plan.json"]);
    assert_eq!(code(&saved), 64, "a saved plan is of one environment");
}

#[test]
fn an_apply_asks_nobody_without_a_terminal_and_does_nothing() {
    let fleet = Fleet::new(2, |_| None);
    let refused = fleet.run(&["apply", "--env", "*"]);
    assert_eq!(code(&refused), 64);
    assert!(err(&refused).contains("--auto-approve"), "{}", err(&refused));
    assert!(fleet.servers.iter().all(|server| server.writes() == 0));
}

#[test]
fn one_deadline_is_for_all() {
    const DEADLINE: Duration = Duration::from_secs(1);
    let fleet = Fleet::new(6, |_| None);
    // The first is not answered before the deadline has passed, however fast or slow the run is.
    fleet.servers.get(0).delay(DEADLINE);
    let args = ["plan", "--env", "*", "--environments-at-once", "1", "--format", "json"];
    let planned = fleet.run(&[&args[..], &["--deadline", "1s"]].concat());
    assert_eq!(code(&planned), 4, "{}", err(&planned));
    let document = json(&planned);
    for (number, (name, result)) in results(&document).iter().enumerate() {
        assert_eq!(result, "no_access", "{name}");
        let why = document["environments"][number]["error"].as_str().expect("a reason");
        assert!(why.contains("the run's deadline of 1s passed before"), "{name}: {why}");
    }
    assert_eq!(results(&document).len(), 6);
    for (number, server) in fleet.servers.iter().enumerate().skip(1) {
        assert_eq!(server.arrivals().len(), 0, "{} had no time left", name(number));
    }
}

#[test]
fn a_spec_does_not_send_credentials_to_another_machine() {
    let desk = Desk::new(&format!("{SPEC}  away: {{ target: \"${{env.WHERE}}\" }}\n"));
    for (target, exit) in [
        ("https://taskrouter.example.com", 3),
        ("http://127.0.0.1.example.com", 3),
        ("https://user@127.0.0.1", 3),
    ] {
        let mut command = desk.command(&["plan", "--env", "away"]);
        command.env("WHERE", target).env("TWILIO_ACCOUNT_SID", account(1));
        command.env("TWILIO_AUTH_TOKEN", "a-secret-token");
        let refused = command.output().expect("the binary starts");
        assert_eq!(code(&refused), exit, "{target}: {}", err(&refused));
    }
}
