//! Marks in a tour's texts: `` `rides` `` is a name, `[1]` is the ring on the stage with that number.

/// A part of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part<'t> {
    Text(&'t str),
    /// A name as Kafka or the story spells it.
    Name(&'t str),
    Ring(u8),
}

/// The parts of a text, in order. What is no mark is text: a backtick without a second one, brackets around something else.
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut plain, mut at) = (0, 0);
    while let Some(found) = text[at..].find(['`', '[']) {
        let begin = at + found;
        match mark(&text[begin..]) {
            Some((part, length)) => {
                if plain < begin {
                    parts.push(Part::Text(&text[plain..begin]));
                }
                parts.push(part);
                at = begin + length;
                plain = at;
            }
            None => at = begin + 1,
        }
    }
    if plain < text.len() {
        parts.push(Part::Text(&text[plain..]));
    }
    parts
}

/// The mark that a text begins with, and its length.
fn mark(text: &str) -> Option<(Part<'_>, usize)> {
    if let Some(rest) = text.strip_prefix('`') {
        let end = rest.find('`').filter(|end| *end > 0)?;
        return Some((Part::Name(&rest[..end]), end + 2));
    }
    let digits = text.strip_prefix('[')?.split_once(']')?.0;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = is_number.then(|| digits.parse().ok()).flatten()?;
    Some((Part::Ring(number), digits.len() + 2))
}
