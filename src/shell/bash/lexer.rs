//! Reads the words of a command line: quotes, `$NAME`, `$(…)`, `$((…))`, and lists in braces.

use std::rc::Rc;

use super::ast::{List, Operation, Part, Word};
use super::parser::{ParseError, Parser};
use crate::shell::unix::printf::escape;

/// What ends a word.
const META: &str = " \t\n;|&<>()";

/// Lists and counts in braces that one word may become.
const BRACES_MAX: usize = 10_000;

/// Is it a name of a variable?
pub fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
}

impl Parser {
    /// The word that begins here; `None` where none does.
    pub(super) fn word(&mut self) -> Result<Option<Word>, ParseError> {
        let mut parts = Vec::new();
        let mut any = false;
        while let Some(char) = self.peek() {
            if META.contains(char) {
                break;
            }
            any = true;
            self.part(&mut parts, "")?;
        }
        Ok(any.then_some(Word(parts)))
    }

    /// The word up to one of these characters, blanks included: what stands in `${…}`.
    fn word_until(&mut self, end: &str, quoted: bool) -> Result<Word, ParseError> {
        let mut parts = Vec::new();
        loop {
            match self.peek() {
                None => return Err(ParseError::unmatched('}')),
                Some(char) if end.contains(char) => return Ok(Word(parts)),
                Some('"') if quoted => self.double(&mut parts)?,
                Some(_) => self.part(&mut parts, if quoted { "'" } else { "" })?,
            }
        }
    }

    /// The next part of a word. `plain`: what means itself.
    fn part(&mut self, parts: &mut Vec<Part>, plain: &str) -> Result<(), ParseError> {
        let Some(char) = self.take() else { return Ok(()) };
        match char {
            '\'' if plain.is_empty() => {
                let text = self.until('\'')?;
                parts.push(Part::Quoted(text));
            }
            '"' => {
                self.at -= 1;
                self.double(parts)?;
            }
            '\\' => match self.take() {
                Some('\n') => {}
                Some(char) => parts.push(Part::Quoted(char.into())),
                None => push(parts, '\\'),
            },
            '$' if plain.is_empty() && self.eat("'") => {
                let text = self.ansi_quoted()?;
                parts.push(Part::Quoted(text));
            }
            '$' if plain.is_empty() && self.peek() == Some('"') => self.double(parts)?,
            '$' => match self.dollar(false)? {
                Some(part) => parts.push(part),
                None => push(parts, '$'),
            },
            '`' => parts.push(self.backquoted(false)?),
            char => push(parts, char),
        }
        Ok(())
    }

    /// What stands in double quotes.
    fn double(&mut self, parts: &mut Vec<Part>) -> Result<(), ParseError> {
        self.at += 1;
        let mut text = String::new();
        let mut any = false;
        loop {
            let flush = |text: &mut String, parts: &mut Vec<Part>| {
                if !text.is_empty() {
                    parts.push(Part::Quoted(std::mem::take(text)));
                }
            };
            match self.take() {
                None => return Err(ParseError::unmatched('"')),
                Some('"') => {
                    if !any || !text.is_empty() {
                        parts.push(Part::Quoted(text));
                    }
                    return Ok(());
                }
                Some('\\') => match self.take() {
                    Some('\n') => {}
                    Some(char @ ('"' | '\\' | '$' | '`')) => text.push(char),
                    Some(char) => text.extend(['\\', char]),
                    None => return Err(ParseError::unmatched('"')),
                },
                Some('$') => match self.dollar(true)? {
                    Some(part) => {
                        flush(&mut text, parts);
                        any = true;
                        parts.push(part);
                    }
                    None => text.push('$'),
                },
                Some('`') => {
                    flush(&mut text, parts);
                    any = true;
                    parts.push(self.backquoted(true)?);
                }
                Some(char) => text.push(char),
            }
        }
    }

    fn until(&mut self, end: char) -> Result<String, ParseError> {
        let mut text = String::new();
        loop {
            match self.take() {
                None => return Err(ParseError::unmatched(end)),
                Some(char) if char == end => return Ok(text),
                Some(char) => text.push(char),
            }
        }
    }

    /// `$'\t'`
    fn ansi_quoted(&mut self) -> Result<String, ParseError> {
        let mut text = String::new();
        loop {
            match self.take() {
                None => return Err(ParseError::unmatched('\'')),
                Some('\'') => return Ok(text),
                Some('\\') => {
                    let rest: String = self.chars[self.at..].iter().take(10).collect();
                    match rest.chars().next() {
                        Some(char @ ('\'' | '"' | '?')) => {
                            text.push(char);
                            self.at += 1;
                        }
                        _ => self.at += escape(&rest, false, &mut text),
                    }
                }
                Some(char) => text.push(char),
            }
        }
    }

    /// What follows a `$`; `None` where it stands for itself.
    fn dollar(&mut self, quoted: bool) -> Result<Option<Part>, ParseError> {
        if self.eat("((") {
            let expression = self.arithmetic(")")?;
            return Ok(Some(Part::Arithmetic { expression, quoted }));
        }
        if self.eat("(") {
            let list = self.nested(|parser| parser.list_until_bracket())?;
            return Ok(Some(Part::Command { list, quoted }));
        }
        if self.eat("{") {
            return self.braced(quoted).map(Some);
        }
        let name = self.name();
        Ok((!name.is_empty()).then_some(Part::Parameter { name, operation: Operation::Plain, quoted }))
    }

    /// The name of a variable or parameter that stands here, or nothing.
    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(char) = self.peek() {
            match char {
                '?' | '#' | '@' | '*' | '$' | '!' | '-' | '0'..='9' if name.is_empty() => {
                    self.at += 1;
                    return char.into();
                }
                'a'..='z' | 'A'..='Z' | '_' | '0'..='9' => name.push(char),
                _ => break,
            }
            self.at += 1;
        }
        name
    }

    /// An expression up to `))`; the text of one part of `for ((a; b; c))` ends at `;`.
    pub(super) fn arithmetic(&mut self, end: &str) -> Result<Word, ParseError> {
        let mut parts = Vec::new();
        let mut depth = 0;
        loop {
            match self.peek() {
                None => return Err(ParseError::unmatched(')')),
                Some(')') if depth == 0 && end == ")" => {
                    self.at += 1;
                    if !self.eat(")") {
                        return Err(ParseError::unmatched(')'));
                    }
                    return Ok(Word(parts));
                }
                Some(';') if end == ";" => {
                    self.at += 1;
                    return Ok(Word(parts));
                }
                Some(char @ ('(' | ')')) => {
                    depth += if char == '(' { 1 } else { -1 };
                    self.at += 1;
                    push(&mut parts, char);
                }
                Some('"') => self.at += 1,
                Some(_) => self.part(&mut parts, "'")?,
            }
        }
    }

    fn backquoted(&mut self, quoted: bool) -> Result<Part, ParseError> {
        let mut text = String::new();
        loop {
            match self.take() {
                None => return Err(ParseError::unmatched('`')),
                Some('`') => break,
                Some('\\') => match self.take() {
                    Some(char @ ('`' | '\\' | '$')) => text.push(char),
                    Some(char) => text.extend(['\\', char]),
                    None => return Err(ParseError::unmatched('`')),
                },
                Some(char) => text.push(char),
            }
        }
        let list: Rc<List> = self.nested(|parser| parser.part_of(&text))?;
        Ok(Part::Command { list, quoted })
    }

    /// `${…}`, after the brace.
    fn braced(&mut self, quoted: bool) -> Result<Part, ParseError> {
        let from = self.at;
        let length = self.peek() == Some('#') && self.chars.get(self.at + 1).is_some_and(|char| *char != '}');
        self.at += usize::from(length);
        let name = match self.peek() {
            Some('!') if self.chars.get(self.at + 1).is_some_and(|char| *char != '}') => {
                return Err(ParseError::lacking("${!NAME}"));
            }
            Some('0'..='9') => {
                let mut name = String::new();
                while let Some(char) = self.peek().filter(char::is_ascii_digit) {
                    name.push(char);
                    self.at += 1;
                }
                name
            }
            _ => self.name(),
        };
        let operation = if length { Operation::Length } else { self.operation(quoted)? };
        if name.is_empty() || !self.eat("}") {
            if self.peek() == Some('[') {
                return Err(ParseError::lacking("an array"));
            }
            let rest: String = self.chars[from..].iter().take_while(|char| **char != '}').collect();
            return Err(ParseError::Syntax(vec![format!("bash: line 1: ${{{rest}}}: bad substitution")], 1));
        }
        Ok(Part::Parameter { name, operation, quoted })
    }

    fn operation(&mut self, quoted: bool) -> Result<Operation, ParseError> {
        let empty_too = self.peek() == Some(':') && matches!(self.chars.get(self.at + 1), Some('-' | '=' | '+' | '?'));
        self.at += usize::from(empty_too);
        let Some(operator) = self.peek() else { return Err(ParseError::unmatched('}')) };
        Ok(match operator {
            '}' => Operation::Plain,
            '-' | '=' | '+' | '?' => {
                self.at += 1;
                Operation::Otherwise { operator, empty_too, word: self.word_until("}", quoted)? }
            }
            '#' | '%' => {
                self.at += 1;
                let longest = self.eat(&operator.to_string());
                Operation::Without { from_end: operator == '%', longest, pattern: self.word_until("}", false)? }
            }
            '/' => {
                self.at += 1;
                let how = self.peek().filter(|how| "/#%".contains(*how)).unwrap_or(' ');
                self.at += usize::from(how != ' ');
                let pattern = self.word_until("/}", false)?;
                let with = if self.eat("/") { self.word_until("}", false)? } else { Word::default() };
                Operation::Replace { how, pattern, with }
            }
            ':' => {
                self.at += 1;
                let offset = self.word_until(":}", true)?;
                let length = if self.eat(":") { Some(self.word_until("}", true)?) } else { None };
                Operation::Slice { offset, length }
            }
            '^' | ',' => {
                self.at += 1;
                Operation::Case { upper: operator == '^', all: self.eat(&operator.to_string()) }
            }
            _ => Operation::Plain,
        })
    }
}

fn push(parts: &mut Vec<Part>, char: char) {
    match parts.last_mut() {
        Some(Part::Text(text)) => text.push(char),
        _ => parts.push(Part::Text(char.into())),
    }
}

/// A character without quotes, or what is none.
#[derive(Clone)]
enum Piece {
    Char(char),
    Other(Part),
}

/// `{a,b}` and `{1..3}`: the words that a word with lists in braces stands for.
pub(super) fn braces(word: Word) -> Vec<Word> {
    if !word.0.iter().any(|part| matches!(part, Part::Text(text) if text.contains('{'))) {
        return vec![word];
    }
    let mut pieces = Vec::new();
    for part in word.0 {
        match part {
            Part::Text(text) => pieces.extend(text.chars().map(Piece::Char)),
            other => pieces.push(Piece::Other(other)),
        }
    }
    let together = |pieces: Vec<Piece>| {
        let mut parts = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Char(char) => push(&mut parts, char),
                Piece::Other(part) => parts.push(part),
            }
        }
        Word(parts)
    };
    spread(&pieces, 0).into_iter().map(together).collect()
}

fn spread(pieces: &[Piece], depth: u32) -> Vec<Vec<Piece>> {
    let is = |at: usize, char: char| matches!(pieces.get(at), Some(Piece::Char(found)) if *found == char);
    for open in (0..pieces.len()).filter(|at| is(*at, '{')) {
        let (mut level, mut commas, mut close) = (0, vec![open], None);
        for (at, piece) in pieces.iter().enumerate().skip(open + 1) {
            match piece {
                Piece::Char('{') => level += 1,
                Piece::Char('}') if level == 0 => {
                    close = Some(at);
                    break;
                }
                Piece::Char('}') => level -= 1,
                Piece::Char(',') if level == 0 => commas.push(at),
                _ => {}
            }
        }
        let Some(close) = close else { continue };
        commas.push(close);
        let middles: Vec<Vec<Piece>> = if commas.len() > 2 && depth < 20 {
            commas.windows(2).flat_map(|pair| spread(&pieces[pair[0] + 1..pair[1]], depth + 1)).collect()
        } else if let Some(counted) = counted(&pieces[open + 1..close]) {
            counted.into_iter().map(|text| text.chars().map(Piece::Char).collect()).collect()
        } else {
            continue;
        };
        let ends = spread(&pieces[close + 1..], depth + 1);
        let both = middles.iter().flat_map(|middle| ends.iter().map(move |end| (middle, end)));
        return both.take(BRACES_MAX).map(|(middle, end)| [&pieces[..open], middle, end].concat()).collect();
    }
    vec![pieces.to_vec()]
}

/// `1..10`, `a..e`, `0..100..10`, `01..10`
fn counted(pieces: &[Piece]) -> Option<Vec<String>> {
    let text: Option<String> = pieces.iter().map(|piece| if let Piece::Char(char) = piece { Some(*char) } else { None }).collect();
    let text = text?;
    let fields: Vec<&str> = text.split("..").collect();
    let (from, to, step) = match fields.as_slice() {
        [from, to] => (*from, *to, 1),
        [from, to, step] => (*from, *to, step.parse::<i64>().ok()?),
        _ => return None,
    };
    let step = step.checked_abs()?.max(1);
    let letter = |text: &str| text.chars().next().filter(|char| text.len() == 1 && char.is_ascii_alphabetic());
    let (first, last, width) = match (from.parse::<i64>(), to.parse::<i64>()) {
        (Ok(first), Ok(last)) => {
            let padded = |text: &str| text.trim_start_matches('-').starts_with('0') && text.trim_start_matches('-').len() > 1;
            (first, last, if padded(from) || padded(to) { from.len().max(to.len()) } else { 0 })
        }
        _ => (i64::from(u32::from(letter(from)?)), i64::from(u32::from(letter(to)?)), usize::MAX),
    };
    let show = |number: i64| match width {
        usize::MAX => u8::try_from(number).map_or(String::new(), |byte| char::from(byte).to_string()),
        width => format!("{number:0width$}"),
    };
    let mut found = Vec::new();
    let mut number = first;
    while found.len() < BRACES_MAX && if first <= last { number <= last } else { number >= last } {
        found.push(show(number));
        number = if first <= last { number.checked_add(step)? } else { number.checked_sub(step)? };
    }
    Some(found)
}
