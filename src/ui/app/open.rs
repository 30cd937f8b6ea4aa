//! Which session the page begins with: what the address asks for, else what was kept, else none: the first screen. An address
//! can also ask for a lesson, which opens over what was kept or over the taxi story, and for the first screen.
//!
//! While a story is open the address names it, with the step of its tour. The tab remembers what the page has put there, so
//! that a reload goes on with what was kept, and a link, though it is the same, begins anew.

use crate::base::SimTime;
pub use crate::scenario::CATALOG;
use crate::scenario::tour;
use crate::scenario::tour::StageView;
use crate::scenario::walk::Walk;
use crate::scenario::way::Way;
use crate::session::{ScenarioEntry, Session, link_to_script};
use crate::ui::app::hooks::{Page, window};
use crate::ui::app::state::{Dialog, Do, LessonPlace, Notice, Start, TerminalPlace};
use crate::ui::app::storage::{self, Kept, Stored};
use crate::ui::app::typing::focus_prompt;
use crate::view::address::{self, Address, Opens};

/// The story that a first visit sees.
const FIRST: &str = "taxi-booking";

/// The address that sets the kept session aside and begins anew. A query, so that the browser loads the page again.
pub const ANEW: &str = "?anew";

/// A session with the walk through its tour, and what to do about how it was opened.
pub struct Opened {
    pub session: Session,
    pub way: Way,
    pub first: Vec<Do>,
    /// The first screen stands before it.
    pub start: Option<Start>,
}

fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}

/// The session for a page that was just loaded.
pub fn first() -> Opened {
    if window().location().search().is_ok_and(|search| search == ANEW) {
        return anew();
    }
    let fragment = fragment();
    let address = match address::read(&fragment) {
        Ok(address) => address,
        Err(text) => {
            let mut opened = kept_or_new();
            opened.first.push(Do::Tell(Notice::alert("open", text)));
            return opened;
        }
    };
    let mut opened = match &address.opens {
        Opens::Nothing if matches!(storage::load(), Stored::Nothing) => behind(Start::Doors),
        Opens::FirstScreen => behind(Start::Doors),
        Opens::Lessons => behind(Start::Lessons),
        Opens::Nothing | Opens::Lesson { .. } => kept_or_new(),
        Opens::Terminal => {
            let session = empty();
            let mut opened = named(Ok((Way::of(&session), session)));
            opened.first.push(Do::Terminal(TerminalPlace { open: Some(true), ..TerminalPlace::default() }));
            focus_prompt();
            opened
        }
        // What the page itself has put there is a reload.
        Opens::Story { entry, .. } if storage::tab_address().as_deref() == Some(&fragment) && is_kept(entry) => kept_or_new(),
        Opens::Story { entry, step } => named(story(entry, *step)),
        Opens::Link { link, step } => named(from_link(link, *step)),
    };
    if let Opens::Lesson { lesson, step } = address.opens {
        opened.first.push(Do::Open(Dialog::Lesson(LessonPlace { lesson, step })));
    }
    opened.first.extend(asked_of_the_stage(&address));
    opened
}

/// What lies behind the first screen. On a first visit that is nothing yet: each of its doors opens something.
fn behind(start: Start) -> Opened {
    let opened = match storage::load() {
        Stored::Nothing => {
            let session = empty();
            Opened { way: Way::of(&session), session, first: Vec::new(), start: None }
        }
        _ => kept_or_new(),
    };
    Opened { start: Some(start), ..opened }
}

/// What an address says of the view and the clock.
pub fn asked_of_the_stage(address: &Address) -> impl Iterator<Item = Do> + use<> {
    let view = address.view.map(Do::View);
    view.into_iter().chain(address.plays.then_some(Do::Play(true)))
}

/// Is what was kept a session of this story?
fn is_kept(entry: &ScenarioEntry) -> bool {
    matches!(storage::load(), Stored::Session(kept) if kept.way.story.as_deref() == Some(entry.name))
}

/// What the address named; the session that was kept is offered as a file.
fn named(opened: Result<(Way, Session), String>) -> Opened {
    let (way, session) = match opened {
        Ok(opened) => opened,
        Err(text) => {
            let mut opened = kept_or_new();
            opened.first.push(Do::Tell(Notice::alert("open", text)));
            return opened;
        }
    };
    let mut first: Vec<Do> = scene(&way).into_iter().collect();
    if let Stored::Session(kept) = storage::load()
        && kept.script != session.script()
        && kept.has_inputs()
    {
        let words = "The address named another session than the one kept here. The one before can be kept as a file.";
        first.push(Do::Tell(Notice::status("before", words).with_file("session-before.kafka", kept.script)));
    }
    Opened { session, way, first, start: None }
}

/// Arranges the stage for the step that is shown.
fn scene(way: &Way) -> Option<Do> {
    let tour = tour(way.story.as_deref()?)?;
    Some(Do::Arrange(&way.walk.step(tour)?.scene))
}

/// Begins with nothing that was kept; the session that was is offered as a file. It is not even parsed: it has made the
/// page fail.
fn anew() -> Opened {
    let kept = storage::load();
    let mut opened = begun(Vec::new());
    put_in_address("");
    if let Stored::Session(kept) = kept {
        let words = "A new session was begun. The one that failed can be kept as a file.";
        opened.first.push(Do::Tell(Notice::status("before", words).with_file("failed-session.kafka", kept.script)));
    }
    opened
}

/// The address that opens a lesson at this step.
pub fn lesson_link(place: &LessonPlace) -> String {
    let location = window().location();
    let (origin, path) = (location.origin().unwrap_or_default(), location.pathname().unwrap_or_default());
    [origin, path, address::of_lesson(place.lesson.name, place.step)].concat()
}

/// What the address is to say of the page as it is drawn.
pub fn address_of(page: &Page) -> String {
    if let Some(Dialog::Lesson(place)) = &page.ui.dialog {
        return address::of_lesson(place.lesson.name, place.step);
    }
    match page.ui.start {
        Some(Start::Lessons) => return "#lessons".to_owned(),
        Some(Start::Doors) if fragment() == "#start" => return fragment(),
        Some(Start::Doors) => return String::new(),
        None => {}
    }
    let way = page.session.way();
    let tour = way.story.as_deref().and_then(tour);
    match (&way.story, tour) {
        (Some(name), Some(tour)) if way.named => {
            // While a step is played to, it is the one that was asked for.
            let step = way.walk.skips_to().unwrap_or_else(|| way.walk.at(tour)).min(tour.steps.len().saturating_sub(1));
            let view = page.ui.settings.view;
            let own = tour.steps.get(step).map(|step| step.scene.view);
            address::of_story(name, step, (own != Some(view)).then_some(view))
        }
        _ => String::new(),
    }
}

/// Puts a fragment into the address. It is no new page in the browser's history: its Back leaves the playground.
pub fn put_in_address(fragment: &str) {
    let location = window().location();
    if let (Ok(history), Ok(path), Ok(search)) = (window().history(), location.pathname(), location.search()) {
        let search = if search == ANEW { String::new() } else { search };
        // Refused only in pages without an address; there is nothing to put or forget then.
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&format!("{path}{search}{fragment}")));
    }
    storage::remember_tab_address(fragment);
}

/// What the address asks for, once somebody has changed it.
pub fn follow_address(page: &Page) {
    // What the page itself has put there is open already.
    if storage::tab_address().as_deref() == Some(&fragment()) {
        return;
    }
    let address = match address::read(&fragment()) {
        Ok(address) => address,
        Err(why) => return page.dispatch(Do::Tell(Notice::alert("open", why))),
    };
    match &address.opens {
        Opens::Nothing => {}
        Opens::Story { entry, step } => page.open_on(story(entry, *step)),
        Opens::Link { link, step } => page.open_on(from_link(link, *step)),
        Opens::Terminal => page.let_me_type(),
        Opens::FirstScreen => page.to_first_screen(),
        Opens::Lessons => {
            page.to_first_screen();
            page.dispatch(Do::Start(Some(Start::Lessons)));
        }
        Opens::Lesson { lesson, step } => page.dispatch(Do::Open(Dialog::Lesson(LessonPlace { lesson, step: *step }))),
    }
    for action in asked_of_the_stage(&address) {
        page.dispatch(action);
    }
}

/// A story from its beginning, about to be played to where a step of its tour begins.
pub fn story(entry: &ScenarioEntry, step: usize) -> Result<(Way, Session), String> {
    let session = Session::open(entry.script, CATALOG).map_err(|error| error.to_string())?;
    let walk = tour(entry.name).map(|tour| Walk::to_step(tour, step)).unwrap_or_default();
    Ok((Way { walk, named: true, ..Way::of(&session) }, session))
}

/// The empty playground.
pub fn empty() -> Session {
    Session::empty(1, 1, CATALOG)
}

fn from_link(link: &str, step: usize) -> Result<(Way, Session), String> {
    let script = link_to_script(link).map_err(|error| error.to_string())?;
    let session = Session::open(&script, CATALOG).map_err(|error| format!("The link cannot be opened. {error}"))?;
    let mut way = Way::of(&session);
    if let Some(tour) = way.story.as_deref().and_then(tour) {
        way.walk.come_to(tour, &session, step);
    }
    Ok((way, session))
}

fn kept_or_new() -> Opened {
    let mut first = Vec::new();
    match storage::load() {
        Stored::Nothing => {}
        Stored::Session(kept) => match restore(&kept) {
            Ok((way, session)) => {
                // The stage as the step has it, but for the view that was chosen.
                first.extend(scene(&way));
                first.push(Do::View(kept_view(&way)));
                return Opened { session, way, first, start: None };
            }
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

/// The view that was shown; a skip that is under way arranges it anyhow.
fn kept_view(way: &Way) -> StageView {
    let own = scene(way).filter(|_| way.walk.skips_to().is_some());
    match own {
        Some(Do::Arrange(scene)) => scene.view,
        _ => storage::load_settings().view,
    }
}

/// The first story, or the empty playground where it cannot be opened.
fn begun(mut first: Vec<Do>) -> Opened {
    let (way, session) = address::entry(FIRST).and_then(|entry| story(entry, 0)).unwrap_or_else(|why| {
        first.push(Do::Tell(Notice::alert("open", why)));
        let session = empty();
        (Way::of(&session), session)
    });
    first.extend(scene(&way));
    // Nobody has asked for it by name.
    Opened { session, way: Way { named: false, ..way }, first, start: None }
}

fn restore(kept: &Kept) -> Result<(Way, Session), String> {
    // Should it make the program fail, the failure page offers it.
    crate::ui::app::panic::remember(&kept.script);
    let mut session = Session::open(&kept.script, CATALOG).map_err(|error| error.to_string())?;
    if let Some(opened_with) = kept.opened_with {
        session.restore_undo(opened_with);
    }
    session.come_back_to(kept.cursor, SimTime(kept.now));
    let way = kept.way.clone().fitted(&session);
    Ok((way, session))
}

impl Page {
    /// The link to the whole session, or to what of it lies before this moment; in a tour, at the step that is shown.
    pub fn share_link(&self, until_now: bool) -> String {
        let location = window().location();
        let origin = location.origin().unwrap_or_default();
        let session = self.session.look();
        let link = if until_now { session.link_until_now() } else { session.link() };
        let step = self.session.tour().map(|tour| format!("&step={}", self.session.way().walk.at(tour) + 1));
        [&origin, &location.pathname().unwrap_or_default(), "#", &link, &step.unwrap_or_default()].concat()
    }
}
