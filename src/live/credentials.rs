//! Who is asking: from the environment, or from a profile of twilio-cli.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use camino::Utf8PathBuf;
use http::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};

use super::fields;

/// A user name and a password for basic authentication.
#[derive(Clone)]
pub struct Credentials {
    username: String,
    password: SecretString,
}

impl Credentials {
    /// An account sid with its token, or an API key with its secret.
    pub fn new(username: impl Into<String>, password: impl Into<SecretString>) -> Self {
        Self { username: username.into(), password: password.into() }
    }

    /// `AC…` or `SK…`.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The header's value, marked so that it is not printed.
    pub(super) fn header(&self) -> HeaderValue {
        let pair = format!("{}:{}", self.username, self.password.expose_secret());
        let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair)))
            .expect("base64 has no characters that a header may not hold");
        value.set_sensitive(true);
        value
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}

/// Credentials, and what came with them.
#[derive(Clone, Debug)]
pub struct Login {
    pub credentials: Credentials,
    /// `AC…`; not known for an API key given without its account.
    pub account_sid: Option<String>,
    pub region: Option<String>,
    pub edge: Option<String>,
    /// For people: `the environment`, `profile work`.
    pub source: String,
}

/// Why there are no credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// Nothing was found anywhere.
    #[error("no credentials: none in the environment, and twilio-cli has no active profile")]
    None,
    /// Nothing was found under the names that were asked for; others are not taken instead.
    #[error("no credentials: neither {prefix}TWILIO_ACCOUNT_SID nor {prefix}TWILIO_API_KEY is set")]
    NonePrefixed { prefix: String },
    /// Half a pair. Another account's profile is not taken instead.
    #[error("{present} is set and {missing} is not")]
    Incomplete { present: String, missing: String },
    /// The file is not what twilio-cli writes.
    #[error("the configuration of twilio-cli cannot be read: {0}")]
    Config(String),
    /// No profile has this name.
    #[error("twilio-cli has no profile `{name}`; {}", list(.known))]
    Profile { name: String, known: Vec<String> },
    /// The profile has no key in the file.
    #[error("profile `{name}` of twilio-cli holds no {missing}")]
    ProfileIncomplete { name: String, missing: &'static str },
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        "it has none".to_owned()
    } else {
        format!("its profiles are: {}", names.join(", "))
    }
}

/// Where twilio-cli keeps its profiles: `TWILIO_CONFIG_DIR`, else `.twilio-cli` at home.
pub fn config_path(env: &BTreeMap<String, String>) -> Option<Utf8PathBuf> {
    let dir = match set(env, "TWILIO_CONFIG_DIR") {
        Some(dir) => Utf8PathBuf::from(dir),
        None => Utf8PathBuf::from(set(env, "HOME").or_else(|| set(env, "USERPROFILE"))?)
            .join(".twilio-cli"),
    };
    Some(dir.join("config.json"))
}

/// Whose credentials are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'a> {
    /// This profile, and nothing else.
    pub profile: Option<&'a str>,
    /// Variables whose names begin with this, when any is set.
    pub env_prefix: Option<&'a str>,
    /// Else this profile.
    pub or_profile: Option<&'a str>,
}

/// Finds credentials as twilio-cli does: the named profile, else the environment (an API key
/// before an auth token), else the active profile. Who is named in the wish is never replaced by
/// somebody else. `config` is the text of the file at
/// [`config_path`], when there is one. Region and edge are the profile's own, since credentials
/// belong to a region; the environment fills in what it leaves open.
///
/// # Errors
/// When nothing is set, or half of it.
pub fn resolve(
    env: &BTreeMap<String, String>,
    config: Option<&str>,
    wish: &Wish<'_>,
) -> Result<Login, CredentialsError> {
    if let Some(name) = wish.profile {
        return from_profile(env, &parse(config)?, name);
    }
    if let Some(prefix) = wish.env_prefix
        && let Some(login) = from_env(env, prefix)?
    {
        return Ok(login);
    }
    if let Some(name) = wish.or_profile {
        return from_profile(env, &parse(config)?, name);
    }
    if let Some(prefix) = wish.env_prefix {
        return Err(CredentialsError::NonePrefixed { prefix: prefix.to_owned() });
    }
    if let Some(login) = from_env(env, "")? {
        return Ok(login);
    }
    let config = parse(config)?;
    match fields::text(&config, "activeProject") {
        Some(name) => from_profile(env, &config, &name),
        None => Err(CredentialsError::None),
    }
}

/// What the variables say whose names begin with `prefix`.
fn from_env(
    env: &BTreeMap<String, String>,
    prefix: &str,
) -> Result<Option<Login>, CredentialsError> {
    const ACCOUNT: &str = "TWILIO_ACCOUNT_SID";
    const TOKEN: &str = "TWILIO_AUTH_TOKEN";
    const KEY: &str = "TWILIO_API_KEY";
    const SECRET: &str = "TWILIO_API_SECRET";
    let name = |name: &str| format!("{prefix}{name}");
    let get = |one: &str| set(env, &name(one)).map(str::to_owned);
    let incomplete = |present: &str, missing: String| {
        Err(CredentialsError::Incomplete { present: name(present), missing })
    };
    let account = get(ACCOUNT);
    let (username, password) = match (get(KEY), get(SECRET), account.clone(), get(TOKEN)) {
        (Some(key), Some(secret), ..) => (key, secret),
        (Some(_), None, ..) => return incomplete(KEY, name(SECRET)),
        (None, Some(_), ..) => return incomplete(SECRET, name(KEY)),
        (None, None, Some(account), Some(token)) => (account, token),
        (None, None, Some(_), None) => {
            return incomplete(ACCOUNT, format!("neither {} nor {}", name(TOKEN), name(KEY)));
        }
        (None, None, None, Some(_)) => return incomplete(TOKEN, name(ACCOUNT)),
        (None, None, None, None) => return Ok(None),
    };
    Ok(Some(Login {
        credentials: Credentials::new(username, password),
        account_sid: account,
        region: get("TWILIO_REGION"),
        edge: get("TWILIO_EDGE"),
        source: match prefix {
            "" => "the environment".to_owned(),
            prefix => format!("the variables {prefix}…"),
        },
    }))
}

fn from_profile(
    env: &BTreeMap<String, String>,
    config: &Map<String, Value>,
    name: &str,
) -> Result<Login, CredentialsError> {
    let profiles = fields::object(config, "profiles");
    let Some(profile) = profiles.and_then(|profiles| fields::object(profiles, name)) else {
        let known = profiles.map(|all| all.keys().cloned().collect()).unwrap_or_default();
        return Err(CredentialsError::Profile { name: name.to_owned(), known });
    };
    let given = |key| fields::text(profile, key).filter(|value| !value.is_empty());
    let needed = |key| {
        given(key).ok_or_else(|| CredentialsError::ProfileIncomplete {
            name: name.to_owned(),
            missing: key,
        })
    };
    Ok(Login {
        credentials: Credentials::new(needed("apiKey")?, needed("apiSecret")?),
        account_sid: given("accountSid"),
        region: given("region").or_else(|| set(env, "TWILIO_REGION").map(str::to_owned)),
        edge: given("edge")
            .or_else(|| fields::text(config, "edge").filter(|edge| !edge.is_empty()))
            .or_else(|| set(env, "TWILIO_EDGE").map(str::to_owned)),
        source: format!("profile {name}"),
    })
}

/// A variable that is set to something: an empty one is a secret that got lost on the way.
fn set<'a>(env: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    env.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

fn parse(config: Option<&str>) -> Result<Map<String, Value>, CredentialsError> {
    match config {
        None => Ok(Map::new()),
        Some(text) => serde_json::from_str(text).map_err(|error| {
            // The error's own text may quote the file, which holds secrets.
            let (line, column) = (error.line(), error.column());
            CredentialsError::Config(format!("no JSON object at line {line}, column {column}"))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = r#"{
        "edge": null,
        "profiles": {
            "work": {"accountSid": "AC1", "region": "ie1", "edge": "dublin", "apiKey": "SK1", "apiSecret": "hush-1"},
            "home": {"accountSid": "AC2", "apiKey": "SK2", "apiSecret": "hush-2"},
            "empty": {"accountSid": "AC3"}
        },
        "activeProject": "home"
    }"#;

    fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    fn username(env: &[(&str, &str)], profile: Option<&str>) -> Result<String, CredentialsError> {
        let wish = Wish { profile, ..Wish::default() };
        let login = resolve(&self::env(env), Some(CONFIG), &wish)?;
        Ok(login.credentials.username().to_owned())
    }

    fn of(profile: &str) -> Wish<'_> {
        Wish { profile: Some(profile), ..Wish::default() }
    }

    const TOKEN: [(&str, &str); 2] = [("TWILIO_ACCOUNT_SID", "AC9"), ("TWILIO_AUTH_TOKEN", "hush")];

    #[test]
    fn a_named_profile_comes_before_the_environment_and_the_active_one_after() {
        assert_eq!(username(&TOKEN, Some("work")).unwrap(), "SK1");
        assert_eq!(username(&TOKEN, None).unwrap(), "AC9");
        assert_eq!(username(&[], None).unwrap(), "SK2");
    }

    #[test]
    fn an_api_key_comes_before_a_token() {
        let all = [&TOKEN[..], &[("TWILIO_API_KEY", "SK9"), ("TWILIO_API_SECRET", "x")]].concat();
        assert_eq!(username(&all, None).unwrap(), "SK9");
    }

    #[test]
    fn a_lost_secret_is_an_error_and_never_another_account() {
        let lost = [("TWILIO_ACCOUNT_SID", "AC9"), ("TWILIO_AUTH_TOKEN", "")];
        assert!(matches!(username(&lost, None), Err(CredentialsError::Incomplete { .. })));
        let half = [("TWILIO_API_KEY", "SK9")];
        assert!(matches!(username(&half, None), Err(CredentialsError::Incomplete { .. })));
    }

    #[test]
    fn variables_with_a_prefix_come_before_the_profile_beside_it_and_no_others_after() {
        let wish = Wish { env_prefix: Some("EU_"), or_profile: Some("work"), ..Wish::default() };
        let alone = Wish { or_profile: None, ..wish };
        let with = |pairs: &[(&str, &str)], wish| {
            let env = env(&[&TOKEN[..], pairs].concat());
            let login = resolve(&env, Some(CONFIG), wish)?;
            Ok(login.credentials.username().to_owned())
        };
        let key = [("EU_TWILIO_API_KEY", "SK5"), ("EU_TWILIO_API_SECRET", "x")];
        assert_eq!(with(&key, &wish).unwrap(), "SK5");
        assert_eq!(with(&[], &wish).unwrap(), "SK1");
        let error: CredentialsError = with(&[], &alone).unwrap_err();
        assert!(error.to_string().contains("EU_TWILIO_API_KEY"), "{error}");
        let half: CredentialsError = with(&key[..1], &wish).unwrap_err();
        assert_eq!(half.to_string(), "EU_TWILIO_API_KEY is set and EU_TWILIO_API_SECRET is not");
    }

    #[test]
    fn a_profile_brings_its_region_and_the_environment_fills_in() {
        let env = env(&[("TWILIO_REGION", "jp1"), ("TWILIO_EDGE", "tokyo")]);
        let work = resolve(&env, Some(CONFIG), &of("work")).unwrap();
        assert_eq!((work.region.as_deref(), work.edge.as_deref()), (Some("ie1"), Some("dublin")));
        let home = resolve(&env, Some(CONFIG), &of("home")).unwrap();
        assert_eq!((home.region.as_deref(), home.edge.as_deref()), (Some("jp1"), Some("tokyo")));
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(
            username(&[], Some("wrok")).unwrap_err().to_string(),
            "twilio-cli has no profile `wrok`; its profiles are: work, home, empty"
        );
        assert_eq!(
            username(&[], Some("empty")).unwrap_err().to_string(),
            "profile `empty` of twilio-cli holds no apiKey"
        );
        assert_eq!(resolve(&env(&[]), None, &Wish::default()).unwrap_err(), CredentialsError::None);
    }

    #[test]
    fn no_secret_is_ever_printed() {
        let login = resolve(&env(&[]), Some(CONFIG), &of("work")).unwrap();
        assert!(!format!("{login:?}").contains("hush"));
        assert!(!format!("{:?}", login.credentials.header()).contains("Basic"));
        let broken = CONFIG.replace("\"hush-1\"}", "\"hush-1\"");
        let error = resolve(&env(&[]), Some(&broken), &Wish::default()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hush"), "{error}");
    }

    #[test]
    fn the_file_is_at_home_unless_the_environment_says_where() {
        assert_eq!(config_path(&env(&[("HOME", "/h")])).unwrap(), "/h/.twilio-cli/config.json");
        let given = env(&[("HOME", "/h"), ("TWILIO_CONFIG_DIR", "/c")]);
        assert_eq!(config_path(&given).unwrap(), "/c/config.json");
        assert_eq!(config_path(&env(&[])), None);
    }
}
