//! Matching as Java does it: one way after the other, going back where one leads nowhere.

use super::{Greed, Node};

/// Steps that one match may take; names are short, so only an evil expression needs more.
const STEPS_MAX: u32 = 200_000;

/// A match in the making.
struct Trial<'t> {
    text: &'t [char],
    steps: u32,
    /// What each group has matched last.
    groups: Vec<Option<(usize, usize)>>,
}

type Next<'n> = &'n mut dyn FnMut(usize, &mut Trial<'_>) -> bool;

pub(super) fn matches(root: &Node, groups: usize, text: &[char]) -> bool {
    let mut trial = Trial { text, steps: STEPS_MAX, groups: vec![None; groups] };
    go(root, 0, &mut trial, &mut |at, trial| at == trial.text.len())
}

/// Matches `node` at `at` and asks `next` whether the rest fits.
fn go(node: &Node, at: usize, trial: &mut Trial<'_>, next: Next<'_>) -> bool {
    if trial.steps == 0 {
        return false;
    }
    trial.steps -= 1;
    match node {
        Node::Empty => next(at, trial),
        Node::Set(set) => trial.text.get(at).is_some_and(|char| set.contains(*char)) && next(at + 1, trial),
        Node::Sequence(nodes) => sequence(nodes, at, trial, next),
        Node::Either(choices) => choices.iter().any(|choice| go(choice, at, trial, next)),
        Node::Repeat { what, min, max, how: Greed::Lazy } => lazy(what, *min, *max, at, trial, next),
        Node::Repeat { what, min, max, .. } => match what.as_ref() {
            Node::Set(_) => run(what, *min, *max, at, trial, next),
            what => greedy(what, *min, *max, at, trial, next),
        },
        Node::Group(group, what) => go(what, at, trial, &mut |end, trial| {
            let before = trial.groups[*group].replace((at, end));
            let fits = next(end, trial);
            if !fits {
                trial.groups[*group] = before;
            }
            fits
        }),
        Node::Again { group, any_case } => again(*group, *any_case, at, trial, next),
        Node::Look { ahead, negated, what } => {
            let found = match ahead {
                true => go(what, at, trial, &mut |_, _| true),
                false => (0..=at).rev().any(|from| go(what, from, trial, &mut |end, _| end == at)),
            };
            found != *negated && next(at, trial)
        }
        Node::Atomic(what) => {
            let mut end = None;
            let found = go(what, at, trial, &mut |at, _| {
                end = Some(at);
                true
            });
            found && end.is_some_and(|end| next(end, trial))
        }
        Node::Place(place) => place.holds(trial.text, at) && next(at, trial),
    }
}

fn sequence(nodes: &[Node], at: usize, trial: &mut Trial<'_>, next: Next<'_>) -> bool {
    match nodes.split_first() {
        None => next(at, trial),
        Some((first, [])) => go(first, at, trial, next),
        Some((first, rest)) => go(first, at, trial, &mut |at, trial| sequence(rest, at, trial, next)),
    }
}

/// As many characters of a set as there are, then fewer.
fn run(set: &Node, min: u32, max: u32, at: usize, trial: &mut Trial<'_>, next: Next<'_>) -> bool {
    let Node::Set(set) = set else { return false };
    let fitting = trial.text[at..].iter().take(max as usize).take_while(|char| set.contains(**char)).count();
    (min as usize..=fitting).rev().any(|count| {
        trial.steps = trial.steps.saturating_sub(1);
        trial.steps > 0 && next(at + count, trial)
    })
}

fn greedy(what: &Node, min: u32, max: u32, at: usize, trial: &mut Trial<'_>, next: Next<'_>) -> bool {
    let more = max > 0
        && go(what, at, trial, &mut |after, trial| {
            // A round that takes nothing can be repeated as often as needed, and would go on for ever.
            match after > at {
                true => greedy(what, min.saturating_sub(1), max.saturating_sub(1), after, trial, next),
                false => min > 0 && next(after, trial),
            }
        });
    more || (min == 0 && next(at, trial))
}

fn lazy(what: &Node, min: u32, max: u32, at: usize, trial: &mut Trial<'_>, next: Next<'_>) -> bool {
    (min == 0 && next(at, trial))
        || max > 0
            && go(what, at, trial, &mut |after, trial| match after > at {
                true => lazy(what, min.saturating_sub(1), max.saturating_sub(1), after, trial, next),
                false => min > 0 && next(after, trial),
            })
}

fn again(group: usize, any_case: bool, at: usize, trial: &mut Trial<'_>, next: Next<'_>) -> bool {
    let Some((from, to)) = trial.groups.get(group).copied().flatten() else { return false };
    let end = at + (to - from);
    let same = |one: &char, other: &char| if any_case { one.eq_ignore_ascii_case(other) } else { one == other };
    let text = trial.text;
    let fits = text.get(at..end).is_some_and(|part| part.iter().zip(&text[from..to]).all(|(one, other)| same(one, other)));
    fits && next(end, trial)
}
