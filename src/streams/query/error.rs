//! What is wrong with a query, and where; the planner's complaints have the same form.

use std::fmt;

use super::span::{Position, Span};

/// Longer lines and names are cut.
const SHOWN_LINE_MAX: usize = 120;
pub(super) const SHOWN_NAME_MAX: usize = 40;
/// So many of the things that were expected are named.
const SHOWN_EXPECTED_MAX: usize = 6;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QueryError {
    pub at: Position,
    /// What stands there, in words: `` `FORM` ``, `the end of the text`.
    pub found: String,
    /// What could stand there instead; empty if the text is well formed and wrong in another way.
    pub expected: Vec<String>,
    /// One sentence or more, without the hint.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl QueryError {
    /// A complaint about what stands somewhere in a text that is well formed.
    pub fn new(text: &str, span: Span, message: impl Into<String>) -> Self {
        let shown = shortened(span.of(text), SHOWN_NAME_MAX);
        let found = if shown.is_empty() { "the end of the text".to_owned() } else { format!("`{shown}`") };
        Self { at: Position::of(text, span), found, expected: Vec::new(), message: message.into(), hint: None }
    }

    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(super) fn unexpected(text: &str, span: Span, found: String, expected: Vec<String>) -> Self {
        let message = if expected.is_empty() {
            format!("{found} cannot stand here.")
        } else {
            format!("Expected {}, but found {found}.", list(&expected))
        };
        Self { at: Position::of(text, span), found, expected, message, hint: None }
    }

    /// The whole complaint, with the line that it is about and a mark below the place.
    ///
    /// ```text
    /// Line 1, column 10: Expected AS, `,` or FROM, but found `FORM`.
    ///   SELECT a FORM rides
    ///            ^^^^
    /// Did you mean FROM?
    /// ```
    pub fn render(&self, text: &str) -> String {
        let offset = text.floor_char_boundary(self.at.offset as usize);
        let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
        let end = text[offset..].find('\n').map_or(text.len(), |at| offset + at);
        let before = text[start..offset].chars().count();
        let line = text[start..end].trim_end_matches('\r');
        let marked_until = text.floor_char_boundary(offset + self.at.len as usize).clamp(offset, end);
        let marked = text[offset..marked_until].chars().count().max(1);

        // Of a long line the part around the place is shown.
        let skipped = if before + marked.min(SHOWN_NAME_MAX) > SHOWN_LINE_MAX { before - SHOWN_LINE_MAX / 2 } else { 0 };
        let shown: String = line.chars().skip(skipped).take(SHOWN_LINE_MAX).map(printable).collect();
        let dots = if skipped > 0 { "…" } else { "" };
        let more = if line.chars().nth(skipped + SHOWN_LINE_MAX).is_some() { "…" } else { "" };
        // A tab is as wide below as it is above.
        let blanks: String = dots.chars().chain(shown.chars().take(before - skipped)).map(blank).collect();
        let marks = "^".repeat(marked.min(SHOWN_LINE_MAX.saturating_sub(before - skipped).max(1)));

        let place = format!("Line {}, column {}: {}", self.at.line, self.at.column, self.message);
        let hint = self.hint.as_ref().map_or(String::new(), |hint| format!("\n{hint}"));
        format!("{place}\n  {dots}{shown}{more}\n  {blanks}{marks}{hint}")
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Line {}, column {}: {}", self.at.line, self.at.column, self.message)?;
        self.hint.iter().try_for_each(|hint| write!(out, " {hint}"))
    }
}

impl std::error::Error for QueryError {}

/// Control characters would move what is printed.
fn printable(letter: char) -> char {
    if letter.is_control() && letter != '\t' { ' ' } else { letter }
}

fn blank(letter: char) -> char {
    if letter == '\t' { '\t' } else { ' ' }
}

/// `a, b or c`
fn list(items: &[String]) -> String {
    let shown = if items.len() > SHOWN_EXPECTED_MAX { SHOWN_EXPECTED_MAX - 1 } else { items.len() };
    let more = items.len() - shown;
    match items {
        [] => String::new(),
        [one] => one.clone(),
        _ if more > 0 => format!("{} or {more} others", items[..shown].join(", ")),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// At most so many characters, on one line.
pub(super) fn shortened(text: &str, max: usize) -> String {
    let mut shown: String = text.chars().take(max).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if text.chars().nth(max).is_some() {
        shown.push('…');
    }
    shown
}
