//! The browser's storage: the session and the settings, kept from visit to visit. Storage may be full or blocked;
//! then the page says so and goes on.

use serde::{Deserialize, Serialize};

use crate::scenario::way::Way;
use crate::session::script;
use crate::ui::app::handle::SessionHandle;
use crate::ui::app::hooks::window;
use crate::ui::app::state::Settings;

const SESSION: &str = "kafka-playground.session";
const SETTINGS: &str = "kafka-playground.settings";
/// In the storage of this tab alone.
const ADDRESS: &str = "kafka-playground.address";
const HISTORY: &str = "kafka-playground.history";

/// Commands that are remembered from visit to visit.
const HISTORY_MAX: usize = 500;

/// A session as it is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Kept {
    pub version: u32,
    pub script: String,
    pub cursor: u64,
    /// The moment shown, in simulated microseconds.
    pub now: u64,
    /// The inputs that opening it gave: those after them can be undone.
    #[serde(default)]
    pub opened_with: Option<usize>,
    #[serde(default)]
    pub way: Way,
}

impl Kept {
    /// Was anything done to it since it was opened? What was kept before that was known may have been.
    pub fn has_inputs(&self) -> bool {
        let given = script::parse(&self.script).map_or(usize::MAX, |script| script.blocks.len());
        self.opened_with.is_none_or(|opened_with| given > opened_with)
    }
}

/// What lies in the storage.
pub enum Stored {
    Nothing,
    Session(Box<Kept>),
    /// Something that cannot be read; the text itself.
    Unreadable(String),
}

fn storage() -> Result<web_sys::Storage, String> {
    match window().local_storage() {
        Ok(Some(storage)) => Ok(storage),
        _ => Err("The browser does not let this page keep anything. Download the session before you leave.".to_owned()),
    }
}

pub fn load() -> Stored {
    let Ok(Some(text)) = storage().and_then(|storage| storage.get_item(SESSION).map_err(|_| String::new())) else {
        return Stored::Nothing;
    };
    match serde_json::from_str::<Kept>(&text) {
        Ok(kept) if kept.version == 1 => Stored::Session(Box::new(kept)),
        _ => Stored::Unreadable(text),
    }
}

/// Keeps the session as it is now.
pub fn save(handle: &SessionHandle) -> Result<(), String> {
    let session = handle.look();
    let kept = Kept {
        version: 1,
        script: session.script(),
        cursor: session.cursor(),
        now: session.now().0,
        opened_with: Some(session.opened_with()),
        way: handle.way().clone(),
    };
    crate::ui::app::panic::remember(&kept.script);
    let text = serde_json::to_string(&kept).map_err(|error| error.to_string())?;
    storage()?.set_item(SESSION, &text).map_err(|_| {
        "The browser's storage is full or blocked: this session is not kept when the page closes. Download it to keep it."
            .to_owned()
    })
}

fn tab_storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

/// The fragment that the page has put into the address of this tab.
pub fn tab_address() -> Option<String> {
    tab_storage()?.get_item(ADDRESS).ok().flatten()
}

/// Remembers it. Where that cannot be done, a reload begins the story anew.
pub fn remember_tab_address(fragment: &str) {
    if let Some(storage) = tab_storage() {
        let _ = storage.set_item(ADDRESS, fragment);
    }
}

/// The settings; the defaults where there are none, or none that can be read.
pub fn load_settings() -> Settings {
    let text = storage().ok().and_then(|storage| storage.get_item(SETTINGS).ok().flatten());
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

pub fn save_settings(settings: &Settings) -> Result<(), String> {
    let text = serde_json::to_string(settings).map_err(|error| error.to_string())?;
    storage()?.set_item(SETTINGS, &text).map_err(|_| "The browser's storage is full or blocked: settings are not kept.".to_owned())
}

/// The commands typed in earlier visits, the oldest first.
pub fn load_history() -> Vec<String> {
    let text = storage().ok().and_then(|storage| storage.get_item(HISTORY).ok().flatten());
    text.map(|text| text.lines().map(str::to_owned).collect()).unwrap_or_default()
}

/// Remembers a command. Where nothing can be kept, the history is that of the session.
pub fn remember_command(command: &str) {
    let mut history = load_history();
    if history.last().is_some_and(|last| last == command) {
        return;
    }
    history.extend(command.lines().map(str::to_owned));
    let extra = history.len().saturating_sub(HISTORY_MAX);
    history.drain(..extra);
    if let Ok(storage) = storage() {
        let _ = storage.set_item(HISTORY, &history.join("\n"));
    }
}
