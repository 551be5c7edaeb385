//! Flex's configuration: which workspace and chat service the account uses, and its settings.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::body::{Answer, Field, FieldKind, Render};
use super::call::Call;
use super::collection::Collection;
use super::form::{Param, ParamKind, optional};
use super::refusal::Refusal;
use super::store::{Head, Record, Store};

pub(super) const QUERY: &[Param] = &[optional("UiVersion", ParamKind::Text)];

/// Fields that a write does not change.
const FIXED: &[&str] = &[
    "account_sid",
    "date_created",
    "date_updated",
    "flex_instance_sid",
    "flex_service_instance_sid",
    "service_version",
    "status",
    "url",
];

const fn text(name: &'static str) -> Field {
    Field { name, kind: FieldKind::Text, nullable: true }
}

const fn boolean(name: &'static str) -> Field {
    Field { name, kind: FieldKind::Boolean, nullable: true }
}

const fn items(name: &'static str) -> Field {
    Field { name, kind: FieldKind::List, nullable: true }
}

const fn any(name: &'static str) -> Field {
    Field { name, kind: FieldKind::Any, nullable: true }
}

pub(super) const FIELDS: &[Field] = &[
    text("account_sid"),
    text("date_created"),
    text("date_updated"),
    any("attributes"),
    Field { name: "status", kind: FieldKind::Text, nullable: false },
    text("taskrouter_workspace_sid"),
    text("taskrouter_target_workflow_sid"),
    text("taskrouter_target_taskqueue_sid"),
    items("taskrouter_taskqueues"),
    items("taskrouter_skills"),
    any("taskrouter_worker_channels"),
    any("taskrouter_worker_attributes"),
    text("taskrouter_offline_activity_sid"),
    text("runtime_domain"),
    text("messaging_service_instance_sid"),
    text("chat_service_instance_sid"),
    text("flex_service_instance_sid"),
    text("flex_instance_sid"),
    text("ui_language"),
    any("ui_attributes"),
    any("ui_dependencies"),
    text("ui_version"),
    text("service_version"),
    boolean("call_recording_enabled"),
    text("call_recording_webhook_url"),
    boolean("crm_enabled"),
    text("crm_type"),
    text("crm_callback_url"),
    text("crm_fallback_url"),
    any("crm_attributes"),
    any("public_attributes"),
    boolean("plugin_service_enabled"),
    any("plugin_service_attributes"),
    items("integrations"),
    any("outbound_call_flows"),
    items("serverless_service_sids"),
    any("queue_stats_configuration"),
    any("notifications"),
    any("markdown"),
    text("url"),
    any("flex_insights_hr"),
    boolean("flex_insights_drilldown"),
    text("flex_url"),
    items("channel_configs"),
    any("debugger_integration"),
    any("flex_ui_status_report"),
    any("agent_conv_end_methods"),
    any("citrix_voice_vdi"),
    any("offline_config"),
];

/// The only one of an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct FlexConfiguration {
    pub(super) head: Head,
    /// What is set; the rest is null.
    pub(super) settings: Map<String, Value>,
}

impl FlexConfiguration {
    /// The account's.
    pub(super) fn of(store: &Store) -> Option<&Self> {
        store.flex.iter().next()
    }

    /// Whether Flex uses this workspace.
    pub(super) fn names(&self, workspace_sid: &str) -> bool {
        self.settings.get("taskrouter_workspace_sid").and_then(Value::as_str) == Some(workspace_sid)
    }
}

impl Record for FlexConfiguration {
    const TABLE: &'static str = "flex_configuration";
    const PREFIX: &'static str = "GO";

    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    fn name(&self) -> &'static str {
        ""
    }

    fn rows<'s>(store: &'s Store, _parent: &str) -> Option<&'s Collection<Self>> {
        Some(&store.flex)
    }

    fn rows_mut<'s>(store: &'s mut Store, _parent: &str) -> Option<&'s mut Collection<Self>> {
        Some(&mut store.flex)
    }
}

impl Render for FlexConfiguration {
    type Document<'a> = Map<String, Value>;

    fn document<'a>(&'a self, store: &'a Store, call: &Call<'_>) -> Map<String, Value> {
        let value = |field: &Field| match field.name {
            "account_sid" => Value::from(store.account_sid.as_str()),
            "date_created" => Value::from(self.head.date_created.as_str()),
            "date_updated" => Value::from(self.head.date_updated.as_str()),
            "flex_instance_sid" => Value::from(self.head.sid.as_str()),
            "status" => Value::from("ok"),
            "url" => Value::from(format!("{}/v1/Configuration", call.base)),
            name => self.settings.get(name).cloned().unwrap_or_default(),
        };
        FIELDS.iter().map(|field| (field.name.to_owned(), value(field))).collect()
    }
}

pub(super) fn fetch(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let found = FlexConfiguration::of(store).ok_or_else(|| call.not_found())?;
    Ok(Answer::ok(store, call, found))
}

/// Each key that is sent replaces that setting as a whole; keys that are not sent stay, keys
/// that are not known are ignored.
pub(super) fn update(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let found = FlexConfiguration::of(store).ok_or_else(|| call.not_found())?;
    let Ok(Value::Object(sent)) = serde_json::from_slice(call.body) else {
        return Err(Refusal::invalid("The request body is not a valid JSON object"));
    };
    let mut configuration = found.clone();
    for field in FIELDS.iter().filter(|field| !FIXED.contains(&field.name)) {
        let Some(value) = sent.get(field.name) else { continue };
        let fits = value.is_null()
            || match field.kind {
                FieldKind::Text => value.is_string(),
                FieldKind::Boolean => value.is_boolean(),
                FieldKind::Integer => value.is_i64(),
                FieldKind::List => value.is_array(),
                FieldKind::Links => value.is_object(),
                FieldKind::Any => true,
            };
        if !fits {
            return Err(Refusal::invalid(format!("Invalid value for {}", field.name)));
        }
        configuration.settings.insert(field.name.to_owned(), value.clone());
    }
    store.update(configuration);
    fetch(store, call)
}
