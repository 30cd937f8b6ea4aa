//! The bar above: which story, which view, and what can be done with the session as a whole.

use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::scenario::is_tour;
use crate::scenario::lessons::LESSONS;
use crate::session::{ScenarioEntry, Session};
use crate::ui::app::hooks::{self, Page, downloading, other_theme};
use crate::ui::app::open::CATALOG;
use crate::ui::app::state::{Dialog, Do, Room, StageView, Theme};
use crate::ui::parts::icon::{icon, icon_button};
use crate::ui::parts::menu::{Menu, MenuItem};

/// The stage's views, in the order of their keys.
const VIEWS: [(StageView, &str); 4] =
    [(StageView::Logs, "Logs"), (StageView::Cluster, "Cluster"), (StageView::Records, "Records"), (StageView::Groups, "Groups")];

pub fn topbar(page: &Page) -> Html {
    let folded = page.ui.settings.story_folded;
    html! {
        <header class="topbar">
            <div class="brand">
                <svg class="icon" aria-hidden="true" focusable="false"><use href="#i-mark" /></svg>
                <h1 class="brand-name">{ "Kafka Playground" }</h1>
            </div>
            <div class="topbar-title">
                { story_menu(page) }
                if folded {
                    <button type="button" class="button topbar-unfold" aria-keyshortcuts="S" title="Show the story (S)"
                        onclick={page.acting(Page::to_story)}>{ icon("chevron") }{ "Story" }</button>
                }
            </div>
            <nav class="topbar-views tabs" aria-label="Views of the stage">
                { for VIEWS.iter().map(|(view, label)| view_tab(page, *view, label, "page")) }
            </nav>
            <div class="topbar-tools">{ tools(page) }</div>
        </header>
    }
}

/// A phone's one row of tabs: there the terminal takes the stage's place.
pub fn phone_tabs(page: &Page) -> Html {
    let terminal = page.terminal_is_open();
    html! {
        <nav class="phone-tabs" aria-label="Views">
            { for VIEWS.iter().map(|(view, label)| view_tab(page, *view, label, if terminal { "" } else { "page" })) }
            <button type="button" class="tab" aria-current={terminal.then_some("page")} onclick={page.acting(Page::to_terminal)}>
                { "Terminal" }
            </button>
        </nav>
    }
}

fn view_tab(page: &Page, view: StageView, label: &'static str, current: &'static str) -> Html {
    let current = (page.ui.settings.view == view && !current.is_empty()).then_some(current);
    html! {
        <button type="button" class="tab" aria-current={current} onclick={page.doing(Do::View(view))}>{ label }</button>
    }
}

/// The empty playgrounds that the menu offers.
const EMPTY: [(u32, &str, &str); 3] = [
    (1, "Empty playground", "One broker, no topics"),
    (3, "Empty, three brokers", "Replicas, elections, faults"),
    (5, "Empty, five brokers", "And three controllers that elect their leader"),
];

/// The stories there are, the empty playgrounds, the tours and the lessons.
fn story_menu(page: &Page) -> Html {
    let session = page.session.look();
    let current = session.scenario().map(|entry| entry.name);
    let title = match session.scenario() {
        Some(entry) => entry.title.to_owned(),
        None => {
            let own = session.config().brokers;
            let empty = EMPTY.iter().find(|(brokers, ..)| *brokers == own).map_or("Empty playground", |(_, label, _)| label);
            session.title().unwrap_or(empty).to_owned()
        }
    };
    let item = |entry: &ScenarioEntry| MenuItem {
        icon: None,
        label: entry.title.into(),
        hint: None,
        current: current == Some(entry.name),
        ruled: false,
        off: false,
        section: is_tour(entry.name).then_some("Tours"),
        onclick: page.opening(entry.name),
    };
    let (tours, stories): (Vec<_>, Vec<_>) = CATALOG.iter().partition(|entry| is_tour(entry.name));
    let mut items: Vec<MenuItem> = stories.into_iter().map(item).collect();
    let own = session.config().brokers;
    items.extend(EMPTY.iter().map(|(brokers, label, hint)| MenuItem {
        icon: None,
        label: AttrValue::Static(label),
        hint: Some(AttrValue::Static(hint)),
        current: current.is_none() && own == *brokers,
        ruled: *brokers == 1,
        off: false,
        section: None,
        onclick: page.opening_empty(*brokers),
    }));
    items.extend(tours.into_iter().map(item));
    items.extend(LESSONS.iter().map(|lesson| {
        let mut item = MenuItem::new("columns", lesson.title, page.opening_lesson(lesson));
        item.hint = Some(format!("One script, {} runs, side by side", lesson.variants.len()).into());
        item.section = Some("Lessons");
        item
    }));
    items.push(MenuItem { ruled: true, ..MenuItem::new("to-start", "Start screen", page.acting(Page::to_first_screen)) });
    html! {
        <Menu label={format!("Story: {title}")} class="menu-title" {items}>
            <span class="menu-title-text">{ title.clone() }</span>{ icon("chevron") }
        </Menu>
    }
}

fn tools(page: &Page) -> Html {
    let session = page.session.look();
    let (theme_icon, theme_label, theme) = other_theme(page.ui.settings.theme);
    // What the bar has no room for stands in the menu at its end as well.
    let tool = |name: &str, label: &'static str, keys: Option<&'static str>, class: &'static str, action: Do| {
        icon_button(name, label, keys, false, class, page.doing(action))
    };
    html! {
        <>
            { icon_button("undo", "Undo", Some("Control+Z"), !session.can_undo(), "", page.acting(Page::undo)) }
            { icon_button("redo", "Redo", Some("Control+Shift+Z"), !session.can_redo(), "large-only", page.acting(Page::redo)) }
            { tool("list", "Command log", Some("L"), "large-only", Do::Open(Dialog::CommandLog)) }
            { tool("share", "Share", None, "for-wide", Do::Open(Dialog::Share)) }
            { tool(theme_icon, theme_label, None, "for-caption", Do::Theme(theme)) }
            { tool("help", "Keyboard help", Some("?"), "for-caption", Do::Open(Dialog::Help)) }
            { session_menu(page) }
        </>
    }
}

/// What can be done with the session's file.
fn session_menu(page: &Page) -> Html {
    let pick = Callback::from(|_: MouseEvent| {
        if let Some(input) = hooks::element("#session-file") {
            input.click();
        }
    });
    let download = downloading("session.kafka", page);
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
    let items = session_items(page, download, pick);
    html! {
        <>
            <Menu label="Session" end=true {items}>{ icon("more") }</Menu>
            <input id="session-file" type="file" class="visually-hidden" tabindex="-1" aria-label="Session file"
                accept=".kafka,.txt,text/plain" {onchange} />
        </>
    }
}

/// The menu's lines. What is a button beside it where there is room is a line here as well.
fn session_items(page: &Page, download: Callback<MouseEvent>, pick: Callback<MouseEvent>) -> Vec<MenuItem> {
    let open_dialog = |dialog: Dialog| page.doing(Do::Open(dialog));
    let (can_undo, can_redo, at_start, at_end) = {
        let session = page.session.look();
        (session.can_undo(), session.can_redo(), session.cursor() == 0, session.would_set_aside().is_none())
    };
    let (theme_icon, theme_label, other) = other_theme(page.ui.settings.theme);
    let mut theme = MenuItem::new(theme_icon, theme_label, page.doing(Do::Theme(other)));
    theme.ruled = true;
    let mut items = vec![
        MenuItem::new("undo", "Undo", page.acting(Page::undo)).off(!can_undo),
        MenuItem::new("redo", "Redo", page.acting(Page::redo)).off(!can_redo),
        MenuItem::new("to-start", "To the beginning", page.acting(Page::to_start)).off(at_start),
        MenuItem::new("to-end", "To the latest moment", page.acting(Page::to_end)).off(at_end),
    ];
    if page.ui.room == Room::Phone {
        let speed = page.ui.settings.speed;
        let shifted = |by: i32, label: &'static str, name: &'static str| {
            let to = speed.shifted(by);
            let mut item = MenuItem::new(name, label, page.doing(Do::Speed(to))).off(to == speed);
            item.hint = Some(format!("{} now, then {}", speed.label(), to.label()).into());
            item
        };
        items.extend([shifted(1, "Faster", "plus"), shifted(-1, "Slower", "minus")]);
    }
    let mut log = MenuItem::new("list", "Command log", open_dialog(Dialog::CommandLog));
    log.ruled = true;
    items.extend([
        log,
        MenuItem::new("share", "Share a link", open_dialog(Dialog::Share)),
        MenuItem::new("download", "Download the session", download),
        MenuItem::new("open", "Open a session file", pick),
        theme,
        MenuItem::new("power", "Theme as the system", page.doing(Do::Theme(Theme::System))),
        MenuItem::new("screen", "Presenter", page.doing(Do::Presenter(true))),
        MenuItem::new("help", "Keyboard help", open_dialog(Dialog::Help)),
    ]);
    let mut reset = MenuItem::new("reset", "Reset", open_dialog(Dialog::Reset));
    reset.ruled = true;
    reset.hint = Some("Back to the beginning of this story".into());
    items.push(reset);
    items
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
