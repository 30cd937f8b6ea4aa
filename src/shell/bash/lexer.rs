//! From a command line to words and operators, as bash splits it.

/// A part of a command line.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Token {
    Word(String),
    /// `|`, `>`, `>>`, `<`, `;`, `&&`, `||`, `2>&1` and so on, as written.
    Operator(&'static str),
}

/// Longest first: `>>` must be tried before `>`.
const OPERATORS: &[&str] = &["2>&1", "2>>", "2>", "1>>", "1>", "&>", ">>", "<<<", "<<", "&&", "||", "|", ">", "<", ";", "&"];

/// Stands for `$?` in a word: no word of bash can hold this character, and what the last command ended with is known only
/// when the next one starts.
pub const STATUS: char = '\0';

/// Splits a line. Quotes keep blanks together; a backslash keeps the next character; `#` begins a comment.
pub fn tokens(line: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut rest = line;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() || rest.starts_with('#') {
            return Ok(found);
        }
        if let Some(operator) = OPERATORS.iter().find(|operator| rest.starts_with(**operator)) {
            found.push(Token::Operator(operator));
            rest = &rest[operator.len()..];
            continue;
        }
        let (word, after) = word(rest)?;
        found.push(Token::Word(word));
        rest = after;
    }
}

/// The word at the start of `text`, unquoted, and what follows it.
fn word(text: &str) -> Result<(String, &str), String> {
    let mut word = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            STATUS => {}
            '$' if text[at..].starts_with("$?") => {
                chars.next();
                word.push(STATUS);
            }
            ' ' | '\t' | '\n' | '|' | '>' | '<' | ';' | '&' => return Ok((word, &text[at..])),
            '\'' => loop {
                match chars.next() {
                    Some((_, '\'')) => break,
                    Some((_, STATUS)) => {}
                    Some((_, inner)) => word.push(inner),
                    None => return Err(unterminated('\'')),
                }
            },
            '"' => loop {
                match chars.next() {
                    Some((_, '"')) => break,
                    Some((_, STATUS)) => {}
                    Some((at, '$')) if text[at..].starts_with("$?") => {
                        chars.next();
                        word.push(STATUS);
                    }
                    Some((_, '\\')) => match chars.next() {
                        Some((_, escaped @ ('"' | '\\' | '$' | '`'))) => word.push(escaped),
                        Some((_, other)) => word.extend(['\\', other]),
                        None => return Err(unterminated('"')),
                    },
                    Some((_, inner)) => word.push(inner),
                    None => return Err(unterminated('"')),
                }
            },
            '$' if text[at..].starts_with("$'") => {
                chars.next();
                ansi_quoted(&mut chars, &mut word)?;
            }
            '\\' => {
                if let Some((_, escaped)) = chars.next() {
                    word.push(escaped);
                }
            }
            _ => word.push(char),
        }
    }
    Ok((word, ""))
}

/// `$'\t'`: the one way to type a tab into a command.
fn ansi_quoted(chars: &mut std::str::CharIndices<'_>, word: &mut String) -> Result<(), String> {
    while let Some((_, char)) = chars.next() {
        match char {
            '\'' => return Ok(()),
            '\\' => match chars.next() {
                Some((_, 't')) => word.push('\t'),
                Some((_, 'n')) => word.push('\n'),
                Some((_, 'r')) => word.push('\r'),
                Some((_, other @ ('\'' | '\\' | '"'))) => word.push(other),
                Some((_, other)) => word.extend(['\\', other]),
                None => break,
            },
            _ => word.push(char),
        }
    }
    Err(unterminated('\''))
}

fn unterminated(quote: char) -> String {
    format!("a quote ({quote}) is not closed")
}
