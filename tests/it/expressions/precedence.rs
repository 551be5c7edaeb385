//! Which of AND and OR binds tighter, held against a second, naive evaluation of every reading.

use flexctl::expr::{self, Certainty, LogicOp};
use proptest::prelude::*;
use serde_json::{Value, json};

/// What stands between AND and OR.
#[derive(Clone, Debug)]
enum Item {
    Comparison(usize),
    /// In parentheses.
    Group(Vec<(LogicOp, Item)>),
}

/// Items, each with the word before it; the first one's word is not written.
type Sequence = Vec<(LogicOp, Item)>;

/// Comparisons of each worth, over [`attributes`].
const COMPARISONS: [(&str, Worth); 6] = [
    ("a == 1", (true, Certainty::Documented)),
    ("a == 2", (false, Certainty::Documented)),
    ("b != 1", (true, Certainty::Assumed)),
    ("b > 1", (false, Certainty::Assumed)),
    ("n != 5", (true, Certainty::Unspecified)),
    ("n == 5", (false, Certainty::Unspecified)),
];

fn attributes() -> Value {
    json!({"a": 1, "n": "5"})
}

type Worth = (bool, Certainty);

#[derive(Clone, Copy)]
enum Reading {
    Tighter(LogicOp),
    LeftToRight,
}

fn sequence() -> impl Strategy<Value = Sequence> {
    let word = || prop::sample::select(vec![LogicOp::And, LogicOp::Or]);
    let comparison = (0..COMPARISONS.len()).prop_map(Item::Comparison);
    let item = comparison.prop_recursive(3, 16, 4, move |inner| {
        prop::collection::vec((word(), inner), 1..4).prop_map(Item::Group)
    });
    prop::collection::vec((word(), item), 1..6)
}

fn spell(sequence: &Sequence) -> String {
    let mut text = String::new();
    for (i, (word, item)) in sequence.iter().enumerate() {
        if i > 0 {
            text += &format!(" {word} ");
        }
        match item {
            Item::Comparison(which) => text += COMPARISONS[*which].0,
            Item::Group(inner) => text += &format!("({})", spell(inner)),
        }
    }
    text
}

fn worth(sequence: &Sequence, reading: Reading) -> Worth {
    let items = sequence.iter().map(|(word, item)| {
        let worth = match item {
            Item::Comparison(which) => COMPARISONS[*which].1,
            Item::Group(inner) => worth(inner, reading),
        };
        (*word, worth)
    });
    let items: Vec<(LogicOp, Worth)> = items.collect();
    match reading {
        Reading::LeftToRight => {
            items[1..].iter().fold(items[0].1, |so_far, (word, next)| join(*word, &[so_far, *next]))
        }
        Reading::Tighter(tight) => {
            let loose = if tight == LogicOp::And { LogicOp::Or } else { LogicOp::And };
            let mut chains: Vec<Vec<Worth>> = vec![vec![items[0].1]];
            for (word, worth) in &items[1..] {
                if *word == loose {
                    chains.push(Vec::new());
                }
                chains.last_mut().expect("there is a first chain").push(*worth);
            }
            let chains: Vec<Worth> = chains.iter().map(|chain| join(tight, chain)).collect();
            join(loose, &chains)
        }
    }
}

fn join(word: LogicOp, operands: &[Worth]) -> Worth {
    let decisive = word == LogicOp::Or;
    let deciding = operands.iter().filter(|(holds, _)| *holds == decisive);
    match deciding.map(|(_, certainty)| *certainty).min() {
        Some(certainty) => (decisive, certainty),
        None => {
            let least = operands.iter().map(|(_, certainty)| *certainty).max();
            (!decisive, least.expect("a chain has operands"))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn what_another_reading_would_change_is_at_most_assumed(sequence in sequence()) {
        let text = spell(&sequence);
        let (tree, errors) = expr::parse(&text);
        prop_assert_eq!(errors, []);
        let chosen = worth(&sequence, Reading::Tighter(LogicOp::And));
        let others = [Reading::Tighter(LogicOp::Or), Reading::LeftToRight];
        let agree = others.into_iter().all(|reading| {
            let (holds, certainty) = worth(&sequence, reading);
            holds == chosen.0 && certainty <= chosen.1
        });
        let certainty = if agree { chosen.1 } else { chosen.1.max(Certainty::Assumed) };
        let decision = expr::decide(&tree, &attributes());
        let found = (decision.holds, decision.certainty, decision.hangs_on_precedence);
        prop_assert_eq!(found, (chosen.0, certainty, !agree), "{}", text);
    }
}

#[test]
fn the_comparisons_are_worth_what_they_are_listed_with() {
    for (text, worth) in COMPARISONS {
        let evaluation = expr::evaluate(&expr::parse(text).0, &attributes());
        assert_eq!((evaluation.holds(), evaluation.certainty), worth, "{text}");
    }
}
