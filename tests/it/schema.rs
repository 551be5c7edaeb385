//! The schema of a spec, what it accepts, and that it agrees with the types.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use flexctl::schema;
use flexctl::spec::document::Document;
use flexctl::spec::{self, Settings};
use serde_json::Value;

use crate::support::spec::linted;

/// Compares a checked-in file with what it is made from, or writes it when `UPDATE_DOCS` is set.
fn fresh(path: &str, wanted: &str) {
    let file = root().join(path);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, wanted).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == wanted, "{path} is stale: UPDATE_DOCS=1 cargo test --test it schema");
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_checked_in_schema_is_fresh() {
    let schema = serde_json::to_string_pretty(&schema::flex_schema()).unwrap();
    fresh("schemas/flex.schema.json", &format!("{schema}\n"));
}

#[test]
fn the_checked_in_schema_of_test_files_is_fresh() {
    let schema = serde_json::to_string_pretty(&schema::test_file_schema()).unwrap();
    fresh("schemas/flex-test.schema.json", &format!("{schema}\n"));
}

#[test]
fn the_checked_in_reference_is_fresh() {
    fresh("docs/reference.md", &schema::reference());
}

/// The specs that people begin with: the one at the top and the examples.
fn examples() -> Vec<PathBuf> {
    let mut paths = vec![root().join("flex.yaml")];
    for folder in std::fs::read_dir(root().join("examples")).unwrap() {
        paths.push(folder.unwrap().path().join("flex.yaml"));
    }
    paths.sort();
    assert!(paths.len() >= 8, "{paths:?}");
    paths
}

/// A spec as JSON, by a reader that is not ours.
fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap();
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn schema_errors(spec: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(&schema::flex_schema()).unwrap();
    validator.iter_errors(spec).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn type_error(spec: &Value) -> Option<String> {
    let document: Result<Document, _> = serde_path_to_error::deserialize(with_variables(spec));
    document.err().map(|error| error.to_string())
}

/// The spec with its variables' own values in it, where one stands alone.
fn with_variables(spec: &Value) -> Value {
    fn fill(value: &mut Value, variables: &Value) {
        match value {
            Value::String(text) => {
                let name = text.strip_prefix("${var.").and_then(|text| text.strip_suffix('}'));
                if let Some(found) = name.and_then(|name| variables.get(name)) {
                    *value = found.clone();
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| fill(item, variables)),
            Value::Object(map) => map.values_mut().for_each(|item| fill(item, variables)),
            _ => {}
        }
    }
    let mut filled = spec.clone();
    fill(&mut filled, &spec["variables"]);
    filled
}

/// What our own reader says of a spec, severity first.
fn diagnostics(path: &Path, settings: &Settings) -> Vec<String> {
    let files = BTreeMap::from([("flex.yaml".to_owned(), std::fs::read(path).unwrap())]);
    let analysis = linted(spec::analyze(&files, "flex.yaml", settings));
    let say = |d: &flexctl::diag::Diagnostic| format!("{:?} {}: {}", d.severity, d.code, d.message);
    analysis.diagnostics.iter().map(say).collect()
}

/// The hyphen in `pulled-chat` is what the people who have that channel live with.
const EXPECTED: &str =
    "Warning channel-name-hyphen: the unique name of task_channel.pulled-chat holds a hyphen";

#[test]
fn checks_and_lints_find_nothing_in_the_examples_for_any_environment() {
    let mut found = Vec::new();
    for path in examples() {
        let environments: Vec<String> = read(&path)["environments"]
            .as_object()
            .into_iter()
            .flat_map(|environments| environments.keys().cloned())
            .collect();
        for environment in environments.into_iter().map(Some).chain([None]) {
            let settings = Settings { environment, ..Settings::default() };
            for line in diagnostics(&path, &settings).into_iter().filter(|line| line != EXPECTED) {
                found.push(format!("{} for {:?}: {line}", path.display(), settings.environment));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn schema_and_types_accept_every_example() {
    for path in examples().into_iter().chain([root().join("tests/specs/valid/every-key.yaml")]) {
        let spec = read(&path);
        assert_eq!(schema_errors(&spec), Vec::<String>::new(), "{}", path.display());
        assert_eq!(type_error(&spec), None, "{}", path.display());
    }
}

#[test]
fn each_invalid_spec_is_rejected_by_those_it_names() {
    let mut wrong = Vec::new();
    for file in std::fs::read_dir(root().join("tests/specs/invalid")).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let line = text.lines().next().and_then(|line| line.strip_prefix("# rejected by: "));
        let named: BTreeSet<&str> =
            line.unwrap_or_else(|| panic!("{} names nobody", path.display())).split(", ").collect();
        let spec = read(&path);
        let mut found = BTreeSet::new();
        if !schema_errors(&spec).is_empty() {
            found.insert("schema");
        }
        if type_error(&spec).is_some() {
            found.insert("types");
        }
        let expected: BTreeSet<&str> =
            named.iter().copied().filter(|name| *name != "checks").collect();
        let told = diagnostics(&path, &Settings::default());
        if !told.iter().any(|line| line.starts_with("Error")) {
            wrong.push(format!("{}: no check objects: {told:?}", path.display()));
        }
        if found != expected {
            wrong.push(format!(
                "{}: named {named:?}, rejected by {found:?}\n  {:?}\n  {:?}",
                path.file_name().unwrap().display(),
                schema_errors(&spec),
                type_error(&spec),
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Calls `with` for every schema in the schema, with its place.
fn visit(place: &str, schema: &Value, with: &mut impl FnMut(&str, &Value)) {
    with(place, schema);
    for (key, inner) in schema.as_object().into_iter().flatten() {
        match key.as_str() {
            "properties" | "definitions" => {
                for (name, inner) in inner.as_object().unwrap() {
                    visit(&format!("{place}/{key}/{name}"), inner, with);
                }
            }
            "items" | "additionalProperties" | "if" | "then" | "else" => {
                visit(&format!("{place}/{key}"), inner, with);
            }
            _ => {}
        }
    }
}

#[test]
fn every_key_is_described_and_every_map_is_closed() {
    let schema = schema::flex_schema();
    let mut keys = 0;
    visit("", &schema, &mut |place, schema| {
        if place.ends_with("/then") {
            return; // narrows a schema that is closed and described
        }
        for (key, field) in schema["properties"].as_object().into_iter().flatten() {
            keys += 1;
            let text = field["markdownDescription"].as_str().unwrap_or_default();
            assert!(text.ends_with(['.', ')']), "{place}/{key} is not described: {text:?}");
            assert_eq!(field["description"], text, "{place}/{key}");
        }
        if schema.get("properties").is_some() {
            assert_eq!(schema["additionalProperties"], false, "{place} is open");
        }
        for keyword in ["anyOf", "oneOf", "format", "x-nullable", "x-words", "x-sid"] {
            assert!(schema.get(keyword).is_none(), "{place} has {keyword}");
        }
    });
    assert!(keys > 100, "only {keys} keys");
}

#[test]
fn every_example_and_default_in_the_schema_is_valid_where_it_stands() {
    let schema = schema::flex_schema();
    let mut checked = 0;
    visit("", &schema, &mut |place, inner| {
        let mut here = inner.clone();
        if !here.is_object() {
            return;
        }
        here["definitions"] = schema["definitions"].clone();
        let validator = jsonschema::validator_for(&here).unwrap();
        for value in inner["examples"].as_array().into_iter().flatten().chain(inner.get("default"))
        {
            checked += 1;
            let errors: Vec<String> = validator.iter_errors(value).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{place}: {value}: {errors:?}");
        }
    });
    assert!(checked > 80, "only {checked}");
}

#[test]
fn every_snippet_is_valid_where_it_is_offered() {
    let flex = schema::flex_schema();
    let mut checked = 0;
    visit("", &flex, &mut |place, inner| {
        for snippet in inner["defaultSnippets"].as_array().into_iter().flatten() {
            checked += 1;
            let mut here = inner.clone();
            here["definitions"] = flex["definitions"].clone();
            let validator = jsonschema::validator_for(&here).unwrap();
            let body = schema::filled(&snippet["body"]);
            let errors: Vec<String> = validator.iter_errors(&body).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{place}: {body}: {errors:?}");
        }
    });
    assert!(checked >= 15, "only {checked}");
}
