//! What lints find in expressions, each shown on a small spec: the code, and the text at its place.

use crate::support::spec::{expect_lints, expressions_linted, of_text, report};

/// A spec with one filter of this expression, whose target has that one.
fn filter(expression: &str, target: &str) -> String {
    format!(
        "queues: {{ Everyone: {{ target_workers: 1==1 }} }}
workflows:
  Inbound:
    filters:
      - name: Only
        expression: {expression}
        targets: [{{ queue: Everyone, expression: {target} }}]
"
    )
}

#[test]
fn an_attribute_is_held_against_what_its_place_sees() {
    for (expression, target, wanted) in [
        ("worker.level > 3", "1==1", ("worker-attribute-in-filter", "worker.level")),
        ("task.topic == 'a'", "1==1", ("attribute-prefix", "task")),
        ("topic == 'a'", "level > 3", ("attribute-prefix", "level")),
        ("topic == 'a'", "wworker.contact_uri != task.x", ("attribute-prefix", "wworker")),
        ("topic == 'a'", "task.attributes.x == 1", ("attributes-key", "task.attributes.x")),
        ("topic == 'a'", "worker.friendlyName == 'x'", ("worker-field", "worker.friendlyName")),
        (
            "topic == 'a'",
            "worker.channel.chat.capacity > 1",
            ("worker-field", "worker.channel.chat.capacity"),
        ),
    ] {
        expect_lints(&filter(expression, target), &[wanted]);
    }
    for (expression, target) in [
        ("topic == 'a'", "worker.level > task.level"),
        ("worker == 'a'", "worker.sid NOT IN task.others"),
        ("task == null", "worker.channel.chat.assigned_tasks <= 1"),
        ("workers == 1", "\"worker.attributes == null AND worker.activity_name IN ['a', 'b']\""),
    ] {
        expect_lints(&filter(expression, target), &[]);
    }
}

#[test]
fn a_queue_and_a_capacity_rule_see_workers_alone() {
    expect_lints(
        "queues:
  A: { target_workers: task.language IN languages }
  B: { target_workers: worker.attributes.skills HAS 'b' }
  C: { target_workers: taskrouter.currentHour > 8 }
  D: { target_workers: worker.skills HAS 'd' AND team == 'd' }
worker_capacities:
  - { name: one, workers: task.kind == 1, channels: { chat: 1 } }
",
        &[
            ("task-attribute-in-queue", "task.language"),
            ("attributes-key", "worker.attributes.skills"),
            ("taskrouter-variable", "taskrouter.currentHour"),
            ("task-attribute-in-queue", "task.kind"),
        ],
    );
}

#[test]
fn a_skip_condition_sees_counts_of_workers_alone() {
    let spec = |skip_if: &str| {
        format!(
            "queues: {{ Everyone: {{}} }}\nworkflows: {{ W: {{ default_filter: {{ queue: Everyone, \
             skip_if: {skip_if} }} }} }}\n"
        )
    };
    for (skip_if, code, text) in [
        ("worker.available == 0", "attribute-prefix", "worker"),
        ("task.age > 3", "attribute-prefix", "task"),
        ("available == 0", "attribute-prefix", "available"),
        ("workers.avialable == 0", "skip-if-count", "workers.avialable"),
        ("workers.available.chat == 0", "skip-if-count", "workers.available.chat"),
        ("workers.available == '0'", "attribute-type", "workers.available"),
        ("taskrouter.currentHour > 8", "taskrouter-variable", "taskrouter.currentHour"),
    ] {
        expect_lints(&spec(skip_if), &[(code, text)]);
    }
    for skip_if in ["1==1", "workers.available == 0 AND workers.unavailable > 3", "workers.WA0 < 2"]
    {
        expect_lints(&spec(skip_if), &[]);
    }
}

#[test]
fn the_time_has_four_variables_and_the_week_seven_days() {
    for (expression, code, text) in [
        ("taskrouter.currentTme > 800", "taskrouter-variable", "taskrouter.currentTme"),
        ("taskrouter.currentTime.x > 800", "taskrouter-variable", "taskrouter.currentTime.x"),
        ("taskrouter.dayOfWeek == 'THU'", "day-of-week", "'THU'"),
        ("taskrouter.dayOfWeek IN ['Mon', 'Tuesday']", "day-of-week", "'Tuesday'"),
        ("taskrouter.currentTime > '0800'", "attribute-type", "taskrouter.currentTime"),
        ("taskrouter.dayOfWeek == 5", "attribute-type", "taskrouter.dayOfWeek"),
    ] {
        expect_lints(&filter(expression, "1==1"), &[(code, text)]);
    }
    let good = "taskrouter.currentHour >= '08' AND taskrouter.currentMin < 30 AND \
                taskrouter.currentTime > 0800 AND taskrouter.dayOfWeek NOT IN ['Sat', 'Sun']";
    expect_lints(&filter(good, "taskrouter.dayOfWeek == 'Fri'"), &[]);
}

#[test]
fn an_operator_is_told_what_it_can_do_nothing_with() {
    for (expression, code, text) in [
        ("\"a == ['x', 'y']\"", "wrong-operand", "['x', 'y']"),
        ("\"['x'] != a\"", "wrong-operand", "['x']"),
        ("a < true", "wrong-operand", "true"),
        ("a > null", "wrong-operand", "null"),
        ("\"a >= [1]\"", "wrong-operand", "[1]"),
        ("a CONTAINS 555", "wrong-operand", "555"),
        ("\"a CONTAINS ['x']\"", "wrong-operand", "['x']"),
        ("5 HAS a", "wrong-operand", "5"),
        ("\"a HAS ['x']\"", "wrong-operand", "['x']"),
        ("a IN 'x'", "wrong-operand", "'x'"),
        ("a NOT IN 5", "wrong-operand", "5"),
        ("\"['x'] IN a\"", "wrong-operand", "['x']"),
        ("\"'language' == 'es'\"", "quoted-key", "'language'"),
        ("\"'a.b' != 5\"", "quoted-key", "'a.b'"),
        ("\"'skills' HAS 'x'\"", "quoted-key", "'skills'"),
        ("\"'x' IN 'skills'\"", "quoted-key", "'skills'"),
        ("a IN []", "empty-list", "[]"),
        ("a NOT IN []", "empty-list", "[]"),
        ("\"[] HAS a\"", "empty-list", "[]"),
    ] {
        let found = filter(expression, "1==1");
        let analysis = expressions_linted(&found);
        let first = analysis.diagnostics.first();
        let first = first.unwrap_or_else(|| panic!("nothing is said of {expression}"));
        let place = analysis.sources.slice(first.labels[0].span);
        assert_eq!((first.code, place), (code, text), "{expression}");
    }
    for expression in [
        "1==1",
        "1=0",
        "\"'a' == 'a'\"",
        "\"'es' == language\"",
        "\"'x' IN skills\"",
        "a != null",
        "\"a IN ['x', b.c]\"",
        "\"['x', 'y'] HAS a\"",
        "a CONTAINS '555'",
        "a > '10'",
        "a == b",
    ] {
        let text = filter(expression, "1==1");
        expect_lints(&text, &[]);
    }
}

#[test]
fn and_and_or_side_by_side_are_told_once_with_the_parentheses_to_write() {
    let text = filter("a == 1 AND b == 2 OR c == 3 AND d == 4", "1==1");
    expect_lints(&text, &[("mixed-and-or", "a == 1 AND b == 2")]);
    let analysis = expressions_linted(&text);
    let help = analysis.diagnostics[0].help.as_deref().unwrap_or_default();
    assert!(help.ends_with("write `(a == 1 AND b == 2) OR (c == 3 AND d == 4)`"), "{help}");
    expect_lints(&filter("(a == 1 AND b == 2) OR c == 3", "1==1"), &[]);
    expect_lints(&filter("a == 1 AND (b == 2 OR c == 3)", "1==1"), &[]);
}

#[test]
fn an_attribute_is_one_thing_in_the_whole_spec() {
    expect_lints(
        "queues:
  A: { target_workers: age < 30 }
  B: { target_workers: age >= 30 AND team == '30+' }
  C: { target_workers: age == '30+' AND remote == true }
  D: { target_workers: remote == true AND skills HAS 'd' }
  E: { target_workers: \"remote == 'true' AND skills == 'e'\" }
  F: { target_workers: \"skills HAS 'f' AND age != null AND remote != other\" }
",
        &[
            ("attribute-of-two-kinds", "age"),
            ("boolean-as-string", "remote"),
            ("attribute-of-two-kinds", "skills"),
        ],
    );
    // The same name on the other side is another attribute.
    expect_lints(
        "queues: { A: { target_workers: level > 3 } }
workflows:
  W:
    filters:
      - { expression: level == 'gold' AND test == 'true' AND vip == true, targets: [{ queue: A }] }
",
        &[],
    );
}

#[test]
fn a_slip_beside_a_common_attribute_is_told_and_a_rare_one_is_not() {
    let queues = |names: &[&str]| -> String {
        let lines = names.iter().enumerate();
        let lines = lines.map(|(i, name)| format!("  Q{i}: {{ target_workers: {name} == 'x' }}\n"));
        format!("queues:\n{}", lines.collect::<String>())
    };
    let text = queues(&["contact_uri", "contact_uri", "contact_uri", "conatct_uri"]);
    expect_lints(&text, &[("similar-attribute", "conatct_uri")]);
    expect_lints(&queues(&["contact_uri", "contact_uri", "conatct_uri"]), &[]);
    expect_lints(&queues(&["skill1", "skill1", "skill1", "skill2", "skills1", "skill11"]), &[]);
    let declared = "attributes: { worker: { contact_uri: string, conatct_uri: string } }\n";
    expect_lints(&format!("{declared}{text}"), &[]);
}

#[test]
fn declared_attributes_are_the_only_ones_and_have_their_types() {
    expect_lints(
        "attributes:
  task: { topic: string, customer.id: number, others: list, open: object, vip: boolean }
  worker: { skills: list, level: number, contact_uri: string }
queues:
  A: { target_workers: skils HAS 'a' }
  B: { target_workers: topic == 'b' }
  C: { target_workers: level == '3' OR level > 3 }
  D: { target_workers: \"skills.first == 'd' OR skills[0] == 'd'\" }
  E: { target_workers: \"sid != 'x' AND friendly_name != 'y'\" }
  Everyone: { target_workers: 1==1 }
workflows:
  W:
    filters:
      - expression: level > 3 AND topic == 'w' AND customer.id == 1 AND customer.name == 'w'
        targets:
          - queue: Everyone
            expression: worker.contact_uri != task.contact AND worker.sid NOT IN task.others
            order_by: worker.skills DESC, worker.level DESC
            known_worker_sid: task.agentSid
      - { expression: open.any.thing == 1 AND customer != null AND vip == 'true', targets: [{ queue: A }] }
      - { expression: topic != null AND customer == 'x', targets: [{ queue: B }] }
transfers:
  T: { dialect: queue_sid, worker: { queue: Everyone }, default_filter: { queue: Everyone } }
",
        &[
            ("undeclared-attribute", "skils"),
            ("task-attribute-in-queue", "topic"),
            ("attribute-type", "level"),
            ("attribute-type", "skills.first"),
            ("worker-attribute-in-filter", "level"),
            ("undeclared-attribute", "customer.name"),
            ("undeclared-attribute", "task.contact"),
            ("attribute-type", "worker.skills DESC"),
            ("undeclared-attribute", "task.agentSid"),
            ("attribute-type", "vip"),
            ("attribute-type", "customer"),
        ],
    );
}

#[test]
fn what_is_made_for_many_queues_is_told_once() {
    let text = "queues: { A: { target_workers: 1==1 }, B: {}, C: {} }
expressions: { mine: level > 3 }
workflows:
  W:
    filters:
      - for_each_queue:
          filters:
            - name: Call ${queue.name}
              expression: callTo == '${queue.name}' AND worker.x == 1
              targets: [{ queue: '${queue.name}', expression: '${expr.mine}' }]
    default_filter: { queue: A, expression: '${expr.mine}' }
";
    expect_lints(
        text,
        &[("attribute-prefix", "level"), ("worker-attribute-in-filter", "worker.x")],
    );
    let analysis = expressions_linted(text);
    insta::assert_snapshot!(report(&analysis));
}

#[test]
fn a_finding_in_a_generated_filter_points_at_what_is_written() {
    // Each `level` is found where it is written: in the template, the override, the transfer.
    expect_lints(
        "variables: { floor: 3 }
queues: { A: { target_workers: 1==1 }, B: {}, C: {} }
workflows:
  W:
    filters:
      - { expression: x == 1, targets: [{ queue: A }] }
      - for_each_queue:
          queues:
            overrides:
              A: { targets: [{ expression: one > 1 }, { queue: B, expression: two > 2 }] }
          filters:
            - expression: callTo == '${queue.name}' AND task.three == ${var.floor}
              targets:
                - { queue: '${queue.name}', expression: \"four == '${queue.name}'\", timeout: 5 }
                - { queue: B, skip_if: \"five == '${queue.sid}'\" }
transfers:
  T:
    dialect: conversation
    worker: { queue: A, expression: six == 6 }
    target: { expression: seven == 7 }
    queues:
      overrides:
        B: { targets: [{ expression: \"eight == '\\x41'\" }] }
        C: { targets: [{ timeout: 5 }, { queue: A, expression: nine == 9 }] }
    filters:
      - { expression: task.ten == 10, targets: [{ queue: C, expression: eleven == 11 }] }
    default_filter: { queue: A, expression: twelve == 12 }
worker_capacities:
  - { name: all, workers: task.thirteen == 13, channels: { chat: 1 } }
",
        &[
            ("attribute-prefix", "one"),
            ("attribute-prefix", "two"),
            ("attribute-prefix", "task"),
            ("attribute-prefix", "four"),
            ("attribute-prefix", "five"),
            ("attribute-prefix", "six"),
            ("attribute-prefix", "seven"),
            ("attribute-prefix", "eight"),
            ("attribute-prefix", "nine"),
            ("attribute-prefix", "task"),
            ("attribute-prefix", "eleven"),
            ("attribute-prefix", "twelve"),
            ("task-attribute-in-queue", "task.thirteen"),
        ],
    );
}

#[test]
fn what_a_dialect_makes_needs_no_declaration_and_what_a_spec_writes_does() {
    expect_lints(
        "attributes:
  task: { topic: string, transferTargetType: number }
  worker: { skills: list }
queues: { A: { target_workers: 1==1 }, B: { target_workers: skills HAS 'b' } }
transfers:
  T: { dialect: conversation, worker: { queue: A }, default_filter: { queue: A } }
  U:
    dialect: programmable_chat
    target: { expression: worker.contact_uri != task.topic }
    default_filter: { queue: A }
",
        &[("attribute-type", "conversation"), ("undeclared-attribute", "worker.contact_uri")],
    );
}

/// Expressions that may mean anything: operands and operators in any order that reads.
fn anything() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let operand = proptest::sample::select(vec![
        "a",
        "task.a",
        "worker.a",
        "workers.available",
        "taskrouter.dayOfWeek",
        "b.c[0]",
        "'a'",
        "\"b\"",
        "'${queue.name}'",
        "1",
        "true",
        "null",
        "[]",
        "['a', 1]",
        "[a, 'b']",
        "worker.sid",
        "worker.channel.chat.x",
        "task.attributes.a",
        "taskrouter.x",
        "${expr.part}",
    ]);
    let operator =
        proptest::sample::select(vec!["==", "!=", "<", ">=", "CONTAINS", "HAS", "IN", "NOT IN"]);
    let comparison =
        (operand.clone(), operator, operand).prop_map(|(a, op, b)| format!("{a} {op} {b}"));
    let joined = proptest::collection::vec((comparison, any::<bool>(), any::<bool>()), 1..4);
    joined.prop_map(|parts| {
        let mut text = String::new();
        for (comparison, and, grouped) in parts {
            if !text.is_empty() {
                text.push_str(if and { " AND " } else { " OR " });
            }
            text.push_str(&if grouped { format!("({comparison})") } else { comparison });
        }
        text
    })
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(150))]

    #[test]
    fn whatever_an_expression_says_lints_point_into_it(
        filter in anything(), target in anything(), skip_if in anything(), queue in anything(),
    ) {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let text = format!(
            "attributes: {{ task: {{ a: number, b.c: list }} }}
expressions: {{ part: a }}
queues:
  A: {{ target_workers: {} }}
  B: {{}}
workflows:
  W:
    filters:
      - for_each_queue:
          filters:
            - expression: {}
              targets: [{{ queue: A, expression: {}, skip_if: {} }}]
",
            quoted(&queue.replace("${queue.name}", "x")), quoted(&filter), quoted(&target), quoted(&skip_if)
        );
        let analysis = crate::support::spec::linted(of_text(&text));
        for diagnostic in &analysis.diagnostics {
            for label in &diagnostic.labels {
                let slice = analysis.sources.slice(label.span);
                proptest::prop_assert!(!slice.is_empty() && !slice.contains('\n'), "{}", report(&analysis));
            }
            proptest::prop_assert!(diagnostic.help.is_some(), "{}", diagnostic.code);
        }
    }
}
