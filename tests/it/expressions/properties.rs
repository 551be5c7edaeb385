//! The laws, over random texts and trees.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::laws;
use flexctl::expr::{
    CompareOp, Expr, Literal, LogicOp, Node, Path, Segment, canonical, evaluate, parse, quote,
};
use flexctl::text::TextRange;

fn expr(node: Node) -> Expr {
    Expr::new(node, TextRange::default())
}

fn is_keyword(word: &str) -> bool {
    ["and", "or", "not", "in", "has", "contains", "true", "false", "null"]
        .contains(&word.to_ascii_lowercase().as_str())
}

fn path() -> impl Strategy<Value = Path> {
    let first = "[a-zA-Z_$][a-zA-Z0-9_$]{0,6}"
        .prop_filter("keywords begin no path", |word| !is_keyword(word))
        .prop_map(Segment::Key);
    let next = prop_oneof![
        3 => "[a-zA-Z0-9_$]{1,6}".prop_map(Segment::Key),
        1 => any::<u32>().prop_map(Segment::Index),
    ];
    (first, prop::collection::vec(next, 0..4))
        .prop_map(|(first, rest)| Path { segments: std::iter::once(first).chain(rest).collect() })
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Boolean),
        (-1000i32..1000).prop_map(|n| Literal::Number(f64::from(n) / 8.0)),
        // Adding zero turns -0 into 0.
        (prop::num::f64::NORMAL | prop::num::f64::ZERO).prop_map(|n| Literal::Number(n + 0.0)),
        "[^'\"]{0,8}".prop_map(Literal::String),
        "[^\"]{0,8}".prop_map(Literal::String),
        "[^']{0,8}".prop_map(Literal::String),
    ]
}

fn operand() -> impl Strategy<Value = Expr> {
    let plain = prop_oneof![
        path().prop_map(|path| expr(Node::Path(path))),
        literal().prop_map(|literal| expr(Node::Literal(literal))),
    ];
    plain.prop_recursive(2, 8, 4, |inner| {
        prop::collection::vec(inner, 0..4).prop_map(|elements| expr(Node::List(elements)))
    })
}

fn compare_op() -> impl Strategy<Value = CompareOp> {
    use CompareOp::*;
    prop::sample::select(vec![
        Equal,
        NotEqual,
        Less,
        LessOrEqual,
        Greater,
        GreaterOrEqual,
        Contains,
        Has,
        In,
        NotIn,
    ])
}

/// Any tree that the parser can give without errors.
fn tree() -> impl Strategy<Value = Expr> {
    let comparison = (operand(), compare_op(), operand())
        .prop_map(|(left, op, right)| expr(Node::Compare(op, Box::new(left), Box::new(right))));
    comparison.prop_recursive(4, 24, 4, |inner| {
        let op = prop::sample::select(vec![LogicOp::And, LogicOp::Or]);
        (op, prop::collection::vec(inner, 2..5)).prop_map(|(op, operands)| {
            let flat = operands.into_iter().flat_map(|operand| match operand.node {
                Node::Logic(inner, nested) if inner == op => nested,
                node => vec![expr(node)],
            });
            expr(Node::Logic(op, flat.collect()))
        })
    })
}

/// Prints a tree as carelessly as the language allows; `choices` is what happens at each fork.
struct Sloppy {
    choices: Vec<u8>,
    at: usize,
    out: String,
}

impl Sloppy {
    fn choose(&mut self, below: u8) -> u8 {
        self.at += 1;
        self.choices[self.at % self.choices.len()] % below
    }

    fn space(&mut self) {
        let space = ["", " ", "  ", "\n", "\t ", "\r\n"][usize::from(self.choose(6))];
        self.out.push_str(space);
    }

    fn gap(&mut self) {
        self.out.push(' ');
        self.space();
    }

    fn word(&mut self, word: &str) {
        for c in word.chars() {
            let upper = self.choose(2) == 0;
            self.out.push(if upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() });
        }
    }

    fn tree(&mut self, tree: &Expr) {
        self.space();
        match &tree.node {
            Node::Logic(op, operands) => {
                for (i, operand) in operands.iter().enumerate() {
                    if i > 0 {
                        self.gap();
                        self.word(&op.to_string());
                        self.gap();
                    }
                    let inside = matches!(operand.node, Node::Logic(LogicOp::Or, _));
                    // Around an AND below an OR they would say more.
                    let says_more = matches!(operand.node, Node::Logic(..));
                    let extra = self.choose(3) == 0 && !says_more;
                    self.parenthesised(operand, inside || extra);
                }
            }
            Node::Compare(op, left, right) => {
                self.tree(left);
                self.compare_op(*op);
                self.tree(right);
            }
            Node::List(elements) => {
                self.out.push('[');
                for (i, element) in elements.iter().enumerate() {
                    if i > 0 {
                        self.out.push(',');
                    }
                    self.tree(element);
                }
                self.space();
                self.out.push(']');
            }
            Node::Literal(literal) => self.literal(literal),
            Node::Path(path) => self.out.push_str(&path.to_string()),
            Node::Missing => unreachable!("not generated"),
        }
        self.space();
    }

    fn parenthesised(&mut self, tree: &Expr, needed: bool) {
        if needed {
            self.out.push('(');
        }
        self.tree(tree);
        if needed {
            self.out.push(')');
        }
    }

    fn compare_op(&mut self, op: CompareOp) {
        match op {
            CompareOp::Equal if self.choose(2) == 0 => self.out.push('='),
            CompareOp::NotIn => {
                self.gap();
                self.word("NOT");
                self.gap();
                self.word("IN");
                self.gap();
            }
            CompareOp::Contains | CompareOp::Has | CompareOp::In => {
                self.gap();
                self.word(&op.to_string());
                self.gap();
            }
            op => self.out.push_str(&op.to_string()),
        }
    }

    fn literal(&mut self, literal: &Literal) {
        let text = literal.to_string();
        match literal {
            Literal::Null | Literal::Boolean(_) => self.word(&text),
            Literal::String(string) if !string.contains('"') && self.choose(2) == 0 => {
                self.out.push_str(&format!("\"{string}\""));
            }
            Literal::Number(_) if !text.contains('.') && self.choose(2) == 0 => {
                self.out.push_str(&format!("{text}.00"));
            }
            Literal::Number(value) if *value >= 0.0 && self.choose(2) == 0 => {
                self.out.push_str(&format!("00{text}"));
            }
            Literal::String(_) | Literal::Number(_) => self.out.push_str(&text),
        }
    }
}

/// Text that looks like expressions, with every mistake in it.
fn soup() -> impl Strategy<Value = String> {
    let pieces = vec![
        "a", "b.c", "d[0]", "1", "-2", "3.5", "'x'", "\"y\"", "==", "=", "!=", "<", ">=", "!", "(",
        ")", "[", "]", ",", ".", "-", "AND", "or", "NOT", "in", "HAS", "contains", "true", "null",
        "IS", "&&", "||", "<>", "{{x}}", "'", "\"", "é", "\u{a0}", "1e3", "2fa", "#", "‘", "x-y",
    ];
    let space = prop::sample::select(vec!["", " "]);
    prop::collection::vec((prop::sample::select(pieces), space), 0..24)
        .prop_map(|pieces| pieces.into_iter().flat_map(|(a, b)| [a, b]).collect())
}

/// Attributes for the paths that [`soup`] and [`spelling`] name.
fn attributes() -> impl Strategy<Value = Map<String, Value>> {
    let plain = prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(1),
        json!(2.5),
        json!(8),
        json!("x"),
        json!("X"),
        json!("1"),
        json!("true"),
        json!(""),
        json!(-0.0),
        json!(1e300),
        json!(u64::MAX),
        json!("a-x-b"),
    ]);
    let value = plain.prop_recursive(2, 8, 3, |inner| {
        let key = prop::sample::select(vec!["a", "c", "d", "currentHour"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(key.prop_map(str::to_owned), inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    let key = prop::sample::select(vec!["a", "b", "d", "task", "worker", "taskrouter"]);
    prop::collection::btree_map(key.prop_map(str::to_owned), value, 0..6)
        .prop_map(|map| map.into_iter().collect())
}

/// An expression over few names and values, so that comparisons often meet what they ask for.
fn spelling() -> impl Strategy<Value = String> {
    let operand = || {
        prop::sample::select(vec![
            "a",
            "b.c",
            "d",
            "d[0]",
            "task.a",
            "worker.d",
            "worker.sid",
            "taskrouter.currentHour",
            "worker.channel.chat.assigned_tasks",
            "1",
            "-0",
            "8",
            "'x'",
            "\"X\"",
            "'1'",
            "''",
            "null",
            "true",
            "['x', 1]",
            "[]",
            "[a, ['x']]",
        ])
    };
    let operator = prop::sample::select(vec![
        "==", "=", "!=", "<", "<=", ">", ">=", "contains", "HAS", "IN", "not in",
    ]);
    let comparison = (operand(), operator, operand())
        .prop_map(|(left, operator, right)| format!("{left} {operator} {right}"));
    comparison.prop_recursive(5, 24, 4, |inner| {
        let part = (inner, any::<bool>())
            .prop_map(|(text, bare)| if bare { text } else { format!("({text})") });
        let next = (prop::sample::select(vec![" AND ", " or "]), part.clone());
        (part, prop::collection::vec(next, 0..4)).prop_map(|(first, rest)| {
            rest.into_iter().fold(first, |text, (word, part)| text + word + &part)
        })
    })
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_the_same_tree(tree in tree()) {
        let printed = tree.to_string();
        let (read, errors) = parse(&printed);
        prop_assert_eq!(&errors, &[], "{}", printed);
        prop_assert_eq!(read, tree, "{}", printed);
        prop_assert_eq!(canonical(&printed), printed);
    }

    #[test]
    fn careless_spelling_makes_no_difference(
        tree in tree(),
        choices in prop::collection::vec(any::<u8>(), 1..64),
    ) {
        let mut sloppy = Sloppy { choices, at: 0, out: String::new() };
        sloppy.tree(&tree);
        let (_, errors) = parse(&sloppy.out);
        prop_assert_eq!(&errors, &[], "{}", sloppy.out);
        prop_assert_eq!(canonical(&sloppy.out), tree.to_string(), "{}", sloppy.out);
    }

    #[test]
    fn no_text_makes_anything_panic(text in any::<String>()) {
        laws::check(&text, &Map::new(), 0);
    }

    #[test]
    fn no_near_expression_makes_anything_panic(text in soup(), attributes in attributes()) {
        laws::check(&text, &attributes, 0);
    }

    #[test]
    fn every_law_holds_for_every_expression(
        text in spelling(),
        attributes in attributes(),
        unix: i64,
    ) {
        prop_assert_eq!(parse(&text).1, []);
        laws::check(&text, &attributes, unix);
    }

    #[test]
    fn a_constant_verdict_agrees_with_the_evaluator(tree in tree()) {
        let holds = evaluate(&tree, &json!({})).holds();
        let verdict = (tree.is_always_true(), tree.is_always_false());
        prop_assert!(matches!((verdict, holds), ((false, false), _) | ((true, false), true) | ((false, true), false)), "{}", tree);
    }

    #[test]
    fn a_quoted_text_is_read_back(text in "[^']*|[^\"]*") {
        let quoted = quote(&text).expect("one kind of quotes at most");
        let (tree, errors) = parse(&format!("a == {quoted}"));
        prop_assert_eq!(errors, []);
        let found = tree.comparisons().next().map(|comparison| comparison.literal.to_owned());
        prop_assert_eq!(found, Some(text));
    }
}
