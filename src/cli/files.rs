//! The spec's files on disk, and files that are written whole or not at all.

use std::io::{self, Read};

use camino::{Utf8Path, Utf8PathBuf};
use wildmatch::WildMatch;

use crate::spec::{Files, MAX_FILE_BYTES};

/// Files as the operating system has them; paths are relative to the working directory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        // One byte more than is taken, so that a file that never ends is refused, not read. The
        // plain error: who asks names the file.
        let mut bytes = Vec::new();
        std::fs::File::open(path)?.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn glob(&self, from: &str, pattern: &str) -> io::Result<Vec<String>> {
        let base = Utf8Path::new(from).parent().unwrap_or(Utf8Path::new(""));
        let mut found = vec![base.to_path_buf()];
        for part in Utf8Path::new(pattern).components() {
            let part = part.as_str();
            if !part.contains(['*', '?']) {
                for path in &mut found {
                    path.push(part);
                }
                continue;
            }
            let glob = WildMatch::new(part);
            let mut next = Vec::new();
            for folder in found {
                let here = if folder.as_str().is_empty() { Utf8Path::new(".") } else { &folder };
                let entries = match here.read_dir_utf8() {
                    Ok(entries) => entries,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(error),
                };
                for entry in entries {
                    let entry = entry?;
                    if glob.matches(entry.file_name()) {
                        next.push(folder.join(entry.file_name()));
                    }
                }
            }
            found = next;
        }
        found.retain(|path| path.is_file());
        found.sort();
        Ok(found.into_iter().map(Utf8PathBuf::into_string).collect())
    }
}

/// A name as the name of a file: what may mean something to a file system is written `%2F`.
pub(super) fn file_name(name: &str) -> String {
    let mut file = String::with_capacity(name.len());
    for (at, byte) in name.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        if plain || (byte == b'.' && at > 0) {
            file.push(char::from(byte));
        } else {
            file.push_str(&format!("%{byte:02X}"));
        }
    }
    file
}

/// Puts `bytes` in place of what is at `path`, whole or not at all; makes the folder when it is
/// missing and keeps the old file's permissions.
pub(super) fn replace_file(path: &Utf8Path, bytes: &[u8]) -> io::Result<()> {
    let permissions = match fs_err::metadata(path) {
        Ok(metadata) => metadata.permissions(),
        Err(_) => default_permissions(),
    };
    put(path, bytes, Some(permissions))
}

/// The same, for nobody but the user to read.
pub(super) fn replace_private_file(path: &Utf8Path, bytes: &[u8]) -> io::Result<()> {
    put(path, bytes, None)
}

/// A file without other permissions is the user's own.
fn put(path: &Utf8Path, bytes: &[u8], permissions: Option<std::fs::Permissions>) -> io::Result<()> {
    use io::Write;
    // A link is followed, not replaced.
    let real = path.canonicalize_utf8();
    let path = real.as_deref().unwrap_or(path);
    let folder = path.parent().filter(|folder| !folder.as_str().is_empty());
    let folder = folder.unwrap_or(Utf8Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".flexctl-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    permissions.map_or(Ok(()), |permissions| file.as_file().set_permissions(permissions))?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(unix)]
fn default_permissions() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    std::fs::Permissions::from_mode(0o644)
}
