//! Capacities of many workers, summarised into rules.
//!
//! A channel on which everybody is as TaskRouter makes them needs no rule. Otherwise most have one
//! setting, which is the rule for everyone, and each other setting is a rule of its own before it:
//! for the workers with an attribute, where one tells them apart exactly, else for workers by name.
//! Too many names are no summary; then the channel is left alone and its numbers are told.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::draft::Draft;
use super::kinds::is_built_in_channel;
use super::unit::Unit;
use super::yaml::{Node, Part};
use crate::expr;
use crate::model::{
    Address, CapacityMode, CapacityRule, ChannelCapacity, Expression, Kind, Live, Worker,
};

/// As many workers of a channel are named one by one.
const MOST_NAMES: usize = 30;
/// As many values of an attribute are tried.
const MOST_VALUES: usize = 200;

/// The capacity and whether tasks come at all.
type Setting = (u32, bool);

/// What TaskRouter gives a new worker.
const FRESH: Setting = (1, true);

/// A rule under way.
#[derive(Clone, Debug)]
struct Draught {
    name: String,
    workers: String,
    channels: BTreeMap<String, Setting>,
}

/// `worker_capacities`, where somebody differs from a new worker.
pub(super) fn worker_capacities(draft: &mut Draft<'_>) -> Option<Part> {
    let workers = &draft.snapshot.workers;
    let mut by_channel: BTreeMap<&str, BTreeMap<usize, Option<Setting>>> = BTreeMap::new();
    for (at, worker) in workers.iter().enumerate() {
        let channels = draft.snapshot.worker_channels.get(&worker.sid).into_iter().flatten();
        for channel in channels {
            let setting = channel.value.capacity.zip(Some(channel.value.available.unwrap_or(true)));
            by_channel.entry(&channel.name).or_default().insert(at, setting);
        }
    }
    let mut rules: Vec<Draught> = Vec::new();
    let mut above = Vec::new();
    let mut everyone: BTreeMap<String, Setting> = BTreeMap::new();
    let mut search = Search::new(workers);
    for (channel, settings) in by_channel {
        let address = Address::new(Kind::TaskChannel, channel);
        if !draft.options.wants_capacities(channel) {
            continue;
        }
        let refused = draft.refused.get(&Unit::field(&address, "worker_capacities")).cloned();
        let known: Option<BTreeMap<usize, Setting>> =
            settings.into_iter().map(|(at, setting)| Some((at, setting?))).collect();
        let Some(known) = known.filter(|_| refused.is_none()) else {
            let why = refused.unwrap_or_else(|| "a capacity is no number".to_owned());
            let what = format!("capacities on it are left alone: {why}");
            above.push(format!("{address}: {what}."));
            draft.left_out(&address, what);
            continue;
        };
        let groups = groups(&known);
        if groups.keys().all(|setting| *setting == FRESH) {
            continue;
        }
        match summary(&groups, known.len() == workers.len(), &mut search) {
            Some(Summary { usual, others }) => {
                everyone.extend(usual.map(|usual| (channel.to_owned(), usual)));
                for (workers, name, setting) in others {
                    merge(&mut rules, name, workers, channel, setting);
                }
                if !is_built_in_channel(channel) {
                    draft.needed.insert(address);
                }
            }
            None => {
                let counts: Vec<String> = groups
                    .iter()
                    .map(|(setting, workers)| format!("{} ×{}", shown(*setting), workers.len()))
                    .collect();
                above.push(format!(
                    "{address}: capacities are left alone, since no attribute tells apart who has \
                     which: {}.",
                    counts.join(", ")
                ));
            }
        }
    }
    if !everyone.is_empty() {
        rules.push(Draught {
            name: "everyone".to_owned(),
            workers: "1==1".to_owned(),
            channels: everyone,
        });
    }
    if rules.is_empty() && above.is_empty() {
        return None;
    }
    if !rules.is_empty() {
        above.insert(
            0,
            "For each worker and channel the first rule that names both decides. `mode: initial` \
             leaves to people what they change themselves."
                .to_owned(),
        );
    }
    let items = rules.iter().map(|rule| Part::item(written(rule))).collect();
    Some(Part::entry("worker_capacities", Node::List(items)).under(above))
}

fn shown((capacity, available): Setting) -> String {
    if available { capacity.to_string() } else { format!("{capacity} (not available)") }
}

fn groups(settings: &BTreeMap<usize, Setting>) -> BTreeMap<Setting, BTreeSet<usize>> {
    let mut groups: BTreeMap<Setting, BTreeSet<usize>> = BTreeMap::new();
    for (at, setting) in settings {
        groups.entry(*setting).or_default().insert(*at);
    }
    groups
}

/// One channel.
struct Summary {
    /// The setting of everyone else; none when not everyone has the channel.
    usual: Option<Setting>,
    /// Which workers, what the rule is called, and their setting.
    others: Vec<(String, String, Setting)>,
}

fn summary(
    groups: &BTreeMap<Setting, BTreeSet<usize>>,
    everybody: bool,
    search: &mut Search<'_>,
) -> Option<Summary> {
    let most = groups.iter().max_by_key(|(setting, all)| (all.len(), std::cmp::Reverse(**setting)));
    let usual = most.map(|(setting, _)| *setting).filter(|_| everybody);
    let mut others = Vec::new();
    let mut names = 0;
    for (setting, workers) in groups.iter().filter(|(setting, _)| Some(**setting) != usual) {
        if let Some((expression, name)) = search.attribute(workers) {
            others.push((expression, name, *setting));
            continue;
        }
        names += workers.len();
        if names > MOST_NAMES {
            return None;
        }
        if let Some((expression, name)) = search.names(workers) {
            others.push((expression, name, *setting));
            continue;
        }
        for worker in workers {
            let (expression, name) = search.name(*worker);
            others.push((expression, name, *setting));
        }
    }
    Some(Summary { usual, others })
}

fn merge(rules: &mut Vec<Draught>, name: String, workers: String, channel: &str, setting: Setting) {
    match rules.iter_mut().find(|rule| rule.workers == workers) {
        Some(rule) => {
            rule.channels.insert(channel.to_owned(), setting);
        }
        None => {
            let channels = BTreeMap::from([(channel.to_owned(), setting)]);
            rules.push(Draught { name, workers, channels });
        }
    }
}

fn written(rule: &Draught) -> Node {
    let channels = rule.channels.iter().map(|(channel, (capacity, available))| {
        let number = Node::number(*capacity);
        let node = match available {
            true => number,
            false => Node::Inline(vec![
                Part::entry("capacity", number),
                Part::entry("available", Node::flag(false)),
            ]),
        };
        let address = Address::new(Kind::TaskChannel, channel);
        Part::entry(channel, node).about(Unit::field(&address, "worker_capacities"))
    });
    Node::Map(vec![
        Part::entry("name", Node::text(&rule.name)),
        Part::entry("workers", Node::Expression(rule.workers.replace("${", "$${"))),
        Part::entry("channels", Node::Inline(channels.collect())),
    ])
}

/// Who has which attributes.
struct Search<'a> {
    workers: &'a [Live<Worker>],
    /// Conditions on one attribute, with who fulfils them; made when first asked for.
    conditions: Option<Vec<(String, BTreeSet<usize>)>>,
}

impl<'a> Search<'a> {
    fn new(workers: &'a [Live<Worker>]) -> Self {
        Self { workers, conditions: None }
    }

    /// The condition on one attribute that these workers fulfil and nobody else.
    fn attribute(&mut self, wanted: &BTreeSet<usize>) -> Option<(String, String)> {
        if wanted.len() < 2 {
            return None;
        }
        let workers = self.workers;
        let conditions = self.conditions.get_or_insert_with(|| conditions(workers));
        let (condition, _) = conditions.iter().find(|(_, found)| found == wanted)?;
        let condition = condition.clone();
        (self.matching(&condition) == *wanted).then(|| (condition.clone(), words(&condition)))
    }

    /// The condition that several workers fulfil by their names.
    fn names(&self, wanted: &BTreeSet<usize>) -> Option<(String, String)> {
        let mut names: Vec<&str> =
            wanted.iter().map(|at| self.workers[*at].name.as_str()).collect();
        names.sort_unstable();
        let [first, second, more @ ..] = &names[..] else { return None };
        let quoted: Vec<String> =
            names.iter().map(|name| expr::quote(name)).collect::<Option<_>>()?;
        let condition = format!("friendly_name IN [{}]", quoted.join(", "));
        let name = match more.len() {
            0 => format!("{first} and {second}"),
            more => format!("{first}, {second} and {more} more"),
        };
        (self.matching(&condition) == *wanted).then_some((condition, name))
    }

    /// The condition that one worker fulfils alone.
    fn name(&self, worker: usize) -> (String, String) {
        let live = &self.workers[worker];
        let quoted = expr::quote(&live.name);
        let condition = match quoted {
            Some(quoted) => format!("friendly_name == {quoted}"),
            None => format!("sid == '{}'", live.sid),
        };
        let alone = self.matching(&condition) == BTreeSet::from([worker]);
        let condition = if alone { condition } else { format!("sid == '{}'", live.sid) };
        let name = if live.name.is_empty() { &live.sid } else { &live.name };
        (condition, name.clone())
    }

    /// Who fulfils a condition, as a plan sees it.
    fn matching(&self, condition: &str) -> BTreeSet<usize> {
        let rule = CapacityRule {
            name: String::new(),
            workers: Expression::from(condition),
            channels: BTreeMap::from([(
                String::new(),
                ChannelCapacity { mode: CapacityMode::Ignore, available: None },
            )]),
        };
        let matcher = rule.matcher();
        let all = self.workers.iter().enumerate();
        all.filter(|(_, worker)| matcher.matches(worker)).map(|(at, _)| at).collect()
    }
}

/// A condition on one attribute as the name of a rule: `skills fleet`.
fn words(condition: &str) -> String {
    let (path, value) = condition.split_once(' ').unwrap_or((condition, ""));
    let value = value.split_once(' ').map_or(value, |(_, value)| value);
    let last = path.rsplit('.').next().unwrap_or(path);
    format!("{last} {}", value.trim_matches(['\'', '"']))
}

/// Conditions on single attributes: a text, a truth value, an item of a list; two levels deep.
fn conditions(workers: &[Live<Worker>]) -> Vec<(String, BTreeSet<usize>)> {
    let mut found: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (at, worker) in workers.iter().enumerate() {
        for (key, value) in &worker.value.attributes {
            attribute(key, value, 2, &mut |condition| {
                found.entry(condition).or_default().insert(at);
            });
        }
    }
    let mut found: Vec<_> = found.into_iter().filter(|(_, who)| who.len() > 1).collect();
    // The simplest first.
    found.sort_by_key(|(condition, _)| (condition.len(), condition.clone()));
    found.truncate(MOST_VALUES);
    found
}

fn attribute(path: &str, value: &Value, depth: usize, add: &mut dyn FnMut(String)) {
    let plain = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
    };
    if !plain(path) {
        return;
    }
    match value {
        Value::String(text) => {
            if let Some(quoted) = expr::quote(text) {
                add(format!("{path} == {quoted}"));
            }
        }
        Value::Bool(flag) => add(format!("{path} == {flag}")),
        Value::Array(items) => {
            for quoted in items.iter().filter_map(Value::as_str).filter_map(expr::quote) {
                add(format!("{path} HAS {quoted}"));
            }
        }
        Value::Object(entries) if depth > 1 => {
            for (key, value) in entries.iter().filter(|(key, _)| !key.contains('.')) {
                attribute(&format!("{path}.{key}"), value, depth - 1, add);
            }
        }
        Value::Object(_) | Value::Number(_) | Value::Null => {}
    }
}
