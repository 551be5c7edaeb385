//! Which worker channels have to be read. There is no list of them for many workers at once, but
//! TaskRouter can be asked which workers a rule is about and whose capacities are not as it wants.
//! `docs/requests.md` has the formula.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::num::NonZero;

use crate::expr::{self, Certainty, Segment};
use crate::model::{
    CapacityMatcher, CapacityMode, CapacityRule, ChannelCapacity, Live, Worker, matching,
};

use super::Scope;

/// Workers on a page of an answer.
const PAGE: usize = 1000;
/// An expression that takes more bytes in an address is not asked: servers bound addresses at
/// 8,000 bytes and more.
const LONGEST: usize = 6000;

/// What is to be read of the worker channels, and what is asked instead.
#[derive(Clone, Debug, Default)]
pub(super) struct Survey<'a> {
    /// The sids of the workers whose channels are read in any case.
    pub read: BTreeSet<&'a str>,
    /// The workers of the answers are read too.
    pub questions: Vec<Question<'a>>,
    /// Why some are read in any case.
    pub remarks: Vec<Remark>,
    /// How many workers a rule may own something of.
    pub concerned: usize,
}

/// Asks for the workers whose capacities are not as a rule wants them.
#[derive(Clone, Debug)]
pub(super) struct Question<'a> {
    pub rule: &'a CapacityRule,
    /// The `TargetWorkersExpression`.
    pub expression: String,
    /// The sids of those for whom the rule decides; others may be in the answer, since the rule
    /// cannot say that an earlier one comes first.
    pub about: Vec<&'a str>,
}

/// Worker channels that are read one by one, a request for each worker, where a question would
/// have been cheaper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The capacity rule's name.
    pub rule: String,
    /// How many.
    pub workers: usize,
    /// What stands against the question.
    pub because: Because,
}

/// Why worker channels are read and not asked about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// The name of the task channel cannot stand in an expression.
    Name(String),
    /// The rule sets `available` of this task channel.
    Available(String),
    /// The rule is about what changes from one moment to the next, or only flexctl knows.
    Rule(String),
    /// TaskRouter may not take the rule to be about these workers.
    Unspecified,
    /// The question does not fit into an address.
    Long,
    /// In TaskRouter's words.
    Refused(String),
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(channel) => write!(f, "an expression cannot name the channel `{channel}`"),
            Self::Available(channel) => {
                write!(f, "nothing asks for `available` of the channel `{channel}`")
            }
            Self::Rule(what) => write!(f, "{what} cannot be asked for"),
            Self::Unspecified => {
                f.write_str("TaskRouter does not say whether the rule is about them")
            }
            Self::Long => f.write_str("the question is too long"),
            Self::Refused(message) => write!(f, "TaskRouter refuses the question: {message}"),
        }
    }
}

/// From so many evaluations on, threads are worth their while.
const MANY: usize = 20_000;

/// What is known of one channel of one rule before any worker is looked at.
enum Ask {
    /// There is nothing to know.
    Nothing,
    /// Which capacities are not as wanted.
    Drift,
    Impossible(Because),
}

/// Decides for each of `workers` what has to be read. `channels` are the live task channels; of
/// others there is nothing to read.
pub(super) fn survey<'a>(
    workers: &'a [Live<Worker>],
    scope: &Scope<'a>,
    channels: &BTreeSet<&str>,
) -> Survey<'a> {
    let mut survey = Survey::default();
    let rules = scope.capacities;
    if rules.is_empty() {
        return survey;
    }
    let matchers: Vec<_> = rules.iter().map(CapacityRule::matcher).collect();
    let whole: Vec<_> = rules.iter().map(whole_rule).collect();
    let asks = rules.iter().zip(&whole).map(|(rule, whole)| {
        let live = rule.channels.iter().filter(|(name, _)| channels.contains(name.as_str()));
        live.map(|(name, wanted)| (name.as_str(), ask(name, wanted, whole.as_ref()))).collect()
    });
    let asks: Vec<BTreeMap<&str, Ask>> = asks.collect();
    let changing = Changing::of(scope);

    let mut about: Vec<Vec<&str>> = vec![Vec::new(); rules.len()];
    let mut asked: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); rules.len()];
    let mut strangers = vec![0; rules.len()];
    let mut because: BTreeMap<(usize, Because), usize> = BTreeMap::new();
    for (worker, mine) in workers.iter().zip(all_matching(&matchers, workers)) {
        let declared = changing.knows(worker);
        if mine.is_empty() && !declared {
            continue;
        }
        survey.concerned += 1;
        if scope.exact || declared && changing.changes(worker) {
            survey.read.insert(&worker.sid);
            continue;
        }
        let mut decided: BTreeMap<&str, (usize, Certainty)> = BTreeMap::new();
        for &(rule, certainty) in &mine {
            for channel in rules[rule].channels.keys() {
                decided.entry(channel).or_insert((rule, certainty));
            }
        }
        let mut reason = None;
        let mut questions = Vec::new();
        for (&channel, &(rule, certainty)) in &decided {
            match asks[rule].get(channel) {
                None | Some(Ask::Nothing) => {}
                Some(Ask::Impossible(why)) => reason = Some((rule, why.clone())),
                Some(Ask::Drift) if certainty == Certainty::Unspecified => {
                    reason = Some((rule, Because::Unspecified));
                }
                Some(Ask::Drift) => questions.push((rule, channel)),
            }
        }
        if let Some(reason) = reason {
            survey.read.insert(&worker.sid);
            *because.entry(reason).or_default() += 1;
        } else {
            for (rule, channel) in questions {
                asked[rule].insert(channel);
                // Several channels of one worker are one question.
                if about[rule].last() != Some(&worker.sid.as_str()) {
                    about[rule].push(&worker.sid);
                }
            }
        }
        for &(rule, _) in &mine {
            let differs = |(channel, wanted): (&String, &ChannelCapacity)| {
                let decides = decided.get(channel.as_str()).filter(|(other, _)| *other != rule);
                decides.is_some_and(|(other, _)| differs(wanted, &rules[*other].channels[channel]))
            };
            strangers[rule] += usize::from(rules[rule].channels.iter().any(differs));
        }
    }
    for (rule, about) in about.into_iter().enumerate() {
        let expression = question(&rules[rule], &asked[rule]);
        let pages = 1 + strangers[rule] / PAGE;
        if about.len() <= pages {
            survey.read.extend(about);
        } else if encoded_length(&expression) > LONGEST {
            *because.entry((rule, Because::Long)).or_default() += about.len();
            survey.read.extend(about);
        } else {
            survey.questions.push(Question { rule: &rules[rule], expression, about });
        }
    }
    survey.remarks = because
        .into_iter()
        .map(|((rule, because), workers)| Remark {
            rule: rules[rule].name.clone(),
            workers,
            because,
        })
        .collect();
    survey
}

/// The rules that are about each worker, found out on all processors when it is much.
fn all_matching(
    rules: &[CapacityMatcher<'_>],
    workers: &[Live<Worker>],
) -> Vec<Vec<(usize, Certainty)>> {
    let of = |workers: &[Live<Worker>]| -> Vec<Vec<_>> {
        workers.iter().map(|worker| matching(rules, worker).collect()).collect()
    };
    if workers.len() * rules.len() < MANY {
        return of(workers);
    }
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|threads| {
        let chunks = workers.chunks(workers.len().div_ceil(processors));
        let parts: Vec<_> = chunks.map(|chunk| threads.spawn(|| of(chunk))).collect();
        let parts = parts.into_iter().map(|part| part.join().expect("evaluating does not panic"));
        parts.flatten().collect()
    })
}

/// What stands against every question about a rule.
fn whole_rule(rule: &CapacityRule) -> Option<Because> {
    if rule.workers.text.addresses().next().is_some() {
        return Some(Because::Rule("a rule that names an object by its sid".to_owned()));
    }
    let (tree, _) = rule.workers.parse();
    let volatile = tree.paths().find_map(|(path, _)| {
        let mut keys = path.segments.iter().filter_map(|segment| match segment {
            Segment::Key(key) => Some(key.as_str()),
            Segment::Index(_) => None,
        });
        let first = keys.next()?;
        let key = if first == "worker" { keys.next()? } else { first };
        // What a worker does, and not who that is.
        ["activity_name", "activity_sid", "channel"].contains(&key).then(|| path.to_string())
    });
    volatile.map(|path| Because::Rule(format!("a rule about `{path}`")))
}

fn ask(name: &str, wanted: &ChannelCapacity, whole: Option<&Because>) -> Ask {
    match wanted {
        ChannelCapacity { mode: CapacityMode::Ignore, .. }
        | ChannelCapacity { mode: CapacityMode::Enforce(None), available: None } => Ask::Nothing,
        ChannelCapacity { available: Some(_), .. } => {
            Ask::Impossible(Because::Available(name.to_owned()))
        }
        _ if !can_be_named(name) => Ask::Impossible(Because::Name(name.to_owned())),
        _ => whole.map_or(Ask::Drift, |why| Ask::Impossible(why.clone())),
    }
}

/// Whether a channel can stand in a path beyond doubt.
fn can_be_named(channel: &str) -> bool {
    let (tree, errors) = expr::parse(&format!("{channel} == 1"));
    let first = tree.paths().next();
    errors.is_empty()
        && first.is_some_and(|(path, _)| path.segments == [Segment::Key(channel.to_owned())])
}

/// Whether what one rule wants is drift to another.
fn differs(wanted: &ChannelCapacity, other: &ChannelCapacity) -> bool {
    match other.mode {
        CapacityMode::Enforce(Some(capacity)) => wanted.mode.wanted(capacity, true).is_some(),
        _ => false,
    }
}

/// `(rule) AND (this OR that channel is not as wanted)`. A capacity that TaskRouter does not know
/// counts as not as wanted: nobody says whether null differs from a number.
fn question(rule: &CapacityRule, channels: &BTreeSet<&str>) -> String {
    let mut drift = Vec::new();
    for (name, wanted) in rule.channels.iter().filter(|(name, _)| channels.contains(name.as_str()))
    {
        let path = format!("worker.channel.{name}.configured_capacity");
        match wanted.mode {
            CapacityMode::Enforce(Some(capacity)) | CapacityMode::Initial(capacity) => {
                drift.push(format!("{path} != {capacity}"));
            }
            CapacityMode::Bounds(low, high) => {
                drift.push(format!("{path} < {low}"));
                drift.push(format!("{path} > {}", high.max(low)));
            }
            CapacityMode::Enforce(None) | CapacityMode::Ignore => continue,
        }
        drift.push(format!("{path} == null"));
    }
    format!("({}) AND ({})", rule.workers.text, drift.join(" OR "))
}

fn encoded_length(text: &str) -> usize {
    form_urlencoded::byte_serialize(text.as_bytes()).map(str::len).sum()
}

/// The workers that the spec declares, which a plan may change, and with them which rule is about
/// them.
struct Changing<'a> {
    by_name: BTreeMap<String, (&'a String, &'a Worker)>,
    by_sid: BTreeMap<&'a str, (&'a String, &'a Worker)>,
}

impl<'a> Changing<'a> {
    fn of(scope: &Scope<'a>) -> Self {
        let declared = || scope.declared_workers.iter();
        Self {
            by_name: declared()
                .map(|(name, worker)| (name.to_lowercase(), (name, worker)))
                .collect(),
            by_sid: declared()
                .filter_map(|(name, worker)| Some((worker.sid.as_deref()?, (name, worker))))
                .collect(),
        }
    }

    fn declared(&self, live: &Live<Worker>) -> Option<(&'a String, &'a Worker)> {
        if self.by_name.is_empty() {
            return None;
        }
        let by_sid = self.by_sid.get(live.sid.as_str());
        by_sid.or_else(|| self.by_name.get(&live.name.to_lowercase())).copied()
    }

    fn knows(&self, live: &Live<Worker>) -> bool {
        self.declared(live).is_some()
    }

    /// Whether the plan would change anything that a rule may be about.
    fn changes(&self, live: &Live<Worker>) -> bool {
        let Some((name, Worker { sid: _, activity, attributes })) = self.declared(live) else {
            return false;
        };
        let attribute = |(key, value): (&String, &serde_json::Value)| {
            live.value.attributes.get(key).unwrap_or(&serde_json::Value::Null) == value
        };
        *name != live.name
            || activity.is_some() && *activity != live.value.activity
            || !attributes.iter().all(attribute)
    }
}
