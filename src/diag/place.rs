//! Where files are for those who look at a whole repository.

/// Where the paths of a run begin, as seen from the repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The root of the repository: an absolute path that ends with a slash.
    pub root: String,
    /// The working directory below it: empty, or a path that ends with a slash.
    pub below: String,
}

impl Places {
    /// The path of a file from the root, without `.` and `..`; as it is when it is absolute or
    /// leads out of the root.
    pub(super) fn path(&self, file: &str) -> String {
        if let Some(inside) = file.strip_prefix(&self.root).filter(|_| !self.root.is_empty()) {
            return inside.to_owned();
        }
        if file.starts_with('/') {
            return file.to_owned();
        }
        let mut parts: Vec<&str> = Vec::new();
        for part in self.below.split('/').chain(file.split('/')) {
            match part {
                "" | "." => {}
                ".." if parts.last().is_some_and(|last| *last != "..") => {
                    parts.pop();
                }
                part => parts.push(part),
            }
        }
        parts.join("/")
    }
}

/// A path as a URI reference.
pub(super) fn uri(path: &str) -> String {
    let mut out = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_begins_at_the_root_of_the_repository() {
        let places = Places { root: "/repo/".to_owned(), below: "flex/eu/".to_owned() };
        for (file, path) in [
            ("flex.yaml", "flex/eu/flex.yaml"),
            ("./more/a b.yaml", "flex/eu/more/a b.yaml"),
            ("../base.yaml", "flex/base.yaml"),
            ("/repo/flex/x.yaml", "flex/x.yaml"),
            ("/else/x.yaml", "/else/x.yaml"),
        ] {
            assert_eq!(places.path(file), path);
        }
        assert_eq!(Places::default().path("flex.yaml"), "flex.yaml");
    }

    #[test]
    fn a_uri_has_no_character_of_its_own() {
        assert_eq!(uri("a b/ü:1.yaml"), "a%20b/%C3%BC%3A1.yaml");
        assert_eq!(uri("/x/y.yaml"), "file:///x/y.yaml");
    }
}
