//! The journal of applies on disk: one file for each workspace, written by one process at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::sync::mpsc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use super::streams::Streams;
use super::{Exit, Failure, target};
use crate::apply::Report;
use crate::apply::journal::{
    self, Done, Entry, Intent, Journal, LastRun, Line, RecallError, Run, Unwritten, VERSION,
};
use crate::live::{Reader, Transport};
use crate::model::Snapshot;

/// How often a lock is tried for, 20 ms apart: whoever only looks holds it for a moment.
const TRIES: u32 = 10;

/// The file for a workspace, in `folder` or beside the spec.
pub(super) fn path(
    spec: &Utf8Path,
    folder: Option<&Utf8Path>,
    account_sid: &str,
    workspace_sid: &str,
) -> Utf8PathBuf {
    let folder = match folder {
        Some(folder) => folder.to_owned(),
        None => spec.parent().unwrap_or(Utf8Path::new("")).join(".flexctl/journal"),
    };
    // What the API answers becomes no path.
    let plain = |sid: &str| sid.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    folder.join(format!("{}-{}.jsonl", plain(account_sid), plain(workspace_sid)))
}

/// What an earlier run has left behind.
#[derive(Debug)]
pub(super) enum Past {
    /// Nothing: the last one came to its end, or there was none.
    Quiet,
    /// It did not come to its end.
    Unfinished(LastRun),
    /// One is at work.
    Running,
    /// The journal cannot be gone by.
    Unreadable(String),
}

/// Looks what the journal says of the last run, and what became of what was under way.
pub(super) async fn look_back<T: Transport>(
    path: &Utf8Path,
    snapshot: &Snapshot,
    reader: &Reader<T>,
) -> Past {
    let text = match read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Past::Quiet,
        Err(error) => return Past::Unreadable(error.to_string()),
    };
    match journal::recall(&text, &snapshot.account_sid, &snapshot.workspace.sid) {
        Ok(None) => Past::Quiet,
        Ok(Some(_)) if is_locked(path) => Past::Running,
        Ok(Some(unfinished)) => {
            Past::Unfinished(journal::verify(unfinished, snapshot, reader).await)
        }
        Err(error) => Past::Unreadable(error.to_string()),
    }
}

/// Whether there is anything to be said of the last run, as far as the file tells.
pub(super) fn is_quiet(path: &Utf8Path, account_sid: &str, workspace_sid: &str) -> bool {
    match read(path) {
        Ok(text) => matches!(journal::recall(&text, account_sid, workspace_sid), Ok(None)),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// Says what became of a run that did not come to its end, when there was one.
pub(super) fn tell(past: Past, path: &Utf8Path, streams: &Streams) -> Option<LastRun> {
    match past {
        Past::Quiet => {}
        Past::Unfinished(last_run) => {
            streams.error(&last_run.to_string());
            return Some(last_run);
        }
        Past::Running => {
            streams.error("another apply to this workspace is at work at the moment");
        }
        Past::Unreadable(why) => {
            let what = "so nobody knows whether the last run came to its end";
            streams.error(&format!("cannot read the journal {path}: {why}; {what}"));
        }
    }
    None
}

fn is_locked(path: &Utf8Path) -> bool {
    let locked = |file: File| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
    File::open(path).is_ok_and(locked)
}

/// A torn line need not be UTF-8.
fn read(path: &Utf8Path) -> io::Result<String> {
    Ok(String::from_utf8_lossy(&std::fs::read(path)?).into_owned())
}

/// A journal that is ours until it is dropped.
#[derive(Debug)]
pub(super) struct Book {
    path: Utf8PathBuf,
    file: File,
    /// Whether the last run came to its end: then a new one begins on a blank page.
    is_settled: bool,
    ends_in_a_line: bool,
}

impl Book {
    /// Opens the journal at `path` for a run, and makes it where there is none.
    ///
    /// # Errors
    /// It cannot be written, another apply is at it, or it is not about this workspace.
    pub(super) fn open(path: &Utf8Path, snapshot: &Snapshot) -> Result<Self, Failure> {
        let failure = |error: &dyn std::fmt::Display| {
            let message = format!("cannot keep the journal {path}: {error}; nothing was applied");
            Failure::new(Exit::Refused, message)
        };
        let unwritable = |error: io::Error| {
            failure(&error).with_help("make its folder writable, or choose another with --journal")
        };
        let mut file = create(path).map_err(unwritable)?;
        lock(&file).map_err(|error| match error {
            TryLockError::WouldBlock => {
                let message = "another apply to this workspace is at work; nothing was applied";
                let help = format!("wait until it is done; it holds the journal {path}");
                Failure::new(Exit::Refused, message).with_help(help)
            }
            TryLockError::Error(error) => unwritable(error),
        })?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(unwritable)?;
        let text = String::from_utf8_lossy(&bytes);
        let left = journal::recall(&text, &snapshot.account_sid, &snapshot.workspace.sid);
        let left = left.map_err(|error| {
            let help = match &error {
                RecallError::Newer(_) => "use that flexctl, or move the file away",
                RecallError::Foreign { .. } => "move the file away",
            };
            failure(&error).with_help(help)
        })?;
        Ok(Self {
            path: path.to_owned(),
            file,
            is_settled: left.is_none(),
            ends_in_a_line: text.is_empty() || text.ends_with('\n'),
        })
    }

    /// Begins a run. From here on it is unfinished until it is closed.
    ///
    /// # Errors
    /// Nothing can be written.
    pub(super) fn begin(mut self, snapshot: &Snapshot, changes: usize) -> Result<Writing, Failure> {
        let run = Run {
            version: VERSION,
            account_sid: snapshot.account_sid.clone(),
            workspace_sid: snapshot.workspace.sid.clone(),
            changes,
        };
        let path = self.path.clone();
        let write = || {
            if self.is_settled {
                self.file.set_len(0)?;
            } else if !self.ends_in_a_line {
                self.file.write_all(b"\n")?;
            }
            self.file.write_all(line(Entry::Run(run)).as_bytes())?;
            self.file.sync_all()?;
            sync_folder(&path)
        };
        write().map_err(|error| {
            let message = format!("cannot write the journal {path}: {error}; nothing was applied");
            Failure::new(Exit::Refused, message)
                .with_help("make room or the file writable, or choose another with --journal")
        })?;
        let (orders, inbox) = mpsc::channel();
        let file = self.file;
        let thread = std::thread::spawn(move || keep(file, &inbox));
        Ok(Writing { orders, _thread: thread })
    }
}

fn create(path: &Utf8Path) -> io::Result<File> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
        folder.parent().into_iter().for_each(target::ignore_in_git);
    }
    OpenOptions::new().create(true).read(true).append(true).open(path)
}

fn lock(file: &File) -> Result<(), TryLockError> {
    for _ in 1..TRIES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
            other => return other,
        }
    }
    file.try_lock()
}

/// Makes the file's name durable, where folders can be.
fn sync_folder(path: &Utf8Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_str().is_empty() { Utf8Path::new(".") } else { folder };
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn line(entry: Entry) -> String {
    let now = jiff::Timestamp::now();
    let at = Some(now.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());
    serde_json::to_string(&Line { at, entry }).expect("our lines have string keys") + "\n"
}

/// A line to be written, and who waits until it is durable.
#[derive(Debug)]
struct Order {
    entry: Entry,
    waits: Option<oneshot::Sender<Result<(), Unwritten>>>,
}

/// A journal that a run is written into.
#[derive(Debug)]
pub(super) struct Writing {
    orders: mpsc::Sender<Order>,
    _thread: std::thread::JoinHandle<()>,
}

impl Writing {
    async fn write(&self, entry: Entry) -> Result<(), Unwritten> {
        let (waits, written) = oneshot::channel();
        let gone = || Unwritten("nobody writes it any more".to_owned());
        let order = Order { entry, waits: Some(waits) };
        self.orders.send(order).map_err(|_| gone())?;
        written.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Says that the run came to its end.
    ///
    /// # Errors
    /// Nothing can be written; the next run takes this one for unfinished.
    pub(super) async fn close(self, report: &Report) -> Result<(), Unwritten> {
        self.write(Entry::End(report.totals)).await
    }
}

impl Journal for Writing {
    fn intend(&self, intent: Intent) -> BoxFuture<'_, Result<(), Unwritten>> {
        Box::pin(self.write(Entry::Intent(intent)))
    }

    fn done(&self, done: Done) {
        // An outcome that is lost is found out by the next run.
        let _ = self.orders.send(Order { entry: Entry::Outcome(done), waits: None });
    }
}

/// Writes whatever has come in since the last time at once, and makes it durable when somebody
/// waits for that. After a failure nothing is written any more: lines would be missing.
fn keep(mut file: File, inbox: &mpsc::Receiver<Order>) {
    let mut failed: Option<Unwritten> = None;
    while let Ok(first) = inbox.recv() {
        let orders: Vec<Order> = std::iter::once(first).chain(inbox.try_iter()).collect();
        let is_waited_for = orders.iter().any(|order| order.waits.is_some());
        let mut text = String::new();
        let mut waiting = Vec::new();
        for Order { entry, waits } in orders {
            text += &line(entry);
            waiting.extend(waits);
        }
        if failed.is_none() {
            let written = file.write_all(text.as_bytes());
            let written =
                written.and_then(|()| if is_waited_for { file.sync_data() } else { Ok(()) });
            failed = written.err().map(|error| Unwritten(error.to_string()));
        }
        for wait in waiting {
            // Who was called off does not listen.
            let _ = wait.send(failed.clone().map_or(Ok(()), Err));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::Outcome;
    use crate::model::{Address, Fingerprint, Kind};
    use crate::plan::{Action, Stage};

    fn intent(change: usize) -> Intent {
        Intent {
            change,
            address: Address::new(Kind::Queue, format!("Queue {change}")),
            action: Action::Create,
            stage: Stage::Main,
            sid: None,
            wanted: Fingerprint::default(),
            before: Fingerprint::default(),
        }
    }

    fn writing(file: File) -> Writing {
        let (orders, inbox) = mpsc::channel();
        let thread = std::thread::spawn(move || keep(file, &inbox));
        Writing { orders, _thread: thread }
    }

    #[tokio::test]
    async fn intents_are_in_the_file_when_they_are_said_to_be() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let journal = writing(file.reopen().unwrap());
        for change in 0..5 {
            journal.done(Done::of(change, &Outcome::Applied { sid: None }));
            journal.intend(intent(change)).await.unwrap();
            let text = std::fs::read_to_string(file.path()).unwrap();
            assert_eq!(text.lines().count(), 2 * (change + 1));
            let last: Line = serde_json::from_str(text.lines().last().unwrap()).unwrap();
            assert_eq!(last.entry, Entry::Intent(intent(change)));
        }
    }

    #[tokio::test]
    async fn a_journal_that_cannot_be_written_takes_nothing_any_more() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let journal = writing(File::open(file.path()).unwrap());
        for change in 0..2 {
            let error = journal.intend(intent(change)).await.unwrap_err();
            assert!(error.to_string().starts_with("the journal cannot be written: "), "{error}");
        }
        assert!(journal.close(&Report::new(Vec::new(), false)).await.is_err());
    }
}
