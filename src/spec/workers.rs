//! A file of workers, as routing tests have them.

use indexmap::IndexMap;

use super::document;
use super::lower;
use crate::model::TestWorker;

/// The workers of a YAML or JSON text: name → activity, attributes, channels, idle.
///
/// # Errors
/// It cannot be read, or holds a key that workers do not have.
pub fn read_workers(text: &str) -> Result<Vec<TestWorker>, serde_yaml::Error> {
    let workers: IndexMap<String, document::TestWorker> = serde_yaml::from_str(text)?;
    Ok(workers.iter().map(|(name, with)| lower::worker(name, with)).collect())
}
