//! The `workflows` section.

use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::{Given, Queues};

/// A workflow: which queue and which workers a task goes to.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Workflow {
    /// Pins the live workflow. Needed only when two have one name.
    #[schemars(extend("x-sid" = "WW"))]
    pub sid: Option<String>,

    /// The name that the live workflow still has. It is renamed in place and keeps its sid.
    #[schemars(length(min = 1, max = 64))]
    pub renamed_from: Option<String>,

    /// Where TaskRouter asks what to do with a reservation. `null` for nowhere, as Flex has it.
    #[schemars(extend("default" = null, "examples" = ["https://example.com/assignment"]))]
    pub assignment_callback_url: Given<String>,

    /// Where TaskRouter asks when the assignment callback fails. `null` for nowhere.
    #[schemars(extend("default" = null))]
    pub fallback_assignment_callback_url: Given<String>,

    /// Seconds that a worker has to answer an offer. 1 to 86,400.
    #[schemars(range(min = 1, max = 86_400), extend("default" = 120, "examples" = [30]))]
    pub task_reservation_timeout: Given<u32>,

    /// Whether tasks that wait are routed again when the workflow is changed. Otherwise they finish
    /// with the filters they came in with. Sent with every update of the workflow; the plan shows
    /// which it is.
    #[schemars(extend("default" = false))]
    pub re_evaluate_tasks: Option<bool>,

    /// Globs over the names of live filters that others put in while you run. They are kept, in
    /// their place, and never shown as a difference.
    #[schemars(extend("examples" = [["Switchboard Workflow - *"]]))]
    pub ignore_filters: Vec<String>,

    /// The filters, tried from top to bottom: the first one whose expression is true takes the
    /// task. The whole list is owned. `null` for none.
    #[schemars(extend("default" = null))]
    pub filters: Given<Vec<Rule>>,

    /// Where a task goes that no filter took. Without one, such a task is not routed at all.
    /// `null` for none.
    #[schemars(extend("default" = null, "examples" = [{ "queue": "Everyone" }]))]
    pub default_filter: Given<DefaultFilter>,
}

/// An item of a workflow's list of filters.
#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    /// A filter as it is.
    Filter(Filter),
    /// Filters for each of some queues.
    ForEachQueue(ForEachQueue),
}

/// A filter: `expression` and `targets`, or `for_each_queue` alone for filters that differ by the
/// queue only.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Rule")]
struct RuleKeys {
    /// The filter's name, for people and for tests.
    #[schemars(length(min = 1), extend("examples" = ["Sales in German"]))]
    name: Option<String>,

    /// Which tasks: an expression over the attributes of a task, without a prefix.
    #[schemars(extend("examples" = ["type == 'sales'", "channelType == 'web' AND language IN ['de', 'fr']"]))]
    expression: Option<String>,

    /// The routing steps, from top to bottom. A step without `timeout` and `skip_if` is the last
    /// one that a task reaches.
    #[schemars(length(min = 1))]
    targets: Option<Vec<Target>>,

    /// Filters for each of some queues, where this item stands in the list, in the order of the
    /// queues' names.
    for_each_queue: Option<ForEachQueue>,
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let RuleKeys { name, expression, targets, for_each_queue } =
            RuleKeys::deserialize(deserializer)?;
        match (for_each_queue, expression, targets) {
            (Some(for_each), None, None) if name.is_none() => Ok(Self::ForEachQueue(for_each)),
            (Some(_), ..) => Err(D::Error::custom(
                "`for_each_queue` stands alone; `name`, `expression` and `targets` belong into its `filters`",
            )),
            (None, None, _) => Err(D::Error::missing_field("expression")),
            (None, Some(_), None) => Err(D::Error::missing_field("targets")),
            (None, Some(expression), Some(targets)) => {
                Ok(Self::Filter(Filter { name, expression, targets }))
            }
        }
    }
}

impl JsonSchema for Rule {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Rule".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut schema = RuleKeys::json_schema(generator);
        schema.insert("if".to_owned(), serde_json::json!({ "required": ["for_each_queue"] }));
        schema.insert(
            "then".to_owned(),
            serde_json::json!({
                "properties": { "name": false, "expression": false, "targets": false },
            }),
        );
        schema.insert(
            "else".to_owned(),
            serde_json::json!({ "required": ["expression", "targets"] }),
        );
        schema
    }
}

/// A filter of a workflow.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// The filter's name, for people and for tests.
    #[schemars(length(min = 1), extend("examples" = ["Internal call - ${queue.name}"]))]
    pub name: Option<String>,

    /// Which tasks: an expression over the attributes of a task, without a prefix.
    #[schemars(extend("examples" = ["callToQueue == '${queue.name}'"]))]
    pub expression: String,

    /// The routing steps, from top to bottom. A step without `timeout` and `skip_if` is the last
    /// one that a task reaches.
    #[schemars(length(min = 1))]
    pub targets: Vec<Target>,
}

/// A routing step: the queue, and which of its workers.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Target {
    /// The queue, by name. The first step needs one; a later step without one stays in the queue
    /// of the step before it.
    #[schemars(length(min = 1), extend("examples" = ["Everyone"]))]
    pub queue: Option<String>,

    /// Which of the queue's workers: an expression with `task.` and `worker.` before the
    /// attributes. It holds for this step only.
    #[schemars(extend("examples" = ["worker.sid NOT IN task.workerSidsInConversation"]))]
    pub expression: Option<String>,

    /// The priority that the task takes on and keeps; the higher, the sooner. 0 to 2,147,483,647.
    #[schemars(range(min = 0, max = 2_147_483_647), extend("examples" = [10]))]
    pub priority: Option<u32>,

    /// The age of the task, in seconds, at which it leaves this step. Steps do not add up from
    /// zero: three steps with 10, 20 and 30 are left at these ages. 1 to 1,209,600.
    #[schemars(range(min = 1, max = 1_209_600), extend("examples" = [60]))]
    pub timeout: Option<u32>,

    /// Which workers come first: whole-number attributes of a worker, each with `ASC` or `DESC`.
    /// Workers without the attribute come last.
    #[schemars(extend("examples" = ["worker.routing.levels.german DESC"]))]
    pub order_by: Option<String>,

    /// When to leave this step at once, if nobody can take the task as it arrives: an expression
    /// over `workers.available`, `workers.unavailable` and `workers.SID` (workers of the queue in
    /// the activity with that sid).
    #[schemars(extend("examples" = ["workers.available == 0", "1==1"]))]
    pub skip_if: Option<String>,

    /// The one worker the task is for: the path of the task attribute that holds the worker's sid.
    /// The queue must hold every worker that can be meant. Not together with
    /// `known_worker_friendly_name`.
    #[schemars(extend("examples" = ["task.agentSid"]))]
    pub known_worker_sid: Option<String>,

    /// The one worker the task is for: the path of the task attribute that holds the worker's
    /// friendly name. Not together with `known_worker_sid`.
    #[schemars(extend("examples" = ["task.agentName"]))]
    pub known_worker_friendly_name: Option<String>,
}

/// Where a task goes that no filter took. It waits there until its own time is up.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DefaultFilter {
    /// The queue, by name.
    #[schemars(length(min = 1), extend("examples" = ["Everyone"]))]
    pub queue: String,

    /// Which of the queue's workers: an expression with `task.` and `worker.` before the attributes.
    pub expression: Option<String>,

    /// The priority that the task takes on; the higher, the sooner. 0 to 2,147,483,647.
    #[schemars(range(min = 0, max = 2_147_483_647), extend("examples" = [1]))]
    pub priority: Option<u32>,

    /// Which workers come first: whole-number attributes of a worker, each with `ASC` or `DESC`.
    pub order_by: Option<String>,

    /// When to give the task up at once, if nobody can take it as it arrives.
    pub skip_if: Option<String>,

    /// The path of the task attribute that holds the sid of the one worker the task is for.
    pub known_worker_sid: Option<String>,

    /// The path of the task attribute that holds the name of the one worker the task is for.
    pub known_worker_friendly_name: Option<String>,
}

impl DefaultFilter {
    /// The same as a routing step without a timeout.
    pub fn to_target(&self) -> Target {
        let Self {
            queue,
            expression,
            priority,
            order_by,
            skip_if,
            known_worker_sid,
            known_worker_friendly_name,
        } = self.clone();
        Target {
            queue: Some(queue),
            expression,
            priority,
            timeout: None,
            order_by,
            skip_if,
            known_worker_sid,
            known_worker_friendly_name,
        }
    }
}

/// Filters for each of some queues.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForEachQueue {
    /// Which queues, and what is different for single ones. All queues of the spec when left out.
    #[serde(default)]
    pub queues: Queues,

    /// The filters made for each queue, with `${queue.name}` and `${queue.sid}` for the queue.
    #[schemars(length(min = 1))]
    pub filters: Vec<Filter>,
}
