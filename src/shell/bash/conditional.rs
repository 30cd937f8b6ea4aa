//! `test`, `[ … ]` and `[[ … ]]`.

use super::glob::{self, Mark};
use super::variables::Variables;
use crate::engine::program::Context;
use crate::shell::unix::regex::Regex;

/// What stands between the brackets, as it is read.
struct Conditional<'a, 'w> {
    words: &'a [Vec<Mark>],
    at: usize,
    /// `[[`
    double: bool,
    variables: &'a mut Variables,
    context: &'a Context<'w>,
}

/// Is it so? An error as bash words it after the command's name.
pub fn holds(words: &[Vec<Mark>], double: bool, variables: &mut Variables, context: &Context<'_>) -> Result<bool, String> {
    let mut conditional = Conditional { words, at: 0, double, variables, context };
    match words.len() {
        0 => return Ok(false),
        // Few words are told apart by how many they are: `[ -n ]` is a text that is not empty.
        1 => return Ok(!words[0].is_empty()),
        2 if !double && conditional.peek() != "!" && !is_unary(&conditional.peek()) => {
            return Err(format!("{}: unary operator expected", conditional.peek()));
        }
        3 if !double && is_binary(&text(&words[1])) => return conditional.primary(),
        _ => {}
    }
    let holds = conditional.either()?;
    if conditional.at < words.len() {
        return Err(match words.len() {
            3 => format!("{}: binary operator expected", text(&words[1])),
            _ => "too many arguments".to_owned(),
        });
    }
    Ok(holds)
}

fn text(word: &[Mark]) -> String {
    word.iter().map(|mark| mark.0).collect()
}

fn is_unary(word: &str) -> bool {
    matches!(word, "-z" | "-n" | "-e" | "-f" | "-d" | "-s" | "-r" | "-w" | "-x" | "-v" | "-t" | "-a" | "-o" | "-L" | "-h")
}

fn is_binary(word: &str) -> bool {
    matches!(word, "=" | "==" | "!=" | "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" | "<" | ">" | "=~" | "-nt" | "-ot" | "-ef")
}

impl Conditional<'_, '_> {
    fn peek(&self) -> String {
        self.words.get(self.at).map(|word| text(word)).unwrap_or_default()
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.at < self.words.len() && self.peek() == word;
        self.at += usize::from(found);
        found
    }

    fn either(&mut self) -> Result<bool, String> {
        let mut holds = self.both()?;
        while self.eat(if self.double { "||" } else { "-o" }) {
            holds |= self.both()?;
        }
        Ok(holds)
    }

    fn both(&mut self) -> Result<bool, String> {
        let mut holds = self.not()?;
        while self.eat(if self.double { "&&" } else { "-a" }) {
            holds &= self.not()?;
        }
        Ok(holds)
    }

    fn not(&mut self) -> Result<bool, String> {
        if self.eat("!") { Ok(!self.not()?) } else { self.primary() }
    }

    fn primary(&mut self) -> Result<bool, String> {
        let Some(first) = self.words.get(self.at) else { return Err("argument expected".to_owned()) };
        let operator = self.words.get(self.at + 1).map(|word| text(word)).unwrap_or_default();
        if is_binary(&operator) && self.at + 2 < self.words.len() {
            let second = &self.words[self.at + 2];
            self.at += 3;
            return self.binary(&text(first), &operator, second);
        }
        if self.eat("(") {
            let holds = self.either()?;
            return if self.eat(")") { Ok(holds) } else { Err("`)' expected".to_owned()) };
        }
        let name = text(first);
        self.at += 1;
        if is_unary(&name) && self.at < self.words.len() {
            let operand = self.peek();
            self.at += 1;
            return Ok(self.unary(&name, &operand));
        }
        Ok(!first.is_empty())
    }

    fn unary(&mut self, operator: &str, operand: &str) -> bool {
        match operator {
            "-z" => operand.is_empty(),
            "-n" => !operand.is_empty(),
            "-v" => self.variables.get(operand).is_some(),
            // There is one folder, and nothing in it can be run.
            "-d" => matches!(operand, "." | "./"),
            "-s" => self.context.read_file(operand).is_some_and(|text| !text.is_empty()),
            "-e" | "-f" | "-r" | "-w" | "-a" => self.context.read_file(operand).is_some(),
            _ => false,
        }
    }

    fn binary(&mut self, first: &str, operator: &str, second: &[Mark]) -> Result<bool, String> {
        let other = text(second);
        Ok(match operator {
            "=" | "==" => glob::fits(second, &first.chars().collect::<Vec<_>>()),
            "!=" => !glob::fits(second, &first.chars().collect::<Vec<_>>()),
            "<" => first < other.as_str(),
            ">" => first > other.as_str(),
            "=~" => match Regex::extended(&other, false) {
                Some(regex) => regex.find(first).is_some(),
                None => return Err(format!("{other}: invalid regular expression")),
            },
            "-nt" | "-ot" | "-ef" => return Err(format!("{operator} is not simulated")),
            _ => {
                let (first, other) = (self.number(first)?, self.number(&other)?);
                match operator {
                    "-eq" => first == other,
                    "-ne" => first != other,
                    "-lt" => first < other,
                    "-le" => first <= other,
                    "-gt" => first > other,
                    _ => first >= other,
                }
            }
        })
    }

    fn number(&mut self, word: &str) -> Result<i64, String> {
        if self.double {
            return super::arithmetic::evaluate(word, self.variables);
        }
        word.trim().parse().map_err(|_| format!("{word}: integer expression expected"))
    }
}
