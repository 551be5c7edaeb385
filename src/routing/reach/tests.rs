//! The prover against the evaluator.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use serde_json::{Value, json};

use super::atom::{Atoms, Form, OfPath, Subject};
use super::cover::{Takers, never};
use super::cubes::Formula;
use super::readings::Reading;
use super::state::State;
use super::values::Values;
use super::{Options, with_effort};
use crate::expr::Certainty::{self, Assumed, Documented, Unspecified};
use crate::expr::{Expr, evaluate, parse};
use crate::model::{Filter, Model, QueueRef, Target, Workflow};

fn tree(text: &str) -> Expr {
    let (tree, errors) = parse(text);
    assert_eq!(errors, [], "{text}");
    tree
}

/// How certain it is that the earlier expressions take all that the last one would take.
fn covered(earlier: &[Expr], later: &Expr) -> Option<Certainty> {
    let mut atoms = Atoms::default();
    let mut takers = Takers::default();
    for (number, tree) in earlier.iter().enumerate() {
        let formula = Formula::new(tree, String::new(), &mut atoms);
        takers.add(number, &formula, &atoms);
    }
    let later = Formula::new(later, String::new(), &mut atoms);
    takers.cover(&later, &atoms, &|_, _| true).map(|proof| proof.certainty)
}

fn never_true(tree: &Expr) -> Option<Certainty> {
    let mut atoms = Atoms::default();
    let formula = Formula::new(tree, String::new(), &mut atoms);
    never(&formula, &atoms).map(|(certainty, _)| certainty)
}

/// Values of every kind, around the constants of the tests.
fn odd_values() -> Vec<Value> {
    vec![
        json!(null),
        json!(false),
        json!(true),
        json!(0),
        json!(1),
        json!(4.5),
        json!(5),
        json!(-7),
        json!(u64::MAX),
        json!(""),
        json!("x"),
        json!("X"),
        json!("xy"),
        json!("y"),
        json!("5"),
        json!("true"),
        json!([]),
        json!(["x"]),
        json!(["y", 5]),
        json!(["5", true]),
        json!(["x", null, ["x"]]),
        json!({}),
        json!({"x": "y"}),
    ]
}

#[test]
fn the_values_of_a_comparison_are_those_for_which_it_holds() {
    let constants = ["null", "true", "false", "0", "5", "-7", "''", "'x'", "'5'", "'true'"];
    let lists = ["[]", "['x']", "['x', 5, null]", "[true, '5', 'y']"];
    let scalar = ["==", "!=", "<", "<=", ">", ">=", "CONTAINS", "HAS", "IN", "NOT IN"];
    let mut texts = Vec::new();
    for op in scalar {
        for constant in constants.iter().chain(&lists) {
            texts.push(format!("a {op} {constant}"));
            texts.push(format!("{constant} {op} a"));
        }
    }
    let mut sets = 0;
    for text in &texts {
        let expr = tree(text);
        let mut atoms = Atoms::default();
        Formula::new(&expr, String::new(), &mut atoms);
        let Subject::Path(of) = &atoms.get(0).subject else { continue };
        sets += 1;
        for value in odd_values() {
            let holds = evaluate(&expr, &json!({"a": value})).holds();
            let within = is_in(&value, &of.values);
            // What a set cannot tell, a fact does.
            let by_fact = match of.form {
                Form::Has(..) => value.is_array(),
                Form::Contains(..) => value.is_string(),
                Form::Equal | Form::Order | Form::Other => false,
            };
            assert!(by_fact && within || within == holds, "{text} for {value}");
            for trust in [Documented, Assumed] {
                let (may, must) = (atoms.get(0).may(of, trust), atoms.get(0).must(of, trust));
                assert!(within || !is_in(&value, &must), "{text} must hold for {value}");
                assert!(!within || is_in(&value, &may), "{text} may hold for {value}");
            }
        }
    }
    // All but those with the constant on the left of CONTAINS are sets.
    assert!(sets > 220, "{sets}");
}

fn is_in(value: &Value, values: &Values<'_>) -> bool {
    let equal = match value {
        Value::Array(_) => return values.arrays,
        Value::Object(_) => return values.objects,
        Value::Null => return values.null,
        Value::Bool(value) => return if *value { values.yes } else { values.no },
        Value::Number(number) => {
            let number = super::values::Real(number.as_f64().expect("a number"));
            let only = super::values::Line::points(&[number]);
            return !only.intersection(&values.numbers).is_empty();
        }
        Value::String(text) => super::values::Line::points(&[text.as_str()]),
    };
    !equal.intersection(&values.strings).is_empty()
}

#[test]
fn what_a_person_would_call_covered_is_covered() {
    for (later, earlier, certainty) in [
        ("a == 'x'", &["1==1"][..], Documented),
        ("a == 'x'", &["a = \"x\""], Documented),
        ("'x' == a", &["a == 'x'"], Documented),
        ("a == 'x' AND b == 'y'", &["a == 'x'"], Documented),
        ("a == 'x' AND b == 'y'", &["b == 'y' AND a == 'x'"], Documented),
        ("a == 'x'", &["a == 'x' OR b == 'y'"], Documented),
        (
            "a == 'x' AND (b == 1 OR b == 2)",
            &["a == 'x' AND b == 1 OR a == 'x' AND b == 2"],
            Assumed,
        ),
        (
            "a == 'x' AND (b == 1 OR b == 2)",
            &["(a == 'x' AND b == 1) OR (a == 'x' AND b == 2)"],
            Documented,
        ),
        ("a IN ['x', 'y']", &["a IN ['z', 'y', 'x']"], Documented),
        ("a == 'x'", &["a IN ['x', 'y']"], Documented),
        ("a IN ['x', 'y']", &["a == 'y' OR a == 'x'"], Documented),
        ("a IN ['x', 'y']", &["a == 'y'", "a == 'x'"], Documented),
        ("a IN ['x', 'y', 'z']", &["a IN ['x', 'q']", "a == 'y'", "a CONTAINS 'z'"], Documented),
        ("['x', 'y'] HAS a", &["a IN ['x', 'y']"], Documented),
        ("a == 'x'", &["a != null"], Documented),
        ("a == 'x'", &["a != 'y'"], Documented),
        ("a == 'x'", &["a NOT IN ['y', 'z']"], Documented),
        ("a == 'fr-CA'", &["a CONTAINS 'fr'"], Documented),
        ("a CONTAINS 'fr-CA'", &["a CONTAINS 'fr'"], Assumed),
        ("a CONTAINS 'fr' AND b == 1", &["a CONTAINS 'fr'"], Documented),
        ("a > 10", &["a > 5"], Assumed),
        ("a > 10", &["a >= 10"], Assumed),
        ("a == 7", &["a > 5"], Documented),
        ("10 < a AND b == 1", &["5 < a"], Assumed),
        ("a >= 5 AND a <= 9", &["a < 7", "a > 6"], Assumed),
        ("a > 5", &["a != null"], Assumed),
        ("a == true", &["a != false"], Documented),
        ("a HAS 'x' AND a HAS 'y'", &["a HAS 'x'"], Documented),
        ("'x' IN a", &["a HAS 'x'"], Documented),
        ("a HAS 'x'", &["a != null"], Assumed),
        ("b == 1", &["a == null", "a != null"], Assumed),
        ("b == 1", &["a == null AND b == 1", "a != null"], Assumed),
        ("a == 'x'", &["b == null", "b != null AND a == 'x'"], Assumed),
        ("a == b AND c == 1", &["b == a"], Documented),
        ("a < b", &["b > a"], Documented),
        ("a.b == 'x'", &["a.b IN ['x']"], Documented),
        ("a == null", &["a IN [null, 'x']"], Assumed),
        ("taskrouter.dayOfWeek == 'Sat'", &["taskrouter.dayOfWeek IN ['Sat', 'Sun']"], Documented),
        ("a == 'x'", &["taskrouter.currentHour < 8", "taskrouter.currentHour >= 8"], Assumed),
        (
            "a == 'x'",
            &[
                "taskrouter.dayOfWeek IN ['Sat', 'Sun']",
                "taskrouter.dayOfWeek IN ['Mon', 'Tue', 'Wed', 'Thu', 'Fri']",
            ],
            Assumed,
        ),
        ("a < 'b'", &["a < 'c'"], Assumed),
        ("a == 'x' AND 1==1", &["a == 'x'"], Documented),
    ] {
        let trees: Vec<Expr> = earlier.iter().map(|text| tree(text)).collect();
        assert_eq!(covered(&trees, &tree(later)), Some(certainty), "{later} below {earlier:?}");
    }
}

#[test]
fn what_is_not_covered_is_not_called_so() {
    for (later, earlier) in [
        ("1==1", &["a == 'x'"][..]),
        ("a == 'x'", &["a == 'y'"]),
        ("a == 'x'", &["a == 'x' AND b == 'y'"]),
        ("a IN ['x', 'y', 'z']", &["a == 'y'", "a == 'x'"]),
        // Of an array, neither holds.
        ("b == 1", &["a == 'x'", "a != 'x'"]),
        ("b == 1", &["a IN ['x']", "a NOT IN ['x']"]),
        ("b == 1", &["a HAS 'x'", "'x' NOT IN a"]),
        ("a != null", &["a == 'x'", "a != 'x'"]),
        // Missing is not equal.
        ("a != 'x'", &["a != null"]),
        ("a NOT IN ['x', 'y']", &["a != null"]),
        ("a != 'x'", &["a NOT IN ['x', 'y']"]),
        ("a == '5'", &["a == 5"]),
        ("a == 'x'", &["a == 'X'"]),
        ("a > 5", &["a > 10"]),
        ("a >= 5", &["a < 7", "a > 7"]),
        ("a > 5", &["a != 7"]),
        ("a == 'fr'", &["a CONTAINS 'fr-CA'"]),
        ("a HAS 'x'", &["a HAS 'y'"]),
        ("a == 'x'", &["a HAS 'x'"]),
        ("a.b == 'x'", &["a == 'x'"]),
        ("a < b", &["a <= 5", "b >= 5"]),
        ("task.a == 'x'", &["a == 'x'"]),
        ("a == 'x'", &["taskrouter.currentHour < 8", "taskrouter.currentHour > 8"]),
        ("a == 'x'", &["1==0"]),
        ("a == 'x'", &["b == b"]),
    ] {
        let trees: Vec<Expr> = earlier.iter().map(|text| tree(text)).collect();
        assert_eq!(covered(&trees, &tree(later)), None, "{later} below {earlier:?}");
    }
}

#[test]
fn contradictions_are_seen_with_what_they_rest_on() {
    for (text, certainty) in [
        ("1==0", Some(Documented)),
        ("a IN []", Some(Documented)),
        ("a == 'x' AND a == 'y'", Some(Documented)),
        ("a == 'x' AND a != 'x'", Some(Documented)),
        ("a == 'x' AND a NOT IN ['x', 'y']", Some(Documented)),
        ("a == null AND a == 'x'", Some(Documented)),
        ("a == 'x' AND a == 'X'", Some(Assumed)),
        ("a == 5 AND a == '5'", Some(Unspecified)),
        ("a == true AND a == 'true'", Some(Unspecified)),
        ("a > 5 AND a < 3", Some(Assumed)),
        ("a > 5 AND a == '10'", Some(Unspecified)),
        ("a == 'x' AND a HAS 'x'", Some(Documented)),
        ("a HAS 'x' AND 'x' NOT IN a", Some(Documented)),
        ("a == 'fr' AND a CONTAINS 'en'", Some(Documented)),
        ("a == 'fr' AND a CONTAINS 'FR'", Some(Assumed)),
        ("\"skills\" HAS 'x'", Some(Unspecified)),
        ("(a == 1 OR a == 2) AND a == 3", Some(Documented)),
        ("b == 1 AND (a > 5 AND a < 3 OR a IN [])", Some(Assumed)),
        ("taskrouter.currentHour > 24", Some(Assumed)),
        ("a == 'x' OR a == 'y'", None),
        ("a == 'x' AND b == 'y'", None),
        ("a != 'x' AND a != 'y'", None),
        ("a > 5 AND a < 6", None),
        ("a HAS 'x' AND a HAS 'y'", None),
        ("a HAS 'x' AND 'y' NOT IN a", None),
        ("a == b AND a == c", None),
        ("a == 'x' AND a.b == 'y'", None),
    ] {
        assert_eq!(never_true(&tree(text)), certainty, "{text}");
    }
}

/// Comparisons over two attributes and few constants, so that they often meet.
fn comparison() -> impl Strategy<Value = String> {
    let path = select(vec!["a", "b"]);
    let constant =
        select(vec!["null", "true", "0", "1", "5", "'x'", "'X'", "'xy'", "'5'", "'true'", "''"]);
    let list = select(vec!["['x', 'y']", "['x', 'X', 5]", "[null, 1]", "[]", "['5', 5]"]);
    let ops = select(vec!["==", "!=", "<", "<=", ">", ">=", "CONTAINS", "=="]);
    let other = constant.clone();
    prop_oneof![
        6 => (path.clone(), ops.clone(), constant.clone()).prop_map(|(a, op, c)| format!("{a} {op} {c}")),
        1 => (other, ops.clone(), path.clone()).prop_map(|(c, op, a)| format!("{c} {op} {a}")),
        2 => (path.clone(), select(vec!["IN", "NOT IN"]), list).prop_map(|(a, op, l)| format!("{a} {op} {l}")),
        2 => (constant.clone(), select(vec!["IN", "NOT IN"]), path.clone()).prop_map(|(c, op, a)| format!("{c} {op} {a}")),
        1 => (path, constant).prop_map(|(a, c)| format!("{a} HAS {c}")),
        1 => select(vec!["a == b", "b != a", "a IN b", "b > a", "a < b", "1==1", "1==0"]).prop_map(str::to_owned),
    ]
}

fn expression() -> impl Strategy<Value = String> {
    let joined = |word: &'static str| {
        prop::collection::vec(comparison(), 1..4).prop_map(move |parts| parts.join(word))
    };
    prop_oneof![
        3 => comparison(),
        3 => joined(" AND "),
        3 => joined(" OR "),
        1 => (joined(" OR "), joined(" OR ")).prop_map(|(a, b)| format!("({a}) AND ({b})")),
        1 => (joined(" AND "), joined(" AND ")).prop_map(|(a, b)| format!("{a} OR {b}")),
    ]
}

/// Pairs of odd values.
fn tasks() -> &'static [Value] {
    static TASKS: std::sync::LazyLock<Vec<Value>> = std::sync::LazyLock::new(|| {
        let pairs = odd_values().into_iter().flat_map(|a| {
            // Every other one is odd enough.
            let others = odd_values().into_iter().step_by(2);
            others.map(move |b| json!({"a": a, "b": b}))
        });
        pairs.collect()
    });
    &TASKS
}

/// The first pair of values for which the later expression holds and no earlier one does.
fn escapes(earlier: &[Expr], later: &Expr) -> Option<Value> {
    let free = |task: &&Value| {
        evaluate(later, *task).holds() && !earlier.iter().any(|tree| evaluate(tree, *task).holds())
    };
    tasks().iter().find(free).cloned()
}

#[test]
fn nothing_escapes_a_proof() {
    let hits = std::cell::Cell::new((0, 0, 0));
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = (prop::collection::vec(expression(), 1..4), expression());
    for _ in 0..1500 {
        let (earlier, later): (Vec<String>, String) =
            strategy.new_tree(&mut runner).expect("texts can be made").current();
        let trees: Vec<Expr> = earlier.iter().map(|text| tree(text)).collect();
        let expr = tree(&later);
        let escaped = escapes(&trees, &expr);
        let (mut proofs, mut truths, mut contradictions) = hits.get();
        truths += usize::from(escaped.is_none());
        if covered(&trees, &expr).is_some() {
            proofs += 1;
            assert_eq!(escaped, None, "{later} below {earlier:?}");
        }
        if never_true(&expr).is_some() {
            contradictions += 1;
            assert_eq!(escapes(&[], &expr), None, "{later}");
        }
        hits.set((proofs, truths, contradictions));
    }
    let (proofs, truths, contradictions) = hits.get();
    assert!(proofs > 250 && contradictions > 50, "{proofs} {contradictions}");
    // Of what holds for these few values, most is proved.
    assert!(proofs * 10 > truths * 6, "{proofs} of {truths}");
}

#[test]
fn a_certain_proof_stands_in_every_reading() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = (prop::collection::vec(expression(), 1..3), expression());
    let (all, doubtful) = (Reading::all(), Reading::doubtful());
    let tasks = tasks();
    let mut counts = [0, 0, 0];
    for _ in 0..1200 {
        let (earlier, later): (Vec<String>, String) =
            strategy.new_tree(&mut runner).expect("texts can be made").current();
        let trees: Vec<Expr> = earlier.iter().map(|text| tree(text)).collect();
        let expr = tree(&later);
        for (certainty, earlier) in
            [(covered(&trees, &expr), trees.as_slice()), (never_true(&expr), &[])]
        {
            let readings = match certainty {
                None => continue,
                Some(Documented) => &all[..],
                Some(Assumed) => &doubtful,
                Some(Unspecified) => &[],
            };
            counts[certainty.map_or(0, |certainty| certainty as usize)] += 1;
            for reading in readings {
                let escaped = tasks.iter().find(|task| {
                    let holds = |tree: &Expr| reading.holds(tree, *task);
                    holds(&expr) && !earlier.iter().any(holds)
                });
                assert_eq!(escaped, None, "{later} below {earlier:?} {certainty:?} {reading:?}");
            }
        }
    }
    let [documented, assumed, unspecified] = counts;
    assert!(documented > 100 && assumed > 20 && unspecified > 5, "{counts:?}");
}

#[test]
fn the_first_reading_is_the_chosen_one() {
    let chosen = &Reading::all()[0];
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..300 {
        let text = expression().new_tree(&mut runner).expect("a text can be made").current();
        let expr = tree(&text);
        for task in tasks() {
            assert_eq!(chosen.holds(&expr, task), evaluate(&expr, task).holds(), "{text} {task}");
        }
    }
}

#[test]
fn every_pair_of_comparisons_over_one_attribute_is_decided_rightly() {
    let mut texts = Vec::new();
    for constant in ["null", "true", "5", "'x'", "'5'"] {
        for op in ["==", "!=", "<", ">=", "CONTAINS", "HAS"] {
            texts.push(format!("a {op} {constant}"));
        }
        texts.push(format!("{constant} NOT IN a"));
        texts.push(format!("a IN ['y', {constant}]"));
        texts.push(format!("a NOT IN ['y', {constant}]"));
    }
    let trees: Vec<Expr> = texts.iter().map(|text| tree(text)).collect();
    let (mut proofs, mut missed) = (0, Vec::new());
    for (later, later_text) in trees.iter().zip(&texts) {
        for (earlier, earlier_text) in trees.iter().zip(&texts) {
            let earlier = std::slice::from_ref(earlier);
            let free = escapes(earlier, later).is_some();
            let proved = covered(earlier, later).is_some();
            assert!(!(proved && free), "{later_text} below {earlier_text}");
            proofs += usize::from(proved);
            if !proved && !free {
                missed.push(format!("{later_text} below {earlier_text}"));
            }
        }
    }
    assert!(proofs > 300, "{proofs}");
    assert!(missed.len() < 40, "{missed:#?}");
}

#[test]
fn a_state_without_room_is_refused() {
    let (first, second) = (tree("a == 'x'"), tree("a == 'y'"));
    let mut atoms = Atoms::default();
    Formula::new(&first, String::new(), &mut atoms);
    Formula::new(&second, String::new(), &mut atoms);
    let state = State::new(Unspecified).and(0, &atoms).expect("one value fits");
    assert!(state.clone().and(0, &atoms).is_some());
    assert!(state.clone().and(1, &atoms).is_none());
    assert!(state.clone().and_not(0, &atoms).is_empty());
    assert_eq!(state.and_not(1, &atoms).len(), 1);
    let of: Vec<&OfPath<'_>> = (0..2)
        .filter_map(|atom| match &atoms.get(atom).subject {
            Subject::Path(of) => Some(of),
            _ => None,
        })
        .collect();
    assert_eq!(of.len(), 2);
}

/// A workflow of so many filters.
fn workflow_of(count: usize, expression: impl Fn(usize) -> String) -> Model {
    let filter = |i: usize| {
        let queue = Some(QueueRef::Name("Everyone".to_owned()));
        let targets = vec![Target { queue, ..Target::default() }];
        let expression = Some(expression(i).as_str().into());
        Filter { name: format!("{i}"), expression, targets, ..Filter::default() }
    };
    let filters = Some((0..count).map(filter).collect());
    let mut model = Model::default();
    model.workflows.insert("Main".to_owned(), Workflow { filters, ..Workflow::default() });
    model
}

#[test]
fn ten_times_as_many_filters_take_ten_times_as_many_steps() {
    type Expression = fn(usize) -> String;
    let shapes: [(&str, Expression); 8] = [
        ("a name each", |i| format!("transferQueueName == 'Queue {i}'")),
        ("a name each below a channel", |i| format!("channel == 'voice' AND queue == 'Queue {i}'")),
        ("two names each", |i| format!("queue IN ['Queue {i}', 'Queue {}']", i + 1)),
        ("a level each", |i| format!("level > {}", 10_000 - i)),
        ("a level and a topic each", |i| format!("level > 3 AND topic == 'topic {}'", i / 3)),
        ("anything but one", |i| format!("name != 'a{i}'")),
        ("a skill each", |i| format!("skills HAS 'skill {i}' AND vip == true")),
        ("the same", |_| "a == 'x' AND (b == 1 OR c == 2)".to_owned()),
    ];
    for (name, expression) in shapes {
        let effort = |count| with_effort(&workflow_of(count, expression), &Options::default()).1;
        let (few, many) = (effort(300), effort(3000));
        assert!(many < few * 25, "{name}: {few}, then {many}");
        assert!(many < 3000 * 5000, "{name}: {many}");
        eprintln!("{name}: {few}, then {many}");
    }
}
