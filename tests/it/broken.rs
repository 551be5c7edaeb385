//! Broken specs: each says what is wrong, where, and what to do; good ones mean what they say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use flexctl::diag::{self, Colour, Severity, render_text};
use flexctl::spec::{Analysis, Files, Settings, analyze};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Files below a folder. Globs end in `*.yaml`.
struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, path: &str) -> std::io::Result<Vec<u8>> {
        std::fs::read(self.0.join(path))
    }

    fn glob(&self, _from: &str, pattern: &str) -> std::io::Result<Vec<String>> {
        let folder = pattern.strip_suffix("*.yaml").unwrap_or(pattern);
        let entries = std::fs::read_dir(self.0.join(folder))?;
        let names = entries.map(|entry| Ok(entry?.file_name().into_string().unwrap()));
        let mut paths: Vec<String> = names
            .map(|name: std::io::Result<String>| Ok(format!("{folder}{}", name?)))
            .collect::<std::io::Result<_>>()?;
        paths.sort();
        Ok(paths)
    }
}

/// One file, in memory.
struct Text(String);

impl Files for Text {
    fn read(&self, path: &str) -> std::io::Result<Vec<u8>> {
        match path {
            "more/nothing.yaml" => Ok(Vec::new()),
            "flex.yaml" => Ok(self.0.clone().into_bytes()),
            _ => Err(std::io::ErrorKind::NotFound.into()),
        }
    }

    fn glob(&self, _from: &str, pattern: &str) -> std::io::Result<Vec<String>> {
        Ok(match pattern {
            "flex.yaml" => vec![pattern.to_owned()],
            "more/*.yaml" => vec!["more/nothing.yaml".to_owned()],
            _ => Vec::new(),
        })
    }
}

fn settings() -> Settings {
    // What the examples ask of their surroundings.
    let env =
        [("CALLBACK_HOST", "callbacks.example.com"), ("ASSIGNMENT_URL", "https://example.com")];
    let env = env.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Settings { env, ..Settings::default() }
}

fn analysis(path: &Path) -> Analysis {
    let name = path.file_name().unwrap().to_str().unwrap();
    analyze(&Folder(path.parent().unwrap().to_owned()), name, &settings())
}

fn of_text(text: &str) -> Analysis {
    analyze(&Text(format!("version: 1\n{text}")), "flex.yaml", &settings())
}

fn report(analysis: &Analysis) -> String {
    render_text(&analysis.diagnostics, &analysis.sources, 100, Colour::Never)
}

/// Every code with the text at its place, in order.
fn found(text: &str) -> Vec<(&'static str, String)> {
    let analysis = of_text(text);
    analysis
        .diagnostics
        .iter()
        .map(|diagnostic| {
            let slice = analysis.sources.slice(diagnostic.labels[0].span);
            (diagnostic.code, slice.to_owned())
        })
        .collect()
}

fn expect(text: &str, wanted: &[(&str, &str)]) {
    let found = found(text);
    let found: Vec<(&str, &str)> = found.iter().map(|(code, slice)| (*code, &**slice)).collect();
    assert_eq!(found, wanted, "\n{text}\n{}", report(&of_text(text)));
}

fn specs(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    paths
}

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
    let paths = specs("tests/specs/broken");
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
    for path in specs("tests/specs/invalid") {
        assert!(analysis(&path).has_errors(), "{}", path.display());
    }
}

#[test]
fn good_specs_have_no_errors() {
    let mut paths = specs("tests/specs/valid");
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
        let analysis = analyze(&Text(text), "flex.yaml", &settings());
        let has = |d: &diag::Diagnostic| d.code == entry.code && d.severity == entry.severity;
        if !analysis.diagnostics.iter().any(has) {
            wrong.insert(entry.code, report(&analysis));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_queue_that_nothing_declares_is_found_wherever_it_is_named() {
    expect(
        "queues: { Sales: { target_workers: 1==1 } }
workflows:
  Inbound:
    filters:
      - { expression: 1==1, targets: [{ queue: A }, { queue: Sales }, { queue: B }] }
      - for_each_queue:
          queues: { include: [C, Sales], exclude: [D] }
          filters:
            - { expression: \"x == '${queue.name}'\", targets: [{ queue: '${queue.name} 2' }] }
    default_filter: { queue: E, expression: \"worker.queue == '${queue['F'].sid}'\" }
transfers:
  Chat:
    dialect: queue_sid
    worker: { queue: G }
    queues: { overrides: { H: {}, Sales: { to: I, targets: [{ queue: J }] } } }
outputs: [{ file: .env, values: { SID: \"${queue['K'].sid}\" } }]
tests: [{ name: one, workflow: Inbound, task: {}, expect: { queue: L } }]
",
        &[
            ("unknown-queue", "A"),
            ("unknown-queue", "B"),
            ("unknown-queue", "C"),
            ("unknown-queue", "D"),
            ("unknown-queue", "'${queue.name} 2'"),
            ("unknown-queue", "E"),
            ("unknown-queue", "${queue['F'].sid}"),
            ("unknown-queue", "G"),
            ("unknown-queue", "H"),
            ("unknown-queue", "I"),
            ("unknown-queue", "J"),
            ("unknown-queue", "${queue['K'].sid}"),
            ("unknown-queue", "L"),
        ],
    );
}

#[test]
fn an_object_with_a_wrong_field_is_still_known_by_its_name() {
    expect(
        "queues: { Sales: { max_reserved_workers: many } }
transfers: { Chat: { default_filter: { queue: Sales } } }
outputs: [{ file: .env, values: { SID: \"${workflow['Chat'].sid}\" } }]
",
        &[("wrong-type", "many"), ("missing-key", "Chat")],
    );
}

#[test]
fn what_was_refused_is_not_called_missing() {
    expect(
        "workflows: { Inbound: { filters: [{ expression: 1==1, targets: [{ queue: 5 }] }] } }\n",
        &[("wrong-type", "5")],
    );
}

#[test]
fn a_built_in_channel_needs_no_declaration() {
    expect(
        "worker_capacities: [{ name: a, workers: 1==1, channels: { voice: 1, email: 2, fax: 1 } }]\n",
        &[("unknown-channel", "fax")],
    );
}

#[test]
fn ten_channels_are_one_too_many_beside_the_built_in_ones() {
    let channels = |count: usize| -> String {
        let names = (1..=count).map(|index| format!("c{index}: {{}}"));
        format!("task_channels: {{ voice: {{}}, {} }}\n", names.collect::<Vec<_>>().join(", "))
    };
    expect(&channels(9), &[]);
    expect(&channels(10), &[("too-many", "c10")]);
    expect(&channels(15), &[("too-many", "c15")]);
}

#[test]
fn a_caret_stands_under_the_fault_in_quotes_in_blocks_and_in_named_expressions() {
    expect(
        "expressions:
  late: hour > 17 AND (day = 'Fri'
queues:
  A: { target_workers: \"a == \\\"x\\\" && b == 1\" }
  B:
    target_workers: >-
      routing.skills HAS 'sales'
      XOR level > 3
  C: { target_workers: \"a == 1 AND ${expr.late}\" }
  D: { target_workers: \"a == 2 AND ${expr.late}\" }
",
        &[
            ("expression-syntax", "("),
            ("expression-syntax", "&&"),
            ("expression-syntax", "XOR"),
            ("expression-syntax", "level"),
        ],
    );
}

#[test]
fn an_empty_text_is_an_expression_for_a_queue_only() {
    expect(
        "queues: { Nobody: { target_workers: '' } }
workflows: { W: { filters: [{ expression: ' ', targets: [{ queue: Nobody }] }] } }
",
        &[("expression-syntax", " ")],
    );
}

#[test]
fn a_name_is_quoted_as_the_template_quotes_it() {
    let spec = |expression: &str| {
        format!(
            "queues: {{ \"Kid's\": {{}}, Plain: {{}} }}
workflows:
  W:
    filters:
      - for_each_queue:
          filters:
            - name: one - ${{queue.name}}
              expression: {expression}
              targets: [{{ queue: \"${{queue.name}}\" }}]
"
        )
    };
    expect(
        &spec("x == '${queue.name}' OR y == '${queue.name}'"),
        &[("unquotable-name", "\"Kid's\"")],
    );
    expect(&spec("x == \"${queue.name}\""), &[]);
    expect(&spec("x == '${queue.sid}'"), &[]);
    expect(&spec("queues.${queue.name} == 1"), &[("unquotable-name", "\"Kid's\"")]);
}

#[test]
fn the_queue_of_a_for_each_is_known_inside_it_only() {
    expect(
        "queues: { Sales: { target_workers: \"team == '${queue.name}'\" } }
workflows:
  W:
    filters:
      - { name: '${queue.name}', expression: 1==1, targets: [{ queue: Sales }] }
      - for_each_queue:
          queues: { overrides: { Sales: { targets: [{ queue: '${queue.name}' }] } } }
          filters:
            - { name: '${queue.sid}', expression: 1==1, targets: [{ queue: '${queue.name}' }] }
    default_filter: { queue: \"${queue['Sales'].sid}\" }
",
        &[
            ("misplaced-reference", "${queue.name}"),
            ("misplaced-reference", "${queue.name}"),
            ("misplaced-reference", "${queue.name}"),
            ("misplaced-reference", "${queue.sid}"),
            ("duplicate-filter-expression", "1==1"),
            ("misplaced-reference", "${queue['Sales'].sid}"),
        ],
    );
}

#[test]
fn the_queue_of_a_known_worker_holds_every_worker() {
    let spec = |workers: &str| {
        format!(
            "queues: {{ All: {{ {workers} }} }}
workflows:
  W:
    filters:
      - expression: 1==1
        targets: [{{ queue: All, timeout: 5 }}, {{ known_worker_sid: task.agent }}]
"
        )
    };
    for every in ["target_workers: 1 == 1", "target_workers: null", "target_workers: 1==1 OR a==2"]
    {
        expect(&spec(every), &[]);
    }
    for some in ["target_workers: a == 1", "target_workers: ''", "max_reserved_workers: 2"] {
        expect(&spec(some), &[("known-worker-queue", "known_worker_sid")]);
    }
}

#[test]
fn a_known_worker_is_an_attribute_of_the_task() {
    let spec = |path: &str| {
        format!(
            "queues: {{ All: {{ target_workers: 1==1 }} }}
workflows: {{ W: {{ default_filter: {{ queue: All, known_worker_sid: {path} }} }} }}\n"
        )
    };
    expect(&spec("task.a.b"), &[]);
    expect(&spec("task"), &[("known-worker-path", "task")]);
    expect(&spec("agent"), &[("known-worker-path", "agent")]);
    expect(&spec("worker.sid"), &[("known-worker-path", "worker.sid")]);
    expect(&spec("task.a OR"), &[("known-worker-path", "OR")]);
}

#[test]
fn names_that_cannot_be_told_apart_are_refused() {
    expect(
        "workers: { alice: {}, bob: {}, Alice: {} }
conversations:
  roles:
    - { type: service, friendly_name: admin, permissions: [joinConversation] }
    - { type: conversation, friendly_name: admin, permissions: [joinConversation] }
    - { type: service, friendly_name: admin, permissions: { include: [createConversation] } }
outputs:
  - { file: .env, values: { A: x } }
  - { file: .env, values: { B: x } }
",
        &[("duplicate-worker", "Alice"), ("duplicate-role", "admin"), ("duplicate-output", ".env")],
    );
}

#[test]
fn a_workflow_is_an_entry_of_one_section() {
    expect(
        "workflows: { Chat: {} }\ntransfers: { Chat: { dialect: conversation } }\n",
        &[("duplicate-workflow", "Chat")],
    );
}

#[test]
fn a_rename_leads_from_a_name_that_is_free_to_one_object() {
    expect(
        "queues:
  A: { renamed_from: A }
  B: { renamed_from: C }
  C: {}
  D: { renamed_from: Old }
  E: { renamed_from: Old }
activities:
  F: { renamed_from: C }
",
        &[("rename-clash", "A"), ("rename-clash", "C"), ("rename-clash", "Old")],
    );
}

#[test]
fn one_live_object_is_pinned_once() {
    let sid = format!("WQ{}", "0".repeat(32));
    expect(
        &format!("queues: {{ A: {{ sid: {sid} }}, B: {{ sid: {sid} }} }}\n"),
        &[("duplicate-sid", &sid)],
    );
}

#[test]
fn a_second_filter_of_one_name_or_one_expression_is_noticed() {
    expect(
        "queues: { A: { target_workers: 1==1 }, B: { target_workers: 1==1 } }
workflows:
  W:
    filters:
      - { name: one, expression: x = 1, targets: [{ queue: A }] }
      - { name: one, expression: x  ==  1, targets: [{ queue: A }] }
      - for_each_queue:
          filters:
            - { name: two, expression: \"y == '${queue.name}'\", targets: [{ queue: A }] }
",
        &[
            ("duplicate-filter-name", "one"),
            ("duplicate-filter-expression", "x  ==  1"),
            ("duplicate-filter-name", "two"),
        ],
    );
}

#[test]
fn an_override_is_for_a_queue_that_a_filter_is_made_for() {
    expect(
        "queues: { All: { target_workers: 1==1 }, A: {}, B: {}, C: {} }
transfers:
  Chat:
    dialect: conversation
    queues:
      include: [A, B]
      exclude: [B]
      overrides: { A: { to: All }, B: { to: All }, C: { to: All } }
  Voice:
    dialect: conversation
    queues: { exclude: [B], overrides: { A: { to: B } } }
",
        &[("excluded-queue", "B"), ("excluded-queue", "C"), ("to-excluded-queue", "B")],
    );
}

#[test]
fn a_unique_name_is_one_that_expressions_can_hold() {
    expect(
        "task_channels: { a_b$1: {}, pulled-chat: {}, 2nd: {}, pulled chat: {} }\n",
        &[
            ("channel-name-hyphen", "pulled-chat"),
            ("channel-name", "2nd"),
            ("channel-name", "pulled chat"),
        ],
    );
}

#[test]
fn attributes_of_a_worker_are_at_most_4096_characters_of_json() {
    let spec = |count: usize| {
        format!("workers: {{ alice: {{ attributes: {{ a: {} }} }} }}\n", "ü".repeat(count))
    };
    expect(&spec(4096 - r#"{"a":""}"#.len()), &[]);
    expect(&spec(4097 - r#"{"a":""}"#.len()), &[("attributes-too-long", "attributes")]);
}

#[test]
fn a_workflow_is_not_larger_than_taskrouter_takes() {
    let queues = |count: usize| -> String {
        let queues = (0..count).map(|index| format!("  Queue number {index}: {{}}\n"));
        format!(
            "queues:\n{}transfers: {{ Chat: {{ dialect: conversation }} }}\n",
            queues.collect::<String>()
        )
    };
    expect(&queues(3000), &[]);
    expect(&queues(5000), &[("configuration-too-large", "Chat")]);
}

#[test]
fn a_test_names_what_is_there_and_what_can_be() {
    expect(
        "activities: { On: {} }
queues: { A: { target_workers: 1==1 } }
workers: { alice: {} }
workflows:
  W:
    filters:
      - { name: one, expression: x == 1, targets: [{ queue: A }] }
      - for_each_queue:
          filters: [{ name: 'for ${queue.name}', expression: x == 2, targets: [{ queue: A }] }]
tests:
  - { name: a, workflow: W, task: {}, expect: { filter: for A, queue: A, worker: alice } }
  - { name: a, workflow: V, task: {}, task_channel: fax, expect: { filter: any } }
  - { name: b, workflow: W, task: {}, expect: { filter: onee, workers: [bob] } }
  - { name: c, workflow: W, task: {}, workers: { carl: { activity: Off } }, expect: { worker: alice } }
  - { name: d, workflow: W, task: {}, expect: { outcome: unrouted, queue: A } }
",
        &[
            ("duplicate-test", "a"),
            ("unknown-workflow", "V"),
            ("unknown-channel", "fax"),
            ("unknown-filter", "onee"),
            ("unknown-worker", "bob"),
            ("unknown-activity", "Off"),
            ("unknown-worker", "alice"),
            ("impossible-test", "queue"),
        ],
    );
}

#[test]
fn without_one_of_its_files_a_spec_is_not_blamed_for_what_is_missing() {
    expect(
        "include: [queues.yaml]\nworkflows: { W: { default_filter: { queue: A } } }\n",
        &[("include-not-found", "queues.yaml")],
    );
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
        let analysis = analyze(&Text(text), "flex.yaml", &settings());
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

#[test]
fn warnings_leave_the_meaning_alone() {
    let analysis = of_text("task_channels: { pulled-chat: {} }\n");
    assert_eq!(analysis.diagnostics[0].severity, Severity::Warning);
    assert!(analysis.model().unwrap().task_channels.contains_key("pulled-chat"));
}

#[test]
fn a_section_with_a_typo_in_its_name_is_one_mistake() {
    expect(
        "qeues: { Sales: {}, Support: {} }
workflows: { Inbound: { default_filter: { queue: Sales } } }
transfers: { Chat: { dialect: conversation, default_filter: { queue: Support } } }
",
        &[("unknown-key", "qeues")],
    );
}

#[test]
fn a_capacity_that_was_refused_is_not_called_missing() {
    expect(
        "worker_capacities:
  - { name: all, workers: 1==1, channels: { sms: { capacity: 60, mode: initial } } }
",
        &[("out-of-range", "60")],
    );
}

#[test]
fn a_name_that_is_made_for_one_queue_only_says_which() {
    let analysis = of_text(
        "queues: { A: {}, A 2: {}, B: {} }
workflows:
  W:
    filters:
      - for_each_queue:
          queues: { exclude: ['* 2'] }
          filters:
            - { expression: \"x == '${queue.name}'\", targets: [{ queue: '${queue.name} 2' }] }
",
    );
    let messages: Vec<&str> = analysis.diagnostics.iter().map(|d| d.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "unknown queue `B 2` in target 1 of filter 1 of the for_each_queue of workflow.W, for queue.B"
        ]
    );
}
