//! What a shell knows by name: variables, parameters, functions.

use std::rc::Rc;

use super::ast::Command;
use crate::base::{Prng, SimTime, SortedMap};

/// The variables of a shell. A subshell has a copy.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Variables {
    named: SortedMap<String, String>,
    functions: SortedMap<String, Rc<Command>>,
    /// `$1`, `$2` and so on.
    pub parameters: Vec<String>,
    /// `$?`
    pub code: i32,
    /// When the line was typed, and what time it is.
    began: SimTime,
    pub now: SimTime,
    /// How often `$RANDOM` was asked for.
    drawn: u64,
}

impl Variables {
    pub fn new(began: SimTime, parameters: Vec<String>) -> Self {
        Self { began, now: began, parameters, ..Self::default() }
    }

    /// The value; `None` if it was never set.
    pub fn get(&mut self, name: &str) -> Option<String> {
        match name {
            "?" => Some(self.code.to_string()),
            "#" => Some(self.parameters.len().to_string()),
            "@" | "*" if self.parameters.is_empty() => None,
            "@" | "*" => Some(self.parameters.join(" ")),
            "0" => Some("bash".to_owned()),
            // The same in every run, as the ids of the session are.
            "$" => Some("1000".to_owned()),
            "RANDOM" => {
                self.drawn += 1;
                let chance = Prng::new(self.began.0.wrapping_add(self.drawn), "RANDOM").next_u64();
                Some((chance >> 49).to_string())
            }
            "SECONDS" => Some((self.now.since(self.began).ms() / 1000).to_string()),
            "EPOCHSECONDS" => Some(self.now.timestamp().0.div_euclid(1000).to_string()),
            _ => match name.parse::<usize>() {
                Ok(number) => self.parameters.get(number.saturating_sub(1)).cloned(),
                Err(_) => self.named.get(name).cloned(),
            },
        }
    }

    pub fn set(&mut self, name: &str, value: String) {
        self.named.insert(name.to_owned(), value);
    }

    pub fn unset(&mut self, name: &str) {
        self.named.remove(name);
    }

    pub fn function(&self, name: &str) -> Option<&Rc<Command>> {
        self.functions.get(name)
    }

    pub fn define(&mut self, name: &str, body: Rc<Command>) {
        self.functions.insert(name.to_owned(), body);
    }

    /// What separates fields.
    pub fn separators(&mut self) -> String {
        self.get("IFS").unwrap_or_else(|| " \t\n".to_owned())
    }
}
