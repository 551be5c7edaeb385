//! What is sent again, and what is reported instead.

use super::*;

#[tokio::test]
async fn too_many_requests_wait_as_long_as_the_api_says() {
    let canned = Canned::new(|_, before| match before {
        0 => Ok(Response::builder()
            .status(429)
            .header("Retry-After", "2")
            .body(Bytes::new())
            .unwrap()),
        1 => refused(429, 20429, "Too Many Requests"),
        _ => ok(json!({"sid": "WQ1"})),
    });
    let (address, queue) = sales();
    let sid = canned.client().writer().create("WS1", &address, &queue, &Sids::default()).await;
    assert_eq!(sid.unwrap().sid, "WQ1");
    assert_eq!(canned.waited(), [2000, 1000]);
}

#[tokio::test]
async fn a_lost_create_is_not_repeated() {
    for lost in [|| broken(), || refused(500, 20500, "oops"), || ok(json!({})), || ok(json!([]))] {
        let canned = Canned::new(move |_, _| lost());
        let (address, queue) = sales();
        let result =
            canned.client().writer().create("WS1", &address, &queue, &Sids::default()).await;
        let error = result.unwrap_err();
        assert!(error.is_ambiguous(), "{error}");
        let creates = canned.sent().iter().filter(|sent| sent.starts_with("POST")).count();
        assert_eq!(creates, 1, "who cannot look the name up does not try again");
    }
}

#[tokio::test]
async fn a_create_that_may_have_been_made_is_unknown_whatever_becomes_of_the_next_try() {
    let unreached =
        || Err(SendError::Connect { host: "x".to_owned(), reason: "refused".to_owned() });
    for (again, creates) in [(unreached as fn() -> Answer, 5), (|| refused(401, 20003, "who?"), 2)]
    {
        let canned = Canned::new(move |line, before| match (line.starts_with("GET"), before) {
            (true, _) => ok(json!({"task_queues": [], "meta": {"next_page_url": null}})),
            (false, 0) => broken(),
            (false, _) => again(),
        });
        let (address, queue) = sales();
        let made = canned.client().writer().create("WS1", &address, &queue, &Sids::default()).await;
        let error = made.unwrap_err();
        assert!(error.is_ambiguous(), "{error}");
        let sent = canned.sent().iter().filter(|sent| sent.starts_with("POST")).count();
        assert_eq!(sent, creates, "{error}");
    }
}

#[tokio::test]
async fn an_update_that_was_lost_and_cannot_be_looked_at_is_unknown() {
    let canned = Canned::new(|line, before| match (line.starts_with("GET"), before) {
        (true, _) | (false, 0) => broken(),
        (false, _) => refused(412, 20412, "Precondition failed"),
    });
    let (address, _) = sales();
    let queue = Resource::Queue(Queue { max_reserved_workers: Some(2), ..Queue::default() });
    let edit = Edit { revision: Some("7"), ..edit(&queue) };
    let updated = canned.client().writer().update("WS1", &address, edit, &Sids::default()).await;
    let error = updated.unwrap_err();
    assert!(error.is_ambiguous(), "{error}");
}

#[tokio::test]
async fn reads_updates_and_deletes_are_repeated_and_at_last_given_up() {
    let (address, _) = sales();
    let queue = Resource::Queue(Queue { max_reserved_workers: Some(2), ..Queue::default() });

    let canned = Canned::new(|_, before| match before {
        0 => broken(),
        1 => refused(503, 20503, "busy"),
        _ => ok(json!({"sid": "WQ1"})),
    });
    let writer = canned.client().writer();
    writer.update("WS1", &address, edit(&queue), &Sids::default()).await.unwrap();
    assert_eq!(canned.waited(), [500, 1000]);

    let canned = Canned::new(|_, _| broken());
    let writer = canned.client().writer();
    let lost = writer.update("WS1", &address, edit(&queue), &Sids::default()).await;
    assert!(lost.unwrap_err().is_ambiguous());
    let lost = read(&canned, &SCOPE).await.unwrap_err();
    assert_eq!(
        lost.to_string(),
        "no answer from taskrouter.twilio.com: reset (GET /v1/Workspaces)"
    );
    assert_eq!(canned.sent().len(), 8);
}

#[tokio::test]
async fn what_is_gone_is_deleted() {
    let canned = Canned::new(|_, before| match before {
        0 => broken(),
        _ => refused(404, 20404, "The requested resource was not found"),
    });
    let (address, _) = sales();
    canned.client().writer().delete("WS1", &address, "WQ1", None).await.unwrap();
    assert_eq!(canned.sent(), ["DELETE /v1/Workspaces/WS1/TaskQueues/WQ1"; 2]);
}

#[tokio::test]
async fn refusals_are_told_apart_and_shown_in_the_apis_words() {
    let refuse = |status, code, message: &'static str| async move {
        let canned = Canned::new(move |_, _| refused(status, code, message));
        read(&canned, &SCOPE).await.unwrap_err()
    };
    let error = refuse(401, 20003, "Authenticate").await;
    assert!(matches!(error, LiveError::Refused(_)));
    assert_eq!(
        error.to_string(),
        "the API refuses our credentials: Authenticate (HTTP 401, code 20003, GET /v1/Workspaces); \
         see https://www.twilio.com/docs/errors/20003"
    );
    assert!(!format!("{error:?}").contains("hush"));
    assert!(matches!(refuse(404, 20404, "x").await, LiveError::NotFound(_)));
    assert!(matches!(refuse(400, 20001, "x").await, LiveError::Api(_)));
    let moved = Canned::new(|_, _| {
        let elsewhere = Response::builder().status(302).header("Location", "https://evil.example/");
        Ok(elsewhere.body(Bytes::new()).unwrap())
    });
    assert!(matches!(read(&moved, &SCOPE).await, Err(LiveError::Api(_))));
    let page = Canned::new(|_, _| Ok(Response::new(Bytes::from_static(b"<html>hello"))));
    assert_eq!(
        read(&page, &SCOPE).await.unwrap_err().to_string(),
        "GET /v1/Workspaces answered something that is not JSON: <html>hello"
    );
}
