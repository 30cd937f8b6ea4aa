//! The address of the page: what its fragment asks for, and how it names what is open.
//!
//! ```text
//! #scenario=NAME&step=N        a story, played to where its step N begins
//! #lesson=NAME&step=N          a lesson, over the session
//! #s=…&step=N                  a session that was shared, at a step of its tour
//! #terminal                    the empty playground, at its prompt
//! #start, #lessons             the first screen, or its list
//! &view=logs|cluster|records|groups   what the stage shows
//! &play                        the clock runs
//! ```
//!
//! Whoever edits it by hand is understood as far as that goes: a step past the end is the last, one that is no number the
//! first, and what is not known is passed over. A name that is not known is told.

use crate::scenario::lessons::{LESSONS, Lesson, lesson};
use crate::scenario::tour::StageView;
use crate::scenario::{CATALOG, tour};
use crate::session::ScenarioEntry;

/// What an address asks for.
#[derive(Clone, Debug, Default)]
pub struct Address {
    pub opens: Opens,
    /// What the stage is to show; `None`: as the story has it.
    pub view: Option<StageView>,
    pub plays: bool,
}

#[derive(Clone, Debug, Default)]
pub enum Opens {
    #[default]
    Nothing,
    /// A story, and the index of its tour's step.
    Story {
        entry: &'static ScenarioEntry,
        step: usize,
    },
    /// A lesson, and the index of its step.
    Lesson {
        lesson: &'static Lesson,
        step: usize,
    },
    /// What follows `s=`, and the index of the step of its tour that is shown.
    Link {
        link: String,
        step: usize,
    },
    Terminal,
    FirstScreen,
    /// The lessons and tours, to choose from.
    Lessons,
}

/// Letters of a name that is not known which are told.
const NAME_SHOWN: usize = 60;

/// Reads a fragment, with its `#` or without. The error is a sentence.
pub fn read(fragment: &str) -> Result<Address, String> {
    let fragment = fragment.strip_prefix('#').unwrap_or(fragment);
    let mut address = Address::default();
    let (mut what, mut step) = (None, 1);
    for part in fragment.split('&') {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        match key {
            "scenario" | "lesson" | "s" | "terminal" | "start" | "lessons" if what.is_none() => what = Some((key, value)),
            "step" => step = number(value),
            "view" => address.view = view(value),
            "play" => address.plays = value != "0",
            _ => {}
        }
    }
    address.opens = match what {
        Some(("scenario", name)) => story(&decoded(name), step)?,
        Some(("lesson", name)) => a_lesson(&decoded(name), step)?,
        Some(("terminal", _)) => Opens::Terminal,
        Some(("start", _)) => Opens::FirstScreen,
        Some(("lessons", _)) => Opens::Lessons,
        Some((_, link)) => Opens::Link { link: link.to_owned(), step: step.saturating_sub(1) },
        None => Opens::Nothing,
    };
    Ok(address)
}

/// A story of this name, from its beginning.
pub fn entry(name: &str) -> Result<&'static ScenarioEntry, String> {
    let found = CATALOG.iter().find(|entry| entry.name == name);
    found.ok_or_else(|| {
        let known: Vec<&str> = CATALOG.iter().map(|entry| entry.name).collect();
        format!("There is no scenario “{}”. The scenarios are: {}.", shown(name), known.join(", "))
    })
}

fn story(name: &str, step: usize) -> Result<Opens, String> {
    let entry = entry(name)?;
    let steps = tour(entry.name).map_or(0, |tour| tour.steps.len());
    Ok(Opens::Story { entry, step: index(step, steps) })
}

fn a_lesson(name: &str, step: usize) -> Result<Opens, String> {
    let Some(lesson) = lesson(name) else {
        let known: Vec<&str> = LESSONS.iter().map(|lesson| lesson.name).collect();
        return Err(format!("There is no lesson “{}”. The lessons are: {}.", shown(name), known.join(", ")));
    };
    Ok(Opens::Lesson { lesson, step: index(step, lesson.steps.len()) })
}

/// The fragment of a story's step, by its index. The view is named where it is not the one of the step's scene.
pub fn of_story(name: &str, step: usize, view: Option<StageView>) -> String {
    let mut text = format!("#scenario={name}&step={}", step + 1);
    if let Some(view) = view {
        text += "&view=";
        text += view_word(view);
    }
    text
}

/// The fragment of a lesson's step, by its index.
pub fn of_lesson(name: &str, step: usize) -> String {
    match step {
        0 => format!("#lesson={name}"),
        step => format!("#lesson={name}&step={}", step + 1),
    }
}

const VIEWS: [(&str, StageView); 4] =
    [("logs", StageView::Logs), ("cluster", StageView::Cluster), ("records", StageView::Records), ("groups", StageView::Groups)];

pub fn view_word(view: StageView) -> &'static str {
    VIEWS.iter().find(|(_, known)| *known == view).map_or("logs", |(word, _)| word)
}

fn view(word: &str) -> Option<StageView> {
    VIEWS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, view)| *view)
}

/// A step's number, from 1. Too many digits are a number past every end.
fn number(text: &str) -> usize {
    match text.parse() {
        Ok(number) => number,
        Err(_) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => usize::MAX,
        Err(_) => 1,
    }
}

fn index(number: usize, steps: usize) -> usize {
    number.clamp(1, steps.max(1)) - 1
}

/// `%20` and the like; what is no such thing stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let code = code.filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn shown(name: &str) -> String {
    let mut text: String = name.chars().take(NAME_SHOWN).collect();
    if text.len() < name.len() {
        text.push('…');
    }
    text
}
