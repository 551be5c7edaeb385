//! Comments on pull requests, whatever names hold: what GitHub would make of them.

use flexctl::apply::{self, Outcome, Report};
use flexctl::model::{Address, Filter, Kind};
use flexctl::plan::render::{drift as drift_render, markdown};
use flexctl::plan::{
    Action, Change, Counts, Drift, FieldChange, FilterChange, LeftOut, Note, Plan, PlanWorkspace,
    Refusal, Stage,
};
use proptest::prelude::*;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use serde_json::{Value, json};

/// What is wrong with a comment that only our own words may format.
fn fault(comment: &str) -> Option<String> {
    let mut heading = 0;
    let mut folds = 0_i32;
    let mut inside = Vec::new();
    for event in Parser::new_ext(comment, Options::all()) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading += 1,
            Event::Start(tag @ (Tag::Strong | Tag::Emphasis)) => inside.push(tag.to_end()),
            Event::End(end @ (TagEnd::Strong | TagEnd::Emphasis)) => {
                if inside.pop() != Some(end) {
                    return Some("emphasis is not nested".to_owned());
                }
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info)))
                if matches!(&*info, "diff" | "text") => {}
            Event::Start(Tag::Paragraph | Tag::List(None) | Tag::Item | Tag::HtmlBlock)
            | Event::End(_)
            | Event::SoftBreak
            | Event::HardBreak
            | Event::Code(_) => {}
            Event::Html(html) => {
                let summary = html
                    .strip_prefix("<details><summary>")
                    .and_then(|rest| rest.strip_suffix("</summary>\n"));
                let ours =
                    |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || " ,:".contains(c);
                match (&*html, summary) {
                    ("</details>\n", _) => folds -= 1,
                    (_, Some(summary)) if summary.chars().all(ours) => folds += 1,
                    _ => return Some(format!("HTML from somewhere: {html:?}")),
                }
            }
            Event::Text(part) => match inside.last() {
                Some(TagEnd::Strong)
                    if ![
                        "Refused",
                        "Notes",
                        "Not applied",
                        "Skipped",
                        "Written",
                        "Not written",
                        "Unclear",
                        "Last changed",
                    ]
                    .contains(&&*part) =>
                {
                    return Some(format!("bold from somewhere: {part:?}"));
                }
                Some(TagEnd::Emphasis) if !part.starts_with("Left out to stay below") => {
                    return Some(format!("emphasis from somewhere: {part:?}"));
                }
                _ => {}
            },
            other => return Some(format!("unexpected: {other:?}")),
        }
    }
    if heading != 1 || folds != 0 {
        return Some(format!("{heading} headings, {folds} folds left open"));
    }
    let hidden = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
    if let Some(c) = comment.chars().find(|c| hidden(*c)) {
        return Some(format!("{c:?} is in it"));
    }
    None
}

/// Outside of code: what a platform would make a mention, a reference or a link of.
fn calls(comment: &str) -> Option<String> {
    let mut code = 0;
    let mut text = String::new();
    for event in Parser::new_ext(comment, Options::all()) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => code += 1,
            Event::End(TagEnd::CodeBlock) => code -= 1,
            Event::Text(part) if code == 0 => text.push_str(&part),
            Event::Code(_) => text.push('`'),
            Event::Start(_) | Event::End(_) | Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
    }
    let chars: Vec<char> = std::iter::once(' ').chain(text.chars()).collect();
    let word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
    chars.iter().enumerate().skip(1).find_map(|(at, c)| {
        let next = chars.get(at + 1);
        let said = match c {
            '@' => !chars[at - 1].is_alphanumeric() && word(next),
            '#' => next.is_some_and(char::is_ascii_digit),
            ':' => next == Some(&'/'),
            _ => false,
        };
        said.then(|| chars[at.saturating_sub(5)..chars.len().min(at + 8)].iter().collect())
    })
}

fn name() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "Sales",
        "`",
        "``",
        "```",
        "\n```\n",
        "~~~",
        "\n\n",
        "</details>",
        "<details>",
        "<script>",
        "<!--",
        "@team",
        "@",
        "#12",
        "*",
        "**",
        "_",
        "__",
        "|",
        "| a |\n|---|\n",
        "[x](http://e)",
        "![i](x)",
        "http://evil.example",
        "www.evil.example",
        "<http://e>",
        "\u{202e}",
        "\u{2028}",
        "\r\n",
        "\t",
        "$x$",
        "$$",
        "&lt;",
        "&#64;x",
        "\n- a",
        "\n1. b",
        "\n> q",
        "\n# h",
        "  ",
        "\\",
        "é😀",
        "!3",
        "~x~",
        "[^1]",
        "\n[^1]: x",
        "a@b.example",
        "\u{1b}[31m",
        "\n    code",
        "+++",
        "---",
    ]);
    prop::collection::vec(pieces, 1..7).prop_map(|pieces| pieces.concat())
}

fn change(kind: Kind) -> impl Strategy<Value = Change> {
    let actions = prop::sample::select(vec![Action::Create, Action::Update, Action::Delete]);
    (name(), actions, name(), name(), name(), 0..40_usize).prop_map(
        move |(name, action, before, after, filter, lines)| Change {
            address: Address::new(kind, name.clone()),
            action,
            stage: Stage::Main,
            sid: (action != Action::Create)
                .then(|| "WQ0123456789abcdef0123456789abcdef".to_owned()),
            renamed_from: (action == Action::Update).then(|| before.clone()),
            fields: (0..lines)
                .map(|_| FieldChange {
                    field: "target_workers".to_owned(),
                    before: Value::String(before.clone()),
                    after: json!([after.clone(), before.clone()]),
                })
                .collect(),
            filters: vec![FilterChange::Added {
                position: 1,
                filter: Filter { name: filter.clone(), ..Filter::default() },
            }],
            reasons: vec![after],
            write: None,
            after: Vec::new(),
        },
    )
}

fn plan() -> impl Strategy<Value = Plan> {
    let kinds = [Kind::Queue, Kind::Workflow, Kind::Role, Kind::Worker];
    let changes =
        prop::collection::vec(prop::sample::select(kinds.to_vec()).prop_flat_map(change), 0..12);
    let pairs = || prop::collection::vec((name(), name()), 0..6);
    (changes, pairs(), pairs(), name()).prop_map(|(changes, refusals, notes, workspace)| Plan {
        version: 1,
        workspace: PlanWorkspace {
            account_sid: "AC0".to_owned(),
            sid: "WS0".to_owned(),
            friendly_name: workspace.clone(),
        },
        counts: Counts { update: changes.len(), ..Counts::default() },
        changes,
        refusals: refusals
            .into_iter()
            .map(|(name, message)| Refusal {
                code: "pin".to_owned(),
                address: Address::new(Kind::Queue, name.clone()),
                message,
                help: name,
            })
            .collect(),
        notes: notes
            .into_iter()
            .map(|(name, message)| Note {
                code: "still-used".to_owned(),
                address: Address::new(Kind::Queue, name),
                message,
            })
            .collect(),
        unmanaged: vec![Address::new(Kind::Queue, workspace.clone())],
        sids: std::collections::BTreeMap::default(),
        seen: std::collections::BTreeMap::default(),
        left_out: Some(LeftOut {
            only: vec![workspace.clone()],
            exclude: vec![workspace],
            changes: 2,
        }),
        routing: None,
    })
}

fn check(comment: &str, max: usize) -> Result<(), TestCaseError> {
    prop_assert!(comment.encode_utf16().count() <= max, "{} > {max}", comment.len());
    prop_assert_eq!(fault(comment), None, "{}", comment);
    prop_assert_eq!(calls(comment), None, "{}", comment);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_name_breaks_a_comment_or_calls_anybody(plan in plan(), place in name(), max in 2_000..9_000_usize) {
        check(&markdown(&plan, None, &place, max), max)?;
        check(&drift_render::markdown(&Drift::of(&plan), &place, max), max)?;
        let results = plan.changes.iter().enumerate().map(|(at, change)| apply::Result {
            address: change.address.clone(),
            action: change.action,
            stage: change.stage,
            outcome: match at % 3 {
                0 => Outcome::Failed { error: place.clone(), hints: vec![place.clone()] },
                1 => Outcome::Skipped { because: place.clone() },
                _ => Outcome::Unknown { error: place.clone() },
            },
        });
        let report = Report::new(results.collect(), false);
        let files = [place.clone()];
        let ended = apply::Ended {
            plan: &plan,
            last_run: None,
            report: &report,
            written: &files,
            unwritten: &files,
        };
        check(&apply::markdown(&ended, &place, max), max)?;
    }
}

#[test]
fn what_breaks_a_comment_is_seen() {
    for comment in [
        "### a\n\n<b>x</b>\n",
        "### a\n\n<details><summary>x</summary>\n",
        "### a\n\n[x](http://e)\n",
        "### a\n\n**Sales**\n",
        "### a\n\n| a |\n|---|\n| b |\n",
        "### a\n\n### b\n",
        "### a\n\n```sh\nx\n```\n",
    ] {
        assert!(fault(comment).is_some(), "{comment}");
    }
    for comment in ["hello @team", "see #12", "http://evil.example"] {
        assert!(calls(comment).is_some(), "{comment}");
    }
    assert_eq!(calls("`@team` alice@example.com\n\n```text\n@team\n```\n"), None);
}
