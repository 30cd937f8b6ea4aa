//! What is wrong with a statement that is well formed.

use crate::streams::query::error::{QueryError, SHOWN_NAME_MAX, shortened};
use crate::streams::query::expr::{Name, Quote};
use crate::streams::query::span::Span;
use crate::streams::query::words::nearest;

/// So many names are listed.
const LISTED_MAX: usize = 12;

/// A complaint that does not know the text yet.
#[derive(Clone, Debug)]
pub(super) struct Wrong {
    span: Span,
    message: String,
    hint: Option<String>,
}

impl Wrong {
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), hint: None }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Where nothing better is known.
    pub fn or_hint(self, hint: &str) -> Self {
        if self.hint.is_some() { self } else { self.hint(hint) }
    }

    pub fn in_text(self, text: &str) -> QueryError {
        let error = QueryError::new(text, self.span, self.message);
        if let Some(hint) = self.hint { error.with_hint(hint) } else { error }
    }

    /// A name that there is not: what there is, and which of it may be meant.
    pub fn unknown(name: &Name, what: &str, (place, there): (&str, &str), known: &[&str]) -> Self {
        let list = if known.is_empty() { String::new() } else { format!(" {there}{}", listed(known)) };
        let wrong = Self::new(name.span, format!("There is no {what} {}{place}.{list}", short(&name.text)));
        match nearest(&name.text, known.iter().copied()) {
            Some(meant) if meant.eq_ignore_ascii_case(&name.text) && meant != name.text => {
                wrong.hint(format!("Did you mean {meant}? Large and small letters are not the same here."))
            }
            Some(meant) => wrong.hint(format!("Did you mean {meant}?")),
            None => wrong,
        }
    }

    /// A name in double quotes may be meant as a text.
    pub fn or_text(self, name: &Name) -> Self {
        match name.quote {
            Quote::Double => {
                let text = short(&name.text).replace('\'', "''");
                self.hint(format!("Double quotes hold a name; a text stands in single quotes: '{text}'."))
            }
            _ => self,
        }
    }
}

/// A name or an expression, as it can be shown in a sentence.
pub(super) fn short(text: &str) -> String {
    shortened(text, SHOWN_NAME_MAX)
}

/// `: fare, id, zone.`
fn listed(known: &[&str]) -> String {
    let mut known: Vec<&str> = known.to_vec();
    known.sort_unstable();
    match known.as_slice() {
        all if all.len() <= LISTED_MAX => format!(": {}.", all.join(", ")),
        all => format!(": {} and {} more.", all[..LISTED_MAX].join(", "), all.len() - LISTED_MAX),
    }
}
