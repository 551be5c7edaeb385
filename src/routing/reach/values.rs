//! Sets of the values that an attribute may have.

/// A set of values on a line: whether it holds what lies before the first cut, and the cuts, in
/// order, at each of which that changes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line<T> {
    from_the_start: bool,
    cuts: Vec<(T, Side)>,
}

/// Where a cut is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Before,
    After,
}

impl<T: Ord + Copy> Line<T> {
    /// Everything, or nothing.
    pub(super) fn all(holds: bool) -> Self {
        Self { from_the_start: holds, cuts: Vec::new() }
    }

    /// What holds below `at`, there, and above it.
    pub(super) fn around(at: T, [below, there, above]: [bool; 3]) -> Self {
        let mut line = Self::all(below);
        line.cuts.extend((below != there).then_some((at, Side::Before)));
        line.cuts.extend((there != above).then_some((at, Side::After)));
        line
    }

    /// These points, which are in order, and nothing else.
    pub(super) fn points(points: &[T]) -> Self {
        let cuts = points.iter().flat_map(|at| [(*at, Side::Before), (*at, Side::After)]);
        Self { from_the_start: false, cuts: cuts.collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.from_the_start && self.cuts.is_empty()
    }

    /// What is not in it.
    pub(super) fn complement(&self) -> Self {
        Self { from_the_start: !self.from_the_start, cuts: self.cuts.clone() }
    }

    /// What is in both.
    pub(super) fn intersection(&self, other: &Self) -> Self {
        if let Some(whole) = [(self, other), (other, self)]
            .into_iter()
            .find_map(|(line, whole)| line.cuts.is_empty().then_some((line.from_the_start, whole)))
        {
            return if whole.0 { whole.1.clone() } else { Self::all(false) };
        }
        let (mut left, mut right) = (self.from_the_start, other.from_the_start);
        let mut line = Self::all(left && right);
        let mut holds = left && right;
        let (mut lefts, mut rights) = (self.cuts.as_slice(), other.cuts.as_slice());
        while let Some(at) = [lefts.first(), rights.first()].into_iter().flatten().min().copied() {
            if lefts.first() == Some(&at) {
                lefts = &lefts[1..];
                left = !left;
            }
            if rights.first() == Some(&at) {
                rights = &rights[1..];
                right = !right;
            }
            if holds != (left && right) {
                holds = !holds;
                line.cuts.push(at);
            }
        }
        line
    }

    /// The points, when it is nothing but points.
    pub(super) fn as_points(&self) -> Option<Vec<T>> {
        if self.from_the_start {
            return None;
        }
        let pairs = self.cuts.chunks(2).map(|pair| match pair {
            [(from, Side::Before), (to, Side::After)] if from == to => Some(*from),
            _ => None,
        });
        pairs.collect()
    }

    pub(super) fn len(&self) -> usize {
        self.cuts.len()
    }
}

/// A number that is not NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Real(pub(super) f64);

impl Eq for Real {}

impl PartialOrd for Real {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Real {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// A set of JSON values. Arrays are all in it or none, and so are objects.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Values<'e> {
    /// And missing attributes.
    pub(super) null: bool,
    pub(super) no: bool,
    pub(super) yes: bool,
    pub(super) numbers: Line<Real>,
    /// In the order of code points.
    pub(super) strings: Line<&'e str>,
    pub(super) arrays: bool,
    pub(super) objects: bool,
}

impl Values<'_> {
    /// Every value, or none.
    pub(super) fn all(holds: bool) -> Self {
        Self {
            null: holds,
            no: holds,
            yes: holds,
            numbers: Line::all(holds),
            strings: Line::all(holds),
            arrays: holds,
            objects: holds,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        let Self { null, no, yes, numbers, strings, arrays, objects } = self;
        !(*null || *no || *yes || *arrays || *objects) && numbers.is_empty() && strings.is_empty()
    }

    /// What is not in it.
    pub(super) fn complement(&self) -> Self {
        Self {
            null: !self.null,
            no: !self.no,
            yes: !self.yes,
            numbers: self.numbers.complement(),
            strings: self.strings.complement(),
            arrays: !self.arrays,
            objects: !self.objects,
        }
    }

    /// What is in both.
    pub(super) fn intersection(&self, other: &Self) -> Self {
        Self {
            null: self.null && other.null,
            no: self.no && other.no,
            yes: self.yes && other.yes,
            numbers: self.numbers.intersection(&other.numbers),
            strings: self.strings.intersection(&other.strings),
            arrays: self.arrays && other.arrays,
            objects: self.objects && other.objects,
        }
    }

    /// How much there is to go through.
    pub(super) fn len(&self) -> usize {
        1 + self.numbers.len() + self.strings.len()
    }
}

#[cfg(test)]
mod tests {
    use super::Line;

    /// Which of 0 to 9 are in it.
    fn members(line: &Line<i32>) -> Vec<i32> {
        let within = |at: &i32| !line.intersection(&Line::points(&[*at])).is_empty();
        (0..10).filter(within).collect()
    }

    #[test]
    fn lines_hold_points_halves_and_what_is_left() {
        let below = Line::around(4, [true, false, false]);
        assert_eq!(members(&below), [0, 1, 2, 3]);
        assert_eq!(members(&below.complement()), [4, 5, 6, 7, 8, 9]);
        let other_than = Line::around(2, [true, false, true]);
        assert_eq!(members(&below.intersection(&other_than)), [0, 1, 3]);
        let points = Line::points(&[1, 2, 8]);
        assert_eq!(members(&points.intersection(&other_than)), [1, 8]);
        assert_eq!(points.intersection(&below).as_points(), Some(vec![1, 2]));
        assert_eq!(below.as_points(), None);
        assert!(points.intersection(&points.complement()).is_empty());
        assert_eq!(members(&Line::all(true)).len(), 10);
        assert!(below.intersection(&Line::around(4, [false, false, true])).is_empty());
    }

    #[test]
    fn every_combination_of_small_sets_is_met() {
        let lines: Vec<Line<i32>> = (0..5)
            .flat_map(|at| {
                (0..8).map(move |bits| Line::around(at, [bits & 1 > 0, bits & 2 > 0, bits & 4 > 0]))
            })
            .collect();
        for a in &lines {
            for b in &lines {
                let both: Vec<i32> =
                    members(a).into_iter().filter(|at| members(b).contains(at)).collect();
                assert_eq!(members(&a.intersection(b)), both, "{a:?} {b:?}");
                assert_eq!(a.intersection(b), b.intersection(a));
            }
        }
    }
}
