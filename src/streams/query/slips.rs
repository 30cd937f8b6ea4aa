//! What people get wrong often, and the sentence that helps.

use super::error::{QueryError, SHOWN_NAME_MAX, shortened};
use super::expr::Quote;
use super::lexer::{Lexeme, Wrong};
use super::missing;
use super::parser::{NameOf, Parser, Shown, What, expected};
use super::span::Position;
use super::types::unit_meant;
use super::words::{Keyword, nearest};

/// A part of the text that is no token.
pub(super) fn wrong(parser: &Parser<'_>, wrong: Wrong) -> QueryError {
    let (span, here) = (parser.span(), parser.here());
    let error = |message: &str, hint: &str| parser.error(span, message).with_hint(hint);
    match wrong {
        Wrong::TextWithoutEnd => {
            error("This text has no end.", "A text ends with `'`; a `'` inside of it is written twice: 'it''s'.")
        }
        Wrong::NameWithoutEnd => error("This name has no end.", "A name ends with the same quote with which it begins."),
        Wrong::CommentWithoutEnd => error("This comment has no end.", "A comment that begins with `/*` ends with `*/`."),
        Wrong::EmptyName => error("This name is empty.", "An empty text is written with two single quotes: ''."),
        Wrong::NumberAndLetters => {
            let digits = here.len() - here.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
            let message = "A name cannot begin with a digit.";
            match unit_meant(&here[digits..]) {
                Some(unit) => {
                    error(message, &format!("Did you mean {} {}?", shortened(&here[..digits], SHOWN_NAME_MAX), unit.text()))
                }
                None => error(message, "A name that does stands in double quotes."),
            }
        }
        Wrong::Character(letter) => {
            let message = format!("The language has no `{}`.", letter.escape_debug());
            let hint = match letter {
                '‘' | '’' | '“' | '”' | '„' | '‚' | '´' => "Quotes are straight: 'text', \"name\".",
                '&' => "Write AND.",
                '|' => "Write OR; texts are joined with `||`.",
                '^' => "There is no power; multiply.",
                '#' => "A comment begins with `--`.",
                '–' | '—' | '−' => "A minus sign is `-`.",
                '×' => "Multiply with `*`.",
                '÷' | '\\' => "Divide with `/`.",
                '≤' => "Write `<=`.",
                '≥' => "Write `>=`.",
                '≠' => "Write `<>`.",
                _ => "In a text in single quotes, or in a name in double quotes, it may stand.",
            };
            error(&message, hint)
        }
    }
}

/// `FROM rides WIDNOW TUMBLING`: the word before was taken for an alias, but was meant as a keyword.
pub(super) fn misspelt_before(parser: &Parser<'_>) -> Option<QueryError> {
    let alias = parser.soft_alias.filter(|alias| alias + 1 == parser.at)?;
    let span = parser.tokens.get(alias)?.span;
    let word = span.of(parser.text);
    let meant = keyword_meant(parser, word)?;
    let mut error = parser.error(span, format!("`{word}` is no word of the language."));
    error.expected = expected(parser.wanted());
    Some(error.with_hint(format!("Did you mean {meant}?")))
}

/// Which of the keywords that were wanted a word is likely to mean.
fn keyword_meant(parser: &Parser<'_>, word: &str) -> Option<&'static str> {
    let keywords = parser.wanted().iter().filter_map(|(what, _)| match what {
        What::Keyword(keyword) => Some(keyword.text()),
        _ => None,
    });
    let letters = |word: &str| {
        let mut letters: Vec<char> = word.to_uppercase().chars().collect();
        letters.sort_unstable();
        letters
    };
    // A short keyword is near to many names: `id` does not mean IN, but ADN means AND.
    nearest(word, keywords).filter(|meant| meant.len() > 3 || word.len() > 3 || letters(meant) == letters(word))
}

/// What to say about a token that cannot stand here.
pub(super) fn hint(parser: &Parser<'_>) -> Option<String> {
    let wants = |what: What| parser.wanted().contains(&(what, Shown::Itself));
    let here = parser.here();
    if parser.wanted() == [(What::Sign("("), Shown::Itself)] {
        return Some("What follows stands in parentheses.".to_owned());
    }
    let single = || format!("A text stands in single quotes: '{}'.", here.trim_matches('"').replace('\'', "''"));
    match parser.lexeme() {
        Lexeme::Sign(sign) => sign_hint(parser, sign).or_else(|| open_hint(parser)),
        Lexeme::Quoted(Quote::Double, _) | Lexeme::Word(_) | Lexeme::Integer if wants(What::Text) && here.len() < 40 => {
            Some(single())
        }
        Lexeme::Word(Some(keyword)) if keyword.is_reserved() => reserved_hint(parser, *keyword).or_else(|| open_hint(parser)),
        Lexeme::Word(_) => {
            let meant = keyword_meant(parser, here).map(|meant| format!("Did you mean {meant}?"));
            meant.or_else(|| comma_hint(parser)).or_else(|| open_hint(parser))
        }
        Lexeme::Text(_) if wants(What::Name(NameOf::Source)) || wants(What::Name(NameOf::NewSource)) => {
            Some("A name stands without quotes, or in double quotes.".to_owned())
        }
        Lexeme::Text(_) if wants(What::Number) => Some("A number stands without quotes.".to_owned()),
        Lexeme::Integer if wants(What::Keyword(Keyword::Size)) => {
            Some(format!("Did you mean SIZE {}?", shortened(here, SHOWN_NAME_MAX)))
        }
        Lexeme::Text(_) | Lexeme::Quoted(..) | Lexeme::Integer | Lexeme::Decimal => {
            comma_hint(parser).or_else(|| open_hint(parser))
        }
        Lexeme::End => open_hint(parser),
        Lexeme::Wrong(_) => None,
    }
}

fn sign_hint(parser: &Parser<'_>, sign: &str) -> Option<String> {
    let wants = |what: What| parser.wanted().iter().any(|(wanted, _)| *wanted == what);
    let before = parser.at.checked_sub(1).map(|at| parser.lexeme_at(at));
    let after_name = matches!(before, Some(Lexeme::Word(_)));
    let hint = match sign {
        "==" => "Equality is written with one `=`.",
        "&&" => "Write AND.",
        "!" => "Write NOT, and `<>` for what is not the same.",
        ")" if parser.open.is_empty() => "There is a `)` too many.",
        "(" if wants(What::Name(NameOf::Source)) => {
            "A query inside of another is not there: give it a name first, with CREATE STREAM … AS SELECT."
        }
        "-" if after_name && wants(What::Name(NameOf::Alias)) => "A name with `-` in it stands in double quotes.",
        "," | "]" if wants(What::Sign("]")) || wants(What::Text) && matches!(before, Some(Lexeme::Sign("["))) => {
            "Arrays cannot be made of values: COLLECT_LIST makes one of a group's values, SPLIT one of a text."
        }
        "," if wants(What::Keyword(Keyword::Join)) => "Sources are put together with JOIN … ON.",
        "," | ")" if matches!(before, Some(Lexeme::Sign(","))) => "There is a comma too many.",
        "." if matches!(parser.lexeme_at(parser.at + 1), Lexeme::Integer) => "A decimal begins with a digit: 0.5.",
        _ => return missing::of_sign(sign).map(str::to_owned),
    };
    Some(hint.to_owned())
}

/// A reserved word where a name or a value is expected.
fn reserved_hint(parser: &Parser<'_>, keyword: Keyword) -> Option<String> {
    let names = parser.wanted().iter().any(|(what, shown)| matches!(what, What::Name(_)) && *shown != Shown::Quiet);
    if !names {
        return None;
    }
    let after_comma = parser.at > 0 && parser.sees_sign(parser.at - 1, ",");
    use Keyword::*;
    let here = parser.here();
    Some(match keyword {
        From if after_comma => "There is a comma too many before FROM.".to_owned(),
        // After these something is missing; nobody means a name.
        And | As | By | Case | Cast | Emit | From | Group | Having | Join | Limit | On | Or | Select | Then | When | Where => {
            return None;
        }
        Not => "Put what begins with NOT in parentheses.".to_owned(),
        _ => format!("`{here}` is a word of the language; as a name it stands in double quotes: \"{here}\"."),
    })
}

fn comma_hint(parser: &Parser<'_>) -> Option<String> {
    let wants = |what: What| parser.wanted().iter().any(|(wanted, _)| *wanted == what);
    let before = parser.tokens.get(parser.at.checked_sub(1)?)?;
    if matches!(before.lexeme, Lexeme::Text(_)) && before.span.end == parser.span().start {
        return Some("A `'` inside of a text is written twice: 'it''s'.".to_owned());
    }
    match (wants(What::Sign(",")), wants(What::Keyword(Keyword::As))) {
        (true, true) => Some("Is a comma missing before it, or AS?".to_owned()),
        (true, false) => Some("Is a comma missing before it?".to_owned()),
        _ => None,
    }
}

/// A `)` is wanted: which `(` has none?
fn open_hint(parser: &Parser<'_>) -> Option<String> {
    let wanted = parser.wanted().iter().any(|(wanted, _)| *wanted == What::Sign(")"));
    let open = parser.open.last().filter(|_| wanted)?;
    let at = Position::of(parser.text, *open);
    Some(format!("The `(` in line {}, column {} has no `)` yet.", at.line, at.column))
}
