//! Where two texts differ, line by line.

/// Lines around a difference that are shown.
const CONTEXT: usize = 2;

/// Lines of each text that are compared; longer ones are cut, and said to be.
const LINES_MAX: usize = 4000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Both,
    Stored,
    Now,
}

/// `-` for what is stored, `+` for what is now, with a little around it; empty when they are equal.
pub fn diff(stored: &str, now: &str) -> String {
    let stored: Vec<&str> = stored.lines().take(LINES_MAX).collect();
    let now: Vec<&str> = now.lines().take(LINES_MAX).collect();
    let edits = edits(&stored, &now);
    let near = |at: usize| {
        let from = at.saturating_sub(CONTEXT);
        let to = (at + CONTEXT + 1).min(edits.len());
        edits[from..to].iter().any(|(side, _)| *side != Side::Both)
    };
    let mut text = String::new();
    let mut gap = false;
    for (at, (side, line)) in edits.iter().enumerate() {
        if !near(at) {
            gap = true;
            continue;
        }
        if gap {
            text.push_str("  ...\n");
            gap = false;
        }
        let mark = match side {
            Side::Both => "  ",
            Side::Stored => "- ",
            Side::Now => "+ ",
        };
        text.push_str(mark);
        text.push_str(line);
        text.push('\n');
    }
    if edits.iter().all(|(side, _)| *side == Side::Both) { String::new() } else { text }
}

/// By the longest common subsequence, after the equal beginning and before the equal end.
fn edits<'t>(stored: &[&'t str], now: &[&'t str]) -> Vec<(Side, &'t str)> {
    let begin = stored.iter().zip(now).take_while(|(one, other)| one == other).count();
    let end = stored[begin..].iter().rev().zip(now[begin..].iter().rev()).take_while(|(one, other)| one == other).count();
    let (a, b) = (&stored[begin..stored.len() - end], &now[begin..now.len() - end]);
    let width = b.len() + 1;
    let mut longest = vec![0u16; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i * width + j] = if a[i] == b[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let mut edits: Vec<(Side, &str)> = stored[..begin].iter().map(|line| (Side::Both, *line)).collect();
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            edits.push((Side::Both, a[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == b.len() || (i < a.len() && longest[(i + 1) * width + j] >= longest[i * width + j + 1]) {
            edits.push((Side::Stored, a[i]));
            i += 1;
        } else {
            edits.push((Side::Now, b[j]));
            j += 1;
        }
    }
    edits.extend(stored[stored.len() - end..].iter().map(|line| (Side::Both, *line)));
    edits
}
