//! What is supposed of a task.

use std::collections::BTreeMap;

use super::atom::{Atoms, Fact, Form, Subject};
use super::values::{Line, Real, Values};
use crate::expr::{Certainty, Segment};

/// What is supposed of a task: a set of values for each attribute, facts about them, and which
/// comparisons hold.
///
/// Attributes are taken to be independent, which only ever allows too much.
#[derive(Clone, Debug)]
pub(super) struct State<'e> {
    /// Only as certain results are relied on.
    trust: Certainty,
    values: BTreeMap<usize, Values<'e>>,
    facts: BTreeMap<Fact, bool>,
    /// Those facts that are about parts of strings, by path.
    parts: BTreeMap<usize, Vec<(&'e str, bool)>>,
    /// A comparison has one result, in any reading.
    results: BTreeMap<usize, bool>,
}

impl<'e> State<'e> {
    /// Nothing is supposed yet.
    pub(super) fn new(trust: Certainty) -> Self {
        Self {
            trust,
            values: BTreeMap::new(),
            facts: BTreeMap::new(),
            parts: BTreeMap::new(),
            results: BTreeMap::new(),
        }
    }

    /// Supposes that a comparison holds as well. None when that cannot be.
    pub(super) fn and(mut self, atom: usize, atoms: &Atoms<'e>) -> Option<Self> {
        if *self.results.entry(atom).or_insert(true) {
            match &atoms.get(atom).subject {
                Subject::Constant { holds, certainty } => {
                    (*holds || *certainty > self.trust).then_some(self)
                }
                Subject::Opaque => Some(self),
                Subject::Path(of) => {
                    let may = atoms.get(atom).may(of, self.trust);
                    self.with_fact(of.path, of.form, true)?.narrow(of.path, &may, atoms)
                }
            }
        } else {
            None
        }
    }

    /// Supposes that a comparison does not hold: in every way in which that can be.
    pub(super) fn and_not(mut self, atom: usize, atoms: &Atoms<'e>) -> Vec<Self> {
        if *self.results.entry(atom).or_insert(false) {
            return Vec::new();
        }
        match &atoms.get(atom).subject {
            Subject::Constant { holds, certainty } => {
                if *holds && *certainty <= self.trust {
                    Vec::new()
                } else {
                    vec![self]
                }
            }
            Subject::Opaque => vec![self],
            Subject::Path(of) => {
                let must = atoms.get(atom).must(of, self.trust);
                let opposite = match of.form {
                    Form::Has(..) | Form::Contains(..) => self
                        .clone()
                        .with_fact(of.path, of.form, false)
                        .and_then(|state| state.narrow(of.path, &must, atoms)),
                    Form::Equal | Form::Order | Form::Other => None,
                };
                let outside = self.narrow(of.path, &must.complement(), atoms);
                outside.into_iter().chain(opposite).collect()
            }
        }
    }

    /// Supposes the fact of a comparison, or its opposite.
    fn with_fact(mut self, path: usize, form: Form<'e>, as_asked: bool) -> Option<Self> {
        let (fact, holds) = match form {
            Form::Has(fact, asked) => (fact, asked == as_asked),
            Form::Contains(fact, part) => {
                self.parts.entry(path).or_default().push((part, as_asked));
                (fact, as_asked)
            }
            Form::Equal | Form::Order | Form::Other => return Some(self),
        };
        (*self.facts.entry(fact).or_insert(holds) == holds).then_some(self)
    }

    /// Leaves only some values of an attribute. None when none are left.
    fn narrow(mut self, path: usize, to: &Values<'e>, atoms: &Atoms<'e>) -> Option<Self> {
        let before = self.values.remove(&path);
        let mut values = match before {
            Some(values) => values.intersection(to),
            None => self.domain(path, atoms).intersection(to),
        };
        if let Some(parts) = self.parts.get(&path) {
            if let Some(points) = values.strings.as_points() {
                let trust = self.trust;
                let fits = |at: &&str| {
                    parts.iter().all(|(part, is)| {
                        // That capitals matter is assumed.
                        at.contains(part) == *is
                            || *is
                                && trust == Certainty::Documented
                                && at.to_ascii_lowercase().contains(&part.to_ascii_lowercase())
                    })
                };
                values.strings = Line::points(&points.into_iter().filter(fits).collect::<Vec<_>>());
            } else if parts.iter().any(|(whole, is)| {
                *is && parts.iter().any(|(part, is)| !is && whole.contains(part))
            }) {
                values.strings = Line::all(false);
            }
        }
        if values.is_empty() {
            return None;
        }
        self.values.insert(path, values);
        Some(self)
    }

    /// The values that an attribute can have at all.
    fn domain(&self, path: usize, atoms: &Atoms<'e>) -> Values<'e> {
        const DAYS: [&str; 7] = ["Fri", "Mon", "Sat", "Sun", "Thu", "Tue", "Wed"];
        let none = Values::all(false);
        let up_to = |last: f64| {
            let from = Line::around(Real(0.0), [false, true, true]);
            let to = Line::around(Real(last), [true, true, false]);
            Values { numbers: from.intersection(&to), ..none.clone() }
        };
        let [Segment::Key(first), Segment::Key(second)] = &atoms.path(path).segments[..] else {
            return Values::all(true);
        };
        // Documented, but not in one voice.
        if first != "taskrouter" || self.trust == Certainty::Documented {
            return Values::all(true);
        }
        match second.as_str() {
            "currentTime" => up_to(2359.0),
            "currentHour" => up_to(23.0),
            "currentMin" => up_to(59.0),
            "dayOfWeek" => Values { strings: Line::points(&DAYS), ..none },
            _ => Values::all(true),
        }
    }

    /// How much there is to go through.
    pub(super) fn len(&self) -> usize {
        1 + self.results.len() + self.values.values().map(Values::len).sum::<usize>()
    }
}
