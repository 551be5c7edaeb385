//! The same thing, written differently: YAML, TaskRouter's JSON, expressions.

use serde_json::{Map, Value};

/// Decides how things are spelled. The same seed decides the same.
#[derive(Debug)]
pub(crate) struct Speller {
    state: u64,
}

/// Keys whose values are expressions.
const EXPRESSIONS: [&str; 4] = ["expression", "target_workers", "workers", "skip_if"];

/// A filter's name, as it is spelled in the wild.
const FILTER_NAMES: [&str; 4] =
    ["filter_friendly_name", "friendly_name", "friendlyName", "filterFriendlyName"];

impl Speller {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed | 1 }
    }

    fn next(&mut self) -> u64 {
        // Knuth's multiplier; the high bits are good enough for taste.
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        self.state >> 33
    }

    fn coin(&mut self) -> bool {
        self.next().is_multiple_of(2)
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.next() as usize % from.len()]
    }

    fn shuffled<'v>(&mut self, map: &'v Map<String, Value>) -> Vec<(&'v String, &'v Value)> {
        let mut entries: Vec<_> = map.iter().collect();
        for at in (1..entries.len()).rev() {
            entries.swap(at, self.next() as usize % (at + 1));
        }
        entries
    }

    /// A document as YAML: block or flow, any indent, any quotes, maps in any order, comments.
    pub(crate) fn yaml(&mut self, document: &Value) -> String {
        let mut out = String::from("# spelled anew\n---");
        self.node(document, 0, &mut out);
        out.push('\n');
        out
    }

    fn node(&mut self, value: &Value, indent: usize, out: &mut String) {
        let empty = match value {
            Value::Object(map) => map.is_empty(),
            Value::Array(list) => list.is_empty(),
            _ => true,
        };
        if empty || (indent > 0 && self.next().is_multiple_of(4)) {
            out.push(' ');
            self.flow(value, out);
            return;
        }
        let step = " ".repeat(indent);
        let deeper = indent + 1 + self.next() as usize % 4;
        if let Value::Object(map) = value {
            for (key, value) in self.shuffled(map) {
                self.end_line(out);
                out.push_str(&step);
                self.scalar(key, out);
                out.push(':');
                self.node(value, deeper, out);
            }
        } else if let Value::Array(list) = value {
            for item in list {
                self.end_line(out);
                out.push_str(&step);
                out.push('-');
                self.node(item, deeper, out);
            }
        }
    }

    fn end_line(&mut self, out: &mut String) {
        out.push_str(self.pick(&["\n", "\n", "\n", " # remark\n", "\n\n", "\n  # remark\n"]));
    }

    fn flow(&mut self, value: &Value, out: &mut String) {
        match value {
            Value::Object(map) => {
                out.push('{');
                for (at, (key, value)) in self.shuffled(map).into_iter().enumerate() {
                    out.push_str(if at > 0 { ", " } else { " " });
                    self.scalar(key, out);
                    out.push_str(": ");
                    self.flow(value, out);
                }
                out.push_str(" }");
            }
            Value::Array(list) => {
                out.push('[');
                for (at, item) in list.iter().enumerate() {
                    out.push_str(if at > 0 { ", " } else { "" });
                    self.flow(item, out);
                }
                out.push(']');
            }
            Value::String(text) => self.scalar(text, out),
            other => out.push_str(&other.to_string()),
        }
    }

    fn scalar(&mut self, text: &str, out: &mut String) {
        let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || " _./'".contains(c))
            && !text.ends_with(' ')
            && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
                .contains(&text.to_lowercase().as_str());
        match self.next() % 3 {
            0 if plain => out.push_str(text),
            1 if !text.contains(['\n', '\t']) => {
                out.push_str(&format!("'{}'", text.replace('\'', "''")));
            }
            _ => out.push_str(&Value::from(text).to_string()),
        }
    }

    /// The document with every expression in it respelled.
    pub(crate) fn expressions(&mut self, document: &Value) -> Value {
        match document {
            Value::Object(map) => map
                .iter()
                .map(|(key, value)| {
                    let value = match value {
                        Value::String(text) if EXPRESSIONS.contains(&key.as_str()) => {
                            Value::String(self.expression(text))
                        }
                        Value::String(text) if key == "order_by" => {
                            Value::String(self.order_by(text))
                        }
                        value => self.expressions(value),
                    };
                    (key.clone(), value)
                })
                .collect(),
            Value::Array(list) => list.iter().map(|item| self.expressions(item)).collect(),
            other => other.clone(),
        }
    }

    /// Other white space, other quotes, keywords in another case, parentheses around the whole.
    pub(crate) fn expression(&mut self, text: &str) -> String {
        let mut out = String::new();
        let mut was_word = false;
        for token in tokens(text) {
            let is_word = token.starts_with(is_word);
            if was_word && is_word {
                out.push_str(self.pick(&[" ", "  ", "\t", " \t "]));
            } else if !out.is_empty() {
                out.push_str(self.pick(&["", " ", "  "]));
            }
            let keyword = ["and", "or", "not", "in", "has", "contains", "true", "false", "null"]
                .contains(&token.to_lowercase().as_str());
            let inner = token.trim_matches(['\'', '"']);
            let quoted = token.starts_with(['\'', '"']);
            if keyword && self.coin() {
                out.push_str(&token.to_uppercase());
            } else if keyword {
                out.push_str(&token.to_lowercase());
            } else if quoted && !inner.contains(['\'', '"', '$']) && self.coin() {
                out.push_str(&format!("\"{inner}\""));
            } else if quoted && !inner.contains(['\'', '"', '$']) {
                out.push_str(&format!("'{inner}'"));
            } else {
                out.push_str(token);
            }
            was_word = is_word;
        }
        match self.next() % 4 {
            0 => format!("({out})"),
            1 => format!(" {out} "),
            _ => out,
        }
    }

    fn order_by(&mut self, text: &str) -> String {
        let spaced = text.replace(' ', self.pick(&[" ", "  "]));
        let lower = [("DESC", "desc"), ("ASC", "asc")];
        let coin = self.coin();
        lower.iter().fold(
            spaced,
            |text, (upper, lower)| {
                if coin { text.replace(upper, lower) } else { text }
            },
        )
    }

    /// A workflow's configuration: keys in another order, numbers as strings, null for what is
    /// missing, the filters' names under other keys, expressions respelled, other white space.
    pub(crate) fn configuration(&mut self, document: &Value) -> String {
        let document = self.expressions(document);
        let document = self.json(&document);
        if self.coin() {
            serde_json::to_string_pretty(&document).expect("a value is JSON")
        } else {
            document.to_string()
        }
    }

    fn json(&mut self, value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                let mut out = Map::new();
                for (key, value) in self.shuffled(map) {
                    let key = match key.as_str() {
                        "filter_friendly_name" => self.pick(&FILTER_NAMES),
                        key => key,
                    };
                    out.insert(key.to_owned(), self.json(value));
                }
                let is_target = !map.contains_key("targets") && !map.contains_key("task_routing");
                if is_target && !map.contains_key("filters") {
                    for missing in ["expression", "priority", "timeout", "skip_if", "order_by"] {
                        if !map.contains_key(missing) && self.next().is_multiple_of(3) {
                            out.insert(missing.to_owned(), Value::Null);
                        }
                    }
                }
                if map.contains_key("filters") && !map.contains_key("default_filter") && self.coin()
                {
                    out.insert("default_filter".to_owned(), Value::Null);
                }
                if map.get("filters").and_then(Value::as_array).is_some_and(Vec::is_empty) {
                    match self.next() % 3 {
                        0 => out.insert("filters".to_owned(), Value::Null),
                        1 => out.shift_remove("filters"),
                        _ => None,
                    };
                }
                Value::Object(out)
            }
            Value::Array(list) => list.iter().map(|item| self.json(item)).collect(),
            Value::Number(number) if self.coin() => Value::String(number.to_string()),
            other => other.clone(),
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_.$-".contains(c)
}

fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '\'' | '"' => rest[1..].find(first).map_or(rest.len(), |at| at + 2),
            first if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            '(' | ')' | '[' | ']' | ',' => 1,
            _ => rest.find(|c| !"=!<>".contains(c)).unwrap_or(rest.len()).max(1),
        };
        tokens.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    tokens
}
