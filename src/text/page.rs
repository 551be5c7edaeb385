//! Pages for a terminal: lines of styled text, broken between words.

use anstyle::{AnsiColor, Style};

use super::shown;

/// How to write a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether escape sequences colour it.
    pub color: bool,
    /// Columns; longer lines are broken between words.
    pub width: usize,
}

impl Default for Options {
    /// Plain, at 80 columns.
    fn default() -> Self {
        Self { color: false, width: 80 }
    }
}

/// A piece of a line in one style.
#[derive(Clone, Debug)]
pub struct Span {
    text: String,
    style: Style,
}

impl Span {
    /// Text that may come from anywhere: control characters are shown, not obeyed.
    fn new(text: impl AsRef<str>, style: Style) -> Self {
        Self { text: shown(text.as_ref()), style }
    }

    /// As it is.
    pub fn plain(text: impl AsRef<str>) -> Self {
        Self::new(text, Style::new())
    }

    /// What the line is about.
    pub fn strong(text: impl AsRef<str>) -> Self {
        Self::new(text, Style::new().bold())
    }

    /// What matters less.
    pub fn faint(text: impl AsRef<str>) -> Self {
        Self::new(text, Style::new().dimmed())
    }

    /// What is there, or comes.
    pub fn added(text: impl AsRef<str>) -> Self {
        Self::new(text, AnsiColor::Green.on_default())
    }

    /// What is another than before.
    pub fn changed(text: impl AsRef<str>) -> Self {
        Self::new(text, AnsiColor::Yellow.on_default())
    }

    /// What is missing, or goes.
    pub fn removed(text: impl AsRef<str>) -> Self {
        Self::new(text, AnsiColor::Red.on_default())
    }

    /// Columns that it takes.
    pub fn width(&self) -> usize {
        self.text.chars().count()
    }
}

/// What is written so far.
#[derive(Debug)]
pub struct Page {
    options: Options,
    out: String,
}

impl Page {
    /// An empty one, of at least 40 columns.
    pub fn new(options: &Options) -> Self {
        Self { options: Options { width: options.width.max(40), ..*options }, out: String::new() }
    }

    /// The whole text, each line ended.
    pub fn finish(self) -> String {
        self.out
    }

    /// An empty line, never two.
    pub fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// Whether spans fit into one line behind `indent`.
    pub fn fits(&self, indent: usize, spans: &[Span]) -> bool {
        indent + spans.iter().map(Span::width).sum::<usize>() <= self.options.width
    }

    /// Lines of another page, moved to `indent`.
    pub fn lines(&mut self, indent: usize, page: &str) {
        for line in page.lines() {
            if !line.is_empty() {
                self.out.extend(std::iter::repeat_n(' ', indent));
            }
            self.out.push_str(line);
            self.out.push('\n');
        }
    }

    /// One line at `indent`; what does not fit goes on below, at `hang`.
    pub fn line(&mut self, indent: usize, hang: usize, spans: &[Span]) {
        let none = Span::plain("");
        self.beside([&none, &none], indent, hang, spans);
    }

    /// The same behind a margin: the first before the line itself, the second before what goes on
    /// below. Both are of one width, which `indent` and `hang` do not count.
    pub fn beside(&mut self, margin: [&Span; 2], indent: usize, hang: usize, spans: &[Span]) {
        let [first, below] = margin;
        self.begin(first, indent);
        let mut column = first.width() + indent;
        let mut fresh = true;
        for word in words(spans) {
            let spaces = word.spaces;
            if !fresh && column + spaces + word.width() > self.options.width {
                self.end();
                self.begin(below, hang);
                column = below.width() + hang;
            } else {
                self.out.extend(std::iter::repeat_n(' ', spaces));
                column += spaces;
            }
            for piece in &word.pieces {
                self.paint(piece);
            }
            column += word.width();
            fresh = false;
        }
        self.end();
    }

    fn begin(&mut self, margin: &Span, indent: usize) {
        self.paint(margin);
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    fn end(&mut self) {
        self.out.truncate(self.out.trim_end_matches(' ').len());
        self.out.push('\n');
    }

    fn paint(&mut self, span: &Span) {
        if self.options.color && span.style != Style::new() {
            let (on, off) = (span.style.render(), span.style.render_reset());
            self.out.push_str(&format!("{on}{}{off}", span.text));
        } else {
            self.out.push_str(&span.text);
        }
    }
}

/// What must not be broken, and the spaces before it.
#[derive(Debug, Default)]
struct Word {
    spaces: usize,
    pieces: Vec<Span>,
}

impl Word {
    fn width(&self) -> usize {
        self.pieces.iter().map(Span::width).sum()
    }
}

/// The words of a line. A word may go from one span into the next, and what stands in backquotes,
/// to be copied, is one word.
fn words(spans: &[Span]) -> Vec<Word> {
    let mut words: Vec<Word> = vec![Word::default()];
    let mut quoted = false;
    for span in spans {
        let mut piece = String::new();
        for c in span.text.chars() {
            quoted ^= c == '`';
            if c != ' ' || quoted {
                piece.push(c);
                continue;
            }
            end_piece(&mut words, &mut piece, span.style);
            match words.last_mut() {
                Some(last) if last.pieces.is_empty() => last.spaces += 1,
                _ => words.push(Word { spaces: 1, pieces: Vec::new() }),
            }
        }
        end_piece(&mut words, &mut piece, span.style);
    }
    words
}

fn end_piece(words: &mut [Word], piece: &mut String, style: Style) {
    if let Some(last) = words.last_mut()
        && !piece.is_empty()
    {
        last.pieces.push(Span { text: std::mem::take(piece), style });
    }
}
