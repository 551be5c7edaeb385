//! Which queues a rule is made for.

use std::collections::{BTreeMap, BTreeSet};

use wildmatch::WildMatch;

/// Globs over queue names: the included ones, less the excluded ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueChoice {
    /// `*` and `?` are wild; `["*"]` when the spec says nothing.
    pub include: Vec<String>,
    /// Taken away again.
    pub exclude: Vec<String>,
    pub order: ChoiceOrder,
}

/// In which order queues are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum ChoiceOrder {
    /// By their names.
    #[default]
    ByName,
    /// As `include` lists them; the queues of one glob by their names.
    AsIncluded,
}

impl Default for QueueChoice {
    fn default() -> Self {
        Self { include: vec!["*".to_owned()], exclude: Vec::new(), order: ChoiceOrder::ByName }
    }
}

impl QueueChoice {
    /// The chosen ones of these queues, in their order.
    pub fn of<'a>(&self, queues: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        let (include, exclude) = (Globs::new(&self.include), Globs::new(&self.exclude));
        let chosen = |queue: &&str| include.match_name(queue) && !exclude.match_name(queue);
        let mut chosen: Vec<&str> = queues.into_iter().filter(chosen).collect();
        chosen.sort_unstable();
        if self.order == ChoiceOrder::AsIncluded {
            let globs: Vec<Globs<'_>> =
                self.include.iter().map(|glob| Globs::new(std::slice::from_ref(glob))).collect();
            let plain: BTreeMap<&str, usize> = self
                .include
                .iter()
                .enumerate()
                .rev()
                .map(|(at, glob)| (glob.as_str(), at))
                .collect();
            let wild: Vec<usize> =
                (0..globs.len()).filter(|at| !globs[*at].wild.is_empty()).collect();
            chosen.sort_by_key(|queue| {
                let wild = wild.iter().copied().find(|at| globs[*at].match_name(queue));
                plain.get(queue).copied().into_iter().chain(wild).min()
            });
        }
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
    use super::{ChoiceOrder, QueueChoice};

    #[test]
    fn queues_are_chosen_by_name_or_glob_and_taken_away_again() {
        let globs = |globs: &[&str]| globs.iter().map(|glob| (*glob).to_owned()).collect();
        let choice = QueueChoice {
            include: globs(&["C*", "B", "No"]),
            exclude: globs(&["C?d", "Cx"]),
            ..QueueChoice::default()
        };
        let queues = ["Cx", "Cod", "Cats", "C", "B", "A"];
        assert_eq!(choice.of(queues), ["B", "C", "Cats"]);
        let listed = QueueChoice { order: ChoiceOrder::AsIncluded, ..choice };
        assert_eq!(listed.of(queues), ["C", "Cats", "B"]);
        let first = QueueChoice { include: globs(&["Cats", "*"]), ..listed };
        assert_eq!(first.of(queues), ["Cats", "A", "B", "C"]);
    }
}
