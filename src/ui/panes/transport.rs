//! The clock below the stage, one line: play, step, speed, the timeline, and the terminal's handle.

use yew::prelude::*;

use crate::session::Session;
use crate::ui::app::hooks::{self, Page};
use crate::ui::app::state::{Do, Speed};
use crate::ui::panes::timeline::Timeline;
use crate::ui::parts::icon::{icon, icon_button};
use crate::ui::parts::menu::{Menu, MenuItem};

pub fn transport(page: &Page) -> Html {
    let (at_start, at_end) = {
        let session = page.session.look();
        (session.cursor() == 0, session.would_set_aside().is_none())
    };
    let (label, title, name) = match page.ui.clock.runs() {
        true => ("Pause", "Pause (Space)", "pause"),
        false => ("Play", "Play (Space)", "play"),
    };
    html! {
        <section class="clock" aria-label="Clock">
            <div class="clock-buttons" onmousedown={Callback::from(|event: MouseEvent| leave_focus(&event))}>
                { icon_button("to-start", "To the beginning", Some("Home"), at_start, "large-only", page.acting(Page::to_start)) }
                { icon_button("step-back", "Step back", Some(","), at_start, "", page.acting(Page::back)) }
                <button type="button" class="play-button" aria-label={label} {title}
                    onclick={page.acting(|page| page.play(!page.ui.clock.runs()))}>{ icon(name) }</button>
                { icon_button("step", "Step", Some("."), false, "", page.acting(Page::step)) }
                { icon_button("to-end", "To the latest moment", Some("End"), at_end, "large-only", page.acting(Page::to_end)) }
            </div>
            { speed_menu(page) }
            <Timeline page={page.clone()} />
            { terminal_handle(page) }
        </section>
    }
}

/// A pointer that presses a button here does not give it the focus: Space then plays and pauses. The keys go to the stage,
/// or stay where text is being written.
fn leave_focus(event: &MouseEvent) {
    event.prevent_default();
    if !hooks::document().active_element().is_some_and(|active| hooks::takes_keys(&active)) {
        hooks::focus(hooks::element(".stage"));
    }
}

/// Opens and folds the terminal.
fn terminal_handle(page: &Page) -> Html {
    html! {
        <button type="button" class="terminal-handle" aria-expanded={page.terminal_is_open().to_string()} aria-keyshortcuts="`"
            title="Terminal (`)" onclick={page.acting(Page::toggle_terminal)}>
            { icon("terminal") }<span>{ "Terminal" }</span>
        </button>
    }
}

fn speed_menu(page: &Page) -> Html {
    let current = page.ui.settings.speed;
    let items = Speed::ALL
        .iter()
        .rev()
        .map(|speed| MenuItem {
            icon: None,
            label: speed.label().into(),
            hint: None,
            current: *speed == current,
            ruled: false,
            off: false,
            section: None,
            onclick: page.doing(Do::Speed(*speed)),
        })
        .collect::<Vec<_>>();
    html! {
        <Menu label={format!("Speed: {}", current.label())} class="menu-speed" {items}>
            <span class="speed">{ current.label() }</span>{ icon("chevron") }
        </Menu>
    }
}

impl Page {
    pub fn to_start(&self) {
        self.move_in_time(&|session| session.seek(0));
    }

    /// To the furthest moment that the session has been at.
    pub fn to_end(&self) {
        self.move_in_time(&Session::seek_end);
    }
}
