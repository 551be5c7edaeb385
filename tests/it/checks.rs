//! What the checks find, each shown on a small spec: the code, and the text at its place.

use flexctl::diag::Severity;

use crate::support::spec::{expect, of_text};

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
fn a_unique_name_is_one_that_taskrouter_takes() {
    expect(
        "task_channels: { a_b$1: {}, pulled-chat: {}, 2nd: {}, pulled chat: {} }\n",
        &[
            ("channel-name-hyphen", "pulled-chat"),
            ("channel-name", "2nd"),
            ("channel-name", "pulled chat"),
        ],
    );
    // The hyphen is a warning only: such channels work.
    let analysis = of_text("task_channels: { pulled-chat: {} }\n");
    assert!(analysis.model().expect("no errors").task_channels.contains_key("pulled-chat"));
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

#[test]
fn warnings_leave_the_meaning_alone() {
    let analysis = of_text("transfers: { T: { dialect: queue_sid, queues: { include: [x*] } } }\n");
    assert_eq!(analysis.diagnostics[0].severity, Severity::Warning);
    assert!(analysis.model().unwrap().workflows.contains_key("T"));
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

#[test]
fn an_old_name_is_told_what_it_is_called_now() {
    let analysis = of_text(
        "queues: { Care: { renamed_from: Support }, Suport: {} }\n\
         workflows: { W: { default_filter: { queue: Support } } }\n",
    );
    let [one] = &analysis.diagnostics[..] else { panic!("{:?}", analysis.diagnostics) };
    assert_eq!(one.help.as_deref(), Some("it is renamed to `Care`; write that"));
}

#[test]
fn a_transfer_without_its_dialect_is_checked_all_the_same() {
    for dialect in ["", "dialect: chat, "] {
        let spec = format!(
            "queues: {{ A: {{}} }}\ntransfers: {{ T: {{ {dialect}worker: {{ queue: B }} }} }}\n"
        );
        let analysis = of_text(&spec);
        assert!(
            analysis.diagnostics.iter().any(|one| one.code == "unknown-queue"),
            "{:?}",
            analysis.diagnostics
        );
        assert_eq!(analysis.diagnostics.len(), 2, "{:?}", analysis.diagnostics);
    }
}

#[test]
fn nothing_is_put_into_keys_and_only_one_line_into_an_output() {
    expect(
        "variables: { x: Sales }\nqueues: { \"${var.x}\": {} }\n",
        &[("misplaced-reference", "\"${var.x}\"")],
    );
    expect("workers: { alice: { attributes: { \"${x}\": 1 } } }\n", &[]);
    expect("outputs: [{ file: .env, values: { A: \"b\\nc\" } }]\n", &[("bad-value", "\"b\\nc\"")]);
}
