//! Where something stands in a query's text.

/// From byte `start` up to byte `end` of the text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

/// Two trees are the same if they say the same, wherever it stood: what is printed and read again equals what was printed.
impl PartialEq for Span {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Span {}

impl Span {
    pub fn new(start: usize, end: usize) -> Self {
        let short = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { start: short(start), end: short(end) }
    }

    /// From where this one begins to where the other ends.
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// What stands there; nothing if the text is not the one that the span was made for.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}

/// A span as a person counts it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// From 0, in bytes of the whole text.
    pub offset: u32,
    /// In bytes; 0 at the end of the text.
    pub len: u32,
}

impl Position {
    pub fn of(text: &str, span: Span) -> Self {
        let start = text.floor_char_boundary(span.start as usize);
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Self {
            line: count(before.matches('\n').count() + 1),
            column: count(before[line_start..].chars().count() + 1),
            offset: count(start),
            len: span.end.saturating_sub(span.start),
        }
    }

    pub fn span(self) -> Span {
        Span { start: self.offset, end: self.offset + self.len }
    }
}
