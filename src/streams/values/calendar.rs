//! Times as text.

use crate::base::time::civil;
use std::fmt::Write;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Whether all letters of a format are known. A text in it stands in single quotes.
pub fn is_format(format: &str) -> bool {
    formatted(0, format).is_some()
}

/// A time in milliseconds in UTC: `yyyy-MM-dd'T'HH:mm:ss.SSS`. `None` where the format has other letters.
pub(super) fn formatted(at: i64, format: &str) -> Option<String> {
    let (days, rest) = (at.div_euclid(DAY_MS), at.rem_euclid(DAY_MS));
    let (year, month, day) = civil(days);
    let mut text = String::new();
    let mut letters = format.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '\'' {
            quoted(&mut letters, &mut text)?;
            continue;
        }
        if !letter.is_ascii_alphabetic() {
            text.push(letter);
            continue;
        }
        let mut width = 1;
        while letters.next_if_eq(&letter).is_some() {
            width += 1;
        }
        let value = match letter {
            'y' if width == 2 => year.rem_euclid(100),
            'y' => year,
            'M' => month,
            'd' => day,
            'H' => rest / 3_600_000,
            'm' => rest / 60_000 % 60,
            's' => rest / 1000 % 60,
            // Parts of a second are counted from the left.
            'S' => [rest % 1000 / 100, rest % 1000 / 10, rest % 1000][width.min(3) - 1],
            _ => return None,
        };
        // Names of months and days, and widths that nobody means.
        if width > if letter == 'y' { 4 } else { 2 + usize::from(letter == 'S') } {
            return None;
        }
        let _ = write!(text, "{value:0width$}");
    }
    Some(text)
}

/// What stands in quotes, up to the quote that ends it; `''` is a quote.
fn quoted(letters: &mut std::iter::Peekable<std::str::Chars>, text: &mut String) -> Option<()> {
    if letters.next_if_eq(&'\'').is_some() {
        text.push('\'');
        return Some(());
    }
    loop {
        match letters.next()? {
            '\'' if letters.next_if_eq(&'\'').is_some() => text.push('\''),
            '\'' => return Some(()),
            letter => text.push(letter),
        }
    }
}
