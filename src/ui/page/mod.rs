//! Lives here: the page as a whole: the bar, the step, the stage and the clock, and what is chosen and told over the stage; what
//! listens to the browser: `watch`, `clock`, `keys`.
//! Never here: what a part of it looks like.

mod clock;
mod keys;
mod watch;

use std::rc::Rc;

use yew::prelude::*;

use crate::ui::app::handle::{Frames, SessionHandle};
use crate::ui::app::hooks::Page;
use crate::ui::app::state::{Do, Start, Ui};
use crate::ui::app::storage;
use crate::ui::first::First;
use crate::ui::panes::alerts::alerts;
use crate::ui::panes::dialogs::DialogView;
use crate::ui::panes::inspector::inspector;
use crate::ui::panes::presenter::presenter;
use crate::ui::panes::story::story;
use crate::ui::panes::terminal::Terminal;
use crate::ui::panes::topbar::{phone_tabs, topbar};
use crate::ui::panes::transport::transport;
use crate::ui::stage::stage;
use watch::Watch;

#[derive(Properties, PartialEq)]
pub struct AppProps {
    pub session: SessionHandle,
    pub frames: Frames,
    /// What to do first: what there is to tell about how the session was opened.
    pub first: Rc<Vec<Do>>,
    /// What of the first screen is shown before the panes.
    pub start: Option<Start>,
}

/// The page. Its parts are plain functions, drawn together when the session or what the page remembers has changed; a
/// component of its own is what moves with the moment, or holds state that nothing else asks for.
#[component]
pub fn App(props: &AppProps) -> Html {
    let ui = use_reducer(|| {
        let ui = Ui { settings: storage::load_settings(), room: watch::room(), start: props.start, ..Ui::default() };
        // Part of the first drawing, so that nothing else is drawn and gone before it.
        Rc::unwrap_or_clone(props.first.iter().cloned().fold(Rc::new(ui), Ui::reduce))
    });
    let page = Page { session: props.session.clone(), frames: props.frames.clone(), ui };
    let watched = use_mut_ref(|| Watch::new(page.clone()));
    watched.borrow_mut().page = page.clone();
    {
        let watched = watched.clone();
        use_effect_with((), move |()| {
            let listeners = watch::begin(&watched);
            move || {
                drop(listeners);
                watched.borrow_mut().clock.stop();
            }
        });
    }
    use_effect(move || watch::drawn(&watched));
    let page = &page;
    let ui = &page.ui;
    if page.ui.start.is_some() {
        return html! { <><First page={page.clone()} />{ dialog(page) }</> };
    }
    html! {
        <>
            <div class="app" data-testid="app" data-room={ui.room.word()} data-presenter={ui.presenter.then_some("on")}
                data-story={if ui.settings.story_folded { "folded" } else { "open" }}
                data-terminal={if page.terminal_is_open() { "open" } else { "folded" }}>
                { topbar(page) }
                { phone_tabs(page) }
                <main class="panes">
                    { story(page) }
                    { stage(page) }
                    <div class="over-stage">
                        { inspector(page) }
                        { alerts(page) }
                    </div>
                    if ui.presenter { { presenter(page) } }
                </main>
                <Terminal key={ui.sessions} page={page.clone()} />
                { transport(page) }
                <div class="visually-hidden" role="log" aria-live="polite" aria-label="What happens" data-testid="narration">
                    { &ui.said }
                </div>
            </div>
            { dialog(page) }
        </>
    }
}

fn dialog(page: &Page) -> Html {
    match &page.ui.dialog {
        Some(dialog) => html! { <DialogView key={dialog.title()} page={page.clone()} dialog={dialog.clone()} /> },
        None => html! {},
    }
}
