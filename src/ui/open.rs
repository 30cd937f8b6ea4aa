//! Which session the page begins with: what the address asks for, else what was kept, else the taxi story.

use super::hooks::window;
use super::state::{Do, Notice};
use super::storage::{self, Kept, Stored};
use crate::base::SimTime;
pub use crate::scenario::CATALOG;
use crate::session::{Session, link_to_script};

/// The story that a first visit sees.
const FIRST: &str = "taxi-booking";

/// The address that sets the kept session aside and begins anew. A query, so that the browser loads the page again.
pub const ANEW: &str = "?anew";

/// A session, and what to tell about how it was opened.
pub struct Opened {
    pub session: Session,
    pub first: Vec<Do>,
}

/// What the address asks for.
enum Asked {
    Nothing,
    Scenario(String),
    Link(String),
}

fn asked() -> Asked {
    let hash = window().location().hash().unwrap_or_default();
    let fragment = hash.trim_start_matches('#');
    if let Some(name) = fragment.strip_prefix("scenario=") {
        let name = js_sys::decode_uri_component(name).map_or_else(|_| name.to_owned(), String::from);
        return Asked::Scenario(name);
    }
    match fragment.strip_prefix("s=") {
        Some(link) => Asked::Link(link.to_owned()),
        None => Asked::Nothing,
    }
}

/// The session for a page that was just loaded.
pub fn first() -> Opened {
    if window().location().search().is_ok_and(|search| search == ANEW) {
        return anew();
    }
    match from_address() {
        Some(Ok(session)) => {
            // A reload goes on with the session instead of beginning it anew.
            forget_address();
            let mut first = Vec::new();
            if let Stored::Session(kept) = storage::load()
                && kept.script != session.script()
            {
                let words = "The address named another session than the one kept here. The one before can be kept as a file.";
                first.push(Do::Tell(Notice::status("before", words).with_file("session-before.kafka", kept.script)));
            }
            Opened { session, first }
        }
        Some(Err(text)) => {
            let mut opened = kept_or_new();
            opened.first.push(Do::Tell(Notice::alert("open", text)));
            opened
        }
        None => kept_or_new(),
    }
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

/// Takes what asks for a session out of the address.
pub fn forget_address() {
    let location = window().location();
    if let (Ok(history), Ok(path), Ok(search)) = (window().history(), location.pathname(), location.search()) {
        let search = if search == ANEW { String::new() } else { search };
        // Refused only in pages without an address; there is nothing to forget then.
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&format!("{path}{search}")));
    }
}

/// The session that the address names; `None` when it names none.
pub fn from_address() -> Option<Result<Session, String>> {
    match asked() {
        Asked::Nothing => None,
        Asked::Scenario(name) => Some(scenario(&name)),
        Asked::Link(link) => Some(from_link(&link)),
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

fn from_link(link: &str) -> Result<Session, String> {
    let script = link_to_script(link).map_err(|error| error.to_string())?;
    Session::open(&script, CATALOG).map_err(|error| format!("The link cannot be opened. {error}"))
}

fn kept_or_new() -> Opened {
    let mut first = Vec::new();
    match storage::load() {
        Stored::Nothing => {}
        Stored::Session(kept) => match restore(&kept) {
            Ok(session) => return Opened { session, first },
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
        Session::empty(1, 1, CATALOG)
    });
    Opened { session, first }
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
