//! The page as a whole: its panes, its context, and what is kept from visit to visit.

use std::rc::Rc;

use gloo_events::EventListener;
use yew::prelude::*;

use super::alerts::Alerts;
use super::clock::use_clock;
use super::dialogs::Dialogs;
use super::handle::{Frames, SessionHandle};
use super::hooks::{Page, document, window};
use super::inspector::Inspector;
use super::keys::use_keys;
use super::live::Live;
use super::open;
use super::stage::Stage;
use super::state::{Do, Notice, Pane, Theme, Ui};
use super::storage;
use super::story::Story;
use super::topbar::Topbar;
use super::transport::Transport;

#[derive(Properties, PartialEq)]
pub struct AppProps {
    pub session: SessionHandle,
    pub frames: Frames,
    /// What to do first: what there is to tell about how the session was opened.
    pub first: Rc<Vec<Do>>,
}

#[component]
pub fn App(props: &AppProps) -> Html {
    let ui = use_reducer(|| Ui { settings: storage::load_settings(), ..Ui::default() });
    let page = Page { session: props.session.clone(), frames: props.frames.clone(), ui };
    use_clock(&page);
    use_keys(&page);
    use_beginning(&page, props.first.clone());
    use_kept_settings(&page);
    use_address(&page);
    let pane = page.ui.settings.pane;
    html! {
        <ContextProvider<Page> context={page.clone()}>
            <div class="app" data-testid="app" data-pane={pane.word()}>
                <Topbar />
                <Alerts />
                <nav class="pane-tabs tabs" aria-label="Panes">
                    { for Pane::ALL.iter().map(|one| pane_tab(&page, *one)) }
                </nav>
                <main class="panes">
                    <Story />
                    <Stage />
                    <Inspector />
                </main>
                <Transport />
                <Live />
            </div>
            <Dialogs />
        </ContextProvider<Page>>
    }
}

fn pane_tab(page: &Page, pane: Pane) -> Html {
    let current = page.ui.settings.pane == pane;
    html! {
        <button type="button" class="tab" data-pane={pane.word()} aria-current={current.then_some("true")}
            onclick={page.doing(Do::Pane(pane))}>{ pane.title() }</button>
    }
}

/// Tells what there is to tell, and listens for changes from outside of the page.
#[hook]
fn use_beginning(page: &Page, first: Rc<Vec<Do>>) {
    let dispatcher = page.ui.dispatcher();
    let frames = page.frames.clone();
    use_effect_with((), move |()| {
        for action in first.iter() {
            dispatcher.dispatch(action.clone());
        }
        let emitted = frames.clone();
        frames.on_touch(Callback::from(move |()| {
            dispatcher.dispatch(Do::Touch);
            emitted.emit();
        }));
    });
    let session = page.session.clone();
    use_effect_with((), move |()| {
        // A page that is left in the middle of a play keeps where it was.
        let listener = EventListener::new(&window(), "pagehide", move |_| {
            let _ = storage::save(&session.look());
        });
        move || drop(listener)
    });
    let session = page.session.clone();
    use_effect_with((), move |()| super::panic::remember(&session.look().script()));
}

/// Keeps the settings, and shows the theme.
#[hook]
fn use_kept_settings(page: &Page) {
    let dispatcher = page.ui.dispatcher();
    use_effect_with(page.ui.settings.clone(), move |settings| {
        if let Some(root) = document().document_element() {
            let shown = match settings.theme {
                Theme::System => root.remove_attribute("data-theme"),
                Theme::Light => root.set_attribute("data-theme", "light"),
                Theme::Dark => root.set_attribute("data-theme", "dark"),
            };
            debug_assert!(shown.is_ok(), "an attribute with a legal name can be set");
        }
        if let Err(why) = storage::save_settings(settings) {
            dispatcher.dispatch(Do::Tell(Notice::status("settings", why)));
        }
    });
}

/// Opens what the address names when it changes while the page is open.
#[hook]
fn use_address(page: &Page) {
    let latest = use_mut_ref(|| page.clone());
    *latest.borrow_mut() = page.clone();
    use_effect_with((), move |()| {
        let listener = EventListener::new(&window(), "hashchange", move |_| {
            let page = latest.borrow().clone();
            if let Some(opened) = open::from_address() {
                if opened.is_ok() {
                    open::forget_address();
                }
                page.open(opened);
            }
        });
        move || drop(listener)
    });
}
