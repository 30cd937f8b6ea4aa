//! From text to tokens. What is wrong with the text becomes a token too, so that a mistake before it is told first.

use super::expr::Quote;
use super::span::Span;
use super::words::{Keyword, continues_name, starts_name};

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Lexeme {
    /// A name or a keyword.
    Word(Option<Keyword>),
    /// A name in quotes, without them.
    Quoted(Quote, String),
    /// A text in single quotes, without them.
    Text(String),
    Integer,
    Decimal,
    Sign(&'static str),
    Wrong(Wrong),
    End,
}

/// What no statement can have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wrong {
    TextWithoutEnd,
    NameWithoutEnd,
    CommentWithoutEnd,
    EmptyName,
    /// `5MINUTES`, `2nd`
    NumberAndLetters,
    Character(char),
}

#[derive(Clone, PartialEq, Debug)]
pub(super) struct Token {
    pub lexeme: Lexeme,
    pub span: Span,
}

/// Longer ones first. Those that the language does not have are here to be told apart: `==`, `=>`, `:=`, `&&`, `!`.
const SIGNS: [&str; 28] = [
    "<>", "<=", ">=", "!=", "->", "=>", "==", "||", "&&", ":=", "(", ")", ",", ";", ".", "*", "+", "-", "/", "%", "=", "<", ">",
    "[", "]", "!", "{", "}",
];

/// The tokens of a text; the last one is `End`.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer::new(text);
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next();
        let is_end = token.lexeme == Lexeme::End;
        tokens.push(token);
        if is_end {
            return tokens;
        }
    }
}

/// Would what is typed at the end of the text be part of a comment?
pub(super) fn ends_in_comment(text: &str) -> bool {
    let mut lexer = Lexer::new(text);
    loop {
        match lexer.next().lexeme {
            Lexeme::End => return lexer.in_comment,
            Lexeme::Wrong(Wrong::CommentWithoutEnd) => return true,
            _ => {}
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    /// The text ends in a comment that the end of a line would end.
    in_comment: bool,
}

impl<'t> Lexer<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, at: 0, in_comment: false }
    }

    fn next(&mut self) -> Token {
        if let Some(comment) = self.skip_blanks() {
            return comment;
        }
        let start = self.at;
        let rest = &self.text[start..];
        let Some(first) = rest.chars().next() else {
            return Token { lexeme: Lexeme::End, span: Span::new(start, start) };
        };
        if starts_name(first) {
            let len = rest.find(|letter| !continues_name(letter)).unwrap_or(rest.len());
            return self.token(Lexeme::Word(Keyword::of(&rest[..len])), len);
        }
        match first {
            '0'..='9' => self.number(),
            '\'' => self.quoted('\''),
            '`' | '"' => self.quoted(first),
            _ => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                Some(sign) => self.token(Lexeme::Sign(sign), sign.len()),
                None => self.token(Lexeme::Wrong(Wrong::Character(first)), first.len_utf8()),
            },
        }
    }

    fn token(&mut self, lexeme: Lexeme, len: usize) -> Token {
        let start = self.at;
        self.at += len;
        Token { lexeme, span: Span::new(start, self.at) }
    }

    /// Skips blanks and comments; a token only for a comment that does not end.
    fn skip_blanks(&mut self) -> Option<Token> {
        loop {
            let rest = &self.text[self.at..];
            // Some editors put a mark at the beginning of a file.
            let blank = |letter: char| letter.is_whitespace() || letter == '\u{feff}';
            let len = if rest.starts_with("--") {
                self.in_comment = !rest.contains('\n');
                rest.find('\n').unwrap_or(rest.len())
            } else if let Some(comment) = rest.strip_prefix("/*") {
                match comment.find("*/") {
                    Some(end) => end + 4,
                    None => return Some(self.without_end(Wrong::CommentWithoutEnd, 2)),
                }
            } else {
                rest.find(|letter| !blank(letter)).unwrap_or(rest.len())
            };
            if len == 0 {
                return None;
            }
            self.at += len;
        }
    }

    /// What is opened and not closed takes the rest of the text; what is pointed at is where it opens.
    fn without_end(&mut self, wrong: Wrong, len: usize) -> Token {
        let token = self.token(Lexeme::Wrong(wrong), len);
        self.at = self.text.len();
        token
    }

    fn number(&mut self) -> Token {
        let rest = &self.text.as_bytes()[self.at..];
        let is_digit = |at: usize| rest.get(at).is_some_and(u8::is_ascii_digit);
        let digits = |from: usize| (from..).take_while(|at| is_digit(*at)).count();
        let mut len = digits(0);
        let mut lexeme = Lexeme::Integer;
        if rest.get(len) == Some(&b'.') && is_digit(len + 1) {
            len += 1 + digits(len + 1);
            lexeme = Lexeme::Decimal;
        }
        if matches!(rest.get(len), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(rest.get(len + 1), Some(b'+' | b'-')));
            if is_digit(len + 1 + sign) {
                len += 1 + sign + digits(len + 1 + sign);
                lexeme = Lexeme::Decimal;
            }
        }
        let after = &self.text[self.at + len..];
        let letters = after.find(|letter| !continues_name(letter)).unwrap_or(after.len());
        if letters > 0 {
            lexeme = Lexeme::Wrong(Wrong::NumberAndLetters);
        }
        self.token(lexeme, len + letters)
    }

    /// A text or a name in quotes, in which the quote itself stands twice.
    fn quoted(&mut self, quote: char) -> Token {
        let rest = &self.text[self.at..];
        let mut inner = String::new();
        let mut letters = rest.char_indices().skip(1).peekable();
        while let Some((at, letter)) = letters.next() {
            if letter != quote {
                inner.push(letter);
            } else if letters.next_if(|(_, next)| *next == quote).is_some() {
                inner.push(quote);
            } else {
                let lexeme = match quote {
                    '\'' => Lexeme::Text(inner),
                    _ if inner.is_empty() => Lexeme::Wrong(Wrong::EmptyName),
                    '"' => Lexeme::Quoted(Quote::Double, inner),
                    _ => Lexeme::Quoted(Quote::Back, inner),
                };
                return self.token(lexeme, at + 1);
            }
        }
        let wrong = if quote == '\'' { Wrong::TextWithoutEnd } else { Wrong::NameWithoutEnd };
        self.without_end(wrong, 1)
    }
}
