//! Conversations roles, under `/v1/Roles` for the default service and under their service.

use serde::{Deserialize, Serialize};

use super::body::{Answer, List, Render, document};
use super::call::Call;
use super::collection::Collection;
use super::conversations_configuration::ConversationsConfiguration;
use super::form::{Param, ParamKind, brief, friendly_name, required};
use super::options::RepeatedNames;
use super::paging::SMALL;
use super::refusal::Refusal;
use super::store::{Head, Record, Store};

pub(super) const CREATE: &[Param] = &[
    required("FriendlyName", ParamKind::Text),
    required("Type", ParamKind::Choice(&["conversation", "service"])),
    required("Permission", ParamKind::Texts),
];
pub(super) const UPDATE: &[Param] = &[required("Permission", ParamKind::Texts)];
pub(super) const LIST: List = List { key: "roles", filters: &[], limit: SMALL };

/// The permissions that are known. Which of them a type may hold is not documented.
const PERMISSIONS: &[&str] = &[
    "addNonChatParticipant",
    "addParticipant",
    "createConversation",
    "deleteAnyMessage",
    "deleteConversation",
    "deleteOwnMessage",
    "editAnyMessage",
    "editAnyMessageAttributes",
    "editAnyParticipantAttributes",
    "editAnyUserInfo",
    "editConversationAttributes",
    "editConversationName",
    "editNotificationLevel",
    "editOwnMessage",
    "editOwnMessageAttributes",
    "editOwnParticipantAttributes",
    "editOwnUserInfo",
    "joinConversation",
    "leaveConversation",
    "removeParticipant",
    "sendMediaMessage",
    "sendMessage",
];

/// What users may do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Role {
    pub(super) head: Head,
    pub(super) friendly_name: String,
    /// `conversation` or `service`.
    pub(super) scope: String,
    pub(super) permissions: Vec<String>,
}

impl Record for Role {
    const TABLE: &'static str = "roles";
    const PREFIX: &'static str = "RL";

    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    fn name(&self) -> &str {
        &self.friendly_name
    }

    fn rows<'s>(store: &'s Store, parent: &str) -> Option<&'s Collection<Self>> {
        store.roles.get(parent)
    }

    fn rows_mut<'s>(store: &'s mut Store, parent: &str) -> Option<&'s mut Collection<Self>> {
        store.roles.get_mut(parent)
    }
}

document! {
    /// A role as clients see it.
    RoleDocument<'a> {
        sid: Option<&'a str>,
        account_sid: Option<&'a str>,
        chat_service_sid: Option<&'a str>,
        friendly_name: Option<&'a str>,
        scope as "type": &'a str,
        permissions: Option<&'a [String]>,
        date_created: Option<&'a str>,
        date_updated: Option<&'a str>,
        url: Option<String>,
    }
}

impl Render for Role {
    type Document<'a> = RoleDocument<'a>;

    fn document<'a>(&'a self, store: &'a Store, call: &Call<'_>) -> RoleDocument<'a> {
        let roles = match named_service(call) {
            Some(service) => format!("{}/v1/Services/{service}/Roles", call.base),
            None => format!("{}/v1/Roles", call.base),
        };
        RoleDocument {
            sid: Some(&self.head.sid),
            account_sid: Some(&store.account_sid),
            chat_service_sid: Some(&self.head.parent),
            friendly_name: Some(&self.friendly_name),
            scope: &self.scope,
            permissions: Some(&self.permissions),
            date_created: Some(&self.head.date_created),
            date_updated: Some(&self.head.date_updated),
            url: Some(format!("{roles}/{}", self.head.sid)),
        }
    }
}

pub(super) fn list(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let rows = store.rows::<Role>(call, &service(store, call))?;
    Answer::list(store, call, rows, &LIST, |_| true)
}

pub(super) fn fetch(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let role = store.find::<Role>(call, &service(store, call), own_sid(call))?;
    Ok(Answer::ok(store, call, role))
}

pub(super) fn create(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let service = service(store, call);
    let rows = store.rows::<Role>(call, &service)?;
    let friendly_name = friendly_name(call.form.text("FriendlyName").unwrap_or_default())?;
    let scope = call.form.text("Type").unwrap_or_default().to_owned();
    let taken = rows.named(&friendly_name).any(|row| row.scope == scope);
    if taken && store.repeated_names == RepeatedNames::Refused {
        return Err(Refusal::invalid("Role with the same friendly name already exists"));
    }
    let permissions = permissions(call)?;
    let role = Role { head: store.head::<Role>(&service), friendly_name, scope, permissions };
    store.put(role.clone());
    Ok(Answer::created(store, call, &role))
}

/// Replaces the whole set of permissions. Name and type cannot be changed.
pub(super) fn update(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let service = service(store, call);
    let mut role = store.find::<Role>(call, &service, own_sid(call))?.clone();
    role.permissions = permissions(call)?;
    store.update(role);
    fetch(store, call)
}

pub(super) fn delete(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let service = service(store, call);
    store.find::<Role>(call, &service, own_sid(call))?;
    store.remove::<Role>(&service, own_sid(call));
    Ok(Answer::deleted())
}

fn named_service<'c>(call: &'c Call<'_>) -> Option<&'c str> {
    call.path.starts_with("/v1/Services/").then(|| call.param(0))
}

fn service(store: &Store, call: &Call<'_>) -> String {
    match named_service(call) {
        Some(service) => service.to_owned(),
        None => ConversationsConfiguration::of(store)
            .map(|configuration| configuration.default_chat_service_sid.clone())
            .unwrap_or_default(),
    }
}

fn own_sid<'c>(call: &'c Call<'_>) -> &'c str {
    call.params.last().map_or("", String::as_str)
}

fn permissions(call: &Call<'_>) -> Result<Vec<String>, Refusal> {
    let mut permissions: Vec<String> = Vec::new();
    for name in call.form.texts("Permission") {
        if !PERMISSIONS.contains(&name) {
            let message = format!("Invalid Permission: '{}' is not known", brief(name));
            return Err(Refusal::invalid(message));
        }
        if !permissions.iter().any(|known| known == name) {
            permissions.push(name.to_owned());
        }
    }
    Ok(permissions)
}
