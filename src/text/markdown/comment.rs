//! A comment of sections, each of objects that are told in full, in short, or counted only.

use std::fmt::Write;

use super::escape::longest_run;

/// A comment: the verdict, what must be read, and what can be unfolded.
#[derive(Clone, Debug, Default)]
pub struct Comment {
    /// Markdown that always stands first: the verdict, where it holds.
    pub head: String,
    pub sections: Vec<Section>,
    /// Markdown that always stands last; may be empty.
    pub foot: String,
    /// How to see what is left out: a command.
    pub all: String,
}

/// Objects of one sort.
#[derive(Clone, Debug)]
pub struct Section {
    /// What they are, where they are counted: `queue`, `queues`.
    nouns: [&'static str; 2],
    form: Form,
    items: Vec<Item>,
}

#[derive(Clone, Debug)]
enum Form {
    /// Markdown as it is, a list mostly. What has it comes first when there is little room.
    List { title: String },
    /// Lines in a fence, folded under a summary in HTML.
    Fold { summary: String, language: &'static str },
}

/// One object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// Whole lines, without the last line's end.
    pub full: String,
    /// The same in few words, where there is no room; none when it is short already.
    pub short: Option<String>,
}

impl Section {
    /// A list under a title in bold; each item is an entry (`- …`).
    pub fn list(title: &str, nouns: [&'static str; 2], items: Vec<Item>) -> Self {
        Self { nouns, form: Form::List { title: title.to_owned() }, items }
    }

    /// Lines of `language` (`diff`, `text`), folded; `summary` is HTML. What ends a fence in an
    /// item does not end this one.
    pub fn fold(
        summary: String,
        nouns: [&'static str; 2],
        language: &'static str,
        items: Vec<Item>,
    ) -> Self {
        Self { nouns, form: Form::Fold { summary, language }, items }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    fn is_list(&self) -> bool {
        matches!(self.form, Form::List { .. })
    }

    fn open(&self) -> String {
        match &self.form {
            Form::List { title } => format!("\n**{title}**\n\n"),
            Form::Fold { summary, language } => {
                format!("\n<details><summary>{summary}</summary>\n\n{}{language}\n", self.fence())
            }
        }
    }

    fn close(&self) -> String {
        match &self.form {
            Form::List { .. } => String::new(),
            Form::Fold { .. } => format!("{}\n\n</details>\n", self.fence()),
        }
    }

    fn fence(&self) -> String {
        let texts = self.items.iter().flat_map(|item| item.short.iter().chain([&item.full]));
        let longest = texts.map(|text| longest_run(text)).max().unwrap_or_default();
        "`".repeat(longest.max(2) + 1)
    }
}

impl Item {
    /// What is short already.
    pub fn short(full: impl Into<String>) -> Self {
        Self { full: full.into(), short: None }
    }

    /// A first line that is enough where there is little room, and the others.
    pub fn of_lines(lines: Vec<String>) -> Self {
        let more = match lines.len() {
            0 | 1 => return Self::short(lines.concat()),
            2 => "1 more line".to_owned(),
            several => format!("{} more lines", several - 1),
        };
        Self { short: Some(format!("{}  ({more})", lines[0])), full: lines.join("\n") }
    }

    fn at(&self, told: Told) -> &str {
        match (told, &self.short) {
            (Told::Not, _) => "",
            (Told::InShort, Some(short)) => short,
            (Told::InShort, None) | (Told::InFull, _) => &self.full,
        }
    }
}

/// How an item is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    Not,
    InShort,
    InFull,
}

/// How the items of a section are told, and whether more may be.
#[derive(Debug)]
struct Chosen {
    told: Vec<Told>,
    overhead: usize,
}

impl Comment {
    /// The comment in at most `max` characters, those outside the basic plane counted twice, as
    /// platforms do that count UTF-16. Only head and foot are never cut.
    ///
    /// What must be read comes first, then every object in short as far as half of the room goes,
    /// then as many in full as fit, of every section in turn.
    pub fn text(&self, max: usize) -> String {
        let mut chosen: Vec<Chosen> = self
            .sections
            .iter()
            .map(|section| Chosen {
                told: vec![Told::Not; section.items.len()],
                overhead: length(&section.open()) + length(&section.close()),
            })
            .collect();
        let fixed = length(&self.head) + length(&self.foot) + 4;
        let mut room = Room { left: max.saturating_sub(fixed), kept: 0 };
        self.fill(&mut chosen, &mut room, Told::InFull, |_| true);
        if chosen.iter().any(|one| one.told.contains(&Told::Not)) {
            // It does not fit as it is: begin anew, and keep room to say so.
            chosen.iter_mut().for_each(|one| one.told.fill(Told::Not));
            let longest = self.left_out(max, &self.worst());
            let all = max.saturating_sub(fixed + length(&longest));
            room = Room { left: all, kept: all / 3 };
            self.fill(&mut chosen, &mut room, Told::InFull, Section::is_list);
            room.kept = (all / 2).min(room.left);
            self.fill(&mut chosen, &mut room, Told::InShort, |_| true);
            room.kept = 0;
            self.fill(&mut chosen, &mut room, Told::InFull, |_| true);
        }
        self.write(&chosen, max)
    }

    /// Tells the next item of each chosen section in turn, as long as there is room.
    fn fill(
        &self,
        chosen: &mut [Chosen],
        room: &mut Room,
        level: Told,
        these: impl Fn(&Section) -> bool,
    ) {
        let longest = self.sections.iter().map(|section| section.items.len()).max();
        let mut closed = vec![false; self.sections.len()];
        for at in 0..longest.unwrap_or_default() {
            for ((section, chosen), closed) in
                self.sections.iter().zip(chosen.iter_mut()).zip(&mut closed)
            {
                let Some(item) = section.items.get(at).filter(|_| !*closed && these(section))
                else {
                    continue;
                };
                let told = chosen.told[at];
                if told >= level {
                    continue;
                }
                let opens = if at == 0 && told == Told::Not { chosen.overhead } else { 0 };
                let cost = |told| if told == Told::Not { 0 } else { length(item.at(told)) + 1 };
                if room.take(opens + cost(level), cost(told)) {
                    chosen.told[at] = level;
                } else if told == Told::Not {
                    // What is not even named hides what comes after it: no gaps.
                    *closed = true;
                }
            }
        }
    }

    fn write(&self, chosen: &[Chosen], max: usize) -> String {
        let mut out = format!("{}\n", self.head.trim_end());
        let mut left: Vec<Left> = Vec::new();
        for (section, chosen) in self.sections.iter().zip(chosen) {
            let count = |level| chosen.told.iter().filter(|told| **told == level).count();
            let shortened = section.items.iter().zip(&chosen.told);
            let shortened = shortened
                .filter(|(item, told)| **told == Told::InShort && item.short.is_some())
                .count();
            let of = section.items.len();
            left.push(Left { nouns: section.nouns, of, not: count(Told::Not), shortened });
            if count(Told::Not) == section.items.len() {
                continue;
            }
            out.push_str(&section.open());
            for (item, told) in section.items.iter().zip(&chosen.told) {
                if *told != Told::Not {
                    out.push_str(item.at(*told));
                    out.push('\n');
                }
            }
            out.push_str(&section.close());
        }
        out.push_str(&self.left_out(max, &left));
        if !self.foot.is_empty() {
            write!(out, "\n{}\n", self.foot.trim_end()).expect("a String grows");
        }
        out
    }

    fn worst(&self) -> Vec<Left> {
        let of = |section: &Section| section.items.len();
        self.sections
            .iter()
            .map(|one| Left { nouns: one.nouns, of: of(one), not: of(one), shortened: of(one) })
            .collect()
    }

    /// `Left out to stay below 60000 characters: 120 of 200 queues, the details of 3 workflows.`
    fn left_out(&self, max: usize, left: &[Left]) -> String {
        let mut parts = Vec::new();
        for Left { nouns: [one, many], of, not, shortened } in left {
            let noun = |count| if count == 1 { one } else { many };
            if *not > 0 {
                parts.push(format!("{not} of {of} {}", noun(*of)));
            }
            if *shortened > 0 {
                parts.push(format!("the details of {shortened} {}", noun(*shortened)));
            }
        }
        if parts.is_empty() {
            return String::new();
        }
        let all =
            if self.all.is_empty() { String::new() } else { format!(" `{}` shows all.", self.all) };
        format!("\n_Left out to stay below {max} characters: {}._{all}\n", parts.join(", "))
    }
}

/// What is left out of a section.
#[derive(Debug)]
struct Left {
    nouns: [&'static str; 2],
    of: usize,
    not: usize,
    shortened: usize,
}

/// Characters that may still be used; some are kept for what comes later.
#[derive(Debug)]
struct Room {
    left: usize,
    kept: usize,
}

impl Room {
    /// Takes room for what costs so much in the place of what did.
    fn take(&mut self, cost: usize, before: usize) -> bool {
        let left = (self.left + before).checked_sub(cost).filter(|left| *left >= self.kept);
        if let Some(left) = left {
            self.left = left;
        }
        left.is_some()
    }
}

fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(queues: usize, lines: usize) -> Comment {
        let items = |queues| {
            (0..queues)
                .map(|at| Item {
                    full: vec![format!("! queue.Q{at}"); lines].join("\n"),
                    short: Some(format!("! queue.Q{at}  {lines} lines")),
                })
                .collect()
        };
        Comment {
            head: "### Plan".to_owned(),
            sections: vec![
                Section::list("Notes", ["note", "notes"], vec![Item::short("- a note")]),
                Section::fold("queues".to_owned(), ["queue", "queues"], "diff", items(queues)),
            ],
            foot: "18 requests".to_owned(),
            all: "flexctl plan".to_owned(),
        }
    }

    #[test]
    fn what_fits_is_told_in_full_and_nothing_is_said_of_a_bound() {
        let text = comment(2, 2).text(60_000);
        assert_eq!(
            text,
            "### Plan\n\n**Notes**\n\n- a note\n\n<details><summary>queues</summary>\n\n```diff\n\
             ! queue.Q0\n! queue.Q0\n! queue.Q1\n! queue.Q1\n```\n\n</details>\n\n18 requests\n"
        );
    }

    #[test]
    fn whatever_the_bound_it_holds_and_what_is_left_out_is_counted() {
        for max in (400..6_000).step_by(37) {
            let text = comment(50, 20).text(max);
            assert!(length(&text) <= max, "{} > {max}", length(&text));
            assert_eq!(text.matches("```").count() % 2, 0, "{text}");
            assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
            let told = (0..50)
                .filter(|at| {
                    text.contains(&format!("queue.Q{at}\n"))
                        || text.contains(&format!("queue.Q{at} "))
                })
                .count();
            if told < 50 {
                assert!(text.contains(&format!("{} of 50 queues", 50 - told)), "{max}: {text}");
            }
            assert!(text.contains("the details of") || told < 50, "{text}");
            assert!(text.contains("- a note") && text.ends_with("18 requests\n"));
        }
    }

    #[test]
    fn one_giant_leaves_room_for_the_others() {
        let mut comment = comment(3, 2);
        let giant = Item { full: "! x\n".repeat(100_000), short: Some("! giant".to_owned()) };
        comment.sections.push(Section::fold(
            "w".to_owned(),
            ["workflow", "workflows"],
            "diff",
            vec![giant],
        ));
        let text = comment.text(2_000);
        assert!(text.contains("! giant\n") && text.contains("! queue.Q2\n! queue.Q2\n"), "{text}");
        assert!(text.contains("the details of 1 workflow."), "{text}");
    }
}
