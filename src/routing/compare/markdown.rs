//! Differences as a comment on a pull request.

use super::page::entries;
use super::told::elsewhere_line;
use super::value::RoutingDiff;
use crate::text::markdown::{self, Comment, Item, Section, code};

/// The comment: the sums, what was not looked at, and every difference, folded. `place` says what
/// is compared with what.
pub fn markdown(diff: &RoutingDiff, place: &str, max_chars: usize) -> String {
    let mut notes = Vec::new();
    match diff.counts.unseen {
        0 => {}
        1 => notes.push(Item::short("- known workers were not looked at in 1 queue")),
        unseen => {
            notes.push(Item::short(format!(
                "- known workers were not looked at in {unseen} queues"
            )));
        }
    }
    notes.extend(diff.bounded.iter().map(|workflow| {
        let text = "not every kind of task that could be made up was tried for workflow";
        Item::short(format!("- {text} {}", code(workflow)))
    }));
    let entries = entries(diff).into_iter().map(Item::short).collect();
    let mut sections = vec![
        Section::list("Notes", ["note", "notes"], notes),
        Section::fold("differences".to_owned(), ["difference", "differences"], "text", entries),
    ];
    sections.retain(|section| !section.is_empty());
    let tried = match diff.counts.tried {
        1 => "1 kind of task tried".to_owned(),
        tried => format!("{tried} kinds of tasks tried"),
    };
    let comment = Comment {
        head: format!("### Routing: {}\n\n{}", elsewhere_line(diff), markdown::place(place)),
        sections,
        foot: tried,
        all: "flexctl diff-routing".to_owned(),
    };
    comment.text(max_chars)
}
