//! How loud lints are: the spec, the command line, comments.

use std::collections::BTreeSet;

use flexctl::diag;
use serde_json::Value;

use crate::support::desk::{Desk, code, err, out};
use crate::support::spec::{linted, of_text, report, root};
use crate::support::world;

/// Two lints: an empty list, and AND beside OR.
const SPEC: &str = "\
version: 1
workspace: { friendly_name: Flex Task Assignment }
queues:
  Everyone: { target_workers: 1==1 }
  Sales: { target_workers: a == 1 AND b == 2 OR c == 3 }
workflows:
  Inbound:
    filters:
      - { name: None, expression: 'x IN []', targets: [{ queue: Sales }] }
    default_filter: { queue: Everyone }
";

/// The codes and severities that `validate` prints, and its exit code.
fn validated(desk: &Desk, args: &[&str]) -> (Vec<(String, String)>, i32) {
    let output = desk.run(&[&["validate", "--format", "json"], args].concat());
    let document: Value = serde_json::from_str(&out(&output)).unwrap_or_default();
    let said = document["diagnostics"].as_array().cloned().unwrap_or_default();
    let text = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    let said = said.iter().map(|one| (text(one, "code"), text(one, "severity"))).collect();
    (said, code(&output))
}

fn said(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(code, severity)| ((*code).to_owned(), (*severity).to_owned())).collect()
}

#[test]
fn the_command_line_goes_over_the_spec_and_one_code_over_all_warnings() {
    let (mixed, empty) = ("mixed-and-or", "empty-list");
    let desk = Desk::new(SPEC);
    let both = said(&[(mixed, "warning"), (empty, "warning")]);
    assert_eq!(validated(&desk, &[]), (both, 0));
    for (args, found, exit) in [
        (&["--deny", "warnings"][..], vec![(mixed, "error"), (empty, "error")], 3),
        (&["--deny", empty], vec![(mixed, "warning"), (empty, "error")], 3),
        (&["--deny=warnings", "--allow", empty], vec![(mixed, "error")], 3),
        (&["--deny=warnings", "--warn", mixed, "--allow", empty], vec![(mixed, "warning")], 0),
        (&["--allow", "mixed-and-or,empty-list"], vec![], 0),
        (&["--allow", "warnings"], vec![], 0),
    ] {
        assert_eq!(validated(&desk, args), (said(&found), exit), "{args:?}");
    }
    desk.write("flex.yaml", &format!("{SPEC}lints: {{ warnings: error, {mixed}: allow }}\n"));
    for (args, found, exit) in [
        (&[][..], vec![(empty, "error")], 3),
        (&["--deny=warnings"], vec![(empty, "error")], 3),
        (&["--warn", mixed, "--warn", empty], vec![(mixed, "warning"), (empty, "warning")], 0),
    ] {
        assert_eq!(validated(&desk, args), (said(&found), exit), "{args:?}");
    }
}

#[test]
fn levels_come_from_the_environment_too() {
    let desk = Desk::new(SPEC);
    let mut command = desk.command(&["validate"]);
    command.env("FLEXCTL_DENY", "empty-list").env("FLEXCTL_ALLOW", "mixed-and-or");
    let output = command.output().expect("the binary starts");
    assert_eq!(code(&output), 3);
    assert!(
        out(&output).contains("empty-list") && !out(&output).contains("mixed"),
        "{}",
        out(&output)
    );
}

#[test]
fn a_denied_lint_stops_a_plan_and_an_apply_before_anything_is_asked() {
    let desk = Desk::new(SPEC);
    for args in [&["plan"][..], &["apply", "-y"], &["plan", "--format", "json"]] {
        let denied = desk.emulated(&[args, &["--deny", "empty-list"]].concat());
        assert_eq!(code(&denied), 3, "{}", err(&denied));
        assert!(err(&denied).contains("empty-list"), "{}", err(&denied));
    }
    assert!(!desk.path(".flexctl").exists());
    let planned = desk.emulated(&["plan"]);
    assert_eq!(code(&planned), 0);
    assert!(err(&planned).contains("2 warnings"), "{}", err(&planned));
    let quiet = desk.emulated(&["plan", "--allow", "warnings"]);
    assert!(!err(&quiet).contains("warning"), "{}", err(&quiet));
}

#[test]
fn what_is_no_lint_and_what_has_two_levels_is_wrong_usage() {
    let desk = Desk::new(SPEC);
    for (args, word) in [
        (&["--deny", "empty-lst"][..], "did you mean `empty-list`?"),
        (&["--allow", "unknown-queue"], "always an error"),
        (&["--allow", "empty-list", "--deny", "empty-list"], "its level is `allow`"),
    ] {
        let refused = desk.run(&[&["validate"], args].concat());
        assert_eq!(code(&refused), 64, "{args:?}");
        assert!(err(&refused).contains(word), "{}", err(&refused));
    }
}

#[test]
fn a_level_in_the_spec_is_held_against_the_lints_there_are() {
    for (lints, said, help) in [
        ("empty-lst: allow", "unknown-key", "did you mean `empty-list`?"),
        ("unknown-queue: allow", "unknown-key", "`unknown-queue` is always an error"),
        ("empty-list: deny", "unknown-value", "error"),
    ] {
        let analysis = linted(of_text(&format!("lints: {{ {lints} }}\n")));
        let [one] = &analysis.diagnostics[..] else { panic!("{}", report(&analysis)) };
        assert_eq!(one.code, said);
        assert!(one.help.as_ref().is_some_and(|it| it.contains(help)), "{}", report(&analysis));
    }
}

#[test]
fn every_lint_is_explained_with_its_level() {
    let desk = Desk::new("version: 1\n");
    for entry in diag::lints() {
        let explained = out(&desk.run(&["explain", entry.code]));
        assert!(explained.contains("its level is `warn`"), "{explained}");
    }
    let explained = out(&desk.run(&["explain", "unknown-queue"]));
    assert!(!explained.contains("level"), "{explained}");
}

/// The codes that a spec with comments still raises.
fn codes(text: &str) -> Vec<&'static str> {
    let analysis = linted(of_text(text));
    analysis.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn a_comment_allows_a_lint_in_what_begins_on_its_line() {
    let spec = |before: &str, beside: &str| {
        format!(
            "queues:
  A: {{ target_workers: 'x IN []' }} {beside}
  {before}
  B:
    max_reserved_workers: 2
    target_workers: >-
      y IN []
      OR a == 1 AND b == 1
  C: {{ target_workers: 'z IN []' }}
"
        )
    };
    let all = ["empty-list", "empty-list", "mixed-and-or", "empty-list"];
    assert_eq!(codes(&spec("", "")), all);
    assert_eq!(codes(&spec("", "# flexctl: allow(empty-list)")), all[1..]);
    assert_eq!(codes(&spec("# flexctl: allow(empty-list)", "")), [all[0], all[2], all[3]]);
    let two = "# flexctl: allow(empty-list, mixed-and-or)\n\n  # and why";
    assert_eq!(codes(&spec(two, "")), [all[0], all[3]]);
    assert_eq!(codes(&spec("# flexctl: allow(warnings)", "")), [all[0], all[3]]);
    assert_eq!(codes(&format!("# flexctl: allow(warnings)\n{}", spec("", ""))), [""; 0]);
    assert_eq!(codes(&spec("# flexctl: allow(mixed-and-or)", "")), [all[0], all[1], all[3]]);
}

#[test]
fn what_looks_like_a_comment_inside_a_text_allows_nothing() {
    let text = "queues:
  A:
    target_workers: |-
      x IN []
      # flexctl: allow(empty-list)
";
    assert_eq!(codes(text), ["expression-syntax"]);
    let text = "workers: { alice: { attributes: { note: ' # flexctl: allow(nonsense)' } } }\n";
    assert_eq!(codes(text), [""; 0]);
}

#[test]
fn a_comment_that_allows_what_is_no_lint_is_an_error_at_the_code() {
    let analysis =
        linted(of_text("queues: {} # flexctl: allow(empty-list, unknown-queue, emty-list)\n"));
    let found: BTreeSet<_> = analysis
        .diagnostics
        .iter()
        .map(|d| (d.code, analysis.sources.slice(d.labels[0].span)))
        .collect();
    assert_eq!(
        found,
        BTreeSet::from([("unknown-lint", "unknown-queue"), ("unknown-lint", "emty-list")])
    );
}

#[test]
fn no_number_of_warnings_makes_an_error() {
    let queues: String = (0..1100)
        .map(|i| format!("  Q{i}: {{ target_workers: a == {i} OR b == 1 AND c == 1 }}\n"))
        .collect();
    let analysis = linted(of_text(&format!("queues:\n{queues}")));
    assert!(analysis.diagnostics.len() > 1000 && !analysis.has_errors());
    assert_eq!(analysis.diagnostics.last().map(|last| last.code), Some("too-many-problems"));
    assert!(analysis.model().is_some());
}

#[test]
fn the_specs_on_the_page_about_lints_are_good() {
    let page = std::fs::read_to_string(root().join("docs/lints.md")).expect("it is there");
    let blocks: Vec<&str> = page
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once("```")?.0))
        .collect();
    assert_eq!(blocks.len(), 3);
    for block in blocks {
        let analysis = linted(of_text(block));
        assert!(analysis.diagnostics.is_empty(), "{}", report(&analysis));
    }
}

#[test]
fn a_comment_allows_what_taskrouter_holds_and_we_cannot_read() {
    let broken = |comment: &str| {
        format!("version: 1\nqueues:\n  Sales: {{ target_workers: routing.skills HAS }}{comment}\n")
    };
    assert!(world::analyze(&broken("")).has_errors());
    let allowed = world::analyze(&broken("  # flexctl: allow(expression-syntax)"));
    assert_eq!(allowed.diagnostics, []);
    let model = allowed.model().expect("nothing is wrong any more");
    let kept = model.queues["Sales"].target_workers.as_ref().map(ToString::to_string);
    assert_eq!(kept.as_deref(), Some("routing.skills HAS"));
    assert!(world::analyze(&broken("  # flexctl: allow(order-by-syntax)")).has_errors());
}
