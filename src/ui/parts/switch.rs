//! A service's switch.

use yew::prelude::*;

use crate::scenario::power::Power;
use crate::ui::app::hooks::Page;
use crate::view::commands;

/// Starts a service, or stops it cleanly.
pub fn switch(page: &Page, name: &str, power: Power) -> Html {
    let lines = if power.is_on() { commands::stop_service(name) } else { commands::start_service(name) };
    let title = match power.is_on() {
        true => format!("Stop {name}: it says goodbye to its group"),
        false => format!("Start {name} ({})", power.word()),
    };
    html! {
        <button type="button" class={classes!("switch", (power == Power::Killed).then_some("killed"))} role="switch"
            aria-checked={power.is_on().to_string()} aria-label={format!("{name}: {}", power.word())} {title} onclick={page.giving(lines)}></button>
    }
}
