//! What all parts of the grammar are made of: the tokens, how far one is, and what could have come there.
//!
//! Whoever looks for something says so (`want`). What was wanted at the farthest place is what an error names as expected, and
//! at the cursor what the page offers. There is no going back past a token, but once per GROUP BY: time is linear.

use super::ast::Statement;
use super::error::{QueryError, SHOWN_NAME_MAX, shortened};
use super::expr::{HEIGHT_MAX, Name, Quote};
use super::lexer::{Lexeme, Token, tokens};
use super::slips;
use super::span::Span;
use super::words::Keyword;

/// Longer texts are refused, in bytes.
pub const TEXT_LEN_MAX: usize = 64 * 1024;
/// Parentheses, calls, CASE, NOT, minus signs and types inside one another; bounds the stack.
pub const NESTING_MAX: usize = 64;

pub(super) type Parsed<T> = Result<T, QueryError>;

/// Something that could come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum What {
    Keyword(Keyword),
    Sign(&'static str),
    Name(NameOf),
    Text,
    Number,
    End,
}

/// What a name stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NameOf {
    Source,
    NewSource,
    Alias,
    Column,
    Field,
    Function,
    Property,
    Query,
}

/// How an error names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shown {
    /// By itself.
    Itself,
    /// Not at all, if anything else is expected: there are always operators after a value.
    Quiet,
    /// Together with others: "an expression".
    As(&'static str),
}

/// What was wanted at the end of the text.
pub(super) struct Sought {
    pub wants: Vec<What>,
    /// The names before a dot there.
    pub path: Vec<String>,
}

pub(super) struct Parser<'t> {
    pub text: &'t str,
    pub tokens: Vec<Token>,
    pub at: usize,
    /// The farthest place at which something was wanted, and what.
    far: usize,
    wants: Vec<(What, Shown)>,
    depth: usize,
    /// Parentheses that are open.
    pub open: Vec<Span>,
    /// The token that was taken as an alias without AS: it may be a misspelt keyword.
    pub soft_alias: Option<usize>,
    /// The names before the dot at the end of the text, for completion.
    pub path: Vec<String>,
    /// For completion, which goes on over what is no matter of syntax.
    lenient: bool,
}

impl<'t> Parser<'t> {
    pub fn new(text: &'t str) -> Parsed<Self> {
        if text.len() > TEXT_LEN_MAX {
            let message = format!("The text has {} bytes; {TEXT_LEN_MAX} are the most that is read.", text.len());
            let mut error = QueryError::new(text, Span::default(), message).with_hint("Give it in several parts.");
            error.found = "a text that is too long".to_owned();
            return Err(error);
        }
        Ok(Self::over(text, tokens(text), false))
    }

    pub fn over(text: &'t str, tokens: Vec<Token>, lenient: bool) -> Self {
        let (wants, open, path) = (Vec::new(), Vec::new(), Vec::new());
        Self { text, tokens, at: 0, far: 0, wants, depth: 0, open, soft_alias: None, path, lenient }
    }

    /// Statements with a `;` between them.
    pub fn script(&mut self) -> Parsed<Vec<(Statement, Span)>> {
        let mut statements = Vec::new();
        loop {
            while self.accept_sign(";") {}
            let begins = self.at == 0 || self.sees_sign(self.at - 1, ";");
            if self.is_end() {
                self.want(What::End, Shown::Quiet);
                // Nothing is missing, but this is what could come.
                if begins {
                    self.want_statement();
                }
                return Ok(statements);
            }
            let start = self.span();
            let statement = self.statement()?;
            statements.push((statement, start.to(self.span_before())));
            self.end_of_statement()?;
        }
    }

    /// A `;`, or the end of the text.
    pub fn end_of_statement(&mut self) -> Parsed<()> {
        let end = Shown::As("the end");
        self.want(What::End, end);
        if self.accept_sign_as(";", end) || self.is_end() { Ok(()) } else { Err(self.unexpected()) }
    }

    pub fn end_of_text(&mut self) -> Parsed<()> {
        while self.accept_sign(";") {}
        if self.is_end() {
            return Ok(());
        }
        Err(self.error(self.span(), "Here a second statement begins.").with_hint("Give one statement at a time."))
    }

    pub fn lexeme(&self) -> &Lexeme {
        self.lexeme_at(self.at)
    }

    pub fn lexeme_at(&self, at: usize) -> &Lexeme {
        self.tokens.get(at).map_or(&Lexeme::End, |token| &token.lexeme)
    }

    pub fn span(&self) -> Span {
        let end = Span::new(self.text.len(), self.text.len());
        self.tokens.get(self.at).map_or(end, |token| token.span)
    }

    /// Of the token that was taken last.
    pub fn span_before(&self) -> Span {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(Span::default(), |token| token.span)
    }

    /// What stands here, as typed.
    pub fn here(&self) -> &'t str {
        self.span().of(self.text)
    }

    pub fn is_end(&self) -> bool {
        *self.lexeme() == Lexeme::End
    }

    /// Is it this keyword? Without saying that it was looked for.
    pub fn sees(&self, keyword: Keyword) -> bool {
        self.sees_at(self.at, keyword)
    }

    pub fn sees_at(&self, at: usize, keyword: Keyword) -> bool {
        *self.lexeme_at(at) == Lexeme::Word(Some(keyword))
    }

    pub fn sees_sign(&self, at: usize, sign: &str) -> bool {
        matches!(self.lexeme_at(at), Lexeme::Sign(found) if *found == sign)
    }

    pub fn want(&mut self, what: What, shown: Shown) {
        if self.at > self.far {
            self.far = self.at;
            self.wants.clear();
        }
        if self.at == self.far {
            self.wants.push((what, shown));
        }
    }

    /// What was wanted here.
    pub fn wanted(&self) -> &[(What, Shown)] {
        if self.at == self.far { &self.wants } else { &[] }
    }

    pub fn step(&mut self) {
        self.at += usize::from(!self.is_end());
    }

    pub fn accept_as(&mut self, keyword: Keyword, shown: Shown) -> bool {
        self.want(What::Keyword(keyword), shown);
        let is = self.sees(keyword);
        self.at += usize::from(is);
        is
    }

    pub fn accept(&mut self, keyword: Keyword) -> bool {
        self.accept_as(keyword, Shown::Itself)
    }

    pub fn accept_sign_as(&mut self, sign: &'static str, shown: Shown) -> bool {
        self.want(What::Sign(sign), shown);
        let is = self.sees_sign(self.at, sign);
        self.at += usize::from(is);
        is
    }

    pub fn accept_sign(&mut self, sign: &'static str) -> bool {
        self.accept_sign_as(sign, Shown::Itself)
    }

    pub fn expect(&mut self, keyword: Keyword) -> Parsed<()> {
        if self.accept(keyword) { Ok(()) } else { Err(self.unexpected()) }
    }

    pub fn expect_sign(&mut self, sign: &'static str) -> Parsed<()> {
        if self.accept_sign(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    pub fn open(&mut self) -> Parsed<()> {
        self.expect_sign("(")?;
        self.open.push(self.span_before());
        Ok(())
    }

    pub fn close(&mut self) -> Parsed<()> {
        self.expect_sign(")")?;
        self.open.pop();
        Ok(())
    }

    /// Items with commas between them, one at least.
    pub fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.accept_sign(",") {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// A name in quotes, or a word that is not reserved.
    pub fn is_name(&self) -> bool {
        match self.lexeme() {
            Lexeme::Quoted(..) => true,
            Lexeme::Word(keyword) => !keyword.is_some_and(Keyword::is_reserved),
            _ => false,
        }
    }

    pub fn name(&mut self, of: NameOf, shown: Shown) -> Parsed<Name> {
        self.want(What::Name(of), shown);
        if self.is_name() { Ok(self.take_name()) } else { Err(self.unexpected()) }
    }

    /// The word or name that stands here, whatever it is.
    pub fn take_name(&mut self) -> Name {
        let (text, quote) = match self.lexeme() {
            Lexeme::Quoted(quote, text) => (text.clone(), *quote),
            _ => (self.here().to_owned(), Quote::None),
        };
        let span = self.span();
        self.step();
        Name { text, quote, span }
    }

    /// A whole number without a sign.
    pub fn whole_number(&mut self) -> Parsed<i64> {
        self.want(What::Number, Shown::Itself);
        if *self.lexeme() != Lexeme::Integer {
            return Err(self.unexpected());
        }
        let Ok(number) = self.here().parse() else { return Err(self.too_large(self.span())) };
        self.step();
        Ok(number)
    }

    pub fn too_large(&self, span: Span) -> QueryError {
        let message = "This whole number is too large: it does not fit into 64 bits.";
        self.error(span, message).with_hint(format!("The largest is {}. With `.0` at its end it is a decimal.", i64::MAX))
    }

    /// Goes one level down, if there is one.
    pub fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == NESTING_MAX {
            return Err(self.too_deep(self.span()));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    pub fn too_deep(&self, span: Span) -> QueryError {
        let message =
            format!("This is nested too deeply: {NESTING_MAX} levels of parentheses or {HEIGHT_MAX} of operators are the most.");
        self.error(span, message).with_hint("Compute a part of it in a stream of its own, with CREATE STREAM … AS SELECT.")
    }

    pub fn error(&self, span: Span, message: impl Into<String>) -> QueryError {
        QueryError::new(self.text, span, message)
    }

    /// What is no matter of syntax: for completion it does not matter.
    pub fn complain(&self, error: impl FnOnce(&Self) -> QueryError) -> Parsed<()> {
        if self.lenient { Ok(()) } else { Err(error(self)) }
    }

    /// What stands here cannot.
    pub fn unexpected(&self) -> QueryError {
        if let Lexeme::Wrong(wrong) = self.lexeme() {
            return slips::wrong(self, *wrong);
        }
        if let Some(error) = slips::misspelt_before(self) {
            return error;
        }
        let mut error = QueryError::unexpected(self.text, self.span(), self.found(), expected(self.wanted()));
        error.hint = slips::hint(self);
        error
    }

    fn found(&self) -> String {
        let shown = shortened(self.here(), SHOWN_NAME_MAX);
        match self.lexeme() {
            Lexeme::End => "the end of the text".to_owned(),
            Lexeme::Text(_) => format!("the text {shown}"),
            _ => format!("`{shown}`"),
        }
    }

    /// What was wanted at the end of the text, if the grammar led there.
    pub fn into_sought(self) -> Sought {
        let at_end: &[(What, Shown)] = if self.is_end() { self.wanted() } else { &[] };
        // What is always possible, such as an operator, is offered last.
        let (quiet, loud): (Vec<_>, Vec<_>) = at_end.iter().copied().partition(|(_, shown)| *shown == Shown::Quiet);
        let wants = loud.into_iter().chain(quiet).map(|want| want.0).collect();
        Sought { wants, path: self.path }
    }
}

/// In words, each once.
pub(super) fn expected(wants: &[(What, Shown)]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let loud = wants.iter().any(|(_, shown)| *shown != Shown::Quiet);
    for (what, shown) in wants.iter().filter(|(_, shown)| !(loud && *shown == Shown::Quiet)) {
        let word = match (shown, what) {
            (Shown::As(label), _) => (*label).to_owned(),
            (_, What::Keyword(Keyword::Group)) => "GROUP BY".to_owned(),
            (_, What::Keyword(Keyword::Partition)) => "PARTITION BY".to_owned(),
            (_, What::Keyword(keyword)) => keyword.text().to_owned(),
            (_, What::Sign(sign)) => format!("`{sign}`"),
            (_, What::Name(NameOf::Source)) => "the name of a stream or table".to_owned(),
            (_, What::Name(NameOf::Query)) => "the name of a query".to_owned(),
            (_, What::Name(NameOf::Property)) => "the name of a property".to_owned(),
            (_, What::Name(NameOf::Field)) => "the name of a field".to_owned(),
            (_, What::Name(_)) => "a name".to_owned(),
            (_, What::Text) => "a text in single quotes".to_owned(),
            (_, What::Number) => "a whole number".to_owned(),
            (_, What::End) => "the end".to_owned(),
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}
