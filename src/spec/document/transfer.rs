//! The `transfers` section, and the choice of queues that it shares with `for_each_queue`.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{DefaultFilter, Given, Rule, Target, Workflow};
use crate::model::ChoiceOrder;

/// A workflow for chat transfers, written as one line and sent as one filter for each queue.
///
/// The fields that a workflow has too mean the same here; the schema takes their documentation
/// from there.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// Which task attributes the transfer plugin sets, and so what the filters ask for.
    pub dialect: Dialect,

    /// The filter for a transfer to a worker, which stands before those for queues. Without it,
    /// transfers to a worker are not routed here.
    #[serde(default)]
    pub worker: Option<WorkerRoute>,

    /// Fields for the target of every queue's filter, over those of the dialect.
    #[serde(default)]
    #[schemars(extend("examples" = [{ "priority": 10 }]))]
    pub target: TransferTarget,

    /// The names of the filters for queues, with `${queue.name}` for the queue.
    #[serde(default)]
    #[schemars(length(min = 1), extend(
        "default" = "Transfer to queue - ${queue.name}",
        "examples" = ["To ${queue.name}"]
    ))]
    pub filter_name: Option<String>,

    /// Which queues can be transferred to, and what is different for single ones. All queues of
    /// the spec when left out.
    #[serde(default)]
    pub queues: Queues,

    #[serde(default)]
    pub sid: Option<String>,
    #[serde(default)]
    pub renamed_from: Option<String>,
    #[serde(default)]
    pub assignment_callback_url: Given<String>,
    #[serde(default)]
    pub fallback_assignment_callback_url: Given<String>,
    #[serde(default)]
    pub task_reservation_timeout: Given<u32>,
    #[serde(default)]
    pub re_evaluate_tasks: Option<bool>,
    #[serde(default)]
    pub ignore_filters: Vec<String>,

    /// Filters that stand after the generated ones. `null` for none.
    #[serde(default)]
    #[schemars(extend("default" = null))]
    pub filters: Given<Vec<Rule>>,
    #[serde(default)]
    pub default_filter: Given<DefaultFilter>,
}

impl Transfer {
    /// The fields that every workflow has; `filters` are those after the generated ones.
    pub fn to_workflow(&self) -> Workflow {
        let Self {
            dialect: _,
            worker: _,
            target: _,
            filter_name: _,
            queues: _,
            sid,
            renamed_from,
            assignment_callback_url,
            fallback_assignment_callback_url,
            task_reservation_timeout,
            re_evaluate_tasks,
            ignore_filters,
            filters,
            default_filter,
        } = self.clone();
        Workflow {
            sid,
            renamed_from,
            assignment_callback_url,
            fallback_assignment_callback_url,
            task_reservation_timeout,
            re_evaluate_tasks,
            ignore_filters,
            filters,
            default_filter,
        }
    }
}

/// The task attributes that one kind of transfer plugin uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Dialect {
    /// For Flex Conversations: `transferTargetType`, `transferTargetSid`, `transferQueueName`, and
    /// `workerSidsInConversation`, whose workers are not offered the task again.
    Conversation,
    /// For Programmable Chat: the same, but `ignoreWorkerContactUri` names the worker who is left
    /// out.
    ProgrammableChat,
    /// For plugins that name a queue by its sid: `transferTargetType`, `targetSid` and
    /// `ignoreAgent`.
    QueueSid,
}

impl From<Dialect> for crate::model::Dialect {
    fn from(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Conversation => Self::Conversation,
            Dialect::ProgrammableChat => Self::ProgrammableChat,
            Dialect::QueueSid => Self::QueueSid,
        }
    }
}

/// The filter for a transfer to a worker.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkerRoute {
    /// The queue, by name. It must hold every worker that can be transferred to.
    #[schemars(length(min = 1), extend("examples" = ["Everyone"]))]
    pub queue: String,

    /// The filter's name.
    #[serde(default)]
    #[schemars(length(min = 1), extend(
        "default" = "Transfer to worker",
        "examples" = ["Assign to worker"]
    ))]
    pub filter_name: Option<String>,

    /// Which worker, over the known worker: an expression with `task.` and `worker.` before the
    /// attributes.
    #[serde(default)]
    pub expression: Option<String>,

    /// The priority that the task takes on; the higher, the sooner. 0 to 2,147,483,647.
    #[serde(default)]
    #[schemars(range(min = 0, max = 2_147_483_647), extend("examples" = [150]))]
    pub priority: Option<u32>,

    /// The age of the task, in seconds, at which it stops waiting for the worker. 1 to 1,209,600.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1_209_600), extend("examples" = [60]))]
    pub timeout: Option<u32>,

    /// Which workers come first: whole-number attributes of a worker, each with `ASC` or `DESC`.
    #[serde(default)]
    pub order_by: Option<String>,

    /// When to stop waiting at once, if the worker cannot take the task as it arrives.
    #[serde(default)]
    #[schemars(extend("examples" = ["1==1"]))]
    pub skip_if: Option<String>,
}

impl WorkerRoute {
    /// Its fields beside the queue.
    pub fn target(&self) -> TransferTarget {
        let Self { queue: _, filter_name: _, expression, priority, timeout, order_by, skip_if } =
            self.clone();
        TransferTarget { expression, priority, timeout, order_by, skip_if }
    }
}

/// Fields of a generated target.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TransferTarget {
    /// Which of the queue's workers, in place of the dialect's own expression.
    #[schemars(extend("examples" = ["${expr.not_in_conversation}"]))]
    pub expression: Option<String>,

    /// The priority that the task takes on; the higher, the sooner. 0 to 2,147,483,647.
    #[schemars(range(min = 0, max = 2_147_483_647), extend("examples" = [10]))]
    pub priority: Option<u32>,

    /// The age of the task, in seconds, at which it leaves the target. 1 to 1,209,600.
    #[schemars(range(min = 1, max = 1_209_600), extend("examples" = [300]))]
    pub timeout: Option<u32>,

    /// Which workers come first: whole-number attributes of a worker, each with `ASC` or `DESC`.
    #[schemars(extend("examples" = ["worker.routing.levels.german DESC"]))]
    pub order_by: Option<String>,

    /// When to leave the target at once, if nobody can take the task as it arrives.
    #[schemars(extend("examples" = ["workers.available == 0"]))]
    pub skip_if: Option<String>,
}

/// A choice of the spec's queues: the included ones, less the excluded ones.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Queues {
    /// Names or globs (`*`, `?`) of queues that are in.
    #[schemars(extend("default" = ["*"], "examples" = [["*"], ["Support *", "Sales"]]))]
    pub include: Vec<String>,

    /// Names or globs of queues that are out again.
    #[schemars(extend("default" = [], "examples" = [["Voicemail"]]))]
    pub exclude: Vec<String>,

    /// In which order they come.
    #[schemars(extend("default" = "by_name"))]
    pub order: ChoiceOrder,

    /// What is different for single queues, by name.
    #[schemars(extend("examples" = [{
        "Survey": { "to": "Everyone" },
        "Sales": { "targets": [{ "timeout": 60 }, { "queue": "Everyone" }] }
    }]))]
    pub overrides: IndexMap<String, Override>,
}

impl Default for Queues {
    fn default() -> Self {
        Self {
            include: vec!["*".to_owned()],
            exclude: Vec::new(),
            order: ChoiceOrder::ByName,
            overrides: IndexMap::new(),
        }
    }
}

/// What is different for one queue.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Override {
    /// What the queue's filter is called.
    #[schemars(length(min = 1), extend("examples" = ["Fleet desk"]))]
    pub filter_name: Option<String>,

    /// The queue, by name, that tasks for this one go to.
    #[schemars(length(min = 1), extend("examples" = ["Everyone"]))]
    pub to: Option<String>,

    /// The routing steps. The fields of the first go over those of the generated target; the
    /// others follow it.
    #[schemars(length(min = 1), extend("examples" = [[{ "timeout": 60 }, { "queue": "Everyone" }]]))]
    pub targets: Option<Vec<Target>>,
}
