//! Lives here: regular expressions for names of topics: Java's (`java`), which tools and clients take, tried by going back
//! (`tried`); and RE2J's (`re2`), which coordinators take, run in linear time (`program`). What both are read into is here.
//! Never here: what a match is for.

mod class;
mod java;
mod program;
mod re2;
mod set;
mod tried;

use program::Program;
use set::Set;

/// A compiled expression. It matches whole names only.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Pattern(Kind);

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Kind {
    Java { root: Node, groups: usize },
    Re2(Program),
}

/// Groups in groups.
const DEPTH_MAX: u32 = 100;

/// What an expression is read into.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Node {
    Empty,
    /// One character of these.
    Set(Set),
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    Repeat {
        what: Box<Node>,
        min: u32,
        max: u32,
        how: Greed,
    },
    /// Remembers what it has matched, under its number.
    Group(usize, Box<Node>),
    /// What a group has matched, once more.
    Again {
        group: usize,
        any_case: bool,
    },
    Look {
        ahead: bool,
        negated: bool,
        what: Box<Node>,
    },
    /// Keeps to the first way in which it matches.
    Atomic(Box<Node>),
    Place(Place),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Greed {
    Greedy,
    Lazy,
    Possessive,
}

/// What holds between two characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Place {
    Begin,
    End,
    WordEdge,
    NoWordEdge,
}

impl Place {
    fn holds(self, text: &[char], at: usize) -> bool {
        let is_word = |at: usize| text.get(at).is_some_and(|char| char.is_ascii_alphanumeric() || *char == '_');
        let edge = || (at > 0 && is_word(at - 1)) != is_word(at);
        match self {
            Self::Begin => at == 0,
            Self::End => at == text.len(),
            Self::WordEdge => edge(),
            Self::NoWordEdge => !edge(),
        }
    }
}

impl Node {
    fn repeat(self, min: u32, max: u32, how: Greed) -> Self {
        match how {
            Greed::Possessive => Self::Atomic(Box::new(self.repeat(min, max, Greed::Greedy))),
            how => Self::Repeat { what: Box::new(self), min, max, how },
        }
    }
}

impl Pattern {
    /// Java's, with what its `PatternSyntaxException` says of an expression that is none.
    pub fn java(text: &str) -> Result<Self, String> {
        let (root, groups) = java::parse(text)?;
        Ok(Self(Kind::Java { root, groups }))
    }

    /// RE2J's, with the description of its `PatternSyntaxException`.
    pub fn re2(text: &str) -> Result<Self, &'static str> {
        Ok(Self(Kind::Re2(Program::new(&re2::parse(text)?))))
    }

    /// Does the whole name match?
    pub fn matches(&self, name: &str) -> bool {
        let chars: Vec<char> = name.chars().collect();
        match &self.0 {
            Kind::Java { root, groups } => tried::matches(root, *groups, &chars),
            Kind::Re2(program) => program.matches(&chars),
        }
    }
}
