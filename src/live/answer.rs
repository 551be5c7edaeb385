//! What the API answers: JSON and refusals.

use std::fmt;

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Map, Value};

use super::fields;
use super::request::Call;

/// How much of an answer that is not JSON is shown.
const EXCERPT: usize = 200;

/// A refusal, in the API's own words.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// Twilio's error code.
    pub code: Option<u32>,
    /// One line without control characters. An excerpt of the body when it is no JSON.
    pub message: String,
    /// Where Twilio explains the code.
    pub more_info: Option<String>,
    /// Whatever else the API says about it.
    pub details: Option<Value>,
    /// Method and path, without the query.
    pub request: String,
}

impl ApiError {
    /// Reads the refusal out of an answer whose status is not a success.
    pub(super) fn read(call: &Call, response: &http::Response<Bytes>) -> Self {
        let body: Map<String, Value> = serde_json::from_slice(response.body()).unwrap_or_default();
        let said = ["message", "detail", "title"]
            .into_iter()
            .find_map(|key| fields::some_text(&body, key))
            .map_or_else(|| excerpt(response.body()), |text| one_line(&text));
        let message = match (said.is_empty(), response.status().canonical_reason()) {
            (true, Some(reason)) => reason.to_owned(),
            _ => said,
        };
        Self {
            status: response.status().as_u16(),
            code: fields::number(&body, "code"),
            message,
            more_info: fields::some_text(&body, "more_info").map(|link| one_line(&link)),
            details: body
                .get("details")
                .filter(|details| !details.is_null() && **details != Value::Object(Map::new()))
                .cloned(),
            request: call.label(),
        }
    }

    /// Whether the API does not know us or does not let us.
    pub fn is_refusal(&self) -> bool {
        [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].iter().any(|s| *s == self.status)
    }

    /// Whether there is nothing there.
    pub fn is_not_found(&self) -> bool {
        StatusCode::NOT_FOUND == self.status
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (HTTP {}", self.message, self.status)?;
        if let Some(code) = self.code {
            write!(f, ", code {code}")?;
        }
        write!(f, ", {})", self.request)?;
        if let Some(details) = &self.details {
            write!(f, "; details {details}")?;
        }
        match &self.more_info {
            Some(link) => write!(f, "; see {link}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ApiError {}

/// Reads a JSON object.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, String> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(format!("JSON that is not an object: {}", excerpt(body))),
        Err(_) if body.is_empty() => Err("nothing where JSON was expected".to_owned()),
        Err(_) => Err(format!("something that is not JSON: {}", excerpt(body))),
    }
}

/// The beginning of a body, as one line that a terminal can be shown.
pub(super) fn excerpt(body: &[u8]) -> String {
    let text = one_line(&String::from_utf8_lossy(&body[..body.len().min(EXCERPT * 4)]));
    match text.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn one_line(text: &str) -> String {
    let blank = |c: char| c.is_control() || c.is_whitespace();
    text.split(blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn refusal(status: u16, body: &str) -> ApiError {
        let url = Url::parse("https://taskrouter.twilio.com/v1/Workspaces?FriendlyName=x").unwrap();
        let mut response = http::Response::new(Bytes::from(body.to_owned()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        ApiError::read(&Call::get(url), &response)
    }

    #[test]
    fn a_refusal_is_shown_with_code_message_and_link() {
        let error = refusal(
            400,
            r#"{"code": 20001, "message": "Invalid\nname", "more_info": "https://www.twilio.com/docs/errors/20001", "status": 400, "details": {}}"#,
        );
        assert_eq!(
            error.to_string(),
            "Invalid name (HTTP 400, code 20001, GET /v1/Workspaces); see https://www.twilio.com/docs/errors/20001"
        );
    }

    #[test]
    fn a_refusal_that_is_not_json_is_shown_in_part() {
        let page = format!("<html>\u{1b}[31mBad  Gateway{}", "x".repeat(1000));
        let error = refusal(502, &page).to_string();
        assert!(error.starts_with("<html> [31mBad Gatewayxx"), "{error}");
        assert!(error.ends_with("x… (HTTP 502, GET /v1/Workspaces)"), "{error}");
        assert_eq!(
            refusal(503, "").to_string(),
            "Service Unavailable (HTTP 503, GET /v1/Workspaces)"
        );
    }
}
