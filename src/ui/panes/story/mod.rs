//! Lives here: the step of the tour: its heading, what it says and asks, and a foot with the buttons that go on.
//! Never here: what a step means and when it is done: that is `scenario`.
//!
//! One tree for three forms, told apart by the sheet: a column beside the stage, a caption below it, a sheet on a phone.
//!
//! ```text
//! ┌ 9 of 13 ▬▬▬▬▬ ◂ ┐   never scrolls
//! │ Heading         │
//! ├─────────────────┤
//! │ text, question  │   scrolls
//! │ answer, goals   │
//! ├─────────────────┤
//! │ Back       Next │   never scrolls
//! └─────────────────┘
//! ```

mod end;
mod foot;
mod step;

use yew::prelude::*;

use crate::scenario::tour::{Step, Tour};
use crate::scenario::walk::Standing;
use crate::ui::app::hooks::{self, Page, document};
use crate::ui::app::open::CATALOG;
use crate::ui::app::state::{Dialog, Do};
use crate::ui::parts::icon::{icon, icon_button};
use crate::ui::parts::marked::words;

pub fn story(page: &Page) -> Html {
    let tour = page.session.tour();
    let shown = tour.and_then(|tour| page.step_shown().map(|step| (tour, step)));
    match shown {
        Some((tour, step)) => tour_html(page, tour, step),
        None => invitation(page),
    }
}

/// What was unfolded of the caption or the sheet, by the step.
fn unfolded_name(page: &Page) -> String {
    format!("step {}", page.session.way().walk.step_index())
}

fn tour_html(page: &Page, tour: &'static Tour, step: &'static Step) -> Html {
    let at = page.session.way().walk.at(tour);
    let standing = page.standing(tour);
    let name = unfolded_name(page);
    let open = page.ui.is_unfolded(&name);
    let asks = step.prediction.is_some();
    html! {
        <section class="pane story" tabindex="-1" data-testid="story" aria-label="Story" data-standing={standing_word(page, standing)}
            data-asks={asks.then_some("")} data-open={open.then_some("")}>
            <header class="step-head">
                <span class="step-count">{ format!("{} of {}", at + 1, tour.steps.len()) }</span>
                <progress class="step-progress" max={tour.steps.len().to_string()} value={(at + 1).to_string()}
                    aria-label="Steps of the tour"></progress>
                { put_back(page) }
                { icon_button("screen", "Presenter", Some("P"), false, "step-present", page.doing(Do::Presenter(true))) }
                <button type="button" class="icon-button step-fold" aria-label="Fold the story away" title="Fold the story away"
                    onclick={page.doing(Do::StoryFolded(true))}>{ icon("chevron") }</button>
            </header>
            <h2 class="step-title" key={format!("{} {at}", page.ui.sessions)} tabindex="-1"
                onclick={page.doing(Do::Fold(name.clone()))}>{ words(step.title) }</h2>
            <button type="button" class="icon-button step-unfold" aria-expanded={open.to_string()}
                aria-label={if open { "Show less of the step" } else { "Show all of the step" }} onclick={page.doing(Do::Fold(name))}>
                { icon("chevron") }
            </button>
            <div class="step-body" key={format!("body {} {at}", page.ui.sessions)}>
                <article class="step" aria-live="polite">{ step::step(page, step, standing) }</article>
                { end::end(page, tour) }
            </div>
            { foot::foot(page, tour, step, standing) }
        </section>
    }
}

/// How the step stands, for the sheet: what is folded first depends on it.
fn standing_word(page: &Page, standing: Standing) -> &'static str {
    match standing {
        _ if page.skips() => "skipping",
        Standing::Ready => "ready",
        Standing::Running if page.ui.clock.runs() => "running",
        Standing::Running => "paused",
        Standing::Stuck => "stuck",
        Standing::Done => "done",
    }
}

/// Arranges the stage again as the step has it, once the person has taken over.
fn put_back(page: &Page) -> Html {
    if page.ui.arranged || page.skips() {
        return html! {};
    }
    html! {
        <button type="button" class="button button-quiet step-put-back" title="Arrange the stage for this step again"
            onclick={page.acting(Page::arrange)}>{ icon("undo") }{ "Put back" }</button>
    }
}

/// A playground without a story says what can be done.
fn invitation(page: &Page) -> Html {
    let what = match page.session.look().config().brokers {
        1 => {
            "One broker runs, and nothing else. Make a topic, write records, add consumers; then stop the clock and look at what \
              happened, one step at a time."
        }
        _ => {
            "Brokers run with their controllers, and nothing else. Make a topic with several replicas, write records; then, in the \
              cluster, stop a broker or cut a link, and look at what happens, one step at a time."
        }
    };
    let open = page.ui.is_unfolded("step 0");
    html! {
        <section class="pane story" tabindex="-1" data-testid="story" aria-label="Story" data-standing="own"
            data-open={open.then_some("")}>
            <header class="step-head">
                <span class="step-count">{ "Playground" }</span>
                { icon_button("chevron", "Fold the story away", None, false, "step-fold", page.doing(Do::StoryFolded(true))) }
            </header>
            <h2 class="step-title" key={format!("own {}", page.ui.sessions)} tabindex="-1">{ "Your own cluster" }</h2>
            <button type="button" class="icon-button step-unfold" aria-expanded={open.to_string()}
                aria-label={if open { "Show less" } else { "Show the stories" }} onclick={page.doing(Do::Fold("step 0".to_owned()))}>
                { icon("chevron") }
            </button>
            <div class="step-body">
                <article class="step"><p class="step-text">{ what }</p></article>
                <section class="step-more" aria-label="Stories">
                    <h3>{ "Or follow a story" }</h3>
                    <ul class="story-list">
                        { for CATALOG.iter().map(|entry| {
                            let onclick = page.opening(entry.name);
                            html! { <li><button type="button" class="button button-wide" {onclick}>{ entry.title }</button></li> }
                        }) }
                    </ul>
                </section>
            </div>
            <footer class="step-foot">
                <button type="button" class="button button-strong step-go" onclick={page.doing(Do::Open(Dialog::CreateTopic))}>
                    { icon("plus") }{ "Create a topic" }
                </button>
            </footer>
        </section>
    }
}

/// The step as it was drawn, to know what is new in the next drawing.
#[derive(Clone, PartialEq, Eq)]
pub struct Shown {
    sessions: u32,
    step: usize,
    standing: &'static str,
    /// "Put back" is there.
    arranged: bool,
}

/// The menu that opened a story has given the focus back by then.
const FOCUS_MS: u32 = 40;

/// Looks after a drawing at what is new: a step that opens or is fulfilled shows its top, and the focus goes to what comes
/// next: a new heading, or the button that goes on. `in_story`: what had the focus last was in here.
pub fn drawn(page: &Page, before: Option<Shown>, in_story: bool) -> Shown {
    let standing = page.session.tour().map_or("own", |tour| standing_word(page, page.standing(tour)));
    let step = page.session.way().walk.step_index();
    let now = Shown { sessions: page.ui.sessions, step, standing, arranged: page.ui.arranged };
    let Some(before) = before.filter(|before| *before != now) else { return now };
    let opened = (before.sessions, before.step) != (now.sessions, now.step);
    let fulfilled = !opened && standing == "done" && before.standing != "done";
    if (opened || fulfilled)
        && let Some(body) = hooks::element(".step-body")
    {
        body.set_scroll_top(0);
    }
    let active = document().active_element().filter(|active| active.tag_name() != "BODY");
    let on_title = active.as_ref().is_some_and(|active| active.matches(".step-title").is_ok_and(|is| is));
    let inside = active.as_ref().is_some_and(|active| active.closest(".story").is_ok_and(|story| story.is_some()));
    let lost = active.is_none() && in_story;
    if before.sessions != now.sessions {
        focus_title_soon();
    } else if opened && (inside || lost) {
        hooks::focus(hooks::element(".step-title"));
    } else if fulfilled && (on_title || lost) {
        hooks::focus(hooks::element(".step-go:not([disabled])").or_else(|| hooks::element(".step-title")));
    } else if lost {
        hooks::focus(hooks::element(".step-title"));
    }
    now
}

/// Unless a person has gone on meanwhile: into a menu, say, which would close.
fn focus_title_soon() {
    let before = document().active_element();
    gloo_timers::callback::Timeout::new(FOCUS_MS, move || {
        let now = document().active_element().filter(|active| active.tag_name() != "BODY");
        let went_on = now.is_some() && now != before;
        let types = hooks::element(".terminal-prompt textarea:focus").is_some();
        if !went_on && !types && hooks::element("dialog[open]").is_none() {
            hooks::focus(hooks::element(".step-title"));
        }
    })
    .forget();
}

impl Page {
    /// Brings the card at the end of the tour into sight.
    pub fn show_end(&self) {
        self.unfold_step(".tour-end", ".seen .link");
    }

    /// Brings the step's question into sight.
    pub fn show_question(&self) {
        self.unfold_step(".prediction", ".choice input");
    }

    /// Unfolds the step, scrolls to a part of it, and gives the focus to something in there.
    fn unfold_step(&self, part: &'static str, focused: &'static str) {
        let name = unfolded_name(self);
        if !self.ui.is_unfolded(&name) {
            self.dispatch(Do::Fold(name));
        }
        gloo_timers::callback::Timeout::new(FOCUS_MS, move || {
            if let Some(part) = hooks::element(part) {
                part.scroll_into_view();
            }
            hooks::focus(hooks::element(focused));
        })
        .forget();
    }
}
