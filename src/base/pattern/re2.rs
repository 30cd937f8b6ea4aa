//! The syntax of RE2J (`com.google.re2j.Parser`), with its flags `PERL` and its descriptions of what is wrong.

use super::set::{DIGIT, Set, WORD, category, script};
use super::{DEPTH_MAX, Greed, Node, Place};

type Read<T> = Result<T, &'static str>;

const INTERNAL: &str = "regexp/syntax: internal error";
const RANGE: &str = "invalid character class range";
const ESCAPE: &str = "invalid escape sequence";
const CAPTURE: &str = "invalid named capture";
const PERL: &str = "invalid or unsupported Perl syntax";
const NESTED: &str = "invalid nested repetition operator";
const REPEAT: &str = "invalid repeat count";
const BRACKET: &str = "missing closing ]";
const PAREN: &str = "missing closing )";
const ARGUMENT: &str = "missing argument to repetition operator";
const BACKSLASH: &str = "trailing backslash at end of expression";
const DUPLICATE: &str = "duplicate capture group name";

/// Most of a repetition.
const REPEAT_MAX: u32 = 1000;

pub(super) fn parse(text: &str) -> Read<Node> {
    let chars: Vec<char> = text.chars().collect();
    Parser { chars: &chars, at: 0, any_case: false, names: Vec::new(), groups: 0 }.either(0)
}

struct Parser<'p> {
    chars: &'p [char],
    at: usize,
    /// `(?i)`; the other flags make no difference to a name.
    any_case: bool,
    names: Vec<String>,
    groups: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn take(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.at += 1;
        Some(char)
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.looking_at(text);
        self.at += if found { text.chars().count() } else { 0 };
        found
    }

    fn looking_at(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(at, char)| self.chars.get(self.at + at) == Some(&char))
    }

    /// How many characters there are before `text`.
    fn until(&self, text: &str) -> Option<usize> {
        let rest = &self.chars[self.at..];
        let wanted: Vec<char> = text.chars().collect();
        (0..rest.len()).find(|at| rest[*at..].starts_with(&wanted))
    }

    fn set(&self, set: Set) -> Node {
        Node::Set(if self.any_case { set.any_case(true) } else { set })
    }

    fn literal(&self, char: u32) -> Node {
        self.set(Set::range(char, char))
    }

    /// Alternatives, to the end or to the parenthesis of the group that is open.
    fn either(&mut self, depth: u32) -> Read<Node> {
        if depth > DEPTH_MAX {
            return Err(INTERNAL);
        }
        let mut choices = Vec::new();
        let mut nodes: Vec<Node> = Vec::new();
        let mut repeated = false;
        loop {
            let after_repeat = std::mem::replace(&mut repeated, false);
            match self.peek() {
                None if depth > 0 => return Err(PAREN),
                None => break,
                Some(')') if depth == 0 => return Err(INTERNAL),
                Some(')') => {
                    self.at += 1;
                    break;
                }
                Some('|') => {
                    self.at += 1;
                    choices.push(Node::Sequence(std::mem::take(&mut nodes)));
                }
                Some('(') => nodes.extend(self.group(depth)?),
                Some(_) => match self.bounds()? {
                    Some((min, max)) => {
                        let how = if self.eat("?") { Greed::Lazy } else { Greed::Greedy };
                        if after_repeat {
                            return Err(NESTED);
                        }
                        let what = nodes.pop().ok_or(ARGUMENT)?;
                        nodes.push(what.repeat(min, max, how));
                        repeated = true;
                    }
                    None => {
                        // A brace that stands for itself counts as well.
                        repeated = self.looking_at("{");
                        nodes.extend(self.atom()?);
                    }
                },
            }
        }
        choices.push(Node::Sequence(nodes));
        Ok(if choices.len() == 1 { choices.remove(0) } else { Node::Either(choices) })
    }

    /// A group with what is in it; nothing where it sets flags alone.
    fn group(&mut self, depth: u32) -> Read<Option<Node>> {
        let outside = self.any_case;
        if self.looking_at("(?P<") || self.looking_at("(?<") {
            self.at += if self.looking_at("(?P<") { 4 } else { 3 };
            let length = self.until(">").ok_or(CAPTURE)?;
            let name: String = self.chars[self.at..self.at + length].iter().collect();
            self.at += length + 1;
            if name.is_empty() || !name.chars().all(|char| char == '_' || char.is_ascii_alphanumeric()) {
                return Err(CAPTURE);
            }
            if self.names.contains(&name) {
                return Err(DUPLICATE);
            }
            self.names.push(name);
        } else if self.eat("(?") {
            if !self.flags()? {
                return Ok(None);
            }
        } else {
            self.at += 1;
        }
        let group = self.groups;
        self.groups += 1;
        let inside = self.either(depth + 1)?;
        self.any_case = outside;
        Ok(Some(Node::Group(group, Box::new(inside))))
    }

    /// What follows `(?`. Does it begin a group?
    fn flags(&mut self) -> Read<bool> {
        let (mut any_case, mut set, mut saw_flag) = (self.any_case, true, false);
        loop {
            match self.take() {
                Some('i') => {
                    any_case = set;
                    saw_flag = true;
                }
                Some('m' | 's' | 'U') => saw_flag = true,
                Some('-') if set => {
                    set = false;
                    saw_flag = false;
                }
                Some(end @ (')' | ':')) if set || saw_flag => {
                    self.any_case = any_case;
                    return Ok(end == ':');
                }
                _ => return Err(PERL),
            }
        }
    }

    /// A repetition, if there is one here.
    fn bounds(&mut self) -> Read<Option<(u32, u32)>> {
        let bounds = match self.peek() {
            Some('*') => (0, u32::MAX),
            Some('+') => (1, u32::MAX),
            Some('?') => (0, 1),
            Some('{') => {
                let begin = self.at;
                let counted = self.counted();
                if counted.is_none() {
                    self.at = begin;
                }
                return match counted {
                    Some((Ok(min), Ok(max))) if min <= REPEAT_MAX && (max == u32::MAX || max <= REPEAT_MAX && min <= max) => {
                        Ok(Some((min, max)))
                    }
                    Some(_) => Err(REPEAT),
                    None => Ok(None),
                };
            }
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(bounds))
    }

    /// `{2}`, `{2,}` or `{2,3}`; `None` for what stands for itself. An error is a number that is too long.
    fn counted(&mut self) -> Option<(Result<u32, ()>, Result<u32, ()>)> {
        self.at += 1;
        let min = self.number()?;
        let max = match self.eat(",") {
            false => min,
            true if self.looking_at("}") => Ok(u32::MAX),
            true => self.number()?,
        };
        self.eat("}").then_some((min, max))
    }

    fn number(&mut self) -> Option<Result<u32, ()>> {
        let begin = self.at;
        while self.peek().is_some_and(|char| char.is_ascii_digit()) {
            self.at += 1;
        }
        let digits: String = self.chars[begin..self.at].iter().collect();
        match digits.len() {
            0 => None,
            2.. if digits.starts_with('0') => None,
            9.. => Some(Err(())),
            _ => Some(digits.parse().map_err(|_| ())),
        }
    }

    /// What a repetition applies to: of quoted characters the last alone.
    fn atom(&mut self) -> Read<Vec<Node>> {
        let one = |node: Node| Ok(vec![node]);
        match self.peek() {
            Some('^') => {
                self.at += 1;
                one(Node::Place(Place::Begin))
            }
            Some('$') => {
                self.at += 1;
                one(Node::Place(Place::End))
            }
            Some('.') => {
                self.at += 1;
                one(Node::Set(Set::all()))
            }
            Some('[') => one(Node::Set(self.class()?)),
            Some('\\') => self.escaped(),
            Some(char) => {
                self.at += 1;
                one(self.literal(char.into()))
            }
            None => Ok(Vec::new()),
        }
    }

    fn escaped(&mut self) -> Read<Vec<Node>> {
        let place = match self.chars.get(self.at + 1) {
            Some('A') => Some(Place::Begin),
            Some('z') => Some(Place::End),
            Some('b') => Some(Place::WordEdge),
            Some('B') => Some(Place::NoWordEdge),
            _ => None,
        };
        if let Some(place) = place {
            self.at += 2;
            return Ok(vec![Node::Place(place)]);
        }
        if self.eat("\\Q") {
            let end = self.until("\\E").map_or(self.chars.len(), |length| self.at + length);
            let nodes = self.chars[self.at..end].iter().map(|char| self.literal((*char).into())).collect();
            self.at = (end + 2).min(self.chars.len());
            return Ok(nodes);
        }
        if let Some(set) = self.named_set()? {
            return Ok(vec![Node::Set(set)]);
        }
        let char = self.escape()?;
        Ok(vec![self.literal(char)])
    }

    /// `\pL`, `\p{Greek}`, `\d` and the like.
    fn named_set(&mut self) -> Read<Option<Set>> {
        if let Some(set) = self.unicode_class()? {
            return Ok(Some(set));
        }
        let (Some('\\'), Some(letter)) = (self.peek(), self.chars.get(self.at + 1)) else { return Ok(None) };
        let Some(set) = perl_class(letter.to_ascii_lowercase()) else { return Ok(None) };
        let negated = letter.is_ascii_uppercase();
        self.at += 2;
        Ok(Some(self.folded(set).negated(negated)))
    }

    fn folded(&self, set: Set) -> Set {
        if self.any_case { set.any_case(true) } else { set }
    }

    fn unicode_class(&mut self) -> Read<Option<Set>> {
        let mut negated = self.looking_at("\\P");
        if !negated && !self.looking_at("\\p") {
            return Ok(None);
        }
        self.at += 2;
        let name: String = match self.take().ok_or(RANGE)? {
            '{' => {
                let length = self.until("}").ok_or(RANGE)?;
                let name = self.chars[self.at..self.at + length].iter().collect();
                self.at += length + 1;
                name
            }
            char => char.to_string(),
        };
        let plain = name.strip_prefix('^').unwrap_or(&name);
        negated ^= plain != name;
        let set = if plain == "Any" { Some(Set::all()) } else { category(plain).or_else(|| script(plain)) };
        Ok(Some(self.folded(set.ok_or(RANGE)?).negated(negated)))
    }

    /// A character that is written with a backslash.
    fn escape(&mut self) -> Read<u32> {
        self.at += 1;
        let char = self.take().ok_or(BACKSLASH)?;
        let octal = |char: Option<char>| char.and_then(|char| char.to_digit(8));
        match char {
            '1'..='7' if octal(self.peek()).is_none() => Err(ESCAPE),
            '0'..='7' => {
                let mut code = octal(Some(char)).unwrap_or(0);
                for _ in 1..3 {
                    let Some(digit) = octal(self.peek()) else { break };
                    code = code * 8 + digit;
                    self.at += 1;
                }
                Ok(code)
            }
            'x' => self.hexadecimal(),
            'a' => Ok(7),
            'f' => Ok(12),
            'n' => Ok(10),
            'r' => Ok(13),
            't' => Ok(9),
            'v' => Ok(11),
            char if char.is_ascii_alphanumeric() => Err(ESCAPE),
            char => Ok(char.into()),
        }
    }

    fn hexadecimal(&mut self) -> Read<u32> {
        if self.eat("{") {
            let length = self.until("}").filter(|length| *length > 0).ok_or(ESCAPE)?;
            let digits: String = self.chars[self.at..self.at + length].iter().collect();
            self.at += length + 1;
            let code = u32::from_str_radix(&digits, 16).ok().filter(|_| !digits.starts_with('+'));
            return code.filter(|code| *code <= 0x10_ffff).ok_or(ESCAPE);
        }
        let mut digit = || self.take().and_then(|char| char.to_digit(16)).ok_or(ESCAPE);
        Ok(digit()? * 16 + digit()?)
    }

    fn class(&mut self) -> Read<Set> {
        self.at += 1;
        let negated = self.eat("^");
        let mut set = Set::default();
        let mut first = true;
        while self.peek() != Some(']') || first {
            first = false;
            if self.looking_at("[:")
                && let Some(length) = self.until(":]")
            {
                let name: String = self.chars[self.at + 2..self.at + length].iter().collect();
                self.at += length + 2;
                let plain = name.strip_prefix('^').unwrap_or(&name);
                let known = posix_class(plain).ok_or(RANGE)?;
                set = set.or(&self.folded(known).negated(plain != name));
                continue;
            }
            if let Some(named) = self.named_set()? {
                set = set.or(&named);
                continue;
            }
            let low = self.class_char()?;
            let mut high = low;
            if self.looking_at("-") && self.chars.get(self.at + 1) != Some(&']') {
                self.at += 1;
                high = self.class_char()?;
                if high < low {
                    return Err(RANGE);
                }
            }
            set = set.or(&self.folded(Set::range(low, high)));
        }
        self.at += 1;
        Ok(set.negated(negated))
    }

    fn class_char(&mut self) -> Read<u32> {
        match self.peek() {
            None => Err(BRACKET),
            Some('\\') => self.escape(),
            Some(char) => {
                self.at += 1;
                Ok(char.into())
            }
        }
    }
}

fn perl_class(letter: char) -> Option<Set> {
    Some(match letter {
        'd' => Set::of(DIGIT),
        'w' => Set::of(WORD),
        's' => Set::of(&[('\t', '\n'), ('\x0c', '\r'), (' ', ' ')]),
        _ => return None,
    })
}

fn posix_class(name: &str) -> Option<Set> {
    Some(match name {
        "alnum" => Set::ascii(|char| char.is_ascii_alphanumeric()),
        "alpha" => Set::ascii(|char| char.is_ascii_alphabetic()),
        "ascii" => Set::ascii(|_| true),
        "blank" => Set::ascii(|char| char == ' ' || char == '\t'),
        "cntrl" => Set::ascii(|char| char.is_ascii_control()),
        "digit" => Set::of(DIGIT),
        "graph" => Set::ascii(|char| char.is_ascii_graphic()),
        "lower" => Set::ascii(|char| char.is_ascii_lowercase()),
        "print" => Set::ascii(|char| char.is_ascii_graphic() || char == ' '),
        "punct" => Set::ascii(|char| char.is_ascii_punctuation()),
        "space" => Set::of(&[('\t', '\r'), (' ', ' ')]),
        "upper" => Set::ascii(|char| char.is_ascii_uppercase()),
        "word" => Set::of(WORD),
        "xdigit" => Set::ascii(|char| char.is_ascii_hexdigit()),
        _ => return None,
    })
}
