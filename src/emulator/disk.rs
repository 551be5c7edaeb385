//! The account in a file: one table for each kind, one durable transaction for each write.

use std::fmt;
use std::path::{Path, PathBuf};

use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition};

use super::activity::Activity;
use super::chat_service::ChatService;
use super::conversations_configuration::ConversationsConfiguration;
use super::event::Event;
use super::flex_configuration::FlexConfiguration;
use super::options::Options;
use super::reservation::Reservation;
use super::role::Role;
use super::store::{Entry, Record, Store};
use super::task::Task;
use super::task_channel::TaskChannel;
use super::task_queue::TaskQueue;
use super::worker::Worker;
use super::workflow::Workflow;
use super::workspace::Workspace;

/// Changes when old files can no longer be read.
const FORMAT: &str = "1";

const ABOUT: TableDefinition<'static, &str, &str> = TableDefinition::new("about");

type Rows = TableDefinition<'static, &'static str, &'static [u8]>;

/// Why an emulator's file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("{path} is in use by another emulator")]
    Busy { path: PathBuf },
    /// It cannot be read or written.
    #[error("cannot use {path} as an emulator's file: {reason}")]
    Unusable { path: PathBuf, reason: String },
    /// It belongs to another account.
    #[error("{path} holds the account {found}, not {wanted}")]
    OtherAccount { path: PathBuf, found: String, wanted: String },
}

/// The file.
pub(super) struct Disk {
    database: Database,
    path: PathBuf,
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disk").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Disk {
    /// Opens the file, or makes it and the folders above it.
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        let unusable = |reason: String| OpenError::Unusable { path: path.to_owned(), reason };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| unusable(error.to_string()))?;
        }
        let database = Database::create(path).map_err(|error| match error {
            redb::DatabaseError::DatabaseAlreadyOpen => OpenError::Busy { path: path.to_owned() },
            other => unusable(other.to_string()),
        })?;
        Ok(Self::new(database, path.to_owned()))
    }

    /// A database that is open already; `path` is for people.
    pub(super) fn new(database: Database, path: PathBuf) -> Self {
        Self { database, path }
    }

    /// What the file holds; none when it is new.
    pub(super) fn load(&self, options: &Options) -> Result<Option<Store>, OpenError> {
        let read = self.read(options).map_err(|error| self.unusable(error.to_string()))?;
        let Some((store, account, format)) = read else { return Ok(None) };
        if format != FORMAT {
            return Err(self.unusable(format!("its format is {format}, not {FORMAT}")));
        }
        if account != options.account_sid {
            return Err(OpenError::OtherAccount {
                path: self.path.clone(),
                found: account,
                wanted: options.account_sid.clone(),
            });
        }
        Ok(Some(store))
    }

    /// What is said when something is wrong with the file.
    pub(super) fn unusable(&self, reason: String) -> OpenError {
        OpenError::Unusable { path: self.path.clone(), reason }
    }

    fn read(&self, options: &Options) -> Result<Option<(Store, String, String)>, Failure> {
        let transaction = self.database.begin_read()?;
        let about = match transaction.open_table(ABOUT) {
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(None),
            about => about?,
        };
        let text = |key: &str| -> Result<String, Failure> {
            let found = about.get(key)?.map(|value| value.value().to_owned());
            found.ok_or_else(|| Failure(format!("it has no {key}")))
        };
        let number = |key: &str| -> Result<u64, Failure> {
            text(key)?.parse().map_err(|_| Failure(format!("{key} is not a number")))
        };
        let (account, format) = (text("account_sid")?, text("format")?);
        let mut store = Store::empty(options, number("sid_seed")?);
        store.next_sequence = number("next_sequence")?;
        load::<Workspace>(&transaction, &mut store)?;
        load::<Activity>(&transaction, &mut store)?;
        load::<TaskChannel>(&transaction, &mut store)?;
        load::<TaskQueue>(&transaction, &mut store)?;
        load::<Workflow>(&transaction, &mut store)?;
        load::<Worker>(&transaction, &mut store)?;
        load::<ChatService>(&transaction, &mut store)?;
        load::<Role>(&transaction, &mut store)?;
        load::<ConversationsConfiguration>(&transaction, &mut store)?;
        load::<Task>(&transaction, &mut store)?;
        load::<Reservation>(&transaction, &mut store)?;
        load::<Event>(&transaction, &mut store)?;
        load::<FlexConfiguration>(&transaction, &mut store)?;
        store.keeps_journal = true;
        Ok(Some((store, account, format)))
    }

    /// Writes the journal of `store` down. When this returns, it is on the disk.
    pub(super) fn commit(&self, store: &Store) -> Result<(), Failure> {
        let transaction = self.database.begin_write()?;
        {
            let mut about = transaction.open_table(ABOUT)?;
            about.insert("format", FORMAT)?;
            about.insert("account_sid", store.account_sid.as_str())?;
            about.insert("sid_seed", store.sid_seed.to_string().as_str())?;
            about.insert("next_sequence", store.next_sequence.to_string().as_str())?;
        }
        // Entries of one table come together more often than not.
        for entries in store.journal.chunk_by(|a, b| a.table == b.table) {
            let Some(first) = entries.first() else { continue };
            let mut rows = transaction.open_table(Rows::new(first.table))?;
            for Entry { sid, record, .. } in entries {
                match record {
                    Some(bytes) => drop(rows.insert(sid.as_str(), bytes.as_slice())?),
                    None => drop(rows.remove(sid.as_str())?),
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }
}

fn load<T: Record>(transaction: &ReadTransaction, store: &mut Store) -> Result<(), Failure> {
    let rows = match transaction.open_table(Rows::new(T::TABLE)) {
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(()),
        rows => rows?,
    };
    for row in rows.iter()? {
        let (sid, bytes) = row?;
        let record: T = serde_json::from_slice(bytes.value())
            .map_err(|error| Failure(format!("{}: {error}", sid.value())))?;
        store.put(record);
    }
    Ok(())
}

/// What went wrong with the file.
#[derive(Debug)]
pub(super) struct Failure(String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: Into<redb::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into().to_string())
    }
}
