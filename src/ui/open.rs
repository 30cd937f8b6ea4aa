//! Which session the page begins with: what the address asks for, else what was kept, else none: the first screen. An address
//! can also ask for a lesson, which opens over what was kept or over the taxi story, and for the first screen.

use super::hooks::window;
use super::state::{Dialog, Do, LessonPlace, Notice, Start, TerminalPlace};
use super::storage::{self, Kept, Stored};
use super::typing::focus_prompt;
use crate::base::SimTime;
pub use crate::scenario::CATALOG;
use crate::scenario::lessons::{LESSONS, lesson};
use crate::session::{Session, link_to_script};

/// The story that a first visit sees.
const FIRST: &str = "taxi-booking";

/// The address that sets the kept session aside and begins anew. A query, so that the browser loads the page again.
pub const ANEW: &str = "?anew";

/// A session, and what to tell about how it was opened.
pub struct Opened {
    pub session: Session,
    pub first: Vec<Do>,
    /// The first screen stands before it.
    pub start: Option<Start>,
}

/// What the address asks for.
enum Asked {
    Nothing,
    Scenario(String),
    Link(String),
    /// A lesson's name, and the number of its step.
    Lesson(String, usize),
    /// The empty playground, at its prompt.
    Terminal,
    Start(Start),
}

/// What the address names.
pub enum Named {
    Session(Box<Session>),
    Lesson(LessonPlace),
    Terminal,
    Start(Start),
}

fn asked() -> Asked {
    let hash = window().location().hash().unwrap_or_default();
    let fragment = hash.trim_start_matches('#');
    if let Some(name) = fragment.strip_prefix("scenario=") {
        let name = js_sys::decode_uri_component(name).map_or_else(|_| name.to_owned(), String::from);
        return Asked::Scenario(name);
    }
    if let Some(rest) = fragment.strip_prefix("lesson=") {
        let (name, step) = rest.split_once("&step=").unwrap_or((rest, "1"));
        return Asked::Lesson(name.to_owned(), step.parse().unwrap_or(1));
    }
    match (fragment, fragment.strip_prefix("s=")) {
        (_, Some(link)) => Asked::Link(link.to_owned()),
        ("terminal", _) => Asked::Terminal,
        ("start", _) => Asked::Start(Start::Doors),
        ("lessons", _) => Asked::Start(Start::Lessons),
        _ => Asked::Nothing,
    }
}

/// The session for a page that was just loaded.
pub fn first() -> Opened {
    if window().location().search().is_ok_and(|search| search == ANEW) {
        return anew();
    }
    match from_address() {
        Some(Ok(Named::Session(session))) => in_place(*session),
        Some(Ok(Named::Terminal)) => {
            let mut opened = in_place(empty());
            opened.first.push(Do::Terminal(TerminalPlace { open: Some(true), ..TerminalPlace::default() }));
            focus_prompt();
            opened
        }
        Some(Ok(Named::Start(start))) => behind(start),
        Some(Ok(Named::Lesson(place))) => {
            let mut opened = kept_or_new();
            opened.first.push(Do::Open(Dialog::Lesson(place)));
            opened
        }
        Some(Err(text)) => {
            let mut opened = kept_or_new();
            opened.first.push(Do::Tell(Notice::alert("open", text)));
            opened
        }
        None if matches!(storage::load(), Stored::Nothing) => behind(Start::Doors),
        None => kept_or_new(),
    }
}

/// What lies behind the first screen. On a first visit that is nothing yet: each of its doors opens something.
fn behind(start: Start) -> Opened {
    let opened = match storage::load() {
        Stored::Nothing => Opened { session: empty(), first: Vec::new(), start: None },
        _ => kept_or_new(),
    };
    Opened { start: Some(start), ..opened }
}

/// Begins with what the address has named.
fn in_place(session: Session) -> Opened {
    // A reload goes on with the session instead of beginning it anew.
    forget_address();
    let mut first = Vec::new();
    if let Stored::Session(kept) = storage::load()
        && kept.script != session.script()
    {
        let words = "The address named another session than the one kept here. The one before can be kept as a file.";
        first.push(Do::Tell(Notice::status("before", words).with_file("session-before.kafka", kept.script)));
    }
    Opened { session, first, start: None }
}

/// Begins with nothing that was kept; the session that was is offered as a file. It is not even parsed: it has made the
/// page fail.
fn anew() -> Opened {
    let kept = storage::load();
    let mut opened = begun(Vec::new());
    forget_address();
    if let Stored::Session(kept) = kept {
        let words = "A new session was begun. The one that failed can be kept as a file.";
        opened.first.push(Do::Tell(Notice::status("before", words).with_file("failed-session.kafka", kept.script)));
    }
    opened
}

/// Takes what asks for a session or a lesson out of the address.
pub fn forget_address() {
    put_in_address("");
}

/// While a lesson is open the address names it: a reload opens it again.
pub fn name_lesson(place: &LessonPlace) {
    put_in_address(&lesson_fragment(place));
}

fn lesson_fragment(place: &LessonPlace) -> String {
    match place.step {
        0 => format!("#lesson={}", place.lesson.name),
        step => format!("#lesson={}&step={}", place.lesson.name, step + 1),
    }
}

/// The address that opens a lesson at this step.
pub fn lesson_link(place: &LessonPlace) -> String {
    let location = window().location();
    let (origin, path) = (location.origin().unwrap_or_default(), location.pathname().unwrap_or_default());
    [origin, path, lesson_fragment(place)].concat()
}

fn put_in_address(fragment: &str) {
    let location = window().location();
    if let (Ok(history), Ok(path), Ok(search)) = (window().history(), location.pathname(), location.search()) {
        let search = if search == ANEW { String::new() } else { search };
        // Refused only in pages without an address; there is nothing to put or forget then.
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&format!("{path}{search}{fragment}")));
    }
}

/// What the address names; `None` when it names nothing.
pub fn from_address() -> Option<Result<Named, String>> {
    match asked() {
        Asked::Nothing => None,
        Asked::Scenario(name) => Some(scenario(&name).map(|session| Named::Session(Box::new(session)))),
        Asked::Link(link) => Some(from_link(&link).map(|session| Named::Session(Box::new(session)))),
        Asked::Lesson(name, number) => Some(lesson_place(&name, number).map(Named::Lesson)),
        Asked::Terminal => Some(Ok(Named::Terminal)),
        Asked::Start(start) => Some(Ok(Named::Start(start))),
    }
}

/// A lesson's step by its number; one past the end is the last.
fn lesson_place(name: &str, number: usize) -> Result<LessonPlace, String> {
    match lesson(name) {
        Some(lesson) => Ok(LessonPlace { lesson, step: number.clamp(1, lesson.steps.len().max(1)) - 1 }),
        None => {
            let known: Vec<&str> = LESSONS.iter().map(|lesson| lesson.name).collect();
            let name: String = name.chars().take(60).collect();
            Err(format!("There is no lesson “{name}”. The lessons are: {}.", known.join(", ")))
        }
    }
}

/// A story from its beginning.
pub fn scenario(name: &str) -> Result<Session, String> {
    match CATALOG.iter().find(|entry| entry.name == name) {
        Some(entry) => Session::open(entry.script, CATALOG).map_err(|error| error.to_string()),
        None => {
            let known: Vec<&str> = CATALOG.iter().map(|entry| entry.name).collect();
            let name: String = name.chars().take(60).collect();
            Err(format!("There is no scenario “{name}”. The scenarios are: {}.", known.join(", ")))
        }
    }
}

/// The empty playground.
pub fn empty() -> Session {
    Session::empty(1, 1, CATALOG)
}

fn from_link(link: &str) -> Result<Session, String> {
    let script = link_to_script(link).map_err(|error| error.to_string())?;
    Session::open(&script, CATALOG).map_err(|error| format!("The link cannot be opened. {error}"))
}

fn kept_or_new() -> Opened {
    let mut first = Vec::new();
    match storage::load() {
        Stored::Nothing => {}
        Stored::Session(kept) => match restore(&kept) {
            Ok(session) => return Opened { session, first, start: None },
            Err(why) => {
                let text = format!("The session that was kept cannot be opened, so a new one was begun. {why}");
                first.push(Do::Tell(Notice::alert("restore", text).with_file("kept-session.kafka", kept.script)));
            }
        },
        Stored::Unreadable(text) => {
            let words = "What this browser had kept of your session is damaged, so a new one was begun. Save the old text if you \
                         want to look into it.";
            first.push(Do::Tell(Notice::alert("restore", words).with_file("kept-session.txt", text)));
        }
    }
    begun(first)
}

/// The first story, or the empty playground where it cannot be opened.
fn begun(mut first: Vec<Do>) -> Opened {
    let session = scenario(FIRST).unwrap_or_else(|why| {
        first.push(Do::Tell(Notice::alert("open", why)));
        empty()
    });
    Opened { session, first, start: None }
}

fn restore(kept: &Kept) -> Result<Session, String> {
    // Should it make the program fail, the failure page offers it.
    super::panic::remember(&kept.script);
    let mut session = Session::open(&kept.script, CATALOG).map_err(|error| error.to_string())?;
    if kept.cursor < session.cursor() {
        session.seek(kept.cursor);
    }
    if SimTime(kept.now) > session.now() && kept.now <= session.end_time().0 {
        let span = SimTime(kept.now).since(session.now());
        if session.world().next_time().is_none_or(|next| next.0 > kept.now) {
            session.advance(span, 1);
        }
    }
    Ok(session)
}
