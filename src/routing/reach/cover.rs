//! Proofs that some filters take every task that another one would take.
//!
//! The prover is sound and not complete: a proof stands, and the lack of one says nothing. What it
//! does for one filter is bounded, and the earlier filters that may matter are looked up by the
//! constants that they ask for, so that a long list of filters is read in linear time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::atom::{Atoms, Form, Subject};
use super::cubes::{Cube, Formula};
use super::state::State;
use crate::expr::{Certainty, Literal};

/// How many earlier alternatives are held against one alternative at most.
const MOST_CANDIDATES: usize = 64;
/// How many of those that ask for no constant.
const MOST_VAGUE: usize = 16;
/// How many steps a proof may take, by the sizes of what is gone through.
const MOST_EFFORT: usize = 4000;
/// How many more for each part of the alternative that is to be covered.
const EFFORT_FOR_EACH: usize = 32;

/// Formulas that take tasks for good, by the constants that they ask for.
#[derive(Debug, Default)]
pub(super) struct Takers {
    /// Which formula, by the caller's number, and one of its alternatives.
    cubes: Vec<(usize, Cube)>,
    by_key: HashMap<Key, Vec<usize>>,
    /// Those that are about presence or time alone, and so may take everything together.
    loose: Vec<usize>,
    catch_all: Option<usize>,
    loose_ands: BTreeSet<usize>,
    effort: usize,
}

/// What an alternative asks for, in one of its comparisons.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// This constant.
    Point(usize, String),
    /// That this very comparison holds.
    Atom(usize),
    /// Anything of this attribute.
    Path(usize),
}

/// Why a formula takes no task that is left over.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Proof {
    /// The formulas that take its tasks, in order.
    pub(super) takers: Vec<usize>,
    pub(super) certainty: Certainty,
}

/// How certain it is that the formula holds for nothing, and the comparisons of one alternative
/// that exclude each other; none when it may hold.
pub(super) fn never(formula: &Formula, atoms: &Atoms<'_>) -> Option<(Certainty, Vec<String>)> {
    let cubes = formula.cubes.as_ref()?;
    let impossible = |trust| cubes.iter().all(|cube| suppose(cube, trust, atoms).is_none());
    if !impossible(Certainty::Unspecified) {
        return None;
    }
    let certainty = strongest(formula.certainty, cubes.iter(), atoms, &impossible);
    let because = cubes.first().map(|cube| conflict(cube, atoms)).unwrap_or_default();
    Some((certainty, because))
}

/// The state in which all comparisons of a cube hold.
fn suppose<'e>(cube: &Cube, trust: Certainty, atoms: &Atoms<'e>) -> Option<State<'e>> {
    cube.iter().try_fold(State::new(trust), |state, atom| state.and(*atom, atoms))
}

/// The fewest comparisons, of those that a look at single ones and pairs finds, that cannot hold
/// together.
fn conflict(cube: &Cube, atoms: &Atoms<'_>) -> Vec<String> {
    let impossible = |some: &Cube| suppose(some, Certainty::Unspecified, atoms).is_none();
    let last = (0..cube.len()).find(|last| impossible(&cube[..=*last].to_vec()));
    let last = last.map_or(0, |last| cube[last]);
    let single = Some(vec![last]).filter(impossible);
    let pair = || cube.iter().map(|first| vec![*first, last]).find(impossible);
    let conflict = single.or_else(pair).unwrap_or_else(|| cube.clone());
    conflict.iter().map(|atom| atoms.get(*atom).text.clone()).collect()
}

/// The least that a proof has to rely on, given that it stands when everything is relied on.
fn strongest<'a>(
    certainty: Certainty,
    cubes: impl Iterator<Item = &'a Cube>,
    atoms: &Atoms<'_>,
    stands: &dyn Fn(Certainty) -> bool,
) -> Certainty {
    let used: BTreeSet<usize> = cubes.flatten().copied().collect();
    let mut strongest = Certainty::Unspecified;
    for trust in [Certainty::Assumed, Certainty::Documented] {
        if trust < certainty || alike(&used, trust, atoms) || !stands(trust) {
            break;
        }
        strongest = trust;
    }
    strongest
}

/// Whether some reading, of those that `trust` leaves open, makes different constants equal with
/// which one attribute is compared.
fn alike(used: &BTreeSet<usize>, trust: Certainty, atoms: &Atoms<'_>) -> bool {
    let mut seen: BTreeMap<(usize, String), &Literal> = BTreeMap::new();
    let (mut ordered, mut convertible) = (BTreeSet::new(), BTreeSet::new());
    for atom in used {
        let atom = atoms.get(*atom);
        let Subject::Path(of) = &atom.subject else { continue };
        if of.form == Form::Order {
            ordered.insert(of.path);
        }
        for constant in atom.constants() {
            let folded = fold(constant, trust);
            match constant {
                Literal::String(_) if folded.starts_with('\'') => {}
                Literal::String(_) | Literal::Boolean(_) => _ = convertible.insert(of.path),
                Literal::Number(_) | Literal::Null => {}
            }
            let known = *seen.entry((of.path, folded)).or_insert(constant);
            if known != constant {
                return true;
            }
        }
    }
    ordered.intersection(&convertible).next().is_some()
}

/// A text that two constants share when some reading makes them equal.
fn fold(constant: &Literal, trust: Certainty) -> String {
    match constant {
        Literal::Null => "null".to_owned(),
        Literal::Boolean(value) => u8::from(*value).to_string(),
        Literal::Number(number) => number.to_string(),
        Literal::String(text) => {
            let word = text.trim().to_ascii_lowercase();
            match (word.as_str(), word.parse::<f64>()) {
                ("true", _) => "1".to_owned(),
                ("false", _) => "0".to_owned(),
                (_, Ok(number)) => number.to_string(),
                _ if trust == Certainty::Documented => format!("'{}", text.to_ascii_lowercase()),
                _ => format!("'{text}"),
            }
        }
    }
}

impl Takers {
    /// Adds a formula, by a number that is higher than all before.
    pub(super) fn add(&mut self, number: usize, formula: &Formula, atoms: &Atoms<'_>) {
        if formula.is_catch_all() {
            self.catch_all.get_or_insert(number);
        }
        if formula.certainty > Certainty::Documented {
            self.loose_ands.insert(number);
        }
        for cube in formula.cubes.iter().flatten() {
            if suppose(cube, Certainty::Unspecified, atoms).is_none() {
                continue;
            }
            let place = self.cubes.len();
            if cube.iter().all(|atom| atoms.get(*atom).timed || is_presence(*atom, atoms)) {
                self.loose.push(place);
            } else if let Some(keys) = self.best_keys(cube, atoms) {
                for key in keys {
                    self.by_key.entry(key).or_default().push(place);
                }
            }
            self.cubes.push((number, cube.clone()));
        }
    }

    /// The first formula that holds for everything.
    pub(super) fn catch_all(&self) -> Option<usize> {
        self.catch_all
    }

    /// How much was gone through so far.
    pub(super) fn effort(&self) -> usize {
        self.effort
    }

    /// The keys of the comparison that fewest others ask for.
    fn best_keys(&self, cube: &Cube, atoms: &Atoms<'_>) -> Option<Vec<Key>> {
        let crowd = |keys: &Vec<Key>| {
            keys.iter().map(|key| self.by_key.get(key).map_or(0, Vec::len)).max().unwrap_or(0)
        };
        let keys = cube.iter().map(|atom| required(*atom, atoms));
        keys.min_by_key(|keys| (vagueness(keys), crowd(keys)))
    }

    /// Shows that these formulas, without those that `usable` leaves out, take every task for
    /// which `formula` holds.
    pub(super) fn cover(
        &mut self,
        formula: &Formula,
        atoms: &Atoms<'_>,
        usable: &dyn Fn(usize, bool) -> bool,
    ) -> Option<Proof> {
        if let Some(catch_all) = self.catch_all.filter(|number| usable(*number, false)) {
            let certainty = formula.certainty.max(self.certainty(catch_all));
            return Some(Proof { takers: vec![catch_all], certainty });
        }
        let mut takers = BTreeSet::new();
        let mut certainty = formula.certainty;
        for cube in formula.cubes.as_ref()? {
            let candidates = self.candidates(cube, atoms, usable);
            self.effort += candidates.len() + 1;
            let (places, least) = self.prove(cube, &candidates, atoms)?;
            certainty = certainty.max(least);
            takers.extend(places.iter().map(|place| self.cubes[*place].0));
        }
        let certainty =
            takers.iter().fold(certainty, |least, number| least.max(self.certainty(*number)));
        Some(Proof { takers: takers.into_iter().collect(), certainty })
    }

    fn certainty(&self, number: usize) -> Certainty {
        if self.loose_ands.contains(&number) { Certainty::Assumed } else { Certainty::Documented }
    }

    /// The alternatives that may hold together with `cube`, in order; not all of them.
    fn candidates(
        &self,
        cube: &Cube,
        atoms: &Atoms<'_>,
        usable: &dyn Fn(usize, bool) -> bool,
    ) -> Vec<usize> {
        let mut places: BTreeSet<usize> = self.loose.iter().copied().take(MOST_VAGUE).collect();
        for key in cube.iter().flat_map(|atom| offered(*atom, atoms)) {
            let most = if matches!(key, Key::Path(_)) { MOST_VAGUE } else { MOST_CANDIDATES };
            let found = self.by_key.get(&key).into_iter().flatten();
            places.extend(found.copied().take(most));
            if places.len() > 2 * MOST_CANDIDATES {
                break;
            }
        }
        let usable = |place: &usize| {
            let (number, cube) = &self.cubes[*place];
            usable(*number, cube.iter().any(|atom| atoms.get(*atom).timed))
        };
        places.into_iter().filter(usable).take(MOST_CANDIDATES).collect()
    }

    /// Shows that the candidates hold wherever `cube` does. Gives those that it takes, and what
    /// the proof relies on.
    fn prove(
        &mut self,
        cube: &Cube,
        candidates: &[usize],
        atoms: &Atoms<'_>,
    ) -> Option<(BTreeSet<usize>, Certainty)> {
        let Some(state) = suppose(cube, Certainty::Unspecified, atoms) else {
            let impossible = |trust| suppose(cube, trust, atoms).is_none();
            let all = Certainty::Documented;
            let certainty = strongest(all, std::iter::once(cube), atoms, &impossible);
            return Some((BTreeSet::new(), certainty));
        };
        let budget = MOST_EFFORT + EFFORT_FOR_EACH * state.len();
        let mut effort = budget;
        let mut places = BTreeSet::new();
        let alone = |effort: &mut usize| {
            candidates
                .iter()
                .find(|place| self.within(&state, &[**place], atoms, effort, &mut BTreeSet::new()))
        };
        let covered = match alone(&mut effort) {
            Some(place) => places.insert(*place),
            None => self.within(&state, candidates, atoms, &mut effort, &mut places),
        };
        self.effort += budget - effort;
        if !covered {
            return None;
        }
        let chosen: Vec<usize> = places.iter().copied().collect();
        let stands = |trust| {
            suppose(cube, trust, atoms).is_none_or(|state| {
                self.within(&state, &chosen, atoms, &mut { budget }, &mut BTreeSet::new())
            })
        };
        let used = chosen.iter().map(|place| &self.cubes[*place].1).chain(std::iter::once(cube));
        let certainty = strongest(Certainty::Documented, used, atoms, &stands);
        Some((places, certainty))
    }

    /// Whether every task of which `state` is true is taken. Collects which alternatives it takes.
    fn within(
        &self,
        state: &State<'_>,
        candidates: &[usize],
        atoms: &Atoms<'_>,
        effort: &mut usize,
        places: &mut BTreeSet<usize>,
    ) -> bool {
        for (at, place) in candidates.iter().enumerate() {
            let cube = &self.cubes[*place].1;
            let mut inside = Some(state.clone());
            let mut left_over = Vec::new();
            for atom in cube {
                let Some(state) = inside.take() else { break };
                let cost = state.len();
                if *effort < cost {
                    return false;
                }
                *effort -= cost;
                left_over.append(&mut state.clone().and_not(*atom, atoms));
                inside = state.and(*atom, atoms);
            }
            if inside.is_none() {
                // It takes nothing of this.
                continue;
            }
            places.insert(*place);
            // What it leaves, the others must take.
            let rest = &candidates[at + 1..];
            return left_over.iter().all(|state| self.within(state, rest, atoms, effort, places));
        }
        false
    }
}

fn is_presence(atom: usize, atoms: &Atoms<'_>) -> bool {
    let atom = atoms.get(atom);
    matches!(atom.subject, Subject::Path(_)) && atom.constants().all(|c| *c == Literal::Null)
}

/// The points of a comparison that asks for one of some constants.
fn points(atom: usize, atoms: &Atoms<'_>) -> Option<Vec<Key>> {
    let atom = atoms.get(atom);
    match &atom.subject {
        Subject::Path(of) if of.form == Form::Equal => {
            let keys = atom.constants().map(|constant| Key::Point(of.path, constant.to_string()));
            Some(keys.collect())
        }
        _ => None,
    }
}

/// How little a comparison with these keys asks for.
fn vagueness(keys: &[Key]) -> u8 {
    match keys {
        [Key::Path(_)] => 2,
        [Key::Point(_, constant)] if constant == "null" => 1,
        _ => 0,
    }
}

/// Keys of which a cube with this comparison offers at least one to whoever holds it against
/// another.
fn required(atom: usize, atoms: &Atoms<'_>) -> Vec<Key> {
    if let Some(points) = points(atom, atoms) {
        return points;
    }
    match &atoms.get(atom).subject {
        Subject::Path(of) if !matches!(of.form, Form::Has(..)) => vec![Key::Path(of.path)],
        _ => vec![Key::Atom(atom)],
    }
}

/// The keys by which a cube with this comparison finds what may take its tasks.
fn offered(atom: usize, atoms: &Atoms<'_>) -> Vec<Key> {
    let mut keys = points(atom, atoms).unwrap_or_default();
    keys.push(Key::Atom(atom));
    if let Subject::Path(of) = &atoms.get(atom).subject {
        keys.push(Key::Path(of.path));
    }
    keys
}
