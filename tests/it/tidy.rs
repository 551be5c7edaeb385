//! The import table of the rooms, and other promises about the source tree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// room, the rooms it may use. `ARCHITECTURE.md` shows the same table (checked below).
const TABLE: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("diag", &["text"]),
    ("expr", &["text"]),
    ("model", &["expr"]),
    ("spec", &["diag", "expr", "model", "text"]),
    ("schema", &["spec"]),
    ("generate", &["expr", "model"]),
    ("routing", &["expr", "model", "text"]),
    ("lint", &["diag", "expr", "generate", "model", "routing", "spec", "text"]),
    ("live", &["expr", "model"]),
    ("plan", &["model", "routing", "text"]),
    ("import", &["diag", "expr", "generate", "model", "plan", "spec", "text"]),
    ("apply", &["live", "model", "plan", "text"]),
    ("emulator", &["expr", "routing"]),
    (
        "cli",
        &[
            "apply", "diag", "emulator", "expr", "generate", "import", "lint", "live", "model",
            "plan", "routing", "schema", "spec", "text",
        ],
    ),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every `.rs` file under a folder, with its path relative to the package.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the package can be listed") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).expect("inside the package");
                let text = std::fs::read_to_string(&path).expect("source is UTF-8");
                out.push((name.to_string_lossy().into_owned(), text));
            }
        }
    }
    out.sort();
    out
}

/// The rooms that a source text names through `crate::`.
fn rooms_used(text: &str) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut rooms = BTreeSet::new();
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    for (at, found) in code.match_indices("crate::") {
        let rest = &code[at + found.len()..];
        match rest.strip_prefix('{') {
            None => {
                rooms.insert(word(rest));
            }
            Some(group) => {
                let mut depth = 0;
                let mut start = true;
                for (at, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' => start = true,
                        c if start && depth == 0 && !c.is_whitespace() => {
                            rooms.insert(word(&group[at..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    rooms.retain(|room| TABLE.iter().any(|(name, _)| name == room));
    rooms
}

/// Imports of `file` that the table does not allow.
fn forbidden(file: &str, text: &str) -> Vec<String> {
    let room = file
        .strip_prefix("src/")
        .and_then(|path| path.split(['/', '.']).next())
        .unwrap_or_default();
    let Some((_, allowed)) = TABLE.iter().find(|(name, _)| *name == room) else {
        return Vec::new();
    };
    rooms_used(text)
        .into_iter()
        .filter(|used| used != room && !allowed.contains(&used.as_str()))
        .map(|used| format!("{file}: {room} may not use {used}"))
        .collect()
}

#[test]
fn no_room_imports_upwards_or_sideways() {
    let wrong: Vec<String> = sources(&root().join("src"))
        .iter()
        .flat_map(|(file, text)| forbidden(file, text))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_forbidden_import_is_seen_in_every_spelling() {
    for text in [
        "use crate::live::Reader;",
        "use crate::{model::Model, live};",
        "use crate::{model::{Address, Kind}, live::{self}};",
        "fn f() { crate::live::read() }",
    ] {
        assert_eq!(
            forbidden("src/plan/diff.rs", text),
            ["src/plan/diff.rs: plan may not use live"]
        );
    }
    assert!(forbidden("src/plan/diff.rs", "// crate::live\nuse crate::model::Address;").is_empty());
}

#[test]
fn the_table_has_every_room_and_no_cycle() {
    let rooms: BTreeSet<String> = std::fs::read_dir(root().join("src"))
        .expect("src can be listed")
        .map(|entry| entry.expect("an entry can be read"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let table: BTreeMap<&str, &[&str]> = TABLE.iter().copied().collect();
    assert_eq!(rooms, table.keys().map(|room| (*room).to_owned()).collect::<BTreeSet<_>>());

    let mut placed = BTreeSet::new();
    while placed.len() < table.len() {
        let next: Vec<&str> = table
            .iter()
            .filter(|(room, uses)| {
                !placed.contains(*room) && uses.iter().all(|used| placed.contains(used))
            })
            .map(|(room, _)| *room)
            .collect();
        assert!(!next.is_empty(), "the table has a cycle among those not in {placed:?}");
        placed.extend(next);
    }
}

#[test]
fn the_map_in_architecture_shows_the_same_table() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("it is there");
    for (room, uses) in TABLE {
        let uses = match (*room, uses.len()) {
            ("cli", _) => "everything".to_owned(),
            (_, 0) => "nothing".to_owned(),
            _ => uses.join(", "),
        };
        let row = format!("| `{room}` |");
        let line = text.lines().find(|line| line.starts_with(&row));
        let line = line.unwrap_or_else(|| panic!("no row begins with {row}"));
        assert!(line.ends_with(&format!("| {uses} |")), "{line}\nshould end with: {uses}");
    }
}

#[test]
fn main_is_a_door_and_files_stay_small() {
    let main = std::fs::read_to_string(root().join("src/main.rs")).expect("it is there");
    assert!(main.lines().count() < 40);
    for (file, text) in sources(&root().join("src")) {
        assert!(text.lines().count() <= 600, "{file} is too long to be one thing");
        let name = file.rsplit('/').next().unwrap_or_default();
        for vague in ["utils.rs", "common.rs", "types.rs", "errors.rs", "helpers.rs", "prelude.rs"]
        {
            assert!(name != vague, "{file}: what is in it? name it so");
        }
    }
}

#[test]
fn every_allowance_has_a_reason_and_nothing_is_left_undone() {
    for (file, text) in sources(&root().join("src")) {
        for word in [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("#[", "allow(")]
        {
            assert!(!text.contains(word), "{file} holds {word}");
        }
    }
}
