//! Regular expressions as tools, clients and coordinators take them for topic names: the part of Java's that people use.
//!
//! Characters, `.`, classes, `\d \w \s`, groups, alternatives, `* + ? {n,m}`, also lazy. Matches whole names only.

/// A compiled expression.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Pattern {
    root: Node,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Node {
    Empty,
    Any,
    Char(char),
    Class { negated: bool, ranges: Vec<(char, char)> },
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    Repeat { what: Box<Node>, min: u32, max: u32 },
}

/// Steps that one match may take; names are short, so only an evil expression needs more.
const STEPS_MAX: u32 = 200_000;

/// Groups in groups.
const DEPTH_MAX: u32 = 50;

impl Pattern {
    /// `None` for what is no legal expression.
    pub fn new(text: &str) -> Option<Self> {
        let chars: Vec<char> = text.chars().collect();
        let mut parser = Parser { chars: &chars, at: 0, depth: 0 };
        let root = parser.either()?;
        (parser.at == chars.len()).then_some(Self { root })
    }

    /// Does the whole name match?
    pub fn matches(&self, name: &str) -> bool {
        let chars: Vec<char> = name.chars().collect();
        let mut steps = STEPS_MAX;
        go(&self.root, &chars, 0, &mut steps, &mut |at, _| at == chars.len())
    }

    /// What Java says of an expression that is none (`PatternSyntaxException.getMessage`).
    pub fn complaint(text: &str) -> String {
        let count = text.chars().count();
        let open = |begin: char, end: char| {
            text.chars().filter(|char| *char == begin).count() > text.chars().filter(|char| *char == end).count()
        };
        let (what, at) = match text.chars().next() {
            Some(first @ ('*' | '+' | '?')) => (format!("Dangling meta character '{first}'"), 0),
            _ if open('[', ']') => ("Unclosed character class".to_owned(), count.saturating_sub(1)),
            _ if open('(', ')') => ("Unclosed group".to_owned(), count),
            _ if open(')', '(') => ("Unmatched closing ')'".to_owned(), count.saturating_sub(2)),
            _ => ("Illegal repetition".to_owned(), count.saturating_sub(1)),
        };
        let mark = if at < count { format!("\n{}^", " ".repeat(at)) } else { String::new() };
        format!("{what} near index {at}\n{text}{mark}")
    }
}

struct Parser<'a> {
    chars: &'a [char],
    at: usize,
    depth: u32,
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

    fn eat(&mut self, char: char) -> bool {
        let found = self.peek() == Some(char);
        self.at += usize::from(found);
        found
    }

    fn either(&mut self) -> Option<Node> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        let mut choices = vec![self.sequence()?];
        while self.eat('|') {
            choices.push(self.sequence()?);
        }
        self.depth -= 1;
        Some(if choices.len() == 1 { choices.remove(0) } else { Node::Either(choices) })
    }

    fn sequence(&mut self) -> Option<Node> {
        let mut nodes = Vec::new();
        while let Some(char) = self.peek() {
            if char == '|' || char == ')' {
                break;
            }
            let node = self.atom()?;
            nodes.push(self.repeated(node)?);
        }
        Some(Node::Sequence(nodes))
    }

    fn atom(&mut self) -> Option<Node> {
        Some(match self.take()? {
            '.' => Node::Any,
            '^' | '$' => Node::Empty,
            '(' => {
                if self.eat('?') && !self.eat(':') {
                    return None;
                }
                let inside = self.either()?;
                if !self.eat(')') {
                    return None;
                }
                inside
            }
            '[' => self.class()?,
            '\\' => match self.take()? {
                'Q' => self.quoted(),
                escaped => Self::escaped(escaped)?,
            },
            '*' | '+' | '?' | '{' => return None,
            char => Node::Char(char),
        })
    }

    /// `\Q...\E`
    fn quoted(&mut self) -> Node {
        let mut nodes = Vec::new();
        while let Some(char) = self.take() {
            if char == '\\' && self.eat('E') {
                break;
            }
            nodes.push(Node::Char(char));
        }
        Node::Sequence(nodes)
    }

    fn escaped(char: char) -> Option<Node> {
        let word = || vec![('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')];
        let blank = || vec![(' ', ' '), ('\t', '\r')];
        Some(match char {
            'd' => Node::Class { negated: false, ranges: vec![('0', '9')] },
            'D' => Node::Class { negated: true, ranges: vec![('0', '9')] },
            'w' => Node::Class { negated: false, ranges: word() },
            'W' => Node::Class { negated: true, ranges: word() },
            's' => Node::Class { negated: false, ranges: blank() },
            'S' => Node::Class { negated: true, ranges: blank() },
            't' => Node::Char('\t'),
            char if char.is_ascii_alphabetic() => return None,
            char => Node::Char(char),
        })
    }

    fn class(&mut self) -> Option<Node> {
        let negated = self.eat('^');
        let mut ranges = Vec::new();
        loop {
            let char = match self.take()? {
                ']' if !ranges.is_empty() => return Some(Node::Class { negated, ranges }),
                '\\' => match Self::escaped(self.take()?)? {
                    Node::Class { negated: false, ranges: more } => {
                        ranges.extend(more);
                        continue;
                    }
                    Node::Char(char) => char,
                    _ => return None,
                },
                char => char,
            };
            if self.peek() == Some('-') && self.chars.get(self.at + 1).is_some_and(|next| *next != ']') {
                self.at += 1;
                let last = self.take()?;
                if last < char {
                    return None;
                }
                ranges.push((char, last));
            } else {
                ranges.push((char, char));
            }
        }
    }

    fn repeated(&mut self, node: Node) -> Option<Node> {
        let mut node = node;
        loop {
            let (min, max) = match self.peek() {
                Some('*') => (0, u32::MAX),
                Some('+') => (1, u32::MAX),
                Some('?') => (0, 1),
                Some('{') => {
                    self.at += 1;
                    let bounds = self.bounds()?;
                    node = Node::Repeat { what: Box::new(node), min: bounds.0, max: bounds.1 };
                    continue;
                }
                _ => return Some(node),
            };
            self.at += 1;
            // Lazy and possessive differ in what a group holds, not in whether a whole name matches.
            let _ = self.eat('?') || self.eat('+');
            node = Node::Repeat { what: Box::new(node), min, max };
        }
    }

    fn bounds(&mut self) -> Option<(u32, u32)> {
        let min = self.number()?;
        let max = if self.eat(',') { if self.peek() == Some('}') { u32::MAX } else { self.number()? } } else { min };
        (self.eat('}') && min <= max).then_some((min, max))
    }

    fn number(&mut self) -> Option<u32> {
        let mut digits = String::new();
        while let Some(char) = self.peek().filter(char::is_ascii_digit) {
            digits.push(char);
            self.at += 1;
        }
        digits.parse().ok()
    }
}

type Next<'a> = &'a mut dyn FnMut(usize, &mut u32) -> bool;

/// Backtracking: matches `node` at `at` and asks `next` whether the rest fits.
fn go(node: &Node, text: &[char], at: usize, steps: &mut u32, next: Next<'_>) -> bool {
    if *steps == 0 {
        return false;
    }
    *steps -= 1;
    match node {
        Node::Empty => next(at, steps),
        Node::Any => at < text.len() && next(at + 1, steps),
        Node::Char(char) => text.get(at) == Some(char) && next(at + 1, steps),
        Node::Class { negated, ranges } => {
            let fits = |char: &char| ranges.iter().any(|(low, high)| low <= char && char <= high) != *negated;
            text.get(at).is_some_and(fits) && next(at + 1, steps)
        }
        Node::Sequence(nodes) => sequence(nodes, text, at, steps, next),
        Node::Either(choices) => choices.iter().any(|choice| go(choice, text, at, steps, next)),
        Node::Repeat { what, min, max } => repeat(what, *min, *max, text, at, steps, next),
    }
}

fn sequence(nodes: &[Node], text: &[char], at: usize, steps: &mut u32, next: Next<'_>) -> bool {
    match nodes.split_first() {
        None => next(at, steps),
        Some((first, rest)) => go(first, text, at, steps, &mut |at, steps| sequence(rest, text, at, steps, next)),
    }
}

fn repeat(what: &Node, min: u32, max: u32, text: &[char], at: usize, steps: &mut u32, next: Next<'_>) -> bool {
    let more = max > 0
        && go(what, text, at, steps, &mut |after, steps| {
            // A round that takes nothing would go on for ever.
            (after > at || min > 0) && repeat(what, min.saturating_sub(1), max.saturating_sub(1), text, after, steps, next)
        });
    more || (min == 0 && next(at, steps))
}
