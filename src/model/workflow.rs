//! Workflows: filters, targets, and the rules that filters are generated from.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::resource::Extra;
use super::{Address, Expression, Kind, QueueChoice, Template};

/// A workflow; its friendly name is its key. `R` as in [`super::Model`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "Workflow")]
pub struct Workflow<R = Filter> {
    /// Pins the live object.
    #[serde(skip)]
    pub sid: Option<String>,
    /// The name that the live object still has.
    #[serde(skip)]
    pub renamed_from: Option<String>,
    /// Empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignment_callback_url: Option<String>,
    /// Empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback_assignment_callback_url: Option<String>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_reservation_timeout: Option<u32>,
    /// Sent with an update, never read: whether waiting tasks take the new configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub re_evaluate_tasks: Option<bool>,
    /// Globs over the names of foreign live filters that keep their place.
    #[serde(skip)]
    pub ignore_filters: Vec<String>,
    /// The whole list is owned when it is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filters: Option<Vec<R>>,
    /// `Some(None)`: there is to be none.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "nullable")]
    #[schemars(with = "Option<Target>")]
    pub default_filter: Option<Option<Target>>,
    /// Unknown keys beside `filters` and `default_filter`, as found live.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: Extra,
    /// A live configuration that could not be read, verbatim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
}

/// Keeps `Some(None)` (JSON null) apart from `None` (no key).
mod nullable {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        value: &Option<Option<T>>,
        s: S,
    ) -> Result<S::Ok, S::Error> {
        value.as_ref().and_then(Option::as_ref).serialize(s)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        d: D,
    ) -> Result<Option<Option<T>>, D::Error> {
        Option::<T>::deserialize(d).map(Some)
    }
}

impl<R> Default for Workflow<R> {
    fn default() -> Self {
        Self {
            sid: None,
            renamed_from: None,
            assignment_callback_url: None,
            fallback_assignment_callback_url: None,
            task_reservation_timeout: None,
            re_evaluate_tasks: None,
            ignore_filters: Vec::new(),
            filters: None,
            default_filter: None,
            extra: BTreeMap::new(),
            unreadable: None,
        }
    }
}

impl<R> Workflow<R> {
    /// The same workflow with another list of filters.
    pub fn with_filters<S>(self, filters: Option<Vec<S>>) -> Workflow<S> {
        let Self {
            sid,
            renamed_from,
            assignment_callback_url,
            fallback_assignment_callback_url,
            task_reservation_timeout,
            re_evaluate_tasks,
            ignore_filters,
            filters: _,
            default_filter,
            extra,
            unreadable,
        } = self;
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
            extra,
            unreadable,
        }
    }
}

impl Workflow {
    /// Every target, those of the filters first, then the default filter.
    pub fn targets(&self) -> impl Iterator<Item = &Target> {
        self.filters
            .iter()
            .flatten()
            .flat_map(|filter| &filter.targets)
            .chain(self.default_filter.iter().flatten())
    }

    /// Every expression: of filters, targets, and skip conditions.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let filters = self.filters.iter().flatten().filter_map(|filter| filter.expression.as_ref());
        filters.chain(
            self.targets().flat_map(|target| target.expression.iter().chain(&target.skip_if)),
        )
    }

    pub(super) fn references(&self) -> BTreeSet<Address> {
        let queues = self.targets().filter_map(|target| match &target.queue {
            Some(QueueRef::Name(name)) => Some(Address::new(Kind::Queue, name.clone())),
            Some(QueueRef::Sid(_)) | None => None,
        });
        queues.chain(self.expressions().flat_map(|e| e.text.addresses().cloned())).collect()
    }
}

/// A filter of a workflow, as TaskRouter knows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Filter {
    /// `filter_friendly_name`; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Over task attributes. None was seen missing in the wild; it is kept missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<Expression>,
    /// The routing steps, in order.
    #[serde(default)]
    pub targets: Vec<Target>,
    /// Unknown keys, as found live.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: Extra,
    /// Where it was generated; never compared, never sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

/// The rule and the queue that a filter was generated from.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Origin {
    /// For people: `transfer` or `for_each_queue`.
    pub rule: String,
    /// The queue it was made for; none for a transfer's filter for a worker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
}

/// Origins say where a filter comes from, not what it is: all are equal.
impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A queue in a target. In JSON a name is a string and a sid is `{"sid": "WQ…"}`.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(from = "QueueForm", into = "QueueForm")]
#[schemars(with = "QueueForm")]
pub enum QueueRef {
    /// By name.
    Name(String),
    /// A sid found live that names no queue, or one of two queues with one name.
    Sid(String),
}

/// How a [`QueueRef`] is stored.
#[derive(Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
enum QueueForm {
    Name(String),
    Sid { sid: String },
}

impl From<QueueForm> for QueueRef {
    fn from(form: QueueForm) -> Self {
        match form {
            QueueForm::Name(name) => Self::Name(name),
            QueueForm::Sid { sid } => Self::Sid(sid),
        }
    }
}

impl From<QueueRef> for QueueForm {
    fn from(queue: QueueRef) -> Self {
        match queue {
            QueueRef::Name(name) => Self::Name(name),
            QueueRef::Sid(sid) => Self::Sid { sid },
        }
    }
}

impl fmt::Display for QueueRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Name(text) | Self::Sid(text)) = self;
        f.write_str(text)
    }
}

/// A routing step of a filter. An empty one inherits the queue and waits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Target {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueRef>,
    /// Over `task.` and `worker.`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<Expression>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u32>,
    /// Seconds of the task's age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_by: Option<String>,
    /// Over `workers.`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip_if: Option<Expression>,
    /// A task attribute path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_worker_sid: Option<String>,
    /// A task attribute path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_worker_friendly_name: Option<String>,
    /// Unknown keys, as found live.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: Extra,
}

impl Target {
    /// `order_by` in its canonical spelling, by which two are compared.
    pub fn canonical_order(&self) -> Option<String> {
        self.order_by.as_deref().map(crate::expr::canonical_order_by)
    }
}

/// What stands in a workflow's list of filters in the spec.
#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    /// A filter as it is.
    Filter(Filter),
    /// Filters for each of some queues, where it stands.
    ForEachQueue(ForEachQueue),
    /// The filters of a transfer workflow.
    Transfer(Transfer),
}

/// Filters for each of some queues, in order of the queues' names.
#[derive(Clone, Debug, PartialEq)]
pub struct ForEachQueue {
    pub queues: QueueChoice,
    /// By queue.
    pub overrides: BTreeMap<String, TransferOverride>,
    pub filters: Vec<FilterTemplate>,
}

/// A filter with holes for the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct FilterTemplate {
    pub name: Template,
    pub expression: Option<Template>,
    pub targets: Vec<TargetTemplate>,
}

/// A target with holes for the queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TargetTemplate {
    /// The queue's name.
    pub queue: Option<Template>,
    pub expression: Option<Template>,
    pub priority: Option<u32>,
    pub timeout: Option<u32>,
    pub order_by: Option<Template>,
    pub skip_if: Option<Template>,
    pub known_worker_sid: Option<Template>,
    pub known_worker_friendly_name: Option<Template>,
}

/// The task attributes that one chat-transfer plugin uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// conversation-transfer: `transferTargetType`, `transferQueueName`, `workerSidsInConversation`.
    Conversation,
    /// chat-transfer: the same with `ignoreWorkerContactUri`.
    ProgrammableChat,
    /// plugin-chat-sms-transfer: `transferTargetType`, `targetSid`, `ignoreAgent`.
    QueueSid,
}

/// One line that stands for a whole transfer workflow: the filter for a worker, then one for
/// each chosen queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Transfer {
    pub dialect: Dialect,
    /// The names of the filters for queues; `None` for the usual ones.
    pub filter_name: Option<Template>,
    /// `None`: no filter for a worker.
    pub worker: Option<WorkerRoute>,
    /// Fields for every generated queue target, over the dialect's own.
    pub target: TransferTarget,
    pub queues: QueueChoice,
    /// By queue.
    pub overrides: BTreeMap<String, TransferOverride>,
}

/// The filter for a transfer to a worker.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkerRoute {
    /// Its queue holds every worker.
    pub queue: String,
    /// The filter's name; `None` for the usual one.
    pub filter_name: Option<String>,
    pub target: TransferTarget,
}

/// Fields of a generated target that a spec may set; `None` keeps the dialect's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransferTarget {
    pub expression: Option<Expression>,
    pub priority: Option<u32>,
    pub timeout: Option<u32>,
    pub order_by: Option<String>,
    pub skip_if: Option<Expression>,
}

/// What is different for one queue of a for-each or a transfer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransferOverride {
    /// What the queue's filter is called.
    pub filter_name: Option<String>,
    /// Tasks for the queue go to this one.
    pub to: Option<String>,
    /// The targets: the first one's fields go over the generated target's (its queue too, when
    /// given), the others follow.
    pub targets: Option<Vec<Target>>,
}
