//! The story's own world, below the logs: the city, or the wall of TVs.

use yew::prelude::*;

use super::news::NewsWorld;
use super::taxi::TaxiWorld;
use crate::scenario::power::Power;
use crate::ui::hooks::{Page, use_page};
use crate::ui::icon::icon;
use crate::ui::menu::{Menu, MenuItem};
use crate::ui::state::Do;
use crate::view::commands;

#[component]
pub fn StoryWorld() -> Html {
    let page = use_page();
    let name = page.session.look().scenario().map(|entry| entry.name);
    let (title, inner) = match name {
        Some("taxi-booking") => ("The city", html! { <TaxiWorld revision={page.ui.revision} /> }),
        Some("live-news") => ("The newsroom and its TVs", html! { <NewsWorld revision={page.ui.revision} /> }),
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

#[derive(Properties, PartialEq)]
pub struct ServiceMenuProps {
    pub name: AttrValue,
    pub power: Power,
    /// What the menu's button shows.
    pub children: Html,
    /// Words that this service understands: what the menu says, and what it is told.
    #[prop_or_default]
    pub tells: Vec<(&'static str, &'static str)>,
    #[prop_or_default]
    pub class: Classes,
}

/// A service's switch: start it, stop it, make it crash, tell it something.
#[component]
pub fn ServiceMenu(props: &ServiceMenuProps) -> Html {
    let page = use_page();
    let name = props.name.as_str();
    let mut items = Vec::new();
    if props.power.is_on() {
        let mut stop = MenuItem::new("stop", "Stop", giving(&page, commands::stop_service(name)));
        stop.hint = Some("It says goodbye to its group".into());
        let mut kill = MenuItem::new("kill", "Kill", giving(&page, commands::kill_service(name)));
        kill.hint = Some("A crash: its group notices later".into());
        items.extend([stop, kill]);
        for (label, words) in &props.tells {
            items.push(MenuItem::new("replay", *label, giving(&page, vec![format!("$ tell-service {name} {words}")])));
        }
    } else {
        items.push(MenuItem::new("power", "Start", giving(&page, commands::start_service(name))));
    }
    html! {
        <Menu label={format!("{name}: {}", props.power.word())} class={props.class.clone()} {items}>
            { props.children.clone() }
        </Menu>
    }
}

pub fn giving(page: &Page, lines: Vec<String>) -> Callback<()> {
    let page = page.clone();
    Callback::from(move |()| page.give(&lines))
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
