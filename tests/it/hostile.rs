//! Files that want to hurt: each ends in a diagnostic at a place, soon.

use std::collections::BTreeMap;
use std::time::Instant;

use proptest::prelude::*;

use flexctl::diag::{Colour, render_text, to_json};
use flexctl::spec::{Settings, analyze};

use crate::support::served::HANG;

/// The codes that a spec of one file gives.
fn codes(bytes: Vec<u8>) -> Vec<&'static str> {
    codes_of(BTreeMap::from([("flex.yaml".to_owned(), bytes)]))
}

fn codes_of(files: BTreeMap<String, Vec<u8>>) -> Vec<&'static str> {
    let start = Instant::now();
    let analysis = analyze(&files, "flex.yaml", &Settings::default());
    let text = render_text(&analysis.diagnostics, &analysis.sources, 80, Colour::Never);
    // A report is for people, whatever the file holds.
    let longest = text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    assert!(longest < 400, "a line of {longest} characters");
    let json = to_json(&analysis.diagnostics, &analysis.sources);
    assert_eq!(json["diagnostics"].as_array().map(Vec::len), Some(analysis.diagnostics.len()));
    assert!(start.elapsed() < HANG, "took {:?}", start.elapsed());
    assert!(analysis.has_errors());
    analysis.diagnostics.iter().map(|one| one.code).collect()
}

fn first(text: &str) -> &'static str {
    codes(text.as_bytes().to_vec())[0]
}

#[test]
fn what_is_not_text_is_refused_where_it_stops_being_text() {
    let with = |bytes: &[u8]| [b"version: 1\nqueues: { a: ".as_slice(), bytes, b" }\n"].concat();
    for (bytes, code) in [
        (with(b"\xff"), "not-utf8"),
        (with(b"\xc3"), "not-utf8"),
        (with(b"\xed\xa0\x80"), "not-utf8"),
        (b"\xff\xfev\0e\0r\0".to_vec(), "not-utf8"),
        (with(b"\0"), "control-character"),
        (with(b"\x1b[31m"), "control-character"),
        (with(b"\x7f"), "control-character"),
        (vec![0; 1 << 20], "control-character"),
        (vec![0xff; 1 << 20], "not-utf8"),
    ] {
        assert_eq!(codes(bytes), [code]);
    }
}

#[test]
fn a_byte_order_mark_is_no_problem_and_moves_no_place() {
    let text = "\u{feff}version: 1\nqueus: {}\n";
    let files = BTreeMap::from([("flex.yaml".to_owned(), text.as_bytes().to_vec())]);
    let analysis = analyze(&files, "flex.yaml", &Settings::default());
    let spans: Vec<_> = analysis.diagnostics.iter().map(|one| one.labels[0].span).collect();
    assert_eq!(spans.len(), 1);
    assert_eq!(analysis.sources.slice(spans[0]), "queus");
}

#[test]
fn broken_yaml_has_a_place() {
    for (text, code) in [
        ("queues:\n\tSales: {}\n", "yaml-syntax"),
        ("a: \"never closed\nb: 1\n", "yaml-syntax"),
        ("a: 'never closed\n", "yaml-syntax"),
        ("a: [1, 2\n", "yaml-syntax"),
        ("a: {b: 1\n", "yaml-syntax"),
        ("a: ]\n", "yaml-syntax"),
        ("a: b: c\n", "yaml-syntax"),
        ("a: \"\\q\"\n", "yaml-syntax"),
        ("a: @b\n", "yaml-syntax"),
        ("%YAML 1.1\n---\na: 1\n", "yaml-directive"),
        ("a: 1\n---\nb: 2\n", "yaml-documents"),
        ("a: !ruby/object:Gem {}\n", "yaml-tag"),
        ("a: !!binary aGk=\n", "yaml-tag"),
        ("a: !!int x\n", "yaml-tag"),
        ("a: *nowhere\n", "yaml-alias"),
        ("a: &a [*a]\n", "yaml-alias"),
        ("[a, b]: 1\n", "yaml-key"),
        ("? {a: b}\n: 1\n", "yaml-key"),
        ("<<: 5\n", "yaml-merge"),
    ] {
        let found = codes(text.as_bytes().to_vec());
        assert!(found.contains(&code), "{text:?}: {found:?}");
    }
}

#[test]
fn depth_is_bounded() {
    for count in [65, 1_000, 1_000_000] {
        assert_eq!(first(&"[".repeat(count)), "too-deep");
        assert_eq!(first(&"{a: ".repeat(count)), "too-deep");
        assert_eq!(first(&"- ".repeat(count)), "too-deep");
    }
    let blocks: String = (0..100).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert_eq!(first(&blocks), "too-deep");
    // Aliases add up too: 40 deep, put 40 deep.
    let nested = |inner: &str| format!("{}{inner}{}", "[".repeat(40), "]".repeat(40));
    assert_eq!(first(&format!("a: &a {}\nb: {}\n", nested("1"), nested("*a"))), "too-deep");
}

#[test]
fn alias_bombs_do_not_go_off() {
    let mut laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..12 {
        let items = vec![format!("*a{}", level - 1); 9].join(", ");
        laughs.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    assert_eq!(first(&laughs), "yaml-alias");
    let mut merges = "a0: &a0 { x: 1 }\n".to_owned();
    for level in 1..30 {
        let before = level - 1;
        merges.push_str(&format!("a{level}: &a{level} {{ y: *a{before}, z: *a{before} }}\n"));
    }
    assert_eq!(first(&merges), "yaml-alias");
    // 160 kB: one large anchor and ten thousand aliases of it.
    let mut wide = format!("a: &a [{}]\nb:\n", "x, ".repeat(30_000));
    wide.push_str(&"  - *a\n".repeat(10_000));
    assert!((150_000..170_000).contains(&wide.len()));
    assert_eq!(first(&wide), "yaml-alias");
    let anchors = format!("{}x{}", "[&a ".repeat(60).replace("&a", ""), "]".repeat(60));
    assert!(!codes(format!("a: {anchors}\n").into_bytes()).is_empty());
}

#[test]
fn size_is_bounded() {
    assert_eq!(codes(vec![b'#'; (16 << 20) + 1]), ["too-large"]);
    let long = format!("version: 1\nqueues:\n  Sales: \"{}\"\n", "x".repeat(2 << 20));
    assert_eq!(codes(long.into_bytes()), ["wrong-type"]);
    let key = format!("{}: 1\n", "k".repeat(1 << 20));
    assert_eq!(first(&key), "yaml-syntax");
}

#[test]
fn more_problems_than_anybody_reads_are_counted() {
    let found = codes("a: 1\n".repeat(5_000).into_bytes());
    assert_eq!(found.len(), 1_001);
    assert_eq!(found.last(), Some(&"too-many-problems"));
}

#[test]
fn variables_do_not_grow_without_bound() {
    let mut text = "version: 1\nexpressions:\n  e0: \"1==1 AND 1==1\"\n".to_owned();
    for level in 1..64 {
        let before = level - 1;
        text.push_str(&format!("  e{level}: ${{expr.e{before}}} AND ${{expr.e{before}}}\n"));
    }
    assert_eq!(codes(text.into_bytes()), ["too-large"]);
    let mut chain = "version: 1\nexpressions:\n  e0: 1==1\n".to_owned();
    for level in 1..10_000 {
        chain.push_str(&format!("  e{level}: ${{expr.e{}}}\n", level + 1));
    }
    let found = codes(chain.into_bytes());
    assert!(
        found.iter().all(|code| matches!(*code, "too-deep" | "unknown-expression")),
        "{found:?}"
    );
}

#[test]
fn includes_do_not_run_away() {
    let mut files = BTreeMap::new();
    files.insert("flex.yaml".to_owned(), b"version: 1\ninclude: [f0.yaml]\n".to_vec());
    for level in 0..100 {
        let text = format!("include: [f{}.yaml]\n", level + 1);
        files.insert(format!("f{level}.yaml"), text.into_bytes());
    }
    assert_eq!(codes_of(files.clone()), ["too-large"]);
    files.insert("f5.yaml".to_owned(), b"include: [./x/../f2.yaml]\n".to_vec());
    assert_eq!(codes_of(files.clone()), ["include-cycle"]);
    files.insert("f5.yaml".to_owned(), b"include: [\"*\"]\n".to_vec());
    assert!(codes_of(files).contains(&"include-cycle"));
}

#[test]
fn every_piece_of_a_good_spec_ends_without_a_panic() {
    let spec = include_str!("../../flex.yaml");
    let step = spec.len() / 60 + 1;
    for end in (0..spec.len()).step_by(step).filter(|end| spec.is_char_boundary(*end)) {
        let files = BTreeMap::from([("flex.yaml".to_owned(), spec.as_bytes()[..end].to_vec())]);
        let analysis = analyze(&files, "flex.yaml", &Settings::default());
        for label in analysis.diagnostics.iter().flat_map(|one| &one.labels) {
            let range = label.span.range;
            assert!(range.start <= range.end && range.end <= end, "{label:?}");
        }
    }
}

/// Nothing to be said of the result, but that there is one, with places that exist.
fn survives(bytes: Vec<u8>) {
    let files = BTreeMap::from([("flex.yaml".to_owned(), bytes)]);
    let analysis = analyze(&files, "flex.yaml", &Settings::default());
    let text = render_text(&analysis.diagnostics, &analysis.sources, 80, Colour::Always);
    assert_eq!(text.is_empty(), analysis.diagnostics.is_empty());
    for label in analysis.diagnostics.iter().flat_map(|one| &one.labels) {
        let text = &analysis.sources.file(label.span.file).text;
        assert!(text.get(label.span.range.start..label.span.range.end).is_some(), "{label:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        survives(bytes);
    }

    #[test]
    fn a_spec_with_some_bytes_changed_is_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..3u8, any::<u8>()), 1..6),
        piece in any::<prop::sample::Index>(),
    ) {
        // A section or two, so that a case takes milliseconds.
        let spec = include_str!("../../examples/chat-transfer-conversation/flex.yaml");
        let mut bytes = spec.as_bytes().to_vec();
        bytes.truncate(bytes.len() / 2 + piece.index(bytes.len() / 2));
        let odd = b"${}[]:'\"#&*!|>%\t\n -0";
        for (at, kind, byte) in changes {
            let at = at.index(bytes.len());
            let byte = odd.get(usize::from(byte) % (odd.len() * 2)).copied().unwrap_or(byte);
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
        }
        survives(bytes);
    }
}
