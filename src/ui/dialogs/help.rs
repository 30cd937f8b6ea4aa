//! The keyboard help.

use yew::prelude::*;

use crate::ui::keys::{IN_CLUSTER, IN_GROUP, IN_TERMINAL, SHORTCUTS, Shortcut};

pub fn help() -> Html {
    html! {
        <>
            { table(SHORTCUTS) }
            <h3>{ "In the cluster" }</h3>
            { table(IN_CLUSTER) }
            <h3>{ "In a group" }</h3>
            { table(IN_GROUP) }
            <h3>{ "In the terminal" }</h3>
            <p class="quiet">{ "Where the clock is paused, it runs until a command has ended, ten simulated seconds at most." }</p>
            { table(IN_TERMINAL) }
        </>
    }
}

fn table(shortcuts: &[Shortcut]) -> Html {
    html! {
        <dl class="shortcuts">
            { for shortcuts.iter().map(|shortcut| html! {
                <div>
                    <dt>{ for shortcut.keys.iter().map(|key| html! { <kbd>{ *key }</kbd> }) }</dt>
                    <dd>{ shortcut.does }</dd>
                </div>
            }) }
        </dl>
    }
}
