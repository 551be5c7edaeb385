//! What an account begins with, and a way to put resources straight into the store.

use serde_json::{Map, Value, json};

use super::activity::Activity;
use super::chat_service::ChatService;
use super::conversations_configuration::ConversationsConfiguration;
use super::demo;
use super::flex_configuration::FlexConfiguration;
use super::options::Seed;
use super::role::Role;
use super::store::{Store, sid};
use super::task_channel::TaskChannel;
use super::task_queue::TaskQueue;
use super::worker::Worker;
use super::worker_channel::Setting;
use super::workflow::Workflow;
use super::workspace::Workspace;

/// The name of the only workspace that Flex uses.
const FLEX_WORKSPACE: &str = "Flex Task Assignment";

/// What a new workspace holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Template {
    /// Activities and channels.
    None,
    /// And a queue with a workflow.
    Fifo,
    /// What Flex makes.
    Flex,
    /// The same without queue and workflow.
    FlexBare,
}

/// Puts resources straight into the first workspace, without requests, limits or checks.
#[derive(Debug)]
pub struct Seeder<'s> {
    store: &'s mut Store,
    workspace_sid: String,
}

impl<'s> Seeder<'s> {
    pub(super) fn new(store: &'s mut Store) -> Self {
        let first = store.workspaces.iter().next();
        let workspace_sid = first.map(|found| found.head.sid.clone()).unwrap_or_default();
        Self { store, workspace_sid }
    }

    /// The workspace that everything goes into.
    pub fn workspace_sid(&self) -> &str {
        &self.workspace_sid
    }

    /// An activity in which workers get tasks; gives its sid.
    pub fn available_activity(&mut self, name: &str) -> String {
        add_activity(self.store, &self.workspace_sid, name, Availability::Available)
    }

    /// An activity in which they do not.
    pub fn unavailable_activity(&mut self, name: &str) -> String {
        add_activity(self.store, &self.workspace_sid, name, Availability::Unavailable)
    }

    /// A task channel.
    pub fn task_channel(&mut self, unique_name: &str, friendly_name: &str) -> String {
        add_channel(self.store, &self.workspace_sid, unique_name, friendly_name)
    }

    /// A queue.
    pub fn queue(&mut self, name: &str, target_workers: &str) -> String {
        let head = self.store.head::<TaskQueue>(&self.workspace_sid);
        let sid = head.sid.clone();
        let mut queue = TaskQueue::new(head, name.to_owned());
        queue.target_workers = Some(target_workers.to_owned());
        self.store.put(queue);
        sid
    }

    /// A workflow; the configuration is JSON and names queues by sid.
    pub fn workflow(&mut self, name: &str, configuration: &str) -> String {
        let head = self.store.head::<Workflow>(&self.workspace_sid);
        let sid = head.sid.clone();
        self.store.put(Workflow::new(head, name.to_owned(), configuration.to_owned()));
        sid
    }

    /// A worker in the workspace's default activity; the attributes are a JSON object.
    pub fn worker(&mut self, name: &str, attributes: &str) -> String {
        let workspace = self.store.get::<Workspace>("", &self.workspace_sid);
        let activity = workspace.map(|found| found.default_activity_sid.clone());
        let head = self.store.head::<Worker>(&self.workspace_sid);
        let sid = head.sid.clone();
        let worker = Worker::new(head, name.to_owned(), activity.unwrap_or_default());
        self.store.put(Worker { attributes: attributes.to_owned(), ..worker });
        sid
    }

    /// Moves a worker to the activity with this name, if there are both.
    pub fn set_activity(&mut self, worker_sid: &str, activity: &str) {
        let Some(contents) = self.store.contents.get(&self.workspace_sid) else { return };
        let Some(activity) = contents.activities.named(activity).next() else { return };
        let Some(worker) = contents.workers.get(worker_sid) else { return };
        let activity_sid = activity.head.sid.clone();
        let worker = Worker { activity_sid, ..worker.clone() };
        self.store.put(worker);
    }

    /// Sets what a worker takes at once on the channel with this unique name, if there are both.
    pub fn set_capacity(&mut self, worker_sid: &str, channel: &str, capacity: u32) {
        let date_updated = self.store.clock.stamp();
        let Some(contents) = self.store.contents.get(&self.workspace_sid) else { return };
        let Some(channel) = contents.task_channels.named(channel).next() else { return };
        let Some(worker) = contents.workers.get(worker_sid) else { return };
        let setting = Setting { capacity, available: true, date_updated };
        let mut worker = worker.clone();
        worker.channels.insert(channel.head.sid.clone(), setting);
        self.store.put(worker);
    }

    /// A role of the default service; `scope` is `conversation` or `service`.
    pub fn role(&mut self, scope: &str, name: &str, permissions: &[&str]) -> String {
        let configuration = ConversationsConfiguration::of(self.store);
        let service = configuration.map(|found| found.default_chat_service_sid.clone());
        add_role(self.store, &service.unwrap_or_default(), scope, name, permissions)
    }
}

/// Fills an account that holds nothing.
pub(super) fn found_account(store: &mut Store, seed: Seed) {
    let template = if seed == Seed::Bare { Template::FlexBare } else { Template::Flex };
    let head = store.head::<Workspace>("");
    let workspace_sid = head.sid.clone();
    furnish(store, Workspace::new(head, FLEX_WORKSPACE.to_owned()), template);

    let head = store.head::<ChatService>("");
    let service_sid = head.sid.clone();
    store.put(ChatService { head, friendly_name: "Flex Chat Service".to_owned() });
    built_in_roles(store, &service_sid);
    add_role(store, &service_sid, "service", "admin", &SERVICE_ADMIN[1..]);
    add_role(store, &service_sid, "service", "agent", SERVICE_USER);

    let head = store.head::<ConversationsConfiguration>("");
    store.put(ConversationsConfiguration {
        head,
        default_chat_service_sid: service_sid.clone(),
        default_messaging_service_sid: None,
        default_inactive_timer: None,
        default_closed_timer: None,
    });
    found_flex(store, &workspace_sid, &service_sid);
    if seed == Seed::Demo {
        demo::add_workers(&mut Seeder::new(store));
    }
}

fn found_flex(store: &mut Store, workspace_sid: &str, service_sid: &str) {
    let mut settings = Map::new();
    let head = store.head::<FlexConfiguration>("");
    if let Some(contents) = store.contents.get(workspace_sid) {
        let first = |sid: Option<&str>| sid.map_or(Value::Null, Value::from);
        let queue = contents.task_queues.iter().next().map(|row| row.head.sid.as_str());
        let workflow = contents.workflows.iter().next().map(|row| row.head.sid.as_str());
        let offline = contents.activities.named("Offline").next();
        settings.insert("taskrouter_target_taskqueue_sid".to_owned(), first(queue));
        settings.insert("taskrouter_target_workflow_sid".to_owned(), first(workflow));
        let offline = first(offline.map(|row| row.head.sid.as_str()));
        settings.insert("taskrouter_offline_activity_sid".to_owned(), offline);
    }
    let messaging = sid("MG", head.sid.as_bytes());
    let fixed = [
        ("taskrouter_workspace_sid", json!(workspace_sid)),
        ("chat_service_instance_sid", json!(service_sid)),
        ("flex_service_instance_sid", json!(service_sid)),
        ("messaging_service_instance_sid", json!(messaging)),
        ("taskrouter_taskqueues", json!([])),
        ("taskrouter_skills", json!([])),
        ("ui_language", json!("en")),
        ("ui_attributes", json!({})),
        ("ui_dependencies", json!({})),
        ("ui_version", json!("~2")),
        ("attributes", json!({})),
        ("call_recording_enabled", json!(false)),
        ("plugin_service_enabled", json!(true)),
    ];
    settings.extend(fixed.map(|(name, value)| (name.to_owned(), value)));
    store.put(FlexConfiguration { head, settings });
}

/// Adds a workspace with what its template holds.
pub(super) fn furnish(store: &mut Store, mut workspace: Workspace, template: Template) {
    use Availability::{Available, Unavailable};
    let sid = workspace.head.sid.clone();
    store.put(workspace.clone());
    let is_flex = matches!(template, Template::Flex | Template::FlexBare);
    let activities: &[(&str, Availability)] = if is_flex {
        &[
            ("Available", Available),
            ("Unavailable", Unavailable),
            ("Break", Unavailable),
            ("Offline", Unavailable),
        ]
    } else {
        &[("Offline", Unavailable), ("Available", Available), ("Unavailable", Unavailable)]
    };
    for (name, availability) in activities {
        let activity_sid = add_activity(store, &sid, name, *availability);
        if *name == "Offline" {
            workspace.default_activity_sid.clone_from(&activity_sid);
            workspace.timeout_activity_sid = activity_sid;
        }
    }
    store.put(workspace);
    let channels = [
        ("default", "Default"),
        ("voice", "Voice"),
        ("chat", "Chat"),
        ("sms", "SMS"),
        ("video", "Video"),
        ("email", "Email"),
    ];
    for (unique_name, friendly_name) in channels {
        if is_flex || unique_name != "email" {
            add_channel(store, &sid, unique_name, friendly_name);
        }
    }
    let mut seeder = Seeder { store, workspace_sid: sid };
    let (queue, workflow) = match template {
        Template::None | Template::FlexBare => return,
        Template::Fifo => ("Sample Queue", "Default Fifo Workflow"),
        Template::Flex => ("Everyone", "Assign to Anyone"),
    };
    let queue_sid = seeder.queue(queue, "1==1");
    let filters = json!([]);
    let routing = json!({ "filters": filters, "default_filter": { "queue": queue_sid } });
    seeder.workflow(workflow, &json!({ "task_routing": routing }).to_string());
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Availability {
    Available,
    Unavailable,
}

fn add_activity(
    store: &mut Store,
    workspace: &str,
    name: &str,
    availability: Availability,
) -> String {
    let head = store.head::<Activity>(workspace);
    let sid = head.sid.clone();
    let available = availability == Availability::Available;
    store.put(Activity { head, friendly_name: name.to_owned(), available });
    sid
}

fn add_channel(store: &mut Store, workspace: &str, unique: &str, friendly: &str) -> String {
    let head = store.head::<TaskChannel>(workspace);
    let sid = head.sid.clone();
    store.put(TaskChannel {
        head,
        friendly_name: friendly.to_owned(),
        unique_name: unique.to_owned(),
        channel_optimized_routing: false,
    });
    sid
}

fn add_role(
    store: &mut Store,
    service: &str,
    scope: &str,
    name: &str,
    permissions: &[&str],
) -> String {
    let head = store.head::<Role>(service);
    let sid = head.sid.clone();
    store.put(Role {
        head,
        friendly_name: name.to_owned(),
        scope: scope.to_owned(),
        permissions: permissions.iter().map(|name| (*name).to_owned()).collect(),
    });
    sid
}

/// `createConversation` stands first: the role `admin` of a new Flex account is given all but
/// that one.
const SERVICE_ADMIN: &[&str] = &[
    "createConversation",
    "joinConversation",
    "addParticipant",
    "removeParticipant",
    "deleteConversation",
    "editConversationName",
    "editConversationAttributes",
    "editAnyMessage",
    "editAnyMessageAttributes",
    "deleteAnyMessage",
    "editAnyUserInfo",
    "editOwnUserInfo",
];
const SERVICE_USER: &[&str] = &["joinConversation", "editOwnUserInfo"];
const CONVERSATION_ADMIN: &[&str] = &[
    "sendMessage",
    "sendMediaMessage",
    "leaveConversation",
    "addParticipant",
    "removeParticipant",
    "deleteConversation",
    "editConversationName",
    "editConversationAttributes",
    "editAnyMessage",
    "deleteAnyMessage",
    "editNotificationLevel",
];
const CONVERSATION_USER: &[&str] = &[
    "sendMessage",
    "sendMediaMessage",
    "leaveConversation",
    "editOwnMessage",
    "editOwnMessageAttributes",
    "deleteOwnMessage",
    "editNotificationLevel",
];

/// The roles of every new service.
pub(super) fn built_in_roles(store: &mut Store, service: &str) {
    add_role(store, service, "service", "service admin", SERVICE_ADMIN);
    add_role(store, service, "service", "service user", SERVICE_USER);
    add_role(store, service, "conversation", "channel admin", CONVERSATION_ADMIN);
    add_role(store, service, "conversation", "channel user", CONVERSATION_USER);
}
