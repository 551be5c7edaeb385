//! What goes wrong between a client and the API, on purpose and repeatably.

use std::collections::BTreeMap;
use std::time::Duration;

use sha2::{Digest, Sha256};

/// What goes wrong with one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 429; nothing is carried out.
    TooMany {
        /// Seconds, in `Retry-After`; no header without.
        retry_after: Option<u32>,
    },
    /// 503; nothing is carried out.
    Unavailable,
    /// 500 although the request was carried out.
    ErrorAfter,
    /// The connection breaks before the request is carried out.
    CutBefore,
    /// The request is carried out, and the connection breaks before the answer.
    CutAfter,
    /// The answer takes this long.
    Slow(Duration),
    /// A read is answered as it was before the last write.
    Stale,
    /// Somebody else's write is carried out right before the request.
    Foreign(Edit),
    /// A write by somebody else that the emulator thinks of by itself.
    SomeForeign,
}

/// A write by somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// `POST` or `DELETE`.
    pub method: String,
    /// From `/v1` on.
    pub path: String,
    /// The body as a form, encoded.
    pub form: String,
}

/// Which request meets which fault. The same faults and the same requests in the same order go
/// wrong in the same way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    script: BTreeMap<u64, Vec<Fault>>,
    random: Option<Random>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Random {
    seed: u64,
    percent: u8,
    others: Others,
}

/// Whether somebody else writes too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    Write,
    Rest,
}

impl Faults {
    /// No faults.
    pub fn none() -> Self {
        Self::default()
    }

    /// A fault at one request, counted from 0; further ones are added to it.
    #[must_use]
    pub fn at(mut self, request: u64, fault: Fault) -> Self {
        self.script.entry(request).or_default().push(fault);
        self
    }

    /// A fault of any kind at so many requests of a hundred.
    #[must_use]
    pub fn random(self, seed: u64, percent: u8, others: Others) -> Self {
        Self { random: Some(Random { seed, percent: percent.min(100), others }), ..self }
    }

    /// What goes wrong with a request.
    pub(super) fn of(&self, request: u64) -> Vec<Fault> {
        let mut faults = self.script.get(&request).cloned().unwrap_or_default();
        faults.extend(self.random.and_then(|random| random.fault(request)));
        faults
    }

    /// Whether what was before the last write has to be kept.
    pub(super) fn look_back(&self) -> bool {
        self.random.is_some() || self.script.values().flatten().any(|fault| *fault == Fault::Stale)
    }
}

impl Random {
    fn fault(self, request: u64) -> Option<Fault> {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(request.to_be_bytes());
        let dice = hash.finalize();
        if u16::from_be_bytes([dice[0], dice[1]]) % 100 >= u16::from(self.percent) {
            return None;
        }
        let kinds = if self.others == Others::Write { 10 } else { 8 };
        let fault = match dice[2] % kinds {
            0 => Fault::TooMany { retry_after: None },
            1 => Fault::TooMany { retry_after: Some(u32::from(dice[3] % 3)) },
            2 => Fault::Unavailable,
            3 => Fault::ErrorAfter,
            4 => Fault::CutBefore,
            5 => Fault::CutAfter,
            6 => Fault::Slow(Duration::from_millis(u64::from(dice[3]))),
            7 => Fault::Stale,
            _ => Fault::SomeForeign,
        };
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_goes_wrong_in_the_same_way_and_another_in_another() {
        let of = |seed| -> Vec<Vec<Fault>> {
            let faults = Faults::none().random(seed, 30, Others::Write);
            (0..200).map(|request| faults.of(request)).collect()
        };
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        let met = of(1).iter().filter(|faults| !faults.is_empty()).count();
        assert!((30..90).contains(&met), "{met} of 200");
    }

    #[test]
    fn a_fault_is_at_its_request_only() {
        let faults = Faults::none().at(3, Fault::CutAfter).at(3, Fault::Stale);
        assert_eq!(faults.of(3), [Fault::CutAfter, Fault::Stale]);
        assert!(faults.of(2).is_empty() && faults.of(4).is_empty());
        assert!(faults.look_back() && !Faults::none().at(0, Fault::CutAfter).look_back());
    }
}
