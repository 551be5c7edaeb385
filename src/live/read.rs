//! Reading a workspace into a snapshot.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;

use super::answer;
use super::client::protocol;
use super::endpoints::Product;
use super::lift::{self, Raw, RawSnapshot};
use super::names::Names;
use super::request::Call;
use super::survey::{self, Because, Remark, Survey};
use super::workers::{self, WorkerRead};
use super::{Client, LiveError, Reader, Transport, fields};
use crate::model::{
    Activity, CapacityRule, Kind, Live, Model, Policy, Snapshot, Worker, aside_name,
};

/// Items on a page: as many as TaskRouter gives.
const PAGE_SIZE: (&str, &str) = ("PageSize", "1000");
/// Items on a page of roles: as many as Conversations gives.
const ROLES_PAGE_SIZE: (&str, &str) = ("PageSize", "50");

/// From so many objects on a thread is worth its while.
const MANY: usize = 500;

/// What is to be read.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// Pins the workspace.
    pub workspace_sid: Option<&'a str>,
    /// Chooses it by friendly name when no sid is given.
    pub workspace_name: Option<&'a str>,
    /// Whether workers are wanted in any case.
    pub workers: bool,
    /// Workers are wanted too when one of these has another `available` live, since whoever is in
    /// a replaced activity has to leave it.
    pub declared_activities: &'a BTreeMap<String, Activity>,
    /// Worker channels are wanted of the workers that a rule matches,
    pub capacities: &'a [CapacityRule],
    /// and, when there is a rule, of these, which a rule may match once they are changed.
    pub declared_workers: &'a BTreeMap<String, Worker>,
    /// The channels of the workers with these sids are read whatever the rules say.
    pub channels_of: &'a [&'a str],
    /// Whether these channels are all read. Without it those are left out that TaskRouter says are
    /// as the rules want them.
    pub exact: bool,
    /// Whether Conversations roles are wanted.
    pub roles: bool,
}

impl<'a> Scope<'a> {
    /// What is needed to compare the live side with `desired`.
    pub fn of(desired: &'a Model) -> Self {
        Self {
            workspace_sid: desired.workspace.sid.as_deref(),
            workspace_name: desired.workspace.friendly_name.as_deref(),
            workers: speaks_of_workers(desired),
            declared_activities: &desired.activities,
            capacities: &desired.capacities,
            declared_workers: &desired.workers,
            channels_of: &[],
            exact: false,
            roles: !desired.roles.is_empty(),
        }
    }
}

/// Whether the spec says anything about workers, or deletes activities that they may be in.
fn speaks_of_workers(desired: &Model) -> bool {
    let Model { workers, capacities, unmanaged, removed, .. } = desired;
    let asked = unmanaged.kinds.get(&Kind::Worker).is_some_and(|policy| *policy != Policy::Ignore);
    let deletes = !matches!(unmanaged.policy(Kind::Activity), Policy::Report | Policy::Ignore);
    let deletes = deletes
        || removed.iter().any(|address| matches!(address.kind, Kind::Worker | Kind::Activity));
    !workers.is_empty() || !capacities.is_empty() || asked || deletes
}

/// Whether an activity has to be replaced, or was in an earlier run that did not end.
fn replaces(declared: &BTreeMap<String, Activity>, live: &[Raw]) -> bool {
    let live: Vec<_> = live.iter().map(lift::activity).collect();
    declared.iter().any(|(name, activity)| {
        let Activity { sid, renamed_from, available } = activity;
        let is = |live: &Live<Activity>| match sid {
            Some(sid) => live.sid == *sid,
            None => live.name == *name || Some(&live.name) == renamed_from.as_ref(),
        };
        let aside = aside_name(name);
        live.iter().any(|live| {
            live.name == aside
                || available.is_some() && is(live) && live.value.available != *available
        })
    })
}

/// Reads everything in scope, all kinds at once.
///
/// Roles are those of the chat service that Flex's configuration names
/// (`chat_service_instance_sid`), since that is the one Flex's conversations live in; on an account
/// without Flex, those of the account's default service.
///
/// # Errors
/// The first thing that could not be read, with the request and the API's own words.
pub async fn read<T: Transport>(
    reader: &Reader<T>,
    scope: &Scope<'_>,
) -> Result<Snapshot, LiveError> {
    read_aloud(reader, scope, &mut |_| {}).await
}

/// The same. `tell` hears of what takes long before it is done.
///
/// # Errors
/// As [`read`].
pub async fn read_aloud<T: Transport>(
    reader: &Reader<T>,
    scope: &Scope<'_>,
    tell: &mut dyn FnMut(&Remark),
) -> Result<Snapshot, LiveError> {
    let client = &reader.client;
    let workspace = find_workspace(client, scope).await?;
    let workspace_sid = lift::sid(&workspace);
    let all = |collection, key| list(client, &workspace_sid, collection, key);
    let activities = all("Activities", "activities");
    let workers = all_workers(client, &workspace_sid);
    let activities_and_workers = async {
        if scope.workers || !scope.capacities.is_empty() {
            return tokio::try_join!(activities, workers);
        }
        let activities = activities.await?;
        let asked = replaces(scope.declared_activities, &activities);
        Ok((activities, if asked { workers.await? } else { Vec::new() }))
    };
    let workflows = async {
        let workflows = all("Workflows", "workflows").await?;
        complete(client, &workspace_sid, "Workflows", "configuration", workflows).await
    };
    let ((activities, workers), task_channels, queues, workflows, roles) = tokio::try_join!(
        activities_and_workers,
        all("TaskChannels", "channels"),
        all("TaskQueues", "task_queues"),
        workflows,
        roles(client, scope),
    )?;
    let raw = RawSnapshot { workspace, activities, task_channels, queues, workflows, roles };
    let activities = Names::new(lift::addresses(Kind::Activity, &raw.activities));
    let (workers, of_workers) = workers::named(workers, &activities);
    let task_channels: Vec<_> = raw.task_channels.iter().map(lift::task_channel).collect();
    // Long lists become queues and workflows while workers are asked about.
    let many = raw.queues.len() + raw.workflows.len() >= MANY;
    let everything_else = beside(many, move || raw.lifted(of_workers));
    let capacities = async {
        let live: BTreeSet<&str> = task_channels.iter().map(|live| live.name.as_str()).collect();
        let survey = survey::survey(&workers, scope, &live);
        let concerned = survey.concerned;
        let mut wanted = drifted(client, &workspace_sid, survey, tell).await?;
        if !scope.channels_of.is_empty() {
            let known: BTreeSet<&str> = workers.iter().map(|worker| worker.sid.as_str()).collect();
            wanted.extend(scope.channels_of.iter().filter_map(|sid| known.get(sid)));
        }
        // Each worker has one of each.
        let unread_channels = concerned.saturating_sub(wanted.len()) * task_channels.len();
        let channels = worker_channels(client, &workspace_sid, &wanted).await?;
        Ok::<_, LiveError>((channels, unread_channels))
    };
    let ((snapshot, mut answers), capacities) = tokio::join!(everything_else, capacities);
    let (channels, unread_channels) = capacities?;
    let worker_channels = lift::worker_channels(channels, &mut answers);
    let answers = answers.into_iter().collect();
    Ok(Snapshot { workers, worker_channels, unread_channels, answers, ..snapshot })
}

/// Works something out, on a thread that does not hold up the requests when it is `large`.
async fn beside<A: Send + 'static>(large: bool, work: impl FnOnce() -> A + Send + 'static) -> A {
    match large {
        true => tokio::task::spawn_blocking(work).await.expect("it does not panic"),
        false => work(),
    }
}

pub(super) async fn find_workspace<T: Transport>(
    client: &Client<T>,
    scope: &Scope<'_>,
) -> Result<Raw, LiveError> {
    let url = |path: &[&str], query: &[(&str, &str)]| {
        client.endpoints().url(Product::TaskRouter, path, query)
    };
    if let Some(sid) = scope.workspace_sid {
        let call = Call::get(url(&["Workspaces", sid], &[]));
        let workspace = client.fetch(&call).await?;
        return identified(&call, vec![workspace]).map(|mut one| one.remove(0));
    }
    let mut query = vec![PAGE_SIZE];
    query.extend(scope.workspace_name.map(|name| ("FriendlyName", name)));
    let call = Call::get(url(&["Workspaces"], &query));
    let workspaces = client.list(call.url.clone(), "workspaces").await?;
    let mut found = identified(&call, workspaces)?;
    if let Some(name) = scope.workspace_name {
        found.retain(|workspace| name_of(workspace) == name);
    }
    match (found.len(), scope.workspace_name) {
        (1, _) => Ok(found.remove(0)),
        (0, name) => {
            let everything = client.list(url(&["Workspaces"], &[PAGE_SIZE]), "workspaces").await?;
            let known: Vec<String> = everything.iter().map(name_of).collect();
            let name = name.unwrap_or_default().to_owned();
            Err(LiveError::NoWorkspace { name, known })
        }
        (_, Some(name)) => Err(LiveError::SeveralWorkspaces {
            name: name.to_owned(),
            sids: found.iter().map(lift::sid).collect(),
        }),
        (_, None) => Err(LiveError::WhichWorkspace { known: found.iter().map(name_of).collect() }),
    }
}

fn name_of(workspace: &Raw) -> String {
    fields::text(workspace, "friendly_name").unwrap_or_default()
}

/// The objects, when each of them has a sid.
fn identified(call: &Call, objects: Vec<Raw>) -> Result<Vec<Raw>, LiveError> {
    let has_sid = |object: &Raw| fields::word(object, "sid").is_some_and(|sid| !sid.is_empty());
    if objects.iter().all(has_sid) {
        Ok(objects)
    } else {
        Err(protocol(call, "an object without a sid".to_owned()))
    }
}

pub(super) async fn list<T: Transport>(
    client: &Client<T>,
    workspace_sid: &str,
    collection: &str,
    key: &str,
) -> Result<Vec<Raw>, LiveError> {
    let path = ["Workspaces", workspace_sid, collection];
    let call = Call::get(client.endpoints().url(Product::TaskRouter, &path, &[PAGE_SIZE]));
    identified(&call, client.list(call.url.clone(), key).await?)
}

/// All workers. Those whose attributes the list left out, as the API's description says, are read
/// one by one.
async fn all_workers<T: Transport>(
    client: &Client<T>,
    workspace_sid: &str,
) -> Result<Vec<WorkerRead>, LiveError> {
    let path = ["Workspaces", workspace_sid, "Workers"];
    let call = Call::get(client.endpoints().url(Product::TaskRouter, &path, &[PAGE_SIZE]));
    let workers = client.list_as::<WorkerRead>(call.url.clone(), "workers").await?;
    if workers.iter().any(|worker| worker.live.sid.is_empty()) {
        return Err(protocol(&call, "an object without a sid".to_owned()));
    }
    if !workers.iter().any(|worker| worker.is_partial) {
        return Ok(workers);
    }
    let whole = workers.into_iter().map(|worker| async {
        match worker.is_partial {
            true => {
                let path = ["Workspaces", workspace_sid, "Workers", &worker.live.sid];
                let call = Call::get(client.endpoints().url(Product::TaskRouter, &path, &[]));
                let body = client.call(&call).await?;
                serde_json::from_slice(&body)
                    .map_err(|_| protocol(&call, format!("no worker: {}", answer::excerpt(&body))))
            }
            false => Ok(worker),
        }
    });
    try_join_all(whole).await
}

/// Reads those objects one by one whose `field` the list left out, as the API's description says
/// of workers' attributes.
pub(super) async fn complete<T: Transport>(
    client: &Client<T>,
    workspace_sid: &str,
    collection: &str,
    field: &str,
    objects: Vec<Raw>,
) -> Result<Vec<Raw>, LiveError> {
    let whole = objects.into_iter().map(|object| async move {
        if object.get(field).is_some_and(|value| !value.is_null()) {
            return Ok(object);
        }
        let sid = lift::sid(&object);
        let path = ["Workspaces", workspace_sid, collection, &sid];
        let call = Call::get(client.endpoints().url(Product::TaskRouter, &path, &[]));
        let object = client.fetch(&call).await?;
        identified(&call, vec![object]).map(|mut one| one.remove(0))
    });
    try_join_all(whole).await
}

/// The sids of the workers whose channels have to be read: what the survey says, and who is in the
/// answers to its questions.
async fn drifted<'a, T: Transport>(
    client: &Client<T>,
    workspace_sid: &str,
    survey: Survey<'a>,
    tell: &mut dyn FnMut(&Remark),
) -> Result<BTreeSet<&'a str>, LiveError> {
    let Survey { mut read, questions, mut remarks, concerned: _ } = survey;
    let path = ["Workspaces", workspace_sid, "Workers"];
    let answers = questions.into_iter().map(|question| async move {
        let query = [("TargetWorkersExpression", question.expression.as_str()), PAGE_SIZE];
        let url = client.endpoints().url(Product::TaskRouter, &path, &query);
        match client.list(url, "workers").await {
            Ok(workers) => {
                let found: BTreeSet<String> = workers.iter().map(lift::sid).collect();
                let about = question.about.into_iter();
                Ok((about.filter(|sid| found.contains(*sid)).collect(), None))
            }
            // The question was not understood.
            Err(LiveError::Api(error)) if matches!(error.status, 400 | 413 | 414 | 431) => {
                let because = Because::Refused(error.message);
                let workers = question.about.len();
                let remark = Remark { rule: question.rule.name.clone(), workers, because };
                Ok((question.about, Some(remark)))
            }
            Err(error) => Err(error),
        }
    });
    for (workers, remark) in try_join_all(answers).await? {
        let workers: Vec<&str> = workers;
        read.extend(workers);
        remarks.extend(remark);
    }
    remarks.iter().for_each(tell);
    Ok(read)
}

/// The channels of these workers, by the worker's sid; of those who have been deleted meanwhile there
/// are none. The client bounds how many of these requests run at once.
pub(super) async fn worker_channels<T: Transport>(
    client: &Client<T>,
    workspace_sid: &str,
    workers: &BTreeSet<&str>,
) -> Result<BTreeMap<String, Vec<Raw>>, LiveError> {
    let lists = workers.iter().map(|worker| async move {
        let path = ["Workspaces", workspace_sid, "Workers", worker, "Channels"];
        let call = Call::get(client.endpoints().url(Product::TaskRouter, &path, &[PAGE_SIZE]));
        match client.list(call.url.clone(), "channels").await {
            Ok(channels) => Ok(Some(((*worker).to_owned(), identified(&call, channels)?))),
            Err(LiveError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    });
    Ok(try_join_all(lists).await?.into_iter().flatten().collect())
}

pub(super) async fn roles<T: Transport>(
    client: &Client<T>,
    scope: &Scope<'_>,
) -> Result<Vec<Raw>, LiveError> {
    if !scope.roles {
        return Ok(Vec::new());
    }
    let path = roles_path(client).await?;
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let url = client.endpoints().url(Product::Conversations, &path, &[ROLES_PAGE_SIZE]);
    identified(&Call::get(url.clone()), client.list(url, "roles").await?)
}

/// The path of the roles, found out once for the readers and writers of a client.
pub(super) async fn roles_path<T: Transport>(client: &Client<T>) -> Result<&[String], LiveError> {
    let find_out = || async {
        let mut call = Call::get(client.endpoints().url(Product::Flex, &["Configuration"], &[]));
        call.host = client.endpoints().host_hint(Product::Flex);
        let service = match client.fetch(&call).await {
            Ok(configuration) => fields::some_text(&configuration, "chat_service_instance_sid"),
            Err(LiveError::NotFound(_)) => None,
            Err(error) => return Err(error),
        };
        Ok(match service {
            Some(service) => vec!["Services".to_owned(), service, "Roles".to_owned()],
            None => vec!["Roles".to_owned()],
        })
    };
    client.roles().get_or_try_init(find_out).await.map(Vec::as_slice)
}
