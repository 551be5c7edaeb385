//! What became of each environment. Its JSON is a contract: `schemas/fleet.schema.json`.

use std::time::Duration;

use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use crate::apply::journal::LastRun;
use crate::apply::{self, Report};
use crate::cli::args::Form;
use crate::cli::commands::drift::look::Look;
use crate::cli::commands::plan::Planned;
use crate::cli::{Exit, Failure};
use crate::plan::{Counts, Drift, DriftCounts, Estimate, Plan, render};

/// What became of an environment, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Word {
    /// What is live is what the spec declares.
    Unchanged,
    /// There are changes, and nothing was applied.
    Changes,
    /// Something is live otherwise than the spec says.
    Drift,
    /// Every change was applied.
    Applied,
    /// Some changes failed, or nobody knows what became of them; exit 1.
    Failed,
    /// The spec has errors in this environment; exit 3.
    SpecErrors,
    /// The API refused us or could not be reached; exit 4.
    NoAccess,
    /// A guard refused; exit 5.
    Refused,
    /// Wrong usage; exit 64.
    Usage,
    /// It was stopped before everything was tried; exit 130.
    Interrupted,
}

impl Word {
    /// For people.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Unchanged => "no changes",
            Self::Changes => "changes",
            Self::Drift => "drift",
            Self::Applied => "applied",
            Self::Failed => "failed",
            Self::SpecErrors => "spec errors",
            Self::NoAccess => "no access",
            Self::Refused => "refused",
            Self::Usage => "wrong usage",
            Self::Interrupted => "interrupted",
        }
    }

    /// Whether something went wrong.
    pub(super) fn is_bad(self) -> bool {
        !matches!(self, Self::Unchanged | Self::Changes | Self::Drift | Self::Applied)
    }

    /// Of a run that ended early.
    fn of(exit: Exit) -> Self {
        match exit {
            Exit::SpecErrors => Self::SpecErrors,
            Exit::Unreachable => Self::NoAccess,
            Exit::Refused => Self::Refused,
            Exit::Usage => Self::Usage,
            Exit::Interrupted => Self::Interrupted,
            _ => Self::Failed,
        }
    }
}

/// What became of one environment.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(super) struct Outcome {
    /// The version of this format: 1.
    pub(super) version: u32,
    /// Its name in the spec.
    pub(super) environment: String,
    /// None when it never became known.
    pub(super) account_sid: Option<String>,
    pub(super) result: Word,
    /// The exit code of a run of this environment alone.
    #[schemars(with = "u8")]
    #[serde(serialize_with = "number")]
    pub(super) exit: Exit,
    /// Why it went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    /// The way out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) help: Option<String>,
    /// What `validate --format json` says, where the spec has errors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) diagnostics: Option<Value>,
    /// What a run has left behind that did not come to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_run: Option<LastRun>,
    /// Of a plan and an apply; none when it could not be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) plan: Option<Plan>,
    /// Of `drift`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) drift: Option<Drift>,
    /// None when nothing was tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) report: Option<Report>,
    /// The files that were written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) outputs: Vec<String>,
    /// Why others could not be, a sentence for each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) unwritten: Vec<String>,
    /// How many requests were sent.
    pub(super) requests: u64,
    /// How long it was worked on.
    pub(super) seconds: f64,
    /// What is shown of it.
    #[serde(skip)]
    pub(super) text: String,
    /// The first line over its plan.
    #[serde(skip)]
    pub(super) heading: String,
    /// How long the plan takes.
    #[serde(skip)]
    estimate: Option<Estimate>,
    /// Why it ended early.
    #[serde(skip)]
    failure: Option<Failure>,
}

impl Outcome {
    /// Of an environment of which nothing is known yet.
    pub(super) fn new(environment: &str) -> Self {
        Self {
            version: 1,
            environment: environment.to_owned(),
            account_sid: None,
            result: Word::Unchanged,
            exit: Exit::Done,
            error: None,
            help: None,
            diagnostics: None,
            last_run: None,
            plan: None,
            drift: None,
            report: None,
            outputs: Vec::new(),
            unwritten: Vec::new(),
            requests: 0,
            seconds: 0.0,
            text: String::new(),
            heading: String::new(),
            estimate: None,
            failure: None,
        }
    }

    /// Notes that it ended early.
    pub(super) fn fail(&mut self, failure: Failure) {
        self.text.push_str(&failure.to_string());
        (self.exit, self.result) = (failure.exit, Word::of(failure.exit));
        let mut errors = failure.errors_of_spec().into_iter();
        self.error = Some(match (errors.next(), errors.len()) {
            (None, _) => failure.message.clone(),
            (Some(first), 0) => first,
            (Some(first), more) => format!("{first} (and {more} more)"),
        });
        self.help.clone_from(&failure.help);
        if self.result == Word::SpecErrors {
            let document = failure.document(Form::Json).unwrap_or_default();
            self.diagnostics = serde_json::from_str(&document).ok();
        }
        self.failure = Some(failure);
    }

    /// Notes what a plan is, and how it ends.
    pub(super) fn plan(&mut self, planned: &Planned, exit: Exit) {
        let Planned { plan, heading, session, .. } = planned;
        self.plan = Some(plan.clone());
        self.heading.clone_from(heading);
        self.estimate = plan.estimate(|kind| session.lane(kind));
        self.account_sid = Some(plan.workspace.account_sid.clone());
        self.exit = exit;
        self.result = match plan.is_empty() {
            true if plan.refusals.is_empty() => Word::Unchanged,
            _ if !plan.refusals.is_empty() => Word::Refused,
            _ => Word::Changes,
        };
        if let Some(refusal) = plan.refusals.first() {
            let more = match plan.refusals.len() - 1 {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            self.error = Some(format!("{}: {}{more}", refusal.address, refusal.message));
            self.help = Some(refusal.help.clone());
        }
    }

    /// Notes what drift there is.
    pub(super) fn drift(&mut self, look: Look) {
        let Look { drift, heading } = look;
        self.account_sid = Some(drift.workspace.account_sid.clone());
        self.result = if drift.objects.is_empty() { Word::Unchanged } else { Word::Drift };
        self.exit = Exit::Drifted { objects: drift.objects.len() };
        (self.drift, self.heading) = (Some(drift), heading);
    }

    /// How much there is of each, in signs; empty where nothing is.
    pub(super) fn counts(&self) -> String {
        let parts = match (&self.plan, &self.drift) {
            (Some(plan), _) => {
                let Counts { create, update, replace, delete, unchanged: _, unmanaged: _ } =
                    plan.counts;
                [('+', create), ('~', update), ('±', replace), ('-', delete)]
            }
            (None, Some(drift)) => {
                let DriftCounts { changed, missing, extra, unclear, unchanged: _ } = drift.counts;
                [('+', extra), ('~', changed), ('-', missing), ('?', unclear)]
            }
            (None, None) => return String::new(),
        };
        let parts = parts.iter().filter(|(_, count)| *count > 0);
        parts.map(|(sign, count)| format!("{sign}{count}")).collect::<Vec<_>>().join(" ")
    }

    /// What is told of it in a comment of at most so many characters.
    pub(super) fn markdown(&self, max_chars: usize) -> String {
        match (&self.failure, &self.plan, &self.report) {
            (Some(failure), ..) => failure.document(Form::Markdown { max_chars }),
            (None, Some(plan), Some(report)) => {
                let (written, unwritten) = (&self.outputs, &self.unwritten);
                let last_run = self.last_run.as_ref();
                let ended = apply::Ended { plan, last_run, report, written, unwritten };
                Some(apply::markdown(&ended, &self.heading, max_chars))
            }
            (None, Some(plan), None) => {
                Some(render::markdown(plan, self.estimate, &self.heading, max_chars))
            }
            (None, None, _) => self
                .drift
                .as_ref()
                .map(|drift| render::drift::markdown(drift, &self.heading, max_chars)),
        }
        .unwrap_or_default()
    }

    /// Notes that so much was done for it.
    pub(super) fn spend(&mut self, requests: u64, time: Duration) {
        self.requests = requests;
        self.seconds += (time.as_secs_f64() * 1000.0).round() / 1000.0;
    }
}

/// All of them: what `--format json` prints.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(super) struct Document<'a> {
    /// The version of this format: 1.
    pub(super) version: u32,
    /// The exit code of the whole: that of the environment that matters most.
    #[schemars(with = "u8")]
    #[serde(serialize_with = "number")]
    pub(super) exit: Exit,
    /// In the order of the spec.
    pub(super) environments: &'a [Outcome],
}

impl<'a> Document<'a> {
    pub(super) fn new(environments: &'a [Outcome]) -> Self {
        let exit = Exit::worst(environments.iter().map(|outcome| outcome.exit));
        Self { version: 1, exit, environments }
    }
}

fn number<S: serde::Serializer>(exit: &Exit, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u8(exit.number())
}

/// The schema of the JSON of several environments, draft-07, as checked in at
/// `schemas/fleet.schema.json`.
pub(in crate::cli::commands) fn schema() -> Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<Document<'_>>().to_value()
}
