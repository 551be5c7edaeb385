//! Requests, built and not sent.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, IF_MATCH};
use http::{HeaderValue, Method};
use url::Url;

use super::retry::Operation;
use super::{Class, Credentials, SendError};

/// Parameters of a form in the order in which they are sent; a key may stand several times.
pub(super) type Form = Vec<(&'static str, String)>;

/// One request, and what it means for a second try.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub operation: Operation,
    /// Whose budget it is sent from.
    pub class: Class,
    pub url: Url,
    pub form: Form,
    /// The name to call the server by, where it is not the URL's.
    pub host: Option<String>,
    /// The revision that the object must still have.
    pub if_match: Option<String>,
}

impl Call {
    fn new(operation: Operation, url: Url, form: Form) -> Self {
        Self { operation, class: Class::of(operation, &url), url, form, host: None, if_match: None }
    }

    /// Reads.
    pub(super) fn get(url: Url) -> Self {
        Self::new(Operation::Read, url, Form::new())
    }

    /// Makes something new. Not to be sent twice.
    pub(super) fn create(url: Url, form: Form) -> Self {
        Self::new(Operation::Create, url, form)
    }

    /// Sets fields of something. Sent twice it does the same.
    pub(super) fn update(url: Url, form: Form) -> Self {
        Self::new(Operation::Update, url, form)
    }

    /// Takes something away.
    pub(super) fn delete(url: Url) -> Self {
        Self::new(Operation::Delete, url, Form::new())
    }

    /// The request's method.
    pub(super) fn method(&self) -> Method {
        match self.operation {
            Operation::Read => Method::GET,
            Operation::Create | Operation::Update => Method::POST,
            Operation::Delete => Method::DELETE,
        }
    }

    /// For people: method and path. The query is left out; it may hold what is nobody's business.
    pub(super) fn label(&self) -> String {
        format!("{} {}", self.method(), self.url.path())
    }

    /// The request itself, with an absolute URI.
    ///
    /// # Errors
    /// The address is longer than one can be.
    pub(super) fn build(
        &self,
        credentials: &Credentials,
    ) -> Result<http::Request<Bytes>, SendError> {
        let body =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.form).finish();
        let mut request = http::Request::new(Bytes::from(body));
        *request.method_mut() = self.method();
        *request.uri_mut() = self.url.as_str().parse().map_err(|error| SendError::Connect {
            host: self.url.host_str().unwrap_or_default().to_owned(),
            reason: format!("{error}"),
        })?;
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, credentials.header());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if request_has_form(self.operation) {
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.insert(CONTENT_TYPE, form);
        }
        if let Some(tag) = self.if_match.as_ref().and_then(|tag| HeaderValue::try_from(tag).ok()) {
            headers.insert(IF_MATCH, tag);
        }
        if let Some(host) = self.host.as_ref().and_then(|host| HeaderValue::try_from(host).ok()) {
            headers.insert(HOST, host);
        }
        Ok(request)
    }
}

fn request_has_form(operation: Operation) -> bool {
    matches!(operation, Operation::Create | Operation::Update)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_encoded_with_repeated_keys_in_order() {
        let url = Url::parse("https://conversations.twilio.com/v1/Roles").unwrap();
        let form = vec![
            ("FriendlyName", "a & b=ü".to_owned()),
            ("Permission", "x".to_owned()),
            ("Permission", "y".to_owned()),
        ];
        let request = Call::create(url, form).build(&Credentials::new("SK1", "hush")).unwrap();
        assert_eq!(request.method(), Method::POST);
        assert_eq!(request.uri(), "https://conversations.twilio.com/v1/Roles");
        assert_eq!(request.body(), "FriendlyName=a+%26+b%3D%C3%BC&Permission=x&Permission=y");
        assert_eq!(request.headers()[CONTENT_TYPE], "application/x-www-form-urlencoded");
        assert_eq!(request.headers()[AUTHORIZATION], "Basic U0sxOmh1c2g=");
        assert!(!format!("{request:?}").contains("U0sx"), "{request:?}");
    }

    #[test]
    fn an_address_that_is_too_long_is_an_error() {
        let url = format!("https://taskrouter.twilio.com/v1/{}", "x".repeat(100_000));
        let call = Call::get(Url::parse(&url).unwrap());
        assert!(call.build(&Credentials::new("SK1", "hush")).is_err());
    }
}
