//! Where the working directory is in its repository.

use camino::{Utf8Path, Utf8PathBuf};

use crate::diag::Places;

/// The repository around the working directory, or that directory itself.
pub(super) fn places() -> Places {
    let here = std::env::current_dir().ok();
    match here.and_then(|here| Utf8PathBuf::from_path_buf(here).ok()) {
        Some(here) => below(&here),
        None => Places::default(),
    }
}

fn below(here: &Utf8Path) -> Places {
    let root = here.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(here);
    let below = here.strip_prefix(root).unwrap_or(Utf8Path::new(""));
    let folder = |path: &Utf8Path| match path.as_str() {
        "" => String::new(),
        path => format!("{}/", path.trim_end_matches('/')),
    };
    Places { root: folder(root), below: folder(below) }
}
