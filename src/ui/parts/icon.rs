//! Icons: symbols of the sprite that index.html carries.

use yew::prelude::*;

/// A symbol of the sprite. It says nothing by itself: the control around it has the name.
pub fn icon(name: &str) -> Html {
    html! {
        <svg class="icon" aria-hidden="true" focusable="false"><use href={format!("#i-{name}")} /></svg>
    }
}

/// A button that shows an icon alone. `label` is its accessible name and its tooltip, `keys` the key that does the same.
pub fn icon_button(
    name: &str,
    label: &'static str,
    keys: Option<&'static str>,
    disabled: bool,
    class: &'static str,
    onclick: Callback<MouseEvent>,
) -> Html {
    let title = match keys {
        Some(keys) => format!("{label} ({keys})").into(),
        None => AttrValue::Static(label),
    };
    html! {
        <button type="button" class={classes!("icon-button", class)} aria-label={label} aria-keyshortcuts={keys} {title}
            aria-disabled={disabled.then_some("true")} onclick={(!disabled).then_some(onclick)}>
            { icon(name) }
        </button>
    }
}
