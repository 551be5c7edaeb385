//! Days that never come.

use super::finding::Finding;
use super::reading::{Readings, Side, dotted};
use crate::expr::CompareOp;
use crate::text::shorten;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Finds comparisons of the day with what is no day.
pub(super) fn check(readings: &Readings, found: &mut Vec<Finding>) {
    for reading in &readings.expressions {
        for comparison in reading.tree.comparisons() {
            let of_the_day = reading
                .attribute(comparison.path)
                .is_some_and(|(side, rest)| side == Side::Clock && dotted(rest) == "dayOfWeek");
            let whole = !matches!(comparison.op, CompareOp::Contains | CompareOp::Has);
            if !of_the_day || !whole || DAYS.contains(&comparison.literal) {
                continue;
            }
            let first: String = comparison.literal.chars().take(3).collect();
            let near = DAYS.into_iter().find(|day| day.eq_ignore_ascii_case(&first));
            let help = match near {
                Some(day) => format!("write '{day}'"),
                None => format!("the days are '{}'", DAYS.join("', '")),
            };
            let message = format!(
                "'{}' in {} is never the day of the week",
                shorten(comparison.literal, 40),
                reading.place(readings.model)
            );
            found.push(
                Finding::new("day-of-week", reading.at(comparison.range), message).with_help(help),
            );
        }
    }
}
