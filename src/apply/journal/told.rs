//! What the last run has left behind, in words.

use std::fmt;

use super::{Fate, LastRun, Verdict};
use crate::plan::{Action, Stage};
use crate::text::shown;

/// So many changes are told one by one.
const SHOWN: usize = 12;
/// So many that were not done are named together.
const NAMED: usize = 3;

impl fmt::Display for LastRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { started, runs, changes, applied, open, damaged } = self;
        match runs {
            0 | 1 => f.write_str("the last run stopped in the middle")?,
            runs => write!(f, "the last {runs} runs stopped in the middle")?,
        }
        if let Some(started) = started.as_deref().and_then(moment) {
            write!(f, " (begun {started})")?;
        }
        match runs {
            0 | 1 => write!(f, ": it had applied {applied} of {}", plural(*changes, "change"))?,
            _ => write!(f, ": they had applied {}", plural(*applied, "change"))?,
        }
        if *damaged > 0 {
            write!(f, "; {} of its journal cannot be read", plural(*damaged, "line"))?;
        }
        let lines = lines(open);
        match &lines[..] {
            [] => f.write_str("; nothing was under way"),
            [line] => write!(f, "; {line}"),
            lines => {
                let (told, more) = lines.split_at(lines.len().min(SHOWN));
                told.iter().try_for_each(|line| write!(f, "\n  {line}"))?;
                match more.len() {
                    0 => Ok(()),
                    more => write!(f, "\n  and {more} more"),
                }
            }
        }
    }
}

/// What was done or is in doubt line by line, then what was not done at all.
fn lines(open: &[Fate]) -> Vec<String> {
    let is_undone = |fate: &&Fate| matches!(fate.verdict, Verdict::Undone { .. });
    let (undone, rest): (Vec<&Fate>, Vec<&Fate>) = open.iter().partition(is_undone);
    let mut lines: Vec<String> = rest.into_iter().map(ToString::to_string).collect();
    for action in [Action::Create, Action::Update, Action::Replace, Action::Delete] {
        let same: Vec<&Fate> =
            undone.iter().copied().filter(|fate| fate.action == action).collect();
        if same.len() <= NAMED {
            lines.extend(same.iter().map(ToString::to_string));
            continue;
        }
        let named: Vec<String> =
            same[..NAMED].iter().map(|fate| fate.address.to_string()).collect();
        lines.push(format!(
            "{} and {} more were to be {} next: {}",
            named.join(", "),
            same.len() - NAMED,
            participle(action),
            match action {
                Action::Create => "they are not there",
                Action::Update | Action::Replace => "they are as they were",
                Action::Delete => "they are still there",
            },
        ));
    }
    lines.iter().map(|line| shown(line)).collect()
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, action, stage, verdict } = self;
        let old = if *stage == Stage::Cleanup { "the old " } else { "" };
        write!(f, "{old}{address} was being {}: ", participle(*action))?;
        match (verdict, action) {
            (Verdict::Done { sid: Some(sid) }, Action::Create) => write!(f, "it is there ({sid})"),
            (Verdict::Done { sid: Some(sid) }, Action::Replace) => {
                write!(f, "the new one is there ({sid})")
            }
            (Verdict::Done { .. }, Action::Delete) => f.write_str("it is gone"),
            (Verdict::Done { .. }, _) => f.write_str("it is as it was to be"),
            (Verdict::Undone { .. }, Action::Create) => f.write_str("it is not there"),
            (Verdict::Undone { sid: Some(sid) }, Action::Delete) => {
                write!(f, "it is still there ({sid})")
            }
            (Verdict::Undone { .. }, _) => f.write_str("it is as it was"),
            (Verdict::Other { sid, fields }, Action::Create | Action::Replace) => {
                let new = if *action == Action::Create { "it" } else { "the new one" };
                write!(f, "{new} is there ({sid}), but not with the intended {}", list(fields))
            }
            (Verdict::Other { fields, .. }, _) => {
                write!(f, "its {} is not as intended", list(fields))
            }
            (Verdict::Several { sids }, _) => {
                write!(f, "{} have its name ({})", sids.len(), sids.join(", "))
            }
            (Verdict::Halfway { sid, aside }, _) => {
                write!(f, "the old one ({sid}) is named `{aside}`, and the new one is not there")
            }
            (Verdict::Gone, Action::Replace) => {
                f.write_str("neither the old one nor the new one is there")
            }
            (Verdict::Gone, _) => f.write_str("it is gone"),
            (Verdict::Unseen { because }, _) => write!(f, "it could not be looked at: {because}"),
        }
    }
}

fn participle(action: Action) -> &'static str {
    match action {
        Action::Create => "created",
        Action::Update => "updated",
        Action::Replace => "replaced",
        Action::Delete => "deleted",
    }
}

fn list(fields: &[String]) -> String {
    match fields {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// To the minute, for people.
fn moment(at: &str) -> Option<String> {
    let at: jiff::Timestamp = at.parse().ok()?;
    Some(at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}
