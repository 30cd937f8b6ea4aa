//! Rust's text in tokens: enough to tell names, paths and strings from comments.

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Token {
    /// A name, a keyword or a number.
    Name(String),
    /// What stands in a string, as it is written.
    Text(String),
    /// `::`
    Path,
    /// Any other sign.
    Sign(char),
}

impl Token {
    pub fn is(&self, sign: char) -> bool {
        *self == Self::Sign(sign)
    }

    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            _ => None,
        }
    }

    pub fn is_name(&self, name: &str) -> bool {
        self.name() == Some(name)
    }
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The tokens of a file, without comments and without a module of tests at its end.
pub fn tokens(text: &str) -> Vec<Token> {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
    let mut rest = text;
    let mut tokens = Vec::new();
    while let Some(first) = rest.chars().next() {
        let taken = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(quotes) = raw_quotes(rest) {
            let from = rest.find('"').unwrap_or(0) + 1;
            let end = format!("\"{}", "#".repeat(quotes));
            let until = rest[from..].find(&end).map_or(rest.len(), |at| from + at);
            tokens.push(Token::Text(rest[from..until].to_owned()));
            (until + end.len()).min(rest.len())
        } else if first == '"' {
            let until = end_of_string(rest);
            tokens.push(Token::Text(rest[1..until].to_owned()));
            (until + 1).min(rest.len())
        } else if first == '\'' {
            letter_len(rest)
        } else if is_word(first) {
            let len = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
            tokens.push(Token::Name(rest[..len].to_owned()));
            len
        } else if rest.starts_with("::") {
            tokens.push(Token::Path);
            2
        } else {
            if !first.is_whitespace() {
                tokens.push(Token::Sign(first));
            }
            first.len_utf8()
        };
        rest = &rest[taken..];
    }
    tokens
}

/// `r"` or `br#"`: a raw string begins, with so many `#`.
fn raw_quotes(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('b').unwrap_or(text).strip_prefix('r')?;
    let quotes = rest.len() - rest.trim_start_matches('#').len();
    rest[quotes..].starts_with('"').then_some(quotes)
}

/// Where the string that begins here ends: at its closing quote.
fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at,
            _ => {}
        }
    }
    text.len()
}

/// The length of a character such as `'"'` or `'\''`, or of the sign before a lifetime's name.
fn letter_len(text: &str) -> usize {
    let mut letters = text.char_indices().skip(1);
    match (letters.next(), letters.next()) {
        (Some((_, '\\')), Some((at, letter))) => {
            let from = at + letter.len_utf8();
            text[from..].find('\'').map_or(text.len(), |end| from + end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

#[test]
fn tokens_are_told_from_comments_and_strings() {
    let told = tokens("a::b(\"x // \\\" y\", '\"', r#\"raw \"word\" \"#, &'life c); // no::thing\n#[cfg(test)]\nmod tests { d }");
    let texts: Vec<&Token> = told.iter().filter(|token| matches!(token, Token::Text(_))).collect();
    assert_eq!(texts, [&Token::Text("x // \\\" y".to_owned()), &Token::Text("raw \"word\" ".to_owned())]);
    let names: Vec<&str> = told.iter().filter_map(Token::name).collect();
    assert_eq!(names, ["a", "b", "life", "c"]);
}
