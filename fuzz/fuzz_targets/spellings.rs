//! Checks the laws of expressions for texts that follow the grammar, over attributes that suit them.
#![no_main]

#[expect(dead_code, unused_imports, reason = "the laws need only a part of the two rooms")]
#[path = "../../src/expr/mod.rs"]
mod expr;
#[path = "../../tests/it/expressions/laws.rs"]
mod laws;
#[expect(dead_code, unused_imports, reason = "the laws need only a part of the two rooms")]
#[path = "../../src/text/mod.rs"]
mod text;

extern crate self as flexctl;

use libfuzzer_sys::arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};

const PATHS: [&str; 12] = [
    "a",
    "b.c",
    "d",
    "d[0]",
    "task.a",
    "task.b.c",
    "worker.d",
    "worker.sid",
    "taskrouter.currentTime",
    "taskrouter.dayOfWeek",
    "worker.channel.chat.available_capacity_percentage",
    "workers.available",
];

const LITERALS: [&str; 12] = [
    "1",
    "-0",
    "007.50",
    "8",
    "'x'",
    "\"X\"",
    "'1'",
    "''",
    "NULL",
    "True",
    "'Thu'",
    "9007199254740992",
];

const OPERATORS: [&str; 11] =
    [" == ", "=", "!=", "<", " <= ", ">", " >= ", " contains ", " HAS ", " In ", " not  in "];

#[derive(Debug)]
struct Case {
    text: String,
    attributes: Map<String, Value>,
    unix: i64,
}

impl<'a> Arbitrary<'a> for Case {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let unix = u.arbitrary()?;
        let mut attributes = Map::new();
        for key in ["a", "b", "d", "task", "worker", "workers"] {
            if u.arbitrary()? {
                attributes.insert(key.to_owned(), value(u, 2)?);
            }
        }
        let mut text = String::new();
        expression(u, 6, &mut text)?;
        Ok(Self { text, attributes, unix })
    }
}

fn value(u: &mut Unstructured<'_>, depth: usize) -> Result<Value> {
    Ok(match u.int_in_range(0..=if depth == 0 { 7 } else { 9 })? {
        0 => Value::Null,
        1 => json!(u.arbitrary::<bool>()?),
        2 => json!(u.int_in_range(0..=9)?),
        3 => json!(u.arbitrary::<i64>()?),
        4 => json!(u.arbitrary::<f64>()?),
        5 => json!(u.arbitrary::<u64>()?),
        6 => json!(*u.choose(&["x", "X", "1", "true", "", " 1 ", "axb"])?),
        7 => json!(u.arbitrary::<&str>()?),
        8 => {
            let len = u.int_in_range(0..=3)?;
            (0..len).map(|_| value(u, depth - 1)).collect::<Result<Vec<_>>>()?.into()
        }
        _ => json!({ "c": value(u, depth - 1)?, "available": value(u, depth - 1)? }),
    })
}

fn expression(u: &mut Unstructured<'_>, depth: usize, text: &mut String) -> Result<()> {
    let operands = if depth == 0 { 1 } else { u.int_in_range(1..=4)? };
    for i in 0..operands {
        if i > 0 {
            text.push_str(u.choose(&[" AND ", " or ", "\nOR\t"])?);
        }
        if depth > 0 && u.ratio(1, 3)? {
            text.push('(');
            expression(u, depth - 1, text)?;
            text.push(')');
        } else {
            operand(u, 2, text)?;
            text.push_str(u.choose(&OPERATORS)?);
            operand(u, 2, text)?;
        }
    }
    Ok(())
}

fn operand(u: &mut Unstructured<'_>, depth: usize, text: &mut String) -> Result<()> {
    match u.int_in_range(0..=if depth == 0 { 2 } else { 3 })? {
        0 | 1 => text.push_str(u.choose(&PATHS)?),
        2 => text.push_str(u.choose(&LITERALS)?),
        _ => {
            text.push('[');
            for i in 0..u.int_in_range(0..=3)? {
                if i > 0 {
                    text.push_str(", ");
                }
                operand(u, depth - 1, text)?;
            }
            text.push(']');
        }
    }
    Ok(())
}

fuzz_target!(|case: Case| laws::check(&case.text, &case.attributes, case.unix));
