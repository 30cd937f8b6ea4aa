//! Matching in linear time: an expression as a program of small steps, of which all that are possible run side by side.

use super::set::Set;
use super::{Node, Place};

/// Steps of a program. Only repetitions of repetitions need more, and then nothing matches.
const STEPS_MAX: usize = 50_000;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Program {
    steps: Vec<Step>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Step {
    /// One character of these, then the next step.
    Set(Set),
    /// Goes on at both.
    Split(usize, usize),
    Jump(usize),
    Place(Place),
    Nothing,
    Match,
}

impl Program {
    pub(super) fn new(root: &Node) -> Self {
        let mut program = Self { steps: Vec::new() };
        program.add(root);
        match program.steps.len() {
            ..STEPS_MAX => program.steps.push(Step::Match),
            _ => program.steps = vec![Step::Nothing],
        }
        program
    }

    fn push(&mut self, step: Step) -> usize {
        self.steps.push(step);
        self.steps.len() - 1
    }

    fn add(&mut self, node: &Node) {
        if self.steps.len() >= STEPS_MAX {
            return;
        }
        match node {
            Node::Empty => {}
            Node::Set(set) => {
                self.push(Step::Set(set.clone()));
            }
            Node::Sequence(nodes) => nodes.iter().for_each(|node| self.add(node)),
            Node::Either(choices) => self.add_either(choices),
            Node::Repeat { what, min, max, .. } => {
                (0..*min).for_each(|_| self.add(what));
                match *max {
                    u32::MAX => self.add_loop(what),
                    max => self.add_optional(what, max - min),
                }
            }
            Node::Group(_, what) | Node::Atomic(what) => self.add(what),
            Node::Place(place) => {
                self.push(Step::Place(*place));
            }
            // RE2 has neither.
            Node::Again { .. } | Node::Look { .. } => {
                self.push(Step::Nothing);
            }
        }
    }

    fn add_either(&mut self, choices: &[Node]) {
        let mut ends = Vec::new();
        for (at, choice) in choices.iter().enumerate() {
            let split = (at + 1 < choices.len()).then(|| self.push(Step::Nothing));
            self.add(choice);
            if let Some(split) = split {
                ends.push(self.push(Step::Nothing));
                self.steps[split] = Step::Split(split + 1, self.steps.len());
            }
        }
        let after = self.steps.len();
        ends.into_iter().for_each(|end| self.steps[end] = Step::Jump(after));
    }

    fn add_loop(&mut self, what: &Node) {
        let split = self.push(Step::Nothing);
        self.add(what);
        self.push(Step::Jump(split));
        self.steps[split] = Step::Split(split + 1, self.steps.len());
    }

    fn add_optional(&mut self, what: &Node, times: u32) {
        let mut splits = Vec::new();
        for _ in 0..times {
            if self.steps.len() >= STEPS_MAX {
                break;
            }
            splits.push(self.push(Step::Nothing));
            self.add(what);
        }
        let after = self.steps.len();
        splits.into_iter().for_each(|split| self.steps[split] = Step::Split(split + 1, after));
    }

    pub(super) fn matches(&self, text: &[char]) -> bool {
        let mut current = self.reached(text, 0, vec![0]);
        for (at, char) in text.iter().enumerate() {
            let taken = current.into_iter().filter(|step| matches!(&self.steps[*step], Step::Set(set) if set.contains(*char)));
            current = self.reached(text, at + 1, taken.map(|step| step + 1).collect());
        }
        current.into_iter().any(|step| self.steps[step] == Step::Match)
    }

    /// All steps that take a character, or the end, which are reached from these without taking one.
    fn reached(&self, text: &[char], at: usize, mut from: Vec<usize>) -> Vec<usize> {
        let mut seen = vec![false; self.steps.len()];
        let mut found = Vec::new();
        while let Some(step) = from.pop() {
            if std::mem::replace(&mut seen[step], true) {
                continue;
            }
            match &self.steps[step] {
                Step::Set(_) | Step::Match => found.push(step),
                Step::Split(one, other) => from.extend([*one, *other]),
                Step::Jump(to) => from.push(*to),
                Step::Place(place) if place.holds(text, at) => from.push(step + 1),
                Step::Place(_) | Step::Nothing => {}
            }
        }
        found
    }
}
