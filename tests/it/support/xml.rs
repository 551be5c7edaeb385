//! Whether a text is well-formed XML, as far as we write it: elements, attributes, text, entities.

/// What is wrong with it; none when nothing is.
pub(crate) fn fault(text: &str) -> Option<String> {
    let mut open: Vec<String> = Vec::new();
    let mut rest = text.trim_start();
    let mut roots = 0;
    while let Some(at) = rest.find('<') {
        if let Some(fault) = text_fault(&rest[..at]) {
            return Some(fault);
        }
        let Some(end) = rest[at..].find('>') else { return Some("a tag does not end".to_owned()) };
        let tag = &rest[at + 1..at + end];
        rest = &rest[at + end + 1..];
        if tag.starts_with('?') {
            continue;
        }
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop().as_deref() != Some(name) {
                return Some(format!("</{name}> closes nothing"));
            }
            continue;
        }
        roots += usize::from(open.is_empty());
        let (tag, closed) = match tag.strip_suffix('/') {
            Some(tag) => (tag, true),
            None => (tag, false),
        };
        let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        if let Some(fault) = attributes_fault(attributes) {
            return Some(format!("<{name}>: {fault}"));
        }
        if !closed {
            open.push(name.to_owned());
        }
    }
    match (open.pop(), roots) {
        (Some(name), _) => Some(format!("<{name}> is not closed")),
        (None, 1) if rest.trim().is_empty() => None,
        (None, roots) => Some(format!("{roots} roots, and {rest:?} behind them")),
    }
}

fn attributes_fault(mut rest: &str) -> Option<String> {
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return None;
        }
        let Some((name, value)) = rest.split_once("=\"") else { return Some(rest.to_owned()) };
        let Some((value, after)) = value.split_once('"') else { return Some(rest.to_owned()) };
        if name.contains(char::is_whitespace) || value.contains('<') {
            return Some(rest.to_owned());
        }
        if let Some(fault) = text_fault(value) {
            return Some(fault);
        }
        rest = after;
    }
}

fn text_fault(text: &str) -> Option<String> {
    if let Some(c) = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) {
        return Some(format!("{c:?} may not be in XML"));
    }
    let entities = ["amp;", "lt;", "gt;", "quot;", "#39;", "#9;", "#10;"];
    text.split('&')
        .skip(1)
        .find(|rest| !entities.iter().any(|entity| rest.starts_with(entity)))
        .map(|rest| format!("& before {:?}", rest.chars().take(10).collect::<String>()))
}

#[test]
fn what_is_not_well_formed_is_seen() {
    assert_eq!(fault("<a b=\"1 &amp; 2\"><c/>x &lt; y</a>\n"), None);
    for text in ["<a>", "<a></b>", "<a b=1/>", "<a>&nbsp;</a>", "<a/><b/>", "<a>\u{1}</a>", "x"] {
        assert!(fault(text).is_some(), "{text}");
    }
}
