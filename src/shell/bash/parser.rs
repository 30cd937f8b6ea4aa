//! From a command line to what it says to do, as bash reads it. Its words are read in `lexer`.

use std::rc::Rc;

use super::ast::{Assignment, Command, Condition, Here, How, Kind, List, Part, Pipeline, Redirect, Word};
use super::lexer::{braces, is_name};

/// Why a line is no command line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ParseError {
    /// What bash says of it, and the code that it ends with.
    Syntax(Vec<String>, i32),
    /// bash would take it.
    Lacking(String),
}

impl ParseError {
    pub(super) fn lacking(what: &str) -> Self {
        Self::Lacking(format!("{what} is not simulated: help lists what is"))
    }

    pub(super) fn unmatched(mark: char) -> Self {
        Self::Syntax(vec![format!("bash: -c: line 1: unexpected EOF while looking for matching `{mark}'")], 2)
    }

    fn unended() -> Self {
        Self::Syntax(vec!["bash: -c: line 2: syntax error: unexpected end of file".to_owned()], 2)
    }
}

/// A line as it was parsed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parsed {
    pub list: Rc<List>,
    /// The here-documents that it asks for, in their order.
    pub heres: Vec<Here>,
}

/// Commands in one line; more is no command line but an accident.
const COMMANDS_MAX: usize = 200;

/// Commands in commands.
const DEPTH_MAX: u32 = 30;

/// What a body may not be followed by, and is ended by.
const ENDS: &[&str] = &["then", "elif", "else", "fi", "do", "done", "esac", "}"];

/// What control operators there are, longest first.
const OPERATORS: &[&str] = &["&&", "||", ";;", "|&", ";", "|", "&", "(", ")", "\n", "<", ">"];

/// Redirections as they are written, longest first.
const REDIRECTS: &[(&str, How)] = &[
    ("&>>", How::AppendBoth),
    ("&>", How::WriteBoth),
    ("<<<", How::HereString),
    ("<<-", How::Here(1)),
    ("<<", How::Here(0)),
    (">>", How::Append),
    (">|", How::Write),
    (">&", How::Same),
    ("<", How::Read),
    (">", How::Write),
];

pub fn parse(line: &str) -> Result<Parsed, ParseError> {
    let mut parser = Parser::new(line, 0);
    let list = parser.list(&[])?;
    Ok(Parsed { list: Rc::new(list), heres: parser.heres })
}

/// Does bash wait for more before it does anything?
pub fn is_open(line: &str) -> bool {
    let open = |text: &String| text.contains("unexpected end of file") || text.contains("unexpected EOF");
    matches!(parse(line), Err(ParseError::Syntax(lines, _)) if lines.iter().any(open))
}

pub(super) struct Parser {
    line: String,
    pub(super) chars: Vec<char>,
    pub(super) at: usize,
    depth: u32,
    commands: usize,
    heres: Vec<Here>,
}

impl Parser {
    fn new(line: &str, depth: u32) -> Self {
        Self { line: line.to_owned(), chars: line.chars().collect(), at: 0, depth, commands: 0, heres: Vec::new() }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    pub(super) fn take(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.at += 1;
        Some(char)
    }

    fn sees(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(at, char)| self.chars.get(self.at + at) == Some(&char))
    }

    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.sees(text);
        self.at += if found { text.chars().count() } else { 0 };
        found
    }

    pub(super) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, ParseError>) -> Result<T, ParseError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(ParseError::Lacking(format!("more than {DEPTH_MAX} commands in each other")));
        }
        let read = read(self);
        self.depth -= 1;
        read
    }

    /// What stands between backquotes.
    pub(super) fn part_of(&self, text: &str) -> Result<Rc<List>, ParseError> {
        let mut inner = Self::new(text, self.depth);
        let list = inner.list(&[])?;
        if inner.heres.is_empty() { Ok(Rc::new(list)) } else { Err(ParseError::lacking("a here-document in a command's words")) }
    }

    /// What stands in `$(…)`, after the bracket.
    pub(super) fn list_until_bracket(&mut self) -> Result<Rc<List>, ParseError> {
        let list = self.list(&[")"])?;
        if self.eat(")") { Ok(Rc::new(list)) } else { Err(ParseError::unmatched(')')) }
    }

    fn blanks(&mut self, newlines: bool) {
        loop {
            match self.peek() {
                Some(' ' | '\t') => self.at += 1,
                Some('\n') if newlines => self.at += 1,
                Some('\\') if self.sees("\\\n") => self.at += 2,
                Some('#') => {
                    while self.peek().is_some_and(|char| char != '\n') {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }

    /// What stands here, as bash names it in its complaints.
    fn token(&self) -> String {
        match OPERATORS.iter().find(|operator| self.sees(operator)) {
            Some(&"\n") => "newline".to_owned(),
            Some(operator) => (*operator).to_owned(),
            None => self.bare_word(),
        }
    }

    fn bare_word(&self) -> String {
        let rest = self.chars[self.at.min(self.chars.len())..].iter();
        rest.take_while(|char| !" \t\n;|&<>()".contains(**char)).collect()
    }

    fn unexpected(&self) -> ParseError {
        if self.at >= self.chars.len() {
            return ParseError::unended();
        }
        let near = format!("bash: -c: line 1: syntax error near unexpected token `{}'", self.token());
        ParseError::Syntax(vec![near, format!("bash: -c: line 1: `{}'", self.line)], 2)
    }

    fn at_end(&self, ends: &[&str]) -> bool {
        let word = self.bare_word();
        ends.iter().any(|end| if matches!(*end, ")" | ";;") { self.sees(end) } else { word == *end })
    }

    fn list(&mut self, ends: &[&str]) -> Result<List, ParseError> {
        let mut list = List::default();
        let mut condition = Condition::Always;
        loop {
            self.blanks(true);
            if condition == Condition::Always && (self.at >= self.chars.len() || self.at_end(ends)) {
                return Ok(list);
            }
            let pipeline = self.pipeline()?;
            list.pipelines.push((condition, pipeline));
            self.blanks(false);
            condition = Condition::Always;
            if self.eat("&&") {
                condition = Condition::Success;
            } else if self.eat("||") {
                condition = Condition::Failure;
            } else if self.sees("&") {
                return Err(ParseError::Lacking("'&' (background) is not simulated: open another terminal instead".to_owned()));
            } else if !self.sees(";;") && (self.eat(";") || self.eat("\n")) {
            } else if self.at < self.chars.len() && !self.at_end(ends) {
                return Err(self.unexpected());
            }
        }
    }

    /// A list that may not be empty, and the word that ends it.
    fn body(&mut self, ends: &[&str]) -> Result<(Rc<List>, String), ParseError> {
        let list = self.list(ends)?;
        if list.pipelines.is_empty() || self.at >= self.chars.len() {
            return Err(self.unexpected());
        }
        let end = if self.sees(")") { ")".to_owned() } else { self.bare_word() };
        self.at += end.chars().count();
        Ok((Rc::new(list), end))
    }

    fn pipeline(&mut self) -> Result<Pipeline, ParseError> {
        let mut pipeline = Pipeline::default();
        while self.bare_word() == "!" {
            self.at += 1;
            pipeline.negated = !pipeline.negated;
            self.blanks(false);
        }
        loop {
            self.blanks(!pipeline.commands.is_empty());
            self.commands += 1;
            if self.commands > COMMANDS_MAX {
                return Err(ParseError::Lacking(format!("more than {COMMANDS_MAX} commands in one line")));
            }
            let mut command = self.nested(Self::command)?;
            self.blanks(false);
            let both = self.eat("|&");
            if both {
                command.redirects.push(Redirect { stream: 2, how: How::Same, target: Word::text("1") });
            }
            pipeline.commands.push(command);
            if !both && (self.sees("||") || !self.eat("|")) {
                return Ok(pipeline);
            }
        }
    }

    fn command(&mut self) -> Result<Command, ParseError> {
        let word = self.bare_word();
        let length = word.chars().count();
        let kind = if self.eat("((") {
            Kind::Arithmetic(self.arithmetic(")")?)
        } else if self.eat("(") {
            Kind::Subshell(self.body(&[")"])?.0)
        } else {
            match word.as_str() {
                "for" => {
                    self.at += length;
                    self.for_loop()?
                }
                "while" | "until" => {
                    self.at += length;
                    let (test, _) = self.body(&["do"])?;
                    let (body, _) = self.body(&["done"])?;
                    Kind::While { until: word == "until", test, body }
                }
                "if" => {
                    self.at += length;
                    self.branches()?
                }
                "case" => {
                    self.at += length;
                    self.case()?
                }
                "{" => {
                    self.at += length;
                    Kind::Group(self.body(&["}"])?.0)
                }
                "[[" => {
                    self.at += length;
                    self.conditional()?
                }
                "select" | "coproc" | "time" | "function" => return Err(ParseError::lacking(&format!("'{word}'"))),
                word if ENDS.contains(&word) => return Err(self.unexpected()),
                _ => return self.simple(),
            }
        };
        let mut redirects = Vec::new();
        loop {
            self.blanks(false);
            match self.redirect()? {
                Some(redirect) => redirects.push(redirect),
                None => return Ok(Command { kind, redirects }),
            }
        }
    }

    fn for_loop(&mut self) -> Result<Kind, ParseError> {
        self.blanks(false);
        if self.eat("((") {
            let (first, test) = (self.arithmetic(";")?, self.arithmetic(";")?);
            let next = self.arithmetic(")")?;
            let body = self.do_body()?;
            return Ok(Kind::Count { first, test, next, body });
        }
        let name = self.bare_word();
        if name.is_empty() {
            return Err(self.unexpected());
        }
        self.at += name.chars().count();
        if !is_name(&name) {
            return Err(ParseError::Syntax(vec![format!("bash: line 1: `{name}': not a valid identifier")], 1));
        }
        self.blanks(true);
        let mut words = Vec::new();
        if self.bare_word() == "in" {
            self.at += 2;
            loop {
                self.blanks(false);
                match self.word()? {
                    Some(word) => words.extend(braces(word)),
                    None => break,
                }
            }
        } else {
            words.push(Word(vec![Part::Parameter { name: "@".to_owned(), operation: super::ast::Operation::Plain, quoted: true }]));
        }
        Ok(Kind::For { name, words, body: self.do_body()? })
    }

    /// `; do …; done`
    fn do_body(&mut self) -> Result<Rc<List>, ParseError> {
        self.blanks(false);
        if !self.sees(";;") && !self.eat(";") && self.at < self.chars.len() && !self.sees("\n") && self.bare_word() != "do" {
            return Err(self.unexpected());
        }
        self.blanks(true);
        if self.bare_word() != "do" {
            return Err(self.unexpected());
        }
        self.at += 2;
        Ok(self.body(&["done"])?.0)
    }

    fn branches(&mut self) -> Result<Kind, ParseError> {
        let mut branches = Vec::new();
        let mut otherwise = Rc::default();
        loop {
            let (test, _) = self.body(&["then"])?;
            let (body, end) = self.body(&["elif", "else", "fi"])?;
            branches.push((test, body));
            match end.as_str() {
                "elif" => continue,
                "else" => otherwise = self.body(&["fi"])?.0,
                _ => {}
            }
            return Ok(Kind::If { branches: branches.into(), otherwise });
        }
    }

    fn case(&mut self) -> Result<Kind, ParseError> {
        self.blanks(false);
        let word = self.word()?.ok_or_else(|| self.unexpected())?;
        self.blanks(true);
        if self.bare_word() != "in" {
            return Err(self.unexpected());
        }
        self.at += 2;
        let mut branches = Vec::new();
        loop {
            self.blanks(true);
            if self.bare_word() == "esac" {
                self.at += 4;
                return Ok(Kind::Case { word, branches: branches.into() });
            }
            self.eat("(");
            let mut patterns = Vec::new();
            loop {
                self.blanks(false);
                patterns.push(self.word()?.ok_or_else(|| self.unexpected())?);
                self.blanks(false);
                if self.eat(")") {
                    break;
                }
                if !self.eat("|") {
                    return Err(self.unexpected());
                }
            }
            let body = self.list(&[";;", "esac"])?;
            if !self.eat(";;") && self.bare_word() != "esac" {
                return Err(self.unexpected());
            }
            branches.push((patterns, Rc::new(body)));
        }
    }

    /// `[[ … ]]`, after its beginning: operators are words here.
    fn conditional(&mut self) -> Result<Kind, ParseError> {
        let mut words = Vec::new();
        loop {
            self.blanks(true);
            if self.bare_word() == "]]" {
                self.at += 2;
                return Ok(Kind::Conditional(words));
            }
            match ["&&", "||", "(", ")", "<", ">"].iter().find(|operator| self.sees(operator)) {
                // A regular expression may have brackets of its own.
                Some(_) if words.last().and_then(Word::bare) == Some("=~") => {
                    let text: String = self.chars[self.at..].iter().take_while(|char| !" \t".contains(**char)).collect();
                    self.at += text.chars().count();
                    words.push(Word::text(text));
                }
                Some(operator) => {
                    self.eat(operator);
                    words.push(Word::text(*operator));
                }
                None => words.push(self.expression_word(words.last().and_then(Word::bare) == Some("=~"))?),
            }
        }
    }

    /// A word of `[[ … ]]`. In a regular expression `|` and brackets belong to it.
    fn expression_word(&mut self, regex: bool) -> Result<Word, ParseError> {
        let mut word = self.word()?.ok_or_else(|| self.unexpected())?;
        while regex && self.peek().is_some_and(|char| "()|<>&;".contains(char)) {
            word.0.push(Part::Text(self.take().into_iter().collect()));
            word.0.extend(self.word()?.unwrap_or_default().0);
        }
        Ok(word)
    }

    fn simple(&mut self) -> Result<Command, ParseError> {
        let (mut assignments, mut words, mut redirects) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            self.blanks(false);
            if let Some(redirect) = self.redirect()? {
                redirects.push(redirect);
                continue;
            }
            let Some(word) = self.word()? else { break };
            let assignment = if words.is_empty() { assignment(&word) } else { None };
            if self.peek() == Some('(') {
                match word.bare() {
                    Some(name) if words.is_empty() && assignments.is_empty() && assignment.is_none() => {
                        return self.function(name.to_owned());
                    }
                    _ if assignment.is_some() => return Err(ParseError::lacking("an array")),
                    _ => return Err(self.unexpected()),
                }
            }
            match assignment {
                Some(assignment) => assignments.push(assignment),
                None => words.extend(braces(word)),
            }
        }
        if words.is_empty() && assignments.is_empty() && redirects.is_empty() {
            return Err(self.unexpected());
        }
        Ok(Command { kind: Kind::Simple { assignments, words }, redirects })
    }

    /// `NAME() BODY`, after the name.
    fn function(&mut self, name: String) -> Result<Command, ParseError> {
        self.at += 1;
        self.blanks(false);
        if !self.eat(")") {
            return Err(self.unexpected());
        }
        self.blanks(true);
        let body = Rc::new(self.nested(Self::command)?);
        Ok(Command { kind: Kind::Function { name, body }, redirects: Vec::new() })
    }

    fn redirect(&mut self) -> Result<Option<Redirect>, ParseError> {
        let from = self.at;
        let digit = self.peek().filter(char::is_ascii_digit).and_then(|digit| digit.to_digit(10));
        self.at += usize::from(digit.is_some());
        // `<(…)`
        if self.sees("<(") || self.sees(">(") {
            return if digit.is_none() { Err(ParseError::lacking("a command as a file")) } else { Ok(None) };
        }
        let found = REDIRECTS.iter().find(|(operator, _)| self.sees(operator) && !(digit.is_some() && operator.starts_with('&')));
        let Some((operator, how)) = found else {
            self.at = from;
            return Ok(None);
        };
        self.at += operator.len();
        let default = u8::from(!operator.starts_with('<'));
        let stream = digit.map_or(default, |digit| u8::try_from(digit).unwrap_or(default));
        self.blanks(false);
        let Some(target) = self.word()? else {
            if self.at >= self.chars.len() {
                // The line's end is a token to it.
                let near = "bash: -c: line 1: syntax error near unexpected token `newline'".to_owned();
                return Err(ParseError::Syntax(vec![near, format!("bash: -c: line 1: `{}'", self.line)], 2));
            }
            return Err(self.unexpected());
        };
        if stream > 2 {
            return Err(ParseError::lacking(&format!("a stream of number {stream}")));
        }
        let how = match how {
            How::Here(strip) => {
                let literal = target.0.iter().any(|part| matches!(part, Part::Quoted(_)));
                let until =
                    target.0.iter().map(|part| if let Part::Text(text) | Part::Quoted(text) = part { text.as_str() } else { "" });
                let here = Here { until: until.collect(), strip: *strip == 1, literal, text: String::new(), complete: false };
                self.heres.push(here);
                How::Here(self.heres.len() - 1)
            }
            // `>& file` is an old way to write `&> file`.
            How::Same if !matches!(target.bare(), Some("0" | "1" | "2" | "-")) => How::WriteBoth,
            how => *how,
        };
        Ok(Some(Redirect { stream, how, target }))
    }
}

/// `NAME=…` and `NAME+=…`
fn assignment(word: &Word) -> Option<Assignment> {
    let (Part::Text(text), rest) = word.0.split_first()? else { return None };
    let (name, value) = text.split_once('=')?;
    let (name, append) = name.strip_suffix('+').map_or((name, false), |name| (name, true));
    if !is_name(name) {
        return None;
    }
    let mut parts = vec![Part::Text(value.to_owned())];
    parts.extend_from_slice(rest);
    Some(Assignment { name: name.to_owned(), append, value: Word(parts) })
}

/// The text of a here-document as the word that it is expanded as.
pub(super) fn document(text: &str) -> Result<Word, ParseError> {
    let quoted = format!("\"{}\"", text.replace('"', "\\\""));
    let mut parser = Parser::new(&quoted, 0);
    Ok(parser.word()?.unwrap_or_default())
}
