//! What a spec means, in digests: whether it has changed since, and where.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::model::{
    Address, CapacityMode, CapacityRule, ChannelCapacity, Expression, Kind, Limit, Model, Policy,
    Share, Target, Workflow,
};

/// A digest of every part of an expanded spec, variables and environment put in. Spelling makes
/// no difference. The digests are salted, so that those of two files cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Meaning {
    /// Chance, in hexadecimal digits.
    pub salt: String,
    /// By address, or by the section of the spec: `worker_capacities`.
    pub parts: BTreeMap<String, String>,
}

impl Meaning {
    /// Of `desired`.
    pub fn of(desired: &Model, salt: impl Into<String>) -> Self {
        let salt = salt.into();
        let parts = parts(desired).into_iter();
        let parts = parts.map(|(part, value)| (part, digest(&salt, value))).collect();
        Self { salt, parts }
    }

    /// The parts that mean something else in `now`, that are new there, and that are gone.
    pub fn changed(&self, now: &Model) -> Vec<String> {
        let now = Self::of(now, self.salt.clone());
        let keys = self.parts.keys().chain(now.parts.keys());
        let differs = |part: &&String| self.parts.get(*part) != now.parts.get(*part);
        let mut changed: Vec<String> = keys.filter(differs).cloned().collect();
        changed.sort();
        changed.dedup();
        changed
    }
}

/// 64 bits: enough to notice a change, and not a text to look up.
fn digest(salt: &str, mut value: Value) -> String {
    value.sort_all_objects();
    let digest = Sha256::digest(format!("{salt}\n{value}"));
    digest[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn parts(desired: &Model) -> BTreeMap<String, Value> {
    let Model {
        workspace,
        activities,
        task_channels,
        queues,
        workflows,
        workers,
        capacities,
        roles,
        unmanaged,
        removed,
        protect,
        limits,
        outputs,
    } = desired;
    let mut parts = BTreeMap::new();
    let mut put = |address: Address, value: Value| {
        parts.insert(address.to_string(), value);
    };
    put(Address::workspace(), json!(workspace));
    for (name, activity) in activities {
        let identity = (&activity.sid, &activity.renamed_from);
        put(Address::new(Kind::Activity, name), json!([activity, identity]));
    }
    for (name, channel) in task_channels {
        put(Address::new(Kind::TaskChannel, name), json!([channel, channel.sid]));
    }
    for (name, queue) in queues {
        let mut same = queue.clone();
        same.target_workers.iter_mut().for_each(canonical);
        let identity = (&queue.sid, &queue.renamed_from);
        put(Address::new(Kind::Queue, name), json!([same, identity]));
    }
    for (name, workflow) in workflows {
        let identity = (&workflow.sid, &workflow.renamed_from, &workflow.ignore_filters);
        let same = same_workflow(workflow);
        put(Address::new(Kind::Workflow, name), json!([same, identity]));
    }
    for (name, worker) in workers {
        put(Address::new(Kind::Worker, name), json!([worker, worker.sid]));
    }
    for ((role_type, name), role) in roles {
        put(Address::new(Kind::Role, format!("{role_type}/{name}")), json!(role));
    }
    let policies = unmanaged.kinds.iter().map(|(kind, policy)| json!([kind, policy_value(policy)]));
    let patterns = protect.patterns.iter().map(ToString::to_string);
    let kinds = limits.kinds.iter().map(|(kind, limit)| json!([kind, limit_value(*limit)]));
    let outputs = outputs.iter().map(|output| json!([output.file, output.values]));
    let sections = [
        ("worker_capacities", capacities.iter().map(capacity_value).collect()),
        ("unmanaged", policies.collect()),
        ("removed", removed.iter().map(|address| json!(address)).collect()),
        ("protect", patterns.collect()),
        ("limits", [limit_value(limits.all)].into_iter().chain(kinds).collect::<Value>()),
        ("outputs", outputs.collect()),
    ];
    parts.extend(sections.map(|(section, value)| (section.to_owned(), value)));
    parts
}

fn canonical(expression: &mut Expression) {
    expression.text = expression.canonical();
}

/// The workflow in one spelling, without the marks of where its filters come from.
fn same_workflow(workflow: &Workflow) -> Workflow {
    let mut same = workflow.clone();
    let target = |target: &mut Target| {
        target.expression.iter_mut().chain(&mut target.skip_if).for_each(canonical);
    };
    for filter in same.filters.iter_mut().flatten() {
        filter.origin = None;
        filter.expression.iter_mut().for_each(canonical);
        filter.targets.iter_mut().for_each(target);
    }
    same.default_filter.iter_mut().flatten().for_each(target);
    same
}

fn capacity_value(rule: &CapacityRule) -> Value {
    let CapacityRule { name, workers, channels } = rule;
    let channels = channels.iter().map(|(channel, ChannelCapacity { mode, available })| {
        let mode = match mode {
            CapacityMode::Enforce(capacity) => json!(["enforce", capacity]),
            CapacityMode::Initial(capacity) => json!(["initial", capacity]),
            CapacityMode::Bounds(low, high) => json!(["bounds", low, high]),
            CapacityMode::Ignore => json!(["ignore"]),
        };
        json!([channel, mode, available])
    });
    json!([name, workers.canonical(), channels.collect::<Value>()])
}

fn policy_value(policy: &Policy) -> Value {
    match policy {
        Policy::Report => json!("report"),
        Policy::Ignore => json!("ignore"),
        Policy::Prune => json!("prune"),
        Policy::PruneMatching(globs) => json!(globs),
    }
}

fn limit_value(Limit { updates, deletes, from }: Limit) -> Value {
    let share = |share| match share {
        Share::Percent(percent) => json!([percent, "%"]),
        Share::Count(count) => json!([count]),
    };
    json!([share(updates), share(deletes), from])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Queue;

    fn desired(target_workers: &str) -> Model {
        let queue = Queue { target_workers: Some(target_workers.into()), ..Queue::default() };
        Model { queues: BTreeMap::from([("Sales".to_owned(), queue)]), ..Model::default() }
    }

    #[test]
    fn another_spelling_means_the_same_and_another_word_names_its_address() {
        let then = Meaning::of(&desired("routing.skills HAS 'sales'"), "5a17");
        assert_eq!(then.changed(&desired("routing.skills  HAS  \"sales\"")), [""; 0]);
        assert_eq!(then.changed(&desired("routing.skills HAS 'vip'")), ["queue.Sales"]);
        assert_eq!(then.changed(&Model::default()), ["queue.Sales"]);
    }

    #[test]
    fn the_digests_of_two_files_cannot_be_compared() {
        let digests = |salt| Meaning::of(&desired("1==1"), salt).parts;
        let (one, other) = (digests("1"), digests("2"));
        assert!(one.iter().all(|(part, digest)| other[part] != *digest));
    }
}
