//! Tasks as the command line gives them.

use std::io::{self, Read};

use camino::Utf8Path;
use serde_json::{Map, Value};

use super::files::Disk;
use super::{Exit, Failure};
use crate::model::{Address, Kind, Model, Text};
use crate::spec::{self, Files, MAX_FILE_BYTES};
use crate::text;

/// Where a task's attributes come from.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Given<'a> {
    /// JSON or YAML, `@FILE`, or `-` for stdin.
    pub(super) task: Option<&'a str>,
    pub(super) file: Option<&'a Utf8Path>,
    /// Paths and YAML values; over the others.
    pub(super) pairs: &'a [(String, Value)],
}

/// The attributes of a task.
///
/// # Errors
/// What could not be read, or is no map.
pub(super) fn attributes(given: &Given) -> Result<Map<String, Value>, Failure> {
    let mut attributes = match (given.task, given.file) {
        (_, Some(file)) => object(&document(file)?, file.as_str())?,
        (Some("-"), None) => object(&stdin()?, "stdin")?,
        (Some(text), None) => match text.strip_prefix('@') {
            Some(file) => object(&document(Utf8Path::new(file))?, file)?,
            None => object(text, "--task")?,
        },
        (None, None) => Map::new(),
    };
    for (path, value) in given.pairs {
        put(&mut attributes, path, value.clone())?;
    }
    Ok(attributes)
}

/// `KEY=VALUE`: the value as YAML has it on one line, so that numbers and booleans are such; the key
/// may be a path, as in `customer.segment=fleet`.
pub(super) fn pair(text: &str) -> Result<(String, Value), String> {
    let Some((path, value)) = text.split_once('=').filter(|(path, _)| !path.is_empty()) else {
        return Err(format!("`{text}` is not KEY=VALUE"));
    };
    if path.split('.').any(str::is_empty) {
        return Err(format!("`{path}` is not a path"));
    }
    // What is no YAML, such as `@home` or `*`, is a text.
    let read = serde_yaml::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    let read = if value.is_empty() { Value::String(String::new()) } else { read };
    Ok((path.to_owned(), read))
}

/// The text of a file that the user names.
pub(super) fn document(file: &Utf8Path) -> Result<String, Failure> {
    let bytes = Disk
        .read(file.as_str())
        .map_err(|error| Failure::new(Exit::Usage, format!("cannot read {file}: {error}")))?;
    checked(bytes, file.as_str())
}

fn stdin() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    io::stdin()
        .take(MAX_FILE_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::new(Exit::Usage, format!("cannot read stdin: {error}")))?;
    checked(bytes, "stdin")
}

fn checked(bytes: Vec<u8>, name: &str) -> Result<String, Failure> {
    if bytes.len() > MAX_FILE_BYTES {
        let message = format!("{name} is larger than {MAX_FILE_BYTES} bytes");
        return Err(Failure::new(Exit::Usage, message));
    }
    String::from_utf8(bytes).map_err(|_| Failure::new(Exit::Usage, format!("{name} is not UTF-8")))
}

fn object(text: &str, name: &str) -> Result<Map<String, Value>, Failure> {
    // JSON first: not all of it is YAML (tabs), and its errors are clearer.
    let value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(json) => match spec::read_plain(text) {
            Ok(value) => value,
            Err(_) if text.trim_start().starts_with(['{', '[']) && text.contains('"') => {
                return Err(Failure::new(Exit::Usage, format!("{name}: {json}")));
            }
            Err(yaml) => return Err(Failure::new(Exit::Usage, format!("{name}: {yaml}"))),
        },
    };
    match value {
        Value::Object(attributes) => Ok(attributes),
        _ => {
            let message = format!("{name} is no map of attributes");
            Err(Failure::new(Exit::Usage, message)
                .with_help("a task is written like { topic: sales }; a file as @FILE, stdin as -"))
        }
    }
}

/// Puts a value at a path.
fn put(attributes: &mut Map<String, Value>, path: &str, value: Value) -> Result<(), Failure> {
    let mut at = attributes;
    let mut keys = path.split('.').peekable();
    while let Some(key) = keys.next() {
        if keys.peek().is_none() {
            at.insert(key.to_owned(), value);
            return Ok(());
        }
        let inner = at.entry(key.to_owned()).or_insert_with(|| Map::new().into());
        at = inner.as_object_mut().ok_or_else(|| {
            Failure::new(Exit::Usage, format!("`{path}`: `{key}` holds a value of its own"))
        })?;
    }
    Ok(())
}

/// Refuses attributes that name something that the spec does not declare, as in
/// `${queue['Salse'].sid}`.
pub(super) fn check_names(attributes: &Map<String, Value>, model: &Model) -> Result<(), Failure> {
    attributes.values().try_for_each(|value| check_value(value, model))
}

fn check_value(value: &Value, model: &Model) -> Result<(), Failure> {
    match value {
        // Other uses of braces are the task's own.
        Value::String(written) => match written.parse::<Text>() {
            Ok(text) => text.addresses().try_for_each(|address| check(address, model)),
            Err(_) => Ok(()),
        },
        Value::Array(items) => items.iter().try_for_each(|item| check_value(item, model)),
        Value::Object(entries) => check_names(entries, model),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn check(address: &Address, model: &Model) -> Result<(), Failure> {
    let known: Vec<&str> = match address.kind {
        Kind::Queue => model.queues.keys().map(String::as_str).collect(),
        Kind::Workflow => model.workflows.keys().map(String::as_str).collect(),
        Kind::Activity => model.activities.keys().map(String::as_str).collect(),
        Kind::TaskChannel => model.task_channels.keys().map(String::as_str).collect(),
        // A worker may be live, or stand in a file.
        Kind::Workspace | Kind::Worker | Kind::Capacity | Kind::Role => return Ok(()),
    };
    if known.contains(&address.name.as_str()) {
        return Ok(());
    }
    let failure = Failure::new(Exit::Usage, format!("the spec does not declare {address}"));
    Err(match text::nearest(&address.name, known) {
        Some(near) => failure.with_help(format!("did you mean `{near}`?")),
        None => failure,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn attributes_of(task: Option<&str>, pairs: &[&str]) -> Result<Value, String> {
        let pairs: Result<Vec<_>, _> = pairs.iter().map(|text| pair(text)).collect();
        let given = Given { task, pairs: &pairs?, ..Given::default() };
        attributes(&given).map(Value::Object).map_err(|failure| failure.message)
    }

    #[test]
    fn attributes_are_json_or_yaml_and_pairs_go_over_them() {
        for (task, pairs, expected) in [
            (Some("{\"a\":\t1}"), &[][..], json!({"a": 1})),
            (Some("{ a: b, c: [x, 2] }"), &["c=d"], json!({"a": "b", "c": "d"})),
            (Some("a: 1\nb: {c: 2}"), &["b.d=3"], json!({"a": 1, "b": {"c": 2, "d": 3}})),
            (None, &["n=5", "t='5'", "b=true", "e=", "s=a b"], {
                json!({"n": 5, "t": "5", "b": true, "e": "", "s": "a b"})
            }),
            (None, &["l=[a, b]", "at=@home", "q=a=b"], {
                json!({"l": ["a", "b"], "at": "@home", "q": "a=b"})
            }),
            (None, &[], json!({})),
        ] {
            assert_eq!(attributes_of(task, pairs), Ok(expected), "{task:?} {pairs:?}");
        }
    }

    #[test]
    fn what_is_no_task_is_refused() {
        for (task, pairs) in [
            (Some("sales"), &[][..]),
            (Some("[1]"), &[]),
            (Some("{\"a\": 1,, }"), &[]),
            (None, &["a"]),
            (None, &["=a"]),
            (None, &["a..b=1"]),
            (None, &["a=1", "a.b=1"]),
        ] {
            assert!(attributes_of(task, pairs).is_err(), "{task:?} {pairs:?}");
        }
    }
}
