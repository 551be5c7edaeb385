//! Lists that come in pages.

use super::*;

/// Reads with activities on pages, of which the first names `next`.
async fn read_pages(next: &'static str) -> (Result<Snapshot, LiveError>, Vec<String>) {
    let canned = Canned::new(move |line, _| {
        if line.contains("PageToken=end") {
            return page("activities", json!([{"sid": sid("WA", 2), "friendly_name": "Two"}]));
        }
        if line.contains("/Activities") {
            let next = next.replace("{WS}", &sid("WS", 1));
            return ok(json!({
                "meta": {"key": "activities", "next_page_url": next},
                "activities": [{"sid": sid("WA", 1), "friendly_name": "One"}]
            }));
        }
        workspace(line)
    });
    let result = read(&canned, &Scope { workers: false, roles: false, ..SCOPE }).await;
    (result, canned.sent())
}

#[tokio::test]
async fn further_pages_are_taken_as_the_api_names_them() {
    let (live, sent) = read_pages(
        "https://taskrouter.twilio.com/v1/Workspaces/{WS}/Activities?PageSize=50&Page=1&PageToken=end",
    )
    .await;
    assert_eq!(live.unwrap().activities.len(), 2);
    assert!(sent.iter().any(|sent| sent.ends_with("Activities?PageSize=50&Page=1&PageToken=end")));
}

#[tokio::test]
async fn a_next_page_elsewhere_is_not_followed() {
    for elsewhere in [
        "https://taskrouter.twilio.com.evil.example/v1/x?PageToken=end",
        "http://taskrouter.twilio.com/v1/x?PageToken=end",
        "https://taskrouter.twilio.com:8443/v1/x?PageToken=end",
        "https://conversations.twilio.com/v1/x?PageToken=end",
    ] {
        let (live, sent) = read_pages(elsewhere).await;
        let error = live.unwrap_err();
        assert!(matches!(error, LiveError::Protocol { .. }), "{error}");
        assert!(error.to_string().contains("https://taskrouter.twilio.com only"), "{error}");
        assert!(!sent.iter().any(|sent| sent.contains("PageToken")), "{sent:?}");
    }
    let (live, _) = read_pages("/v1/relative").await;
    assert!(live.unwrap_err().to_string().contains("a next page that is not a URL"));
}

#[tokio::test]
async fn pages_that_go_in_a_circle_are_an_error() {
    let (live, _) =
        read_pages("https://taskrouter.twilio.com/v1/Workspaces/{WS}/Activities?again").await;
    assert!(live.unwrap_err().to_string().ends_with("a next page that was read before"));
}
