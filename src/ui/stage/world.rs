//! The story's own world, below the logs: the city, or the wall of TVs.

use yew::prelude::*;

use super::news::news_world;
use super::taxi::taxi_world;
use crate::scenario::power::Power;
use crate::ui::hooks::Page;
use crate::ui::icon::icon;
use crate::ui::menu::{Menu, MenuItem};
use crate::ui::state::Do;
use crate::view::commands;

pub fn story_world(page: &Page) -> Html {
    let name = page.session.look().scenario().map(|entry| entry.name);
    let (title, inner) = match name {
        Some("taxi-booking") => ("The city", taxi_world(page)),
        Some("live-news") => ("The newsroom and its TVs", news_world(page)),
        _ => return html! {},
    };
    let hidden = page.ui.settings.world_hidden;
    html! {
        <section class={classes!("world", hidden.then_some("world-folded"))} aria-label={title}>
            <header class="world-head">
                <h3><button type="button" class={classes!("fold", hidden.then_some("folded"))} aria-expanded={(!hidden).to_string()}
                    onclick={page.doing(Do::WorldHidden(!hidden))}>
                    { icon("chevron") }<span class="world-title">{ title }</span>
                </button></h3>
            </header>
            if !hidden { <div class="world-body">{ inner }</div> }
        </section>
    }
}

/// A service's switch: start it, stop it, make it crash, tell it something. `tells` are words that this service understands:
/// what the menu says, and what it is told.
pub fn service_menu(page: &Page, name: &str, power: Power, tells: &[(&'static str, &str)], title: Option<String>) -> Html {
    let mut items = Vec::new();
    if power.is_on() {
        let mut stop = MenuItem::new("stop", "Stop", page.giving(commands::stop_service(name)));
        stop.hint = Some("It says goodbye to its group".into());
        let mut kill = MenuItem::new("kill", "Kill", page.giving(commands::kill_service(name)));
        kill.hint = Some("A crash: its group notices later".into());
        items.extend([stop, kill]);
        for (label, words) in tells {
            items.push(MenuItem::new("replay", label, page.giving(vec![format!("$ tell-service {name} {words}")])));
        }
    } else {
        items.push(MenuItem::new("power", "Start", page.giving(commands::start_service(name))));
    }
    html! {
        <Menu label={format!("{name}: {}", power.word())} class="service" {items}>
            <span class="service-words" {title}>{ power_sign(power) }<span class="service-name">{ name }</span></span>
        </Menu>
    }
}

/// A service's state as a small sign: full, hollow, or struck.
pub fn power_sign(power: Power) -> Html {
    let class = match power {
        Power::Running => "power power-on",
        Power::Stopped => "power power-off",
        Power::Killed => "power power-killed",
        Power::Absent => "power power-absent",
    };
    html! { <span {class} aria-hidden="true"></span> }
}
