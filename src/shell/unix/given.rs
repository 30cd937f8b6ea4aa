//! Options of the small commands: single letters, alone or together, and long names for some of them.

use super::builtins::misused;
use super::printf::Spoken;

/// Flags, options with a value, and the other words.
#[derive(Default)]
pub struct Given {
    pub flags: Vec<char>,
    values: Vec<(char, String)>,
    pub rest: Vec<String>,
}

impl Given {
    /// Reads `-n 3`, `-n3`, `-rn` and `--lines=3`; `-3` counts as `-n 3` where `n` takes a value.
    pub fn read(name: &str, words: &[String], flags: &str, with_value: &str, long: &[(&str, char)]) -> Result<Self, Spoken> {
        // What grep and sort find wrong is 2.
        let code = if matches!(name, "grep" | "sort") { 2 } else { 1 };
        let mut given = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
                given.rest.push(word.clone());
                continue;
            };
            if letters == "-" {
                given.rest.extend(words.cloned());
                break;
            }
            let missing = |letter: char| misused(name, &format!("option requires an argument -- '{letter}'"), code);
            if let Some(long_name) = letters.strip_prefix('-') {
                let (option, value) =
                    long_name.split_once('=').map_or((long_name, None), |(option, value)| (option, Some(value.to_owned())));
                let known = long.iter().find(|(known, _)| *known == option);
                let Some((_, letter)) = known else {
                    return Err(misused(name, &format!("unrecognized option '{word}'"), code));
                };
                match with_value.contains(*letter) {
                    true => given.values.push((*letter, value.or_else(|| words.next().cloned()).ok_or_else(|| missing(*letter))?)),
                    false => given.flags.push(*letter),
                }
                continue;
            }
            if with_value.contains('n') && letters.bytes().all(|byte| byte.is_ascii_digit()) {
                given.values.push(('n', letters.to_owned()));
                continue;
            }
            for (at, letter) in letters.char_indices() {
                if flags.contains(letter) {
                    given.flags.push(letter);
                    continue;
                }
                if !with_value.contains(letter) {
                    return Err(match letter.is_ascii_alphanumeric() {
                        true if is_known(name, letter) => Spoken::error([format!("{name}: -{letter} is not simulated")], code),
                        _ => misused(name, &format!("invalid option -- '{letter}'"), code),
                    });
                }
                let attached = &letters[at + letter.len_utf8()..];
                let value = if attached.is_empty() { words.next().cloned() } else { Some(attached.to_owned()) };
                given.values.push((letter, value.ok_or_else(|| missing(letter))?));
                break;
            }
        }
        Ok(given)
    }

    pub fn value(&self, option: char) -> Option<&str> {
        self.values.iter().rev().find(|(letter, _)| *letter == option).map(|(_, value)| value.as_str())
    }

    pub fn all(&self, option: char) -> impl Iterator<Item = &str> {
        self.values.iter().filter(move |(letter, _)| *letter == option).map(|(_, value)| value.as_str())
    }
}

/// Does the command know that letter in Unix?
fn is_known(name: &str, letter: char) -> bool {
    let known = match name {
        "head" => "vz",
        "tail" => "cfFsvz",
        "grep" => "aDdfHIlLnoPrRsTuUVxyZz",
        "sort" => "bcCdfghimMoRsSTVz",
        "uniq" => "Dfswz",
        "wc" => "L",
        "tr" => "t",
        "cut" => "nz",
        "nl" => "bdfhilnpsvw",
        "tac" => "brs",
        "paste" => "z",
        _ => "",
    };
    known.contains(letter)
}
