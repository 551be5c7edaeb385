//! The examples of `docs/routing.md`.

use flexctl::model::{Model, Text};
use flexctl::routing::{Choice, Outcome, State, stand_in};
use serde_json::Value;

use super::{model, route};

const DOCS: &str = include_str!("../../../docs/routing.md");
const EXPRESSIONS: &str = include_str!("../../../docs/expressions.md");

/// The fenced blocks: what stands behind the fence, and the text.
fn blocks() -> Vec<(&'static str, String)> {
    let mut blocks = Vec::new();
    let mut lines = DOCS.lines();
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((kind, text.join("\n")));
        }
    }
    blocks
}

/// The center with a workflow `Main`.
fn with_workflow(center: &str, workflow: &str) -> Model {
    let indented: String = workflow.lines().map(|line| format!("    {line}\n")).collect();
    model(&format!("{center}\nworkflows:\n  Main:\n{indented}"))
}

/// Stand-ins for the references in a text.
fn with_sids(text: &str) -> String {
    text.parse::<Text>().expect("references are well formed").render(stand_in)
}

/// Where a task is, in the words of the page.
fn told(state: &State) -> String {
    let mut place = String::new();
    if let Some(queue) = state.queue {
        place = format!(" in {queue}");
    }
    let at_once = if state.offered > 1 { " at once" } else { "" };
    let priority = match state.priority {
        0 => String::new(),
        priority => format!(" with priority {priority}"),
    };
    match state.outcome {
        Outcome::Reserved => {
            let workers = state.workers[..state.offered].join(", ");
            format!("offered to {workers}{place}{at_once}{priority}")
        }
        Outcome::Waiting => format!("waits{place}{priority}"),
        Outcome::Canceled(cause) => {
            let cause = serde_json::to_value(cause).expect("JSON");
            let cause = cause.as_str().expect("a word").replace('_', " ");
            format!("cancelled{place}{priority}: {cause}")
        }
        Outcome::Unrouted => "unrouted".to_owned(),
        Outcome::Unknown => format!("unknown{place}"),
    }
}

#[test]
fn the_examples_of_the_documentation_are_true() {
    let (mut center, mut main) = (String::new(), Model::default());
    let (mut wrong, mut rows) = (String::new(), 0);
    for (kind, text) in blocks() {
        match kind {
            "yaml center" => center = text,
            "yaml workflow" => main = with_workflow(&center, &text),
            "way" => {
                for row in text.lines() {
                    let columns: Vec<&str> = row.split(" | ").map(str::trim).collect();
                    let [attributes, age, place, certainty] = columns[..] else {
                        panic!("four columns: {row}")
                    };
                    rows += 1;
                    let attributes: Value =
                        serde_json::from_str(&with_sids(attributes)).expect("attributes are JSON");
                    let trace = route(&main, &attributes);
                    let state = trace.at(age.parse().expect("an age"));
                    let found = (told(&state), trace.certainty.to_string());
                    if found != (place.to_owned(), certainty.to_owned()) {
                        wrong.push_str(&format!("{row}\n  {} | {}\n", found.0, found.1));
                    }
                }
            }
            kind => panic!("nobody runs a block of {kind}"),
        }
    }
    assert_eq!(wrong, "");
    assert!(rows >= 25, "only {rows} rows");
}

#[test]
fn every_choice_is_explained_on_its_page() {
    for choice in Choice::ALL {
        let page = if choice.page() == "docs/routing.md" { DOCS } else { EXPRESSIONS };
        let plain = |text: &str| text.replace('`', "");
        let told = plain(page).contains(&plain(choice.text())) || choice == Choice::Comparison;
        assert!(told, "{} does not say: {}", choice.page(), choice.text());
    }
}
