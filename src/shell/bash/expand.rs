//! From words as they are written to words as commands get them: variables, what commands said, files that fit a pattern.

use super::arithmetic;
use super::ast::{Operation, Part, Word};
use super::glob::{self, Mark};
use super::variables::Variables;
use crate::engine::program::Context;

/// Why a word cannot be expanded: the whole line ends by it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    pub text: String,
    pub code: i32,
}

/// What a word is made of once its variables are known.
enum Piece {
    /// `false`: it was not quoted, so that `*` means files.
    Char(Mark),
    /// Something quoted stands here: it is a field, even if there is nothing in it.
    Quoted,
    /// A blank between fields.
    Blank,
    /// Another separator, which begins a field each time.
    Separator,
}

pub struct Expander<'a, 'w> {
    pub variables: &'a mut Variables,
    pub context: &'a Context<'w>,
}

impl Expander<'_, '_> {
    /// The words that a command gets.
    pub fn words(&mut self, words: &[Word]) -> Result<Vec<String>, Failure> {
        let mut found = Vec::new();
        for word in words {
            for field in self.fields(word)? {
                self.files(field, &mut found);
            }
        }
        Ok(found)
    }

    /// One word without fields or files: a value, a file of a redirection.
    pub fn text(&mut self, word: &Word) -> Result<String, Failure> {
        Ok(self.pattern(word)?.into_iter().map(|mark| mark.0).collect())
    }

    /// The same, with what was quoted.
    pub fn pattern(&mut self, word: &Word) -> Result<Vec<Mark>, Failure> {
        let mut pieces = Vec::new();
        self.pieces(word, false, &mut pieces)?;
        let marks = pieces.into_iter().filter_map(|piece| match piece {
            Piece::Char(mark) => Some(mark),
            Piece::Blank | Piece::Separator => Some((' ', true)),
            Piece::Quoted => None,
        });
        Ok(marks.collect())
    }

    pub fn number(&mut self, word: &Word) -> Result<i64, Failure> {
        let text = self.text(word)?;
        arithmetic::evaluate(&text, self.variables).map_err(|text| Failure { text, code: 1 })
    }

    fn fields(&mut self, word: &Word) -> Result<Vec<Vec<Mark>>, Failure> {
        let mut pieces = Vec::new();
        self.pieces(word, true, &mut pieces)?;
        let mut fields = Vec::new();
        let mut field: Option<Vec<Mark>> = None;
        let mut after_blank = false;
        for piece in pieces {
            match piece {
                Piece::Char(mark) => field.get_or_insert_default().push(mark),
                Piece::Quoted => {
                    field.get_or_insert_default();
                }
                Piece::Blank => {
                    after_blank |= field.is_some();
                    fields.extend(field.take());
                    continue;
                }
                Piece::Separator => match field.take() {
                    Some(field) => fields.push(field),
                    None if after_blank => {}
                    None => fields.push(Vec::new()),
                },
            }
            after_blank = false;
        }
        fields.extend(field);
        Ok(fields)
    }

    /// A field, or the files that it stands for.
    fn files(&self, field: Vec<Mark>, found: &mut Vec<String>) {
        let before = found.len();
        if glob::is_pattern(&field) {
            let hidden = field.first().is_some_and(|mark| mark.0 == '.');
            let names = self.context.file_names();
            let fit = names
                .into_iter()
                .filter(|name| (hidden || !name.starts_with('.')) && glob::fits(&field, &name.chars().collect::<Vec<_>>()));
            found.extend(fit);
        }
        if found.len() == before {
            found.push(field.into_iter().map(|mark| mark.0).collect());
        }
    }

    fn pieces(&mut self, word: &Word, split: bool, out: &mut Vec<Piece>) -> Result<(), Failure> {
        for part in &word.0 {
            match part {
                Part::Text(text) => out.extend(text.chars().map(|char| Piece::Char((char, false)))),
                Part::Quoted(text) => {
                    out.push(Piece::Quoted);
                    out.extend(text.chars().map(|char| Piece::Char((char, true))));
                }
                Part::Value { text, quoted } => self.value(text, *quoted, split, out),
                // Commands have run before.
                Part::Command { .. } => {}
                Part::Arithmetic { expression, quoted } => {
                    let number = self.number(expression)?.to_string();
                    self.value(&number, *quoted, split, out);
                }
                Part::Parameter { name, operation, quoted } => self.parameter(name, operation, *quoted, split, out)?,
            }
        }
        Ok(())
    }

    fn value(&mut self, text: &str, quoted: bool, split: bool, out: &mut Vec<Piece>) {
        if quoted {
            out.push(Piece::Quoted);
        }
        let separators = if quoted || !split { String::new() } else { self.variables.separators() };
        out.extend(text.chars().map(|char| match char {
            char if !separators.contains(char) => Piece::Char((char, quoted)),
            ' ' | '\t' | '\n' => Piece::Blank,
            _ => Piece::Separator,
        }));
    }

    fn parameter(
        &mut self,
        name: &str,
        operation: &Operation,
        quoted: bool,
        split: bool,
        out: &mut Vec<Piece>,
    ) -> Result<(), Failure> {
        if name == "@" && *operation == Operation::Plain {
            for (at, text) in self.variables.parameters.clone().into_iter().enumerate() {
                if at > 0 {
                    out.push(Piece::Blank);
                }
                self.value(&text, quoted, split, out);
            }
            return Ok(());
        }
        let value = self.variables.get(name);
        if let Operation::Otherwise { operator, empty_too, word } = operation {
            let set = value.as_ref().is_some_and(|value| !(*empty_too && value.is_empty()));
            match (operator, set) {
                ('+', true) | ('-', false) if quoted => {
                    let text = self.text(word)?;
                    self.value(&text, true, split, out);
                }
                ('+', true) | ('-', false) => {
                    // Blanks of the word itself separate fields as well.
                    let mut inner = Vec::new();
                    self.pieces(word, split, &mut inner)?;
                    out.extend(inner.into_iter().map(|piece| match piece {
                        Piece::Char((' ' | '\t' | '\n', false)) if split => Piece::Blank,
                        piece => piece,
                    }));
                }
                ('=', false) => {
                    let text = self.text(word)?;
                    self.variables.set(name, text.clone());
                    self.value(&text, quoted, split, out);
                }
                ('?', false) => {
                    let text = self.text(word)?;
                    let why = match text.as_str() {
                        "" if *empty_too => "parameter null or not set",
                        "" => "parameter not set",
                        text => text,
                    };
                    return Err(Failure { text: format!("bash: line 1: {name}: {why}"), code: 127 });
                }
                ('+', false) => {}
                _ => self.value(&value.unwrap_or_default(), quoted, split, out),
            }
            return Ok(());
        }
        let value: Vec<char> = value.unwrap_or_default().chars().collect();
        let changed: String = match operation {
            Operation::Length if name == "@" || name == "*" => self.variables.parameters.len().to_string(),
            Operation::Length => value.len().to_string(),
            Operation::Without { from_end, longest, pattern } => {
                let pattern = self.pattern(pattern)?;
                without(&value, &pattern, *from_end, *longest)
            }
            Operation::Replace { how, pattern, with } => {
                let pattern = self.pattern(pattern)?;
                let with = self.text(with)?;
                replaced(&value, &pattern, &with, *how)
            }
            Operation::Slice { offset, length } => {
                let count = i64::try_from(value.len()).unwrap_or(i64::MAX);
                let place = |number: i64| if number < 0 { count + number } else { number };
                let from = place(self.number(offset)?);
                let to = match length {
                    None => count,
                    Some(length) => match self.number(length)? {
                        length if length < 0 => place(length),
                        length => from.saturating_add(length),
                    },
                };
                let at = |number: i64| usize::try_from(number.clamp(0, count)).unwrap_or(0);
                if from < 0 { String::new() } else { value.get(at(from)..at(to)).unwrap_or_default().iter().collect() }
            }
            Operation::Case { upper, all } => {
                let turn = |(at, char): (usize, &char)| match (*all || at == 0, upper) {
                    (false, _) => *char,
                    (_, true) => char.to_uppercase().next().unwrap_or(*char),
                    (_, false) => char.to_lowercase().next().unwrap_or(*char),
                };
                value.iter().enumerate().map(turn).collect()
            }
            Operation::Plain | Operation::Otherwise { .. } => value.into_iter().collect(),
        };
        self.value(&changed, quoted, split, out);
        Ok(())
    }
}

/// Without what the pattern fits at the beginning or the end.
fn without(value: &[char], pattern: &[Mark], from_end: bool, longest: bool) -> String {
    let mut lengths: Vec<usize> = (0..=value.len()).collect();
    if longest {
        lengths.reverse();
    }
    for length in lengths {
        let (part, rest) = match from_end {
            true => (&value[value.len() - length..], &value[..value.len() - length]),
            false => (&value[..length], &value[length..]),
        };
        if glob::fits(pattern, part) {
            return rest.iter().collect();
        }
    }
    value.iter().collect()
}

/// With something else in place of what the pattern fits. `how`: `/` all, `#` at the beginning, `%` at the end.
fn replaced(value: &[char], pattern: &[Mark], with: &str, how: char) -> String {
    if pattern.is_empty() {
        return value.iter().collect();
    }
    let mut out = String::new();
    let mut at = 0;
    while at < value.len() {
        let ends = match how {
            '%' => value.len()..=value.len(),
            _ => at + 1..=value.len(),
        };
        let found = ends.rev().find(|end| glob::fits(pattern, &value[at..*end]));
        match found {
            Some(end) if !(how == '#' && at > 0) => {
                out.push_str(with);
                at = end;
                if how != '/' {
                    break;
                }
            }
            _ => {
                out.push(value[at]);
                at += 1;
            }
        }
    }
    out.extend(&value[at..]);
    out
}
