//! The keyboard help.

use yew::prelude::*;

use crate::ui::keys::SHORTCUTS;

pub fn help() -> Html {
    html! {
        <dl class="shortcuts">
            { for SHORTCUTS.iter().map(|shortcut| html! {
                <div>
                    <dt>{ for shortcut.keys.iter().map(|key| html! { <kbd>{ *key }</kbd> }) }</dt>
                    <dd>{ shortcut.does }</dd>
                </div>
            }) }
        </dl>
    }
}
