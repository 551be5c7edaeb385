//! Which TaskRouter, and as whom.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use bytes::Bytes;
use camino::{Utf8Path, Utf8PathBuf};

use super::accounts::Accounts;
use super::args::{Global, TargetArgs};
use super::files::file_name;
use super::in_process::InProcess;
use super::{Exit, Failure};
use crate::emulator::{self, Emulator, OpenError};
use crate::live::{
    Budget, Class, Client, Credentials, Endpoints, HttpTransport, LiveError, Reader, Run,
    SendError, Stop, Transport, Writer, credentials,
};
use crate::model::Kind;
use crate::plan::Lane;
use crate::spec::Environment;
use crate::text;

/// The embedded one.
const EMULATOR: &str = "emulator";

/// A way to one TaskRouter.
#[derive(Debug)]
pub(super) struct Session {
    /// For people: `live`, `emulator`, or the URL.
    pub(super) name: String,
    /// What tells it apart from others: also where the emulator's data is.
    pub(super) server: String,
    pub(super) reader: Reader<Either>,
    pub(super) writer: Writer<Either>,
    /// Wished, nothing new is sent.
    pub(super) stop: Stop,
    /// As far as it is known before anything is read.
    pub(super) account_sid: Option<String>,
    embedded: bool,
}

/// A way to one TaskRouter for those who only look: nothing in it can write.
#[derive(Debug)]
pub(super) struct Looking {
    /// For people, as in [`Session`].
    pub(super) name: String,
    pub(super) reader: Reader<Either>,
    /// As in [`Session`].
    pub(super) account_sid: Option<String>,
    embedded: bool,
}

impl Looking {
    /// As [`Session::check_account`].
    pub(super) fn check_account(
        &self,
        environment: &Environment,
        account_sid: &str,
    ) -> Result<(), Failure> {
        if self.embedded { Ok(()) } else { check_account(environment, account_sid) }
    }
}

/// The two transports as one type.
#[derive(Debug)]
pub(super) enum Either {
    Http(HttpTransport),
    InProcess(InProcess),
}

impl Transport for Either {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, SendError> {
        match self {
            Self::Http(transport) => transport.send(request).await,
            Self::InProcess(transport) => transport.send(request).await,
        }
    }

    async fn wait(&self, duration: Duration) {
        match self {
            Self::Http(transport) => transport.wait(duration).await,
            Self::InProcess(transport) => transport.wait(duration).await,
        }
    }

    fn now(&self) -> Duration {
        match self {
            Self::Http(transport) => transport.now(),
            Self::InProcess(transport) => transport.now(),
        }
    }
}

impl Session {
    /// The bound on the writes of a kind, as it is now.
    pub(super) fn lane(&self, kind: Kind) -> Option<Lane> {
        let class = Class::of_write(kind);
        Some(Lane { name: class.name(), per_second: self.writer.rate(class)? })
    }

    /// Refuses another account than the environment names. The embedded emulator is nobody's
    /// account and passes.
    pub(super) fn check_account(
        &self,
        environment: &Environment,
        account_sid: &str,
    ) -> Result<(), Failure> {
        if self.embedded { Ok(()) } else { check_account(environment, account_sid) }
    }
}

fn check_account(environment: &Environment, account_sid: &str) -> Result<(), Failure> {
    match &environment.account_sid {
        Some(wanted) if wanted != account_sid => {
            let name = environment.name.as_deref().unwrap_or_default();
            let message = format!(
                "environment `{name}` is account {wanted}, but the credentials are for \
                 {account_sid}; nothing was changed"
            );
            Err(Failure::new(Exit::Refused, message)
                .with_help("use the credentials of that account, or choose another --env"))
        }
        _ => Ok(()),
    }
}

/// Opens the target that the user asked for. Sends nothing yet.
pub(super) fn open(
    global: &Global,
    args: &TargetArgs,
    environment: &Environment,
) -> Result<Session, Failure> {
    open_beside(&Accounts::new(), global, args, environment)
}

/// The same beside others of one run, who share the paces of accounts.
pub(super) fn open_beside(
    accounts: &Accounts,
    global: &Global,
    args: &TargetArgs,
    environment: &Environment,
) -> Result<Session, Failure> {
    let parallelism = usize::from(args.parallelism);
    let connect = |name: &str, transport, endpoints: Endpoints, login: credentials::Login| {
        let account_sid = login.account_sid.or_else(|| environment.account_sid.clone());
        // Who is not named is told apart by the key.
        let account = account_sid.as_deref().unwrap_or(login.credentials.username());
        let gate = accounts.gate(name, account, parallelism, budget(args, &endpoints));
        let stop = accounts.stop();
        let jitter = Some(RandomState::new().hash_one("jitter"));
        let run = Run { jitter, deadline: args.deadline, stop: stop.clone() };
        let client = Client::behind(gate, transport, endpoints, login.credentials, run);
        let (reader, writer) = (client.reader(), client.writer());
        let embedded = name.starts_with(EMULATOR);
        let server = name.to_owned();
        let name = if embedded { EMULATOR } else { name }.to_owned();
        Session { name, server, reader, writer, stop, account_sid, embedded }
    };
    let over_http = |endpoints: &Endpoints| {
        let transport = HttpTransport::new(endpoints, parallelism).map_err(usage)?;
        Ok(Either::Http(transport.since(accounts.start())))
    };
    let checked = |login: credentials::Login| match &login.account_sid {
        Some(account_sid) => check_account(environment, account_sid).map(|()| login),
        None => Ok(login),
    };
    match chosen(args, environment)? {
        Some(EMULATOR) => {
            let options = emulator::Options { seed: emulator::Seed::Demo, ..Default::default() };
            let file = data_file(&global.file, environment.name.as_deref());
            let emulator = open_emulator(&file, options)?;
            let endpoints = Endpoints::at(InProcess::BASE_URL).map_err(usage)?;
            let transport = Either::InProcess(accounts.in_process(emulator));
            // Its account is its own, whatever account the environment names.
            let name = format!("{EMULATOR} {file}");
            Ok(connect(&name, transport, endpoints, emulators_own()))
        }
        Some(url) if url.contains("://") => {
            let endpoints = Endpoints::at(url).map_err(usage)?;
            let login = match login(args, environment) {
                Ok(login) => checked(login)?,
                // No secret, to nobody but this machine.
                Err(credentials::CredentialsError::None) if endpoints.is_loopback() => {
                    credentials::Login { account_sid: None, ..emulators_own() }
                }
                Err(error) => return Err(no_login(error)),
            };
            let transport = over_http(&endpoints)?;
            Ok(connect(url, transport, endpoints, login))
        }
        None | Some("live") => {
            let login = checked(login(args, environment).map_err(no_login)?)?;
            let region = environment.region.clone().or(login.region.clone());
            let edge = environment.edge.clone().or(login.edge.clone());
            let endpoints = Endpoints::twilio(region.as_deref(), edge.as_deref()).map_err(usage)?;
            let transport = over_http(&endpoints)?;
            Ok(connect("live", transport, endpoints, login))
        }
        Some(other) => {
            let message = format!("`{other}` is not a target");
            let help = match text::nearest(other, ["live", EMULATOR]) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "say live, emulator, or a URL such as http://127.0.0.1:8787".to_owned(),
            };
            Err(Failure::new(Exit::Usage, message).with_help(help))
        }
    }
}

/// The target of the command line, else the environment's. The spec cannot send credentials to
/// another machine: who may change it need not be who may see them.
fn chosen<'a>(
    args: &'a TargetArgs,
    environment: &'a Environment,
) -> Result<Option<&'a str>, Failure> {
    if let Some(target) = &args.target {
        return Ok(Some(target));
    }
    let Some(target) = &environment.target else { return Ok(None) };
    if target.contains("://") && !Endpoints::at(target).map_err(usage)?.is_loopback() {
        let message = format!("the spec names {target} as a target, which is another machine");
        let failure = Failure::new(Exit::Usage, message);
        return Err(failure.with_help("credentials are sent there only with --target"));
    }
    Ok(Some(target))
}

/// The same for those who only look.
pub(super) fn look_beside(
    accounts: &Accounts,
    global: &Global,
    args: &TargetArgs,
    environment: &Environment,
) -> Result<Looking, Failure> {
    let Session { name, reader, account_sid, embedded, .. } =
        open_beside(accounts, global, args, environment)?;
    Ok(Looking { name, reader, account_sid, embedded })
}

/// The emulator's own credentials, which are no secret.
fn emulators_own() -> credentials::Login {
    credentials::Login {
        credentials: Credentials::new(emulator::ACCOUNT_SID, emulator::AUTH_TOKEN),
        account_sid: Some(emulator::ACCOUNT_SID.to_owned()),
        region: None,
        edge: None,
        source: "the emulator".to_owned(),
    }
}

/// How fast. Nothing on this machine needs protection, unless somebody asks for it.
fn budget(args: &TargetArgs, endpoints: &Endpoints) -> Budget {
    let budget = match endpoints.is_loopback() {
        true => Budget::unlimited(),
        false => Budget::new(args.reserve),
    };
    args.rates.iter().fold(budget, |budget, rate| budget.with(*rate))
}

/// The embedded emulator with its data in `path`.
pub(super) fn open_emulator(
    path: &Utf8Path,
    options: emulator::Options,
) -> Result<Emulator, Failure> {
    let failure = |error: &dyn std::fmt::Display, help: &str| {
        let message = format!("cannot open the emulator's data: {error}");
        Failure::new(Exit::Unreachable, message).with_help(help)
    };
    if let Some(folder) = path.parent() {
        let help = "the emulator keeps its data there; make the folder writable";
        fs_err::create_dir_all(folder).map_err(|error| failure(&error, help))?;
        ignore_in_git(folder);
    }
    Emulator::open(path, options).map_err(|error| {
        let help = match &error {
            OpenError::Busy { .. } => "wait until that one is done, or stop it",
            OpenError::Unusable { .. } => "make the file writable, or delete it to begin anew",
            OpenError::OtherAccount { .. } => "delete the file to begin anew",
        };
        failure(&error, help)
    })
}

/// Keeps toy data out of commits, where the folder is ours. Nothing depends on it.
pub(super) fn ignore_in_git(folder: &Utf8Path) {
    let file = folder.join(".gitignore");
    if folder.file_name() == Some(".flexctl") && !file.exists() {
        let _ = fs_err::write(file, "*\n");
    }
}

/// Where the emulator of a spec keeps its data; each environment is an account of its own.
pub(super) fn data_file(spec: &Utf8Path, environment: Option<&str>) -> Utf8PathBuf {
    let folder = spec.parent().unwrap_or(Utf8Path::new("")).join(".flexctl");
    match environment {
        None => folder.join("emulator.redb"),
        Some(name) => folder.join(format!("emulator.{}.redb", file_name(name))),
    }
}

fn login(
    args: &TargetArgs,
    environment: &Environment,
) -> Result<credentials::Login, credentials::CredentialsError> {
    let env: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let config = match credentials::config_path(&env).map(fs_err::read_to_string) {
        Some(Ok(text)) => Some(text),
        Some(Err(error)) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(credentials::CredentialsError::Config(error.to_string()));
        }
        Some(Err(_)) | None => None,
    };
    let wish = credentials::Wish {
        profile: args.profile.as_deref(),
        env_prefix: environment.env_prefix.as_deref(),
        or_profile: environment.profile.as_deref(),
    };
    credentials::resolve(&env, config.as_deref(), &wish)
}

fn usage(error: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Usage, error.to_string())
}

fn no_login(error: credentials::CredentialsError) -> Failure {
    // No others are taken for those that the environment names.
    let p = match &error {
        credentials::CredentialsError::NonePrefixed { prefix } => prefix.as_str(),
        _ => "",
    };
    let help = format!(
        "for your account set {p}TWILIO_ACCOUNT_SID and {p}TWILIO_AUTH_TOKEN (or {p}TWILIO_API_KEY \
         and {p}TWILIO_API_SECRET), or use --profile; to try it without an account use \
         --target emulator"
    );
    Failure::new(Exit::Unreachable, error).with_help(help)
}

/// How a run ends when TaskRouter could not be read.
pub(super) fn failure(error: LiveError) -> Failure {
    let exit = match &error {
        LiveError::NoWorkspace { .. }
        | LiveError::WhichWorkspace { .. }
        | LiveError::SeveralWorkspaces { .. } => Exit::Refused,
        _ => Exit::Unreachable,
    };
    let help = match &error {
        LiveError::NoWorkspace { name, known } => {
            text::nearest(name, known.iter().map(String::as_str))
                .map(|near| format!("did you mean `{near}`? flexctl never creates a workspace"))
        }
        LiveError::Unreachable { source: SendError::Connect { host, reason }, .. }
            if is_this_machine(host) =>
        {
            Some(match reason.contains("InvalidContentType") {
                true => "it does not speak TLS there; write http://".to_owned(),
                false => "nothing listens there; start one with `flexctl emulator`".to_owned(),
            })
        }
        LiveError::Deadline { .. } => {
            Some("nothing was changed; give it more time with --deadline".to_owned())
        }
        _ => None,
    };
    let failure = Failure::new(exit, error);
    match help {
        Some(help) => failure.with_help(help),
        None => failure,
    }
}

fn is_this_machine(host: &str) -> bool {
    ["127.", "localhost", "[::1]"].iter().any(|start| host.starts_with(start))
}
