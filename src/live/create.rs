//! Creating, so that nothing is ever created twice.
//!
//! A create whose answer is lost is not sent again blindly: its name is looked up, what was made is
//! adopted, and only when nothing is there it is sent again.

use std::time::Duration;

use super::lift::Raw;
use super::request::Call;
use super::write::{Written, same_kind};
use super::{LiveError, Sids, Transport, Writer, answer, fields, form, lift, lower};
use crate::model::{Address, Fingerprint, Kind, Resource};

/// How often a create is sent at most.
const TRIES: u32 = 3;
/// How often is looked at what became of a write whose outcome is unknown: a read may lag behind.
pub(super) const LOOKS: u32 = 3;
/// The wait before each of these looks.
pub(super) const LAG: Duration = Duration::from_millis(700);

impl<T: Transport> Writer<T> {
    /// Creates a resource. A worker's channels are made by TaskRouter, so the first write of a
    /// capacity is an update of a channel that is there.
    ///
    /// # Errors
    /// The API's refusal, or no answer; [`LiveError::Appeared`] when somebody else has made an
    /// object of this name; when nobody knows whether it was created, that.
    pub async fn create(
        &self,
        workspace_sid: &str,
        address: &Address,
        resource: &Resource,
        sids: &Sids,
    ) -> Result<Written, LiveError> {
        same_kind(address, resource)?;
        let form = lower::create(address, resource, sids)?;
        if let Some((_, channel)) = address.worker_and_channel() {
            let url = self.client.place(workspace_sid, address, Some(channel), sids).await?;
            return self.made(address, &Call::update(url, form)).await;
        }
        let call = Call::create(self.client.place(workspace_sid, address, None, sids).await?, form);
        // Where names may repeat the API would make a second one without a word.
        if matches!(address.kind, Kind::Activity | Kind::Workflow | Kind::Role)
            && let Some(found) = self.client.named(call.url.clone(), address).await?.first()
        {
            return Err(appeared(address, found));
        }
        let mut unknown = match self.made(address, &call).await {
            Err(error @ LiveError::Ambiguous { .. }) => error,
            other => return other,
        };
        // Who is to stop still looks what was done.
        let last = self.client.to_the_end();
        for _ in 1..TRIES {
            for _ in 0..LOOKS {
                self.client.wait(LAG).await;
                // Who cannot look knows as little as before.
                let Ok(named) = last.named(call.url.clone(), address).await else {
                    return Err(unknown);
                };
                if let Some(ours) = named.iter().find(|raw| form::is_in(&call.form, raw)) {
                    let seen = Some(Fingerprint::of(address.kind, ours));
                    return Ok(Written { sid: lift::sid(ours), seen });
                }
                if let Some(other) = named.first() {
                    return Err(appeared(address, other));
                }
            }
            match self.made(address, &call).await {
                Ok(written) => return Ok(written),
                Err(error @ LiveError::Ambiguous { .. }) => unknown = error,
                // Perhaps because an earlier try has made it: look again.
                Err(LiveError::Api(_)) => {}
                // This one was not carried out, but what became of the first is still unknown.
                Err(_) => return Err(unknown),
            }
        }
        Err(unknown)
    }

    /// Sends the request once and gives what was made.
    async fn made(&self, address: &Address, call: &Call) -> Result<Written, LiveError> {
        let body = self.client.call(call).await?;
        let unclear = |what| LiveError::Ambiguous { request: call.label(), what };
        let made = answer::object(&body).map_err(unclear)?;
        let sid = fields::some_text(&made, "sid")
            .ok_or_else(|| unclear("an object without a sid".to_owned()))?;
        self.client.created(&sid);
        Ok(Written { sid, seen: Some(Fingerprint::of(address.kind, &made)) })
    }
}

fn appeared(address: &Address, found: &Raw) -> LiveError {
    LiveError::Appeared { address: address.clone(), sid: lift::sid(found) }
}
