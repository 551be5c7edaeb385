//! An attribute that is named once, and another one that is spelt almost the same.

use std::collections::BTreeMap;

use super::declared::Declared;
use super::finding::{At, Finding};
use super::reading::{Readings, Side, dotted};

/// How often the other one must be named for the single one to look like a slip.
const OFTEN: usize = 3;

/// Where an attribute is named first, and how often.
struct Named {
    count: usize,
    at: At,
}

/// Finds attributes that differ from a common one by case, a doubled letter or two swapped ones:
/// slips that no two attributes on purpose differ by.
pub(super) fn check(readings: &Readings, declared: &Declared, found: &mut Vec<Finding>) {
    let mut names: BTreeMap<(Side, String), Named> = BTreeMap::new();
    let mut add = |side, name: String, at: At| {
        names.entry((side, name)).or_insert(Named { count: 0, at }).count += 1;
    };
    for reading in &readings.expressions {
        for (path, range) in reading.tree.paths() {
            if let Some((side @ (Side::Task | Side::Worker), segments)) = reading.attribute(path) {
                add(side, dotted(segments), reading.at(range));
            }
        }
    }
    for lone in &readings.paths {
        if let Some((side, segments)) = lone.attribute() {
            add(side, dotted(segments), lone.at());
        }
    }
    // Slips of one name share a skeleton: its letters, small, in order of the alphabet, once each.
    let mut skeletons: BTreeMap<(Side, String), Vec<&str>> = BTreeMap::new();
    for (side, name) in names.keys() {
        skeletons.entry((*side, skeleton(name))).or_default().push(name);
    }
    for ((side, _), alike) in &skeletons {
        let count = |name: &str| names[&(*side, name.to_owned())].count;
        let Some(&usual) = alike.iter().max_by_key(|name| count(name)) else { continue };
        if declared.knows(*side) || count(usual) < OFTEN {
            continue;
        }
        for &name in alike.iter().filter(|name| count(name) == 1 && is_slip(name, usual)) {
            let named = &names[&(*side, name.to_owned())];
            let message = format!(
                "`{name}` is named once, in {}; `{usual}` is named {} times",
                named.at.words(readings.model),
                count(usual)
            );
            let usually = names[&(*side, usual.to_owned())].at.clone();
            found.push(
                Finding::new("similar-attribute", named.at.clone(), message)
                    .with_related(usually, format!("`{usual}` is named here"))
                    .with_help(format!(
                        "did you mean `{usual}`? If they are two, declare both under `attributes`"
                    )),
            );
        }
    }
}

fn skeleton(name: &str) -> String {
    let mut letters: Vec<char> = name.to_lowercase().chars().collect();
    letters.sort_unstable();
    letters.dedup();
    letters.into_iter().collect()
}

/// Whether two names differ in case only, or by one doubled letter or one swap of neighbours.
fn is_slip(name: &str, usual: &str) -> bool {
    if name.to_lowercase() == usual.to_lowercase() {
        return true;
    }
    let (name, usual): (Vec<char>, Vec<char>) = (name.chars().collect(), usual.chars().collect());
    let same = name.iter().zip(&usual).take_while(|(a, b)| a == b).count();
    let (rest, other) = (&name[same..], &usual[same..]);
    // Digits in another order or number make another name.
    let letter = |at: usize, of: &[char]| of.get(at).is_some_and(|c| c.is_alphabetic());
    let doubled = |long: &[char], short: &[char], whole: &[char]| {
        same > 0 && letter(0, long) && long[0] == whole[same - 1] && &long[1..] == short
    };
    match (rest, other) {
        ([a, b, rest @ ..], [c, d, others @ ..]) if a == d && b == c => {
            rest == others && a.is_alphabetic() && b.is_alphabetic()
        }
        _ if rest.len() == other.len() + 1 => doubled(rest, other, &name),
        _ if rest.len() + 1 == other.len() => doubled(other, rest, &usual),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_a_swap_a_doubled_letter_or_another_case_and_nothing_else() {
        for slip in
            ["transferQueuename", "transferQuueeName", "transferrQueueName", "trasnferQueueName"]
        {
            assert!(is_slip(slip, "transferQueueName"), "{slip}");
            assert!(skeleton(slip) == skeleton("transferQueueName"), "{slip}");
        }
        for other in ["transferQueueNames", "transferQueue", "transferQueueName2", "queueName"] {
            assert!(!is_slip(other, "transferQueueName"), "{other}");
        }
        assert!(!is_slip("line12", "line21") && !is_slip("line22", "line2"));
    }
}
