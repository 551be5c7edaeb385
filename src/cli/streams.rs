//! stdout is data, stderr is talk; a closed pipe is a quiet end.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::Exit;
use super::args::ColorWhen;
use crate::text::shown_lines;

/// Where a command writes.
#[derive(Clone, Debug)]
pub(super) struct Streams {
    color: ColorWhen,
    quiet: bool,
    /// Who talks, where several do at once: before each line on stderr.
    speaker: Option<Arc<str>>,
    /// Whether nothing is said on stderr at all.
    silent: bool,
    /// Where JSON documents go in place of stdout.
    documents: Option<Arc<Mutex<Vec<Value>>>>,
}

impl Streams {
    /// With the user's wishes.
    pub(super) fn new(color: ColorWhen, quiet: bool) -> Self {
        Self { color, quiet, speaker: None, silent: false, documents: None }
    }

    /// The same for one of several who talk at once; it draws nothing, asks nothing, and is plain.
    pub(super) fn of_one(&self, speaker: &str) -> Self {
        Self { speaker: Some(speaker.into()), color: ColorWhen::Never, ..self.clone() }
    }

    /// The same that keeps JSON documents back, for one document of all.
    pub(super) fn keeping(&self, documents: &Arc<Mutex<Vec<Value>>>) -> Self {
        Self { documents: Some(Arc::clone(documents)), ..self.clone() }
    }

    /// The same for one who says what it has to say elsewhere.
    pub(super) fn silent(&self) -> Self {
        Self { silent: true, ..self.clone() }
    }

    /// Writes data to stdout. When nobody reads it any more it is dropped, quietly: an apply goes on
    /// and the exit code stays its own.
    pub(super) fn data(&self, text: &str) {
        finish_line(&mut io::stdout().lock(), text);
    }

    /// Writes one JSON document to stdout.
    pub(super) fn json(&self, value: &impl serde::Serialize) {
        if let Some(documents) = &self.documents {
            let value = serde_json::to_value(value).expect("our documents have string keys");
            documents.lock().unwrap_or_else(PoisonError::into_inner).push(value);
            return;
        }
        let text = serde_json::to_string_pretty(value).expect("our documents have string keys");
        self.data(&text);
    }

    /// Says something on stderr, unless asked to be quiet.
    pub(super) fn talk(&self, text: &str) {
        if !self.quiet {
            self.error(text);
        }
    }

    /// Says something on stderr that must be heard.
    pub(super) fn error(&self, text: &str) {
        self.page(&shown_lines(text));
    }

    /// The same with a text that has colours.
    pub(super) fn page(&self, text: &str) {
        if self.silent {
            return;
        }
        let mut said = String::with_capacity(text.len() + 1);
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            match &self.speaker {
                Some(speaker) if line.is_empty() => said.push_str(&format!("{speaker}:")),
                Some(speaker) => said.push_str(&format!("{speaker}: {line}")),
                None => said.push_str(line),
            }
            said.push('\n');
        }
        // At once, so that no two mix; nobody may be listening.
        let _ = io::stderr().lock().write_all(said.as_bytes());
    }

    /// Whether data may be coloured.
    pub(super) fn color_data(&self) -> bool {
        self.color(anstream::AutoStream::choice(&io::stdout()))
    }

    /// Whether talk may be coloured.
    pub(super) fn color_talk(&self) -> bool {
        self.color(anstream::AutoStream::choice(&io::stderr()))
    }

    fn color(&self, auto: anstream::ColorChoice) -> bool {
        match self.color {
            ColorWhen::Auto => auto != anstream::ColorChoice::Never,
            ColorWhen::Always => true,
            ColorWhen::Never => false,
        }
    }

    /// Whether progress can be drawn on stderr.
    pub(super) fn draws(&self) -> bool {
        self.speaker.is_none() && !self.quiet && io::stderr().is_terminal()
    }

    /// Whether somebody can be asked.
    pub(super) fn can_ask(&self) -> bool {
        self.speaker.is_none() && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Columns of the terminal, 80 in a pipe; never less than 40.
    pub(super) fn width(&self) -> usize {
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let columns = columns.or_else(|| {
            terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0))
        });
        columns.unwrap_or(80).clamp(40, 160)
    }
}

fn finish_line(out: &mut impl Write, text: &str) {
    let mut write = || {
        out.write_all(text.as_bytes())?;
        if !text.is_empty() && !text.ends_with('\n') {
            out.write_all(b"\n")?;
        }
        out.flush()
    };
    match write() {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(error) => {
            eprintln!("error: cannot write the output: {error}");
            std::process::exit(Exit::Failed.number().into());
        }
        Ok(()) => {}
    }
}
