//! Which queues a rule is made for.

use std::collections::BTreeSet;

use wildmatch::WildMatch;

/// Globs over queue names: the included ones, less the excluded ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueChoice {
    /// `*` and `?` are wild; `["*"]` when the spec says nothing.
    pub include: Vec<String>,
    /// Taken away again.
    pub exclude: Vec<String>,
}

impl Default for QueueChoice {
    fn default() -> Self {
        Self { include: vec!["*".to_owned()], exclude: Vec::new() }
    }
}

impl QueueChoice {
    /// The chosen ones of these queues, in order of their names.
    pub fn of<'a>(&self, queues: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        let (include, exclude) = (Globs::new(&self.include), Globs::new(&self.exclude));
        let chosen = |queue: &&str| include.match_name(queue) && !exclude.match_name(queue);
        let mut chosen: Vec<&str> = queues.into_iter().filter(chosen).collect();
        chosen.sort_unstable();
        chosen
    }
}

/// Globs, ready to be held against many names. Most are plain names, which are looked up.
struct Globs<'a> {
    names: BTreeSet<&'a str>,
    wild: Vec<WildMatch>,
}

impl<'a> Globs<'a> {
    fn new(globs: &'a [String]) -> Self {
        let is_wild = |glob: &&str| glob.contains(['*', '?']);
        let (wild, names): (BTreeSet<&str>, _) =
            globs.iter().map(String::as_str).partition(is_wild);
        Self { names, wild: wild.into_iter().map(WildMatch::new).collect() }
    }

    fn match_name(&self, name: &str) -> bool {
        self.names.contains(name) || self.wild.iter().any(|glob| glob.matches(name))
    }
}

#[cfg(test)]
mod tests {
    use super::QueueChoice;

    #[test]
    fn queues_are_chosen_by_name_or_glob_and_taken_away_again() {
        let globs = |globs: &[&str]| globs.iter().map(|glob| (*glob).to_owned()).collect();
        let choice =
            QueueChoice { include: globs(&["B", "C*", "No"]), exclude: globs(&["C?d", "Cx"]) };
        assert_eq!(choice.of(["Cx", "Cod", "Cats", "C", "B", "A"]), ["B", "C", "Cats"]);
    }
}
