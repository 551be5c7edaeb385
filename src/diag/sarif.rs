//! Diagnostics as SARIF 2.1.0, for code scanning and editors.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::place::{Places, uri};
use super::{Code, Diagnostic, Label, Severity, explain};
use crate::text::Sources;

/// What paths begin at.
const ROOT: &str = "%SRCROOT%";
/// The fingerprint's name; the number grows when it is made in another way.
const FINGERPRINT: &str = "flexctlProblem/v1";

/// The log: one run, with the rules that it has results of.
pub fn to_sarif(diagnostics: &[Diagnostic], sources: &Sources, places: &Places) -> Value {
    let codes: BTreeSet<Code> = diagnostics.iter().map(|one| one.code).collect();
    let rules: Vec<Code> = codes.into_iter().collect();
    let mut seen = BTreeMap::new();
    let results: Vec<Value> =
        diagnostics.iter().map(|one| result(one, &rules, sources, places, &mut seen)).collect();
    let invocation = json!({ "executionSuccessful": true });
    log(rules.into_iter().map(rule).collect(), results, invocation, places)
}

/// The log of a run that ended before there was anything to tell of the spec.
pub fn sarif_of_failure(message: &str, exit: u8, places: &Places) -> Value {
    let notification = json!({ "level": "error", "message": { "text": message } });
    let invocation = json!({
        "executionSuccessful": false,
        "exitCode": exit,
        "toolExecutionNotifications": [notification],
    });
    log(Vec::new(), Vec::new(), invocation, places)
}

fn log(rules: Vec<Value>, results: Vec<Value>, invocation: Value, places: &Places) -> Value {
    let mut run = json!({
        "tool": {
            "driver": {
                "name": "flexctl",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            },
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "results": results,
    });
    if !places.root.is_empty() {
        run["originalUriBaseIds"] = json!({ ROOT: { "uri": uri(&places.root) } });
    }
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    })
}

fn rule(code: Code) -> Value {
    let Some(entry) = explain(code) else { return json!({ "id": code }) };
    let mut help = entry.explanation.to_owned();
    let example = entry.example.trim_end();
    if !example.is_empty() {
        help.push_str(&format!("\n\n```yaml\n{example}\n```"));
    }
    json!({
        "id": code,
        "shortDescription": { "text": entry.title },
        "help": { "text": entry.explanation, "markdown": help },
        "defaultConfiguration": { "level": level(entry.severity) },
        "properties": { "tags": [if entry.is_lint() { "lint" } else { "error" }] },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn result(
    diagnostic: &Diagnostic,
    rules: &[Code],
    sources: &Sources,
    places: &Places,
    seen: &mut BTreeMap<String, usize>,
) -> Value {
    let Diagnostic { code, severity, message, help, labels } = diagnostic;
    let text = match help {
        Some(help) => format!("{message}\nHelp: {help}"),
        None => message.clone(),
    };
    let mut result = json!({
        "ruleId": code,
        "ruleIndex": rules.iter().position(|rule| rule == code),
        "level": level(*severity),
        "message": { "text": text },
    });
    if labels.is_empty() {
        // Code scanning takes no result without a place: it is the whole spec's.
        let spec = sources.iter().next().map(|(_, file)| places.path(&file.name));
        if let Some(spec) = spec {
            let artifact = artifact(&spec, places);
            result["locations"] = json!([{ "physicalLocation": { "artifactLocation": artifact } }]);
        }
    }
    if let Some((first, others)) = labels.split_first() {
        result["locations"] = json!([location(first, sources, places)]);
        result["partialFingerprints"] =
            json!({ FINGERPRINT: fingerprint(code, first, sources, places, seen) });
        if !others.is_empty() {
            let others = others.iter().enumerate().map(|(at, label)| {
                let mut location = location(label, sources, places);
                location["id"] = json!(at + 1);
                location
            });
            result["relatedLocations"] = others.collect();
        }
    }
    result
}

fn location(label: &Label, sources: &Sources, places: &Places) -> Value {
    let file = sources.file(label.span.file);
    let path = places.path(&file.name);
    let range = label.span.range;
    // An end is the place after the last character, in SARIF as here.
    let (start, end) = (file.line_column(range.start), file.line_column(range.end));
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": artifact(&path, places),
            "region": {
                "startLine": start.line,
                "startColumn": start.column,
                "endLine": end.line,
                "endColumn": end.column,
            },
        },
    });
    if !label.text.is_empty() {
        location["message"] = json!({ "text": label.text });
    }
    location
}

fn artifact(path: &str, places: &Places) -> Value {
    let mut artifact = json!({ "uri": uri(path) });
    if !path.starts_with('/') && !places.root.is_empty() {
        artifact["uriBaseId"] = json!(ROOT);
    }
    artifact
}

/// What stays the same when lines above move: the code, the file, the text that is pointed at, and
/// which of several alike it is.
fn fingerprint(
    code: Code,
    label: &Label,
    sources: &Sources,
    places: &Places,
    seen: &mut BTreeMap<String, usize>,
) -> String {
    let path = places.path(&sources.file(label.span.file).name);
    let text: Vec<&str> = sources.slice(label.span).split_whitespace().collect();
    let key = [code, path.as_str(), &text.join(" ")].join("\0");
    let nth = seen.entry(key.clone()).or_insert(0);
    *nth += 1;
    let digest = Sha256::digest(format!("{key}\0{nth}"));
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
