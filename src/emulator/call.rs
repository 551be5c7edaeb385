//! One request, taken apart.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, HeaderMap, IF_MATCH};

use super::form::Pairs;
use super::options::Product;
use super::refusal::Refusal;

/// One request, taken apart.
#[derive(Debug)]
pub(super) struct Call<'r> {
    /// `http://host`, as the client sees it; begins every address in an answer.
    pub(super) base: String,
    /// The product that the host names.
    pub(super) product: Option<Product>,
    /// The path as it came, still encoded.
    pub(super) path: &'r str,
    /// The path's parameters, decoded.
    pub(super) params: Vec<String>,
    /// The query string.
    pub(super) query: Pairs,
    /// The body as a form.
    pub(super) form: Pairs,
    /// The body as it came.
    pub(super) body: &'r Bytes,
    /// The `If-Match` header.
    pub(super) if_match: Option<&'r str>,
}

impl<'r> Call<'r> {
    /// Takes a request apart.
    pub(super) fn new(request: &'r http::Request<Bytes>) -> Self {
        let headers = request.headers();
        let host = forwarded(headers, "x-forwarded-host")
            .or_else(|| request.uri().authority().map(http::uri::Authority::as_str))
            .or_else(|| text(headers.get(HOST)))
            .filter(|host| is_host(host))
            .unwrap_or("localhost");
        let scheme = forwarded(headers, "x-forwarded-proto")
            .or_else(|| request.uri().scheme_str())
            .filter(|scheme| matches!(*scheme, "http" | "https"))
            .unwrap_or("http");
        let is_form = text(headers.get(CONTENT_TYPE))
            .is_none_or(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        Self {
            base: format!("{scheme}://{host}"),
            product: Product::of_host(host),
            path: request.uri().path(),
            params: Vec::new(),
            query: Pairs::decode(request.uri().query().unwrap_or_default().as_bytes()),
            form: if is_form { Pairs::decode(request.body()) } else { Pairs::default() },
            body: request.body(),
            if_match: text(headers.get(IF_MATCH)),
        }
    }

    /// A parameter of the path by its place; the route guarantees it.
    pub(super) fn param(&self, place: usize) -> &str {
        self.params.get(place).map_or("", String::as_str)
    }

    /// Holds a revision to `If-Match: "3"`, `3`, `W/"3"`, a list of them, or `*`.
    ///
    /// # Errors
    /// 412.
    pub(super) fn check_revision(&self, revision: u64) -> Result<(), Refusal> {
        let Some(wanted) = self.if_match else { return Ok(()) };
        let revision = revision.to_string();
        let matches = wanted.split(',').map(str::trim).any(|tag| {
            let tag = tag.strip_prefix("W/").unwrap_or(tag);
            tag == "*" || tag.trim_matches('"') == revision
        });
        if matches { Ok(()) } else { Err(Refusal::precondition_failed()) }
    }

    /// 404 for this path.
    pub(super) fn not_found(&self) -> Refusal {
        Refusal::not_found(self.path)
    }
}

fn text(value: Option<&http::HeaderValue>) -> Option<&str> {
    value.and_then(|value| value.to_str().ok())
}

/// The first value of a header that proxies append to.
fn forwarded<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    text(headers.get(name)).and_then(|list| list.split(',').next()).map(str::trim)
}

/// Whether a host may be repeated in answers.
fn is_host(host: &str) -> bool {
    !host.is_empty()
        && host.len() <= 255
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:[]".contains(&b))
}

/// Decodes `%41` in one segment of a path. What is not UTF-8 becomes U+FFFD.
pub(super) fn decode_segment(segment: &str) -> String {
    let bytes = segment.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        let value = escaped
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        decoded.push(value.unwrap_or(byte));
        at += if value.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
