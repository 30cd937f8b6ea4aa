//! `seq`: numbers from one to another, also with decimals.

use super::builtins::misused;
use super::printf::{Spoken, number_in};
use crate::shell::cli::io::Io;

/// What is still to print. Numbers are whole: a decimal one is multiplied until it is.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Seq {
    next: i128,
    step: i128,
    last: i128,
    /// Digits after the point.
    places: u32,
    /// All numbers are as wide as this.
    width: usize,
    separator: String,
    format: Option<String>,
    begun: bool,
}

/// Digits after the point that are told apart.
const PLACES_MAX: usize = 15;

/// A number as it was written: without its point, and how many digits followed it.
fn number(word: &str) -> Option<(i128, u32)> {
    let (word, power) = match word.split_once(['e', 'E']) {
        Some((word, power)) => (word, power.parse::<u32>().ok().filter(|power| *power < 15)?),
        None => (word, 0),
    };
    let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{part}");
    if all.is_empty() || part.len() > PLACES_MAX || all.len() > 25 || !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let sign = if word.starts_with('-') { -1 } else { 1 };
    let number = all.parse::<i128>().ok()?.checked_mul(10_i128.checked_pow(power)?)?;
    Some((sign * number, u32::try_from(part.len()).ok()?))
}

impl Seq {
    /// `seq [-w] [-s SEPARATOR] [-f FORMAT] [FIRST [STEP]] LAST`
    pub fn read(arguments: &[String]) -> Result<Self, Spoken> {
        let wrong = |why: String| misused("seq", &why, 1);
        let (mut wide, mut separator, mut format) = (false, "\n".to_owned(), None);
        let mut words = arguments.iter();
        let mut operands = Vec::new();
        while let Some(word) = words.next() {
            let is_option = operands.is_empty() && word.starts_with('-') && number(word).is_none() && word.len() > 1;
            if !is_option {
                operands.push(word.as_str());
                continue;
            }
            let (name, value) = match word.strip_prefix("--") {
                Some(long) => long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value.to_owned()))),
                None => {
                    let end = word.char_indices().nth(2).map_or(word.len(), |(at, _)| at);
                    (&word[1..end], Some(word[end..].to_owned()).filter(|value| !value.is_empty()))
                }
            };
            let mut value = || value.clone().or_else(|| words.next().cloned());
            match name {
                "w" | "equal-width" => wide = true,
                "s" | "separator" => separator = value().unwrap_or_default(),
                "f" | "format" => format = value(),
                _ if word.starts_with("--") => return Err(wrong(format!("unrecognized option '{word}'"))),
                _ => return Err(wrong(format!("invalid option -- '{name}'"))),
            }
        }
        let mut numbers = Vec::new();
        for word in &operands {
            numbers.push(number(word).ok_or_else(|| wrong(format!("invalid floating point argument: ‘{word}’")))?);
        }
        let one = (1, 0);
        let (first, step, last) = match numbers.as_slice() {
            [] => return Err(wrong("missing operand".to_owned())),
            [last] => (one, one, *last),
            [first, last] => (*first, one, *last),
            [_, (0, _), _] => return Err(wrong(format!("invalid Zero increment value: ‘{}’", operands[1]))),
            [first, step, last] => (*first, *step, *last),
            _ => return Err(wrong(format!("extra operand ‘{}’", operands[3]))),
        };
        let places = first.1.max(step.1).max(last.1);
        let whole = |(number, own): (i128, u32)| number * 10_i128.pow(places - own);
        let shown = first.1.max(step.1);
        let mut seq =
            Self { next: whole(first), step: whole(step), last: whole(last), places, width: 0, separator, format, begun: false };
        // What is printed has the places of the first number and the step, whatever the last one has.
        let hidden = 10_i128.pow(places - shown);
        seq.last = if seq.step > 0 { seq.last.div_euclid(hidden) } else { -(-seq.last).div_euclid(hidden) };
        (seq.next, seq.step, seq.places) = (seq.next / hidden, seq.step / hidden, shown);
        if wide {
            seq.width = seq.text(seq.next).len().max(seq.text(seq.last).len());
        }
        Ok(seq)
    }

    fn text(&self, number: i128) -> String {
        let places = self.places as usize;
        let sign = if number < 0 { "-" } else { "" };
        let digits = format!("{:0>least$}", number.unsigned_abs(), least = places + 1);
        let (whole, part) = digits.split_at(digits.len() - places);
        let text = if places > 0 { format!("{whole}.{part}") } else { digits.clone() };
        format!("{sign}{text:0>width$}", width = self.width.saturating_sub(sign.len()))
    }

    /// Prints so many of the numbers; true when that were all.
    pub fn print(&mut self, most: usize, io: &mut Io<'_, '_>) -> bool {
        for _ in 0..most {
            if (self.step > 0 && self.next > self.last) || (self.step < 0 && self.next < self.last) {
                if self.begun && self.separator != "\n" {
                    io.write("\n");
                }
                return true;
            }
            let plain = self.text(self.next);
            let text = match &self.format {
                Some(format) => number_in(format, plain.parse().unwrap_or(0.0)).unwrap_or(plain),
                None => plain,
            };
            match self.separator.as_str() {
                "\n" => io.print(text),
                separator if self.begun => io.write(&format!("{separator}{text}")),
                _ => io.write(&text),
            }
            self.begun = true;
            self.next = self.next.saturating_add(self.step);
        }
        false
    }
}
