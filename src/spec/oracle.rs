//! The tree against serde_yaml, an independent reader, and against the text it came from.
//!
//! Where the two readers may differ, and the cases are left out: serde_yaml takes `0b11` for a
//! number and `0123` for a string (we warn of it), does not apply `<<` by itself, and reads `.inf`;
//! our parser ends a block scalar with a line break even where the file ends without one, takes
//! `# x` in column 0 below a root `|` for its text, and takes the colon of `&a:` for a part of the
//! anchor, the latter two as YAML 1.2 says; U+0085, U+2028 and U+2029 end lines in YAML 1.1 only.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::compose::{Budget, compose};
use super::tree::{Node, Value};
use crate::diag::Diagnostic;
use crate::text::{FileId, TextRange};

fn read(source: &str) -> (Option<Node>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let node = compose(FileId(0), source, &mut Budget::default(), &mut diagnostics);
    (node, diagnostics)
}

/// Our reading, when nothing is wrong with the text.
fn ours(source: &str) -> Option<Node> {
    let (node, diagnostics) = read(source);
    node.filter(|_| diagnostics.is_empty())
}

/// An empty file is an empty map to us and null to others.
fn theirs(source: &str) -> Option<Json> {
    match serde_yaml::from_str(source) {
        Ok(Json::Null) => Some(json!({})),
        Ok(json) => Some(json),
        Err(_) => None,
    }
}

/// Numbers by value: `1.0` and `1` are one to JSON readers and two to serde_json.
fn normal(json: Json) -> Json {
    match json {
        Json::Number(number) => json!(number.as_f64()),
        Json::Array(items) => items.into_iter().map(normal).collect(),
        Json::Object(map) => map.into_iter().map(|(key, value)| (key, normal(value))).collect(),
        json => json,
    }
}

/// Checks that every place in the tree is where its text is.
fn check_places(source: &str, node: &Node) {
    match &node.value {
        Value::Map(entries) => {
            for (key, entry) in entries {
                let written = &source[entry.key.range.start..entry.key.range.end];
                let read = ours(&format!("{written}: 1"));
                let same = read.is_some_and(|node| node.child(key).is_some());
                // After a `?` a key may be a block, whose header is not in its place.
                assert!(same || source.contains("? "), "key {key:?} is not {written:?}");
                check_places(source, &entry.node);
            }
        }
        Value::List(items) => items.iter().for_each(|item| check_places(source, item)),
        Value::String(text) => {
            assert!(text.runs.first().is_none_or(|run| run.at == 0));
            for (at, c) in text.value.char_indices() {
                let span = text.span(TextRange::new(at, at + c.len_utf8())).expect("a place");
                let written = &source[span.range.start..span.range.end];
                let run = text.runs.iter().rev().find(|run| run.at <= at).expect("a run");
                if run.verbatim {
                    assert_eq!(written, c.to_string());
                } else {
                    // Escapes and folded line breaks; never the whole of a longer text.
                    let escape = written.starts_with(['\\', '\'']) || written.trim().is_empty();
                    assert!(escape, "{c:?} of {:?} is {written:?}", text.value);
                }
            }
        }
        Value::Null | Value::Boolean(_) | Value::Number(_) => {
            let written = &source[node.span.range.start..node.span.range.end];
            let scalar = ours(&format!("[ {written} ]")).and_then(|node| match node.value {
                Value::List(mut items) => items.pop(),
                _ => None,
            });
            // A value that is left out has its key's place.
            let left_out = matches!(node.value, Value::Null);
            assert!(left_out || scalar.is_some_and(|one| one.to_json() == node.to_json()));
        }
    }
}

#[test]
fn keys_and_values_cost_what_the_budget_has() {
    let source = "a: [1, 2, 3]\nb: *a\n".replace("[1", "&a [1");
    let mut spare = Budget::default();
    assert!(compose(FileId(0), &source, &mut spare, &mut Vec::new()).is_some());
    let used = Budget::default().nodes - spare.nodes;
    // A map, two keys, a list of three; the list again as its anchor's copy and its alias's.
    assert_eq!(used, 3 + 4 + 4 + 4);
    for (nodes, copies, code) in
        [(used - 1, 10_000, "yaml-alias"), (5, 10_000, "too-large"), (used, 100, "yaml-alias")]
    {
        let mut diagnostics = Vec::new();
        let mut budget = Budget { nodes, copies };
        assert!(compose(FileId(0), &source, &mut budget, &mut diagnostics).is_none());
        assert_eq!(diagnostics[0].code, code, "{nodes} {copies}");
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-zA-Z][a-zA-Z0-9 ]{0,12}",
        2 => "[ -~]{0,20}",
        1 => "[a-z:#'\"\\\\\n\t {}\\[\\],&*!|>%@`-]{0,16}",
        1 => "\\PC{0,8}".prop_map(|text| text.replace(['\u{85}', '\u{2028}', '\u{2029}'], "")),
        1 => prop::sample::select(vec![
            "no", "yes", "null", "~", "true", "1", "0123", "1e3", ".5", "0x1f", "-", "", " a",
            "a ", "é😀", "a\n\n b\n", "\n", "- a", "a: b", "2026-01-01", "1_000", "=", "<<",
        ])
        .prop_map(str::to_owned),
    ]
}

fn document() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        (-1e9..1e9f64).prop_map(Json::from),
        text().prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            prop::collection::btree_map("[a-z][a-z ]{0,5}[a-z]", inner, 0..5)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
    .prop_map(|value| json!({ "value": value }))
}

/// The same string in every style that can hold it.
fn styles(value: &str) -> Vec<String> {
    let mut styles = vec![
        format!("a: {}\nb: 1\n", json!(value)),
        format!("{{a: '{}', b: 1}}\n", value.replace('\'', "''").replace('\n', "\n\n")),
    ];
    if !value.contains('\r') && value.trim() == value && !value.is_empty() {
        styles.push(format!("a: |-\n  {}\nb: 1\n", value.replace('\n', "\n  ")));
        styles.push(format!("- >\n\n     {}\n- 1\n", value.replace('\n', "\n\n     ")));
        styles.push(format!("a: |+\r\n  {}\r\n\r\nb: 1\r\n", value.replace('\n', "\r\n  ")));
        styles.push(format!("a:\n  \"{}\"\n", value.replace(['\\', '"'], "").replace(' ', "\n  ")));
        if !value.contains(['&', '*']) {
            styles.push(format!("a:\n  {}\n", value.replace(' ', "\n   ")));
        }
    }
    styles
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_others_write_is_read_as_they_mean_it(value in document()) {
        let written = [
            serde_yaml::to_string(&value).unwrap(),
            serde_json::to_string_pretty(&value).unwrap(),
        ];
        for source in written {
            let node = ours(&source);
            prop_assert!(node.is_some(), "refused: {}\n{:?}", source, read(&source).1);
            let node = node.unwrap();
            prop_assert_eq!(normal(node.to_json()), normal(value.clone()), "{}", source);
            check_places(&source, &node);
        }
    }

    #[test]
    fn a_string_in_any_style_is_read_as_others_read_it_and_every_byte_has_its_place(value in text()) {
        for source in styles(&value) {
            if let (Some(node), Some(theirs)) = (ours(&source), theirs(&source)) {
                prop_assert_eq!(normal(node.to_json()), normal(theirs), "{:?}", source);
                check_places(&source, &node);
            }
        }
    }

    #[test]
    fn any_pieces_of_yaml_are_read_as_others_read_them(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "a", "b: ", "c:\n", "- ", "\n", "\n  ", "\n    ", " ", "'", "\"", "|\n", ">-\n", "{", "}",
            "[", "]", ", ", "1", "2.5", "~", "# x", "&x ", "*x", "!!str ", "\\n", "é", "? ", ": ",
        ]), 0..14),
    ) {
        let source = pieces.concat() + "\n";
        let (_, diagnostics) = read(&source);
        for label in diagnostics.iter().flat_map(|one| &one.labels) {
            prop_assert!(source.get(label.span.range.start..label.span.range.end).is_some());
        }
        let root_block = source.contains('#') && source.contains(['|', '>']);
        if let (Some(node), Some(theirs), false) = (ours(&source), theirs(&source), root_block) {
            prop_assert_eq!(normal(node.to_json()), normal(theirs), "{:?}", source);
            check_places(&source, &node);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(source in "\\PC{0,60}|[\\s\\S]{0,60}") {
        let (_, diagnostics) = read(&source);
        for label in diagnostics.iter().flat_map(|one| &one.labels) {
            prop_assert!(source.get(label.span.range.start..label.span.range.end).is_some());
        }
    }
}
