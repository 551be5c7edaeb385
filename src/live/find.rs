//! Finding single objects: by sid, and by name.

use http::header::ETAG;
use url::Url;

use super::client::protocol;
use super::endpoints::Product;
use super::lift::{self, Raw};
use super::read::roles_path;
use super::request::Call;
use super::{Client, LiveError, Reader, Sids, Transport, answer, fields, lower};
use crate::model::{Address, Fingerprint, Kind};

/// What an object looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    pub seen: Fingerprint,
    /// Its revision, where the API has such a thing: a write that names it is refused when somebody
    /// else was faster.
    pub revision: Option<String>,
}

impl<T: Transport> Reader<T> {
    /// Reads one object as it is now. A capacity's worker is found in `sids`.
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

    /// The objects of this name, each with its sid; none of a kind that cannot be asked so.
    ///
    /// # Errors
    /// They could not be read.
    pub async fn named(
        &self,
        workspace_sid: &str,
        address: &Address,
    ) -> Result<Vec<(String, Fingerprint)>, LiveError> {
        if matches!(address.kind, Kind::Workspace | Kind::Capacity) {
            return Ok(Vec::new());
        }
        let url = self.client.place(workspace_sid, address, None, &Sids::default()).await?;
        let named = self.client.named(url, address).await?;
        Ok(named.iter().map(|raw| (lift::sid(raw), Fingerprint::of(address.kind, raw))).collect())
    }
}

impl<T: Transport> Client<T> {
    pub(super) async fn look(
        &self,
        workspace_sid: &str,
        address: &Address,
        sid: &str,
        sids: &Sids,
    ) -> Result<Look, LiveError> {
        let call = Call::get(self.place(workspace_sid, address, Some(sid), sids).await?);
        let response = self.exchange(&call).await?;
        let tag = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok());
        let revision = tag.map(str::to_owned);
        let raw = answer::object(response.body()).map_err(|what| protocol(&call, what))?;
        Ok(Look { seen: Fingerprint::of(address.kind, &raw), revision })
    }

    /// The objects of a collection that have the address's name now.
    pub(super) async fn named(
        &self,
        mut collection: Url,
        address: &Address,
    ) -> Result<Vec<Raw>, LiveError> {
        let key = match address.kind {
            Kind::Activity => "activities",
            Kind::TaskChannel => "channels",
            Kind::Queue => "task_queues",
            Kind::Workflow => "workflows",
            Kind::Worker => "workers",
            Kind::Role => "roles",
            Kind::Workspace => "workspaces",
            Kind::Capacity => return Ok(Vec::new()),
        };
        let (role_type, name) = match address.kind {
            Kind::Role => address.name.split_once('/').unwrap_or(("", &address.name)),
            _ => ("", address.name.as_str()),
        };
        let filters = matches!(
            address.kind,
            Kind::Activity | Kind::Queue | Kind::Workflow | Kind::Worker | Kind::Workspace
        );
        if filters {
            collection.query_pairs_mut().append_pair("FriendlyName", name);
        }
        let mut found = self.list(collection, key).await?;
        let name_key = lift::name_key(address.kind);
        found.retain(|raw| {
            let is = fields::text(raw, name_key).unwrap_or_default();
            let same_name = match address.kind {
                Kind::Worker | Kind::TaskChannel => is.to_lowercase() == name.to_lowercase(),
                _ => is == name,
            };
            let same_type = address.kind != Kind::Role
                || fields::text(raw, "type").is_some_and(|it| it == role_type);
            same_name && same_type
        });
        Ok(found)
    }

    /// The URL of a resource, or of the collection it is to be created in.
    pub(super) async fn place(
        &self,
        workspace_sid: &str,
        address: &Address,
        sid: Option<&str>,
        sids: &Sids,
    ) -> Result<Url, LiveError> {
        let endpoints = self.endpoints();
        if address.kind == Kind::Role {
            let path = roles_path(self).await?;
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
