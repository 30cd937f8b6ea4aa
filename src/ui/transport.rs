//! The clock below the panes: play, step, speed, and the timeline.

use yew::prelude::*;

use super::hooks::{Page, use_moment, use_page};
use super::icon::{IconButton, icon};
use super::menu::{Menu, MenuItem};
use super::state::{Do, Speed};
use super::timeline::Timeline;
use crate::view::text::clock_text;

#[component]
pub fn Transport() -> Html {
    let page = use_page();
    let act = |act: fn(&Page)| {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| act(&page))
    };
    let (at_start, at_end) = {
        let session = page.session.look();
        (session.cursor() == 0, session.would_set_aside().is_none())
    };
    html! {
        <section class="clock" aria-label="Clock">
            <div class="clock-buttons">
                <IconButton icon="to-start" label="To the beginning" keys={Some("Home")} disabled={at_start}
                    onclick={act(|page| page.move_in_time(|session| session.seek(0)))} />
                <IconButton icon="step-back" label="Step back" keys={Some(",")} disabled={at_start} onclick={act(Page::back)} />
                <PlayButton />
                <IconButton icon="step" label="Step" keys={Some(".")} onclick={act(Page::step)} />
                <IconButton icon="to-end" label="To the latest moment" keys={Some("End")} disabled={at_end}
                    onclick={act(Page::to_end)} />
            </div>
            <SpeedMenu />
            <Timeline />
            <ClockTime />
        </section>
    }
}

#[component]
fn PlayButton() -> Html {
    let page = use_page();
    let playing = page.ui.playing;
    let onclick = {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| page.play(!playing))
    };
    let (label, name) = if playing { ("Pause", "pause") } else { ("Play", "play") };
    html! {
        <button type="button" class="play-button" aria-label={label} title={format!("{label} (Space)")} {onclick}>
            { icon(name) }
        </button>
    }
}

#[component]
fn SpeedMenu() -> Html {
    let page = use_page();
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
            onclick: page.doing(Do::Speed(*speed)),
        })
        .collect::<Vec<_>>();
    html! {
        <Menu label={format!("Speed: {}", current.label())} class="menu-speed" {items}>
            <span class="speed">{ current.label() }</span>{ icon("chevron") }
        </Menu>
    }
}

/// The moment that is shown.
#[component]
fn ClockTime() -> Html {
    use_moment();
    let page = use_page();
    let session = page.session.look();
    let behind = session.would_set_aside().is_some();
    html! {
        <div class={classes!("clock-readout", behind.then_some("clock-past"))}>
            <time class="clock-time" data-testid="clock-time">{ clock_text(session.now()) }</time>
            <span class="clock-cursor">{ if behind { "in the past" } else { "latest" } }</span>
        </div>
    }
}

impl Page {
    /// To the furthest moment that the session has been at.
    pub fn to_end(&self) {
        self.move_in_time(|session| {
            let (cursor, time) = (session.end_cursor(), session.end_time());
            session.seek(cursor);
            if session.now() < time {
                session.seek_time(time);
            }
        });
    }
}
