//! The emulator against the vendor's OpenAPI documents: first its tables, then a recorded run.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use flexctl::emulator::{
    Field, FieldKind, Operation, ParamKind, Product, operations, paths_not_served,
};
use serde_json::{Map, Value, json};

use crate::emulator::{Api, Reply, straight_to};

const PAGING: [&str; 3] = ["PageSize", "Page", "PageToken"];

struct Documents(BTreeMap<Product, Value>);

impl Documents {
    /// None, and a word about it, where the documents are not at hand.
    fn open() -> Option<Self> {
        let Ok(folder) = std::env::var("FLEXCTL_OAI_DIR") else {
            eprintln!("skipped: FLEXCTL_OAI_DIR is not set");
            return None;
        };
        let read = |(product, name): (Product, &str)| {
            let path = format!("{folder}/twilio_{name}_v1.json");
            let text = fs_err::read_to_string(path).unwrap();
            (product, serde_json::from_str(&text).unwrap())
        };
        let files = [
            (Product::TaskRouter, "taskrouter"),
            (Product::Conversations, "conversations"),
            (Product::Flex, "flex"),
        ];
        Some(Self(files.map(read).into()))
    }

    fn operation(&self, operation: &Operation) -> &Value {
        let path = &self.0[&operation.product]["paths"][operation.path];
        let found = &path[operation.method.to_lowercase()];
        assert!(found.is_object(), "no {} {}", operation.method, operation.path);
        found
    }

    /// A schema, with its reference followed.
    fn resolve<'a>(&'a self, product: Product, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(pointer) => {
                let found = self.0[&product].pointer(pointer.trim_start_matches('#'));
                found.unwrap_or_else(|| panic!("no {pointer}"))
            }
            None => schema,
        }
    }

    fn answer_schema(&self, operation: &Operation) -> &Value {
        let status = operation.status.to_string();
        let content = &self.operation(operation)["responses"][status]["content"];
        &content["application/json"]["schema"]
    }

    /// The schema of the resource that an operation answers with, or lists.
    fn resource_schema(&self, operation: &Operation) -> &Value {
        let schema = self.resolve(operation.product, self.answer_schema(operation));
        let schema = match operation.key {
            Some(key) => &schema["properties"][key]["items"],
            None => schema,
        };
        self.resolve(operation.product, schema)
    }

    /// The same schema as JSON Schema: references followed, `nullable` spelled out, and every
    /// property demanded, and no other allowed.
    fn json_schema(&self, product: Product, schema: &Value) -> Value {
        let schema = self.resolve(product, schema);
        let Some(object) = schema.as_object() else { return json!({}) };
        let mut strict = Map::new();
        for key in ["type", "pattern", "minLength", "maxLength", "enum", "format"] {
            if let Some(value) = object.get(key) {
                strict.insert(key.to_owned(), value.clone());
            }
        }
        if let Some(items) = object.get("items") {
            strict.insert("items".to_owned(), self.json_schema(product, items));
        }
        if let Some(Value::Object(properties)) = object.get("properties") {
            let names: Vec<&String> = properties.keys().collect();
            strict.insert("required".to_owned(), json!(names));
            strict.insert("additionalProperties".to_owned(), json!(false));
            strict.insert("type".to_owned(), json!("object"));
            let properties = properties.iter();
            let strictly = properties.map(|(k, v)| (k.clone(), self.json_schema(product, v)));
            strict.insert("properties".to_owned(), Value::Object(strictly.collect()));
        }
        if object.get("nullable") == Some(&json!(true)) && strict.contains_key("type") {
            // The vendor's own examples have the empty text where there is no address.
            let is_uri = strict.get("format") == Some(&json!("uri"));
            let empty = if is_uri { json!({ "const": "" }) } else { json!({ "type": "null" }) };
            return json!({ "anyOf": [{ "type": "null" }, empty, strict] });
        }
        Value::Object(strict)
    }
}

fn param_kind(schema: &Value) -> &'static str {
    match schema["type"].as_str() {
        Some("boolean") => "boolean",
        Some("integer") => "integer",
        Some("array") => "texts",
        _ if schema["enum"].is_array() => "choice",
        _ if schema["format"] == "uri" => "url",
        _ if schema["pattern"].is_string() => "sid",
        _ => "text",
    }
}

fn own_kind(kind: ParamKind) -> &'static str {
    match kind {
        ParamKind::Text => "text",
        ParamKind::Url => "url",
        ParamKind::Boolean => "boolean",
        ParamKind::Integer => "integer",
        ParamKind::Sid(_) => "sid",
        ParamKind::Choice(_) => "choice",
        ParamKind::Texts => "texts",
    }
}

/// Whether the details of a kind agree: a sid's prefix, a choice's words.
fn agrees(kind: ParamKind, schema: &Value) -> bool {
    match kind {
        ParamKind::Sid(prefix) => schema["pattern"] == format!("^{prefix}[0-9a-fA-F]{{32}}$"),
        ParamKind::Choice(words) => {
            let listed = schema["enum"].as_array().unwrap().iter();
            let listed: BTreeSet<_> = listed.map(|word| word.as_str().unwrap()).collect();
            listed == words.iter().copied().collect()
        }
        _ => true,
    }
}

fn own_field(field: &Field) -> (String, &'static str, bool) {
    let kind = match field.kind {
        FieldKind::Text => "string",
        FieldKind::Boolean => "boolean",
        FieldKind::Integer => "integer",
        FieldKind::Links => "object",
        FieldKind::List => "array",
        FieldKind::Any => "any",
    };
    (field.name.to_owned(), kind, field.nullable)
}

#[test]
fn every_operation_is_the_vendors() {
    let Some(documents) = Documents::open() else { return };
    for operation in operations() {
        let found = documents.operation(operation);
        let statuses: Vec<&String> = found["responses"].as_object().unwrap().keys().collect();
        let title = format!("{} {}", operation.method, operation.path);
        assert_eq!(statuses, [&operation.status.to_string()], "{title}");
        let largest = found["parameters"].as_array().into_iter().flatten();
        let largest = largest.filter(|param| param["name"] == "PageSize");
        let largest = largest.map(|param| param["schema"]["maximum"].as_u64().unwrap()).next();
        assert_eq!(operation.page_limit.map(|limit| limit as u64), largest, "{title}");
    }
}

#[test]
fn every_path_of_taskrouter_is_served_or_said_not_to_be() {
    let Some(documents) = Documents::open() else { return };
    let served = operations().map(|operation| (operation.product, operation.path));
    let known: BTreeSet<_> = served.chain(paths_not_served()).collect();
    for path in documents.0[&Product::TaskRouter]["paths"].as_object().unwrap().keys() {
        assert!(known.contains(&(Product::TaskRouter, path.as_str())), "{path}");
    }
    for (product, path) in paths_not_served() {
        assert!(documents.0[&product]["paths"][path].is_object(), "no {path}");
    }
    for operation in operations().filter(|found| found.product == Product::TaskRouter) {
        let methods = documents.0[&Product::TaskRouter]["paths"][operation.path].as_object();
        for method in ["get", "post", "delete"] {
            let theirs = methods.unwrap().contains_key(method);
            let ours = operations()
                .any(|own| own.path == operation.path && own.method.eq_ignore_ascii_case(method));
            assert_eq!(ours, theirs, "{method} {}", operation.path);
        }
    }
}

#[test]
fn every_parameter_is_the_vendors_and_none_is_left_out() {
    let Some(documents) = Documents::open() else { return };
    for operation in operations() {
        let title = format!("{} {}", operation.method, operation.path);
        let found = documents.operation(operation);
        let resolve = |schema| documents.resolve(operation.product, schema);

        let form = &found["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"];
        let empty = Map::new();
        let properties = form["properties"].as_object().unwrap_or(&empty);
        let demanded: Vec<&Value> = form["required"].as_array().into_iter().flatten().collect();
        let theirs: BTreeSet<_> = properties
            .iter()
            .map(|(name, schema)| {
                let required = demanded.iter().any(|other| *other == name);
                (name.as_str(), param_kind(resolve(schema)), required)
            })
            .collect();
        let own = operation.form.iter();
        let ours = own.map(|param| (param.name, own_kind(param.kind), param.required)).collect();
        assert_eq!(theirs, ours, "form of {title}");
        for param in operation.form {
            let schema = resolve(&properties[param.name]);
            assert!(agrees(param.kind, schema), "{} of {title}", param.name);
        }

        let params = found["parameters"].as_array().into_iter().flatten();
        let query: BTreeMap<&str, &Value> = params
            .filter(|param| param["in"] == "query")
            .map(|param| (param["name"].as_str().unwrap(), resolve(&param["schema"])))
            .filter(|(name, _)| !PAGING.contains(name))
            .collect();
        let theirs: BTreeSet<_> =
            query.iter().map(|(name, schema)| (*name, param_kind(schema))).collect();
        let own = operation.query.iter();
        let ours = own.map(|param| (param.name, own_kind(param.kind))).collect();
        assert_eq!(theirs, ours, "query of {title}");
        assert!(operation.query.iter().all(|param| agrees(param.kind, query[param.name])));
    }
}

#[test]
fn every_field_is_the_vendors_and_none_is_left_out() {
    let Some(documents) = Documents::open() else { return };
    for operation in operations().filter(|operation| operation.method != "DELETE") {
        let title = format!("{} {}", operation.method, operation.path);
        let schema = documents.resource_schema(operation);
        let properties = schema["properties"].as_object().unwrap();
        let theirs: BTreeSet<_> = properties
            .iter()
            .map(|(name, schema)| {
                let schema = documents.resolve(operation.product, schema);
                let kind = schema["type"].as_str().unwrap_or("any");
                (name.clone(), kind, schema["nullable"] == true)
            })
            .collect();
        assert_eq!(theirs, operation.fields.iter().map(own_field).collect(), "{title}");
    }
}

/// Creates, lists, pages, updates and deletes one of each kind.
fn run(api: &Api) {
    let full_cycle = |list: &str, create: &[(&str, &str)], update: &[(&str, &str)]| {
        let made = api.post(list, create);
        assert_eq!(made.status, 201, "{list}: {}", made.body);
        let one = format!("{list}/{}", made.sid());
        api.get(&one);
        assert_eq!(api.post(&one, update).status, 200, "{one}");
        let mut next = Some(format!("{list}?PageSize=2"));
        while let Some(path) = next {
            next = api.get(&path).body["meta"]["next_page_url"].as_str().map(str::to_owned);
        }
        one
    };
    let sid = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let callback = ("EventCallbackUrl", "https://example.com/e");
    let create = [("FriendlyName", "W"), callback, ("EventsFilter", "task.created")];
    let workspace = full_cycle("/v1/Workspaces", &create, &[("FriendlyName", "W2")]);
    let at = |kind: &str| format!("{workspace}/{kind}");

    let create = [("FriendlyName", "Lunch"), ("Available", "true")];
    let activity = full_cycle(&at("Activities"), &create, &[("FriendlyName", "Brunch")]);
    api.post(&workspace, &[("DefaultActivitySid", &sid(&activity))]);

    let create = [("FriendlyName", "Fax"), ("UniqueName", "fax")];
    let channel = full_cycle(&at("TaskChannels"), &create, &[("FriendlyName", "Telefax")]);

    let create = [
        ("FriendlyName", "Sales"),
        ("TargetWorkers", ""),
        ("ReservationActivitySid", &sid(&activity)),
        ("AssignmentActivitySid", &sid(&activity)),
    ];
    let queue = full_cycle(&at("TaskQueues"), &create, &[("AssignmentActivitySid", "")]);

    let configuration = straight_to(&sid(&queue));
    let create = [
        ("FriendlyName", "Main"),
        ("Configuration", &configuration),
        ("AssignmentCallbackUrl", "https://example.com/a"),
    ];
    let workflow = full_cycle(&at("Workflows"), &create, &[("TaskReservationTimeout", "60")]);

    let create = [("FriendlyName", "ana"), ("Attributes", r#"{"a":[1]}"#)];
    let worker = full_cycle(&at("Workers"), &create, &[("FriendlyName", "bea")]);
    let channels = format!("{worker}/Channels");
    let mut next = Some(format!("{channels}?PageSize=4"));
    while let Some(path) = next {
        next = api.get(&path).body["meta"]["next_page_url"].as_str().map(str::to_owned);
    }
    api.get(&format!("{channels}/fax"));
    api.post(&format!("{channels}/fax"), &[("Capacity", "0"), ("Available", "false")]);

    let role = [("FriendlyName", "guest"), ("Type", "service"), ("Permission", "joinConversation")];
    let update = [("Permission", "editOwnUserInfo"), ("Permission", "createConversation")];
    let by_default = full_cycle("/v1/Roles", &role, &update);
    let service = api.post("/v1/Services", &[("FriendlyName", "Other")]);
    let service = format!("/v1/Services/{}", service.sid());
    api.get(&service);
    api.get("/v1/Services?PageSize=1");
    let by_service = full_cycle(&format!("{service}/Roles"), &role, &update);
    api.get("/v1/Configuration");
    api.post("/v1/Configuration", &[("DefaultClosedTimer", "PT10M")]);
    api.get("flex:/v1/Configuration?UiVersion=2");
    let mut settings = Api::request("POST", "flex:/v1/Configuration", &[]);
    *settings.body_mut() = Bytes::from(r#"{"taskrouter_skills":[{"name":"sales"}]}"#);
    assert_eq!(api.raw(settings).status, 200);

    // Somebody is there for the tasks, on a channel with room for two.
    api.post(&format!("{channels}/default"), &[("Capacity", "2")]);
    api.post(&queue, &[("TargetWorkers", "1==1")]);
    let available = api.get(&at("Activities?FriendlyName=Available")).column("sid")[0].clone();
    api.post(&worker, &[("ActivitySid", &available)]);
    let workflow_sid = sid(&workflow);
    let create = [("Attributes", r#"{"a":1}"#), ("WorkflowSid", &*workflow_sid)];
    let task = full_cycle(&at("Tasks"), &create, &[("Priority", "3")]);
    let offers = api.get(&format!("{task}/Reservations"));
    let offer = offers.column("sid")[0].clone();
    api.get(&format!("{task}/Reservations/{offer}"));
    let accept = [("ReservationStatus", "accepted")];
    api.post(&format!("{task}/Reservations/{offer}"), &accept);
    api.get(&format!("{worker}/Reservations"));
    api.get(&format!("{worker}/Reservations/{offer}"));
    let complete = [("ReservationStatus", "completed")];
    api.post(&format!("{worker}/Reservations/{offer}"), &complete);
    assert_eq!(api.get(&task).text("assignment_status"), "completed");

    let events = api.get(&format!("{workspace}/Events?PageSize=1000"));
    api.get(&format!("{workspace}/Events/{}", events.column("sid")[0]));

    // A worker in an available activity is not deleted, so it goes off first.
    let offline = api.get(&at("Activities?FriendlyName=Offline")).column("sid")[0].clone();
    api.post(&workspace, &[("DefaultActivitySid", &offline)]);
    api.post(&worker, &[("ActivitySid", &offline)]);
    api.post(&queue, &[("ReservationActivitySid", "")]);
    let last = [
        task, worker, workflow, queue, channel, activity, workspace, by_default, by_service,
        service,
    ];
    for path in last {
        assert_eq!(api.delete(&path).status, 204, "{path}");
    }
}

/// The operation that answers a request.
fn operation_of(method: &str, uri: &str) -> &'static Operation {
    let (host, path) = uri.trim_start_matches("https://").split_once('/').unwrap();
    let path = path.split('?').next().unwrap();
    let given: Vec<&str> = path.split('/').collect();
    let mut found = operations().filter(|operation| {
        let wanted: Vec<&str> = operation.path.trim_start_matches('/').split('/').collect();
        operation.method == method
            && Product::of_host(host) == Some(operation.product)
            && wanted.len() == given.len()
            && wanted.iter().zip(&given).all(|(w, g)| w.starts_with('{') || w == g)
    });
    found.next().unwrap_or_else(|| panic!("no operation for {method} {uri}"))
}

#[test]
fn every_answer_of_a_whole_run_has_the_vendors_shape() {
    let Some(documents) = Documents::open() else { return };
    let api = Api::new();
    run(&api);
    let mut seen = BTreeSet::new();
    for (method, uri, Reply { status, body, .. }) in api.record.borrow().iter() {
        let operation = operation_of(method, uri);
        assert_eq!(*status, operation.status, "{method} {uri}: {body}");
        seen.insert((operation.product, operation.method, operation.path));
        if operation.method == "DELETE" {
            assert!(body.is_null(), "{uri}");
            continue;
        }
        let schema = documents.json_schema(operation.product, documents.answer_schema(operation));
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(body)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{method} {uri}: {errors:#?}");
    }
    let all: BTreeSet<_> = operations().map(|own| (own.product, own.method, own.path)).collect();
    assert_eq!(seen, all, "the run misses an operation");
}
