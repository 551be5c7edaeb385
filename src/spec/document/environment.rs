//! The `environments` section.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Scalar;

/// An account that the spec is applied to.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Environment {
    /// The account that this environment is. Applying with the credentials of another account is
    /// refused.
    #[schemars(extend("x-sid" = "AC"))]
    pub account_sid: Option<String>,

    /// The profile of the Twilio CLI whose credentials are used when `--profile` is not given.
    #[schemars(extend("examples" = ["flex-production"]))]
    pub profile: Option<String>,

    /// The Twilio region that processes the requests.
    #[schemars(extend("default" = "us1", "examples" = ["us1", "ie1", "au1"]))]
    pub region: Option<String>,

    /// The Twilio edge that the requests enter by.
    #[schemars(extend("examples" = ["dublin", "sydney"]))]
    pub edge: Option<String>,

    /// Values that go over those of the spec's own `variables`. A variable that the spec does not
    /// declare is an error.
    #[schemars(extend("examples" = [{ "hold_timeout": 5 }]))]
    pub variables: IndexMap<String, Scalar>,
}
