//! The JSON Schema of a spec, draft-07, made from the document types.
//!
//! schemars writes down what serde reads. What is done to it here is for the people who meet it:
//! completion, hover texts and messages of editors, and short messages of validators. So there is
//! no `oneOf`, no `anyOf`, and every choice is an `enum` or a list of types with the keywords of
//! each beside it.

use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::{Document, TestFile};

/// Marks a schema that takes `null` too.
pub(super) const NULLABLE: &str = "x-nullable";
/// The words that a shorthand may be, with what each means.
pub(super) const WORDS: &str = "x-words";
/// The two letters that a sid begins with.
const SID: &str = "x-sid";

/// What stands for a variable until its value is put in.
const HOLE: &str = r"^\$\{";

/// Blocks that editors offer, by the place in the schema that they are for.
const SNIPPETS: &str = include_str!("snippets.json");

/// The schema of `flex.yaml`.
pub fn schema() -> Value {
    schema_of::<Document>("urn:flexctl:flex.schema.json", "flex.yaml")
}

/// The schema of `*.test.yaml`.
pub fn test_schema() -> Value {
    schema_of::<TestFile>("urn:flexctl:flex-test.schema.json", "*.test.yaml")
}

fn schema_of<T: JsonSchema>(id: &str, title: &str) -> Value {
    let settings = schemars::generate::SchemaSettings::draft07();
    let mut root: Value = settings.into_generator().into_root_schema_for::<T>().into();
    let definitions = root["definitions"].clone();
    rewrite(&mut root, &definitions);
    document_transfers(&mut root);
    drop_unused(&mut root);
    let snippets: Map<String, Value> =
        serde_json::from_str(SNIPPETS).expect("snippets.json is a map of lists");
    for (pointer, list) in snippets {
        // The places of another document; a test holds that each is there in one.
        let Some(place) = root.pointer_mut(&pointer) else { continue };
        match (&mut place["defaultSnippets"], list) {
            (Value::Array(there), Value::Array(more)) => there.extend(more),
            (there, list) => *there = list,
        }
    }
    let mut whole = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": id,
        "title": title,
    });
    merge(&mut whole, root);
    order(&mut whole);
    whole
}

/// Rewrites a schema and every schema in it.
fn rewrite(value: &mut Value, definitions: &Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, definitions)),
        Value::Object(schema) => {
            for (key, inner) in schema.iter_mut() {
                match key.as_str() {
                    // Maps of schemas: their keys are names, not keywords.
                    "properties" | "definitions" => {
                        for inner in inner.as_object_mut().into_iter().flat_map(Map::values_mut) {
                            rewrite(inner, definitions);
                        }
                    }
                    "examples" | "default" | "const" | "enum" | WORDS => {}
                    _ => rewrite(inner, definitions),
                }
            }
            rewrite_keywords(schema, definitions);
        }
        _ => {}
    }
}

/// The order matters: first the choices become types, then types become more permissive.
fn rewrite_keywords(schema: &mut Map<String, Value>, definitions: &Value) {
    bound_integers(schema);
    flatten_choice(schema);
    flatten_words(schema);
    settle_null(schema, definitions);
    pin_sid(schema);
    admit_variables(schema);
    document(schema);
}

/// `format: uint32` means something to Rust only; its bounds mean something to everyone.
fn bound_integers(schema: &mut Map<String, Value>) {
    if schema.remove("format").is_some_and(|format| format == "uint32") {
        schema.entry("maximum").or_insert(u32::MAX.into());
    }
}

/// `oneOf` constants become an `enum`, an optional reference becomes the reference.
fn flatten_choice(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(branches)) = schema.remove("anyOf") {
        let mut branches: Vec<Value> =
            branches.into_iter().filter(|branch| branch["type"] != "null").collect();
        match branches.pop() {
            Some(Value::Object(only)) if branches.is_empty() && !only.contains_key("$ref") => {
                let own = std::mem::take(schema);
                schema.extend(only);
                schema.extend(own);
            }
            only => {
                branches.extend(only);
                schema.insert("allOf".to_owned(), branches.into());
            }
        }
    }
    let constants = schema
        .get("oneOf")
        .and_then(Value::as_array)
        .filter(|branches| branches.iter().all(|branch| branch.get("const").is_some()));
    if let Some(branches) = constants {
        let words: Vec<Value> = branches.iter().map(|branch| branch["const"].clone()).collect();
        let texts: Vec<Value> = branches
            .iter()
            .map(|branch| unwrap(branch["description"].as_str().unwrap_or_default()).into())
            .collect();
        schema.remove("oneOf");
        schema.insert("type".to_owned(), "string".into());
        schema.insert("enum".to_owned(), words.into());
        schema.insert("markdownEnumDescriptions".to_owned(), texts.into());
    }
}

/// The words of a shorthand hold for texts only; editors offer them as snippets, because they
/// cannot tell yet that a value that is not there will be a text.
fn flatten_words(schema: &mut Map<String, Value>) {
    let Some(Value::Object(words)) = schema.remove(WORDS) else { return };
    let words_alone = words
        .iter()
        .map(|(word, text)| json!({ "label": word, "description": text, "body": word }));
    let snippets = Value::Array(words_alone.collect());
    schema.insert("if".to_owned(), json!({ "type": "string" }));
    schema.insert(
        "then".to_owned(),
        json!({
            "enum": words.keys().collect::<Vec<_>>(),
            "markdownEnumDescriptions": words.values().collect::<Vec<_>>(),
        }),
    );
    schema.insert("defaultSnippets".to_owned(), snippets);
}

/// `null` is for owned fields; an optional one is left out.
fn settle_null(schema: &mut Map<String, Value>, definitions: &Value) {
    if schema.remove(NULLABLE).is_none() {
        if let Some(Value::Array(types)) = schema.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                schema.insert("type".to_owned(), only);
            }
        }
        let empty = schema.get("default").is_some_and(|default| {
            default.is_null() || *default == json!([]) || *default == json!({})
        });
        if empty {
            schema.remove("default");
        }
        return;
    }
    // `null` beside a reference would need `anyOf`, so the reference is put in.
    let target = schema.get("$ref").or_else(|| schema.get("allOf")?.get(0)?.get("$ref"));
    let name = target.and_then(Value::as_str).and_then(|target| target.rsplit('/').next());
    if let Some(name) = name.map(str::to_owned) {
        let mut inner = definitions[&name].clone();
        rewrite(&mut inner, definitions);
        if inner.get("properties").is_some() {
            schema.insert("$comment".to_owned(), name.into());
        }
        schema.remove("$ref");
        schema.remove("allOf");
        let Value::Object(inner) = inner else { return };
        for (key, value) in inner {
            schema.entry(key).or_insert(value);
        }
    }
    add_type(schema, "null");
    if let Some(Value::Array(words)) = schema.get_mut("enum") {
        words.push(Value::Null);
    }
    if let Some(Value::Array(texts)) = schema.get_mut("markdownEnumDescriptions") {
        texts.push("TaskRouter's default.".into());
    }
}

/// A sid is two letters and 32 hexadecimal digits, or comes from a variable.
fn pin_sid(schema: &mut Map<String, Value>) {
    let Some(Value::String(prefix)) = schema.remove(SID) else { return };
    schema.insert("pattern".to_owned(), format!(r"^{prefix}[0-9a-fA-F]{{32}}$|\$\{{").into());
    schema.insert(
        "patternErrorMessage".to_owned(),
        format!("a sid: {prefix} and 32 hexadecimal digits").into(),
    );
}

/// Numbers and truth values may come from a variable: `${var.hold_timeout}`.
fn admit_variables(schema: &mut Map<String, Value>) {
    let typed = |name: &str| match schema.get("type") {
        Some(Value::String(only)) => only == name,
        Some(Value::Array(types)) => types.iter().any(|one| one == name),
        _ => false,
    };
    let what = if typed("boolean") {
        "true or false"
    } else if typed("integer") {
        "a whole number"
    } else {
        return;
    };
    if typed("string") || schema.contains_key("const") {
        return;
    }
    add_type(schema, "string");
    schema.insert("pattern".to_owned(), HOLE.into());
    schema.insert("patternErrorMessage".to_owned(), format!("{what}, or a variable ${{…}}").into());
}

fn add_type(schema: &mut Map<String, Value>, name: &str) {
    let types = match schema.remove("type") {
        Some(Value::Array(types)) => types,
        Some(only) => vec![only],
        None => return,
    };
    let types: Vec<Value> = types.into_iter().chain([name.into()]).collect();
    schema.insert("type".to_owned(), types.into());
}

/// Lines of a paragraph are joined; editors that read markdown find it under their own key.
fn document(schema: &mut Map<String, Value>) {
    if let Some(Value::String(text)) = schema.get("description") {
        let text = unwrap(text);
        schema.insert("description".to_owned(), text.clone().into());
        schema.insert("markdownDescription".to_owned(), text.into());
    }
}

fn unwrap(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.replace('\n', " "));
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

/// The fields that a transfer shares with a workflow are documented once, at the workflow.
fn document_transfers(root: &mut Value) {
    let documented = root["definitions"]["Workflow"]["properties"].clone();
    let transfer = root["definitions"]["Transfer"]["properties"].as_object_mut();
    for (key, field) in transfer.into_iter().flatten() {
        // A transfer's own filters are the ones after those it makes.
        if key != "filters" && !documented[key].is_null() {
            *field = documented[key].clone();
        }
    }
}

/// Definitions that were put in where they are used are not kept beside.
fn drop_unused(root: &mut Value) {
    let text = root.to_string();
    if let Some(definitions) = root["definitions"].as_object_mut() {
        definitions.retain(|name, _| text.contains(&format!("\"#/definitions/{name}\"")));
    }
}

/// What a reader of the schema looks for comes first.
const ORDER: [&str; 19] = [
    "$schema",
    "$id",
    "$comment",
    "title",
    "description",
    "markdownDescription",
    "deprecated",
    "type",
    "const",
    "enum",
    "markdownEnumDescriptions",
    "pattern",
    "patternErrorMessage",
    "minimum",
    "maximum",
    "default",
    "examples",
    "required",
    "additionalProperties",
];

/// Puts the keywords of every schema in order; the order of `properties` is the types' own.
fn order(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(order),
        Value::Object(schema) => {
            let mut keywords: Vec<(String, Value)> = std::mem::take(schema).into_iter().collect();
            let rank = |name: &str| {
                ORDER.iter().position(|known| *known == name).unwrap_or(match name {
                    "properties" => ORDER.len() + 1,
                    "definitions" => ORDER.len() + 2,
                    _ => ORDER.len(),
                })
            };
            keywords.sort_by(|(left, _), (right, _)| {
                rank(left).cmp(&rank(right)).then_with(|| left.cmp(right))
            });
            for (keyword, inner) in &mut keywords {
                match keyword.as_str() {
                    "properties" | "definitions" => {
                        inner.as_object_mut().into_iter().flat_map(Map::values_mut).for_each(order);
                    }
                    "examples" | "default" | "const" | "enum" | "defaultSnippets" => {}
                    _ => order(inner),
                }
            }
            schema.extend(keywords);
        }
        _ => {}
    }
}

fn merge(into: &mut Value, from: Value) {
    let (Value::Object(into), Value::Object(from)) = (into, from) else { return };
    for (key, value) in from {
        into.entry(key).or_insert(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippets_name_places_that_exist() {
        let snippets: Map<String, Value> = serde_json::from_str(SNIPPETS).unwrap();
        for pointer in snippets.keys() {
            assert!(schema().pointer(pointer).is_some(), "{pointer}");
        }
    }
}
