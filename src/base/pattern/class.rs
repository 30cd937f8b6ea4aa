//! The classes of characters in the syntax of Java: `[a-z&&[^b]]`, `\p{Lu}`.

use super::DEPTH_MAX;
use super::java::{END, Escaped, Parser, Read};
use super::set::{DIGIT, Set, WORD, category, java_script};

enum Ranged {
    Single(char),
    Set(Set),
}

impl Parser {
    /// A class, from its opening bracket on; `whole`: with its closing one.
    pub(super) fn class(&mut self, whole: bool) -> Read<Set> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.wrong("Stack overflow during pattern compilation"));
        }
        let (mut set, mut single): (Option<Set>, Set) = (None, Set::default());
        let mut last = Set::default();
        let mut has_single = false;
        let with = |set: &Option<Set>, more: &Set| set.as_ref().map_or(more.clone(), |set| set.or(more));
        let mut char = self.next();
        let negated = char == '^' && self.char_at(self.at.wrapping_sub(1)) == '[';
        if negated {
            char = self.next();
        }
        loop {
            match char {
                '[' => {
                    last = self.class(true)?;
                    set = Some(with(&set, &last));
                    char = self.peek();
                    continue;
                }
                '&' if self.next() == '&' => {
                    char = self.next();
                    let mut right: Option<Set> = None;
                    while char != ']' && char != '&' {
                        if char != '[' {
                            self.at -= 1;
                        }
                        let more = self.class(char == '[')?;
                        right = Some(with(&right, &more));
                        char = self.peek();
                    }
                    if std::mem::replace(&mut has_single, false) {
                        if set.is_none() {
                            last = single.clone();
                        }
                        set = Some(with(&set, &single));
                    }
                    last = right.clone().unwrap_or(last);
                    let both = match (&set, right) {
                        (None, None) => return Err(self.wrong("Bad class syntax")),
                        (None, Some(right)) => right,
                        (Some(set), _) => set.and(&last),
                    };
                    set = Some(both);
                    continue;
                }
                '&' => self.at -= 1,
                END if self.is_over() => return Err(self.wrong("Unclosed character class")),
                ']' if set.is_some() || has_single => {
                    if whole {
                        self.next();
                    }
                    let all = if has_single { with(&set, &single) } else { set.unwrap_or_default() };
                    self.depth -= 1;
                    return Ok(all.negated(negated));
                }
                _ => {}
            }
            match self.range()? {
                Ranged::Single(char) => {
                    single = single.or(&self.single(char));
                    has_single = true;
                }
                Ranged::Set(more) => {
                    set = Some(with(&set, &more));
                    last = more;
                }
            }
            char = self.peek();
        }
    }

    /// A character, a range or a set within a class.
    fn range(&mut self) -> Read<Ranged> {
        let mut low = self.peek();
        if low == '\\' {
            if let Some(set) = self.family()? {
                return Ok(Ranged::Set(set));
            }
            let range = self.char_at(self.at + 2) == '-';
            low = match self.escape(true, range)? {
                Escaped::Char(char) => char,
                Escaped::Set(set) => return Ok(Ranged::Set(set)),
                Escaped::Node(_) => return Err(self.wrong("Illegal/unsupported escape sequence")),
            };
        } else {
            self.next();
        }
        if self.peek() != '-' || matches!(self.char_at(self.at + 1), '[' | ']') {
            return Ok(Ranged::Single(low));
        }
        let mut high = self.next();
        if high == '\\' {
            high = match self.escape(true, true)? {
                Escaped::Char(char) => char,
                _ => return Err(self.wrong("Illegal character range")),
            };
        } else {
            self.next();
        }
        if high < low {
            return Err(self.wrong("Illegal character range"));
        }
        Ok(Ranged::Set(self.folded(Set::of(&[(low, high)]))))
    }

    /// `\p{...}` and `\P{...}`, if one is here.
    pub(super) fn family(&mut self) -> Read<Option<Set>> {
        let negated = match self.char_at(self.at + 1) {
            'p' => false,
            'P' => true,
            _ => return Ok(None),
        };
        self.at += 1;
        if self.next() != '{' {
            let name = self.char_at(self.at);
            self.read();
            return self.named(&name.to_string()).map(|set| Some(set.negated(negated)));
        }
        self.next();
        let begin = self.at;
        while self.at < self.length && self.char_at(self.at) != '}' {
            self.at += 1;
        }
        self.at += 1;
        if self.at > self.length {
            return Err(self.wrong("Unclosed character family"));
        }
        if begin + 1 >= self.at {
            return Err(self.wrong("Empty character family"));
        }
        let name: String = self.chars[begin..self.at - 1].iter().collect();
        self.named(&name).map(|set| Some(set.negated(negated)))
    }

    fn named(&self, name: &str) -> Read<Set> {
        if let Some((kind, value)) = name.split_once('=') {
            let kind = kind.to_ascii_lowercase();
            let found = match kind.as_str() {
                "sc" | "script" | "blk" | "block" => java_script(value),
                "gc" | "general_category" => self.property(value),
                _ => None,
            };
            let unknown = || self.wrong(format!("Unknown Unicode property {{name=<{kind}>, value=<{value}>}}"));
            return found.ok_or_else(unknown);
        }
        let found = if let Some(block) = name.strip_prefix("In") {
            match block.to_ascii_uppercase().replace([' ', '_'], "").as_str() {
                "BASICLATIN" => Some(Set::ascii(|_| true)),
                "LATIN" => None,
                _ => java_script(block),
            }
        } else if let Some(short) = name.strip_prefix("Is") {
            self.unicode_property(short).or_else(|| self.property(short)).or_else(|| java_script(short))
        } else {
            self.property(name)
        };
        found.ok_or_else(|| self.wrong(format!("Unknown character property name {{{name}}}")))
    }

    fn unicode_property(&self, name: &str) -> Option<Set> {
        let name = name.to_ascii_uppercase().replace('_', "");
        Some(match name.as_str() {
            "ALPHABETIC" | "LETTER" => Set::ascii(|char| char.is_ascii_alphabetic()),
            "LOWERCASE" => self.folded(Set::ascii(|char| char.is_ascii_lowercase())),
            "UPPERCASE" => self.folded(Set::ascii(|char| char.is_ascii_uppercase())),
            "TITLECASE" if self.flags.any_case => Set::ascii(|char| char.is_ascii_alphabetic()),
            "TITLECASE" | "IDEOGRAPHIC" | "JOINCONTROL" | "NONCHARACTERCODEPOINT" => Set::default(),
            "PUNCTUATION" => category("P")?,
            "CONTROL" => category("C")?,
            "WHITESPACE" => Set::of(&[('\t', '\r'), (' ', ' ')]),
            "HEXDIGIT" => Set::ascii(|char| char.is_ascii_hexdigit()),
            "DIGIT" => Set::of(DIGIT),
            "ALNUM" => Set::ascii(|char| char.is_ascii_alphanumeric()),
            "WORD" => Set::of(WORD),
            "ASSIGNED" | "ASCII" => Set::ascii(|_| true),
            _ => return None,
        })
    }

    /// `CharPredicates.forProperty`: categories, classes of POSIX, and methods of `Character`.
    fn property(&self, name: &str) -> Option<Set> {
        Some(match name {
            "Lower" | "javaLowerCase" => self.folded(Set::ascii(|char| char.is_ascii_lowercase())),
            "Upper" | "javaUpperCase" => self.folded(Set::ascii(|char| char.is_ascii_uppercase())),
            "Lu" | "Ll" => self.folded(category(name)?),
            "Lt" | "javaTitleCase" if self.flags.any_case => Set::ascii(|char| char.is_ascii_alphabetic()),
            "Cn" | "javaTitleCase" | "javaIdeographic" => Set::default(),
            "LC" | "Alpha" | "javaAlphabetic" | "javaLetter" | "javaUnicodeIdentifierStart" => {
                Set::ascii(|char| char.is_ascii_alphabetic())
            }
            "LD" | "Alnum" | "javaLetterOrDigit" => Set::ascii(|char| char.is_ascii_alphanumeric()),
            "L1" => Set::range(0, 255),
            "all" | "javaDefined" => Set::all(),
            "ASCII" => Set::ascii(|_| true),
            "Blank" => Set::ascii(|char| char == ' ' || char == '\t'),
            "Cntrl" | "javaISOControl" => Set::ascii(|char| char.is_ascii_control()),
            "Digit" | "javaDigit" => Set::of(DIGIT),
            "Graph" => Set::ascii(|char| char.is_ascii_graphic()),
            "Print" => Set::ascii(|char| char.is_ascii_graphic() || char == ' '),
            "Punct" => Set::ascii(|char| char.is_ascii_punctuation()),
            "Space" => Set::of(&[('\t', '\r'), (' ', ' ')]),
            "XDigit" => Set::ascii(|char| char.is_ascii_hexdigit()),
            "javaJavaIdentifierStart" => Set::ascii(|char| char.is_ascii_alphabetic() || "$_".contains(char)),
            "javaJavaIdentifierPart" => Set::ascii(|char| char.is_ascii_alphanumeric() || "$_".contains(char)),
            "javaUnicodeIdentifierPart" => Set::of(WORD),
            "javaIdentifierIgnorable" => Set::ascii(|char| char.is_ascii_control() && !char.is_ascii_whitespace()),
            "javaSpaceChar" => Set::of(&[(' ', ' ')]),
            "javaWhitespace" => Set::of(&[('\t', '\r'), ('\u{1c}', ' ')]),
            "javaMirrored" => Set::ascii(|char| "()<>[]{}".contains(char)),
            name => return category(name),
        })
    }
}
