//! A fleet: a spec, and an account with a server of its own for each of its environments.

use std::collections::BTreeSet;
use std::process::Output;

use super::desk::Desk;
use super::servers::{Servers, token};

/// What every environment is to have; a site may make Break available, which replaces it.
pub(crate) const SPEC: &str = "\
version: 1
workspace: { friendly_name: Flex Task Assignment }
variables: { rest: false, reserved: 1 }
activities:
  Break: { available: \"${var.rest}\" }
queues:
  Everyone: { target_workers: 1==1 }
  Sales:
    target_workers: routing.skills HAS 'sales'
    max_reserved_workers: ${var.reserved}
outputs:
  - file: sids.env
    values: { SALES: \"${queue['Sales'].sid}\" }
environments:
";

pub(crate) fn account(number: usize) -> String {
    format!("AC{number:032x}")
}

pub(crate) fn name(number: usize) -> String {
    format!("site-{number:02}")
}

/// What the names of a site's credentials begin with.
pub(crate) fn prefix(number: usize) -> String {
    format!("SITE_{number:02}_")
}

/// What tells the environments' queues apart.
pub(crate) fn reserved(number: usize) -> usize {
    number % 50 + 1
}

/// A fleet of accounts, each with an environment and a server of its own.
pub(crate) struct Fleet {
    pub(crate) desk: Desk,
    pub(crate) servers: Servers,
    size: usize,
    /// Sites whose token is another's.
    pub(crate) locked_out: BTreeSet<usize>,
}

impl Fleet {
    /// `extra` are more fields of an environment.
    pub(crate) fn new(size: usize, extra: impl Fn(usize) -> Option<String>) -> Self {
        let accounts: Vec<String> = (0..size).map(account).collect();
        let servers = Servers::start(&accounts);
        let mut spec = SPEC.to_owned();
        for (number, account) in accounts.iter().enumerate() {
            let target = format!(", target: \"{}\"", servers.get(number).url);
            let extra = extra(number).unwrap_or_default();
            let target = if extra.contains("target") { String::new() } else { target };
            let (name, prefix) = (name(number), prefix(number));
            spec.push_str(&format!(
                "  {name}: {{ account_sid: {account}, env_prefix: {prefix}{target}{extra} }}\n"
            ));
        }
        Self { desk: Desk::new(&spec), servers, size, locked_out: BTreeSet::new() }
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        let mut command = self.desk.command(args);
        command.envs((0..self.size).flat_map(|number| {
            let prefix = prefix(number);
            self.secret(number).map(|(key, value)| (format!("{prefix}{key}"), value))
        }));
        command.output().expect("the binary starts")
    }

    /// The credentials of a site, as its secret names them.
    pub(crate) fn secret(&self, number: usize) -> [(&'static str, String); 2] {
        let account = account(number);
        let token = match self.locked_out.contains(&number) {
            true => "another's".to_owned(),
            false => token(&account),
        };
        [("TWILIO_ACCOUNT_SID", account), ("TWILIO_AUTH_TOKEN", token)]
    }
}
