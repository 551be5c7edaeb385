//! The reference of the spec language, as markdown.

use std::fmt::Write;

use serde_json::{Map, Value};

/// Every section, block and key of the spec, as checked in at `docs/reference.md`.
pub fn reference() -> String {
    let schema = super::flex_schema();
    let mut out = String::new();
    out.push_str("# Reference of flex.yaml\n\n");
    out.push_str(text(&schema));
    out.push_str("\n\n");
    out.push_str(READING);
    section(&mut out, "Sections", 2, &schema);
    for (name, definition) in schema["definitions"].as_object().into_iter().flatten() {
        if definition.get("properties").is_some() {
            section(&mut out, &format!("Block {name}"), 2, definition);
        }
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

const READING: &str = "\
Numbers and truth values may be written as `${var.NAME}`. A key that may be `null` is owned when it \
is given; `null` resets it to TaskRouter's default. A key that is not known is an error.

The sections stand first, then the blocks that they are made of. The file is made from the same \
source as `schemas/flex.schema.json`.

";

fn section(out: &mut String, title: &str, level: usize, schema: &Value) {
    line(out, &format!("{} {title}", "#".repeat(level)));
    if level == 2 && title != "Sections" {
        let described = text(schema);
        if !described.is_empty() {
            line(out, described);
        }
        if types(schema).len() > 1 {
            line(out, &format!("It is {}.", shape(schema)));
        }
    }
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (key, field) in schema["properties"].as_object().into_iter().flatten() {
        line(out, &format!("{} `{key}`", "#".repeat(level + 1)));
        let mut facts = vec![shape(field)];
        if required.contains(&key.as_str()) {
            facts.push("**required**".to_owned());
        }
        if let Some(default) = field.get("default") {
            facts.push(format!("default `{default}`"));
        }
        line(out, &facts.join(" · "));
        line(out, text(field));
        if let Some(message) = field["deprecationMessage"].as_str() {
            line(out, &format!("*Deprecated.* {message}"));
        }
        words(out, field);
        example(out, key, field);
    }
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push_str("\n\n");
}

fn text(schema: &Value) -> &str {
    schema["markdownDescription"].as_str().unwrap_or_default()
}

/// The types, without those that only stand for a variable or for `null`.
fn types(schema: &Value) -> Vec<&str> {
    let names: Vec<&str> = match &schema["type"] {
        Value::String(only) => vec![only],
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let hole = schema["pattern"].as_str().is_some_and(|pattern| pattern == r"^\$\{");
    names.into_iter().filter(|name| *name != "null" && !(hole && *name == "string")).collect()
}

/// What a value may be, in words: `a number from 0 to 50`, `a list of [Target](#block-target)`.
fn shape(schema: &Value) -> String {
    if let Some(name) = target(schema) {
        return match name {
            "QueueOrder" => "`FIFO` or `LIFO`".to_owned(),
            name => format!("[{name}](#block-{})", name.to_lowercase()),
        };
    }
    let nullable = schema["type"].as_array().is_some_and(|types| types.contains(&"null".into()));
    let mut shapes: Vec<String> = types(schema).into_iter().map(|name| one(name, schema)).collect();
    if nullable {
        shapes.push("`null`".to_owned());
    }
    if shapes.is_empty() { "any value".to_owned() } else { shapes.join(" or ") }
}

fn one(name: &str, schema: &Value) -> String {
    let range = |low: &str, high: &str, from: &str| match (&schema[low], &schema[high]) {
        (Value::Null, Value::Null) => String::new(),
        (low, Value::Null) => format!(", at least {low}{from}"),
        (Value::Null, high) => format!(", at most {high}{from}"),
        (low, high) if high.as_u64() == Some(u32::MAX.into()) => format!(", at least {low}{from}"),
        (low, high) => format!(", {low} to {high}{from}"),
    };
    match name {
        "integer" if schema.get("const").is_some() => format!("`{}`", schema["const"]),
        "integer" => format!("a whole number{}", range("minimum", "maximum", "")),
        "number" => "a number".to_owned(),
        "boolean" => "`true` or `false`".to_owned(),
        "string" => match choices(schema) {
            Some(words) => words,
            None => format!("a text{}", range("minLength", "maxLength", " characters")),
        },
        "array" => {
            let items = &schema["items"];
            let size = range("minItems", "maxItems", " items");
            format!("a list of {}{size}", plural(&shape(items)))
        }
        "object" => match &schema["additionalProperties"] {
            Value::Object(inner) => {
                let size = match &schema["maxProperties"] {
                    Value::Null => String::new(),
                    most => format!(", at most {most}"),
                };
                format!("a map from names to {}{size}", plural(&shape(&inner.clone().into())))
            }
            Value::Bool(true) => "a map".to_owned(),
            _ => "a map of the keys below".to_owned(),
        },
        other => other.to_owned(),
    }
}

fn plural(shape: &str) -> String {
    match shape {
        "a text" => "texts".to_owned(),
        shape => shape.to_owned(),
    }
}

fn choices(schema: &Value) -> Option<String> {
    let words = schema["enum"].as_array().or_else(|| schema["then"]["enum"].as_array())?;
    let words: Vec<String> =
        words.iter().filter_map(Value::as_str).map(|word| format!("`{word}`")).collect();
    Some(words.join(", "))
}

fn words(out: &mut String, field: &Value) {
    let Some(words) = field["enum"].as_array() else { return };
    let texts = field["markdownEnumDescriptions"].as_array();
    for (word, text) in words.iter().zip(texts.into_iter().flatten()) {
        let word = word.as_str().unwrap_or("null");
        let _ = writeln!(out, "- `{word}`: {}", text.as_str().unwrap_or_default());
    }
    out.push('\n');
}

fn target(schema: &Value) -> Option<&str> {
    let reference = schema.get("$ref").or_else(|| schema.get("allOf")?.get(0)?.get("$ref"))?;
    reference.as_str()?.rsplit('/').next()
}

fn example(out: &mut String, key: &str, field: &Value) {
    for value in field["examples"].as_array().into_iter().flatten() {
        let map: Map<String, Value> = [(key.to_owned(), value.clone())].into_iter().collect();
        let yaml = serde_yaml::to_string(&map).expect("JSON has a YAML form");
        let _ = writeln!(out, "```yaml\n{}\n```\n", yaml.trim_end());
    }
}
