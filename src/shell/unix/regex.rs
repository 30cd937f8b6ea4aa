//! Regular expressions as grep, sed, awk and bash take them: those of POSIX, plain and extended, with GNU's additions.

/// A compiled expression.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Regex {
    root: Node,
    ignores_case: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Node {
    Char(char),
    Any,
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
    Start,
    End,
    /// `\b`, `\<`, `\>`, `\B`
    Edge(char),
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    Repeat {
        what: Box<Node>,
        min: u32,
        max: u32,
    },
    Group(usize, Box<Node>),
    /// `\1`
    Again(usize),
}

/// Where a match and its groups begin and end, in characters. The first is the whole match.
pub type Groups = Vec<Option<(usize, usize)>>;

/// Steps that one search may take; only an evil expression needs more.
const STEPS_MAX: u32 = 500_000;

/// Steps within each other: what lies on the stack.
const NESTED_MAX: u32 = 1500;

/// Groups in groups.
const DEPTH_MAX: u32 = 30;

impl Regex {
    /// A plain one (`grep`, `sed`): `\( \) \{ \} \| \+ \?` have a backslash.
    pub fn plain(text: &str, ignores_case: bool) -> Option<Self> {
        Self::new(text, false, ignores_case)
    }

    /// An extended one (`grep -E`, `sed -E`, `awk`).
    pub fn extended(text: &str, ignores_case: bool) -> Option<Self> {
        Self::new(text, true, ignores_case)
    }

    /// A text that stands for itself.
    pub fn fixed(text: &str, ignores_case: bool) -> Self {
        Self { root: Node::Sequence(text.chars().map(Node::Char).collect()), ignores_case }
    }

    fn new(text: &str, extended: bool, ignores_case: bool) -> Option<Self> {
        let chars: Vec<char> = text.chars().collect();
        let mut parser = Parser { chars: &chars, at: 0, extended, groups: 0, depth: 0 };
        let root = parser.either()?;
        (parser.at == chars.len()).then_some(Self { root, ignores_case })
    }

    /// The whole of a word, or of a line, has to fit.
    pub fn between(self, edge: char) -> Self {
        let (before, after) = if edge == 'x' { (Node::Start, Node::End) } else { (Node::Edge('<'), Node::Edge('>')) };
        Self { root: Node::Sequence(vec![before, self.root, after]), ..self }
    }

    pub fn find(&self, text: &str) -> Option<Groups> {
        self.find_from(&text.chars().collect::<Vec<_>>(), 0)
    }

    /// The first match that begins at `from` or later. Of those that begin there the longest, as POSIX wants it.
    pub fn find_from(&self, text: &[char], from: usize) -> Option<Groups> {
        let mut matcher = Matcher { text, ignores_case: self.ignores_case, groups: vec![None; 10], steps: STEPS_MAX, depth: 0 };
        for start in from..=text.len() {
            let mut best: Option<Groups> = None;
            matcher.groups.fill(None);
            matcher.go(&[&self.root], start, &mut |matcher, end| {
                let longer = best.as_ref().and_then(|best| best[0]).is_none_or(|(_, known)| end > known);
                if longer {
                    let mut groups = matcher.groups.clone();
                    groups[0] = Some((start, end));
                    best = Some(groups);
                }
                end == matcher.text.len()
            });
            if best.is_some() || matcher.steps == 0 {
                return best;
            }
        }
        None
    }
}

struct Matcher<'t> {
    text: &'t [char],
    ignores_case: bool,
    groups: Groups,
    steps: u32,
    depth: u32,
}

impl Matcher<'_> {
    fn same(&self, one: char, other: char) -> bool {
        one == other || (self.ignores_case && one.to_lowercase().eq(other.to_lowercase()))
    }

    fn is_word(&self, at: Option<usize>) -> bool {
        at.and_then(|at| self.text.get(at)).is_some_and(|char| char.is_alphanumeric() || *char == '_')
    }

    /// Tries what is still to come; `done` says whether the search may end at this match.
    fn go(&mut self, todo: &[&Node], at: usize, done: &mut dyn FnMut(&mut Self, usize) -> bool) -> bool {
        self.depth += 1;
        if self.depth > NESTED_MAX {
            self.steps = 0;
        }
        let ended = self.steps == 0 || {
            self.steps -= 1;
            self.one(todo, at, done)
        };
        self.depth -= 1;
        ended
    }

    fn one(&mut self, todo: &[&Node], at: usize, done: &mut dyn FnMut(&mut Self, usize) -> bool) -> bool {
        let Some((node, rest)) = todo.split_first() else { return done(self, at) };
        let here = self.text.get(at).copied();
        let fits = match node {
            Node::Char(char) => here.is_some_and(|here| self.same(*char, here)),
            Node::Any => here.is_some(),
            Node::Class { negated, ranges } => here.is_some_and(|here| {
                let within = |char: char| ranges.iter().any(|(low, high)| (*low..=*high).contains(&char));
                let both = self.ignores_case
                    && (here.to_lowercase().next().is_some_and(within) || here.to_uppercase().next().is_some_and(within));
                (within(here) || both) != *negated
            }),
            Node::Start => return at == 0 && self.go(rest, at, done),
            Node::End => return at == self.text.len() && self.go(rest, at, done),
            Node::Edge(kind) => {
                let (before, after) = (self.is_word(at.checked_sub(1)), self.is_word(Some(at)));
                let fits = match kind {
                    '<' => !before && after,
                    '>' => before && !after,
                    'B' => before == after,
                    _ => before != after,
                };
                return fits && self.go(rest, at, done);
            }
            Node::Sequence(nodes) => {
                let todo: Vec<&Node> = nodes.iter().chain(rest.iter().copied()).collect();
                return self.go(&todo, at, done);
            }
            Node::Either(choices) => {
                return choices.iter().any(|choice| {
                    let todo: Vec<&Node> = [choice].into_iter().chain(rest.iter().copied()).collect();
                    self.go(&todo, at, done)
                });
            }
            Node::Repeat { what, min, max } => return self.repeat(what, (*min, *max), rest, at, done),
            Node::Group(number, what) => {
                let (number, kept) = (*number, self.groups[*number]);
                let ended = self.go(&[what], at, &mut |matcher, end| {
                    let before = matcher.groups[number].replace((at, end));
                    let ended = matcher.go(rest, end, done);
                    if !ended {
                        matcher.groups[number] = before;
                    }
                    ended
                });
                if !ended {
                    self.groups[number] = kept;
                }
                return ended;
            }
            Node::Again(number) => {
                let (from, to) = self.groups[*number].unwrap_or((at, at));
                let length = to - from;
                let fits = at + length <= self.text.len()
                    && (0..length).all(|step| self.same(self.text[from + step], self.text[at + step]));
                return fits && self.go(rest, at + length, done);
            }
        };
        fits && self.go(rest, at + 1, done)
    }

    fn repeat(
        &mut self,
        what: &Node,
        (min, max): (u32, u32),
        rest: &[&Node],
        at: usize,
        done: &mut dyn FnMut(&mut Self, usize) -> bool,
    ) -> bool {
        // What is one character long needs no recursion: take as many as there are, then fewer.
        if matches!(what, Node::Char(_) | Node::Any | Node::Class { .. }) {
            let mut count = 0;
            while count < max && self.go(&[what], at + count as usize, &mut |_, _| true) && at + (count as usize) < self.text.len()
            {
                count += 1;
            }
            return (min..=count).rev().any(|count| self.go(rest, at + count as usize, done));
        }
        if max > 0 {
            let ended = self.go(&[what], at, &mut |matcher, end| {
                // A turn that takes nothing would go on for ever.
                end > at && matcher.repeat(what, (min.saturating_sub(1), max - 1), rest, end, done)
            });
            if ended {
                return true;
            }
        }
        min == 0 && self.go(rest, at, done)
    }
}

struct Parser<'a> {
    chars: &'a [char],
    at: usize,
    extended: bool,
    groups: usize,
    depth: u32,
}

impl Parser<'_> {
    fn sees(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(at, char)| self.chars.get(self.at + at) == Some(&char))
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.sees(text);
        self.at += if found { text.chars().count() } else { 0 };
        found
    }

    /// An operator as this kind of expression writes it.
    fn operator(&mut self, char: char) -> bool {
        self.eat(&if self.extended { char.to_string() } else { format!("\\{char}") })
    }

    fn sees_operator(&self, char: char) -> bool {
        self.sees(&if self.extended { char.to_string() } else { format!("\\{char}") })
    }

    fn either(&mut self) -> Option<Node> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        let mut choices = vec![self.sequence()?];
        while self.operator('|') {
            choices.push(self.sequence()?);
        }
        self.depth -= 1;
        Some(if choices.len() == 1 { choices.remove(0) } else { Node::Either(choices) })
    }

    fn sequence(&mut self) -> Option<Node> {
        let mut nodes = Vec::new();
        while self.at < self.chars.len() && !self.sees_operator('|') {
            if self.depth > 1 && self.sees_operator(')') {
                break;
            }
            let node = self.atom(nodes.is_empty())?;
            let node = self.repeated(node)?;
            nodes.push(node);
        }
        Some(Node::Sequence(nodes))
    }

    fn atom(&mut self, first: bool) -> Option<Node> {
        if self.operator('(') {
            self.groups += 1;
            let number = self.groups;
            let inside = self.either()?;
            if !self.operator(')') {
                return None;
            }
            return Some(if number < 10 { Node::Group(number, Box::new(inside)) } else { inside });
        }
        let char = *self.chars.get(self.at)?;
        self.at += 1;
        Some(match char {
            '.' => Node::Any,
            '^' if self.extended || first => Node::Start,
            '$' if self.extended || self.at == self.chars.len() || self.sees("\\)") || self.sees("\\|") => Node::End,
            '[' => self.class()?,
            '*' | '+' | '?' | '{' if self.extended && !first => return None,
            '\\' => {
                let char = *self.chars.get(self.at)?;
                self.at += 1;
                match char {
                    'w' => word(false),
                    'W' => word(true),
                    's' => Node::Class { negated: false, ranges: vec![(' ', ' '), ('\t', '\r')] },
                    'S' => Node::Class { negated: true, ranges: vec![(' ', ' '), ('\t', '\r')] },
                    'b' | '<' | '>' | 'B' => Node::Edge(char),
                    'n' => Node::Char('\n'),
                    't' => Node::Char('\t'),
                    '1'..='9' => Node::Again(char.to_digit(10)? as usize),
                    char => Node::Char(char),
                }
            }
            char => Node::Char(char),
        })
    }

    fn repeated(&mut self, mut node: Node) -> Option<Node> {
        // A star at the very beginning stands for itself, and so does one after `^` in a plain expression.
        if matches!(node, Node::Start) && !self.extended && self.eat("*") {
            return Some(Node::Sequence(vec![Node::Start, Node::Char('*')]));
        }
        loop {
            let (min, max) = if self.eat("*") {
                (0, u32::MAX)
            } else if self.operator('+') {
                (1, u32::MAX)
            } else if self.operator('?') {
                (0, 1)
            } else if self.operator('{') {
                self.counts()?
            } else {
                return Some(node);
            };
            node = Node::Repeat { what: Box::new(node), min, max };
        }
    }

    /// `{2}`, `{2,}`, `{2,5}`, after the brace.
    fn counts(&mut self) -> Option<(u32, u32)> {
        let number = |parser: &mut Self| {
            let digits: String = parser.chars[parser.at..].iter().take_while(|char| char.is_ascii_digit()).collect();
            parser.at += digits.len();
            digits.parse::<u32>().ok().filter(|number| *number <= 255)
        };
        let min = number(self);
        let max = if self.eat(",") { number(self).unwrap_or(u32::MAX) } else { min? };
        let min = min.unwrap_or(0);
        (self.operator('}') && min <= max).then_some((min, max))
    }

    fn class(&mut self) -> Option<Node> {
        let negated = self.eat("^");
        let mut ranges = Vec::new();
        let mut first = true;
        loop {
            if self.eat("[:") {
                let name: String = self.chars[self.at..].iter().take_while(|char| **char != ':').collect();
                self.at += name.chars().count();
                if !self.eat(":]") {
                    return None;
                }
                ranges.extend(named(&name)?);
                first = false;
                continue;
            }
            let low = *self.chars.get(self.at)?;
            self.at += 1;
            if low == ']' && !first {
                return Some(Node::Class { negated, ranges });
            }
            first = false;
            match (self.chars.get(self.at), self.chars.get(self.at + 1)) {
                (Some('-'), Some(high)) if *high != ']' => {
                    self.at += 2;
                    if *high < low {
                        return None;
                    }
                    ranges.push((low, *high));
                }
                _ => ranges.push((low, low)),
            }
        }
    }
}

fn word(negated: bool) -> Node {
    Node::Class { negated, ranges: vec![('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')] }
}

fn named(name: &str) -> Option<Vec<(char, char)>> {
    Some(match name {
        "digit" => vec![('0', '9')],
        "alpha" => vec![('a', 'z'), ('A', 'Z')],
        "alnum" => vec![('a', 'z'), ('A', 'Z'), ('0', '9')],
        "upper" => vec![('A', 'Z')],
        "lower" => vec![('a', 'z')],
        "space" => vec![(' ', ' '), ('\t', '\r')],
        "blank" => vec![(' ', ' '), ('\t', '\t')],
        "punct" => vec![('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "xdigit" => vec![('0', '9'), ('a', 'f'), ('A', 'F')],
        _ => return None,
    })
}
