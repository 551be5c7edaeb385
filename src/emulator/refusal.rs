//! Refusals, in the API's shape: code, message, more_info, status.

use http::StatusCode;
use serde::Serialize;

/// Why a request is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The HTTP status.
    pub(super) status: StatusCode,
    /// The vendor's error code.
    pub(super) code: u32,
    /// For people.
    pub(super) message: String,
    /// The methods that the path has, for 405.
    pub(super) allow: Option<String>,
}

#[derive(Serialize)]
struct Body<'a> {
    code: u32,
    message: &'a str,
    more_info: String,
    status: u16,
}

impl Refusal {
    fn new(status: StatusCode, code: u32, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), allow: None }
    }

    /// 400 with TaskRouter's general code.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, 20001, message)
    }

    /// 400 for a name that is empty or too long.
    pub(super) fn friendly_name() -> Self {
        let message = "FriendlyNames must be between 1 and 64 characters";
        Self::new(StatusCode::BAD_REQUEST, 20002, message)
    }

    /// 400 for a page asked for by number.
    pub(super) fn absolute_paging() -> Self {
        let message = "Absolute Paging used when iterating TaskRouter resources: \
                       follow next_page_url, or send the PageToken that belongs to the Page";
        Self::new(StatusCode::BAD_REQUEST, 40153, message)
    }

    /// 401 without credentials.
    pub(super) fn no_credentials() -> Self {
        let message = "Authentication Error - No credentials provided";
        Self::new(StatusCode::UNAUTHORIZED, 20003, message)
    }

    /// 401 with wrong ones.
    pub(super) fn authenticate() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, 20003, "Authenticate")
    }

    /// 404. The message names the path without the version.
    pub(super) fn not_found(path: &str) -> Self {
        let path = path.strip_prefix("/v1").unwrap_or(path);
        let message = format!("The requested resource {path} was not found");
        Self::new(StatusCode::NOT_FOUND, 20404, message)
    }

    /// 405 with the methods that would do.
    pub(super) fn method_not_allowed(allow: String) -> Self {
        let refusal = Self::new(StatusCode::METHOD_NOT_ALLOWED, 20004, "Method not allowed");
        Self { allow: Some(allow), ..refusal }
    }

    /// 412: another revision than `If-Match` asks for.
    pub(super) fn precondition_failed() -> Self {
        let message = "Precondition failed: the If-Match header does not match the current ETag";
        Self::new(StatusCode::PRECONDITION_FAILED, 20412, message)
    }

    /// 413.
    pub(super) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, 20413, "Request entity too large")
    }

    /// 429: nothing was processed.
    pub(super) fn too_many() -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, 20429, "Too Many Requests")
    }

    /// 503: nothing was processed.
    pub(super) fn unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, 20503, "Service Unavailable")
    }

    /// 500: a write could not be kept.
    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, 20500, message)
    }

    /// 501: the API has this operation, the emulator has not.
    pub(super) fn not_served(operation: &str) -> Self {
        let message = format!("the emulator does not serve {operation}");
        Self::new(StatusCode::NOT_IMPLEMENTED, 20501, message)
    }

    /// The JSON document.
    pub(super) fn body(&self) -> Vec<u8> {
        let body = Body {
            code: self.code,
            message: &self.message,
            more_info: format!("https://www.twilio.com/docs/errors/{}", self.code),
            status: self.status.as_u16(),
        };
        serde_json::to_vec(&body).unwrap_or_default()
    }
}
