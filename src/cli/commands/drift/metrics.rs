//! What a watch knows, in the text format of Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use jiff::Timestamp;

use crate::plan::Drift;

/// Why a look failed: a label, of few values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    /// TaskRouter refused us or could not be reached.
    Api,
    /// The spec has errors, or cannot be read.
    Spec,
    /// Another account or workspace than the spec means.
    Refused,
    /// Settings that cannot be used, such as a file of variables that is missing.
    Usage,
}

impl Reason {
    const ALL: [Self; 4] = [Self::Api, Self::Spec, Self::Refused, Self::Usage];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Spec => "spec",
            Self::Refused => "refused",
            Self::Usage => "usage",
        }
    }
}

/// What is known by now.
#[derive(Debug, Default)]
pub(super) struct State {
    /// As it was last read; it stays when a look fails.
    pub(super) drift: Option<Drift>,
    last_read: Option<Timestamp>,
    last_look: Option<Timestamp>,
    took: Duration,
    looks: u64,
    failures: BTreeMap<Reason, u64>,
    /// None as long as nobody has asked.
    api_available: Option<bool>,
    spec_valid: Option<bool>,
}

impl State {
    /// After a look that told what is live.
    pub(super) fn read(&mut self, drift: Drift, at: Timestamp, took: Duration) {
        self.looked(at, took);
        self.drift = Some(drift);
        self.last_read = Some(at);
        self.api_available = Some(true);
        self.spec_valid = Some(true);
    }

    /// After one that did not.
    pub(super) fn failed(&mut self, reason: Reason, at: Timestamp, took: Duration) {
        self.looked(at, took);
        *self.failures.entry(reason).or_default() += 1;
        match reason {
            Reason::Api => (self.api_available, self.spec_valid) = (Some(false), Some(true)),
            Reason::Spec => self.spec_valid = Some(false),
            Reason::Refused | Reason::Usage => {}
        }
    }

    fn looked(&mut self, at: Timestamp, took: Duration) {
        (self.last_look, self.took) = (Some(at), took);
        self.looks += 1;
    }

    /// The page of `/metrics`. What is not known yet is not there.
    pub(super) fn text(&self) -> String {
        let mut page = Page(String::new());
        let version = env!("CARGO_PKG_VERSION");
        page.family("build_info", "gauge", "The version of flexctl that watches.");
        page.sample("build_info", &[("version", version)], 1);
        if let Some(drift) = &self.drift {
            let name = "drift_objects";
            page.family(name, "gauge", "Objects that are live otherwise than the spec says.");
            for ((kind, drift), count) in drift.by_kind() {
                page.sample(name, &[("kind", kind.word()), ("drift", drift.word())], count);
            }
        }
        if let Some(at) = self.last_read {
            let name = "drift_last_read_timestamp_seconds";
            page.family(name, "gauge", "When live was last read, and drift last known for sure.");
            page.sample(name, &[], at.as_second());
        }
        if let Some(at) = self.last_look {
            let name = "drift_last_look_timestamp_seconds";
            page.family(name, "gauge", "When a look last ended, well or not.");
            page.sample(name, &[], at.as_second());
            let name = "drift_look_duration_seconds";
            page.family(name, "gauge", "How long the last look took.");
            page.sample(name, &[], self.took.as_secs_f64());
        }
        page.family("drift_looks_total", "counter", "Looks since the start, well or not.");
        page.sample("drift_looks_total", &[], self.looks);
        let name = "drift_failures_total";
        page.family(name, "counter", "Looks that could not tell what is live, by reason.");
        for reason in Reason::ALL {
            let count = self.failures.get(&reason).copied().unwrap_or_default();
            page.sample(name, &[("reason", reason.word())], count);
        }
        let flags = [
            ("drift_api_available", self.api_available, "Whether TaskRouter answered last time."),
            ("drift_spec_valid", self.spec_valid, "Whether the spec had no errors last time."),
        ];
        for (name, flag, help) in flags {
            if let Some(flag) = flag {
                page.family(name, "gauge", help);
                page.sample(name, &[], u8::from(flag));
            }
        }
        page.0
    }
}

/// Lines of the format. Names of labels and their values are our own and hold nothing that would
/// have to be escaped.
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, of: &str, help: &str) {
        writeln!(self.0, "# HELP flexctl_{name} {help}\n# TYPE flexctl_{name} {of}")
            .expect("a String grows");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let labels: Vec<String> =
            labels.iter().map(|(label, value)| format!("{label}=\"{value}\"")).collect();
        let labels = match labels.is_empty() {
            true => String::new(),
            false => format!("{{{}}}", labels.join(",")),
        };
        writeln!(self.0, "flexctl_{name}{labels} {value}").expect("a String grows");
    }
}
