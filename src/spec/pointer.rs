//! JSON pointers (RFC 6901): how the phases of `spec` name a place in the tree.

/// The pointer to `key` below `base`; `base` is empty for the root.
pub(crate) fn join(base: &str, key: &str) -> String {
    let mut pointer = String::with_capacity(base.len() + 1 + key.len());
    pointer.push_str(base);
    pointer.push('/');
    for c in key.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
    pointer
}

/// The pointer to the item `index` of the list at `base`.
pub(crate) fn item(base: &str, index: usize) -> String {
    format!("{base}/{index}")
}

/// The unescaped steps of a pointer, from the root.
pub(crate) fn steps(pointer: &str) -> impl Iterator<Item = String> + '_ {
    pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"))
}

/// The pointer to what holds the place, and its last step unescaped. None for the root.
pub(crate) fn split_last(pointer: &str) -> Option<(&str, String)> {
    let (base, last) = pointer.rsplit_once('/')?;
    Some((base, last.replace("~1", "/").replace("~0", "~")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_undo_join() {
        let pointer = join(&item(&join("", "a/b"), 3), "~1");
        assert_eq!(pointer, "/a~1b/3/~01");
        assert_eq!(steps(&pointer).collect::<Vec<_>>(), ["a/b", "3", "~1"]);
        assert_eq!(split_last(&pointer), Some(("/a~1b/3", "~1".to_owned())));
        assert_eq!(split_last(""), None);
    }
}
