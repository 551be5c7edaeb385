//! The account's Conversations configuration: above all which service is the default.

use serde::{Deserialize, Serialize};

use super::body::{Answer, Links, Render, document};
use super::call::Call;
use super::chat_service::ChatService;
use super::collection::Collection;
use super::form::{Param, ParamKind, optional};
use super::refusal::Refusal;
use super::store::{Head, Record, Store};

pub(super) const UPDATE: &[Param] = &[
    optional("DefaultChatServiceSid", ParamKind::Sid("IS")),
    optional("DefaultMessagingServiceSid", ParamKind::Sid("MG")),
    optional("DefaultInactiveTimer", ParamKind::Text),
    optional("DefaultClosedTimer", ParamKind::Text),
];

/// The only one of an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ConversationsConfiguration {
    pub(super) head: Head,
    pub(super) default_chat_service_sid: String,
    pub(super) default_messaging_service_sid: Option<String>,
    pub(super) default_inactive_timer: Option<String>,
    pub(super) default_closed_timer: Option<String>,
}

impl ConversationsConfiguration {
    /// The account's.
    pub(super) fn of(store: &Store) -> Option<&Self> {
        store.conversations.iter().next()
    }
}

impl Record for ConversationsConfiguration {
    const TABLE: &'static str = "conversations_configuration";
    const PREFIX: &'static str = "XC";

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
        Some(&store.conversations)
    }

    fn rows_mut<'s>(store: &'s mut Store, _parent: &str) -> Option<&'s mut Collection<Self>> {
        Some(&mut store.conversations)
    }
}

document! {
    /// The configuration as clients see it.
    ConfigurationDocument<'a> {
        account_sid: Option<&'a str>,
        default_chat_service_sid: Option<&'a str>,
        default_messaging_service_sid: Option<&'a str>,
        default_inactive_timer: Option<&'a str>,
        default_closed_timer: Option<&'a str>,
        url: Option<String>,
        links: Option<Links>,
    }
}

impl Render for ConversationsConfiguration {
    type Document<'a> = ConfigurationDocument<'a>;

    fn document<'a>(&'a self, store: &'a Store, call: &Call<'_>) -> ConfigurationDocument<'a> {
        let base = &call.base;
        let service = &self.default_chat_service_sid;
        let url = format!("{base}/v1/Configuration");
        let links = Links::default()
            .with("service", Some(format!("{base}/v1/Services/{service}/Configuration")))
            .with("webhooks", Some(format!("{url}/Webhooks")));
        ConfigurationDocument {
            account_sid: Some(&store.account_sid),
            default_chat_service_sid: Some(service),
            default_messaging_service_sid: self.default_messaging_service_sid.as_deref(),
            default_inactive_timer: self.default_inactive_timer.as_deref(),
            default_closed_timer: self.default_closed_timer.as_deref(),
            url: Some(url),
            links: Some(links),
        }
    }
}

pub(super) fn fetch(store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let found = ConversationsConfiguration::of(store).ok_or_else(|| call.not_found())?;
    Ok(Answer::ok(store, call, found))
}

pub(super) fn update(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let found = ConversationsConfiguration::of(store).ok_or_else(|| call.not_found())?;
    let mut configuration = found.clone();
    if let Some(sid) = call.form.text("DefaultChatServiceSid") {
        if store.get::<ChatService>("", sid).is_none() {
            let message = format!("DefaultChatServiceSid '{sid}' is not a Service");
            return Err(Refusal::invalid(message));
        }
        sid.clone_into(&mut configuration.default_chat_service_sid);
    }
    for (param, field) in [
        ("DefaultMessagingServiceSid", &mut configuration.default_messaging_service_sid),
        ("DefaultInactiveTimer", &mut configuration.default_inactive_timer),
        ("DefaultClosedTimer", &mut configuration.default_closed_timer),
    ] {
        if let Some(text) = call.form.text(param) {
            *field = Some(text.to_owned()).filter(|text| !text.is_empty());
        }
    }
    store.update(configuration);
    fetch(store, call)
}
