//! The `conversations` section.

use std::collections::BTreeSet;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::model::{PermissionSet, RoleType};

/// What lives in Conversations.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Conversations {
    /// Roles of Flex's conversation service.
    #[schemars(extend("examples" = [[
        { "type": "service", "friendly_name": "admin", "permissions": { "include": ["createConversation"] } }
    ]]))]
    pub roles: Vec<Role>,
}

/// A role: its type and name together are its identity and cannot change.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// What the role is about: `service` for the whole service, `conversation` for one
    /// conversation.
    #[serde(rename = "type")]
    #[schemars(with = "RoleTypes")]
    pub role_type: RoleType,

    /// The name. 1 to 64 characters.
    #[schemars(length(min = 1, max = 64), extend("examples" = ["admin"]))]
    pub friendly_name: String,

    /// A list is the whole set: the role has these permissions and no others. `{ include: [ … ] }`
    /// adds to what the role has.
    ///
    /// The API replaces the whole set with every update; additions are read, merged and written.
    #[serde(deserialize_with = "permissions")]
    #[schemars(with = "Permissions")]
    pub permissions: PermissionSet,
}

/// The names of [`RoleType`], documented for people who write specs.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
#[expect(dead_code, reason = "only its schema is used")]
enum RoleTypes {
    /// One conversation.
    Conversation,
    /// The whole service.
    Service,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Include {
    /// Permissions that the role is to have beside those it has.
    #[schemars(schema_with = "permission_list")]
    include: BTreeSet<String>,
}

fn permissions<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PermissionSet, D::Error> {
    struct Forms;

    impl<'de> Visitor<'de> for Forms {
        type Value = PermissionSet;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of permissions, or a map with `include`")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<PermissionSet, A::Error> {
            BTreeSet::deserialize(SeqAccessDeserializer::new(seq)).map(PermissionSet::Exactly)
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PermissionSet, A::Error> {
            let Include { include } = Include::deserialize(MapAccessDeserializer::new(map))?;
            Ok(PermissionSet::Include(include))
        }
    }

    deserializer.deserialize_any(Forms)
}

/// The permissions that Conversations is known to have.
pub(crate) const PERMISSIONS: [&str; 22] = [
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

/// The known permissions are examples and not an enum: the service may learn new ones.
fn permission_list(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({
        "type": "array",
        "uniqueItems": true,
        "items": { "type": "string", "minLength": 1, "examples": PERMISSIONS },
    })
}

/// The schema of a role's permissions.
struct Permissions;

impl JsonSchema for Permissions {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Permissions".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Include::json_schema(generator);
        for (key, value) in permission_list(generator).ensure_object() {
            schema.insert(key.clone(), value.take());
        }
        schema.insert("type".to_owned(), serde_json::json!(["array", "object"]));
        schema
    }
}
