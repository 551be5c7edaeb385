//! The top of a spec.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Activity, Attributes, CapacityRule, Conversations, Environment, Limits, Lints, Output, Queue,
    RoutingTest, Scalar, TaskChannel, Transfer, Unmanaged, Worker, Workflow, Workspace,
};

/// A Twilio Flex contact center: what TaskRouter and Conversations are to hold, and how a plan
/// treats what it does not mention.
///
/// Everything is named by its friendly name, a task channel by its unique name; a sid appears only
/// where it pins one of two objects with one name. A field that is given is owned and kept as given. A field that is left out is left alone. A
/// field that is `null` is reset to TaskRouter's default.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The version of this language. It is `1`.
    #[schemars(extend("const" = 1))]
    pub version: u32,

    /// More files that belong to this spec: paths or globs, relative to this file.
    ///
    /// The sections of all files are joined. The same key in two files is an error that shows both
    /// places.
    #[serde(default)]
    #[schemars(extend("examples" = [["queues/*.yaml", "workflows/*.yaml"]]))]
    pub include: Vec<String>,

    /// The workspace that everything below lives in, and the fields of it that are owned.
    #[serde(default)]
    pub workspace: Workspace,

    /// Values to use elsewhere as `${var.NAME}`.
    ///
    /// The value here is the default. An environment, `--var-file` and `--var` go over it, in this
    /// order.
    #[serde(default)]
    #[schemars(extend("examples" = [{ "hold_timeout": 30 }]))]
    pub variables: IndexMap<String, Scalar>,

    /// The accounts that the spec is applied to, chosen with `--env NAME`.
    #[serde(default)]
    pub environments: IndexMap<String, Environment>,

    /// Named pieces of expressions, put in elsewhere as `${expr.NAME}`.
    ///
    /// A piece is put in as it stands: write parentheses around one that holds `OR`.
    #[serde(default)]
    #[schemars(extend("examples" = [{
        "not_in_conversation": "worker.sid NOT IN task.workerSidsInConversation"
    }]))]
    pub expressions: IndexMap<String, String>,

    /// The attributes that tasks and workers have, with their types, for expressions to be held
    /// against.
    #[serde(default)]
    pub attributes: Attributes,

    /// What workers can be doing, by friendly name. A workspace holds at most 100.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 100, "propertyNames" = { "minLength": 1, "maxLength": 64 }))]
    pub activities: IndexMap<String, Activity>,

    /// Kinds of work with a capacity of their own, by unique name.
    ///
    /// `{}` adopts a channel that is there already (`default`, `voice`, `chat`, `sms`, `video`,
    /// `email`) and owns nothing of it. A workspace holds at most 15, the built-in ones included.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 15, "propertyNames" = { "minLength": 1, "maxLength": 64 }))]
    pub task_channels: IndexMap<String, TaskChannel>,

    /// Task queues, by friendly name. A workspace holds at most 5,000.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 5000, "propertyNames" = { "minLength": 1, "maxLength": 64 }))]
    pub queues: IndexMap<String, Queue>,

    /// How many tasks of each channel the workers may hold at once.
    ///
    /// For each worker and channel the first rule that matches the worker and names the channel
    /// decides. Capacities that no rule names are left alone.
    #[serde(default)]
    pub worker_capacities: Vec<CapacityRule>,

    /// Workers, by friendly name (upper and lower case are the same to TaskRouter).
    ///
    /// For workspaces whose workers do not come from single sign-on. At most 15,000.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 15000, "propertyNames" = { "minLength": 1, "maxLength": 64 }))]
    pub workers: IndexMap<String, Worker>,

    /// Workflows, by friendly name. A workspace holds at most 1,000, those of `transfers` included.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 1000, "propertyNames" = { "minLength": 1, "maxLength": 64 }))]
    pub workflows: IndexMap<String, Workflow>,

    /// Workflows for chat transfers, by friendly name.
    ///
    /// Each makes its filters itself: first one for a transfer to a worker, then one for each
    /// queue, in the order of the queues' names. `flexctl show --expanded` prints them.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 1000, "propertyNames" = { "minLength": 1, "maxLength": 64 }))]
    pub transfers: IndexMap<String, Transfer>,

    /// What lives in Conversations: the roles that chat between agents needs.
    #[serde(default)]
    pub conversations: Conversations,

    /// What becomes of live objects that the spec does not declare.
    #[serde(default)]
    pub unmanaged: Unmanaged,

    /// What is to be deleted where it is live, as addresses: queues, workflows, task channels,
    /// activities and workers.
    ///
    /// This needs no `--prune`. A name stands for itself, also one that holds `*`; one that is gone
    /// already does no harm. What `protect` covers and what a Flex workspace is born with is refused,
    /// and `limits` hold.
    #[serde(default)]
    #[schemars(extend("examples" = [["queue.Old", "workflow.\"Old Transfer\""]]))]
    pub removed: Vec<String>,

    /// Resources that no plan may delete or replace, as addresses with `*` and `?`.
    ///
    /// What a Flex workspace is born with is protected in any case.
    #[serde(default)]
    #[schemars(extend("examples" = [["queue.Everyone", "workflow.*Voicemail*"]]))]
    pub protect: Vec<String>,

    /// How much of what is live one plan may touch before it is refused as implausible.
    #[serde(default)]
    pub limits: Limits,

    /// How loud each lint is, by its code: `allow`, `warn` or `error`.
    ///
    /// `warnings` is every lint that is not named. `--allow`, `--warn` and `--deny` of the command
    /// line go over this; `flexctl explain` lists the codes.
    #[serde(default)]
    pub lints: Lints,

    /// Files that are told sids after an apply.
    #[serde(default)]
    pub outputs: Vec<Output>,

    /// Where tasks must go: checked without an account by `flexctl test`.
    ///
    /// They may also stand in files of their own, beside the spec and below, whose names end in
    /// `.test.yaml`.
    #[serde(default)]
    pub tests: Vec<RoutingTest>,
}
