//! The syntax of Java 17's `java.util.regex.Pattern`, with the words of its `PatternSyntaxException`. It reads as Java does, so
//! that the place it names is the same.

use super::set::{DIGIT, Set, WORD};
use super::{DEPTH_MAX, Greed, Node, Place};

/// What is wrong, and where the parser was.
pub(super) type Wrong = (String, usize);

pub(super) type Read<T> = Result<T, Wrong>;

pub(super) const END: char = '\0';

/// The expression, and how many groups it remembers.
pub(super) fn parse(text: &str) -> Result<(Node, usize), String> {
    let mut chars = unquoted(text);
    let length = chars.len();
    chars.extend([END, END]);
    let mut parser = Parser { chars, length, at: 0, flags: Flags::default(), groups: 1, names: Vec::new(), depth: 0 };
    let root = parser.either().and_then(|root| match parser.at {
        at if at == length => Ok(root),
        _ if parser.peek() == ')' => Err(parser.wrong("Unmatched closing ')'")),
        _ => Err(parser.wrong("Unexpected internal error")),
    });
    root.map(|root| (root, parser.groups)).map_err(|(what, at)| message(text, &what, at))
}

/// `PatternSyntaxException.getMessage`.
fn message(text: &str, what: &str, after: usize) -> String {
    let Some(at) = after.checked_sub(1) else { return format!("{what}\n{text}") };
    let before: Vec<char> = text.chars().take(at + 1).collect();
    let mark = match before.len() > at {
        true => {
            let indent: String = before[..at].iter().map(|char| if *char == '\t' { '\t' } else { ' ' }).collect();
            format!("\n{indent}^")
        }
        false => String::new(),
    };
    format!("{what} near index {at}\n{text}{mark}")
}

/// Without `\Q...\E`: what is quoted has a backslash before each sign instead.
fn unquoted(text: &str) -> Vec<char> {
    let mut out = Vec::new();
    let mut rest = text.chars();
    let (mut quoted, mut first) = (false, false);
    while let Some(char) = rest.next() {
        let begins = std::mem::replace(&mut first, false);
        if char != '\\' {
            match quoted {
                true if begins && char.is_ascii_digit() => out.extend(['\\', 'x', '3', char]),
                true if char.is_ascii() && !char.is_ascii_alphanumeric() => out.extend(['\\', char]),
                _ => out.push(char),
            }
            continue;
        }
        let next = rest.clone().next();
        match (quoted, next) {
            (true, Some('E')) => {
                rest.next();
                quoted = false;
            }
            (true, _) => out.extend(['\\', '\\']),
            (false, Some('Q')) => {
                rest.next();
                (quoted, first) = (true, true);
            }
            (false, next) => {
                out.push('\\');
                out.extend(next);
                rest.next();
            }
        }
    }
    out
}

#[derive(Clone, Copy, Default)]
pub(super) struct Flags {
    pub(super) any_case: bool,
    unicode_case: bool,
    comments: bool,
}

pub(super) struct Parser {
    /// The expression, and two characters that end it.
    pub(super) chars: Vec<char>,
    pub(super) length: usize,
    pub(super) at: usize,
    pub(super) flags: Flags,
    /// Groups that are remembered; the first is the whole.
    groups: usize,
    names: Vec<(String, usize)>,
    pub(super) depth: u32,
}

/// What a backslash begins.
pub(super) enum Escaped {
    Char(char),
    Set(Set),
    Node(Node),
}

impl Parser {
    pub(super) fn wrong(&self, what: impl Into<String>) -> Wrong {
        (what.into(), self.at)
    }

    pub(super) fn char_at(&self, at: usize) -> char {
        self.chars.get(at).copied().unwrap_or(END)
    }

    fn pass_comments(&mut self) {
        while self.flags.comments && (self.char_at(self.at).is_ascii_whitespace() || self.char_at(self.at) == '#') {
            if self.char_at(self.at) == '#' {
                while self.at < self.length && !matches!(self.char_at(self.at), '\n' | '\r') {
                    self.at += 1;
                }
            } else {
                self.at += 1;
            }
        }
    }

    pub(super) fn peek(&mut self) -> char {
        self.pass_comments();
        self.char_at(self.at)
    }

    pub(super) fn read(&mut self) -> char {
        self.pass_comments();
        self.at += 1;
        self.char_at(self.at - 1)
    }

    /// Goes on by one, and looks at what is there.
    pub(super) fn next(&mut self) -> char {
        self.at += 1;
        self.peek()
    }

    /// Goes on by two.
    fn skip(&mut self) -> char {
        self.at += 2;
        self.char_at(self.at - 1)
    }

    pub(super) fn is_over(&self) -> bool {
        self.at >= self.length
    }

    pub(super) fn folded(&self, set: Set) -> Set {
        if self.flags.any_case { set.any_case(self.flags.unicode_case) } else { set }
    }

    pub(super) fn single(&self, char: char) -> Set {
        self.folded(Set::of(&[(char, char)]))
    }

    fn either(&mut self) -> Read<Node> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.wrong("Stack overflow during pattern compilation"));
        }
        let mut choices = vec![self.sequence()?];
        while self.peek() == '|' {
            self.next();
            choices.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(if choices.len() == 1 { choices.remove(0) } else { Node::Either(choices) })
    }

    fn sequence(&mut self) -> Read<Node> {
        let mut nodes = Vec::new();
        loop {
            let node = match self.peek() {
                '(' => match self.group()? {
                    Some(group) => group,
                    None => continue,
                },
                '[' => Node::Set(self.class(true)?),
                '\\' => self.escaped()?,
                '^' => {
                    self.next();
                    Node::Place(Place::Begin)
                }
                '$' => {
                    self.next();
                    Node::Place(Place::End)
                }
                '.' => {
                    self.next();
                    Node::Set(Set::all())
                }
                '|' | ')' => break,
                sign @ ('*' | '+' | '?') => {
                    self.next();
                    return Err(self.wrong(format!("Dangling meta character '{sign}'")));
                }
                END if self.is_over() => break,
                '{' => Node::Empty,
                char => {
                    self.next();
                    Node::Set(self.single(char))
                }
            };
            nodes.push(self.closure(node)?);
        }
        Ok(Node::Sequence(nodes))
    }

    fn escaped(&mut self) -> Read<Node> {
        if let Some(set) = self.family()? {
            return Ok(Node::Set(set));
        }
        Ok(match self.escape(false, false)? {
            Escaped::Char(char) => Node::Set(self.single(char)),
            Escaped::Set(set) => Node::Set(set),
            Escaped::Node(node) => node,
        })
    }

    /// A quantifier, if one follows.
    fn closure(&mut self, node: Node) -> Read<Node> {
        let (min, max) = match self.peek() {
            '?' => (0, 1),
            '*' => (0, u32::MAX),
            '+' => (1, u32::MAX),
            '{' => self.counted()?,
            _ => return Ok(node),
        };
        let how = match self.next() {
            '?' => Greed::Lazy,
            '+' => Greed::Possessive,
            _ => return Ok(node.repeat(min, max, Greed::Greedy)),
        };
        self.next();
        Ok(node.repeat(min, max, how))
    }

    /// `{2}`, `{2,}` or `{2,3}`, up to its closing brace.
    fn counted(&mut self) -> Read<(u32, u32)> {
        let mut char = self.skip();
        if !char.is_ascii_digit() {
            return Err(self.wrong("Illegal repetition"));
        }
        let min = self.count(&mut char)?;
        let max = if char == ',' {
            char = self.read();
            if char == '}' { u32::MAX } else { self.count(&mut char)? }
        } else {
            min
        };
        if char != '}' {
            return Err(self.wrong("Unclosed counted closure"));
        }
        if max < min {
            return Err(self.wrong("Illegal repetition range"));
        }
        self.at -= 1;
        Ok((min, max))
    }

    fn count(&mut self, char: &mut char) -> Read<u32> {
        let mut count = 0i32;
        while let Some(digit) = char.to_digit(10) {
            let larger = count.checked_mul(10).and_then(|count| count.checked_add(digit.cast_signed()));
            count = larger.ok_or_else(|| self.wrong("Illegal repetition range"))?;
            *char = self.read();
        }
        Ok(count.cast_unsigned())
    }

    /// A group; nothing where it sets flags alone.
    fn group(&mut self) -> Read<Option<Node>> {
        let outside = self.flags;
        let look = |ahead, negated, what| Node::Look { ahead, negated, what: Box::new(what) };
        let node = if self.next() == '?' {
            match self.skip() {
                ':' => self.either()?,
                sign @ ('=' | '!') => look(true, sign == '!', self.either()?),
                '>' => Node::Atomic(Box::new(self.either()?)),
                '<' => match self.read() {
                    sign @ ('=' | '!') => {
                        let what = self.either()?;
                        if has_no_end(&what) {
                            return Err(self.wrong("Look-behind group does not have an obvious maximum length"));
                        }
                        look(false, sign == '!', what)
                    }
                    first => {
                        let name = self.name(first)?;
                        if self.names.iter().any(|(known, _)| *known == name) {
                            return Err(self.wrong(format!("Named capturing group <{name}> is already defined")));
                        }
                        self.names.push((name, self.groups));
                        self.remembered()?
                    }
                },
                '$' | '@' => return Err(self.wrong("Unknown group type")),
                _ => {
                    self.at -= 1;
                    self.set_flags();
                    match self.read() {
                        ')' => return Ok(None),
                        ':' => self.either()?,
                        _ => return Err(self.wrong("Unknown inline modifier")),
                    }
                }
            }
        } else {
            self.remembered()?
        };
        if self.read() != ')' {
            return Err(self.wrong("Unclosed group"));
        }
        self.flags = outside;
        Ok(Some(node))
    }

    fn remembered(&mut self) -> Read<Node> {
        let number = self.groups;
        self.groups += 1;
        Ok(Node::Group(number, Box::new(self.either()?)))
    }

    fn name(&mut self, first: char) -> Read<String> {
        if !first.is_ascii_alphabetic() {
            return Err(self.wrong("capturing group name does not start with a Latin letter"));
        }
        let mut name = first.to_string();
        loop {
            match self.read() {
                char if char.is_ascii_alphanumeric() => name.push(char),
                '>' => return Ok(name),
                _ => return Err(self.wrong("named capturing group is missing trailing '>'")),
            }
        }
    }

    fn set_flags(&mut self) {
        let mut on = true;
        loop {
            match self.peek() {
                'i' => self.flags.any_case = on,
                'u' => self.flags.unicode_case = on,
                'x' => self.flags.comments = on,
                // Of ASCII its classes have the same with it.
                'U' => self.flags.unicode_case = on,
                'm' | 's' | 'd' | 'c' => {}
                '-' if on => on = false,
                _ => return,
            }
            self.next();
        }
    }

    /// `inside` of a class; `range`: where it may be the end of one.
    pub(super) fn escape(&mut self, inside: bool, range: bool) -> Read<Escaped> {
        let char = self.skip();
        let set = |set: Set, negated: bool| Ok(Escaped::Set(set.negated(negated)));
        let place = |place: Place| Ok(Escaped::Node(Node::Place(place)));
        match char {
            '0' => self.octal().map(Escaped::Char),
            '1'..='9' if !inside => Ok(Escaped::Node(self.again(char))),
            'A' | 'G' if !inside => place(Place::Begin),
            'z' | 'Z' if !inside => place(Place::End),
            'b' if !inside => place(Place::WordEdge),
            'B' if !inside => place(Place::NoWordEdge),
            'd' | 'D' => set(Set::of(DIGIT), char == 'D'),
            's' | 'S' => set(Set::of(&[('\t', '\r'), (' ', ' ')]), char == 'S'),
            'w' | 'W' => set(Set::of(WORD), char == 'W'),
            'h' | 'H' => set(Set::of(&[('\t', '\t'), (' ', ' '), ('\u{a0}', '\u{a0}')]), char == 'H'),
            'v' if range => Ok(Escaped::Char('\u{b}')),
            'v' | 'V' => set(Set::of(&[('\n', '\r'), ('\u{85}', '\u{85}'), ('\u{2028}', '\u{2029}')]), char == 'V'),
            'R' if !inside => set(Set::of(&[('\n', '\r'), ('\u{85}', '\u{85}'), ('\u{2028}', '\u{2029}')]), false),
            'X' if !inside => set(Set::all(), false),
            'k' if !inside => {
                if self.read() != '<' {
                    return Err(self.wrong("\\k is not followed by '<' for named capturing group"));
                }
                let first = self.read();
                let name = self.name(first)?;
                let known = self.names.iter().find(|(known, _)| *known == name);
                let any_case = self.flags.any_case;
                let missing = || self.wrong(format!("named capturing group <{name}> does not exist"));
                let (_, group) = known.ok_or_else(missing)?;
                Ok(Escaped::Node(Node::Again { group: *group, any_case }))
            }
            'a' => Ok(Escaped::Char('\u{7}')),
            'c' if self.is_over() => Err(self.wrong("Illegal control escape sequence")),
            'c' => {
                let control = u32::from(self.read()) ^ 0x40;
                Ok(Escaped::Char(char::from_u32(control).unwrap_or(END)))
            }
            'e' => Ok(Escaped::Char('\u{1b}')),
            'f' => Ok(Escaped::Char('\u{c}')),
            'n' => Ok(Escaped::Char('\n')),
            'r' => Ok(Escaped::Char('\r')),
            't' => Ok(Escaped::Char('\t')),
            'N' => self.named_char().map(Escaped::Char),
            'u' => self.hexadecimal(4, "Illegal Unicode escape sequence").map(Escaped::Char),
            'x' => self.hexadecimal_or_braced().map(Escaped::Char),
            char if char.is_ascii_alphanumeric() => Err(self.wrong("Illegal/unsupported escape sequence")),
            char => Ok(Escaped::Char(char)),
        }
    }

    /// What a group has matched, by its number: as many digits as there are groups for.
    fn again(&mut self, first: char) -> Node {
        let mut group = first.to_digit(10).unwrap_or(0) as usize;
        while let Some(digit) = self.peek().to_digit(10) {
            let longer = group * 10 + digit as usize;
            if longer > self.groups - 1 {
                break;
            }
            group = longer;
            self.read();
        }
        Node::Again { group, any_case: self.flags.any_case }
    }

    fn octal(&mut self) -> Read<char> {
        let first = self.read().to_digit(8).ok_or_else(|| self.wrong("Illegal octal escape sequence"))?;
        let mut code = first;
        for at in 1..3 {
            match self.peek().to_digit(8) {
                Some(digit) if at == 1 || first <= 3 => {
                    code = code * 8 + digit;
                    self.read();
                }
                _ => break,
            }
        }
        Ok(char::from_u32(code).unwrap_or(END))
    }

    fn hexadecimal(&mut self, digits: u32, what: &str) -> Read<char> {
        let mut code = 0;
        for _ in 0..digits {
            let digit = self.read().to_digit(16);
            code = code * 16 + digit.ok_or_else(|| self.wrong(what))?;
        }
        Ok(char::from_u32(code).unwrap_or('\u{fffd}'))
    }

    fn hexadecimal_or_braced(&mut self) -> Read<char> {
        let what = "Illegal hexadecimal escape sequence";
        if self.peek() != '{' || !self.char_at(self.at + 1).is_ascii_hexdigit() {
            return self.hexadecimal(2, what);
        }
        self.read();
        let mut code = 0u32;
        loop {
            match self.read() {
                '}' => return Ok(char::from_u32(code).unwrap_or('\u{fffd}')),
                char => {
                    let digit = char.to_digit(16).ok_or_else(|| self.wrong("Unclosed hexadecimal escape sequence"))?;
                    code = code * 16 + digit;
                    if code > 0x10_ffff {
                        return Err(self.wrong("Hexadecimal codepoint is too big"));
                    }
                }
            }
        }
    }

    /// `\N{...}`: of all names those of Latin letters.
    fn named_char(&mut self) -> Read<char> {
        if self.read() != '{' {
            return Err(self.wrong("Illegal character name escape sequence"));
        }
        let begin = self.at;
        while self.read() != '}' {
            if self.is_over() {
                return Err(self.wrong("Unclosed character name escape sequence"));
            }
        }
        let name: String = self.chars[begin..self.at - 1].iter().collect();
        let told = name.to_ascii_uppercase();
        let letter = |before: &str| told.strip_prefix(before).filter(|rest| rest.len() == 1).and_then(|rest| rest.chars().next());
        let small = letter("LATIN SMALL LETTER ").map(|letter| letter.to_ascii_lowercase());
        let found = small.or_else(|| letter("LATIN CAPITAL LETTER ")).filter(char::is_ascii_alphabetic);
        found.ok_or_else(|| self.wrong(format!("Unknown character name [{name}]")))
    }
}

/// Can it match texts of any length?
fn has_no_end(node: &Node) -> bool {
    match node {
        Node::Repeat { max: u32::MAX, .. } | Node::Again { .. } => true,
        Node::Repeat { what, .. } | Node::Group(_, what) | Node::Atomic(what) => has_no_end(what),
        Node::Sequence(nodes) | Node::Either(nodes) => nodes.iter().any(has_no_end),
        Node::Empty | Node::Set(_) | Node::Place(_) | Node::Look { .. } => false,
    }
}
