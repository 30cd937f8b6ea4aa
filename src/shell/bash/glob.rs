//! Patterns of bash: `*`, `?` and `[a-z]`, for files, `case` and `${NAME#…}`.

/// A character of a pattern, and whether it was quoted and so stands for itself.
pub type Mark = (char, bool);

/// Does anything in it stand for more than itself?
pub fn is_pattern(pattern: &[Mark]) -> bool {
    pattern.iter().any(|(char, quoted)| !quoted && "*?[".contains(*char))
}

/// Does the pattern fit the whole text?
pub fn fits(pattern: &[Mark], text: &[char]) -> bool {
    let (mut at, mut from) = (0, 0);
    // Where the last `*` stands, and what it has taken so far.
    let mut star: Option<(usize, usize)> = None;
    loop {
        let matched = match pattern.get(at) {
            Some(('*', false)) => {
                star = Some((at, from));
                at += 1;
                continue;
            }
            None if from == text.len() => return true,
            None => None,
            Some(_) if from == text.len() => return pattern[at..].iter().all(|mark| *mark == ('*', false)),
            Some(('?', false)) => Some(1),
            Some(('[', false)) => match class(&pattern[at..], text[from]) {
                Some((true, length)) => Some(length),
                Some((false, _)) => None,
                None => (text[from] == '[').then_some(1),
            },
            Some((char, _)) => (*char == text[from]).then_some(1),
        };
        match (matched, star) {
            (Some(length), _) => {
                at += length;
                from += 1;
            }
            (None, Some((place, taken))) if taken < text.len() => {
                star = Some((place, taken + 1));
                at = place + 1;
                from = taken + 1;
            }
            _ => return false,
        }
    }
}

/// Is the character in the class that begins here, and how long is it? `None` if the bracket is not closed.
fn class(pattern: &[Mark], char: char) -> Option<(bool, usize)> {
    let negated = matches!(pattern.get(1), Some(('!' | '^', false)));
    let first = if negated { 2 } else { 1 };
    let mut at = first;
    let mut found = false;
    loop {
        let (low, quoted) = *pattern.get(at)?;
        if low == ']' && !quoted && at > first {
            return Some((found != negated, at + 1));
        }
        if low == '[' && pattern.get(at + 1).is_some_and(|mark| mark.0 == ':') {
            let name: String = pattern[at + 2..].iter().map(|mark| mark.0).take_while(|char| *char != ':').collect();
            found |= named(&name, char);
            at += name.chars().count() + 4;
            continue;
        }
        match (pattern.get(at + 1), pattern.get(at + 2)) {
            (Some(('-', false)), Some((high, _))) if *high != ']' => {
                found |= (low..=*high).contains(&char);
                at += 3;
            }
            _ => {
                found |= low == char;
                at += 1;
            }
        }
    }
}

/// `[:digit:]` and its like.
fn named(name: &str, char: char) -> bool {
    match name {
        "digit" => char.is_ascii_digit(),
        "alpha" => char.is_alphabetic(),
        "alnum" => char.is_alphanumeric(),
        "upper" => char.is_uppercase(),
        "lower" => char.is_lowercase(),
        "space" => char.is_whitespace(),
        "blank" => char == ' ' || char == '\t',
        "punct" => char.is_ascii_punctuation(),
        "xdigit" => char.is_ascii_hexdigit(),
        _ => false,
    }
}
