//! What of GitHub's and GitLab's API the scripts ask for, over HTTP.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::{Value, json};

/// No secret, and found wherever it should not be.
pub(super) const TOKEN: &str = "forge-token-that-nobody-may-see";
/// Whom the token belongs to.
pub(super) const BOT: &str = "github-actions[bot]";

/// What a forge holds, of one repository.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// Comments (notes) of each pull request and issue.
    pub(super) comments: BTreeMap<u64, Vec<Value>>,
    pub(super) issues: Vec<Value>,
    /// Merged and open, as each forge tells them.
    pub(super) pulls: Vec<Value>,
    /// GitHub: artifacts. GitLab: jobs that have one, with their `pipeline`.
    pub(super) artifacts: Vec<Value>,
    /// The plan of each GitLab job.
    pub(super) plans: BTreeMap<u64, Vec<u8>>,
    /// Every request, as `POST /path`.
    pub(super) requests: Vec<String>,
    next: u64,
}

impl Held {
    pub(super) fn id(&mut self) -> u64 {
        self.next += 1;
        1000 + self.next
    }

    /// The texts of the comments that our pipelines have written on a pull request or issue.
    pub(super) fn ours(&self, number: u64) -> Vec<(u64, String)> {
        let all = self.comments.get(&number).into_iter().flatten();
        all.filter(|one| one["user"]["login"] == BOT)
            .map(|one| {
                (one["id"].as_u64().expect("an id"), one["body"].as_str().expect("a body").into())
            })
            .collect()
    }

    pub(super) fn say(&mut self, number: u64, login: &str, body: &str) -> Value {
        let comment = json!({
            "id": self.id(), "body": body,
            "user": { "login": login }, "author": { "username": login },
        });
        self.comments.entry(number).or_default().push(comment.clone());
        comment
    }
}

/// A forge that listens on loopback until it is dropped.
#[derive(Debug)]
pub(super) struct Forge {
    held: Arc<Mutex<Held>>,
    pub(super) url: String,
    _runtime: tokio::runtime::Runtime,
}

impl Forge {
    pub(super) fn start() -> Self {
        let held = Arc::new(Mutex::new(Held::default()));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .expect("a port on loopback is free");
        let url = format!("http://{}", listener.local_addr().expect("it listens"));
        let app = Router::new().fallback(serve).with_state(Arc::clone(&held));
        runtime.spawn(async move { axum::serve(listener, app).await });
        Self { held, url, _runtime: runtime }
    }

    pub(super) fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().expect("nobody panics while holding it")
    }
}

async fn serve(
    State(held): State<Arc<Mutex<Held>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, Vec<u8>) {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = format!("Bearer {TOKEN}");
    if header("authorization") != Some(&bearer) && header("private-token") != Some(TOKEN) {
        return (StatusCode::UNAUTHORIZED, Vec::new());
    }
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let query: BTreeMap<String, String> =
        form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let mut held = held.lock().expect("nobody panics while holding it");
    held.requests.push(format!("{method} {}", uri.path()));
    let segments: Vec<&str> = uri.path().trim_start_matches('/').split('/').collect();
    if let ["projects", _, "jobs", id, "artifacts", "flexctl-out", "plan.json"] = segments[..] {
        return match held.plans.get(&number(id)) {
            Some(plan) => (StatusCode::OK, plan.clone()),
            None => (StatusCode::NOT_FOUND, Vec::new()),
        };
    }
    let answer = match segments[..] {
        ["repos", _, _, ref path @ ..] => github(&mut held, &method, path, &query, &body),
        ["projects", _, ref path @ ..] => gitlab(&mut held, &method, path, &query, &body),
        ["user"] => Some(json!({ "username": BOT })),
        _ => None,
    };
    match answer {
        Some(answer) => (StatusCode::OK, answer.to_string().into_bytes()),
        None => (StatusCode::NOT_FOUND, Vec::new()),
    }
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_default()
}

/// A page of a list.
fn page<'a>(
    items: impl IntoIterator<Item = &'a Value>,
    query: &BTreeMap<String, String>,
) -> Option<Value> {
    let number = |name: &str, other| query.get(name).map_or(Some(other), |text| text.parse().ok());
    let (size, page): (usize, usize) = (number("per_page", 30)?, number("page", 1)?);
    Some(items.into_iter().skip((page - 1) * size).take(size).cloned().collect())
}

/// Sets what a request gives.
fn update(one: &mut Value, with: &Value) -> Value {
    let with = with.as_object().cloned().unwrap_or_default();
    one.as_object_mut().expect("an object").extend(with);
    one.clone()
}

fn comment_of(held: &mut Held, id: u64) -> Option<&mut Value> {
    held.comments.values_mut().flatten().find(|one| one["id"] == id)
}

fn github(
    held: &mut Held,
    method: &Method,
    path: &[&str],
    query: &BTreeMap<String, String>,
    body: &Value,
) -> Option<Value> {
    match (method.as_str(), path) {
        ("GET", ["issues", of, "comments"]) => {
            page(held.comments.get(&number(of)).into_iter().flatten(), query)
        }
        ("POST", ["issues", of, "comments"]) => {
            Some(held.say(number(of), BOT, body["body"].as_str()?))
        }
        ("PATCH", ["issues", "comments", id]) => Some(update(comment_of(held, number(id))?, body)),
        ("GET", ["issues"]) => {
            let wanted = |one: &&Value| {
                one["state"] == query["state"].as_str()
                    && one["labels"]
                        .as_array()
                        .is_some_and(|all| all.contains(&json!(query["labels"])))
            };
            page(held.issues.iter().filter(wanted), query)
        }
        ("POST", ["issues"]) => {
            let mut issue =
                json!({ "number": held.id(), "state": "open", "user": { "login": BOT } });
            update(&mut issue, body);
            held.issues.push(issue.clone());
            Some(issue)
        }
        ("PATCH", ["issues", of]) => {
            let of = number(of);
            Some(update(held.issues.iter_mut().find(|one| one["number"] == of)?, body))
        }
        ("GET", ["commits", sha, "pulls"]) => {
            let of = |one: &&Value| one["merge_commit_sha"] == *sha || one["head"]["sha"] == *sha;
            page(held.pulls.iter().filter(of), query)
        }
        ("GET", ["actions", "artifacts"]) => {
            let named = |one: &&Value| one["name"] == query["name"].as_str();
            Some(json!({ "artifacts": page(held.artifacts.iter().filter(named), query)? }))
        }
        _ => None,
    }
}

fn gitlab(
    held: &mut Held,
    method: &Method,
    path: &[&str],
    query: &BTreeMap<String, String>,
    body: &Value,
) -> Option<Value> {
    match (method.as_str(), path) {
        ("GET", ["merge_requests" | "issues", of, "notes"]) => {
            page(held.comments.get(&number(of)).into_iter().flatten(), query)
        }
        ("POST", ["merge_requests" | "issues", of, "notes"]) => {
            Some(held.say(number(of), BOT, body["body"].as_str()?))
        }
        ("PUT", ["merge_requests", _, "notes", id]) => {
            Some(update(comment_of(held, number(id))?, body))
        }
        ("GET", ["issues"]) => {
            let wanted = |one: &&Value| {
                one["state"] == query["state"].as_str() && one["labels"] == query["labels"].as_str()
            };
            page(held.issues.iter().filter(wanted), query)
        }
        ("POST", ["issues"]) => {
            let mut issue =
                json!({ "iid": held.id(), "state": "opened", "author": { "username": BOT } });
            update(&mut issue, body);
            held.issues.push(issue.clone());
            Some(issue)
        }
        ("PUT", ["issues", of]) => {
            let of = number(of);
            let issue = held.issues.iter_mut().find(|one| one["iid"] == of)?;
            update(issue, body);
            if body["state_event"] == "close" {
                issue["state"] = json!("closed");
            }
            Some(issue.clone())
        }
        ("GET", ["repository", "commits", sha, "merge_requests"]) => {
            let of = |one: &&Value| one["merge_commit_sha"] == *sha || one["sha"] == *sha;
            page(held.pulls.iter().filter(of), query)
        }
        ("GET", ["merge_requests", of, "pipelines"]) => {
            let of = number(of);
            let ran = held.artifacts.iter().rev().filter(|job| job["merge_request"] == of);
            let pipelines: Vec<Value> = ran
                .map(|job| json!({ "id": job["pipeline"], "project_id": job["project_id"] }))
                .collect();
            page(&pipelines, query)
        }
        ("GET", ["pipelines", id, "jobs"]) => {
            let id = number(id);
            page(held.artifacts.iter().filter(|job| job["pipeline"] == id), query)
        }
        _ => None,
    }
}
