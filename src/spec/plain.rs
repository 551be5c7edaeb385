//! Files that are no spec: values for variables, attributes, workers. They are read within the
//! same bounds.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::compose::{Budget, compose};
use super::tree::{Node, Value};
use crate::diag::Severity;
use crate::text::Sources;

/// Why such a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlainError {
    /// It is broken, or costs more than a spec may.
    #[error("{line}:{column}: {message}")]
    Yaml { line: usize, column: usize, message: String },
    /// There is something else where names and values belong.
    #[error("it is no map of names and values")]
    NoMap,
    /// A value of a variable that is none.
    #[error("`{0}` is not a scalar")]
    NoScalar(String),
}

/// The value of a YAML or JSON text.
///
/// # Errors
/// It is broken, or costs more than a spec may, say by aliases of aliases.
pub fn read_plain(text: &str) -> Result<Json, PlainError> {
    // Not all of JSON is YAML, such as tabs; and it has no aliases.
    match serde_json::from_str(text) {
        Ok(value) => Ok(value),
        Err(_) => read(text).map(|node| node.to_json()),
    }
}

/// The variables of a YAML or JSON text, each as it is written.
///
/// # Errors
/// As [`read_plain`]; a value is a list or a map, or there is none.
pub fn read_variables(text: &str) -> Result<BTreeMap<String, String>, PlainError> {
    let as_written = |node: &Node| text.get(node.span.range.start..node.span.range.end);
    let entries: Vec<(String, Option<String>)> = match serde_json::from_str(text) {
        Ok(Json::Object(map)) => {
            map.into_iter().map(|(name, value)| (name, scalar(value))).collect()
        }
        _ => {
            let Node { value: Value::Map(entries), .. } = read(text)? else {
                return Err(PlainError::NoMap);
            };
            let value = |node: Node| match node.value {
                // `0123` may be meant as a text.
                Value::Number(_) => as_written(&node).map(str::to_owned),
                _ => scalar(node.to_json()),
            };
            entries.into_iter().map(|(name, entry)| (name, value(entry.node))).collect()
        }
    };
    let scalar = |(name, value): (String, Option<String>)| match value {
        Some(value) => Ok((name, value)),
        None => Err(PlainError::NoScalar(name)),
    };
    entries.into_iter().map(scalar).collect()
}

fn scalar(value: Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text),
        Json::Number(_) | Json::Bool(_) => Some(value.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

fn read(text: &str) -> Result<Node, PlainError> {
    let mut sources = Sources::default();
    let file = sources.add("", text);
    let mut diagnostics = Vec::new();
    let node = compose(file, text, &mut Budget::default(), &mut diagnostics);
    let error = diagnostics.iter().find(|one| one.severity == Severity::Error);
    match (node, error) {
        (Some(node), None) => Ok(node),
        (_, error) => {
            let at = error.and_then(|error| error.labels.first());
            let at = at.map_or(0, |label| label.span.range.start);
            let at = sources.file(file).line_column(at);
            let message = error.map_or("it cannot be read", |error| &error.message).to_owned();
            Err(PlainError::Yaml { line: at.line, column: at.column, message })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_taken_as_they_are_written() {
        let text = "a: 0123\nb: \"0123\"\nc: 1e3\nd: true\ne: ${x}\nf: &f text\ng: *f\nh: ''\n";
        let read = read_variables(text).unwrap();
        let read: Vec<(&str, &str)> = read.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let texts = ["0123", "0123", "1e3", "true", "${x}", "text", "text", ""];
        assert_eq!(
            read,
            ["a", "b", "c", "d", "e", "f", "g", "h"].into_iter().zip(texts).collect::<Vec<_>>()
        );
        let json = read_variables("{\n\t\"a\": 1.50, \"b\": false, \"c\": \"x\"\n}").unwrap();
        assert_eq!(json["a"], "1.5");
        assert_eq!((json["b"].as_str(), json["c"].as_str()), ("false", "x"));
        assert_eq!(read_variables("").unwrap(), BTreeMap::new());
    }

    #[test]
    fn what_is_no_variable_is_named() {
        for text in ["a: [1]\n", "a: {}\n", "a:\n", "{\"a\": null}"] {
            assert_eq!(read_variables(text), Err(PlainError::NoScalar("a".to_owned())), "{text}");
        }
        assert_eq!(read_variables("- a\n"), Err(PlainError::NoMap));
        let twice = read_variables("a: 1\nb: 2\na: 3\n").unwrap_err().to_string();
        assert!(twice.starts_with("3:1: "), "{twice}");
    }

    #[test]
    fn alias_bombs_do_not_go_off() {
        let mut laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
        for level in 1..12 {
            let items = vec![format!("*a{}", level - 1); 9].join(", ");
            laughs.push_str(&format!("a{level}: &a{level} [{items}]\n"));
        }
        let mut wide = format!("a: &a [{}]\nb:\n", "x, ".repeat(30_000));
        wide.push_str(&"  - *a\n".repeat(10_000));
        for text in [laughs, wide, "[".repeat(100_000)] {
            assert!(matches!(read_variables(&text), Err(PlainError::Yaml { .. })));
            assert!(matches!(read_plain(&text), Err(PlainError::Yaml { .. })));
        }
    }
}
