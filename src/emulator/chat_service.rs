//! Conversations services, the parents of roles.

use serde::{Deserialize, Serialize};

use super::body::{Answer, Links, List, Render, document};
use super::call::Call;
use super::collection::Collection;
use super::conversations_configuration::ConversationsConfiguration;
use super::form::{Param, ParamKind, required};
use super::paging::MIDDLE;
use super::refusal::Refusal;
use super::seed;
use super::store::{Head, Record, Store};

pub(super) const CREATE: &[Param] = &[required("FriendlyName", ParamKind::Text)];
pub(super) const LIST: List = List { key: "services", filters: &[], limit: MIDDLE };

/// A Conversations service.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ChatService {
    pub(super) head: Head,
    pub(super) friendly_name: String,
}

impl Record for ChatService {
    const TABLE: &'static str = "chat_services";
    const PREFIX: &'static str = "IS";

    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    fn name(&self) -> &str {
        &self.friendly_name
    }

    fn make_room(&self, store: &mut Store) {
        store.roles.entry(self.head.sid.clone()).or_default();
    }

    fn rows<'s>(store: &'s Store, _parent: &str) -> Option<&'s Collection<Self>> {
        Some(&store.chat_services)
    }

    fn rows_mut<'s>(store: &'s mut Store, _parent: &str) -> Option<&'s mut Collection<Self>> {
        Some(&mut store.chat_services)
    }
}

document! {
    /// A service as clients see it.
    ChatServiceDocument<'a> {
        account_sid: Option<&'a str>,
        sid: Option<&'a str>,
        friendly_name: Option<&'a str>,
        date_created: Option<&'a str>,
        date_updated: Option<&'a str>,
        url: Option<String>,
        links: Option<Links>,
    }
}

impl Render for ChatService {
    type Document<'a> = ChatServiceDocument<'a>;

    fn document<'a>(&'a self, store: &'a Store, call: &Call<'_>) -> ChatServiceDocument<'a> {
        let url = format!("{}/v1/Services/{}", call.base, self.head.sid);
        let links = Links::under(
            &url,
            &[
                ("conversations", "Conversations"),
                ("users", "Users"),
                ("roles", "Roles"),
                ("bindings", "Bindings"),
                ("configuration", "Configuration"),
                ("participant_conversations", "ParticipantConversations"),
                ("conversation_with_participants", "ConversationWithParticipants"),
            ],
        );
        ChatServiceDocument {
            account_sid: Some(&store.account_sid),
            sid: Some(&self.head.sid),
            friendly_name: Some(&self.friendly_name),
            date_created: Some(&self.head.date_created),
            date_updated: Some(&self.head.date_updated),
            url: Some(url),
            links: Some(links),
        }
    }
}

pub(super) fn list(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    Answer::list(store, call, &store.chat_services, &LIST, |_| true)
}

pub(super) fn fetch(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    Ok(Answer::ok(store, call, store.find::<ChatService>(call, "", call.param(0))?))
}

pub(super) fn create(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let friendly_name = call.form.text("FriendlyName").unwrap_or_default().to_owned();
    if friendly_name.chars().count() > 256 {
        return Err(Refusal::invalid("FriendlyName must not exceed 256 characters"));
    }
    let service = ChatService { head: store.head::<ChatService>(""), friendly_name };
    store.put(service.clone());
    seed::built_in_roles(store, &service.head.sid);
    Ok(Answer::created(store, call, &service))
}

/// Takes the roles along. The account's default service stays.
pub(super) fn delete(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let sid = call.param(0);
    store.find::<ChatService>(call, "", sid)?;
    if ConversationsConfiguration::of(store).is_some_and(|own| own.default_chat_service_sid == sid)
    {
        let message = format!("Cannot delete Service {sid} because it is the default");
        return Err(Refusal::invalid(message));
    }
    store.remove_roles(sid);
    store.remove::<ChatService>("", sid);
    Ok(Answer::deleted())
}
