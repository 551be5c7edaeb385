//! Where the products are, and whom a request may be sent to.

use std::fmt;

use url::{Host, Url};

/// Base addresses of the three products. Each is encrypted or on this machine, so a secret is
/// never sent in the clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    taskrouter: Url,
    conversations: Url,
    flex: Url,
}

/// The products whose API is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Product {
    TaskRouter,
    Conversations,
    Flex,
}

impl Product {
    /// The first label of its host.
    fn label(self) -> &'static str {
        match self {
            Self::TaskRouter => "taskrouter",
            Self::Conversations => "conversations",
            Self::Flex => "flex-api",
        }
    }
}

/// Why an address cannot be talked to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not a URL, or one with more than scheme, host and port.
    #[error(
        "`{0}` is not the address of a server; write it as https://host or http://127.0.0.1:port"
    )]
    Address(String),
    /// What a URL is shown in must not hold a password.
    #[error("the URL holds a password; credentials come from the environment or a profile")]
    Password,
    /// Credentials would travel in the clear.
    #[error(
        "`{0}` is neither https nor on this machine, and credentials are not sent in the clear"
    )]
    Insecure(String),
    /// The host of a region names its edge too.
    #[error("region `{0}` needs an edge; set TWILIO_EDGE or `edge`")]
    EdgeMissing(String),
    /// Cannot stand in a host name.
    #[error("`{0}` is not the name of a region or an edge")]
    Name(String),
}

impl Endpoints {
    /// Twilio's own hosts: `product.edge.region.twilio.com`, and `product.twilio.com` with
    /// neither. An edge alone is of region `us1`, as in Twilio's SDKs. Hosts with a region and no
    /// edge are no longer served, so a region alone is given its edge (`ie1` dublin, `au1` sydney,
    /// `jp1` tokyo), is the default when it is `us1`, and is an error otherwise.
    ///
    /// # Errors
    /// When the edge of a region is not known, or a name is not one.
    pub fn twilio(region: Option<&str>, edge: Option<&str>) -> Result<Self, EndpointError> {
        let given = |name: Option<&str>| name.filter(|name| !name.is_empty()).map(str::to_owned);
        let (region, edge) = (given(region), given(edge));
        for name in region.iter().chain(&edge) {
            if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
                return Err(EndpointError::Name(name.clone()));
            }
        }
        let place = match (edge, region.as_deref()) {
            (None, None | Some("us1")) => String::new(),
            (Some(edge), region) => format!(".{edge}.{}", region.unwrap_or("us1")),
            (None, Some("ie1")) => ".dublin.ie1".to_owned(),
            (None, Some("au1")) => ".sydney.au1".to_owned(),
            (None, Some("jp1")) => ".tokyo.jp1".to_owned(),
            (None, Some(region)) => return Err(EndpointError::EdgeMissing(region.to_owned())),
        };
        let host =
            |product: Product| base(&format!("https://{}{place}.twilio.com", product.label()));
        Ok(Self {
            taskrouter: host(Product::TaskRouter)?,
            conversations: host(Product::Conversations)?,
            flex: host(Product::Flex)?,
        })
    }

    /// One server that stands in for all products.
    ///
    /// # Errors
    /// When it is not an address, or neither encrypted nor on this machine.
    pub fn at(base_url: &str) -> Result<Self, EndpointError> {
        let base = base(base_url)?;
        Ok(Self { taskrouter: base.clone(), conversations: base.clone(), flex: base })
    }

    /// Whether everything stays on this machine.
    pub fn is_loopback(&self) -> bool {
        [&self.taskrouter, &self.conversations, &self.flex].into_iter().all(is_loopback)
    }

    /// The address of a resource: its path below `/v1`, each segment escaped, and a query.
    pub(super) fn url(&self, product: Product, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = match product {
            Product::TaskRouter => self.taskrouter.clone(),
            Product::Conversations => self.conversations.clone(),
            Product::Flex => self.flex.clone(),
        };
        url.path_segments_mut()
            .expect("a base address was checked to be http or https, which have paths")
            .clear()
            .push("v1")
            .extend(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// The name that a server standing in for several products on this machine is called by, to
    /// tell apart paths that two products share (`/v1/Configuration`).
    pub(super) fn host_hint(&self, product: Product) -> Option<String> {
        let shared = self.conversations == self.flex && is_loopback(&self.flex);
        shared.then(|| format!("{}.twilio.com", product.label()))
    }
}

impl fmt::Display for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.taskrouter.origin().ascii_serialization())
    }
}

fn base(text: &str) -> Result<Url, EndpointError> {
    let url = Url::parse(text).map_err(|_| EndpointError::Address(text.to_owned()))?;
    let bare = url.username().is_empty()
        && url.password().is_none()
        && matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none();
    if !matches!(url.scheme(), "http" | "https") || !bare {
        return Err(match url.password() {
            Some(_) => EndpointError::Password,
            None => EndpointError::Address(text.to_owned()),
        });
    }
    if url.scheme() != "https" && !is_loopback(&url) {
        return Err(EndpointError::Insecure(text.to_owned()));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(region: Option<&str>, edge: Option<&str>) -> Result<String, EndpointError> {
        Endpoints::twilio(region, edge).map(|endpoints| endpoints.to_string())
    }

    #[test]
    fn the_host_names_edge_and_region_or_neither() {
        assert_eq!(host(None, None).unwrap(), "https://taskrouter.twilio.com");
        assert_eq!(host(Some("us1"), None).unwrap(), "https://taskrouter.twilio.com");
        assert_eq!(host(None, Some("")).unwrap(), "https://taskrouter.twilio.com");
        assert_eq!(
            host(Some("ie1"), Some("dublin")).unwrap(),
            "https://taskrouter.dublin.ie1.twilio.com"
        );
        assert_eq!(host(Some("ie1"), None).unwrap(), "https://taskrouter.dublin.ie1.twilio.com");
        assert_eq!(
            host(None, Some("ashburn")).unwrap(),
            "https://taskrouter.ashburn.us1.twilio.com"
        );
        assert_eq!(host(Some("br1"), None), Err(EndpointError::EdgeMissing("br1".into())));
    }

    #[test]
    fn a_region_cannot_smuggle_in_another_host() {
        assert!(matches!(host(Some("evil.example/"), Some("x")), Err(EndpointError::Name(_))));
    }

    #[test]
    fn only_this_machine_is_talked_to_in_the_clear() {
        for good in [
            "https://proxy.example",
            "http://127.0.0.1:4010",
            "http://127.8.8.8",
            "http://localhost:1/",
            "http://[::1]:80",
        ] {
            assert!(Endpoints::at(good).is_ok(), "{good}");
        }
        for bad in ["http://taskrouter.twilio.com", "http://10.0.0.1", "http://localhost.example"] {
            assert!(matches!(Endpoints::at(bad), Err(EndpointError::Insecure(_))), "{bad}");
        }
        for bad in ["ftp://127.0.0.1", "127.0.0.1:80", "https://h/path", "https://u@h"] {
            assert!(matches!(Endpoints::at(bad), Err(EndpointError::Address(_))), "{bad}");
        }
        let error = Endpoints::at("https://u:p@h").unwrap_err();
        assert_eq!(error, EndpointError::Password, "and the password is not repeated");
    }

    #[test]
    fn a_name_in_a_path_cannot_leave_its_segment() {
        let endpoints = Endpoints::at("http://127.0.0.1:1").unwrap();
        let url =
            endpoints.url(Product::TaskRouter, &["Workspaces", "WS1/../x?y"], &[("A", "b c")]);
        assert_eq!(url.as_str(), "http://127.0.0.1:1/v1/Workspaces/WS1%2F..%2Fx%3Fy?A=b+c");
    }
}
