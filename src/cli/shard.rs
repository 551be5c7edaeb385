//! A stable share of names, so that many machines handle a fleet together.

use std::str::FromStr;

use sha2::{Digest, Sha256};

/// One of so many shares, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shard {
    number: u32,
    of: u32,
}

/// So many shares at most.
const MOST: u32 = 100_000;

/// Kubernetes' number of a pod of an Indexed Job, counted from 0.
const INDEX: &str = "JOB_COMPLETION_INDEX";

/// Why a text is no share.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ShardError {
    #[error("`{0}` is no share such as 1/3, the first of three, or /3 for ${INDEX} of three")]
    Syntax(String),
    #[error("there is no share {number} of {of}; they are counted from 1")]
    Number { number: u32, of: u32 },
    #[error("${INDEX} is not set, and `{0}` leaves the number of the share to it")]
    NoIndex(String),
    #[error("${INDEX} is `{0}`, which is no number counted from 0")]
    Index(String),
}

impl Shard {
    /// Reads `K/N`; the number of `/N` is `index` (counted from 0) and one more.
    fn read(text: &str, index: Option<&str>) -> Result<Self, ShardError> {
        let syntax = || ShardError::Syntax(text.to_owned());
        let (number, of) = text.split_once('/').ok_or_else(syntax)?;
        let of: u32 = of.trim().parse().map_err(|_| syntax())?;
        let number = match number.trim() {
            "" => {
                let index = index.ok_or_else(|| ShardError::NoIndex(text.to_owned()))?;
                let index: u32 =
                    index.trim().parse().map_err(|_| ShardError::Index(index.to_owned()))?;
                index.saturating_add(1)
            }
            number => number.parse().map_err(|_| syntax())?,
        };
        if !(1..=MOST).contains(&of) {
            return Err(syntax());
        }
        if !(1..=of).contains(&number) {
            return Err(ShardError::Number { number, of });
        }
        Ok(Self { number, of })
    }

    /// Whether a name is in this share. Every name is in exactly one of them. Other names play no
    /// part in it; with one share more, only what the new one takes moves.
    pub(super) fn holds(self, name: &str) -> bool {
        let digest = Sha256::digest(name.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        let seed = u64::from_be_bytes(first);
        let of = (1..=self.of).max_by_key(|share| (weight(seed, *share), *share));
        of == Some(self.number)
    }
}

/// How much a share wants a name (rendezvous hashing); the constants are those of SplitMix64.
fn weight(seed: u64, share: u32) -> u64 {
    let mut z = seed.wrapping_add(u64::from(share).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        Self::read(text, std::env::var(INDEX).ok().as_deref())
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn share_of(name: &str, of: u32) -> Vec<u32> {
        (1..=of).filter(|number| Shard { number: *number, of }.holds(name)).collect()
    }

    proptest! {
        #[test]
        fn every_name_is_in_exactly_one_share_of_any_number_of_them(
            name in ".{0,40}",
            of in 1_u32..200,
        ) {
            prop_assert_eq!(share_of(&name, of).len(), 1);
        }

        #[test]
        fn one_share_more_takes_names_and_moves_no_other(name in ".{0,40}", of in 1_u32..100) {
            let (before, after) = (share_of(&name, of), share_of(&name, of + 1));
            prop_assert!(after == before || after == [of + 1]);
        }
    }

    #[test]
    fn shares_are_of_about_one_size_and_stay_what_they_are() {
        let names: Vec<String> = (0..6000).map(|n| format!("site-{n:04}")).collect();
        let sizes = (1..=6)
            .map(|number| names.iter().filter(|name| Shard { number, of: 6 }.holds(name)).count());
        for size in sizes {
            assert!((850..1150).contains(&size), "{size}");
        }
        // A later version must not deal them anew.
        let first: Vec<&str> = names
            .iter()
            .take(12)
            .filter(|name| Shard { number: 1, of: 3 }.holds(name))
            .map(String::as_str)
            .collect();
        assert_eq!(first, STAYS);
    }

    const STAYS: [&str; 4] = ["site-0003", "site-0008", "site-0009", "site-0010"];

    #[test]
    fn shares_are_counted_from_one_and_kubernetes_from_zero() {
        assert_eq!(Shard::read("2/3", None), Ok(Shard { number: 2, of: 3 }));
        assert_eq!(Shard::read("/3", Some("0")), Ok(Shard { number: 1, of: 3 }));
        assert_eq!(Shard::read("/3", Some("2")), Ok(Shard { number: 3, of: 3 }));
        assert_eq!(Shard::read("2/3", Some("0")), Ok(Shard { number: 2, of: 3 }));
        for (text, index) in
            [("0/3", None), ("4/3", None), ("/3", Some("3")), ("/3", None), ("/3", Some("x"))]
        {
            assert!(Shard::read(text, index).is_err(), "{text}");
        }
        for text in ["", "3", "1/0", "1/", "a/b", "1/2/3", "-1/3"] {
            assert!(matches!(Shard::read(text, None), Err(ShardError::Syntax(_))), "{text}");
        }
    }
}
