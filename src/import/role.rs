//! Conversations roles.

use std::collections::BTreeSet;

use super::draft::Draft;
use super::unit::Unit;
use super::yaml::{Node, Part};
use crate::model::{Address, Kind, PermissionSet, Role, RoleType};

const SERVICE_ADMIN: &[&str] = &[
    "addParticipant",
    "deleteAnyMessage",
    "deleteConversation",
    "editAnyMessage",
    "editAnyMessageAttributes",
    "editAnyUserInfo",
    "editConversationAttributes",
    "editConversationName",
    "editOwnUserInfo",
    "joinConversation",
    "removeParticipant",
];
const SERVICE_USER: &[&str] = &["editOwnUserInfo", "joinConversation"];
const CONVERSATION_ADMIN: &[&str] = &[
    "addParticipant",
    "deleteAnyMessage",
    "deleteConversation",
    "editAnyMessage",
    "editConversationAttributes",
    "editConversationName",
    "editNotificationLevel",
    "leaveConversation",
    "removeParticipant",
    "sendMediaMessage",
    "sendMessage",
];
const CONVERSATION_USER: &[&str] = &[
    "deleteOwnMessage",
    "editNotificationLevel",
    "editOwnMessage",
    "editOwnMessageAttributes",
    "leaveConversation",
    "sendMediaMessage",
    "sendMessage",
];

/// The roles that Flex and every service are born with, and what is usual of them. What Conversations
/// gives them is not documented: what is there beyond this is written as an addition.
fn usual(role_type: RoleType, name: &str) -> Option<(&'static [&'static str], bool)> {
    match (role_type, name) {
        (RoleType::Service, "service admin") => Some((SERVICE_ADMIN, true)),
        (RoleType::Service, "admin") => Some((SERVICE_ADMIN, false)),
        (RoleType::Service, "service user" | "agent") => Some((SERVICE_USER, false)),
        (RoleType::Conversation, "channel admin") => Some((CONVERSATION_ADMIN, false)),
        (RoleType::Conversation, "channel user") => Some((CONVERSATION_USER, false)),
        _ => None,
    }
}

/// `conversations`, when a role is not as usual.
pub(super) fn conversations(draft: &mut Draft<'_>) -> Option<Part> {
    let mut roles: Vec<_> = draft.snapshot.roles.iter().collect();
    roles.sort_by_key(|live| (live.value.0, live.name.as_str(), live.sid.as_str()));
    let twice: BTreeSet<(RoleType, &str)> = roles
        .windows(2)
        .filter(|pair| (pair[0].value.0, &pair[0].name) == (pair[1].value.0, &pair[1].name))
        .map(|pair| (pair[0].value.0, pair[0].name.as_str()))
        .collect();
    let mut items = Vec::new();
    for live in &roles {
        let (role_type, Role { permissions }) = &live.value;
        let address = Address::new(Kind::Role, format!("{role_type}/{}", live.name));
        if !draft.options.wants(&address) {
            continue;
        }
        if twice.contains(&(*role_type, &live.name)) {
            draft.left_out(&address, format!("{} is not alone with its name", live.sid));
            continue;
        }
        let (PermissionSet::Exactly(all) | PermissionSet::Include(all)) = permissions;
        let given: BTreeSet<&str> = all.iter().map(String::as_str).collect();
        let list = |names: &BTreeSet<&str>| Node::texts(names.iter().copied());
        let permissions = match usual(*role_type, &live.name) {
            Some((usual, creates)) if usual.iter().all(|name| given.contains(name)) => {
                let more: BTreeSet<&str> = given
                    .into_iter()
                    .filter(|name| !usual.contains(name))
                    .filter(|name| !(creates && *name == "createConversation"))
                    .collect();
                if more.is_empty() {
                    continue;
                }
                Node::Inline(vec![Part::entry("include", list(&more))])
            }
            _ => list(&given),
        };
        let unit = Unit::whole(&address);
        if draft.refusal(&unit, "it is left out").is_some() {
            continue;
        }
        let entries = vec![
            Part::entry("type", Node::text(&role_type.to_string())),
            Part::entry("friendly_name", Node::text(&live.name)),
            Part::entry("permissions", permissions),
        ];
        items.push(Part::item(Node::Map(entries)).about(unit));
    }
    let roles = Part::entry("roles", Node::List(items.clone()));
    (!items.is_empty()).then(|| Part::entry("conversations", Node::Map(vec![roles])))
}
