//! Files as they would be, over those on disk.

use std::collections::BTreeMap;
use std::io;

use crate::cli::files::Disk;
use crate::spec::Files;

/// The texts of files that are to be changed, by path.
#[derive(Clone, Debug, Default)]
pub(super) struct Overlay {
    /// Before and after.
    texts: BTreeMap<String, (String, String)>,
}

impl Overlay {
    /// Puts a text over a file that holds `before` now.
    pub(super) fn put(&mut self, file: &str, before: &str, after: String) {
        let first = || (before.to_owned(), String::new());
        self.texts.entry(file.to_owned()).or_insert_with(first).1 = after;
    }

    /// Each changed file with its two texts.
    pub(super) fn changed(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let all = self
            .texts
            .iter()
            .map(|(file, (before, after))| (file.as_str(), before.as_str(), after.as_str()));
        all.filter(|(_, before, after)| before != after)
    }
}

impl Files for Overlay {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        match self.texts.get(path) {
            Some((_, after)) => Ok(after.clone().into_bytes()),
            None => Disk.read(path),
        }
    }

    fn glob(&self, from: &str, pattern: &str) -> io::Result<Vec<String>> {
        Disk.glob(from, pattern)
    }
}
