//! What may come at the cursor. The parser reads what is before it and tells what it wanted at the end; there is no other grammar.

use super::lexer::{Lexeme, Wrong, ends_in_comment, tokens};
use super::parser::{NameOf, Parser, Sought, TEXT_LEN_MAX, What};
use super::span::Span;

/// What may come at a place of a text; nothing where the text before it is wrong.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Expected {
    /// In large letters; those that are possible after any value come last.
    pub keywords: Vec<&'static str>,
    pub signs: Vec<&'static str>,
    /// The name of a stream or table that is there.
    pub source: bool,
    /// A name that one thinks of: of a new stream, a column, an alias.
    pub new_name: bool,
    pub field: bool,
    /// One of `functions::FUNCTIONS`.
    pub function: bool,
    /// One of `PROPERTIES`.
    pub property: bool,
    /// The name of a query that runs.
    pub query: bool,
    /// A text in single quotes.
    pub text: bool,
    pub number: bool,
    /// The statement may end here.
    pub end: bool,
    /// For a field: the names before its dot, such as the alias of a source.
    pub path: Vec<String>,
    /// What has been typed of the word; it is replaced by what is chosen.
    pub typed: Span,
}

/// What may come at a byte of the text, of which the rest is not read. A word that ends there counts as not typed yet.
pub fn expected_at(text: &str, offset: usize) -> Expected {
    let offset = text.floor_char_boundary(offset);
    let before = &text[..offset];
    let mut typed = Span::new(offset, offset);
    if before.len() > TEXT_LEN_MAX || ends_in_comment(before) {
        return Expected { typed, ..Expected::default() };
    }
    let mut tokens = tokens(before);
    if let Some(at) = tokens.len().checked_sub(2) {
        let last = &tokens[at];
        let touches = last.span.end as usize == offset;
        match last.lexeme {
            Lexeme::Word(_) if touches => typed = tokens.remove(at).span,
            Lexeme::Wrong(Wrong::NameWithoutEnd) => typed = Span { end: typed.end, ..tokens.remove(at).span },
            Lexeme::Integer | Lexeme::Decimal if touches => return Expected { typed, ..Expected::default() },
            _ => {}
        }
    }
    let mut parser = Parser::over(before, tokens, true);
    // Whether it ends well does not matter here.
    let _ = parser.script();
    Expected::of(parser.into_sought(), typed)
}

impl Expected {
    fn of(sought: Sought, typed: Span) -> Self {
        let mut all = Self { typed, ..Self::default() };
        for what in sought.wants {
            match what {
                What::Keyword(keyword) => push_new(&mut all.keywords, keyword.text()),
                What::Sign(sign) => push_new(&mut all.signs, sign),
                What::Name(NameOf::Source) => all.source = true,
                What::Name(NameOf::NewSource | NameOf::Alias | NameOf::Column) => all.new_name = true,
                What::Name(NameOf::Field) => all.field = true,
                What::Name(NameOf::Function) => all.function = true,
                What::Name(NameOf::Property) => all.property = true,
                What::Name(NameOf::Query) => all.query = true,
                What::Text => all.text = true,
                What::Number => all.number = true,
                What::End => all.end = true,
            }
        }
        if all.field {
            all.path = sought.path;
        }
        all
    }
}

fn push_new(list: &mut Vec<&'static str>, word: &'static str) {
    if !list.contains(&word) {
        list.push(word);
    }
}
