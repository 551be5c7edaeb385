//! The reference of the spec language, as markdown.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::filled;

/// Every section, block and key of the spec, as checked in at `docs/reference.md`.
pub fn reference() -> String {
    let schema = super::flex_schema();
    let mut page = Page { out: String::new(), schema: &schema, written: BTreeSet::new() };
    page.line("# Reference of flex.yaml");
    page.line(text(&schema));
    page.line(READING);
    page.contents();
    for (name, section) in fields(&schema) {
        page.section(name, section);
    }
    page.out.truncate(page.out.trim_end().len());
    page.out + "\n"
}

const READING: &str = "\
A key that may be `null` is owned when it is given. A key that is not known is an error.

Texts may hold `${…}`, and a number or a truth value may be written as one:

| written | stands for |
|---|---|
| `${var.NAME}` | a variable of `variables`, the environment or the command line |
| `${expr.NAME}` | a piece of `expressions` |
| `${env.NAME}` | a variable of the process's environment |
| `${workspace.sid}` | the sid of the workspace, put in when the text is sent or written |
| `${queue['NAME'].sid}` | the sid of a queue; so too `workflow`, `channel`, `activity`, and `worker` in the task of a test |
| `${queue.name}`, `${queue.sid}` | the queue at hand, inside a `for_each_queue` |
| `$${` | the two characters `${` |

This page is made from the same source as `schemas/flex.schema.json`: \
`UPDATE_DOCS=1 cargo test --test it schema`.";

struct Page<'a> {
    out: String,
    schema: &'a Value,
    /// The blocks that have been described.
    written: BTreeSet<&'a str>,
}

impl<'a> Page<'a> {
    fn line(&mut self, text: &str) {
        if !text.is_empty() {
            self.out.push_str(text);
            self.out.push_str("\n\n");
        }
    }

    fn contents(&mut self) {
        let mut table = String::from("| section | holds |\n|---|---|\n");
        for (name, section) in fields(self.schema) {
            let first = text(section).split("\n\n").next().unwrap_or_default();
            table.push_str(&format!(
                "| [`{name}`](#section-{name}) | {} |\n",
                first.replace('|', "\\|")
            ));
        }
        self.line(table.trim_end());
    }

    /// A section, the block it is made of, and the blocks that those are made of.
    fn section(&mut self, name: &'a str, section: &'a Value) {
        self.line(&format!("## Section `{name}`"));
        self.line(&facts(name, section, self.schema));
        self.line(text(section));
        self.examples(Some(name), section);
        self.blocks_of(section);
    }

    /// Describes the blocks that a schema leads to and that have not been described yet.
    fn blocks_of(&mut self, schema: &'a Value) {
        for (name, block) in self.targets(schema) {
            if is_word(block) && block.get("enum").is_none() || !self.written.insert(name) {
                continue;
            }
            self.line(&format!("### Block {name}"));
            if types(block) != ["object"] {
                self.line(&format!("*{}*", shapes(block)));
            }
            self.line(text(block));
            self.words(block);
            self.examples(None, block);
            for (key, field) in fields(block) {
                self.line(&format!("#### `{key}`"));
                self.line(&facts(key, field, block));
                self.line(text(field));
                self.words(field);
                self.examples(Some(key), field);
            }
            for (_, field) in fields(block) {
                self.blocks_of(field);
            }
        }
    }

    /// The blocks that a schema leads to, in order.
    fn targets(&self, schema: &'a Value) -> Vec<(&'a str, &'a Value)> {
        if let Some(name) = target(schema) {
            // A block that may be `null` stands where it is used.
            let inside = schema.get("properties").is_some();
            return vec![(name, if inside { schema } else { &self.schema["definitions"][name] })];
        }
        let items = schema.get("items").into_iter().chain(schema.get("additionalProperties"));
        let inside = fields(schema).map(|(_, field)| field);
        items.chain(inside).flat_map(|inner| self.targets(inner)).collect()
    }

    fn words(&mut self, field: &Value) {
        let words = field["enum"].as_array().into_iter().flatten();
        let texts = field["markdownEnumDescriptions"].as_array().into_iter().flatten();
        let items: Vec<String> = words
            .zip(texts)
            .map(|(word, text)| {
                format!("- `{}`: {}", flat(word), text.as_str().unwrap_or_default())
            })
            .collect();
        self.line(&items.join("\n"));
    }

    /// Single values in a row, blocks one after the other, then what editors offer.
    fn examples(&mut self, key: Option<&str>, schema: &Value) {
        let examples = || schema["examples"].as_array().into_iter().flatten();
        let single: Vec<String> = examples()
            .filter(|value| !value.is_array() && !value.is_object())
            .map(|value| format!("`{}`", flat(value)))
            .collect();
        if !single.is_empty() {
            self.line(&format!("For example {}.", single.join(", ")));
        }
        let under = |value: &Value| match key {
            Some(key) => json!({ key: value }),
            None => value.clone(),
        };
        for value in examples().filter(|value| value.is_array() || value.is_object()) {
            self.yaml(&under(value));
        }
        for snippet in schema["defaultSnippets"].as_array().into_iter().flatten() {
            if snippet["body"].is_object() {
                self.line(snippet["description"].as_str().unwrap_or_default());
                self.yaml(&under(&filled(&snippet["body"])));
            }
        }
    }

    fn yaml(&mut self, value: &Value) {
        let yaml = serde_yaml::to_string(value).expect("every JSON value has a YAML form");
        self.line(&format!("```yaml\n{}\n```", yaml.trim_end()));
    }
}

fn fields(schema: &Value) -> impl Iterator<Item = (&str, &Value)> {
    schema["properties"].as_object().into_iter().flatten().map(|(key, field)| (key.as_str(), field))
}

fn text(schema: &Value) -> &str {
    schema["markdownDescription"].as_str().unwrap_or_default()
}

/// What a value may be, whether it must be there, and what it is otherwise.
fn facts(key: &str, field: &Value, parent: &Value) -> String {
    let mut facts = vec![shape(field)];
    if parent["required"].as_array().is_some_and(|required| required.contains(&key.into())) {
        facts.push("required".to_owned());
    }
    if let Some(default) = field.get("default") {
        facts.push(format!("default `{}`", flat(default)));
    }
    if field["deprecated"] == true {
        facts.push("deprecated".to_owned());
    }
    format!("*{}*", facts.join(" · "))
}

/// A value in one line, as YAML would have it.
fn flat(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The types, without the text that only stands for a variable and without `null`.
fn types(schema: &Value) -> Vec<&str> {
    let names: Vec<&str> = match &schema["type"] {
        Value::String(only) => vec![only],
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let hole = schema["pattern"].as_str().is_some_and(|pattern| pattern == r"^\$\{");
    names.into_iter().filter(|name| *name != "null" && !(hole && *name == "string")).collect()
}

/// The name of the block that a schema is.
fn target(schema: &Value) -> Option<&str> {
    if let Some(name) = schema.get("$comment") {
        return name.as_str();
    }
    let reference = schema.get("$ref").or_else(|| schema.get("allOf")?.get(0)?.get("$ref"))?;
    reference.as_str()?.rsplit('/').next()
}

/// Whether a block has no keys and is described where it is used.
fn is_word(block: &Value) -> bool {
    block.get("properties").is_none()
}

/// What a value may be, in words: `a whole number from 0 to 50`, `a list of Target`.
fn shape(schema: &Value) -> String {
    match target(schema) {
        Some("Share") => return "a share such as `30%`, or a whole number".to_owned(),
        Some(name) => {
            let null = if nullable(schema) { " or `null`" } else { "" };
            return format!("[{name}](#block-{}){null}", name.to_lowercase());
        }
        None => {}
    }
    shapes(schema)
}

fn shapes(schema: &Value) -> String {
    let mut shapes: Vec<String> =
        types(schema).into_iter().map(|name| shape_of(name, schema)).collect();
    if nullable(schema) {
        shapes.push("`null`".to_owned());
    }
    match shapes.as_slice() {
        [] => "any value".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn nullable(schema: &Value) -> bool {
    schema["type"].as_array().is_some_and(|types| types.contains(&"null".into()))
}

fn shape_of(name: &str, schema: &Value) -> String {
    match name {
        "integer" => match schema.get("const") {
            Some(only) => format!("`{only}`"),
            None => format!("a whole number{}", range(schema, "minimum", "maximum", "")),
        },
        "number" => "a number".to_owned(),
        "boolean" => "`true`, `false`".to_owned(),
        "string" => match (choices(schema), schema["patternErrorMessage"].as_str()) {
            (Some(words), _) => words,
            (None, Some(message)) if !schema["type"].is_array() => message.to_owned(),
            _ => format!("a text{}", range(schema, "minLength", "maxLength", " characters")),
        },
        "array" => {
            let size = match (&schema["minItems"], &schema["maxItems"]) {
                (low, high) if low.is_u64() && low == high => format!("{low} "),
                _ => String::new(),
            };
            format!("a list of {size}{}", several(&schema["items"]))
        }
        "object" => match &schema["additionalProperties"] {
            inner @ Value::Object(_) => {
                let most = schema["maxProperties"].as_u64();
                let size = most.map(|most| format!(", at most {most}")).unwrap_or_default();
                format!("a map from names to {}{size}", several(inner))
            }
            Value::Bool(false) => {
                let keys: Vec<String> = fields(schema).map(|(key, _)| format!("`{key}`")).collect();
                format!("a map of {}", keys.join(", "))
            }
            _ => "a map".to_owned(),
        },
        other => other.to_owned(),
    }
}

/// Several of what a schema describes.
fn several(schema: &Value) -> String {
    match (types(schema).as_slice(), target(schema)) {
        (["string"], None) if choices(schema).is_none() => "texts".to_owned(),
        (["integer"], None) => {
            format!("whole numbers{}", range(schema, "minimum", "maximum", ""))
        }
        _ if shape(schema) == "any value" => "values of any kind".to_owned(),
        _ => shape(schema),
    }
}

fn range(schema: &Value, low: &str, high: &str, of: &str) -> String {
    let low = schema[low].as_u64();
    let high = schema[high].as_u64().filter(|high| *high != u64::from(u32::MAX));
    match (low, high) {
        (None, None) | (Some(0), None) => String::new(),
        (Some(1), None) if !of.is_empty() => " that is not empty".to_owned(),
        (Some(low), None) => format!(" of at least {low}{of}"),
        (None, Some(high)) => format!(" of at most {high}{of}"),
        (Some(low), Some(high)) => {
            format!("{} {low} to {high}{of}", if of.is_empty() { " from" } else { " of" })
        }
    }
}

fn choices(schema: &Value) -> Option<String> {
    let words = schema["enum"].as_array().or_else(|| schema["then"]["enum"].as_array())?;
    let words: Vec<String> =
        words.iter().filter_map(Value::as_str).map(|word| format!("`{word}`")).collect();
    Some(words.join(", "))
}
