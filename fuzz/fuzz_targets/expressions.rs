//! Checks the laws of expressions for any bytes: a text, and after a NUL byte the attributes as JSON.
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

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

fuzz_target!(|bytes: &[u8]| {
    let input = String::from_utf8_lossy(bytes);
    let (text, attributes) = input.split_once('\0').unwrap_or((&input, ""));
    let attributes: Map<String, Value> = serde_json::from_str(attributes).unwrap_or_default();
    laws::check(text, &attributes, bytes.len() as i64 * 7777);
});
