//! Commands that work on one environment after the other, offline.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::args::{Form, Global, ShareArgs};
use super::environments::{self, Chosen};
use super::streams::Streams;
use super::{Exit, Failure};

/// Runs a command on the chosen environment, or on each of several: under its name, or as one JSON
/// document. What goes wrong with one stops no other.
pub(super) fn run(
    command: &str,
    global: &Global,
    share: ShareArgs,
    form: Form,
    streams: &Streams,
    run: impl Fn(&Global, &Streams) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let members = match environments::choose_plainly(global, share)? {
        Chosen::One(one) => return run(&one, streams),
        Chosen::Several(members) => members,
    };
    // These forms are one document, and have no place for several.
    let one_document = match form {
        Form::Sarif => Some("sarif"),
        Form::Junit => Some("junit"),
        Form::Markdown { .. } => Some("markdown"),
        Form::Text | Form::Json | Form::Github => None,
    };
    if let Some(form) = one_document {
        let command = format!("{command} --format {form}");
        return run(&environments::only(members, &command)?, streams);
    }
    let mut exits = Vec::new();
    let mut all: Vec<Value> = Vec::new();
    for member in &members {
        let name = member.env.as_deref().unwrap_or_default();
        let documents = Arc::new(Mutex::new(Vec::new()));
        let streams = match form {
            Form::Json => streams.of_one(name).keeping(&documents),
            _ => streams.clone(),
        };
        if form == Form::Text {
            streams.data(&format!("═══ {name}"));
        }
        let done = run(member, &streams).unwrap_or_else(|failure| {
            streams.page(&failure.to_string());
            match (form, failure.document(form)) {
                (Form::Json, Some(document)) => {
                    let document: Value =
                        serde_json::from_str(&document).expect("it was JSON a moment ago");
                    streams.json(&document);
                }
                (_, Some(document)) => streams.data(&document),
                (_, None) => {}
            }
            failure.exit
        });
        exits.push(done);
        let documents = documents.lock().unwrap_or_else(PoisonError::into_inner).split_off(0);
        all.extend(documents.into_iter().map(|document| named(name, document)));
    }
    let exit = Exit::worst(exits);
    if form == Form::Json {
        streams.json(&json!({ "version": 1, "exit": exit.number(), "environments": all }));
    }
    Ok(exit)
}

/// The document with the name of its environment at the head.
fn named(name: &str, document: Value) -> Value {
    let mut named = json!({ "environment": name });
    if let (Some(named), Value::Object(document)) = (named.as_object_mut(), document) {
        named.extend(document);
    }
    named
}
