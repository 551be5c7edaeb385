//! Source files, and where a byte of them is for people and for editors.

use super::{FileId, Span, TextRange};

/// A place for people: 1-based line and column, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    /// 1-based.
    pub line: usize,
    /// 1-based, in Unicode scalar values.
    pub column: usize,
}

/// One file that was read, by the name the user gave it.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path as shown to people.
    pub name: String,
    /// The whole text.
    pub text: String,
    line_starts: Vec<usize>,
}

impl SourceFile {
    /// A file with this name and text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let line_starts =
            std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { name: name.into(), text, line_starts }
    }

    /// Where byte `offset` is; an offset past the end counts as the end.
    pub fn line_column(&self, offset: usize) -> LineColumn {
        let (line, start, offset) = self.locate(offset);
        LineColumn { line: line + 1, column: self.text[start..offset].chars().count() + 1 }
    }

    /// Where byte `offset` is for an editor: 0-based line, and column in UTF-16 code units.
    pub fn line_column_utf16(&self, offset: usize) -> (usize, usize) {
        let (line, start, offset) = self.locate(offset);
        (line, self.text[start..offset].encode_utf16().count())
    }

    /// The line that byte `offset` stands in, without its end.
    pub fn line_range(&self, offset: usize) -> TextRange {
        let (line, start, _) = self.locate(offset);
        let end = self.line_starts.get(line + 1).map_or(self.text.len(), |next| next - 1);
        TextRange::new(start, end)
    }

    fn locate(&self, offset: usize) -> (usize, usize, usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line_starts.partition_point(|&start| start <= offset) - 1;
        (line, self.line_starts[line], offset)
    }
}

/// All files of one run, in the order they were read.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Adds a file and says by which id its spans name it.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).expect("fewer than 2^32 files"));
        self.files.push(SourceFile::new(name, text));
        id
    }

    /// The file with this id.
    ///
    /// # Panics
    /// When the id was not given by this `Sources`.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// Every file with its id.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..).map(FileId).zip(&self.files)
    }

    /// The text a span covers.
    pub fn slice(&self, span: Span) -> &str {
        self.file(span.file).text.get(span.range.start..span.range.end).unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_found_for_people_and_for_editors() {
        let file = SourceFile::new("f", "a\n😀b\n");
        assert_eq!(file.line_column(6), LineColumn { line: 2, column: 2 });
        assert_eq!(file.line_column_utf16(6), (1, 2));
        assert_eq!(file.line_column(4), LineColumn { line: 2, column: 1 }, "inside a character");
        assert_eq!(file.line_column(99), LineColumn { line: 3, column: 1 }, "past the end");
    }

    #[test]
    fn a_line_has_no_line_break() {
        let file = SourceFile::new("f", "ab\ncd\n");
        assert_eq!(file.line_range(2), TextRange::new(0, 2));
        assert_eq!(file.line_range(3), TextRange::new(3, 5));
        assert_eq!(file.line_range(6), TextRange::new(6, 6));
    }
}
