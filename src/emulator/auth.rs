//! Basic authentication.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderMap};

use super::options::Options;
use super::refusal::Refusal;

/// Whether the request carries the account's token or one of its API keys.
///
/// # Errors
/// 401 with 20003.
pub(super) fn check(headers: &HeaderMap, options: &Options) -> Result<(), Refusal> {
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
        Ok(())
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
