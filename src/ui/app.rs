//! The page as a whole: its panes.

use std::rc::Rc;

use yew::prelude::*;

use super::alerts::alerts;
use super::dialogs::DialogView;
use super::handle::{Frames, SessionHandle};
use super::first::First;
use super::hooks::Page;
use super::inspector::inspector;
use super::stage::stage;
use super::state::{Do, Pane, Start, Ui};
use super::storage;
use super::story::story;
use super::terminal::Terminal;
use super::topbar::topbar;
use super::transport::transport;
use super::watch::{self, Watch};

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
    let ui = use_reducer(|| Ui { settings: storage::load_settings(), start: props.start, ..Ui::default() });
    let page = Page { session: props.session.clone(), frames: props.frames.clone(), ui };
    let watched = use_mut_ref(|| Watch::new(page.clone()));
    watched.borrow_mut().page = page.clone();
    {
        let (watched, first) = (watched.clone(), props.first.clone());
        use_effect_with((), move |()| {
            let listeners = watch::begin(&watched, &first);
            move || {
                drop(listeners);
                watched.borrow_mut().clock.stop();
            }
        });
    }
    use_effect(move || watch::drawn(&watched));
    let page = &page;
    if page.ui.start.is_some() {
        return html! { <><First page={page.clone()} />{ dialog(page) }</> };
    }
    let pane = page.ui.settings.pane;
    html! {
        <>
            <div class="app" data-testid="app" data-pane={pane.word()}>
                { topbar(page) }
                { alerts(page) }
                <nav class="pane-tabs tabs" aria-label="Panes">
                    { for Pane::ALL.iter().map(|one| pane_tab(page, *one)) }
                </nav>
                <main class="panes">
                    { story(page) }
                    { stage(page) }
                    { inspector(page) }
                </main>
                { transport(page) }
                <Terminal key={page.ui.sessions} page={page.clone()} />
                <div class="visually-hidden" role="log" aria-live="polite" aria-label="What happens" data-testid="narration">
                    { &page.ui.said }
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

fn pane_tab(page: &Page, pane: Pane) -> Html {
    let current = page.ui.settings.pane == pane;
    html! {
        <button type="button" class="tab" data-pane={pane.word()} aria-current={current.then_some("true")}
            onclick={page.doing(Do::Pane(pane))}>{ pane.title() }</button>
    }
}
