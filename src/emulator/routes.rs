//! The table of operations: what is asked for is looked up here, and the contract test holds the
//! same table to the vendor's documents.

use super::body::{Answer, Field, List};
use super::call::{Call, decode_segment};
use super::form::Param;
use super::options::Product;
use super::refusal::Refusal;
use super::store::Store;
use super::{
    activity, chat_service, conversations_configuration, event, flex_configuration, reservation,
    reservation_form, role, task, task_channel, task_queue, task_write, worker, worker_channel,
    workflow, workspace,
};

type Read = fn(&Store, &Call<'_>) -> Result<Answer, Refusal>;
type Write = fn(&mut Store, &Call<'_>) -> Result<Answer, Refusal>;

/// What carries an operation out.
#[derive(Clone, Copy, Debug)]
pub(super) enum Handler {
    Read(Read),
    Write(Write),
}

/// One operation of the API that the emulator serves.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// Whose it is.
    pub product: Product,
    /// `GET`, `POST` or `DELETE`.
    pub method: &'static str,
    /// With parameters in braces.
    pub path: &'static str,
    /// The status of success.
    pub status: u16,
    /// Parameters of the query string, without those of paging.
    pub query: &'static [Param],
    /// Parameters of the form.
    pub form: &'static [Param],
    /// The fields of the answer, or of each item of a list.
    pub fields: &'static [Field],
    /// The member of a list's answer that holds the items.
    pub key: Option<&'static str>,
    /// The largest `PageSize` of a list.
    pub page_limit: Option<usize>,
    pub(super) handler: Handler,
}

use Product::{Conversations, Flex, TaskRouter};

const fn fetch(
    product: Product,
    path: &'static str,
    fields: &'static [Field],
    read: Read,
) -> Operation {
    Operation {
        product,
        method: "GET",
        path,
        status: 200,
        query: &[],
        form: &[],
        fields,
        key: None,
        page_limit: None,
        handler: Handler::Read(read),
    }
}

const fn list(
    product: Product,
    path: &'static str,
    list: &List,
    fields: &'static [Field],
    read: Read,
) -> Operation {
    Operation {
        query: list.filters,
        key: Some(list.key),
        page_limit: Some(list.limit.most),
        ..fetch(product, path, fields, read)
    }
}

const fn post(
    product: Product,
    path: &'static str,
    status: u16,
    form: &'static [Param],
    fields: &'static [Field],
    write: Write,
) -> Operation {
    Operation {
        product,
        method: "POST",
        path,
        status,
        query: &[],
        form,
        fields,
        key: None,
        page_limit: None,
        handler: Handler::Write(write),
    }
}

const fn delete(product: Product, path: &'static str, write: Write) -> Operation {
    Operation { method: "DELETE", ..post(product, path, 204, &[], &[], write) }
}

macro_rules! resource {
    ($product:ident, $kind:ident, $fields:expr, $list:literal, $one:literal) => {
        [
            list($product, $list, &$kind::LIST, $fields, $kind::list),
            post($product, $list, 201, $kind::CREATE, $fields, $kind::create),
            fetch($product, $one, $fields, $kind::fetch),
            post($product, $one, 200, $kind::UPDATE, $fields, $kind::update),
            delete($product, $one, $kind::delete),
        ]
    };
}

const WORKSPACES: [Operation; 5] = resource!(
    TaskRouter,
    workspace,
    workspace::WorkspaceDocument::FIELDS,
    "/v1/Workspaces",
    "/v1/Workspaces/{Sid}"
);
const ACTIVITIES: [Operation; 5] = resource!(
    TaskRouter,
    activity,
    activity::ActivityDocument::FIELDS,
    "/v1/Workspaces/{WorkspaceSid}/Activities",
    "/v1/Workspaces/{WorkspaceSid}/Activities/{Sid}"
);
const TASK_CHANNELS: [Operation; 5] = resource!(
    TaskRouter,
    task_channel,
    task_channel::TaskChannelDocument::FIELDS,
    "/v1/Workspaces/{WorkspaceSid}/TaskChannels",
    "/v1/Workspaces/{WorkspaceSid}/TaskChannels/{Sid}"
);
const TASK_QUEUES: [Operation; 5] = resource!(
    TaskRouter,
    task_queue,
    task_queue::TaskQueueDocument::FIELDS,
    "/v1/Workspaces/{WorkspaceSid}/TaskQueues",
    "/v1/Workspaces/{WorkspaceSid}/TaskQueues/{Sid}"
);
const WORKFLOWS: [Operation; 5] = resource!(
    TaskRouter,
    workflow,
    workflow::WorkflowDocument::FIELDS,
    "/v1/Workspaces/{WorkspaceSid}/Workflows",
    "/v1/Workspaces/{WorkspaceSid}/Workflows/{Sid}"
);
const WORKERS: [Operation; 5] = resource!(
    TaskRouter,
    worker,
    worker::WorkerDocument::FIELDS,
    "/v1/Workspaces/{WorkspaceSid}/Workers",
    "/v1/Workspaces/{WorkspaceSid}/Workers/{Sid}"
);
const WORKER_CHANNELS: [Operation; 3] = {
    const ALL: &str = "/v1/Workspaces/{WorkspaceSid}/Workers/{WorkerSid}/Channels";
    const ONE: &str = "/v1/Workspaces/{WorkspaceSid}/Workers/{WorkerSid}/Channels/{Sid}";
    const FIELDS: &[Field] = worker_channel::WorkerChannelDocument::FIELDS;
    [
        list(TaskRouter, ALL, &worker_channel::LIST, FIELDS, worker_channel::list),
        fetch(TaskRouter, ONE, FIELDS, worker_channel::fetch),
        post(TaskRouter, ONE, 200, worker_channel::UPDATE, FIELDS, worker_channel::update),
    ]
};
const ROLES: [Operation; 5] =
    resource!(Conversations, role, role::RoleDocument::FIELDS, "/v1/Roles", "/v1/Roles/{Sid}");
const SERVICE_ROLES: [Operation; 5] = resource!(
    Conversations,
    role,
    role::RoleDocument::FIELDS,
    "/v1/Services/{ChatServiceSid}/Roles",
    "/v1/Services/{ChatServiceSid}/Roles/{Sid}"
);
const SERVICES: [Operation; 4] = {
    const ALL: &str = "/v1/Services";
    const ONE: &str = "/v1/Services/{Sid}";
    const FIELDS: &[Field] = chat_service::ChatServiceDocument::FIELDS;
    [
        list(Conversations, ALL, &chat_service::LIST, FIELDS, chat_service::list),
        post(Conversations, ALL, 201, chat_service::CREATE, FIELDS, chat_service::create),
        fetch(Conversations, ONE, FIELDS, chat_service::fetch),
        delete(Conversations, ONE, chat_service::delete),
    ]
};
const CONFIGURATIONS: [Operation; 4] = {
    use conversations_configuration as conversations;
    use flex_configuration as flex;
    const PATH: &str = "/v1/Configuration";
    const FIELDS: &[Field] = conversations::ConfigurationDocument::FIELDS;
    [
        fetch(Conversations, PATH, FIELDS, conversations::fetch),
        post(Conversations, PATH, 200, conversations::UPDATE, FIELDS, conversations::update),
        Operation { query: flex::QUERY, ..fetch(Flex, PATH, flex::FIELDS, flex::fetch) },
        post(Flex, PATH, 200, &[], flex::FIELDS, flex::update),
    ]
};

const TASKS: [Operation; 5] = {
    const ALL: &str = "/v1/Workspaces/{WorkspaceSid}/Tasks";
    const ONE: &str = "/v1/Workspaces/{WorkspaceSid}/Tasks/{Sid}";
    const FIELDS: &[Field] = task::TaskDocument::FIELDS;
    [
        list(TaskRouter, ALL, &task::LIST, FIELDS, task::list),
        post(TaskRouter, ALL, 201, task_write::CREATE, FIELDS, task_write::create),
        fetch(TaskRouter, ONE, FIELDS, task::fetch),
        post(TaskRouter, ONE, 200, task_write::UPDATE, FIELDS, task_write::update),
        delete(TaskRouter, ONE, task_write::delete),
    ]
};
const RESERVATIONS: [Operation; 6] = {
    const OF_TASK: &str = "/v1/Workspaces/{WorkspaceSid}/Tasks/{TaskSid}/Reservations";
    const ONE_OF_TASK: &str = "/v1/Workspaces/{WorkspaceSid}/Tasks/{TaskSid}/Reservations/{Sid}";
    const OF_WORKER: &str = "/v1/Workspaces/{WorkspaceSid}/Workers/{WorkerSid}/Reservations";
    const ONE_OF_WORKER: &str =
        "/v1/Workspaces/{WorkspaceSid}/Workers/{WorkerSid}/Reservations/{Sid}";
    const FIELDS: &[Field] = reservation::ReservationDocument::FIELDS;
    let (task_form, worker_form) = (reservation_form::OF_TASK, reservation_form::OF_WORKER);
    let update = reservation::update;
    [
        list(TaskRouter, OF_TASK, &reservation::OF_TASK, FIELDS, reservation::list_of_task),
        fetch(TaskRouter, ONE_OF_TASK, FIELDS, reservation::fetch),
        post(TaskRouter, ONE_OF_TASK, 200, task_form, FIELDS, update),
        list(TaskRouter, OF_WORKER, &reservation::OF_WORKER, FIELDS, reservation::list_of_worker),
        fetch(TaskRouter, ONE_OF_WORKER, FIELDS, reservation::fetch),
        post(TaskRouter, ONE_OF_WORKER, 200, worker_form, FIELDS, update),
    ]
};
const EVENTS: [Operation; 2] = {
    const ALL: &str = "/v1/Workspaces/{WorkspaceSid}/Events";
    const ONE: &str = "/v1/Workspaces/{WorkspaceSid}/Events/{Sid}";
    const FIELDS: &[Field] = event::EventDocument::FIELDS;
    [
        list(TaskRouter, ALL, &event::LIST, FIELDS, event::list),
        fetch(TaskRouter, ONE, FIELDS, event::fetch),
    ]
};

static TABLE: [&[Operation]; 14] = [
    &TASK_QUEUES,
    &WORKERS,
    &WORKER_CHANNELS,
    &WORKFLOWS,
    &ACTIVITIES,
    &TASK_CHANNELS,
    &WORKSPACES,
    &TASKS,
    &RESERVATIONS,
    &EVENTS,
    &ROLES,
    &SERVICE_ROLES,
    &SERVICES,
    &CONFIGURATIONS,
];

/// Operations that the API has and the emulator has not: 501, and not the 404 of a wrong path.
const NOT_SERVED: &[(Product, &str)] = &[
    (TaskRouter, "/v1/Workspaces/{WorkspaceSid}/Statistics"),
    (TaskRouter, "/v1/Workspaces/{WorkspaceSid}/RealTimeStatistics"),
    (TaskRouter, "/v1/Workspaces/{WorkspaceSid}/CumulativeStatistics"),
    (TaskRouter, "/v1/Workspaces/{WorkspaceSid}/TaskQueues/Statistics"),
    (TaskRouter, "/v1/Workspaces/{WorkspaceSid}/TaskQueues/RealTimeStatistics"),
    (TaskRouter, "/v1/Workspaces/{WorkspaceSid}/TaskQueues/{TaskQueueSid}/Statistics"),
    (TaskRouter, "/v1/Workspaces/{WorkspaceSid}/TaskQueues/{TaskQueueSid}/RealTimeStatistics"),
    (TaskRouter, "/v1/Workspaces/{WorkspaceSid}/TaskQueues/{TaskQueueSid}/CumulativeStatistics"),
    (TaskRouter, "/v1/Workspaces/{WorkspaceSid}/Workers/Statistics"),
    (TaskRouter, "/v1/Workspaces/{WorkspaceSid}/Workers/RealTimeStatistics"),
    (TaskRouter, "/v1/Workspaces/{WorkspaceSid}/Workers/CumulativeStatistics"),
    (TaskRouter, "/v1/Workspaces/{WorkspaceSid}/Workers/{WorkerSid}/Statistics"),
    (TaskRouter, "/v1/Workspaces/{WorkspaceSid}/Workflows/{WorkflowSid}/Statistics"),
    (TaskRouter, "/v1/Workspaces/{WorkspaceSid}/Workflows/{WorkflowSid}/RealTimeStatistics"),
    (TaskRouter, "/v1/Workspaces/{WorkspaceSid}/Workflows/{WorkflowSid}/CumulativeStatistics"),
    (Conversations, "/v1/Conversations"),
    (Conversations, "/v1/Conversations/{Sid}"),
    (Conversations, "/v1/Users"),
    (Conversations, "/v1/Users/{Sid}"),
    (Conversations, "/v1/Services/{ChatServiceSid}/Configuration"),
    (Conversations, "/v1/Services/{ChatServiceSid}/Conversations"),
    (Conversations, "/v1/Services/{ChatServiceSid}/Conversations/{Sid}"),
    (Conversations, "/v1/Services/{ChatServiceSid}/Users"),
    (Conversations, "/v1/Services/{ChatServiceSid}/Users/{Sid}"),
    (Flex, "/v1/Interactions"),
    (Flex, "/v1/Interactions/{Sid}"),
];

/// Every operation that is served.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    TABLE.iter().copied().flatten()
}

/// The paths of the API that are answered with 501.
pub fn paths_not_served() -> impl Iterator<Item = (Product, &'static str)> {
    NOT_SERVED.iter().copied()
}

/// Finds the operation for a method and the call's path, and fills the path's parameters in.
///
/// # Errors
/// 404, 405 or 501.
pub(super) fn find(
    method: &str,
    call: &mut Call<'_>,
    configuration: Product,
) -> Result<&'static Operation, Refusal> {
    let is_shared = call.path == CONFIGURATIONS[0].path;
    let product = call.product.or_else(|| is_shared.then_some(configuration));
    let wanted = |owner: Product| product.is_none_or(|product| product == owner);
    let not_served =
        NOT_SERVED.iter().find(|(owner, path)| wanted(*owner) && fits(path, call.path));
    if let Some((_, template)) = not_served {
        let template = template.strip_prefix("/v1").unwrap_or(template);
        return Err(Refusal::not_served(&format!("{method} {template}")));
    }
    let mut allowed = Vec::new();
    for operation in operations() {
        if !wanted(operation.product) || !fits(operation.path, call.path) {
            continue;
        }
        if operation.method == method || (operation.method == "GET" && method == "HEAD") {
            call.params = params(operation.path, call.path);
            return Ok(operation);
        }
        allowed.push(operation.method);
        if operation.method == "GET" {
            allowed.push("HEAD");
        }
    }
    if allowed.is_empty() {
        Err(call.not_found())
    } else {
        Err(Refusal::method_not_allowed(allowed.join(", ")))
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) => {
                let is_parameter = wanted.starts_with('{');
                if is_parameter && given.is_empty() || !is_parameter && wanted != given {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

fn params(template: &str, path: &str) -> Vec<String> {
    let pairs = template.split('/').zip(path.split('/'));
    pairs
        .filter(|(wanted, _)| wanted.starts_with('{'))
        .map(|(_, given)| decode_segment(given))
        .collect()
}
