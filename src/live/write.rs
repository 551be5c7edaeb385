//! Writing single resources.

use bytes::Bytes;

use super::create::{LAG, LOOKS};
use super::request::Call;
use super::{
    Class, LiveError, Look, LowerError, Sids, Transport, Writer, answer, fields, form, lower,
};
use crate::model::{Address, Fingerprint, Kind, Resource};

/// What became of an object that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub sid: String,
    /// What it looks like now; none when that is not known.
    pub seen: Option<Fingerprint>,
}

/// The write of an object that is there.
#[derive(Clone, Copy, Debug)]
pub struct Edit<'a> {
    /// For a capacity the worker channel's, or the channel's unique name.
    pub sid: &'a str,
    pub resource: &'a Resource,
    /// The friendly name that it gets.
    pub new_name: Option<&'a str>,
    /// As [`Look::revision`].
    pub revision: Option<&'a str>,
}

impl<T> Writer<T> {
    /// How many requests of a class are sent in a second, now; none without a bound.
    pub fn rate(&self, class: Class) -> Option<f64> {
        self.client.rate(class)
    }

    /// Whether nothing new is to be begun.
    pub fn is_stopped(&self) -> bool {
        self.client.is_stopped()
    }

    /// One for the rest of what was begun: it sends whoever wishes to stop.
    #[must_use]
    pub fn to_the_end(&self) -> Self {
        Self { client: self.client.to_the_end() }
    }
}

impl<T: Transport> Writer<T> {
    /// Reads one object as it is now.
    ///
    /// # Errors
    /// It is not there, or could not be read.
    pub async fn look(
        &self,
        workspace_sid: &str,
        address: &Address,
        sid: &str,
        sids: &Sids,
    ) -> Result<Look, LiveError> {
        self.client.look(workspace_sid, address, sid, sids).await
    }

    /// Updates the fields that `edit` gives. Nothing is sent when there is nothing to set. A
    /// capacity's worker is found in `sids` by the address's name before its last `/`.
    ///
    /// # Errors
    /// The API's refusal, or no answer; [`LiveError::Moved`] when the revision is another by now.
    pub async fn update(
        &self,
        workspace_sid: &str,
        address: &Address,
        edit: Edit<'_>,
        sids: &Sids,
    ) -> Result<Written, LiveError> {
        let Edit { sid, resource, new_name, revision } = edit;
        same_kind(address, resource)?;
        let form = lower::update(address, resource, new_name, sids)?;
        if form.is_empty() {
            return Ok(Written { sid: sid.to_owned(), seen: None });
        }
        let url = self.client.place(workspace_sid, address, Some(sid), sids).await?;
        let mut call = Call::update(url.clone(), form);
        call.if_match = revision.map(str::to_owned);
        let unclear = |what| LiveError::Ambiguous { request: call.label(), what };
        let body = match self.client.call(&call).await {
            // The first try of this very request may have been carried out and its answer lost.
            Err(LiveError::Moved(error)) => match self.ours(&url, &call).await {
                Ok(Some(body)) => body,
                Ok(None) => return Err(LiveError::Moved(error)),
                Err(unread) => return Err(unclear(format!("{error}, and then: {unread}"))),
            },
            other => other?,
        };
        let updated = answer::object(&body).map_err(unclear)?;
        let sid = fields::some_text(&updated, "sid").unwrap_or_else(|| sid.to_owned());
        Ok(Written { sid, seen: Some(Fingerprint::of(address.kind, &updated)) })
    }

    /// The object, when it is as the request wants it. A read may lag behind, so it is looked at
    /// more than once.
    async fn ours(&self, url: &url::Url, call: &Call) -> Result<Option<Bytes>, LiveError> {
        let client = self.client.to_the_end();
        for _ in 0..LOOKS {
            let body = client.call(&Call::get(url.clone())).await?;
            if answer::object(&body).is_ok_and(|raw| form::is_in(&call.form, &raw)) {
                return Ok(Some(body));
            }
            client.wait(LAG).await;
        }
        Ok(None)
    }

    /// Deletes it; gone already is done. `revision` as [`Look::revision`].
    ///
    /// # Errors
    /// The API's refusal, or no answer; [`LiveError::Moved`] when the revision is another by now.
    pub async fn delete(
        &self,
        workspace_sid: &str,
        address: &Address,
        sid: &str,
        revision: Option<&str>,
    ) -> Result<(), LiveError> {
        if matches!(address.kind, Kind::Workspace | Kind::Capacity) {
            let impossible = LowerError::Impossible { of: address.clone(), what: "deleted" };
            return Err(impossible.into());
        }
        let url = self.client.place(workspace_sid, address, Some(sid), &Sids::default()).await?;
        let mut call = Call::delete(url);
        call.if_match = revision.map(str::to_owned);
        self.client.call(&call).await.map(drop)
    }
}

pub(super) fn same_kind(address: &Address, resource: &Resource) -> Result<(), LowerError> {
    let kind = match resource {
        Resource::Workspace(_) => Kind::Workspace,
        Resource::Activity(_) => Kind::Activity,
        Resource::TaskChannel(_) => Kind::TaskChannel,
        Resource::Queue(_) => Kind::Queue,
        Resource::Workflow(_) => Kind::Workflow,
        Resource::Worker(_) => Kind::Worker,
        Resource::Capacity(_) => Kind::Capacity,
        Resource::Role(_) => Kind::Role,
    };
    if kind == address.kind { Ok(()) } else { Err(LowerError::OtherKind(address.clone())) }
}
