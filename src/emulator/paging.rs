//! Paging by token: `PageToken=PA<sid>` is the page after that item, `PB<sid>` the one before.

use serde::Serialize;

use super::body::List;
use super::call::Call;
use super::collection::Collection;
use super::form::Pairs;
use super::refusal::Refusal;
use super::store::Record;

/// How many items a page may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    /// Without `PageSize`.
    pub(super) default: usize,
    /// At most.
    pub(super) most: usize,
}

/// TaskRouter's lists.
pub(super) const LARGE: Limit = Limit { default: 50, most: 1000 };
/// Conversation services.
pub(super) const MIDDLE: Limit = Limit { default: 50, most: 100 };
/// Conversations roles.
pub(super) const SMALL: Limit = Limit { default: 50, most: 50 };

/// A direction along the order of creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Newer,
    Older,
}

#[derive(Clone, Copy, Debug)]
enum Cursor {
    Start,
    After(u64),
    Before(u64),
}

/// Which page is wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    number: u64,
    size: usize,
    cursor: Cursor,
    onward: Way,
}

/// A page of rows, and whether there are others around it.
#[derive(Debug)]
pub(super) struct Selection<'a, T> {
    pub(super) rows: Vec<&'a T>,
    has_next: bool,
    has_previous: bool,
}

/// The envelope of a list.
#[derive(Debug, Serialize)]
pub(super) struct Meta {
    page: u64,
    page_size: usize,
    first_page_url: String,
    previous_page_url: Option<String>,
    url: String,
    next_page_url: Option<String>,
    key: &'static str,
}

impl Page {
    /// Reads `PageSize`, `Page`, `PageToken` and `Ordering`.
    pub(super) fn read(
        query: &Pairs,
        list: &List,
        place: impl Fn(&str) -> Option<u64>,
    ) -> Result<Self, Refusal> {
        let size = match query.text("PageSize") {
            None => list.limit.default,
            Some(text) => match text.trim().parse() {
                Ok(size) if (1..=list.limit.most).contains(&size) => size,
                _ => return Err(Refusal::invalid("Invalid PageSize.")),
            },
        };
        let number = match query.text("Page") {
            None => None,
            Some(text) => match text.trim().parse::<u64>() {
                Ok(number) => Some(number),
                Err(_) => return Err(Refusal::invalid("Invalid Page.")),
            },
        };
        // Tasks are sorted before they are paged.
        let ordered =
            list.key != "tasks" && list.filters.iter().any(|param| param.name == "Ordering");
        let onward = match query.text("Ordering").filter(|_| ordered) {
            None | Some("" | "DateCreated" | "DateCreated:asc") => Way::Newer,
            Some("DateCreated:desc") => Way::Older,
            Some(_) => return Err(Refusal::invalid("Invalid Ordering.")),
        };
        let cursor = match query.text("PageToken").filter(|token| !token.is_empty()) {
            None if number.unwrap_or(0) > 0 => return Err(Refusal::absolute_paging()),
            None => Cursor::Start,
            Some(token) => {
                let (way, sid) = token.split_at_checked(2).unwrap_or_default();
                match (way, place(sid)) {
                    ("PA", Some(place)) => Cursor::After(place),
                    ("PB", Some(place)) => Cursor::Before(place),
                    _ => return Err(Refusal::invalid("Invalid PageToken.")),
                }
            }
        };
        let number = match cursor {
            Cursor::Start => 0,
            Cursor::After(_) => number.unwrap_or(1),
            Cursor::Before(_) => number.unwrap_or(0),
        };
        Ok(Self { number, size, cursor, onward })
    }

    /// The rows of the page.
    pub(super) fn select<'a, T: Record>(
        &self,
        rows: &'a Collection<T>,
        matches: impl Fn(&T) -> bool,
    ) -> Selection<'a, T> {
        let (back, start) = match self.onward {
            Way::Newer => (Way::Older, 0),
            Way::Older => (Way::Newer, u64::MAX),
        };
        let after = |place| walk(rows, place, self.onward);
        let before = |place| walk(rows, place, back);
        let mut taken: Vec<&T> = match self.cursor {
            Cursor::Start => after(start),
            Cursor::After(place) => after(place),
            Cursor::Before(place) => before(place),
        }
        .filter(|row| matches(row))
        .take(self.size + 1)
        .collect();
        let more = taken.len() > self.size;
        taken.truncate(self.size);
        let ahead = |place| after(place).any(&matches);
        let behind = |place| before(place).any(&matches);
        let place = |row: Option<&&T>| row.map(|row| row.head().sequence);
        let (has_next, has_previous) = match self.cursor {
            Cursor::Start => (more, false),
            Cursor::After(start) => (more, behind(place(taken.first()).unwrap_or(start))),
            Cursor::Before(end) => {
                taken.reverse();
                (ahead(place(taken.last()).unwrap_or(end)), more)
            }
        };
        Selection { rows: taken, has_next, has_previous }
    }

    /// The envelope.
    pub(super) fn meta<T: Record>(
        &self,
        call: &Call<'_>,
        list: &List,
        selection: &Selection<'_, T>,
    ) -> Meta {
        let mut stem = format!("{}{}?", call.base, call.path);
        let filters = call.query.encode(list.filters);
        if !filters.is_empty() {
            stem.push_str(&filters);
            stem.push('&');
        }
        stem.push_str(&format!("PageSize={}", self.size));
        let token = |way: &str, row: Option<&&T>| {
            row.map(|row| format!("&PageToken={way}{}", row.head().sid))
        };
        let neighbour = |number: u64, token: Option<String>| {
            token.map(|token| format!("{stem}&Page={number}{token}"))
        };
        let own = call.query.text("PageToken").filter(|token| !token.is_empty());
        let own = own.map(|token| format!("&PageToken={token}")).unwrap_or_default();
        let next = selection.has_next.then(|| token("PA", selection.rows.last())).flatten();
        let previous =
            selection.has_previous.then(|| token("PB", selection.rows.first())).flatten();
        Meta {
            page: self.number,
            page_size: self.size,
            first_page_url: format!("{stem}&Page=0"),
            previous_page_url: neighbour(self.number.saturating_sub(1), previous),
            url: format!("{stem}&Page={}{own}", self.number),
            next_page_url: neighbour(self.number + 1, next),
            key: list.key,
        }
    }
}

/// The rows from `place`, without the one that stands there.
fn walk<'a, T: Record>(
    rows: &'a Collection<T>,
    place: u64,
    way: Way,
) -> Box<dyn Iterator<Item = &'a T> + 'a> {
    match way {
        Way::Newer => Box::new(rows.after(place)),
        Way::Older => Box::new(rows.before(place).rev()),
    }
}
