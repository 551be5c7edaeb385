//! `flexctl graph`: the routing as a picture.

use crate::support::desk::{Desk, code, err, out};
use crate::support::served::HANG;
use crate::support::{spec, xml};

const SPEC: &str = r#"
version: 1
workspace: { friendly_name: Flex Task Assignment }
activities: { Available: { available: true } }
queues:
  Everyone: { target_workers: 1==1 }
  Sales: { target_workers: routing.skills HAS 'sales' }
  Support: { target_workers: routing.skills HAS 'support' }
  Attic: { target_workers: floor > 3 }
workers:
  anna: { activity: Available, attributes: { routing: { skills: [sales] } } }
  ben: { activity: Available, attributes: { routing: { skills: [sales, support] } } }
workflows:
  Inbound:
    filters:
      - name: Sales first
        expression: topic == "sales" AND vip == true
        targets:
          - { queue: Sales, timeout: 120, priority: 10, skip_if: workers.available == 0 }
          - { queue: Everyone, expression: worker.level > 3 }
    default_filter: { queue: Support }
transfers:
  Chat Transfer:
    dialect: conversation
    worker: { queue: Everyone }
    queues: { exclude: [Attic] }
    default_filter: { queue: Everyone }
"#;

/// Names that mean something to every language that a picture is written in; the real Mermaid gets
/// the same (`tests/pictures`).
const HOSTILE: &str = include_str!("../pictures/hostile.yaml");

fn graph(spec: &str, args: &[&str]) -> String {
    let output = Desk::new(spec).run(&[&["graph"], args].concat());
    assert_eq!(code(&output), 0, "{}", err(&output));
    out(&output)
}

#[test]
fn a_picture_in_mermaid_has_every_way_to_every_queue() {
    insta::assert_snapshot!(graph(SPEC, &[]));
}

#[test]
fn a_picture_in_dot_says_the_same() {
    insta::assert_snapshot!(graph(SPEC, &["--format", "dot", "--workflow", "Inbound"]));
}

#[test]
fn every_form_holds_names_that_mean_something_to_it() {
    let spec = HOSTILE;
    assert_eq!(dot_fault(&graph(spec, &["--format", "dot"])), None);
    let svg = graph(spec, &["--format", "svg"]);
    assert_eq!(xml::fault(&svg), None);
    let html = graph(spec, &["--format", "html"]);
    assert_eq!(html.matches("<script>").count(), 1);
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    for line in graph(spec, &[]).lines() {
        assert!(line.matches('"').count() % 2 == 0, "{line}");
        assert!(!line.contains("%%") && !line.contains('<') || line.contains("<br/>"), "{line}");
    }
}

#[test]
fn filters_of_a_rule_are_one_box_unless_each_is_asked_for() {
    let spec = std::fs::read_to_string(spec::root().join("flex.yaml")).expect("it is checked in");
    let args = ["--workflow", "Chat Transfer"];
    let folded = graph(&spec, &args);
    assert!(
        folded.contains("Transfer to queue - …<br/>12 filters, transferQueueName == '…'"),
        "{folded}"
    );
    let expanded = graph(&spec, &[&args[..], &["--expanded"]].concat());
    assert!(expanded.contains("Transfer to queue - Sales<br/>"), "{expanded}");
    assert!(!expanded.contains("12 filters"), "{expanded}");
    // Both lead to the same queues.
    let queues = |text: &str| text.lines().filter(|line| line.contains("[(")).count();
    assert_eq!(queues(&folded), queues(&expanded));
}

#[test]
fn the_page_and_the_svg_need_nothing_from_outside() {
    let spec = std::fs::read_to_string(spec::root().join("flex.yaml")).expect("it is checked in");
    for format in ["svg", "html"] {
        let text = graph(&spec, &["--format", format]);
        for word in ["src=", "href=", "url(", "@import", "https://"] {
            assert!(!text.contains(word), "{format} holds {word}");
        }
        assert_eq!(text.matches("http://").count(), 1, "the namespace alone");
        let (from, to) = (text.find("<svg").expect("a picture"), text.find("</svg>"));
        let svg = &text[from..to.expect("its end") + "</svg>".len()];
        assert_eq!(xml::fault(svg), None);
        assert!(svg.contains("prefers-color-scheme: dark"));
    }
}

#[test]
fn what_nothing_reaches_is_marked() {
    let text = graph(SPEC, &[]);
    assert!(text.contains("queue_attic[(\"Attic\")]:::mark"), "{text}");
    let svg = graph(SPEC, &["--format", "svg"]);
    assert!(svg.contains("no filter leads here"), "{svg}");
}

#[test]
fn a_covered_filter_is_marked_with_what_covers_it() {
    let path = spec::root().join("tests/specs/mistakes/a-covered-filter.yaml");
    let spec = std::fs::read_to_string(path).expect("it is checked in");
    let svg = graph(&spec, &["--format", "svg"]);
    assert!(svg.contains("never reached: filter 1 and filter 2 take its tasks"), "{svg}");
    assert!(svg.contains("Night\nno task comes here"), "{svg}");
}

#[test]
fn a_file_is_written_in_the_form_of_its_ending() {
    let desk = Desk::new(SPEC);
    for (file, start) in
        [("g.svg", "<svg "), ("g.html", "<!doctype"), ("g.dot", "digraph"), ("g.txt", "flowchart")]
    {
        let output = desk.run(&["graph", "--out", file]);
        assert_eq!(code(&output), 0, "{}", err(&output));
        assert_eq!(out(&output), "");
        assert!(desk.read(file).starts_with(start), "{file}");
    }
    let output = desk.run(&["graph", "--format", "dot", "--out", "g.svg"]);
    assert_eq!(code(&output), 0);
    assert!(desk.read("g.svg").starts_with("digraph"));
}

#[test]
fn an_unknown_workflow_is_wrong_usage_and_the_nearest_is_named() {
    let desk = Desk::new(SPEC);
    let output = desk.run(&["graph", "--workflow", "Inbuond"]);
    assert_eq!(code(&output), 64);
    assert!(err(&output).contains("did you mean `Inbound`?"), "{}", err(&output));
    assert_eq!(code(&desk.run(&["graph", "--format", "png"])), 64);
    desk.write("flex.yaml", &SPEC.replace("queue: Support", "queue: Suport"));
    assert_eq!(code(&desk.run(&["graph"])), 3);
}

#[test]
fn a_picture_of_a_large_center_takes_no_time() {
    let mut spec = SPEC.to_owned();
    let queues: String =
        (0..2000).map(|n| format!("  Q{n}: {{ target_workers: skill == '{n}' }}\n")).collect();
    spec = spec.replace("queues:\n  Everyone", &format!("queues:\n{queues}  Everyone"));
    let begun = std::time::Instant::now();
    let svg = graph(&spec, &["--format", "svg", "--expanded"]);
    assert!(svg.contains("Transfer to queue - Q1999"));
    assert!(begun.elapsed() < HANG, "{:?}", begun.elapsed());
}

/// What is wrong with a text in the part of Graphviz's language that we write.
fn dot_fault(text: &str) -> Option<String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '"' => {
                let mut escaped = false;
                let end = rest[1..].find(|c| {
                    let ends = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    ends
                });
                match end {
                    Some(end) => end + 2,
                    None => return Some("a string does not end".to_owned()),
                }
            }
            c if c.is_ascii_alphanumeric() || c == '_' => {
                let word = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '.');
                rest.find(word).unwrap_or(rest.len())
            }
            '-' if rest.starts_with("->") => 2,
            c => c.len_utf8(),
        };
        tokens.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    let id = |token: &str| {
        token.starts_with(|c: char| c == '"' || c == '_' || c.is_ascii_alphanumeric())
    };
    let mut depth = 0;
    let mut at = 0;
    if tokens.get(..3) != Some(&["digraph", "routing", "{"][..]) {
        return Some("no digraph".to_owned());
    }
    while let Some(token) = tokens.get(at) {
        let next = |n: usize| tokens.get(at + n).copied().unwrap_or_default();
        match *token {
            "digraph" => (depth, at) = (depth + 1, at + 3),
            "subgraph" if next(1) == "{" => (depth, at) = (depth + 1, at + 2),
            "}" => (depth, at) = (depth - 1, at + 1),
            name if id(name) => {
                at += match (next(1), id(next(2))) {
                    ("->" | "=", true) => 3,
                    _ => 1,
                };
                if tokens.get(at) == Some(&"[") {
                    at += 1;
                    while let [key, "=", value, end, ..] = tokens[at..] {
                        if !id(key) || !id(value) || !matches!(end, "," | "]") {
                            return Some(format!("{key} = {value} {end}"));
                        }
                        at += 4;
                        if end == "]" {
                            break;
                        }
                    }
                }
                if tokens.get(at) != Some(&";") {
                    return Some(format!("no ; behind {name} but {:?}", tokens.get(at)));
                }
                at += 1;
            }
            other => return Some(format!("{other} is not expected")),
        }
    }
    (depth != 0).then(|| "the braces do not close".to_owned())
}

#[test]
fn a_broken_picture_is_seen() {
    assert_eq!(dot_fault("digraph routing { a; a -> b [label=\"x\"]; }"), None);
    for text in ["digraph routing { a", "digraph routing { a -> ; }", "digraph routing { a [x]; }"]
    {
        assert!(dot_fault(text).is_some(), "{text}");
    }
}
