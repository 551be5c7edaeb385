//! The words for what the schema refuses.

use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{JsonType, ValidationError};
use serde_json::Value as Json;

use super::pointer;
use super::shape::{meant, types};
use super::tree::{Node, Tree, Value};
use crate::diag::{Diagnostic, Lint, LintError};
use crate::model::{self, Address};
use crate::text::{Sources, nearest, shorten};

/// As many keys or words as a help lists.
const MAX_LISTED: usize = 12;

/// What TaskRouter and people call keys, and what the spec calls them there.
const OTHER_NAMES: [(&str, &str); 5] = [
    ("filter_friendly_name", "name"),
    ("friendly_name", "name"),
    ("task_queue", "queue"),
    ("queue_name", "queue"),
    ("reservation_timeout", "task_reservation_timeout"),
];

/// Whether a pattern is there to let `${…}` stand where no text can.
pub(crate) fn is_reference_pattern(pattern: &str) -> bool {
    pattern.starts_with(r"^\$\{")
}

/// What is wrong, at its place: several diagnostics for several unknown keys.
pub(crate) fn describe(
    error: &ValidationError<'_>,
    schema: &Json,
    tree: &Tree,
    sources: &Sources,
) -> Vec<Diagnostic> {
    let at = error.instance_path().as_str();
    let rules = pointer::split_last(error.schema_path().as_str())
        .and_then(|(parent, _)| schema.pointer(parent))
        .unwrap_or(&Json::Null);
    let fault = Fault { at, rules, tree, sources };
    let one = match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            return unexpected.iter().map(|key| fault.unknown_key(key)).collect();
        }
        Kind::Required { property } => fault.missing_key(property.as_str().unwrap_or_default()),
        Kind::Type { kind } => fault.wrong_type(&types(kind)),
        Kind::Pattern { pattern } if is_reference_pattern(pattern) => {
            fault.wrong_type(&fault.declared_types())
        }
        Kind::Pattern { .. } | Kind::Format { .. } => fault.bad_format(),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            let wanted = context.iter().flatten().filter_map(|error| match error.kind() {
                Kind::Type { kind } if error.instance_path().as_str() == at => Some(types(kind)),
                _ => None,
            });
            fault.wrong_type(&wanted.flatten().collect::<Vec<_>>())
        }
        Kind::Enum { options } => {
            fault.unknown_value(options.as_array().map_or(&[], Vec::as_slice))
        }
        Kind::Constant { expected_value } => {
            fault.unknown_value(std::slice::from_ref(&**expected_value))
        }
        Kind::Maximum { .. }
        | Kind::Minimum { .. }
        | Kind::ExclusiveMaximum { .. }
        | Kind::ExclusiveMinimum { .. }
        | Kind::MultipleOf { .. } => fault.out_of_range(),
        Kind::MaxLength { limit } => fault.too_long(*limit),
        Kind::MinLength { limit } => fault.too_short(*limit),
        Kind::MaxItems { limit } | Kind::MaxProperties { limit } => fault.too_many(*limit),
        Kind::MinItems { limit } | Kind::MinProperties { limit } => fault.too_few(*limit),
        Kind::PropertyNames { error } => {
            fault.name(error.instance().as_str().unwrap_or_default(), error.kind())
        }
        Kind::UniqueItems => {
            fault.error("duplicate-item", format!("{} names something twice", fault.subject()))
        }
        Kind::FalseSchema => fault.out_of_place(),
        _ => fault.error("wrong-type", format!("{} is not as it should be", fault.subject())),
    };
    vec![one]
}

/// What only the document's own reading could tell.
pub(crate) fn from_serde(at: &str, message: &str, tree: &Tree) -> Diagnostic {
    let code = match message {
        _ if message.starts_with("missing field") => "missing-key",
        _ if message.starts_with("unknown field") => "unknown-key",
        _ if message.starts_with("unknown variant") => "unknown-value",
        _ if message.starts_with("invalid type") => "wrong-type",
        _ => "bad-value",
    };
    let span = if code == "missing-key" { tree.key_span(at) } else { tree.value_span(at) };
    Diagnostic::error(code, span, format!("{}: {message}", subject(at)))
}

struct Fault<'a> {
    /// The pointer to the value.
    at: &'a str,
    /// The part of the schema that the value breaks.
    rules: &'a Json,
    tree: &'a Tree,
    sources: &'a Sources,
}

impl Fault<'_> {
    fn node(&self) -> Option<&Node> {
        self.tree.get(self.at)
    }

    fn error(&self, code: &'static str, message: String) -> Diagnostic {
        Diagnostic::error(code, self.tree.value_span(self.at), message)
    }

    /// A test is known by its name: its number counts those of all files.
    fn subject(&self) -> String {
        let mut steps = pointer::steps(self.at);
        let test = (steps.next().as_deref() == Some("tests")).then(|| steps.next()).flatten();
        let called = test.and_then(|index| {
            let name = self.tree.get(&format!("/tests/{index}/name"))?.as_text()?;
            let subject = subject(self.at);
            let number = format!("test {}", index.parse::<usize>().ok()? + 1);
            Some(format!("{}test `{}`", subject.strip_suffix(&number)?, meant(&name.value)))
        });
        called.unwrap_or_else(|| subject(self.at))
    }

    fn unknown_key(&self, key: &str) -> Diagnostic {
        let place = pointer::join(self.at, key);
        let span = self.tree.key_span(&place);
        let owner = self.subject();
        let known: Vec<&str> = match &self.rules["properties"] {
            Json::Object(properties) => properties.keys().map(String::as_str).collect(),
            _ => Vec::new(),
        };
        let taken = |key: &&str| self.node().is_none_or(|node| node.child(key).is_none());
        let other = OTHER_NAMES.iter().find(|(other, own)| *other == key && known.contains(own));
        let near = other.map(|(_, own)| *own).filter(|own| taken(own));
        let no_lint = match key.parse::<Lint>() {
            Err(error @ (LintError::Error(_) | LintError::Note(_))) if self.at == "/lints" => {
                Some(error.to_string())
            }
            _ => None,
        };
        let help = match near.or_else(|| nearest(key, known.iter().copied())) {
            _ if no_lint.is_some() => no_lint.unwrap_or_default(),
            Some(near) => format!("did you mean `{near}`?"),
            None if known.len() <= MAX_LISTED => {
                let open: Vec<&str> = known.iter().copied().filter(taken).collect();
                if open.is_empty() {
                    format!("the keys are {}", listed(&known))
                } else {
                    format!("the keys that can stand here are {}", listed(&open))
                }
            }
            None => "remove it".to_owned(),
        };
        let message = format!("unknown key `{}` in {owner}", shorten(key, 80));
        Diagnostic::error("unknown-key", span, message).with_help(help)
    }

    fn missing_key(&self, key: &str) -> Diagnostic {
        // What has no key of its own has one inside, which is a better place than all of it.
        let own = self.tree.key_span(self.at);
        let span = match self.node() {
            Some(node) if own == node.span => {
                node.entries().next().map_or(own, |(_, first)| first.key)
            }
            _ => own,
        };
        let diagnostic =
            Diagnostic::error("missing-key", span, format!("{} has no `{key}`", self.subject()));
        let rules = &self.rules["properties"][key];
        let example = [&rules["const"], &rules["examples"][0]].into_iter().find_map(scalar);
        diagnostic.with_help(match example {
            Some(example) => format!("add it, as in `{key}: {example}`"),
            None => format!("add `{key}`"),
        })
    }

    /// What the schema says of the value's type, without the text of a `${…}`.
    fn declared_types(&self) -> Vec<JsonType> {
        let of = |name: &Json| match name.as_str()? {
            "null" => Some(JsonType::Null),
            "boolean" => Some(JsonType::Boolean),
            "integer" => Some(JsonType::Integer),
            "number" => Some(JsonType::Number),
            "string" => Some(JsonType::String),
            "array" => Some(JsonType::Array),
            "object" => Some(JsonType::Object),
            _ => None,
        };
        match &self.rules["type"] {
            Json::Array(names) => names.iter().filter_map(of).collect(),
            name => of(name).into_iter().collect(),
        }
    }

    fn wrong_type(&self, wanted: &[JsonType]) -> Diagnostic {
        let only_for_references = self.rules["pattern"].as_str().is_some_and(is_reference_pattern);
        let mut wanted: Vec<JsonType> = wanted
            .iter()
            .copied()
            .filter(|one| *one != JsonType::Null || wanted.len() == 1)
            .filter(|one| *one != JsonType::String || !only_for_references)
            .collect();
        wanted.sort_by_key(|one| *one == JsonType::Boolean);
        wanted.dedup();
        let words: Vec<&str> = wanted.iter().map(|one| type_words(*one)).collect();
        let node = self.node();
        let found = node.map_or("nothing".to_owned(), found);
        let message = match words.as_slice() {
            [] => format!("{} cannot be {found}", self.subject()),
            [words @ .., last] if words.len() > 1 => {
                format!("{} is {found}, not {}, or {last}", self.subject(), words.join(", "))
            }
            words => format!("{} is {found}, not {}", self.subject(), words.join(" or ")),
        };
        let diagnostic = self.error("wrong-type", message);
        match node.and_then(|node| self.type_help(node, &wanted)) {
            Some(help) => diagnostic.with_help(help),
            None => diagnostic,
        }
    }

    /// How to write the same so that it has the right type.
    fn type_help(&self, node: &Node, wanted: &[JsonType]) -> Option<String> {
        let wants = |one| wanted.contains(&one);
        let source = self.sources.slice(node.span);
        match &node.value {
            Value::Null if wants(JsonType::Object) && self.may_be_empty() => {
                Some("give it keys, or write `{}` for none".to_owned())
            }
            Value::Null => Some("give a value, or remove the key".to_owned()),
            Value::Number(_) | Value::Boolean(_) if wants(JsonType::String) => {
                let own = !source.contains("${") && !source.contains('\n');
                Some(match own {
                    true => format!("quote the value: \"{}\"", shorten(source, 80)),
                    false => "quote the value where the variable is set".to_owned(),
                })
            }
            Value::String(text) if wants(JsonType::Boolean) => match text.value.as_str() {
                "yes" | "on" | "Yes" | "On" | "YES" | "ON" => Some("write `true`".to_owned()),
                "no" | "off" | "No" | "Off" | "NO" | "OFF" => Some("write `false`".to_owned()),
                "true" | "false" => Some("remove the quotes".to_owned()),
                _ => None,
            },
            Value::String(text)
                if (wants(JsonType::Integer) || wants(JsonType::Number))
                    && text.value.parse::<f64>().is_ok() =>
            {
                Some("remove the quotes".to_owned())
            }
            Value::String(_) | Value::Number(_) | Value::Boolean(_)
                if wants(JsonType::Array) && !source.contains('\n') =>
            {
                Some(format!("write it as a list: [{}]", shorten(source, 80)))
            }
            Value::Map(_) if source.starts_with("{{") => {
                Some("a value is put in with \"${…}\"".to_owned())
            }
            _ => None,
        }
    }

    /// Whether a map without keys can stand here.
    fn may_be_empty(&self) -> bool {
        self.rules["required"].is_null() && self.rules["minProperties"].is_null()
    }

    fn unknown_value(&self, options: &[Json]) -> Diagnostic {
        let words: Vec<String> = options
            .iter()
            .filter(|option| !option.is_null())
            .map(|option| option.as_str().map_or_else(|| option.to_string(), str::to_owned))
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let found = self.node().map_or("nothing".to_owned(), found);
        let written = self.node().and_then(Node::as_text).map(|text| text.value.as_str());
        let near = written.and_then(|text| nearest(text, words.iter().copied()));
        let help = match (near, words.as_slice()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, [one]) => format!("write `{one}`"),
            (None, words) if words.len() <= MAX_LISTED => format!("it can be {}", listed(words)),
            (None, _) => "see the documentation for what it can be".to_owned(),
        };
        self.error("unknown-value", format!("{} cannot be {found}", self.subject())).with_help(help)
    }

    fn out_of_range(&self) -> Diagnostic {
        let found = self.node().map_or("nothing".to_owned(), found);
        let limit = |names: [&str; 2]| {
            names.into_iter().map(|name| &self.rules[name]).find(|limit| !limit.is_null())
        };
        let range = match (
            limit(["minimum", "exclusiveMinimum"]),
            limit(["maximum", "exclusiveMaximum"]),
        ) {
            (Some(low), Some(high)) => format!("between {low} and {high}"),
            (Some(low), None) => format!("{low} or more"),
            (None, Some(high)) => format!("{high} or less"),
            (None, None) => "another number".to_owned(),
        };
        self.error("out-of-range", format!("{} is {found}", self.subject()))
            .with_help(format!("TaskRouter takes {range}"))
    }

    fn too_long(&self, limit: u64) -> Diagnostic {
        let length =
            self.node().and_then(Node::as_text).map_or(0, |text| text.value.chars().count());
        let message = format!("{} has {length} characters", self.subject());
        self.error("too-long", message).with_help(format!("it can have at most {limit}"))
    }

    fn too_short(&self, limit: u64) -> Diagnostic {
        let message = match limit {
            1 => format!("{} is empty", self.subject()),
            _ => format!("{} is too short", self.subject()),
        };
        self.error("too-short", message).with_help(match limit {
            1 => "give some text".to_owned(),
            limit => format!("it has at least {limit} characters"),
        })
    }

    fn too_many(&self, limit: u64) -> Diagnostic {
        let first = usize::try_from(limit).unwrap_or(usize::MAX);
        let (length, span) = match self.node().map(|node| &node.value) {
            Some(Value::List(items)) => (items.len(), items.get(first).map(|item| item.span)),
            Some(Value::Map(entries)) => {
                (entries.len(), entries.get_index(first).map(|(_, entry)| entry.key))
            }
            _ => (0, None),
        };
        let span = span.unwrap_or_else(|| self.tree.value_span(self.at));
        let message = format!("{} has {length} entries", self.subject());
        Diagnostic::error("too-many", span, message)
            .with_text(format!("the first one over {limit}"))
            .with_help(format!("there can be at most {limit}"))
    }

    fn too_few(&self, limit: u64) -> Diagnostic {
        let message = match limit {
            1 => format!("{} is empty", self.subject()),
            _ => format!("{} has fewer than {limit} entries", self.subject()),
        };
        self.error("too-few", message).with_help(match limit {
            1 => "give at least one entry, or remove the key".to_owned(),
            limit => format!("give at least {limit}"),
        })
    }

    /// A key of a section, which is the name of an object.
    fn name(&self, name: &str, kind: &Kind) -> Diagnostic {
        let place = pointer::join(self.at, name);
        let span = self.tree.key_span(&place);
        let section = self.subject();
        match kind {
            Kind::MaxLength { limit } => {
                let length = name.chars().count();
                let message = format!("a name in {section} has {length} characters");
                Diagnostic::error("too-long", span, message)
                    .with_help(format!("it can have at most {limit}"))
            }
            Kind::MinLength { .. } => {
                Diagnostic::error("too-short", span, format!("a name in {section} is empty"))
                    .with_help("give a name")
            }
            _ => Diagnostic::error(
                "bad-format",
                span,
                format!("`{}` cannot be a name in {section}", shorten(name, 80)),
            ),
        }
    }

    fn bad_format(&self) -> Diagnostic {
        let found = self.node().map_or("nothing".to_owned(), found);
        let diagnostic = self.error("bad-format", format!("{} cannot be {found}", self.subject()));
        let example = &self.rules["examples"][0];
        let pattern = self.rules["pattern"].as_str().unwrap_or_default();
        let sid = pattern.strip_prefix('^').and_then(|rest| rest.split_once("[0-9a-fA-F]{32}"));
        match (sid, example.as_str()) {
            (Some((prefix, _)), _) => {
                let help = format!("this sid is `{prefix}` and 32 hexadecimal digits");
                diagnostic.with_help(help)
            }
            (None, Some(example)) => diagnostic.with_help(format!("write it as in `{example}`")),
            (None, None) if pattern.is_empty() => diagnostic,
            (None, None) => diagnostic.with_help(format!("it has to match `{pattern}`")),
        }
    }

    /// A key that is known, but not together with the others.
    fn out_of_place(&self) -> Diagnostic {
        let span = self.tree.key_span(self.at);
        let message = format!("{} cannot stand here", self.subject());
        Diagnostic::error("unknown-key", span, message).with_help("remove it")
    }
}

fn type_words(one: JsonType) -> &'static str {
    match one {
        JsonType::Null => "null",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Number => "a number",
        JsonType::String => "text",
        JsonType::Array => "a list",
        JsonType::Object => "a map",
    }
}

/// What was found, in a few words. What came from outside may be a secret and is not shown.
fn found(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a map".to_owned(),
        Value::Boolean(_) | Value::Number(_) | Value::String(_) if node.outside.is_some() => {
            "what was given from outside".to_owned()
        }
        Value::Boolean(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => {
            let short = shorten(&meant(&text.value), 40);
            format!("`{}`", short.escape_debug())
        }
    }
}

/// A short scalar as one would write it.
fn scalar(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// The value at a pointer, as the subject of a sentence: `` `priority` of target 1 of filter 3 of
/// workflow.Chat ``. People count from 1, and so does a plan.
pub(crate) fn subject(at: &str) -> String {
    let steps: Vec<String> = pointer::steps(at).collect();
    let address = |kind: model::Kind, name: &str| Address::new(kind, name).to_string();
    let (object, rest) = match steps.as_slice() {
        [] => return "the spec".to_owned(),
        [section, name, rest @ ..] => match section.as_str() {
            "activities" => (Some(address(model::Kind::Activity, name)), rest),
            "task_channels" => (Some(address(model::Kind::TaskChannel, name)), rest),
            "queues" => (Some(address(model::Kind::Queue, name)), rest),
            "workers" => (Some(address(model::Kind::Worker, name)), rest),
            "workflows" | "transfers" => (Some(address(model::Kind::Workflow, name)), rest),
            "environments" => (Some(format!("environment {name}")), rest),
            "workspace" => (Some("the workspace".to_owned()), &steps[1..]),
            _ => (None, steps.as_slice()),
        },
        steps => (None, steps),
    };
    let mut words = Vec::new();
    let mut rest = rest.iter().peekable();
    while let Some(step) = rest.next() {
        let index = rest.next_if(|next| next.parse::<usize>().is_ok());
        match index.and_then(|index| index.parse::<usize>().ok()) {
            None => words.push(format!("`{step}`")),
            Some(index) => words.push(match step.as_str() {
                "worker_capacities" => format!("capacity rule {}", index + 1),
                list => match list.strip_suffix('s') {
                    Some(one) => format!("{one} {}", index + 1),
                    None => format!("item {} of `{list}`", index + 1),
                },
            }),
        }
    }
    words.into_iter().rev().chain(object).collect::<Vec<_>>().join(" of ")
}
