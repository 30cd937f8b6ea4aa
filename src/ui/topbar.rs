//! The bar above: which story, which view, and what can be done with the session as a whole.

use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::hooks::{self, Page, use_page, window};
use super::icon::{IconButton, icon};
use super::menu::{Menu, MenuItem};
use super::open::{self, CATALOG};
use super::state::{Dialog, Do, StageView, Theme};
use crate::session::Session;

#[component]
pub fn Topbar() -> Html {
    let page = use_page();
    html! {
        <header class="topbar">
            <div class="brand">
                <svg aria-hidden="true" focusable="false"><use href="#i-mark" /></svg>
                <h1 class="brand-name">{ "Kafka Playground" }</h1>
            </div>
            <div class="topbar-title"><StoryMenu /></div>
            <nav class="topbar-views tabs" aria-label="Views of the stage">
                { view_tab(&page, StageView::Logs, "Logs") }
                { view_tab(&page, StageView::Records, "Records") }
            </nav>
            <div class="topbar-tools"><Tools /></div>
        </header>
    }
}

fn view_tab(page: &Page, view: StageView, label: &str) -> Html {
    let current = page.ui.settings.view == view;
    html! {
        <button type="button" class="tab" aria-current={current.then_some("page")} onclick={page.doing(Do::View(view))}>
            { label }
        </button>
    }
}

fn opening(page: &Page, make: impl Fn() -> Result<Session, String> + 'static) -> Callback<()> {
    let page = page.clone();
    Callback::from(move |()| page.open(make()))
}

/// The stories there are, and the empty playground.
#[component]
fn StoryMenu() -> Html {
    let page = use_page();
    let session = page.session.look();
    let current = session.scenario().map(|entry| entry.name);
    let title = match session.scenario() {
        Some(entry) => entry.title.to_owned(),
        None => session.title().unwrap_or("Empty playground").to_owned(),
    };
    let mut items: Vec<MenuItem> = CATALOG
        .iter()
        .map(|entry| MenuItem {
            icon: None,
            label: entry.title.into(),
            hint: None,
            current: current == Some(entry.name),
            ruled: false,
            onclick: opening(&page, || open::scenario(entry.name)),
        })
        .collect();
    items.push(MenuItem {
        icon: None,
        label: "Empty playground".into(),
        hint: Some("One broker, no topics".into()),
        current: current.is_none(),
        ruled: true,
        onclick: opening(&page, || Ok(Session::empty(1, CATALOG))),
    });
    html! {
        <Menu label={format!("Story: {title}")} class="menu-title" {items}>
            <span class="menu-title-text">{ title.clone() }</span>{ icon("chevron") }
        </Menu>
    }
}

#[component]
fn Tools() -> Html {
    let page = use_page();
    let session = page.session.look();
    let act = |act: fn(&Page)| {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| act(&page))
    };
    let dark = is_dark(page.ui.settings.theme);
    let (theme_icon, theme_label, theme) =
        if dark { ("sun", "Light theme", Theme::Light) } else { ("moon", "Dark theme", Theme::Dark) };
    html! {
        <>
            <IconButton icon="undo" label="Undo" keys={Some("Control+Z")} disabled={!session.can_undo()} onclick={act(Page::undo)} />
            <IconButton icon="redo" label="Redo" keys={Some("Control+Shift+Z")} disabled={!session.can_redo()}
                onclick={act(Page::redo)} />
            <IconButton icon="list" label="Command log" keys={Some("L")} class="wide-only" onclick={page.doing(Do::Open(Dialog::CommandLog))} />
            <IconButton icon="share" label="Share" class="wide-only" onclick={page.doing(Do::Open(Dialog::Share))} />
            <IconButton icon={theme_icon} label={theme_label} class="wide-only" onclick={page.doing(Do::Theme(theme))} />
            <IconButton icon="help" label="Keyboard help" keys={Some("?")} class="wide-only"
                onclick={page.doing(Do::Open(Dialog::Help))} />
            <SessionMenu />
        </>
    }
}

/// What can be done with the session's file.
#[component]
fn SessionMenu() -> Html {
    let page = use_page();
    let input = use_node_ref();
    let pick = {
        let input = input.clone();
        Callback::from(move |()| {
            if let Some(input) = input.cast::<web_sys::HtmlInputElement>() {
                input.click();
            }
        })
    };
    let download = {
        let page = page.clone();
        Callback::from(move |()| {
            let script = page.session.look().script();
            hooks::download("session.kafka", &script);
        })
    };
    let onchange = {
        let page = page.clone();
        Callback::from(move |event: Event| {
            let Some(input) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok()) else {
                return;
            };
            if let Some(file) = input.files().and_then(|files| files.get(0)) {
                open_file(&page, file);
            }
            // The same file can be chosen again.
            input.set_value("");
        })
    };
    let open_dialog = |dialog: Dialog| page.doing(Do::Open(dialog));
    let dark = is_dark(page.ui.settings.theme);
    let mut theme = match dark {
        true => MenuItem::new("sun", "Light theme", page.doing(Do::Theme(Theme::Light))),
        false => MenuItem::new("moon", "Dark theme", page.doing(Do::Theme(Theme::Dark))),
    };
    theme.ruled = true;
    let system = MenuItem::new("power", "Theme as the system", page.doing(Do::Theme(Theme::System)));
    let mut reset = MenuItem::new("reset", "Reset", open_dialog(Dialog::Reset));
    reset.ruled = true;
    reset.hint = Some("Back to the beginning of this story".into());
    let items = vec![
        MenuItem::new("download", "Download the session", download),
        MenuItem::new("open", "Open a session file", pick),
        MenuItem::new("share", "Share a link", open_dialog(Dialog::Share)),
        MenuItem::new("list", "Command log", open_dialog(Dialog::CommandLog)),
        theme,
        system,
        MenuItem::new("help", "Keyboard help", open_dialog(Dialog::Help)),
        reset,
    ];
    html! {
        <>
            <Menu label="Session" class="menu-icon" end=true {items}>{ icon("more") }</Menu>
            <input ref={input} type="file" class="visually-hidden" tabindex="-1" aria-label="Session file"
                accept=".kafka,.txt,text/plain" {onchange} />
        </>
    }
}

fn open_file(page: &Page, file: web_sys::File) {
    let page = page.clone();
    wasm_bindgen_futures::spawn_local(async move {
        let text = wasm_bindgen_futures::JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
        let opened = match text {
            Some(text) => Session::open(&text, CATALOG).map_err(|error| format!("“{}” cannot be opened. {error}", file.name())),
            None => Err(format!("“{}” cannot be read.", file.name())),
        };
        page.open(opened);
    });
}

/// Is the page dark now?
pub fn is_dark(theme: Theme) -> bool {
    match theme {
        Theme::Light => false,
        Theme::Dark => true,
        Theme::System => window().match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|query| query.matches()),
    }
}
