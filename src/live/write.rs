//! Writing single resources.

use super::endpoints::Product;
use super::read::roles_path;
use super::request::Call;
use super::{LiveError, LowerError, Sids, Transport, Writer, answer, fields, lower};
use crate::model::{Address, Kind, Resource};

impl<T: Transport> Writer<T> {
    /// Creates a resource and gives its sid. A worker's channels are made by TaskRouter, so the
    /// first write of a capacity is an update of a channel that is there.
    ///
    /// # Errors
    /// The API's refusal, or no answer; when nobody knows whether it was created, that.
    pub async fn create(
        &self,
        workspace_sid: &str,
        address: &Address,
        resource: &Resource,
        sids: &Sids,
    ) -> Result<String, LiveError> {
        same_kind(address, resource)?;
        let form = lower::create(address, resource, sids)?;
        let call = if let Some((_, channel)) = address.worker_and_channel() {
            Call::update(self.url(workspace_sid, address, Some(channel), sids).await?, form)
        } else {
            Call::create(self.url(workspace_sid, address, None, sids).await?, form)
        };
        let body = self.client.call(&call).await?;
        answer::object(&body)
            .and_then(|created| {
                fields::some_text(&created, "sid")
                    .ok_or_else(|| "an object without a sid".to_owned())
            })
            .map_err(|what| LiveError::Ambiguous { request: call.label(), what })
    }

    /// Updates the fields that `resource` holds, and the friendly name when `new_name` is given, and
    /// gives the sid. Nothing is sent when there is nothing to set. For a capacity, `sid` is the worker channel's
    /// (or the channel's unique name) and the worker's is found in `sids` by the address's name
    /// before its last `/`.
    ///
    /// # Errors
    /// The API's refusal, or no answer.
    pub async fn update(
        &self,
        workspace_sid: &str,
        address: &Address,
        sid: &str,
        resource: &Resource,
        new_name: Option<&str>,
        sids: &Sids,
    ) -> Result<String, LiveError> {
        same_kind(address, resource)?;
        let form = lower::update(address, resource, new_name, sids)?;
        if form.is_empty() {
            return Ok(sid.to_owned());
        }
        let call = Call::update(self.url(workspace_sid, address, Some(sid), sids).await?, form);
        let body = self.client.call(&call).await?;
        let unclear = |what| LiveError::Ambiguous { request: call.label(), what };
        let updated = answer::object(&body).map_err(unclear)?;
        Ok(fields::some_text(&updated, "sid").unwrap_or_else(|| sid.to_owned()))
    }

    /// Deletes it; gone already is done.
    ///
    /// # Errors
    /// The API's refusal, or no answer.
    pub async fn delete(
        &self,
        workspace_sid: &str,
        address: &Address,
        sid: &str,
    ) -> Result<(), LiveError> {
        if matches!(address.kind, Kind::Workspace | Kind::Capacity) {
            let impossible = LowerError::Impossible { of: address.clone(), what: "deleted" };
            return Err(impossible.into());
        }
        let url = self.url(workspace_sid, address, Some(sid), &Sids::default()).await?;
        self.client.call(&Call::delete(url)).await.map(drop)
    }

    /// The URL of a resource, or of the collection it is to be created in.
    async fn url(
        &self,
        workspace_sid: &str,
        address: &Address,
        sid: Option<&str>,
        sids: &Sids,
    ) -> Result<url::Url, LiveError> {
        let endpoints = self.client.endpoints();
        if address.kind == Kind::Role {
            let path = roles_path(&self.client).await?;
            let path: Vec<&str> = path.iter().map(String::as_str).chain(sid).collect();
            return Ok(endpoints.url(Product::Conversations, &path, &[]));
        }
        let mut path = vec!["Workspaces"];
        if address.kind != Kind::Workspace {
            path.push(workspace_sid);
        }
        match address.kind {
            Kind::Workspace | Kind::Role => {}
            Kind::Activity => path.push("Activities"),
            Kind::TaskChannel => path.push("TaskChannels"),
            Kind::Queue => path.push("TaskQueues"),
            Kind::Workflow => path.push("Workflows"),
            Kind::Worker => path.push("Workers"),
            Kind::Capacity => {
                let (worker, _) = address.worker_and_channel().unwrap_or_default();
                let worker = lower::sid(&Address::new(Kind::Worker, worker), address, sids)?;
                path.extend(["Workers", worker, "Channels"]);
            }
        }
        path.extend(sid);
        Ok(endpoints.url(Product::TaskRouter, &path, &[]))
    }
}

fn same_kind(address: &Address, resource: &Resource) -> Result<(), LowerError> {
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
