//! Reading a journal.

use std::collections::BTreeMap;

use super::{Done, Ending, Entry, Intent, Line, Run, VERSION};

/// What a journal says of runs that did not come to their end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// When the last of them began, as in RFC 3339.
    pub started: Option<String>,
    /// How many there were since the last one that came to its end.
    pub runs: usize,
    /// How many changes the plan of the last one had.
    pub changes: usize,
    /// How many changes all of them have applied, as far as it is written down.
    pub applied: usize,
    /// What may or may not have been done.
    pub open: Vec<Intent>,
    /// Lines that cannot be read.
    pub damaged: usize,
}

/// Why a journal cannot be gone by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecallError {
    #[error("it was written by a newer flexctl (version {0} of the journal)")]
    Newer(u32),
    #[error("it is about workspace {workspace_sid} of account {account_sid}")]
    Foreign { account_sid: String, workspace_sid: String },
}

/// Reads what is left of a journal of one workspace; none when the last run came to its end.
///
/// # Errors
/// It is of a version or a workspace that we cannot speak of.
pub fn recall(
    text: &str,
    account_sid: &str,
    workspace_sid: &str,
) -> Result<Option<Unfinished>, RecallError> {
    let mut state: Option<State> = None;
    let mut damaged = 0;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        // Another version may have other lines.
        let Ok(line) = serde_json::from_str::<Line>(line) else {
            damaged += 1;
            newer(line)?;
            continue;
        };
        let known = state.get_or_insert_default();
        match line.entry {
            Entry::Run(run) => {
                let Run { version, account_sid: account, workspace_sid: workspace, changes } = run;
                if version > VERSION {
                    return Err(RecallError::Newer(version));
                }
                if (account.as_str(), workspace.as_str()) != (account_sid, workspace_sid) {
                    return Err(RecallError::Foreign {
                        account_sid: account,
                        workspace_sid: workspace,
                    });
                }
                known.started = line.at;
                known.runs += 1;
                known.changes = changes;
            }
            Entry::Intent(intent) => known.begin(intent),
            Entry::Outcome(done) => known.end(&done),
            Entry::End(_) => (state, damaged) = (None, 0),
        }
    }
    // Where nothing can be read nothing was sent: the first line is durable before that.
    Ok(state.map(|State { started, runs, changes, applied, open }| Unfinished {
        started,
        runs,
        changes,
        applied,
        open: open.into_values().collect(),
        damaged,
    }))
}

/// Whether a line that cannot be read begins a run of a newer version.
fn newer(line: &str) -> Result<(), RecallError> {
    #[derive(serde::Deserialize)]
    struct Head {
        version: u32,
    }
    match serde_json::from_str::<Head>(line) {
        Ok(Head { version }) if version > VERSION => Err(RecallError::Newer(version)),
        _ => Ok(()),
    }
}

/// What is known up to a line.
#[derive(Default)]
struct State {
    started: Option<String>,
    runs: usize,
    changes: usize,
    applied: usize,
    /// By run and place in its plan.
    open: BTreeMap<(usize, usize), Intent>,
}

impl State {
    /// What an earlier run has left is of no interest once it is tried again.
    fn begin(&mut self, intent: Intent) {
        let run = self.runs;
        self.open.retain(|(other, _), left| {
            *other == run || (&left.address, left.stage) != (&intent.address, intent.stage)
        });
        self.open.insert((run, intent.change), intent);
    }

    fn end(&mut self, done: &Done) {
        let Done { change, outcome, sid: _ } = done;
        self.applied += usize::from(*outcome == Ending::Applied);
        if *outcome != Ending::Unknown {
            self.open.remove(&(self.runs, *change));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::Totals;
    use crate::model::{Address, Fingerprint, Kind};
    use crate::plan::{Action, Stage};

    fn intent(change: usize, name: &str) -> Entry {
        Entry::Intent(Intent {
            change,
            address: Address::new(Kind::Queue, name),
            action: Action::Create,
            stage: Stage::Main,
            sid: None,
            wanted: Fingerprint::default(),
            before: Fingerprint::default(),
        })
    }

    fn done(change: usize, outcome: Ending) -> Entry {
        Entry::Outcome(Done { change, outcome, sid: None })
    }

    fn run(changes: usize) -> Entry {
        let (account_sid, workspace_sid) = ("AC1".to_owned(), "WS1".to_owned());
        Entry::Run(Run { version: VERSION, account_sid, workspace_sid, changes })
    }

    fn text(entries: &[Entry]) -> String {
        let line = |entry: &Entry| {
            let line = Line { at: None, entry: entry.clone() };
            serde_json::to_string(&line).unwrap() + "\n"
        };
        entries.iter().map(line).collect()
    }

    fn open(unfinished: &Unfinished) -> Vec<&str> {
        unfinished.open.iter().map(|intent| intent.address.name.as_str()).collect()
    }

    fn read(text: &str) -> Option<Unfinished> {
        recall(text, "AC1", "WS1").unwrap()
    }

    #[test]
    fn a_run_that_came_to_its_end_leaves_nothing() {
        let end = Entry::End(Totals::default());
        let whole = [run(1), intent(0, "A"), done(0, Ending::Applied), end];
        assert_eq!(read(&text(&whole)), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn intents_without_a_known_outcome_are_open() {
        let entries = [
            run(5),
            intent(0, "A"),
            intent(1, "B"),
            intent(2, "C"),
            intent(3, "D"),
            done(1, Ending::Applied),
            done(2, Ending::Unknown),
            done(3, Ending::Skipped),
        ];
        let unfinished = read(&text(&entries)).unwrap();
        assert_eq!(open(&unfinished), ["A", "C"]);
        assert_eq!((unfinished.applied, unfinished.changes, unfinished.runs), (1, 5, 1));
    }

    #[test]
    fn what_several_runs_have_left_is_told_once() {
        let entries = [run(2), intent(0, "A"), intent(1, "B"), run(1), intent(0, "B")];
        let unfinished = read(&text(&entries)).unwrap();
        assert_eq!((open(&unfinished), unfinished.runs), (vec!["A", "B"], 2));
        let more = text(&entries) + &text(&[done(0, Ending::Applied)]);
        assert_eq!(open(&read(&more).unwrap()), ["A"]);
    }

    #[test]
    fn a_line_that_a_power_cut_has_torn_is_counted_and_passed_over() {
        let whole = text(&[run(2), intent(0, "A"), intent(1, "B")]);
        for cut in whole.find('\n').unwrap() + 1..whole.len() {
            let unfinished = read(&whole[..cut]).unwrap();
            let lines = whole[..cut].lines().count();
            let is_torn =
                serde_json::from_str::<Line>(whole[..cut].lines().last().unwrap()).is_err();
            assert_eq!(unfinished.damaged, usize::from(is_torn), "{cut}");
            assert_eq!(unfinished.open.len() + unfinished.damaged, lines - 1, "{cut}");
        }
        // The run's own line is durable before anything is sent.
        assert_eq!(read(&whole[..20]), None);
    }

    #[test]
    fn what_is_not_ours_to_read_is_refused() {
        let ours = text(&[run(1)]);
        let error = recall(&ours, "AC1", "WS2").unwrap_err();
        assert_eq!(error.to_string(), "it is about workspace WS1 of account AC1");
        let newer = ours.replace("\"version\":1", "\"version\":2");
        assert_eq!(recall(&newer, "AC1", "WS1"), Err(RecallError::Newer(2)));
        let strange = r#"{"entry":"voyage","version":9}"#;
        assert_eq!(recall(strange, "AC1", "WS1"), Err(RecallError::Newer(9)));
    }
}
