//! How long it takes to carry out a plan.

use std::collections::BTreeMap;

use super::{Action, Change, Plan};
use crate::model::Kind;

/// Writes that are sent one after the other, at a rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lane {
    /// Writes of one name wait for each other; those of different names do not.
    pub name: &'static str,
    /// More than none.
    pub per_second: f64,
}

/// How long writes take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// In the lane that takes longest.
    pub seconds: f64,
    /// That lane's rate.
    pub per_second: f64,
}

impl Estimate {
    /// So many writes of each kind, without what has to be repeated; none when no lane bounds
    /// them, and then nobody knows.
    pub fn of(
        requests: impl IntoIterator<Item = (Kind, usize)>,
        lane: impl Fn(Kind) -> Option<Lane>,
    ) -> Option<Self> {
        let mut lanes: BTreeMap<&str, (usize, f64)> = BTreeMap::new();
        for (kind, count) in requests {
            let Some(Lane { name, per_second }) = lane(kind).filter(|_| count > 0) else {
                continue;
            };
            lanes.entry(name).or_insert((0, per_second)).0 += count;
        }
        let time = |(count, per_second): (usize, f64)| {
            #[expect(clippy::cast_precision_loss, reason = "nobody plans 2^52 requests")]
            let seconds = count as f64 / per_second;
            Self { seconds, per_second }
        };
        lanes.into_values().map(time).max_by(|a, b| a.seconds.total_cmp(&b.seconds))
    }

    /// `20 s`, `12 min`, `3 h 20 min`; rounded up.
    pub fn duration(&self) -> String {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
        let seconds = self.seconds.ceil() as u64;
        let minutes = seconds.div_ceil(60);
        match (seconds, minutes) {
            (0..=90, _) => format!("{} s", seconds.max(1)),
            (_, 0..=90) => format!("{minutes} min"),
            _ => format!("{} h {} min", minutes / 60, minutes % 60),
        }
    }
}

impl Change {
    /// How many writes carry it out when nothing has to be repeated.
    pub fn writes(&self) -> usize {
        match self.action {
            Action::Create | Action::Update | Action::Delete => 1,
            // Aside with the old one, and then the new one.
            Action::Replace => 2,
        }
    }
}

impl Plan {
    /// How many requests carry the plan out when nothing has to be repeated: the writes, and the
    /// looks right before them.
    pub fn requests(&self) -> usize {
        self.changes.iter().map(|change| change.writes() + self.looks(change)).sum()
    }

    /// What is there is looked at once more before it is written, and a name that may repeat is
    /// looked up before it is given.
    fn looks(&self, change: &Change) -> usize {
        let seen = change.sid.as_ref().is_some_and(|sid| self.seen.contains_key(sid));
        let makes = matches!(change.action, Action::Create | Action::Replace);
        let repeats = matches!(change.address.kind, Kind::Activity | Kind::Workflow | Kind::Role);
        usize::from(seen) + usize::from(makes && repeats)
    }

    /// How long its writes take.
    pub fn estimate(&self, lane: impl Fn(Kind) -> Option<Lane>) -> Option<Estimate> {
        let writes = self.changes.iter().map(|change| (change.address.kind, change.writes()));
        Estimate::of(writes, lane)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lane_that_takes_longest_decides() {
        let lane = |kind| match kind {
            Kind::Queue | Kind::Workflow => Some(Lane { name: "queues", per_second: 1.0 }),
            Kind::Capacity => Some(Lane { name: "writes", per_second: 5.0 }),
            _ => None,
        };
        let of = |requests: &[(Kind, usize)]| Estimate::of(requests.iter().copied(), lane);
        let both = of(&[(Kind::Queue, 12), (Kind::Capacity, 50), (Kind::Workflow, 8)]).unwrap();
        assert_eq!((both.seconds, both.per_second), (20.0, 1.0));
        let both = of(&[(Kind::Queue, 12), (Kind::Capacity, 500)]).unwrap();
        assert_eq!((both.seconds, both.per_second), (100.0, 5.0));
        let many = [(Kind::Capacity, 1); 1000];
        assert_eq!(of(&many).unwrap().seconds, 200.0);
        assert_eq!(of(&[(Kind::Queue, 0), (Kind::Role, 7)]), None);
    }

    #[test]
    fn a_duration_has_the_unit_that_people_would_use() {
        let text = |seconds| Estimate { seconds, per_second: 1.0 }.duration();
        assert_eq!(text(0.2), "1 s");
        assert_eq!(text(89.5), "90 s");
        assert_eq!(text(91.0), "2 min");
        assert_eq!(text(5000.0), "84 min");
        assert_eq!(text(12_000.0), "3 h 20 min");
    }
}
