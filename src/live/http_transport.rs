//! The transport over the network.

use std::error::Error as _;
use std::time::Duration;

use bytes::Bytes;

use super::{Endpoints, SendError, Transport};

/// How long is waited for what does not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For a whole answer.
    pub answer: Duration,
}

impl Default for Patience {
    /// 10 seconds for a connection, 30 for an answer.
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), answer: Duration::from_secs(30) }
    }
}

/// Sends over HTTP, encrypted where it leaves the machine. Cheap to clone.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
    start: tokio::time::Instant,
    patience: Patience,
}

/// Why there is no HTTP client.
#[derive(Clone, Debug, thiserror::Error)]
#[error("cannot set up HTTP: {0}")]
pub struct SetUpError(String);

impl HttpTransport {
    /// A transport for these endpoints that keeps up to `concurrency` connections to each open.
    /// The system's proxies are used, except for this machine. When the system has no root
    /// certificates, Mozilla's are used.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(endpoints: &Endpoints, concurrency: usize) -> Result<Self, SetUpError> {
        Self::patient(endpoints, concurrency, Patience::default())
    }

    /// The same with this much patience.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn patient(
        endpoints: &Endpoints,
        concurrency: usize,
        patience: Patience,
    ) -> Result<Self, SetUpError> {
        // Fails only when a provider is there already, which is as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = builder(endpoints, concurrency, patience)
            .build()
            .or_else(|_| with_bundled_roots(builder(endpoints, concurrency, patience)))
            .map_err(|error| SetUpError(patience.reason(error)))?;
        Ok(Self { client, start: tokio::time::Instant::now(), patience })
    }

    /// The same with its time counted from this moment: transports of one account share a budget,
    /// and so must tell the same time.
    #[must_use]
    pub fn since(self, start: tokio::time::Instant) -> Self {
        Self { start, ..self }
    }
}

fn builder(
    endpoints: &Endpoints,
    concurrency: usize,
    patience: Patience,
) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("flexctl/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(patience.connect)
        .timeout(patience.answer)
        .pool_max_idle_per_host(concurrency);
    if endpoints.is_loopback() { builder.no_proxy() } else { builder.https_only(true) }
}

fn with_bundled_roots(builder: reqwest::ClientBuilder) -> reqwest::Result<reqwest::Client> {
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .map(|root| reqwest::Certificate::from_der(root))
        .collect::<Result<Vec<_>, _>>()?;
    builder.tls_certs_only(roots).build()
}

impl Transport for HttpTransport {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, SendError> {
        // With the port, which tells servers on one machine apart.
        let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let request = reqwest::Request::try_from(request).map_err(|error| SendError::Connect {
            host: host.clone(),
            reason: self.patience.reason(error),
        })?;
        let response = self.client.execute(request).await.map_err(|error| {
            let host = host.clone();
            if error.is_connect() || error.is_builder() {
                SendError::Connect { host, reason: self.patience.reason(error) }
            } else {
                SendError::Broken { host, reason: self.patience.reason(error) }
            }
        })?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response
            .bytes()
            .await
            .map_err(|error| SendError::Broken { host, reason: self.patience.reason(error) })?;
        let mut answer = http::Response::new(body);
        *answer.status_mut() = status;
        *answer.headers_mut() = headers;
        Ok(answer)
    }

    async fn wait(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

impl Patience {
    /// The innermost cause, which says most; without the URL, whose query is nobody's business.
    fn reason(self, error: reqwest::Error) -> String {
        if error.is_timeout() {
            let limit = if error.is_connect() { self.connect } else { self.answer };
            return format!("timed out after {} s", limit.as_secs_f64());
        }
        let error = error.without_url();
        let mut reason = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            reason = cause.to_string();
            source = cause.source();
        }
        reason
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_is_set_up_with_the_systems_roots_or_with_the_bundled_ones() {
        let endpoints = Endpoints::twilio(None, None).unwrap();
        assert!(HttpTransport::new(&endpoints, 4).is_ok());
        assert!(with_bundled_roots(builder(&endpoints, 4, Patience::default())).is_ok());
    }
}
