//! Which queues a rule is made for.

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
    /// Whether the rule is made for this queue.
    pub fn holds(&self, queue: &str) -> bool {
        let any = |globs: &[String]| globs.iter().any(|glob| WildMatch::new(glob).matches(queue));
        any(&self.include) && !any(&self.exclude)
    }

    /// The chosen ones of these queues, in order of their names.
    pub fn of<'a>(&self, queues: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        let mut chosen: Vec<&str> = queues.into_iter().filter(|queue| self.holds(queue)).collect();
        chosen.sort_unstable();
        chosen
    }
}
