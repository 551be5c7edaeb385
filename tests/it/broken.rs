//! Broken specs: each says what is wrong, where, and what to do; good ones mean what they say.

use std::collections::BTreeMap;

use flexctl::diag;

use crate::support::spec::{analysis, linted, of_text, report, root, verbatim, yaml_files};

/// Pretty debug output with short brackets on one line.
fn compact(debug: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in debug.lines() {
        let closes = line.trim_start().starts_with([')', ']', '}']);
        if let [.., open, only] = &lines[..]
            && closes
            && open.ends_with(['(', '[', '{'])
            && open.len() + only.trim().len() < 100
        {
            let only = only.trim().trim_end_matches(',');
            let joined = match open.ends_with('{') {
                true => format!("{open} {only} {}", line.trim_start()),
                false => format!("{open}{only}{}", line.trim_start()),
            };
            lines.truncate(lines.len() - 2);
            lines.push(joined);
        } else {
            lines.push(line.to_owned());
        }
    }
    lines.retain(|line| !line.ends_with(": None,"));
    lines.join("\n")
}

#[test]
fn each_broken_spec_says_what_is_wrong_where_and_what_to_do() {
    let paths = yaml_files(&root().join("tests/specs/broken"));
    assert!(paths.len() > 12);
    for path in paths {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        insta::assert_snapshot!(name, report(&analysis(&path)));
    }
}

#[test]
fn twelve_mistakes_in_one_spec_have_twelve_reports_in_order() {
    let analysis = analysis(&root().join("tests/specs/broken/twelve-mistakes.yaml"));
    assert_eq!(analysis.diagnostics.len(), 12, "{}", report(&analysis));
    assert!(analysis.diagnostics.iter().all(|diagnostic| diagnostic.help.is_some()));
    let places: Vec<_> = analysis.diagnostics.iter().map(|d| d.labels[0].span).collect();
    assert!(places.is_sorted());
    assert!(analysis.model().is_none());
}

#[test]
fn every_spec_that_is_called_invalid_is_refused() {
    for path in yaml_files(&root().join("tests/specs/invalid")) {
        assert!(analysis(&path).has_errors(), "{}", path.display());
    }
}

#[test]
fn good_specs_have_no_errors() {
    let mut paths = yaml_files(&root().join("tests/specs/valid"));
    paths.push(root().join("flex.yaml"));
    for folder in std::fs::read_dir(root().join("examples")).unwrap() {
        paths.push(folder.unwrap().path().join("flex.yaml"));
    }
    assert!(paths.len() > 6);
    for path in paths {
        let analysis = analysis(&path);
        assert!(analysis.model().is_some(), "{}\n{}", path.display(), report(&analysis));
    }
}

#[test]
fn a_spec_with_every_key_means_what_it_says() {
    let analysis = analysis(&root().join("tests/specs/valid/every-key.yaml"));
    insta::assert_snapshot!(compact(&format!("{:#?}", analysis.model().unwrap())));
}

#[test]
fn null_means_taskrouters_own_default() {
    let analysis = of_text(
        "workspace:
  { event_callback_url: null, events_filter: null, multi_task_enabled: null,
    prioritize_queue_order: null, default_activity: null, timeout_activity: null }
activities: { Break: { available: null } }
task_channels: { chat: { channel_optimized_routing: null } }
queues:
  Sales:
    { target_workers: null, max_reserved_workers: null, task_order: null,
      reservation_activity: null, assignment_activity: null }
workflows:
  Inbound:
    { assignment_callback_url: null, fallback_assignment_callback_url: null,
      task_reservation_timeout: null, filters: null, default_filter: null }
",
    );
    insta::assert_snapshot!(compact(&format!("{:#?}", analysis.model().unwrap())));
}

#[test]
fn what_is_left_out_is_not_owned_and_two_dollars_are_one() {
    let analysis = of_text(
        "queues: { Sales: { target_workers: \"price == '$${x}'\" } }
workflows: { Inbound: {} }
workers: { alice: { attributes: { greeting: [\"$${name}\"] } } }
",
    );
    let model = analysis.model().unwrap();
    assert_eq!(model.workflows["Inbound"], flexctl::model::Workflow::default());
    let workers = model.queues["Sales"].target_workers.as_ref().unwrap();
    assert_eq!(workers.text, "price == '${x}'".into());
    assert_eq!(model.workers["alice"].attributes["greeting"][0], "${name}");
}

#[test]
fn the_example_of_each_code_has_that_problem() {
    let mut wrong = BTreeMap::new();
    for entry in diag::registry().filter(|entry| !entry.example.is_empty()) {
        let text = match entry.example.contains("version:") || entry.example.starts_with('%') {
            true => entry.example.to_owned(),
            false => format!("version: 1\n{}", entry.example),
        };
        let analysis = linted(verbatim(&text));
        let has = |d: &diag::Diagnostic| d.code == entry.code && d.severity == entry.severity;
        if !analysis.diagnostics.iter().any(has) {
            wrong.insert(entry.code, report(&analysis));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    /// A piece of a good spec is lost, doubled or put somewhere else.
    #[test]
    fn whatever_is_wrong_ends_in_reports_with_places(
        from in 0usize..9000, length in 0usize..60, to in 0usize..9000, with in "[a-z:{}'\\[\\]$ \n-]{0,6}",
    ) {
        let path = root().join("tests/specs/valid/every-key.yaml");
        let mut text = std::fs::read_to_string(path).unwrap();
        let (from, to) = (from % text.len(), to % text.len());
        let piece: String = text.chars().skip(from).take(length).collect();
        text.insert_str(to, &format!("{piece}{with}"));
        let analysis = linted(verbatim(&text));
        for diagnostic in &analysis.diagnostics {
            for label in &diagnostic.labels {
                let file = analysis.sources.file(label.span.file);
                let range = label.span.range;
                proptest::prop_assert!(range.start <= range.end && range.end <= file.text.len());
                proptest::prop_assert!(file.text.is_char_boundary(range.start));
                proptest::prop_assert!(file.text.is_char_boundary(range.end));
            }
            proptest::prop_assert!(diag::explain(diagnostic.code).is_some());
        }
        let _ = report(&analysis);
    }
}
