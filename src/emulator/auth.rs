//! Basic authentication, and who it shows.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderMap};
use serde::{Deserialize, Serialize};

use super::options::Options;
use super::refusal::Refusal;

/// The user who makes the writes that [`super::Fault::Foreign`] and [`super::Fault::SomeForeign`]
/// let happen.
pub const SOMEBODY_SID: &str = "USe0000000000000000000000000000001";

/// Who does something. The vendor does not list the words for kinds and sources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Actor {
    pub(super) sid: String,
    /// `account`, `api_key`, `user` or `workspace`.
    pub(super) kind: String,
    /// `api`, `console` or `twilio`.
    pub(super) source: String,
    /// An IP address; empty for none.
    pub(super) address: String,
}

impl Actor {
    fn new(sid: &str, kind: &str, source: &str, address: &str) -> Self {
        let [kind, source, address] = [kind, source, address].map(str::to_owned);
        Self { sid: sid.to_owned(), kind, source, address }
    }

    /// Whoever has these credentials.
    fn of(user: &str) -> Self {
        let kind = if user.starts_with("SK") { "api_key" } else { "account" };
        Self::new(user, kind, "api", "127.0.0.1")
    }

    /// TaskRouter itself, for what happens in a workspace without anybody asking for it.
    pub(super) fn taskrouter(workspace_sid: &str) -> Self {
        Self::new(workspace_sid, "workspace", "twilio", "")
    }

    /// Somebody at the Console; the address is one of those that documentation may use.
    pub(super) fn somebody() -> Self {
        Self::new(SOMEBODY_SID, "user", "console", "203.0.113.7")
    }
}

/// Who sends a request: the account with its token, or one of its API keys.
///
/// # Errors
/// 401 with 20003.
pub(super) fn check(headers: &HeaderMap, options: &Options) -> Result<Actor, Refusal> {
    let Some(header) = headers.get(AUTHORIZATION) else {
        return Err(Refusal::no_credentials());
    };
    let Some((user, password)) = decode(header.as_bytes()) else {
        return Err(Refusal::authenticate());
    };
    let account = (&options.account_sid, &options.auth_token);
    let keys = options.api_keys.iter().map(|(sid, secret)| (sid, secret));
    let accepted = [account].into_iter().chain(keys);
    if accepted.into_iter().any(|pair| pair == (&user, &password)) {
        Ok(Actor::of(&user))
    } else {
        Err(Refusal::authenticate())
    }
}

fn decode(header: &[u8]) -> Option<(String, String)> {
    let header = std::str::from_utf8(header).ok()?;
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
