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

    /// The profile of the Twilio CLI whose credentials are used when `--profile` is not given and
    /// no variable of `env_prefix` is set.
    #[schemars(extend("examples" = ["flex-production"]))]
    pub profile: Option<String>,

    /// What stands before the names of the variables that hold this environment's credentials:
    /// with `PRODUCTION_` they are taken from `PRODUCTION_TWILIO_ACCOUNT_SID`,
    /// `PRODUCTION_TWILIO_API_KEY` and so on, and never from the variables without it.
    #[schemars(extend(
        "pattern" = r"^[A-Za-z_][A-Za-z0-9_]*$|\$\{",
        "patternErrorMessage" = "the beginning of a variable's name: letters, digits and _",
        "examples" = ["PRODUCTION_"],
    ))]
    pub env_prefix: Option<String>,

    /// Which TaskRouter, when `--target` is not given: `live`, `emulator`, or the URL of one on
    /// this machine. Credentials go to no other host that a spec names.
    #[schemars(extend(
        "pattern" = r"^(live|emulator|https?://(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?/?)$|\$\{",
        "patternErrorMessage" = "`live`, `emulator`, or the URL of a server on this machine",
        "default" = "live",
        "examples" = ["emulator", "http://127.0.0.1:8787"],
    ))]
    pub target: Option<String>,

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
